//! The layer of areas: parts of the city that units are responsible for.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::event::{Area, AreaLevel};
use super::super::map::HazardMap;
use super::super::position::Position;
use super::bounds::Bbox;
use super::feature::{Feature, FeatureCollection, Rings};
use super::filter::Filter;
use super::paging::Rank;

/// What is published of an area.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AreaProperties {
    /// Its name; without one, its id.
    pub name: String,
    pub level: AreaLevel,
    /// The area that it is part of.
    pub parent_id: Option<String>,
}

/// The areas that match, in the order of their ids; an area has no time, so a time does not restrict.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<AreaProperties> {
    let all = map.areas().all();
    let matched = (0..all.len()).filter(|&n| filter.bbox.is_none_or(|bbox| touches(map, n, &bbox))).collect();
    FeatureCollection::of(map, &filter.paging, matched, |&n| Rank::of_index(0, n), |n| feature(&all[n]))
}

/// Does an area touch a box?
fn touches(map: &HazardMap, area: usize, bbox: &Bbox) -> bool {
    // A box inside an area touches none of its borders.
    let corner = Position::new(bbox.west, bbox.south);
    let all = map.areas().all()[area].polygons.iter().flatten();
    corner.is_ok_and(|at| map.areas().holds(area, at)) || all.into_iter().any(|ring| bbox.meets(ring))
}

/// The feature of one area.
pub fn feature(area: &Area) -> Feature<AreaProperties> {
    let properties = AreaProperties {
        name: area.name.as_ref().unwrap_or(&area.id).clone(),
        level: area.level,
        parent_id: area.parent.clone(),
    };
    let polygon = |rings: &Vec<Vec<_>>| rings.iter().map(|ring| ring[..].into()).collect::<Rings>();
    Feature::around(area.id.clone(), area.polygons.iter().map(polygon).collect(), properties)
}
