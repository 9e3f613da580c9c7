//! Reports come in, and can be looked at one by one.

use std::num::NonZeroU64;
use std::ops::ControlFlow;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::actor::Caller;
use super::address::Address;
use super::body::Kind;
use super::layers::{GEO_JSON, json};
use super::messages::{self, Waits};
use super::one::Sought;
use super::openapi::ViewOf;
use super::pace::{Pace, Senders, What};
use super::problem::Wire;
use super::{App, Problem, batch, body, etag, one, photos, query, recent};
use crate::error::{Error, invalid};
use crate::hazard::layer::{self, Feature, Found, Lookup, ReportProperties, Whereabouts};
use crate::hazard::map::HazardMap;
use crate::intake::arrival::{Arrival, Door};
use crate::intake::post::{NewReport, PostedReport, random_id};
use crate::intake::{Draft, Key, Receipt, json as read_json};
use crate::store::{self, InboxEntry, Links, MadeOf};

/// The address of reports, with a slash at its end.
const REPORTS: &str = "/api/v1/reports/";

/// Where a report has come to.
#[derive(Serialize, ToSchema)]
pub struct Accepted {
    pub id: String,
    /// Its place in the log.
    seq: u64,
    pub incident_id: Option<layer::IncidentId>,
    #[schema(value_type = Option<String>)]
    pub hotspot_id: Option<Arc<str>>,
    /// It says more of this report, which its sender has sent before.
    merged: bool,
    /// Where its sender follows what becomes of it: a page, and below /api/v1 the same as JSON. Nobody can guess it.
    pub follow: String,
}

impl Accepted {
    /// Of a report that was taken before.
    pub fn known(map: &HazardMap, id: String, links: &Links) -> Accepted {
        let whereabouts = Whereabouts::of(map, &id);
        Accepted::new(Receipt { id, seq: 0, fresh: false, merged: false }, whereabouts, links)
    }

    /// Of a report that was taken.
    pub fn new(receipt: Receipt, whereabouts: Option<Whereabouts>, links: &Links) -> Accepted {
        let Receipt { id, seq, merged, .. } = receipt;
        let (incident_id, hotspot_id) = whereabouts.map_or((None, None), |s| (s.incident_id, s.hotspot_id));
        let follow = format!("/follow/{}", links.token(&id));
        Accepted { id, seq, incident_id, hotspot_id, merged, follow }
    }
}

const EXAMPLE_LINES: &str = concat!(
    r#"{"category": "waterlogging", "lon": -73.894, "lat": 40.774, "observed_at": "2024-06-30T20:05:00-04:00"}"#,
    "\n",
    r#"{"category": "manhole", "lon": -73.981, "lat": 40.7641, "observed_at": "2024-06-30T20:06:00-04:00"}"#,
);

/// Takes a report, or many, one a line.
///
/// 201: it is on disk and on every layer read next. An opinion makes no incident and is not published: both ids are null
/// and there is no Location, as for a retry of what has been retracted since. An `Idempotency-Key`, or channel and
/// `source.id`, makes a retry harmless: it gets the first answer. Of many (`application/x-ndjson`, at most 10,000 lines)
/// each is answered by a line of its own, with the status it would have got alone: a bad line stops no good one. Everybody
/// may; of whoever is logged in, or sends an API key, the log keeps a random number.
///
/// Where `positions` are sent, one decides: a pin (somebody set it; `lon` and `lat` beside them are one), then the device
/// if it knows to 100 m, the photo's EXIF, the place that the text names, and last the device that knows no better. Without
/// a pin, and with another more than 200 m away, the answer is 409 `/problems/positions-disagree` with the `candidates` and
/// their distances: ask which, and send it again with a pin. Without a pin, and more than 20 km from every place that is known
/// here (where there are none: 2° from where nearly all reports lie), as in the sea, it is 409 `/problems/position-far`: ask
/// whether it is there, and send it again with a pin. `photos` that are not here are answered with 422.
///
/// The same person on the same thing (whoever is logged in, or one `Device-Id`; the same category, at most 100 m and 10 minutes
/// apart, while its incident goes on) says more of his first report: 200 with that report's id and `merged`. Deeper water, worse
/// passability, words and photos are added to it, and it counts once.
///
/// Whoever sends too much (`data/senders.toml`; counted by account, API key, `Device-Id`, else address) is told to wait: 429
/// with Retry-After. Whoever goes on all the same, what he sends is taken at that pace, waits in the inbox for somebody to look
/// at it (202), and is lost in no case.
#[utoipa::path(post, path = "/api/v1/reports", tag = "reports",
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 200 characters, new for each report"),
        ("Device-Id" = Option<String>, Header, description = "16 to 64 letters, digits, - and _ that a phone or browser has \
            drawn at random: whose reports these are, for how many it may send")),
    request_body(content(
        (PostedReport = "application/json"),
        (String = "application/x-ndjson", example = json!(EXAMPLE_LINES)),
    )),
    responses((status = 201, body = Accepted, headers(("Location" = String, description = "The report"))),
        (status = 202, body = Waits, content_type = "application/json",
            description = "Its sender sends too much: it waits in the inbox for somebody to look at it"),
        (status = 200, content((String = "application/x-ndjson"), (Accepted = "application/json")),
            description = "Of many: an answer to each line: `line`, `status`, and what the report alone would have been \
                answered. Of one: it says more of a report that its sender has sent before (`merged`)"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 409, body = Wire, content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json"),
        (status = 422, body = Wire, content_type = "application/problem+json"),
        (status = 429, description = "Too many from one sender", body = Wire, content_type = "application/problem+json")))]
