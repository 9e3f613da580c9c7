//! Bodies of requests: of a kind that is taken, whole, in time, and no larger than is taken.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use tokio::time::timeout;

use super::layers::GEO_JSON;
use super::{Problem, turns};
use crate::intake::photo::LARGEST_FILE;

/// A body comes within this time; a photo, from a phone in the rain, within the other.
const BODY_WITHIN: Duration = Duration::from_secs(10);
const PHOTO_WITHIN: Duration = Duration::from_secs(120);
/// So much more than is taken is read of a body that is too large: most senders hear an answer only when they have sent
/// all.
const READ_BEYOND: usize = 7_000_000;

/// What changes of a resource in JSON (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// The kinds of body that reports come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One report.
    Json,
    /// One report a line.
    Ndjson,
    /// A rainfall series.
    Series,
    /// A step of the workflow.
    Step,
    /// An account, or what somebody logs in with.
    Account,
    /// A message that wants to be read.
    Message,
    /// A photo.
    Photo,
    /// A form, without files.
    Form,
    /// A form with files: photos.
    Upload,
}

impl Kind {
    /// Bytes of a body.
    fn largest(self) -> usize {
        match self {
            Kind::Json | Kind::Series | Kind::Step | Kind::Form => 1_000_000,
            Kind::Ndjson => 10_000_000,
            Kind::Account => 300_000,
            Kind::Message => 100_000,
            Kind::Photo => LARGEST_FILE,
            Kind::Upload => LARGEST_FILE + 1_000_000,
        }
    }

    /// A body comes within this time.
    fn within(self) -> Duration {
        if matches!(self, Kind::Photo | Kind::Upload) { PHOTO_WITHIN } else { BODY_WITHIN }
    }

    /// The kind that a request says its body is.
    fn of(request: &HeaderMap) -> Result<Kind, Problem> {
        let (kind, essence) = content_type(request);
        match essence.as_str() {
            "application/json" => Ok(Kind::Json),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Ok(Kind::Ndjson),
            _ => Err(unsupported(kind, "a report is sent as application/json, many as application/x-ndjson")),
        }
    }
}

/// Reads the body of a request: one report, or many.
///
/// # Errors
/// 408, 413 or 415, and 400 for one that breaks off.
pub async fn read(request: Request) -> Result<(Kind, Vec<u8>), Problem> {
    let kind = Kind::of(request.headers());
    taken(request, kind).await
}

/// Reads the body of a request: a report as a GeoJSON feature (RFC 7946).
///
/// # Errors
/// As [`read`].
pub async fn feature(request: Request) -> Result<Vec<u8>, Problem> {
    of_type(request, Kind::Json, "a feature", GEO_JSON).await
}

/// Reads the body of a request: what changes of a report (RFC 7396).
///
/// # Errors
/// As [`read`].
pub async fn merge_patch(request: Request) -> Result<Vec<u8>, Problem> {
    of_type(request, Kind::Json, "what changes", MERGE_PATCH).await
}

/// Reads the body of a request: a rainfall series.
///
/// # Errors
/// As [`read`].
pub async fn series(request: Request) -> Result<Vec<u8>, Problem> {
    json(request, Kind::Series, "a series").await
}

/// Reads the body of a request: a step of the workflow.
///
/// # Errors
/// As [`read`].
pub async fn step(request: Request) -> Result<Vec<u8>, Problem> {
    json(request, Kind::Step, "a step").await
}

/// Reads the body of a request: an account, or what somebody logs in with.
///
/// # Errors
/// As [`read`].
pub async fn account(request: Request) -> Result<Vec<u8>, Problem> {
    json(request, Kind::Account, "this").await
}

/// Reads the body of a request: a message.
///
/// # Errors
/// As [`read`].
pub async fn message(request: Request) -> Result<Vec<u8>, Problem> {
    json(request, Kind::Message, "a message").await
}

/// Reads the body of a request: a photo. What kind it is its bytes say, and not the sender.
///
/// # Errors
/// As [`read`].
pub async fn photo(request: Request) -> Result<Vec<u8>, Problem> {
    let kind = match content_type(request.headers()) {
        (_, essence) if essence.starts_with("image/") || essence == "application/octet-stream" => Ok(Kind::Photo),
        (kind, _) => Err(unsupported(kind, "a photo is sent as it is, as image/jpeg, image/png or image/webp")),
    };
    taken(request, kind).await.map(|(_, body)| body)
}

/// Reads the body of a request: a service request as JSON, as a form, or as a form with files; which of these it is.
///
/// # Errors
/// As [`read`].
pub async fn form(request: Request) -> Result<(Kind, Vec<u8>), Problem> {
    let kind = match content_type(request.headers()) {
        (_, essence) if essence == "application/json" => Ok(Kind::Json),
        // Many programs send a form and do not say so.
        (_, essence) if essence.is_empty() || essence == "application/x-www-form-urlencoded" => Ok(Kind::Form),
        (_, essence) if essence == "multipart/form-data" => Ok(Kind::Upload),
        (kind, _) => Err(unsupported(
            kind,
            "a service request is sent as application/x-www-form-urlencoded, or as multipart/form-data with photos",
        )),
    };
    taken(request, kind).await
}

