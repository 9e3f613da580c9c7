//! What pages of other sites may do here (the Fetch standard's CORS protocol).

use axum::http::header::{ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderName, Method};
use tower_http::cors::{Any, CorsLayer};

use super::ogc;

/// Anybody's page may read; it may not write in the name of whoever looks at it.
pub fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers([IF_NONE_MATCH, HeaderName::from_static("last-event-id")])
        .expose_headers([ETAG, LOCATION, ogc::CONTENT_CRS, HeaderName::from_static("x-request-id")])
}
