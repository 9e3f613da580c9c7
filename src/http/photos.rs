//! Photos come in before the report, or the step, that shows them, and are looked at by whoever may.

use std::collections::HashSet;
use std::num::NonZeroU64;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, LOCATION, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Caller;
use super::address::Address;
use super::pace::{Senders, What};
use super::problem::Wire;
use super::turns::{Turn, Turns};
use super::{App, Problem, body, etag, inbox_areas, query, rights};
use crate::hazard::map::HazardMap;
use crate::hazard::photo::{Doubt, Photo};
use crate::hazard::slot::Slot;
use crate::hazard::time;
use crate::intake::photo::{self, Refusal};
use crate::live::Live;
use crate::store::Size;

/// Pictures decoded at once: each takes a core, and hundreds of megabytes at the worst.
const DECODED_AT_ONCE: usize = 2;
/// Memory for pictures and for batches of reports that are coming in, in units of so many bytes.
const UNIT_BYTES: usize = 65_536;
const UNITS: usize = 4_096;
/// What is read of a batch takes so many times its own bytes.
const BATCH_TAKES: usize = 8;
/// A WebP of one black pixel, which happens to be plain text.
const EXAMPLE: &str = "RIFF\u{16}\0\0\0WEBPVP8L\u{9}\0\0\0/\0\0\0\0(@D\u{4}\0";
/// Of a photo that was taken further from every place than this, the position is doubted.
const FAR_M: f64 = 5_000.0;
/// The id of the example.
pub const EXAMPLE_ID: &str = "d1b593e7eb4b760fb96dfc0803ec1d6eeaa890a2cd1809c3657b0d7b10eb680b";

/// How much is done with pictures at once.
pub struct Pictures {
    coming: Turns,
    decoded: Turns,
}

impl Pictures {
    pub fn new() -> Pictures {
        Pictures { coming: Turns::held_by_callers(UNITS), decoded: Turns::of(DECODED_AT_ONCE) }
    }

    /// Memory for the body of a request, until it is given back.
    pub async fn room(&self, request: &HeaderMap) -> Result<Turn, Problem> {
        self.room_of(body::photo_bytes(request)).await
    }

    /// The same for many reports in one request; nothing for one that has a single report, which takes little.
    pub async fn room_for_batch(&self, request: &HeaderMap) -> Result<Option<Turn>, Problem> {
        let Some(bytes) = body::batch_bytes(request) else { return Ok(None) };
        self.room_of(BATCH_TAKES * bytes).await.map(Some)
    }

    async fn room_of(&self, bytes: usize) -> Result<Turn, Problem> {
        let units = bytes.div_ceil(UNIT_BYTES).max(1);
        Ok(self.coming.soon_together(units as u32).await?)
    }
}

/// The bytes of a picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only its description is used")]
pub struct PictureBytes(Vec<u8>);

/// A photo that is kept.
#[derive(Serialize, ToSchema)]
pub struct KeptPhoto {
    /// For `photos` of a report or a step: a hash of the file that was sent.
    id: String,
    /// Of the picture as it is kept, upright.
    width_px: u32,
    height_px: u32,
    /// Null where the camera noted nothing of these, or it could not be read.
    exif: Option<KeptExif>,
    /// What could not be read, or is to be doubted: a sentence each.
    notes: Vec<String>,
    /// What of it is to be doubted, for a page that says it in its reader's language.
    doubts: Vec<Doubt>,
}

/// What the camera noted.
#[derive(Serialize, ToSchema)]
pub struct KeptExif {
    /// WGS 84 degrees.
    lon: Option<f64>,
    lat: Option<f64>,
    /// Where the camera looked, clockwise from north, true or magnetic as the camera has it.
    direction_deg: Option<f64>,
    /// RFC 3339; null where the camera does not say in which zone its clock is.
    taken_at: Option<String>,
}

impl From<Photo> for KeptPhoto {
    fn from(photo: Photo) -> KeptPhoto {
        let Photo { id, width_px, height_px, exif, notes, doubts } = photo;
        let exif = exif.map(|exif| KeptExif {
            lon: exif.position.map(|at| at.lon()),
            lat: exif.position.map(|at| at.lat()),
            direction_deg: exif.direction_deg,
            taken_at: exif.taken_at.map(time::format),
        });
        KeptPhoto { id, width_px, height_px, exif, notes, doubts }
    }
}

