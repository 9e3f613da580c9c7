//! Imports files: records in any order become events in time order, each under a key that makes a second import
//! harmless.

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::astray::Others;
use super::layout::Layout;
use super::mapping::Mapping;
use super::record::Row;
use super::reject::Reject;
use super::row::{Judge, Judged};
use super::rows::each_row;
use super::source::Source;
use super::{Draft, Key, Private, Receipt, action_name};
use crate::error::{Error, Result, invalid};
use crate::hazard::event::{Act, Event, Report};

/// Drafts that are submitted at once: each time waits for the disk once.
const BATCH: usize = 4_000;
/// Rows between two calls of `progress` while reading.
const ROWS_PER_PROGRESS: u64 = 1_000;
/// Batches of drafts that may wait.
const BATCHES_AHEAD: usize = 2;
/// Reports of one import: they are sorted by time, so all must fit into the memory (some 400 bytes each).
const MOST_REPORTS: usize = 10_000_000;
/// Rejects of one file that are kept: a file of nothing but bad rows must not fill the memory.
const MOST_REJECTS: usize = 100_000;

/// How far an import is. It reads all files first: the oldest event may stand in the last row of the last.
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

/// What an import did with one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Rows below the header; features.
    pub rows: u64,
    pub reports_new: u64,
    /// Reports that were in the log already.
    pub reports_known: u64,
    /// Events appended, reports among them.
    pub events_appended: u64,
    /// Rows that say the same as an earlier one, of this file or of one before.
    pub duplicates: u64,
    /// At most one a row, in order of line; the first hundred thousand.
    pub rejects: Vec<Reject>,
    /// Further rejects that were not kept.
    pub rejects_more: u64,
    /// Why the file ended before its end; what came before was taken.
    pub cut: Option<Error>,
}

/// What an import hands its drafts to, at most four thousand at once: one answer for each, in order.
pub type Submit<'a> = dyn FnMut(Vec<Draft>) -> Result<Vec<Result<Receipt>>> + 'a;

/// Imports one file; as [`import_all`].
///
/// # Errors
/// As [`import_all`].
pub fn import(
    source: impl Into<Source>,
    mapping: &Mapping,
    now: i64,
    submit: &mut Submit,
    progress: &dyn Fn(Progress),
) -> Result<Summary> {
    let mut summaries = import_all(vec![source.into()], mapping, now, submit, progress)?;
    summaries.pop().ok_or_else(|| Error::Store("an import of one file tells of none".into()))
}

/// Imports files through a mapping, as if they were one; `now` in unix seconds.
///
/// Events go to `submit` in time order (ties: order of the files and rows, then of the mapping's steps). A draft that
/// comes back as `Invalid` or `Conflict` rejects its row: later batches leave out the rest of the row. Within one batch
/// `submit` must refuse an act on a report that it refused in the same batch, so that a row is taken or rejected whole.
/// Batches are cut the same way on every run, so an import that was killed and is run again ends in the same log.
///
/// A file that breaks off gives the rows before the break, and its summary says where that was: once it is whole, a
/// second import adds what was missing.
///
/// # Errors
/// `At` the mapping or a file when the two do not fit or no row of it can be read; whatever `submit` fails with.
pub fn import_all(
    sources: Vec<Source>,
    mapping: &Mapping,
    now: i64,
    submit: &mut Submit,
    progress: &dyn Fn(Progress),
) -> Result<Vec<Summary>> {
    let mut rows = Rows::default();
    // Whether each fits is said before the first is read.
    let mut all = Vec::new();
    for mut source in sources {
        let layout = Layout::new(mapping, &mut source)?;
        rows.progress.bytes_total = match (all.len(), rows.progress.bytes_total, source.bytes_total()) {
            (0, _, bytes) => bytes,
            (_, sum, bytes) => sum.zip(bytes).map(|(sum, bytes)| sum + bytes),
        };
        all.push((source, layout));
    }
    for (mut source, layout) in all {
        rows.read(&mut source, &Judge { mapping, layout: &layout, now, streets: RefCell::default() }, progress)?;
    }
    // Where a mapping knows the city's borders, it has judged every position by them.
    let refused = if mapping.extent.is_none() { rows.refuse_astray() } else { HashSet::new() };
    rows.submit(refused, submit, progress)
}

