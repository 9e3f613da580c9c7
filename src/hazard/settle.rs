//! Settling: what follows from the events applied so far is brought up to date, where something has changed.

use std::cmp::Reverse;

use super::category::Category;
use super::incident::Incident;
use super::map::HazardMap;
use super::occasion::Span;
use super::place::SiteKey;
use super::slot::Slot;
use super::touched::Before;

/// Spans and incidents to be looked up together: each lies in another corner of memory, and many at once wait for it
/// together.
const SPANS_AT_ONCE: usize = 1_024;

/// Indices below `n`, each once and in order: for so many of them that looking at each place costs less than sorting.
fn in_order(indices: &[u32], n: usize) -> Vec<u32> {
    let mut there = vec![false; n];
    indices.iter().for_each(|&i| there[i as usize] = true);
    (0..).zip(there).filter_map(|(i, there)| there.then_some(i)).collect()
}

impl HazardMap {
    /// Brings everything derived up to date with the events applied so far. Local: the cost follows what has changed.
    pub fn settle(&mut self) {
        self.settle_while(&|| true);
    }

    /// As [`HazardMap::settle`], asking now and then whether to go on; false when it was told not to: then the map is of
    /// no further use.
    pub fn settle_while(&mut self, go_on: &dyn Fn() -> bool) -> bool {
        self.reports.index();
        self.streets.index();
        let as_of = self.as_of();
        self.touch_incidents();
        self.rain_on(as_of);
        self.sweep(as_of);
        let mut changed = std::mem::take(&mut self.changed);
        if changed.len() > self.incidents.all().len() / 4 {
            changed = in_order(&changed, self.incidents.all().len());
        } else {
            changed.sort_unstable();
            changed.dedup();
        }
        if let Some(mut deadlines) = self.deadlines.take() {
            changed.iter().for_each(|&i| deadlines.put(i as usize, self.deadline(i as usize)));
            self.deadlines = deadlines.into();
        }
        self.settle_members();
        let mut sites = self.respan(&changed, as_of);
        sites.sort_unstable();
        sites.dedup();
        // Where everything is made anew, nothing is listed.
        let mut noting = self.touched.as_ref().filter(|touched| !touched.everything).map(|_| Before::default());
        let whole = self.sites.settle(&sites, &self.incidents, &self.places, go_on, noting.as_mut());
        if let Some(before) = noting {
            self.touch_hotspots(&before);
        }
        self.figures.forget(self.touched.as_deref());
        self.expire();
        whole
    }

    /// What is worked out of all hotspots was of the map as it stood.
    fn expire(&mut self) {
        let touched = self.touched.as_deref().filter(|touched| !touched.everything);
        self.ranked.expire(touched.map(|touched| touched.peaks.iter()));
        self.city.expire(touched.map(|touched| touched.peaks.iter().chain(&touched.near)));
    }

    /// Of those first observed before, some may leave the window.
    pub(super) fn sweep_to(&self, as_of: i64) -> i64 {
        as_of - Category::all().map(|c| self.rule(c).window_s).min().unwrap_or(0)
    }

    /// Notes the incidents that have left the window.
    fn sweep(&mut self, as_of: i64) {
        let to = self.sweep_to(as_of);
        if to > self.swept {
            let old = self.by_first.between(self.swept, to, self.incidents.all()).to_vec();
            old.into_iter().for_each(|i| self.note_expiry(i as usize));
            self.swept = to;
        }
        while let Some(&Reverse((noted, i))) = self.expiry.peek()
            && noted < as_of
        {
            self.expiry.pop();
            self.changed.push(i);
            if self.incidents.all()[i as usize].counts && self.expires(i as usize) >= as_of {
                self.note_expiry(i as usize);
            }
        }
    }

    /// The last time at which an incident lies in the window.
    fn expires(&self, i: usize) -> i64 {
        let incident = &self.incidents.all()[i];
        incident.facts.last + self.incidents.rule(incident.category).window_s
    }

