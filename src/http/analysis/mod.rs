//! Analyses: each at an address of its own, all by one way.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};

use super::openapi::AnalysisOf;
use super::problem::Wire;
use super::{App, Problem, etag, layers, query};
use crate::error::Result;
use crate::hazard::analysis::trend::Trends;
use crate::hazard::analysis::{self, Analysis, USUAL_CATEGORY};
use crate::hazard::category::Category;

/// Is it worse: occasions per exposure in the last third of the window against the rest, for every hotspot.
#[utoipa::path(get, path = "/api/v1/analysis/trend", tag = "analysis", params(AnalysisOf<Trends>),
    responses((status = 200, body = Trends, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn trend(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    answer::<Trends>(app, request, uri).await
}

/// Parameters in, the answer of the map asked for out.
async fn answer<A: Analysis>(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let (asked, category, of) = parameters::<A>(&app, &uri)?;
    if let Some(same) = etag::not_modified(&request, &etag::asked(&app, &asked, app.position()?)) {
        return Ok(same);
    }
    let look = move |map: &_| A::answer(map, category, &of).map(|made| (map.position(), made));
    let (position, made) = app.read(asked.clone(), look).await??;
    let headers = etag::headers(etag::asked(&app, &asked, position));
    Ok((headers, [("content-type", "application/json")], layers::json(&made)?).into_response())
}

/// The view, the category and the rest that a request for an analysis asks for.
fn parameters<A: Analysis>(app: &App, uri: &Uri) -> Result<(query::Asked, Category, A::Asked)> {
    let (mut category, mut of) = (analysis::category(USUAL_CATEGORY)?, A::Asked::default());
    let names: Vec<&str> = std::iter::once("category").chain(A::TAKES.iter().map(|takes| takes.name)).collect();
    let asked = query::view_and(uri, app.rule(), &names, |name, value| match name {
        "category" => {
            category = analysis::category(value)?;
            Ok(())
        }
        _ => A::set(&mut of, name, value),
    })?;
    Ok((asked, category, of))
}
