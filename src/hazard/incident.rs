//! Incidents: one hazard, at one place, on one occasion. Leader clustering in log order (Hartigan 1975), so that a case
//! keeps its radius and two cases never merge by themselves; people's decisions are events too.

use std::num::{NonZeroU32, NonZeroU64};

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::bits::Bits;
use super::category::Category;
use super::checkpoint::{Loader, Saver};
use super::grid::SparseGrid;
use super::position::{Ecef, Position, radius2_cm2};
use super::rare::Rare;
use super::report::ReportRow;
use super::settings::Rule;
use super::slot::{Moment, Slot};
use crate::error::Result;

/// One case with all its reports.
#[derive(Debug, Serialize, Deserialize)]
pub struct Incident {
    pub category: Category,
    /// The position of the report that opened it.
    pub anchor: Position,
    /// Log position of the event that opened it.
    opened: Slot,
    /// The visible reports, by index; none left: the incident is void.
    pub reports: SmallVec<[u32; 4]>,
    /// What the visible reports say; meaningless when void.
    pub facts: Facts,
    /// A photo of a visible report shows it.
    pub photo: bool,
    pub acknowledged: bool,
    pub dismissed: bool,
    pub found: bool,
    pub not_found: bool,
    /// When it was resolved or dismissed.
    pub ended: Option<Moment>,
    /// Where it counts, or did: there stands its span.
    pub site: Option<Slot>,
    /// Counts in the occasions of its site, as last settled: not void, not dismissed, in the window.
    pub counts: bool,
}

/// What the visible reports of an incident say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub first: i64,
    pub last: i64,
    pub people: People,
}

/// Whether nobody, one person or several reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People(u64);

impl People {
    pub const NOBODY: People = People(0);
    /// No person has the largest number: it stands for several.
    pub const SEVERAL: People = People(u64::MAX);

    pub fn one(person: NonZeroU64) -> People {
        People(person.get().min(u64::MAX - 1))
    }

    pub fn and(self, other: People) -> People {
        match (self, other) {
            (People::NOBODY, p) | (p, People::NOBODY) => p,
            (a, b) if a == b => a,
            _ => People::SEVERAL,
        }
    }
}

impl Facts {
    pub fn of(row: &ReportRow) -> Facts {
        let people = row.person.map_or(People::NOBODY, People::one);
        Facts { first: row.observed_at, last: row.observed_at, people }
    }

    fn and(self, other: Facts) -> Facts {
        Facts {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            people: self.people.and(other.people),
        }
    }

    /// Of all these reports together; `None` without any.
    pub fn of_all(reports: &[u32], rows: &[ReportRow]) -> Option<Facts> {
        reports.iter().map(|&r| Facts::of(&rows[r as usize])).reduce(Facts::and)
    }
}

impl Incident {
    /// Log position of the event that opened it: its identity.
    pub fn opened(&self) -> u64 {
        self.opened.index() as u64
    }

    pub fn is_void(&self) -> bool {
        self.reports.is_empty()
    }

    /// What its status, and that of each of its reports, depends on.
    pub fn standing(&self) -> (bool, bool, bool) {
        (self.acknowledged, self.dismissed, self.ended.is_some())
    }

    /// Staff found it, a photo shows it, or two people reported it.
    pub fn has_evidence(&self) -> bool {
        self.found || self.photo || self.facts.people == People::SEVERAL
    }

    /// Does a report observed at `t` fall into the time this case could take reports, were it not for its end?
    fn spans(&self, t: i64, rule: &Rule) -> bool {
        let f = &self.facts;
        f.first - rule.lapse_s <= t
            && t <= f.first + rule.max_open_s
            && (self.acknowledged || t <= f.last + rule.lapse_s)
    }

    /// Would it take a report observed at `t` where it lies?
    pub fn takes(&self, t: i64, rule: &Rule) -> bool {
        self.spans(t, rule) && !self.has_ended_before(t)
    }

    fn has_ended_before(&self, t: i64) -> bool {
        self.ended.is_some_and(|end| t > end.seconds())
    }
}

/// Every incident in the order it was opened, and which of them could take a report observed near some place and time.
#[derive(Debug)]
pub struct Incidents {
    all: Vec<Incident>,
    rules: Vec<Rule>,
    /// The case that another was merged into.
    pub(super) merged: Rare<Slot>,
    /// Seconds since a case there, which would still have taken the first report, had ended.
    pub(super) recurred: Rare<NonZeroU32>,
    /// Those that layers show.
    published: Bits,
    /// Those with reports, by category, stretch of time and anchor.
    live: SparseGrid,
}

