//! For tests and `verify`: a walk over every invariant, by plain and slow means, and a digest of everything derived.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::closure;
use super::drain::ends;
use super::gauge::{CITY, Series};
use super::hotspot::Site;
use super::incident::Facts;
use super::map::HazardMap;
use super::occasion::{Span, Tally, Touch};
use super::position::radius2_cm2;
use super::slot::Slot;
use super::storm::Rain;
use super::workflow::State;
use super::workflow::deadlines::Deadlines;

impl HazardMap {
    /// Walks every invariant of a settled map.
    ///
    /// # Panics
    /// With a sentence that names the first one broken.
    pub fn check(&self) {
        self.check_reports();
        self.check_incidents();
        self.check_workflow();
        self.check_rain();
        self.check_streets();
        self.check_works();
        self.check_areas();
        self.check_drained();
        self.check_sites();
        self.check_pointers();
        self.check_figures();
        self.check_city();
    }

    fn check_reports(&self) {
        let visible: BTreeSet<usize> =
            (0..self.reports.rows().len()).filter(|&r| !self.reports.rows()[r].hidden).collect();
        let indexed: Vec<usize> = self.reports.within([-180.0, -90.0, 180.0, 90.0]).collect();
        assert_eq!(indexed.len(), self.reports.visible(), "the index of reports holds some outside the world");
        assert_eq!(
            indexed.into_iter().collect::<BTreeSet<_>>(),
            visible,
            "the index of reports differs from the reports"
        );
        for (r, row) in self.reports.rows().iter().enumerate() {
            assert_eq!(self.reports.find(self.reports.id(r)), Some(r), "a report is not found by its id");
            if let Some(i) = row.incident.filter(|_| !row.hidden) {
                let held = self.incidents()[i.index()].reports.iter().filter(|&&x| x as usize == r).count();
                assert_eq!(held, 1, "report {} is not held once by its incident", self.reports.id(r));
            }
        }
        let held: usize = self.incidents().iter().map(|i| i.reports.len()).sum();
        let rows = self.reports.rows().iter();
        assert_eq!(held, rows.filter(|r| !r.dry() && !r.hidden).count(), "incidents hold reports twice or hidden ones");
    }

    fn check_incidents(&self) {
        let mut by_first = Vec::new();
        let mut live = 0;
        for (i, incident) in self.incidents().iter().enumerate() {
            let facts = Facts::of_all(&incident.reports, self.reports.rows());
            if let Some(facts) = facts {
                assert_eq!(facts, incident.facts, "incident {i} has other facts than its reports");
                let photo = incident.reports.iter().any(|&r| self.reports.rows()[r as usize].photo);
                assert_eq!(photo, incident.photo, "incident {i} shows a photo it does not have, or hides one");
            }
            if let Some(Some((layer, at))) = facts.map(|_| self.incidents.listing(i)) {
                let mut listed = false;
                self.incidents.live().near(layer, at, 0.0, |x| listed |= x as usize == i);
                assert!(listed, "incident {i} is not listed among the live");
                by_first.push((incident.facts.first, i as u32));
                live += 1;
            }
            let radius2 = radius2_cm2(self.rule(incident.category).join_radius_m);
            for &r in incident.reports.iter().filter(|_| self.merged_into(i).is_none() && !self.has_absorbed(i)) {
                let at = self.reports.rows()[r as usize].position.ecef();
                assert!(incident.anchor.ecef().distance2_cm2(at) <= radius2, "incident {i} is wider than its radius");
            }
            let span = self.span(i as u32, self.as_of());
            assert_eq!(span, self.span_at_site(i), "incident {i} has a stale span");
            assert_eq!(span.is_some(), incident.counts, "incident {i} counts, or not, where it should not");
        }
        assert_eq!(live, self.incidents.live().len(), "the live index holds void incidents");
        by_first.sort_unstable();
        assert!(
            by_first.iter().map(|x| x.1).eq(self.by_first.sorted(self.incidents())),
            "the list by first observation is stale"
        );
    }

    fn check_workflow(&self) {
        for (i, incident) in self.incidents().iter().enumerate() {
            let (state, acknowledged) = (self.book().state(i), self.book().acknowledged_at(i).is_some());
            if self.merged_into(i).is_none() {
                assert_eq!(state.has_ended(), incident.ended.is_some(), "incident {i} is {state}, and ended or not");
                assert_eq!(
                    state == State::Dismissed,
                    incident.dismissed,
                    "incident {i} is {state}, and dismissed or not"
                );
                assert_eq!(
                    acknowledged, incident.acknowledged,
                    "incident {i} was acknowledged at no time, or not at all"
                );
            }
            let history = self.book().history(i);
            let own = history.iter().filter(|row| row.to == state).count();
            assert!(own > 0 || state == State::Reported, "incident {i} is {state} by no step of its history");
            assert!(history.is_sorted_by_key(|row| row.seq()), "the history of incident {i} is not in log order");
        }
        if let Some(kept) = self.deadlines.get() {
            assert!(*kept == Deadlines::of_all(self), "a deadline is stale");
        }
    }

