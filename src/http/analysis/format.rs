//! What an answer is written as: JSON, or its rows as a table.

use axum::body::Bytes;
use axum::http::header::{ACCEPT, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};

use super::super::{Problem, etag, query};
use crate::error::{Error, Result, invalid};
use crate::hazard::analysis::table;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Csv,
}

impl Format {
    /// The format of this name.
    ///
    /// # Errors
    /// `Invalid` that lists them.
    pub fn named(name: &str) -> Result<Format> {
        match name {
            "json" => Ok(Format::Json),
            "csv" => Ok(Format::Csv),
            _ => Err(invalid("format", name, "unknown; known are json, csv")),
        }
    }

    /// What a request asks for, by its address, else by its Accept header.
    pub fn of(request: &HeaderMap, uri: &Uri) -> Format {
        let pairs = query::pairs(uri).unwrap_or_default();
        let named = pairs.iter().find(|(name, _)| name == "format").and_then(|(_, value)| Format::named(value).ok());
        let accepts = request.get_all(ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
        let mut kinds =
            accepts.flat_map(|accept| accept.split(',')).map(|kind| kind.split(';').next().unwrap_or_default());
        // Of those it takes, the one it names first.
        let first = kinds.find_map(|kind| match kind.trim() {
            "text/csv" => Some(Format::Csv),
            "application/json" | "*/*" => Some(Format::Json),
            _ => None,
        });
        named.or(first).unwrap_or(Format::Json)
    }

    /// The ETag of an answer in this format.
    pub fn tag(self, tag: String) -> String {
        match self {
            Format::Json => tag,
            Format::Csv => tag.replace("W/\"", "W/\"csv-"),
        }
    }

    /// The answer, from JSON.
    pub fn answer(self, tag: String, json: Vec<u8>) -> Result<Response, Problem> {
        self.answer_of("application/json", tag, json.into())
    }

    /// As [`Format::answer`], from a kind of JSON.
    pub fn answer_of(self, kind: &'static str, tag: String, json: Bytes) -> Result<Response, Problem> {
        let (kind, body) = match self {
            Format::Json => (kind, json),
            Format::Csv => {
                let json = std::str::from_utf8(&json).map_err(|e| Error::Store(e.to_string()))?;
                ("text/csv; charset=utf-8; header=present", table::csv(json)?.into())
            }
        };
        Ok((etag::headers(self.tag(tag)), [(CONTENT_TYPE, kind), (VARY, "accept")], body).into_response())
    }
}
