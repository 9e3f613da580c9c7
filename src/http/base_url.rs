//! Where callers reach the service: links of OGC API are absolute, for clients store them. All others are paths, unless the
//! operator says where the service is: behind a proxy it may lie below a path that it does not see.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::header::{CONTENT_LOCATION, HOST, LOCATION};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;

use super::around::Next;
use super::{App, Problem};
use crate::error::{Error, Result, invalid};

/// A host name has at most 253 characters (RFC 1035, 2.3.4); then `:65535`.
const LONGEST_HOST_CHARS: usize = 259;

/// What absolute links begin with, such as `https://city.example/flood`: no slash at its end.
///
/// Handlers take it from the request: what the operator has said, else the host that the caller named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Arc<str>);

impl BaseUrl {
    /// The absolute address of a path that begins with a slash.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The absolute address that was asked for.
    pub fn asked(&self, uri: &Uri) -> String {
        self.link(uri.path_and_query().map_or("/", |path| path.as_str()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host that a request names: in its address, else in its one Host header (RFC 9112, 3.2).
    fn of_request(uri: &Uri, headers: &HeaderMap) -> Result<BaseUrl> {
        if let Some(authority) = uri.authority() {
            return host(authority.as_str());
        }
        let mut hosts = headers.get_all(HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(one), None) => host(&String::from_utf8_lossy(one.as_bytes())),
            (None, _) => Err(invalid("Host", "", "missing: absolute links need the host that was asked")),
            (Some(_), Some(_)) => Err(invalid("Host", "", "given twice")),
        }
    }
}

fn host(text: &str) -> Result<BaseUrl> {
    match is_host(text) {
        true => Ok(BaseUrl(format!("http://{text}").into())),
        false => Err(invalid("Host", text, "not a host, or host:port")),
    }
}

/// Is it a name or address, perhaps with a port, and nothing else? It comes from the caller and goes into every link.
fn is_host(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._[]:".contains(c);
    let Some(authority) = Some(text).filter(|t| t.len() <= LONGEST_HOST_CHARS && t.chars().all(plain)) else {
        return false;
    };
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    let port = text.strip_prefix(authority.host()).unwrap_or_default();
    !authority.host().is_empty() && (port.is_empty() || authority.port_u16().is_some())
}

impl FromStr for BaseUrl {
    type Err = Error;

    /// Reads what the operator says: http or https, a host, and perhaps a path.
    fn from_str(text: &str) -> Result<BaseUrl> {
        let bad = |reason| invalid("--public-url", text, reason);
        let url: Uri = text.parse().map_err(|_| bad("not an address like https://city.example/flood"))?;
        if !matches!(url.scheme_str(), Some("http" | "https")) {
            return Err(bad("begins with neither http:// nor https://"));
        }
        if !url.authority().is_some_and(|authority| is_host(authority.as_str())) {
            return Err(bad("its host is not a host, or host:port"));
        }
        if url.query().is_some() || text.contains('#') {
            return Err(bad("ends with a query or a fragment; a path is as far as it goes"));
        }
        Ok(BaseUrl(text.trim_end_matches('/').into()))
    }
}

impl App {
    /// The address of a path of the service: absolute where the operator says where it is reached, else the path, which is
    /// read from the address that was asked for.
    pub fn reached(&self, path: &str) -> String {
        self.public_url.as_ref().map_or_else(|| path.to_owned(), |url| url.link(path))
    }
}

/// Wherever the head of an answer leads, it leads to where the service is reached.
pub async fn lead_where_it_is_reached(app: &App, request: Request, next: impl Next) -> Response {
    let mut answer = next.run(request).await;
    for name in [LOCATION, CONTENT_LOCATION] {
        let path = answer.headers().get(&name).and_then(|value| value.to_str().ok()).filter(|to| to.starts_with('/'));
        if let Some(reached) = path.and_then(|path| HeaderValue::from_str(&app.reached(path)).ok()) {
            answer.headers_mut().insert(name, reached);
        }
    }
    answer
}

impl FromRequestParts<App> for BaseUrl {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<BaseUrl, Problem> {
        match &app.public_url {
            Some(url) => Ok(url.clone()),
            None => Ok(BaseUrl::of_request(&parts.uri, &parts.headers)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for text in ["localhost", "127.0.0.1:8080", "city.example", "[::1]", "[::1]:8080", "a-b.c_d:1"] {
            assert_eq!(host(text).unwrap().link("/ogc"), format!("http://{text}/ogc"));
        }
        let long = "a".repeat(260);
        let odd =
            ["", ":80", "a:", "a:x", "a:65536", "a b", "a/b", "u@a", "a?b", "a#b", "<a>", "a\"", "[::1", "路", &long];
        for text in odd {
            assert!(host(text).unwrap_err().to_string().contains("not a host"), "{text}");
        }
    }

    #[test]
    fn what_the_operator_says_is_an_address_with_perhaps_a_path() {
        let link = |text: &str| text.parse::<BaseUrl>().map(|url| url.link("/ogc")).map_err(|e| e.to_string());
        assert_eq!(link("https://city.example/flood/").unwrap(), "https://city.example/flood/ogc");
        assert_eq!(link("http://10.0.0.1:81").unwrap(), "http://10.0.0.1:81/ogc");
        for (text, part) in [
            ("city.example", "neither http"),
            ("ftp://city.example", "neither http"),
            ("/flood", "neither http"),
            ("https://u@city.example", "its host"),
            ("https://city.example/?a=b", "query"),
            ("https://city.example/#a", "fragment"),
            ("https://", "address like"),
        ] {
            let error = link(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
