//! What somebody at the desk decides of an entry of the inbox: it is a report, with what he adds by hand, or it is none.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::json::{Fields, parse};
use super::post::LONGEST_TEXT_CHARS;
use crate::error::{Result, invalid};
use crate::hazard::category::Category;
use crate::hazard::event::Passability;
use crate::hazard::workflow::Reason;

const KNOWN: [&str; 11] =
    ["category", "lon", "lat", "datum", "observed_at", "place", "depth_cm", "passability", "dry", "remember", "matter"];

/// What an entry becomes, as it is posted; for the description of the API alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"category": "waterlogging", "lon": -73.894, "lat": 40.774}))]
pub struct PostedAnswer {
    category: Option<Category>,
    /// Degrees in the datum: where it was put on the map.
    lon: Option<f64>,
    /// Degrees in the datum.
    lat: Option<f64>,
    /// `wgs84`, which it is without one, `gcj02` or `bd09`.
    datum: Option<String>,
    observed_at: Option<String>,
    place: Option<String>,
    depth_cm: Option<u16>,
    passability: Option<Passability>,
    dry: Option<bool>,
    /// True: the name, `place` or as it was written, is a place from now on, at lon and lat. Places are public.
    remember: Option<bool>,
    /// Of an entry of several matters the number of the one that is meant, from 1, which it is without.
    matter: Option<u16>,
}

/// Why an entry is no report, as it is posted; for the description of the API alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"reason": "not_ours", "note": "a question about a parking fine"}))]
pub struct PostedDismissal {
    reason: Reason,
    /// At most 4,000 characters.
    note: Option<String>,
}

/// The fields that somebody has set by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    fields: Map<String, Value>,
    /// The name of the spot is to be remembered.
    pub remember: bool,
    /// Which of several matters is meant, from 1.
    pub matter: usize,
}

impl Answer {
    /// Reads the body of a POST; the values are judged with the report.
    ///
    /// # Errors
    /// `Invalid` for what is no object, or has an unknown field.
    pub fn parse(body: &[u8]) -> Result<Answer> {
        let body = parse(body)?;
        let read = Fields::of(&body, "body", "", &KNOWN)?;
        let remember = read.flag("remember")?.unwrap_or(false);
        let matter = read.whole("matter", 1..=u16::MAX)?.unwrap_or(1).into();
        let Value::Object(mut fields) = body else { return Err(invalid("body", "", "not a JSON object")) };
        fields.retain(|name, _| !["remember", "matter"].contains(&name.as_str()));
        Ok(Answer { fields, remember, matter })
    }

    /// What was set by hand.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// It was put on the map by hand.
    pub fn is_pinned(&self) -> bool {
        self.fields.contains_key("lon") && self.fields.contains_key("lat")
    }

    /// The name of the spot as it was given by hand.
    pub fn place(&self) -> Option<&str> {
        self.fields.get("place").and_then(Value::as_str)
    }

    /// A report with what was set by hand: a position is then the only pin.
    pub fn on(self, mut report: Map<String, Value>) -> Value {
        if self.fields.contains_key("lon") || self.fields.contains_key("lat") {
            report.retain(|name, _| !["lon", "lat", "datum", "accuracy_m"].contains(&name.as_str()));
            if let Some(Value::Array(positions)) = report.get_mut("positions") {
                positions.retain(|position| position["source"] != "pin");
            }
        }
        report.extend(self.fields);
        // A list of no positions decides nothing.
        if report.get("positions").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            report.remove("positions");
        }
        Value::Object(report)
    }
}

/// Reads why an entry is no report: the reason's name, and what was noted.
///
/// # Errors
/// `Invalid` with the first field that is wrong.
pub fn dismissal(body: &[u8]) -> Result<(Reason, Option<String>)> {
    let body = parse(body)?;
    let fields = Fields::of(&body, "body", "", &["reason", "note"])?;
    let reasons: Vec<_> = Reason::ALL.iter().map(|reason| (reason.name(), *reason)).collect();
    let reason = fields.one_of("reason", &reasons)?.ok_or_else(|| fields.missing("reason"))?;
    Ok((reason, fields.text("note", LONGEST_TEXT_CHARS)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_set_by_hand_goes_before_what_was_sent() {
        let sent = json!({"category": "other", "lon": 1.0, "lat": 2.0, "datum": "gcj02", "text": "水",
            "positions": [{"source": "pin", "lon": 1.0, "lat": 2.0}, {"source": "device", "lon": 3.0, "lat": 4.0}]});
        let Value::Object(sent) = sent else { unreachable!() };
        let answer = Answer::parse(br#"{"category": "waterlogging", "lon": 5.0, "lat": 6.0}"#).unwrap();
        let expected = json!({"category": "waterlogging", "lon": 5.0, "lat": 6.0, "text": "水",
            "positions": [{"source": "device", "lon": 3.0, "lat": 4.0}]});
        assert_eq!(answer.on(sent), expected);
        assert!(Answer::parse(br#"{"text": "mine"}"#).is_err(), "nobody's words are changed");
        assert!(dismissal(br#"{"reason": "tired"}"#).is_err());
        assert_eq!(dismissal(br#"{"reason": "abuse"}"#).unwrap(), (Reason::Abuse, None));
    }
}
