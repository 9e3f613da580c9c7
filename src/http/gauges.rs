//! The gauges and their doubts, and the stations of water levels.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;

use super::openapi::PagesOf;
use super::problem::Wire;
use super::{App, Problem, etag, layers, query};
use crate::hazard::layer::{
    self, Feature, FeatureCollection, Filter, GaugeProperties, Layer, Paging, StationProperties,
};
use crate::hazard::map::HazardMap;

/// Where rain is measured, what each gauge holds up to `as_of`, and what can be doubted of it: gaps, running totals, wrong
/// units, totals of a day in one interval, no report near. In the order they were loaded; `city` is rain without a gauge.
#[utoipa::path(get, path = "/api/v1/gauges", tag = "rain", params(PagesOf),
    responses((status = 200, body = FeatureCollection<GaugeProperties>, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn gauges(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    page(app, request, uri, layer::gauges).await
}

/// Where the level of a river or of the tide is measured; shown beside the rain, and nothing depends on it. The levels
/// themselves come with the timeline.
#[utoipa::path(get, path = "/api/v1/levels", tag = "rain", params(PagesOf),
    responses((status = 200, body = FeatureCollection<StationProperties>, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn levels(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    page(app, request, uri, layer::stations).await
}

async fn page<P: Serialize + Send + 'static>(
    State(app): State<App>,
    request: HeaderMap,
    uri: Uri,
    collect: fn(&HazardMap, &Paging) -> FeatureCollection<P>,
) -> Result<Response, Problem>
where
    Feature<P>: Serialize,
{
    let mut paging = Paging { limit: Some(query::PAGE), ..Paging::default() };
    let asked = query::view_and(&uri, app.rule(), &["limit", "cursor"], |name, value| {
        if name == "limit" {
            paging.limit = Some(query::limit(value)?);
            return Ok(());
        }
        let mut filter = Filter::default();
        filter.set(Layer::Places, name, value)?;
        paging.cursor = filter.paging.checked()?.cursor;
        Ok(())
    })?;
    if let Some(same) = etag::not_modified(&request, &etag::asked(&app, &asked, app.position()?)) {
        return Ok(same);
    }
    let mut made = app.read(asked.clone(), move |map| collect(map, &paging)).await?;
    layers::link_pages(&app, &mut made.head, &uri);
    Ok(layers::answer(etag::asked(&app, &asked, made.head.position), layers::json(&made)?))
}