impl Incidents {
    /// `rules`: one for each category, in order of the table.
    pub fn new(rules: Vec<Rule>) -> Incidents {
        let radius = rules.iter().map(|r| r.join_radius_m).fold(0.0, f64::max);
        // Cubes much larger than the radius: a search looks into two or three of them on average, and few cases are live in one.
        Incidents {
            all: Vec::new(),
            rules,
            merged: Rare::default(),
            recurred: Rare::default(),
            published: Bits::default(),
            live: SparseGrid::new(4.0 * radius),
        }
    }

    pub(super) fn save(&self, to: &mut Saver) -> Result<()> {
        to.rows(&self.all)?;
        self.merged.save(to)?;
        self.recurred.save(to)
    }

    /// What was saved, under the same rules.
    pub(super) fn load(rules: Vec<Rule>, from: &mut Loader) -> Result<Incidents> {
        let mut incidents = Incidents { all: from.rows()?, ..Incidents::new(rules) };
        incidents.merged = Rare::load(from)?;
        incidents.recurred = Rare::load(from)?;
        for i in 0..incidents.all.len() {
            incidents.publish(i);
            if !incidents.all[i].is_void() {
                incidents.list(i);
            }
        }
        Ok(incidents)
    }

    pub fn all(&self) -> &[Incident] {
        &self.all
    }

    pub fn get_mut(&mut self, i: usize) -> &mut Incident {
        &mut self.all[i]
    }

    /// The incident that a report, at its place `at`, joins: the nearest that is live for it; of equals, the one opened first.
    /// Where there is none: how long ago a case ended that would have taken it.
    pub fn nearest(&self, row: &ReportRow, at: Ecef) -> Result<usize, Option<NonZeroU32>> {
        if row.category.is_alone() {
            return Err(None);
        }
        let t = row.observed_at;
        let (mut best, mut last_end) = (None, None);
        self.live_near(row, at, |i, d| {
            let incident = &self.all[i as usize];
            if incident.has_ended_before(t) {
                last_end = last_end.max(incident.ended.map(Moment::seconds));
            } else if best.is_none_or(|b| (d, i) < b) {
                best = Some((d, i));
            }
        });
        best.map(|(_, i)| i as usize)
            .ok_or(last_end.map(|end| u32::try_from(t - end).unwrap_or(u32::MAX)).and_then(NonZeroU32::new))
    }

    /// Visits the incidents that would take a report, at its place `at`, were it not for their end, each with its squared
    /// distance in cm²; some twice.
    pub fn live_near(&self, row: &ReportRow, at: Ecef, mut visit: impl FnMut(u32, i64)) {
        let (rule, t) = (self.rule(row.category), row.observed_at);
        let limit = radius2_cm2(rule.join_radius_m);
        let [from, to] = [t - rule.max_open_s, t + rule.lapse_s].map(|first| stretch(first, rule));
        for bucket in from..=to {
            self.live.near(layer(row.category, bucket), at, rule.join_radius_m, |i| {
                let incident = &self.all[i as usize];
                if incident.spans(t, rule) {
                    let d = incident.anchor.ecef().distance2_cm2(at);
                    if d <= limit {
                        visit(i, d);
                    }
                }
            });
        }
    }

