//! PMTiles 3: the tiles of a layer, the same as the service draws, in one file that a page reads piece by piece from any
//! web server. Tiles stand in the order of their ids (zoom by zoom, along a Hilbert curve), each packed by itself.

mod directory;

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use super::{Tell, unwritten};
use crate::error::{Result, invalid};
use crate::hazard::layer::{Bbox, Filter, Layer, Paging};
use crate::hazard::map::HazardMap;
use crate::hazard::tile::{DEEPEST_ZOOM, LAST_LAT, TileAddress, TileLayer};
use directory::{Entry, Root};

/// The deepest zoom of a file where nobody says: streets can be told apart there, and deeper ones are drawn from it.
pub const USUAL_ZOOM: u8 = 14;
const HEADER_BYTES: usize = 127;
/// Header and root directory are fetched together, with one request of so many bytes.
const FIRST_BYTES: usize = 16_384;
const GZIP: u8 = 2;
const VECTOR_TILES: u8 = 1;

/// Writes the tiles of a layer from zoom 0 to `zoom`; returns how many there are.
///
/// # Errors
/// `Invalid` for a layer without tiles, a zoom that there is not, or a filter that no tile has, `Store` when the disk is full, and whatever `tell`
/// says.
pub fn write(map: &HazardMap, layer: Layer, filter: &Filter, zoom: u8, path: &Path, tell: &mut Tell) -> Result<u64> {
    let tiled = tiled(layer)?;
    if zoom > DEEPEST_ZOOM {
        return Err(invalid("zoom", zoom, format!("not in [0, {DEEPEST_ZOOM}]")));
    }
    if filter.bbox.is_some() || filter.condition.is_some() || filter.paging != Paging::default() {
        return Err(invalid("format", "pmtiles", "tiles have neither bbox nor limit, sort, cursor, offset or filter"));
    }
    let mut out = BufWriter::new(File::create(path).map_err(unwritten)?);
    out.write_all(&[0; FIRST_BYTES]).map_err(unwritten)?;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    let mut level = vec![TileAddress::WORLD];
    for z in 0..=zoom {
        level.sort_unstable_by_key(|tile| tile.hilbert());
        let mut filled = Vec::new();
        for (n, &tile) in level.iter().enumerate() {
            tell(n as u64, level.len() as u64)?;
            let drawn = tiled.tile(map, tile, filter)?;
            if drawn.is_empty() {
                continue;
            }
            let packed = packed(&drawn)?;
            out.write_all(&packed).map_err(unwritten)?;
            entries.push(Entry { tile: first_of(z) + tile.hilbert(), offset: bytes, bytes: packed.len() as u32 });
            bytes += packed.len() as u64;
            filled.push(tile);
        }
        // A tile holds what its four children hold: nothing lies in those of an empty one.
        level = filled.into_iter().flat_map(TileAddress::children).collect();
    }
    finish(&mut out, tiled, map, zoom, &entries, bytes)?;
    Ok(entries.len() as u64)
}

/// The tiles of a layer.
///
/// # Errors
/// `Invalid` for one that has none.
pub fn tiled(layer: Layer) -> Result<TileLayer> {
    TileLayer::named(layer.name()).ok_or_else(|| {
        let known = TileLayer::ALL.map(|tiled| tiled.layer().name()).join(", ");
        invalid("format", "pmtiles", format!("{} have no tiles; {known} have", layer.name()))
    })
}

/// How many tiles all zooms before have: the id of the first tile of a zoom.
fn first_of(zoom: u8) -> u64 {
    ((1_u64 << (2 * zoom)) - 1) / 3
}

fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).and_then(|()| packer.finish()).map_err(unwritten)
}

/// Writes what stands after the tiles, and then the header.
fn finish(
    out: &mut BufWriter<File>,
    tiled: TileLayer,
    map: &HazardMap,
    zoom: u8,
    entries: &[Entry],
    tile_bytes: u64,
) -> Result<()> {
    let about = packed(metadata(tiled, map, zoom).to_string().as_bytes())?;
    let Root { root, leaves } = directory::directories(entries, FIRST_BYTES - HEADER_BYTES, packed)?;
    let tiles_at = FIRST_BYTES as u64;
    let about_at = tiles_at + tile_bytes;
    let leaves_at = about_at + about.len() as u64;
    out.write_all(&about).and_then(|()| out.write_all(&leaves)).map_err(unwritten)?;
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend(*b"PMTiles\x03");
    let sections = [
        (HEADER_BYTES as u64, root.len() as u64),
        (about_at, about.len() as u64),
        (leaves_at, leaves.len() as u64),
        (tiles_at, tile_bytes),
    ];
    sections.iter().for_each(|(at, bytes)| header.extend([at.to_le_bytes(), bytes.to_le_bytes()].concat()));
    // Addressed tiles, entries and contents: each stands for itself.
    (0..3).for_each(|_| header.extend((entries.len() as u64).to_le_bytes()));
    // Clustered; directories and tiles packed by gzip.
    header.extend([1, GZIP, GZIP, VECTOR_TILES, 0, zoom]);
    let all = Bbox::new(-180.0, -LAST_LAT, 180.0, LAST_LAT);
    let b = tiled.layer().extent(map).bbox.unwrap_or(all);
    let e7 = |degrees: f64| ((degrees * 1e7).round() as i32).to_le_bytes();
    header.extend([b.west, b.south, b.east, b.north].map(e7).concat());
    header.push(0);
    header.extend([(b.west + b.east) / 2.0, (b.south + b.north) / 2.0].map(e7).concat());
    out.seek(SeekFrom::Start(0)).map_err(unwritten)?;
    out.write_all(&header).and_then(|()| out.write_all(&root)).and_then(|()| out.flush()).map_err(unwritten)
}

/// What the file says of itself, as TileJSON says it.
fn metadata(tiled: TileLayer, map: &HazardMap, zoom: u8) -> Value {
    let layer = tiled.layer();
    let fields = tiled.fields().iter().map(|&(name, what)| (name.to_owned(), Value::from(what)));
    let count = ("count".to_owned(), "Number: how many there are of these".into());
    let fields: Map<String, Value> = std::iter::once(count).chain(fields).collect();
    json!({
        "name": layer.name(),
        "description": format!("{}; log position {}", layer.title(), map.position()),
        "vector_layers": [{"id": layer.name(), "description": layer.title(), "minzoom": 0, "maxzoom": zoom, "fields": fields}],
    })
}
