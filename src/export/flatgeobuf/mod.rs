//! FlatGeobuf 3: features in Hilbert order behind a packed R-tree, so that a reader fetches a box of a file on a web server.
//!
//! The library has the tables and the tree of the format; its own writer goes to another place of a file, and reads eight
//! kilobytes there, for every feature.

mod features;
mod runs;

use std::fs::File;
use std::io::{BufWriter, Write};

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flatgeobuf::packed_r_tree::PackedRTree;
use flatgeobuf::{Column, ColumnArgs, ColumnType, Crs, CrsArgs, GeometryType, Header, HeaderArgs};

use super::{About, Tell, Writer, unwritten};
use crate::error::Result;
use crate::hazard::layer::{Geometry, Kind, Row};
use features::Features;

/// The name of the format, with its version.
const MAGIC: &[u8; 8] = b"fgb\x03fgb\x00";
/// WGS 84.
const EPSG: i32 = 4326;

/// Features wait in a temporary file until all are known; of each its box, size and place stay in memory.
pub struct FlatGeobuf {
    /// All of the header but what is known last.
    header: FlatBufferBuilder<'static>,
    said: HeaderArgs<'static>,
    columns: Vec<WIPOffset<Column<'static>>>,
    features: Features,
    out: BufWriter<File>,
}

impl FlatGeobuf {
    pub fn new(about: &About, out: BufWriter<File>) -> Result<FlatGeobuf> {
        let layer = about.layer;
        let geometry_type = match layer.geometry() {
            // What lies nowhere is of another type than the rest.
            _ if layer.may_lie_nowhere() => GeometryType::Unknown,
            Geometry::Points => GeometryType::Point,
            Geometry::Lines => GeometryType::LineString,
            Geometry::Areas => GeometryType::MultiPolygon,
            Geometry::Mixed => GeometryType::Unknown,
        };
        // What lies nowhere has no place in an index.
        let is_indexed = !layer.may_lie_nowhere() && about.matched > 0;
        let mut header = FlatBufferBuilder::new();
        let (org, name) = (header.create_string("EPSG"), header.create_string("WGS 84"));
        let crs = CrsArgs { org: Some(org), code: EPSG, name: Some(name), ..CrsArgs::default() };
        let crs = Crs::create(&mut header, &crs);
        let description = format!("as of {}, log position {}", about.as_of, about.position);
        let said = HeaderArgs {
            name: Some(header.create_string(layer.name())),
            title: Some(header.create_string(layer.title())),
            description: Some(header.create_string(&description)),
            geometry_type,
            index_node_size: if is_indexed { PackedRTree::DEFAULT_NODE_SIZE } else { 0 },
            crs: Some(crs),
            ..HeaderArgs::default()
        };
        let mut columns = vec![column(&mut header, "id", ColumnType::String, false, None)];
        for wanted in &about.columns {
            let kind = match wanted.kind {
                Kind::Text => ColumnType::String,
                Kind::Integer => ColumnType::Long,
                Kind::Real => ColumnType::Double,
                Kind::Boolean => ColumnType::Bool,
                Kind::DateTime => ColumnType::DateTime,
            };
            columns.push(column(&mut header, wanted.name, kind, true, wanted.unit()));
        }
        let features = Features::new(is_indexed, geometry_type == GeometryType::Unknown)?;
        Ok(FlatGeobuf { header, said, columns, features, out })
    }
}

fn column(
    header: &mut FlatBufferBuilder<'static>,
    name: &str,
    type_: ColumnType,
    nullable: bool,
    unit: Option<&str>,
) -> WIPOffset<Column<'static>> {
    let name = Some(header.create_string(name));
    let description = unit.map(|unit| header.create_string(unit));
    Column::create(header, &ColumnArgs { name, type_, nullable, description, ..ColumnArgs::default() })
}

impl Writer for FlatGeobuf {
    fn row(&mut self, row: &Row) -> Result<()> {
        self.features.put(row)
    }

    fn finish(self: Box<Self>, _: &mut Tell) -> Result<()> {
        let FlatGeobuf { mut header, said, columns, features, mut out } = *self;
        let envelope = features.envelope().map(|sides| header.create_vector(&sides));
        let columns = Some(header.create_vector(&columns));
        let said = HeaderArgs { features_count: features.count(), envelope, columns, ..said };
        let root = Header::create(&mut header, &said);
        header.finish_size_prefixed(root, None);
        out.write_all(MAGIC).and_then(|()| out.write_all(header.finished_data())).map_err(unwritten)?;
        features.write(&mut out)?;
        out.flush().map_err(unwritten)
    }
}
