//! Whose criterion: the definitions that are known, and which hotspots meet one.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};

use super::super::openapi::AnalysisOf;
use super::super::problem::Wire;
use super::super::{App, Problem, etag, layers, query};
use super::{Format, parameters};
use crate::hazard::analysis::Analysis;
use crate::hazard::analysis::criteria::{Chosen, Criteria};
use crate::hazard::analysis::criterion::Criterion;

/// The official definitions of a flooding spot that hotspots can be judged by, each with its source and how firm it is.
#[utoipa::path(get, path = "/api/v1/criteria", tag = "analysis",
    responses((status = 200, body = [Criterion], content_type = "application/json"),
        (status = 503, body = Wire, content_type = "application/problem+json"),
        (status = 400, body = Wire, content_type = "application/problem+json")))]
pub async fn list_criteria(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    query::none(&uri)?;
    Ok(Json(&app.criteria[..]).into_response())
}

/// Which hotspots meet an official definition, which fail on what, and which cannot be judged for want of what.
#[utoipa::path(get, path = "/api/v1/analysis/criteria", tag = "analysis", params(AnalysisOf<Criteria>),
    responses((status = 200, body = Criteria, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn criteria(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let known = Chosen { known: app.criteria.clone(), criterion: None };
    let (asked, category, of) = parameters::<Criteria>(&app, &uri, known)?;
    // A definition may have been edited since the last start.
    let text = of.criterion.as_ref().map(|criterion| format!("{criterion:?}")).unwrap_or_default();
    let tag = |position| etag::with(&etag::asked(&app, &asked, position), &text);
    let format = Format::of(&request, &uri);
    if let Some(same) = etag::not_modified(&request, &format.tag(tag(app.position()?))) {
        return Ok(same);
    }
    let look = move |map: &_| Criteria::answer(map, category, &of);
    let made = app.read(asked.clone(), look).await??;
    format.answer(tag(made.basis.position), layers::json(&made)?)
}
