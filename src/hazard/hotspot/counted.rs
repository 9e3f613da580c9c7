//! What all sites add up to, kept up to date as they change.

use super::super::category::Category;
use super::super::place::SiteKey;
use super::super::slot::Slot;
use super::{Site, Sites};

/// How the occasions at the sites of a category add up: in whole numbers, so that nothing is left of what has gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    pub sum: u64,
    pub squares: u64,
    /// Sites with at least one.
    pub flooded: u64,
}

impl Moments {
    /// A site has so many occasions now, and had so many before.
    pub(super) fn replace(&mut self, before: u32, now: u32) {
        let [before, now] = [before, now].map(u64::from);
        self.flooded = self.flooded + u64::from(now > 0) - u64::from(before > 0);
        self.sum = self.sum + now - before;
        self.squares = self.squares + now * now - before * before;
    }
}

impl Sites {
    /// How often it flooded at all sites of a category together.
    pub fn moments(&self, category: Category) -> Moments {
        self.moments[category.index()]
    }

    /// The cells in which an incident of any category counts, each once; counted when somebody first asks, and kept up to date
    /// from then on.
    pub fn cells(&self) -> usize {
        *self.cells.get_or_init(|| self.count_cells())
    }

    fn count_cells(&self) -> usize {
        let with_incidents = self.all.iter().filter(|site| !site.spans.is_empty());
        let mut cells: Vec<SiteKey> = with_incidents.map(|site| site.key).filter(|key| key.is_cell()).collect();
        cells.sort_unstable();
        cells.dedup();
        cells.len()
    }

    /// A site has its first incident that counts, or none any more.
    pub(super) fn recount_cell(&mut self, slot: Slot) {
        let Site { category, key, ref spans, .. } = self.all[slot.index()];
        let has = !spans.is_empty();
        if !key.is_cell() || self.cells.get().is_none() {
            return;
        }
        let others = Category::all().filter(|other| *other != category).filter_map(|other| self.find(other, key));
        let counted = others.into_iter().any(|other| !self.get(other).spans.is_empty());
        if let Some(cells) = self.cells.get_mut().filter(|_| !counted) {
            if has { *cells += 1 } else { *cells -= 1 }
        }
    }

    /// Adds up anew what is kept for all sites.
    pub(super) fn add_up(&mut self) {
        let Sites { all, moments, .. } = self;
        moments.fill(Moments::default());
        all.iter().for_each(|site| moments[site.category.index()].replace(0, site.tally.occasions()));
    }

    /// For [`HazardMap::check`](super::super::map::HazardMap::check): what is kept is what is added up now.
    pub(in crate::hazard) fn check_counts(&self) {
        let mut moments = vec![Moments::default(); self.moments.len()];
        self.all.iter().for_each(|site| moments[site.category.index()].replace(0, site.tally.occasions()));
        assert_eq!(moments, self.moments, "the occasions of all sites add up to something else");
        if let Some(&cells) = self.cells.get() {
            assert_eq!(cells, self.count_cells(), "the cells with incidents are counted wrong");
        }
    }
}
