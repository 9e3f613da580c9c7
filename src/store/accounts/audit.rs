//! The audit log: who did what to accounts and with rights, when, and from where. Never a password, never a token.

use rusqlite::{Connection, params};

use super::Accounts;
use crate::error::Result;

/// Entries are kept for a year: they name people.
const KEPT_S: i64 = 366 * 86_400;

/// What is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note<'n> {
    /// Unix seconds.
    pub at: i64,
    /// The id of the account that did it; nothing for whoever is not known, or sits at the machine.
    pub account: Option<&'n str>,
    /// What was done: one word.
    pub what: &'n str,
    /// To what: a login, an incident, a key.
    pub about: Option<&'n str>,
    /// Where the request came from.
    pub address: Option<&'n str>,
}

/// What was noted; the account by its login, where there still is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Unix seconds.
    pub at: i64,
    pub login: Option<String>,
    pub what: String,
    pub about: Option<String>,
    pub address: Option<String>,
}

impl Accounts {
    /// Notes something by itself.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn audit(&mut self, note: &Note) -> Result<()> {
        self.write(|file| write(file, note).map(Ok))
    }

    /// The newest entries, at most `most`, the oldest of them first; `of`: those of one account, or about its login.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn audited(&self, of: Option<(&str, &str)>, most: usize) -> Result<Vec<Audited>> {
        let (account, login) = of.unzip();
        let sql = "SELECT at, (SELECT login FROM accounts WHERE id = audit.account), what, about, address FROM audit
                   WHERE ?1 IS NULL OR account = ?1 OR about = ?2 ORDER BY id DESC LIMIT ?3";
        let mut select = self.file.prepare(sql).map_err(|e| self.failed(e))?;
        let rows = select.query_map(params![account, login, most], |row| {
            Ok(Audited {
                at: row.get(0)?,
                login: row.get(1)?,
                what: row.get(2)?,
                about: row.get(3)?,
                address: row.get(4)?,
            })
        });
        let rows: rusqlite::Result<Vec<_>> = rows.and_then(Iterator::collect);
        rows.map(|rows| rows.into_iter().rev().collect()).map_err(|e| self.failed(e))
    }
}

/// Notes something in a transaction, and forgets what is too old.
pub(super) fn write(file: &Connection, note: &Note) -> rusqlite::Result<()> {
    let Note { at, account, what, about, address } = note;
    let mut insert =
        file.prepare_cached("INSERT INTO audit (at, account, what, about, address) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    insert.execute(params![at, account, what, about, address])?;
    // By the order in which they came, so that one look at the oldest suffices.
    let mut forget = file.prepare_cached("DELETE FROM audit WHERE id = (SELECT min(id) FROM audit) AND at < ?1")?;
    while forget.execute([at - KEPT_S])? > 0 {}
    Ok(())
}
