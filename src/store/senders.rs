//! What whoever sent a report through another program says of himself, in the private file: how he is reached, and links to
//! what he shows. As JSON, by the report's id.

use std::collections::HashMap;

use rusqlite::Connection;

use super::words::Words;
use super::{Store, file, list};
use crate::error::Result;

/// Made where it is missing, for a file of an earlier program has none.
pub(super) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS senders (report TEXT PRIMARY KEY, sender TEXT NOT NULL) STRICT, WITHOUT ROWID;";

impl Words<'_> {
    /// Keeps what the sender of a report says of himself, as JSON.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_sender(&mut self, report: &str, sender: Option<&str>) -> Result<()> {
        let Some(sender) = sender else { return Ok(()) };
        self.wrote = true;
        let put =
            || self.private.prepare_cached("INSERT OR REPLACE INTO senders VALUES (?1, ?2)")?.execute([report, sender]);
        put().map(drop).map_err(|e| file::failed(self.dir, e))
    }
}

impl Store {
    /// What the senders of these reports say of themselves, as JSON, where they do.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn senders(&self, reports: &[String]) -> Result<HashMap<String, String>> {
        let found = || -> rusqlite::Result<HashMap<_, _>> {
            let sql = "SELECT report, sender FROM senders WHERE report IN (SELECT value FROM json_each(?1))";
            let mut select = self.private.prepare_cached(sql)?;
            select.query_map([list(reports)], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        found().map_err(|e| self.failed(e))
    }

    /// The reports whose senders are reached so: by an e-mail address, in capitals or not, or a telephone number.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn reports_from(&self, contact: &str) -> Result<Vec<String>> {
        reports_from(&self.private, contact).map_err(|e| self.failed(e))
    }
}

pub(super) fn reports_from(private: &Connection, contact: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT report FROM senders WHERE sender ->> 'email' = ?1 COLLATE NOCASE OR sender ->> 'phone' = ?1
        ORDER BY report";
    private.prepare(sql)?.query_map([contact], |row| row.get(0))?.collect()
}

pub(super) fn forget(private: &Connection, report: &str) -> rusqlite::Result<()> {
    private.prepare_cached("DELETE FROM senders WHERE report = ?1")?.execute([report]).map(drop)
}
