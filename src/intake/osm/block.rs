//! A block: some thousand nodes, ways or relations with the texts they use.

use super::wire::{Fields, Packed, Wire, signed};

/// A block as it was written; its parts are read when they are asked for.
pub struct Block<'a> {
    strings: Vec<&'a [u8]>,
    groups: Vec<&'a [u8]>,
    /// Nanodegrees in a unit of position, and what is added to all.
    granularity: i64,
    offset: [i64; 2],
}

/// More strings than any writer puts into one block.
const MOST_STRINGS: usize = 1 << 20;
const NO_STRING: &str = "a tag in it names a text that is not there";

/// A spot, perhaps with tags.
pub struct Node<'a> {
    pub id: i64,
    /// Longitude and latitude in degrees.
    pub at: [f64; 2],
    pub tags: Tags<'a>,
}

/// A line through nodes.
pub struct Way<'a> {
    pub id: i64,
    pub tags: Tags<'a>,
    refs: Packed<'a>,
}

/// Keys and values.
#[derive(Default)]
pub struct Tags<'a>(pub Vec<(&'a [u8], &'a [u8])>);

impl<'a> Tags<'a> {
    pub fn get(&self, key: &str) -> Option<&'a [u8]> {
        self.0.iter().find(|(k, _)| *k == key.as_bytes()).map(|(_, value)| *value)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Way<'_> {
    /// The ids of its nodes.
    pub fn nodes(&self) -> impl Iterator<Item = Wire<i64>> {
        self.refs.deltas()
    }
}

impl<'a> Block<'a> {
    pub fn parse(bytes: &'a [u8]) -> Wire<Block<'a>> {
        let mut block = Block { strings: Vec::new(), groups: Vec::new(), granularity: 100, offset: [0; 2] };
        for field in Fields(bytes) {
            match field? {
                (1, value) => {
                    for string in Fields(value.bytes()?) {
                        if let (1, string) = string? {
                            block.strings.push(string.bytes()?);
                        }
                        if block.strings.len() > MOST_STRINGS {
                            return Err("it has more than a million texts");
                        }
                    }
                }
                (2, value) => block.groups.push(value.bytes()?),
                (17, value) => block.granularity = value.number()? as i64,
                (19, value) => block.offset[1] = value.number()? as i64,
                (20, value) => block.offset[0] = value.number()? as i64,
                _ => {}
            }
        }
        Ok(block)
    }

    /// Hands out every way.
    pub fn ways(&self, mut each: impl FnMut(Way<'a>) -> Wire<()>) -> Wire<()> {
        self.each_of(3, |bytes| {
            let (mut id, [mut keys, mut values, mut refs]) = (0, [Packed::default(); 3]);
            for field in Fields(bytes) {
                match field? {
                    (1, value) => id = value.number()? as i64,
                    (2, value) => keys = Packed(value.bytes()?),
                    (3, value) => values = Packed(value.bytes()?),
                    (8, value) => refs = Packed(value.bytes()?),
                    _ => {}
                }
            }
            each(Way { id, tags: self.tags(keys, values)?, refs })
        })
    }

    /// Hands out every node.
    pub fn nodes(&self, mut each: impl FnMut(Node<'a>)) -> Wire<()> {
        self.each_of(1, |bytes| {
            let (mut id, mut at, [mut keys, mut values]) = (0, [0; 2], [Packed::default(); 2]);
            for field in Fields(bytes) {
                match field? {
                    (1, value) => id = signed(value.number()?),
                    (2, value) => keys = Packed(value.bytes()?),
                    (3, value) => values = Packed(value.bytes()?),
                    (8, value) => at[1] = signed(value.number()?),
                    (9, value) => at[0] = signed(value.number()?),
                    _ => {}
                }
            }
            each(Node { id, at: self.degrees(at), tags: self.tags(keys, values)? });
            Ok(())
        })?;
        self.each_of(2, |bytes| self.dense(bytes, &mut each))
    }

    /// Nodes as columns: ids, latitudes, longitudes, and all tags with a 0 after each node's.
    fn dense(&self, bytes: &'a [u8], each: &mut impl FnMut(Node<'a>)) -> Wire<()> {
        let [mut ids, mut lats, mut lons, mut tags] = [Packed::default(); 4];
        for field in Fields(bytes) {
            match field? {
                (1, value) => ids = Packed(value.bytes()?),
                (8, value) => lats = Packed(value.bytes()?),
                (9, value) => lons = Packed(value.bytes()?),
                (10, value) => tags = Packed(value.bytes()?),
                _ => {}
            }
        }
        let (mut lats, mut lons) = (lats.deltas(), lons.deltas());
        for id in ids.deltas() {
            let (Some(lat), Some(lon)) = (lats.next(), lons.next()) else { return Err("nodes in it have no position") };
            let mut own = Tags::default();
            while let Some(key) = tags.next().transpose()?.filter(|key| *key != 0) {
                let value = tags.next().ok_or(NO_STRING)??;
                own.0.push((self.string(key)?, self.string(value)?));
            }
            each(Node { id: id?, at: self.degrees([lon?, lat?]), tags: own });
        }
        Ok(())
    }

    fn each_of(&self, kind: u64, mut each: impl FnMut(&'a [u8]) -> Wire<()>) -> Wire<()> {
        for group in &self.groups {
            for field in Fields(group) {
                let (number, value) = field?;
                if number == kind {
                    each(value.bytes()?)?;
                }
            }
        }
        Ok(())
    }

    fn degrees(&self, at: [i64; 2]) -> [f64; 2] {
        let nano = |i: usize| self.granularity.saturating_mul(at[i]).saturating_add(self.offset[i]);
        [0, 1].map(|i| nano(i) as f64 / 1e9)
    }

    fn tags(&self, keys: Packed<'a>, values: Packed<'a>) -> Wire<Tags<'a>> {
        let pair = |(key, value): (Wire<u64>, Wire<u64>)| Ok((self.string(key?)?, self.string(value?)?));
        keys.zip(values).map(pair).collect::<Wire<_>>().map(Tags)
    }

    fn string(&self, n: u64) -> Wire<&'a [u8]> {
        usize::try_from(n).ok().and_then(|n| self.strings.get(n)).copied().ok_or(NO_STRING)
    }
}
