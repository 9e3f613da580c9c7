//! Messages come in: each becomes a report, or waits in the inbox for somebody to look at it. None is refused for what it does
//! not say.

use std::num::NonZeroU64;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Caller;
use super::address::Address;
use super::pace::{Pace, Senders, What};
use super::parse::Understood;
use super::problem::Wire;
use super::reports::{self, Accepted, idempotency_key};
use super::{App, Map, Problem, body, photos, query};
use crate::error::Result;
use crate::hazard::time;
use crate::intake::Key;
use crate::intake::arrival::{Arrival, Door};
use crate::intake::inbound::{self, AsReport, Inbound, Missing, PostedInbound};
use crate::intake::post::{NewReport, own_key, random_id};
use crate::intake::text::{Matter, Reading, Sent};
use crate::store::{Ended, InboxEntry, Kind, MadeOf};

/// What became of a message.
#[derive(Serialize, ToSchema)]
pub struct MessageTaken {
    /// The reports that it is; while it waits those that matters of it are by now.
    reports: Vec<Accepted>,
    /// Null where all of it is a report already.
    inbox: Option<Waits>,
    understood: Understood,
}

/// What was sent waits for somebody to look at it.
#[derive(Serialize, ToSchema)]
pub struct Waits {
    id: String,
    /// Where its sender follows what becomes of it: the same link when it is a report.
    follow: String,
    /// Its sender sends too much: it is looked at before it counts.
    held: bool,
    /// What it does not say.
    missing: Vec<Missing>,
}

impl Waits {
    pub fn of(app: &App, entry: &InboxEntry, missing: Vec<Missing>) -> Result<Waits, Problem> {
        let follow = format!("/follow/{}", app.live()?.links().token(&entry.id));
        Ok(Waits { id: entry.id.clone(), follow, held: entry.held, missing })
    }
}

