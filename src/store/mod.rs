//! The log on disk: SQLite, one writer, checksums in a chain. SQL stays inside this room.
//!
//! Two files: `waterlog.db` holds the log and may be published; `private.db` holds what people wrote, their
//! photos, and their accounts.
//! Commits are not atomic across the two, so the private one is committed first; [`Store::orphans`] finds what was left
//! over. Whoever may do what is read and written by [`Accounts`], beside the writer.

mod accounts;
mod append;
mod arrivals;
mod backup;
mod checkpoint;
mod devices;
mod disk;
mod erase;
mod file;
mod inbox;
mod links;
mod outbox;
mod photos;
mod seal;
mod senders;
mod shown;
mod verify;
mod words;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, params};
use tracing::warn;

pub use accounts::{Account, Accounts, ApiKey, Audited, Note, Session};
pub use append::Append;
pub use backup::{Copied, backup, restore};
pub use checkpoint::{CHECKPOINT_FILE, Checkpoint};
pub use disk::{Disk, Wal};
pub use erase::Erased;
pub use file::is_locked;
pub use inbox::{Ended, Inbox, InboxEntry, Kind, MadeOf, Waiting};
pub use links::Links;
pub use outbox::{OutboxSize, Outgoing, SendState};
pub use photos::{Photos, Size};
pub use seal::{Sealed, Sealer};
pub use shown::{PhotoUse, StepPhotos};
pub use words::{Kept, Words};

use crate::error::{Error, Result};
use crate::hazard::event::Event;

pub const PUBLIC_FILE: &str = "waterlog.db";
pub const PRIVATE_FILE: &str = "private.db";

