//! What the layers show of the whole city about each hotspot, brought up to date once for each state of the map.
//!
//! What a hotspot is by itself changes with few events ([`Standings`]); what it is among all, with every event. The latter is
//! worked out of sums and for kinds of hotspots, not for each of them: a city of tens of thousands takes a millisecond or two
//! while reports arrive, and whoever asks has the figures of the very position he is told.

use std::sync::{Mutex, OnceLock, PoisonError};

use hashbrown::{HashMap, HashSet};

use super::super::category::Category;
use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::exposure::{Parts, Window};
use super::rank::{self, Place, Prior, RankTerms};
use super::standing::{Kind, Standings};
use super::trend::{self, Trend, TrendTerms};

/// Trend and rank of every hotspot. Every event can move every one of them a little: the windows' ends move, and the
/// mean of the city; so they belong to no event, are named in no change, and stand in no tile.
#[derive(Debug)]
pub struct City {
    /// By category.
    priors: Vec<Prior>,
    /// By the length of the window: most categories share one.
    windows: Vec<(i64, Option<Window>)>,
    standings: Standings,
    /// By category, the largest score first.
    places: Vec<Vec<Place>>,
    /// For each window and each rainfall series, where somebody has asked.
    parts: Vec<OnceLock<Parts>>,
    /// By the parts of a window and the occasions in them: most hotspots have few.
    trends: Mutex<HashMap<(usize, [u32; 2]), Trend>>,
}

impl City {
    /// `last`: as it stood before, and the sites that have changed since.
    pub fn of(map: &HazardMap, last: Option<(City, &HashSet<Slot>)>) -> City {
        let standings = match last {
            Some((City { mut standings, .. }, changed)) => {
                standings.renew(map, changed);
                standings
            }
            None => Standings::all(map),
        };
        let sites = rank::sites(map);
        let priors: Vec<Prior> = Category::all().map(|category| Prior::of(map, category, sites)).collect();
        let mut windows: Vec<(i64, Option<Window>)> = Vec::new();
        for window_s in Category::all().map(|category| map.rule(category).window_s) {
            if windows.iter().all(|(known, _)| *known != window_s) {
                windows.push((window_s, trend::window(map, window_s)));
            }
        }
        let places = Category::all().zip(&priors).map(|(category, prior)| {
            let kinds = standings.kinds(category);
            rank::places(kinds.filter_map(|(kind, many)| Some((score(prior, kind)?, many))).collect())
        });
        let places = places.collect();
        let parts = (0..windows.len() * map.gauges().all().len()).map(|_| OnceLock::new()).collect();
        City { priors, windows, standings, places, parts, trends: Mutex::default() }
    }

    /// The window of a category, cut to what was observed.
    pub fn window(&self, map: &HazardMap, category: Category) -> Option<&Window> {
        self.windows[self.window_of(map, category)].1.as_ref()
    }

    fn window_of(&self, map: &HazardMap, category: Category) -> usize {
        let window_s = map.rule(category).window_s;
        self.windows.iter().position(|(of, _)| *of == window_s).expect("every length of a window is known")
    }

    pub fn prior(&self, category: Category) -> &Prior {
        &self.priors[category.index()]
    }

    /// What a hotspot's trend rests on: the parts of its window, by index, and its occasions in them. No parts where nothing
    /// was observed for any time.
    fn read(&self, map: &HazardMap, peak: Slot) -> (Option<usize>, [u32; 2]) {
        let (site, standing) = (map.sites().get(peak), self.standings.get(peak));
        let window_n = self.window_of(map, site.category);
        let Some(window) = self.windows[window_n].1 else { return (None, [standing.kind.occasions, 0]) };
        let (gauges, series) = (map.gauges(), map.gauges().of(site.at) as usize);
        let n = window_n * gauges.all().len() + series;
        self.parts[n].get_or_init(|| Parts::of(window, &gauges.all()[series].rain));
        (Some(n), trend::counts(standing.begun(map, peak), &window))
    }

    pub fn trend(&self, map: &HazardMap, peak: Slot) -> Trend {
        let (n, counts) = self.read(map, peak);
        let class = || trend::class(n.and_then(|n| self.parts[n].get()), counts).0;
        let Some(n) = n else { return class() };
        *self.trends.lock().unwrap_or_else(PoisonError::into_inner).entry((n, counts)).or_insert_with(class)
    }

    pub fn trend_terms(&self, map: &HazardMap, peak: Slot) -> TrendTerms {
        let (n, counts) = self.read(map, peak);
        TrendTerms::of(n.and_then(|n| self.parts[n].get()), counts)
    }

    /// Where a hotspot stands among those of its category; none while too little was observed.
    pub fn place(&self, map: &HazardMap, peak: Slot) -> Option<Place> {
        let category = map.sites().get(peak).category;
        let score = score(self.prior(category), self.standings.get(peak).kind)?;
        let places = &self.places[category.index()];
        let larger = places.partition_point(|place| place.score > score);
        Some(*places.get(larger).expect("every kind of hotspot has its place"))
    }

    pub fn rank_terms(&self, map: &HazardMap, peak: Slot) -> RankTerms {
        let (prior, kind) = (self.prior(map.sites().get(peak).category), self.standings.get(peak).kind);
        RankTerms::of(prior, kind.occasions, kind.severity, self.place(map, peak))
    }
}

/// What hotspots are ranked by.
fn score(prior: &Prior, kind: Kind) -> Option<f64> {
    prior.rate(kind.occasions).map(|rate| rate * kind.severity.factor())
}

impl HazardMap {
    /// For [`HazardMap::check`]: the order of the hotspots, their ranks and trends are what would be worked out now.
    pub(in crate::hazard) fn check_city(&self) {
        self.sites().check_counts();
        self.reports().check_observed();
        if let Some(ranked) = self.ranked.known() {
            assert_eq!(*ranked, self.sites().ranked(self.places(), None), "the order of the hotspots is old");
        }
        let Some(city) = self.city.known() else { return };
        let fresh = City::of(self, None);
        assert_eq!((&city.priors, &city.windows), (&fresh.priors, &fresh.windows), "the city is old");
        assert_eq!(city.standings.len(), fresh.standings.len(), "ranks are kept of what is no hotspot");
        for peak in self.sites().peaks() {
            let says = |city: &City| {
                let (n, counts) = city.read(self, peak);
                let parts = n.and_then(|n| city.parts[n].get().copied());
                (city.standings.get(peak).kind, city.place(self, peak), parts, counts)
            };
            assert_eq!(says(city), says(&fresh), "the rank or the trend of a hotspot is old");
        }
    }
}
