//! The reports as the map keeps them: structure only, packed, found by id and by place.

mod ids;

use std::num::NonZeroU64;
use std::ops::Range;

use hashbrown::DefaultHashBuilder;
use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

use super::addition::{Added, Addition, Additions};
use super::bits::Bits;
use super::category::Category;
use super::checkpoint::{Loader, Saver};
use super::event::{Passability, Report};
use super::observed::Observed;
use super::point_index::{Met, PointIndex};
use super::position::Position;
use super::slot::{Measure, Slot};
use super::words::Words;
use crate::error::Result;
use ids::Ids;

/// One report; [`Reports`] keeps its id, and what it shares with many others.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportRow {
    pub position: Position,
    pub observed_at: i64,
    pub received_at: i64,
    pub person: Option<NonZeroU64>,
    /// The incident that holds it; a dry report has none.
    pub incident: Option<Slot>,
    origin: Slot,
    pub depth_cm: Option<Measure>,
    pub accuracy_m: Option<Measure>,
    pub category: Category,
    pub passability: Option<Passability>,
    pub photo: bool,
    /// Retracted: it counts nowhere.
    pub hidden: bool,
}

impl ReportRow {
    /// "Passed here, no water": evidence, and in no incident.
    pub fn dry(&self) -> bool {
        self.incident.is_none()
    }
}

/// What a report shares with many others, as [`Reports::word`] has it: most name one of a city's crossings, and came by one
/// of a few channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The crossings or the street it names.
    pub names: [Option<Slot>; 2],
    pub channel: Option<Slot>,
}

/// How many reports, one behind the other in the log, are looked through together for a time.
const BLOCK: usize = 1_024;

/// The earliest and the latest observation of a block, in unix seconds (as BRIN of PostgreSQL keeps them): reports come soon
/// after they are observed, so a time lies in few blocks, and nothing has to be kept in order.
#[derive(Clone, Copy, Debug)]
struct Block {
    earliest: i64,
    latest: i64,
}

impl Block {
    fn hold(&mut self, t: i64) {
        *self = Block { earliest: self.earliest.min(t), latest: self.latest.max(t) };
    }
}

/// Every report, in log order.
#[derive(Debug, Default)]
pub struct Reports {
    rows: Vec<ReportRow>,
    ids: Ids,
    words: Words,
    origins: IndexSet<Origin, DefaultHashBuilder>,
    additions: Additions,
    published: Bits,
    dry: Bits,
    /// When the reports of each block were observed.
    blocks: Vec<Block>,
    observed: Observed,
    /// The visible reports by degrees; those from `indexed` on wait for [`Reports::index`].
    tree: PointIndex,
    indexed: usize,
}

impl Reports {
    /// Adds a report that is not there yet.
    pub fn push(&mut self, r: &Report) -> usize {
        self.ids.push(&r.id);
        let origin = self.origin_of(r);
        self.rows.push(ReportRow {
            position: r.position,
            observed_at: r.observed_at,
            received_at: r.received_at,
            person: r.person,
            incident: None,
            origin,
            depth_cm: r.depth_cm.map(Measure::new),
            accuracy_m: r.accuracy_m.map(Measure::new),
            category: r.category,
            passability: r.passability,
            photo: r.photo,
            hidden: false,
        });
        let i = self.rows.len() - 1;
        self.list(i);
        i
    }

    /// What it shares with others, kept once; often it shares it with the one before.
    fn origin_of(&mut self, r: &Report) -> Slot {
        let same = |row: &&ReportRow| {
            let Origin { names, channel } = self.origin(row);
            let said = |word: Option<Slot>| word.map(|word| self.words.get(word));
            let mut given = r.names.iter().map(String::as_str);
            said(channel) == r.channel.as_deref() && names.map(said) == [given.next(), given.next()]
        };
        if let Some(last) = self.rows.last().filter(same) {
            return last.origin;
        }
        let mut names = r.names.iter().map(|name| self.words.intern(name));
        let names = [names.next(), names.next()];
        let channel = r.channel.as_deref().map(|channel| self.words.intern(channel));
        Slot::new(self.origins.insert_full(Origin { names, channel }).0)
    }