/// Takes a photo: JPEG, PNG or WebP, whatever its Content-Type says, at most 20 MB and 51 megapixels.
///
/// What the camera noted of place, direction and time is read; then only the pixels are kept, upright, at most 2,560 a
/// side, without metadata. 201: it is on disk; 200: it was already, from whomever. Nobody sees it but who has a right to.
/// A report, or a step, shows it by its `id`; one that none shows within a day is dropped. HEIC (`/problems/photo-heic`), SVG,
/// films and the like are refused with 415 and what to do, too many bytes or pixels with 413, what breaks off or is no picture with 422.
#[utoipa::path(post, path = "/api/v1/photos", tag = "reports",
    request_body(content(
        (PictureBytes = "image/webp", example = json!(EXAMPLE)),
        (PictureBytes = "image/jpeg", example = json!(EXAMPLE)),
        (PictureBytes = "image/png", example = json!(EXAMPLE)),
        (PictureBytes = "application/octet-stream", example = json!(EXAMPLE)),
    ), description = "The file as it is; the example is a WebP of one pixel"),
    responses((status = 201, body = KeptPhoto, headers(("Location" = String, description = "The photo"))),
        (status = 200, body = KeptPhoto),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json"),
        (status = 422, body = Wire, content_type = "application/problem+json"),
        (status = 429, description = "Too many from one sender", body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn keep(
    State(app): State<App>,
    caller: Caller,
    address: Address,
    request: Request,
) -> Result<Response, Problem> {
    query::none(request.uri())?;
    app.live()?;
    app.paces.count(&Senders::of(&caller, &address, request.headers())?, What::Photo, 1)?;
    let _until_answered = app.shared.pictures.room(request.headers()).await?;
    let file = body::photo(request).await?;
    let (photo, fresh) = take(&app, file, caller.person()).await?;
    let status = if fresh { StatusCode::CREATED } else { StatusCode::OK };
    let location = HeaderValue::try_from(format!("/api/v1/photos/{}", photo.id));
    let mut response = (status, Json(KeptPhoto::from(photo))).into_response();
    response.headers_mut().extend(location.ok().map(|location| (LOCATION, location)));
    Ok(response)
}

/// Keeps the photo of a file; says whether it was not there before.
///
/// # Errors
/// 413, 415 or 422 for what cannot be kept.
pub async fn take(app: &App, file: Vec<u8>, sender: Option<NonZeroU64>) -> Result<(Photo, bool), Problem> {
    let (live, now, state) = (app.live()?.clone(), app.now(), app.clone());
    // It has been sent, over whatever network there was: it is not told to come again.
    let decoding = app.shared.pictures.decoded.sometime().await?;
    decoding.look(move || kept(&state, &live, &file, sender, now)).await?
}

/// The photo of a file, and whether it was not there before.
fn kept(app: &App, live: &Live, file: &[u8], sender: Option<NonZeroU64>, now: i64) -> Result<(Photo, bool), Problem> {
    if let Some(known) = live.photos().again(&photo::id(file), sender, now)? {
        return Ok((known, false));
    }
    let mut picture = photo::read(file, now)?;
    if let Some(told) = far_off(app, live, &picture.about) {
        picture.about.notes.push(told);
        picture.about.doubts.push(Doubt::Far);
    }
    let fresh = live.photos().keep(&picture, sender, now)?;
    Ok((picture.about, fresh))
}

/// Says so where no place that is known lies near.
fn far_off(app: &App, live: &Live, photo: &Photo) -> Option<String> {
    let at = photo.exif.as_ref()?.position?;
    let index = app.shared.names.of(live);
    let distance_m = index.nearest(at, 1).first()?.distance_m?;
    let km = distance_m / 1_000.0;
    (distance_m > FAR_M).then(|| {
        format!("the picture was taken {km:.0} km from the nearest place that is known here: in the sea, or in another city?")
    })
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::Heic(why) => Problem::photo_heic(why),
            Refusal::Unsupported(why) => Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why),
            Refusal::TooLarge(why) => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, why),
            Refusal::Broken(why) => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why),
        }
    }
}

