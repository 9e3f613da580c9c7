//! A message that is to become a report: what somebody wrote in a chat, with photos and positions where he sent some. Where
//! it says what and where it is a report by itself; else it says what is missing, and somebody has to look at it.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::candidate::{self, PostedPosition};
use super::json::{Fields, parse};
use super::message::of_at;
use super::post::{LONGEST_PLACE_CHARS, LONGEST_SOURCE_CHARS, LONGEST_TEXT_CHARS, NewReport, Source, photos, source};
use super::text::{Matter, Reading, Sent};
use crate::error::{Result, invalid};
use crate::hazard::position::Position;
use crate::hazard::time;

const KNOWN: [&str; 6] = ["text", "at", "sender", "photos", "positions", "source"];
const DEEPEST_CM: f64 = 1_000.0;

/// A message as it is posted; for the description of the API alone, since [`Inbound::parse`] reads the text.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"text": "19 Av & 58 St is flooded, knee-deep, small cars turn round", "at": "2024-06-30T23:15:00-04:00",
    "positions": [{"source": "device", "lon": -73.894, "lat": 40.774, "accuracy_m": 12}],
    "source": {"channel": "chat", "id": "m1"}}))]
pub struct PostedInbound {
    /// At most 4,000 characters, in Chinese or English.
    text: String,
    /// When it was sent, RFC 3339; "this morning" is meant in its offset. Without it: now, in UTC.
    at: Option<String>,
    /// Who wrote it, as the desk is to see him; not published.
    sender: Option<String>,
    /// Ids of photos that were sent before (`POST /api/v1/photos`); at most 8.
    photos: Option<Vec<String>>,
    /// Wherever it may be, at most 16, as with a report.
    positions: Option<Vec<PostedPosition>>,
    source: Option<Source>,
}

/// A message that can be read.
#[derive(Clone, Debug)]
pub struct Inbound {
    body: Value,
    pub text: String,
    /// When the sender says that he sent it.
    pub sent: Option<Sent>,
    at: Option<String>,
    pub sender: Option<String>,
    /// The ids of its photos, each once.
    pub photos: Vec<String>,
    channel: Option<String>,
    source_id: Option<String>,
}

/// What a message does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MissingOfMessage)]
pub enum Missing {
    Category,
    Position,
    /// It has several, which are not one spot.
    OnePosition,
    /// It says that somebody has dealt with it already.
    StillThere,
    /// A value that no report can have, such as a time to come, or a position in the sea.
    Sense,
}

/// Where a matter lies by its words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    pub position: Position,
    /// Half of the stretch that was named; nothing for a place.
    pub accuracy_m: Option<u16>,
}

/// A matter of a message as it would be posted as a report; without a category or a position it is none yet.
#[derive(Clone, Debug)]
pub struct AsReport {
    pub body: Map<String, Value>,
    /// The report, or what is missing.
    pub report: std::result::Result<NewReport, Vec<Missing>>,
}

/// The reports that a message is, or what is missing of any of them.
pub type Complete = std::result::Result<Vec<NewReport>, Vec<Missing>>;