    fn span_at_site(&self, i: usize) -> Option<Span> {
        let site = self.sites.get(self.incidents()[i].site?);
        site.spans.iter().find(|span| span.incident == i as u32).copied()
    }

    fn has_absorbed(&self, i: usize) -> bool {
        (0..self.incidents().len()).any(|other| self.merged_into(other) == Some(i))
    }

    fn check_rain(&self) {
        let rule = self.settings().rain_rule();
        for series in self.gauges.all() {
            let mut fresh = Rain::new(rule.clone());
            fresh.load(series.rain.intervals());
            for r in series.rain.intervals() {
                fresh.advance(r.end().min(self.as_of()));
            }
            assert_eq!(fresh.in_force(), series.rain.in_force(), "rain is in force too early or too late");
            assert_eq!(fresh.storms(), series.rain.storms(), "storms differ from those cut anew");
        }
        for incident in self.incidents() {
            let at = incident.anchor.ecef();
            let measuring = |s: &&Series| s.rain.intervals().iter().any(|r| r.end() <= self.as_of());
            let gauges = self.gauges.all().iter().filter(measuring).filter_map(|s| s.gauge.as_ref());
            let nearest = gauges.map(|g| (g.position.ecef().distance2_cm2(at), &*g.id)).min();
            let near = nearest.filter(|(d, _)| *d <= radius2_cm2(rule.gauge_reach_m)).map_or(CITY, |(_, id)| id);
            let series = self.series_of(incident) as usize;
            assert_eq!(near, self.gauges.all()[series].id(), "an incident has another gauge than the nearest");
        }
    }

    fn check_streets(&self) {
        let all = self.streets.all();
        let segments: usize = all.iter().map(|street| street.line.len() - 1).sum();
        assert_eq!(segments, self.streets.indexed(), "the index of streets holds some twice, or not at all");
        for street in all {
            let name = self.streets.nearest_name(street.line[0].ecef(), 0.0);
            let here = all.iter().filter(|s| s.line.contains(&street.line[0])).map(|s| &*s.name).min();
            assert!(name.is_some() && name <= here, "street {} is not found where it begins", street.id);
        }
    }

    /// The end of each incident, from every dry report.
    fn check_drained(&self) {
        let dry: Vec<_> = self.reports.rows().iter().filter(|row| row.dry() && !row.hidden).collect();
        for (i, incident) in self.incidents().iter().enumerate().filter(|(_, incident)| !incident.is_void()) {
            let rule = self.rule(incident.category);
            let limit = radius2_cm2(rule.join_radius_m);
            let at_it = dry.iter().filter(|row| {
                row.category == incident.category
                    && ends(incident, row.observed_at, rule)
                    && row.position.ecef().distance2_cm2(incident.anchor.ecef()) <= limit
            });
            let first = at_it.map(|row| row.observed_at).min();
            assert_eq!(self.drained_at(incident), first, "incident {i} ends with another dry report than the first");
        }
    }

    fn check_works(&self) {
        for (n, works) in self.works.all().iter().enumerate() {
            assert_eq!(self.works.find(&works.id), Some(works), "works {n} are not found by their id");
        }
    }

    /// The area of each incident, from every area.
    fn check_areas(&self) {
        for (i, incident) in self.incidents().iter().enumerate() {
            let fresh = self.areas().area_of(incident.anchor);
            assert_eq!(self.area_of(i), fresh, "incident {i} belongs to another area than its anchor");
        }
    }

    /// The tally of each site, from every incident of its category.
    fn check_sites(&self) {
        for (s, site) in self.sites.all().iter().enumerate() {
            let rule = self.rule(site.category);
            for span in &site.spans {
                let incident = &self.incidents()[span.incident as usize];
                assert_eq!(incident.site, Some(Slot::new(s)), "incident {} stands at two sites", span.incident);
                let key = self.places.site(incident.anchor, rule.anchor_radius_m);
                assert_eq!(key, site.key, "incident {} stands at the wrong site", span.incident);
            }
            let mut touching: Vec<Touch> = (0..self.incidents().len())
                .filter_map(|i| {
                    let at = self.sites.get(self.incidents()[i].site?);
                    let weight = rule.hotspot_radius2_cm2() - at.at.distance2_cm2(site.at);
                    let span = self.span_at_site(i)?;
                    (at.category == site.category && weight >= 0).then_some(Touch { span, weight })
                })
                .collect();
            let own = !site.spans.is_empty();
            let tally = if own { Tally::of(&mut touching, rule.occasion_gap_s) } else { Tally::default() };
            assert_eq!(tally, site.tally, "site {} has a stale tally", self.places.id(site.key));
        }
    }

