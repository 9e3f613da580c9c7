//! Pieces of bytes in the order of their keys, of which more may come than memory has room for: they are sorted a run at a
//! time into a temporary file, and the runs are merged when they are read (external merge sort; Knuth, The Art of Computer
//! Programming 3, 5.4).

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;

use super::super::unwritten;
use crate::error::Result;

/// Bytes that wait in memory until a run of them is sorted.
const RUN_BYTES: usize = 32 << 20;
/// Bytes of a run read at once.
const READ_BYTES: usize = 256 << 10;

/// Pieces with something kept in memory of each.
pub struct Runs<T> {
    file: BufWriter<File>,
    /// Where each run begins in the file, and where the next would.
    starts: Vec<u64>,
    /// The pieces that are in the file, run by run.
    sorted: Vec<Piece<T>>,
    /// Those that wait, with their places in `bytes`.
    waiting: Vec<(usize, Piece<T>)>,
    bytes: Vec<u8>,
}

/// One piece, but for its bytes.
pub struct Piece<T> {
    key: u64,
    run: u32,
    pub bytes: u32,
    pub kept: T,
}

impl<T> Runs<T> {
    /// None yet.
    ///
    /// # Errors
    /// `Store` when there can be no temporary file.
    pub fn new() -> Result<Runs<T>> {
        let file = BufWriter::with_capacity(READ_BYTES, tempfile::tempfile().map_err(unwritten)?);
        Ok(Runs { file, starts: vec![0], sorted: Vec::new(), waiting: Vec::new(), bytes: Vec::new() })
    }

    /// Adds one; among those of one key the order in which they come is kept.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put(&mut self, key: u64, kept: T, bytes: &[u8]) -> Result<()> {
        if self.bytes.len() + bytes.len() > RUN_BYTES {
            self.end_run()?;
        }
        let run = self.starts.len() as u32 - 1;
        let piece = Piece { key, run, bytes: u32::try_from(bytes.len()).map_err(unwritten)?, kept };
        self.waiting.push((self.bytes.len(), piece));
        self.bytes.extend(bytes);
        Ok(())
    }

    fn end_run(&mut self) -> Result<()> {
        self.waiting.sort_by_key(|(_, piece)| piece.key);
        for (start, piece) in self.waiting.drain(..) {
            self.file.write_all(&self.bytes[start..start + piece.bytes as usize]).map_err(unwritten)?;
            self.sorted.push(piece);
        }
        let start = self.starts[self.starts.len() - 1];
        self.starts.push(start + self.bytes.len() as u64);
        self.bytes.clear();
        Ok(())
    }

    /// All of them, in order.
    ///
    /// # Errors
    /// `Store` when they cannot be written.
    pub fn merged(mut self) -> Result<Merged<T>> {
        self.end_run()?;
        // The runs are found and merged by the sort of the standard library.
        self.sorted.sort_by_key(|piece| piece.key);
        let file = self.file.into_inner().map_err(|e| unwritten(e.error()))?;
        Ok(Merged { file, starts: self.starts, pieces: self.sorted })
    }
}

/// Pieces in order; their bytes are still in the file.
pub struct Merged<T> {
    file: File,
    starts: Vec<u64>,
    pub pieces: Vec<Piece<T>>,
}

impl<T> Merged<T> {
    /// Copies the bytes of all, in order.
    ///
    /// # Errors
    /// `Store` when they cannot be read or written.
    pub fn copy(self, out: &mut impl Write) -> Result<()> {
        let run = |&at| BufReader::with_capacity(READ_BYTES, Section { file: &self.file, at });
        let mut runs: Vec<_> = self.starts.iter().map(run).collect();
        let mut bytes = Vec::new();
        for piece in &self.pieces {
            bytes.resize(piece.bytes as usize, 0);
            runs[piece.run as usize].read_exact(&mut bytes).and_then(|()| out.write_all(&bytes)).map_err(unwritten)?;
        }
        Ok(())
    }
}

/// A file from a place on.
struct Section<'f> {
    file: &'f File,
    at: u64,
}

impl Read for Section<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read_at(to, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_many_runs_come_in_the_order_of_their_keys_and_then_as_they_came() {
        let mut runs = Runs::new().unwrap();
        // Of some 200 kilobytes, so that there are several runs.
        let piece = |n: u64| n.to_le_bytes().repeat(25_000 + 100 * (n as usize % 7));
        let key = |n: u64| n * 7_919 % 31;
        for n in 0..500 {
            runs.put(key(n), n, &piece(n)).unwrap();
        }
        let merged = runs.merged().unwrap();
        assert!(merged.starts.len() > 3);
        let order: Vec<u64> = merged.pieces.iter().map(|piece| piece.kept).collect();
        let mut expected: Vec<u64> = (0..500).collect();
        expected.sort_by_key(|&n| (key(n), n));
        assert_eq!(order, expected);
        let mut copied = Vec::new();
        merged.copy(&mut copied).unwrap();
        assert!(copied == expected.into_iter().flat_map(piece).collect::<Vec<_>>());
    }

    #[test]
    fn none_is_nothing() {
        let merged = Runs::<()>::new().unwrap().merged().unwrap();
        let mut copied = Vec::new();
        assert!(merged.pieces.is_empty());
        merged.copy(&mut copied).unwrap();
        assert!(copied.is_empty());
    }
}
