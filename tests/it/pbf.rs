//! A tiny writer of OSM's PBF files, for cities of a few streets.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

type Tags = Vec<(&'static str, &'static str)>;

/// What a file holds. Positions in metres east and north of 110° E on the equator.
#[derive(Clone, Default)]
pub struct Pbf {
    pub nodes: Vec<(i64, [f64; 2], Tags)>,
    pub ways: Vec<(i64, Vec<i64>, Tags)>,
}

/// 1e-7 degrees in a metre on the equator, of the sphere that distances are measured on.
pub const PER_M: f64 = 1e7 / 111_195.08;

impl Pbf {
    pub fn node(mut self, id: i64, east_m: f64, north_m: f64) -> Pbf {
        self.nodes.push((id, [east_m, north_m], vec![]));
        self
    }

    pub fn spot(mut self, id: i64, at: [f64; 2], tags: &[(&'static str, &'static str)]) -> Pbf {
        self.nodes.push((id, at, tags.to_vec()));
        self
    }

    pub fn way(mut self, id: i64, nodes: &[i64], tags: &[(&'static str, &'static str)]) -> Pbf {
        self.ways.push((id, nodes.to_vec(), tags.to_vec()));
        self
    }

    /// A residential street.
    pub fn street(self, id: i64, name: &'static str, nodes: &[i64]) -> Pbf {
        self.way(id, nodes, &[("highway", "residential"), ("name", name)])
    }

    /// A carriageway of one direction.
    pub fn one_way(self, id: i64, name: &'static str, nodes: &[i64]) -> Pbf {
        self.way(id, nodes, &[("highway", "primary"), ("oneway", "yes"), ("name", name)])
    }

    pub fn bytes(&self) -> Vec<u8> {
        [head(), zlib_blob("OSMData", &self.node_block()), zlib_blob("OSMData", &self.way_block())].concat()
    }

    /// Nodes as columns.
    pub fn node_block(&self) -> Vec<u8> {
        let (mut strings, mut tags) = (Strings::default(), vec![]);
        for (_, _, own) in &self.nodes {
            for (key, value) in own {
                tags.extend([strings.number(key), strings.number(value)].map(varint).concat());
            }
            tags.push(0);
        }
        let e7 = |i: usize| deltas(self.nodes.iter().map(|(_, at, _)| degrees_e7(*at)[i]));
        let ids = deltas(self.nodes.iter().map(|(id, ..)| *id));
        let dense = [bytes(1, &ids), bytes(8, &e7(1)), bytes(9, &e7(0)), bytes(10, &tags)].concat();
        strings.block(&bytes(2, &bytes(2, &dense)))
    }

    /// Nodes one by one, in units of a thousand nanodegrees from an offset.
    pub fn plain_node_block(&self) -> Vec<u8> {
        let (mut strings, mut nodes) = (Strings::default(), vec![]);
        const OFFSET_E7: i64 = 10_000_000;
        for (id, at, tags) in &self.nodes {
            let [lon, lat] = degrees_e7(*at).map(|e7| varint(zigzag((e7 - OFFSET_E7) / 10)));
            let (keys, values) = strings.columns(tags);
            let id = varint(zigzag(*id));
            let node = [number(1, &id), bytes(2, &keys), bytes(3, &values), number(8, &lat), number(9, &lon)].concat();
            nodes.extend(bytes(1, &node));
        }
        let offset = varint(OFFSET_E7 as u64 * 100);
        [strings.block(&bytes(2, &nodes)), number(17, &varint(1_000)), number(19, &offset), number(20, &offset)]
            .concat()
    }

    pub fn way_block(&self) -> Vec<u8> {
        let (mut strings, mut ways) = (Strings::default(), vec![]);
        for (id, nodes, tags) in &self.ways {
            let (keys, values) = strings.columns(tags);
            let refs = deltas(nodes.iter().copied());
            let way = [number(1, &varint(*id as u64)), bytes(2, &keys), bytes(3, &values), bytes(8, &refs)].concat();
            ways.extend(bytes(3, &way));
        }
        strings.block(&bytes(2, &ways))
    }
}

fn degrees_e7([east_m, north_m]: [f64; 2]) -> [i64; 2] {
    [1_100_000_000 + (east_m * PER_M).round() as i64, (north_m * PER_M).round() as i64]
}

/// The texts of a block; number 0 is none.
#[derive(Default)]
struct Strings(Vec<&'static str>);

impl Strings {
    fn number(&mut self, text: &'static str) -> u64 {
        let at = self.0.iter().position(|t| *t == text).unwrap_or(self.0.len());
        if at == self.0.len() {
            self.0.push(text);
        }
        at as u64 + 1
    }

    fn columns(&mut self, tags: &Tags) -> (Vec<u8>, Vec<u8>) {
        let keys = tags.iter().flat_map(|(key, _)| varint(self.number(key))).collect();
        (keys, tags.iter().flat_map(|(_, value)| varint(self.number(value))).collect())
    }

    fn block(&self, groups: &[u8]) -> Vec<u8> {
        let texts: Vec<u8> = [""].iter().chain(&self.0).flat_map(|text| bytes(1, text.as_bytes())).collect();
        [bytes(1, &texts), groups.to_vec()].concat()
    }
}

pub fn head() -> Vec<u8> {
    zlib_blob("OSMHeader", &[bytes(4, b"OsmSchema-V0.6"), bytes(4, b"DenseNodes")].concat())
}

/// A blob packed by zlib.
pub fn zlib_blob(kind: &str, data: &[u8]) -> Vec<u8> {
    blob(kind, &[number(2, &varint(data.len() as u64)), bytes(3, &zlib(data))].concat())
}

pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(vec![], Compression::default());
    packed.write_all(data).unwrap();
    packed.finish().unwrap()
}

/// A blob with its header and the length of that.
pub fn blob(kind: &str, blob: &[u8]) -> Vec<u8> {
    let header = [bytes(1, kind.as_bytes()), number(3, &varint(blob.len() as u64))].concat();
    [&(header.len() as u32).to_be_bytes()[..], &header, blob].concat()
}

/// A field of bytes.
pub fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// A field of a number that is written already.
pub fn number(field: u64, written: &[u8]) -> Vec<u8> {
    [varint(field << 3), written.to_vec()].concat()
}

pub fn varint(mut n: u64) -> Vec<u8> {
    let mut out = vec![];
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out
}

fn zigzag(n: i64) -> u64 {
    (n << 1 ^ n >> 63) as u64
}

fn deltas(numbers: impl Iterator<Item = i64>) -> Vec<u8> {
    let mut before = 0;
    numbers.flat_map(|n| varint(zigzag(n - std::mem::replace(&mut before, n)))).collect()
}
