//! Rain that is foreseen comes in, the hotspots it will flood go out.

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::super::openapi::ForecastOf;
use super::super::problem::Wire;
use super::super::{App, Map, Problem, body, layers, query};
use crate::hazard::analysis::coming::Coming;
use crate::hazard::analysis::forecast::{Forecast, Prepared, TAKES};
use crate::hazard::analysis::{self, USUAL_CATEGORY, storms};
use crate::intake::series::{PostedSeries, Series};

/// Which hotspots will flood: takes a rainfall series that is foreseen, cuts its storms by the rule in force, and says how
/// likely each floods each hotspot, most likely first. Nothing of it is kept.
#[utoipa::path(post, path = "/api/v1/analysis/forecast", tag = "analysis", params(ForecastOf),
    request_body(content((PostedSeries = "application/json"))),
    responses((status = 200, body = Forecast, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json")))]
pub async fn forecast(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (mut category, mut of) = (analysis::category(USUAL_CATEGORY)?, storms::Asked::default());
    let names: Vec<&str> = std::iter::once("category").chain(TAKES.iter().map(|takes| takes.name)).collect();
    let asked = query::view_and(request.uri(), app.rule(), &names, |name, value| match name {
        "category" => {
            category = analysis::category(value)?;
            Ok(())
        }
        _ => of.set(name, value),
    })?;
    let Series { gauge, intervals } = Series::parse(&body::series(request).await?)?;
    let rule = asked.settings.as_ref().unwrap_or(app.rule()).rain_rule();
    let coming = Coming::of(rule, &intervals)?;
    let work = move |map: &Map| {
        let prepared = map.read(|map| Prepared::of(map, category, &of, gauge))?;
        layers::json(&prepared.answer(&coming))
    };
    let body = app.aside(asked, work).await??;
    Ok(([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body).into_response())
}
