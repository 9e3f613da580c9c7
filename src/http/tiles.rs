//! Layers as vector tiles, and the TileJSON that tells a map where they are.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use super::base_url::BaseUrl;
use super::query::Asked;
use super::{App, Problem, etag, query};
use crate::error::Result;
use crate::hazard::layer::{Filter, Layer};
use crate::hazard::tile::{DEEPEST_ZOOM, LAST_LAT, TileAddress, TileLayer};

const MVT: &str = "application/vnd.mapbox-vector-tile";
/// What a tile can be asked for, of what layers can.
const PARAMETERS: [&str; 4] = ["category", "status", "weather", "datetime"];

/// TileJSON 3.0.0.
#[derive(Serialize)]
struct TileJson {
    tilejson: &'static str,
    name: &'static str,
    description: String,
    scheme: &'static str,
    tiles: [String; 1],
    minzoom: u8,
    maxzoom: u8,
    bounds: [f64; 4],
    vector_layers: [VectorLayer; 1],
}

#[derive(Serialize)]
struct VectorLayer {
    id: &'static str,
    description: &'static str,
    minzoom: u8,
    maxzoom: u8,
    fields: Map<String, Value>,
}

pub async fn tile(
    State(app): State<App>,
    Path((name, z, x, y)): Path<(String, String, String, String)>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let layer = TileLayer::named(&name).ok_or_else(|| no_tiles(&name))?;
    let y = [".mvt", ".pbf"].iter().find_map(|end| y.strip_suffix(end)).unwrap_or(&y);
    let at = TileAddress::parse(&z, &x, y).map_err(|reason| Problem::not_found(format!("no such tile: {reason}")))?;
    let (filter, asked) = asked(&uri, &app, layer.layer())?;
    // The version is the whole map's: any event makes every tile new.
    if let Some(same) = etag::not_modified(&request, &etag::asked(&app, &asked, app.position()?)) {
        return Ok(same);
    }
    let drawn = app.read(asked.clone(), move |map| (map.position(), layer.tile(map, at, &filter)));
    let (position, bytes) = drawn.await?;
    Ok((etag::headers(etag::asked(&app, &asked, position)), [(CONTENT_TYPE, MVT)], bytes?).into_response())
}

/// `/tiles/{layer}.json`: what there is of a layer. A filter asked for here is asked for by every tile.
pub async fn tile_json(
    State(app): State<App>,
    base: BaseUrl,
    Path(file): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let layer = file.strip_suffix(".json").and_then(TileLayer::named).ok_or_else(|| no_tiles(&file))?;
    asked(&uri, &app, layer.layer())?;
    let name = layer.layer().name();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let count = ("count".to_owned(), "Number: how many there are of these; over all tiles of a zoom, of all".into());
    let fields = layer.fields().iter().map(|&(field, what)| (field.to_owned(), what.into()));
    let from = layer.points_from();
    let json = TileJson {
        tilejson: "3.0.0",
        name,
        description: format!(
            "{}. Below zoom {from} a feature may be a cluster: count is greater than 1 and counts exactly; from there on \
             each stands by itself. None is ever left out, but what lies beyond {LAST_LAT}° north or south is in no tile.",
            layer.layer().title()
        ),
        scheme: "xyz",
        tiles: [format!("{}/tiles/{name}/{{z}}/{{x}}/{{y}}{query}", base.as_str())],
        minzoom: 0,
        maxzoom: DEEPEST_ZOOM,
        bounds: [-180.0, -LAST_LAT, 180.0, LAST_LAT],
        vector_layers: [VectorLayer {
            id: name,
            description: layer.layer().title(),
            minzoom: 0,
            maxzoom: DEEPEST_ZOOM,
            fields: std::iter::once(count).chain(fields).collect(),
        }],
    };
    Ok(([(CACHE_CONTROL, "no-cache")], Json(json)).into_response())
}

/// # Errors
/// `Invalid` for a parameter that tiles do not have, one given twice, or a value that cannot be read.
fn asked(uri: &Uri, app: &App, layer: Layer) -> Result<(Filter, Asked)> {
    let mut filter = Filter::default();
    let known: Vec<_> = PARAMETERS.into_iter().filter(|&name| name != "weather" || layer.has_weather()).collect();
    let asked = query::view_and(uri, app.rule(), &known, |name, value| filter.set(layer, name, value))?;
    Ok((filter, asked))
}

fn no_tiles(name: &str) -> Problem {
    let known = TileLayer::ALL.map(|tiled| tiled.layer().name()).join(", ");
    Problem::not_found(format!(
        "no tiles at {name:?}; there are /tiles/{{layer}}.json and /tiles/{{layer}}/{{z}}/{{x}}/{{y}} of {known}"
    ))
}
