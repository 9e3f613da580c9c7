//! The layer of places: named intersections and landmarks.

use serde::Serialize;

use super::super::event::Place;
use super::super::map::HazardMap;
use super::feature::{Feature, FeatureCollection};
use super::filter::Filter;

/// What is published of a place.
#[derive(Clone, Debug, Serialize)]
pub struct PlaceProperties {
    /// Its name; without one, its id.
    pub name: String,
}

/// The places that match, in the order they were loaded; a place has no time, so a time does not restrict.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<PlaceProperties> {
    let matched: Vec<&Place> = map.places().all().iter().filter(|p| filter.takes_position(p.position)).collect();
    FeatureCollection::of(map, filter, matched, |place| {
        let name = place.name.as_ref().unwrap_or(&place.id).clone();
        Feature::new(place.id.clone(), Some(place.position), PlaceProperties { name })
    })
}
