//! One report in several messages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checkpoint::{Loader, Saver};
use super::event::Passability;
use super::report::ReportRow;
use super::slot::Measure;
use crate::error::Result;

/// A further message of the sender of a report, on the same thing: it counts as no report and no person, and its water is
/// the report's where it is deeper, or fewer get through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Addition {
    pub report: String,
    /// When it was seen; unix seconds.
    pub at: i64,
    /// When it came; unix seconds. Logs of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_cm: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passability: Option<Passability>,
    /// A photo shows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub photo: bool,
}

/// What of a report its sender can say more of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saying {
    pub depth_cm: Option<Measure>,
    pub passability: Option<Passability>,
    pub photo: bool,
}

/// An addition that made a report say something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// The report, by index.
    pub report: u32,
    /// Log position.
    pub seq: u64,
    /// When it was known; unix seconds.
    pub at: i64,
    /// How many reports the log held before it.
    pub reports_before: u32,
    pub before: Saying,
    pub after: Saying,
}

/// The additions that changed something, by report, so that what was told of a report before them can still be told; few.
#[derive(Debug, Default)]
pub struct Additions(BTreeMap<u32, Vec<Added>>);

impl Saying {
    pub fn of(row: &ReportRow) -> Saying {
        Saying { depth_cm: row.depth_cm, passability: row.passability, photo: row.photo }
    }

    /// The deepest water counts, and the fewest who get through.
    fn and(self, more: &Addition) -> Saying {
        Saying {
            depth_cm: self.depth_cm.max(more.depth_cm.map(Measure::new)),
            passability: self.passability.max(more.passability),
            photo: self.photo || more.photo,
        }
    }

    /// A row as it is when it says this.
    pub fn put(self, row: &mut ReportRow) {
        (row.depth_cm, row.passability, row.photo) = (self.depth_cm, self.passability, self.photo);
    }
}

impl Additions {
    /// What its sender says more of a report, at a position of the log that has so many reports before it.
    pub(super) fn take(
        &mut self,
        report: usize,
        row: &mut ReportRow,
        (seq, reports_before): (u64, usize),
        addition: &Addition,
    ) {
        let (before, at) = (Saying::of(row), addition.received_at.unwrap_or(addition.at));
        let after = before.and(addition);
        if after == before {
            return;
        }
        after.put(row);
        let (report, reports_before) = (report as u32, reports_before as u32);
        self.0.entry(report).or_default().push(Added { report, seq, at, reports_before, before, after });
    }

    /// Those to a report, in log order.
    pub(super) fn to(&self, report: u32) -> &[Added] {
        self.0.get(&report).map_or(&[], Vec::as_slice)
    }

    pub(super) fn save(&self, to: &mut Saver) -> Result<()> {
        to.rows(&Vec::from_iter(self.0.values().flatten()))
    }

    pub(super) fn load(from: &mut Loader) -> Result<Additions> {
        let mut additions = Additions::default();
        for added in from.rows::<Added>()? {
            additions.0.entry(added.report).or_default().push(added);
        }
        Ok(additions)
    }
}
