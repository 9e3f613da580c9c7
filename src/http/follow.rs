//! What became of a report, for whoever sent it: behind a link that nobody can guess.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::{IntoResponse, Response};

use super::problem::Wire;
use super::{App, Problem, query};
use crate::hazard::layer::Followed;

/// Not for a search engine, whoever has put the link where one finds it.
pub const ROBOTS: (HeaderName, &str) = (HeaderName::from_static("x-robots-tag"), "noindex");

/// A report's case as its reporter may see it: how it stands and every step, told once, whichever of the cases that became
/// one it was taken on. No person, and nothing that was said; only to an opinion the answer is given. The token is in the
/// answer to the post (`follow`); what changes meanwhile is told by `/api/v1/live`.
#[utoipa::path(get, path = "/api/v1/follow/{token}", tag = "reports",
    params(("token" = String, Path, description = "From `follow` of the answer to a post")),
    responses((status = 200, body = Followed, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn follow(State(app): State<App>, Path(token): Path<String>, uri: Uri) -> Result<Response, Problem> {
    query::none(&uri)?;
    let live = app.live()?.clone();
    let nothing = || Problem::not_found("nothing is followed by this link, or the report was withdrawn");
    let report = live.links().report(&token).map(str::to_owned).ok_or_else(nothing)?;
    let followed = app.read(Default::default(), move |map| Followed::of(map, &report)).await?;
    let mut followed = followed.ok_or_else(nothing)?;
    if let Some(id) = followed.answer_id {
        let notes = app.shared.turns.soon().await?.look(move || live.notes([id])).await??;
        followed.answer = notes.into_iter().next().map(|(_, text)| text);
    }
    Ok(([(CACHE_CONTROL, "no-store")], [ROBOTS], Json(followed)).into_response())
}
