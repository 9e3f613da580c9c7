//! What an answer is written as: JSON or HTML, by the parameter `f`, else by what the caller accepts (RFC 9110, 12.5.1).

use axum::http::{HeaderMap, StatusCode, Uri};

use super::super::accept::{Accepted, nothing_of};
use super::super::{Problem, query};
use crate::error::invalid;

pub const HTML: &str = "text/html";

/// What a resource can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Json,
    Html,
}

impl Encoding {
    pub const ALL: [Encoding; 2] = [Encoding::Json, Encoding::Html];

    /// As the parameter names it.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Json => "json",
            Encoding::Html => "html",
        }
    }

    /// The encoding of a name; what is GeoJSON may be asked for as that.
    pub fn named(name: &str) -> Option<Encoding> {
        let plain = if name == "geojson" { "json" } else { name };
        Encoding::ALL.into_iter().find(|encoding| encoding.name() == plain)
    }

    /// What the parameter says, if it is there.
    pub fn asked(uri: &Uri) -> Result<Option<String>, Problem> {
        Ok(query::pairs(uri)?.into_iter().find_map(|(name, value)| (name == "f").then_some(value)))
    }

    /// What a request asks for of a resource whose JSON is of this media type: JSON, where both are as welcome.
    ///
    /// # Errors
    /// 406 for a name that is none of these encodings, and where neither is accepted; 400 where the parameter is empty.
    pub fn of(request: &HeaderMap, uri: &Uri, kind: &str) -> Result<Encoding, Problem> {
        if let Some(name) = Encoding::asked(uri)? {
            let known = Encoding::ALL.map(Encoding::name);
            return Encoding::named(&name).ok_or_else(|| not_written_as(&name, &known));
        }
        let accepted = Accepted::of(request);
        match (accepted.welcome(kind), accepted.quality(HTML)) {
            (json, html) if json >= html && json > 0.0 => Ok(Encoding::Json),
            (_, html) if html > 0.0 => Ok(Encoding::Html),
            _ => Err(nothing_of(&format!("{kind} and {HTML}"))),
        }
    }
}

/// Of a resource that is not written as `f` names; of a parameter that names nothing.
///
/// The parameter takes any name in the description of the API: which are known is said here, so that no name is a value
/// that it does not have (OGC 17-069r4, /req/core/query-param-invalid), but one that nothing is written as.
pub fn not_written_as(name: &str, known: &[&str]) -> Problem {
    let known = known.join(", ");
    if name.is_empty() {
        return invalid("f", name, format!("names nothing; known here are {known}")).into();
    }
    let reason = format!("this is not written so; known here are {known}");
    Problem::wrong(StatusCode::NOT_ACCEPTABLE, "f", name.to_owned(), &reason)
}

#[cfg(test)]
mod tests {
    use axum::http::header::ACCEPT;

    use super::super::super::layers::GEO_JSON;
    use super::super::{JSON, OPENAPI_3_0};
    use super::*;

    fn encoding(accept: &str, uri: &str, kind: &str) -> Result<Encoding, Problem> {
        let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
        Encoding::of(&headers, &uri.parse().unwrap(), kind)
    }

    #[test]
    fn what_is_accepted_most_is_written_and_json_where_both_are_as_welcome() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (accept, expected) in [
            ("", Encoding::Json),
            ("*/*", Encoding::Json),
            (browser, Encoding::Html),
            ("application/json, text/html", Encoding::Json),
            ("application/json;q=0.5, text/html;q=0.6", Encoding::Html),
            ("application/geo+json;q=0.1, text/html;q=0", Encoding::Json),
            ("text/*", Encoding::Html),
            ("text/*, */*;q=0.9, text/html;q=0.1", Encoding::Json),
            ("APPLICATION/JSON", Encoding::Json),
        ] {
            assert_eq!(encoding(accept, "/ogc", GEO_JSON).unwrap(), expected, "{accept}");
        }
        for accept in ["image/png", "text/html;q=0, image/png", "application/xml, */*;q=0"] {
            let refused = encoding(accept, "/ogc", JSON).unwrap_err();
            assert!(format!("{refused:?}").contains("406"), "{accept}: {refused:?}");
        }
        let named = "application/vnd.oai.openapi+json;version=3.0, text/html;q=0.9";
        assert_eq!(encoding(named, "/ogc/api", OPENAPI_3_0).unwrap(), Encoding::Json);
    }

    #[test]
    fn the_parameter_outweighs_what_is_accepted() {
        assert_eq!(encoding("text/html", "/ogc?f=json", JSON).unwrap(), Encoding::Json);
        assert_eq!(encoding("image/png", "/ogc?f=html", JSON).unwrap(), Encoding::Html);
        for (f, status) in [("xml", "406"), ("fgb", "406"), ("pmtiles", "406"), ("", "400")] {
            let refused = format!("{:?}", encoding("", &format!("/ogc?f={f}"), JSON).unwrap_err());
            assert!(refused.contains(status) && refused.contains("known"), "{f}: {refused}");
        }
    }
}