pub async fn submit(
    State(app): State<App>,
    caller: Caller,
    address: Address,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let key = idempotency_key(request.headers())?;
    let senders = Senders::of(&caller, &address, request.headers())?;
    app.expect_to_write()?;
    let _until_answered = app.shared.pictures.room_for_batch(request.headers()).await?;
    let (kind, body) = body::read(request).await?;
    let now = app.now();
    if kind == Kind::Ndjson {
        return batch::submit(&app, &body, key.as_deref(), &caller, &senders, now).await;
    }
    let pace = app.paces.count(&senders, What::Report, 1)?;
    let sent = read_json::parse(&body)?;
    let report = checked(&app, &sent).await?;
    if pace == Pace::Held {
        return held(&app, &sent, report, key, &caller, &senders).await;
    }
    let key = report.key(key.as_deref())?;
    let arrival = Arrival::of(Door::Report, now, sent);
    let (accepted, published) = take(&app, &senders, report, key, caller.person(), &arrival).await?;
    let status = if accepted.merged { StatusCode::OK } else { StatusCode::CREATED };
    let mut response = (status, Json(&accepted)).into_response();
    if published {
        let location = HeaderValue::try_from(format!("/api/v1/reports/{}", accepted.id));
        response.headers_mut().extend(location.ok().map(|location| (LOCATION, location)));
    }
    Ok(response)
}

/// Reads a report whose positions agree, are no slip, lie near the city, and whose photos are here.
///
/// # Errors
/// As [`of`]; 400 for a position with its axes swapped; 409 for one far from everything known that nobody has set by hand;
/// 422 for a photo that is not here.
pub async fn checked(app: &App, body: &Value) -> Result<NewReport, Problem> {
    let report = of(body, app.now())?;
    app.expect_plausible(report.position()).await?;
    app.expect_near(&report).await?;
    let unknown = photos::unknown(app, report.photos().to_vec()).await?;
    photos::expect_known(report.photos(), &unknown)?;
    Ok(report)
}

/// Takes a report, as one of its own or as what it says more of another; the answer, and whether it can be looked at.
pub async fn take(
    app: &App,
    senders: &Senders,
    report: NewReport,
    key: Option<Key>,
    person: Option<NonZeroU64>,
    arrival: &Arrival,
) -> Result<(Accepted, bool), Problem> {
    let live = app.live()?;
    let what = (report.category(), report.position(), report.observed_at());
    let like = app.recent.like(senders, &report);
    let may_be_more = !like.is_empty() || recent::is_looked_up(senders, &report);
    let first = if may_be_more { first_that_goes_on(app, senders, like, what).await? } else { None };
    let draft = match first {
        Some(first) => report.addition_to(first, key, app.now()),
        None => report.draft_as(random_id()?, key, app.now())?.by(person).from_device(senders.device(live)),
    };
    let draft = draft.arrived(arrival)?;
    let (accepted, published) = keep(app, draft).await?;
    if !accepted.merged {
        app.recent.note(senders, &accepted.id, what);
    }
    Ok((accepted, published))
}

/// As [`take`], as a report of its own, whatever else its sender has sent.
pub async fn take_alone(
    app: &App,
    report: NewReport,
    key: Option<Key>,
    person: Option<NonZeroU64>,
) -> Result<(Accepted, bool), Problem> {
    let draft = report.draft_as(random_id()?, key, app.now())?.by(person);
    keep(app, draft).await
}

/// Takes what was made ready: the answer, and whether it can be looked at.
///
/// # Errors
/// As [`App::to_write`] and [`crate::live::Live::submit`].
pub async fn keep(app: &App, draft: Draft) -> Result<(Accepted, bool), Problem> {
    let look = |map: &HazardMap, receipt: Receipt| (Whereabouts::of(map, &receipt.id), receipt);
    let live = app.to_write()?;
    let (whereabouts, receipt) = live.submit_and_look(draft, look).await?;
    let published = whereabouts.is_some();
    Ok((Accepted::new(receipt, whereabouts, live.links()), published))
}

