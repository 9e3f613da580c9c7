//! Takes one record of a delimited file apart (RFC 4180; a quote inside an unquoted field is a character).

use crate::error::Result;

/// The fields of one record, and where each stands. A place is found only when somebody asks: most rows are good.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    /// The record as it stands; behind it what had to be written anew, such as fields with a doubled quote.
    text: String,
    spans: Vec<Span>,
    /// Where the record begins.
    line: u64,
    column: u64,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    /// Where the field begins in the record; `None`: all that is known is where the record begins.
    at: Option<u32>,
    from: u32,
    to: u32,
}

/// Why a record could not be taken apart: line, column, field's number (from 0), its text, reason.
pub(super) struct Bad(pub u64, pub u64, pub usize, pub String, pub String);

impl Fields {
    /// Fields that are no part of a text: each stands where the record does.
    pub fn of(line: u64, column: u64, values: impl IntoIterator<Item = impl AsRef<str>>) -> Fields {
        let mut fields = Fields { line, column, ..Fields::default() };
        for value in values {
            let from = fields.text.len() as u32;
            fields.text += value.as_ref();
            fields.spans.push(Span { at: None, from, to: fields.text.len() as u32 });
        }
        fields
    }

    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Line, and column in characters, where the field of this number begins, both from 1.
    pub fn place(&self, index: usize) -> (u64, u64) {
        match self.spans[index].at {
            Some(at) => place(self.line, &self.text.as_bytes()[..at as usize]),
            None => (self.line, self.column),
        }
    }

    pub fn get(&self, index: usize) -> &str {
        let Span { from, to, .. } = self.spans[index];
        &self.text[from as usize..to as usize]
    }
}

/// Line and column behind a text that begins on a line; a character's column is that of its first byte.
fn place(line: u64, before: &[u8]) -> (u64, u64) {
    let lines = before.iter().filter(|&&b| b == b'\n').count() as u64;
    let last = before.rsplit(|&b| b == b'\n').next().unwrap_or_default();
    (line + lines, 1 + last.iter().filter(|&&b| b & 0xC0 != 0x80).count() as u64)
}

/// A record in the making; stops for more where a quoted field runs over the end of the buffer.
pub(super) struct Scan {
    /// Where the record begins in the buffer.
    start: usize,
    /// Where it is: after a whole record, its end.
    pub at: usize,
    line: u64,
    delimiter: u8,
    state: State,
    /// Of each field that is whole: where it begins, and its text without quotes, from `start` on.
    fields: Vec<(usize, usize, usize, bool)>,
    field_at: usize,
    /// A doubled quote was seen in this field.
    doubled: bool,
    /// Where the record's text ends, without its line end.
    end: usize,
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
    pub fn new(start: usize, line: u64, delimiter: u8, expected: usize) -> Scan {
        let fields = Vec::with_capacity(expected);
        let (state, failed) = (State::FieldStart, false);
        Scan { start, at: start, line, delimiter, state, fields, field_at: start, doubled: false, end: start, failed }
    }

    /// Goes on to the end of the record or of the buffer, which must end in a whole line.
    pub fn run(&mut self, buffer: &[u8]) -> Step {
        loop {
            match self.state {
                State::FieldStart if buffer.get(self.at) == Some(&b'"') => {
                    self.state = State::Quoted;
                    self.at += 1;
                }
                State::FieldStart => self.state = State::Plain,
                State::Plain => {
                    let ends = |b: &u8| *b == self.delimiter || *b == b'\n';
                    let Some(n) = buffer[self.at..].iter().position(ends) else {
                        self.at = buffer.len();
                        return Step::More;
                    };
                    self.at += n;
                    let last = buffer[self.at] == b'\n';
                    let cr = last && self.at > self.field_at && buffer[self.at - 1] == b'\r';
                    self.close(self.field_at, self.at - usize::from(cr));
                    if last {
                        return Step::Done;
                    }
                }
                State::Quoted => {
                    let Some(n) = buffer[self.at..].iter().position(|&b| b == b'"') else {
                        self.at = buffer.len();
                        return Step::More;
                    };
                    self.at += n + 1;
                    self.state = State::Quote;
                }
                State::Quote => {
                    let text = (self.field_at + 1, self.at - 1);
                    match &buffer[self.at..] {
                        [b'"', ..] => {
                            (self.state, self.doubled) = (State::Quoted, true);
                            self.at += 1;
                        }
                        [b'\n', ..] => {
                            self.close(text.0, text.1);
                            return Step::Done;
                        }
                        [b'\r', b'\n', ..] => {
                            self.at += 1;
                            self.close(text.0, text.1);
                            return Step::Done;
                        }
                        [b, ..] if *b == self.delimiter => self.close(text.0, text.1),
                        [] => return Step::More,
                        [..] => return Step::Stray,
                    }
                }
            }
        }
    }

    /// The field ends here, at a delimiter or the line's end.
    fn close(&mut self, from: usize, to: usize) {
        let start = self.start;
        self.fields.push((self.field_at - start, from - start, to - start, self.doubled));
        self.end = self.at;
        self.at += 1;
        (self.state, self.field_at, self.doubled) = (State::FieldStart, self.at, false);
    }

    pub fn bad(&mut self, reason: &str, buffer: &[u8]) -> Bad {
        self.failed = true;
        let (line, column) = place(self.line, &buffer[self.start..self.field_at]);
        let raw = &buffer[self.field_at..];
        let end = raw.iter().position(|&b| b == b'\n').unwrap_or(raw.len()).min(60);
        let value = String::from_utf8_lossy(&raw[..end]).trim_end().to_owned();
        Bad(line, column, self.fields.len(), value, reason.to_owned())
    }

    /// The line below the record.
    pub fn next_line(&self, buffer: &[u8]) -> u64 {
        self.line + buffer[self.start..self.at].iter().filter(|&&b| b == b'\n').count() as u64
    }

    pub fn fields(&mut self, buffer: &[u8]) -> Result<Fields, Bad> {
        let raw = &buffer[self.start..self.end];
        let Ok(text) = std::str::from_utf8(raw) else { return Err(self.not_utf8(raw)) };
        let mut fields = Fields { text: text.to_owned(), line: self.line, column: 1, spans: Vec::new() };
        fields.spans.reserve_exact(self.fields.len());
        for &(at, from, to, doubled) in &self.fields {
            let (mut from, mut to) = (from, to);
            if doubled {
                let written = text[from..to].replace("\"\"", "\"");
                from = fields.text.len();
                fields.text += &written;
                to = fields.text.len();
            }
            // A record is at most 1 MiB: this fits.
            fields.spans.push(Span { at: Some(at as u32), from: from as u32, to: to as u32 });
        }
        Ok(fields)
    }

    fn not_utf8(&self, raw: &[u8]) -> Bad {
        let mut fields = self.fields.iter().enumerate();
        let broken = fields.find(|(_, f)| std::str::from_utf8(&raw[f.1..f.2]).is_err());
        let (index, (at, from, to, _)) = broken.map_or((0, (0, 0, raw.len(), false)), |(i, f)| (i, *f));
        let (line, column) = place(self.line, &raw[..at]);
        let value = String::from_utf8_lossy(&raw[from..to]).chars().take(60).collect();
        Bad(line, column, index, value, "not UTF-8: save the file as UTF-8".into())
    }
}
