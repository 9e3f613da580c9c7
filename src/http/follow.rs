//! What became of a report, for whoever sent it: behind a link that nobody can guess.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::{Caller, SAID_NOTHING};
use super::problem::Wire;
use super::session::UNKEPT;
use super::{App, Problem, query, rights};
use crate::config::Clock;
use crate::hazard::layer::{Followed, Time};
use crate::hazard::map::HazardMap;
use crate::hazard::slot::Slot;
use crate::store::{Ended, InboxEntry};

/// Not for a search engine, whoever has put the link where one finds it.
pub const ROBOTS: (HeaderName, &str) = (HeaderName::from_static("x-robots-tag"), "noindex");

/// Of what was sent and is no report, or not yet.
#[derive(Serialize, ToSchema)]
pub struct NoReportYet {
    received_at: Time,
    /// `waiting` for somebody to look at it, or `dismissed`.
    state: &'static str,
    /// Why it was dismissed.
    reason: Option<String>,
}

/// A report's case as its reporter may see it: how it stands and every step, told once, whichever of the cases that became
/// one it was taken on. No person, and nothing that was said; only to an opinion the answer is given. The token is in the
/// answer to the post (`follow`); what changes meanwhile is told by `/api/v1/live`.
#[utoipa::path(get, path = "/api/v1/follow/{token}", tag = "reports",
    params(("token" = String, Path, description = "From `follow` of the answer to a post")),
    responses((status = 200, body = Followed, content_type = "application/json"),
        (status = 202, body = NoReportYet, content_type = "application/json",
            description = "It waits in the inbox of the desk, or was dismissed there"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn follow(State(app): State<App>, Path(token): Path<String>, uri: Uri) -> Result<Response, Problem> {
    query::none(&uri)?;
    let live = app.live()?.clone();
    let nothing = || Problem::not_found("nothing is followed by this link, or it was revoked, or the report withdrawn");
    let report = live.links().report(&token).map(str::to_owned).ok_or_else(nothing)?;
    let linked = report.clone();
    if !app.people(move |people| people.revoked_links(&[linked])).await?.is_empty() {
        return Err(nothing());
    }
    let (entry, mailbox) = (report.clone(), live.clone());
    let find = move || mailbox.inbox().with(|inbox| inbox.get(&entry));
    let report = match app.shared.turns.soon().await?.look(find).await?? {
        None => report,
        Some(InboxEntry { ended: Some(Ended::Report(report)), .. }) => report,
        Some(entry) => return Ok(no_report(&entry)),
    };
    let followed = app.read(Default::default(), move |map| Followed::of(map, &report)).await?;
    let mut followed = followed.ok_or_else(nothing)?;
    if let Some(id) = followed.answer_id {
        let mut notes = app.shared.turns.soon().await?.look(move || live.notes(&[id])).await??;
        followed.answer = notes.remove(&id);
    }
    Ok(([(CACHE_CONTROL, "no-store")], [ROBOTS], Json(followed)).into_response())
}

fn no_report(entry: &InboxEntry) -> Response {
    let (state, reason) = match &entry.ended {
        // What was noted with it is for the desk.
        Some(Ended::Dismissed(reason)) => ("dismissed", reason.split(':').next().map(str::to_owned)),
        _ => ("waiting", None),
    };
    let told = NoReportYet { received_at: Time(entry.received), state, reason };
    (StatusCode::ACCEPTED, [(CACHE_CONTROL, "no-store")], [ROBOTS], Json(told)).into_response()
}

/// Revokes the link by which the reporter of a report follows it, once and for all: it was passed on, or put where
/// everybody reads. Every other link stays good, and so does the report.
#[utoipa::path(delete, path = "/api/v1/reports/{id}/follow", tag = "reports",
    params(("id" = String, Path, example = "nyc_311:59897320")),
    responses((status = 204, description = "It opens nothing any more"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn revoke(
    State(app): State<App>,
    Path(id): Path<String>,
    caller: Caller,
    uri: Uri,
) -> Result<Response, Problem> {
    query::none(&uri)?;
    let Caller::Known(known) = caller else { return Err(Problem::new(StatusCode::UNAUTHORIZED, SAID_NOTHING)) };
    let (report, areas) = (id.clone(), known.areas().to_vec());
    let may = app.read(Default::default(), move |map| may_revoke(map, &report, &areas)).await?;
    if let Err(refused) = may {
        if refused.is(StatusCode::FORBIDDEN) {
            rights::refusal(&app, &known, &id).await?;
        }
        return Err(refused);
    }
    app.people(move |people| people.revoke_link(&id, known.by(), Clock::system().now())).await?;
    Ok((StatusCode::NO_CONTENT, UNKEPT).into_response())
}

/// Is there such a report, and lies its incident, or where there is none itself, in one of these areas? None: everywhere.
fn may_revoke(map: &HazardMap, report: &str, areas: &[String]) -> Result<(), Problem> {
    let unknown = || Problem::not_found(format!("no report {report:?}"));
    let row = &map.reports().rows()[map.reports().find(report).ok_or_else(unknown)?];
    let area = match row.incident.map(Slot::index) {
        Some(incident) => map.area_of(incident),
        None => map.areas().area_of(row.position),
    };
    rights::in_areas(map, area, areas, "the report")
}
