//! The layer of places: named intersections and landmarks.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::cql2::Kind;
use super::super::event::Place;
use super::super::map::HazardMap;
use super::feature::{Feature, FeatureCollection};
use super::filter::Filter;
use super::paging::Keys;
use super::queryable::{Asking, Queryable, Table, point};

/// What is published of a place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaceProperties {
    /// Its name; without one, its id.
    pub name: String,
}

/// What they can be asked for in a filter.
pub static TABLE: Table<usize> = Table {
    properties: &[
        Queryable::new("id", "Its id", Kind::Text, |r, &n| r.map.places().all()[n].id.as_str().into()),
        Queryable::new("name", "Its name; without one, its id", Kind::Text, |r, &n| {
            name(&r.map.places().all()[n]).into()
        }),
        Queryable::geometry("point"),
    ],
    located: |map, &n| Some(point(map.places().all()[n].position)),
};

fn name(place: &Place) -> &str {
    place.name.as_ref().unwrap_or(&place.id)
}

/// The places that match, in the order they were loaded; a place has no time, so a time does not restrict.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<PlaceProperties> {
    let all = map.places().all();
    let asking = Asking::new(map, &TABLE, filter);
    let matched = (0..all.len()).filter(|n| filter.takes_position(all[*n].position) && asking.takes(n)).collect();
    FeatureCollection::of(map, &filter.paging, matched, (|_| Keys::new(), |&n| n), |n| feature(&all[n]))
}

/// The feature of one place.
pub fn feature(place: &Place) -> Feature<PlaceProperties> {
    Feature::new(place.id.clone(), Some(place.position), PlaceProperties { name: name(place).to_owned() })
}
