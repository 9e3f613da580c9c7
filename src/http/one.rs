//! One thing by its id: here, part of another (308), or nowhere (404).

use std::ops::ControlFlow;

use axum::http::header::{CACHE_CONTROL, ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::{Problem, etag, query};
use crate::hazard::layer::Found;

pub const INCIDENTS: &str = "/api/v1/incidents/";

/// Where something is looked for.
pub struct Sought<'s> {
    /// The address of what there is of its kind, with a slash at the end.
    pub at: &'static str,
    pub id: &'s str,
    /// What is asked of it, below its own address.
    pub below: &'static str,
    /// The answer where it is nowhere.
    pub nowhere: fn(&str) -> Problem,
}

impl<'s> Sought<'s> {
    pub fn incident(id: &'s str, below: &'static str) -> Sought<'s> {
        Sought { at: INCIDENTS, id, below, nowhere: no_incident }
    }

    /// What was found here; else the answer that says where it is.
    pub fn here<T>(&self, found: Found<T>, uri: &Uri) -> ControlFlow<Result<Response, Problem>, T> {
        match found {
            Found::Here(here) => ControlFlow::Continue(*here),
            Found::At(other) => ControlFlow::Break(Ok(self.moved(&other, uri))),
            Found::Nowhere => ControlFlow::Break(Err((self.nowhere)(self.id))),
        }
    }

    /// What holds it changes with the map, so that the answer is not to be kept.
    fn moved(&self, other: &str, uri: &Uri) -> Response {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let location = (LOCATION, format!("{}{}{}{query}", self.at, query::encoded(other), self.below));
        (StatusCode::PERMANENT_REDIRECT, [location, (CACHE_CONTROL, "no-store".into())]).into_response()
    }
}

pub fn no_incident(id: &str) -> Problem {
    Problem::not_found(format!("no incident {id:?}, or all its reports were retracted"))
}

/// An answer that is not sent again so long as it has not changed; what people said (`private`) is kept by nobody on the
/// way, and always sent.
pub fn answer(
    request: &HeaderMap,
    tag: &str,
    private: bool,
    write: impl FnOnce() -> Result<Response, Problem>,
) -> Result<Response, Problem> {
    if let Some(same) = etag::not_modified(request, tag).filter(|_| !private) {
        return Ok(same);
    }
    let mut answer = write()?;
    if private {
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer.headers_mut().remove(ETAG);
    }
    Ok(answer)
}
