//! The sites in a checkpoint.

use std::hash::BuildHasher;

use super::super::checkpoint::{Loader, Saver};
use super::super::settings::Rule;
use super::super::slot::Slot;
use super::Sites;
use crate::error::Result;

impl Sites {
    pub(in crate::hazard) fn save(&self, to: &mut Saver) -> Result<()> {
        to.rows(&self.all)
    }

    /// What was saved, under the same rules, one for each category.
    pub(in crate::hazard) fn load(rules: &[Rule], from: &mut Loader) -> Result<Sites> {
        let mut sites = Sites { all: from.rows()?, ..Sites::new(rules) };
        let Sites { all, by_key, hasher, near, .. } = &mut sites;
        let hash = |&i: &u32| hasher.hash_one((all[i as usize].category, all[i as usize].key));
        by_key.reserve(all.len(), hash);
        for (i, site) in (0_u32..).zip(&*all) {
            by_key.insert_unique(hash(&i), i, hash);
            near.insert(site.category.index() as i64, site.at, i);
        }
        let is_peak = |slot: &Slot| {
            let site = sites.get(*slot);
            site.up.is_none() && sites.is_hot(*slot, &rules[site.category.index()])
        };
        sites.peaks = (0..sites.all.len()).map(Slot::new).filter(is_peak).collect();
        sites.add_up();
        Ok(sites)
    }
}
