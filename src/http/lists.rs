//! The layers page after page: filtered, sorted, and of any view.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::openapi::{
    AreaList, ClosureList, CoverageList, HotspotList, IncidentList, ReportList, StormList, StreetList, WorksList,
};
use super::problem::Wire;
use super::query::List;
use super::{App, Problem, layers};
use crate::hazard::layer::{
    AreaProperties, ClosureProperties, CoverageProperties, FeatureCollection, HotspotProperties, IncidentProperties,
    Layer, ReportProperties, StormProperties, StreetProperties, WorksProperties,
};

/// The handler of one layer's list.
macro_rules! list {
    ($(#[$about:meta])* $name:ident, $path:literal, $tag:literal, $params:ident, $layer:ident, $properties:ident) => {
        $(#[$about])*
        #[utoipa::path(get, path = $path, tag = $tag, params($params),
            responses((status = 200, body = FeatureCollection<$properties>, content_type = "application/geo+json"),
                (status = 400, body = Wire, content_type = "application/problem+json"),
                (status = 503, body = Wire, content_type = "application/problem+json")))]
        pub async fn $name(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
            page(app, Layer::$layer, request, uri).await
        }
    };
}

list! {
    /// Single observations, dry ones too; in log order.
    reports, "/api/v1/reports", "reports", ReportList, Reports, ReportProperties
}

list! {
    /// One hazard, at one place, on one occasion; in the order they were opened.
    incidents, "/api/v1/incidents", "incidents", IncidentList, Incidents, IncidentProperties
}

list! {
    /// Places where incidents recur; most occasions first.
    hotspots, "/api/v1/hotspots", "hotspots", HotspotList, Hotspots, HotspotProperties
}

list! {
    /// Rain events cut from the rainfall series; in order of time.
    storms, "/api/v1/storms", "rain", StormList, Storms, StormProperties
}

list! {
    /// Named streets as lines; in the order they were first loaded.
    streets, "/api/v1/streets", "places", StreetList, Streets, StreetProperties
}

list! {
    /// Repairs with their dates, those that are planned too; in the order they were first loaded.
    works, "/api/v1/works", "places", WorksList, Works, WorksProperties
}

list! {
    /// Areas of responsibility, from the city down to grids; in the order of their ids.
    areas, "/api/v1/areas", "places", AreaList, Areas, AreaProperties
}

list! {
    /// Where reports of any kind came from, by H3 cell: where nobody reports, silence is not dryness. A time restricts which
    /// reports are counted; a box which cells are given, each with all its reports.
    coverage, "/api/v1/coverage", "coverage", CoverageList, Coverage, CoverageProperties
}

list! {
    /// Where vehicles, or small cars, cannot pass now; in the order their incidents were opened.
    closures, "/api/v1/closures", "incidents", ClosureList, Closures, ClosureProperties
}

async fn page(State(app): State<App>, layer: Layer, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    layers::features(app, layer, List::Pages, request, uri).await
}
