//! How well the city is served: what depends on the time of day is worked out to the minute.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::super::openapi::AnalysisOf;
use super::super::problem::Wire;
use super::super::{App, Problem, etag, layers};
use super::{Format, parameters};
use crate::hazard::analysis::Analysis;
use crate::hazard::analysis::service::{Asked, Service};

/// How well is it served: open, overdue, closed today and on time as it stands this minute, and time to close and to drain
/// by category, area and month. On time is closed on time ÷ (closed + open and overdue).
#[utoipa::path(get, path = "/api/v1/analysis/service", tag = "analysis", params(AnalysisOf<Service>),
    responses((status = 200, body = Service, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn service(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let (asked, category, of) = parameters::<Service>(&app, &uri, Asked::default())?;
    let now = app.minute(&asked);
    let of = Asked { now: Some(now), ..of };
    // The same figures are others a minute later.
    let tag = |position| etag::with(&etag::asked(&app, &asked, position), &format!("{of:?}"));
    let format = Format::of(&request, &uri);
    if let Some(same) = etag::not_modified(&request, &format.tag(tag(app.position()?))) {
        return Ok(same);
    }
    let wanted = of.clone();
    let made = app.read(asked.clone(), move |map| Service::answer(map, category, &wanted)).await??;
    format.answer(tag(made.position), layers::json(&made)?)
}
