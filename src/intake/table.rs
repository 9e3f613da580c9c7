//! Reads a CSV or TSV file row by row; every row and every field knows where in the file it stands.
//!
//! Own reader rather than the `csv` crate: that one gives no place of a field, and takes a quote that is never closed
//! for the rest of the file as one long field. Here such a row is bad, and reading goes on with the line below it.

use std::io::{BufRead, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::input::{Format, Input, LONGEST_RECORD_BYTES};
use super::record::Row;
use super::reject::Reject;
use super::scan::{Bad, Fields, Scan, Step};
use crate::error::{Error, Result, invalid};

/// A file with delimited columns that is being read: commas or tabs, plain or gzip, UTF-8 with or without BOM, lines
/// ended by LF or CRLF, RFC 4180 quotes.
pub struct Table {
    input: Input,
    delimiter: u8,
    /// Whole lines; those before `start` are done with.
    buffer: Vec<u8>,
    start: usize,
    /// Number of the line at `start`, from 1.
    line: u64,
    /// The last line in the buffer is longer than a record may be; its rest was thrown away.
    overlong: bool,
    headers: Arc<[String]>,
    /// Place of each header, for errors that point at one.
    header_columns: Vec<u64>,
    failed: bool,
}

impl Table {
    /// Opens a file and reads its header. Errors name the file as the path was given.
    ///
    /// # Errors
    /// `At` the file when it cannot be read, is a directory or empty, or its header is broken.
    pub fn open(path: impl AsRef<Path>) -> Result<Table> {
        let input = Input::open(path.as_ref())?;
        let format = input.delimited(None);
        Table::start(input, format)
    }

    /// Reads from anything; `file` is what errors call it.
    pub fn from_reader(file: impl Into<String>, reader: impl Read + Send + 'static) -> Result<Table> {
        let input = Input::from_reader(file.into(), reader)?;
        let format = input.delimited(None);
        Table::start(input, format)
    }

    pub(super) fn start(input: Input, format: Format) -> Result<Table> {
        let mut table = Table {
            input,
            delimiter: if format == Format::Tsv { b'\t' } else { b',' },
            buffer: Vec::new(),
            start: 0,
            line: 1,
            overlong: false,
            headers: Arc::from([]),
            header_columns: Vec::new(),
            failed: false,
        };
        table.read_header()?;
        Ok(table)
    }

    /// The name errors give the file.
    pub fn file(&self) -> &str {
        &self.input.name
    }

    /// The columns' names, in order, without white space around them.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The number of a column, from 0.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|h| h == name)
    }

    /// The number of a column that must be there.
    ///
    /// # Errors
    /// `At` the header, listing the columns there are.
    pub fn need(&self, name: &str) -> Result<usize> {
        self.index_of(name).ok_or_else(|| {
            let reason = format!("no such column; the file has {}", self.headers.join(", "));
            invalid("column", name, reason).at(&self.input.name, 1, 0)
        })
    }

    /// An error at a column's header.
    pub fn at_header(&self, index: usize, error: Error) -> Error {
        error.at(&self.input.name, 1, self.header_columns.get(index).copied().unwrap_or(0))
    }

    /// Size of the file in bytes, where it is known.
    pub fn bytes_total(&self) -> Option<u64> {
        self.input.bytes_total
    }

    /// Counts the bytes of the file that were read so far, while it is being read.
    pub(super) fn bytes_read(&self) -> Arc<AtomicU64> {
        self.input.bytes_read.clone()
    }

    /// The next row, or why it is none; a bad row ends nothing, the next call goes on with the next.
    ///
    /// # Errors
    /// `At` the line where the file could not be read further.
    pub fn next_row(&mut self) -> Result<Option<Result<Row, Reject>>> {
        let Some((line, parsed)) = self.next_record()? else { return Ok(None) };
        let width = self.headers.len();
        let fields = match parsed {
            Ok(fields) => fields,
            Err(Bad(line, column, index, value, reason)) => {
                let field = self.headers.get(index).cloned().unwrap_or_default();
                return Ok(Some(Err(Reject { line, column, field, value, reason })));
            }
        };
        if fields.len() != width {
            let mut reason = format!("the row has {} fields, the header has {width}", fields.len());
            if (0..fields.len()).any(|i| fields.get(i).contains('\r')) {
                reason += "; lines here end in CR alone: save it with LF or CRLF";
            }
            // Point at the first field too many, or at the last there is.
            let index = width.min(fields.len() - 1);
            let (line, column) = fields.place(index);
            let field = self.headers.get(index).cloned().unwrap_or_default();
            return Ok(Some(Err(Reject { line, column, field, value: fields.get(index).to_owned(), reason })));
        }
        Ok(Some(Ok(Row::new(line, fields, self.headers.clone()))))
    }

    fn read_header(&mut self) -> Result<()> {
        let fail = |table: &Table, line, column, reason: &str| {
            Err(invalid("file", &table.input.name, reason).at(&table.input.name, line, column))
        };
        let fields = match self.next_record()? {
            None => return fail(self, 1, 1, "is empty: there is no header line"),
            Some((_, Err(Bad(line, column, _, _, reason)))) => return fail(self, line, column, &reason),
            Some((_, Ok(fields))) => fields,
        };
        let names: Vec<String> = (0..fields.len()).map(|i| fields.get(i).trim().to_owned()).collect();
        if (0..names.len()).any(|i| fields.get(i).contains('\r')) {
            return fail(self, 1, 1, "has lines that end in CR alone: save it with LF or CRLF");
        }
        if let [only] = &names[..]
            && only.contains([';', '\t'])
        {
            return fail(self, 1, 1, "has no comma in its header: separate columns by commas (or by tabs: TSV)");
        }
        for (i, name) in names.iter().enumerate() {
            if !name.is_empty() && names[..i].contains(name) {
                let (line, column) = fields.place(i);
                return Err(invalid("column", name, "twice in the header").at(&self.input.name, line, column));
            }
        }
        self.header_columns = (0..fields.len()).map(|i| fields.place(i).1).collect();
        self.headers = names.into();
        Ok(())
    }

    /// The next record that is not an empty line, with the line it begins on.
    fn next_record(&mut self) -> Result<Option<(u64, Result<Fields, Bad>)>> {
        if self.start > LONGEST_RECORD_BYTES {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        loop {
            if self.start == self.buffer.len() {
                self.buffer.clear();
                self.start = 0;
                if !self.fill()? {
                    return Ok(None);
                }
            }
            match &self.buffer[self.start..] {
                [b'\n', ..] => self.start += 1,
                [b'\r', b'\n', ..] => self.start += 2,
                [] => continue,
                _ => break,
            }
            self.line += 1;
        }
        let line = self.line;
        if self.overlong && !self.buffer[self.start..self.buffer.len() - 1].contains(&b'\n') {
            return Ok(Some((line, Err(self.skip_line(format!("longer than {LONGEST_RECORD_BYTES} bytes"))))));
        }
        let mut scan = Scan::new(self.start, self.line, self.delimiter, self.headers.len());
        let parsed = loop {
            match scan.run(&self.buffer) {
                Step::More => {
                    let room = self.buffer.len() - self.start < LONGEST_RECORD_BYTES;
                    if !room || !self.fill()? {
                        break Err(scan.bad("a quote that is opened here is never closed", &self.buffer));
                    }
                }
                Step::Done => break scan.fields(&self.buffer),
                Step::Stray => {
                    break Err(scan.bad("text after a closing quote: write a quote inside a field twice", &self.buffer));
                }
            }
        };
        if scan.failed {
            // The lines below may be good rows that this one's quote ran over: go on right below its first line.
            self.skip_line(String::new());
        } else {
            self.line = scan.next_line(&self.buffer);
            self.start = scan.at;
        }
        Ok(Some((line, parsed)))
    }

    /// Leaves the line at `start` behind.
    fn skip_line(&mut self, reason: String) -> Bad {
        let rest = &self.buffer[self.start..];
        let end = rest.iter().position(|&b| b == b'\n').map_or(rest.len(), |i| i + 1);
        let value = String::from_utf8_lossy(&rest[..end.min(60)]).trim_end().to_owned();
        self.start += end;
        self.line += 1;
        if self.start == self.buffer.len() {
            self.overlong = false;
        }
        Bad(self.line - 1, 1, 0, value, reason)
    }

    /// Appends the next line of the file to the buffer; false at the end of the file.
    fn fill(&mut self) -> Result<bool> {
        let before = self.buffer.len();
        let limit = LONGEST_RECORD_BYTES as u64;
        let reader = &mut self.input.reader;
        let read = reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer).and_then(|read| {
            self.overlong = read as u64 == limit && self.buffer.last() != Some(&b'\n');
            if self.overlong { reader.skip_until(b'\n').map(|_| ()) } else { Ok(()) }
        });
        if let Err(error) = read {
            // Half a row is none.
            self.buffer.truncate(before);
            let Input { name, gzip, bytes_read, .. } = &self.input;
            let broken = Input::broken(name, *gzip, bytes_read.load(Ordering::Relaxed), &error);
            return Err(broken.at(name, self.line, 0));
        }
        // A last line without its end is a line like the others.
        if self.buffer.len() > before && self.buffer.last() != Some(&b'\n') {
            self.buffer.push(b'\n');
        }
        Ok(self.buffer.len() > before)
    }
}

/// For readers that take a whole file or nothing: the first bad row is the error, and the end.
impl Iterator for Table {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        if self.failed {
            return None;
        }
        let item = match self.next_row() {
            Ok(None) => return None,
            Ok(Some(Ok(row))) => Ok(row),
            Ok(Some(Err(reject))) => Err(reject.into_error(&self.input.name)),
            Err(error) => Err(error),
        };
        self.failed = item.is_err();
        Some(item)
    }
}
