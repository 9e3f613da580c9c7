//! What a message says, while it is being written: nothing of it is kept.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Wire;
use super::{App, Map, Problem, body, query};
use crate::hazard::between::between;
use crate::hazard::event::Place;
use crate::hazard::layer::Time;
use crate::hazard::map::HazardMap;
use crate::hazard::position::Position;
use crate::hazard::time;
use crate::intake::inbound::Spot;
use crate::intake::message::{Message, PostedMessage};
use crate::intake::text::stretch::{Stretch, street_key};
use crate::intake::text::{Gazetteer, Matter, Named, Parser, Reading, Sent};

/// What was understood, as `waterlog intake parse` prints it.
#[derive(Serialize, ToSchema)]
pub struct Understood {
    #[serde(flatten)]
    pub reading: Reading,
    /// Where the places lie that the matters name and the questions offer.
    places: Vec<PlaceMeant>,
    /// The stretches of streets between two others that matters name.
    stretches: Vec<StretchMeant>,
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

/// A stretch of a street that a message names: its position is the middle.
#[derive(Serialize, ToSchema)]
struct StretchMeant {
    /// The number of the matter, from 0.
    matter: usize,
    #[serde(flatten)]
    named: Stretch,
    lon: f64,
    lat: f64,
    length_m: f64,
    /// Degrees, from one crossing to the other.
    line: Vec<[f64; 2]>,
}

/// Reads messages with the places and streets of the map; made anew when others were loaded.
#[derive(Default)]
pub struct Reader(Mutex<Option<([u64; 2], Arc<Names>)>>);

/// What messages are read with.
pub struct Names {
    parser: Parser,
    /// Of each street by its key: its lines, by their numbers among the map's.
    streets: HashMap<String, Vec<u32>>,
}

impl Reader {
    /// The names of the map. Whoever comes while they are made ready waits for it.
    pub fn of(&self, map: &Map) -> Arc<Names> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = map.read(loads);
        if let Some((_, names)) = known.as_ref().filter(|(made_of, _)| *made_of == now) {
            return names.clone();
        }
        // The names are copied under the map's lock; the index is made when it is free again.
        let (made_of, places, streets): (_, _, HashMap<Arc<str>, Vec<u32>>) =
            map.read(|map| (loads(map), names(map), street_names(map)));
        let mut by_key: HashMap<String, Vec<u32>> = HashMap::new();
        for (name, lines) in streets {
            by_key.entry(street_key(&name)).or_default().extend(lines);
        }
        let names = Arc::new(Names { parser: Parser::new(Gazetteer::new(places)), streets: by_key });
        *known = Some((made_of, names.clone()));
        names
    }
}

impl Names {
    /// What a message says, and where that is on the map; `now` in unix seconds.
    pub fn read(&self, map: &Map, text: &str, sent: &Sent, now: i64) -> Understood {
        let reading = self.parser.read(text, sent);
        map.read(|map| self.understood(map, reading, now))
    }

    fn understood(&self, map: &HazardMap, reading: Reading, now: i64) -> Understood {
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
        let unknown = reading.matters.iter().enumerate().filter(|(_, matter)| matter.place_id.is_none());
        let stretches = unknown.filter_map(|(i, matter)| self.stretch(map, i, matter.place_text.as_deref()?)).collect();
        Understood { reading, places, stretches, now: Time(now) }
    }

    fn stretch(&self, map: &HazardMap, matter: usize, phrase: &str) -> Option<StretchMeant> {
        let named = Stretch::of(phrase)?;
        let lines = |name: &str| -> Option<Vec<&[Position]>> {
            let rows = self.streets.get(&street_key(name))?;
            // Others may have been loaded since: a number stays that of its street.
            Some(rows.iter().map(|&n| &*map.streets().all()[n as usize].line).collect())
        };
        let found = between(&lines(&named.street)?, &lines(&named.from)?, &lines(&named.to)?)?;
        let line = found.line.iter().map(|at| [at.lon(), at.lat()]).collect();
        let (lon, lat) = (found.middle.lon(), found.middle.lat());
        Some(StretchMeant { matter, named, lon, lat, length_m: found.length_m.round(), line })
    }
}

fn loads(map: &HazardMap) -> [u64; 2] {
    [map.places().loads(), map.streets().loads()]
}

fn names(map: &HazardMap) -> Vec<Named> {
    let named = |place: &Place| Named { id: place.id.clone(), names: place.names().map(str::to_owned).collect() };
    map.places().all().iter().filter(|place| place.name.is_some()).map(named).collect()
}

/// Every name of a street with the numbers of its lines.
fn street_names(map: &HazardMap) -> HashMap<Arc<str>, Vec<u32>> {
    let mut names: HashMap<Arc<str>, Vec<u32>> = HashMap::new();
    for (n, street) in (0..).zip(map.streets().all()) {
        names.entry(street.name.clone()).or_default().push(n);
    }
    names
}

impl Understood {
    /// Where a matter lies by its words.
    pub fn spot(&self, number: usize, matter: &Matter) -> Option<Spot> {
        if let Some(id) = &matter.place_id {
            let place = self.places.iter().find(|place| place.id == *id)?;
            return Some(Spot { position: Position::new(place.lon, place.lat).ok()?, accuracy_m: None });
        }
        let stretch = self.stretches.iter().find(|stretch| stretch.matter == number)?;
        let half = (stretch.length_m / 2.0).ceil() as u16;
        Some(Spot { position: Position::new(stretch.lon, stretch.lat).ok()?, accuracy_m: Some(half) })
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
    let work = move |map: &Map| shared.reader.of(map).read(map, &message.text, &sent, now);
    let understood = app.aside(Default::default(), work).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(understood)).into_response())
}
