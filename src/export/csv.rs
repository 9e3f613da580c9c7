//! CSV (RFC 4180) in UTF-8: id, where, and the properties. No cell is a formula.

use std::io::Write;

use super::{About, Tell, Writer, unwritten, wkt};
use crate::error::Result;
use crate::hazard::analysis::table::harmless;
use crate::hazard::layer::{Geometry, Row, Shape, Value};

const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// One line for each feature, after one with the names of the columns.
pub struct Table<'w> {
    out: csv::Writer<Box<dyn Write + 'w>>,
    /// Each feature is a point, or lies nowhere.
    points: bool,
}

impl<'w> Table<'w> {
    pub fn new(about: &About, mut out: Box<dyn Write + 'w>, bom: bool) -> Result<Table<'w>> {
        if bom {
            out.write_all(BYTE_ORDER_MARK.as_bytes()).map_err(unwritten)?;
        }
        let points = about.layer.geometry() == Geometry::Points;
        let mut out = csv::Writer::from_writer(out);
        let place: &[&str] = if points { &["lon", "lat"] } else { &["wkt"] };
        let names = ["id"].iter().chain(place).copied().chain(about.columns.iter().map(|column| column.name));
        out.write_record(names).map_err(unwritten)?;
        Ok(Table { out, points })
    }
}

impl Writer for Table<'_> {
    fn row(&mut self, row: &Row) -> Result<()> {
        let out = &mut self.out;
        out.write_field(&*harmless(row.id)).map_err(unwritten)?;
        match row.shape {
            Some(Shape::Point(at)) if self.points => {
                out.write_field(at.lon().to_string()).map_err(unwritten)?;
                out.write_field(at.lat().to_string()).map_err(unwritten)?;
            }
            Some(shape) => out.write_field(wkt::of(shape)).map_err(unwritten)?,
            None => (0..if self.points { 2 } else { 1 }).try_for_each(|_| out.write_field("")).map_err(unwritten)?,
        }
        for value in &row.values {
            match value {
                Value::Missing => out.write_field(""),
                Value::Text(text) => out.write_field(&*harmless(text)),
                Value::Integer(n) => out.write_field(n.to_string()),
                Value::Real(v) => out.write_field(v.to_string()),
                Value::Boolean(flag) => out.write_field(flag.to_string()),
                Value::DateTime(at) => out.write_field(at.to_string()),
            }
            .map_err(unwritten)?;
        }
        out.write_record(None::<&[u8]>).map_err(unwritten)
    }

    fn finish(mut self: Box<Self>, _: &mut Tell) -> Result<()> {
        self.out.flush().map_err(unwritten)
    }
}
