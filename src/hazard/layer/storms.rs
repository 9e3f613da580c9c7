//! The layer of storms: rain events cut from each rainfall series.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::cql2::Kind;
use super::super::gauge::{Series, StormAt};
use super::super::map::HazardMap;
use super::super::position::Position;
use super::super::slot::Slot;
use super::super::storm::Storm;
use super::super::time;
use super::feature::{Feature, FeatureCollection, Time, rounded};
use super::filter::Filter;
use super::lookup::Lookup;
use super::queryable::{Asking, Queryable, Table, point};

/// What is published of a storm.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StormProperties {
    /// Where it was measured; `city` for rain without a gauge, which stands for the whole city.
    #[schema(example = "city")]
    pub gauge: String,
    pub start: Time,
    pub end: Time,
    pub duration_s: i64,
    pub depth_mm: f64,
    /// Largest mean intensity over so long; null where the rain was measured more coarsely.
    pub peak_10min_mm_h: Option<f64>,
    pub peak_1h_mm_h: Option<f64>,
    pub peak_3h_mm_h: Option<f64>,
    /// The incidents that count and fell in it.
    pub incidents: usize,
    /// The hotspots they belong to.
    pub hotspots: usize,
}

/// What they can be asked for in a filter.
pub static TABLE: Table<StormAt> = Table {
    properties: &[
        Queryable::new("id", "Its id", Kind::Text, |r, &at| id(r.map, at).into()),
        Queryable::new("gauge", "Where it was measured; city for rain without a gauge", Kind::Text, |r, &at| {
            series(r.map, at).id().into()
        }),
        Queryable::new("start", "When it began", Kind::Time, |r, &at| Time(r.map.storm(at).start).into()),
        Queryable::new("end", "When it ended", Kind::Time, |r, &at| Time(r.map.storm(at).end).into()),
        Queryable::measure("duration_s", "How long it lasted", "s", |r, &at| {
            (r.map.storm(at).end - r.map.storm(at).start).into()
        }),
        Queryable::measure("depth_mm", "How much it rained", "mm", |r, &at| depth_mm(r.map.storm(at)).into()),
        Queryable::measure("peak_10min_mm_h", "Largest mean intensity over 10 minutes", "mm/h", |r, &at| {
            peak_mm_h(r.map, at, 600).into()
        }),
        Queryable::measure("peak_1h_mm_h", "Largest mean intensity over an hour", "mm/h", |r, &at| {
            peak_mm_h(r.map, at, 3_600).into()
        }),
        Queryable::measure("peak_3h_mm_h", "Largest mean intensity over 3 hours", "mm/h", |r, &at| {
            peak_mm_h(r.map, at, 10_800).into()
        }),
        Queryable::new("incidents", "The incidents that fell in it", Kind::Integer, |r, &at| {
            incidents_of(r.reach(), at).into()
        }),
        Queryable::new("hotspots", "The hotspots they belong to", Kind::Integer, |r, &at| {
            hotspots_of(r.reach(), at).into()
        }),
        Queryable::geometry("point"),
    ],
    located: |map, &at| place(map, at).map(point),
};

fn series(map: &HazardMap, at: StormAt) -> &Series {
    &map.gauges().all()[at.series as usize]
}

fn depth_mm(storm: &Storm) -> f64 {
    storm.depth_um as f64 / 1_000.0
}

fn peak_mm_h(map: &HazardMap, at: StormAt, window_s: i64) -> Option<f64> {
    series(map, at).rain.peak_mm_h(map.storm(at), window_s).map(|v| rounded(v, 1_000.0))
}

fn incidents_of((incidents, _): &Reach, at: StormAt) -> usize {
    incidents.get(&at).copied().unwrap_or(0)
}

fn hotspots_of((_, hit): &Reach, at: StormAt) -> usize {
    hit.range((at, Slot::new(0))..).take_while(|(storm, _)| *storm == at).count()
}

/// What storms can be sorted by; else they come in order of time.
pub const SORTS: [&str; 2] = ["start", "depth_mm"];

