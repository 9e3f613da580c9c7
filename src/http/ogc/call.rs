//! A request for a resource that is written as JSON and as HTML, and its answer.

use axum::extract::{FromRequestParts, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::super::base_url::BaseUrl;
use super::super::{App, Problem, etag, query};
use super::negotiate::{Encoding, HTML};
use super::{html, link};
use crate::error::Error;
use crate::hazard::layer::Link;

/// A request, before it is known what it asks for.
pub struct Call {
    pub app: App,
    pub base: BaseUrl,
    pub uri: Uri,
    pub request: HeaderMap,
}

impl FromRequestParts<App> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Call, Problem> {
        let base = BaseUrl::from_request_parts(parts, app).await?;
        let State(app) = State::from_request_parts(parts, app).await.unwrap_or_else(|never| match never {});
        Ok(Call { app, base, uri: parts.uri.clone(), request: parts.headers.clone() })
    }
}

/// How an answer is to be written.
#[derive(Clone)]
pub struct Writer {
    app: App,
    base: BaseUrl,
    uri: Uri,
    encoding: Encoding,
    /// The media type of its JSON.
    kind: &'static str,
    /// What the answer changes with, where that is not the log alone.
    version: Option<String>,
}

impl Call {
    /// How a resource is to be written whose JSON is of this media type.
    ///
    /// # Errors
    /// 400 and 406, as [`Encoding::of`].
    pub fn writer(&self, kind: &'static str) -> Result<Writer, Problem> {
        let encoding = Encoding::of(&self.request, &self.uri, kind)?;
        Ok(Writer {
            app: self.app.clone(),
            base: self.base.clone(),
            uri: self.uri.clone(),
            encoding,
            kind,
            version: None,
        })
    }

    /// As [`Call::writer`], of a resource that takes no parameters of its own.
    ///
    /// # Errors
    /// Those, and 400 for any other parameter.
    pub fn plain(&self, kind: &'static str) -> Result<Writer, Problem> {
        query::only(&self.uri, &["f"])?;
        self.writer(kind)
    }

    /// 304 when the caller has the answer at this log position already.
    pub fn not_modified(&self, writer: &Writer, position: u64) -> Option<Response> {
        etag::not_modified(&self.request, &writer.tag(position))
    }

    /// An answer that has no page, and is the same until another program, or another base address, gives it.
    ///
    /// # Errors
    /// 400 for any parameter.
    pub fn as_json(&self, kind: &'static str, answer: impl FnOnce() -> Value) -> Result<Response, Problem> {
        query::none(&self.uri)?;
        let (app, base, uri) = (self.app.clone(), self.base.clone(), self.uri.clone());
        let writer = Writer { app, base, uri, encoding: Encoding::Json, kind, version: None };
        match self.not_modified(&writer, 0) {
            Some(same) => Ok(same),
            None => writer.answer(0, &answer()),
        }
    }

    /// An answer that is the same until another program, or another base address, gives it.
    ///
    /// # Errors
    /// As [`Call::plain`].
    pub fn fixed(&self, kind: &'static str, answer: impl FnOnce(&Writer) -> Value) -> Result<Response, Problem> {
        let writer = self.plain(kind)?;
        match self.not_modified(&writer, 0) {
            Some(same) => Ok(same),
            None => writer.answer(0, &answer(&writer)),
        }
    }
}

impl Writer {
    /// The same for an answer that changes with what this tells, and with the log only so far as this does.
    pub fn of_version(self, version: Option<String>) -> Writer {
        Writer { version, ..self }
    }

    fn tag(&self, position: u64) -> String {
        let tag = match &self.version {
            Some(version) => etag::with(version, self.base.as_str()),
            None => etag::linked(&self.app, &self.base, position),
        };
        match self.encoding {
            Encoding::Json => tag,
            Encoding::Html => etag::with(&tag, HTML),
        }
    }

    fn media_type(&self, encoding: Encoding) -> &'static str {
        match encoding {
            Encoding::Json => self.kind,
            Encoding::Html => HTML,
        }
    }

    pub fn is_html(&self) -> bool {
        self.encoding == Encoding::Html
    }

    /// To the answer itself, and to it in the other encoding.
    pub fn links(&self) -> Vec<Link> {
        let this = link("self", self.base.asked(&self.uri), self.media_type(self.encoding), "this page");
        let others = Encoding::ALL.into_iter().filter(|other| *other != self.encoding).map(|other| {
            let title = format!("this page as {}", other.name().to_uppercase());
            link("alternate", self.base.link(&self.in_other(other)), self.media_type(other), &title)
        });
        std::iter::once(this).chain(others).collect()
    }

    /// The address in another encoding.
    fn in_other(&self, encoding: Encoding) -> String {
        let kept = self.uri.query().unwrap_or_default().split('&');
        let kept = kept.filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("f")).map(str::to_owned);
        let query: Vec<_> = kept.chain([format!("f={}", encoding.name())]).collect();
        format!("{}?{}", self.uri.path(), query.join("&"))
    }

    /// The answer as it is to be written, of the map at a log position.
    ///
    /// # Errors
    /// `Store` for a value that cannot be written.
    pub fn answer(&self, position: u64, value: &Value) -> Result<Response, Problem> {
        let text = match self.encoding {
            Encoding::Json => super::super::layers::json(value)?,
            Encoding::Html => return Ok(self.page(position, value)),
        };
        Ok(self.written(position, text))
    }

    /// As [`Writer::answer`], of JSON that is written already: only for a page it is read again.
    ///
    /// # Errors
    /// `Store` for what is no JSON.
    pub fn written_already(&self, position: u64, text: Vec<u8>) -> Result<Response, Problem> {
        if self.encoding == Encoding::Json {
            return Ok(self.written(position, text));
        }
        let value = serde_json::from_slice(&text);
        let value: Value = value.map_err(|e| Error::Store(format!("an answer cannot be read again: {e}")))?;
        Ok(self.page(position, &value))
    }

    fn written(&self, position: u64, text: Vec<u8>) -> Response {
        (etag::headers(self.tag(position)), [(CONTENT_TYPE, self.kind)], text).into_response()
    }

    fn page(&self, position: u64, value: &Value) -> Response {
        let page = html::page(&self.base, &self.uri, value);
        (etag::headers(self.tag(position)), html::headers(), page).into_response()
    }
}
