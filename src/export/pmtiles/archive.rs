//! The file itself: header, directories, what it says of itself, and the tiles one behind the other.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use super::super::unwritten;
use super::super::wkb::Extent;
use super::directory::{self, Entry, Root};
use crate::error::Result;
use crate::hazard::layer::{Column, Kind, Layer};
use crate::hazard::tile::{LAST_LAT, TileAddress};

const HEADER_BYTES: usize = 127;
/// Header and root directory are fetched together, with one request of so many bytes.
const FIRST_BYTES: usize = 16_384;
const GZIP: u8 = 2;
const VECTOR_TILES: u8 = 1;
/// West, east, south and north of the square map.
const ALL: [f64; 4] = [-180.0, 180.0, -LAST_LAT, LAST_LAT];

/// A file that tiles are put into in the order of their ids: zoom by zoom, along a Hilbert curve.
pub struct Archive {
    out: BufWriter<File>,
    entries: Vec<Entry>,
    bytes: u64,
}

/// What the file says of itself.
pub struct Said {
    pub layer: Layer,
    /// Of the log.
    pub position: u64,
    pub fields: Fields,
    /// The deepest zoom.
    pub zoom: u8,
    /// Where features lie.
    pub extent: Extent,
}

/// The tags of features by their names, each with `Number`, `String` or `Boolean`: programs take its type from that.
pub struct Fields(Map<String, Value>);

impl Archive {
    /// # Errors
    /// `Store` when there can be no such file.
    pub fn new(path: &Path) -> Result<Archive> {
        let mut out = BufWriter::new(File::create(path).map_err(unwritten)?);
        out.write_all(&[0; FIRST_BYTES]).map_err(unwritten)?;
        Ok(Archive { out, entries: Vec::new(), bytes: 0 })
    }

    /// Puts a tile behind those before.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put(&mut self, tile: TileAddress, drawn: &[u8]) -> Result<()> {
        let packed = packed(drawn)?;
        self.out.write_all(&packed).map_err(unwritten)?;
        self.enter(tile.zoom(), tile.hilbert(), packed.len() as u32);
        Ok(())
    }

    /// Puts many tiles of a zoom, which stand packed in a file one behind the other; of each its place and its bytes.
    ///
    /// # Errors
    /// `Store` when they cannot be copied.
    pub fn put_all(&mut self, zoom: u8, mut packed: &File, tiles: &[(u64, u32)]) -> Result<()> {
        packed.rewind().and_then(|()| std::io::copy(&mut packed, &mut self.out)).map_err(unwritten)?;
        tiles.iter().for_each(|&(place, bytes)| self.enter(zoom, place, bytes));
        Ok(())
    }

    fn enter(&mut self, zoom: u8, place: u64, bytes: u32) {
        self.entries.push(Entry { tile: first_of(zoom) + place, offset: self.bytes, bytes });
        self.bytes += u64::from(bytes);
    }

    /// Writes what stands after the tiles, and then the header; returns how many tiles there are.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn finish(self, said: &Said) -> Result<u64> {
        let Archive { mut out, entries, bytes } = self;
        let about = packed(said.metadata().to_string().as_bytes())?;
        let Root { root, leaves } = directory::directories(&entries, FIRST_BYTES - HEADER_BYTES, packed)?;
        let tiles_at = FIRST_BYTES as u64;
        let about_at = tiles_at + bytes;
        let leaves_at = about_at + about.len() as u64;
        out.write_all(&about).and_then(|()| out.write_all(&leaves)).map_err(unwritten)?;
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend(*b"PMTiles\x03");
        let sections = [
            (HEADER_BYTES as u64, root.len() as u64),
            (about_at, about.len() as u64),
            (leaves_at, leaves.len() as u64),
            (tiles_at, bytes),
        ];
        sections.iter().for_each(|(at, bytes)| header.extend([at.to_le_bytes(), bytes.to_le_bytes()].concat()));
        // Addressed tiles, entries and contents: each stands for itself.
        (0..3).for_each(|_| header.extend((entries.len() as u64).to_le_bytes()));
        // Clustered; directories and tiles packed by gzip.
        header.extend([1, GZIP, GZIP, VECTOR_TILES, 0, said.zoom]);
        let [west, east, south, north] = if said.extent.is_empty() { ALL } else { said.extent.0 };
        let e7 = |degrees: f64| ((degrees * 1e7).round() as i32).to_le_bytes();
        header.extend([west, south, east, north].map(e7).concat());
        header.push(0);
        header.extend([(west + east) / 2.0, (south + north) / 2.0].map(e7).concat());
        out.seek(SeekFrom::Start(0)).map_err(unwritten)?;
        out.write_all(&header).and_then(|()| out.write_all(&root)).and_then(|()| out.flush()).map_err(unwritten)?;
        Ok(entries.len() as u64)
    }
}

impl Said {
    fn metadata(&self) -> Value {
        let Said { layer, position, fields: Fields(fields), zoom, .. } = self;
        json!({
            "name": layer.name(),
            "description": format!("{}; log position {position}", layer.title()),
            "vector_layers": [{"id": layer.name(), "description": layer.title(), "minzoom": 0, "maxzoom": zoom, "fields": fields}],
        })
    }
}

impl Fields {
    /// Of what is said of them, its first word.
    pub fn new(each: impl IntoIterator<Item = (&'static str, &'static str)>) -> Fields {
        let word = |what: &'static str| what.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        Fields(each.into_iter().map(|(name, what)| (name.to_owned(), word(what).into())).collect())
    }

    /// What the values of a column are in a tile.
    pub fn of(column: &Column) -> (&'static str, &'static str) {
        let what = match column.kind {
            Kind::Text | Kind::DateTime => "String",
            Kind::Integer | Kind::Real => "Number",
            Kind::Boolean => "Boolean",
        };
        (column.name, what)
    }
}

/// How many tiles all zooms before have: the id of the first tile of a zoom.
fn first_of(zoom: u8) -> u64 {
    ((1_u64 << (2 * zoom)) - 1) / 3
}

/// As they stand in the file.
///
/// # Errors
/// `Store` for what cannot be packed.
pub fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).and_then(|()| packer.finish()).map_err(unwritten)
}
