//! Features as the format has them, in Hilbert order (Hilbert 1891) where there is an index.

use std::io::Write;

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flatgeobuf::packed_r_tree::{NodeItem, PackedRTree};
use flatgeobuf::{Feature, FeatureArgs, Geometry, GeometryArgs, GeometryType};

use super::super::unwritten;
use super::runs::Runs;
use crate::error::{Error, Result};
use crate::hazard::layer::{Row, Shape, Value};
use crate::hazard::position::Position;

/// What has been written so far.
pub struct Features {
    /// With the box of each in degrees.
    runs: Runs<NodeItem>,
    count: u64,
    /// Of all, in degrees.
    all: NodeItem,
    is_indexed: bool,
    /// Each says of what type it is: they are not all of one.
    are_mixed: bool,
    /// Used again and again.
    builder: FlatBufferBuilder<'static>,
    properties: Vec<u8>,
}

impl Features {
    /// None yet; `is_indexed`: they will have an index; `are_mixed`: they are not all of the type that the file names.
    ///
    /// # Errors
    /// `Store` when there can be no temporary file.
    pub fn new(is_indexed: bool, are_mixed: bool) -> Result<Features> {
        let (runs, all) = (Runs::new()?, NodeItem::create(0));
        let (builder, properties) = (FlatBufferBuilder::new(), Vec::new());
        Ok(Features { runs, count: 0, all, is_indexed, are_mixed, builder, properties })
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// West, south, east and north of all, in degrees; none where nothing lies anywhere.
    pub fn envelope(&self) -> Option<[f64; 4]> {
        let all = &self.all;
        (all.min_x <= all.max_x).then_some([all.min_x, all.min_y, all.max_x, all.max_y])
    }

    /// Adds one.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put(&mut self, row: &Row) -> Result<()> {
        let Features { runs, all, builder, properties, .. } = self;
        builder.reset();
        let mut sides = NodeItem::create(0);
        let geometry = geometry(builder, row.shape, self.are_mixed, &mut sides);
        properties.clear();
        put_text(properties, 0, row.id)?;
        for (n, value) in row.values.iter().enumerate() {
            put_value(properties, n + 1, value)?;
        }
        let properties = builder.create_vector(properties);
        let feature = FeatureArgs { geometry: Some(geometry), properties: Some(properties), columns: None };
        let feature = Feature::create(builder, &feature);
        builder.finish_size_prefixed(feature, None);
        all.expand(&sides);
        self.count += 1;
        let key = if self.is_indexed { along_curve(&sides) } else { 0 };
        runs.put(key, sides, builder.finished_data())
    }

    /// Writes the index, where one is wanted, and all features in its order; else as they came.
    ///
    /// # Errors
    /// `Store` when they cannot be written.
    pub fn write(self, out: &mut impl Write) -> Result<()> {
        let mut features = self.runs.merged()?;
        if self.is_indexed {
            let mut at = 0;
            for feature in &mut features.pieces {
                feature.kept.offset = at;
                at += u64::from(feature.bytes);
            }
            let boxes: Vec<NodeItem> = features.pieces.iter().map(|feature| feature.kept.clone()).collect();
            let tree = PackedRTree::build(&boxes, &self.all, PackedRTree::DEFAULT_NODE_SIZE).map_err(unwritten)?;
            drop(boxes);
            tree.stream_write(&mut *out).map_err(unwritten)?;
        }
        features.copy(out)
    }
}

/// The place of the middle of a box along a curve through all the world's.
fn along_curve(sides: &NodeItem) -> u64 {
    let of_all = |middle: f64, half: f64| ((middle + half) / (2.0 * half) * f64::from(u32::MAX)) as u32;
    let x = of_all(f64::midpoint(sides.min_x, sides.max_x), 180.0);
    let y = of_all(f64::midpoint(sides.min_y, sides.max_y), 90.0);
    fast_hilbert::xy2h(x, y, 32)
}

/// A value stands behind the number of its column; what is missing is left out.
fn put_value(to: &mut Vec<u8>, column: usize, value: &Value) -> Result<()> {
    let mut put = |bytes: &[u8]| {
        to.extend((column as u16).to_le_bytes());
        to.extend(bytes);
        Ok(())
    };
    match value {
        Value::Missing => Ok(()),
        Value::Integer(n) => put(&n.to_le_bytes()),
        Value::Real(v) => put(&v.to_le_bytes()),
        Value::Boolean(flag) => put(&[u8::from(*flag)]),
        Value::Text(text) => put_text(to, column, text),
        Value::DateTime(at) => put_text(to, column, &at.to_string()),
    }
}

fn put_text(to: &mut Vec<u8>, column: usize, text: &str) -> Result<()> {
    let length = u32::try_from(text.len()).map_err(|_| Error::Store("a text of over four gigabytes".into()))?;
    to.extend((column as u16).to_le_bytes());
    to.extend(length.to_le_bytes());
    to.extend(text.as_bytes());
    Ok(())
}

/// Where a feature lies, if anywhere; `sides` comes to hold all of it.
fn geometry<'b>(
    builder: &mut FlatBufferBuilder<'b>,
    shape: Option<&Shape>,
    are_mixed: bool,
    sides: &mut NodeItem,
) -> WIPOffset<Geometry<'b>> {
    let told = |type_| if are_mixed { type_ } else { GeometryType::Unknown };
    match shape {
        // A point needs coordinates; several of them may be none.
        None => positions(builder, told(GeometryType::MultiPoint), &[], None, sides),
        Some(Shape::Point(at)) => positions(builder, told(GeometryType::Point), std::slice::from_ref(at), None, sides),
        Some(Shape::Line(line)) => positions(builder, told(GeometryType::LineString), line, None, sides),
        // Written in degrees, whatever pages would be.
        Some(Shape::In(_, shape)) => geometry(builder, Some(shape), are_mixed, sides),
        Some(Shape::Areas(areas)) => {
            let mut parts = Vec::with_capacity(areas.len());
            for rings in areas {
                let mut end = 0;
                let ends = rings.iter().map(|ring| {
                    end += ring.len() as u32;
                    end
                });
                let ends: Vec<u32> = ends.collect();
                parts.push(positions(builder, GeometryType::Polygon, &rings.concat(), Some(&ends), sides));
            }
            let parts = Some(builder.create_vector(&parts));
            Geometry::create(builder, &GeometryArgs { type_: GeometryType::MultiPolygon, parts, ..Default::default() })
        }
    }
}

/// A geometry without parts; `ends`: of its rings, where there are several.
fn positions<'b>(
    builder: &mut FlatBufferBuilder<'b>,
    type_: GeometryType,
    positions: &[Position],
    ends: Option<&[u32]>,
    sides: &mut NodeItem,
) -> WIPOffset<Geometry<'b>> {
    let mut degrees = Vec::with_capacity(2 * positions.len());
    for at in positions {
        sides.expand_xy(at.lon(), at.lat());
        degrees.extend([at.lon(), at.lat()]);
    }
    let xy = Some(builder.create_vector(&degrees));
    let ends = ends.filter(|ends| ends.len() > 1).map(|ends| builder.create_vector(ends));
    Geometry::create(builder, &GeometryArgs { type_, xy, ends, ..Default::default() })
}
