//! Links to follow a report that were revoked, each by its report: the token itself is nowhere kept.

use std::collections::HashSet;

use rusqlite::params;

use super::super::list;
use super::Accounts;
use super::audit::{self, Note};
use crate::error::Result;

/// In the private file; made where it is missing, for a file of an earlier program has none.
pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS revoked_links (report TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

impl Accounts {
    /// Revokes the link of a report, once and for all.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn revoke_link(&mut self, report: &str, note: &Note) -> Result<()> {
        self.write(|file| {
            let sql = "INSERT INTO revoked_links (report, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            if file.prepare_cached(sql)?.execute(params![report, note.at])? > 0 {
                audit::write(file, note)?;
            }
            Ok(Ok(()))
        })
    }

    /// Those of these reports whose links were revoked.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn revoked_links(&self, reports: &[String]) -> Result<HashSet<String>> {
        let sql = "SELECT report FROM revoked_links WHERE report IN (SELECT value FROM json_each(?1))";
        let mut select = self.file.prepare_cached(sql).map_err(|e| self.failed(e))?;
        let rows = select.query_map([list(reports)], |row| row.get(0)).map_err(|e| self.failed(e))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|e| self.failed(e))
    }
}
