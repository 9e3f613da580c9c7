//! Hotspots: local peaks of recurrence. Quick shift (Vedaldi & Soatto 2008) on occasions, kept up to date locally.

mod counted;
mod ranked;
mod saved;
mod settled;

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::OnceLock;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::category::Category;
use super::grid::Grid;
use super::occasion::{Span, Tally, Touch};
use super::place::{Places, SiteKey};
use super::position::Ecef;
use super::settings::Rule;
use super::slot::Slot;

pub use counted::Moments;
pub use ranked::Peak;

/// One spot with its incidents of one category.
#[derive(Debug, Serialize, Deserialize)]
pub struct Site {
    pub category: Category,
    pub key: SiteKey,
    pub at: Ecef,
    /// Of the incidents here that count, in the order they were opened.
    pub spans: SmallVec<[Span; 1]>,
    /// Of the occasions within `hotspot_radius`; empty while none of its own incidents counts.
    pub tally: Tally,
    /// Hot: the nearest higher hot site within `spacing`; quiet: the nearest hot site within `hotspot_radius`.
    pub up: Option<Slot>,
    /// The sites whose `up` this is: the first of them, each of which names the next.
    below: Option<Slot>,
    beside: Option<Slot>,
    /// The last round that has looked at it.
    #[serde(skip)]
    round: u32,
}

/// How sure a hotspot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Candidate,
    Recurring,
    Confirmed,
}

impl Status {
    pub const ALL: [Status; 3] = [Status::Candidate, Status::Recurring, Status::Confirmed];

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
    by_key: HashTable<u32>,
    hasher: DefaultHashBuilder,
    near: Grid,
    peaks: BTreeSet<Slot>,
    /// By category.
    moments: Vec<Moments>,
    cells: OnceLock<usize>,
    round: u32,
}

