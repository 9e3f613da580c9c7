//! The layer of storms: rain events cut from the rainfall series.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::super::storm::Storm;
use super::super::time;
use super::feature::{Feature, FeatureCollection, Time, rounded};
use super::filter::Filter;
use super::lookup::Lookup;
use super::paging::Rank;

/// What is published of a storm.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StormProperties {
    pub start: Time,
    pub end: Time,
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

/// What storms can be sorted by; else they come in order of time.
pub const SORTS: [&str; 2] = ["start", "depth_mm"];

fn value(storm: &Storm, by: &str) -> i64 {
    if by == "depth_mm" { storm.depth_um } else { storm.start }
}

/// The storms that match, in order of time; each covers the whole map, so a box does not restrict.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<StormProperties> {
    let storms = map.rain().storms();
    let matched = (0..storms.len()).filter(|&n| filter.takes_time(storms[n].start, storms[n].end)).collect();
    let reach = reach(map);
    let key = |n: usize| filter.paging.sort.map_or(storms[n].start, |sort| sort.key(Some(value(&storms[n], sort.by))));
    let rank = |&n: &usize| Rank::of_id([key(n), 0], id(storms[n].start));
    FeatureCollection::of(map, &filter.paging, matched, rank, |n| feature(map, n, &reach))
}

/// The storm of an id.
pub fn find(map: &HazardMap, wanted: &str) -> Option<Feature<StormProperties>> {
    let n = map.rain().storms().iter().position(|storm| id(storm.start) == wanted)?;
    Some(feature(map, n, &reach(map)))
}

fn feature(map: &HazardMap, n: usize, (incidents, hit): &Reach) -> Feature<StormProperties> {
    let storm = &map.rain().storms()[n];
    let peak = |window_s| map.rain().peak_mm_h(storm, window_s).map(|v| rounded(v, 1_000.0));
    let slot = Slot::new(n);
    let properties = StormProperties {
        start: Time(storm.start),
        end: Time(storm.end),
        depth_mm: storm.depth_um as f64 / 1_000.0,
        peak_10min_mm_h: peak(600),
        peak_1h_mm_h: peak(3_600),
        peak_3h_mm_h: peak(10_800),
        incidents: incidents[n],
        hotspots: hit.range((slot, Slot::new(0))..).take_while(|(storm, _)| *storm == slot).count(),
    };
    Feature::new(id(storm.start), None, properties)
}

/// How many incidents count in each storm, and which hotspots, by their peaks, each has hit.
type Reach = (Vec<usize>, BTreeSet<(Slot, Slot)>);

fn reach(map: &HazardMap) -> Reach {
    let lookup = Lookup::new(map);
    let mut incidents = vec![0; map.rain().storms().len()];
    let mut hit = BTreeSet::new();
    for incident in map.incidents().iter().filter(|i| i.counts) {
        let Some(storm) = map.weather(incident).0.map(|n| Slot::new(n as usize)) else { continue };
        incidents[storm.index()] += 1;
        hit.extend(lookup.peak(incident).map(|peak| (storm, peak)));
    }
    (incidents, hit)
}

/// A storm's id: when it began, as `20231021T011000Z`.
pub fn id(start: i64) -> String {
    time::format(start).replace(['-', ':'], "")
}
