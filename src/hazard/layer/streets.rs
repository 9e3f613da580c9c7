//! The layer of streets: named lines.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::map::HazardMap;
use super::super::street::StreetRow;
use super::feature::{Feature, FeatureCollection};
use super::filter::Filter;
use super::paging::Rank;

/// What is published of a street.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StreetProperties {
    pub name: String,
}

/// The streets that match, in the order they were first loaded; a street has no time, so a time does not restrict.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<StreetProperties> {
    let wanted = |street: &StreetRow| filter.bbox.is_none_or(|bbox| bbox.meets(&street.line));
    let all = map.streets().all();
    let matched = (0..all.len()).filter(|&n| wanted(&all[n])).collect();
    FeatureCollection::of(map, &filter.paging, matched, |&n| Rank::of_index(0, n), |n| feature(&all[n]))
}

/// The feature of one street.
pub fn feature(street: &StreetRow) -> Feature<StreetProperties> {
    let properties = StreetProperties { name: street.name.to_string() };
    Feature::along(street.id.to_string(), &street.line, properties)
}