    /// The pointer of each site, from every other site of its category.
    fn check_pointers(&self) {
        for (s, site) in self.sites.all().iter().enumerate() {
            let (slot, rule) = (Slot::new(s), self.rule(site.category));
            let hot = self.sites.is_hot(slot, rule);
            let limit = radius2_cm2(if hot { rule.spacing_m } else { rule.hotspot_radius_m });
            let up = (0..self.sites.all().len()).map(Slot::new).filter(|&o| {
                let other = self.sites.get(o);
                o != slot
                    && other.category == site.category
                    && self.sites.is_hot(o, rule)
                    && other.at.distance2_cm2(site.at) <= limit
                    && (!hot || self.sites.order(o, slot, &self.places).is_lt())
            });
            let up = up.min_by(|&a, &b| {
                let d = |o: Slot| self.sites.get(o).at.distance2_cm2(site.at);
                d(a).cmp(&d(b)).then_with(|| self.sites.order(a, b, &self.places))
            });
            let up = up.filter(|_| site.tally.occasions() > 0);
            assert_eq!(up, site.up, "site {} points to the wrong site", self.places.id(site.key));
            let peak = hot && up.is_none();
            assert_eq!(peak, self.sites.peaks().any(|p| p == slot), "the list of peaks is stale");
            for b in self.sites.below(slot) {
                assert_eq!(self.sites.get(b).up, Some(slot), "a site is listed below the wrong one");
            }
            if let Some(up) = site.up {
                let times = self.sites.below(up).filter(|&b| b == slot).count();
                assert_eq!(times, 1, "a site is not listed once below the one it points to");
            }
        }
    }

    /// A digest (BLAKE3, hexadecimal) of everything derived: two maps that agree here show the same.
    pub fn digest(&self) -> String {
        let mut hash = blake3::Hasher::new();
        let mut line = String::new();
        let mut add = |args: std::fmt::Arguments| {
            line.clear();
            writeln!(line, "{args}").expect("a string takes what is written");
            hash.update(line.as_bytes());
        };
        add(format_args!("{} {} {:?}", self.position(), self.as_of(), self.rain().storms()));
        for series in &self.gauges.all()[1..] {
            add(format_args!("{:?} {:?}", series.gauge, series.rain.storms()));
        }
        for row in self.levels.all() {
            add(format_args!("{:?} {:?}", row.station, row.readings));
        }
        for (i, c) in self.incidents().iter().enumerate() {
            let mut reports: Vec<u32> = c.reports.to_vec();
            reports.sort_unstable();
            let facts = (!c.is_void()).then_some(c.facts);
            let (flags, end) = ([c.photo, c.acknowledged, c.dismissed, c.found, c.not_found], c.ended);
            let (span, merged, again) = (self.span_at_site(i), self.merged_into(i), self.recurred_after_s(i));
            add(format_args!("{i} {} {reports:?} {facts:?} {flags:?} {end:?}", c.opened()));
            let drained = (!c.is_void()).then(|| self.drained_at(c));
            add(format_args!("{span:?} {merged:?} {again:?} {drained:?}"));
            let (book, due) = (self.book(), self.deadline(i));
            add(format_args!("{} {:?} {:?} {due:?}", book.state(i), book.acknowledged_at(i), book.history(i)));
            add(format_args!("{:?}", closure::messages(self, i)));
        }
        for row in self.reports.rows() {
            add(format_args!("{row:?}"));
        }
        let mut sites: Vec<&Site> = self.sites.all().iter().filter(|s| s.tally.occasions() > 0).collect();
        sites.sort_unstable_by(|a, b| a.category.cmp(&b.category).then_with(|| self.places.order(a.key, b.key)));
        for site in sites {
            let up = site.up.map(|up| self.places.id(self.sites.get(up).key));
            add(format_args!("{:?} {} {:?} {up:?}", site.category, self.places.id(site.key), site.tally));
        }
        for hotspot in self.hotspots() {
            let sites: Vec<_> = hotspot.sites.iter().map(|&s| self.places.id(self.sites.get(s).key)).collect();
            add(format_args!("{:?} {sites:?} {:?}", hotspot.status, hotspot.incidents));
        }
        for street in self.streets.all() {
            add(format_args!("{street:?}"));
        }
        for works in self.works.all() {
            add(format_args!("{works:?}"));
        }
        for unit in self.units().all() {
            add(format_args!("{unit:?}"));
        }
        for area in self.areas.all() {
            add(format_args!("{area:?}"));
        }
        if !self.areas.all().is_empty() {
            (0..self.incidents().len()).for_each(|i| add(format_args!("{:?}", self.area_of(i))));
        }
        hash.finalize().to_hex().to_string()
    }
}
