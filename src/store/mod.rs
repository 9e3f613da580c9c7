//! The log on disk: SQLite, one writer, checksums in a chain. SQL stays inside this room.
//!
//! Two files: `waterlog.db` holds the log and may be published; `private.db` holds what people wrote. Commits are not
//! atomic across the two, so the private one is committed first; [`Store::reconcile`] drops what was left over.

mod file;

use std::path::{Path, PathBuf};

use hashbrown::HashSet;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use crate::error::{Error, Result};
use crate::hazard::event::Event;

pub const PUBLIC_FILE: &str = "waterlog.db";
pub const PRIVATE_FILE: &str = "private.db";

const PUBLIC_TABLES: &str = "
    CREATE TABLE log (seq INTEGER PRIMARY KEY, event TEXT NOT NULL, checksum BLOB NOT NULL) STRICT;
    CREATE TABLE keys (name BLOB PRIMARY KEY, content BLOB NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;";
const PRIVATE_TABLES: &str =
    "CREATE TABLE said (report TEXT PRIMARY KEY, text TEXT, place TEXT, source_id TEXT) STRICT;";

/// 16 bytes of BLAKE3.
pub type Digest = [u8; 16];

/// What a reporter said in his own words; the columns of the private file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub text: Option<String>,
    pub place: Option<String>,
    pub source_id: Option<String>,
}

/// An open database. One for each thread that uses it.
pub struct Store {
    dir: PathBuf,
    public: Connection,
    private: Connection,
    /// What `PRAGMA data_version` said last: it changes when another process has written.
    version_seen: i64,
}

/// An event read back from the log, or why it could not be.
pub type Entry = Result<(u64, Event)>;

/// What the log knows under a key.
#[derive(Debug, PartialEq)]
pub struct Recorded {
    pub seq: u64,
    /// Whether it was recorded with the same content.
    pub same: bool,
    pub event: Event,
}

impl Store {
    /// Opens the database in a folder, making both where there is none.
    ///
    /// # Errors
    /// `Store` for a file that is no database of ours or of another version, is locked, or cannot be written.
    pub fn open(dir: &Path) -> Result<Store> {
        std::fs::create_dir_all(dir).map_err(|e| Error::Store(format!("{}: {e}", dir.display())))?;
        let private = file::open(&dir.join(PRIVATE_FILE), PRIVATE_TABLES)?;
        let public = file::open(&dir.join(PUBLIC_FILE), PUBLIC_TABLES)?;
        let mut store = Store { dir: dir.to_owned(), public, private, version_seen: 0 };
        store.written_elsewhere()?;
        Ok(store)
    }

    /// Opens a database that must be there already.
    ///
    /// # Errors
    /// `NotFound`, or as [`Store::open`].
    pub fn open_existing(dir: &Path) -> Result<Store> {
        if !dir.join(PUBLIC_FILE).is_file() {
            return Err(Error::NotFound { what: "database in folder", id: dir.display().to_string() });
        }
        Store::open(dir)
    }

    /// Hands out the events after position `after`, at most `limit`, in order; returns how many.
    ///
    /// # Errors
    /// `Store` when the log has a gap, an entry cannot be read, or `each` fails.
    pub fn read(&self, after: u64, limit: usize, mut each: impl FnMut(u64, Event) -> Result<()>) -> Result<usize> {
        let mut select = self
            .public
            .prepare_cached("SELECT seq, event FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2")
            .map_err(|e| self.failed(e))?;
        let mut rows = select.query(params![after, limit]).map_err(|e| self.failed(e))?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(|e| self.failed(e))? {
            let seq: u64 = row.get(0).map_err(|e| self.failed(e))?;
            count += 1;
            if seq != after + count as u64 {
                return Err(damaged(after + count as u64, "is missing"));
            }
            let text = row.get_ref(1).map_err(|e| self.failed(e))?;
            let event = text.as_str().map_err(|_| damaged(seq, "is not text"))?;
            each(seq, decode(seq, event)?)?;
        }
        Ok(count)
    }

