//! One hotspot under other rules: each is a view of its own.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::super::openapi::AnalysisOf;
use super::super::problem::Wire;
use super::super::query::Asked;
use super::super::{App, Problem, etag, layers};
use super::{Format, parameters};
use crate::hazard::analysis::Analysis;
use crate::hazard::analysis::sensitivity::{Sensitivity, Variant};

/// What if the rule were another: occasions and rank of one hotspot under other radii, spacing, gap and window. Each row
/// after the first is a view of its own, so the first answer takes a while.
#[utoipa::path(get, path = "/api/v1/analysis/sensitivity", tag = "analysis", params(AnalysisOf<Sensitivity>),
    responses((status = 200, body = Sensitivity, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn sensitivity(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let (asked, category, of) = parameters::<Sensitivity>(&app, &uri, Default::default())?;
    let format = Format::of(&request, &uri);
    if let Some(same) = etag::not_modified(&request, &format.tag(etag::asked(&app, &asked, app.position()?))) {
        return Ok(same);
    }
    let look = move |map: &_| Sensitivity::answer(map, category, &of);
    let mut made = app.read(asked.clone(), look).await??;
    let position = made.basis.position;
    let settings = asked.settings.clone().unwrap_or_else(|| app.rule().clone());
    // One after the other, so that one request never takes more than one of the places where views are worked out.
    for (variant, settings) in Variant::of(&settings, made.basis.category) {
        let view = Asked { position: Some(position), settings: Some(settings) };
        let add = move |map: &_| {
            made.add(&variant, map);
            made
        };
        made = app.read(view, add).await?;
    }
    format.answer(etag::asked(&app, &asked, position), layers::json(&made)?)
}
