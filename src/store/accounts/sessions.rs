//! Sessions: who has logged in, and until when that holds.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Account, Accounts, COLUMNS, Note, account, audit, by_login, no_account};
use crate::error::Result;
use crate::store::TokenHash;

/// Sessions that one account may have; the oldest ends when one more begins.
const MOST_SESSIONS: i64 = 20;

/// One login that still holds. Times in unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub created: i64,
    pub last_seen: i64,
    pub expires: i64,
}

impl Accounts {
    /// Begins a session under the hash of its token, and drops those that have ended.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn begin_session(&mut self, token: &TokenHash, account: &str, session: Session, note: &Note) -> Result<()> {
        self.write(|file| {
            file.execute("DELETE FROM sessions WHERE expires <= ?1", [session.created])?;
            file.execute(
                "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?5)",
                params![token, account, session.created, session.last_seen, session.expires],
            )?;
            file.execute(
                "DELETE FROM sessions WHERE account = ?1 AND hash NOT IN
                 (SELECT hash FROM sessions WHERE account = ?1 ORDER BY last_seen DESC, rowid DESC LIMIT ?2)",
                params![account, MOST_SESSIONS],
            )?;
            audit::write(file, note).map(Ok)
        })
    }

    /// The session of a token, and whose it is; nothing for one that has ended, or whose account is disabled.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn session(&self, token: &TokenHash, now: i64) -> Result<Option<(Account, Session)>> {
        let columns: Vec<_> = COLUMNS.split(", ").map(|column| format!("a.{column}")).collect();
        let sql = format!(
            "SELECT {}, s.created AS began, s.last_seen, s.expires FROM sessions s JOIN accounts a ON a.id = s.account
             WHERE s.hash = ?1 AND s.expires > ?2 AND NOT a.disabled",
            columns.join(", ")
        );
        let mut select = self.file.prepare_cached(&sql).map_err(|e| self.failed(e))?;
        let found = select.query_row(params![token, now], |row| {
            let session =
                Session { created: row.get("began")?, last_seen: row.get("last_seen")?, expires: row.get("expires")? };
            Ok((account(row)?, session))
        });
        found.optional().map_err(|e| self.failed(e))
    }

    /// Notes that a session was used, and until when it holds now.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn prolong_session(&self, token: &TokenHash, last_seen: i64, expires: i64) -> Result<()> {
        let sql = "UPDATE sessions SET last_seen = ?2, expires = ?3 WHERE hash = ?1";
        self.file.execute(sql, params![token, last_seen, expires]).map(drop).map_err(|e| self.failed(e))
    }

    /// Ends one session.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn end_session(&mut self, token: &TokenHash, note: &Note) -> Result<()> {
        self.write(|file| {
            if file.execute("DELETE FROM sessions WHERE hash = ?1", [token])? > 0 {
                audit::write(file, note)?;
            }
            Ok(Ok(()))
        })
    }

    /// Ends every session of a login; returns how many.
    ///
    /// # Errors
    /// `NotFound`; `Store` when it cannot be written.
    pub fn end_sessions(&mut self, login: &str, note: &Note) -> Result<usize> {
        self.write(|file| {
            let Some(account) = by_login(file, login)? else { return Ok(Err(no_account(login))) };
            let ended = end_all(file, &account.id)?;
            audit::write(file, note)?;
            Ok(Ok(ended))
        })
    }

    /// The sessions of an account, the newest first.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn sessions_of(&self, account: &str) -> Result<Vec<Session>> {
        let sql = "SELECT created, last_seen, expires FROM sessions WHERE account = ?1 ORDER BY created DESC";
        let mut select = self.file.prepare(sql).map_err(|e| self.failed(e))?;
        let rows = select.query_map([account], |row| {
            Ok(Session { created: row.get(0)?, last_seen: row.get(1)?, expires: row.get(2)? })
        });
        rows.and_then(Iterator::collect).map_err(|e| self.failed(e))
    }
}

pub(super) fn end_all(file: &Connection, account: &str) -> rusqlite::Result<usize> {
    file.execute("DELETE FROM sessions WHERE account = ?1", [account])
}
