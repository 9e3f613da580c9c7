//! Did the works help? Occasions before and after them at each hotspot they reach, per storm, with what chance would do.
//!
//! Works reach a hotspot where one of its sites lies within `hotspot_radius` of their line; where there is none, the sites
//! within that distance are counted together. Before is the observed part of the window until they begin, after is from
//! their end on; what began between counts as neither. Whether there are fewer is asked twice, as of the trend
//! ([`exposure`](super::exposure)), and a third time against what would have followed without works
//! (`regression.rs`): a spot is repaired after its worst time, and gets better by itself.

use std::cmp::Reverse;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::event::Works;
use super::super::layer::Time;
use super::super::map::HazardMap;
use super::super::occasion::{Touch, occasions};
use super::super::slot::Slot;
use super::exposure::{Parts, Window};
use super::sensitivity::{Which, holding};
use super::storms::label;
use super::trend::{FEWEST_OCCASIONS, SIGNIFICANT_P};
use super::works_judged::{Case, SHORTEST_PART_S, UNLIKELY_P, WorksTerms};
use super::works_sentence::said;
use super::{Analysis, Basis, Constant, Kind, Method, Takes};
use crate::error::{Error, Result};

/// Spots along a line at which sites are looked for.
const STEP_M: f64 = 100.0;

const METHOD: Method = Method {
    name: "exact conditional test of two Poisson rates, and the negative binomial that follows a chosen spot without works",
    reference: "Przyborowski & Wilenski 1940; Clopper & Pearson 1934; Hauer 1997, Observational Before-After Studies",
};
const CONSTANTS: [Constant; 4] = [
    Constant { name: "significant_p", value: SIGNIFICANT_P, meaning: "two-sided p below which it is no clear change" },
    Constant {
        name: "unlikely_p",
        value: UNLIKELY_P,
        meaning: "chance of so few without works, below which there are fewer",
    },
    Constant {
        name: "fewest_occasions",
        value: FEWEST_OCCASIONS as f64,
        meaning: "before and after together; below: not judged",
    },
    Constant {
        name: "shortest_part_s",
        value: SHORTEST_PART_S as f64,
        meaning: "before, and after; below: not judged",
    },
];

/// Every works with the hotspots they reach: the latest works first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorksCompared {
    #[serde(flatten)]
    pub basis: Basis,
    /// The observed part of the window; null where nothing was observed for any time.
    pub observed_start: Option<Time>,
    pub observed_end: Option<Time>,
    pub rows: Vec<WorksRow>,
}

/// Works at one hotspot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorksRow {
    pub works_id: String,
    pub works_name: Option<String>,
    pub kind: Option<String>,
    pub reference: Option<String>,
    pub start: Time,
    pub end: Option<Time>,
    /// Null where they reach none: then the sites within `hotspot_radius` are counted together.
    pub hotspot_id: Option<String>,
    pub name: Option<String>,
    #[serde(flatten)]
    pub terms: WorksTerms,
    /// The same in words, or what is missing and what can be said all the same.
    pub sentence_en: String,
    pub sentence_zh: String,
}

impl Analysis for WorksCompared {
    const NAME: &'static str = "works";
    const TITLE: &'static str = "Did the works help: occasions per storm before and after";
    const TAKES: &'static [Takes] = &[Takes {
        name: "hotspot",
        meaning: "Only works that reach this hotspot: its id, or that of any of its sites, which names the category too",
        kind: Kind::Text,
        required: false,
        example: "waterlogging:8c2a1077128d1ff",
    }];
    type Asked = Which;

    fn set(asked: &mut Which, _: &str, value: &str) -> Result<()> {
        asked.hotspot = Some(value.to_owned());
        Ok(())
    }

    fn answer(map: &HazardMap, category: Category, asked: &Which) -> Result<WorksCompared> {
        let missing = |id: &String| Error::NotFound { what: "hotspot", id: id.clone() };
        let only = asked.hotspot.as_ref().map(|id| holding(map, id).ok_or_else(|| missing(id))).transpose()?;
        let category = only.map_or(category, |peak| map.sites().get(peak).category);
        let mut all: Vec<&Works> = map.works().all().iter().collect();
        all.sort_by_key(|works| (Reverse(works.start), &works.id));
        let observed = Window::observed(map, map.rule(category).window_s);
        let reported = Reported::at(map, &all, observed);
        let mut rows = Vec::new();
        for works in &all {
            let sites = within(map, works, category);
            let mut spots: Vec<Option<Slot>> = peaks(map, category, &sites).into_iter().map(Some).collect();
            if spots.is_empty() {
                spots.push(None);
            }
            spots.retain(|peak| only.is_none() || *peak == only);
            let window = observed.and_then(|observed| window(works, observed, &reported));
            rows.extend(spots.into_iter().map(|peak| row(map, works, category, peak, &sites, window)));
        }
        Ok(WorksCompared {
            basis: Basis::of(map, category, METHOD, &CONSTANTS, (all.len(), "works")),
            observed_start: observed.map(|(start, _)| Time(start)),
            observed_end: observed.map(|(_, end)| Time(end)),
            rows,
        })
    }
}

