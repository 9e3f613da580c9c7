//! Tallies, pointers and peaks, brought up to date: around what has changed, or all of them at once.

use std::cmp::Ordering;

use super::super::category::Category;
use super::super::cubed::{Cubed, Patience};
use super::super::incident::Incidents;
use super::super::occasion::{Counter, Tally};
use super::super::place::Places;
use super::super::position::{half_up, radius2_cm2};
use super::super::settings::Rule;
use super::super::slot::Slot;
use super::super::touched::Before;
use super::{Site, Sites};

/// With radii of kilometres one site alone takes milliseconds.
const SITES_BETWEEN_ASKING: usize = 64;

impl Sites {
    /// Brings tallies, pointers and peaks up to date after the spans of incidents at `changed` have changed.
    ///
    /// Tallies change within `hotspot_radius` of those, pointers within `spacing` of changed tallies; nothing beyond.
    /// Asks between sites whether to go on; false when told not to: then nothing here is right any more.
    /// How the sites that change stood before is noted, where somebody wants to know.
    pub fn settle(
        &mut self,
        changed: &[Slot],
        incidents: &Incidents,
        places: &Places,
        go_on: &dyn Fn() -> bool,
        mut noting: Option<&mut Before>,
    ) -> bool {
        // Where many have changed, looking for their neighbours costs more than looking at all.
        if changed.len() > self.all.len() / 4 {
            let noted = noting.as_deref_mut().map(|noted| &mut noted.near);
            noted.into_iter().for_each(|near| near.extend((0..self.all.len()).map(Slot::new)));
            let whole = Category::all().try_for_each(|category| {
                self.settle_all(
                    category,
                    incidents.rule(category),
                    places,
                    &mut Patience::new(go_on),
                    noting.as_deref_mut(),
                )
            });
            self.find_peaks(|category| incidents.rule(category));
            return whole.is_some();
        }
        let mut moved = Vec::new();
        let near = self.around(changed, |site| incidents.rule(site.category).hotspot_radius_m);
        if let Some(noted) = noting.as_deref_mut() {
            noted.near.extend_from_slice(&near);
        }
        let mut touching = Vec::new();
        for (n, slot) in near.into_iter().enumerate() {
            if n % SITES_BETWEEN_ASKING == 0 && !go_on() {
                return false;
            }
            let rule = incidents.rule(self.get(slot).category);
            touching.clear();
            if !self.get(slot).spans.is_empty() {
                self.touching(slot, rule, &mut touching);
            }
            let tally = Tally::of(&mut touching, rule.occasion_gap_s);
            if self.recount(slot, tally, rule, noting.as_deref_mut()) {
                moved.push(slot);
            }
        }
        for (n, slot) in self.around(&moved, |site| incidents.rule(site.category).reach_m()).into_iter().enumerate() {
            if n % SITES_BETWEEN_ASKING == 0 && !go_on() {
                return false;
            }
            let rule = incidents.rule(self.get(slot).category);
            let up = self.higher(slot, places, rule);
            self.repoint(slot, up, noting.as_deref_mut());
            if up.is_none() && self.is_hot(slot, rule) {
                self.peaks.insert(slot);
            } else {
                self.peaks.remove(&slot);
            }
        }
        true
    }

    /// As [`Sites::settle`], all sites of a category; nothing when told not to go on.
    fn settle_all(
        &mut self,
        category: Category,
        rule: &Rule,
        places: &Places,
        patience: &mut Patience,
        mut noting: Option<&mut Before>,
    ) -> Option<()> {
        let of_category = self.all.iter().zip(0..).filter(|(site, _)| site.category == category);
        let (points, slots): (Vec<_>, Vec<usize>) = of_category.map(|(site, slot)| (site.at, slot)).unzip();
        let side_cm = half_up(rule.reach_m() * 100.0).max(1.0) as i32;
        let cubed = Cubed::of(&points, side_cm, rule.reach_m(), patience)?;
        let slot = |n: usize| Slot::new(slots[cubed.of[n] as usize]);
        let tallies = self.tallies(&cubed, slot, rule, patience)?;
        for (n, tally) in tallies.into_iter().enumerate() {
            self.recount(slot(n), tally, rule, noting.as_deref_mut());
        }
        let ups = self.ups(&cubed, slot, rule, places, patience)?;
        for (n, up) in ups.into_iter().enumerate() {
            self.repoint(slot(n), up, noting.as_deref_mut());
        }
        Some(())
    }

    /// The tallies of sites in the order of their cubes.
    fn tallies(
        &self,
        cubed: &Cubed,
        slot: impl Fn(usize) -> Slot,
        rule: &Rule,
        patience: &mut Patience,
    ) -> Option<Vec<Tally>> {
        let limit = rule.hotspot_radius2_cm2();
        let spans: Vec<_> = (0..cubed.at.len()).map(|n| &self.get(slot(n)).spans[..]).collect();
        let (mut tallies, mut counter, mut near) = (Vec::with_capacity(spans.len()), Counter::default(), Vec::new());
        for cube in 0..cubed.len() {
            near.clear();
            near.extend(cubed.near(cube).chain([cube]).map(|other| cubed.range(other)));
            let others: usize = near.iter().map(|range| range.len()).sum();
            for n in cubed.range(cube) {
                patience.spend(others)?;
                if !spans[n].is_empty() {
                    for other in near.iter().cloned().flatten() {
                        let d = cubed.at[n].distance2_cm2(cubed.at[other]);
                        if d <= limit {
                            counter.touch(spans[other], limit - d);
                        }
                    }
                }
                tallies.push(counter.tally(rule.occasion_gap_s));
            }
        }
        Some(tallies)
    }

