//! OGC API - Tiles, Part 1: Core 1.0 (OGC 20-057): vector tiles of a collection, or of all that have any in one. They are
//! the tiles of `/tiles`, with their rows before their columns.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::base_url::BaseUrl;
use super::super::query::Asked;
use super::super::tiles::{MVT, Range, Tiled};
use super::super::{App, Problem, tiles};
use super::call::Call;
use super::{JSON, STYLE_JSON, collection, link, style, tile_matrix_sets};
use crate::hazard::crs::Crs;
use crate::hazard::layer::{Bbox, Layer};
use crate::hazard::map::HazardMap;
use crate::hazard::tile::{DEEPEST_ZOOM, TileAddress, TileLayer, TileLimits};

/// Leads to a list of tilesets.
pub const TILESETS: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";

/// Is there a tileset of this collection?
pub fn has_tiles(layer: Layer) -> bool {
    TileLayer::named(layer.name()).is_some()
}

fn tiled(id: &str) -> Result<Tiled, Problem> {
    let layer = collection(id)?;
    TileLayer::named(layer.name()).map(Tiled::One).ok_or_else(|| {
        let known = TileLayer::ALL.map(|tiled| tiled.layer().name()).join(", ");
        Problem::not_found(format!("no tiles of {id}; there are tiles of {known}"))
    })
}

/// Where the tilesets of a collection are, or of all.
fn address(base: &BaseUrl, of: Tiled, below: &str) -> String {
    match of {
        Tiled::All => base.link(&format!("/ogc/tiles{below}")),
        Tiled::One(layer) => super::address(base, layer.layer(), &format!("/tiles{below}")),
    }
}

/// The box around all that is in the tiles.
fn extent(app: &App, map: &HazardMap, of: Tiled) -> Option<Bbox> {
    let boxes = of.layers().iter().filter_map(|layer| app.shared.extents.of(map, layer.layer()).bbox);
    boxes.reduce(|a, b| Bbox::new(a.west.min(b.west), a.south.min(b.south), a.east.max(b.east), a.north.max(b.north)))
}

/// Does a tile lie among those that the features of the live map do?
pub fn holds(app: &App, map: &HazardMap, of: Tiled, tile: TileAddress) -> bool {
    let extent = extent(app, map, of);
    extent.is_some_and(|extent| TileLimits::of(&extent).iter().any(|limits| limits.hold(tile)))
}

pub async fn list_of_all(call: Call) -> Result<Response, Problem> {
    list(call, Tiled::All).await
}

pub async fn list_of_one(call: Call, Path(id): Path<String>) -> Result<Response, Problem> {
    list(call, tiled(&id)?).await
}

pub async fn set_of_all(call: Call, Path(set): Path<String>) -> Result<Response, Problem> {
    tile_matrix_sets::known(&set)?;
    tileset(call, Tiled::All).await
}

pub async fn set_of_one(call: Call, Path((id, set)): Path<(String, String)>) -> Result<Response, Problem> {
    let of = tiled(&id)?;
    tile_matrix_sets::known(&set)?;
    tileset(call, of).await
}

pub async fn tile_of_all(
    call: Call,
    Path((set, z, row, column)): Path<(String, String, String, String)>,
) -> Result<Response, Problem> {
    tile_matrix_sets::known(&set)?;
    tile(call, Tiled::All, [&z, &row, &column]).await
}

pub async fn tile_of_one(
    call: Call,
    Path((id, set, z, row, column)): Path<(String, String, String, String, String)>,
) -> Result<Response, Problem> {
    let of = tiled(&id)?;
    tile_matrix_sets::known(&set)?;
    tile(call, of, [&z, &row, &column]).await
}

async fn tile(call: Call, of: Tiled, [z, row, column]: [&str; 3]) -> Result<Response, Problem> {
    tiles::answer(&call.app, &call.request, &call.uri, of, [z, column, row], Range::OfFeatures).await
}

async fn list(call: Call, of: Tiled) -> Result<Response, Problem> {
    let writer = call.plain(JSON)?;
    if let Some(same) = call.not_modified(&writer, call.app.position()?) {
        return Ok(same);
    }
    let (position, extent) = live_extent(&call.app, of).await?;
    let mut set = described(&call.base, of, extent);
    set["links"] = links(&call.base, of);
    writer.answer(position, &json!({"title": title(of), "tilesets": [set], "links": writer.links()}))
}

