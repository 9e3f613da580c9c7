//! GeoParquet 1.1: columns with their types, the geometry as WKB, and the box of each row beside it, by which a reader
//! leaves out whole groups of rows.

use std::fmt::Write;
use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::Result as Put;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use serde_json::json;

use super::wkb::{self, Extent};
use super::{About, Tell, Writer, unwritten};
use crate::error::Result;
use crate::hazard::layer::{Column, Geometry, Kind, Layer, Row, Value};

/// Rows kept in memory, and then written together.
const GROUP_ROWS: usize = 65_536;
const VERSION: &str = "1.1.0";
const BOX: [&str; 4] = ["xmin", "ymin", "xmax", "ymax"];

/// A file that is being written.
pub struct GeoParquet {
    out: SerializedFileWriter<BufWriter<File>>,
    layer: Layer,
    columns: Vec<Column>,
    extent: Extent,
    group: Group,
}

/// The rows that wait: columns with, for what may be missing, 1 where there is a value and 0 where there is none.
struct Group {
    ids: Vec<ByteArray>,
    geometry: Cells,
    boxes: [Vec<f64>; 4],
    columns: Vec<Cells>,
}

#[derive(Default)]
struct Cells {
    levels: Vec<i16>,
    values: Values,
}

/// What a column holds, without what is missing.
enum Values {
    Bytes(Vec<ByteArray>),
    Integers(Vec<i64>),
    Reals(Vec<f64>),
    Flags(Vec<bool>),
}

impl Default for Values {
    fn default() -> Values {
        Values::Bytes(Vec::new())
    }
}

impl GeoParquet {
    pub fn new(about: &About, out: BufWriter<File>) -> Result<GeoParquet> {
        let columns = about.columns.clone();
        let schema = parse_message_type(&schema(&columns)).map_err(unwritten)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("waterlog ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let out = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(unwritten)?;
        Ok(GeoParquet { out, layer: about.layer, extent: Extent::EMPTY, group: Group::of(&columns), columns })
    }

    fn flush(&mut self) -> Result<()> {
        if self.group.ids.is_empty() {
            return Ok(());
        }
        let group = std::mem::replace(&mut self.group, Group::of(&self.columns));
        let write = |out: &mut SerializedFileWriter<_>| {
            let mut to = out.next_row_group()?;
            group.write(&mut to)?;
            to.close().map(drop)
        };
        write(&mut self.out).map_err(unwritten)
    }
}

impl Writer for GeoParquet {
    fn row(&mut self, row: &Row) -> Result<()> {
        let extent = row.shape.map(|shape| {
            let mut bytes = Vec::new();
            wkb::write(&mut bytes, shape);
            (Extent::of(shape), ByteArray::from(bytes))
        });
        if let Some((extent, _)) = &extent {
            self.extent = self.extent.and(*extent);
        }
        self.group.push(row, extent);
        if self.group.ids.len() == GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>, _: &mut Tell) -> Result<()> {
        self.flush()?;
        let about = metadata(self.layer, self.extent).to_string();
        self.out.append_key_value_metadata(KeyValue::new("geo".to_owned(), about));
        self.out.close().map(drop).map_err(unwritten)
    }
}

/// The schema in the language of Parquet: id, geometry, its box, and the columns.
fn schema(columns: &[Column]) -> String {
    let sides = BOX.map(|side| format!("REQUIRED DOUBLE {side};")).join(" ");
    let mut text = format!(
        "message layer {{ REQUIRED BYTE_ARRAY id (STRING); OPTIONAL BYTE_ARRAY geometry; OPTIONAL GROUP bbox {{ {sides} }}"
    );
    for column in columns {
        let (kind, means) = match column.kind {
            Kind::Text => ("BYTE_ARRAY", " (STRING)"),
            Kind::Integer => ("INT64", ""),
            Kind::Real => ("DOUBLE", ""),
            Kind::Boolean => ("BOOLEAN", ""),
            Kind::DateTime => ("INT64", " (TIMESTAMP(MILLIS,true))"),
        };
        // A string cannot fail to be written to.
        let _ = write!(text, " OPTIONAL {kind} {}{means};", column.name);
    }
    text + " }"
}

/// What GeoParquet says of the geometry; without `crs` it is OGC:CRS84, which is WGS 84 with longitude first.
fn metadata(layer: Layer, Extent([west, east, south, north]): Extent) -> serde_json::Value {
    let kinds = match layer.geometry() {
        Geometry::Points => &["Point"][..],
        Geometry::Lines => &["LineString"],
        Geometry::Areas => &["MultiPolygon"],
        Geometry::Mixed => &["Point", "LineString"],
    };
    let side = |side: &str| json!(["bbox", side]);
    let covering =
        json!({"bbox": {"xmin": side("xmin"), "ymin": side("ymin"), "xmax": side("xmax"), "ymax": side("ymax")}});
    let mut geometry = json!({"encoding": "WKB", "geometry_types": kinds, "covering": covering});
    if west <= east {
        geometry["bbox"] = json!([west, south, east, north]);
    }
    json!({"version": VERSION, "primary_column": "geometry", "columns": {"geometry": geometry}})
}

impl Group {
    fn of(columns: &[Column]) -> Group {
        let values = |column: &Column| match column.kind {
            Kind::Text => Values::Bytes(Vec::new()),
            Kind::Integer | Kind::DateTime => Values::Integers(Vec::new()),
            Kind::Real => Values::Reals(Vec::new()),
            Kind::Boolean => Values::Flags(Vec::new()),
        };
        let columns = columns.iter().map(|column| Cells { levels: Vec::new(), values: values(column) });
        Group { ids: Vec::new(), geometry: Cells::default(), boxes: Default::default(), columns: columns.collect() }
    }