/// The first of some reports, else of those that the files know of their sender, that can be said more of.
async fn first_that_goes_on(
    app: &App,
    senders: &Senders,
    reports: Vec<String>,
    what: recent::What,
) -> Result<Option<String>, Problem> {
    let live = app.live()?;
    let kept = match senders.device(live).filter(|_| reports.is_empty()) {
        Some(device) => {
            let (live, now) = (live.clone(), app.now());
            app.shared.turns.soon().await?.look(move || live.reports_of_device(&device, now)).await??
        }
        None => Vec::new(),
    };
    let senders = senders.clone();
    let find = move |map: &HazardMap| {
        let heard = reports.into_iter().find(|id| recent::goes_on(map, id));
        let kept = || kept.into_iter().find(|id| recent::is_like(map, id, what) && recent::goes_on(map, id));
        let in_log = || recent::in_log(map, &senders, what).into_iter().find(|id| recent::goes_on(map, id));
        heard.or_else(kept).or_else(in_log)
    };
    app.read_written(find).await
}

/// Puts a whole report into the inbox: its sender sends too much.
pub async fn held(
    app: &App,
    body: &Value,
    report: NewReport,
    key: Option<String>,
    caller: &Caller,
    senders: &Senders,
) -> Result<Response, Problem> {
    let body = serde_json::to_string(body).map_err(|e| Error::Store(format!("a report: {e}")))?;
    let key = report.key(key.as_deref())?;
    let entry = InboxEntry {
        id: random_id()?,
        received: app.now(),
        kind: store::Kind::Report,
        held: true,
        body: body.clone(),
        key: key.map(|key| key.name),
        person: caller.person(),
        sender: senders.origin(app.live()?),
        made: MadeOf::new(),
        ended: None,
    };
    let entry = messages::keep(app, entry, body, report.photos().to_vec()).await?;
    Ok((StatusCode::ACCEPTED, Json(Waits::of(app, &entry, Vec::new())?)).into_response())
}

/// The report that a body is, whose positions agree.
///
/// # Errors
/// 400 with the first field that is wrong; 409 with the positions, where it has to be asked which one is meant.
pub fn of(body: &Value, now: i64) -> Result<NewReport, Problem> {
    let report = NewReport::read(body, now)?;
    report.in_doubt().map_or(Ok(report), |candidates| Err(Problem::positions_disagree(candidates)))
}

/// The sender's own key for retries.
pub fn idempotency_key(request: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = request.get("idempotency-key") else { return Ok(None) };
    let shown = || String::from_utf8_lossy(key.as_bytes()).into_owned();
    Ok(Some(key.to_str().map_err(|_| invalid("Idempotency-Key", shown(), "not plain ASCII"))?.to_owned()))
}

fn no_report(id: &str) -> Problem {
    Problem::not_found(format!("no report {id:?}"))
}

/// A report as it is published: no text, no photo, no person. Of one that was corrected the answer leads to what corrects it.
#[utoipa::path(get, path = "/api/v1/reports/{id}", tag = "reports",
    params(("id" = String, Path, example = "nyc_311:59897320"), ViewOf),
    responses((status = 200, body = Feature<ReportProperties>, content_type = "application/geo+json"),
        (status = 308, description = "It was corrected: the report at Location stands in its place",
            headers(("Location" = String, description = "That report"))),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json")))]
pub async fn report(
    State(app): State<App>,
    Path(id): Path<String>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let asked = query::view(&uri, app.rule())?;
    let sought = id.clone();
    let found = app.glance(asked.clone(), move |map| {
        let i = map.reports().find(&id).ok_or_else(|| Problem::not_found(format!("no report {id:?}")))?;
        let row = &map.reports().rows()[i];
        if row.category.is_alone() {
            return Err(Problem::not_found(format!("report {id:?} is an opinion, which is not published")));
        }
        match layer::report_index(map, &id) {
            Found::Nowhere => Err(Problem::not_found(format!("report {id:?} was retracted"))),
            found => Ok((map.position(), found.map(|i| layer::report(&mut Lookup::new(map), i)))),
        }
    });
    let (position, found) = found.await??;
    let sought = Sought { at: REPORTS, id: &sought, below: "", nowhere: no_report };
    let feature = match sought.here(found, &uri) {
        ControlFlow::Continue(feature) => feature,
        ControlFlow::Break(elsewhere) => return elsewhere,
    };
    let tag = etag::asked(&app, &asked, position);
    let write = || Ok((etag::headers(tag.clone()), [(CONTENT_TYPE, GEO_JSON)], json(&feature)?).into_response());
    one::answer(&request, &tag, false, write)
}
