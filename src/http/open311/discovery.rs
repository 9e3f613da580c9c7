//! Service discovery (wiki.open311.org/Service_Discovery): where the endpoint is, and in which formats.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::base_url::BaseUrl;
use super::super::{App, Problem};
use super::BASE;
use super::asked::Asked;
use super::errors::Told;
use crate::error::{Error, Result};

/// The last change of the services, their definitions or this document; it sorts as text.
const CHANGESET: &str = "2026-11-26 00:00";
const SPECIFICATION: &str = "http://wiki.open311.org/GeoReport_v2";

/// Who provides the service, as the operator says.
#[derive(Clone, Debug, Default)]
pub struct Provider {
    /// The one jurisdiction it serves; without it whatever a request names is passed over.
    pub jurisdiction: Option<String>,
    /// How to learn more, for people.
    pub contact: Option<String>,
}

impl Provider {
    /// Is it this jurisdiction that is asked for, or none?
    ///
    /// # Errors
    /// `NotFound`.
    pub fn expect(&self, asked: Option<&str>) -> Result<()> {
        match (&self.jurisdiction, asked) {
            (Some(own), Some(asked)) if !own.eq_ignore_ascii_case(asked) => {
                Err(Error::NotFound { what: "jurisdiction_id", id: asked.to_owned() })
            }
            _ => Ok(()),
        }
    }
}

/// Where this provider's endpoints are.
#[derive(Serialize, ToSchema)]
#[schema(as = Open311Discovery)]
pub struct Discovery {
    /// When this was changed last; it sorts as text.
    changeset: &'static str,
    contact: String,
    key_service: String,
    endpoints: Vec<Endpoint>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Open311Endpoint)]
struct Endpoint {
    specification: &'static str,
    url: String,
    changeset: &'static str,
    /// `test` where the service's clock is not the machine's, else `production`.
    r#type: &'static str,
    formats: Vec<&'static str>,
}

impl Discovery {
    fn of(app: &App, base: &BaseUrl) -> Discovery {
        let docs = base.link("/api/docs");
        let contact = app.provider.contact.clone().unwrap_or_else(|| format!("The API is described at {docs}"));
        let key_service = "No key is needed. Whoever runs the service makes one for a program that files requests in an \
                           account's name; it is sent as api_key, or as Authorization: Bearer.";
        let endpoint = Endpoint {
            specification: SPECIFICATION,
            url: base.link(BASE),
            changeset: CHANGESET,
            r#type: if app.shared.clock.is_simulated() { "test" } else { "production" },
            formats: vec!["text/xml", "application/json"],
        };
        Discovery { changeset: CHANGESET, contact, key_service: key_service.to_owned(), endpoints: vec![endpoint] }
    }
}

/// Open311 service discovery: the endpoint and its formats.
#[utoipa::path(get, path = "/open311/v2/discovery.json", tag = "open311",
    responses((status = 200, body = Discovery, content_type = "application/json; charset=utf-8"),
        (status = 403, body = Vec<Told>, content_type = "application/json; charset=utf-8"),
        (status = 404, body = Vec<Told>, content_type = "application/json; charset=utf-8")))]
pub async fn in_json(app: State<App>, asked: Asked, base: BaseUrl) -> Result<Response, Problem> {
    discovery(app, asked, base)
}

/// The same in XML.
#[utoipa::path(get, path = "/open311/v2/discovery.xml", tag = "open311",
    responses((status = 200, body = Discovery, content_type = "text/xml; charset=utf-8"),
        (status = 403, body = Vec<Told>, content_type = "text/xml; charset=utf-8"),
        (status = 404, body = Vec<Told>, content_type = "text/xml; charset=utf-8")))]
pub async fn in_xml(app: State<App>, asked: Asked, base: BaseUrl) -> Result<Response, Problem> {
    discovery(app, asked, base)
}

fn discovery(State(app): State<App>, asked: Asked, base: BaseUrl) -> Result<Response, Problem> {
    asked.manner.answer(StatusCode::OK, "discovery", &Discovery::of(&app, &base))
}
