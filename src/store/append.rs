//! Appending to the log: one transaction on each of the two files, durable when both are committed.

use std::path::Path;

use hashbrown::HashSet;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::seal::{Sealed, SealedKey};
use super::words::{Kept, Words};
use super::{Digest, Recorded, Store, damaged, decode, file, link};
use crate::error::Result;
use crate::hazard::event::Event;

impl Store {
    /// Starts a transaction that appends, and the one for what people said with it; other processes wait.
    ///
    /// # Errors
    /// `Busy` when another process holds the database for too long; `Store` when the end of the log is missing.
    pub fn begin(&mut self) -> Result<(Append<'_>, Words<'_>)> {
        // Shared from here on, as the statements borrow the files too.
        let append = Append::begin(&self.public, &self.dir)?;
        let words = Words::begin(&self.private, &self.dir, append.before)?;
        Ok((append, words))
    }

    /// Starts the half of [`Store::begin`] that appends: the other, on another thread, is [`Store::begin_words`].
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub fn begin_log(&mut self) -> Result<Append<'_>> {
        Append::begin(&self.public, &self.dir)
    }
}

/// A transaction that appends events; dropped without [`Append::commit`], it leaves nothing behind.
pub struct Append<'s> {
    pub(super) dir: &'s Path,
    pub(super) public: Transaction<'s>,
    /// Looked up once: to find a statement by its text takes longer than to run it.
    put_key: CachedStatement<'s>,
    put_event: CachedStatement<'s>,
    before: u64,
    seq: u64,
    checksum: Digest,
    keys: u64,
}

impl<'s> Append<'s> {
    fn begin(log: &'s Connection, dir: &'s Path) -> Result<Append<'s>> {
        let failed = |e| file::failed(dir, e);
        let public = Transaction::new_unchecked(log, TransactionBehavior::Immediate).map_err(failed)?;
        let head = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let sql = "SELECT seq, checksum, keys, (SELECT coalesce(max(seq), 0) FROM log) FROM head";
        let head = log.prepare_cached(sql).and_then(|mut select| select.query_row([], head));
        let (seq, checksum, keys, last): (u64, Digest, u64, u64) = head.map_err(failed)?;
        if last != seq {
            return Err(damaged(last.min(seq) + 1, "is missing, or was added by another program"));
        }
        let put_key = "INSERT INTO keys VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        Ok(Append {
            put_key: log.prepare_cached(put_key).map_err(failed)?,
            put_event: log.prepare_cached("INSERT INTO log VALUES (?1, ?2, ?3)").map_err(failed)?,
            before: seq,
            dir,
            public,
            seq,
            checksum,
            keys,
        })
    }

    /// Position of the last event in the log before this transaction.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// The ids of the reports beyond a position.
    pub(super) fn reports_after(&self, after: u64) -> Result<HashSet<String>> {
        self.ids("SELECT seq, event FROM log WHERE seq > ?1", after)
    }

    /// The ids of all notes of steps of the workflow.
    pub(super) fn notes(&self) -> Result<HashSet<String>> {
        self.ids("SELECT seq, event FROM log WHERE seq > ?1 AND event GLOB '{\"transition\":*'", 0)
    }

    /// The ids under which the private file may have something, of the events that a query finds beyond a position.
    fn ids(&self, sql: &str, after: u64) -> Result<HashSet<String>> {
        let failed = |e| file::failed(self.dir, e);
        let mut select = self.public.prepare(sql).map_err(failed)?;
        let mut rows = select.query([after]).map_err(failed)?;
        let mut ids = HashSet::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let (seq, event): (u64, String) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
            match decode(seq, &event)? {
                Event::Report(report) => drop(ids.insert(report.id)),
                Event::Transition(taken) => ids.extend(taken.note.map(String::from)),
                _ => {}
            }
        }
        Ok(ids)
    }

    /// What the log, with what was appended here, holds under the key of an event; nothing where it has none.
    ///
    /// # Errors
    /// `Store` when the database cannot be read.
    pub fn recorded(&self, sealed: &Sealed) -> Result<Option<Recorded>> {
        let Some(SealedKey { name, content }) = &sealed.key else { return Ok(None) };
        let failed = |e| file::failed(self.dir, e);
        let mut select = self.public.prepare_cached("SELECT content, seq FROM keys WHERE name = ?1").map_err(failed)?;
        let key = select.query_row([name], |row| Ok((row.get::<_, Digest>(0)?, row.get::<_, u64>(1)?)));
        let Some((recorded, seq)) = key.optional().map_err(failed)? else { return Ok(None) };
        let mut select = self.public.prepare_cached("SELECT event FROM log WHERE seq = ?1").map_err(failed)?;
        let event: String = select.query_row([seq], |row| row.get(0)).map_err(failed)?;
        Ok(Some(Recorded { seq, same: recorded == *content, event: decode(seq, &event)? }))
    }

    /// Appends an event, with the key that makes a retry of it harmless; returns its position, or nothing where the key
    /// is taken: then nothing was appended, and [`Append::recorded`] tells by what.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn push(&mut self, sealed: &Sealed) -> Result<Option<u64>> {
        let failed = |e| file::failed(self.dir, e);
        let seq = self.seq + 1;
        if let Some(SealedKey { name, content }) = &sealed.key {
            if self.put_key.execute(params![name, content, seq]).map_err(failed)? == 0 {
                return Ok(None);
            }
            self.keys += 1;
        }
        let checksum = link(&self.checksum, seq, &sealed.event);
        self.put_event.execute(params![seq, sealed.event, checksum]).map_err(failed)?;
        (self.seq, self.checksum) = (seq, checksum);
        Ok(Some(seq))
    }

    /// Makes the events durable, after what people said with them: on return they are on disk, unless that is waited for
    /// apart ([`super::Disk`]). `kept`: what lies in the private file is, or will be before these are.
    ///
    /// # Errors
    /// `Store` when they cannot be; then nothing was appended, and what was kept gives way to the next.
    pub fn commit(self, _kept: Kept) -> Result<()> {
        let Append { dir, public, seq, checksum, keys, .. } = self;
        let failed = |e| file::failed(dir, e);
        let head = "UPDATE head SET seq = ?1, checksum = ?2, keys = ?3";
        let written = public.prepare_cached(head).and_then(|mut put| put.execute(params![seq, checksum, keys]));
        written.map_err(failed)?;
        public.commit().map_err(failed)
    }
}
