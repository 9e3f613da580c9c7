//! Service requests, as they stand.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LINK};
use axum::response::Response;
use serde::Serialize;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::{IntoParams, ToSchema};

use super::super::actor::Caller;
use super::super::base_url::BaseUrl;
use super::super::words::Reach;
use super::super::{App, Problem};
use super::answer::Manner;
use super::asked::Asked;
use super::errors::Told;
use super::media::{self, Shown};
use super::queried::{Wanted, next_page};
use super::tongue::Tongue;
use crate::error::{Error, Result};
use crate::hazard::event::Passability;
use crate::hazard::layer::{Cursor, IncidentId, Reported, Time, reported};
use crate::hazard::map::HazardMap;
use crate::hazard::workflow::State as CaseState;

/// A report as a service request: in the order of the specification, and what is not known or not for everybody is null.
#[derive(Serialize, ToSchema)]
#[schema(as = Open311Request)]
pub struct ServiceRequest {
    service_request_id: String,
    /// `open`, or `closed`: its case has ended, or it was reported dry.
    status: &'static str,
    status_notes: String,
    service_name: &'static str,
    service_code: &'static str,
    /// What its sender said, for those who may read that.
    description: Option<String>,
    agency_responsible: String,
    service_notice: Option<String>,
    requested_datetime: Time,
    updated_datetime: Time,
    expected_datetime: Option<Time>,
    address: Option<String>,
    address_id: Option<String>,
    zipcode: Option<String>,
    lat: f64,
    long: f64,
    /// A photo, or a link that its sender gave, for those who may see it.
    media_url: Option<String>,
    /// With `extensions=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_attributes: Option<Extended>,
}

/// What we know beyond the specification.
#[derive(Serialize, ToSchema)]
#[schema(as = Open311Extended)]
struct Extended {
    incident_id: Option<IncidentId>,
    #[schema(value_type = Option<String>)]
    hotspot_id: Option<Arc<str>>,
    /// How far its case has got; `status` knows two states.
    state: Option<CaseState>,
    /// How many reports its case has.
    reports: usize,
    observed_at: Time,
    depth_cm: Option<u16>,
    passability: Option<Passability>,
    dry: bool,
    #[schema(value_type = Option<String>)]
    channel: Option<Arc<str>>,
    /// All there are, for those who may see them.
    media_urls: Vec<String>,
}

/// The id of what a token was given for.
#[derive(Serialize, ToSchema)]
#[schema(as = Open311Token)]
pub struct OfToken {
    service_request_id: String,
    token: String,
}

impl ServiceRequest {
    fn of(reported: Reported, shown: Option<Shown>, tongue: Tongue, extended: bool) -> ServiceRequest {
        let Shown { description, media_urls, note } = shown.unwrap_or_default();
        let Reported { id, position, properties, updated_at, case } = reported;
        let info = properties.category.info();
        let standing = tongue.standing(&case);
        let media_url = media_urls.first().cloned();
        ServiceRequest {
            service_request_id: id,
            status: if case.open { "open" } else { "closed" },
            status_notes: note.map_or_else(|| standing.to_owned(), |note| format!("{standing} {note}")),
            service_name: tongue.choose(&info.en, &info.zh),
            service_code: &info.open311,
            description,
            agency_responsible: case.unit.unwrap_or_else(|| info.department.clone()),
            service_notice: None,
            requested_datetime: properties.received_at,
            updated_datetime: Time(updated_at),
            expected_datetime: case.due_at.map(Time),
            address: case.place,
            address_id: case.place_id,
            zipcode: None,
            lat: position.lat(),
            long: position.lon(),
            media_url,
            extended_attributes: extended.then_some(Extended {
                incident_id: properties.incident_id,
                hotspot_id: properties.hotspot_id,
                state: case.state,
                reports: case.reports,
                observed_at: properties.observed_at,
                depth_cm: properties.depth_cm,
                passability: properties.passability,
                dry: properties.dry,
                channel: properties.channel,
                media_urls,
            }),
        }
    }
}

/// The parameters of the list; of no use but in the description.
pub struct RequestList;

