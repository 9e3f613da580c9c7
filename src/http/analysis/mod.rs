//! Analyses: each at an address of its own, all by one way.

mod apart;
mod criteria;
mod forecast;
mod format;
mod sensitivity;
mod service;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

pub use forecast::{__path_forecast, forecast};

pub use apart::Desk;
pub use format::Format;

use super::openapi::AnalysisOf;
use super::problem::Wire;
use super::{App, Map, Problem, etag, layers, query};
use crate::error::Result;
use crate::hazard::analysis::chance::Chance;
use crate::hazard::analysis::dbscan::Dbscan;
use crate::hazard::analysis::rank::Ranks;
use crate::hazard::analysis::risk::Risk;
use crate::hazard::analysis::significance::Significance;
use crate::hazard::analysis::silence::{self, Silence};
use crate::hazard::analysis::storms::Storms;
use crate::hazard::analysis::trend::Trends;
use crate::hazard::analysis::trigger::HotspotTrigger;
use crate::hazard::analysis::works::WorksCompared;
use crate::hazard::analysis::{self, Analysis, USUAL_CATEGORY};
use crate::hazard::category::Category;

pub use criteria::{__path_criteria, __path_list_criteria, criteria, list_criteria};
pub use sensitivity::{__path_sensitivity, sensitivity};
pub use service::{__path_service, service};

/// Is it worse: occasions per exposure in the last third of the window against the rest, for every hotspot.
#[utoipa::path(get, path = "/api/v1/analysis/trend", tag = "analysis", params(AnalysisOf<Trends>),
    responses((status = 200, body = Trends, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn trend(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    answer::<Trends>(app, request, uri).await
}

/// Which first: shrunk rate times severity, with every term, for every hotspot.
#[utoipa::path(get, path = "/api/v1/analysis/rank", tag = "analysis", params(AnalysisOf<Ranks>),
    responses((status = 200, body = Ranks, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn rank(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    answer::<Ranks>(app, request, uri).await
}

/// Did the works help: occasions per storm before and after them at every hotspot they reach, with what would have followed
/// without works. Works that are planned, too recent or too little observed say what is missing.
#[utoipa::path(get, path = "/api/v1/analysis/works", tag = "analysis", params(AnalysisOf<WorksCompared>),
    responses((status = 200, body = WorksCompared, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn works(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    answer::<WorksCompared>(app, request, uri).await
}

/// Is it real: where it floods more often than in the city as a whole, by Gi* of occasions in H3 cells with the false
/// discovery rate. Cells as polygons.
#[utoipa::path(get, path = "/api/v1/analysis/significance", tag = "analysis", params(AnalysisOf<Significance>),
    responses((status = 200, body = Significance, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn significance(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    apart::answer::<Significance>(app, request, uri).await
}

/// Is it real: occasions against those that reports of every category would make one expect. Cells as polygons, or
/// hotspots as points.
#[utoipa::path(get, path = "/api/v1/analysis/risk", tag = "analysis", params(AnalysisOf<Risk>),
    responses((status = 200, body = Risk, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn risk(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    apart::answer::<Risk>(app, request, uri).await
}

/// Where a flood would probably go unreported: cells from which fewer reports of any kind came than their neighbours would
/// make one expect, the least likely first, with how many there would be by chance. Where outlines lie under the map, less
/// is expected of a cell the less of it is land. Cells as polygons.
#[utoipa::path(get, path = "/api/v1/analysis/silence", tag = "analysis", params(AnalysisOf<Silence>),
    responses((status = 200, body = Silence, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn silence(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let land = app.shared.base.land();
    // The outlines may be others since the last start.
    let text = land.as_ref().map(|land| format!("{land:?}"));
    let tagged = |tag: String| text.as_ref().map_or(tag.clone(), |text| etag::with(&tag, text));
    apart::answer_with::<Silence>(&app, &request, &uri, silence::Asked { land, ..Default::default() }, tagged).await
}

/// Is it real: recurring hotspots beside those that chance alone would show. Takes seconds; given up when the caller
/// leaves.
#[utoipa::path(get, path = "/api/v1/analysis/chance", tag = "analysis", params(AnalysisOf<Chance>),
    responses((status = 200, body = Chance, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn chance(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    apart::answer::<Chance>(app, request, uri).await
}

/// Density clusters of incidents or reports, labelled as scikit-learn labels them; a courtesy, as it knows no occasions.
#[utoipa::path(get, path = "/api/v1/analysis/dbscan", tag = "analysis", params(AnalysisOf<Dbscan>),
    responses((status = 200, body = Dbscan, content_type = "application/geo+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn dbscan(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    apart::answer::<Dbscan>(app, request, uri).await
}

/// Which rain floods it: hotspots by storms, each flooded, dry or unknown, and the probability of a flood per storm.
#[utoipa::path(get, path = "/api/v1/analysis/storms", tag = "analysis", params(AnalysisOf<Storms>),
    responses((status = 200, body = Storms, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn storms(app: State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    answer::<Storms>(app, request, uri).await
}

/// How strong the rain has to be: a hotspot's probability of a flood by the peak intensity of the storm, with the
/// intensity at which it is one half.
#[utoipa::path(get, path = "/api/v1/analysis/trigger", tag = "analysis", params(AnalysisOf<HotspotTrigger>),
    responses((status = 200, body = HotspotTrigger, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json")))]
pub async fn trigger(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let (asked, category, of) = parameters::<HotspotTrigger>(&app, &uri, Default::default())?;
    let format = Format::of(&request, &uri);
    if let Some(same) = etag::not_modified(&request, &format.tag(etag::asked(&app, &asked, app.position()?))) {
        return Ok(same);
    }
    // The fit takes longer than the writer should wait.
    let work = move |map: &Map| {
        let source = map.read(|map| HotspotTrigger::source(map, category, &of))?;
        Ok::<_, Problem>((source.position(), layers::json(&source.fitted())?))
    };
    let (position, body) = app.aside(asked.clone(), work).await??;
    format.answer(etag::asked(&app, &asked, position), body)
}

/// Parameters in, the answer of the map asked for out.
async fn answer<A: Analysis>(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let (asked, category, of) = parameters::<A>(&app, &uri, A::Asked::default())?;
    let format = Format::of(&request, &uri);
    if let Some(same) = etag::not_modified(&request, &format.tag(etag::asked(&app, &asked, app.position()?))) {
        return Ok(same);
    }
    let look = move |map: &_| A::answer(map, category, &of).map(|made| (map.position(), made));
    let (position, made) = app.read(asked.clone(), look).await??;
    format.answer(etag::asked(&app, &asked, position), layers::json(&made)?)
}

/// The view, the category and the rest that a request for an analysis asks for; `of`: what is asked where nothing is said.
fn parameters<A: Analysis>(app: &App, uri: &Uri, mut of: A::Asked) -> Result<(query::Asked, Category, A::Asked)> {
    let mut category = analysis::category(USUAL_CATEGORY)?;
    let by_category = A::BY_CATEGORY.then_some("category");
    let takes = A::TAKES.iter().map(|takes| takes.name);
    let names: Vec<&str> = by_category.into_iter().chain(takes).chain(["format"]).collect();
    let asked = query::view_and(uri, app.rule(), &names, |name, value| match name {
        "category" => {
            category = analysis::category(value)?;
            Ok(())
        }
        "format" => Format::named(value).map(drop),
        _ => A::set(&mut of, name, value),
    })?;
    Ok((asked, category, of))
}
