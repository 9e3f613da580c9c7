//! An answer in the format that was asked for.

use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::Problem;
use super::super::layers::json;
use super::tongue::Tongue;
use super::{JSON, XML, xml};

/// One of the two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Xml,
}

impl Format {
    /// By the end of an address; without one by Accept; else XML, which is the one that every server has.
    pub fn of(path: &str, request: &HeaderMap) -> Format {
        let accepts = |kind: &str| request.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(kind));
        match path.rsplit_once('.') {
            Some((_, "json")) => Format::Json,
            Some((_, "xml")) => Format::Xml,
            _ if accepts("json") => Format::Json,
            _ => Format::Xml,
        }
    }

    /// As the end of an address.
    pub fn suffix(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Xml => "xml",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::Json => JSON,
            Format::Xml => XML,
        }
    }

    /// `root`: the name of the whole, in XML.
    pub fn write(self, root: &str, answer: &impl Serialize) -> Result<Vec<u8>, Problem> {
        let json = json(answer)?;
        match self {
            Format::Json => Ok(json),
            Format::Xml => Ok(xml::document(root, &json)?),
        }
    }
}

/// How an answer is to be given.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub format: Format,
    pub tongue: Tongue,
    /// It holds what not everybody may see, so that nobody on the way keeps it.
    pub private: bool,
}

impl Manner {
    pub fn answer(self, status: StatusCode, root: &str, answer: &impl Serialize) -> Result<Response, Problem> {
        let body = self.format.write(root, answer)?;
        let headers = [
            (CONTENT_TYPE, self.format.content_type()),
            (CONTENT_LANGUAGE, self.tongue.tag()),
            (VARY, "Accept-Language, Authorization, Cookie"),
            (CACHE_CONTROL, if self.private { "no-store" } else { "no-cache" }),
        ];
        Ok((status, headers, body).into_response())
    }
}
