//! How much each kind of sender may send: the table in `data/senders.toml`, or a city's own.

use std::ops::Range;
use std::time::Duration;

use serde::Deserialize;

use crate::error::{Result, invalid};

const BUILT_IN: &str = include_str!("../../../data/senders.toml");
/// Larger numbers are a slip.
const MOST: u32 = 100_000_000;

/// The table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SenderLimits {
    /// Seconds without a try too soon after which a sender is held no longer.
    hold_s: u32,
    pub(super) device: Limit,
    pub(super) address: Limit,
    pub(super) account: Limit,
    pub(super) key: Limit,
}

/// What one kind of sender may send.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limit {
    pub reports: Rate,
    pub photos: Rate,
    /// Tries too soon, in a row, after which what he sends is held; none: never.
    pub hold_after: Option<u32>,
}

/// So many at once, and so many an hour after that.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rate {
    pub at_once: u32,
    pub an_hour: u32,
}

impl Rate {
    /// From one to the next, at the pace that is allowed for long.
    pub fn interval(self) -> Duration {
        Duration::from_secs(3_600) / self.an_hour
    }
}

impl SenderLimits {
    /// Reads a table; `file` is what errors name.
    ///
    /// # Errors
    /// `Invalid` at a line and column of the file.
    pub fn read(file: &str, text: &str) -> Result<SenderLimits> {
        let wrong = |at: Option<Range<usize>>, reason: String| {
            let before = &text[..at.map_or(0, |at| at.start)];
            let line = before.matches('\n').count() as u64 + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
            invalid("limits of senders", "", reason).at(file, line, column)
        };
        let limits: SenderLimits = toml::from_str(text).map_err(|e| wrong(e.span(), e.message().to_owned()))?;
        let kinds = [limits.device, limits.address, limits.account, limits.key];
        let rates = kinds.iter().flat_map(|limit| [limit.reports, limit.photos]);
        for number in rates.flat_map(|rate| [rate.at_once, rate.an_hour]) {
            if !(1..=MOST).contains(&number) {
                return Err(wrong(None, format!("{number} is not a number from 1 to {MOST}")));
            }
        }
        Ok(limits)
    }

    pub(super) fn hold(&self) -> Duration {
        Duration::from_secs(self.hold_s.into())
    }
}

impl Default for SenderLimits {
    fn default() -> SenderLimits {
        SenderLimits::read("data/senders.toml", BUILT_IN).expect("the table is tested to parse")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_table_is_read_and_a_wrong_one_is_refused_where_it_is_wrong() {
        assert_eq!(SenderLimits::default().hold(), Duration::from_secs(3_600));
        let told = |from: &str, to: &str| {
            SenderLimits::read("own.toml", &BUILT_IN.replacen(from, to, 1)).unwrap_err().to_string()
        };
        assert!(told("[device]", "[phone]").starts_with("own.toml:"), "{}", told("[device]", "[phone]"));
        assert!(told("an_hour = 120 }", "an_hour = 0 }").contains("0 is not a number from 1"));
        assert!(told("hold_s = 3600", "hold_s = \"long\"").starts_with("own.toml:9:10: "));
    }
}
