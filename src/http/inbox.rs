//! The inbox of the desk: what was sent and is no report yet, with what was understood of it.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map as Object, Value};
use utoipa::ToSchema;

use super::actor::{Caller, Known, SAID_NOTHING};
use super::parse::Understood;
use super::problem::Wire;
use super::reports::{self, Accepted};
use super::session::UNKEPT;
use super::{App, Problem, body, inbox_areas, messages, query, remember};
use crate::config::Clock;
use crate::error::{Error, Result, invalid};
use crate::hazard::layer::Time;
use crate::hazard::position::Position;
use crate::intake::Key;
use crate::intake::answer::{self, Answer, PostedAnswer, PostedDismissal};
use crate::intake::arrival::{Arrival, Door};
use crate::intake::inbound::{Inbound, Missing};
use crate::intake::post::NewReport;
use crate::store::{Ended, InboxEntry, Kind, Waiting};

/// A page, where nothing is said of it, and the longest.
const LIMIT: usize = 100;
const LARGEST_LIMIT: usize = 500;
/// Entries that are looked at for one page, where those in other areas are passed over.
const MOST_LOOKED_AT: usize = 2_000;

/// What waits for somebody to look at it.
#[derive(Serialize, ToSchema)]
pub struct InboxPage {
    /// The time of the service.
    now: Time,
    /// How many entries wait in all, in whatever area.
    open: usize,
    /// How many more, of senders who send too much.
    held: usize,
    /// The oldest first.
    rows: Vec<InboxRow>,
    /// Where there are more, or may be: what the next request gives as `after`.
    next: Option<String>,
}

/// One entry.
#[derive(Serialize, ToSchema)]
pub struct InboxRow {
    id: String,
    received_at: Time,
    /// `message`: words, of which a report has to be made; `report`: a whole one that is held.
    kind: &'static str,
    held: bool,
    text: Option<String>,
    /// As he wants to be seen.
    sender: Option<String>,
    /// Stands for the phone or address that it came from: the same for the same.
    origin: Option<String>,
    /// The report that it would be, as far as that is known.
    report: Draft,
    /// Ids of photos.
    photos: Vec<String>,
    /// What a report needs and it does not say.
    missing: Vec<Missing>,
    /// Each matter, the words that its values came from, and what to ask back; null for a whole report.
    understood: Option<Understood>,
    /// A name in it that no place has here, and that may be remembered.
    nameable: Option<String>,
}

/// What is known of the report that an entry would be.
#[derive(Serialize, ToSchema)]
#[schema(as = DraftOfReport)]
pub struct Draft {
    category: Option<String>,
    /// WGS 84 degrees.
    lon: Option<f64>,
    lat: Option<f64>,
    observed_at: Option<String>,
    place: Option<String>,
    depth_cm: Option<f64>,
    passability: Option<String>,
    dry: Option<bool>,
}

impl Draft {
    fn of(report: &Object<String, Value>, position: Option<Position>) -> Draft {
        let text = |name: &str| report.get(name).and_then(Value::as_str).map(str::to_owned);
        Draft {
            category: text("category"),
            lon: position.map(|at| at.lon()),
            lat: position.map(|at| at.lat()),
            observed_at: text("observed_at"),
            place: text("place"),
            depth_cm: report.get("depth_cm").and_then(Value::as_f64),
            passability: text("passability"),
            dry: report.get("dry").and_then(Value::as_bool),
        }
    }
}

