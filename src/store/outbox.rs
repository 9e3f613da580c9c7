//! Who is still to be told of what: one row for each report and each step on its case. Whatever sends the message, mail or
//! another, takes it from here. A row is kept for as long as the service is told to, sent or not.

use rusqlite::{Connection, TransactionBehavior, params};

use super::{Store, file};
use crate::error::Result;

/// In the private file; made where it is missing, for a file of an earlier program has none. `at`: when the step was taken,
/// in unix seconds; none in a row of an earlier program, until somebody looks it up.
const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS outbox (
        seq INTEGER NOT NULL,
        report TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent')),
        at INTEGER,
        PRIMARY KEY (seq, report)
    ) STRICT, WITHOUT ROWID;";
const AT: &str = "ALTER TABLE outbox ADD COLUMN at INTEGER";
const INDEX: &str = "CREATE INDEX IF NOT EXISTS outbox_at ON outbox (at)";

/// Rows deleted in one transaction: whoever appends waits no longer than for these.
const ROWS_AT_ONCE: usize = 1_000;

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

/// How much lies in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxSize {
    pub messages: u64,
    /// When the step of the oldest was taken; unix seconds. None of an empty outbox.
    pub oldest: Option<i64>,
}

/// Makes the table, and what an earlier program's lacks.
pub(super) fn make(private: &mut Connection) -> rusqlite::Result<()> {
    private.execute_batch(TABLE)?;
    if !has_times(private)? {
        // Two may open the file at once.
        let transaction = private.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !has_times(&transaction)? {
            transaction.execute_batch(AT)?;
        }
        transaction.commit()?;
    }
    private.execute_batch(INDEX)
}

fn has_times(private: &Connection) -> rusqlite::Result<bool> {
    private.column_exists(None, "outbox", "at")
}

/// The same report and step again is the same message. `at`: when the step was taken, in unix seconds.
pub(super) fn put(private: &Connection, seq: u64, at: i64, report: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO outbox (seq, at, report) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    private.prepare_cached(sql)?.execute(params![seq, at, report]).map(drop)
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

    /// How many messages there are, and how old they are.
    ///
    /// # Errors
    /// `Store` when the private file cannot be read.
    pub fn outbox_size(&self) -> Result<OutboxSize> {
        let sql = "SELECT count(*), min(at) FROM outbox";
        let size = |row: &rusqlite::Row| Ok(OutboxSize { messages: row.get(0)?, oldest: row.get(1)? });
        let mut select = self.private.prepare_cached(sql).map_err(|e| self.failed(e))?;
        select.query_row([], size).map_err(|e| self.failed(e))
    }

    /// Deletes the messages, sent or not, of steps that were taken before a time (unix seconds); returns how many.
    ///
    /// # Errors
    /// `Busy` when another process holds the private file for too long; `Store` when either file cannot be read or written.
    /// What was deleted until then stays so.
    pub fn forget_outbox_before(&mut self, time: i64) -> Result<usize> {
        self.look_times_up()?;
        let sql = format!(
            "DELETE FROM outbox WHERE (seq, report) IN
                 (SELECT seq, report FROM outbox WHERE at < ?1 LIMIT {ROWS_AT_ONCE})"
        );
        let mut deleted = 0;
        loop {
            let now = self.private.execute(&sql, [time]).map_err(|e| self.failed(e))?;
            deleted += now;
            if now < ROWS_AT_ONCE {
                return Ok(deleted);
            }
        }
    }

    /// Gives the rows of an earlier program their times, as the log has them.
    fn look_times_up(&self) -> Result<()> {
        let steps: Vec<u64> = {
            let without = "SELECT DISTINCT seq FROM outbox WHERE at IS NULL AND seq <= ?1";
            let mut select = self.private.prepare(without).map_err(|e| self.failed(e))?;
            let rows = select.query_map([self.last()?], |row| row.get(0)).map_err(|e| self.failed(e))?;
            rows.collect::<rusqlite::Result<_>>().map_err(|e| self.failed(e))?
        };
        for seq in steps {
            let at = self.event(seq)?.at();
            let update = "UPDATE outbox SET at = ?2 WHERE seq = ?1";
            self.private.execute(update, params![seq, at]).map_err(|e| self.failed(e))?;
        }
        Ok(())
    }
}
