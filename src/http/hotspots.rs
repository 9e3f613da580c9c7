//! One hotspot with all that it rests on.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::layers::{GEO_JSON, json};
use super::{App, Problem, etag, query};
use crate::hazard::layer::{self, Found};

pub async fn hotspot(
    State(app): State<App>,
    Path(id): Path<String>,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    query::none(&uri)?;
    let wanted = id.clone();
    match app.read(move |map| layer::hotspot(map, &wanted)).await? {
        Found::Here(hotspot) => {
            let tag = etag::tag(&app, hotspot.position);
            if let Some(same) = etag::not_modified(&request, &tag) {
                return Ok(same);
            }
            Ok((etag::headers(tag), [(CONTENT_TYPE, GEO_JSON)], json(&hotspot)?).into_response())
        }
        // Which hotspot holds a site changes with the map, so the answer is not to be kept.
        Found::At(other) => {
            let location = (LOCATION, format!("/api/v1/hotspots/{}", encoded(&other)));
            Ok((StatusCode::PERMANENT_REDIRECT, [location, (CACHE_CONTROL, "no-store".into())]).into_response())
        }
        Found::Nowhere => Err(Problem::not_found(format!("no hotspot holds {id:?}, which would be category:site"))),
    }
}

/// A path segment: everything but letters, digits and `-._~:` is percent-encoded (RFC 3986, 2.1).
fn encoded(segment: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:".contains(&b);
    segment.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_any_name_fits_an_address() {
        assert_eq!(encoded("waterlogging:8c2a"), "waterlogging:8c2a");
        assert_eq!(encoded("other:a/b 路?"), "other:a%2Fb%20%E8%B7%AF%3F");
    }
}