/// A photo as it is kept: upright, without metadata. For staff; for those whose rights are bounded to areas what is shown by a
/// report or a step of a case there, what waits in the inbox and may lie there, or does not say where, if they look after that,
/// and what they sent themselves.
#[utoipa::path(get, path = "/api/v1/photos/{id}", tag = "reports",
    params(("id" = String, Path, description = "From the answer to its post", example = json!(EXAMPLE_ID))),
    responses((status = 200, body = PictureBytes, content_type = "image/jpeg"),
        (status = 403, description = "Not this role, or not in this area", body = Wire, content_type = "application/problem+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn photo(
    app: State<App>,
    id: Path<String>,
    caller: Caller,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    shown(app, id, caller, Size::Whole, request, uri).await
}

/// The same photo, at most 320 pixels a side.
#[utoipa::path(get, path = "/api/v1/photos/{id}/thumbnail", tag = "reports",
    params(("id" = String, Path, description = "From the answer to its post", example = json!(EXAMPLE_ID))),
    responses((status = 200, body = PictureBytes, content_type = "image/jpeg"),
        (status = 403, description = "Not this role, or not in this area", body = Wire, content_type = "application/problem+json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 404, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn thumbnail(
    app: State<App>,
    id: Path<String>,
    caller: Caller,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    shown(app, id, caller, Size::Thumbnail, request, uri).await
}

/// Of whoever sees it, only his own browser may keep it, and asks before it shows it again: it may have been erased.
const KEPT_BY_HIM: [(HeaderName, &str); 2] =
    [(CACHE_CONTROL, "private, no-cache"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];

async fn shown(
    State(app): State<App>,
    Path(id): Path<String>,
    caller: Caller,
    size: Size,
    request: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    query::none(&uri)?;
    app.live()?;
    if let Err(refused) = may_see(&app, &id, &caller).await {
        if let Caller::Known(known) = &caller
            && refused.is(StatusCode::FORBIDDEN)
        {
            rights::refusal(&app, known, &id).await?;
        }
        return Err(refused);
    }
    picture(&app, &id, size, &request).await
}

/// Lies what shows a photo in the areas of whoever wants to see it? What he sent himself he sees, and what waits in the inbox
/// whoever looks after that there.
async fn may_see(app: &App, id: &str, caller: &Caller) -> Result<(), Problem> {
    if caller.areas().is_empty() {
        return Ok(());
    }
    let (live, photo, person) = (app.live()?.clone(), id.to_owned(), caller.person());
    let used = app.shared.turns.soon().await?.look(move || live.photos().used(&photo, person)).await??;
    if used.sent {
        return Ok(());
    }
    let areas = caller.areas().to_vec();
    let judge = app.read_written(move |map| {
        let (mut refused, mut waiting) = (None, Vec::new());
        for report in used.reports {
            match map.reports().find(&report) {
                None => waiting.push(report),
                Some(row) => match rights::in_areas(map, area_of(map, row), &areas, "what the photo shows") {
                    Ok(()) => return None,
                    no => refused = no.err(),
                },
            }
        }
        Some((refused, waiting))
    });
    let Some((mut refused, waiting)) = judge.await? else { return Ok(()) };
    for entry in waiting {
        let may = match rights::is_of_the_desk(caller) {
            true => inbox_areas::over_entry(app, &entry, caller.areas()).await,
            false => Err(Problem::new(StatusCode::FORBIDDEN, "what the photo shows is no report yet")),
        };
        match may {
            Ok(()) => return Ok(()),
            no => refused = no.err(),
        }
    }
    // Nothing shows it: it is nowhere, and so not his to see.
    Err(refused.unwrap_or_else(nothing))
}

/// The area that a report belongs to.
pub fn area_of(map: &HazardMap, report: usize) -> Option<usize> {
    let row = &map.reports().rows()[report];
    match row.incident.map(Slot::index) {
        Some(incident) => map.area_of(incident),
        None => map.areas().area_of(row.position),
    }
}

fn nothing() -> Problem {
    Problem::not_found("there is no such photo, or it was erased")
}

/// A photo, for whoever may see it.
///
/// # Errors
/// 404 where there is none of this id.
pub async fn picture(app: &App, id: &str, size: Size, request: &HeaderMap) -> Result<Response, Problem> {
    if !photo::is_id(id) {
        return Err(nothing());
    }
    let tag = match size {
        Size::Whole => format!("\"{id}\""),
        Size::Thumbnail => format!("\"{id}-thumbnail\""),
    };
    let (live, id) = (app.live()?.clone(), id.to_owned());
    let jpeg = app.shared.turns.soon().await?.look(move || live.photos().picture(&id, size)).await??;
    let jpeg = jpeg.ok_or_else(nothing)?;
    if etag::not_modified(request, &tag).is_some() {
        return Ok((StatusCode::NOT_MODIFIED, KEPT_BY_HIM, [(ETAG, tag)]).into_response());
    }
    Ok((KEPT_BY_HIM, [(ETAG, tag)], [(CONTENT_TYPE, "image/jpeg")], jpeg).into_response())
}

/// Those of some ids that are of no photo.
pub async fn unknown(app: &App, ids: Vec<String>) -> Result<HashSet<String>, Problem> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let live = app.live()?.clone();
    let unknown = app.shared.turns.soon().await?.look(move || live.photos().unknown(&ids)).await??;
    Ok(unknown.into_iter().collect())
}

/// Refuses a report, or a step, that shows photos which are not here.
///
/// # Errors
/// 422 naming the first.
pub fn expect_known(ids: &[String], unknown: &HashSet<String>) -> Result<(), Problem> {
    match ids.iter().find(|id| unknown.contains(*id)) {
        None => Ok(()),
        Some(id) => Err(Problem::unprocessable("photos", id.clone(), "there is no such photo: send it again first")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_picture_of_its_id() {
        let picture = photo::read(EXAMPLE.as_bytes(), 0).unwrap();
        let about = picture.about;
        assert_eq!((about.id.as_str(), about.width_px, about.height_px, about.exif), (EXAMPLE_ID, 1, 1, None));
    }
}
