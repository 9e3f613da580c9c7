//! The layer of works: repairs with their place and dates.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::cql2::{Kind, Located};
use super::super::event::Works;
use super::super::map::HazardMap;
use super::feature::{Feature, FeatureCollection, Time};
use super::filter::Filter;
use super::queryable::{Asking, Queryable, Table, line, point};

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

/// What they can be asked for in a filter.
pub static TABLE: Table<usize> = Table {
    properties: &[
        Queryable::new("id", "Their id", Kind::Text, |r, &n| r.map.works().all()[n].id.as_str().into()),
        Queryable::new("name", "Their name; without one, their id", Kind::Text, |r, &n| {
            name(&r.map.works().all()[n]).into()
        }),
        Queryable::new("kind", "What was done, in a word", Kind::Text, |r, &n| {
            r.map.works().all()[n].kind.as_deref().into()
        }),
        Queryable::new("reference", "The city's own number for them", Kind::Text, |r, &n| {
            r.map.works().all()[n].reference.as_deref().into()
        }),
        Queryable::new("start", "When they began", Kind::Time, |r, &n| Time(r.map.works().all()[n].start).into()),
        Queryable::new("end", "When they were finished, or are to be", Kind::Time, |r, &n| {
            r.map.works().all()[n].end.map(Time).into()
        }),
        Queryable::geometry("any"),
    ],
    located: |map, &n| Some(located(&map.works().all()[n])),
};

fn name(works: &Works) -> &str {
    works.name.as_ref().unwrap_or(&works.id)
}

fn located(works: &Works) -> Located {
    match works.line[..] {
        [at] => point(at),
        _ => line(&works.line),
    }
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
    let asking = Asking::new(map, &TABLE, filter);
    let matched = (0..all.len()).filter(|n| wanted(&all[*n]) && asking.takes(n)).collect();
    FeatureCollection::of(
        map,
        &filter.paging,
        matched,
        (|&n| filter.paging.keys(|by| value(&all[n], by)), |&n| n),
        |n| feature(&all[n]),
    )
}

/// The feature of works: a point or a line.
pub fn feature(works: &Works) -> Feature<WorksProperties> {
    let properties = WorksProperties {
        name: name(works).to_owned(),
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