    /// Starts a transaction that appends; other processes wait.
    ///
    /// # Errors
    /// `Store` when another process holds the database for too long.
    pub fn begin(&mut self) -> Result<Append<'_>> {
        let Store { public, private, dir, .. } = self;
        let failed = |e| file::failed(dir, e);
        let public = public.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let private = private.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let tail = public
            .query_row("SELECT seq, checksum FROM log ORDER BY seq DESC LIMIT 1", [], |row| {
                Ok((row.get::<_, u64>(0)?, row.get::<_, Digest>(1)?))
            })
            .optional()
            .map_err(failed)?;
        let (seq, checksum) = tail.unwrap_or((0, Digest::default()));
        Ok(Append { dir, public, private, before: seq, seq, checksum, wrote_private: false })
    }

    /// Whether another process has written since this was asked last.
    ///
    /// # Errors
    /// `Store` when the database cannot be read.
    pub fn written_elsewhere(&mut self) -> Result<bool> {
        let version = self.public.query_row("PRAGMA data_version", [], |row| row.get(0)).map_err(|e| self.failed(e))?;
        Ok(std::mem::replace(&mut self.version_seen, version) != version)
    }

    /// Remembers the rule in force and returns the one before, where there was another.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_rule(&mut self, rule: &str) -> Result<Option<String>> {
        let before = self.rule()?;
        if before.as_deref() == Some(rule) {
            return Ok(None);
        }
        let insert = "INSERT INTO meta VALUES ('rule', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1";
        self.public.execute(insert, [rule]).map_err(|e| self.failed(e))?;
        Ok(before)
    }

    /// The rule that was in force last; none in a new database.
    ///
    /// # Errors
    /// `Store` when the database cannot be read.
    pub fn rule(&self) -> Result<Option<String>> {
        let rule = self.public.query_row("SELECT value FROM meta WHERE name = 'rule'", [], |row| row.get(0));
        rule.optional().map_err(|e| self.failed(e))
    }

    /// What was said with a report.
    ///
    /// # Errors
    /// `Store` when the database cannot be read.
    pub fn said(&self, report: &str) -> Result<Option<Said>> {
        let sql = "SELECT text, place, source_id FROM said WHERE report = ?1";
        let private = |row: &Row| Ok(Said { text: row.get(0)?, place: row.get(1)?, source_id: row.get(2)? });
        self.private.query_row(sql, [report], private).optional().map_err(|e| self.failed(e))
    }

    /// Position of the last entry of the log; 0 where it is empty.
    ///
    /// # Errors
    /// `Store` when the database cannot be read.
    pub fn last(&self) -> Result<u64> {
        let last = "SELECT coalesce(max(seq), 0) FROM log";
        self.public.query_row(last, [], |row| row.get(0)).map_err(|e| self.failed(e))
    }

    /// Walks the log: positions without gaps, each checksum right, none missing that a key refers to. Returns how many
    /// entries it has.
    ///
    /// # Errors
    /// `Store` naming the first entry that is missing or was changed.
    pub fn verify(&self, mut each: impl FnMut(u64)) -> Result<u64> {
        let mut select =
            self.public.prepare("SELECT seq, event, checksum FROM log ORDER BY seq").map_err(|e| self.failed(e))?;
        let mut rows = select.query([]).map_err(|e| self.failed(e))?;
        let (mut last, mut chain) = (0, Digest::default());
        // Read before the log: a key written meanwhile may refer to an entry that this walk does not reach.
        let keyed: u64 = self
            .public
            .query_row("SELECT coalesce(max(seq), 0) FROM keys", [], |row| row.get(0))
            .map_err(|e| self.failed(e))?;
        while let Some(row) = rows.next().map_err(|e| self.failed(e))? {
            let seq: u64 = row.get(0).map_err(|e| self.failed(e))?;
            if seq != last + 1 {
                return Err(damaged(last + 1, "is missing"));
            }
            let event: String = row.get(1).map_err(|e| self.failed(e))?;
            chain = link(&chain, seq, &event);
            if row.get::<_, Digest>(2).map_err(|e| self.failed(e))? != chain {
                return Err(damaged(seq, "was changed, or one before it: its checksum is wrong"));
            }
            last = seq;
            each(seq);
        }
        // The chain cannot tell that its end was cut off; the keys can.
        if last < keyed {
            return Err(damaged(last + 1, "is missing"));
        }
        Ok(last)
    }

    /// Drops what was said with a report that never came into the log (the process was stopped between the two files); returns how
    /// many. `is_known` answers for the reports up to position `after`; those beyond are read here.
    ///
    /// # Errors
    /// `Store` when either file cannot be read or written.
    pub fn reconcile(&mut self, after: u64, is_known: impl Fn(&str) -> bool) -> Result<usize> {
        // The lock on the public file keeps writers, who hold it around both commits, out of the way.
        let append = self.begin()?;
        let failed = |e| file::failed(append.dir, e);
        let later = append.reports_after(after)?;
        let is_known = |id: &str| is_known(id) || later.contains(id);
        let orphans: Vec<String> = {
            let mut select = append.private.prepare("SELECT report FROM said").map_err(failed)?;
            let ids = select.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
            ids.filter(|id| id.as_ref().map_or(true, |id| !is_known(id))).collect::<Result<_, _>>().map_err(failed)?
        };
        for id in &orphans {
            append.private.execute("DELETE FROM said WHERE report = ?1", [id]).map_err(failed)?;
        }
        append.private.commit().map_err(|e| file::failed(append.dir, e))?;
        Ok(orphans.len())
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        file::failed(&self.dir, error)
    }
}

