//! The body of a posted service request: parameters, and photos.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;

use super::super::body::{self, Kind};
use super::super::{App, Problem};
use crate::error::invalid;
use crate::intake::open311::{json_pairs, pairs};

/// Photos of a request, as of a report.
const MOST_FILES: usize = 8;

/// What a body says.
#[derive(Default)]
pub struct Posted {
    pub pairs: Vec<(String, String)>,
    /// Files that came with it, as they are.
    pub files: Vec<Vec<u8>>,
}

/// Reads a body: a form, urlencoded or multipart (RFC 7578), or JSON.
///
/// # Errors
/// 408, 413 or 415, and 400 for one that cannot be read.
pub async fn read(app: &App, request: Request) -> Result<Posted, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).cloned();
    let many = kind.as_ref().is_some_and(|kind| kind.as_bytes().to_ascii_lowercase().starts_with(b"multipart/"));
    let _until_read = if many { Some(app.shared.pictures.room(request.headers()).await?) } else { None };
    match body::form(request).await? {
        (Kind::Json, body) => Ok(Posted { pairs: json_pairs(&body)?, files: Vec::new() }),
        (Kind::Upload, body) => {
            let mut again = Request::new(Body::from(body));
            again.headers_mut().extend(kind.map(|kind| (CONTENT_TYPE, kind)));
            // It was measured when it came in.
            DefaultBodyLimit::disable().apply(&mut again);
            parts(again).await
        }
        (_, body) => Ok(Posted { pairs: pairs(&body)?, files: Vec::new() }),
    }
}

async fn parts(request: Request) -> Result<Posted, Problem> {
    let broken = |why: String| Problem::new(StatusCode::BAD_REQUEST, format!("the form cannot be read: {why}"));
    let mut form = Multipart::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
    let mut posted = Posted::default();
    while let Some(part) = form.next_field().await.map_err(|e| broken(e.body_text()))? {
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.file_name().is_some();
        let bytes = part.bytes().await.map_err(|e| broken(e.body_text()))?;
        if !is_file {
            let value = String::from_utf8(bytes.into()).map_err(|_| invalid(&name, "", "not UTF-8"))?;
            posted.pairs.push((name, value));
        } else if !bytes.is_empty() {
            // Browsers send an empty file where none was chosen.
            posted.files.push(bytes.into());
        }
    }
    if posted.files.len() > MOST_FILES {
        let reason = format!("{} photos; at most {MOST_FILES} are taken", posted.files.len());
        return Err(invalid("media", posted.files.len(), reason).into());
    }
    Ok(posted)
}
