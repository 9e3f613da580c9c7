//! The inbox, in the private file: what was sent and is no report yet, until somebody has looked at it. An entry has the id
//! that its report will have, so that its sender's link stays the same. A connection of its own, beside the writer's.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::accounts::open_private;
use super::{PRIVATE_FILE, file, photos};
use crate::error::{Error, Result};

/// In the private file; made where it is missing, for a file of an earlier program has none. `key` makes a retry harmless,
/// `content` tells whether it is one. `ended`, in unix seconds, is empty while the entry waits. `inbox_made`: the reports that
/// matters of an entry are, by their numbers from 0, also while others of it wait.
pub(super) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY, received INTEGER NOT NULL, kind TEXT NOT NULL,
        held INTEGER NOT NULL, body TEXT NOT NULL, key TEXT UNIQUE, content TEXT NOT NULL, person INTEGER, sender TEXT,
        ended INTEGER, report TEXT, reason TEXT) STRICT;
    CREATE INDEX IF NOT EXISTS inbox_waiting ON inbox (held, received, id) WHERE ended IS NULL;
    CREATE TABLE IF NOT EXISTS inbox_made (entry TEXT NOT NULL, matter INTEGER NOT NULL, report TEXT NOT NULL,
        PRIMARY KEY (entry, matter)) STRICT, WITHOUT ROWID;";
const COLUMNS: &str = "id, received, kind, held, body, key, person, sender, ended, report, reason,
    (SELECT json_group_object(CAST(matter AS TEXT), inbox_made.report) FROM inbox_made WHERE entry = inbox.id) AS made";

/// Entries that wait at most: beyond, senders are told to come back.
const MOST_WAITING: usize = 100_000;
/// What was dismissed is forgotten after so long.
const DISMISSED_KEPT_S: i64 = 90 * 86_400;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words, of which a report has to be made.
    Message,
    /// A whole report of somebody who sends very many.
    Report,
}

/// The reports that matters of an entry are, by their numbers from 0.
pub type MadeOf = BTreeMap<usize, String>;

/// Something that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxEntry {
    /// The id of the report that is made of it.
    pub id: String,
    /// Unix seconds.
    pub received: i64,
    pub kind: Kind,
    /// Its sender sends too much: he is looked at before what he says counts.
    pub held: bool,
    /// What was sent, as JSON.
    pub body: String,
    /// Makes a retry harmless.
    pub key: Option<String>,
    /// Who sent it, as the log has him.
    pub person: Option<NonZeroU64>,
    /// Stands for the phone or address that it came from: what has the same came from the same.
    pub sender: Option<String>,
    /// Of several matters some may be reports while others wait.
    pub made: MadeOf,
    pub ended: Option<Ended>,
}

impl InboxEntry {
    /// The report that its sender's link leads to, once there is one.
    pub fn report(&self) -> Option<&str> {
        match &self.ended {
            Some(Ended::Report(report)) => Some(report),
            Some(Ended::Dismissed(_)) => None,
            None => self.made.values().next().map(String::as_str),
        }
    }
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is this report.
    Report(String),
    /// It is none, for this reason.
    Dismissed(String),
}

/// How many entries wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub open: usize,
    /// Of senders who send too much.
    pub held: usize,
}

/// The inbox of one database.
pub struct Inbox {
    path: PathBuf,
    file: Connection,
}

impl Inbox {
    /// Opens that of the database in a folder.
    ///
    /// # Errors
    /// `NotFound` where there is no database; `Store` when it cannot be opened.
    pub fn open(dir: &Path) -> Result<Inbox> {
        let path = dir.join(PRIVATE_FILE);
        if !path.is_file() {
            return Err(Error::NotFound { what: "private file in folder", id: dir.display().to_string() });
        }
        Ok(Inbox { file: open_private(dir)?, path })
    }

    /// Keeps an entry, durably, with the photos that it shows; a retry gets the entry that is kept. `content`: what a retry
    /// repeats. `now` in unix seconds.
    ///
    /// # Errors
    /// `Conflict` where its key was used for something else; `Busy` where too much waits or the disk is full; `Store` when it
    /// cannot be written.
    pub fn put(&mut self, entry: InboxEntry, content: &str, shown: &[String], now: i64) -> Result<InboxEntry> {
        let InboxEntry { id, received, kind, held, body, key, person, sender, .. } = &entry;
        let put = self.write(|file| {
            if let Some(key) = key {
                let same = "SELECT content FROM inbox WHERE key = ?1";
                let known: Option<String> = file.query_row(same, [key], |row| row.get(0)).optional()?;
                if let Some(known) = known {
                    return Ok(if known == content { Put::Known } else { Put::Conflict });
                }
            }
            if waiting(file)?.all() >= MOST_WAITING {
                return Ok(Put::Full);
            }
            let old = "DELETE FROM inbox WHERE report IS NULL AND ended < ?1";
            file.execute(old, [now - DISMISSED_KEPT_S])?;
            let insert = "INSERT INTO inbox (id, received, kind, held, body, key, content, person, sender)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let person = person.map(NonZeroU64::get);
            file.execute(insert, params![id, received, kind.name(), held, body, key, content, person, sender])?;
            photos::put(file, id, shown, None)?;
            Ok(Put::Fresh)
        })?;
        match (put, key) {
            (Put::Known, Some(key)) => self.of_key(key)?.ok_or_else(|| Error::Store("an entry is gone".into())),
            (Put::Conflict, _) => Err(Error::Conflict("the same key was used before for something else".into())),
            (Put::Full, _) => Err(Error::Busy("too much waits for somebody to look at it: try again later".into())),
            (Put::Fresh | Put::Known, _) => Ok(entry),
        }
    }

