//! Times as unix seconds, read from text. No clock is read here.

use std::fmt;

use jiff::Timestamp;

/// The first second of the year 1.
const EARLIEST_S: i64 = -62_135_596_800;
/// The last that every offset can write as a year of four digits: so RFC 3339 has it, and sums cannot overflow.
pub const LATEST_S: i64 = 253_402_207_200;

/// Unix seconds from a whole number of seconds or RFC 3339 with an offset; parts of a second are dropped.
///
/// # Errors
/// The reason, for the caller to put beside the field's name.
pub fn parse_seconds(text: &str) -> Result<i64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("missing time".into());
    }
    let seconds = match text.parse::<i64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            rfc3339(text).map_err(|reason| reason.replace("write RFC 3339", "write unix seconds, or RFC 3339"))?
        }
    };
    if (EARLIEST_S..=LATEST_S).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("not a time between the years 1 and 9999".into())
    }
}

/// Unix seconds from RFC 3339 with an offset (`2023-10-21T09:10:00+08:00`).
pub fn rfc3339(text: &str) -> Result<i64, String> {
    match text.parse::<Timestamp>() {
        Ok(t) => Ok(t.as_second()),
        Err(_) if text.parse::<jiff::civil::Date>().is_ok() && !text.contains(':') => {
            Err("a date without a time of day: write RFC 3339 with offset like 2023-10-21T09:10:00+08:00".into())
        }
        Err(_) if text.parse::<jiff::civil::DateTime>().is_ok() => {
            Err("time without offset: add Z or +hh:mm (RFC 3339)".into())
        }
        Err(_) => Err("not a time: write RFC 3339 with offset like 2023-10-21T09:10:00+08:00".into()),
    }
}

/// RFC 3339 in UTC, for the wire.
pub fn format(seconds: i64) -> String {
    fmt::from_fn(|f| write(f, seconds)).to_string()
}

/// Writes RFC 3339 in UTC.
pub fn write(f: &mut fmt::Formatter, seconds: i64) -> fmt::Result {
    // Every time that got in lies in this range, which jiff can write.
    match Timestamp::from_second(seconds) {
        Ok(t) => write!(f, "{t}"),
        Err(_) => write!(f, "{seconds}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_rfc3339_agree() {
        assert_eq!(parse_seconds("1697850600"), Ok(1_697_850_600));
        assert_eq!(parse_seconds("2023-10-21T09:10:00+08:00"), Ok(1_697_850_600));
        assert_eq!(format(1_697_850_600), "2023-10-21T01:10:00Z");
    }

    #[test]
    fn a_time_without_offset_is_refused_with_the_cure() {
        assert!(parse_seconds("2023-10-21T09:10:00").unwrap_err().contains("without offset"));
        assert!(parse_seconds("2023-10-21 09:10").unwrap_err().contains("offset"));
        assert!(parse_seconds("").unwrap_err().contains("missing"));
        assert!(
            parse_seconds("2023-10-21").unwrap_err().starts_with("a date without a time of day: write unix seconds")
        );
        assert!(parse_seconds("99999999999999").unwrap_err().contains("9999"));
    }
}
