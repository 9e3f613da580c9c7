//! The layer of streets: named lines.

use serde::Serialize;

use super::super::map::HazardMap;
use super::super::street::StreetRow;
use super::feature::{Feature, FeatureCollection};
use super::filter::Filter;

/// What is published of a street.
#[derive(Clone, Debug, Serialize)]
pub struct StreetProperties {
    pub name: String,
}

/// The streets that match, in the order they were first loaded; a street has no time, so a time does not restrict.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<StreetProperties> {
    let wanted = |street: &&StreetRow| filter.bbox.is_none_or(|bbox| bbox.meets(&street.line));
    let matched: Vec<&StreetRow> = map.streets().all().iter().filter(wanted).collect();
    FeatureCollection::of(map, filter, matched, |street| {
        let properties = StreetProperties { name: street.name.to_string() };
        Feature::along(street.id.to_string(), &street.line, properties)
    })
}
