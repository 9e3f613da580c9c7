//! The fold written down at a position of the log, so that a start goes on from there and need not fold everything again.
//!
//! What is written is what events have made: reports, incidents, sites and steps of the workflow. Tables that come whole
//! (rain, places, streets, areas …) are few and stay in the log, from where they are loaded again; indices are made anew.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::category::Category;
use super::drain::DryReports;
use super::event::Event;
use super::hotspot::Sites;
use super::incident::Incidents;
use super::map::HazardMap;
use super::report::Reports;
use super::settings::{Rule, Settings};
use super::workflow::book::Book;
use crate::error::{Error, Result};

/// Of what is written; raised with every change of the types that are. A test holds a checkpoint of this format.
pub const FORMAT: u32 = 3;

/// Rows in one block.
const ROWS: usize = 16_384;

/// Where a checkpoint goes, block by block.
pub struct Saver<'p> {
    put: &'p mut dyn FnMut(&[u8]) -> Result<()>,
    block: Vec<u8>,
}

impl Saver<'_> {
    fn one(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        let mut block = std::mem::take(&mut self.block);
        block.clear();
        self.block = postcard::to_extend(value, block).map_err(|e| Error::Store(format!("cannot be written: {e}")))?;
        (self.put)(&self.block)
    }

    pub(super) fn rows<T: Serialize>(&mut self, rows: &[T]) -> Result<()> {
        self.one(&rows.len())?;
        rows.chunks(ROWS).try_for_each(|rows| self.one(rows))
    }

    pub(super) fn texts<'t>(&mut self, n: usize, text: impl Fn(usize) -> &'t str) -> Result<()> {
        self.one(&n)?;
        (0..n).step_by(ROWS).try_for_each(|from| {
            let texts: Vec<&str> = (from..n.min(from + ROWS)).map(&text).collect();
            self.one(&texts)
        })
    }
}

/// Where a checkpoint comes from, block by block.
pub struct Loader<'n> {
    next: &'n mut dyn FnMut() -> Result<Vec<u8>>,
}

impl Loader<'_> {
    fn one<T: DeserializeOwned>(&mut self) -> Result<T> {
        postcard::from_bytes(&(self.next)()?).map_err(unreadable)
    }

    pub(super) fn rows<T: DeserializeOwned>(&mut self) -> Result<Vec<T>> {
        let n: usize = self.one()?;
        let mut rows: Vec<T> = Vec::with_capacity(n);
        while rows.len() < n {
            let more: Vec<T> = self.one()?;
            if more.is_empty() || more.len() > n - rows.len() {
                return Err(Error::Store("its parts do not fit together".into()));
            }
            rows.extend(more);
        }
        Ok(rows)
    }

    pub(super) fn texts(&mut self, mut each: impl FnMut(&str)) -> Result<()> {
        let mut left: usize = self.one()?;
        while left > 0 {
            let block = (self.next)()?;
            let texts: Vec<&str> = postcard::from_bytes(&block).map_err(unreadable)?;
            left = left.checked_sub(texts.len().max(1)).ok_or_else(|| Error::Store("it has too many texts".into()))?;
            texts.into_iter().for_each(&mut each);
        }
        Ok(())
    }
}

fn unreadable(error: postcard::Error) -> Error {
    Error::Store(format!("it cannot be read: {error}"))
}

/// What everything else depends on.
#[derive(Serialize, Deserialize)]
struct Head {
    /// The rule in force; under another one the fold is another.
    rule: String,
    /// Names, as rows hold their places in this list.
    categories: Vec<String>,
    position: u64,
    tables: Vec<u64>,
    times: Option<(i64, i64)>,
}

fn categories() -> Vec<String> {
    Category::all().map(|category| category.name().to_owned()).collect()
}

impl Event {
    /// Is it of tables that are small, come whole and are kept apart from what is reported: rain, places, areas?
    pub(super) fn is_of_tables(&self) -> bool {
        !matches!(
            self,
            Event::Report(_)
                | Event::Addition(_)
                | Event::Act(_)
                | Event::Merge(_)
                | Event::Note(_)
                | Event::Transition(_)
        )
    }
}

impl HazardMap {
    /// Writes a settled map down, block by block.
    ///
    /// # Errors
    /// Whatever `put` fails with.
    pub fn save(&self, put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        debug_assert!(self.changed.is_empty(), "only a settled map is saved");
        let to = &mut Saver { put, block: Vec::new() };
        to.one(&Head {
            rule: self.settings.in_force(),
            categories: categories(),
            position: self.position,
            tables: self.tables.clone(),
            times: self.times,
        })?;
        self.reports.save(to)?;
        self.incidents.save(to)?;
        self.sites.save(to)?;
        self.book.save(to)?;
        self.dry.save(to)
    }

    /// The map that was saved; `table`: the event at a position of the log. Settle it before it is looked at.
    ///
    /// # Errors
    /// `Store` when it was saved under another rule, or cannot be read; whatever `next` and `table` fail with.
    pub fn restore(
        settings: Settings,
        next: &mut dyn FnMut() -> Result<Vec<u8>>,
        table: impl Fn(u64) -> Result<Event>,
    ) -> Result<HazardMap> {
        let from = &mut Loader { next };
        let head: Head = from.one()?;
        if head.rule != settings.in_force() || head.categories != categories() {
            return Err(Error::Store("it was made under another rule".into()));
        }
        let mut map = HazardMap::new(settings);
        for seq in head.tables {
            map.apply(seq, &table(seq)?);
        }
        let rules: Vec<Rule> = Category::all().map(|c| map.settings.rule(c)).collect();
        (map.position, map.times) = (head.position, head.times);
        map.reports = Reports::load(from)?;
        map.incidents = Incidents::load(rules.clone(), from)?;
        map.sites = Sites::load(&rules, from)?;
        map.book = Book::load(from)?;
        map.dry = DryReports::load(&rules, map.reports.rows(), from)?;
        map.index_loaded();
        Ok(map)
    }

    /// What is kept beside the rows, so that settling finds nothing new.
    fn index_loaded(&mut self) {
        for r in 0..self.reports.rows().len() {
            let row = &self.reports.rows()[r];
            if row.dry() && !row.hidden {
                self.dry_reported(r);
            }
        }
        let as_of = self.as_of();
        self.gauges.advance(as_of);
        self.swept = self.sweep_to(as_of);
        for i in 0..self.incidents.all().len() {
            let incident = &self.incidents.all()[i];
            if incident.counts && incident.facts.first < self.swept {
                self.note_expiry(i);
            }
            if self.first(i).is_some() && !self.incidents.all()[i].category.is_alone() {
                self.by_first.insert(i as u32, self.incidents.all());
            }
        }
        self.changed.clear();
    }
}
