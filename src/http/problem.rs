//! Errors on the wire: problem details for HTTP APIs (RFC 9457). The whole policy of statuses is here.

use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::{error, warn};
use utoipa::ToSchema;

use super::around::Next;
use super::trace::request_id;
use crate::error::Error;
use crate::hazard::layer::Standing;
use crate::intake::candidate::InDoubt;

pub const PROBLEM_JSON: &str = "application/problem+json";
/// A wrong value is shown, but no more of it than helps.
const LONGEST_VALUE_CHARS: usize = 200;

/// A problem as it is written, for the description of the API.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "Problem writes it")]
pub struct Wire {
    #[schema(example = "about:blank")]
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    /// What of the request was wrong, where one thing was.
    field: Option<String>,
    value: Option<String>,
    reason: Option<String>,
    /// Where a report may be, when that has to be asked.
    candidates: Option<Vec<InDoubt>>,
    /// As in the answer's `X-Request-Id` and in the log.
    request_id: Option<String>,
}

/// An answer that says what went wrong.
#[derive(Debug, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(serialize_with = "code")]
    status: StatusCode,
    detail: String,
    /// Whatever else helps.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    more: Option<Box<More>>,
    /// As in the answer's X-Request-Id and in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// When it may be tried again, other than in a moment.
    #[serde(skip)]
    retry_after_s: Option<u64>,
}

/// Members of a problem of one kind.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "always in a box")]
enum More {
    /// What of the request was wrong.
    Wrong { field: String, value: String, reason: String },
    /// How the incident stands that a step was refused on.
    Standing(Standing),
    /// Where a report may be, when that has to be asked.
    InDoubt { candidates: Vec<InDoubt> },
}

impl More {
    fn wrong(field: impl Into<String>, value: String, reason: impl Into<String>) -> Option<Box<More>> {
        Some(Box::new(More::Wrong { field: field.into(), value: shortened(value), reason: reason.into() }))
    }
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        let title = status.canonical_reason().unwrap_or("Error");
        let detail = detail.into();
        // With no type of its own, the title is the status's (RFC 9457, 4.2.1).
        let kind = "about:blank";
        let (more, request_id, retry_after_s) = (None, None, None);
        Problem { kind, title, status, detail, more, request_id, retry_after_s }
    }

    /// A report whose positions are not one spot: somebody has to say which.
    pub fn positions_disagree(candidates: Vec<InDoubt>) -> Problem {
        let told = "the positions of this report lie more than 200 m apart: which one is meant? Send it again with a pin \
                    among the positions; nothing of this request was kept";
        let problem = Problem::new(StatusCode::CONFLICT, told);
        let (kind, title) = ("/problems/positions-disagree", "Positions disagree");
        Problem { kind, title, more: Some(Box::new(More::InDoubt { candidates })), ..problem }
    }

    /// A report that lies far from everything known: somebody has to say that it does.
    pub fn position_far(told: &str, candidates: Vec<InDoubt>) -> Problem {
        let told = format!(
            "the position of this report {told}: in the sea, or in another city? If it is there, send it again with a pin \
             among the positions; nothing of this request was kept"
        );
        let problem = Problem::new(StatusCode::CONFLICT, told);
        let (kind, title) = ("/problems/position-far", "Position far away");
        Problem { kind, title, more: Some(Box::new(More::InDoubt { candidates })), ..problem }
    }

    /// A picture that cannot be opened here and is one all the same: its sender can make another of it.
    pub fn photo_heic(told: String) -> Problem {
        let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, told);
        Problem { kind: "/problems/photo-heic", title: "HEIC picture", ..problem }
    }

    /// What of a request is well written and cannot be done.
    pub fn unprocessable(field: &str, value: String, reason: &str) -> Problem {
        Problem::wrong(StatusCode::UNPROCESSABLE_ENTITY, field, value, reason)
    }

    /// What of a request is wrong, with a status of its own.
    pub fn wrong(status: StatusCode, field: &str, value: String, reason: &str) -> Problem {
        Problem { more: More::wrong(field, value, reason), ..Problem::new(status, format!("{field}: {reason}")) }
    }

    /// Too much was tried: to be tried again after so many seconds.
    pub fn wait(s: u64) -> Problem {
        let told = format!("too many wrong tries: the next is looked at in {s} s");
        Problem { retry_after_s: Some(s), ..Problem::new(StatusCode::TOO_MANY_REQUESTS, told) }
    }

    /// One sender sends too fast: to be sent again after so many seconds.
    pub fn too_fast(s: u64) -> Problem {
        let told = format!("too much from one sender: send it again in {s} s; nothing of this request was kept");
        Problem { retry_after_s: Some(s), ..Problem::new(StatusCode::TOO_MANY_REQUESTS, told) }
    }

    pub fn is(&self, status: StatusCode) -> bool {
        self.status == status
    }

    /// The same problem, with something more to say.
    pub fn adding(self, more: &str) -> Problem {
        Problem { detail: self.detail + more, ..self }
    }

    /// The problem of a step on an incident that stands so.
    pub fn about(self, standing: Standing) -> Problem {
        Problem { more: Some(Box::new(More::Standing(standing))), ..self }
    }

    pub fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, detail)
    }

    /// As text, without a request id: for what is answered where there is no request yet.
    pub fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The log is still being replayed.
    pub fn starting() -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "starting: the log is being read, try again in a moment")
    }
}

