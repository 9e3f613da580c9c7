//! Reads one JSON text a line (NDJSON), or a text sequence in which each begins with a record separator (RFC 8142).

use std::io::{self, BufRead, BufReader, Read};

use super::document::Piece;
use super::input::{Headed, LONGEST_RECORD_BYTES};

const SEPARATOR: u8 = b'\x1E';

/// A file of lines that is being read.
pub(super) struct Lines {
    reader: BufReader<Headed>,
    /// What ends a text.
    end: u8,
    pub line: u64,
}

impl Lines {
    /// `sequence`: texts begin with a record separator and may run over several lines.
    pub fn new(reader: BufReader<Headed>, sequence: bool) -> Lines {
        Lines { reader, end: if sequence { SEPARATOR } else { b'\n' }, line: 1 }
    }

    /// The next text that is not blank.
    pub fn next(&mut self) -> io::Result<Option<Piece>> {
        loop {
            let mut text = Vec::new();
            let read = self.reader.by_ref().take(LONGEST_RECORD_BYTES as u64).read_until(self.end, &mut text)?;
            if read == 0 {
                return Ok(None);
            }
            let overlong = read == LONGEST_RECORD_BYTES && text.last() != Some(&self.end);
            let mut lines = breaks(&text);
            if overlong {
                lines += self.skip()?;
            }
            // White space before a text is none of it.
            let before = text.len() - text.trim_ascii_start().len();
            let line = self.line + breaks(&text[..before]);
            self.line += lines;
            if text.last() == Some(&self.end) {
                text.pop();
            }
            let text = text.trim_ascii();
            let text = text.strip_prefix(&[SEPARATOR]).unwrap_or(text).trim_ascii();
            if !text.is_empty() {
                return Ok(Some(Piece { line, column: 1, text: text.to_vec(), overlong }));
            }
        }
    }

    /// Leaves the rest of a text behind; returns how many lines that was.
    fn skip(&mut self) -> io::Result<u64> {
        let mut lines = 0;
        loop {
            let buffer = self.reader.fill_buf()?;
            let end = buffer.iter().position(|&b| b == self.end);
            let length = end.map_or(buffer.len(), |i| i + 1);
            lines += breaks(&buffer[..length]);
            self.reader.consume(length);
            if end.is_some() || length == 0 {
                return Ok(lines);
            }
        }
    }
}

fn breaks(text: &[u8]) -> u64 {
    text.iter().filter(|&&b| b == b'\n').count() as u64
}
