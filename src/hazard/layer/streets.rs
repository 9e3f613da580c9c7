//! The layer of streets: named lines.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::cql2::Kind;
use super::super::map::HazardMap;
use super::super::street::StreetRow;
use super::feature::{Feature, FeatureCollection};
use super::filter::Filter;
use super::paging::Keys;
use super::queryable::{Asking, Queryable, Table, line};

/// What is published of a street.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StreetProperties {
    pub name: String,
}

/// What they can be asked for in a filter.
pub static TABLE: Table<usize> = Table {
    properties: &[
        Queryable::new("id", "Its id", Kind::Text, |r, &n| (&*r.map.streets().all()[n].id).into()),
        Queryable::new("name", "Its name", Kind::Text, |r, &n| (&*r.map.streets().all()[n].name).into()),
        Queryable::geometry("linestring"),
    ],
    located: |map, &n| Some(line(&map.streets().all()[n].line)),
};

/// The streets that match, in the order they were first loaded; a street has no time, so a time does not restrict.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<StreetProperties> {
    let wanted = |street: &StreetRow| filter.bbox.is_none_or(|bbox| bbox.meets(&street.line));
    let all = map.streets().all();
    let asking = Asking::new(map, &TABLE, filter);
    let matched = (0..all.len()).filter(|n| wanted(&all[*n]) && asking.takes(n)).collect();
    FeatureCollection::of(map, &filter.paging, matched, (|_| Keys::new(), |&n| n), |n| feature(&all[n]))
}

/// The feature of one street.
pub fn feature(street: &StreetRow) -> Feature<StreetProperties> {
    let properties = StreetProperties { name: street.name.to_string() };
    Feature::along(street.id.to_string(), &street.line, properties)
}
