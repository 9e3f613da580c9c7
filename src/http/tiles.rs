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
use super::{App, Problem, etag, ogc, query};
use crate::error::{Error, Result};
use crate::hazard::layer::{Filter, Layer};
use crate::hazard::map::HazardMap;
use crate::hazard::tile::{DEEPEST_ZOOM, LAST_LAT, TileAddress, TileLayer};

pub const MVT: &str = "application/vnd.mapbox-vector-tile";
/// The name of all layers in one tile.
const ALL: &str = "all";
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
    vector_layers: Vec<VectorLayer>,
}

#[derive(Serialize)]
struct VectorLayer {
    id: &'static str,
    description: &'static str,
    minzoom: u8,
    maxzoom: u8,
    fields: Map<String, Value>,
}

impl VectorLayer {
    fn of(layer: TileLayer) -> VectorLayer {
        let count = ("count", "Number: how many there are of these; over all tiles of a zoom, of all");
        let fields = std::iter::once(&count).chain(layer.fields());
        VectorLayer {
            id: layer.layer().name(),
            description: layer.layer().title(),
            minzoom: 0,
            maxzoom: DEEPEST_ZOOM,
            fields: fields.map(|&(field, what)| (field.to_owned(), what.into())).collect(),
        }
    }
}

/// What is drawn in one tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tiled {
    One(TileLayer),
    /// All layers that there are tiles of.
    All,
}

impl Tiled {
    fn named(name: &str) -> Option<Tiled> {
        if name == ALL { Some(Tiled::All) } else { TileLayer::named(name).map(Tiled::One) }
    }

    pub fn name(self) -> &'static str {
        match self {
            Tiled::One(layer) => layer.layer().name(),
            Tiled::All => ALL,
        }
    }

    pub fn layers(&self) -> &[TileLayer] {
        match self {
            Tiled::One(layer) => std::slice::from_ref(layer),
            Tiled::All => &TileLayer::ALL,
        }
    }

    /// What a tile can be asked for: of several layers what each of them can.
    pub fn parameters(self) -> Vec<&'static str> {
        let takes = |name: &str| match self {
            Tiled::One(layer) => name != "weather" || layer.layer().has_weather(),
            Tiled::All => matches!(name, "category" | "datetime"),
        };
        PARAMETERS.into_iter().filter(|name| takes(name)).collect()
    }

    /// The filter and the view that a request asks for.
    ///
    /// # Errors
    /// `Invalid` for a parameter that these tiles do not have, one given twice, or a value that cannot be read.
    fn asked(self, uri: &Uri, app: &App) -> Result<(Filter, Asked)> {
        let mut filter = Filter::default();
        // A category and a time are the same for every layer.
        let layer = self.layers().first().map_or(Layer::Reports, |layer| layer.layer());
        let set = |name: &str, value: &str| filter.set(layer, name, value);
        let asked = query::view_and(uri, app.rule(), &self.parameters(), set)?;
        Ok((filter, asked))
    }

    /// Layers in one tile stand one after the other, as they do in a tile of one.
    fn draw(self, map: &HazardMap, at: TileAddress, filter: &Filter) -> Result<Vec<u8>> {
        let tiles: Result<Vec<_>> = self.layers().iter().map(|layer| layer.tile(map, at, filter)).collect();
        Ok(tiles?.concat())
    }
}

/// Which tiles there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    World,
    /// Those that features can lie in, by their extent (OGC 20-057, /req/core/tc-error).
    OfFeatures,
}

pub async fn tile(
    State(app): State<App>,
    Path((name, z, x, y)): Path<(String, String, String, String)>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let tiled = Tiled::named(&name).ok_or_else(|| no_tiles(&name))?;
    let y = [".mvt", ".pbf"].iter().find_map(|end| y.strip_suffix(end)).unwrap_or(&y);
    answer(&app, &request, &uri, tiled, [&z, &x, y], Range::World).await
}

/// A tile by zoom, column and row.
pub async fn answer(
    app: &App,
    request: &HeaderMap,
    uri: &Uri,
    tiled: Tiled,
    [z, x, y]: [&str; 3],
    range: Range,
) -> Result<Response, Problem> {
    let at = TileAddress::parse(z, x, y).map_err(|reason| Problem::not_found(format!("no such tile: {reason}")))?;
    let (filter, asked) = tiled.asked(uri, app)?;
    // The version is the tile's: what happens elsewhere makes it no other.
    let version = match asked == Asked::default() {
        true => app.glance(Asked::default(), move |map| map.tile_version(at)).await?,
        false => app.position()?,
    };
    if let Some(same) = etag::not_modified(request, &etag::asked(app, &asked, version)) {
        return Ok(same);
    }
    // A view may hold what the live map does not; what is drawn lies within every range.
    let limited = range == Range::OfFeatures && asked == Asked::default();
    let mine = app.clone();
    let look = move |map: &HazardMap| {
        let bytes = tiled.draw(map, at, &filter)?;
        let beyond = limited && bytes.is_empty() && !ogc::holds(&mine, map, tiled, at);
        Ok::<_, Error>((map.tile_version(at), (!beyond).then_some(bytes)))
    };
    let (version, bytes) = app.read(asked.clone(), look).await??;
    let bytes = bytes.ok_or_else(|| Problem::not_found("no such tile: it lies beyond the limits of the tileset"))?;
    Ok((etag::headers(etag::asked(app, &asked, version)), [(CONTENT_TYPE, MVT)], bytes).into_response())
}

/// `/tiles/{layer}.json`: what there is of a layer. A filter asked for here is asked for by every tile.
pub async fn tile_json(
    State(app): State<App>,
    base: BaseUrl,
    Path(file): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let tiled = file.strip_suffix(".json").and_then(Tiled::named).ok_or_else(|| no_tiles(&file))?;
    tiled.asked(&uri, &app)?;
    let name = tiled.name();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let titles: Vec<_> = tiled.layers().iter().map(|layer| layer.layer().title()).collect();
    let from: Vec<_> = tiled.layers().iter().map(|layer| layer.points_from().to_string()).collect();
    let json = TileJson {
        tilejson: "3.0.0",
        name,
        description: format!(
            "{}. Below zoom {} a feature may be a cluster: count is greater than 1 and counts exactly; from there on \
             each stands by itself. None is ever left out, but what lies beyond {LAST_LAT}° north or south is in no tile.",
            titles.join("; "),
            from.join(", "),
        ),
        scheme: "xyz",
        tiles: [format!("{}/tiles/{name}/{{z}}/{{x}}/{{y}}{query}", base.as_str())],
        minzoom: 0,
        maxzoom: DEEPEST_ZOOM,
        bounds: [-180.0, -LAST_LAT, 180.0, LAST_LAT],
        vector_layers: tiled.layers().iter().map(|&layer| VectorLayer::of(layer)).collect(),
    };
    Ok(([(CACHE_CONTROL, "no-cache")], Json(json)).into_response())
}

fn no_tiles(name: &str) -> Problem {
    let known = TileLayer::ALL.map(|tiled| tiled.layer().name()).join(", ");
    Problem::not_found(format!(
        "no tiles at {name:?}; there are /tiles/{{layer}}.json and /tiles/{{layer}}/{{z}}/{{x}}/{{y}} of {known}, and of {ALL} in one"
    ))
}
