//! OGC API - Features, Part 4: Create, Replace, Update and Delete (OGC 20-002, version 1.0 draft), of reports. A report is
//! filed as at `/api/v1/reports`. It is never edited: what replaces or updates one is a report of its own that takes its
//! place under the next id, and to delete it is to retract it; the log keeps all of them, and who did it the audit log.
//! Whoever keeps the address that a report was filed at changes what stands in its place, if he knows how that stands.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_LOCATION, CONTENT_TYPE, ETAG, IF_MATCH, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::super::actor::{Caller, Known, SAID_NOTHING};
use super::super::address::Address;
use super::super::base_url::BaseUrl;
use super::super::layers::GEO_JSON;
use super::super::pace::{Pace, Senders, What};
use super::super::query::{self, Asked, encoded};
use super::super::{App, Problem, body, etag, photos, reports, rights};
use super::crs::CONTENT_CRS;
use super::{JSON, address, crs, link};
use crate::config::Clock;
use crate::error::{Error, Result, invalid};
use crate::hazard::crs::Crs;
use crate::hazard::layer::{AnyFeature, Found, Layer, report_index};
use crate::hazard::map::HazardMap;
use crate::intake::correction::{Before, retraction};
use crate::intake::post::NewReport;
use crate::intake::{Private, json as read_json, posted_feature};

pub async fn create(
    State(app): State<App>,
    caller: Caller,
    from: Address,
    base: BaseUrl,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let key = reports::idempotency_key(request.headers())?;
    let senders = Senders::of(&caller, &from, request.headers())?;
    let (head, body) = request.into_parts();
    let crs = content_crs(&app, &head.headers).await?;
    let feature = read_json::parse(&body::feature(Request::from_parts(head, body)).await?)?;
    let pace = app.paces.count(&senders, What::Report, 1)?;
    let body = posted_feature::body(&feature, |at| degrees(crs, at))?;
    let report = published(reports::checked(&app, &body).await?)?;
    if pace == Pace::Held {
        return reports::held(&app, &body, report, key, &caller, &senders).await;
    }
    let key = report.key(key.as_deref())?;
    let (accepted, here) = reports::take_alone(&app, report, key, caller.person()).await?;
    if !here {
        return Err(Error::Conflict(format!("it was taken before, as {}, and retracted since", accepted.id)).into());
    }
    let location = at(&base, &accepted.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(accepted)).into_response())
}

pub async fn replace(
    State(app): State<App>,
    Path(id): Path<String>,
    caller: Caller,
    base: BaseUrl,
    request: Request,
) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let edit = Edit::begin(app, caller, base, id, &head).await?;
    let crs = content_crs(&edit.app, &head.headers).await?;
    let feature = read_json::parse(&body::feature(Request::from_parts(head, body)).await?)?;
    edit.correct(&feature, crs).await
}

pub async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    caller: Caller,
    base: BaseUrl,
    request: Request,
) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let mut edit = Edit::begin(app, caller, base, id, &head).await?;
    let crs = content_crs(&edit.app, &head.headers).await?;
    let patch = read_json::parse(&body::merge_patch(Request::from_parts(head, body)).await?)?;
    // What is not patched is patched as it stands, in the system of what is.
    edit.feature.write_in(crs);
    let feature = posted_feature::patched(json!(edit.feature), &patch);
    edit.correct(&feature, crs).await
}

