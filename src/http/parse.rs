//! What a message says, while it is being written: nothing of it is kept.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Wire;
use super::{App, Map, Problem, body, query};
use crate::hazard::event::Place;
use crate::hazard::layer::Time;
use crate::hazard::map::HazardMap;
use crate::hazard::position::Position;
use crate::hazard::time;
use crate::intake::message::{Message, PostedMessage};
use crate::intake::text::{Gazetteer, Named, Parser, Reading, Sent};

/// What was understood, as `waterlog intake parse` prints it.
#[derive(Serialize, ToSchema)]
pub struct Understood {
    #[serde(flatten)]
    pub reading: Reading,
    /// Where the places lie that the matters name and the questions offer.
    places: Vec<PlaceMeant>,
    /// The time of the service: a sender whose clock is wrong knows by how much.
    now: Time,
}

/// A place that a message names.
#[derive(Serialize, ToSchema)]
struct PlaceMeant {
    id: String,
    name: String,
    lon: f64,
    lat: f64,
}

/// Reads messages with the places of the map; made anew when others were loaded.
#[derive(Default)]
pub struct Reader(Mutex<Option<(u64, Arc<Parser>)>>);

impl Reader {
    /// The parser for the map's places. Whoever comes while it is made waits for it.
    pub fn of(&self, map: &Map) -> Arc<Parser> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let loads = map.read(|map| map.places().loads());
        if let Some((_, parser)) = known.as_ref().filter(|(made_of, _)| *made_of == loads) {
            return parser.clone();
        }
        // The names are copied under the map's lock; the index is made when it is free again.
        let (loads, names) = map.read(|map| (map.places().loads(), names(map)));
        let parser = Arc::new(Parser::new(Gazetteer::new(names)));
        *known = Some((loads, parser.clone()));
        parser
    }
}

fn names(map: &HazardMap) -> Vec<Named> {
    let named = |place: &Place| place.name.clone().map(|name| Named { id: place.id.clone(), names: vec![name] });
    map.places().all().iter().filter_map(named).collect()
}

impl Understood {
    pub fn of(map: &HazardMap, reading: Reading, now: i64) -> Understood {
        let named = reading.matters.iter().filter_map(|matter| matter.place_id.as_deref());
        let offered = reading.questions.iter().flat_map(|question| &question.choices);
        let ids: BTreeSet<&str> = named.chain(offered.map(|choice| choice.place_id.as_str())).collect();
        let places = ids.into_iter().filter_map(|id| map.places().find(id)).map(|place| PlaceMeant {
            id: place.id.clone(),
            name: place.name.clone().unwrap_or_default(),
            lon: place.position.lon(),
            lat: place.position.lat(),
        });
        let places = places.collect();
        Understood { reading, places, now: Time(now) }
    }

    /// Where its places lie, by their ids.
    pub fn spots(&self) -> impl Iterator<Item = (&str, Position)> {
        self.places.iter().filter_map(|place| Some((place.id.as_str(), Position::new(place.lon, place.lat).ok()?)))
    }
}

/// Reads a message as one would write it in a chat group: every matter in it, the words that each value came from, and what
/// it leaves open as a question, never a guess. Nothing of it is kept.
#[utoipa::path(post, path = "/api/v1/reports/parse", tag = "reports",
    request_body(content((PostedMessage = "application/json"))),
    responses((status = 200, body = Understood, content_type = "application/json"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json"),
        (status = 408, body = Wire, content_type = "application/problem+json"),
        (status = 413, body = Wire, content_type = "application/problem+json"),
        (status = 415, body = Wire, content_type = "application/problem+json")))]
pub async fn parse(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let message = Message::parse(&body::message(request).await?)?;
    let now = app.now();
    let sent = message.sent.map_or_else(|| Sent::new(Some(&time::format(now)), None), Ok)?;
    let shared = app.shared.clone();
    let work = move |map: &Map| {
        let reading = shared.reader.of(map).read(&message.text, &sent);
        map.read(|map| Understood::of(map, reading, now))
    };
    let understood = app.aside(Default::default(), work).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(understood)).into_response())
}