    /// Notes when the newest row was observed, and whether layers show it.
    fn list(&mut self, i: usize) {
        let ReportRow { observed_at, category, hidden, .. } = self.rows[i];
        if !hidden {
            self.observed.came(observed_at);
        }
        self.dry.set(i, self.rows[i].dry());
        match self.blocks.last_mut().filter(|_| !i.is_multiple_of(BLOCK)) {
            Some(block) => block.hold(observed_at),
            None => self.blocks.push(Block { earliest: observed_at, latest: observed_at }),
        }
        // What concerns only one person is on no map.
        self.published.set(i, !hidden && !category.is_alone());
    }

    pub(super) fn save(&self, to: &mut Saver) -> Result<()> {
        to.rows(&self.rows)?;
        to.texts(self.rows.len(), |i| self.ids.get(i))?;
        self.words.save(to)?;
        to.rows(&Vec::from_iter(self.origins.iter().copied()))?;
        self.additions.save(to)
    }

    /// What was saved; the spatial index is for [`Reports::index`] to make.
    pub(super) fn load(from: &mut Loader) -> Result<Reports> {
        let mut reports = Reports { rows: from.rows()?, ..Reports::default() };
        reports.ids.reserve(reports.rows.len());
        from.texts(|id| reports.ids.push(id))?;
        reports.words = Words::load(from)?;
        reports.origins = from.rows()?.into_iter().collect();
        reports.additions = Additions::load(from)?;
        (0..reports.rows.len()).for_each(|i| reports.list(i));
        Ok(reports)
    }

    /// What its sender says more of a report, at a position of the log.
    pub fn add(&mut self, i: usize, seq: u64, addition: &Addition) {
        let reports = self.rows.len();
        self.additions.take(i, &mut self.rows[i], (seq, reports), addition);
    }

    /// What was said more of a report, by index, in log order.
    pub fn additions_to(&self, report: u32) -> &[Added] {
        self.additions.to(report)
    }

    /// Makes room for so many further reports at once.
    pub fn reserve(&mut self, reports: usize) {
        // And for as many again as there are then: memory that is not touched costs nothing, and to move all rows makes
        // whoever posts the next report wait for tens of milliseconds.
        self.rows.reserve(2 * reports + self.rows.len());
        self.ids.reserve(reports);
    }

    /// Brings the spatial index up to date: all at once where much is new, one by one otherwise.
    pub fn index(&mut self) {
        let new = self.rows.len() - self.indexed;
        if new > self.tree.len() / 4 {
            let visible = self.rows.iter().enumerate().filter(|(_, row)| !row.hidden);
            // The old one goes first: the two would be the most that is ever held.
            self.tree = PointIndex::default();
            self.tree = PointIndex::bulk(visible.map(|(i, row)| (i, row.position)), |i| self.marked(i));
        } else {
            for i in self.indexed..self.rows.len() {
                if !self.rows[i].hidden {
                    self.tree.insert(i, self.rows[i].position);
                }
            }
        }
        self.indexed = self.rows.len();
    }

    /// Retracts a report.
    pub fn hide(&mut self, i: usize) {
        let marked = self.marked(i);
        let row = &mut self.rows[i];
        if !std::mem::replace(&mut row.hidden, true) {
            self.observed.went(row.observed_at);
        }
        self.published.set(i, false);
        if i < self.indexed {
            self.tree.remove(i, row.position, marked);
        }
    }

    /// Of a row that layers show: whether it is dry, by which the index counts it.
    fn marked(&self, i: usize) -> Option<bool> {
        self.published.contains(i).then(|| self.dry.contains(i))
    }

    pub fn find(&self, id: &str) -> Option<usize> {
        self.ids.find(id)
    }

    pub fn id(&self, i: usize) -> &str {
        self.ids.get(i)
    }

    /// Where the id of a report stands among all, for [`Reports::id_at`]: for many, it is quicker to look for these first.
    pub fn id_range(&self, i: usize) -> Range<usize> {
        self.ids.range(i)
    }

    pub fn id_at(&self, range: Range<usize>) -> &str {
        self.ids.at(range)
    }

    /// What a report shares with others.
    pub fn origin(&self, row: &ReportRow) -> Origin {
        self.origins[row.origin.index()]
    }

    pub fn word(&self, slot: Slot) -> &str {
        self.words.get(slot)
    }

    pub fn rows(&self) -> &[ReportRow] {
        &self.rows
    }

    pub fn set_incident(&mut self, i: usize, incident: Slot) {
        self.rows[i].incident = Some(incident);
        self.dry.set(i, false);
    }

    /// Those that layers show: neither retracted nor an opinion.
    pub fn published(&self) -> &Bits {
        &self.published
    }

