//! The city over time.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};

use super::openapi::{OccasionsOf, TimelineOf};
use super::problem::Wire;
use super::{App, Problem, etag, layers, query};
use crate::error::invalid;
use crate::hazard::layer::{Filter, Layer, OccasionsWithin, Step, Timeline, TimelineAsked, occasions_within, timeline};

/// Rain, incidents and occasions of hotspots by the hour or the day.
#[utoipa::path(get, path = "/api/v1/timeline", tag = "rain", params(TimelineOf),
    responses((status = 200, body = Timeline, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn over_time(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let (mut filter, mut wanted) = (Filter::default(), TimelineAsked::default());
    let asked = query::view_and(
        &uri,
        app.rule(),
        &["datetime", "category", "step", "gauge", "level"],
        |name, value| match name {
            "step" => {
                wanted.step = Step::named(value)?;
                Ok(())
            }
            "level" => {
                wanted.level = Some(value.to_owned());
                Ok(())
            }
            "gauge" => {
                wanted.gauge = Some(value.to_owned());
                Ok(())
            }
            _ => filter.set(Layer::Incidents, name, value),
        },
    )?;
    published(&filter)?;
    (wanted.time, wanted.category) = (filter.datetime, filter.category);
    if let Some(same) = etag::not_modified(&request, &etag::asked(&app, &asked, app.position()?)) {
        return Ok(same);
    }
    let made = app.read(asked.clone(), move |map| timeline(map, &wanted)).await??;
    let headers = etag::headers(etag::asked(&app, &asked, made.position));
    Ok((headers, [("content-type", "application/json")], layers::json(&made)?).into_response())
}

/// How often each hotspot was hit in a time, by weather. Hotspots without an occasion in it are left out; an occasion
/// that lasted into the time counts.
#[utoipa::path(get, path = "/api/v1/occasions", tag = "hotspots", params(OccasionsOf),
    responses((status = 200, body = OccasionsWithin, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn occasions(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let mut filter = Filter::default();
    let take = |name: &str, value: &str| filter.set(Layer::Hotspots, name, value);
    let asked = query::view_and(&uri, app.rule(), &["datetime", "category", "weather"], take)?;
    published(&filter)?;
    if let Some(same) = etag::not_modified(&request, &etag::asked(&app, &asked, app.position()?)) {
        return Ok(same);
    }
    let made = app.read(asked.clone(), move |map| occasions_within(map, &filter)).await?;
    let headers = etag::headers(etag::asked(&app, &asked, made.position));
    Ok((headers, [("content-type", "application/json")], layers::json(&made)?).into_response())
}

fn published(filter: &Filter) -> Result<(), Problem> {
    match filter.category.iter().find(|category| category.is_alone()) {
        Some(category) => Err(invalid("category", category.name(), "not published").into()),
        None => Ok(()),
    }
}
