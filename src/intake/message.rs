//! A message as it is posted to be read: a JSON body becomes a text and when it was sent.

use utoipa::ToSchema;

use super::json::{Fields, parse};
use super::post::LONGEST_TEXT_CHARS;
use super::text::Sent;
use crate::error::{Error, Result, invalid};

/// A message as it is posted; for the description of the API alone, since [`Message::parse`] reads the text.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"text": "19 Av & 58 St is flooded, knee-deep, small cars turn round", "at": "2024-06-30T20:05:00-04:00"}))]
pub struct PostedMessage {
    /// At most 4,000 characters, in Chinese or English; of an empty one nothing is understood.
    text: String,
    /// When it was sent, RFC 3339; "this morning" is meant in its offset. Without it: now, in UTC.
    at: Option<String>,
}

/// A message that can be read.
#[derive(Clone, Debug)]
pub struct Message {
    pub text: String,
    /// When the sender says that he sent it.
    pub sent: Option<Sent>,
}

impl Message {
    /// Reads the body of a POST.
    ///
    /// # Errors
    /// `Invalid` with the first field that is wrong.
    pub fn parse(body: &[u8]) -> Result<Message> {
        let body = parse(body)?;
        let fields = Fields::of(&body, "body", "", &["text", "at"])?;
        if !fields.has("text") {
            return Err(fields.missing("text"));
        }
        let text = fields.text("text", LONGEST_TEXT_CHARS)?.unwrap_or_default();
        let sent = fields.text("at", usize::MAX)?.map(|at| Sent::new(Some(&at), None).map_err(of_at)).transpose()?;
        Ok(Message { text, sent })
    }
}

/// The error by the name that the time has here.
pub(super) fn of_at(error: Error) -> Error {
    match error {
        Error::Invalid { value, reason, .. } => invalid("at", value, reason),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> String {
        Message::parse(body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_message_has_a_text_that_may_be_empty_and_perhaps_a_time() {
        let message = Message::parse(r#"{"text": "", "at": "2024-06-30T20:05:00-04:00"}"#.as_bytes()).unwrap();
        assert!(message.text.is_empty() && message.sent.is_some_and(|sent| sent.zone.is_some()));
        assert!(Message::parse(r#"{"text": "积水"}"#.as_bytes()).unwrap().sent.is_none());
    }

    #[test]
    fn what_is_wrong_with_it_is_said_by_field() {
        assert!(refused("{}").starts_with("text"));
        assert!(refused(r#"{"text": "x", "at": "yesterday"}"#).starts_with("at \"yesterday\": not a time"));
        assert!(refused(&format!(r#"{{"text": "{}"}}"#, "水".repeat(4_001))).contains("4000"));
    }
}
