//! Where a client begins: the landing page, and what the service conforms to.

use axum::response::Response;
use serde_json::json;

use super::super::Problem;
use super::call::Call;
use super::negotiate::HTML;
use super::{JSON, OPENAPI_3_0, STYLE_JSON, link, style, tiles};

const TILING_SCHEMES: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes";
/// What is declared: the test suites of OGC go by the classes of Features, Parts 1 and 2, and of Tiles (`make cite`), ours by
/// all.
const CONFORMS_TO: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/oas30",
];

pub async fn page(call: Call) -> Result<Response, Problem> {
    call.fixed(JSON, |writer| {
        let at = |path: &str| call.base.link(&format!("/ogc{path}"));
        let mut links = writer.links();
        links.extend([
            link("service-desc", at("/api?f=json"), OPENAPI_3_0, "what can be asked, as OpenAPI 3.0"),
            link("service-doc", at("/api?f=html"), HTML, "what can be asked, to read"),
            link("conformance", at("/conformance"), JSON, "what this service conforms to"),
            link("http://www.opengis.net/def/rel/ogc/1.0/conformance", at("/conformance"), JSON, "the same, by its full name"),
            link(tiles::TILESETS, at("/tiles?f=json"), JSON, "vector tiles of all layers that have any"),
            link(TILING_SCHEMES, at("/tileMatrixSets"), JSON, "how tiles are cut"),
            link("stylesheet", call.base.link(style::PATH), STYLE_JSON, "a style for MapLibre that draws the tiles"),
            link("data", at("/collections"), JSON, "the collections"),
            link("http://www.opengis.net/def/rel/ogc/1.0/data", at("/collections"), JSON, "the same, by its full name"),
        ]);
        json!({
            "title": "waterlog",
            "description": "Reports of street hazards, the incidents they make up, and the hotspots where incidents recur",
            "links": links,
        })
    })
}

pub async fn conformance(call: Call) -> Result<Response, Problem> {
    call.fixed(JSON, |writer| json!({"title": "Conformance", "conformsTo": CONFORMS_TO, "links": writer.links()}))
}
