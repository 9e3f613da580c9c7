//! GeoJSON: as one collection (RFC 7946), and as a text sequence (RFC 8142).

use std::io::Write;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{About, Tell, Writer, unwritten};
use crate::error::Result;
use crate::hazard::layer::{Column, Row, Value};

/// What stands before each record of a sequence (RFC 7464, 2.2).
const RECORD_SEPARATOR: u8 = 0x1E;

/// One collection of all features.
pub struct Collection<'w> {
    columns: Vec<Column>,
    out: Box<dyn Write + 'w>,
    empty: bool,
}

impl<'w> Collection<'w> {
    pub fn new(about: &About, mut out: Box<dyn Write + 'w>) -> Result<Collection<'w>> {
        let (as_of, position) = (about.as_of, about.position);
        let head = format!(r#"{{"type":"FeatureCollection","as_of":"{as_of}","position":{position},"features":["#);
        out.write_all(head.as_bytes()).map_err(unwritten)?;
        Ok(Collection { columns: about.columns.clone(), out, empty: true })
    }
}

impl Writer for Collection<'_> {
    fn row(&mut self, row: &Row) -> Result<()> {
        let between: &[u8] = if self.empty { b"\n" } else { b",\n" };
        self.empty = false;
        self.out.write_all(between).map_err(unwritten)?;
        serde_json::to_writer(&mut self.out, &Feature { columns: &self.columns, row }).map_err(unwritten)
    }

    fn finish(mut self: Box<Self>, _: &mut Tell) -> Result<()> {
        self.out.write_all(b"\n]}\n").and_then(|()| self.out.flush()).map_err(unwritten)
    }
}

/// One record for each feature.
pub struct Sequence<'w> {
    columns: Vec<Column>,
    out: Box<dyn Write + 'w>,
}

impl<'w> Sequence<'w> {
    pub fn new(about: &About, out: Box<dyn Write + 'w>) -> Sequence<'w> {
        Sequence { columns: about.columns.clone(), out }
    }
}

impl Writer for Sequence<'_> {
    fn row(&mut self, row: &Row) -> Result<()> {
        self.out.write_all(&[RECORD_SEPARATOR]).map_err(unwritten)?;
        serde_json::to_writer(&mut self.out, &Feature { columns: &self.columns, row }).map_err(unwritten)?;
        self.out.write_all(b"\n").map_err(unwritten)
    }

    fn finish(mut self: Box<Self>, _: &mut Tell) -> Result<()> {
        self.out.flush().map_err(unwritten)
    }
}

struct Feature<'f> {
    columns: &'f [Column],
    row: &'f Row<'f>,
}

impl Serialize for Feature<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut feature = out.serialize_map(Some(4))?;
        feature.serialize_entry("type", "Feature")?;
        feature.serialize_entry("id", self.row.id)?;
        feature.serialize_entry("geometry", &self.row.shape)?;
        feature.serialize_entry("properties", &Properties(self))?;
        feature.end()
    }
}

struct Properties<'f>(&'f Feature<'f>);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Feature { columns, row } = self.0;
        let mut properties = out.serialize_map(Some(columns.len()))?;
        for (column, value) in columns.iter().zip(&row.values) {
            let name = column.name;
            match value {
                Value::Missing => properties.serialize_entry(name, &())?,
                Value::Text(text) => properties.serialize_entry(name, text)?,
                Value::Integer(n) => properties.serialize_entry(name, n)?,
                Value::Real(v) => properties.serialize_entry(name, v)?,
                Value::Boolean(flag) => properties.serialize_entry(name, flag)?,
                Value::DateTime(at) => properties.serialize_entry(name, at)?,
            }
        }
        properties.end()
    }
}
