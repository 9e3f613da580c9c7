//! What the layers show of the whole city about each hotspot, worked out once for each state of the map.

use hashbrown::HashMap;

use super::super::category::Category;
use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::exposure::{Parts, Window};
use super::rank::{self, Place, Prior, RankTerms, Severity};
use super::trend::{self, Trend, TrendTerms};

/// Trend and rank of every hotspot. Every event can move every one of them a little: the windows' ends move, and the
/// mean of the city; so they belong to no event, are named in no change, and stand in no tile.
#[derive(Debug)]
pub struct City {
    /// By category.
    priors: Vec<Prior>,
    /// By the length of the window: most categories share one.
    windows: Vec<(i64, Option<Window>)>,
    /// For each window and each rainfall series that counts at a hotspot.
    parts: Vec<Parts>,
    standings: HashMap<Slot, Standing>,
}

/// Where one hotspot stands.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// Which of the parts of windows; none where nothing was observed for any time.
    parts: Option<usize>,
    /// Occasions before the last third of the window, and in it.
    counts: [u32; 2],
    trend: Trend,
    severity: Severity,
    place: Option<Place>,
}

impl City {
    pub fn of(map: &HazardMap) -> City {
        let sites = rank::sites(map);
        let priors = Category::all().map(|category| Prior::of(map, category, sites)).collect();
        let mut windows: Vec<(i64, Option<Window>)> = Vec::new();
        for window_s in Category::all().map(|category| map.rule(category).window_s) {
            if windows.iter().all(|(known, _)| *known != window_s) {
                windows.push((window_s, trend::window(map, window_s)));
            }
        }
        let mut city = City { priors, windows, parts: Vec::new(), standings: HashMap::new() };
        let mut scores: Vec<Vec<(Slot, f64)>> = Category::all().map(|_| Vec::new()).collect();
        let mut known = HashMap::new();
        for peak in map.sites().peaks() {
            let site = map.sites().get(peak);
            let window = city.window(map, site.category).copied();
            let parts = window.map(|window| {
                let rain = map.rain_at(site.at);
                *known.entry((map.rule(site.category).window_s, std::ptr::from_ref(rain))).or_insert_with(|| {
                    city.parts.push(Parts::of(window, rain));
                    city.parts.len() - 1
                })
            });
            let counts = window.map_or([site.tally.occasions(), 0], |window| trend::counts(map, peak, &window));
            let severity = Severity::of(map, peak);
            let rate = city.priors[site.category.index()].rate(site.tally.occasions());
            scores[site.category.index()].extend(rate.map(|rate| (peak, rate * severity.factor())));
            let trend = trend::class(parts.map(|n| &city.parts[n]), counts).0;
            city.standings.insert(peak, Standing { parts, counts, trend, severity, place: None });
        }
        for (peak, place) in scores.into_iter().flat_map(rank::places) {
            if let Some(standing) = city.standings.get_mut(&peak) {
                standing.place = Some(place);
            }
        }
        city
    }

    /// The window of a category, cut to what was observed.
    pub fn window(&self, map: &HazardMap, category: Category) -> Option<&Window> {
        let window_s = map.rule(category).window_s;
        self.windows.iter().find(|(of, _)| *of == window_s).and_then(|(_, window)| window.as_ref())
    }

    pub fn prior(&self, category: Category) -> &Prior {
        &self.priors[category.index()]
    }

    fn standing(&self, peak: Slot) -> &Standing {
        self.standings.get(&peak).expect("every peak was given its standing")
    }

    pub fn trend(&self, peak: Slot) -> Trend {
        self.standing(peak).trend
    }

    pub fn place(&self, peak: Slot) -> Option<Place> {
        self.standing(peak).place
    }

    pub fn trend_terms(&self, peak: Slot) -> TrendTerms {
        let standing = self.standing(peak);
        TrendTerms::of(standing.parts.map(|n| &self.parts[n]), standing.counts)
    }

    pub fn rank_terms(&self, map: &HazardMap, peak: Slot) -> RankTerms {
        let (site, standing) = (map.sites().get(peak), self.standing(peak));
        RankTerms::of(self.prior(site.category), site.tally.occasions(), standing.severity, standing.place)
    }
}
