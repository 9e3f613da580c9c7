//! Errors as GeoReport v2 has them: a list of `code` and `description`, in the format that was asked for. Every problem of
//! the service is told so here, whoever found it.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::around::Next;
use super::super::problem::is_problem;
use super::answer::Format;

/// A problem is never longer.
const LONGEST_PROBLEM: usize = 1_000_000;

/// What went wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = Open311Error)]
pub struct Told {
    /// The HTTP status; where that is 400 or 403 for many reasons, one that says more.
    #[schema(example = 404)]
    code: u16,
    description: String,
}

#[derive(Deserialize)]
struct Problem {
    detail: String,
    /// What was wrong, where one thing was.
    field: Option<String>,
    value: Option<String>,
    reason: Option<String>,
}

impl Problem {
    /// With the value that was given, if there was one.
    fn described(self) -> String {
        match (self.field, self.value, self.reason) {
            (Some(field), Some(value), Some(reason)) if !value.is_empty() => format!("{field} {value:?}: {reason}"),
            _ => self.detail,
        }
    }
}

/// 403 for whoever does not prove who he is, 404 for what does not exist, and 400 for any other request that cannot be
/// fulfilled, says the specification. What the service is at fault for, the method, or a sender who has to wait, stays as HTTP
/// has it.
fn status(found: StatusCode) -> StatusCode {
    match found {
        StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => found,
        StatusCode::TOO_MANY_REQUESTS => found,
        _ if found.is_client_error() => StatusCode::BAD_REQUEST,
        _ => found,
    }
}

/// Tells every problem below `/open311` as Open311 does.
pub async fn as_open311(request: Request, next: impl Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/open311") {
        return next.run(request).await;
    }
    let format = Format::of(path, request.headers());
    let response = next.run(request).await;
    if !is_problem(response.headers()) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let body = to_bytes(body, LONGEST_PROBLEM).await.unwrap_or_default();
    let code = head.status;
    let description = match serde_json::from_slice(&body) {
        Ok(problem) => Problem::described(problem),
        // An answer to HEAD has no body.
        Err(_) => code.canonical_reason().unwrap_or("Error").to_owned(),
    };
    let code = if code == StatusCode::UNAUTHORIZED { StatusCode::FORBIDDEN } else { code };
    let told = format.write("errors", &[Told { code: code.as_u16(), description }]);
    let Ok(told) = told else { return head.status.into_response() };
    head.status = status(head.status);
    head.headers.remove(CONTENT_LENGTH);
    head.headers.remove(WWW_AUTHENTICATE);
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    Response::from_parts(head, told.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_hears_of_400_403_and_404_and_of_what_is_the_services_own() {
        let told = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503]
            .map(|code| status(StatusCode::from_u16(code).unwrap()).as_u16());
        assert_eq!(told, [400, 403, 403, 404, 405, 400, 400, 400, 400, 429, 500, 503]);
    }
}