/// Bytes of memory that the body of a photo may take: what is announced, or the most that is taken.
pub fn photo_bytes(request: &HeaderMap) -> usize {
    announced_bytes(request).unwrap_or(LARGEST_FILE).min(LARGEST_FILE)
}

/// The same of many reports, one a line; nothing where that is not what the request says it is.
pub fn batch_bytes(request: &HeaderMap) -> Option<usize> {
    let most = Kind::Ndjson.largest();
    matches!(Kind::of(request), Ok(Kind::Ndjson)).then(|| announced_bytes(request).unwrap_or(most).min(most))
}

async fn json(request: Request, wanted: Kind, what: &str) -> Result<Vec<u8>, Problem> {
    of_type(request, wanted, what, "application/json").await
}

async fn of_type(request: Request, wanted: Kind, what: &str, media_type: &str) -> Result<Vec<u8>, Problem> {
    let kind = match content_type(request.headers()) {
        (_, essence) if essence == media_type => Ok(wanted),
        (kind, _) => Err(unsupported(kind, &format!("{what} is sent as {media_type}"))),
    };
    taken(request, kind).await.map(|(_, body)| body)
}

async fn taken(request: Request, kind: Result<Kind, Problem>) -> Result<(Kind, Vec<u8>), Problem> {
    let kind = match kind.and_then(|kind| announced(request.headers(), kind).map(|()| kind)) {
        Ok(kind) => kind,
        Err(refused) => {
            // Told before it has sent all, a sender may miss why: what is small enough is read and thrown away.
            if announced_bytes(request.headers()).is_some_and(|bytes| bytes <= READ_BEYOND) {
                let _ = timeout(BODY_WITHIN, whole(request, Kind::Json)).await;
            }
            return Err(refused);
        }
    };
    let body = timeout(kind.within(), whole(request, kind)).await.map_err(|_| too_slow(kind))??;
    turns::sent();
    Ok((kind, body))
}

async fn whole(request: Request, kind: Kind) -> Result<Vec<u8>, Problem> {
    let mut body = request.into_body();
    let (mut taken, mut bytes) = (Vec::new(), 0);
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the body broke off"))?;
        let Some(data) = frame.data_ref() else { continue };
        bytes += data.len();
        if bytes <= kind.largest() {
            taken.extend_from_slice(data);
        } else if bytes > kind.largest() + READ_BEYOND {
            break;
        }
    }
    if bytes > kind.largest() { Err(too_large(kind, bytes)) } else { Ok(taken) }
}

/// Do its headers speak of a body that can be taken?
fn announced(request: &HeaderMap, kind: Kind) -> Result<(), Problem> {
    if let Some(coding) = header(request, CONTENT_ENCODING).filter(|coding| !coding.eq_ignore_ascii_case("identity")) {
        let (status, reason) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("{coding:?}; a body is sent as it is"));
        return Err(Problem::wrong(status, "Content-Encoding", coding.to_owned(), &reason));
    }
    if announced_bytes(request).is_some_and(|n| n > kind.largest() + READ_BEYOND) {
        Err(too_large(kind, announced_bytes(request).unwrap_or(0)))
    } else {
        Ok(())
    }
}

fn announced_bytes(request: &HeaderMap) -> Option<usize> {
    header(request, CONTENT_LENGTH).and_then(|n| n.parse().ok())
}

/// As it was sent, and the kind alone in small letters.
fn content_type(request: &HeaderMap) -> (&str, String) {
    let sent = header(request, CONTENT_TYPE).unwrap_or_default();
    (sent, sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn header(request: &HeaderMap, name: axum::http::HeaderName) -> Option<&str> {
    request.get(name).and_then(|v| v.to_str().ok())
}

/// `sent`: the media type that a request says its body is of.
fn unsupported(sent: &str, taken: &str) -> Problem {
    let said = if sent.is_empty() { "is missing".to_owned() } else { format!("is {sent:?}") };
    let (status, reason) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("{said}; {taken}"));
    Problem::wrong(status, "Content-Type", sent.to_owned(), &reason)
}

fn too_slow(kind: Kind) -> Problem {
    let detail = format!("the body did not come within {} s", kind.within().as_secs());
    Problem::new(StatusCode::REQUEST_TIMEOUT, detail)
}

/// `bytes`: as many as were announced, or read until it was too much.
fn too_large(kind: Kind, bytes: usize) -> Problem {
    let cure = match kind {
        Kind::Json => "send one report at a time",
        Kind::Ndjson => "send fewer lines at a time",
        Kind::Step => "say less in the note",
        Kind::Account => "an account is less",
        Kind::Message => "a message is shorter",
        Kind::Series => "send longer intervals, or fewer days",
        Kind::Form => "a service request is less",
        Kind::Photo | Kind::Upload => "send a smaller copy of the picture",
    };
    let reason = format!("more than {} bytes; {cure}", kind.largest());
    Problem::wrong(StatusCode::PAYLOAD_TOO_LARGE, "body", format!("{bytes} bytes"), &reason)
}
