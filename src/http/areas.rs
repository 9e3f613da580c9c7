//! Which areas and which unit a position belongs to; and the units.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::openapi::ViewOf;
use super::problem::Wire;
use super::query::Asked;
use super::{App, Problem, etag, layers, query};
use crate::error::{Result, invalid};
use crate::hazard::analysis::USUAL_CATEGORY;
use crate::hazard::category::Category;
use crate::hazard::layer::{AreasAt, UnitList, areas_at};
use crate::hazard::position::Position;

/// Which areas a position belongs to, from the finest to the city, and which unit would be sent there now for a category,
/// with the reason. On a border and outside all areas it is answered, too: the nearest area holds what lies at most 200 m
/// outside, and is named beyond that.
#[utoipa::path(get, path = "/api/v1/areas/at", tag = "places",
    params(("lon" = f64, Query, description = "WGS 84 degrees", example = -73.9),
        ("lat" = f64, Query, description = "WGS 84 degrees", example = 40.77),
        ("category" = Option<String>, Query, description = "Of what is reported; default: waterlogging",
            example = "manhole"),
        ViewOf),
    responses((status = 200, body = AreasAt, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn at(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let (mut degrees, mut category) = ([None; 2], Category::named(USUAL_CATEGORY)?);
    let asked = query::view_and(&uri, app.rule(), &["lon", "lat", "category"], |name, value| {
        if name == "category" {
            category = Category::named(value)?;
            return Ok(());
        }
        let number = value.parse::<f64>().map_err(|_| invalid(name, value, "not a number of degrees"))?;
        degrees[usize::from(name == "lat")] = Some(number);
        Ok(())
    })?;
    let [lon, lat] = degrees;
    let lon = lon.ok_or_else(|| invalid("lon", "", "missing: a longitude in WGS 84 degrees"))?;
    let lat = lat.ok_or_else(|| invalid("lat", "", "missing: a latitude in WGS 84 degrees"))?;
    let position = Position::new(lon, lat)?;
    let now = app.minute(&asked);
    let made = app.read(asked.clone(), move |map| areas_at(map, position, category, now)).await?;
    by_the_clock(&app, &request, &asked, now, made.position, &made)
}

/// Every unit with its areas, its categories, its duty hours and who stands in for it and supervises it; in the order of
/// their ids.
#[utoipa::path(get, path = "/api/v1/units", tag = "places", params(ViewOf),
    responses((status = 200, body = UnitList, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn units(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let asked = query::view(&uri, app.rule())?;
    let now = app.minute(&asked);
    let made = app.read(asked.clone(), move |map| UnitList::of(map, now)).await?;
    by_the_clock(&app, &request, &asked, now, made.position, &made)
}

/// An answer that is another one every minute.
fn by_the_clock(
    app: &App,
    request: &HeaderMap,
    asked: &Asked,
    now: i64,
    position: u64,
    made: &impl Serialize,
) -> Result<Response, Problem> {
    let tag = etag::with(&etag::asked(app, asked, position), &now.to_string());
    if let Some(same) = etag::not_modified(request, &tag) {
        return Ok(same);
    }
    Ok((etag::headers(tag), [("content-type", "application/json")], layers::json(made)?).into_response())
}
