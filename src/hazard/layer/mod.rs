//! Layers: what the map publishes, as GeoJSON features (RFC 7946). One file a layer, each with its properties.

mod areas;
mod bounds;
mod changes;
mod closures;
mod columns;
mod coverage;
mod detail;
mod duplicates;
mod extent;
pub(super) mod feature;
pub(super) mod figures;
mod filter;
mod filtering;
mod followed;
mod gauges;
mod history;
mod hotspot_order;
pub(super) mod hotspots;
pub(super) mod incidents;
mod interval;
pub(super) mod lookup;
mod measured;
mod occasions;
mod one;
mod paging;
mod places;
mod queryable;
mod queue;
pub(super) mod rate;
mod reported;
pub(super) mod reports;
mod status;
pub(super) mod storms;
mod streets;
mod text;
mod timeline;
mod units;
mod weather;
mod works;

pub use areas::AreaProperties;
pub use bounds::Bbox;
pub use changes::{Changes, LayerChanges};
pub use closures::{ClosureProperties, said as closure_said};
pub use columns::{Column, Geometry, Kind, Row, Value};
pub use coverage::CoverageProperties;
pub use detail::{
    Found, HotspotDetail, IncidentDetail, Parameters, PrivateReport, case as case_index, hotspot, peak as hotspot_peak,
    standing as incident_index,
};
pub use duplicates::{Alike, Compared, Duplicates};
pub use extent::Extent;
pub use feature::{Feature, FeatureCollection, Head, Link, Rings, Shape, Time};
pub use filter::Filter;
pub use filtering::{Filtering, filter_crs};
pub use followed::Followed;
pub use gauges::{GaugeProperties, StationProperties, gauges, stations};
pub use history::{History, Standing, StepTaken, Version};
pub use hotspots::{HotspotProperties, name as hotspot_name};
pub use incidents::{IncidentProperties, IncidentStatus};
pub use interval::Interval;
pub use lookup::{IncidentId, Lookup, hotspot_id};
pub use measured::Measured;
pub use occasions::{HotspotOccasions, OccasionsWithin, occasions_within};
pub use one::AnyFeature;
pub use paging::{Cursor, Paging, Sort};
pub use places::PlaceProperties;
pub use queue::{Queue, QueueAsked, QueueCursor, QueueRow, SamePhoto, ShownPhoto};
pub use rate::observed_years;
pub use reported::{Case, Reported, ReportedFilter, reported};
pub use reports::{ReportProperties, Whereabouts, report, standing as report_index};
pub use status::Status;
pub use storms::{StormProperties, id as storm_id};
pub use streets::StreetProperties;
pub use text::{Kept, Parts};
pub use timeline::{Asked as TimelineAsked, Step, Timeline, timeline};
pub use units::{AreasAt, Side, SuggestedUnit, UnitList, UnitNamed, areas_at};
pub use weather::InWeather;
pub use works::WorksProperties;

use super::crs::Crs;
use super::map::HazardMap;
use super::storm::Weather;

/// Features in a small box: a page of them is found in about a millisecond.
const MOST_CLOSE_BY: usize = 5_000;

/// A published collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    Reports,
    Incidents,
    Hotspots,
    Storms,
    Places,
    Streets,
    Works,
    Areas,
    Coverage,
    Closures,
}

/// The features of a layer that match a filter.
#[derive(Debug)]
pub enum Page {
    Reports(FeatureCollection<ReportProperties>),
    Incidents(FeatureCollection<IncidentProperties>),
    Hotspots(FeatureCollection<HotspotProperties>),
    Storms(FeatureCollection<StormProperties>),
    Places(FeatureCollection<PlaceProperties>),
    Streets(FeatureCollection<StreetProperties>),
    Works(FeatureCollection<WorksProperties>),
    Areas(FeatureCollection<AreaProperties>),
    Coverage(FeatureCollection<CoverageProperties>),
    Closures(FeatureCollection<ClosureProperties>),
}

