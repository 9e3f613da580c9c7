//! Where a report may be: what was set by hand, what the device says, what a photo says, and the place that was named.
//! All are kept; a documented order decides, and where it could be wrong by more than a crossing, the sender is asked.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::json::Fields;
use super::mapping::Datum;
use super::post::LEAST_ACCURATE_M;
use crate::error::{Result, invalid};
use crate::hazard::event::Original;
use crate::hazard::position::Position;

/// From this accuracy on a device knows the crossing.
const EXACT_M: u16 = 100;
/// Positions further apart than this are not the same spot.
const APART_M: f64 = 200.0;
const MOST: usize = 16;
const LONGEST_ID_CHARS: usize = 200;
const KNOWN: [&str; 6] = ["source", "lon", "lat", "datum", "accuracy_m", "place_id"];
const SOURCES: [(&str, Source); 4] =
    [("pin", Source::Pin), ("device", Source::Device), ("exif", Source::Exif), ("text", Source::Text)];

/// What says where a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PositionSource)]
pub enum Source {
    /// Somebody set it on the map.
    Pin,
    /// The device knows where it is.
    Device,
    /// The camera noted it in a photo.
    Exif,
    /// The place of that name.
    Text,
}

/// One position that a report may have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    pub source: Source,
    /// WGS 84 degrees.
    pub lon: f64,
    pub lat: f64,
    pub accuracy_m: Option<u16>,
    /// The place that the text names.
    pub place_id: Option<String>,
    /// As it was given, where that was in another datum.
    pub original: Option<Original>,
    #[serde(skip)]
    pub position: Position,
}

/// A candidate as it is posted; for the description of the API alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
pub struct PostedPosition {
    source: Source,
    /// Degrees in the datum.
    lon: f64,
    /// Degrees in the datum.
    lat: f64,
    /// Of this position; `wgs84`, which it is without one, `gcj02` or `bd09`.
    datum: Option<String>,
    /// At most 10,000.
    accuracy_m: Option<f64>,
    /// Of the place that was named.
    place_id: Option<String>,
}

/// What is asked back: how far each candidate lies from the one that the order decides for.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = PositionInDoubt)]
pub struct InDoubt {
    source: Source,
    /// WGS 84 degrees.
    lon: f64,
    lat: f64,
    accuracy_m: Option<u16>,
    /// From the first one, which the order decides for.
    distance_m: f64,
}

impl Candidate {
    /// A position that was set by hand.
    pub fn pin(position: Position, original: Option<Original>) -> Candidate {
        let (lon, lat) = (position.lon(), position.lat());
        Candidate { source: Source::Pin, lon, lat, accuracy_m: None, place_id: None, original, position }
    }

    fn read(value: &Value) -> Result<Candidate> {
        let fields = Fields::of(value, "positions", "positions.", &KNOWN)?;
        let degrees = |name| fields.number(name)?.ok_or_else(|| fields.missing(name));
        let source = fields.one_of("source", &SOURCES)?.ok_or_else(|| fields.missing("source"))?;
        let (lon, lat) = (degrees("lon")?, degrees("lat")?);
        let datum = fields.one_of("datum", &Datum::ALL.map(|datum| (datum.name(), datum)))?;
        let (position, original) = datum.unwrap_or(Datum::Wgs84).of_report(lon, lat)?;
        Ok(Candidate {
            source,
            lon: position.lon(),
            lat: position.lat(),
            // An accuracy is never made better than it was.
            accuracy_m: fields.within("accuracy_m", 0..=LEAST_ACCURATE_M)?.map(|m| m.ceil() as u16),
            place_id: fields.text("place_id", LONGEST_ID_CHARS)?,
            original,
            position,
        })
    }

    /// The smaller, the sooner it decides.
    fn order(&self) -> u8 {
        match self.source {
            Source::Pin => 0,
            Source::Device if self.accuracy_m.is_some_and(|m| m <= EXACT_M) => 1,
            Source::Exif => 2,
            Source::Text => 3,
            Source::Device => 4,
        }
    }

    fn distance_m(&self, other: &Candidate) -> f64 {
        self.position.ecef().distance_m(other.position.ecef())
    }

    /// How far a place that the text names reaches: half of a stretch of road. Whoever stands on it does not disagree.
    fn reach_m(&self) -> f64 {
        self.accuracy_m.filter(|_| self.source == Source::Text).map_or(0.0, f64::from)
    }
}

