//! What may be done at an address of OGC API: the answer to OPTIONS (RFC 9110, 9.3.7; OGC 20-002,
//! /req/create-replace-delete/options-op). A browser that asks whether another site's page may is answered elsewhere.

use axum::extract::Request;
use axum::http::header::{ACCESS_CONTROL_REQUEST_METHOD, ALLOW};
use axum::http::{HeaderName, Method};
use axum::response::{IntoResponse, Response};

use super::super::around::Next;
use super::super::body::MERGE_PATCH;
use super::super::rights::{REPORT, REPORTS, RIGHTS};

/// What of a resource can be sent in a PATCH (RFC 5789, 3.1).
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

pub async fn options(request: Request, next: impl Next) -> Response {
    let asks = request.method() == Method::OPTIONS && !request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let path = request.uri().path();
    if !asks || !(path == "/ogc" || path.starts_with("/ogc/")) {
        return next.run(request).await;
    }
    let mut allowed = vec!["GET", "HEAD", "OPTIONS"];
    let written = written(path);
    allowed.extend(RIGHTS.iter().filter(|right| Some(right.path) == written).map(|right| right.method));
    let allow = [(ALLOW, allowed.join(", "))];
    match allowed.contains(&"PATCH") {
        true => (allow, [(ACCEPT_PATCH, MERGE_PATCH)]).into_response(),
        false => allow.into_response(),
    }
}

/// The line of the table of rights that an address stands in, if it can be written to.
fn written(path: &str) -> Option<&'static str> {
    match path.strip_prefix(REPORTS)? {
        "" => Some(REPORTS),
        below => below.strip_prefix('/').filter(|id| !id.is_empty() && !id.contains('/')).map(|_| REPORT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reports_are_written_to_all_of_them_and_each() {
        assert_eq!(written(REPORTS), Some(REPORTS));
        assert_eq!(written("/ogc/collections/reports/items/a~2"), Some(REPORT));
        for path in ["/ogc", "/ogc/collections/reports", "/ogc/collections/incidents/items/i1"] {
            assert_eq!(written(path), None, "{path}");
        }
        for below in ["/", "s", "/a/b"] {
            assert_eq!(written(&format!("{REPORTS}{below}")), None, "{below}");
        }
    }
}