impl IntoParams for RequestList {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let all = [
            (
                "service_request_id",
                "Only these, with commas between, whatever else is said; at most 1,000",
                "nyc_311:59897320",
            ),
            ("service_code", "Of these services, with commas between", "waterlogging,blocked_drain"),
            (
                "start_date",
                "Requested from then on, RFC 3339 with offset. Without dates: the last 90 days; with one: 90 days from or to it; with both: at most 90 days",
                "2024-05-01T00:00:00Z",
            ),
            ("end_date", "Requested until then", "2024-05-01T00:00:00Z"),
            ("status", "`open`, `closed`, or both with a comma between", "open"),
            ("updated_after", "Updated then or later; requested at any time", "2024-05-01T00:00:00Z"),
            ("updated_before", "Updated then or before", "2024-05-01T00:00:00Z"),
            ("bbox", "West, south, east, north in WGS 84 degrees", "-73.95,40.75,-73.85,40.80"),
            (
                "page",
                "From 1. The `next` of the Link header is better: nothing is left out or repeated while requests come in",
                "2",
            ),
            ("page_size", "At most 1,000, and 1,000 where it is not given", "20"),
            (
                "sort",
                "`requested_datetime` or `updated_datetime`, with - before it the newest first",
                "-updated_datetime",
            ),
            ("extensions", "`true` adds `extended_attributes`", "true"),
            ("locale", "Language of names and notes: `en` or `zh`; default: Accept-Language", "zh"),
        ];
        let text = || ObjectBuilder::new().schema_type(Type::String).build();
        let param = |(name, about, example): (&str, &str, &str)| {
            let param = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(Required::False);
            param.description(Some(about)).schema(Some(text())).example(Some(example.into())).build()
        };
        all.into_iter().map(param).collect()
    }
}

/// Open311 service requests: the published reports, the newest first, at most 1,000. Their status, unit and times are those
/// of their cases. Description and media are for those who may see what people said; no person is in any of them.
#[utoipa::path(get, path = "/open311/v2/requests.json", tag = "open311", params(RequestList),
    responses((status = 200, body = Vec<ServiceRequest>, content_type = "application/json; charset=utf-8",
            headers(("Link" = String, description = "The next page, if there is one"))),
        (status = 400, body = Vec<Told>, content_type = "application/json; charset=utf-8"),
        (status = 403, body = Vec<Told>, content_type = "application/json; charset=utf-8"),
        (status = 404, body = Vec<Told>, content_type = "application/json; charset=utf-8"),
        (status = 503, body = Vec<Told>, content_type = "application/json; charset=utf-8")))]
pub async fn in_json(app: State<App>, asked: Asked, base: BaseUrl, caller: Caller) -> Result<Response, Problem> {
    list(app, asked, base, caller).await
}

/// The same in XML.
#[utoipa::path(get, path = "/open311/v2/requests.xml", tag = "open311", params(RequestList),
    responses((status = 200, body = Vec<ServiceRequest>, content_type = "text/xml; charset=utf-8",
            headers(("Link" = String, description = "The next page, if there is one"))),
        (status = 400, body = Vec<Told>, content_type = "text/xml; charset=utf-8"),
        (status = 403, body = Vec<Told>, content_type = "text/xml; charset=utf-8"),
        (status = 404, body = Vec<Told>, content_type = "text/xml; charset=utf-8"),
        (status = 503, body = Vec<Told>, content_type = "text/xml; charset=utf-8")))]
pub async fn in_xml(app: State<App>, asked: Asked, base: BaseUrl, caller: Caller) -> Result<Response, Problem> {
    list(app, asked, base, caller).await
}

async fn list(State(app): State<App>, asked: Asked, base: BaseUrl, caller: Caller) -> Result<Response, Problem> {
    let now = app.now();
    let wanted = Wanted::of(&asked.form, now)?;
    let find = move |map: &HazardMap| match &wanted {
        Wanted::Ids(ids) => Ok((ids.iter().filter_map(|id| Reported::find(map, id, now)).collect(), None)),
        Wanted::Matching(filter) => Ok(reported(map, filter, now)),
    };
    let (mut answer, next) = answer(&app, &asked, &base, &caller, find).await?;
    if let Some(next) = next {
        let link = format!("<{}>; rel=\"next\"", base.link(&next_page(&asked, &next)));
        answer.headers_mut().extend(HeaderValue::try_from(link).ok().map(|link| (LINK, link)));
    }
    Ok(answer)
}

