//! One feature of any layer, by its id.

use serde::Serialize;

use super::super::crs::Crs;
use super::super::map::HazardMap;
use super::Layer;
use super::areas::{self, AreaProperties};
use super::closures::{self, ClosureProperties};
use super::coverage::{self, CoverageProperties};
use super::detail::{self, Found};
use super::feature::{Feature, Link};
use super::hotspots::{self, HotspotProperties};
use super::incidents::{self, IncidentProperties};
use super::lookup::Lookup;
use super::places::{self, PlaceProperties};
use super::reports::{self, ReportProperties};
use super::storms::{self, StormProperties};
use super::streets::{self, StreetProperties};
use super::works::{self, WorksProperties};
use crate::error::Result;

/// A feature of one of the layers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum AnyFeature {
    Report(Feature<ReportProperties>),
    Incident(Feature<IncidentProperties>),
    Hotspot(Feature<HotspotProperties>),
    Storm(Feature<StormProperties>),
    Place(Feature<PlaceProperties>),
    Street(Feature<StreetProperties>),
    Works(Feature<WorksProperties>),
    Area(Feature<AreaProperties>),
    Coverage(Feature<CoverageProperties>),
    Closure(Feature<ClosureProperties>),
}

impl AnyFeature {
    pub fn links_mut(&mut self) -> &mut Vec<Link> {
        match self {
            AnyFeature::Report(f) => &mut f.links,
            AnyFeature::Incident(f) => &mut f.links,
            AnyFeature::Hotspot(f) => &mut f.links,
            AnyFeature::Storm(f) => &mut f.links,
            AnyFeature::Place(f) => &mut f.links,
            AnyFeature::Street(f) => &mut f.links,
            AnyFeature::Works(f) => &mut f.links,
            AnyFeature::Area(f) => &mut f.links,
            AnyFeature::Coverage(f) => &mut f.links,
            AnyFeature::Closure(f) => &mut f.links,
        }
    }

    /// As GeoJSON.
    ///
    /// # Errors
    /// `Store` for a value that JSON cannot hold.
    pub fn text(&self) -> Result<Vec<u8>> {
        match self {
            AnyFeature::Report(f) => f.text(),
            AnyFeature::Incident(f) => f.text(),
            AnyFeature::Hotspot(f) => f.text(),
            AnyFeature::Storm(f) => f.text(),
            AnyFeature::Place(f) => f.text(),
            AnyFeature::Street(f) => f.text(),
            AnyFeature::Works(f) => f.text(),
            AnyFeature::Area(f) => f.text(),
            AnyFeature::Coverage(f) => f.text(),
            AnyFeature::Closure(f) => f.text(),
        }
    }

    /// From now on its coordinates are written in this system.
    pub fn write_in(&mut self, crs: Crs) {
        match self {
            AnyFeature::Report(f) => f.write_in(crs),
            AnyFeature::Incident(f) => f.write_in(crs),
            AnyFeature::Hotspot(f) => f.write_in(crs),
            AnyFeature::Storm(f) => f.write_in(crs),
            AnyFeature::Place(f) => f.write_in(crs),
            AnyFeature::Street(f) => f.write_in(crs),
            AnyFeature::Works(f) => f.write_in(crs),
            AnyFeature::Area(f) => f.write_in(crs),
            AnyFeature::Coverage(f) => f.write_in(crs),
            AnyFeature::Closure(f) => f.write_in(crs),
        }
    }
}

impl Layer {
    /// The feature of this id, as it stands on the layer's pages at a time in unix seconds.
    pub fn feature(self, map: &HazardMap, id: &str, now: i64) -> Found<AnyFeature> {
        let found = |feature: Option<AnyFeature>| feature.map_or(Found::Nowhere, |f| Found::Here(Box::new(f)));
        let lookup = &mut Lookup::new(map);
        match self {
            Layer::Reports => reports::standing(map, id).map(|i| AnyFeature::Report(reports::report(lookup, i))),
            Layer::Incidents => detail::standing(map, id).map(|i| AnyFeature::Incident(incidents::feature(lookup, i))),
            Layer::Hotspots => detail::peak(map, id).map(|peak| AnyFeature::Hotspot(hotspots::feature(map, peak))),
            Layer::Storms => found(storms::find(map, id).map(AnyFeature::Storm)),
            Layer::Places => found(map.places().find(id).map(|place| AnyFeature::Place(places::feature(place)))),
            Layer::Coverage => found(coverage::find(map, id).map(AnyFeature::Coverage)),
            Layer::Closures => match detail::standing(map, id) {
                Found::Here(i) => found(closures::find(map, *i, now).map(AnyFeature::Closure)),
                Found::At(id) => Found::At(id),
                Found::Nowhere => Found::Nowhere,
            },
            Layer::Works => found(map.works().find(id).map(|one| AnyFeature::Works(works::feature(one)))),
            Layer::Areas => {
                found(map.areas().find(id).map(|n| AnyFeature::Area(areas::feature(&map.areas().all()[n]))))
            }
            Layer::Streets => found(map.streets().find(id).map(|street| AnyFeature::Street(streets::feature(street)))),
        }
    }
}
