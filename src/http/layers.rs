//! The layers as files of GeoJSON, and the list of them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{App, Problem, etag, query};
use crate::error::Error;
use crate::hazard::layer::{Filter, Layer, Time};
use crate::live::Live;

pub const GEO_JSON: &str = "application/geo+json";

#[derive(Serialize)]
struct List {
    as_of: Time,
    position: u64,
    layers: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    title: &'static str,
    href: String,
    count: usize,
}

pub async fn list(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    query::none(&uri)?;
    if let Some(same) = etag::not_modified(&request, &etag::tag(&app, app.position()?)) {
        return Ok(same);
    }
    let list = app.read(|map| {
        let entry = |layer: Layer| {
            let href = format!("/layers/{}.geojson", layer.name());
            Entry { name: layer.name(), title: layer.title(), href, count: layer.count(map) }
        };
        List { as_of: Time(map.as_of()), position: map.position(), layers: Layer::ALL.map(entry).into() }
    });
    let list = list.await?;
    Ok((etag::headers(etag::tag(&app, list.position)), Json(list)).into_response())
}

pub async fn layer(
    State(app): State<App>,
    Path(file): Path<String>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let layer = file.strip_suffix(".geojson").and_then(Layer::named).ok_or_else(|| {
        let known = Layer::ALL.map(|layer| format!("{}.geojson", layer.name())).join(", ");
        Problem::not_found(format!("no layer {file:?}; there are {known}"))
    })?;
    let filter = query::filter(&uri, layer)?;
    if let Some(same) = etag::not_modified(&request, &etag::tag(&app, app.position()?)) {
        return Ok(same);
    }
    let (position, body) = app.aside(move |live| written(live, layer, &filter)).await??;
    Ok((etag::headers(etag::tag(&app, position)), [(CONTENT_TYPE, GEO_JSON)], body).into_response())
}

/// The layer as text. Rows are copied under the map's lock and written when it is free again.
fn written(live: &Live, layer: Layer, filter: &Filter) -> Result<(u64, Vec<u8>), Problem> {
    let page = live.read(|map| layer.page(map, filter));
    Ok((page.position(), json(&page)?))
}

/// An answer as text.
pub fn json(answer: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(answer).map_err(|e| Error::Store(format!("an answer cannot be written: {e}")).into())
}
