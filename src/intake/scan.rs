//! Takes one record of a CSV file apart, byte by byte (RFC 4180; a quote inside an unquoted field is a character).

use crate::error::Result;

/// Fields end to end in one text, and the line and column (in characters, from 1) where each begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    text: String,
    ends: Vec<usize>,
    places: Vec<(u64, u64)>,
}

/// Why a record could not be taken apart: line, column, field's number (from 0), its text, reason.
pub(super) struct Bad(pub u64, pub u64, pub usize, pub String, pub String);

impl Fields {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Line and column where the field of this number begins.
    pub fn place(&self, index: usize) -> (u64, u64) {
        self.places[index]
    }

    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }
}

/// A record in the making; stops for more where a quoted field runs over the end of the buffer.
pub(super) struct Scan {
    /// Where it is in the buffer: after a whole record, its end.
    pub at: usize,
    /// The line it is on.
    pub line: u64,
    column: u64,
    state: State,
    text: Vec<u8>,
    ends: Vec<usize>,
    places: Vec<(u64, u64)>,
    field_at: usize,
    /// The record cannot be taken apart.
    pub failed: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote within a quoted field: its end, or the first of a doubled one.
    Quote,
}

/// What one run ended with.
pub(super) enum Step {
    /// The record goes on beyond the buffer.
    More,
    Done,
    /// Text after a closing quote.
    Stray,
}

impl Scan {
    pub fn new(at: usize, line: u64) -> Scan {
        let (text, ends, places) = (Vec::new(), Vec::new(), vec![(line, 1)]);
        Scan { at, line, column: 1, state: State::FieldStart, text, ends, places, field_at: at, failed: false }
    }

    pub fn run(&mut self, buffer: &[u8]) -> Step {
        while let Some(&byte) = buffer.get(self.at) {
            self.at += 1;
            // A character's column is that of its first byte.
            self.column += u64::from(byte & 0xC0 != 0x80);
            let crlf = byte == b'\r' && buffer.get(self.at) == Some(&b'\n');
            match (self.state, byte) {
                (State::FieldStart, b'"') => self.state = State::Quoted,
                (State::Quoted, b'"') => self.state = State::Quote,
                (State::Quoted, b'\n') => {
                    (self.line, self.column) = (self.line + 1, 1);
                    self.text.push(byte);
                }
                (State::Quoted, _) => self.text.push(byte),
                (State::Quote, b'"') => {
                    self.state = State::Quoted;
                    self.text.push(byte);
                }
                (_, b'\n') => {
                    self.ends.push(self.text.len());
                    self.line += 1;
                    return Step::Done;
                }
                (_, b',') => {
                    self.ends.push(self.text.len());
                    self.places.push((self.line, self.column));
                    (self.state, self.field_at) = (State::FieldStart, self.at);
                }
                (_, b'\r') if crlf => {}
                (State::Quote, _) => return Step::Stray,
                (State::FieldStart | State::Plain, _) => {
                    self.state = State::Plain;
                    self.text.push(byte);
                }
            }
        }
        Step::More
    }

    pub fn bad(&mut self, reason: &str, buffer: &[u8]) -> Bad {
        self.failed = true;
        let index = self.ends.len();
        let (line, column) = self.places[index];
        let raw = &buffer[self.field_at..];
        let end = raw.iter().position(|&b| b == b'\n').unwrap_or(raw.len()).min(60);
        Bad(line, column, index, String::from_utf8_lossy(&raw[..end]).trim_end().to_owned(), reason.to_owned())
    }

    pub fn fields(&mut self) -> Result<Fields, Bad> {
        let (ends, places) = (std::mem::take(&mut self.ends), std::mem::take(&mut self.places));
        let mut start = 0;
        for (i, &end) in ends.iter().enumerate() {
            let bytes = &self.text[start..end];
            if std::str::from_utf8(bytes).is_err() {
                let value = String::from_utf8_lossy(bytes).into_owned();
                return Err(Bad(places[i].0, places[i].1, i, value, "not UTF-8: save the file as UTF-8".into()));
            }
            start = end;
        }
        let text = String::from_utf8(std::mem::take(&mut self.text)).expect("each field was just found to be UTF-8");
        Ok(Fields { text, ends, places })
    }
}
