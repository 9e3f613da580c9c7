//! The inbox of the desk: what was sent and is no report yet, with what was understood of it.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map as Object, Value};
use utoipa::ToSchema;

use super::actor::Caller;
use super::parse::Understood;
use super::problem::Wire;
use super::{App, Problem, inbox_areas, messages, query, remember};
use crate::error::{Error, Result, invalid};
use crate::hazard::layer::Time;
use crate::hazard::position::Position;
use crate::intake::inbound::{AsReport, Inbound, Missing};
use crate::intake::post::NewReport;
use crate::intake::text::Matter;
use crate::store::{InboxEntry, Kind, Waiting};

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
    /// Which of its matters waits, from 1: the first of those that do.
    matter: usize,
    /// The report that this would be, as far as that is known.
    report: Draft,
    /// The ids of the reports that other matters of it are already.
    made: Vec<String>,
    /// Ids of photos.
    photos: Vec<String>,
    /// What a report needs and this matter does not say.
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
            match inbox_areas::within(&app, sent.spots(sent.next()), caller.areas(), "it").await {
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

/// The entry of an id, ended or not.
pub async fn entry(app: &App, id: &str) -> Result<Option<InboxEntry>, Problem> {
    let (live, wanted) = (app.live()?.clone(), id.to_owned());
    let found = app.shared.turns.soon().await?.look(move || live.inbox().with(|inbox| inbox.get(&wanted)));
    Ok(found.await??)
}

/// An entry as it would be posted, as far as that is known.
pub struct AsSent {
    /// Each as a report; of what is a whole report the only one.
    pub matters: Vec<AsReport>,
    /// The numbers of those that are none yet, from 0.
    pub open: Vec<usize>,
    pub message: Option<Inbound>,
    pub understood: Option<Understood>,
}

impl AsSent {
    /// Wherever a matter may lie; nowhere, where it does not say.
    pub fn spots(&self, matter: usize) -> Vec<Position> {
        let body = self.matters.get(matter).map(|matter| Value::Object(matter.body.clone()));
        body.map_or_else(Vec::new, |body| NewReport::spots(&body))
    }

    /// The number of the matter that is looked at next.
    pub fn next(&self) -> usize {
        self.open.first().copied().unwrap_or(0)
    }

    /// What was understood of a matter; nothing of a whole report.
    pub fn matter(&self, number: usize) -> Option<&Matter> {
        self.understood.as_ref()?.reading.matters.get(number)
    }
}

/// Reads an entry, and what was understood of it.
pub async fn sent(app: &App, entry: &InboxEntry) -> Result<AsSent, Problem> {
    let body: Value = serde_json::from_str(&entry.body).map_err(|e| Error::Store(format!("an entry: {e}")))?;
    let (matters, message, understood) = match entry.kind {
        Kind::Report => {
            let report = NewReport::read(&body, entry.received).map_err(|_| Vec::new());
            let body = body.as_object().cloned().unwrap_or_default();
            (vec![AsReport { body, report }], None, None)
        }
        Kind::Message => {
            let message = Inbound::of(body)?;
            let (matters, understood) = messages::read(app, message.clone(), entry.received).await?;
            (matters, Some(message), Some(understood))
        }
    };
    let open = (0..matters.len()).filter(|matter| !entry.made.contains_key(matter)).collect();
    Ok(AsSent { matters, open, message, understood })
}

fn row(entry: InboxEntry, mut sent: AsSent) -> InboxRow {
    let next = sent.next();
    let position = sent.spots(next).first().copied();
    let nameable = sent.matter(next).and_then(remember::nameable);
    let AsReport { body, report } = sent.matters.swap_remove(next);
    let photos = body.get("photos").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    InboxRow {
        id: entry.id,
        received_at: Time(entry.received),
        kind: entry.kind.name(),
        held: entry.held,
        text: body.get("text").and_then(Value::as_str).map(str::to_owned),
        sender: sent.message.and_then(|message| message.sender),
        origin: entry.sender,
        photos: photos.iter().filter_map(|id| Some(id.as_str()?.to_owned())).collect(),
        matter: next + 1,
        report: Draft::of(&body, position),
        made: entry.made.into_values().collect(),
        missing: report.err().unwrap_or_default(),
        nameable,
        understood: sent.understood,
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
