//! One record of a file, whatever its format: named texts, each with its place.

use std::sync::Arc;

use super::reject::Reject;
use super::scan::Fields;

/// Characters of a value that a reject shows.
const SHOWN_CHARS: usize = 200;

/// One record, with a text for every name.
#[derive(Clone, Debug)]
pub struct Row {
    /// Line of the file on which the record begins, from 1.
    pub line: u64,
    fields: Fields,
    headers: Arc<[String]>,
}

impl Row {
    pub(super) fn new(line: u64, fields: Fields, headers: Arc<[String]>) -> Row {
        Row { line, fields, headers }
    }

    /// The text of the column of this name, as it stands; `None` where there is no such column.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().position(|h| h == name).map(|i| self.field(i))
    }

    /// The text of the column of this number (from 0, below the number of headers), as it stands.
    pub fn field(&self, index: usize) -> &str {
        self.fields.get(index)
    }

    /// Every field, in order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.headers.len()).map(|i| self.field(i))
    }

    /// Where the field of this number begins: line, and column in characters, both from 1.
    pub fn place(&self, index: usize) -> (u64, u64) {
        self.fields.place(index)
    }

    /// Column in characters, from 1, where the field of this name begins; 0 where there is no such column.
    pub fn column_of(&self, name: &str) -> u64 {
        self.headers.iter().position(|h| h == name).map_or(0, |i| self.place(i).1)
    }

    /// Bytes of memory that its text takes.
    pub(super) fn bytes(&self) -> usize {
        self.fields.bytes()
    }

    /// A reject of this row because of the field of this number; a long text is shown by its beginning.
    pub fn reject(&self, index: usize, reason: impl Into<String>) -> Reject {
        let (line, column) = self.place(index);
        let (field, text) = (self.headers[index].clone(), self.field(index));
        let end = text.char_indices().nth(SHOWN_CHARS).map_or(text.len(), |(i, _)| i);
        let mut value = text[..end].to_owned();
        if end < text.len() {
            value.push('…');
        }
        Reject { line, column, field, value, reason: reason.into() }
    }
}
