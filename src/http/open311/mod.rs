//! Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2, frozen) at `/open311/v2`, read and write, in XML and JSON. A service
//! request is a report, and its status is how its case stands: names are translated here, and nowhere else.
//!
//! Beyond the specification, as other servers have it: `page` and `page_size`, `bbox`, `updated_after` and `updated_before`,
//! `sort`, `extensions=true`, photos as files of a multipart form.

mod answer;
mod asked;
mod discovery;
mod errors;
mod form;
mod media;
mod queried;
mod requests;
mod services;
mod submit;
mod tongue;
mod xml;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub use discovery::Provider;
pub use errors::as_open311;

/// What every address here begins with.
pub const BASE: &str = "/open311/v2";
/// The two formats, as the specification has them in Content-Type.
const JSON: &str = "application/json; charset=utf-8";
const XML: &str = "text/xml; charset=utf-8";

/// The addresses of GeoReport v2, with their description.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(discovery::in_json))
        .routes(routes!(discovery::in_xml))
        .routes(routes!(services::in_json))
        .routes(routes!(services::in_xml))
        .routes(routes!(services::definition))
        .routes(routes!(requests::in_json, submit::in_json))
        .routes(routes!(requests::in_xml, submit::in_xml))
        .routes(routes!(requests::one))
        .routes(routes!(requests::of_token))
}
