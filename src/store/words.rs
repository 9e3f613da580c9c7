//! What people said with what is appended, in the private file: a transaction of its own beside that of the log.

use std::path::Path;

use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior, params};

use super::{Said, Store, file, outbox};
use crate::error::Result;

impl Store {
    /// Starts the half of [`Store::begin`] that keeps what people say, on a thread and a connection of its own; `before`: the
    /// position of the last event in the log, which whoever appends holds meanwhile.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub fn begin_words(&mut self, before: u64) -> Result<Words<'_>> {
        Words::begin(&self.private, &self.dir, before)
    }
}

/// A transaction on the private file; dropped without [`Words::commit`], it leaves nothing behind.
pub struct Words<'s> {
    pub(super) dir: &'s Path,
    pub(super) private: Transaction<'s>,
    /// Looked up once: to find a statement by its text takes longer than to run it.
    put_said: CachedStatement<'s>,
    pub(super) wrote: bool,
    /// Phones of long ago were forgotten.
    pub(super) swept_devices: bool,
}

/// What was said lies in the private file: now the events may be appended that it belongs to. It has to be on the disk before
/// they are; where they do not follow, it gives way to the next.
#[must_use]
pub struct Kept {
    /// There was something to write.
    pub wrote: bool,
}

impl<'s> Words<'s> {
    pub(super) fn begin(words: &'s Connection, dir: &'s Path, before: u64) -> Result<Words<'s>> {
        let failed = |e| file::failed(dir, e);
        let private = Transaction::new_unchecked(words, TransactionBehavior::Immediate).map_err(failed)?;
        // Of a process that was stopped between the two files: steps that never were.
        let wrote = outbox::drop_after(&private, before).map_err(failed)? > 0;
        // What a process that was stopped has left over gives way.
        let put_said = "INSERT OR REPLACE INTO said VALUES (?1, ?2, ?3, ?4)";
        let put_said = words.prepare_cached(put_said).map_err(failed)?;
        Ok(Words { dir, private, put_said, wrote, swept_devices: false })
    }

    /// Keeps what somebody said in his own words: with a report, by its id, or with a step of the workflow, by its note's.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_said(&mut self, id: &str, said: &Said) -> Result<()> {
        if *said == Said::default() {
            return Ok(());
        }
        let row = params![id, said.text, said.place, said.source_id];
        self.put_said.execute(row).map_err(|e| file::failed(self.dir, e))?;
        self.wrote = true;
        Ok(())
    }

    /// Keeps what the sender of a report says further, below what he has said. Of a process that was stopped between the two
    /// files it may be there already: it is not repeated.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_further(&mut self, id: &str, said: &Said) -> Result<()> {
        let Some(text) = &said.text else { return Ok(()) };
        let further = "INSERT INTO said (report, text) VALUES (?1, ?2) ON CONFLICT (report) DO UPDATE SET text = CASE
            WHEN text IS NULL THEN excluded.text
            WHEN substr(text, -length(excluded.text)) = excluded.text THEN text
            ELSE text || char(10) || excluded.text END";
        let mut put = self.private.prepare_cached(further).map_err(|e| file::failed(self.dir, e))?;
        put.execute([id, text]).map_err(|e| file::failed(self.dir, e))?;
        self.wrote = true;
        Ok(())
    }

    /// Notes that the reporters of these reports are to be told of the step at a position, which was taken at a time (unix
    /// seconds), each once.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_outbox(&mut self, seq: u64, at: i64, reports: &[String]) -> Result<()> {
        for report in reports {
            outbox::put(&self.private, seq, at, report).map_err(|e| file::failed(self.dir, e))?;
            self.wrote = true;
        }
        Ok(())
    }

    /// Writes what was said: on return it is on disk, unless that is waited for apart ([`super::Disk`]).
    ///
    /// # Errors
    /// `Store` when it cannot be; then nothing was kept.
    pub fn commit(self) -> Result<Kept> {
        let Words { dir, private, wrote, .. } = self;
        if wrote {
            private.commit().map_err(|e| file::failed(dir, e))?;
        }
        Ok(Kept { wrote })
    }
}
