//! GeoPackage 1.3 (OGC 12-128r17): one table of features with its R-tree, and a style for QGIS.
//!
//! Written in one transaction without a journal: a file that breaks off is of no use to anybody, and is not kept. The
//! R-tree is packed at the end, for putting a million entries in one by one takes most of the time.

mod rtree;
mod schema;
mod style;

use std::path::Path;

use rusqlite::types::{Null, ToSqlOutput};
use rusqlite::{Connection, Statement, ToSql};

use super::wkb::{self, Extent};
use super::{About, Tell, Writer, unwritten};
use crate::error::Result;
use crate::hazard::layer::{Row, Shape, Time, Value};

/// WGS 84.
const SRS_ID: i32 = 4326;

/// A GeoPackage that is being written.
pub struct GeoPackage {
    file: Connection,
    about: About,
    insert: String,
    /// Where each feature lies that lies somewhere, by row.
    boxes: Vec<rtree::Entry>,
    extent: Extent,
    rows: i64,
    /// Used again for every row.
    geometry: Vec<u8>,
}

impl GeoPackage {
    pub fn new(about: &About, path: &Path) -> Result<GeoPackage> {
        let file = Connection::open(path).map_err(unwritten)?;
        schema::begin(&file, about).map_err(unwritten)?;
        Ok(GeoPackage {
            file,
            about: about.clone(),
            insert: schema::insert(about),
            boxes: Vec::new(),
            extent: Extent::EMPTY,
            rows: 0,
            geometry: Vec::new(),
        })
    }

    /// The geometry as a blob (2.1.3.1.1): a head, for all but points a box, and well-known binary.
    fn encode(&mut self, shape: &Shape) -> Extent {
        let extent = Extent::of(shape);
        let is_point = matches!(shape, Shape::Point(_));
        // Little-endian; the box is west, east, south, north.
        let flags = 1 | if is_point { 0 } else { 1 << 1 };
        self.geometry.clear();
        self.geometry.extend(*b"GP");
        self.geometry.extend([0, flags]);
        self.geometry.extend(SRS_ID.to_le_bytes());
        if !is_point {
            self.geometry.extend(extent.0.iter().flat_map(|side| side.to_le_bytes()));
        }
        wkb::write(&mut self.geometry, shape);
        extent
    }
}

impl Writer for GeoPackage {
    fn row(&mut self, row: &Row) -> Result<()> {
        self.rows += 1;
        if let Some(shape) = row.shape {
            let extent = self.encode(shape);
            self.extent = self.extent.and(extent);
            self.boxes.push(rtree::Entry::new(self.rows, extent));
        }
        let mut insert = self.file.prepare_cached(&self.insert).map_err(unwritten)?;
        let geometry = row.shape.map(|_| &self.geometry[..]);
        put(&mut insert, self.rows, geometry, row).map_err(unwritten)
    }

    fn finish(self: Box<Self>, _: &mut Tell) -> Result<()> {
        let GeoPackage { file, about, boxes, extent, .. } = *self;
        file.flush_prepared_statement_cache();
        schema::finish(&file, &about, extent, boxes).map_err(unwritten)?;
        file.close().map_err(|(_, e)| unwritten(e))
    }
}

fn put(insert: &mut Statement, number: i64, geometry: Option<&[u8]>, row: &Row) -> rusqlite::Result<()> {
    insert.raw_bind_parameter(1, number)?;
    insert.raw_bind_parameter(2, geometry)?;
    insert.raw_bind_parameter(3, row.id)?;
    for (n, value) in row.values.iter().enumerate() {
        insert.raw_bind_parameter(n + 4, Bound(value))?;
    }
    insert.raw_execute().map(drop)
}

struct Bound<'v>(&'v Value<'v>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Missing => Null.into(),
            Value::Text(text) => ToSqlOutput::from(&**text),
            Value::Integer(n) => (*n).into(),
            Value::Real(v) => (*v).into(),
            Value::Boolean(flag) => (*flag).into(),
            Value::DateTime(at) => stamp(*at).into(),
        })
    }
}

/// A time as the format has it: in UTC, with milliseconds (table 1, DATETIME).
fn stamp(at: Time) -> String {
    let mut text = at.to_string();
    text.truncate(text.trim_end_matches('Z').len());
    text + ".000Z"
}
