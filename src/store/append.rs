//! Appending to the log: one transaction, durable when it is committed.

use std::path::Path;

use hashbrown::HashSet;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::seal::{Sealed, SealedKey};
use super::{Digest, Recorded, Said, Store, damaged, decode, file, link, outbox};
use crate::error::Result;
use crate::hazard::event::Event;

impl Store {
    /// Starts a transaction that appends; other processes wait.
    ///
    /// # Errors
    /// `Busy` when another process holds the database for too long; `Store` when the end of the log is missing.
    pub fn begin(&mut self) -> Result<Append<'_>> {
        let Store { public: log, private: words, dir, .. } = self;
        // Shared from here on, as the statements borrow them too.
        let (log, words): (&Connection, &Connection) = (log, words);
        let failed = |e| file::failed(dir, e);
        let public = Transaction::new_unchecked(log, TransactionBehavior::Immediate).map_err(failed)?;
        let private = Transaction::new_unchecked(words, TransactionBehavior::Immediate).map_err(failed)?;
        let head = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let sql = "SELECT seq, checksum, keys, (SELECT coalesce(max(seq), 0) FROM log) FROM head";
        let head = log.prepare_cached(sql).and_then(|mut select| select.query_row([], head));
        let (seq, checksum, keys, last): (u64, Digest, u64, u64) = head.map_err(failed)?;
        if last != seq {
            return Err(damaged(last.min(seq) + 1, "is missing, or was added by another program"));
        }
        // Of a process that was stopped between the two files: steps that never were.
        let wrote_private = outbox::drop_after(&private, seq).map_err(failed)? > 0;
        let put_key = "INSERT INTO keys VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        // What a process that was stopped has left over gives way.
        let put_said = "INSERT OR REPLACE INTO said VALUES (?1, ?2, ?3, ?4)";
        Ok(Append {
            put_key: log.prepare_cached(put_key).map_err(failed)?,
            put_event: log.prepare_cached("INSERT INTO log VALUES (?1, ?2, ?3)").map_err(failed)?,
            put_said: words.prepare_cached(put_said).map_err(failed)?,
            before: seq,
            dir,
            public,
            private,
            seq,
            checksum,
            keys,
            wrote_private,
            swept_devices: false,
        })
    }
}

/// A transaction that appends events; dropped without [`Append::commit`], it leaves nothing behind.
pub struct Append<'s> {
    pub(super) dir: &'s Path,
    pub(super) public: Transaction<'s>,
    pub(super) private: Transaction<'s>,
    /// Looked up once: to find a statement by its text takes longer than to run it.
    put_key: CachedStatement<'s>,
    put_event: CachedStatement<'s>,
    put_said: CachedStatement<'s>,
    before: u64,
    seq: u64,
    checksum: Digest,
    keys: u64,
    pub(super) wrote_private: bool,
    /// Phones of long ago were forgotten.
    pub(super) swept_devices: bool,
}

impl<'s> Append<'s> {
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

    /// Keeps what somebody said in his own words: with a report, by its id, or with a step of the workflow, by its note's.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_private(&mut self, id: &str, said: &Said) -> Result<()> {
        if *said == Said::default() {
            return Ok(());
        }
        let row = params![id, said.text, said.place, said.source_id];
        self.put_said.execute(row).map_err(|e| file::failed(self.dir, e))?;
        self.wrote_private = true;
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
        self.wrote_private = true;
        Ok(())
    }

    /// Notes that the reporters of these reports are to be told of the step at a position, which was taken at a time (unix
    /// seconds), each once.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_outbox(&mut self, seq: u64, at: i64, reports: &[&str]) -> Result<()> {
        for report in reports {
            outbox::put(&self.private, seq, at, report).map_err(|e| file::failed(self.dir, e))?;
            self.wrote_private = true;
        }
        Ok(())
    }

    /// Makes everything durable: on return it is on disk, unless that is waited for apart ([`super::Disk`]).
    ///
    /// # Errors
    /// `Store` when it cannot be; then nothing was appended.
    pub fn commit(self) -> Result<()> {
        self.keep_private()?.commit()
    }

    /// Writes what lies in the private file: the first half of [`Append::commit`], for whoever waits for the disk apart.
    ///
    /// # Errors
    /// As [`Append::commit`].
    pub fn keep_private(self) -> Result<PrivateKept<'s>> {
        let Append { dir, public, private, wrote_private, seq, checksum, keys, .. } = self;
        if wrote_private {
            private.commit().map_err(|e| file::failed(dir, e))?;
        }
        Ok(PrivateKept { dir, public, seq, checksum, keys, wrote: wrote_private })
    }
}

/// A transaction whose part in the private file is written, and whose events are not in the log yet. The private part has to
/// be on the disk before they are; dropped, it appends nothing, and what it has left over gives way to the next.
pub struct PrivateKept<'s> {
    dir: &'s Path,
    public: Transaction<'s>,
    seq: u64,
    checksum: Digest,
    keys: u64,
    /// There was something to write.
    pub wrote: bool,
}

impl PrivateKept<'_> {
    /// Appends the events: the second half of [`Append::commit`].
    ///
    /// # Errors
    /// As [`Append::commit`].
    pub fn commit(self) -> Result<()> {
        let PrivateKept { dir, public, seq, checksum, keys, .. } = self;
        let failed = |e| file::failed(dir, e);
        let head = "UPDATE head SET seq = ?1, checksum = ?2, keys = ?3";
        let written = public.prepare_cached(head).and_then(|mut put| put.execute(params![seq, checksum, keys]));
        written.map_err(failed)?;
        public.commit().map_err(failed)
    }
}
