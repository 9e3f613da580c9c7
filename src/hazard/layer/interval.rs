//! When what is wanted of a layer happened: from one time to another.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;

use super::super::time;
use crate::error::{Error, Result, invalid};

/// From and to in unix seconds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub from: i64,
    pub to: i64,
}

impl Interval {
    pub const ALWAYS: Interval = Interval { from: i64::MIN, to: i64::MAX };

    /// What lies in both; where nothing does, it ends before it begins.
    pub fn common(self, other: Interval) -> Interval {
        Interval { from: self.from.max(other.from), to: self.to.min(other.to) }
    }
}

impl FromStr for Interval {
    type Err = Error;

    /// RFC 3339: `a`, `a/b`, `../b` or `a/..`; both ends included.
    fn from_str(text: &str) -> Result<Interval> {
        let bad = |reason: String| invalid("datetime", text, reason);
        let Some((from, to)) = text.split_once('/') else {
            let (from, to) = (first_second(text).map_err(bad)?, last_second(text).map_err(bad)?);
            return Ok(Interval { from, to });
        };
        let open = |end: &str| matches!(end, "" | "..");
        if open(from) && open(to) {
            return Err(bad("an interval open at both ends restricts nothing: leave it out".into()));
        }
        let from = if open(from) { i64::MIN } else { first_second(from).map_err(bad)? };
        let to = if open(to) { i64::MAX } else { last_second(to).map_err(bad)? };
        if from > to {
            return Err(bad("the interval ends before it begins".into()));
        }
        Ok(Interval { from, to })
    }
}

/// The first whole second that is not before a time.
fn first_second(text: &str) -> Result<i64, String> {
    let t = instant(text)?;
    Ok(last_second(text)? + i64::from(t.subsec_nanosecond() != 0))
}

/// The last whole second that is not after a time.
fn last_second(text: &str) -> Result<i64, String> {
    Ok(instant(text)?.as_nanosecond().div_euclid(1_000_000_000) as i64)
}

fn instant(text: &str) -> Result<Timestamp, String> {
    if beyond_all(text) {
        return Ok(Timestamp::MAX);
    }
    time::rfc3339(text).map_err(|reason| match text.contains(' ') {
        true => "not a time: in an address + is written %2B".into(),
        false => reason,
    })?;
    text.parse().map_err(|_| "not a time".into())
}

/// The last hours of the year 9999 are RFC 3339, but later than any time that is taken, so they end a filter the same.
fn beyond_all(text: &str) -> bool {
    let Ok(pieces) = Pieces::parse(text) else { return false };
    let whole = pieces.date().year() == 9_999 && pieces.time().is_some() && pieces.offset().is_some();
    whole && text.parse::<Timestamp>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_closed_intervals_and_parts_of_a_second_are_kept() {
        let interval = |text: &str| text.parse::<Interval>().map(|i| (i.from, i.to)).unwrap();
        assert_eq!(interval("1970-01-01T08:00:10+08:00"), (10, 10));
        assert_eq!(interval("1970-01-01T00:00:10Z/1970-01-01T00:00:20Z"), (10, 20));
        assert_eq!(interval("1970-01-01T00:00:10.5Z/.."), (11, i64::MAX));
        assert_eq!(interval("../1970-01-01T00:00:10.5Z"), (i64::MIN, 10));
        // The latest that offsets can write, and the hours after it.
        let beyond = interval("9999-12-31T23:59:59Z/..");
        assert!(beyond.0 > time::LATEST_S && beyond.1 == i64::MAX);
        assert_eq!(interval("../9999-12-31T23:59:59.9-08:00").1, time::LATEST_S);
        assert!(interval("0000-01-01T00:00:00Z/..").0 < 0);
        assert_eq!(interval("1969-12-31T23:59:58.5Z/1969-12-31T23:59:59.5Z"), (-1, -1));
    }

    #[test]
    fn a_time_that_cannot_be_read_says_why() {
        for (text, part) in [
            ("2023-10-21", "RFC 3339"),
            ("2023-10-21T09:10:00", "without offset"),
            ("9999-12-31T23:59:59", "without offset"),
            ("9999-12-32T23:59:59Z", "not a time"),
            ("2023-10-21T09:10:00 08:00", "%2B"),
            ("../..", "leave it out"),
            ("2023-10-22T00:00:00Z/2023-10-21T00:00:00Z", "ends before"),
        ] {
            let error = text.parse::<Interval>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
