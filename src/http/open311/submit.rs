//! Service requests come in: each is a report, by the same door as any other.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::actor::{self, Caller};
use super::super::address::Address;
use super::super::base_url::BaseUrl;
use super::super::pace::{Senders, What};
use super::super::reports::{self, idempotency_key};
use super::super::{App, Problem, photos, rights};
use super::answer::Manner;
use super::asked::Asked;
use super::errors::Told;
use super::{BASE, form};
use crate::error::invalid;
use crate::hazard::layer::IncidentId;
use crate::hazard::position::Position;
use crate::intake::arrival::{Arrival, Door};
use crate::intake::open311::{Form, Whereabouts};

/// The answer to a post.
#[derive(Serialize, ToSchema)]
#[schema(as = Open311Posted)]
pub struct Taken {
    /// The report's id; none of a service that is `blackbox`.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_request_id: Option<String>,
    service_notice: &'static str,
    /// Never given.
    account_id: Option<String>,
    /// With `extensions=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_attributes: Option<Extended>,
}

/// Where it has come to.
#[derive(Serialize, ToSchema)]
#[schema(as = Open311PostedExtended)]
struct Extended {
    incident_id: Option<IncidentId>,
    #[schema(value_type = Option<String>)]
    hotspot_id: Option<Arc<str>>,
    /// Where its sender follows what becomes of it. Nobody can guess it; what stands behind the last / is its token.
    follow: String,
}

/// For the description alone.
const EXAMPLE: &str = "service_code=waterlogging&lat=40.774&long=-73.894&description=knee-deep&attribute[depth_cm]=35&email=li%40example.org";

/// Takes a service request: 201, and it is on the map. A form, urlencoded or (with photos as files) multipart, or JSON.
///
/// `lat` and `long`, else `address_id` (the id of a place) or `address_string` (the whole name of one) say where; `datum`
/// (`gcj02` or `bd09`) where they are not WGS 84. No key is
/// needed; `api_key` is one of ours, as is Authorization: Bearer. `email`, `phone`, names, `account_id` and `device_id` are
/// kept apart, given to nobody, and erased on demand; `media_url` (several) is kept as text, and never asked for. An
/// `Idempotency-Key` makes a retry harmless. Nothing else that is not known is looked at. Whoever sends too much is told to
/// wait (429 with Retry-After), as everywhere.
#[utoipa::path(post, path = "/open311/v2/requests.json", tag = "open311",
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 200 characters, new for each request")),
    request_body(content((String = "application/x-www-form-urlencoded", example = json!(EXAMPLE)))),
    responses((status = 201, body = Vec<Taken>, content_type = "application/json; charset=utf-8",
            headers(("Location" = String, description = "The service request"))),
        (status = 400, body = Vec<Told>, content_type = "application/json; charset=utf-8"),
        (status = 403, body = Vec<Told>, content_type = "application/json; charset=utf-8"),
        (status = 404, body = Vec<Told>, content_type = "application/json; charset=utf-8"),
        (status = 429, description = "Too many from one sender", body = Vec<Told>, content_type = "application/json; charset=utf-8"),
        (status = 503, body = Vec<Told>, content_type = "application/json; charset=utf-8")))]
pub async fn in_json(
    app: State<App>,
    asked: Asked,
    base: BaseUrl,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    submit(app, asked, base, caller, request).await
}

/// The same, answered in XML.
#[utoipa::path(post, path = "/open311/v2/requests.xml", tag = "open311",
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 200 characters, new for each request")),
    request_body(content((String = "application/x-www-form-urlencoded", example = json!(EXAMPLE)))),
    responses((status = 201, body = Vec<Taken>, content_type = "text/xml; charset=utf-8",
            headers(("Location" = String, description = "The service request"))),
        (status = 400, body = Vec<Told>, content_type = "text/xml; charset=utf-8"),
        (status = 403, body = Vec<Told>, content_type = "text/xml; charset=utf-8"),
        (status = 404, body = Vec<Told>, content_type = "text/xml; charset=utf-8"),
        (status = 429, description = "Too many from one sender", body = Vec<Told>, content_type = "text/xml; charset=utf-8"),
        (status = 503, body = Vec<Told>, content_type = "text/xml; charset=utf-8")))]
