//! A report as it is posted: a JSON body becomes a draft, or an error that names field, value and reason.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::candidate::{self, Candidate, InDoubt, PostedPosition};
use super::json::{Fields, parse, short_name};
use super::mapping::Datum;
use super::street::public_name;
use super::{Draft, Key, Private};
use crate::error::{Error, Result, invalid};
use crate::hazard::addition::Addition;
use crate::hazard::category::Category;
use crate::hazard::event::{Event, Original, Passability, Report};
use crate::hazard::position::Position;
use crate::hazard::time;

/// Clocks differ: a report may come from this far in the future.
const CLOCK_AHEAD_S: i64 = 600;
/// A post speaks of now or of lately. A rate divides by the whole time since the first report, so a single post of long
/// ago would lower every rate there is.
const OLDEST_S: i64 = 30 * 86_400;
pub(super) const LONGEST_TEXT_CHARS: usize = 4_000;
pub(super) const LONGEST_PLACE_CHARS: usize = 200;
pub(super) const LONGEST_SOURCE_CHARS: usize = 100;
const LONGEST_KEY_CHARS: usize = 200;
const DEEPEST_CM: u16 = 1_000;
pub(super) const LEAST_ACCURATE_M: u16 = 10_000;
const MOST_PHOTOS: usize = 8;

const KNOWN: [&str; 14] = [
    "category",
    "lon",
    "lat",
    "datum",
    "accuracy_m",
    "observed_at",
    "place",
    "text",
    "depth_cm",
    "passability",
    "dry",
    "source",
    "photos",
    "positions",
];
const PASSABILITY: [(&str, Passability); 4] = [
    ("clear", Passability::Clear),
    ("slow", Passability::Slow),
    ("impassable_small", Passability::ImpassableSmall),
    ("impassable", Passability::Impassable),
];

/// A report as it is posted; for the description of the API alone, since [`NewReport::parse`] reads the text itself.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({
    "category": "waterlogging", "lon": -73.894, "lat": 40.774, "accuracy_m": 12,
    "observed_at": "2024-06-30T20:00:00-04:00", "place": "19 Av & 58 St", "text": "knee-deep, small cars turn round",
    "depth_cm": 35, "passability": "impassable_small", "dry": false, "source": {"channel": "app", "id": "a1"},
}))]
pub struct PostedReport {
    category: Category,
    /// Degrees in the datum. May be left out where there are `positions`; beside them it is a pin.
    lon: Option<f64>,
    /// Degrees in the datum.
    lat: Option<f64>,
    /// Of `lon` and `lat`: `wgs84`, which it is without one, `gcj02` or `bd09`.
    datum: Option<String>,
    /// At most 10,000.
    accuracy_m: Option<f64>,
    /// RFC 3339 with offset; at most 10 minutes ahead and 30 days ago.
    observed_at: String,
    /// At most 200 characters.
    place: Option<String>,
    /// At most 4,000 characters; not published.
    text: Option<String>,
    /// Whole, at most 1,000.
    depth_cm: Option<u16>,
    passability: Option<Passability>,
    /// No water here: evidence that it does not flood.
    dry: Option<bool>,
    source: Option<Source>,
    /// Ids of photos that were sent before (`POST /api/v1/photos`); at most 8. A report with photos is evidence.
    photos: Option<Vec<String>>,
    /// Wherever the report may be, at most 16; kept beside the report, not published.
    positions: Option<Vec<PostedPosition>>,
}

/// Where a report came from.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
pub struct Source {
    /// A short name like `app`: a-z, 0-9, _, - and . only.
    channel: Option<String>,
    /// The report's id there: with the channel, it makes a retry harmless.
    id: Option<String>,
}