    pub(super) fn note_expiry(&mut self, i: usize) {
        self.expiry.push(Reverse((self.expires(i), i as u32)));
    }

    /// Works out anew what incidents contribute; returns the sites where that has changed.
    fn respan(&mut self, changed: &[u32], as_of: i64) -> Vec<Slot> {
        let (mut sites, mut homeless, mut spans) = (Vec::new(), Vec::new(), Vec::new());
        for &i in changed {
            let span = self.span(i, as_of);
            let incident = self.incidents.get_mut(i as usize);
            let counted = std::mem::replace(&mut incident.counts, span.is_some());
            let Incident { category, anchor, facts, site, .. } = *incident;
            if counted != span.is_some() {
                self.touch_reports_of(i as usize);
            }
            if span.is_some() && facts.first < self.swept {
                self.note_expiry(i as usize);
            }
            match (site, span) {
                (Some(site), span) if self.sites.set_span(site, i, span) => sites.push(site),
                (Some(_), Some(_)) => continue,
                (Some(_), None) | (None, None) => {}
                (None, Some(span)) => {
                    let key = self.places.site(anchor, self.incidents.rule(category).anchor_radius_m);
                    homeless.push((category, key, spans.len() as u32));
                    spans.push(span);
                }
            }
            // Further rain may give another weather to those that do not count, too.
            self.touch(|touched| touched.incidents.push(i));
        }
        self.house(&mut homeless, &spans, &mut sites);
        sites
    }

    /// Gives incidents that have none their sites, and these the spans; `homeless` says which of the spans belongs where.
    fn house(&mut self, homeless: &mut [(Category, SiteKey, u32)], spans: &[Span], sites: &mut Vec<Slot>) {
        // In the order of their cells, so that neighbours come to lie side by side in memory; of one, as they came.
        radsort::sort_by_key(homeless, |&(category, key, _)| (category.index() as u8, key.raw()));
        let same = |a: &(Category, SiteKey, u32), b: &(Category, SiteKey, u32)| (a.0, a.1) == (b.0, b.1);
        self.sites.expect(homeless.chunk_by(same).count());
        let (mut fetched, mut housed) = (Vec::new(), Vec::new());
        let mut rest = &*homeless;
        while !rest.is_empty() {
            let full = rest.len().min(SPANS_AT_ONCE);
            let more = rest[full - 1..].windows(2).take_while(|pair| same(&pair[0], &pair[1])).count();
            let block = rest.split_off(..full + more).expect("no more than there is");
            fetched.extend(block.iter().map(|&(.., n)| spans[n as usize]));
            let mut of_group = fetched.drain(..);
            for group in block.chunk_by(same) {
                let (category, key, _) = group[0];
                let site = self.sites.find_or_add(category, key, || self.places.position(key).ecef());
                self.sites.expect_spans(site, group.len());
                for span in of_group.by_ref().take(group.len()) {
                    self.sites.set_span(site, span.incident, Some(span));
                    housed.push((span.incident, site));
                }
                sites.push(site);
            }
            drop(of_group);
            housed.drain(..).for_each(|(i, site)| self.incidents.get_mut(i as usize).site = Some(site));
        }
    }

    /// What an incident contributes to the occasions of its site; nothing when it does not count.
    pub(super) fn span(&self, i: u32, as_of: i64) -> Option<Span> {
        let incident = &self.incidents.all()[i as usize];
        let f = &incident.facts;
        let rule = self.incidents.rule(incident.category);
        let counts = !(incident.is_void() || incident.dismissed || incident.category.is_alone());
        if !counts || f.last < as_of - rule.window_s {
            return None;
        }
        let (storm, weather) = self.weather(incident);
        let (start, end) = storm.map_or((f.first, f.last), |at| {
            let storm = self.storm(at);
            (f.first.min(storm.start), f.last.max(storm.end))
        });
        let (seen, not_found) = (incident.found || incident.photo, incident.not_found && !incident.found);
        Some(Span { start, end, people: f.people, incident: i, weather, seen, not_found })
    }
}
