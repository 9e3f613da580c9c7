//! One hotspot, or one incident, with all that it rests on.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::actor::Caller;
use super::layers::{GEO_JSON, json};
use super::openapi::ViewOf;
use super::problem::Wire;
use super::{App, Problem, etag, query, transitions};
use crate::hazard::category::Category;
use crate::hazard::layer::{self, Feature, Found, HotspotDetail, IncidentDetail, Link, StepTaken, Time};
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;

/// What can be looked at by its id and may have moved.
trait Detail: Serialize + Send + 'static {
    const AT: &'static str;
    /// Does the answer depend on the time of day?
    const BY_THE_CLOCK: bool;
    /// `now`: unix seconds.
    fn find(map: &HazardMap, id: &str, now: i64) -> Found<Self>
    where
        Self: Sized;
    fn nowhere(id: &str) -> Problem;
    /// Steps with which something may have been said.
    fn steps(&mut self) -> &mut [StepTaken];
    /// Category, time and log position it was found at, and where its links go.
    fn stands(&mut self) -> (Category, Time, u64, &mut Vec<Link>);
}

impl Detail for HotspotDetail {
    const AT: &'static str = "/api/v1/hotspots/";

    const BY_THE_CLOCK: bool = false;

    fn find(map: &HazardMap, id: &str, _: i64) -> Found<HotspotDetail> {
        layer::hotspot(map, id)
    }

    fn nowhere(id: &str) -> Problem {
        Problem::not_found(format!("no hotspot holds {id:?}, which would be category:site"))
    }

    fn steps(&mut self) -> &mut [StepTaken] {
        &mut []
    }

    fn stands(&mut self) -> (Category, Time, u64, &mut Vec<Link>) {
        let Feature { properties, links, .. } = &mut self.feature;
        (properties.category, self.as_of, self.position, links)
    }
}

impl Detail for IncidentDetail {
    const AT: &'static str = "/api/v1/incidents/";

    const BY_THE_CLOCK: bool = true;

    fn find(map: &HazardMap, id: &str, now: i64) -> Found<IncidentDetail> {
        layer::incident(map, id, now)
    }

    fn nowhere(id: &str) -> Problem {
        no_incident(id)
    }

    fn steps(&mut self) -> &mut [StepTaken] {
        &mut self.history
    }

    fn stands(&mut self) -> (Category, Time, u64, &mut Vec<Link>) {
        let Feature { properties, links, .. } = &mut self.feature;
        (properties.category, self.as_of, self.position, links)
    }
}

/// A hotspot with its sites, its occasions one by one, and the rule it was found by. The id of any of its sites leads to
/// it (308).
#[utoipa::path(get, path = "/api/v1/hotspots/{id}", tag = "hotspots",
    params(("id" = String, Path, description = "category:site", example = "waterlogging:8c2a1077128d1ff"), ViewOf),
    responses((status = 200, body = HotspotDetail, content_type = "application/geo+json"),
        (status = 308, description = "A site of the hotspot at Location"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json")))]
pub async fn hotspot(
    app: State<App>,
    id: Path<String>,
    caller: Caller,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    detail::<HotspotDetail>(app, id, caller, request, uri).await
}

/// An incident with its reports, its history, how it stands, what may follow, and the rule it was made by. One that was
/// merged leads to the other (308). What was said with a step (`note`) and who took it
/// (`by_name`) is given to those who may read it.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents",
    params(("id" = String, Path, example = "i6"), ViewOf),
    responses((status = 200, body = IncidentDetail, content_type = "application/geo+json"),
        (status = 308, description = "Merged into the incident at Location"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json")))]
pub async fn incident(
    app: State<App>,
    id: Path<String>,
    caller: Caller,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    detail::<IncidentDetail>(app, id, caller, request, uri).await
}

async fn detail<D: Detail>(
    State(app): State<App>,
    Path(id): Path<String>,
    reader: Caller,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let asked = query::view(&uri, app.rule())?;
    let (wanted, now) = (id.clone(), app.minute(&asked));
    let found = app.read(asked.clone(), move |map| (D::find(map, &wanted, now), map.settings().clone()));
    let (mut detail, settings) = match found.await? {
        (Found::Here(detail), settings) => (detail, settings),
        (Found::At(other), _) => return Ok(moved(D::AT, &other, "", &uri)),
        (Found::Nowhere, _) => return Err(D::nowhere(&id)),
    };
    let private = transitions::say(&app, &reader, detail.steps()).await?;
    let (category, as_of, position, links) = detail.stands();
    let mut tag = etag::asked(&app, &asked, position);
    if D::BY_THE_CLOCK {
        tag = etag::with(&tag, &now.to_string());
    }
    if let Some(same) = etag::not_modified(&request, &tag).filter(|_| !private) {
        return Ok(same);
    }
    let reproduces = reproduces(&format!("{}{}", D::AT, query::encoded(&id)), &settings, category, as_of, position);
    links.push(Link { href: uri.to_string(), rel: "self", kind: GEO_JSON, title: None });
    links.push(reproduces);
    let answer = (etag::headers(tag), [(CONTENT_TYPE, GEO_JSON)], json(&detail)?).into_response();
    Ok(transitions::unkept_if(private, answer))
}

/// What holds it changes with the map, so that the answer is not to be kept.
fn moved(at: &str, id: &str, below: &str, uri: &Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = (LOCATION, format!("{at}{}{below}{query}", query::encoded(id)));
    (StatusCode::PERMANENT_REDIRECT, [location, (CACHE_CONTROL, "no-store".into())]).into_response()
}

/// An incident was merged: what was asked for, `below` its address, is at the other.
pub fn incident_moved(id: &str, below: &str, uri: &Uri) -> Response {
    moved(IncidentDetail::AT, id, below, uri)
}

pub fn no_incident(id: &str) -> Problem {
    Problem::not_found(format!("no incident {id:?}, or all its reports were retracted"))
}

/// The address that gives this answer again, whatever is reported later and whatever rule is in force then.
fn reproduces(path: &str, settings: &Settings, category: Category, as_of: Time, position: u64) -> Link {
    let view = [("position".to_owned(), position.to_string()), ("as_of".to_owned(), as_of.to_string())];
    let pairs = view.into_iter().chain(settings.of(category));
    let query: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", query::encoded(&value))).collect();
    let title = Some("this answer, whatever is reported later and whatever rule is in force".to_owned());
    Link { href: format!("{path}?{}", query.join("&")), rel: "canonical", kind: GEO_JSON, title }
}
