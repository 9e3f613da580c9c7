//! The fold: events in log order become reports, incidents, sites, occasions, storms and hotspots.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU32;
use std::sync::OnceLock;

use super::addition::Addition;
use super::admission::Admission;
use super::analysis::City;
use super::area::Areas;
use super::bits::Bits;
use super::by_first::ByFirst;
use super::category::Category;
use super::drain::DryReports;
use super::event::{Event, Place, Report, Street, Works};
use super::gauge::Gauges;
use super::hotspot::{Hotspot, Peak, Sites};
use super::incident::{Incident, Incidents};
use super::layer::figures::Kept;
use super::level::WaterLevels;
use super::place::Places;
use super::position::Ecef;
use super::renewed::Renewed;
use super::report::Reports;
use super::settings::{Rule, Settings};
use super::slot::Slot;
use super::street::Streets;
use super::tile::versions::Versions;
use super::touched::Touched;
use super::unit::Units;
use super::workflow::Deed;
use super::workflow::book::Book;
use super::workflow::deadlines::Deadlines;
use super::works::AllWorks;
use crate::error::Result;

/// Everything derived from the log, in memory. Deterministic: no I/O, no clock, no chance.
#[derive(Debug)]
pub struct HazardMap {
    pub(super) settings: Settings,
    pub(super) position: u64,
    /// Where in the log the tables stand that come whole; see [`Event::is_of_tables`].
    pub(super) tables: Vec<u64>,
    /// Newest and oldest time of any event.
    pub(super) times: Option<(i64, i64)>,
    pub(super) reports: Reports,
    pub(super) incidents: Incidents,
    pub(super) gauges: Gauges,
    pub(super) levels: WaterLevels,
    pub(super) places: Places,
    pub(super) streets: Streets,
    pub(super) works: AllWorks,
    pub(super) areas: Areas,
    units: Units,
    /// The area of each incident; made when somebody first asks for those of one, and kept up to date from then on.
    pub(super) members: OnceLock<Vec<Option<Slot>>>,
    pub(super) dry: DryReports,
    pub(super) sites: Sites,
    pub(super) book: Book,
    /// Made when somebody first asks, and kept up to date from then on.
    pub(super) deadlines: OnceLock<Deadlines>,
    /// Incidents that are not void by first observation: whom further rain concerns.
    pub(super) by_first: ByFirst,
    /// Incidents first observed before this are noted in `expiry`; younger ones cannot leave the window yet.
    pub(super) swept: i64,
    /// When old incidents leave the window, at the earliest; looked at again when it comes.
    pub(super) expiry: BinaryHeap<Reverse<(i64, u32)>>,
    /// Incidents whose span has to be looked at.
    pub(super) changed: Vec<u32>,
    /// What has been touched, for those who follow the map; nothing is noted while nobody does.
    pub(super) touched: Option<Box<Touched>>,
    /// When the tiles last changed, while somebody follows the map.
    pub(super) versions: Versions,
    /// Every peak in the order of the hotspots.
    pub(super) ranked: Renewed<Vec<Peak>>,
    /// What is said of whole hotspots, where somebody has asked; settling lets go of what has changed.
    pub(super) figures: Kept,
    /// What is said of the whole city.
    pub(super) city: Renewed<City>,
}

impl HazardMap {
    pub fn new(settings: Settings) -> HazardMap {
        let rules: Vec<Rule> = Category::all().map(|c| settings.rule(c)).collect();
        let anchor_radius = rules.iter().map(|r| r.anchor_radius_m).fold(0.0, f64::max);
        HazardMap {
            position: 0,
            tables: Vec::new(),
            times: None,
            reports: Reports::default(),
            gauges: Gauges::new(settings.rain_rule()),
            levels: WaterLevels::default(),
            places: Places::new(anchor_radius),
            streets: Streets::default(),
            works: AllWorks::default(),
            areas: Areas::default(),
            units: Units::default(),
            members: OnceLock::new(),
            dry: DryReports::new(&rules),
            sites: Sites::new(&rules),
            book: Book::default(),
            deadlines: OnceLock::new(),
            incidents: Incidents::new(rules),
            by_first: ByFirst::default(),
            swept: i64::MIN,
            expiry: BinaryHeap::new(),
            changed: Vec::new(),
            touched: None,
            versions: Versions::default(),
            ranked: Renewed::default(),
            figures: Kept::default(),
            city: Renewed::default(),
            settings,
        }
    }

