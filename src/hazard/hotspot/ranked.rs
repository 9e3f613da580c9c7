//! The hotspots in their order: brought up to date with those that have changed, not sorted anew.

use std::cmp::{Ordering, Reverse};

use hashbrown::HashSet;

use super::super::category::Category;
use super::super::place::Places;
use super::super::position::Position;
use super::super::slot::Slot;
use super::{Site, Sites};

/// The peak of a hotspot, with what it stands in order of and is looked for by: its site lies in another corner of memory, and
/// where a cell has its centre takes time to work out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    pub slot: Slot,
    pub category: Category,
    pub occasions: u32,
    /// In cm², as in the tally.
    pub height: i64,
    pub at: Position,
}

impl Sites {
    /// The peaks: most occasions first, then height, category, site. `last`: as they stood before, and the sites that have
    /// changed since.
    pub fn ranked(&self, places: &Places, last: Option<(Vec<Peak>, &HashSet<Slot>)>) -> Vec<Peak> {
        let Some((mut kept, changed)) = last else {
            let mut peaks: Vec<Peak> = self.peaks().map(|slot| self.ranking(slot, places)).collect();
            peaks.sort_unstable_by(|a, b| self.before(a, b, places));
            return peaks;
        };
        kept.retain(|peak| !changed.contains(&peak.slot));
        let mut fresh: Vec<Peak> =
            changed.iter().filter(|slot| self.is_peak(**slot)).map(|&slot| self.ranking(slot, places)).collect();
        fresh.sort_unstable_by(|a, b| self.before(a, b, places));
        let mut peaks = Vec::with_capacity(kept.len() + fresh.len());
        let mut rest = &kept[..];
        for peak in fresh {
            let before;
            (before, rest) = rest.split_at(rest.partition_point(|other| self.before(other, &peak, places).is_lt()));
            peaks.extend_from_slice(before);
            peaks.push(peak);
        }
        peaks.extend_from_slice(rest);
        peaks
    }

    fn ranking(&self, slot: Slot, places: &Places) -> Peak {
        let Site { category, key, tally, .. } = self.get(slot);
        let (occasions, height) = (tally.occasions(), tally.height);
        Peak { slot, category: *category, occasions, height, at: places.position(*key) }
    }

    fn before(&self, a: &Peak, b: &Peak, places: &Places) -> Ordering {
        let first = |peak: &Peak| (Reverse(peak.occasions), Reverse(peak.height), peak.category.name());
        first(a).cmp(&first(b)).then_with(|| places.order(self.get(a.slot).key, self.get(b.slot).key))
    }
}
