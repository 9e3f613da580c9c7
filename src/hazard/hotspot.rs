//! Hotspots: local peaks of recurrence. Quick shift (Vedaldi & Soatto 2008) on occasions, kept up to date locally.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::category::Category;
use super::grid::Grid;
use super::incident::Incidents;
use super::occasion::{Tally, Touch};
use super::place::{Places, SiteKey};
use super::position::{Ecef, radius2_cm2};
use super::settings::Rule;
use super::slot::Slot;

/// One spot with its incidents of one category.
#[derive(Debug)]
pub struct Site {
    pub category: Category,
    pub key: SiteKey,
    pub at: Ecef,
    /// All incidents anchored here, those that do not count included.
    pub incidents: SmallVec<[u32; 4]>,
    /// Of the occasions within `hotspot_radius`; empty while none of its own incidents counts.
    pub tally: Tally,
    /// Hot: the nearest higher hot site within `spacing`; quiet: the nearest hot site within `hotspot_radius`.
    pub up: Option<Slot>,
    /// The sites whose `up` this is.
    pub below: SmallVec<[u32; 4]>,
    /// The last round that has looked at it.
    round: u64,
}

/// How sure a hotspot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Candidate,
    Recurring,
    Confirmed,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Candidate => "candidate",
            Status::Recurring => "recurring",
            Status::Confirmed => "confirmed",
        }
    }
}

/// A peak, all that climb to it, and the quieter sites beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hotspot {
    pub peak: Slot,
    pub status: Status,
    /// By site id.
    pub sites: Vec<Slot>,
    /// Those that count, in the order they were opened.
    pub incidents: Vec<u32>,
}

/// Every site, and which of them are peaks.
#[derive(Debug)]
pub struct Sites {
    all: Vec<Site>,
    by_key: HashMap<(Category, SiteKey), Slot>,
    near: Grid,
    peaks: BTreeSet<Slot>,
    round: u64,
}

impl Sites {
    /// `rules`: one for each category.
    pub fn new(rules: &[Rule]) -> Sites {
        let reach = rules.iter().map(Rule::reach_m).fold(0.0, f64::max);
        let near = Grid::new(reach);
        Sites { all: Vec::new(), by_key: HashMap::new(), near, peaks: BTreeSet::new(), round: 0 }
    }

    pub fn all(&self) -> &[Site] {
        &self.all
    }

    pub fn get(&self, slot: Slot) -> &Site {
        &self.all[slot.index()]
    }

    pub fn peaks(&self) -> impl Iterator<Item = Slot> {
        self.peaks.iter().copied()
    }

    pub fn find(&self, category: Category, key: SiteKey) -> Option<Slot> {
        self.by_key.get(&(category, key)).copied()
    }

    /// Puts an incident at its site.
    pub fn place(&mut self, category: Category, key: SiteKey, at: Ecef, incident: u32) -> Slot {
        let Sites { all, by_key, near, .. } = self;
        let slot = *by_key.entry((category, key)).or_insert_with(|| {
            let slot = Slot::new(all.len());
            near.insert(category.index() as i64, at, slot.raw());
            let (tally, up, below, incidents) = Default::default();
            all.push(Site { category, key, at, incidents, tally, up, below, round: 0 });
            slot
        });
        self.all[slot.index()].incidents.push(incident);
        slot
    }

    /// Brings tallies, pointers and peaks up to date after the spans of incidents at `changed` have changed.
    ///
    /// Tallies change within `hotspot_radius` of those, pointers within `spacing` of changed tallies; nothing beyond.
    pub fn settle(&mut self, changed: &[Slot], incidents: &Incidents, places: &Places) {
        let rule_of = |sites: &Sites, slot: Slot| incidents.rule(sites.get(slot).category).clone();
        let around = self.around(changed, |sites, slot| rule_of(sites, slot).hotspot_radius_m);
        let mut moved = Vec::new();
        for slot in around {
            let rule = rule_of(self, slot);
            let tally = self.tally(slot, incidents, &rule);
            let site = &mut self.all[slot.index()];
            let state = |t: &Tally| (t.occasions > 0, i64::from(t.occasions) >= rule.candidate_occasions, t.height);
            if state(&tally) != state(&site.tally) {
                moved.push(slot);
            }
            site.tally = tally;
        }
        for slot in self.around(&moved, |sites, slot| rule_of(sites, slot).reach_m()) {
            let rule = rule_of(self, slot);
            let up = self.higher(slot, places, &rule);
            self.point(slot, up);
            let peak = up.is_none() && self.is_hot(slot, &rule);
            if peak {
                self.peaks.insert(slot);
            } else {
                self.peaks.remove(&slot);
            }
        }
    }

    /// These sites and all of the same category within a distance of one of them, each once.
    fn around(&mut self, slots: &[Slot], radius_m: impl Fn(&Sites, Slot) -> f64) -> Vec<Slot> {
        self.round += 1;
        let mut out = Vec::new();
        for &slot in slots {
            let radius_m = radius_m(self, slot);
            let limit = radius2_cm2(radius_m);
            let Site { category, at, .. } = *self.get(slot);
            let Sites { all, near, round, .. } = self;
            near.near(category.index() as i64, at, radius_m, |o| {
                let other = &mut all[o as usize];
                if other.round != *round && other.at.distance2_cm2(at) <= limit {
                    other.round = *round;
                    out.push(Slot::new(o as usize));
                }
            });
        }
        out
    }

