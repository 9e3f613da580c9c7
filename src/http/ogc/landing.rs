//! Where a client begins: the landing page, and what the service conforms to.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::json;

use super::super::base_url::BaseUrl;
use super::super::{App, Problem};
use super::{JSON, OPENAPI_3_0, fixed, link};

/// What is declared: the test suite of OGC goes by the classes of Parts 1 and 2 (`make cite`), ours by all.
const CONFORMS_TO: [&str; 18] = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
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
];

pub async fn page(State(app): State<App>, base: BaseUrl, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    fixed(&app, &base, &request, &uri, JSON, || {
        let at = |path: &str| base.link(&format!("/ogc{path}"));
        json!({
            "title": "waterlog",
            "description": "Reports of street hazards, the incidents they make up, and the hotspots where incidents recur",
            "links": [
                link("self", base.asked(&uri), JSON, "this page"),
                link("service-desc", at("/api"), OPENAPI_3_0, "what can be asked, as OpenAPI 3.0"),
                link("conformance", at("/conformance"), JSON, "what this service conforms to"),
                link("data", at("/collections"), JSON, "the collections"),
            ],
        })
    })
}

pub async fn conformance(
    State(app): State<App>,
    base: BaseUrl,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    fixed(&app, &base, &request, &uri, JSON, || {
        let this = link("self", base.asked(&uri), JSON, "this page");
        json!({"conformsTo": CONFORMS_TO, "links": [this]})
    })
}
