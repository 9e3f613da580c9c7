//! Places by what somebody types of their names, and the nearest; without either, page after page.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::openapi::PlaceList;
use super::problem::Wire;
use super::query::List;
use super::{App, Problem, layers, query};
use crate::error::{Error, Result, invalid};
use crate::hazard::layer::{FeatureCollection, Layer, PlaceProperties};
use crate::hazard::position::Position;
use crate::intake::place_index::{FoundPlace, LONGEST_ASKED_CHARS, PlaceIndex};
use crate::intake::street::public_name;
use crate::live::Live;

/// Places in an answer where no limit is given, and at most.
const USUAL: usize = 10;
const MOST: usize = 50;

/// The index of the places as they were loaded last; made anew, for the next who asks, when that has changed.
#[derive(Default)]
pub struct Names(Mutex<Option<(u64, Arc<PlaceIndex>)>>);

impl Names {
    /// The index of the map as it is; blocks, and the map waits only while its places are copied.
    pub fn of(&self, live: &Live) -> Arc<PlaceIndex> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let had = made.as_ref().map(|(version, _)| *version);
        let changed = live.read(|map| {
            let version = map.places().loads();
            (had != Some(version)).then(|| (version, map.places().all().to_vec()))
        });
        if let Some((version, places)) = changed {
            *made = Some((version, Arc::new(PlaceIndex::new(places))));
        }
        made.as_ref().map(|(_, index)| index.clone()).expect("it was made")
    }
}

/// Places that were found, the best first.
#[derive(Serialize, ToSchema)]
pub struct FoundPlaces {
    places: Vec<OnePlace>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FoundPlace)]
struct OnePlace {
    id: String,
    /// Its name; without one, its id.
    name: String,
    /// WGS 84 degrees.
    lon: f64,
    lat: f64,
    /// `crossing`, or `place` for anything else.
    kind: &'static str,
    /// The one of its names that was found: it may be one in another language, or a former one.
    matched: String,
    /// From `near`.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_m: Option<f64>,
}

impl From<FoundPlace<'_>> for OnePlace {
    fn from(FoundPlace { place, matched, distance_m }: FoundPlace) -> OnePlace {
        let name = place.name.as_ref().unwrap_or(&place.id).clone();
        let crossing = public_name(&name).is_some_and(|name| name.contains(" & ") || name.contains('与'));
        let kind = if crossing { "crossing" } else { "place" };
        let (lon, lat) = (place.position.lon(), place.position.lat());
        let distance_m = distance_m.map(f64::round);
        let matched = matched.unwrap_or(&name).to_owned();
        OnePlace { id: place.id.clone(), matched, name, lon, lat, kind, distance_m }
    }
}

/// Named intersections and landmarks. With `q` or `near`: found by the beginning of a name (or of one in another language, a
/// former one, one that the desk has learnt) or of a part of it, by initials
/// (of pinyin, or of words), by any part of the name, or with a wrong character in it, in this order, of equals the nearest
/// to `near`, else the shorter name; with `near` alone the nearest. Such an answer takes `limit` (10 without one, at most
/// 50) and nothing else. Without either: all of them page after page, in the order they were loaded.
#[utoipa::path(get, path = "/api/v1/places", tag = "places", params(PlaceList),
    responses((status = 200, content((FeatureCollection<PlaceProperties> = "application/geo+json"),
            (FoundPlaces = "application/json"))),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn places(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let Some(Asked { words, near, limit }) = asked(&uri)? else {
        return layers::features(app, Layer::Places, List::Pages, request, uri).await;
    };
    let (live, state) = (app.live()?.clone(), app.clone());
    let found = app.shared.turns.soon().await?.look(move || {
        let index = state.shared.names.of(&live);
        let found = match (words, near) {
            (None, Some(near)) => index.nearest(near, limit),
            (words, near) => index.find(&words.unwrap_or_default(), near, limit),
        };
        FoundPlaces { places: found.into_iter().map(OnePlace::from).collect() }
    });
    Ok(([(CACHE_CONTROL, "no-cache")], Json(found.await?)).into_response())
}

/// What is looked for.
struct Asked {
    words: Option<String>,
    near: Option<Position>,
    limit: usize,
}

/// What is looked for; nothing where the list is meant.
fn asked(uri: &Uri) -> Result<Option<Asked>> {
    let pairs = query::pairs(uri)?;
    if !pairs.iter().any(|(name, _)| name == "q" || name == "near") {
        return Ok(None);
    }
    let mut asked = Asked { words: None, near: None, limit: USUAL };
    for (name, value) in pairs {
        match name.as_str() {
            "q" if value.trim().is_empty() => {}
            "q" => {
                let chars = value.chars().count();
                if chars > LONGEST_ASKED_CHARS {
                    let reason = format!("{chars} characters; at most {LONGEST_ASKED_CHARS} are taken");
                    return Err(invalid("q", value, reason));
                }
                asked.words = Some(value);
            }
            "near" => asked.near = Some(near(&value)?),
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MOST).contains(limit));
                let bad = || invalid("limit", &value, format!("not a whole number in [1, {MOST}]"));
                asked.limit = limit.ok_or_else(bad)?;
            }
            _ => return Err(invalid(name, value, "unknown query parameter of a search; known are q, near, limit")),
        }
    }
    Ok(Some(asked))
}

fn near(text: &str) -> Result<Position> {
    let degrees = text.split_once(',').and_then(|(lon, lat)| Some((lon.parse().ok()?, lat.parse().ok()?)));
    let (lon, lat) = degrees.ok_or_else(|| invalid("near", text, "not a position: write lon,lat in degrees"))?;
    Position::new(lon, lat).map_err(|e| match e {
        Error::Invalid { reason, .. } => invalid("near", text, reason),
        other => other,
    })
}
