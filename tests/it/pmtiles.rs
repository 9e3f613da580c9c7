//! A reader of PMTiles that shares nothing with their writer.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use fast_mvt::{MvtGeometry, MvtReaderRef, MvtValue};
use serde_json::{Value, json};

/// A file, unpacked.
pub struct Archive {
    pub bytes: Vec<u8>,
    /// By zoom, column and row.
    pub tiles: BTreeMap<[u32; 3], Vec<u8>>,
}

/// A feature of a tile.
pub struct Drawn {
    geometry: MvtGeometry,
    pub tags: BTreeMap<String, Value>,
}

impl Archive {
    pub fn read(bytes: Vec<u8>) -> Archive {
        let mut archive = Archive { bytes, tiles: BTreeMap::new() };
        assert_eq!(&archive.bytes[..8], b"PMTiles\x03");
        // Clustered; directories and tiles by gzip; vector tiles; from zoom 0.
        assert_eq!(archive.bytes[96..101], [1, 2, 2, 1, 0]);
        let (root, bytes) = (archive.number(8), archive.number(16));
        assert!(root + bytes <= 16_384 && archive.number(56) == 16_384);
        archive.directory(root, bytes);
        let count = archive.tiles.len();
        assert_eq!([72, 80, 88].map(|at| archive.number(at)), [count; 3]);
        let zooms = archive.tiles.keys().map(|[z, ..]| *z as u8);
        assert!(zooms.max().is_none_or(|deepest| deepest == archive.bytes[101]));
        archive
    }

    fn number(&self, at: usize) -> usize {
        u64::from_le_bytes(self.bytes[at..at + 8].try_into().unwrap()) as usize
    }

    fn unpacked(&self, at: usize, bytes: usize) -> Vec<u8> {
        let mut out = Vec::new();
        flate2::read::GzDecoder::new(&self.bytes[at..at + bytes]).read_to_end(&mut out).unwrap();
        out
    }

    pub fn metadata(&self) -> Value {
        serde_json::from_slice(&self.unpacked(self.number(24), self.number(32))).unwrap()
    }

    /// West, south, east and north in degrees.
    pub fn bounds(&self) -> [f64; 4] {
        [102, 106, 110, 114].map(|at| f64::from(i32::from_le_bytes(self.bytes[at..at + 4].try_into().unwrap())) / 1e7)
    }

    /// Takes up the tiles of a directory, and of those that it leads to.
    fn directory(&mut self, at: usize, bytes: usize) {
        let entries = self.unpacked(at, bytes);
        let mut rest = &entries[..];
        let mut next = || {
            let (mut n, mut shift) = (0, 0);
            loop {
                let byte = rest[0];
                rest = &rest[1..];
                n |= usize::from(byte & 0x7F) << shift;
                shift += 7;
                if byte < 0x80 {
                    return n;
                }
            }
        };
        let count = next();
        let [ids, runs, lengths, offsets] = [(); 4].map(|()| (0..count).map(|_| next()).collect::<Vec<_>>());
        assert!(rest.is_empty());
        let (mut id, mut start) = (0, 0);
        for n in 0..count {
            id += ids[n];
            start = if offsets[n] == 0 { start + lengths[n - 1] } else { offsets[n] - 1 };
            if runs[n] == 0 {
                self.directory(self.number(40) + start, lengths[n]);
            } else {
                assert_eq!(runs[n], 1);
                let tile = self.unpacked(self.number(56) + start, lengths[n]);
                assert!(self.tiles.insert(address(id as u64), tile).is_none());
            }
        }
    }

    pub fn features(&self, zoom: u32) -> Vec<Drawn> {
        let mut features = Vec::new();
        for (_, bytes) in self.tiles.range([zoom, 0, 0]..[zoom + 1, 0, 0]) {
            let reader = MvtReaderRef::new(bytes).unwrap();
            for feature in reader.layers().flat_map(|layer| layer.features()) {
                let tags = feature.properties_vec().unwrap().into_iter().map(|(key, value)| {
                    let value = match value.into_owned() {
                        MvtValue::String(text) => json!(text),
                        MvtValue::UInt(n) => json!(n),
                        MvtValue::SInt(n) => json!(n),
                        MvtValue::Double(v) => json!(v),
                        MvtValue::Bool(flag) => json!(flag),
                        other => panic!("{key} {other:?}"),
                    };
                    (key.to_owned(), value)
                });
                features.push(Drawn { geometry: feature.geometry().unwrap(), tags: tags.collect() });
            }
        }
        features
    }

    /// The ids of what stands by itself.
    pub fn ids(&self, zoom: u32) -> BTreeSet<String> {
        let features = self.features(zoom);
        features.iter().filter_map(|feature| Some(feature.tags.get("id")?.as_str()?.to_owned())).collect()
    }

    /// How many features of the layer there are at a zoom: those that points stand for, and the lines and areas.
    pub fn stands_for(&self, zoom: u32) -> u64 {
        let features = self.features(zoom);
        let (points, others): (Vec<_>, Vec<_>) =
            features.iter().partition(|feature| matches!(feature.geometry, MvtGeometry::Point(_)));
        let outlines: BTreeSet<_> = others.iter().map(|feature| feature.tags["id"].as_str().unwrap()).collect();
        points.iter().map(|feature| feature.tags["count"].as_u64().unwrap()).sum::<u64>() + outlines.len() as u64
    }
}

/// The tile of an id, as the specification of PMTiles (version 3) counts them.
fn address(mut id: u64) -> [u32; 3] {
    let mut z = 0;
    while id >= 1 << (2 * z) {
        id -= 1 << (2 * z);
        z += 1;
    }
    let (mut x, mut y) = (0, 0);
    for level in 0..z {
        let (side, quarter) = (1_u64 << level, (id >> (2 * level)) & 3);
        let (right, down) = (quarter >> 1, (quarter & 1) ^ (quarter >> 1));
        if down == 0 {
            if right == 1 {
                (x, y) = (side - 1 - x, side - 1 - y);
            }
            (x, y) = (y, x);
        }
        (x, y) = (x + side * right, y + side * down);
    }
    [z, x as u32, y as u32]
}
