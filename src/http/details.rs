//! One hotspot, or one incident, with all that it rests on.

use std::ops::ControlFlow;

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::actor::Caller;
use super::layers::{GEO_JSON, json};
use super::one::{self, Sought, no_incident};
use super::openapi::ViewOf;
use super::problem::Wire;
use super::words::{self, Reach};
use super::{App, Problem, etag, query};
use crate::hazard::category::Category;
use crate::hazard::layer::{self, Feature, Found, HotspotDetail, IncidentDetail, Link, Time, incident_index};
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;

/// What can be looked at by its id and may have moved.
trait Detail: Serialize + Send + 'static {
    const AT: &'static str;
    /// Does the answer depend on the time of day?
    const BY_THE_CLOCK: bool;
    /// With whether the reader may read what people said of it; `now`: unix seconds.
    fn find(map: &HazardMap, id: &str, now: i64, reach: &Reach) -> Found<(Self, bool)>
    where
        Self: Sized;
    fn nowhere(id: &str) -> Problem;
    /// The incident, of which people may have said something.
    fn incident(&mut self) -> Option<&mut IncidentDetail>;
    /// Category, time and log position it was found at, and where its links go.
    fn stands(&mut self) -> (Category, Time, u64, &mut Vec<Link>);
}

impl Detail for HotspotDetail {
    const AT: &'static str = "/api/v1/hotspots/";

    const BY_THE_CLOCK: bool = false;

    fn find(map: &HazardMap, id: &str, _: i64, _: &Reach) -> Found<(HotspotDetail, bool)> {
        layer::hotspot(map, id).map(|hotspot| (hotspot, false))
    }

    fn nowhere(id: &str) -> Problem {
        Problem::not_found(format!("no hotspot holds {id:?}, which would be category:site"))
    }

    fn incident(&mut self) -> Option<&mut IncidentDetail> {
        None
    }

    fn stands(&mut self) -> (Category, Time, u64, &mut Vec<Link>) {
        let Feature { properties, links, .. } = &mut self.feature;
        (properties.category, self.as_of, self.position, links)
    }
}

impl Detail for IncidentDetail {
    const AT: &'static str = one::INCIDENTS;

    const BY_THE_CLOCK: bool = true;

    fn find(map: &HazardMap, id: &str, now: i64, reach: &Reach) -> Found<(IncidentDetail, bool)> {
        incident_index(map, id).map(|i| (IncidentDetail::of(map, i, now), reach.on(map)(i)))
    }

    fn nowhere(id: &str) -> Problem {
        no_incident(id)
    }

    fn incident(&mut self) -> Option<&mut IncidentDetail> {
        Some(self)
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
/// merged leads to the other (308). What was said with a step (`note`), who took it (`by_name`), and what its reporters said
/// (`reports_private`) is given to those who may read it there.
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
    let (wanted, now, reach) = (id.clone(), app.minute(&asked), Reach::of(&reader));
    let found = app.read(asked.clone(), move |map| (D::find(map, &wanted, now, &reach), map.settings().clone()));
    let (found, settings) = found.await?;
    let sought = Sought { at: D::AT, id: &id, below: "", nowhere: D::nowhere };
    let (mut detail, private) = match sought.here(found, &uri) {
        ControlFlow::Continue(found) => found,
        ControlFlow::Break(elsewhere) => return elsewhere,
    };
    if let Some(incident) = detail.incident().filter(|_| private) {
        words::with_steps(&app, &mut incident.history).await?;
        let reports = incident.reports_list.iter().map(|report| report.id.to_string()).collect();
        incident.reports_private = Some(words::of_reports(&app, reports).await?);
    }
    let (category, as_of, position, links) = detail.stands();
    let mut tag = etag::asked(&app, &asked, position);
    if D::BY_THE_CLOCK {
        tag = etag::with(&tag, &now.to_string());
    }
    let reproduces = reproduces(&format!("{}{}", D::AT, query::encoded(&id)), &settings, category, as_of, position);
    links.push(Link { href: uri.to_string(), rel: "self", kind: GEO_JSON, title: None });
    links.push(reproduces);
    let write = || Ok((etag::headers(tag.clone()), [(CONTENT_TYPE, GEO_JSON)], json(&detail)?).into_response());
    one::answer(&request, &tag, private, write)
}

/// The address that gives this answer again, whatever is reported later and whatever rule is in force then.
fn reproduces(path: &str, settings: &Settings, category: Category, as_of: Time, position: u64) -> Link {
    let view = [("position".to_owned(), position.to_string()), ("as_of".to_owned(), as_of.to_string())];
    let pairs = view.into_iter().chain(settings.of(category));
    let query: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", query::encoded(&value))).collect();
    let title = Some("this answer, whatever is reported later and whatever rule is in force".to_owned());
    Link { href: format!("{path}?{}", query.join("&")), rel: "canonical", kind: GEO_JSON, title }
}
