//! Reports come in, and can be looked at one by one.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::HttpBody;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::timeout;

use super::layers::{GEO_JSON, json};
use super::{App, Problem, etag, query};
use crate::error::invalid;
use crate::hazard::layer::{self, Lookup};
use crate::hazard::map::HazardMap;
use crate::intake::Receipt;
use crate::intake::post::NewReport;

/// A body comes within this time.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// Bytes of a body.
const LARGEST_BODY: usize = 1_000_000;
/// So much is read of a body that is too large: most senders hear an answer only when they have sent all.
const LARGEST_READ: usize = 8_000_000;

#[derive(Serialize)]
struct Accepted {
    id: String,
    seq: u64,
    incident_id: Option<layer::IncidentId>,
    hotspot_id: Option<Arc<str>>,
}

/// 201 with the report's place on the map. An opinion makes no incident and is not published: both ids are null and
/// there is no Location, as for a retry of what has been retracted since.
pub async fn submit(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let live = app.live()?;
    let key = idempotency_key(request.headers())?;
    let body = timeout(BODY_WITHIN, read_json(request)).await.map_err(|_| too_slow())??;
    let now = app.now();
    let draft = NewReport::parse(&body, now)?.draft(key.as_deref(), now)?;
    let receipt = live.submit(draft).await?;
    let (accepted, published) = app.read_written(|map| accepted(map, receipt)).await?;
    let mut response = (StatusCode::CREATED, Json(&accepted)).into_response();
    if published {
        let location = HeaderValue::try_from(format!("/api/v1/reports/{}", accepted.id));
        response.headers_mut().extend(location.ok().map(|location| (LOCATION, location)));
    }
    Ok(response)
}

/// The answer, and whether the report can be looked at.
fn accepted(map: &HazardMap, receipt: Receipt) -> (Accepted, bool) {
    let Receipt { id, seq, .. } = receipt;
    let published = |&i: &usize| {
        let row = &map.reports().rows()[i];
        !row.hidden && !row.category.is_alone()
    };
    let properties =
        map.reports().find(&id).filter(published).map(|i| layer::report(&mut Lookup::new(map), i).properties);
    let published = properties.is_some();
    let (incident_id, hotspot_id) = properties.map_or((None, None), |p| (p.incident_id, p.hotspot_id));
    (Accepted { id, seq, incident_id, hotspot_id }, published)
}

fn idempotency_key(request: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = request.get("idempotency-key") else { return Ok(None) };
    let shown = || String::from_utf8_lossy(key.as_bytes()).into_owned();
    Ok(Some(key.to_str().map_err(|_| invalid("Idempotency-Key", shown(), "not plain ASCII"))?.to_owned()))
}

/// The body, if it calls itself JSON and is no larger than is taken.
async fn read_json(request: Request) -> Result<Vec<u8>, Problem> {
    announced(request.headers())?;
    let mut body = request.into_body();
    let (mut taken, mut bytes) = (Vec::new(), 0);
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the body broke off"))?;
        let Some(data) = frame.data_ref() else { continue };
        bytes += data.len();
        if bytes <= LARGEST_BODY {
            taken.extend_from_slice(data);
        } else if bytes > LARGEST_READ {
            break;
        }
    }
    if bytes > LARGEST_BODY { Err(too_large()) } else { Ok(taken) }
}

/// Do its headers speak of a body that can be taken?
fn announced(request: &HeaderMap) -> Result<(), Problem> {
    let header = |name| request.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    let kind = header(CONTENT_TYPE).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = format!("Content-Type is {kind:?}; a report is sent as application/json");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    if let Some(coding) = header(CONTENT_ENCODING).filter(|coding| !coding.eq_ignore_ascii_case("identity")) {
        let detail = format!("Content-Encoding is {coding:?}; a report is sent as it is");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let length = header(CONTENT_LENGTH).and_then(|n| n.parse::<usize>().ok());
    if length.is_some_and(|n| n > LARGEST_READ) { Err(too_large()) } else { Ok(()) }
}

fn too_slow() -> Problem {
    let detail = format!("the body did not come within {} s", BODY_WITHIN.as_secs());
    Problem::new(StatusCode::REQUEST_TIMEOUT, detail)
}

fn too_large() -> Problem {
    let detail = format!("a body of more than {LARGEST_BODY} bytes; send one report at a time");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

pub async fn report(
    State(app): State<App>,
    Path(id): Path<String>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    query::none(&uri)?;
    let found = app.read(move |map| {
        let i = map.reports().find(&id).ok_or_else(|| Problem::not_found(format!("no report {id:?}")))?;
        let row = &map.reports().rows()[i];
        if row.hidden {
            return Err(Problem::not_found(format!("report {id:?} was retracted")));
        }
        if row.category.is_alone() {
            return Err(Problem::not_found(format!("report {id:?} is an opinion, which is not published")));
        }
        Ok((map.position(), layer::report(&mut Lookup::new(map), i)))
    });
    let (position, feature) = found.await??;
    let tag = etag::tag(&app, position);
    if let Some(same) = etag::not_modified(&request, &tag) {
        return Ok(same);
    }
    Ok((etag::headers(tag), [(CONTENT_TYPE, GEO_JSON)], json(&feature)?).into_response())
}