/// One service request, in a list of its own; the address ends in .json or .xml.
#[utoipa::path(get, path = "/open311/v2/requests/{file}", tag = "open311",
    params(("file" = String, Path, description = "service_request_id.json, or .xml", example = "nyc_311:59897320.json"),
        ("extensions" = Option<bool>, Query, description = "Adds `extended_attributes`", example = true)),
    responses(
        (status = 200,
            content((Vec<ServiceRequest> = "application/json; charset=utf-8"), (Vec<ServiceRequest> = "text/xml; charset=utf-8"))),
        (status = 403,
            content((Vec<Told> = "application/json; charset=utf-8"), (Vec<Told> = "text/xml; charset=utf-8"))),
        (status = 404,
            content((Vec<Told> = "application/json; charset=utf-8"), (Vec<Told> = "text/xml; charset=utf-8"))),
        (status = 503,
            content((Vec<Told> = "application/json; charset=utf-8"), (Vec<Told> = "text/xml; charset=utf-8")))))]
pub async fn one(
    State(app): State<App>,
    Path(file): Path<String>,
    asked: Asked,
    base: BaseUrl,
    caller: Caller,
) -> Result<Response, Problem> {
    let (id, now) = (asked.name(&file).to_owned(), app.now());
    let find = move |map: &HazardMap| {
        let found = Reported::find(map, &id, now).ok_or(Error::NotFound { what: "service_request_id", id })?;
        Ok((vec![found], None))
    };
    answer(&app, &asked, &base, &caller, find).await.map(|(answer, _)| answer)
}

type Found = (Vec<Reported>, Option<Cursor>);

/// What was found, with what whoever asks may see of it; and where the next page begins.
async fn answer(
    app: &App,
    asked: &Asked,
    base: &BaseUrl,
    caller: &Caller,
    find: impl FnOnce(&HazardMap) -> Result<Found> + Send + 'static,
) -> Result<(Response, Option<Cursor>), Problem> {
    let extended = asked.form.flag("extensions")?;
    let reach = Reach::of(caller);
    let look = move |map: &HazardMap| {
        let (found, next) = find(map)?;
        let readable = media::readable(map, &reach, &found);
        Ok::<_, Error>((found, next, readable))
    };
    let (found, next, readable) = app.read(Default::default(), look).await??;
    let private = caller.may_read_words();
    let mut shown = media::shown(app, base, readable).await?;
    let tongue = asked.manner.tongue;
    let request = |reported: Reported| {
        let shown = shown.remove(&reported.id);
        ServiceRequest::of(reported, shown, tongue, extended)
    };
    let requests: Vec<_> = found.into_iter().map(request).collect();
    let manner = Manner { private, ..asked.manner };
    Ok((manner.answer(StatusCode::OK, "service_requests", &requests)?, next))
}

/// The id of the service request that a token was given for. Every service here answers with the id at once; the token is
/// that of the link to follow a report.
#[utoipa::path(get, path = "/open311/v2/tokens/{token}", tag = "open311",
    params(("token" = String, Path, description = "With .json or .xml behind it; without, as Accept says")),
    responses(
        (status = 200, content((Vec<OfToken> = "application/json; charset=utf-8"), (Vec<OfToken> = "text/xml; charset=utf-8"))),
        (status = 403,
            content((Vec<Told> = "application/json; charset=utf-8"), (Vec<Told> = "text/xml; charset=utf-8"))),
        (status = 404,
            content((Vec<Told> = "application/json; charset=utf-8"), (Vec<Told> = "text/xml; charset=utf-8"))),
        (status = 503,
            content((Vec<Told> = "application/json; charset=utf-8"), (Vec<Told> = "text/xml; charset=utf-8")))))]
pub async fn of_token(State(app): State<App>, Path(file): Path<String>, asked: Asked) -> Result<Response, Problem> {
    let token = asked.name(&file).to_owned();
    let nothing = || Problem::not_found("token not found: nothing has it, or it was revoked");
    let report = app.live()?.links().report(&token).map(str::to_owned).ok_or_else(nothing)?;
    let linked = report.clone();
    let revoked = app.people(move |people| people.revoked_links(&[linked])).await?;
    let (sought, now) = (report.clone(), app.now());
    let found = app.read(Default::default(), move |map| Reported::find(map, &sought, now).is_some()).await?;
    if !found || !revoked.is_empty() {
        return Err(nothing());
    }
    let manner = Manner { private: true, ..asked.manner };
    manner.answer(StatusCode::OK, "service_requests", &[OfToken { service_request_id: report, token }])
}
