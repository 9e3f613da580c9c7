//! OGC API - Features at `/ogc`: every layer as a collection, in GeoJSON (Part 1: Core 1.0.1, OGC 17-069r4), in the systems
//! of the city's own maps (Part 2: Coordinate Reference Systems by Reference 1.0.1, OGC 18-058r1), filtered by expressions in
//! CQL2 (Part 3: Filtering, OGC 19-079r2, and OGC 21-065r2), reports filed, corrected and retracted (Part 4: Create, Replace,
//! Update and Delete, OGC 20-002); OGC API - Tiles 1.0 (OGC 20-057): vector tiles of them; and all of
//! it as pages for people, too.

mod api;
mod call;
mod collections;
mod crs;
mod edit;
mod edit_paths;
mod html;
mod items;
mod landing;
mod methods;
mod negotiate;
mod queryables;
mod schemas;
mod style;
mod tile_matrix_sets;
mod tile_paths;
mod tiles;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::VARY;
use axum::response::Response;
use axum::routing::{get, post, put};

use super::around::Next;
use super::base_url::BaseUrl;
use super::{App, Problem, rights};
use crate::hazard::layer::{Layer, Link};

pub use collections::Extents;
pub use crs::{CONTENT_CRS, check_filter as check_filter_crs};
pub use methods::options;
pub use negotiate::{HTML, not_written_as};
pub use tiles::holds;

const JSON: &str = "application/json";
const SCHEMA: &str = "application/schema+json";
/// A style as MapLibre reads it.
const STYLE_JSON: &str = "application/vnd.mapbox.style+json";
/// OpenAPI 3.0 in JSON, as OGC API names it.
const OPENAPI_3_0: &str = "application/vnd.oai.openapi+json;version=3.0";

/// The addresses of OGC API; what all of them describe is at `/ogc/api`.
pub fn routes(app: &App) -> Router<App> {
    // Everybody may read; who may write stands in the table of rights.
    let all = get(items::reports).merge(post(edit::create).route_layer(rights::guarded(app)));
    let each = put(edit::replace).patch(edit::update).delete(edit::delete).route_layer(rights::guarded(app));
    Router::new()
        .route(rights::REPORTS, all)
        .route(rights::REPORT, get(items::report).merge(each))
        .route("/ogc", get(landing::page))
        // Clients put a slash behind the address they were given.
        .route("/ogc/", get(landing::page))
        .route("/ogc/api", get(api::document))
        .route(html::STYLE_PATH, get(html::style))
        .route("/ogc/tileMatrixSets", get(tile_matrix_sets::list))
        .route("/ogc/tileMatrixSets/{set}", get(tile_matrix_sets::one))
        .route("/ogc/tiles", get(tiles::list_of_all))
        .route("/ogc/tiles/{set}", get(tiles::set_of_all))
        .route("/ogc/tiles/{set}/{matrix}/{row}/{column}", get(tiles::tile_of_all))
        .route("/ogc/collections/{collection}/tiles", get(tiles::list_of_one))
        .route("/ogc/collections/{collection}/tiles/{set}", get(tiles::set_of_one))
        .route("/ogc/collections/{collection}/tiles/{set}/{matrix}/{row}/{column}", get(tiles::tile_of_one))
        .route(style::PATH, get(style::map))
        .route("/ogc/conformance", get(landing::conformance))
        .route("/ogc/collections", get(collections::list))
        .route("/ogc/collections/{collection}", get(collections::one))
        .route("/ogc/collections/{collection}/queryables", get(queryables::queryables))
        .route("/ogc/collections/{collection}/sortables", get(queryables::sortables))
        .route("/ogc/collections/{collection}/items", get(items::page))
        .route("/ogc/collections/{collection}/items/{feature}", get(items::one))
}

/// Says of every answer of OGC API that it depends on what is accepted.
pub async fn varies(request: Request, next: impl Next) -> Response {
    let path = request.uri().path();
    let is_ours = path.strip_prefix("/ogc").is_some_and(|below| below.is_empty() || below.starts_with('/'));
    let mut answer = next.run(request).await;
    if is_ours {
        answer.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    }
    answer
}

/// The layer of a collection's id.
fn collection(id: &str) -> Result<Layer, Problem> {
    Layer::named(id).ok_or_else(|| {
        let known = Layer::ALL.map(Layer::name).join(", ");
        Problem::not_found(format!("no collection {id:?}; there are {known}"))
    })
}

/// The address of a collection, or of what lies under it.
fn address(base: &BaseUrl, layer: Layer, below: &str) -> String {
    base.link(&format!("/ogc/collections/{}{below}", layer.name()))
}

fn link(rel: &'static str, href: String, kind: &'static str, title: &str) -> Link {
    Link { href, rel, kind, title: Some(title.to_owned()) }
}
