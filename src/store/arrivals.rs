//! How reports came in, in the private file: one row for each time that something was said of one.

use rusqlite::Connection;

use super::words::Words;
use super::{Store, decode, file};
use crate::error::{Error, Result};
use crate::hazard::event::Event;

/// Made where it is missing, for a file of an earlier program has none. `seq` is the event's place in the log.
pub(super) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS arrivals (report TEXT NOT NULL, seq INTEGER NOT NULL, arrival TEXT NOT NULL,
        PRIMARY KEY (report, seq)) STRICT, WITHOUT ROWID;";

impl Words<'_> {
    /// Keeps how a report, or what is said further of it, came in: JSON.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_arrival(&mut self, report: &str, seq: u64, arrival: Option<&str>) -> Result<()> {
        let Some(arrival) = arrival else { return Ok(()) };
        self.wrote = true;
        let insert = "INSERT OR REPLACE INTO arrivals VALUES (?1, ?2, ?3)";
        let put = || self.private.prepare_cached(insert)?.execute(rusqlite::params![report, seq, arrival]);
        put().map(drop).map_err(|e| file::failed(self.dir, e))
    }
}

impl Store {
    /// How a report came in, and what was said further of it: the events' places in the log, and JSON; in their order.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn arrivals(&self, report: &str) -> Result<Vec<(u64, String)>> {
        let found = || -> rusqlite::Result<Vec<_>> {
            let sql = "SELECT seq, arrival FROM arrivals WHERE report = ?1 ORDER BY seq";
            let mut select = self.private.prepare_cached(sql)?;
            select.query_map([report], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        found().map_err(|e| self.failed(e))
    }

    /// Every event of the log that a report came with, or that speaks of it by its id, in order.
    ///
    /// # Errors
    /// `Store` when the log cannot be read.
    pub fn events_about(&self, report: &str) -> Result<Vec<(u64, Event)>> {
        // Found as text: to read every entry would take many times as long.
        let sql = "SELECT seq, event FROM log WHERE instr(event, ?1) > 0 ORDER BY seq";
        let quoted = serde_json::to_string(report).map_err(|e| Error::Store(format!("an id: {e}")))?;
        let found = || -> rusqlite::Result<Vec<(u64, String)>> {
            let mut select = self.public.prepare(sql)?;
            select.query_map([&quoted], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let found = found().map_err(|e| self.failed(e))?;
        let about = |(seq, text): (u64, String)| match decode(seq, &text) {
            Ok(event) => speaks_of(&event, report).then_some(Ok((seq, event))),
            Err(error) => Some(Err(error)),
        };
        found.into_iter().filter_map(about).collect()
    }
}

fn speaks_of(event: &Event, id: &str) -> bool {
    match event {
        Event::Report(report) => report.id == id,
        Event::Addition(addition) => addition.report == id,
        Event::Act(act) => act.report == id,
        _ => false,
    }
}

pub(super) fn forget(private: &Connection, report: &str) -> rusqlite::Result<()> {
    private.prepare_cached("DELETE FROM arrivals WHERE report = ?1")?.execute([report]).map(drop)
}