/// A valid report that has no id yet. What it serialises to is what a retry has to repeat.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewReport {
    category: Category,
    position: Position,
    original: Option<Original>,
    accuracy_m: Option<u16>,
    observed_at: i64,
    place: Option<String>,
    text: Option<String>,
    depth_cm: Option<u16>,
    passability: Option<Passability>,
    dry: bool,
    channel: Option<String>,
    source_id: Option<String>,
    // What a sender of an earlier program did not send changes nothing of his retries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    photos: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<Candidate>,
}

impl NewReport {
    /// Reads the body of a POST; `now` in unix seconds.
    ///
    /// # Errors
    /// `Invalid` with the first field that is wrong.
    pub fn parse(body: &[u8], now: i64) -> Result<NewReport> {
        NewReport::read(&parse(body)?, now)
    }

    /// As [`NewReport::parse`], of what has been read as JSON already.
    ///
    /// # Errors
    /// As [`NewReport::parse`].
    pub fn read(body: &Value, now: i64) -> Result<NewReport> {
        NewReport::read_since(body, now, now - OLDEST_S)
    }

    /// As [`NewReport::read`], of what corrects a report that was observed at `was`: it may be as old as that.
    ///
    /// # Errors
    /// As [`NewReport::parse`].
    pub fn correcting(body: &Value, now: i64, was: i64) -> Result<NewReport> {
        NewReport::read_since(body, now, was.min(now - OLDEST_S))
    }

    fn read_since(body: &Value, now: i64, oldest: i64) -> Result<NewReport> {
        let fields = Fields::of(body, "body", "", &KNOWN)?;
        let category = fields.text("category", usize::MAX)?.ok_or_else(|| fields.missing("category"))?.parse()?;
        let (position, original, candidates) = position(&fields)?;
        let observed_at = observed_at(&fields, now, oldest)?;
        let (channel, source_id) = source(&fields)?;
        // An accuracy is never made better than it was.
        let (depth_cm, dry) = (fields.whole("depth_cm", 0..=DEEPEST_CM)?, fields.flag("dry")?.unwrap_or(false));
        if let Some(depth_cm) = depth_cm.filter(|depth_cm| dry && *depth_cm > 0) {
            return Err(invalid("dry", dry, format!("says that there was no water, but depth_cm is {depth_cm}")));
        }
        let accuracy_m = fields.within("accuracy_m", 0..=LEAST_ACCURATE_M)?.map(|m| m.ceil() as u16);
        let accuracy_m = accuracy_m.or_else(|| candidates.first()?.accuracy_m);
        Ok(NewReport {
            category,
            position,
            original,
            accuracy_m,
            observed_at,
            place: fields.text("place", LONGEST_PLACE_CHARS)?,
            text: fields.text("text", LONGEST_TEXT_CHARS)?,
            depth_cm,
            passability: fields.one_of("passability", &PASSABILITY)?,
            dry,
            channel,
            source_id,
            photos: photos(&fields)?,
            candidates,
        })
    }

    /// Wherever a report may lie that is posted like this, first where it would be put, whatever else of it is missing or
    /// wrong; nowhere, where it does not say.
    pub fn spots(body: &Value) -> Vec<Position> {
        let read = Fields::of(body, "body", "", &KNOWN).and_then(|fields| position(&fields));
        let all = read.map(|(position, _, candidates)| {
            std::iter::once(position).chain(candidates.iter().map(|candidate| candidate.position)).collect()
        });
        all.unwrap_or_default()
    }

    /// The ids of its photos, each once.
    pub fn photos(&self) -> &[String] {
        &self.photos
    }

    pub fn position(&self) -> Position {
        self.position
    }

    pub fn category(&self) -> Category {
        self.category
    }

    /// Unix seconds.
    pub fn observed_at(&self) -> i64 {
        self.observed_at
    }

    /// "Passed here, no water."
    pub fn is_dry(&self) -> bool {
        self.dry
    }

