//! What somebody at the desk decides about an entry of the inbox: it becomes a report, or it is none. One at a time decides
//! about an entry, and what he was told has been done is done.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::actor::{Caller, Known, SAID_NOTHING};
use super::inbox::{AsSent, entry, sent};
use super::problem::Wire;
use super::reports::{self, Accepted};
use super::session::UNKEPT;
use super::{App, Problem, body, inbox_areas, query, remember};
use crate::config::Clock;
use crate::error::{Error, Result, invalid};
use crate::hazard::map::HazardMap;
use crate::intake::answer::{self, Answer, PostedAnswer, PostedDismissal};
use crate::intake::arrival::{Arrival, Door};
use crate::intake::post::{NewReport, random_id};
use crate::intake::{Draft, Key};
use crate::live::Claim;
use crate::store::{Ended, Inbox, InboxEntry, MadeOf};

/// What an entry has become.
#[derive(Serialize, ToSchema)]
pub struct MadeOfEntry {
    #[serde(flatten)]
    report: Accepted,
    /// The reports that other matters of it have become.
    others: Vec<Accepted>,
    /// How many of its matters still wait.
    open: usize,
}

/// An entry becomes a report, with what is added by hand: what it is about, where it lies, or anything else that it does not
/// say. Its sender's link stays the same. One that is held is released by an empty object.
///
/// Of several matters, what is added is of one of them (`matter`). The others that say what a report needs become reports as
/// they were understood; the rest wait (`open`).
#[utoipa::path(post, path = "/api/v1/inbox/{entry}/report", tag = "inbox",
    params(("entry" = String, Path, description = "Its id")),
    request_body(content((PostedAnswer = "application/json"))),
    responses((status = 201, body = MadeOfEntry, content_type = "application/json"),
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
    let one = meant(&answer, &entry, &sent)?;
    inbox_areas::decides(&app, &known, &entry.id, sent.spots(one), "what waits").await?;
    let name = remember::wanted(answer.remember, answer.place(), sent.matter(one), answer.is_pinned())?;
    let arrived = arrival(&entry, &sent, one)?.added(answer.fields().clone());
    let report = judged(&entry, &sent, one, answer)?;
    let position = report.position();
    inbox_areas::decides(&app, &known, &entry.id, vec![position], "the report").await?;
    if let Some(name) = name {
        remember::learn(&app, name, position).await?;
    }
    let mut drafts = vec![(one, draft(&entry, &sent, one, report, &arrived)?)];
    for &other in sent.open.iter().filter(|open| **open != one) {
        let Ok(report) = &sent.matters[other].report else { continue };
        // What lies in no area of his waits for those whose it is.
        match inbox_areas::within(&app, vec![report.position()], known.areas(), "the report").await {
            Ok(()) => {}
            Err(refused) if refused.is(StatusCode::FORBIDDEN) => continue,
            Err(failed) => return Err(failed),
        }
        drafts.push((other, draft(&entry, &sent, other, report.clone(), &arrival(&entry, &sent, other)?)?));
    }
    // To the end, even when nobody waits for it any more: what is kept is noted before somebody else decides.
    let made = tokio::spawn(make(app, known, claim, entry.id, drafts, sent.open.len())).await;
    let made = made.map_err(|e| Error::Store(format!("a report was given up: {e}")))??;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Keeps the reports of an entry, by the numbers of its matters, of which so many waited; and notes that they are.
async fn make(
    app: App,
    known: Arc<Known>,
    claim: Claim,
    id: String,
    drafts: Vec<(usize, Draft)>,
    waited: usize,
) -> Result<MadeOfEntry, Problem> {
    let (mut made, mut kept) = (MadeOf::new(), Vec::new());
    for (matter, draft) in drafts {
        match reports::keep(&app, draft).await {
            Ok((accepted, _)) => {
                made.insert(matter, accepted.id.clone());
                kept.push(accepted);
            }
            Err(failed) if kept.is_empty() => return Err(failed),
            // It waits on.
            Err(_) => break,
        }
    }
    let open = waited - made.len();
    let note = move |inbox: &mut Inbox, id: &str, now| inbox.note_made(id, &made, open == 0, now);
    noted(&app, known, claim, id, ("inbox_report", note)).await?;
    let report = kept.remove(0);
    Ok(MadeOfEntry { report, others: kept, open })
}

/// An entry is no report, for this reason. Its sender is told so by his link. Where matters of it are reports already, they
/// stay, and the others wait no more.
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
    let sent = sent(&app, &entry).await?;
    for &open in &sent.open {
        inbox_areas::decides(&app, &known, &entry.id, sent.spots(open), "what waits").await?;
    }
    let reason = note.map_or_else(|| reason.name().to_owned(), |note| format!("{}: {note}", reason.name()));
    let made = entry.report().map(str::to_owned);
    // Of a service that was stopped before it had noted so.
    let unnoted = made.is_none() && in_log(&app, &entry.id).await?;
    let report = made.or_else(|| unnoted.then(|| entry.id.clone()));
    let end = report.map_or(Ended::Dismissed(reason), Ended::Report);
    let note = move |inbox: &mut Inbox, id: &str, now| inbox.end(id, &end, now);
    noted(&app, known, claim, entry.id.clone(), ("inbox_dismiss", note)).await?;
    if unnoted {
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

/// Notes what became of an entry, and who decided that, by its name in the audit log.
async fn noted(
    app: &App,
    known: Arc<Known>,
    claim: Claim,
    id: String,
    (what, note): (&'static str, impl FnOnce(&mut Inbox, &str, i64) -> Result<bool> + Send + 'static),
) -> Result<(), Problem> {
    let (live, now) = (app.live()?.clone(), app.now());
    let work = move || -> Result<()> {
        if live.inbox().with(|inbox| note(inbox, &id, now))? {
            live.people().audit(known.by(), what, Some(&id), Clock::system().now())?;
        }
        drop(claim);
        Ok(())
    };
    Ok(app.shared.turns.sometime().await?.look(work).await??)
}

/// The number of the matter that an answer is about, from 0.
fn meant(answer: &Answer, entry: &InboxEntry, sent: &AsSent) -> Result<usize> {
    let (number, many) = (answer.matter, sent.matters.len());
    if number > many {
        return Err(invalid("matter", number, format!("it has {many}")));
    }
    match entry.made.get(&(number - 1)) {
        None => Ok(number - 1),
        Some(report) => Err(Error::Conflict(format!("matter {number} of it is report {report} already"))),
    }
}

/// How a matter came in.
fn arrival(entry: &InboxEntry, sent: &AsSent, matter: usize) -> Result<Arrival> {
    let raw = serde_json::from_str(&entry.body).map_err(|e| Error::Store(format!("an entry: {e}")))?;
    let reading = sent.understood.as_ref().map(|understood| &understood.reading);
    Arrival::of(Door::Inbox, entry.received, raw).understood(reading, matter)
}

/// The report of a matter with what was added by hand.
fn judged(entry: &InboxEntry, sent: &AsSent, matter: usize, answer: Answer) -> Result<NewReport, Problem> {
    let report = NewReport::read(&answer.on(sent.matters[matter].body.clone()), entry.received)?;
    match report.in_doubt() {
        Some(candidates) => Err(Problem::positions_disagree(candidates)),
        None => Ok(report),
    }
}

/// The first matter has the id of the entry, so that its sender's link leads there.
fn draft(entry: &InboxEntry, sent: &AsSent, matter: usize, report: NewReport, arrival: &Arrival) -> Result<Draft> {
    let id = if matter == 0 { entry.id.clone() } else { random_id()? };
    report.draft_as(id, Some(key(entry, sent, matter)?), entry.received)?.by(entry.person).arrived(arrival)
}

/// What makes a retry of what was sent harmless.
fn key(entry: &InboxEntry, sent: &AsSent, matter: usize) -> Result<Key> {
    Ok(match (&entry.key, &sent.message) {
        (Some(name), Some(message)) => {
            Key { name: format!("{name}/{}", matter + 1), content: message.body().to_string() }
        }
        (Some(name), None) => {
            let as_sent = NewReport::read(&Value::Object(sent.matters[matter].body.clone()), entry.received)?;
            Key { name: name.clone(), content: as_sent.content()? }
        }
        (None, _) if matter == 0 => Key { name: format!("inbox:{}", entry.id), content: entry.id.clone() },
        (None, _) => Key { name: format!("inbox:{}/{}", entry.id, matter + 1), content: entry.id.clone() },
    })
}
