//! Layers: what the map publishes, as GeoJSON features (RFC 7946). One file a layer, each with its properties.

mod changes;
mod detail;
mod feature;
mod filter;
mod hotspots;
mod incidents;
mod lookup;
mod places;
mod rate;
mod reports;
mod storms;

use serde::Serialize;

pub use changes::{Changes, LayerChanges};
pub use detail::{Found, HotspotDetail, hotspot};
pub use feature::{Feature, FeatureCollection, Time};
pub use filter::{Bbox, Filter, Interval};
pub use hotspots::HotspotProperties;
pub use incidents::IncidentProperties;
pub use lookup::{IncidentId, Lookup};
pub use places::PlaceProperties;
pub use reports::{ReportProperties, report};
pub use storms::StormProperties;

use super::map::HazardMap;

/// A published collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    Reports,
    Incidents,
    Hotspots,
    Storms,
    Places,
}

/// The features of a layer that match a filter.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Page {
    Reports(FeatureCollection<ReportProperties>),
    Incidents(FeatureCollection<IncidentProperties>),
    Hotspots(FeatureCollection<HotspotProperties>),
    Storms(FeatureCollection<StormProperties>),
    Places(FeatureCollection<PlaceProperties>),
}

impl Layer {
    pub const ALL: [Layer; 5] = [Layer::Reports, Layer::Incidents, Layer::Hotspots, Layer::Storms, Layer::Places];

    /// As in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Layer::Reports => "reports",
            Layer::Incidents => "incidents",
            Layer::Hotspots => "hotspots",
            Layer::Storms => "storms",
            Layer::Places => "places",
        }
    }

    /// One line for people.
    pub fn title(self) -> &'static str {
        match self {
            Layer::Reports => "Reports: single observations, dry ones too",
            Layer::Incidents => "Incidents: one hazard, at one place, on one occasion",
            Layer::Hotspots => "Hotspots: places where incidents recur",
            Layer::Storms => "Storms: rain events cut from the rainfall series",
            Layer::Places => "Places: named intersections and landmarks",
        }
    }

    /// The layer of this name.
    pub fn named(name: &str) -> Option<Layer> {
        Layer::ALL.into_iter().find(|layer| layer.name() == name)
    }

    /// The features that match, copied out of the map: they can be written when its lock is free again.
    pub fn page(self, map: &HazardMap, filter: &Filter) -> Page {
        match self {
            Layer::Reports => Page::Reports(reports::collect(map, filter)),
            Layer::Incidents => Page::Incidents(incidents::collect(map, filter)),
            Layer::Hotspots => Page::Hotspots(hotspots::collect(map, filter)),
            Layer::Storms => Page::Storms(storms::collect(map, filter)),
            Layer::Places => Page::Places(places::collect(map, filter)),
        }
    }

    /// How many features the layer holds.
    pub fn count(self, map: &HazardMap) -> usize {
        let all = Filter::default();
        match self {
            Layer::Reports => reports::matching(map, &all).len(),
            Layer::Incidents => incidents::matching(map, &all).len(),
            Layer::Hotspots => map.sites().peaks().count(),
            Layer::Storms => map.rain().storms().len(),
            Layer::Places => map.places().all().len(),
        }
    }
}

impl Page {
    /// Position in the log of the map it was taken from.
    pub fn position(&self) -> u64 {
        match self {
            Page::Reports(c) => c.position,
            Page::Incidents(c) => c.position,
            Page::Hotspots(c) => c.position,
            Page::Storms(c) => c.position,
            Page::Places(c) => c.position,
        }
    }
}
