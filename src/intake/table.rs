//! Reads a CSV file row by row; every row and every field knows where in the file it stands.
//!
//! Own reader rather than the `csv` crate: that one gives no place of a field, and takes a quote that is never closed
//! for the rest of the file as one long field. Here such a row is bad, and reading goes on with the line below it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use super::reject::Reject;
use super::scan::{Bad, Fields, Scan, Step};
use crate::error::{Error, Result, invalid};

/// No record is longer: a quote that is never closed must not read the whole file into memory.
const LONGEST_RECORD_BYTES: usize = 1 << 20;

/// A CSV file that is being read: UTF-8 with or without BOM, lines ended by LF or CRLF, RFC 4180 quotes.
pub struct Table {
    file: String,
    bytes_total: Option<u64>,
    bytes_read: u64,
    reader: BufReader<Box<dyn Read + Send>>,
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

/// One record, with as many fields as the header.
#[derive(Clone, Debug)]
pub struct Row {
    /// Line of the file on which the record begins, from 1.
    pub line: u64,
    fields: Fields,
    headers: Arc<[String]>,
}

impl Table {
    /// Opens a file and reads its header. Errors name the file as the path was given.
    ///
    /// # Errors
    /// `At` the file when it cannot be read, is a directory or empty, or its header is broken.
    pub fn open(path: impl AsRef<Path>) -> Result<Table> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let refuse = |reason: String| invalid("file", &name, reason);
        let file = File::open(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => refuse("no such file".into()),
            _ => refuse(format!("cannot be opened: {e}")),
        })?;
        let meta = file.metadata().map_err(|e| refuse(format!("cannot be read: {e}")))?;
        if meta.is_dir() {
            return Err(refuse("is a directory, not a CSV file".into()));
        }
        let total = meta.is_file().then_some(meta.len());
        Table::start(name, Box::new(file), total)
    }

    /// Reads from anything; `file` is what errors call it.
    pub fn from_reader(file: impl Into<String>, reader: impl Read + Send + 'static) -> Result<Table> {
        Table::start(file.into(), Box::new(reader), None)
    }

    fn start(file: String, reader: Box<dyn Read + Send>, bytes_total: Option<u64>) -> Result<Table> {
        let mut table = Table {
            file,
            bytes_total,
            bytes_read: 0,
            reader: BufReader::with_capacity(1 << 16, reader),
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
        &self.file
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
            invalid("column", name, reason).at(&self.file, 1, 0)
        })
    }

    /// An error at a column's header.
    pub fn at_header(&self, index: usize, error: Error) -> Error {
        error.at(&self.file, 1, self.header_columns.get(index).copied().unwrap_or(0))
    }

    /// Size of the file in bytes, where it is known.
    pub fn bytes_total(&self) -> Option<u64> {
        self.bytes_total
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
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
            let reason = format!("the row has {} fields, the header has {width}", fields.len());
            // Point at the first field too many, or at the last there is.
            let index = width.min(fields.len() - 1);
            let (line, column) = fields.place(index);
            let field = self.headers.get(index).cloned().unwrap_or_default();
            return Ok(Some(Err(Reject { line, column, field, value: fields.get(index).to_owned(), reason })));
        }
        Ok(Some(Ok(Row { line, fields, headers: self.headers.clone() })))
    }

    fn read_header(&mut self) -> Result<()> {
        let fail = |table: &Table, line, column, reason: &str| {
            Err(invalid("file", &table.file, reason).at(&table.file, line, column))
        };
        if self.fill()? {
            if self.buffer.starts_with(b"\xEF\xBB\xBF") {
                self.start = 3;
            } else if self.buffer.starts_with(b"\xFF\xFE") || self.buffer.starts_with(b"\xFE\xFF") {
                return fail(self, 1, 1, "is UTF-16: save it as CSV in UTF-8");
            }
        }
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
            return fail(self, 1, 1, "has no comma in its header: separate columns by commas");
        }
        for (i, name) in names.iter().enumerate() {
            if !name.is_empty() && names[..i].contains(name) {
                let (line, column) = fields.place(i);
                return Err(invalid("column", name, "twice in the header").at(&self.file, line, column));
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
        let mut scan = Scan::new(self.start, self.line);
        let parsed = loop {
            match scan.run(&self.buffer) {
                Step::More => {
                    let room = self.buffer.len() - self.start < LONGEST_RECORD_BYTES;
                    if !room || !self.fill()? {
                        break Err(scan.bad("a quote that is opened here is never closed", &self.buffer));
                    }
                }
                Step::Done => break scan.fields(),
                Step::Stray => {
                    break Err(scan.bad("text after a closing quote: write a quote inside a field twice", &self.buffer));
                }
            }
        };
        if scan.failed {
            // The lines below may be good rows that this one's quote ran over: go on right below its first line.
            self.skip_line(String::new());
        } else {
            self.start = scan.at;
            self.line = scan.line;
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
        let (file, line) = (self.file.clone(), self.line);
        let fail = |e: std::io::Error| invalid("file", &file, format!("cannot be read: {e}")).at(&file, line, 0);
        let mut read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer).map_err(fail)?;
        if read as u64 == limit && self.buffer.last() != Some(&b'\n') {
            self.overlong = true;
            read += self.reader.skip_until(b'\n').map_err(fail)?;
        }
        self.bytes_read += read as u64;
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
            Ok(Some(Err(reject))) => Err(reject.into_error(&self.file)),
            Err(error) => Err(error),
        };
        self.failed = item.is_err();
        Some(item)
    }
}

impl Row {
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

    /// A reject of this row because of the field of this number.
    pub fn reject(&self, index: usize, reason: impl Into<String>) -> Reject {
        let (line, column) = self.place(index);
        let (field, value) = (self.headers[index].clone(), self.field(index).to_owned());
        Reject { line, column, field, value, reason: reason.into() }
    }
}