impl Layer {
    pub const ALL: [Layer; 10] = [
        Layer::Reports,
        Layer::Incidents,
        Layer::Hotspots,
        Layer::Storms,
        Layer::Places,
        Layer::Streets,
        Layer::Works,
        Layer::Areas,
        Layer::Coverage,
        Layer::Closures,
    ];

    /// As in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Layer::Reports => "reports",
            Layer::Incidents => "incidents",
            Layer::Hotspots => "hotspots",
            Layer::Storms => "storms",
            Layer::Places => "places",
            Layer::Streets => "streets",
            Layer::Works => "works",
            Layer::Areas => "areas",
            Layer::Coverage => "coverage",
            Layer::Closures => "closures",
        }
    }

    /// One line for people.
    pub fn title(self) -> &'static str {
        match self {
            Layer::Reports => "Reports: single observations, dry ones too",
            Layer::Incidents => "Incidents: one hazard, at one place, on one occasion",
            Layer::Hotspots => "Hotspots: places where incidents recur",
            Layer::Storms => "Storms: rain events cut from the rainfall series of each gauge",
            Layer::Places => "Places: named intersections and landmarks",
            Layer::Streets => "Streets: named lines",
            Layer::Works => "Works: repairs with their dates, before and after which floods are compared",
            Layer::Areas => "Areas of responsibility: from the city down to grids",
            Layer::Coverage => "Coverage: where reports of any kind came from, by H3 cell",
            Layer::Closures => "Closures: where vehicles, or small cars, cannot pass now",
        }
    }

    /// Has each of its features a category?
    pub fn has_category(self) -> bool {
        matches!(self, Layer::Reports | Layer::Incidents | Layer::Hotspots | Layer::Closures)
    }

    /// What its features can be asked for as their weather: an incident has one, the occasions of a hotspot have several.
    pub fn weathers(self) -> Vec<&'static str> {
        match self {
            Layer::Incidents => Weather::ALL.map(Weather::name).to_vec(),
            Layer::Hotspots => InWeather::ALL.map(|(name, _)| name).to_vec(),
            _ => Vec::new(),
        }
    }

    pub fn has_weather(self) -> bool {
        matches!(self, Layer::Incidents | Layer::Hotspots)
    }

    /// Was each of its features measured at a gauge?
    pub fn has_gauge(self) -> bool {
        self == Layer::Storms
    }

    /// What its features can be sorted by.
    pub fn sorts(self) -> &'static [&'static str] {
        match self {
            Layer::Reports => &reports::SORTS,
            Layer::Incidents => &incidents::SORTS,
            Layer::Hotspots => &hotspot_order::SORTS,
            Layer::Storms => &storms::SORTS,
            Layer::Places | Layer::Streets | Layer::Areas => &[],
            Layer::Works => &works::SORTS,
            Layer::Coverage => &coverage::SORTS,
            Layer::Closures => &closures::SORTS,
        }
    }

    /// The layer of this name.
    pub fn named(name: &str) -> Option<Layer> {
        Layer::ALL.into_iter().find(|layer| layer.name() == name)
    }

    /// Is any of its pages found without a search, where everything is wanted?
    pub fn is_straight(self) -> bool {
        matches!(self, Layer::Reports | Layer::Incidents)
    }

    /// May [`Layer::close_by`] have an answer?
    pub fn may_be_close_by(self, filter: &Filter) -> bool {
        self == Layer::Reports && filter.bbox.is_some() && filter.condition.is_none()
    }

    /// The features that match, where those of a box are wanted and it holds only a few: found in a moment.
    pub fn close_by(self, map: &HazardMap, filter: &Filter) -> Option<Page> {
        let bbox = filter.bbox.filter(|_| self.may_be_close_by(filter))?;
        let mut near = bbox.parts().flat_map(|part| map.reports().within(part));
        near.nth(MOST_CLOSE_BY).is_none().then(|| self.page(map, filter))
    }

    /// The features that match, copied out of the map: they can be written when its lock is free again.
    pub fn page(self, map: &HazardMap, filter: &Filter) -> Page {
        match self {
            Layer::Reports => Page::Reports(reports::collect(map, filter)),
            Layer::Incidents => Page::Incidents(incidents::collect(map, filter)),
            Layer::Hotspots => Page::Hotspots(hotspots::collect(map, filter)),
            Layer::Storms => Page::Storms(storms::collect(map, filter)),
            Layer::Places => Page::Places(places::collect(map, filter)),
            Layer::Streets => Page::Streets(streets::collect(map, filter)),
            Layer::Works => Page::Works(works::collect(map, filter)),
            Layer::Areas => Page::Areas(areas::collect(map, filter)),
            Layer::Coverage => Page::Coverage(coverage::collect(map, filter)),
            Layer::Closures => Page::Closures(closures::collect(map, filter)),
        }
    }

    /// How many features the layer holds, at a time in unix seconds.
    pub fn count(self, map: &HazardMap, now: i64) -> usize {
        match self {
            Layer::Reports => map.reports().published().count(),
            Layer::Incidents => map.published().count(),
            Layer::Hotspots => map.sites().peak_count(),
            Layer::Storms => storms::all(map).count(),
            Layer::Places => map.places().all().len(),
            Layer::Streets => map.streets().all().len(),
            Layer::Works => map.works().all().len(),
            Layer::Areas => map.areas().all().len(),
            Layer::Coverage => coverage::count(map),
            Layer::Closures => closures::standing(map, now).count(),
        }
    }
}