impl Sites {
    /// `rules`: those of the categories that there are sites of.
    pub fn new(rules: &[Rule]) -> Sites {
        let reach = rules.iter().map(Rule::reach_m).fold(0.0, f64::max);
        Sites {
            all: Vec::new(),
            by_key: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            near: Grid::new(reach),
            peaks: BTreeSet::new(),
            moments: vec![Moments::default(); Category::all().count()],
            cells: OnceLock::new(),
            round: 0,
        }
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

    pub fn peak_count(&self) -> usize {
        self.peaks.len()
    }

    pub fn is_peak(&self, slot: Slot) -> bool {
        self.peaks.contains(&slot)
    }

    pub fn find(&self, category: Category, key: SiteKey) -> Option<Slot> {
        let hash = self.hasher.hash_one((category, key));
        let is = |&i: &u32| (self.all[i as usize].category, self.all[i as usize].key) == (category, key);
        self.by_key.find(hash, is).map(|&i| Slot::new(i as usize))
    }

    /// The site of a key, made where there is none yet; `at`: where its position is.
    pub fn find_or_add(&mut self, category: Category, key: SiteKey, at: impl FnOnce() -> Ecef) -> Slot {
        let Sites { all, by_key, hasher, near, .. } = self;
        let known = |i: u32| (all[i as usize].category, all[i as usize].key);
        let hash = hasher.hash_one((category, key));
        let vacant = match by_key.entry(hash, |&i| known(i) == (category, key), |&i| hasher.hash_one(known(i))) {
            Entry::Occupied(found) => return Slot::new(*found.get() as usize),
            Entry::Vacant(vacant) => vacant,
        };
        let (slot, at) = (Slot::new(all.len()), at());
        vacant.insert(slot.index() as u32);
        let (spans, tally, up, below, beside) = Default::default();
        all.push(Site { category, key, at, spans, tally, up, below, beside, round: 0 });
        near.insert(category.index() as i64, at, slot.raw());
        slot
    }

    /// Makes room for so many further sites at once.
    pub fn expect(&mut self, sites: usize) {
        let Sites { all, by_key, hasher, .. } = self;
        all.reserve(sites);
        by_key.reserve(sites, |&i| hasher.hash_one((all[i as usize].category, all[i as usize].key)));
    }

    /// Makes just enough room for the first spans of a site; later ones come one by one and take room by doubling.
    pub fn expect_spans(&mut self, slot: Slot, spans: usize) {
        let site = &mut self.all[slot.index()];
        if site.spans.is_empty() {
            site.spans.reserve_exact(spans);
        }
    }

    /// Puts, changes or takes away the span of an incident; returns whether that made a difference.
    pub fn set_span(&mut self, slot: Slot, incident: u32, span: Option<Span>) -> bool {
        let spans = &mut self.all[slot.index()].spans;
        let had = !spans.is_empty();
        let differs = match (spans.binary_search_by_key(&incident, |s| s.incident), span) {
            (Ok(i), Some(span)) => std::mem::replace(&mut spans[i], span) != span,
            (Ok(i), None) => {
                spans.remove(i);
                true
            }
            (Err(i), Some(span)) => {
                spans.insert(i, span);
                true
            }
            (Err(_), None) => false,
        };
        if had == spans.is_empty() {
            self.recount_cell(slot);
        }
        differs
    }

    /// Collects the spans of the incidents that count within `hotspot_radius` of a site, with their weights.
    pub fn touching(&self, slot: Slot, rule: &Rule, out: &mut Vec<Touch>) {
        let (site, limit) = (self.get(slot), rule.hotspot_radius2_cm2());
        self.near.within(site.category.index() as i64, site.at, rule.hotspot_radius_m, |o, d| {
            let spans = self.all[o as usize].spans.iter();
            out.extend(spans.map(|&span| Touch { span, weight: limit - d }));
        });
    }

    /// Visits the sites of a category within a radius of a spot.
    pub fn within(&self, category: Category, at: Ecef, radius_m: f64, mut visit: impl FnMut(Slot)) {
        self.near.within(category.index() as i64, at, radius_m, |site, _| visit(Slot::new(site as usize)));
    }

    pub fn is_hot(&self, slot: Slot, rule: &Rule) -> bool {
        let occasions = i64::from(self.get(slot).tally.occasions());
        occasions > 0 && occasions >= rule.candidate_occasions
    }

    /// Higher first; of equal heights, the smaller id.
    pub fn order(&self, a: Slot, b: Slot, places: &Places) -> Ordering {
        let (x, y) = (self.get(a), self.get(b));
        Reverse(x.tally.height).cmp(&Reverse(y.tally.height)).then_with(|| places.order(x.key, y.key))
    }

    /// The sites that point to this one.
    pub fn below(&self, slot: Slot) -> impl Iterator<Item = Slot> {
        std::iter::successors(self.get(slot).below, |b| self.get(*b).beside)
    }

    /// The peak of the hotspot that holds a site, if one does.
    pub fn peak(&self, slot: Slot, rule: &Rule) -> Option<Slot> {
        let mut at = slot;
        while let Some(up) = self.get(at).up {
            at = up;
        }
        self.is_hot(at, rule).then_some(at)
    }

    /// A peak and all sites that lead to it, the peak first.
    pub fn members(&self, peak: Slot) -> impl Iterator<Item = Slot> {
        // A peak points nowhere, so it stands beside nothing.
        let mut waiting = vec![peak];
        std::iter::from_fn(move || {
            let slot = waiting.pop()?;
            let Site { below, beside, .. } = self.get(slot);
            waiting.extend(beside.iter().chain(below));
            Some(slot)
        })
    }

    /// The hotspot of a peak.
    pub fn hotspot(&self, peak: Slot, rule: &Rule, places: &Places) -> Hotspot {
        let mut sites: Vec<Slot> = self.members(peak).collect();
        sites.sort_unstable_by(|&a, &b| places.order(self.get(a).key, self.get(b).key));
        let spans = sites.iter().flat_map(|&s| &self.get(s).spans);
        let mut counting: Vec<u32> = spans.map(|span| span.incident).collect();
        counting.sort_unstable();
        Hotspot { peak, status: self.status(peak, rule), sites, incidents: counting }
    }

    /// How sure the hotspot of a peak is.
    pub fn status(&self, peak: Slot, rule: &Rule) -> Status {
        let tally = &self.get(peak).tally;
        if i64::from(tally.occasions()) < rule.min_occasions {
            Status::Candidate
        } else if i64::from(tally.evidence) >= rule.min_evidence {
            Status::Confirmed
        } else {
            Status::Recurring
        }
    }
}