    /// The entry with an id.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn get(&self, id: &str) -> Result<Option<InboxEntry>> {
        self.one("id", id)
    }

    fn of_key(&self, key: &str) -> Result<Option<InboxEntry>> {
        self.one("key", key)
    }

    fn one(&self, column: &str, value: &str) -> Result<Option<InboxEntry>> {
        let sql = format!("SELECT {COLUMNS} FROM inbox WHERE {column} = ?1");
        let mut select = self.file.prepare_cached(&sql).map_err(|e| self.failed(e))?;
        select.query_row([value], entry).optional().map_err(|e| self.failed(e))
    }

    /// The entries that wait, the oldest first: `held` ones or the others, after one of them (its time and id), at most
    /// `limit`.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn waiting(&self, held: bool, after: Option<(i64, &str)>, limit: usize) -> Result<Vec<InboxEntry>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM inbox WHERE ended IS NULL AND held = ?1 AND (received, id) > (?2, ?3)
             ORDER BY received, id LIMIT ?4"
        );
        let (received, id) = after.unwrap_or((i64::MIN, ""));
        let mut select = self.file.prepare_cached(&sql).map_err(|e| self.failed(e))?;
        let rows = select.query_map(params![held, received, id, limit], entry).map_err(|e| self.failed(e))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|e| self.failed(e))
    }

    /// How many entries wait.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn count(&self) -> Result<Waiting> {
        waiting(&self.file).map_err(|e| self.failed(e))
    }

    /// Ends an entry that waits; false where it does not any more. `now` in unix seconds.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn end(&mut self, id: &str, ended: &Ended, now: i64) -> Result<bool> {
        self.write(|file| end(file, id, ended, now))
    }

    /// Notes the reports that matters of an entry are; where all are, it ends. False where it waits no more. `now` in unix
    /// seconds.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn note_made(&mut self, id: &str, made: &MadeOf, all: bool, now: i64) -> Result<bool> {
        self.write(|file| {
            let insert = "INSERT INTO inbox_made SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM inbox WHERE id = ?1
                AND ended IS NULL) ON CONFLICT DO NOTHING";
            let mut noted = false;
            for (matter, report) in made {
                noted |= file.execute(insert, params![id, matter, report])? > 0;
            }
            let first = "SELECT report FROM inbox_made WHERE entry = ?1 ORDER BY matter LIMIT 1";
            let first = || file.query_row(first, [id], |row| row.get(0)).optional();
            match all.then(first).transpose()?.flatten() {
                Some(first) => end(file, id, &Ended::Report(first), now),
                None => Ok(noted),
            }
        })
    }

    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        file::write(&self.path, &mut self.file, work)
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        file::failed(&self.path, error)
    }
}

/// What came of keeping an entry.
enum Put {
    Fresh,
    Known,
    Conflict,
    Full,
}

impl Waiting {
    pub fn all(self) -> usize {
        self.open + self.held
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Message => "message",
            Kind::Report => "report",
        }
    }
}

fn end(file: &Connection, id: &str, ended: &Ended, now: i64) -> rusqlite::Result<bool> {
    let (report, reason) = match ended {
        Ended::Report(report) => (Some(report), None),
        Ended::Dismissed(reason) => (None, Some(reason)),
    };
    let sql = "UPDATE inbox SET ended = ?2, report = ?3, reason = ?4 WHERE id = ?1 AND ended IS NULL";
    let changed = file.execute(sql, params![id, now, report, reason])? > 0;
    if changed && report.is_none_or(|report| report != id) {
        // What it showed is shown by nothing, or by the report that it became part of.
        photos::forget_report(file, id)?;
    }
    if changed && report.is_none() {
        photos::drop_unshown(file)?;
    }
    Ok(changed)
}

fn waiting(file: &Connection) -> rusqlite::Result<Waiting> {
    let sql = "SELECT count(*) - coalesce(sum(held), 0), coalesce(sum(held), 0) FROM inbox WHERE ended IS NULL";
    file.prepare_cached(sql)?.query_row([], |row| Ok(Waiting { open: row.get(0)?, held: row.get(1)? }))
}

