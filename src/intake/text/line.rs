//! One line of input: a message as it is, or a JSON object with its text and time.

use serde::Deserialize;

use super::{Parser, Reading, Sent};
use crate::error::{Result, invalid};

/// A message with what is known of it; other fields are ignored.
#[derive(Deserialize)]
struct Record {
    text: String,
    sent_at: Option<String>,
    zone: Option<String>,
}

impl Parser {
    /// Reads a line: plain text, sent as `sent` says, or `{"text", "sent_at", "zone"}`.
    ///
    /// # Errors
    /// `At` the column (in bytes, from 1) of `file` and `line` where it is no UTF-8 or no such JSON, and where its time
    /// or zone is none.
    pub fn read_line(&self, text: &[u8], sent: &Sent, file: &str, line: u64) -> Result<Reading> {
        let text = std::str::from_utf8(text).map_err(|e| {
            let column = e.valid_up_to() as u64 + 1;
            invalid("text", format!("0x{:02X}", text[e.valid_up_to()]), "not UTF-8").at(file, line, column)
        })?;
        let text = text.trim_end_matches(['\r', '\n']);
        if !text.trim_start().starts_with('{') {
            return Ok(self.read(text, sent));
        }
        let record: Record = serde_json::from_str(text).map_err(|e| {
            let value: String = text.chars().take(40).collect();
            invalid("text", value, format!("no message as JSON: {e}")).at(file, line, e.column() as u64)
        })?;
        if record.sent_at.is_none() && record.zone.is_none() {
            return Ok(self.read(&record.text, sent));
        }
        let own = Sent::new(record.sent_at.as_deref(), record.zone.as_deref()).map_err(|e| e.at(file, line, 0))?;
        let zone = if record.zone.is_none() { sent.zone.clone().or(own.zone) } else { own.zone };
        Ok(self.read(&record.text, &Sent { at: own.at.or(sent.at), zone }))
    }
}
