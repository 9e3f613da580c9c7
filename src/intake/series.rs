//! A rainfall series as it is posted for a forecast: a JSON body becomes intervals, or an error that names field, value
//! and reason.

use serde_json::Value;
use utoipa::ToSchema;

use super::json::{Fields, parse};
use crate::error::{Error, Result, invalid};
use crate::hazard::analysis::coming::MOST_INTERVALS;
use crate::hazard::event::RainInterval;
use crate::hazard::position::half_up;
use crate::hazard::time;

const LONGEST_GAUGE_CHARS: usize = 100;
/// A day; longer intervals say nothing of a storm.
const LONGEST_S: u64 = 86_400;
/// More than ever fell in a day.
const DEEPEST_MM: f64 = 2_000.0;

/// A rainfall series that is foreseen; for the description of the API alone, since [`Series::parse`] reads the text.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"intervals": [
    {"start": "2024-07-02T15:00:00-04:00", "seconds": 3600, "mm": 4.5},
    {"start": "2024-07-02T16:00:00-04:00", "seconds": 3600, "mm": 27.0},
    {"start": "2024-07-02T17:00:00-04:00", "seconds": 3600, "mm": 6.2},
]}))]
pub struct PostedSeries {
    /// The gauge it is foreseen for: hotspots that take its rain; without one, all.
    gauge: Option<String>,
    /// At most 10,080, over at most 31 days, without overlaps.
    intervals: Vec<PostedInterval>,
}

/// Rain from `start` for so many seconds.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
pub struct PostedInterval {
    /// RFC 3339 with offset, or unix seconds.
    start: String,
    /// Whole, at most a day.
    seconds: u32,
    /// Depth in millimetres, at most 2,000; null: not known.
    mm: Option<f64>,
}

/// A rainfall series that can be read; whether it fits together is for the rain to judge.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub gauge: Option<String>,
    pub intervals: Vec<RainInterval>,
}

impl Series {
    /// Reads the body of a POST.
    ///
    /// # Errors
    /// `Invalid` naming the first field that is wrong, with the number of its interval from 0.
    pub fn parse(body: &[u8]) -> Result<Series> {
        let value = parse(body)?;
        let fields = Fields::of(&value, "body", "", &["gauge", "intervals"])?;
        let gauge = fields.text("gauge", LONGEST_GAUGE_CHARS)?;
        let intervals = fields.get("intervals").ok_or_else(|| fields.missing("intervals"))?;
        let intervals = intervals.as_array().ok_or_else(|| invalid("intervals", intervals, "not a list"))?;
        if intervals.len() > MOST_INTERVALS {
            let reason = format!("a series has at most {MOST_INTERVALS} intervals; send longer ones, or fewer days");
            return Err(invalid("intervals", intervals.len(), reason));
        }
        let numbered = |(n, value): (usize, &Value)| interval(value).map_err(|error| numbered(n, error));
        Ok(Series { gauge, intervals: intervals.iter().enumerate().map(numbered).collect::<Result<_>>()? })
    }
}

fn numbered(n: usize, error: Error) -> Error {
    match error {
        Error::Invalid { field, value, reason } if field.is_empty() => {
            invalid(format!("intervals[{n}]"), value, reason)
        }
        Error::Invalid { field, value, reason } => invalid(format!("intervals[{n}].{field}"), value, reason),
        other => other,
    }
}

fn interval(value: &Value) -> Result<RainInterval> {
    let fields = Fields::of(value, "", "", &["start", "seconds", "mm"])?;
    let start = match fields.get("start").ok_or_else(|| fields.missing("start"))? {
        Value::String(text) => time::parse_seconds(text).map_err(|reason| invalid("start", text, reason))?,
        other => time::parse_seconds(&other.to_string()).map_err(|reason| invalid("start", other, reason))?,
    };
    let given = fields.get("seconds").ok_or_else(|| fields.missing("seconds"))?;
    let seconds = given.as_u64().filter(|s| (1..=LONGEST_S).contains(s));
    let seconds = seconds.ok_or_else(|| invalid("seconds", given, format!("not whole seconds in [1, {LONGEST_S}]")))?;
    let depth_um = fields.number("mm")?.map(|mm| {
        let fits = (0.0..=DEEPEST_MM).contains(&mm);
        let reason =
            if mm < 0.0 { "rain is never negative" } else { "more than 2000 mm in one interval: a wrong unit?" };
        if fits { Ok(half_up(mm * 1_000.0) as i64) } else { Err(invalid("mm", mm, reason)) }
    });
    Ok(RainInterval { start, seconds: seconds as i64, depth_um: depth_um.transpose()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_read_and_what_is_wrong_names_its_interval() {
        let body = r#"{"gauge": "g1", "intervals": [{"start": "1970-01-01T01:00:00Z", "seconds": 600, "mm": 1.2345},
            {"start": 4200, "seconds": 600, "mm": null}, {"start": "4800", "seconds": 600}]}"#;
        let series = Series::parse(body.as_bytes()).unwrap();
        let at = |start, depth_um| RainInterval { start, seconds: 600, depth_um };
        assert_eq!(series.gauge.as_deref(), Some("g1"));
        assert_eq!(series.intervals, [at(3_600, Some(1_235)), at(4_200, None), at(4_800, None)]);
        for (body, field, part) in [
            ("", "body", "empty"),
            ("[]", "body", "not a JSON object"),
            ("{}", "intervals", "missing"),
            (r#"{"intervals": 5}"#, "intervals", "not a list"),
            (r#"{"intervals": [], "hours": 1}"#, "hours", "known are gauge, intervals"),
            (r#"{"intervals": [7]}"#, "intervals[0]", "not a JSON object"),
            (r#"{"intervals": [{"start": 0, "seconds": 60, "mm": -0.1}]}"#, "intervals[0].mm", "never negative"),
            (r#"{"intervals": [{"start": 0, "seconds": 60, "mm": 25400}]}"#, "intervals[0].mm", "wrong unit"),
            (r#"{"intervals": [{"start": 0, "seconds": 60, "mm": "2"}]}"#, "intervals[0].mm", "not a number"),
            (r#"{"intervals": [{"start": 0, "seconds": 1.5}]}"#, "intervals[0].seconds", "whole seconds"),
            (r#"{"intervals": [{"start": "2024-07-02T15:00:00", "seconds": 60}]}"#, "intervals[0].start", "offset"),
            (r#"{"intervals": [{"start": 0, "seconds": 60}, {"seconds": 60}]}"#, "intervals[1].start", "missing"),
            (r#"{"intervals": [{"start": 0, "seconds": 60, "depth": 1}]}"#, "intervals[0].depth", "unknown field"),
        ] {
            let Error::Invalid { field: named, reason, .. } = Series::parse(body.as_bytes()).unwrap_err() else {
                panic!()
            };
            assert!(named == field && reason.contains(part), "{body}: {named}: {reason}");
        }
    }
}