impl Page {
    /// What the collection says of itself.
    pub fn head(&self) -> &Head {
        match self {
            Page::Reports(c) => &c.head,
            Page::Incidents(c) => &c.head,
            Page::Hotspots(c) => &c.head,
            Page::Storms(c) => &c.head,
            Page::Places(c) => &c.head,
            Page::Streets(c) => &c.head,
            Page::Works(c) => &c.head,
            Page::Areas(c) => &c.head,
            Page::Coverage(c) => &c.head,
            Page::Closures(c) => &c.head,
        }
    }

    pub fn head_mut(&mut self) -> &mut Head {
        match self {
            Page::Reports(c) => &mut c.head,
            Page::Incidents(c) => &mut c.head,
            Page::Hotspots(c) => &mut c.head,
            Page::Storms(c) => &mut c.head,
            Page::Places(c) => &mut c.head,
            Page::Streets(c) => &mut c.head,
            Page::Works(c) => &mut c.head,
            Page::Areas(c) => &mut c.head,
            Page::Coverage(c) => &mut c.head,
            Page::Closures(c) => &mut c.head,
        }
    }

    /// From now on its coordinates are written in this system.
    pub fn write_in(&mut self, crs: Crs) {
        match self {
            Page::Reports(c) => c.features.iter_mut().for_each(|f| f.write_in(crs)),
            Page::Incidents(c) => c.features.iter_mut().for_each(|f| f.write_in(crs)),
            Page::Hotspots(c) => c.features.iter_mut().for_each(|f| f.write_in(crs)),
            Page::Storms(c) => c.features.iter_mut().for_each(|f| f.write_in(crs)),
            Page::Places(c) => c.features.iter_mut().for_each(|f| f.write_in(crs)),
            Page::Streets(c) => c.features.iter_mut().for_each(|f| f.write_in(crs)),
            Page::Works(c) => c.features.iter_mut().for_each(|f| f.write_in(crs)),
            Page::Areas(c) => c.features.iter_mut().for_each(|f| f.write_in(crs)),
            Page::Coverage(c) => c.features.iter_mut().for_each(|f| f.write_in(crs)),
            Page::Closures(c) => c.features.iter_mut().for_each(|f| f.write_in(crs)),
        }
    }
}
