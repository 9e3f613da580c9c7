//! What somebody at the desk decides about an entry of the inbox: it becomes a report, or it is none. One at a time decides
//! about an entry, and what he was told has been done is done.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::actor::{Caller, Known, SAID_NOTHING};
use super::inbox::{AsSent, entry, sent};
use super::problem::Wire;
use super::reports::{self, Accepted};
use super::session::UNKEPT;
use super::{App, Problem, body, inbox_areas, query, remember};
use crate::config::Clock;
use crate::error::{Error, Result};
use crate::hazard::map::HazardMap;
use crate::intake::answer::{self, Answer, PostedAnswer, PostedDismissal};
use crate::intake::arrival::{Arrival, Door};
use crate::intake::post::NewReport;
use crate::intake::{Draft, Key};
use crate::live::Claim;
use crate::store::{Ended, InboxEntry};

/// An entry becomes a report, with what is added by hand: what it is about, where it lies, or anything else that it does not
/// say. Its sender's link stays the same. One that is held is released by an empty object.
#[utoipa::path(post, path = "/api/v1/inbox/{entry}/report", tag = "inbox",
    params(("entry" = String, Path, description = "Its id")),
    request_body(content((PostedAnswer = "application/json"))),
    responses((status = 201, body = Accepted, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 409, description = "Somebody was faster, or its positions disagree", body = Wire, content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn report(
    State(app): State<App>,
    Path(id): Path<String>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let known = somebody(caller)?;
    let answer = Answer::parse(&body::message(request).await?)?;
    let claim = app.live()?.inbox().claim(&id)?;
    let entry = waiting(&app, &id).await?;
    let sent = sent(&app, &entry).await?;
    inbox_areas::decides(&app, &known, &entry.id, sent.spots(), "what waits").await?;
    let reading = sent.understood.as_ref().map(|understood| &understood.reading);
    let name = remember::wanted(answer.remember, answer.place(), reading, answer.is_pinned())?;
    let arrival = arrival(&entry, &sent, &answer)?;
    let (report, key) = judged(&entry, sent, answer)?;
    let position = report.position();
    inbox_areas::decides(&app, &known, &entry.id, vec![position], "the report").await?;
    if let Some(name) = name {
        remember::learn(&app, name, position).await?;
    }
    let draft = report.draft_as(entry.id.clone(), Some(key), entry.received)?.by(entry.person).arrived(&arrival)?;
    // To the end, even when nobody waits for it any more: what is kept is noted before somebody else decides.
    let made = tokio::spawn(make(app, known, claim, entry.id, draft)).await;
    let made = made.map_err(|e| Error::Store(format!("a report was given up: {e}")))??;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Keeps the report of an entry, and notes that it is one.
async fn make(app: App, known: Arc<Known>, claim: Claim, id: String, draft: Draft) -> Result<Accepted, Problem> {
    let (accepted, _) = reports::keep(&app, draft).await?;
    ended(&app, known, claim, id, Ended::Report(accepted.id.clone())).await?;
    Ok(accepted)
}

/// An entry is no report, for this reason. Its sender is told so by his link.
#[utoipa::path(post, path = "/api/v1/inbox/{entry}/dismiss", tag = "inbox",
    params(("entry" = String, Path, description = "Its id")),
    request_body(content((PostedDismissal = "application/json"))),
    responses((status = 204, description = "It waits no more"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 409, description = "Somebody was faster", body = Wire, content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn dismiss(
    State(app): State<App>,
    Path(id): Path<String>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let known = somebody(caller)?;
    let (reason, note) = answer::dismissal(&body::message(request).await?)?;
    let claim = app.live()?.inbox().claim(&id)?;
    let entry = waiting(&app, &id).await?;
    let spots = sent(&app, &entry).await?.spots();
    inbox_areas::decides(&app, &known, &entry.id, spots, "what waits").await?;
    let reason = note.map_or_else(|| reason.name().to_owned(), |note| format!("{}: {note}", reason.name()));
    // Of a service that was stopped before it had noted so.
    let is_report = in_log(&app, &entry.id).await?;
    let end = if is_report { Ended::Report(entry.id.clone()) } else { Ended::Dismissed(reason) };
    ended(&app, known, claim, entry.id.clone(), end).await?;
    if is_report {
        return Err(is_report_already(&entry.id).into());
    }
    Ok((StatusCode::NO_CONTENT, UNKEPT).into_response())
}

fn somebody(caller: Caller) -> Result<Arc<Known>, Problem> {
    match caller {
        Caller::Known(known) => Ok(known),
        Caller::Nobody(_) => Err(Problem::new(StatusCode::UNAUTHORIZED, SAID_NOTHING)),
    }
}

/// The entry, while it waits.
async fn waiting(app: &App, id: &str) -> Result<InboxEntry, Problem> {
    let found = entry(app, id).await?;
    let entry = found.ok_or_else(|| Problem::not_found("there is no such entry, or it was erased"))?;
    match &entry.ended {
        None => Ok(entry),
        Some(Ended::Report(report)) => Err(is_report_already(report).into()),
        Some(Ended::Dismissed(_)) => Err(Error::Conflict("it was dismissed already".into()).into()),
    }
}

fn is_report_already(report: &str) -> Error {
    Error::Conflict(format!("it is report {report} already"))
}

/// Does the log have a report of an id?
async fn in_log(app: &App, id: &str) -> Result<bool, Problem> {
    let id = id.to_owned();
    app.read_written(move |map: &HazardMap| map.reports().find(&id).is_some()).await
}

/// Notes what became of an entry, and who decided.
async fn ended(app: &App, known: Arc<Known>, claim: Claim, id: String, end: Ended) -> Result<(), Problem> {
    let (live, now) = (app.live()?.clone(), app.now());
    let what = if matches!(end, Ended::Report(_)) { "inbox_report" } else { "inbox_dismiss" };
    let work = move || -> Result<()> {
        if live.inbox().with(|inbox| inbox.end(&id, &end, now))? {
            live.people().audit(known.by(), what, Some(&id), Clock::system().now())?;
        }
        drop(claim);
        Ok(())
    };
    Ok(app.shared.turns.sometime().await?.look(work).await??)
}

/// How it came in, and what was added by hand.
fn arrival(entry: &InboxEntry, sent: &AsSent, answer: &Answer) -> Result<Arrival> {
    let raw = serde_json::from_str(&entry.body).map_err(|e| Error::Store(format!("an entry: {e}")))?;
    let reading = sent.understood.as_ref().map(|understood| &understood.reading);
    let arrival = Arrival::of(Door::Inbox, entry.received, raw).understood(reading, 0)?;
    Ok(arrival.added(answer.fields().clone()))
}

/// The report of an entry with what was added by hand, and the key that makes a retry of what was sent harmless.
fn judged(entry: &InboxEntry, sent: AsSent, answer: Answer) -> Result<(NewReport, Key), Problem> {
    let key = match (&entry.key, &sent.message) {
        (Some(name), Some(message)) => Key { name: format!("{name}/1"), content: message.body().to_string() },
        (Some(name), None) => {
            let as_sent = NewReport::read(&Value::Object(sent.report.clone()), entry.received)?;
            Key { name: name.clone(), content: as_sent.content()? }
        }
        (None, _) => Key { name: format!("inbox:{}", entry.id), content: entry.id.clone() },
    };
    let report = NewReport::read(&answer.on(sent.report), entry.received)?;
    match report.in_doubt() {
        Some(candidates) => Err(Problem::positions_disagree(candidates)),
        None => Ok((report, key)),
    }
}