fn entry(row: &Row) -> rusqlite::Result<InboxEntry> {
    let kind: String = row.get("kind")?;
    let kind = match kind.as_str() {
        "message" => Kind::Message,
        "report" => Kind::Report,
        _ => return Err(rusqlite::Error::InvalidColumnType(2, kind, Type::Text)),
    };
    let ended: Option<i64> = row.get("ended")?;
    let (report, reason): (Option<String>, Option<String>) = (row.get("report")?, row.get("reason")?);
    let made: String = row.get("made")?;
    let made =
        serde_json::from_str(&made).map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, e.into()))?;
    let end = || report.map_or_else(|| Ended::Dismissed(reason.unwrap_or_default()), Ended::Report);
    Ok(InboxEntry {
        id: row.get("id")?,
        received: row.get("received")?,
        kind,
        held: row.get("held")?,
        body: row.get("body")?,
        key: row.get("key")?,
        person: row.get::<_, Option<u64>>("person")?.and_then(NonZeroU64::new),
        sender: row.get("sender")?,
        made,
        ended: ended.map(|_| end()),
    })
}

/// Forgets what a person sent, and what it showed; returns how many entries that were.
pub(super) fn forget_person(private: &Connection, person: NonZeroU64) -> rusqlite::Result<usize> {
    let ids: Vec<String> = {
        let mut select = private.prepare("SELECT id FROM inbox WHERE person = ?1")?;
        select.query_map([person.get()], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
    };
    for id in &ids {
        photos::forget_report(private, id)?;
    }
    let forgotten = private.execute("DELETE FROM inbox WHERE person = ?1", [person.get()])?;
    private.execute("DELETE FROM inbox_made WHERE entry NOT IN (SELECT id FROM inbox)", [])?;
    Ok(forgotten)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn entry(id: &str, held: bool, key: Option<&str>) -> InboxEntry {
        InboxEntry {
            id: id.into(),
            received: 100,
            kind: Kind::Message,
            held,
            body: "{}".into(),
            key: key.map(str::to_owned),
            person: NonZeroU64::new(7),
            sender: None,
            made: MadeOf::new(),
            ended: None,
        }
    }

    #[test]
    fn an_entry_waits_until_it_is_ended_once_and_a_retry_finds_the_first() {
        let dir = tempfile::tempdir().unwrap();
        drop(Store::open(dir.path()).unwrap());
        let mut inbox = Inbox::open(dir.path()).unwrap();
        for (id, held) in [("b", false), ("a", false), ("c", true)] {
            inbox.put(entry(id, held, Some(&format!("key {id}"))), "same", &[], 100).unwrap();
        }
        assert_eq!(inbox.put(entry("d", false, Some("key a")), "same", &[], 101).unwrap().id, "a");
        let other = inbox.put(entry("d", false, Some("key a")), "other", &[], 101);
        assert!(matches!(other, Err(Error::Conflict(_))), "{other:?}");
        let ids = |rows: Vec<InboxEntry>| rows.into_iter().map(|entry| entry.id).collect::<Vec<_>>();
        assert_eq!(ids(inbox.waiting(false, None, 10).unwrap()), ["a", "b"]);
        assert_eq!(ids(inbox.waiting(false, Some((100, "a")), 10).unwrap()), ["b"]);
        assert_eq!(inbox.count().unwrap(), Waiting { open: 2, held: 1 });
        let dismissed = Ended::Dismissed("abuse".into());
        assert!(inbox.end("a", &dismissed, 200).unwrap() && !inbox.end("a", &dismissed, 201).unwrap());
        assert_eq!(inbox.get("a").unwrap().unwrap().ended, Some(dismissed));
        assert!(inbox.end("b", &Ended::Report("b".into()), 200).unwrap());
        inbox.put(entry("e", false, None), "", &[], 201 + DISMISSED_KEPT_S).unwrap();
        assert_eq!(inbox.get("a").unwrap(), None, "what was dismissed is not kept for ever");
        assert!(inbox.get("b").unwrap().is_some(), "its sender's link leads to the report");
    }

    #[test]
    fn an_entry_of_several_matters_ends_when_all_of_them_are_reports() {
        let dir = tempfile::tempdir().unwrap();
        drop(Store::open(dir.path()).unwrap());
        let mut inbox = Inbox::open(dir.path()).unwrap();
        inbox.put(entry("a", false, None), "", &[], 100).unwrap();
        let made = |n: usize, report: &str| MadeOf::from([(n, report.to_owned())]);
        assert!(inbox.note_made("a", &made(11, "x"), false, 200).unwrap());
        assert!(!inbox.note_made("a", &made(11, "y"), false, 200).unwrap(), "it is one already");
        let waits = inbox.get("a").unwrap().unwrap();
        assert_eq!((waits.report(), &waits.ended, &waits.made), (Some("x"), &None, &made(11, "x")));
        assert!(inbox.note_made("a", &made(2, "a"), true, 201).unwrap());
        let done = inbox.get("a").unwrap().unwrap();
        assert_eq!((done.report(), done.made.len()), (Some("a"), 2));
        assert!(!inbox.note_made("a", &made(3, "z"), true, 202).unwrap(), "it waits no more");
        let person = NonZeroU64::new(7).unwrap();
        assert_eq!(forget_person(&inbox.file, person).unwrap(), 1);
        let left: u64 = inbox.file.query_row("SELECT count(*) FROM inbox_made", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0);
    }
}
