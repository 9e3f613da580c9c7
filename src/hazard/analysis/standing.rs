//! What ranks and trends need of each hotspot by itself, kept until it changes.

use std::sync::OnceLock;

use hashbrown::{HashMap, HashSet};

use super::super::category::Category;
use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::rank::Severity;
use super::trend;

/// What a hotspot is ranked by: those that agree here stand in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    pub occasions: u32,
    pub severity: Severity,
}

/// One hotspot, whatever the time.
#[derive(Debug)]
pub struct Standing {
    pub category: Category,
    pub kind: Kind,
    begun: OnceLock<Box<[i64]>>,
}

impl Standing {
    fn of(map: &HazardMap, peak: Slot) -> Standing {
        let site = map.sites().get(peak);
        let kind = Kind { occasions: site.tally.occasions(), severity: Severity::of(map, peak) };
        Standing { category: site.category, kind, begun: OnceLock::new() }
    }

    /// When its occasions began, in order; unix seconds.
    pub fn begun(&self, map: &HazardMap, peak: Slot) -> &[i64] {
        self.begun.get_or_init(|| trend::begun(map, peak))
    }
}

/// Every hotspot, and how many there are of each kind: thousands of hotspots are of some hundred kinds.
#[derive(Debug)]
pub struct Standings {
    of: HashMap<Slot, Standing>,
    /// By category.
    kinds: Vec<HashMap<Kind, u32>>,
}

impl Standings {
    /// Those of all hotspots of a map.
    pub fn all(map: &HazardMap) -> Standings {
        let kinds = Category::all().map(|_| HashMap::new()).collect();
        let mut standings = Standings { of: HashMap::with_capacity(map.sites().peak_count()), kinds };
        map.sites().peaks().for_each(|peak| standings.put(map, peak));
        standings
    }

    /// Brings those up to date whose peaks or occasions have changed.
    pub fn renew(&mut self, map: &HazardMap, changed: &HashSet<Slot>) {
        for &slot in changed {
            if let Some(Standing { category, kind, .. }) = self.of.remove(&slot) {
                let kinds = &mut self.kinds[category.index()];
                let left = kinds.get_mut(&kind).expect("a hotspot is counted by its kind");
                *left -= 1;
                if *left == 0 {
                    kinds.remove(&kind);
                }
            }
            if map.sites().is_peak(slot) {
                self.put(map, slot);
            }
        }
    }

    fn put(&mut self, map: &HazardMap, peak: Slot) {
        let standing = Standing::of(map, peak);
        *self.kinds[standing.category.index()].entry(standing.kind).or_default() += 1;
        self.of.insert(peak, standing);
    }

    pub fn len(&self) -> usize {
        self.of.len()
    }

    pub fn get(&self, peak: Slot) -> &Standing {
        self.of.get(&peak).expect("every peak was given its standing")
    }

    /// The kinds of a category's hotspots, and how many there are of each.
    pub fn kinds(&self, category: Category) -> impl Iterator<Item = (Kind, u32)> {
        self.kinds[category.index()].iter().map(|(kind, many)| (*kind, *many))
    }
}
