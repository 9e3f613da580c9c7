//! What is drawn under the map: outlines of the city's own, so that no map has to be asked of another host.

use std::path::Path;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use geojson::GeoJson;

use super::layers::GEO_JSON;
use super::{App, Problem, etag, query};
use crate::error::{Result, invalid};

/// A base map is held in memory and sent whole.
const LARGEST_BYTES: usize = 20_000_000;
const NOTHING: &[u8] = br#"{"type":"FeatureCollection","features":[]}"#;

/// A collection of features, as text.
pub struct Base {
    text: Vec<u8>,
    tag: String,
}

impl Base {
    /// No outlines.
    pub fn none() -> Base {
        Base::of(NOTHING.to_vec())
    }

    /// Reads a GeoJSON feature collection, WGS 84.
    ///
    /// # Errors
    /// `Invalid` for a file that cannot be read, is too large, or is something else.
    pub fn open(path: &Path) -> Result<Base> {
        let refuse = |reason: String| invalid("--base", path.display(), reason);
        let text = std::fs::read(path).map_err(|e| refuse(format!("cannot be read: {e}")))?;
        if text.len() > LARGEST_BYTES {
            return Err(refuse(format!("{} bytes; at most {LARGEST_BYTES} are taken: simplify it", text.len())));
        }
        let read = std::str::from_utf8(&text).map_err(|e| e.to_string());
        match read.and_then(|text| text.parse::<GeoJson>().map_err(|e| e.to_string())) {
            Ok(GeoJson::FeatureCollection(_)) => Ok(Base::of(text)),
            Ok(_) => Err(refuse("not a GeoJSON feature collection".into())),
            Err(reason) => Err(refuse(format!("not GeoJSON: {reason}"))),
        }
    }

    fn of(text: Vec<u8>) -> Base {
        let tag = format!("W/\"{}\"", &blake3::hash(&text).to_hex()[..16]);
        Base { text, tag }
    }
}

pub async fn base(State(app): State<App>, request: HeaderMap, uri: Uri) -> std::result::Result<Response, Problem> {
    query::none(&uri)?;
    let base = &app.shared.base;
    if let Some(same) = etag::not_modified(&request, &base.tag) {
        return Ok(same);
    }
    Ok((etag::headers(base.tag.clone()), [(CONTENT_TYPE, GEO_JSON)], base.text.clone()).into_response())
}