pub async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    caller: Caller,
    base: BaseUrl,
    request: Request,
) -> Result<Response, Problem> {
    let edit = Edit::begin(app, caller, base, id, &request.into_parts().0).await?;
    let draft = retraction(edit.id.clone(), edit.app.now());
    let taken = edit.app.to_write()?.submit(draft).await;
    taken.map_err(|error| edit.refused(error))?;
    edit.note("retract").await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What is known by its content alone: the state of a report's feature, whoever else reports meanwhile.
///
/// # Errors
/// `Store` for a feature that cannot be written.
pub fn version(app: &App, feature: &AnyFeature) -> Result<String, Problem> {
    Ok(etag::of_content(app, &feature.text()?))
}

/// A change to a report by somebody who may, and knows how it stands.
struct Edit {
    app: App,
    base: BaseUrl,
    by: Arc<Known>,
    /// Of what stands now.
    id: String,
    feature: AnyFeature,
    before: Before,
}

/// A report as it stands, and its id: another than was asked for where that was corrected.
type Standing = (String, AnyFeature, Before);

impl Edit {
    /// # Errors
    /// 401 for nobody; 404 and 412 where there is no such report any more, 428 and 412 where it is not said, or not true,
    /// how it stands; 403 where it lies in no area of his.
    async fn begin(app: App, caller: Caller, base: BaseUrl, id: String, request: &Parts) -> Result<Edit, Problem> {
        query::none(&request.uri)?;
        let Caller::Known(by) = caller else { return Err(Problem::new(StatusCode::UNAUTHORIZED, SAID_NOTHING)) };
        let (sought, areas, now) = (id.clone(), by.areas().to_vec(), app.now());
        let found = app.read_written(move |map| standing(map, &sought, &areas, now)).await?;
        let found = match found {
            Ok(found) => found,
            Err(refused) => {
                rights::refusal(&app, &by, &id).await?;
                return Err(refused);
            }
        };
        let Some((stands, feature, before)) = found else {
            // Whoever deletes has what he wants all the same (OGC 20-002, /rec/delete/no-feature).
            let knew = request.headers.contains_key(IF_MATCH) && request.method != Method::DELETE;
            let status = if knew { StatusCode::PRECONDITION_FAILED } else { StatusCode::NOT_FOUND };
            return Err(Problem::new(status, format!("no report {id:?}, or it was retracted")));
        };
        let corrected = stands != id;
        let tag = etag::with(&version(&app, &feature)?, base.as_str());
        match etag::is_known(&request.headers, &tag) {
            // Whoever takes whatever is there may not know that something else stands there.
            Some(true) if !(corrected && etag::is_any(&request.headers)) => {
                Ok(Edit { app, base, by, id: stands, feature, before })
            }
            Some(_) if corrected => {
                let told = format!("{id} was corrected: {stands} stands, and If-Match does not name its ETag");
                Err(Problem::new(StatusCode::PRECONDITION_FAILED, told))
            }
            Some(_) => {
                let told = format!("{id} has changed since the ETag that If-Match names: get it again");
                Err(Problem::new(StatusCode::PRECONDITION_FAILED, told))
            }
            None => {
                let told = "If-Match is missing: send the ETag that the feature came with";
                Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, told))
            }
        }
    }

    /// Puts what a feature says in the place of the report.
    async fn correct(mut self, feature: &Value, crs: Crs) -> Result<Response, Problem> {
        let body = posted_feature::body(feature, |at| degrees(crs, at))?;
        let report = published(NewReport::correcting(&body, self.app.now(), self.before.observed_at())?)?;
        let unknown = photos::unknown(&self.app, report.photos().to_vec()).await?;
        photos::expect_known(report.photos(), &unknown)?;
        let (areas, position) = (self.by.areas().to_vec(), report.position());
        let within = move |map: &HazardMap| {
            rights::in_areas(map, map.areas().area_of(position), &areas, "where the report is to be")
        };
        if let Err(refused) = self.app.read_written(within).await? {
            rights::refusal(&self.app, &self.by, &self.id).await?;
            return Err(refused);
        }
        self.before.private = private(&self.app, &self.id).await?;
        let drafts = self.before.clone().corrected(report, self.app.now())?;
        let mut last = self.id.clone();
        if !drafts.is_empty() {
            for taken in self.app.to_write()?.submit_batch(drafts).await? {
                let taken = taken.map_err(|error| self.refused(error))?;
                last = if taken.id.is_empty() { last } else { taken.id };
            }
            self.note("correct").await?;
        }
        self.answer(last, crs).await
    }

    /// The report that stands now.
    async fn answer(self, id: String, crs: Crs) -> Result<Response, Problem> {
        let (sought, now) = (id.clone(), self.app.now());
        let found = self.app.read_written(move |map| Layer::Reports.feature(map, &sought, now)).await?;
        let Found::Here(mut feature) = found else {
            return Err(Error::Conflict(format!(
                "it was corrected, as {id}, and somebody else has changed that since"
            ))
            .into());
        };
        let tag = etag::with(&version(&self.app, &feature)?, self.base.as_str());
        feature.write_in(crs);
        let here = at(&self.base, &id);
        feature.links_mut().extend([
            link("self", here.clone(), GEO_JSON, "this report"),
            link("collection", address(&self.base, Layer::Reports, ""), JSON, "its collection"),
        ]);
        let headers = [(ETAG, tag), (CONTENT_TYPE, GEO_JSON.into()), (CONTENT_LOCATION, here)];
        Ok((headers, [(CONTENT_CRS, format!("<{crs}>"))], feature.text()?).into_response())
    }

    /// Between the look at it and the change somebody else was faster.
    fn refused(&self, error: Error) -> Problem {
        match error {
            Error::Invalid { .. } | Error::Conflict(_) => {
                let told = format!("{} has been changed by somebody else this moment: get it again", self.id);
                Problem::new(StatusCode::PRECONDITION_FAILED, told)
            }
            other => other.into(),
        }
    }

    /// The log holds what was done; who did it is noted apart.
    async fn note(&self, what: &'static str) -> Result<(), Problem> {
        let (by, id) = (self.by.clone(), self.id.clone());
        self.app.people(move |people| people.audit(by.by(), what, Some(&id), Clock::system().now())).await
    }
}