/// The candidates of a report, in the order in which they decide; none where it has no such list.
///
/// # Errors
/// `Invalid` for the first that is wrong, too many, or a second pin.
pub fn read(fields: &Fields) -> Result<Vec<Candidate>> {
    let Some(value) = fields.get("positions") else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| invalid("positions", value, "not a list of positions"))?;
    if list.len() > MOST {
        return Err(invalid("positions", list.len(), format!("{} positions; at most {MOST} are taken", list.len())));
    }
    let mut candidates = list.iter().map(Candidate::read).collect::<Result<Vec<_>>>()?;
    // Stable: of two that say as much, the first.
    candidates.sort_by_key(Candidate::order);
    if let [first, second, ..] = &candidates[..]
        && (first.source, second.source) == (Source::Pin, Source::Pin)
    {
        return Err(invalid("positions.source", "pin", "there are two pins; a report lies at one"));
    }
    Ok(candidates)
}

/// What has to be asked: the candidates with their distances from the first, where nobody set a pin and one of them lies
/// more than 200 m away.
pub fn in_doubt(candidates: &[Candidate]) -> Option<Vec<InDoubt>> {
    let first = candidates.first()?;
    let apart = |c: &Candidate| c.distance_m(first) - c.reach_m().max(first.reach_m()) > APART_M;
    unpinned(candidates).filter(|_| candidates.iter().any(apart))
}

/// The candidates with their distances from the first, where nobody set a pin.
pub fn unpinned(candidates: &[Candidate]) -> Option<Vec<InDoubt>> {
    let first = candidates.first().filter(|first| first.source != Source::Pin)?;
    let asked = |c: &Candidate| InDoubt {
        source: c.source,
        lon: c.lon,
        lat: c.lat,
        accuracy_m: c.accuracy_m,
        distance_m: c.distance_m(first).round(),
    };
    Some(candidates.iter().map(asked).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Sources with their accuracy, each so many metres east of the first spot.
    fn candidates(of: &[(&str, Option<u16>, f64)]) -> Vec<Candidate> {
        let one = |&(source, accuracy_m, east_m): &(&str, Option<u16>, f64)| json!({"source": source, "accuracy_m": accuracy_m, "lon": 110.3312 + east_m / 104_490.0, "lat": 20.0148});
        let body = json!({"positions": of.iter().map(one).collect::<Vec<_>>()});
        read(&Fields::of(&body, "body", "", &["positions"]).unwrap()).unwrap()
    }

    #[test]
    fn the_order_is_pin_exact_device_photo_text_and_vague_device() {
        let mut all = vec![
            ("device", Some(101), 0.0),
            ("text", None, 0.0),
            ("exif", None, 0.0),
            ("device", Some(100), 0.0),
            ("pin", None, 0.0),
        ];
        let mut order = Vec::new();
        while !all.is_empty() {
            let first = candidates(&all).remove(0);
            order.push((first.source, first.accuracy_m));
            all.retain(|&(name, accuracy_m, _)| {
                (SOURCES.iter().find(|(n, _)| *n == name).unwrap().1, accuracy_m) != (first.source, first.accuracy_m)
            });
        }
        assert_eq!(
            order,
            [
                (Source::Pin, None),
                (Source::Device, Some(100)),
                (Source::Exif, None),
                (Source::Text, None),
                (Source::Device, Some(101))
            ]
        );
        assert_eq!(candidates(&[("device", None, 0.0), ("text", None, 5.0)])[0].source, Source::Text);
    }

    #[test]
    fn more_than_two_hundred_metres_apart_is_asked_unless_somebody_set_a_pin() {
        assert_eq!(in_doubt(&candidates(&[("exif", None, 0.0), ("device", Some(20), 199.0)])), None);
        let asked = in_doubt(&candidates(&[("exif", None, 0.0), ("device", Some(20), 202.0)])).unwrap();
        assert_eq!((asked[0].source, asked[0].distance_m), (Source::Device, 0.0));
        assert_eq!((asked[1].source, asked[1].distance_m), (Source::Exif, 202.0));
        assert_eq!(in_doubt(&candidates(&[("exif", None, 0.0), ("device", Some(20), 9e3), ("pin", None, 4e3)])), None);
        assert_eq!(in_doubt(&[]), None);
        let on_a_stretch = |east_m| candidates(&[("text", Some(400), 0.0), ("device", Some(20), east_m)]);
        assert_eq!(in_doubt(&on_a_stretch(590.0)), None);
        assert!(in_doubt(&on_a_stretch(610.0)).is_some());
    }
}