/// Takes a message as one would write it in a chat group.
///
/// 201: it says what and where, and is a report by now; of several matters each is one. 202: it waits in the inbox of the desk
/// with what was understood of it, and is a report when somebody has added the rest; `follow` stays the same. An
/// `Idempotency-Key`, or channel and `source.id`, makes a retry harmless. Whoever sends too much is told to wait (429 with
/// Retry-After); whoever goes on all the same, what he sends waits in the inbox, `held`.
#[utoipa::path(post, path = "/api/v1/messages", tag = "reports",
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 200 characters, new for each message"),
        ("Device-Id" = Option<String>, Header, description = "16 to 64 letters, digits, - and _ that a phone or browser has \
            drawn at random: whose messages these are, for how many it may send")),
    request_body(content((PostedInbound = "application/json"))),
    responses((status = 201, body = MessageTaken, content_type = "application/json"),
        (status = 202, body = MessageTaken, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 409, body = Wire, content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json"),
        (status = 422, body = Wire, content_type = "application/problem+json"),
        (status = 429, description = "Too many from one sender", body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn take(
    State(app): State<App>,
    caller: Caller,
    address: Address,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let key = idempotency_key(request.headers())?;
    let senders = Senders::of(&caller, &address, request.headers())?;
    let message = Inbound::parse(&body::message(request).await?)?;
    let pace = app.paces.count(&senders, What::Report, 1)?;
    let unknown = photos::unknown(&app, message.photos.clone()).await?;
    photos::expect_known(&message.photos, &unknown)?;
    let now = app.now();
    let key = match key.or_else(|| message.source_key()) {
        Some(key) => Some(own_key("message", &key)?),
        None => None,
    };
    let (matters, understood) = read(&app, message.clone(), now).await?;
    let complete =
        inbound::all(matters).and_then(|reports| if pace == Pace::Taken { Ok(reports) } else { Err(Vec::new()) });
    let (status, reports, inbox) = match complete {
        Ok(reports) => {
            let by = (key.as_deref(), caller.person());
            (StatusCode::CREATED, taken(&app, &senders, reports, (&message, &understood.reading), by).await?, None)
        }
        Err(missing) => {
            let origin = senders.origin(app.live()?);
            let entry = InboxEntry {
                id: random_id()?,
                received: now,
                kind: Kind::Message,
                held: pace == Pace::Held,
                body: message.body().to_string(),
                key,
                person: caller.person(),
                sender: origin,
                made: MadeOf::new(),
                ended: None,
            };
            let kept = keep(&app, entry, message.body().to_string(), message.photos).await?;
            let made = again(&app, &kept).await?;
            match kept.ended {
                // A retry of what somebody has looked at meanwhile.
                Some(Ended::Report(_)) => (StatusCode::CREATED, made, None),
                _ => (StatusCode::ACCEPTED, made, Some(Waits::of(&app, &kept, missing)?)),
            }
        }
    };
    Ok((status, Json(MessageTaken { reports, inbox, understood })).into_response())
}

/// What a message says, and of each matter whether that is all that a report needs.
pub async fn read(app: &App, message: Inbound, now: i64) -> Result<(Vec<AsReport>, Understood), Problem> {
    let (live, shared) = (app.live()?.clone(), app.shared.clone());
    let work = move |map: &Map| -> Result<_, Problem> {
        let sent = message.sent.clone().map_or_else(|| Sent::new(Some(&time::format(now)), None), Ok)?;
        let understood = shared.reader.of(map).read(map, &message.text, &sent, now);
        let exif = live.photos().taken_at(&message.photos)?;
        let spot = |number, matter: &Matter| understood.spot(number, matter);
        let others = map.read(|map| shared.home.of(map));
        let mut matters = message.each(&understood.reading, spot, &exif, now);
        // A position with its axes swapped, 0,0, or in the sea: somebody asks.
        let slip = |report: &NewReport| {
            let at = report.position();
            let far = || report.unpinned().and_then(|_| shared.far_off(&live, &others, at));
            others.expect(at).is_err() || far().is_some()
        };
        for matter in &mut matters {
            if matter.report.as_ref().is_ok_and(slip) {
                matter.report = Err(vec![Missing::Sense]);
            }
        }
        Ok((matters, understood))
    };
    app.aside(Default::default(), work).await?
}

/// Takes the reports of a message; a retry repeats the message, however it is understood by then.
async fn taken(
    app: &App,
    senders: &Senders,
    reports: Vec<NewReport>,
    (message, reading): (&Inbound, &Reading),
    (key, person): (Option<&str>, Option<NonZeroU64>),
) -> Result<Vec<Accepted>, Problem> {
    let mut taken = Vec::with_capacity(reports.len());
    for (i, report) in reports.into_iter().enumerate() {
        let key = key.map(|key| Key { name: format!("{key}/{}", i + 1), content: message.body().to_string() });
        let arrival = Arrival::of(Door::Message, app.now(), message.body().clone()).understood(Some(reading), i)?;
        taken.push(reports::take(app, senders, report, key, person, &arrival).await?.0);
    }
    Ok(taken)
}

/// The reports that an entry has become so far, for a retry of it.
async fn again(app: &App, entry: &InboxEntry) -> Result<Vec<Accepted>, Problem> {
    let mut ids: Vec<String> = entry.made.values().cloned().collect();
    // Of an earlier program: of several matters the first.
    let only = entry.report().filter(|_| ids.is_empty()).map(str::to_owned);
    ids.extend(only);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let links = app.live()?.links().clone();
    app.read_written(move |map| ids.into_iter().map(|id| Accepted::known(map, id, &links)).collect()).await
}

/// Keeps an entry, durably; a retry gets the first one.
pub async fn keep(app: &App, entry: InboxEntry, content: String, photos: Vec<String>) -> Result<InboxEntry, Problem> {
    let live = app.live()?.clone();
    let now = entry.received;
    let put = move || live.inbox().with(|inbox| inbox.put(entry, &content, &photos, now));
    Ok(app.shared.turns.sometime().await?.look(put).await??)
}
