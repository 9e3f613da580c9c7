//! The layers page after page: filtered, sorted, and of any view.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::openapi::{HotspotList, IncidentList, PlaceList, ReportList, StormList, StreetList};
use super::problem::Wire;
use super::query::List;
use super::{App, Problem, layers};
use crate::hazard::layer::{
    FeatureCollection, HotspotProperties, IncidentProperties, Layer, PlaceProperties, ReportProperties,
    StormProperties, StreetProperties,
};

/// Single observations, dry ones too; in log order.
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports", params(ReportList),
    responses((status = 200, body = FeatureCollection<ReportProperties>, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn reports(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    page(app, Layer::Reports, request, uri).await
}

/// One hazard, at one place, on one occasion; in the order they were opened.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", params(IncidentList),
    responses((status = 200, body = FeatureCollection<IncidentProperties>, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn incidents(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    page(app, Layer::Incidents, request, uri).await
}

/// Places where incidents recur; most occasions first.
#[utoipa::path(get, path = "/api/v1/hotspots", tag = "hotspots", params(HotspotList),
    responses((status = 200, body = FeatureCollection<HotspotProperties>, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn hotspots(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    page(app, Layer::Hotspots, request, uri).await
}

/// Rain events cut from the rainfall series; in order of time.
#[utoipa::path(get, path = "/api/v1/storms", tag = "rain", params(StormList),
    responses((status = 200, body = FeatureCollection<StormProperties>, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn storms(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    page(app, Layer::Storms, request, uri).await
}

/// Named intersections and landmarks; in the order they were loaded.
#[utoipa::path(get, path = "/api/v1/places", tag = "places", params(PlaceList),
    responses((status = 200, body = FeatureCollection<PlaceProperties>, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn places(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    page(app, Layer::Places, request, uri).await
}

/// Named streets as lines; in the order they were first loaded.
#[utoipa::path(get, path = "/api/v1/streets", tag = "places", params(StreetList),
    responses((status = 200, body = FeatureCollection<StreetProperties>, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn streets(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    page(app, Layer::Streets, request, uri).await
}

async fn page(State(app): State<App>, layer: Layer, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    layers::features(app, layer, List::Pages, request, uri).await
}