/// What was sent and is no report yet, the oldest first: messages that do not say what or where, each with what was understood
/// and what to ask back; with `held=true`, what came from senders who send too much. An entry has the id that its report will
/// have. Whoever's rights are bounded to areas is given what may lie in one of them, and what does not say where it lies; a page
/// can then be shorter than `limit` with more to come.
#[utoipa::path(get, path = "/api/v1/inbox", tag = "inbox",
    params(("held" = Option<bool>, Query, description = "Those of senders who send too much, instead of the others", example = true),
        ("limit" = Option<usize>, Query, description = "Entries on a page, 1 to 500; default: 100", example = 10),
        ("after" = Option<String>, Query, description = "`next` of the page before", example = "1719803000.0123456789abc")),
    responses((status = 200, body = InboxPage, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn list(State(app): State<App>, caller: Caller, uri: Uri) -> Result<Response, Problem> {
    let Asked { held, limit, mut after } = asked(&uri)?;
    let (mut rows, mut looked_at) = (Vec::new(), 0);
    let (waiting, more) = loop {
        let wanted = limit - rows.len();
        let (waiting, mut entries) = after_one(&app, held, after.clone(), wanted + 1).await?;
        let more = entries.len() > wanted;
        entries.truncate(wanted);
        looked_at += entries.len();
        for entry in entries {
            after = Some((entry.received, entry.id.clone()));
            let sent = sent(&app, &entry).await?;
            match inbox_areas::within(&app, sent.spots(), caller.areas(), "it").await {
                Ok(()) => rows.push(row(entry, sent)),
                Err(refused) if refused.is(StatusCode::FORBIDDEN) => {}
                Err(failed) => return Err(failed),
            }
        }
        if !more || rows.len() == limit || looked_at >= MOST_LOOKED_AT {
            break (waiting, more);
        }
    };
    let next = after.filter(|_| more).map(|(received, id)| format!("{received}.{id}"));
    let page = InboxPage { now: Time(app.now()), open: waiting.open, held: waiting.held, rows, next };
    Ok(([(CACHE_CONTROL, "no-store")], Json(page)).into_response())
}

/// How many wait, and those that come after one of them (its time and id), at most `limit`.
async fn after_one(
    app: &App,
    held: bool,
    after: Option<(i64, String)>,
    limit: usize,
) -> Result<(Waiting, Vec<InboxEntry>), Problem> {
    let live = app.live()?.clone();
    let find = move || {
        live.inbox().with(|inbox| {
            let after = after.as_ref().map(|(received, id)| (*received, id.as_str()));
            Ok((inbox.count()?, inbox.waiting(held, after, limit)?))
        })
    };
    Ok(app.shared.turns.soon().await?.look(find).await??)
}

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
    let (accepted, _) = reports::keep(&app, draft).await?;
    ended(&app, &known, &entry.id, Ended::Report(accepted.id.clone())).await?;
    Ok((StatusCode::CREATED, Json(accepted)).into_response())
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
    let entry = waiting(&app, &id).await?;
    let spots = sent(&app, &entry).await?.spots();
    inbox_areas::decides(&app, &known, &entry.id, spots, "what waits").await?;
    let reason = note.map_or_else(|| reason.name().to_owned(), |note| format!("{}: {note}", reason.name()));
    if !ended(&app, &known, &entry.id, Ended::Dismissed(reason)).await? {
        return Err(Error::Conflict("somebody was faster: it waits no more".into()).into());
    }
    Ok((StatusCode::NO_CONTENT, UNKEPT).into_response())
}

fn somebody(caller: Caller) -> Result<std::sync::Arc<Known>, Problem> {
    match caller {
        Caller::Known(known) => Ok(known),
        Caller::Nobody(_) => Err(Problem::new(StatusCode::UNAUTHORIZED, SAID_NOTHING)),
    }
}

/// The entry of an id, ended or not.
pub async fn entry(app: &App, id: &str) -> Result<Option<InboxEntry>, Problem> {
    let (live, wanted) = (app.live()?.clone(), id.to_owned());
    let found = app.shared.turns.soon().await?.look(move || live.inbox().with(|inbox| inbox.get(&wanted)));
    Ok(found.await??)
}

/// The entry, while it waits.
async fn waiting(app: &App, id: &str) -> Result<InboxEntry, Problem> {
    let found = entry(app, id).await?;
    let entry = found.ok_or_else(|| Problem::not_found("there is no such entry, or it was erased"))?;
    match &entry.ended {
        None => Ok(entry),
        Some(Ended::Report(report)) => Err(Error::Conflict(format!("it is report {report} already")).into()),
        Some(Ended::Dismissed(_)) => Err(Error::Conflict("it was dismissed already".into()).into()),
    }
}

/// Notes what became of an entry, and who decided; false where somebody was faster.
async fn ended(app: &App, known: &std::sync::Arc<Known>, id: &str, end: Ended) -> Result<bool, Problem> {
    let (live, id, now) = (app.live()?.clone(), id.to_owned(), app.now());
    let (known, what) = (known.clone(), if matches!(end, Ended::Report(_)) { "inbox_report" } else { "inbox_dismiss" });
    let work = move || -> Result<bool> {
        let done = live.inbox().with(|inbox| inbox.end(&id, &end, now))?;
        if done {
            live.people().audit(known.by(), what, Some(&id), Clock::system().now())?;
        }
        Ok(done)
    };
    Ok(app.shared.turns.sometime().await?.look(work).await??)
}

/// An entry as it would be posted as a report, as far as that is known.
pub struct AsSent {
    report: Object<String, Value>,
    missing: Vec<Missing>,
    message: Option<Inbound>,
    understood: Option<Understood>,
}

impl AsSent {
    /// Wherever it may lie; nowhere, where it does not say.
    pub fn spots(&self) -> Vec<Position> {
        NewReport::spots(&Value::Object(self.report.clone()))
    }
}

/// Reads an entry, and what was understood of it.
pub async fn sent(app: &App, entry: &InboxEntry) -> Result<AsSent, Problem> {
    let body: Value = serde_json::from_str(&entry.body).map_err(|e| Error::Store(format!("an entry: {e}")))?;
    if entry.kind == Kind::Report {
        let report = body.as_object().cloned().unwrap_or_default();
        return Ok(AsSent { report, missing: Vec::new(), message: None, understood: None });
    }
    let message = Inbound::of(body)?;
    let (complete, understood) = messages::read(app, message.clone(), entry.received).await?;
    let matter = understood.reading.matters.first().cloned().unwrap_or_default();
    let (live, photos) = (app.live()?.clone(), message.photos.clone());
    let exif = app.shared.turns.soon().await?.look(move || live.photos().taken_at(&photos)).await??;
    let report = message.report(&matter, 0, |i, matter| understood.spot(i, matter), &exif, entry.received);
    Ok(AsSent {
        report,
        missing: complete.err().unwrap_or_default(),
        message: Some(message),
        understood: Some(understood),
    })
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

fn row(entry: InboxEntry, sent: AsSent) -> InboxRow {
    let position = sent.spots().first().copied();
    let AsSent { report, missing, message, understood } = sent;
    let photos = report.get("photos").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    InboxRow {
        id: entry.id,
        received_at: Time(entry.received),
        kind: entry.kind.name(),
        held: entry.held,
        text: report.get("text").and_then(Value::as_str).map(str::to_owned),
        sender: message.and_then(|message| message.sender),
        origin: entry.sender,
        photos: photos.iter().filter_map(|id| Some(id.as_str()?.to_owned())).collect(),
        report: Draft::of(&report, position),
        missing,
        nameable: understood.as_ref().and_then(|understood| remember::nameable(&understood.reading)),
        understood,
    }
}

struct Asked {
    held: bool,
    limit: usize,
    after: Option<(i64, String)>,
}

fn asked(uri: &Uri) -> Result<Asked> {
    let mut asked = Asked { held: false, limit: LIMIT, after: None };
    for (name, value) in query::pairs(uri)? {
        match name.as_str() {
            "held" => asked.held = value.parse().map_err(|_| invalid("held", &value, "neither true nor false"))?,
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
                let reason = format!("not a whole number from 1 to {LARGEST_LIMIT}");
                asked.limit = limit.ok_or_else(|| invalid("limit", &value, reason))?;
            }
            "after" => {
                let after = value.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
                asked.after = Some(after.ok_or_else(|| invalid("after", &value, "not the `next` of an inbox"))?);
            }
            _ => return Err(invalid(name, value, "unknown query parameter; known are held, limit, after")),
        }
    }
    Ok(asked)
}
