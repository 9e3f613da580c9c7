//! The gauges, with what can be doubted of the rain of each; and the stations of water levels.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::analysis::USUAL_CATEGORY;
use super::super::category::Category;
use super::super::gauge::Series;
use super::super::incident::Incident;
use super::super::level::StationRow;
use super::super::map::HazardMap;
use super::super::position::Position;
use super::super::quality::{Doubt, Quality};
use super::super::rain_clock;
use super::super::vicinity::{around, is_within};
use super::feature::{Feature, FeatureCollection, Time, rounded};
use super::paging::{Keys, Paging};

/// What is published of a gauge: its series up to the time of the map.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GaugeProperties {
    pub name: Option<String>,
    /// When its first interval begins and its last one ends.
    pub start: Option<Time>,
    pub end: Option<Time>,
    pub intervals: usize,
    /// Intervals that say they were not measured.
    pub intervals_missing: usize,
    /// The part of its time that was measured, from 0 to 1.
    pub measured_share: Option<f64>,
    /// Stretches without a measurement, whether written or left out.
    pub gaps: usize,
    pub longest_gap_s: i64,
    pub depth_mm: f64,
    pub storms: usize,
    pub doubts: Vec<GaugeDoubt>,
}

/// One thing that can be doubted of a gauge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GaugeDoubt {
    #[schema(example = "running_total")]
    pub code: &'static str,
    /// A sentence for people.
    pub text: String,
    /// When it shows first, where it has a time.
    pub start: Option<Time>,
}

/// What is published of a station of water levels, up to the time of the map.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StationProperties {
    pub name: Option<String>,
    /// What levels are heights above, as the source calls it.
    pub datum: Option<String>,
    pub readings: usize,
    pub start: Option<Time>,
    pub end: Option<Time>,
    pub level_m_last: Option<f64>,
    pub level_m_min: Option<f64>,
    pub level_m_max: Option<f64>,
}

/// The gauges in the order they were first loaded; before them, if there is any, the rain without a gauge as `city`.
pub fn gauges(map: &HazardMap, paging: &Paging) -> FeatureCollection<GaugeProperties> {
    let all = map.gauges().all();
    let listed = |n: &usize| all[*n].gauge.is_some() || !all[*n].rain.intervals().is_empty();
    let matched: Vec<usize> = (0..all.len()).filter(listed).collect();
    let floods = floods(map);
    FeatureCollection::of(map, paging, matched, (|_| Keys::new(), |&n| n), |n| gauge(map, &all[n], &floods[n]))
}

/// When the floods of each series were first seen, in order of time.
fn floods(map: &HazardMap) -> Vec<Vec<i64>> {
    let category = Category::named(USUAL_CATEGORY).expect("the table of categories has it");
    let mut firsts = vec![Vec::new(); map.gauges().all().len()];
    let seen = |incident: &&Incident| incident.category == category && !incident.is_void() && !incident.dismissed;
    for incident in map.incidents().iter().filter(seen) {
        firsts[map.series_of(incident) as usize].push(incident.facts.first);
    }
    firsts.iter_mut().for_each(|firsts| firsts.sort_unstable());
    firsts
}

fn gauge(map: &HazardMap, series: &Series, floods: &[i64]) -> Feature<GaugeProperties> {
    let rain = &series.rain;
    let quality = Quality::of(&rain.intervals()[..rain.in_force()]);
    let position = series.gauge.as_ref().map(|gauge| gauge.position);
    let mut doubts: Vec<Doubt> = quality.doubts.clone();
    if quality.intervals == 0 {
        let text = "no rain of it is loaded up to now: it counts nowhere".to_owned();
        doubts.push(Doubt { code: "no_rain", text, start: None });
    }
    doubts.extend(rain_clock::doubt(rain, floods));
    doubts.extend(position.and_then(|at| far(map, at)));
    let properties = GaugeProperties {
        name: series.gauge.as_ref().and_then(|gauge| gauge.name.clone()),
        start: quality.time.map(|(from, _)| Time(from)),
        end: quality.time.map(|(_, to)| Time(to)),
        intervals: quality.intervals,
        intervals_missing: quality.missing,
        measured_share: quality.measured_share().map(|share| rounded(share, 10_000.0)),
        gaps: quality.gaps,
        longest_gap_s: quality.longest_gap_s,
        depth_mm: quality.depth_um as f64 / 1_000.0,
        storms: rain.storms().len(),
        doubts: doubts
            .into_iter()
            .map(|d| GaugeDoubt { code: d.code, text: d.text, start: d.start.map(Time) })
            .collect(),
    };
    Feature::new(series.id().to_owned(), position, properties)
}

/// A gauge that no report lies near has no use, and perhaps a wrong position.
fn far(map: &HazardMap, gauge: Position) -> Option<Doubt> {
    let reach_m = map.settings().rain_rule().gauge_reach_m;
    if map.reports().visible() == 0 || around(map.reports(), gauge, reach_m).any(|row| is_within(row, gauge, reach_m)) {
        return None;
    }
    let text = format!(
        "no report lies within {} km of it (gauge_reach): is its position right?",
        rounded(reach_m / 1_000.0, 10.0)
    );
    Some(Doubt { code: "far_from_reports", text, start: None })
}

/// The stations of water levels, in the order they were first loaded.
pub fn stations(map: &HazardMap, paging: &Paging) -> FeatureCollection<StationProperties> {
    let all = map.levels().all();
    FeatureCollection::of(map, paging, (0..all.len()).collect(), (|_| Keys::new(), |&n| n), |n| {
        station(&all[n], map.as_of())
    })
}

fn station(row: &StationRow, as_of: i64) -> Feature<StationProperties> {
    let readings = row.up_to(as_of);
    let m = |mm: i64| mm as f64 / 1_000.0;
    let levels = || readings.iter().map(|reading| reading.level_mm);
    let properties = StationProperties {
        name: row.station.name.clone(),
        datum: row.station.datum.clone(),
        readings: readings.len(),
        start: readings.first().map(|reading| Time(reading.at)),
        end: readings.last().map(|reading| Time(reading.at)),
        level_m_last: levels().next_back().map(m),
        level_m_min: levels().min().map(m),
        level_m_max: levels().max().map(m),
    };
    Feature::new(row.station.id.clone(), Some(row.station.position), properties)
}
