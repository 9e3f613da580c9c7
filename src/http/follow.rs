//! What became of a report, for whoever sent it: behind a link that nobody can guess.

use std::ops::ControlFlow;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::{Caller, SAID_NOTHING};
use super::photos::{self, EXAMPLE_ID, PictureBytes};
use super::problem::Wire;
use super::session::UNKEPT;
use super::{App, Problem, query, rights};
use crate::config::Clock;
use crate::error::Result;
use crate::hazard::correction;
use crate::hazard::layer::{Followed, Time};
use crate::hazard::map::HazardMap;
use crate::hazard::workflow::NoteId;
use crate::store::{Ended, InboxEntry, Size};

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
/// one it was taken on. No person, and nothing that was said; only to an opinion the answer is given,
/// and of photos only those that the desk shows. The token is in the
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
    let followed = match found(&app, &token).await? {
        ControlFlow::Continue(followed) => followed,
        ControlFlow::Break(entry) => return Ok(no_report(&entry)),
    };
    Ok(([(CACHE_CONTROL, "no-store")], [ROBOTS], Json(followed)).into_response())
}

/// What a link leads to: a report, or what is none yet.
///
/// # Errors
/// 404 where it leads nowhere, or was revoked.
async fn found(app: &App, token: &str) -> Result<ControlFlow<Box<InboxEntry>, Followed>, Problem> {
    let live = app.live()?.clone();
    let nothing = || Problem::not_found("nothing is followed by this link, or it was revoked, or the report withdrawn");
    let report = live.links().report(token).map(str::to_owned).ok_or_else(nothing)?;
    let linked = report.clone();
    // Whoever revokes the link of what corrects a report means the link of its sender.
    let corrected = app.read(Default::default(), move |map| in_its_place(map, &linked)).await?;
    let linked = [Some(report.clone()), corrected].into_iter().flatten().collect::<Vec<_>>();
    if !app.people(move |people| people.revoked_links(&linked)).await?.is_empty() {
        return Err(nothing());
    }
    let (entry, mailbox) = (report.clone(), live.clone());
    let find = move || mailbox.inbox().with(|inbox| inbox.get(&entry));
    let report = match app.shared.turns.soon().await?.look(find).await?? {
        None => report,
        Some(entry) => match entry.report() {
            Some(report) => report.to_owned(),
            None => return Ok(ControlFlow::Break(Box::new(entry))),
        },
    };
    let of = move |map: &HazardMap| Followed::of(map, in_its_place(map, &report).as_deref().unwrap_or(&report));
    let followed = app.read(Default::default(), of).await?;
    let mut followed = followed.ok_or_else(nothing)?;
    let notes: Vec<NoteId> = followed.steps.iter().filter_map(|step| step.note_id).collect();
    let answers: Vec<NoteId> = followed.answer_id.into_iter().collect();
    if notes.is_empty() && answers.is_empty() {
        return Ok(ControlFlow::Continue(followed));
    }
    let look = move || -> Result<_> { Ok((live.notes(&answers)?, live.photos().of_steps(&notes)?)) };
    let (mut notes, mut shown) = app.shared.turns.soon().await?.look(look).await??;
    followed.answer = followed.answer_id.and_then(|id| notes.remove(&id));
    for step in &mut followed.steps {
        let photos = step.note_id.and_then(|id| shown.remove(&id)).filter(|photos| photos.told);
        step.photos = photos.map(|photos| photos.ids).unwrap_or_default();
    }
    Ok(ControlFlow::Continue(followed))
}

/// A photo that the desk shows the reporters of a case, for whoever has the link of one of them.
#[utoipa::path(get, path = "/api/v1/follow/{token}/photos/{photo}", tag = "reports",
    params(("token" = String, Path, description = "From `follow` of the answer to a post"),
        ("photo" = String, Path, description = "From `steps` of what is followed", example = json!(EXAMPLE_ID))),
    responses((status = 200, body = PictureBytes, content_type = "image/jpeg"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn photo(
    app: State<App>,
    of: Path<(String, String)>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    shown(app, of, Size::Whole, request, uri).await
}

/// The same photo, at most 320 pixels a side.
#[utoipa::path(get, path = "/api/v1/follow/{token}/photos/{photo}/thumbnail", tag = "reports",
    params(("token" = String, Path, description = "From `follow` of the answer to a post"),
        ("photo" = String, Path, description = "From `steps` of what is followed", example = json!(EXAMPLE_ID))),
    responses((status = 200, body = PictureBytes, content_type = "image/jpeg"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn thumbnail(
    app: State<App>,
    of: Path<(String, String)>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    shown(app, of, Size::Thumbnail, request, uri).await
}

async fn shown(
    State(app): State<App>,
    Path((token, photo)): Path<(String, String)>,
    size: Size,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    query::none(&uri)?;
    let found = found(&app, &token).await?.continue_value();
    let told = found.is_some_and(|followed| followed.steps.iter().any(|step| step.photos.contains(&photo)));
    if !told {
        return Err(Problem::not_found("there is no such photo, or it is not shown to reporters"));
    }
    photos::picture(&app, &photo, size, &request).await
}

/// The id of what stands in the place of a report that was corrected.
fn in_its_place(map: &HazardMap, report: &str) -> Option<String> {
    correction::standing(map.reports(), report).map(|i| map.reports().id(i).to_owned())
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
    let look = move |map: &HazardMap| {
        let i = map.reports().find(&report).ok_or_else(|| Problem::not_found(format!("no report {report:?}")))?;
        rights::over_report(map, i, &areas)
    };
    let may = app.read(Default::default(), look).await?;
    if let Err(refused) = may {
        if refused.is(StatusCode::FORBIDDEN) {
            rights::refusal(&app, &known, &id).await?;
        }
        return Err(refused);
    }
    app.people(move |people| people.revoke_link(&id, known.by(), Clock::system().now())).await?;
    Ok((StatusCode::NO_CONTENT, UNKEPT).into_response())
}
