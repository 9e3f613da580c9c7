//! What events touch while they are folded in, for those who follow the map: indices, whose names nobody has asked for.
//!
//! It may hold more than what looks different, never less; a property test compares it with all features before and after.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::event::{Place, Works};
use super::gauge::{Advanced, StormAt};
use super::hotspot::Sites;
use super::map::HazardMap;
use super::position::Position;
use super::settings::Rule;
use super::slot::Slot;
use super::tile::versions::Versions;

/// What has been touched since a position in the log. With repeats; sorted out when it is read.
#[derive(Debug, Default)]
pub struct Touched {
    /// Position in the log before the first of the events.
    pub since: u64,
    /// Reports that came, went, or changed their incident, its status or its hotspot.
    pub reports: Vec<u32>,
    /// Reports that came or went.
    pub covered: Vec<u32>,
    pub incidents: Vec<u32>,
    /// Hotspots by their peaks, those that are gone too.
    pub peaks: BTreeSet<Slot>,
    /// Sites, peaks or not, at which occasions may have begun or ended at other times.
    pub near: Vec<Slot>,
    /// First observations that incidents had, and which: the storms they counted in.
    pub firsts: Vec<(i64, u32)>,
    /// Series whose storms have changed themselves, from this one on.
    pub storms_from: Vec<StormAt>,
    /// Places by id.
    pub places: BTreeSet<String>,
    /// Where these places are and were.
    pub spots: Vec<Position>,
    /// Works by id.
    pub works: BTreeSet<String>,
    /// Where these works are and were.
    pub works_spots: Vec<Position>,
    /// Areas were loaded: all of them, and all incidents, may look different.
    pub areas: bool,
    /// Streets were loaded.
    pub streets: bool,
    /// Earlier rain, places or streets were loaded: all but the places may look different.
    pub everything: bool,
}

impl HazardMap {
    /// From now on notes what each event touches, for [`HazardMap::take_touched`].
    pub fn follow(&mut self) {
        self.touched = Some(Box::new(Touched { since: self.position(), ..Touched::default() }));
        self.versions = Versions::all(self.position());
    }

    /// What was touched since the last time; `None` while nobody follows. Settle before.
    pub fn take_touched(&mut self) -> Option<Box<Touched>> {
        let fresh = Box::new(Touched { since: self.position(), ..Touched::default() });
        let touched = std::mem::replace(self.touched.as_mut()?, fresh);
        self.note_versions(&touched);
        Some(touched)
    }

    /// Notes something, if anybody follows.
    pub(super) fn touch(&mut self, note: impl FnOnce(&mut Touched)) {
        if let Some(touched) = &mut self.touched {
            note(touched);
        }
    }

    pub(super) fn touch_reports_of(&mut self, incident: usize) {
        if let Some(touched) = &mut self.touched {
            touched.reports.extend_from_slice(&self.incidents.all()[incident].reports);
        }
    }

    /// Notes the incidents that events have changed.
    pub(super) fn touch_incidents(&mut self) {
        if let Some(touched) = &mut self.touched {
            touched.incidents.extend_from_slice(&self.changed);
        }
    }

    /// Notes places that are about to be loaded.
    pub(super) fn touch_places(&mut self, places: &[Place]) {
        let Some(touched) = &mut self.touched else { return };
        touched.everything = true;
        for place in places {
            touched.spots.push(place.position);
            touched.spots.extend(self.places.find(&place.id).map(|before| before.position));
            touched.places.insert(place.id.clone());
        }
    }

    /// Notes works that are about to be loaded.
    pub(super) fn touch_works(&mut self, works: &[Works]) {
        let Some(touched) = &mut self.touched else { return };
        for one in works {
            touched.works_spots.extend(&one.line);
            touched.works_spots.extend(self.works.find(&one.id).iter().flat_map(|before| &before.line));
            touched.works.insert(one.id.clone());
        }
    }

    /// Notes the storms that rain has made or changed in a series.
    pub(super) fn touch_storms(&mut self, step: &Advanced) {
        let Some(touched) = &mut self.touched else { return };
        let (series, (count, last)) = (step.series, step.before);
        let storms = self.gauges.all()[series as usize].rain.storms();
        let mut from = |storm: usize| touched.storms_from.push(StormAt { series, storm: storm as u32 });
        let Some(last) = last else { return from(0) };
        match storms.get(count - 1) {
            Some(same) if *same == last => from(count),
            Some(grown) if grown.start == last.start => from(count - 1),
            // Time went back: storms are gone.
            _ => touched.everything = true,
        }
    }

    /// Notes the hotspots, and their incidents and reports, that look different since sites stood as in `before`.
    pub(super) fn touch_hotspots(&mut self, before: &Before) {
        let Some(touched) = &mut self.touched else { return };
        let incidents = self.incidents.all();
        let mut sites: Vec<Slot> = touched.incidents.iter().filter_map(|&i| incidents[i as usize].site).collect();
        sites.extend(before.hot.keys().chain(before.up.keys()));
        sites.sort_unstable();
        sites.dedup();
        touched.near.extend_from_slice(&before.near);
        // The floods of a neighbour's site within reach count at a peak, too: it may have flooded last at another time.
        touched.peaks.extend(before.near.iter().filter(|&&site| self.sites.is_peak(site)));
        let mut moved = Vec::new();
        for site in sites {
            let rule = self.incidents.rule(self.sites.get(site).category);
            let (was, is) = (before.peak(&self.sites, site, rule), self.sites.peak(site, rule));
            touched.peaks.extend(was);
            touched.peaks.extend(is);
            if was != is {
                moved.push(site);
            }
        }
        // Whatever climbs over a site that has moved has moved with it.
        let mut seen: BTreeSet<Slot> = moved.iter().copied().collect();
        while let Some(site) = moved.pop() {
            moved.extend(self.sites.below(site).filter(|below| seen.insert(*below)));
            for span in &self.sites.get(site).spans {
                touched.incidents.push(span.incident);
                touched.reports.extend_from_slice(&incidents[span.incident as usize].reports);
            }
        }
    }
}

/// How the sites that a settling has changed stood before.
#[derive(Debug, Default)]
pub struct Before {
    /// Whether a site was hot, where its tally has changed.
    pub hot: HashMap<Slot, bool>,
    /// Where a site pointed, where that has changed.
    pub up: HashMap<Slot, Option<Slot>>,
    /// The sites near those whose spans have changed.
    pub near: Vec<Slot>,
}

impl Before {
    /// The peak of the hotspot that held a site, if one did.
    fn peak(&self, sites: &Sites, slot: Slot, rule: &Rule) -> Option<Slot> {
        let up = |slot: Slot| self.up.get(&slot).copied().unwrap_or(sites.get(slot).up);
        let mut at = slot;
        while let Some(next) = up(at) {
            at = next;
        }
        self.hot.get(&at).copied().unwrap_or_else(|| sites.is_hot(at, rule)).then_some(at)
    }
}
