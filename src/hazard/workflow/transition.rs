//! A step as the log holds it: structure only. What was said with it lies in the private file.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Reason, Role, State, Step};

/// Who takes a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub role: Role,
    /// The unit he works for, by its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// A random number that stands for the person; never published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<NonZeroU64>,
}

/// A step taken by somebody on the incident that holds a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// Unix seconds.
    pub at: i64,
    pub step: Step,
    /// A visible report of the incident; of a split, the one that is taken out.
    pub report: String,
    /// The state that the incident was in, as whoever took the step knew it.
    pub from: State,
    /// Position in the log of the last step that he knew of, where he said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    pub actor: Actor,
    /// The unit that is sent, or that it should go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Time is granted until then; unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// A visible report of the incident that is merged with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// Where the private file has what was said and shown with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<NoteId>,
}

/// The id of a note in the private file: `note:` and sixteen hexadecimal digits, a random number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct NoteId(pub NonZeroU64);

impl fmt::Display for NoteId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "note:{:016x}", self.0)
    }
}

impl From<NoteId> for String {
    fn from(id: NoteId) -> String {
        id.to_string()
    }
}

impl FromStr for NoteId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<NoteId, &'static str> {
        let digits = text.strip_prefix("note:").filter(|digits| digits.len() == 16);
        let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()).and_then(NonZeroU64::new);
        number.map(NoteId).ok_or("not the id of a note")
    }
}

impl TryFrom<String> for NoteId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<NoteId, &'static str> {
        text.parse()
    }
}
