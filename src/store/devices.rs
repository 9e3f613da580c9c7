//! Which phone has sent a report within the last minutes, in the private file: so that what it says further is known as such
//! after a restart too. A phone is a keyed hash of its number, and forgotten after these minutes.

use rusqlite::{Connection, params};

use super::words::Words;
use super::{Store, file};
use crate::error::Result;

/// Made where it is missing, for a file of an earlier program has none. `at`: when the report was received, in unix seconds.
pub(super) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS devices (report TEXT PRIMARY KEY, device TEXT NOT NULL, at INTEGER NOT NULL)
        STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS devices_by_device ON devices (device);
    CREATE INDEX IF NOT EXISTS devices_by_time ON devices (at);";

/// Whoever says more does so within these.
const KEPT_S: i64 = 600;

impl Words<'_> {
    /// Keeps which phone a report came from, where it came from one, and forgets those of before, once in a transaction; `now`
    /// in unix seconds.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_device(&mut self, report: &str, device: Option<&str>, now: i64) -> Result<()> {
        let put = || {
            let mut written = 0;
            if !self.swept_devices {
                // A clock that was set back leaves none behind either.
                let old = "DELETE FROM devices WHERE at < ?1 OR at > ?2";
                written += self.private.prepare_cached(old)?.execute([now - KEPT_S, now + KEPT_S])?;
            }
            if let Some(device) = device {
                let insert = "INSERT OR REPLACE INTO devices VALUES (?1, ?2, ?3)";
                written += self.private.prepare_cached(insert)?.execute(params![report, device, now])?;
            }
            Ok(written > 0)
        };
        self.wrote |= put().map_err(|e| file::failed(self.dir, e))?;
        self.swept_devices = true;
        Ok(())
    }
}

impl Store {
    /// The reports that a phone has sent within the last minutes, the newest first; `now` in unix seconds.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn reports_of_device(&self, device: &str, now: i64) -> Result<Vec<String>> {
        let found = || -> rusqlite::Result<Vec<_>> {
            let sql = "SELECT report FROM devices WHERE device = ?1 AND at BETWEEN ?2 AND ?3 ORDER BY at DESC, report";
            let mut select = self.private.prepare_cached(sql)?;
            select.query_map(params![device, now - KEPT_S, now + KEPT_S], |row| row.get(0))?.collect()
        };
        found().map_err(|e| self.failed(e))
    }
}

pub(super) fn forget(private: &Connection, report: &str) -> rusqlite::Result<()> {
    private.prepare_cached("DELETE FROM devices WHERE report = ?1")?.execute([report]).map(drop)
}
