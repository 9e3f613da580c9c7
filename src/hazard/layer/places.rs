//! The layer of places: named intersections and landmarks.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::event::Place;
use super::super::map::HazardMap;
use super::feature::{Feature, FeatureCollection};
use super::filter::Filter;
use super::paging::Rank;

/// What is published of a place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaceProperties {
    /// Its name; without one, its id.
    pub name: String,
}

/// The places that match, in the order they were loaded; a place has no time, so a time does not restrict.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<PlaceProperties> {
    let all = map.places().all();
    let matched = (0..all.len()).filter(|&n| filter.takes_position(all[n].position)).collect();
    FeatureCollection::of(map, &filter.paging, matched, |&n| Rank::of_index(0, n), |n| feature(&all[n]))
}

/// The feature of one place.
pub fn feature(place: &Place) -> Feature<PlaceProperties> {
    let name = place.name.as_ref().unwrap_or(&place.id).clone();
    Feature::new(place.id.clone(), Some(place.position), PlaceProperties { name })
}
