//! The sites in a checkpoint.

use std::hash::BuildHasher;

use super::super::checkpoint::{Loader, Saver};
use super::super::settings::Rule;
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
        sites.find_peaks(|category| &rules[category.index()]);
        sites.add_up();
        Ok(sites)
    }
}
