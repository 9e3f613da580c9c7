//! Imports a table: rows in any order become events in time order, each under a key that makes a second import harmless.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::mapping::Mapping;
use super::reject::Reject;
use super::row::{Judge, Judged};
use super::table::{Row, Table};
use super::{Draft, Key, Private, Receipt, action_name};
use crate::error::{Error, Result, invalid};
use crate::hazard::event::{Act, Event, Report};

/// Drafts that are submitted at once: each time waits for the disk once.
const BATCH: usize = 4_000;
/// Rows between two calls of `progress` while reading.
const ROWS_PER_PROGRESS: u64 = 1_000;

/// How far an import is. It reads the whole table first: the oldest event may stand in the last row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub rows: u64,
    pub rejects: u64,
    pub bytes_read: u64,
    /// `None`: not known.
    pub bytes_total: Option<u64>,
    /// Events submitted.
    pub events: u64,
    /// Events there are; 0 while still reading.
    pub events_total: u64,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows below the header.
    pub rows: u64,
    pub reports_new: u64,
    /// Reports that were in the log already.
    pub reports_known: u64,
    /// Events appended, reports among them.
    pub events_appended: u64,
    /// Rows that repeat an earlier one of the file word for word.
    pub duplicates: u64,
    /// At most one a row, in order of line.
    pub rejects: Vec<Reject>,
}

/// What an import hands its drafts to, at most four thousand at once: one answer for each, in order.
pub type Submit<'a> = dyn FnMut(Vec<Draft>) -> Result<Vec<Result<Receipt>>> + 'a;

/// Imports a table through a mapping; `now` in unix seconds.
///
/// Events go to `submit` in time order (ties: order of the rows, then of the mapping's steps). A draft that comes back
/// as `Invalid` or `Conflict` rejects its row: later batches leave out the rest of the row. Within one batch `submit`
/// must refuse an act on a report that it refused in the same batch, so that a row is taken or rejected whole.
/// Batches are cut the same way on every run, so an import that was killed and is run again ends in the same log.
///
/// # Errors
/// `At` the mapping or the table when the two do not fit or the table cannot be read; whatever `submit` fails with.
pub fn import(
    mut table: Table,
    mapping: &Mapping,
    now: i64,
    submit: &mut Submit,
    progress: &dyn Fn(Progress),
) -> Result<Summary> {
    let judge = Judge { mapping, layout: mapping.layout(&table)?, now, streets: RefCell::default() };
    let mut rows = Rows::default();
    while let Some(next) = table.next_row()? {
        rows.take(&judge, next);
        if rows.summary.rows % ROWS_PER_PROGRESS == 0 {
            progress(rows.progress(&table));
        }
    }
    if rows.summary.rows == 0 {
        return Err(invalid("file", table.file(), "has no rows below its header").at(table.file(), 1, 0));
    }
    rows.submit(&table, submit, progress)
}

/// The rows that were taken, and what is to be said of the others.
#[derive(Default)]
struct Rows {
    taken: Vec<Taken>,
    /// By the row's id: what the row says, to tell a repetition from a contradiction.
    seen: HashMap<String, (u64, blake3::Hash)>,
    summary: Summary,
}

/// A row on its way into the log.
struct Taken {
    judged: Judged,
    line: u64,
}

/// One event to come: its time, its row, its step (0: the report).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Planned {
    at: i64,
    row: usize,
    step: usize,
}

impl Rows {
    fn take(&mut self, judge: &Judge, next: Result<Row, Reject>) {
        self.summary.rows += 1;
        let judged = next.and_then(|row| {
            let content = content_of(&row);
            match self.seen.get(judge.id(&row)) {
                Some((_, first)) if *first == content => return Ok(None),
                Some((line, _)) => {
                    let reason = format!("this id stands in line {line} already, with other content");
                    return Err(judge.reject_id(&row, reason));
                }
                None => {}
            }
            let judged = judge.judge(&row)?;
            self.seen.insert(judge.id(&row).to_owned(), (row.line, content));
            Ok(Some(Taken { judged, line: row.line }))
        });
        match judged {
            Ok(Some(taken)) => self.taken.push(taken),
            Ok(None) => self.summary.duplicates += 1,
            Err(reject) => self.summary.rejects.push(reject),
        }
    }

