//! The collections: one for each layer, with where and when its features lie.

use std::sync::{Mutex, PoisonError};

use axum::extract::Path;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::base_url::BaseUrl;
use super::super::layers::GEO_JSON;
use super::super::query::Asked;
use super::super::{App, Problem};
use super::call::{Call, Writer};
use super::negotiate::HTML;
use super::{JSON, SCHEMA, address, collection, crs, link, tiles};
use crate::hazard::crs::Crs;
use crate::hazard::layer::{Extent, Layer, Link, Time};
use crate::hazard::map::HazardMap;

/// The list of systems that all collections have, in the answer that holds them all.
const GLOBAL: &str = "#/crs";
/// The Gregorian calendar, with times as RFC 3339 writes them.
const GREGORIAN: &str = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian";

const SORTABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/sortables";
const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";

/// The extents that were worked out last: that takes a walk over all features, so it is done once for a log position.
#[derive(Default)]
pub struct Extents(Mutex<Vec<(Layer, u64, Extent)>>);

impl Extents {
    /// Of a layer of the live map.
    pub fn of(&self, map: &HazardMap, layer: Layer) -> Extent {
        let position = map.position();
        let kept = |(of, at, extent): &(Layer, u64, Extent)| (*of == layer && *at == position).then_some(*extent);
        if let Some(extent) = self.kept().iter().find_map(kept) {
            return extent;
        }
        let extent = layer.extent(map);
        let mut all = self.kept();
        all.retain(|(of, ..)| *of != layer);
        all.push((layer, position, extent));
        extent
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<(Layer, u64, Extent)>> {
        // Whatever was kept is whole: it is put in with one push.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection {
    id: &'static str,
    title: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    extent: Option<Value>,
    item_type: &'static str,
    /// A reference to the list of all collections, or their URIs.
    crs: Vec<String>,
    storage_crs: String,
    links: Vec<Link>,
}

impl Collection {
    /// With every system of coordinates spelt out.
    fn new(base: &BaseUrl, layer: Layer, extent: Extent) -> Collection {
        let description = layer.title();
        Collection {
            id: layer.name(),
            title: description.split(':').next().unwrap_or_default(),
            description,
            extent: on_the_wire(extent),
            item_type: "feature",
            crs: crs::all(&extent).iter().map(Crs::to_string).collect(),
            storage_crs: Crs::Crs84.to_string(),
            links: [
                link("items", address(base, layer, "/items"), GEO_JSON, "its features"),
                link("items", address(base, layer, "/items?f=html"), HTML, "its features, to read"),
                link(QUERYABLES, address(base, layer, "/queryables"), SCHEMA, "what a filter can ask for"),
                link(SORTABLES, address(base, layer, "/sortables"), SCHEMA, "what its features can be sorted by"),
            ]
            .into_iter()
            .chain(
                tiles::has_tiles(layer)
                    .then(|| link(tiles::TILESETS, address(base, layer, "/tiles?f=json"), JSON, "its vector tiles")),
            )
            .collect(),
        }
    }

    /// By itself: with links to this answer before all others.
    fn alone(mut self, writer: &Writer) -> Collection {
        self.links.splice(..0, writer.links());
        self
    }

    /// With those that all collections have by reference (OGC 18-058r1, /rec/crs/fc-md-crs-list-global).
    fn in_list(mut self, base: &BaseUrl, layer: Layer) -> Collection {
        self.links.insert(0, link("self", address(base, layer, ""), JSON, "this collection"));
        self.crs.splice(..Crs::EVERYWHERE.len(), [GLOBAL.to_owned()]);
        self
    }
}

/// Nothing for a layer that is empty: no box and no interval would be true of it.
fn on_the_wire(Extent { bbox, interval }: Extent) -> Option<Value> {
    let mut extent = serde_json::Map::new();
    if let Some(b) = bbox {
        extent.insert(
            "spatial".into(),
            json!({"bbox": [[b.west, b.south, b.east, b.north]], "crs": Crs::Crs84.to_string()}),
        );
    }
    if let Some(t) = interval {
        extent.insert("temporal".into(), json!({"interval": [[Time(t.from), Time(t.to)]], "trs": GREGORIAN}));
    }
    (!extent.is_empty()).then_some(extent.into())
}

pub async fn list(call: Call) -> Result<Response, Problem> {
    let writer = call.plain(JSON)?;
    if let Some(same) = call.not_modified(&writer, call.app.position()?) {
        return Ok(same);
    }
    let (position, extents) = extents(&call.app, &Layer::ALL).await?;
    let each = |(layer, extent)| Collection::new(&call.base, layer, extent).in_list(&call.base, layer);
    let collections: Vec<_> = Layer::ALL.into_iter().zip(extents).map(each).collect();
    let everywhere = Crs::EVERYWHERE.map(|crs| crs.to_string());
    writer.answer(position, &json!({"links": writer.links(), "crs": everywhere, "collections": collections}))
}

pub async fn one(call: Call, Path(id): Path<String>) -> Result<Response, Problem> {
    let layer = collection(&id)?;
    let writer = call.plain(JSON)?;
    if let Some(same) = call.not_modified(&writer, call.app.position()?) {
        return Ok(same);
    }
    let (position, extents) = extents(&call.app, &[layer]).await?;
    let extent = extents.first().copied().unwrap_or_default();
    writer.answer(position, &json!(Collection::new(&call.base, layer, extent).alone(&writer)))
}

/// The extents of layers, and the log position they are of.
async fn extents(app: &App, layers: &[Layer]) -> Result<(u64, Vec<Extent>), Problem> {
    let (shared, layers) = (app.shared.clone(), layers.to_vec());
    let look = move |map: &HazardMap| {
        let extents = layers.into_iter().map(|layer| shared.extents.of(map, layer));
        (map.position(), extents.collect())
    };
    app.read(Asked::default(), look).await
}