/// A transaction that appends events; dropped without [`Append::commit`], it leaves nothing behind.
pub struct Append<'s> {
    dir: &'s Path,
    public: rusqlite::Transaction<'s>,
    private: rusqlite::Transaction<'s>,
    before: u64,
    seq: u64,
    checksum: Digest,
    wrote_private: bool,
}

impl Append<'_> {
    /// Position of the last event in the log before this transaction.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// The ids of the reports beyond a position.
    fn reports_after(&self, after: u64) -> Result<HashSet<String>> {
        let failed = |e| file::failed(self.dir, e);
        let mut select = self.public.prepare("SELECT seq, event FROM log WHERE seq > ?1").map_err(failed)?;
        let mut rows = select.query([after]).map_err(failed)?;
        let mut ids = HashSet::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let (seq, event): (u64, String) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
            if let Event::Report(report) = decode(seq, &event)? {
                ids.insert(report.id);
            }
        }
        Ok(ids)
    }

    /// What the log, with what was appended here, holds under a key.
    ///
    /// # Errors
    /// `Store` when the database cannot be read.
    pub fn recorded(&self, name: &str, content: &str) -> Result<Option<Recorded>> {
        let failed = |e| file::failed(self.dir, e);
        let mut select = self.public.prepare_cached("SELECT content, seq FROM keys WHERE name = ?1").map_err(failed)?;
        let key = select.query_row([digest(name)], |row| Ok((row.get::<_, Digest>(0)?, row.get::<_, u64>(1)?)));
        let Some((recorded, seq)) = key.optional().map_err(failed)? else { return Ok(None) };
        let mut select = self.public.prepare_cached("SELECT event FROM log WHERE seq = ?1").map_err(failed)?;
        let event: String = select.query_row([seq], |row| row.get(0)).map_err(failed)?;
        Ok(Some(Recorded { seq, same: recorded == digest(content), event: decode(seq, &event)? }))
    }

    /// Appends an event, with the key that makes a retry of it harmless; returns its position, or nothing where the key
    /// is taken: then nothing was appended, and [`Append::recorded`] tells by what.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn push(&mut self, event: &Event, key: Option<(&str, &str)>) -> Result<Option<u64>> {
        let failed = |e| file::failed(self.dir, e);
        let seq = self.seq + 1;
        if let Some((name, content)) = key {
            let sql = "INSERT INTO keys VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            let mut insert = self.public.prepare_cached(sql).map_err(failed)?;
            if insert.execute(params![digest(name), digest(content), seq]).map_err(failed)? == 0 {
                return Ok(None);
            }
        }
        let text =
            serde_json::to_string(event).map_err(|e| Error::Store(format!("an event cannot be written: {e}")))?;
        let checksum = link(&self.checksum, seq, &text);
        let mut insert = self.public.prepare_cached("INSERT INTO log VALUES (?1, ?2, ?3)").map_err(failed)?;
        insert.execute(params![seq, text, checksum]).map_err(failed)?;
        (self.seq, self.checksum) = (seq, checksum);
        Ok(Some(seq))
    }

    /// Keeps what a reporter said in his own words.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_private(&mut self, report: &str, said: &Said) -> Result<()> {
        if *said == Said::default() {
            return Ok(());
        }
        let failed = |e| file::failed(self.dir, e);
        // What a process that was stopped has left over gives way.
        let sql = "INSERT OR REPLACE INTO said VALUES (?1, ?2, ?3, ?4)";
        let mut insert = self.private.prepare_cached(sql).map_err(failed)?;
        insert.execute(params![report, said.text, said.place, said.source_id]).map_err(failed)?;
        self.wrote_private = true;
        Ok(())
    }

    /// Makes everything durable: on return it is on disk.
    ///
    /// # Errors
    /// `Store` when it cannot be; then nothing was appended.
    pub fn commit(self) -> Result<()> {
        let Append { dir, public, private, wrote_private, .. } = self;
        if wrote_private {
            private.commit().map_err(|e| file::failed(dir, e))?;
        }
        public.commit().map_err(|e| file::failed(dir, e))
    }
}

fn digest(text: &str) -> Digest {
    first_half(blake3::hash(text.as_bytes()))
}

/// The checksum of an entry covers those before it: none can be dropped, changed or moved unseen.
fn link(before: &Digest, seq: u64, event: &str) -> Digest {
    let mut hash = blake3::Hasher::new();
    hash.update(before).update(&seq.to_le_bytes()).update(event.as_bytes());
    first_half(hash.finalize())
}

fn first_half(hash: blake3::Hash) -> Digest {
    let (half, _) = hash.as_bytes().split_first_chunk().expect("a hash has 32 bytes");
    *half
}

fn decode(seq: u64, event: &str) -> Result<Event> {
    serde_json::from_str(event).map_err(|e| damaged(seq, &format!("cannot be read: {e}")))
}

fn damaged(seq: u64, what: &str) -> Error {
    Error::Store(format!("log entry {seq} {what}"))
}
