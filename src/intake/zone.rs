//! Times as a file writes them: with an offset, or local in the mapping's zone.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::hazard::time;

/// How the times of a file are to be read.
#[derive(Debug)]
pub(super) enum Zone {
    /// Every time carries its own offset.
    Offset,
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
        if text.is_empty() {
            return Err("missing time".into());
        }
        let (tz, format) = match self {
            Zone::Offset => return time::parse_seconds(text),
            Zone::Local { tz, format } => (tz, format),
        };
        let local = match format {
            Some(format) => DateTime::strptime(format, text).map_err(|_| format!("not a time written as {format}"))?,
            None if !text.contains(':') => return Err("not a local time like 2024-06-30 23:20:00".into()),
            None => match time::rfc3339(text) {
                Ok(seconds) => return Ok(seconds),
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
    fn a_time_in_a_format_of_its_own_is_read_by_it() {
        let tz = TimeZone::get("America/New_York").unwrap();
        let zone = Zone::Local { tz, format: Some("%m/%d/%Y %I:%M:%S %p".into()) };
        assert_eq!(zone.read("06/30/2024 11:20:00 PM"), new_york("2024-06-30 23:20:00"));
        assert!(zone.read("30/06/2024 11:20:00 PM").unwrap_err().contains("%m/%d/%Y"));
    }

    #[test]
    fn half_a_time_is_refused() {
        for text in ["", " ", "2024-06-30", "20240630", "noon", "24:61:00"] {
            assert!(new_york(text).is_err(), "{text}");
        }
        assert!(Zone::Offset.read("2024-06-30 23:20:00").unwrap_err().contains("without offset"));
    }
}