    /// The draft of what it says more of a report that its sender has sent before; `received_at` in unix seconds.
    pub fn addition_to(self, report: String, key: Option<Key>, received_at: i64) -> Draft {
        let addition = Addition {
            report,
            at: self.observed_at,
            received_at: Some(received_at),
            depth_cm: self.depth_cm,
            passability: self.passability,
            photo: !self.photos.is_empty(),
        };
        // The report lies where it was first said to lie.
        let private = Private { text: self.text, photos: self.photos, ..Private::default() };
        Draft { event: Event::Addition(addition), key, private }
    }

    /// What has to be asked before it can be taken: which of its positions is meant.
    pub fn in_doubt(&self) -> Option<Vec<InDoubt>> {
        candidate::in_doubt(&self.candidates)
    }

    /// Its positions, where nobody has set one by hand: a device or a camera can be wrong, and nobody has looked.
    pub fn unpinned(&self) -> Option<Vec<InDoubt>> {
        candidate::unpinned(&self.candidates)
    }

    /// The draft of its event, under a new id.
    ///
    /// `idempotency_key`: the sender's own key for retries; without one, channel and source id are the key.
    ///
    /// # Errors
    /// `Invalid` for a key that is empty or too long; `Store` when the machine has no random numbers.
    pub fn draft(self, idempotency_key: Option<&str>, now: i64) -> Result<Draft> {
        let key = self.key(idempotency_key)?;
        self.draft_as(random_id()?, key, now)
    }

    /// The draft of its event, under an id that it has already; `received_at` in unix seconds.
    ///
    /// # Errors
    /// `Store` when its positions cannot be written.
    pub fn draft_as(self, id: String, key: Option<Key>, received_at: i64) -> Result<Draft> {
        // Free text stays out of the log, which can never forget; only a street's name may go in.
        let names = self.place.as_deref().and_then(public_name).into_iter().collect();
        let report = Report {
            id,
            category: self.category,
            position: self.position,
            observed_at: self.observed_at,
            received_at,
            dry: self.dry,
            photo: !self.photos.is_empty(),
            person: None,
            depth_cm: self.depth_cm,
            passability: self.passability,
            accuracy_m: self.accuracy_m,
            channel: self.channel,
            names,
            original: self.original,
        };
        let positions = (!self.candidates.is_empty()).then(|| serde_json::to_string(&self.candidates)).transpose();
        let positions = positions.map_err(|e| Error::Store(format!("positions cannot be written: {e}")))?;
        let Self { text, place, source_id, photos, .. } = self;
        let private = Private { text, place, source_id, photos, positions, ..Private::default() };
        Ok(Draft { event: Event::Report(report), key, private })
    }

    /// What makes a retry harmless: the sender's own key, else channel and source id.
    ///
    /// # Errors
    /// `Invalid` for a key that is empty or too long.
    pub fn key(&self, given: Option<&str>) -> Result<Option<Key>> {
        let name = match (given, &self.channel, &self.source_id) {
            (Some(key), ..) => own_key("key", key)?,
            (None, Some(channel), Some(id)) => format!("source:{channel}:{id}"),
            _ => return Ok(None),
        };
        Ok(Some(Key { name, content: self.content()? }))
    }

    /// What a retry has to repeat.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn content(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|e| Error::Store(format!("a report cannot be written: {e}")))
    }
}

/// The name of a key that a sender has chosen; `kind` keeps those of different things apart.
///
/// # Errors
/// `Invalid` for one that is empty or too long.
pub fn own_key(kind: &str, key: &str) -> Result<String> {
    let chars = key.chars().count();
    if !(1..=LONGEST_KEY_CHARS).contains(&chars) {
        let reason = format!("{chars} characters; 1 to {LONGEST_KEY_CHARS} are taken");
        return Err(invalid("Idempotency-Key", key, reason));
    }
    Ok(format!("{kind}:{key}"))
}

