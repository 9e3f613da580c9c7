//! The checkpoint's file: what the fold was at a position of the log, in blocks with a checksum each. It may be thrown away
//! at any time: whatever is wrong with it, the log is folded instead.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};

use rusqlite::OptionalExtension;

use super::{Digest, Store, damaged, decode};
use crate::error::{Error, Result};
use crate::hazard::checkpoint::FORMAT;
use crate::hazard::event::Event;

pub const CHECKPOINT_FILE: &str = "waterlog.checkpoint";
const MARK: &[u8; 8] = b"WLOGFOLD";
/// No block that is written is as long; a length that is says that the file is damaged.
const LONGEST_BLOCK: u32 = 1 << 30;

/// A checkpoint that belongs to the log beside it, being read.
pub struct Checkpoint {
    file: BufReader<File>,
    /// The position of the log at which it was made.
    pub position: u64,
}

impl Store {
    /// The checkpoint, where there is one that this program can read and that was made of this log.
    ///
    /// # Errors
    /// `Store` when there is one that cannot be used, with the reason.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        let file = match File::open(self.dir.join(CHECKPOINT_FILE)) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed(e)),
        };
        let mut file = BufReader::with_capacity(1 << 20, file);
        // Of all formats alike: the mark, the format, the position, the checksum of the log up to there.
        let mut head = [0; 8 + 4 + 8 + 16];
        file.read_exact(&mut head).map_err(failed)?;
        let (mark, rest) = head.split_at(8);
        let (format, rest) = rest.split_at(4);
        let (position, link) = rest.split_at(8);
        if mark != MARK {
            return Err(Error::Store("it is no checkpoint".into()));
        }
        if format != FORMAT.to_le_bytes() {
            return Err(Error::Store("it is of another version".into()));
        }
        let position = u64::from_le_bytes(position.try_into().expect("eight bytes"));
        if self.link_at(position)?.is_none_or(|known| known != link) {
            return Err(Error::Store("it is of another log".into()));
        }
        Ok(Some(Checkpoint { file, position }))
    }

    /// Writes a checkpoint for a position of the log; it is there whole, or as it was before.
    ///
    /// # Errors
    /// `Store` when it cannot be written, or whatever `save` fails with.
    pub fn put_checkpoint(
        &self,
        position: u64,
        save: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        let link = self.link_at(position)?.ok_or_else(|| damaged(position, "is missing"))?;
        let part = tempfile::NamedTempFile::new_in(&self.dir).map_err(failed)?;
        let mut file = BufWriter::with_capacity(1 << 20, part.as_file());
        let head = [&MARK[..], &FORMAT.to_le_bytes(), &position.to_le_bytes(), &link].concat();
        file.write_all(&head).map_err(failed)?;
        save(&mut |block| {
            let length = u32::try_from(block.len()).ok().filter(|&length| length < LONGEST_BLOCK);
            let length = length.ok_or_else(|| Error::Store("a block is too long".into()))?;
            let sum = crc32fast::hash(block).to_le_bytes();
            [&length.to_le_bytes()[..], &sum, block]
                .into_iter()
                .try_for_each(|part| file.write_all(part))
                .map_err(failed)
        })?;
        file.flush().map_err(failed)?;
        drop(file);
        part.as_file().sync_all().map_err(failed)?;
        part.persist(self.dir.join(CHECKPOINT_FILE)).map(drop).map_err(|e| failed(e.error))
    }

    /// The event at a position of the log.
    ///
    /// # Errors
    /// `Store` when it is missing or cannot be read.
    pub fn event(&self, seq: u64) -> Result<Event> {
        let text = self.public.query_row("SELECT event FROM log WHERE seq = ?1", [seq], |row| row.get::<_, String>(0));
        decode(seq, &text.map_err(|e| self.failed(e))?)
    }

    /// The checksum of the log up to a position, if it reaches as far.
    fn link_at(&self, seq: u64) -> Result<Option<Digest>> {
        let link = self.public.query_row("SELECT checksum FROM log WHERE seq = ?1", [seq], |row| row.get(0));
        link.optional().map_err(|e| self.failed(e))
    }
}

impl Checkpoint {
    /// The next block.
    ///
    /// # Errors
    /// `Store` when there is none, or it is not as it was written.
    pub fn block(&mut self) -> Result<Vec<u8>> {
        let mut word = || -> Result<u32> {
            let mut bytes = [0; 4];
            self.file.read_exact(&mut bytes).map_err(failed)?;
            Ok(u32::from_le_bytes(bytes))
        };
        let (length, sum) = (word()?, word()?);
        let wrong = || Error::Store("a checksum is wrong".into());
        if length >= LONGEST_BLOCK {
            return Err(wrong());
        }
        let mut block = Vec::new();
        self.file.by_ref().take(length.into()).read_to_end(&mut block).map_err(failed)?;
        if block.len() != length as usize || crc32fast::hash(&block) != sum {
            return Err(wrong());
        }
        Ok(block)
    }
}

fn failed(error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => Error::Store("it is cut short".into()),
        _ => Error::Store(error.to_string()),
    }
}