/// What stands under an id, or in the place of what did; nothing where it was retracted, or never was.
fn standing(map: &HazardMap, id: &str, areas: &[String], now: i64) -> Result<Option<Standing>, Problem> {
    let id = match report_index(map, id) {
        Found::Here(_) => id.to_owned(),
        Found::At(other) => other,
        Found::Nowhere => return Ok(None),
    };
    let Found::Here(i) = report_index(map, &id) else { return Ok(None) };
    rights::over_report(map, *i, areas)?;
    let Found::Here(feature) = Layer::Reports.feature(map, &id, now) else { return Ok(None) };
    Ok(Some((id, *feature, Before::of(map, *i))))
}

/// What the private file holds of a report.
async fn private(app: &App, id: &str) -> Result<Private, Problem> {
    let (live, ids) = (app.live()?.clone(), vec![id.to_owned()]);
    let read = move || -> Result<Private> {
        let said = live.said(&ids)?.remove(&ids[0]).unwrap_or_default();
        let photos = live.photos().of_reports(&ids)?.remove(&ids[0]).unwrap_or_default();
        let sender = live.senders(&ids)?.remove(&ids[0]);
        let crate::store::Said { text, place, source_id } = said;
        Ok(Private { text, place, source_id, photos, sender, ..Private::default() })
    };
    Ok(app.shared.turns.soon().await?.look(read).await??)
}

/// Refuses what this collection does not publish.
fn published(report: NewReport) -> Result<NewReport> {
    match report.category().is_alone() {
        true => Err(invalid(
            "category",
            report.category().name(),
            "is no category of this collection: POST /api/v1/reports",
        )),
        false => Ok(report),
    }
}

/// The system that a request says its coordinates are in (OGC 20-002, /req/features/content-crs-header).
async fn content_crs(app: &App, request: &HeaderMap) -> Result<Crs, Problem> {
    let Some(value) = request.get(CONTENT_CRS) else { return Ok(Crs::default()) };
    let text = String::from_utf8_lossy(value.as_bytes());
    let uri = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(&text);
    let crs = uri.parse().map_err(|_| invalid("Content-Crs", uri, "not the URI of a system that is known"))?;
    crs::known(app, Asked::default(), Layer::Reports, "Content-Crs", crs).await?;
    Ok(crs)
}

fn degrees(crs: Crs, [first, second]: [f64; 2]) -> Result<[f64; 2]> {
    // Of degrees the report says itself what is out of range.
    let swapped = if crs.north_first() { [second, first] } else { [first, second] };
    if !crs.is_plane() {
        return Ok(swapped);
    }
    let reason = || format!("lies beyond the reach of {crs}");
    crs.degrees([first, second]).ok_or_else(|| invalid("geometry", format!("[{first}, {second}]"), reason()))
}

/// The address of a report.
fn at(base: &BaseUrl, id: &str) -> String {
    address(base, Layer::Reports, &format!("/items/{}", encoded(id)))
}