/// Where it is, and wherever else it may be.
fn position(fields: &Fields) -> Result<(Position, Option<Original>, Vec<Candidate>)> {
    let mut candidates = candidate::read(fields)?;
    let given = (fields.number("lon")?, fields.number("lat")?);
    if let ((None, None), Some(first)) = (given, candidates.first()) {
        return Ok((first.position, first.original.clone(), candidates));
    }
    let needed = |name, degrees: Option<f64>| degrees.ok_or_else(|| fields.missing(name));
    let (lon, lat) = (needed("lon", given.0)?, needed("lat", given.1)?);
    let datum = fields.one_of("datum", &Datum::ALL.map(|datum| (datum.name(), datum)))?;
    let (position, original) = datum.unwrap_or(Datum::Wgs84).of_report(lon, lat)?;
    match candidates.first() {
        None => {}
        Some(first) if first.source == candidate::Source::Pin && first.position == position => {}
        Some(first) if first.source == candidate::Source::Pin => {
            return Err(invalid(
                "lon",
                lon,
                "lon and lat are not those of the pin among the positions: leave them out",
            ));
        }
        // Whoever says where it is has set a pin.
        Some(_) => candidates.insert(0, Candidate::pin(position, original.clone())),
    }
    Ok((position, original, candidates))
}

pub(super) fn photos(fields: &Fields) -> Result<Vec<String>> {
    let mut photos = fields.texts("photos")?.unwrap_or_default();
    if photos.len() > MOST_PHOTOS {
        let reason =
            format!("{} photos; at most {MOST_PHOTOS} are taken: choose the ones that show most", photos.len());
        return Err(invalid("photos", photos.len(), reason));
    }
    let mut seen = std::collections::HashSet::new();
    photos.retain(|id| seen.insert(id.clone()));
    Ok(photos)
}

fn observed_at(fields: &Fields, now: i64, oldest: i64) -> Result<i64> {
    let text = fields.text("observed_at", usize::MAX)?.ok_or_else(|| fields.missing("observed_at"))?;
    let bad = |reason: String| invalid("observed_at", &text, reason);
    time::rfc3339(&text).map_err(bad)?;
    let at = time::parse_seconds(&text).map_err(bad)?;
    if at > now + CLOCK_AHEAD_S {
        let reason = format!("more than 10 minutes in the future: here it is {}", time::format(now));
        return Err(invalid("observed_at", &text, reason));
    }
    if at < oldest {
        return Err(bad("older than 30 days: import it instead".into()));
    }
    Ok(at)
}

pub(super) fn source(fields: &Fields) -> Result<(Option<String>, Option<String>)> {
    let Some(source) = fields.get("source") else { return Ok((None, None)) };
    let source = Fields::of(source, "source", "source.", &["channel", "id"])?;
    let channel = source.text("channel", LONGEST_SOURCE_CHARS)?;
    channel.as_deref().map(|channel| short_name("source.channel", channel, "app or nyc_311")).transpose()?;
    let id = source.text("id", LONGEST_SOURCE_CHARS)?;
    if id.is_some() && channel.is_none() {
        return Err(source.missing("channel"));
    }
    Ok((channel, id))
}

/// 17 characters of Crockford's base32, laid out like a ULID: 45 bits of time in milliseconds, then 40 random ones. In their
/// order they follow time, so that what is kept by them is written side by side and not all over a file.
///
/// # Errors
/// `Store` when the machine has no random numbers.
pub fn random_id() -> Result<String> {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut random = [0; 5];
    getrandom::fill(&mut random).map_err(|e| Error::Store(format!("no random numbers: {e}")))?;
    // A clock before 1970 makes ids that are not in order, and no worse.
    let ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let bits = random.iter().fold(ms & ((1 << 45) - 1), |bits, byte| bits << 8 | u128::from(*byte));
    Ok((0..17).rev().map(|digit| char::from(DIGITS[(bits >> (5 * digit) & 31) as usize])).collect())
}

#[cfg(test)]
#[path = "post_tests.rs"]
mod tests;