    /// All events at once: what the one-by-one path must agree with.
    pub fn build<'a>(settings: Settings, events: impl IntoIterator<Item = (u64, &'a Event)>) -> HazardMap {
        let mut map = HazardMap::new(settings);
        let events = events.into_iter();
        map.expect(events.size_hint().0);
        for (seq, event) in events {
            map.apply(seq, event);
        }
        map.settle();
        map
    }

    /// Makes room for so many further events at once.
    pub fn expect(&mut self, events: usize) {
        self.reports.reserve(events);
    }

    /// Would [`HazardMap::apply`] take this event now?
    ///
    /// # Errors
    /// `Invalid` for an event that refers to an unknown or hidden report, repeats a report's id, merges across
    /// categories, or brings rain, places, streets, works, areas or units that do not fit.
    pub fn admit(&self, event: &Event) -> Result<()> {
        Admission::new(self).judge(event)
    }

    /// Folds one admitted event in; `seq` is its position in the log. [`HazardMap::settle`] makes it show.
    pub fn apply(&mut self, seq: u64, event: &Event) {
        self.position = seq;
        if let Some(at) = event.at() {
            let (newest, oldest) = self.times.unwrap_or((at, at));
            self.times = Some((newest.max(at), oldest.min(at)));
        }
        if event.is_of_tables() {
            self.tables.push(seq);
        }
        match event {
            Event::Report(report) => self.report(seq, report),
            Event::Addition(addition) => self.added(seq, addition),
            Event::Act(_) | Event::Merge(_) | Event::Note(_) | Event::Transition(_) => {
                Deed::of(seq, event).iter().for_each(|deed| self.deed(deed));
            }
            Event::Rain(intervals) => self.rain_loaded(0, intervals),
            Event::Gauges(gauges) => self.gauges_loaded(gauges),
            Event::GaugeRain(rain) => self.gauge_rain_loaded(rain),
            Event::Stations(stations) => stations.iter().for_each(|station| self.levels.place(station)),
            Event::Levels(levels) => self.levels.load(levels),
            Event::Places(places) => self.places_loaded(places),
            Event::Streets(streets) => self.streets_loaded(streets),
            Event::Works(works) => self.works_loaded(works),
            Event::Areas(areas) => self.areas_loaded(areas),
            Event::Units(units) => self.units = Units::new(units),
        }
    }

    fn report(&mut self, seq: u64, report: &Report) {
        let r = self.reports.push(report);
        self.touch(|touched| {
            touched.reports.push(r as u32);
            touched.covered.push(r as u32);
        });
        if report.dry {
            return self.dry_reported(r);
        }
        let row = &self.reports.rows()[r];
        let at = row.position.ecef();
        let i = match self.incidents.nearest(row, at) {
            Ok(i) => {
                let before = self.first(i);
                self.incidents.join(i, r, row);
                self.revised(i, before);
                i
            }
            Err(recurred_after_s) => self.opened(r, at, seq, recurred_after_s),
        };
        self.reports.set_incident(r, Slot::new(i));
    }

    /// A report says more. It stays where and when it was, so no incident is reassigned.
    fn added(&mut self, seq: u64, addition: &Addition) {
        let Some(r) = self.reports.find(&addition.report) else { return };
        self.reports.add(r, seq, addition);
        self.touch(|touched| touched.reports.push(r as u32));
        if let Some(i) = self.reports.rows()[r].incident.map(Slot::index) {
            self.incidents.get_mut(i).photo |= addition.photo;
            self.changed.push(i as u32);
        }
    }

    pub(super) fn opened(&mut self, report: usize, at: Ecef, seq: u64, recurred_after_s: Option<NonZeroU32>) -> usize {
        let i = self.incidents.open(report, &self.reports.rows()[report], at, seq, recurred_after_s);
        self.revised(i, None);
        i
    }

    /// First observation of an incident that is not void.
    pub(super) fn first(&self, i: usize) -> Option<i64> {
        let incident = &self.incidents.all()[i];
        (!incident.is_void()).then_some(incident.facts.first)
    }

    /// An incident's reports have changed.
    pub(super) fn revised(&mut self, i: usize, first_before: Option<i64>) {
        let first = self.first(i);
        self.touch(|touched| touched.firsts.extend(first_before.map(|first| (first, i as u32))));
        if first != first_before && !self.incidents.all()[i].category.is_alone() {
            if let Some(before) = first_before {
                self.by_first.remove(before, i as u32, self.incidents.all());
            }
            if first.is_some() {
                self.by_first.insert(i as u32, self.incidents.all());
            }
        }
        self.changed.push(i as u32);
    }

    /// Sites depend on the places around them, so they are all made anew. What a place is called besides concerns nothing here.
    fn places_loaded(&mut self, places: &[Place]) {
        let stands = |place: &Place| {
            self.places
                .find(&place.id)
                .is_some_and(|known| known.position == place.position && known.name == place.name)
        };
        if places.iter().all(stands) {
            return places.iter().for_each(|place| self.places.load(place));
        }
        self.touch_places(places);
        places.iter().for_each(|place| self.places.load(place));
        let rules: Vec<Rule> = Category::all().map(|c| self.settings.rule(c)).collect();
        self.sites = Sites::new(&rules);
        for i in 0..self.incidents.all().len() {
            let incident = self.incidents.get_mut(i);
            (incident.site, incident.counts) = (None, false);
            self.changed.push(i as u32);
        }
    }

    /// A new street may be the nearest to any spot without a name of its own.
    fn streets_loaded(&mut self, streets: &[Street]) {
        self.touch(|touched| (touched.streets, touched.everything) = (true, true));
        streets.iter().for_each(|street| self.streets.load(street));
    }

    /// Nothing but what is said of works depends on them.
    fn works_loaded(&mut self, works: &[Works]) {
        self.touch_works(works);
        works.iter().for_each(|one| self.works.load(one));
    }

    /// Stands at a position of the log whose last events were dropped.
    pub(super) fn stand_at(&mut self, position: u64) {
        self.position = position;
    }

    /// The time this map stands for: as set, else the newest time of any event (0 without any); unix seconds.
    pub fn as_of(&self) -> i64 {
        self.settings.as_of.or(self.times.map(|(newest, _)| newest)).unwrap_or(0)
    }

    /// The oldest time of any event.
    pub fn since(&self) -> Option<i64> {
        self.times.map(|(_, oldest)| oldest)
    }

    /// Position in the log of the last event applied; 0 before the first.
    pub fn position(&self) -> u64 {
        self.position
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// Every incident in the order they were opened, void ones too.
    pub fn incidents(&self) -> &[Incident] {
        self.incidents.all()
    }

    /// The case that an incident was merged into.
    pub fn merged_into(&self, i: usize) -> Option<usize> {
        self.incidents.merged.get(i).map(Slot::index)
    }

    /// Seconds since a case at the place of an incident, which would still have taken its first report, had ended.
    pub fn recurred_after_s(&self, i: usize) -> Option<NonZeroU32> {
        self.incidents.recurred.get(i)
    }

    /// Which incidents layers show; as [`Incidents::published`].
    pub fn published(&self) -> &Bits {
        self.incidents.published()
    }

    /// The incidents of a category around a spot, first observed in a time; as [`Incidents::around`].
    pub fn around(&self, category: Category, at: Ecef, radius_m: f64, from_to: [i64; 2]) -> Vec<usize> {
        self.incidents.around(category, at, radius_m, from_to)
    }

    pub fn rule(&self, category: Category) -> &Rule {
        self.incidents.rule(category)
    }

    /// Water levels, which stand beside the rain and change nothing.
    pub fn levels(&self) -> &WaterLevels {
        &self.levels
    }

    pub fn places(&self) -> &Places {
        &self.places
    }

    pub fn streets(&self) -> &Streets {
        &self.streets
    }

    pub fn works(&self) -> &AllWorks {
        &self.works
    }

    pub fn units(&self) -> &Units {
        &self.units
    }

    pub fn sites(&self) -> &Sites {
        &self.sites
    }

    /// What people have done with incidents.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// By when something has to be done with each open incident, of a settled map.
    pub fn deadlines(&self) -> &Deadlines {
        self.deadlines.get_or_init(|| Deadlines::of_all(self))
    }

    /// The peak of every hotspot, of a settled map: most occasions first, then height, category, site.
    pub fn ranked(&self) -> &[Peak] {
        self.ranked.get(|last| self.sites.ranked(&self.places, last))
    }

    /// The hotspot of a peak.
    pub fn hotspot(&self, peak: Slot) -> Hotspot {
        self.sites.hotspot(peak, self.rule(self.sites.get(peak).category), &self.places)
    }

    /// Every hotspot, in the order of [`HazardMap::ranked`].
    pub fn hotspots(&self) -> Vec<Hotspot> {
        self.ranked().iter().map(|peak| self.hotspot(peak.slot)).collect()
    }

    /// The hotspots of a category, in the same order.
    pub fn hotspots_of(&self, category: Category) -> Vec<Hotspot> {
        let of_category = self.ranked().iter().filter(|peak| peak.category == category);
        of_category.map(|peak| self.hotspot(peak.slot)).collect()
    }

    /// Trend and rank of every hotspot, of a settled map: the first who asks works them out, in time with what has changed;
    /// whoever asks meanwhile waits for the same work.
    pub fn city(&self) -> &City {
        self.city.get(|last| City::of(self, last))
    }
}