pub async fn in_xml(
    app: State<App>,
    asked: Asked,
    base: BaseUrl,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    submit(app, asked, base, caller, request).await
}

async fn submit(
    State(app): State<App>,
    asked: Asked,
    base: BaseUrl,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    app.expect_to_write()?;
    let key = idempotency_key(request.headers())?;
    let headers = request.headers().clone();
    let sender = Address::of(request.extensions(), &headers);
    let posted = form::read(&app, request).await?;
    // Some programs put the key, or all of it, into the address.
    let form = asked.form.with(posted.pairs)?;
    app.provider.expect(form.one("jurisdiction_id")?)?;
    let caller = known(&app, caller, form.one("api_key")?, sender.clone()).await?;
    app.paces.count_unheld(&Senders::of(&caller, &sender, &headers)?, What::Report, 1)?;
    let category = form.category()?;
    let at = position(&app, &form).await?;
    app.expect_plausible(at).await?;
    let mut shown = Vec::new();
    for file in posted.files {
        shown.push(photos::take(&app, file, caller.person()).await?.0.id);
    }
    let arrival = Arrival::of(Door::Open311, app.now(), form.as_sent()?);
    let draft = form.draft(at, &shown, key.as_deref(), app.now())?.by(caller.person()).arrived(&arrival)?;
    let (accepted, published) = reports::keep(&app, draft).await?;
    let tongue = asked.manner.tongue;
    let location = format!("{BASE}/requests/{}.{}", accepted.id, asked.manner.format.suffix());
    let taken = Taken {
        service_request_id: (!category.is_alone()).then_some(accepted.id),
        service_notice: match category.is_alone() {
            true => tongue.choose("Received. It is answered, and not published.", "已收到。将予答复，不公开。"),
            false => tongue.choose("Received, and on the map.", "已收到，已上图。"),
        },
        account_id: None,
        extended_attributes: form.flag("extensions")?.then(|| Extended {
            incident_id: accepted.incident_id,
            hotspot_id: accepted.hotspot_id,
            follow: base.link(&accepted.follow),
        }),
    };
    let manner = Manner { private: true, ..asked.manner };
    let mut answer = manner.answer(StatusCode::CREATED, "service_requests", &[taken])?;
    if published {
        answer.headers_mut().extend(HeaderValue::try_from(location).ok().map(|location| (LOCATION, location)));
    }
    Ok(answer)
}

/// Whoever sends it: known already, or by the key among the parameters.
///
/// # Errors
/// 401 for a key that opens nothing, 403 for one that is not good for reports.
async fn known(app: &App, caller: Caller, key: Option<&str>, address: Address) -> Result<Caller, Problem> {
    let (Caller::Nobody(_), Some(key)) = (&caller, key) else { return Ok(caller) };
    let caller = actor::by_key(app, key.to_owned(), address).await?;
    let path = format!("{BASE}/requests.json");
    let refused = rights::find("POST", &path).map_or(Ok(()), |right| right.admits(&caller));
    if let (Err(_), Caller::Known(known)) = (&refused, &caller) {
        rights::refusal(app, known, &path).await?;
    }
    refused.map(|()| caller)
}

/// Where it is: as it says, or the place that it names. Never a guess.
///
/// # Errors
/// 400 where it does not say, or names no place, or several.
async fn position(app: &App, form: &Form) -> Result<Position, Problem> {
    let send = "send lat and long";
    match form.whereabouts()? {
        Whereabouts::At(position) => Ok(position),
        Whereabouts::Place(id) => {
            let sought = id.clone();
            let found = app.read(Default::default(), move |map| map.places().find(&sought).map(|place| place.position));
            let none = || invalid("address_id", &id, format!("is the id of no place: {send}")).into();
            found.await?.ok_or_else(none)
        }
        Whereabouts::Named(name) => {
            let (live, state, sought) = (app.live()?.clone(), app.clone(), name.clone());
            let look = move || -> Vec<Position> {
                let index = state.shared.names.of(&live);
                index.named(&sought).iter().map(|place| place.position).collect()
            };
            match app.shared.turns.soon().await?.look(look).await?[..] {
                [one] => Ok(one),
                [] => Err(invalid("address_string", &name, format!("is the name of no place here: {send}")).into()),
                _ => Err(invalid("address_string", &name, format!("is the name of several places: {send}")).into()),
            }
        }
    }
}
