//! One report in several messages.

use serde::{Deserialize, Serialize};

use super::event::Passability;

/// A further message of the sender of a report, on the same thing: it counts as no report and no person, and its water is
/// the report's where it is deeper, or fewer get through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Addition {
    pub report: String,
    /// When it was seen; unix seconds.
    pub at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_cm: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passability: Option<Passability>,
    /// A photo shows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub photo: bool,
}
