//! FlatGeobuf 3: features in Hilbert order behind a packed R-tree, so that a reader fetches a box of a file on a web server.

use std::fs::File;
use std::io::{BufWriter, Write};

use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geozero::error::Result as Processed;
use geozero::{ColumnValue, GeomProcessor, GeozeroGeometry, PropertyProcessor};

use super::{About, Writer, unwritten};
use crate::error::Result;
use crate::hazard::layer::{Geometry, Kind, Row, Shape, Value};
use crate::hazard::position::Position;

/// WGS 84.
const EPSG: i32 = 4326;

/// Features wait in a temporary file until all are known; of each its box stays in memory.
pub struct FlatGeobuf {
    features: FgbWriter<'static>,
    out: BufWriter<File>,
}

impl FlatGeobuf {
    pub fn new(about: &About, out: BufWriter<File>) -> Result<FlatGeobuf> {
        let layer = about.layer;
        let of = match layer.geometry() {
            // What lies nowhere is of another type than the rest.
            _ if layer.may_lie_nowhere() => GeometryType::Unknown,
            Geometry::Points => GeometryType::Point,
            Geometry::Lines => GeometryType::LineString,
            Geometry::Areas => GeometryType::MultiPolygon,
            Geometry::Mixed => GeometryType::Unknown,
        };
        let description = format!("as of {}, log position {}", about.as_of, about.position);
        let options = FgbWriterOptions {
            // What lies nowhere has no place in an index.
            write_index: !layer.may_lie_nowhere() && about.matched > 0,
            detect_type: false,
            promote_to_multi: layer.geometry() == Geometry::Areas,
            crs: FgbCrs { org: Some("EPSG"), code: EPSG, name: Some("WGS 84"), ..FgbCrs::default() },
            title: Some(layer.title()),
            description: Some(&description),
            ..FgbWriterOptions::default()
        };
        let mut features = FgbWriter::create_with_options(layer.name(), of, options).map_err(unwritten)?;
        features.add_column("id", ColumnType::String, |_, column| column.nullable = false);
        for column in &about.columns {
            let kind = match column.kind {
                Kind::Text => ColumnType::String,
                Kind::Integer => ColumnType::Long,
                Kind::Real => ColumnType::Double,
                Kind::Boolean => ColumnType::Bool,
                Kind::DateTime => ColumnType::DateTime,
            };
            features.add_column(column.name, kind, |buffer, args| {
                args.description = column.unit().map(|unit| buffer.create_string(unit));
            });
        }
        Ok(FlatGeobuf { features, out })
    }
}

impl Writer for FlatGeobuf {
    fn row(&mut self, row: &Row) -> Result<()> {
        let mut property = Ok(());
        let added = self.features.add_feature_geom(Placed(row.shape), |feature| {
            property = properties(feature, row);
        });
        added.and(property).map_err(unwritten)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.features.write(&mut self.out).map_err(unwritten)?;
        self.out.flush().map_err(unwritten)
    }
}

/// The id, then the columns; what is missing is left out.
fn properties(feature: &mut impl PropertyProcessor, row: &Row) -> Processed<()> {
    feature.property(0, "id", &ColumnValue::String(row.id))?;
    for (n, value) in row.values.iter().enumerate() {
        let text;
        let value = match value {
            Value::Missing => continue,
            Value::Text(text) => ColumnValue::String(text),
            Value::Integer(n) => ColumnValue::Long(*n),
            Value::Real(v) => ColumnValue::Double(*v),
            Value::Boolean(flag) => ColumnValue::Bool(*flag),
            Value::DateTime(at) => {
                text = at.to_string();
                ColumnValue::DateTime(&text)
            }
        };
        feature.property(n + 1, "", &value)?;
    }
    Ok(())
}

/// Where a feature lies, if anywhere.
struct Placed<'s>(Option<&'s Shape>);

impl GeozeroGeometry for Placed<'_> {
    fn process_geom<P: GeomProcessor>(&self, to: &mut P) -> Processed<()> {
        match self.0 {
            // A point needs coordinates; several of them may be none.
            None => {
                to.multipoint_begin(0, 0)?;
                to.multipoint_end(0)
            }
            Some(Shape::Point(at)) => {
                to.point_begin(0)?;
                to.xy(at.lon(), at.lat(), 0)?;
                to.point_end(0)
            }
            // Written in degrees, whatever pages would be.
            Some(Shape::In(_, shape)) => Placed(Some(shape)).process_geom(to),
            Some(Shape::Line(line)) => string(to, line, true, 0),
            Some(Shape::Areas(areas)) => {
                to.multipolygon_begin(areas.len(), 0)?;
                for (n, rings) in areas.iter().enumerate() {
                    to.polygon_begin(false, rings.len(), n)?;
                    rings.iter().enumerate().try_for_each(|(n, ring)| string(to, ring, false, n))?;
                    to.polygon_end(false, n)?;
                }
                to.multipolygon_end(0)
            }
        }
    }
}

/// `alone`: a geometry of its own, not a ring of one.
fn string(to: &mut impl GeomProcessor, positions: &[Position], alone: bool, index: usize) -> Processed<()> {
    to.linestring_begin(alone, positions.len(), index)?;
    positions.iter().enumerate().try_for_each(|(n, at)| to.xy(at.lon(), at.lat(), n))?;
    to.linestring_end(alone, index)
}
