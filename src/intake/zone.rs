//! Times as a file writes them: with an offset, or local in the mapping's zone.

use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::hazard::time;

/// How the times of a file are to be read.
#[derive(Debug)]
pub(super) enum Zone {
    /// Every time carries its own offset.
    Offset,
    /// Milliseconds since 1970, as map servers write them.
    UnixMs,
    /// Times are local; one with an offset all the same is taken at its word.
    Local { tz: TimeZone, format: Option<String> },
}

impl Zone {
    /// Unix seconds.
    ///
    /// # Errors
    /// The reason, for the caller to put beside the field.
    pub fn read(&self, text: &str) -> Result<i64, String> {
        let text = text.trim();
        self.parse(text).map_err(|reason| {
            if matches!(self, Zone::Offset) && are_milliseconds(text) {
                return "looks like milliseconds: with time_format = \"unix_ms\" in the mapping they are read".into();
            }
            if self.is_too_late(text) { too_late() } else { reason }
        })
    }

    fn parse(&self, text: &str) -> Result<i64, String> {
        if text.is_empty() {
            return Err("missing time".into());
        }
        let (tz, format) = match self {
            Zone::Offset => return time::parse_seconds(text),
            Zone::UnixMs => {
                let ms: i64 = text.parse().map_err(|_| "not milliseconds since 1970".to_owned())?;
                return time::parse_seconds(&ms.div_euclid(1_000).to_string());
            }
            Zone::Local { tz, format } => (tz, format),
        };
        let local = match format {
            Some(format) => DateTime::strptime(format, text).map_err(|_| format!("not a time written as {format}"))?,
            None if !text.contains(':') => return Err("not a local time like 2024-06-30 23:20:00".into()),
            None => match time::rfc3339(text) {
                Ok(_) => return time::parse_seconds(text),
                Err(_) => text.parse().map_err(|_| "not a local time like 2024-06-30 23:20:00".to_owned())?,
            },
        };
        let ambiguous = tz.to_ambiguous_timestamp(local);
        if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
            return Err("no such local time: clocks were put forward over it".into());
        }
        let instant = ambiguous.earlier().map_err(|_| "not a time between the years 1 and 9999".to_owned())?;
        time::parse_seconds(&instant.as_second().to_string())
    }

    /// Whether a time that could not be read is one all the same, but later than any that can be kept.
    fn is_too_late(&self, text: &str) -> bool {
        let format = match self {
            Zone::Local { format, .. } => format.as_ref(),
            Zone::UnixMs => return false,
            Zone::Offset => match text.parse::<i128>() {
                Ok(seconds) => return seconds > i128::from(time::LATEST_S),
                Err(_) => None,
            },
        };
        let (local, ahead_s) = match (format.map(|f| DateTime::strptime(f, text)), Pieces::parse(text)) {
            (Some(Ok(local)), _) => (local, 0),
            (None, Ok(pieces)) => match (pieces.time(), pieces.to_numeric_offset()) {
                (Some(time), offset) => (pieces.date().to_datetime(time), offset.map_or(0, |o| o.seconds().into())),
                (None, _) => return false,
            },
            _ => return false,
        };
        let since_1970 = local.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs();
        since_1970 - ahead_s > time::LATEST_S
    }
}

/// A number that as milliseconds is a time from 1980 to 2100.
fn are_milliseconds(text: &str) -> bool {
    text.parse().is_ok_and(|ms: i64| (315_532_800_000..4_102_444_800_000).contains(&ms))
}

fn too_late() -> String {
    format!("after the last time that can be kept ({})", time::format(time::LATEST_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_york(text: &str) -> Result<i64, String> {
        Zone::Local { tz: TimeZone::get("America/New_York").unwrap(), format: None }.read(text)
    }

    #[test]
    fn a_local_time_that_occurs_twice_is_the_earlier_and_one_that_never_occurs_is_none() {
        assert_eq!(new_york("2024-11-03 01:30:00"), time::rfc3339("2024-11-03T01:30:00-04:00"));
        assert_eq!(new_york("2024-11-03 02:00:00"), time::rfc3339("2024-11-03T02:00:00-05:00"));
        assert!(new_york("2024-03-10 02:30:00").unwrap_err().contains("put forward"));
        assert_eq!(new_york("2024-03-10T03:00"), time::rfc3339("2024-03-10T03:00:00-04:00"));
        assert_eq!(new_york("2024-03-10T03:00:00Z"), time::rfc3339("2024-03-10T03:00:00Z"));
    }

    #[test]
    fn milliseconds_are_read_where_the_mapping_says_so_and_known_for_what_they_are_elsewhere() {
        assert_eq!(Zone::UnixMs.read("1717236000999"), Ok(1_717_236_000));
        assert!(Zone::UnixMs.read("2024-06-01").unwrap_err().contains("milliseconds"));
        assert!(Zone::Offset.read("1717236000000").unwrap_err().contains("unix_ms"));
    }

    #[test]
    fn a_time_in_a_format_of_its_own_is_read_by_it() {
        let tz = TimeZone::get("America/New_York").unwrap();
        let zone = Zone::Local { tz, format: Some("%m/%d/%Y %I:%M:%S %p".into()) };
        assert_eq!(zone.read("06/30/2024 11:20:00 PM"), new_york("2024-06-30 23:20:00"));
        assert!(zone.read("30/06/2024 11:20:00 PM").unwrap_err().contains("%m/%d/%Y"));
    }

    #[test]
    fn a_time_later_than_any_that_can_be_kept_is_called_that() {
        let reason = "after the last time that can be kept (9999-12-30T22:00:00Z)";
        let texts = ["9999-12-31T00:00:00Z", "9999-12-31T23:59:59+14:00", "253402207201", "99999999999999999999999"];
        for text in texts {
            assert_eq!(Zone::Offset.read(text).unwrap_err(), reason, "{text}");
        }
        for text in ["9999-12-31 23:00:00", "9999-12-31T23:00:00Z"] {
            assert_eq!(new_york(text).unwrap_err(), reason, "{text}");
        }
        let tz = TimeZone::get("America/New_York").unwrap();
        let zone = Zone::Local { tz, format: Some("%m/%d/%Y %H:%M".into()) };
        assert_eq!(zone.read("12/31/9999 12:00").unwrap_err(), reason);
        assert_eq!(Zone::Offset.read("9999-12-30T22:00:00Z"), Ok(time::LATEST_S));
        for text in ["0000-01-01T00:00:00Z", "9999-13-31T00:00:00Z", "9999-12-31T24:61:00Z", "-99999999999999999999"] {
            assert_ne!(Zone::Offset.read(text).unwrap_err(), reason, "{text}");
        }
        assert!(new_york("0000-01-01T00:00:00Z").unwrap_err().contains("years 1 and 9999"));
    }

    #[test]
    fn half_a_time_is_refused() {
        for text in ["", " ", "2024-06-30", "20240630", "noon", "24:61:00"] {
            assert!(new_york(text).is_err(), "{text}");
        }
        assert!(Zone::Offset.read("2024-06-30 23:20:00").unwrap_err().contains("without offset"));
    }
}