    /// Where sites point, in the order of their cubes.
    fn ups(
        &self,
        cubed: &Cubed,
        slot: impl Fn(usize) -> Slot,
        rule: &Rule,
        places: &Places,
        patience: &mut Patience,
    ) -> Option<Vec<Option<Slot>>> {
        let mut ups = Vec::with_capacity(cubed.at.len());
        let mut near = Vec::new();
        for cube in 0..cubed.len() {
            near.clear();
            near.extend(cubed.near(cube).chain([cube]).map(|other| cubed.range(other)));
            let others: usize = near.iter().map(|range| range.len()).sum();
            for n in cubed.range(cube) {
                patience.spend(others)?;
                ups.push(self.higher_of(slot(n), places, rule, |radius_m, visit| {
                    let limit = radius2_cm2(radius_m);
                    for other in near.iter().cloned().flatten() {
                        let d = cubed.at[n].distance2_cm2(cubed.at[other]);
                        if d <= limit {
                            visit(slot(other), d);
                        }
                    }
                }));
            }
        }
        Some(ups)
    }

    /// Gives a site its tally; returns whether that moves a pointer.
    fn recount(&mut self, slot: Slot, tally: Tally, rule: &Rule, noting: Option<&mut Before>) -> bool {
        let Site { category, tally: kept, .. } = &mut self.all[slot.index()];
        let before = std::mem::replace(kept, tally);
        self.moments[category.index()].replace(before.occasions(), tally.occasions());
        let state = |t: Tally| (t.occasions() > 0, i64::from(t.occasions()) >= rule.candidate_occasions, t.height);
        if let Some(noted) = noting.filter(|_| tally != before) {
            let (some, many, _) = state(before);
            noted.hot.insert(slot, some && many);
        }
        state(tally) != state(before)
    }

    /// Lets a site point somewhere.
    fn repoint(&mut self, slot: Slot, up: Option<Slot>, noting: Option<&mut Before>) {
        let before = self.get(slot).up;
        if let Some(noted) = noting.filter(|_| up != before) {
            noted.up.insert(slot, before);
        }
        self.point(slot, up);
    }

    /// The peaks, from where all sites point.
    pub(super) fn find_peaks<'a>(&mut self, rule: impl Fn(Category) -> &'a Rule) {
        let is_peak = |slot: &Slot| {
            let site = self.get(*slot);
            site.up.is_none() && self.is_hot(*slot, rule(site.category))
        };
        self.peaks = (0..self.all.len()).map(Slot::new).filter(is_peak).collect();
    }

    /// These sites and all of the same category within a distance of one of them, each once.
    fn around(&mut self, slots: &[Slot], radius_m: impl Fn(&Site) -> f64) -> Vec<Slot> {
        self.round = self.round.wrapping_add(1);
        let Sites { all, near, round, .. } = self;
        let mut out = Vec::new();
        for &slot in slots {
            let site = &all[slot.index()];
            let (layer, at, radius_m) = (site.category.index() as i64, site.at, radius_m(site));
            near.within(layer, at, radius_m, |o, _| {
                if std::mem::replace(&mut all[o as usize].round, *round) != *round {
                    out.push(Slot::new(o as usize));
                }
            });
        }
        out
    }

    /// Where a site points: hot, to the nearest hot site within `spacing` that is higher; quiet, to the nearest hot one
    /// within `hotspot_radius`. Equal distances: the higher.
    pub fn higher(&self, slot: Slot, places: &Places, rule: &Rule) -> Option<Slot> {
        let site = self.get(slot);
        self.higher_of(slot, places, rule, |radius_m, visit| {
            self.near.within(site.category.index() as i64, site.at, radius_m, |o, d| visit(Slot::new(o as usize), d));
        })
    }

    /// As [`Sites::higher`], among those of its category that `within` hands out with their squared distances in cm².
    fn higher_of(
        &self,
        slot: Slot,
        places: &Places,
        rule: &Rule,
        within: impl FnOnce(f64, &mut dyn FnMut(Slot, i64)),
    ) -> Option<Slot> {
        let (site, hot) = (self.get(slot), self.is_hot(slot, rule));
        if site.tally.occasions() == 0 {
            return None;
        }
        let radius_m = if hot { rule.spacing_m } else { rule.hotspot_radius_m };
        let mut best: Option<(i64, Slot)> = None;
        within(radius_m, &mut |other, d| {
            if best.is_some_and(|(b, _)| b < d) || other == slot || !self.is_hot(other, rule) {
                return;
            }
            if hot && self.order(other, slot, places) != Ordering::Less {
                return;
            }
            let nearer = |(b, at): (i64, Slot)| d < b || self.order(other, at, places) == Ordering::Less;
            if best.is_none_or(nearer) {
                best = Some((d, other));
            }
        });
        best.map(|(_, other)| other)
    }

    fn point(&mut self, slot: Slot, up: Option<Slot>) {
        let before = std::mem::replace(&mut self.all[slot.index()].up, up);
        if before == up {
            return;
        }
        if let Some(before) = before {
            self.unlink(slot, before);
        }
        if let Some(up) = up {
            let next = self.all[up.index()].below.replace(slot);
            self.all[slot.index()].beside = next;
        }
    }

    /// Takes a site out of the list of those below another.
    fn unlink(&mut self, slot: Slot, up: Slot) {
        let after = self.all[slot.index()].beside.take();
        if self.all[up.index()].below == Some(slot) {
            self.all[up.index()].below = after;
            return;
        }
        let before = self.below(up).find(|b| self.get(*b).beside == Some(slot));
        let before = before.expect("a site stands in the list of the one it points to");
        self.all[before.index()].beside = after;
    }
}