    /// The incidents that count within `hotspot_radius` of a site, with their weights.
    pub fn touching(&self, slot: Slot, incidents: &Incidents, rule: &Rule) -> Vec<Touch> {
        let Site { category, at, .. } = *self.get(slot);
        let limit = rule.hotspot_radius2_cm2();
        let mut out = Vec::new();
        self.near.near(category.index() as i64, at, rule.hotspot_radius_m, |o| {
            let other = &self.all[o as usize];
            let weight = limit - other.at.distance2_cm2(at);
            if weight >= 0 {
                let counts =
                    |&i: &u32| incidents.all()[i as usize].span.map(|span| Touch { span, weight, incident: i });
                out.extend(other.incidents.iter().filter_map(counts));
            }
        });
        out
    }

    fn tally(&self, slot: Slot, incidents: &Incidents, rule: &Rule) -> Tally {
        if !self.counts(slot, incidents) {
            return Tally::default();
        }
        Tally::of(&mut self.touching(slot, incidents, rule), rule.occasion_gap_s)
    }

    /// Does any of its own incidents count?
    pub fn counts(&self, slot: Slot, incidents: &Incidents) -> bool {
        self.get(slot).incidents.iter().any(|&i| incidents.all()[i as usize].span.is_some())
    }

    pub fn is_hot(&self, slot: Slot, rule: &Rule) -> bool {
        let occasions = i64::from(self.get(slot).tally.occasions);
        occasions > 0 && occasions >= rule.candidate_occasions
    }

    /// Where a site points: hot, to the nearest hot site within `spacing` that is higher; quiet, to the nearest hot one
    /// within `hotspot_radius`. Equal distances: the higher.
    pub fn higher(&self, slot: Slot, places: &Places, rule: &Rule) -> Option<Slot> {
        let (site, hot) = (self.get(slot), self.is_hot(slot, rule));
        if site.tally.occasions == 0 {
            return None;
        }
        let radius_m = if hot { rule.spacing_m } else { rule.hotspot_radius_m };
        let limit = radius2_cm2(radius_m);
        let mut best: Option<(i64, Slot)> = None;
        self.near.near(site.category.index() as i64, site.at, radius_m, |o| {
            let other = Slot::new(o as usize);
            let d = self.get(other).at.distance2_cm2(site.at);
            if d > limit || other == slot || !self.is_hot(other, rule) {
                return;
            }
            if hot && self.order(other, slot, places) != Ordering::Less {
                return;
            }
            let nearer = |(b, at): (i64, Slot)| d.cmp(&b).then_with(|| self.order(other, at, places)) == Ordering::Less;
            if best.is_none_or(nearer) {
                best = Some((d, other));
            }
        });
        best.map(|(_, other)| other)
    }

    /// Higher first; of equal heights, the smaller id.
    pub fn order(&self, a: Slot, b: Slot, places: &Places) -> Ordering {
        let (x, y) = (self.get(a), self.get(b));
        Reverse(x.tally.height).cmp(&Reverse(y.tally.height)).then_with(|| places.order(x.key, y.key))
    }

    fn point(&mut self, slot: Slot, up: Option<Slot>) {
        let before = std::mem::replace(&mut self.all[slot.index()].up, up);
        if before == up {
            return;
        }
        if let Some(before) = before {
            self.all[before.index()].below.retain(|b| *b != slot.raw());
        }
        if let Some(up) = up {
            self.all[up.index()].below.push(slot.raw());
        }
    }

    /// The peak of the hotspot that holds a site, if one does.
    pub fn peak(&self, slot: Slot, rule: &Rule) -> Option<Slot> {
        let mut at = slot;
        while let Some(up) = self.get(at).up {
            at = up;
        }
        self.is_hot(at, rule).then_some(at)
    }

    /// The hotspot of a peak.
    pub fn hotspot(&self, peak: Slot, incidents: &Incidents, places: &Places) -> Hotspot {
        let rule = incidents.rule(self.get(peak).category);
        let mut sites = vec![peak];
        let mut next = 0;
        while next < sites.len() {
            let below = &self.get(sites[next]).below;
            sites.extend(below.iter().map(|&b| Slot::new(b as usize)));
            next += 1;
        }
        sites.sort_unstable_by(|&a, &b| places.order(self.get(a).key, self.get(b).key));
        let all = sites.iter().flat_map(|&s| &self.get(s).incidents);
        let mut counting: Vec<u32> = all.copied().filter(|&i| incidents.all()[i as usize].span.is_some()).collect();
        counting.sort_unstable();
        let tally = &self.get(peak).tally;
        let status = if i64::from(tally.occasions) < rule.min_occasions {
            Status::Candidate
        } else if i64::from(tally.evidence) >= rule.min_evidence {
            Status::Confirmed
        } else {
            Status::Recurring
        };
        Hotspot { peak, status, sites, incidents: counting }
    }

    /// Every hotspot: most occasions first, then height, category, site.
    pub fn hotspots(&self, incidents: &Incidents, places: &Places) -> Vec<Hotspot> {
        let mut peaks: Vec<Slot> = self.peaks().collect();
        peaks.sort_unstable_by(|&a, &b| {
            let (x, y) = (self.get(a), self.get(b));
            let first = |s: &Site| (Reverse(s.tally.occasions), Reverse(s.tally.height), s.category.name());
            first(x).cmp(&first(y)).then_with(|| places.order(x.key, y.key))
        });
        peaks.into_iter().map(|peak| self.hotspot(peak, incidents, places)).collect()
    }
}
