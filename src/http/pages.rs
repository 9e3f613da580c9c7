//! The pages that people see.

use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};

use super::follow::ROBOTS;
use super::{Problem, etag};
use crate::web::{self, File};

/// What a page may load and do: our own scripts, styles and data, and no other host's anything. The map writes images
/// into itself, as data and blob.
pub const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; worker-src 'self'; object-src 'none'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// The script that keeps the Report page in a phone, and how far it may reach: it lies below the page that it is for.
const WORKER: &str = "worker.js";
const WORKER_ALLOWED: HeaderName = HeaderName::from_static("service-worker-allowed");
const WORKER_REACHES: HeaderValue = HeaderValue::from_static("/report");
/// A file whose name holds its hash is never another.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The Map.
pub async fn index(request: HeaderMap) -> Response {
    page(web::index(), &request)
}

/// The Desk.
pub async fn desk(request: HeaderMap) -> Response {
    page(web::page("desk.html"), &request)
}

/// The Report page.
pub async fn report(request: HeaderMap) -> Response {
    page(web::page("report.html"), &request)
}

/// What makes an app of the Report page: its manifest, icons and worker. Their names stay, so they are asked for again.
pub async fn app_file(Path(name): Path<String>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let file = web::file(&format!("report/{name}"));
    let file = file.ok_or_else(|| Problem::not_found(format!("there is nothing at {}", uri.path())))?;
    let mut answer = page(file, &request);
    if name == WORKER {
        answer.headers_mut().insert(WORKER_ALLOWED, WORKER_REACHES);
    }
    Ok(answer)
}

/// What became of a report. Its address is the key to it: no other page and no search engine is to learn it.
pub async fn follow(request: HeaderMap) -> Response {
    let mut answer = page(web::page("follow.html"), &request);
    answer.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer.headers_mut().insert(ROBOTS.0, HeaderValue::from_static(ROBOTS.1));
    answer
}

fn page(page: &'static File, request: &HeaderMap) -> Response {
    // Weak: packed or not, the page has the same one.
    let tag = format!("W/\"{}\"", &blake3::hash(page.bytes).to_hex()[..16]);
    match etag::not_modified(request, &tag) {
        Some(same) => same,
        None => (etag::headers(tag), sent(page, request)).into_response(),
    }
}

/// Scripts, styles and pictures of the pages.
pub async fn asset(Path(name): Path<String>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let file = web::file(&format!("assets/{name}"));
    let file = file.ok_or_else(|| Problem::not_found(format!("there is nothing at {}", uri.path())))?;
    Ok(([(CACHE_CONTROL, FOREVER)], sent(file, &request)).into_response())
}

fn sent(file: &File, request: &HeaderMap) -> Response {
    let headers = [
        (CONTENT_TYPE, file.media_type()),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (VARY, "accept-encoding"),
    ];
    match file.gzip.filter(|_| takes_gzip(request)) {
        Some(packed) => (headers, [(CONTENT_ENCODING, "gzip")], packed).into_response(),
        None => (headers, file.bytes).into_response(),
    }
}

/// Does the caller name gzip, and not to refuse it (RFC 9110, 12.5.3)?
fn takes_gzip(request: &HeaderMap) -> bool {
    let lists = request.get_all(ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_files_go_to_those_who_take_them() {
        for (list, takes) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0, br", false),
            ("identity", false),
            ("xgzip", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, list.parse().unwrap())]);
            assert_eq!(takes_gzip(&headers), takes, "{list}");
        }
    }
}
