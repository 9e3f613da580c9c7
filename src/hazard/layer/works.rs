//! The layer of works: repairs with their place and dates.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::event::Works;
use super::super::map::HazardMap;
use super::feature::{Feature, FeatureCollection, Time};
use super::filter::Filter;
use super::paging::Rank;

/// What is published of works.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorksProperties {
    /// Their name; without one, their id.
    pub name: String,
    /// What was done, in a word.
    pub kind: Option<String>,
    /// The city's own number for them.
    pub reference: Option<String>,
    pub start: Time,
    /// When they were finished, or are to be; null where nobody said.
    pub end: Option<Time>,
}

/// What works can be sorted by; else they come in the order they were first loaded.
pub const SORTS: [&str; 2] = ["start", "end"];

fn value(works: &Works, by: &str) -> Option<i64> {
    if by == "end" { works.end } else { Some(works.start) }
}

/// The works that match. Those whose end nobody said last for ever.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<WorksProperties> {
    let wanted = |works: &Works| {
        filter.takes_time(works.start, works.end.unwrap_or(i64::MAX))
            && filter.bbox.is_none_or(|bbox| bbox.meets(&works.line))
    };
    let all = map.works().all();
    let matched = (0..all.len()).filter(|&n| wanted(&all[n])).collect();
    let key = |n: usize| filter.paging.sort.map_or(0, |sort| sort.key(value(&all[n], sort.by)));
    FeatureCollection::of(map, &filter.paging, matched, |&n| Rank::of_index(key(n), n), |n| feature(&all[n]))
}

/// The feature of works: a point or a line.
pub fn feature(works: &Works) -> Feature<WorksProperties> {
    let properties = WorksProperties {
        name: works.name.as_ref().unwrap_or(&works.id).clone(),
        kind: works.kind.clone(),
        reference: works.reference.clone(),
        start: Time(works.start),
        end: works.end.map(Time),
    };
    match works.line[..] {
        [at] => Feature::new(works.id.clone(), Some(at), properties),
        _ => Feature::along(works.id.clone(), &works.line, properties),
    }
}