/// The rows that were taken, and what is to be said of the others.
#[derive(Default)]
struct Rows {
    taken: Vec<Taken>,
    /// Numbers of the taken, by id: to tell a repetition from a contradiction.
    seen: HashTable<u32>,
    hasher: DefaultHashBuilder,
    files: Vec<String>,
    summaries: Vec<Summary>,
    progress: Progress,
}

/// A row on its way into the log.
struct Taken {
    judged: Judged,
    line: u64,
    /// Number of its file.
    file: u32,
}

/// One event to come: its time, its row, its step (0: the report).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Planned {
    at: i64,
    row: u32,
    step: u8,
}

impl Rows {
    /// Reads a file to its end, or to where it breaks off.
    fn read(&mut self, source: &mut Source, judge: &Judge, progress: &dyn Fn(Progress)) -> Result<()> {
        let (bytes_read, before) = (source.bytes_read(), self.progress.bytes_read);
        let first = self.taken.len();
        let name = &source.file().to_owned();
        self.files.push(name.clone());
        self.summaries.push(Summary::default());
        each_row(source, judge, |next| {
            if self.taken.len() == MOST_REPORTS {
                return Err(too_many(name));
            }
            self.take(judge, next);
            self.progress.rows += 1;
            if self.progress.rows.is_multiple_of(ROWS_PER_PROGRESS) {
                self.progress.bytes_read = before + bytes_read.load(Ordering::Relaxed);
                progress(self.progress);
            }
            Ok(())
        })?;
        self.progress.bytes_read = before + bytes_read.load(Ordering::Relaxed);
        let summary = &mut self.summaries[self.files.len() - 1];
        summary.cut = source.cut().cloned();
        if summary.rows == 0 {
            let what = if source.columns().is_some() { "has no rows below its header" } else { "holds no feature" };
            let nothing = invalid("file", source.file(), what).at(source.file(), 1, 0);
            return Err(summary.cut.take().unwrap_or(nothing));
        }
        let wanted = if self.taken.len() == first { judge.layout.never_found(judge.mapping, source) } else { None };
        wanted.map_or(Ok(()), Err)
    }

    fn take(&mut self, judge: &Judge, next: Result<(Row, Judged), Reject>) {
        let file = self.files.len() - 1;
        self.summaries[file].rows += 1;
        let (row, judged) = match next {
            Ok(judged) => judged,
            Err(reject) => return self.reject(file, reject),
        };
        let (taken, hasher) = (&self.taken, &self.hasher);
        let id = |i: &u32| &taken[*i as usize].judged.report.id;
        let hash = hasher.hash_one(&judged.report.id);
        match self.seen.find(hash, |i| *id(i) == judged.report.id).map(|i| &taken[*i as usize]) {
            Some(first) if first.judged == judged => self.summaries[file].duplicates += 1,
            Some(first) => {
                let place = match first.file as usize {
                    same if same == file => format!("line {}", first.line),
                    other => format!("{}:{}", self.files[other], first.line),
                };
                let reason = format!("this id stands in {place} already, with other content");
                self.reject(file, judge.reject_id(&row, reason));
            }
            None => {
                self.seen.insert_unique(hash, taken.len() as u32, |i| hasher.hash_one(id(i)));
                self.taken.push(Taken { judged, line: row.line, file: file as u32 });
            }
        }
    }

    fn reject(&mut self, file: usize, reject: Reject) {
        self.progress.rejects += 1;
        let summary = &mut self.summaries[file];
        if summary.rejects.len() < MOST_REJECTS {
            summary.rejects.push(reject);
        } else {
            summary.rejects_more += 1;
        }
    }