    fn push(&mut self, row: &Row, placed: Option<(Extent, ByteArray)>) {
        self.ids.push(row.id.into());
        self.geometry.levels.push(placed.is_some().into());
        if let Some((Extent([west, east, south, north]), bytes)) = placed {
            if let Values::Bytes(all) = &mut self.geometry.values {
                all.push(bytes);
            }
            self.boxes.iter_mut().zip([west, south, east, north]).for_each(|(sides, side)| sides.push(side));
        }
        for (cells, value) in self.columns.iter_mut().zip(&row.values) {
            cells.levels.push((*value != Value::Missing).into());
            match (&mut cells.values, value) {
                (Values::Bytes(all), Value::Text(text)) => all.push((&**text).into()),
                (Values::Integers(all), Value::Integer(n)) => all.push(*n),
                (Values::Integers(all), Value::DateTime(at)) => all.push(at.0 * 1_000),
                (Values::Reals(all), Value::Real(v)) => all.push(*v),
                (Values::Flags(all), Value::Boolean(flag)) => all.push(*flag),
                // A value is missing, or of the kind of its column.
                _ => {}
            }
        }
    }

    fn write(&self, to: &mut SerializedRowGroupWriter<BufWriter<File>>) -> Put<()> {
        put::<ByteArrayType>(to, &self.ids, None)?;
        self.geometry.write(to)?;
        self.boxes.iter().try_for_each(|sides| put::<DoubleType>(to, sides, Some(&self.geometry.levels)))?;
        self.columns.iter().try_for_each(|cells| cells.write(to))
    }
}

impl Cells {
    fn write(&self, to: &mut SerializedRowGroupWriter<BufWriter<File>>) -> Put<()> {
        let levels = Some(&self.levels[..]);
        match &self.values {
            Values::Bytes(all) => put::<ByteArrayType>(to, all, levels),
            Values::Integers(all) => put::<Int64Type>(to, all, levels),
            Values::Reals(all) => put::<DoubleType>(to, all, levels),
            Values::Flags(all) => put::<BoolType>(to, all, levels),
        }
    }
}

/// Writes the next column of a group.
fn put<T: DataType>(
    to: &mut SerializedRowGroupWriter<BufWriter<File>>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Put<()> {
    let Some(mut column) = to.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}
