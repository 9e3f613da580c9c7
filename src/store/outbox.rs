//! Who is still to be told of what: one row for each report and each step on its case. Whatever sends the message, mail or
//! another, takes it from here.

use rusqlite::{Connection, params};

use super::{Store, file};
use crate::error::Result;

/// In the private file; made where it is missing, for a file of an earlier program has none.
pub(super) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS outbox (
        seq INTEGER NOT NULL,
        report TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent')),
        PRIMARY KEY (seq, report)
    ) STRICT, WITHOUT ROWID;";

/// A message that waits, or has gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outgoing {
    /// Position of the step in the log.
    pub seq: u64,
    /// The report whose reporter it is for.
    pub report: String,
    pub state: SendState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SendState {
    Pending,
    Sent,
}

/// The same report and step again is the same message.
pub(super) fn put(private: &Connection, seq: u64, report: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO outbox (seq, report) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    private.prepare_cached(sql)?.execute(params![seq, report]).map(drop)
}

/// Drops what is of steps after a position; returns how many there were.
pub(super) fn drop_after(private: &Connection, seq: u64) -> rusqlite::Result<usize> {
    private.prepare_cached("DELETE FROM outbox WHERE seq > ?1")?.execute([seq])
}

impl Store {
    /// The messages in order of their steps.
    ///
    /// # Errors
    /// `Store` when the private file cannot be read.
    pub fn outbox(&self) -> Result<Vec<Outgoing>> {
        let failed = |e| file::failed(&self.dir, e);
        let sql = "SELECT seq, report, state FROM outbox ORDER BY seq, report";
        let mut select = self.private.prepare_cached(sql).map_err(failed)?;
        let rows = select.query_map([], |row| {
            let state = if row.get_ref(2)?.as_str()? == "sent" { SendState::Sent } else { SendState::Pending };
            Ok(Outgoing { seq: row.get(0)?, report: row.get(1)?, state })
        });
        rows.map_err(failed)?.collect::<rusqlite::Result<_>>().map_err(failed)
    }
}