/// `head` says where the log ends and how many keys there are: a cut at the end shows.
const PUBLIC_TABLES: &str = "
    CREATE TABLE log (seq INTEGER PRIMARY KEY, event TEXT NOT NULL, checksum BLOB NOT NULL) STRICT;
    CREATE TABLE head (seq INTEGER NOT NULL, checksum BLOB NOT NULL, keys INTEGER NOT NULL) STRICT;
    INSERT INTO head VALUES (0, zeroblob(16), 0);
    CREATE TABLE keys (name BLOB PRIMARY KEY, content BLOB NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;";
/// `said` holds what was said with a report, and with steps of the workflow: `report` is the id of either.
/// The secret seals the keys in the public file: whoever has only that cannot guess what was sent.
const PRIVATE_TABLES: &str = "
    CREATE TABLE said (report TEXT PRIMARY KEY, text TEXT, place TEXT, source_id TEXT) STRICT;
    CREATE TABLE secret (secret BLOB NOT NULL) STRICT;
    INSERT INTO secret VALUES (randomblob(32));";

/// Pages of 4 KiB in the write-ahead log before they are written back in an import, whose transactions change many at once:
/// with twice as many a million reports took a quarter longer.
const PAGES_OF_MUCH: i64 = 20_000;

/// 16 bytes of BLAKE3.
pub type Digest = [u8; 16];
/// What is kept of a token that somebody proves himself with.
pub type TokenHash = [u8; 32];

/// What somebody said in his own words; the columns of the private file.
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
    sealer: Sealer,
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
        let had = |name| dir.join(name).is_file();
        if had(PUBLIC_FILE) && !had(PRIVATE_FILE) {
            warn!(
                "{PRIVATE_FILE} is missing beside {PUBLIC_FILE}: what people wrote is not here, retries are not known"
            );
        }
        let private = accounts::open_private(dir)?;
        let public = file::open(&dir.join(PUBLIC_FILE), PUBLIC_TABLES)?;
        let secret = private.query_row("SELECT secret FROM secret", [], |row| row.get(0));
        let secret = secret.map_err(|e| file::failed(&dir.join(PRIVATE_FILE), e))?;
        Ok(Store { dir: dir.to_owned(), public, private, sealer: Sealer::new(secret) })
    }

    /// Opens a database that must be there already, both its files.
    ///
    /// # Errors
    /// `NotFound`, or as [`Store::open`].
    pub fn open_existing(dir: &Path) -> Result<Store> {
        for (name, what) in [(PUBLIC_FILE, "database in folder"), (PRIVATE_FILE, "private file in folder")] {
            if !dir.join(name).is_file() {
                return Err(Error::NotFound { what, id: dir.display().to_string() });
            }
        }
        Store::open(dir)
    }

    /// Hands out the events after position `after`, at most `limit`, in order; returns how many.
    ///
    /// # Errors
    /// `Store` when the log has a gap, an entry cannot be read, or `each` fails.
    pub fn read(&self, after: u64, limit: usize, mut each: impl FnMut(u64, Event) -> Result<()>) -> Result<usize> {
        // One snapshot: where the log ends, and what is there.
        let snapshot = self.public.unchecked_transaction().map_err(|e| self.failed(e))?;
        let last = self.last()?;
        let sql = "SELECT seq, event FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let mut select = snapshot.prepare_cached(sql).map_err(|e| self.failed(e))?;
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
        if count < limit && after + (count as u64) < last {
            return Err(damaged(after + count as u64 + 1, "is missing"));
        }
        Ok(count)
    }

    /// Keeps more pages in memory, and writes back as suits large transactions: for an import.
    ///
    /// # Errors
    /// `Store` when the database refuses.
    pub fn expect_much(&self) -> Result<()> {
        let much = [&self.public, &self.private].into_iter().try_for_each(file::expect_much);
        let back = || self.public.pragma_update(None, "wal_autocheckpoint", PAGES_OF_MUCH);
        much.and_then(|()| back()).map_err(|e| self.failed(e))
    }

    /// Writes back from the write-ahead logs what nobody is reading, while there is nothing else to do.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn write_back(&self) -> Result<()> {
        let back = |file: &Connection| file.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        [&self.public, &self.private].into_iter().try_for_each(back).map_err(|e| self.failed(e))
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

    /// Stands for this log among all that there are, and for what it was put back from a backup: eight hexadecimal digits.
    ///
    /// # Errors
    /// `Store` when it cannot be read, or written where there was none.
    pub fn identity(&mut self) -> Result<String> {
        let insert = "INSERT INTO meta VALUES ('identity', lower(hex(randomblob(4)))) ON CONFLICT DO NOTHING";
        let select = "SELECT value FROM meta WHERE name = 'identity'";
        let known = |file: &Connection| file.query_row(select, [], |row| row.get(0)).optional();
        let made = || {
            self.public.execute(insert, [])?;
            known(&self.public)
        };
        let identity = known(&self.public).and_then(|known| known.map_or_else(made, |known| Ok(Some(known))));
        identity.map_err(|e| self.failed(e))?.ok_or_else(|| Error::Store("the log has no identity".into()))
    }

    /// What was said with a report, by its id, or with a step of the workflow, by its note's.
    ///
    /// # Errors
    /// `Store` when the database cannot be read.
    pub fn said(&self, id: &str) -> Result<Option<Said>> {
        let sql = "SELECT text, place, source_id FROM said WHERE report = ?1";
        let mut select = self.private.prepare_cached(sql).map_err(|e| self.failed(e))?;
        select.query_row([id], said).optional().map_err(|e| self.failed(e))
    }

    /// What was said under each of these ids, where something was: as [`Store::said`], in one query for all.
    ///
    /// # Errors
    /// `Store` when the database cannot be read.
    pub fn all_said(&self, ids: &[String]) -> Result<HashMap<String, Said>> {
        let sql = "SELECT text, place, source_id, report FROM said WHERE report IN (SELECT value FROM json_each(?1))";
        let mut select = self.private.prepare_cached(sql).map_err(|e| self.failed(e))?;
        let rows = select.query_map([list(ids)], |row| Ok((row.get(3)?, said(row)?))).map_err(|e| self.failed(e))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|e| self.failed(e))
    }

    /// Position of the last entry of the log; 0 where it is empty.
    ///
    /// # Errors
    /// `Store` when the database cannot be read.
    pub fn last(&self) -> Result<u64> {
        let last =
            self.public.prepare_cached("SELECT seq FROM head").and_then(|mut s| s.query_row([], |row| row.get(0)));
        last.map_err(|e| self.failed(e))
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        file::failed(&self.dir, error)
    }
}

/// The checksum of an entry covers those before it: none can be dropped, changed or moved unseen.
fn link(before: &Digest, seq: u64, event: &str) -> Digest {
    let mut hash = blake3::Hasher::new();
    hash.update(before).update(&seq.to_le_bytes()).update(event.as_bytes());
    first_half(hash.finalize())
}

/// What was said, from the first columns of a row.
fn said(row: &Row) -> rusqlite::Result<Said> {
    Ok(Said { text: row.get(0)?, place: row.get(1)?, source_id: row.get(2)? })
}

/// Ids as one parameter of a query, for `json_each`.
fn list(ids: &[String]) -> String {
    serde_json::Value::from(ids).to_string()
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