    /// The visible reports in a box of degrees, in no particular order. Needs [`Reports::index`] before.
    pub fn within(&self, sides: [f64; 4]) -> impl Iterator<Item = usize> {
        self.tree.within(sides).map(|(i, _)| i)
    }

    /// As [`PointIndex::visit`], of all visible reports; those that layers show are counted, those that are dry marked.
    pub(super) fn visit(&self, sides: [f64; 4], visit: impl FnMut(Met) -> bool) {
        self.tree.visit(sides, visit);
    }

    /// Those that say "passed here, no water", as [`ReportRow::dry`].
    pub fn dry(&self) -> &Bits {
        &self.dry
    }

    /// The reports of all blocks in which one was observed in a time, in log order; unix seconds, both included.
    pub fn about(&self, from: i64, to: i64) -> impl Iterator<Item = usize> {
        self.about_any([(from, to)])
    }

    /// Whether a report may have been observed in a time, unix seconds, both included; its row is not looked at.
    pub fn may_be_about(&self, i: usize, from: i64, to: i64) -> bool {
        let block = self.blocks[i / BLOCK];
        block.earliest <= to && from <= block.latest
    }

    /// As [`Reports::about`], of times that ascend and do not overlap.
    pub fn about_any(&self, times: impl AsRef<[(i64, i64)]>) -> impl Iterator<Item = usize> {
        let held = self.blocks.iter().enumerate().filter(move |(_, block)| {
            let times = times.as_ref();
            let ending = times.partition_point(|&(_, to)| to < block.earliest);
            times.get(ending).is_some_and(|&(from, _)| from <= block.latest)
        });
        held.flat_map(|(n, _)| n * BLOCK..self.rows.len().min((n + 1) * BLOCK))
    }

    /// How many visible reports were observed before a time, in unix seconds. Needs [`Reports::index`] before.
    pub fn observed_before(&self, t: i64) -> usize {
        let earliest = self.blocks.iter().map(|block| block.earliest).min();
        let latest = self.blocks.iter().map(|block| block.latest).max();
        match earliest.zip(latest) {
            Some((earliest, _)) if t <= earliest => 0,
            Some((_, latest)) if t > latest => self.visible(),
            _ => self.observed.before(t, || self.observations()),
        }
    }

    fn observations(&self) -> impl Iterator<Item = i64> {
        self.rows.iter().filter(|row| !row.hidden).map(|row| row.observed_at)
    }

    /// For [`HazardMap::check`](super::map::HazardMap::check).
    pub(super) fn check_observed(&self) {
        self.observed.check(|| self.observations().collect());
    }

    /// How many reports the spatial index holds.
    pub fn visible(&self) -> usize {
        self.tree.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_observed_in_a_time_is_among_the_blocks_about_it_and_few_others_are() {
        let mut reports = Reports::default();
        // Each ten seconds after the one before, some a day late.
        let time = |i: usize| i as i64 * 10 - if i % 2_000 == 7 { 86_400 } else { 0 };
        for i in 0..10 * BLOCK + 5 {
            let at = Position::new(110.0, 20.0).unwrap();
            reports.push(&Report::new(i.to_string(), Category::all().next().unwrap(), at, time(i)));
        }
        for (from, to) in [(0, 0), (50_000, 60_000), (102_440, i64::MAX), (i64::MIN, 20), (-5, -1), (200_000, 300_000)]
        {
            let about: Vec<usize> = reports.about(from, to).collect();
            assert!(about.is_sorted() && about.len() <= 6 * BLOCK, "{from} {to}: {}", about.len());
            let within = (0..reports.rows().len()).filter(|&i| (from..=to).contains(&time(i)));
            assert!(within.clone().all(|i| about.binary_search(&i).is_ok()));
            assert!((0..reports.rows().len()).filter(|&i| reports.may_be_about(i, from, to)).eq(about.iter().copied()));
            assert!(within.count() > 0 || about.len() < 6 * BLOCK);
        }
        assert_eq!(reports.about(200_000, 300_000).count(), 0);
        let times = [(i64::MIN, -80_000), (50_000, 60_000), (100_000, 100_000)];
        let mut about: Vec<usize> = times.iter().flat_map(|&(from, to)| reports.about(from, to)).collect();
        about.sort_unstable();
        about.dedup();
        assert!(about.len() < reports.rows().len() && about == reports.about_any(times).collect::<Vec<_>>());
    }
}