impl From<Error> for Problem {
    fn from(e: Error) -> Problem {
        let status = match &e {
            Error::Invalid { .. } | Error::At { .. } => StatusCode::BAD_REQUEST,
            Error::Forbidden => StatusCode::FORBIDDEN,
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Busy(_) | Error::Held { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Error::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        match e {
            Error::Invalid { field, value, reason } => {
                let detail = format!("{field}: {reason}");
                Problem { more: More::wrong(field, value, reason), ..Problem::new(status, detail) }
            }
            // What failed is for whoever runs the service, not for the caller.
            Error::Store(cause) => {
                error!(request.id = request_id(), "a request failed: {cause}");
                Problem::new(status, "the service could not store or read this; nothing of the request was kept")
            }
            // Where the data lie is nobody's business but of whoever runs the service.
            Error::Held { file, why } => {
                warn!(request.id = request_id(), "a request was turned away: {file}: {why}");
                Problem::new(status, why)
            }
            other => Problem::new(status, other.to_string()),
        }
    }
}

fn shortened(value: String) -> String {
    match value.char_indices().nth(LONGEST_VALUE_CHARS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value,
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        self.request_id = request_id();
        let mut response = (self.status, [(CONTENT_TYPE, PROBLEM_JSON)], self.json()).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Some(s) = self.retry_after_s {
            headers.insert(RETRY_AFTER, s.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Turns what the framework refuses by itself into a problem too.
pub async fn every_error_is_a_problem(request: Request, next: impl Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_problem(response.headers()) {
        return response;
    }
    // What may be done instead stands in the Allow header, which the router sets on whatever goes out.
    let path = shortened(path);
    let detail = match status {
        StatusCode::BAD_REQUEST if !is_text(&path) => {
            return Problem::wrong(status, "path", path, "not UTF-8 where it is decoded").into_response();
        }
        StatusCode::NOT_FOUND => {
            let slash = if path.ends_with('/') { ", an address does not end in /" } else { "" };
            format!(
                "there is nothing at {path}{slash}; /layers lists what is published, /api/docs describes the API, /ogc is \
                 for GIS"
            )
        }
        StatusCode::METHOD_NOT_ALLOWED => format!("{path} does not take {method}"),
        _ => format!("{method} {path} is not a request that can be answered"),
    };
    Problem::new(status, detail).into_response()
}

/// Is what a path decodes to text?
fn is_text(path: &str) -> bool {
    let parts = form_urlencoded::parse(path.as_bytes()).flat_map(|(name, value)| [name, value]);
    !parts.into_iter().any(|part| part.contains(char::REPLACEMENT_CHARACTER))
}

/// Is this the answer of a problem?
pub fn is_problem(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_JSON)
}

fn code<S: serde::Serializer>(status: &StatusCode, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_u16(status.as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::invalid;

    #[test]
    fn what_the_caller_can_do_decides_the_status() {
        for (error, status, retry) in [
            (invalid("lat", 91, "not a latitude"), 400, false),
            (invalid("a", 1, "b").at("file", 1, 2), 400, false),
            (Error::Forbidden, 403, false),
            (Error::NotFound { what: "report", id: "x".into() }, 404, false),
            (Error::Conflict("the same key".into()), 409, false),
            (Error::Busy("later".into()), 503, true),
            (Error::Held { file: "/secret/path".into(), why: "the disk is full".into() }, 503, true),
            (Error::Store("/secret/path: full".into()), 500, false),
        ] {
            let problem = Problem::from(error);
            assert!(!problem.detail.contains("secret"));
            let response = problem.into_response();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers().contains_key(RETRY_AFTER), retry);
        }
    }

    #[test]
    fn a_long_value_is_shown_by_its_beginning() {
        let more = Problem::from(invalid("text", "水".repeat(4_001), "too long")).more;
        let Some(More::Wrong { value, .. }) = more.as_deref() else { panic!("{more:?}") };
        assert_eq!(value.chars().count(), LONGEST_VALUE_CHARS + 1);
    }
}