/// The sites with incidents that count, within `hotspot_radius` of works; by site id.
fn within(map: &HazardMap, works: &Works, category: Category) -> Vec<Slot> {
    let (sites, radius_m) = (map.sites(), map.rule(category).hotspot_radius_m);
    let mut found = Vec::new();
    for spot in works.spots(STEP_M) {
        sites.within(category, spot, radius_m + STEP_M, |site| found.push(site));
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|&site| !sites.get(site).spans.is_empty() && works.reach(sites.get(site).at, radius_m));
    found.sort_unstable_by(|&a, &b| map.places().order(sites.get(a).key, sites.get(b).key));
    found
}

/// The peaks of the hotspots that hold some of the sites, in the order of these.
fn peaks(map: &HazardMap, category: Category, sites: &[Slot]) -> Vec<Slot> {
    let mut peaks = Vec::new();
    for peak in sites.iter().filter_map(|&site| map.sites().peak(site, map.rule(category))) {
        if !peaks.contains(&peak) {
            peaks.push(peak);
        }
    }
    peaks
}

/// What was observed, parted by works. Those that have not ended by then have no time after them.
fn window(works: &Works, (start, end): (i64, i64), reported: &Reported) -> Option<Window> {
    let cut = works.start.clamp(start, end);
    let resume = works.end.unwrap_or(i64::MAX).clamp(cut, end);
    let reports = [reported.before(cut) - reported.before(start), reported.before(end + 1) - reported.before(resume)];
    (start < end).then_some(Window { start, cut, resume, end, reports })
}

fn row(
    map: &HazardMap,
    works: &Works,
    category: Category,
    peak: Option<Slot>,
    sites: &[Slot],
    window: Option<Window>,
) -> WorksRow {
    let rule = map.rule(category);
    let mut touching = Vec::new();
    match peak {
        Some(peak) => map.sites().touching(peak, rule, &mut touching),
        None => {
            let spans = sites.iter().flat_map(|&site| &map.sites().get(site).spans);
            touching.extend(spans.map(|&span| Touch { span, weight: 0 }));
        }
    }
    let mut counts = [0; 3];
    occasions(&mut touching, rule.occasion_gap_s, |o, _| {
        counts[if o.start < works.start {
            0
        } else if works.end.is_some_and(|end| o.start >= end) {
            2
        } else {
            1
        }] += 1;
    });
    let at = peak.map_or_else(|| works.line[0].ecef(), |peak| map.sites().get(peak).at);
    let case = Case {
        start: works.start,
        end: works.end,
        as_of: map.as_of(),
        parts: window.map(|window| Parts::of(window, map.rain_at(at))),
        counts,
        // What is known of single spots says nothing of several together.
        prior: peak.map(|_| map.city().prior(category)),
    };
    let terms = case.terms();
    let sentence = said(&terms);
    let (id, name) = peak.map(|peak| label(map, peak)).unzip();
    WorksRow {
        works_id: works.id.clone(),
        works_name: works.name.clone(),
        kind: works.kind.clone(),
        reference: works.reference.clone(),
        start: Time(works.start),
        end: works.end.map(Time),
        hotspot_id: id,
        name: name.flatten(),
        terms,
        sentence_en: sentence.en,
        sentence_zh: sentence.zh,
    }
}

/// How many visible reports of any category were observed before each of a few times, in one walk over them.
struct Reported {
    times: Vec<i64>,
    /// Before each of the times.
    counts: Vec<u32>,
}

impl Reported {
    fn at(map: &HazardMap, works: &[&Works], observed: Option<(i64, i64)>) -> Reported {
        let ends = observed.into_iter().flat_map(|(start, end)| [start, end, end + 1]);
        let mut times: Vec<i64> = works.iter().flat_map(|w| [Some(w.start), w.end]).flatten().chain(ends).collect();
        times.sort_unstable();
        times.dedup();
        let mut counts = vec![0; times.len() + 1];
        for row in map.reports().rows().iter().filter(|row| !row.hidden) {
            counts[times.partition_point(|&t| t <= row.observed_at)] += 1;
        }
        let mut sum = 0;
        counts.iter_mut().for_each(|count| {
            sum += *count;
            *count = sum;
        });
        Reported { times, counts }
    }

    /// Before one of the times.
    fn before(&self, t: i64) -> u32 {
        self.counts[self.times.partition_point(|&other| other < t)]
    }
}