fn value(storm: &Storm, by: &str) -> i64 {
    if by == "depth_mm" { storm.depth_um } else { storm.start }
}

/// The storms that match, in order of time, then of their ids. One lies at its gauge; one of the whole city lies nowhere,
/// so a box does not restrict it.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<StormProperties> {
    let asking = Asking::new(map, &TABLE, filter);
    let wanted = |&at: &StormAt| {
        let storm = map.storm(at);
        filter.takes_time(storm.start, storm.end)
            && filter.takes_gauge(series(map, at).id())
            && place(map, at).is_none_or(|place| filter.takes_position(place))
            && asking.takes(&at)
    };
    let mut matched: Vec<StormAt> = all(map).filter(wanted).collect();
    if map.gauges().all().len() > 1 {
        matched.sort_by_cached_key(|&at| (map.storm(at).start, id(map, at)));
    }
    let reach = reach(map);
    let keys = |&at: &StormAt| {
        let storm = map.storm(at);
        let mut keys = filter.paging.keys(|by| Some(value(storm, by)));
        if keys.is_empty() {
            keys.push(storm.start);
        }
        keys
    };
    let tie = |&at: &StormAt| id(map, at);
    FeatureCollection::of(map, &filter.paging, matched, (keys, tie), |at| feature(map, at, &reach))
}

/// Every storm of every series.
pub fn all(map: &HazardMap) -> impl Iterator<Item = StormAt> {
    map.gauges().all().iter().enumerate().flat_map(|(series, of)| {
        (0..of.rain.storms().len()).map(move |storm| StormAt { series: series as u32, storm: storm as u32 })
    })
}

/// Where a storm was measured.
pub fn place(map: &HazardMap, at: StormAt) -> Option<Position> {
    map.gauges().all()[at.series as usize].gauge.as_ref().map(|gauge| gauge.position)
}

/// The storm of an id.
pub fn find(map: &HazardMap, wanted: &str) -> Option<Feature<StormProperties>> {
    let at = all(map).find(|&at| id(map, at) == wanted)?;
    Some(feature(map, at, &reach(map)))
}

fn feature(map: &HazardMap, at: StormAt, reach: &Reach) -> Feature<StormProperties> {
    let storm = map.storm(at);
    let properties = StormProperties {
        gauge: series(map, at).id().to_owned(),
        start: Time(storm.start),
        end: Time(storm.end),
        duration_s: storm.end - storm.start,
        depth_mm: depth_mm(storm),
        peak_10min_mm_h: peak_mm_h(map, at, 600),
        peak_1h_mm_h: peak_mm_h(map, at, 3_600),
        peak_3h_mm_h: peak_mm_h(map, at, 10_800),
        incidents: incidents_of(reach, at),
        hotspots: hotspots_of(reach, at),
    };
    Feature::new(id(map, at), place(map, at), properties)
}

/// How many incidents count in each storm, and which hotspots, by their peaks, each has hit.
pub type Reach = (HashMap<StormAt, usize>, BTreeSet<(StormAt, Slot)>);

pub fn reach(map: &HazardMap) -> Reach {
    let lookup = Lookup::new(map);
    let mut incidents = HashMap::new();
    let mut hit = BTreeSet::new();
    for incident in map.incidents().iter().filter(|i| i.counts) {
        let Some(storm) = map.weather(incident).0 else { continue };
        *incidents.entry(storm).or_default() += 1;
        hit.extend(lookup.peak(incident).map(|peak| (storm, peak)));
    }
    (incidents, hit)
}

/// A storm's id: when it began, as `20231021T011000Z`, with its gauge and a colon before it if it has one.
pub fn id(map: &HazardMap, at: StormAt) -> String {
    let start = time::format(map.storm(at).start).replace(['-', ':'], "");
    match &map.gauges().all()[at.series as usize].gauge {
        Some(gauge) => format!("{}:{start}", gauge.id),
        None => start,
    }
}
