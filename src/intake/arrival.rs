//! How a report came in: what was sent as it was sent, and what was understood of it. Kept in the private file with the report, for
//! whoever asks why it says what it says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::text::Reading;
use crate::error::{Error, Result};

/// The way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Posted as a report.
    Report,
    /// Written as a message that said what and where.
    Message,
    /// Made a report by somebody at the desk.
    Inbox,
    /// A service request of Open311.
    Open311,
}

/// One arrival. A report has several where its sender said more of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    pub door: Door,
    /// Unix seconds.
    pub received_at: i64,
    /// As it was sent.
    pub raw: Value,
    /// What was understood of a message then: [`Reading`] as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub understood: Option<Value>,
    /// Which of its matters this report is, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matter: Option<usize>,
    /// What was set by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<Map<String, Value>>,
}

impl Arrival {
    pub fn of(door: Door, received_at: i64, raw: Value) -> Arrival {
        Arrival { door, received_at, raw, understood: None, matter: None, added: None }
    }

    /// With what was understood, and which of the matters this is.
    ///
    /// # Errors
    /// `Store` when that cannot be written.
    pub fn understood(mut self, reading: Option<&Reading>, matter: usize) -> Result<Arrival> {
        self.understood = reading.map(serde_json::to_value).transpose().map_err(unwritten)?;
        self.matter = self.understood.is_some().then_some(matter);
        Ok(self)
    }

    /// With what was set by hand.
    #[must_use]
    pub fn added(mut self, fields: Map<String, Value>) -> Arrival {
        self.added = (!fields.is_empty()).then_some(fields);
        self
    }

    /// As it is kept.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(unwritten)
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// `Store` for what is none.
    pub fn read(text: &str) -> Result<Arrival> {
        serde_json::from_str(text).map_err(|e| Error::Store(format!("an arrival cannot be read: {e}")))
    }
}

fn unwritten(e: serde_json::Error) -> Error {
    Error::Store(format!("an arrival cannot be written: {e}"))
}
