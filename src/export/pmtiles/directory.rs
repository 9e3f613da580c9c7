//! Where each tile stands: a directory, or where that is too long for the first request one of directories.

use crate::error::Result;

/// Where a tile stands, in bytes from the first tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id: zoom by zoom, along a Hilbert curve.
    pub tile: u64,
    pub offset: u64,
    pub bytes: u32,
}

/// The first directory, and those it leads to, one after the other.
pub struct Root {
    pub root: Vec<u8>,
    pub leaves: Vec<u8>,
}

/// Entries of the smallest leaf; each further try takes twice as many.
const LEAF_ENTRIES: usize = 4_096;

/// The directories over all entries: the root takes at most so many bytes when it is packed.
pub fn directories(entries: &[Entry], most_bytes: usize, pack: impl Fn(&[u8]) -> Result<Vec<u8>>) -> Result<Root> {
    let root = pack(&directory(entries, 1))?;
    if root.len() <= most_bytes {
        return Ok(Root { root, leaves: Vec::new() });
    }
    let mut size = LEAF_ENTRIES;
    loop {
        let (mut leaves, mut above) = (Vec::new(), Vec::new());
        for part in entries.chunks(size) {
            let leaf = pack(&directory(part, 1))?;
            above.push(Entry { tile: part[0].tile, offset: leaves.len() as u64, bytes: leaf.len() as u32 });
            leaves.extend(leaf);
        }
        // A run of no tiles leads to a leaf.
        let root = pack(&directory(&above, 0))?;
        if root.len() <= most_bytes {
            return Ok(Root { root, leaves });
        }
        size *= 2;
    }
}

/// Entries column by column, ids and offsets as differences; `run`: for how many tiles each stands.
fn directory(entries: &[Entry], run: u64) -> Vec<u8> {
    let mut out = Vec::new();
    varint(&mut out, entries.len() as u64);
    let mut last = 0;
    for entry in entries {
        varint(&mut out, entry.tile - last);
        last = entry.tile;
    }
    entries.iter().for_each(|_| varint(&mut out, run));
    entries.iter().for_each(|entry| varint(&mut out, entry.bytes.into()));
    let mut next = None;
    for entry in entries {
        // 0: right behind the one before.
        varint(&mut out, if next == Some(entry.offset) { 0 } else { entry.offset + 1 });
        next = Some(entry.offset + u64::from(entry.bytes));
    }
    out
}

/// Seven bits a byte, the lowest first (LEB128).
fn varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_written_column_by_column() {
        let entries = [Entry { tile: 0, offset: 0, bytes: 200 }, Entry { tile: 5, offset: 200, bytes: 3 }];
        assert_eq!(directory(&entries, 1), [2, 0, 5, 1, 1, 0xC8, 1, 3, 1, 0]);
    }

    #[test]
    fn a_root_that_is_too_long_leads_to_leaves() {
        let entries: Vec<_> = (0..20_000).map(|n| Entry { tile: n * 3, offset: n * 7, bytes: 7 }).collect();
        let Root { root, leaves } = directories(&entries, 100, |bytes| Ok(bytes.to_vec())).unwrap();
        assert!(root.len() <= 100 && root[0] == 5 && leaves.len() > 20_000);
    }
}