/// All matters of a message.
pub fn all(matters: Vec<AsReport>) -> Complete {
    let (mut reports, mut missing) = (Vec::new(), Vec::new());
    for matter in matters {
        match matter.report {
            Ok(report) => reports.push(report),
            Err(of_it) => missing.extend(of_it),
        }
    }
    let mut once = Vec::new();
    for one in missing {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    if once.is_empty() { Ok(reports) } else { Err(once) }
}

/// The report that a matter is, or what is missing.
fn complete(matter: &Matter, body: &Map<String, Value>, now: i64) -> std::result::Result<NewReport, Vec<Missing>> {
    let nowhere = body.get("positions").and_then(Value::as_array).is_none_or(Vec::is_empty);
    let still_there = matter.resolved == Some(true) && matter.dry != Some(true);
    let told = [
        (matter.category.is_none(), Missing::Category),
        (still_there, Missing::StillThere),
        (nowhere, Missing::Position),
    ];
    let mut missing: Vec<Missing> = told.into_iter().filter_map(|(is, what)| is.then_some(what)).collect();
    if matter.category.is_some() && !nowhere {
        match NewReport::read(&Value::Object(body.clone()), now) {
            Ok(report) if report.in_doubt().is_some() => missing.push(Missing::OnePosition),
            Ok(report) if missing.is_empty() => return Ok(report),
            Ok(_) => {}
            Err(_) => missing.push(Missing::Sense),
        }
    }
    Err(missing)
}

impl Inbound {
    /// Reads the body of a POST.
    ///
    /// # Errors
    /// `Invalid` with the first field that is wrong.
    pub fn parse(body: &[u8]) -> Result<Inbound> {
        Inbound::of(parse(body)?)
    }

    /// As [`Inbound::parse`], of a body that was read as JSON.
    ///
    /// # Errors
    /// As [`Inbound::parse`].
    pub fn of(body: Value) -> Result<Inbound> {
        let fields = Fields::of(&body, "body", "", &KNOWN)?;
        if !fields.has("text") {
            return Err(fields.missing("text"));
        }
        let text = fields.text("text", LONGEST_TEXT_CHARS)?.unwrap_or_default();
        let (at, photos) = (fields.text("at", usize::MAX)?, photos(&fields)?);
        if text.trim().is_empty() && photos.is_empty() {
            return Err(invalid("text", text, "says nothing, and there is no photo"));
        }
        let sent = at.as_deref().map(|at| Sent::new(Some(at), None).map_err(of_at)).transpose()?;
        let sender = fields.text("sender", LONGEST_SOURCE_CHARS)?;
        candidate::read(&fields)?;
        let (channel, source_id) = source(&fields)?;
        Ok(Inbound { text, sent, at, sender, photos, channel, source_id, body })
    }

    /// What was posted.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// What makes a retry harmless where the sender gives no key of his own.
    pub fn source_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.channel.as_deref()?, self.source_id.as_deref()?))
    }

    /// Each of its matters, at least one. `spot` knows where a matter lies by its words; `exif` is what its photos know of
    /// theirs; `now` in unix seconds.
    pub fn each(
        &self,
        reading: &Reading,
        spot: impl Fn(usize, &Matter) -> Option<Spot>,
        exif: &[Position],
        now: i64,
    ) -> Vec<AsReport> {
        let nothing = [Matter::default()];
        let matters: &[Matter] = if reading.matters.is_empty() { &nothing[..] } else { &reading.matters };
        // Of several matters each lies where it says: the sender is at one of them at most.
        let exif = if matters.len() == 1 { exif } else { &[] };
        let each = matters.iter().enumerate().map(|(i, matter)| {
            let body = self.report(matter, i, &spot, exif, now);
            let report = complete(matter, &body, now);
            AsReport { body, report }
        });
        each.collect()
    }

    fn report(
        &self,
        matter: &Matter,
        number: usize,
        spot: impl Fn(usize, &Matter) -> Option<Spot>,
        exif: &[Position],
        now: i64,
    ) -> Map<String, Value> {
        let dry = matter.dry == Some(true);
        let at = |source: &str, at: Position| json!({"source": source, "lon": at.lon(), "lat": at.lat()});
        let named = spot(number, matter).map(|Spot { position, accuracy_m }| {
            let mut named = at("text", position);
            let told = [("place_id", json!(matter.place_id)), ("accuracy_m", json!(accuracy_m))];
            told.into_iter().filter(|(_, value)| !value.is_null()).for_each(|(name, value)| named[name] = value);
            named
        });
        let own = if number == 0 { self.positions() } else { &[] };
        let positions: Vec<Value> =
            own.iter().cloned().chain(exif.iter().map(|&photo| at("exif", photo))).chain(named).collect();
        let depth_cm = matter.depth_cm.filter(|_| !dry).map(|cm| cm.round().clamp(0.0, DEEPEST_CM) as u16);
        let place = matter.place_text.as_ref().map(|place| place.chars().take(LONGEST_PLACE_CHARS).collect::<String>());
        let observed_at = matter.observed_at.clone().or_else(|| self.at.clone());
        let id =
            self.source_id.as_ref().map(|id| if number == 0 { id.clone() } else { format!("{id}#{}", number + 1) });
        let report = json!({
            "category": matter.category,
            "positions": positions,
            "observed_at": observed_at.unwrap_or_else(|| time::format(now)),
            "text": self.text,
            "place": place,
            "depth_cm": depth_cm,
            "passability": matter.passability,
            "dry": dry,
            "photos": self.photos,
            "source": self.channel.as_ref().map(|channel| json!({"channel": channel, "id": id})),
        });
        let Value::Object(mut report) = report else { return Map::new() };
        report.retain(|_, value| !value.is_null());
        report
    }

    fn positions(&self) -> &[Value] {
        self.body["positions"].as_array().map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::text::{Gazetteer, Named, Parser};

    const NOW: i64 = 1_767_225_600;

    fn complete(body: Value) -> Complete {
        let inbound = Inbound::of(body).unwrap();
        let named = |id: &str, name: &str| Named { id: id.into(), names: vec![name.into()] };
        let parser = Parser::new(Gazetteer::new(vec![named("x", "豪苑路与南海大道路口"), named("y", "和信广场")]));
        let reading = parser.read(&inbound.text, inbound.sent.as_ref().unwrap());
        let spot = |_, matter: &Matter| {
            let lon = if matter.place_id.as_deref()? == "x" { 110.33 } else { 110.35 };
            Some(Spot { position: Position::new(lon, 20.01).ok()?, accuracy_m: None })
        };
        all(inbound.each(&reading, spot, &[], NOW))
    }

    fn message(text: &str, more: Value) -> Value {
        let mut body = json!({"text": text, "at": "2026-01-01T08:00:00+08:00"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    #[test]
    fn a_message_that_says_what_and_where_is_a_report_and_two_matters_are_two() {
        let one = complete(message("豪苑路南海大道路口积水30厘米", json!({}))).unwrap();
        assert_eq!((one.len(), one[0].position().lon()), (1, 110.33));
        let two = complete(message("豪苑路南海大道路口积水。和信广场井盖丢失。", json!({}))).unwrap();
        assert_eq!(two.iter().map(|report| report.position().lon()).collect::<Vec<_>>(), [110.33, 110.35]);
        let here = json!({"positions": [{"source": "device", "lon": 110.4, "lat": 20.0, "accuracy_m": 9}]});
        assert_eq!(complete(message("积水过膝", here)).unwrap()[0].position().lon(), 110.4);
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_is_guessed() {
        assert_eq!(complete(message("大家早上好", json!({}))).unwrap_err(), [Missing::Category, Missing::Position]);
        assert_eq!(complete(message("这里积水", json!({}))).unwrap_err(), [Missing::Position]);
        let far = json!({"positions": [{"source": "device", "lon": 110.4, "lat": 20.0, "accuracy_m": 9}]});
        let doubt = complete(message("豪苑路南海大道路口积水", far)).unwrap_err();
        assert_eq!(doubt, [Missing::OnePosition]);
        let late = json!({"text": "豪苑路南海大道路口积水", "at": "2027-01-01T08:00:00+08:00"});
        assert_eq!(complete(late).unwrap_err(), [Missing::Sense]);
        assert!(Inbound::of(json!({"text": " "})).unwrap_err().to_string().starts_with("text"));
    }
}