    fn progress(&self, table: &Table) -> Progress {
        Progress {
            rows: self.summary.rows,
            rejects: self.summary.rejects.len() as u64,
            bytes_read: table.bytes_read(),
            bytes_total: table.bytes_total(),
            ..Progress::default()
        }
    }

    /// Every event in the order it goes to the log.
    fn plan(&self) -> Vec<Planned> {
        let mut plan = Vec::new();
        for (row, Taken { judged, .. }) in self.taken.iter().enumerate() {
            plan.push(Planned { at: judged.report.observed_at, row, step: 0 });
            plan.extend(judged.steps.iter().enumerate().map(|(i, s)| Planned { at: s.1, row, step: i + 1 }));
        }
        plan.sort_unstable();
        plan
    }

    fn submit(mut self, table: &Table, submit: &mut Submit, progress: &dyn Fn(Progress)) -> Result<Summary> {
        let plan = self.plan();
        let mut refused = HashSet::new();
        let mut done = 0;
        let mut said = Progress { events_total: plan.len() as u64, ..self.progress(table) };
        progress(said);
        for batch in plan.chunks(BATCH) {
            // What is left out must not move the border between batches: a second run would cut them otherwise.
            let batch: Vec<_> = batch.iter().filter(|p| !refused.contains(&p.row)).collect();
            let drafts = batch.iter().map(|p| self.taken[p.row].draft(p.step)).collect();
            let answers = if batch.is_empty() { Vec::new() } else { submit(drafts)? };
            if answers.len() != batch.len() {
                return Err(Error::Store(format!("{} answers to {} drafts", answers.len(), batch.len())));
            }
            for (planned, answer) in batch.into_iter().zip(answers) {
                match answer {
                    Ok(receipt) => self.summary.count(planned.step == 0, receipt),
                    Err(error @ (Error::Invalid { .. } | Error::Conflict(_))) => {
                        if refused.insert(planned.row) {
                            self.summary.rejects.push(self.taken[planned.row].reject(error));
                        }
                    }
                    Err(error) => return Err(error),
                }
            }
            done += 1;
            said.events = (done * BATCH).min(plan.len()) as u64;
            said.rejects = self.summary.rejects.len() as u64;
            progress(said);
        }
        self.summary.rejects.sort_by_key(|r| (r.line, r.column));
        Ok(self.summary)
    }
}

impl Summary {
    fn count(&mut self, report: bool, receipt: Receipt) {
        match (report, receipt.fresh) {
            (true, true) => self.reports_new += 1,
            (true, false) => self.reports_known += 1,
            (false, _) => {}
        }
        self.events_appended += u64::from(receipt.fresh);
    }
}

impl Taken {
    fn draft(&self, step: usize) -> Draft {
        let Judged { report, private, steps } = &self.judged;
        if step == 0 {
            let key = Key { name: format!("{}/report", report.id), content: report_content(report) };
            return Draft { event: Event::Report(report.clone()), key: Some(key), private: private.clone() };
        }
        let (action, at) = steps[step - 1];
        let name = action_name(action);
        let key = Key { name: format!("{}/{name}", report.id), content: format!("{name} {at}") };
        let act = Act { action, at, report: report.id.clone() };
        Draft { event: Event::Act(act), key: Some(key), private: Private::default() }
    }

    fn reject(&self, error: Error) -> Reject {
        let id = self.judged.report.id.clone();
        let (field, value, reason) = match error {
            Error::Invalid { field, value, reason } => (field, value, reason),
            other => ("id".into(), id, other.to_string()),
        };
        Reject { line: self.line, column: 0, field, value, reason }
    }
}

/// What must not change between two imports of one report.
fn report_content(report: &Report) -> String {
    let (p, dry) = (report.position, if report.dry { " dry" } else { "" });
    format!("{} {} {} {}{dry}", report.category.name(), p.lon_e7(), p.lat_e7(), report.observed_at)
}

fn content_of(row: &Row) -> blake3::Hash {
    let mut hash = blake3::Hasher::new();
    for field in row.fields() {
        hash.update(&(field.len() as u64).to_le_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize()
}