    /// Every event in the order it goes to the log.
    fn plan(&self) -> Vec<Planned> {
        let mut plan = Vec::with_capacity(2 * self.taken.len());
        for (row, Taken { judged, .. }) in self.taken.iter().enumerate() {
            let row = row as u32;
            plan.push(Planned { at: judged.report.observed_at, row, step: 0 });
            // A mapping has at most one step of each action.
            plan.extend(judged.steps.iter().zip(1..).map(|(s, step)| Planned { at: s.1, row, step }));
        }
        plan.sort_unstable();
        plan
    }

    /// Rejects what lies where no report of this import can be; the rows by number.
    fn refuse_astray(&mut self) -> HashSet<u32> {
        let others = Others::of(self.taken.iter().map(|taken| &taken.judged.report));
        let mut refused = HashSet::new();
        for row in 0..self.taken.len() {
            let taken = &self.taken[row];
            if let Some(error) = others.doubt(&taken.judged.report) {
                let (file, reject) = (taken.file as usize, taken.reject(error));
                refused.insert(row as u32);
                self.reject(file, reject);
            }
        }
        refused
    }

    fn submit(
        mut self,
        mut refused: HashSet<u32>,
        submit: &mut Submit,
        progress: &dyn Fn(Progress),
    ) -> Result<Vec<Summary>> {
        self.seen = HashTable::new();
        let plan = self.plan();
        let taken = std::mem::take(&mut self.taken);
        self.progress.events_total = plan.len() as u64;
        progress(self.progress);
        each_batch(&plan, &taken, |batch| {
            self.progress.events += batch.len() as u64;
            // What is left out must not move the border between batches: a second run would cut them otherwise.
            let batch = batch.into_iter().filter(|(planned, _)| !refused.contains(&planned.row));
            let (batch, drafts): (Vec<_>, Vec<_>) = batch.unzip();
            let answers = if batch.is_empty() { Vec::new() } else { submit(drafts)? };
            if answers.len() != batch.len() {
                return Err(Error::Store(format!("{} answers to {} drafts", answers.len(), batch.len())));
            }
            for (planned, answer) in batch.into_iter().zip(answers) {
                let taken = &taken[planned.row as usize];
                match answer {
                    Ok(receipt) => self.summaries[taken.file as usize].count(planned.step == 0, receipt),
                    Err(error @ (Error::Invalid { .. } | Error::Conflict(_))) => {
                        if refused.insert(planned.row) {
                            self.reject(taken.file as usize, taken.reject(error));
                        }
                    }
                    Err(error) => return Err(error),
                }
            }
            progress(self.progress);
            Ok(())
        })?;
        for summary in &mut self.summaries {
            summary.rejects.sort_by_key(|r| (r.line, r.column));
        }
        Ok(self.summaries)
    }
}

/// Makes the drafts of the batches on a thread of its own, while those before are written.
fn each_batch(
    plan: &[Planned],
    taken: &[Taken],
    submit: impl FnMut(Vec<(Planned, Draft)>) -> Result<()>,
) -> Result<()> {
    std::thread::scope(|scope| {
        let (send, batches) = sync_channel(BATCHES_AHEAD);
        scope.spawn(move || {
            for batch in plan.chunks(BATCH) {
                let batch: Vec<_> = batch.iter().map(|p| (*p, taken[p.row as usize].draft(p.step))).collect();
                if send.send(batch).is_err() {
                    return;
                }
            }
        });
        batches.into_iter().try_for_each(submit)
    })
}

fn too_many(file: &str) -> Error {
    let reason = format!("comes after {MOST_REPORTS} reports of this import: import it on its own, or in parts");
    invalid("file", file, reason)
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
    fn draft(&self, step: u8) -> Draft {
        let Judged { report, private, steps } = &self.judged;
        if step == 0 {
            let key = Key { name: format!("{}/report", report.id), content: report_content(report) };
            return Draft { event: Event::Report(report.clone()), key: Some(key), private: private.clone() };
        }
        let (action, at) = steps[usize::from(step) - 1];
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
