//! A file of records, whatever its format: the judge of a row need not know.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::document::{Document, Piece, Stop};
use super::feature;
use super::input::{Format, Input};
use super::lines::Lines;
use super::mapping::Datum;
use super::record::Row;
use super::reject::Reject;
use super::table::Table;
use crate::error::{Error, Result, invalid};

/// Records with named texts: the rows of a table, the objects or features of JSON. One is held at a time.
pub struct Source {
    name: String,
    bytes_total: Option<u64>,
    bytes_read: Arc<AtomicU64>,
    gzip: bool,
    kind: Kind,
    /// Of JSON: what is looked for in each record, and whether it was ever found.
    names: Arc<[String]>,
    found: Vec<bool>,
    /// A record was read whole.
    any: bool,
    /// Any geometry has a position: its centroid.
    pub(super) centroid: bool,
    /// What the positions of places, works and areas refer to; those of reports go by their mapping.
    pub(super) datum: Datum,
    /// The file broke off here; what came before is good.
    cut: Option<Error>,
}

enum Kind {
    Table(Box<Table>),
    Document(Box<Document>),
    Lines(Lines),
}

impl Source {
    /// Opens a file, plain or gzip, in the given format or in that which its first bytes and its name tell.
    ///
    /// # Errors
    /// As [`Table::open`], for JSON too.
    pub fn open(path: impl AsRef<Path>, format: Option<Format>) -> Result<Source> {
        Source::start(Input::open(path.as_ref())?, format)
    }

    /// Reads from anything; `file` is what errors call it, and its end may name a format.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn from_reader(file: impl Into<String>, reader: impl io::Read + Send + 'static) -> Result<Source> {
        Source::start(Input::from_reader(file.into(), reader)?, None)
    }

    fn start(input: Input, format: Option<Format>) -> Result<Source> {
        let format = format.unwrap_or_else(|| input.format());
        let Input { bytes_total, gzip, .. } = input;
        let (name, bytes_read) = (input.name.clone(), input.bytes_read.clone());
        let sequence = input.head().trim_ascii_start().starts_with(b"\x1E");
        if format.is_json() && input.head().trim_ascii().is_empty() {
            return Err(invalid("file", &name, "is empty: there is no feature in it").at(&name, 1, 1));
        }
        let kind = match format {
            Format::Csv | Format::Tsv => Kind::Table(Box::new(Table::start(input, format)?)),
            Format::GeoJson => Kind::Document(Box::new(Document::new(input.reader))),
            Format::Ndjson => Kind::Lines(Lines::new(input.reader, sequence)),
        };
        let (names, found) = (Arc::from([]), Vec::new());
        let (any, centroid, datum, cut) = (false, false, Datum::Wgs84, None);
        Ok(Source { name, bytes_total, bytes_read, gzip, kind, names, found, any, centroid, datum, cut })
    }

    /// The same, with positions of places, works or areas in another datum than WGS 84: they are converted as they are read.
    pub fn given_in(self, datum: Datum) -> Source {
        Source { datum, ..self }
    }

    /// The name errors give the file.
    pub fn file(&self) -> &str {
        &self.name
    }

    /// Size of the file in bytes, where it is known.
    pub(super) fn bytes_total(&self) -> Option<u64> {
        self.bytes_total
    }

    /// Counts the bytes of the file that were read so far, while it is being read.
    pub(super) fn bytes_read(&self) -> Arc<AtomicU64> {
        self.bytes_read.clone()
    }

    /// The columns of a table; JSON has none until one looks at its records.
    pub fn columns(&self) -> Option<&[String]> {
        match &self.kind {
            Kind::Table(table) => Some(table.headers()),
            _ => None,
        }
    }

    /// The number of a column, from 0. Of JSON every name is one: records are looked at for it from now on.
    pub(super) fn index_of(&mut self, name: &str) -> Option<usize> {
        if let Kind::Table(table) = &self.kind {
            return table.index_of(name);
        }
        if let Some(index) = self.names.iter().position(|n| n == name) {
            return Some(index);
        }
        self.names = self.names.iter().cloned().chain([name.to_owned()]).collect();
        self.found.push(false);
        Some(self.names.len() - 1)
    }

    /// The number of a column that must be there.
    ///
    /// # Errors
    /// `At` the header of a table that lacks it.
    pub(super) fn need(&mut self, name: &str) -> Result<usize> {
        match &self.kind {
            Kind::Table(table) => table.need(name),
            _ => Ok(self.index_of(name).unwrap_or_default()),
        }
    }

    /// Whether any record had something in this column, as far as can be told.
    pub(super) fn had(&self, index: usize) -> bool {
        !self.any || self.found.get(index).copied().unwrap_or(true)
    }

    /// Why the file ended before its end: the records handed out are good, there should have been more.
    pub fn cut(&self) -> Option<&Error> {
        self.cut.as_ref()
    }

    /// The next record, or why it is none; `None` at the end, or where the file breaks off ([`Source::cut`]).
    ///
    /// # Errors
    /// `At` the file when it turns out to be something else, such as GeoJSON in another crs.
    pub fn next_row(&mut self) -> Result<Option<Result<Row, Reject>>> {
        if let Kind::Table(table) = &mut self.kind {
            return match table.next_row() {
                Err(error) => {
                    self.cut = Some(error);
                    Ok(None)
                }
                next => next,
            };
        }
        let Some(piece) = self.piece()? else { return Ok(None) };
        Ok(Some(feature::parse(&piece).and_then(|value| {
            let fields = feature::fields(&value, &self.names, self.centroid, (piece.line, piece.column))?;
            for (i, found) in self.found.iter_mut().enumerate() {
                *found |= !fields.get(i).is_empty();
            }
            self.any = true;
            Ok(Row::new(piece.line, fields, self.names.clone()))
        })))
    }

    /// The next object of JSON as it is; `None` at the end, and of a table.
    ///
    /// # Errors
    /// As [`Source::next_row`].
    pub(super) fn next_value(&mut self) -> Result<Option<Result<serde_json::Value, Reject>>> {
        Ok(self.piece()?.map(|piece| feature::parse(&piece)))
    }

    fn piece(&mut self) -> Result<Option<Piece>> {
        let (next, place) = match &mut self.kind {
            Kind::Table(_) => return Ok(None),
            Kind::Document(document) => (document.next(), document.place()),
            Kind::Lines(lines) => (lines.next().map_err(Stop::Broken), (lines.line, 0)),
        };
        let error = match next {
            Ok(piece) => return Ok(piece),
            Err(Stop::Refuse(reason)) => return Err(invalid("file", &self.name, reason).at(&self.name, 1, 1)),
            Err(Stop::Cut(line, column, reason)) => invalid("file", &self.name, reason).at(&self.name, line, column),
            Err(Stop::Broken(error)) => {
                let read = self.bytes_read.load(Ordering::Relaxed);
                Input::broken(&self.name, self.gzip, read, &error).at(&self.name, place.0, place.1)
            }
        };
        self.cut = Some(error);
        Ok(None)
    }
}

impl From<Table> for Source {
    fn from(table: Table) -> Source {
        let (name, bytes_total, bytes_read) = (table.file().to_owned(), table.bytes_total(), table.bytes_read());
        let kind = Kind::Table(Box::new(table));
        let (names, found) = (Arc::from([]), Vec::new());
        // Whether it is gzip only words the errors of JSON.
        Source {
            name,
            bytes_total,
            bytes_read,
            gzip: false,
            kind,
            names,
            found,
            any: false,
            centroid: false,
            datum: Datum::Wgs84,
            cut: None,
        }
    }
}