async fn tileset(call: Call, of: Tiled) -> Result<Response, Problem> {
    let writer = call.plain(JSON)?;
    if let Some(same) = call.not_modified(&writer, call.app.position()?) {
        return Ok(same);
    }
    let (position, extent) = live_extent(&call.app, of).await?;
    let mut set = described(&call.base, of, extent);
    let own = writer.links().into_iter().map(|link| json!(link));
    // The first of the list's is the way here.
    set["links"] = own.chain(links(&call.base, of).as_array().into_iter().flatten().skip(1).cloned()).collect();
    writer.answer(position, &set)
}

async fn live_extent(app: &App, of: Tiled) -> Result<(u64, Option<Bbox>), Problem> {
    let mine = app.clone();
    app.read(Asked::default(), move |map| (map.position(), extent(&mine, map, of))).await
}

fn title(of: Tiled) -> String {
    match of {
        Tiled::All => "Tiles of all layers that have any".into(),
        Tiled::One(layer) => format!("Tiles of {}", layer.layer().name()),
    }
}

/// Metadata of a tileset (17-083r4, 7); its links are put in by whoever asks.
fn described(base: &BaseUrl, of: Tiled, extent: Option<Bbox>) -> Value {
    let mut set = json!({
        "title": title(of),
        "dataType": "vector",
        "crs": Crs::WebMercator.to_string(),
        "tileMatrixSetId": tile_matrix_sets::ID,
        "tileMatrixSetURI": tile_matrix_sets::URI,
        "links": [],
        "layers": of.layers().iter().map(|&layer| described_layer(layer)).collect::<Vec<_>>(),
        "mediaTypes": [MVT],
    });
    if let Some(b) = extent {
        let corner = |at: [f64; 2]| json!(at);
        set["boundingBox"] = json!({"lowerLeft": corner([b.west, b.south]), "upperRight": corner([b.east, b.north]),
            "crs": Crs::Crs84.to_string()});
        let limits = |l: &TileLimits| {
            json!({"tileMatrix": l.zoom.to_string(), "minTileRow": l.rows[0], "maxTileRow": l.rows[1],
                "minTileCol": l.columns[0], "maxTileCol": l.columns[1]})
        };
        set["tileMatrixSetLimits"] = TileLimits::of(&b).iter().map(limits).collect();
    }
    // The style draws the tiles of all.
    if of == Tiled::All {
        let link = link("stylesheet", base.link(style::PATH), STYLE_JSON, "a style for MapLibre");
        set["style"] = json!({"id": "map", "title": "As the Map shows it", "links": [link]});
    }
    set
}

fn described_layer(layer: TileLayer) -> Value {
    let property = |(name, what): &(&str, &str)| {
        let kind = ["Number", "Boolean"].into_iter().find(|kind| what.starts_with(kind)).unwrap_or("String");
        (name.to_string(), json!({"type": kind.to_lowercase(), "description": what}))
    };
    let count = ("count", "Number: how many there are of these");
    let properties: serde_json::Map<_, _> = std::iter::once(&count).chain(layer.fields()).map(property).collect();
    json!({
        "id": layer.layer().name(),
        "title": layer.layer().title(),
        "dataType": "vector",
        "geometryDimension": 0,
        "minTileMatrix": "0",
        "maxTileMatrix": DEEPEST_ZOOM.to_string(),
        "propertiesSchema": {"type": "object", "properties": properties},
    })
}

/// From a tileset: to itself, to its tiles, to how they are cut, and to the same as TileJSON.
fn links(base: &BaseUrl, of: Tiled) -> Value {
    let set = format!("/{}", tile_matrix_sets::ID);
    let tile = address(base, of, &format!("{set}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"));
    json!([
        link("self", address(base, of, &set), JSON, "this tileset"),
        tile_matrix_sets::scheme(base),
        {"rel": "item", "href": tile, "type": MVT, "title": "its tiles", "templated": true},
        link("describedby", base.link(&format!("/tiles/{}.json", of.name())), JSON, "the same as TileJSON"),
    ])
}