    /// The incidents of a category whose anchors lie within a distance of `at` in metres, and whose first observations lie
    /// from one time to another, both included.
    pub fn around(&self, category: Category, at: Ecef, radius_m: f64, [from, to]: [i64; 2]) -> Vec<usize> {
        let (rule, limit) = (self.rule(category), radius2_cm2(radius_m));
        let mut found = Vec::new();
        let mut look = |i: usize| {
            let Incident { category: of, anchor, facts, ref reports, .. } = self.all[i];
            let there = of == category && !reports.is_empty() && (from..=to).contains(&facts.first);
            if there && anchor.ecef().distance2_cm2(at) <= limit {
                found.push(i);
            }
        };
        let [first, last] = [from, to].map(|t| stretch(t, rule));
        // Under a rule of very short cases there are more stretches than incidents.
        if category.is_alone() || last - first > self.all.len() as i64 {
            (0..self.all.len()).for_each(look);
        } else {
            (first..=last)
                .for_each(|bucket| self.live.near(layer(category, bucket), at, radius_m, |i| look(i as usize)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Opens an incident with one report, at its place `at`; returns its index.
    pub fn open(
        &mut self,
        report: usize,
        row: &ReportRow,
        at: Ecef,
        seq: u64,
        recurred_after_s: Option<NonZeroU32>,
    ) -> usize {
        self.all.push(Incident {
            category: row.category,
            anchor: row.position,
            opened: Slot::new(seq as usize),
            reports: SmallVec::from_slice(&[report as u32]),
            facts: Facts::of(row),
            photo: row.photo,
            acknowledged: false,
            dismissed: false,
            found: false,
            not_found: false,
            ended: None,
            site: None,
            counts: false,
        });
        let i = self.all.len() - 1;
        if let Some(after) = recurred_after_s {
            self.recurred.set(i, after);
        }
        self.publish(i);
        if let Some(layer) = self.layer(i) {
            self.live.insert(layer, at, i as u32);
        }
        i
    }

    /// Adds a report to an incident.
    pub fn join(&mut self, i: usize, report: usize, row: &ReportRow) {
        let facts = self.all[i].facts.and(Facts::of(row));
        self.all[i].reports.push(report as u32);
        self.all[i].photo |= row.photo;
        self.publish(i);
        self.revise(i, Some(facts));
    }

    /// Takes a report out of an incident, which may become void.
    pub fn leave(&mut self, i: usize, report: usize, rows: &[ReportRow]) {
        let incident = &mut self.all[i];
        incident.reports.retain(|r| *r != report as u32);
        incident.photo = incident.reports.iter().any(|&r| rows[r as usize].photo);
        let facts = Facts::of_all(&self.all[i].reports, rows);
        self.publish(i);
        self.revise(i, facts);
    }

    /// Makes two incidents one: the one opened first stays. Ended only if both were, at the later end; dismissed or not
    /// found only if both were; acknowledged or found if either was. Returns (stays, goes).
    pub fn merge(&mut self, a: usize, b: usize) -> (usize, usize) {
        let (i, j) = (a.min(b), a.max(b));
        let goes = &mut self.all[j];
        let (reports, facts) = (std::mem::take(&mut goes.reports), goes.facts);
        let (photo, acknowledged, found) = (goes.photo, goes.acknowledged, goes.found);
        let (dismissed, not_found, ended) = (goes.dismissed, goes.not_found, goes.ended);
        self.merged.set(j, Slot::new(i));
        self.publish(j);
        self.unlist(j);
        let stays = &mut self.all[i];
        stays.reports.extend(reports);
        stays.photo |= photo;
        stays.acknowledged |= acknowledged;
        stays.found |= found;
        stays.not_found &= not_found;
        stays.dismissed &= dismissed;
        stays.ended = stays.ended.zip(ended).map(|(x, y)| x.max(y));
        let facts = stays.facts.and(facts);
        self.revise(i, Some(facts));
        (i, j)
    }

    /// Those that layers show: not void, and no opinions.
    pub fn published(&self) -> &Bits {
        &self.published
    }

    fn publish(&mut self, i: usize) {
        let incident = &self.all[i];
        self.published.set(i, !incident.is_void() && !incident.category.is_alone());
    }

    /// New facts, or none left; keeps the index of live incidents in step.
    fn revise(&mut self, i: usize, facts: Option<Facts>) {
        let Some(facts) = facts else { return self.unlist(i) };
        let (category, before) = (self.all[i].category, self.all[i].facts.first);
        let rule = self.rule(category);
        if stretch(before, rule) == stretch(facts.first, rule) {
            self.all[i].facts = facts;
        } else {
            self.unlist(i);
            self.all[i].facts = facts;
            self.list(i);
        }
    }

    fn list(&mut self, i: usize) {
        if let Some((layer, at)) = self.listing(i) {
            self.live.insert(layer, at, i as u32);
        }
    }

    fn unlist(&mut self, i: usize) {
        if let Some((layer, at)) = self.listing(i) {
            self.live.remove(layer, at, i as u32);
        }
    }

    /// Where the index of live incidents holds an incident that is not void.
    pub fn listing(&self, i: usize) -> Option<(i64, Ecef)> {
        self.layer(i).map(|layer| (layer, self.all[i].anchor.ecef()))
    }

    fn layer(&self, i: usize) -> Option<i64> {
        let Incident { category, facts, .. } = self.all[i];
        (!category.is_alone()).then(|| layer(category, stretch(facts.first, self.rule(category))))
    }

    pub fn live(&self) -> &SparseGrid {
        &self.live
    }

    pub fn rule(&self, category: Category) -> &Rule {
        &self.rules[category.index()]
    }
}

/// Time cut into stretches twice as long as a case can take reports, before and after its first observation: a search
/// then looks into one or two of them.
fn stretch(first: i64, rule: &Rule) -> i64 {
    first.div_euclid((2 * (rule.max_open_s + rule.lapse_s)).max(1))
}

fn layer(category: Category, stretch: i64) -> i64 {
    stretch * 256 + category.index() as i64
}
