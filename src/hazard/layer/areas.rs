//! The layer of areas: parts of the city that units are responsible for.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::cql2::Kind;
use super::super::event::{Area, AreaLevel};
use super::super::map::HazardMap;
use super::bounds::Bbox;
use super::feature::{Feature, FeatureCollection, Rings};
use super::filter::Filter;
use super::paging::Keys;
use super::queryable::{Asking, Queryable, Table, polygons};

/// What is published of an area.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AreaProperties {
    /// Its name; without one, its id.
    pub name: String,
    pub level: AreaLevel,
    /// The area that it is part of.
    pub parent_id: Option<String>,
}

/// What they can be asked for in a filter.
pub static TABLE: Table<usize> = Table {
    properties: &[
        Queryable::new("id", "Its id", Kind::Text, |r, &n| r.map.areas().all()[n].id.as_str().into()),
        Queryable::new("name", "Its name; without one, its id", Kind::Text, |r, &n| {
            name(&r.map.areas().all()[n]).into()
        }),
        Queryable::new(
            "level",
            "How fine it is",
            Kind::Words(|| AreaLevel::ALL.map(AreaLevel::name).into()),
            |r, &n| r.map.areas().all()[n].level.name().into(),
        ),
        Queryable::new("parent_id", "The area that it is part of", Kind::Text, |r, &n| {
            r.map.areas().all()[n].parent.as_deref().into()
        }),
        Queryable::geometry("polygon-or-multipolygon"),
    ],
    located: |map, &n| Some(polygons(shape(&map.areas().all()[n]).iter())),
};

fn name(area: &Area) -> &str {
    area.name.as_ref().unwrap_or(&area.id)
}

fn shape(area: &Area) -> Box<[Rings]> {
    let polygon = |rings: &Vec<Vec<_>>| rings.iter().map(|ring| ring[..].into()).collect::<Rings>();
    area.polygons.iter().map(polygon).collect()
}

/// The areas that match, in the order of their ids; an area has no time, so a time does not restrict.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<AreaProperties> {
    let all = map.areas().all();
    let asking = Asking::new(map, &TABLE, filter);
    let wanted = |n: &usize| filter.bbox.is_none_or(|bbox| touches(map, *n, &bbox)) && asking.takes(n);
    let matched = (0..all.len()).filter(wanted).collect();
    FeatureCollection::of(map, &filter.paging, matched, (|_| Keys::new(), |&n| n), |n| feature(&all[n]))
}

/// Does an area touch a box?
fn touches(map: &HazardMap, area: usize, bbox: &Bbox) -> bool {
    // A box inside an area touches none of its borders.
    let all = map.areas().all()[area].polygons.iter().flatten();
    bbox.corner().is_some_and(|at| map.areas().holds(area, at)) || all.into_iter().any(|ring| bbox.meets(ring))
}

/// The feature of one area.
pub fn feature(area: &Area) -> Feature<AreaProperties> {
    let properties = AreaProperties { name: name(area).to_owned(), level: area.level, parent_id: area.parent.clone() };
    Feature::around(area.id.clone(), shape(area), properties)
}
