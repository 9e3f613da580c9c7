//! Features as the format has them: written one behind the other as they come, and copied in the order of the index.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::os::unix::fs::FileExt;

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flatgeobuf::packed_r_tree::{NodeItem, PackedRTree, calc_extent, hilbert_sort};
use flatgeobuf::{Feature, FeatureArgs, Geometry, GeometryArgs, GeometryType};

use super::super::unwritten;
use crate::error::{Error, Result};
use crate::hazard::layer::{Row, Shape, Value};
use crate::hazard::position::Position;

/// What has been written so far.
pub struct Features {
    file: BufWriter<File>,
    /// Bytes of each feature.
    sizes: Vec<u32>,
    /// Of each feature in degrees, with its number as the offset.
    boxes: Vec<NodeItem>,
    /// Each says of what type it is: they are not all of one.
    are_mixed: bool,
    /// Used again and again.
    builder: FlatBufferBuilder<'static>,
    properties: Vec<u8>,
}

impl Features {
    /// None yet; `are_mixed`: they are not all of the type that the file names.
    ///
    /// # Errors
    /// `Store` when there can be no temporary file.
    pub fn new(are_mixed: bool) -> Result<Features> {
        let file = BufWriter::with_capacity(1 << 16, tempfile::tempfile().map_err(unwritten)?);
        let (sizes, boxes, properties) = Default::default();
        Ok(Features { file, sizes, boxes, are_mixed, builder: FlatBufferBuilder::new(), properties })
    }

    pub fn count(&self) -> u64 {
        self.sizes.len() as u64
    }

    /// West, south, east and north of all, in degrees; none where nothing lies anywhere.
    pub fn envelope(&self) -> Option<[f64; 4]> {
        let all = calc_extent(&self.boxes);
        (all.min_x <= all.max_x).then_some([all.min_x, all.min_y, all.max_x, all.max_y])
    }

    /// Adds one.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put(&mut self, row: &Row) -> Result<()> {
        let Features { file, sizes, boxes, are_mixed, builder, properties } = self;
        builder.reset();
        let mut sides = NodeItem::create(sizes.len() as u64);
        let geometry = geometry(builder, row.shape, *are_mixed, &mut sides);
        properties.clear();
        put_text(properties, 0, row.id)?;
        for (n, value) in row.values.iter().enumerate() {
            put_value(properties, n + 1, value)?;
        }
        let properties = builder.create_vector(properties);
        let feature = FeatureArgs { geometry: Some(geometry), properties: Some(properties), columns: None };
        let feature = Feature::create(builder, &feature);
        builder.finish_size_prefixed(feature, None);
        let bytes = builder.finished_data();
        sizes.push(u32::try_from(bytes.len()).map_err(unwritten)?);
        boxes.push(sides);
        file.write_all(bytes).map_err(unwritten)
    }

    /// Writes the index, where one is wanted, and all features in its order; else as they came.
    ///
    /// # Errors
    /// `Store` when they cannot be written.
    pub fn write(self, is_indexed: bool, out: &mut impl Write) -> Result<()> {
        let Features { file, sizes, mut boxes, .. } = self;
        let mut file = file.into_inner().map_err(|e| unwritten(e.error()))?;
        if !is_indexed {
            file.rewind().and_then(|()| std::io::copy(&mut file, out)).map_err(unwritten)?;
            return Ok(());
        }
        let all = calc_extent(&boxes);
        hilbert_sort(&mut boxes, &all);
        let order: Vec<u32> = boxes.iter().map(|feature| feature.offset as u32).collect();
        let mut at = 0;
        for feature in &mut boxes {
            let size = sizes[feature.offset as usize];
            feature.offset = at;
            at += u64::from(size);
        }
        let tree = PackedRTree::build(&boxes, &all, PackedRTree::DEFAULT_NODE_SIZE).map_err(unwritten)?;
        drop(boxes);
        tree.stream_write(&mut *out).map_err(unwritten)?;
        drop(tree);
        copy(&file, &sizes, &order, out)
    }
}

/// Copies features of these sizes, which stand one behind the other in a file, in another order.
fn copy(from: &File, sizes: &[u32], order: &[u32], out: &mut impl Write) -> Result<()> {
    let start = |at: &mut u64, &size: &u32| {
        let start = *at;
        *at += u64::from(size);
        Some(start)
    };
    let starts: Vec<u64> = sizes.iter().scan(0, start).collect();
    let mut feature = Vec::new();
    for &n in order {
        feature.resize(sizes[n as usize] as usize, 0);
        from.read_exact_at(&mut feature, starts[n as usize])
            .and_then(|()| out.write_all(&feature))
            .map_err(unwritten)?;
    }
    Ok(())
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
