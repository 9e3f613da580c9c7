//! Cuts the features out of a GeoJSON document (RFC 7946) as it streams by; gigabytes of it are read one at a time.
//!
//! Also a list of objects, and objects one after another. Nothing is kept but the record at hand, at most 1 MiB.

use std::io::{BufReader, Read};

use super::input::{Headed, LONGEST_RECORD_BYTES};

/// Brackets that may be open at once: a stop for a file that is nothing but brackets.
const DEEPEST: usize = 10_000;

/// A value of the document, where it begins.
pub(super) struct Piece {
    pub line: u64,
    /// In characters, from 1.
    pub column: u64,
    /// The text as it stands; cut short where it is longer than a record may be.
    pub text: Vec<u8>,
    pub overlong: bool,
}

/// Why a document goes no further.
pub(super) enum Stop {
    /// What came before is good: the file breaks off, or is no JSON from here (line, column, reason).
    Cut(u64, u64, String),
    /// It cannot be read at all or not further.
    Broken(std::io::Error),
    /// The whole file means something else than it seems (reason).
    Refuse(String),
}

/// A document that is being read.
pub(super) struct Document {
    bytes: Bytes,
    state: State,
    /// Of the collection: what it says it is, and its crs.
    kind: Option<Vec<u8>>,
    /// Something was found, be it an empty collection.
    found: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Between top-level values.
    Top,
    /// In a list, before a value or after one; of a collection, or on its own.
    List { first: bool, collection: bool },
    /// Among the members of a collection, behind its features.
    Members,
}

type Reading<T> = Result<T, Stop>;

impl Document {
    pub fn new(reader: BufReader<Headed>) -> Document {
        let bytes = Bytes { reader, buffer: vec![0; 1 << 16], at: 0, end: 0, line: 1, column: 1, open: Vec::new() };
        Document { bytes, state: State::Top, kind: None, found: false }
    }

    /// Line and column of what comes next.
    pub fn place(&self) -> (u64, u64) {
        (self.bytes.line, self.bytes.column)
    }

    /// The next feature or object; `None` at the end.
    pub fn next(&mut self) -> Reading<Option<Piece>> {
        loop {
            let next = self.bytes.peek()?;
            match (self.state, next) {
                (State::Top, None) if self.found => return Ok(None),
                (State::Top, None) => {
                    return Err(Stop::Refuse(
                        "holds no feature: neither a GeoJSON FeatureCollection nor Features".into(),
                    ));
                }
                (State::Top, Some(b'{')) => {
                    if let Some(piece) = self.object()? {
                        self.found = true;
                        return Ok(Some(piece));
                    }
                }
                (State::Top, Some(b'[')) => {
                    self.bytes.bump();
                    self.state = State::List { first: true, collection: false };
                }
                (State::Top, Some(_)) => return Err(self.bytes.unexpected("an object or a list")),
                (State::List { collection, .. }, Some(b']')) => {
                    self.bytes.bump();
                    self.state = if collection { State::Members } else { State::Top };
                }
                (State::List { first, collection }, Some(byte)) => {
                    if !first {
                        if byte != b',' {
                            return Err(self.bytes.unexpected("a comma or the list's end"));
                        }
                        self.bytes.bump();
                    }
                    self.state = State::List { first: false, collection };
                    self.found = true;
                    return self.bytes.piece().map(Some);
                }
                (State::Members, Some(b'}')) => {
                    self.bytes.bump();
                    self.end_collection()?;
                }
                (State::Members, Some(b',')) => {
                    self.bytes.bump();
                    let mut kept = Kept::default();
                    self.member(&mut kept)?;
                }
                (State::Members, Some(_)) => return Err(self.bytes.unexpected("a comma or the object's end")),
                (_, None) => {
                    return Err(self.bytes.unexpected("more features, or the end of the list and of the object"));
                }
            }
        }
    }

    /// A top-level object: a record, or a collection whose features come next.
    fn object(&mut self) -> Reading<Option<Piece>> {
        let (line, column) = self.place();
        let mut kept = Kept::default();
        self.kind = None;
        kept.push(self.bytes.bump());
        if self.bytes.peek()? == Some(b'}') {
            kept.push(self.bytes.bump());
            return Ok(Some(kept.piece(line, column)));
        }
        loop {
            if self.member(&mut kept)? {
                return Ok(None);
            }
            match self.bytes.peek()? {
                Some(b',') => kept.push(self.bytes.bump()),
                Some(b'}') => {
                    kept.push(self.bytes.bump());
                    break;
                }
                _ => return Err(self.bytes.unexpected("a comma or the object's end")),
            }
        }
        if self.kind.as_deref() == Some(b"\"FeatureCollection\"") {
            return Err(Stop::Refuse("has no list of features".into()));
        }
        Ok(Some(kept.piece(line, column)))
    }

    /// Reads a member; true where it is the list of features, which is then entered.
    fn member(&mut self, kept: &mut Kept) -> Reading<bool> {
        if self.bytes.peek()? != Some(b'"') {
            return Err(self.bytes.unexpected("a name in quotes"));
        }
        // Apart, so that however long the members before are, the features are found.
        let mut name = Kept::default();
        self.bytes.value(&mut name)?;
        kept.append(&name);
        if self.bytes.peek()? != Some(b':') {
            return Err(self.bytes.unexpected("a colon"));
        }
        kept.push(self.bytes.bump());
        if self.bytes.peek()? == Some(b'[') && name.text == b"\"features\"" {
            self.bytes.bump();
            self.found = true;
            self.state = State::List { first: true, collection: true };
            return Ok(true);
        }
        let mut value = Kept::default();
        self.bytes.value(&mut value)?;
        kept.append(&value);
        match &name.text[..] {
            b"\"type\"" => self.kind = Some(value.text),
            b"\"crs\"" => check_crs(&value.text)?,
            _ => {}
        }
        Ok(false)
    }

    fn end_collection(&mut self) -> Reading<()> {
        if self.kind.take().as_deref() != Some(b"\"FeatureCollection\"") {
            return Err(Stop::Refuse("not a GeoJSON FeatureCollection".into()));
        }
        self.state = State::Top;
        Ok(())
    }
}

/// RFC 7946 has no other datum; older files that name one would be off by up to hundreds of metres.
fn check_crs(value: &[u8]) -> Reading<()> {
    let crs: serde_json::Value = serde_json::from_slice(value).unwrap_or_default();
    let name = crs["properties"]["name"].as_str().unwrap_or("CRS84");
    if crs.is_null() || name.ends_with("CRS84") || name.ends_with("4326") {
        return Ok(());
    }
    let name: String = name.chars().take(60).collect();
    Err(Stop::Refuse(format!(
        "its crs ({name}) is not WGS 84 longitude, latitude: convert it (ogr2ogr -t_srs EPSG:4326)"
    )))
}

/// The text of a record, as far as it may be kept.
#[derive(Default)]
struct Kept {
    text: Vec<u8>,
    overlong: bool,
}

impl Kept {
    fn push(&mut self, byte: u8) {
        self.extend(&[byte]);
    }

    fn extend(&mut self, bytes: &[u8]) {
        self.overlong |= self.text.len() + bytes.len() > LONGEST_RECORD_BYTES;
        if !self.overlong {
            self.text.extend_from_slice(bytes);
        }
    }

    /// Appends what was kept of a part.
    fn append(&mut self, part: &Kept) {
        self.extend(&part.text);
        self.overlong |= part.overlong;
    }

    fn piece(self, line: u64, column: u64) -> Piece {
        Piece { line, column, text: self.text, overlong: self.overlong }
    }
}

/// Bytes with their place in the file.
struct Bytes {
    reader: BufReader<Headed>,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    line: u64,
    column: u64,
    /// Brackets that are open in the value at hand.
    open: Vec<u8>,
}

impl Bytes {
    fn fill(&mut self) -> Reading<bool> {
        while self.at == self.end {
            (self.at, self.end) = (0, 0);
            match self.reader.read(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(n) => self.end = n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Stop::Broken(e)),
            }
        }
        Ok(true)
    }

    /// The next byte that is no white space; a record separator (RFC 8142) is as good as white space.
    fn peek(&mut self) -> Reading<Option<u8>> {
        while self.fill()? {
            match self.buffer[self.at] {
                b' ' | b'\t' | b'\r' | b'\n' | b'\x1E' => self.bump(),
                byte => return Ok(Some(byte)),
            };
        }
        Ok(None)
    }

    /// Takes the byte that was peeked at.
    fn bump(&mut self) -> u8 {
        let byte = self.buffer[self.at];
        self.pass(self.at + 1);
        byte
    }

    /// Leaves the bytes before `to` behind.
    fn pass(&mut self, to: usize) {
        for &byte in &self.buffer[self.at..to] {
            if byte == b'\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += u64::from(byte & 0xC0 != 0x80);
            }
        }
        self.at = to;
    }

    fn unexpected(&self, wanted: &str) -> Stop {
        let reason = match self.buffer[..self.end].get(self.at) {
            Some(&byte) if byte.is_ascii_graphic() => {
                format!("not JSON: {wanted} should stand here, not {:?}", char::from(byte))
            }
            Some(_) => format!("not JSON: {wanted} should stand here"),
            None => format!("breaks off: {wanted} should follow"),
        };
        Stop::Cut(self.line, self.column, reason)
    }

    fn piece(&mut self) -> Reading<Piece> {
        self.peek()?;
        let (line, column) = (self.line, self.column);
        let mut kept = Kept::default();
        self.value(&mut kept)?;
        Ok(kept.piece(line, column))
    }

    /// Reads one value whole, brackets and quotes matched; what it says is for a parser to judge.
    fn value(&mut self, kept: &mut Kept) -> Reading<()> {
        self.peek()?;
        let (line, column, from) = (self.line, self.column, kept.text.len());
        self.open.clear();
        let (mut in_string, mut escaped, mut bare) = (false, false, false);
        loop {
            if !self.fill()? {
                if bare && self.open.is_empty() {
                    break;
                }
                return Err(self.unexpected("the rest of a value"));
            }
            let (mut to, mut done) = (self.at, false);
            while to < self.end && !done {
                let byte = self.buffer[to];
                if in_string {
                    in_string = escaped || byte != b'"';
                    escaped = byte == b'\\' && !escaped;
                    done = !in_string && self.open.is_empty();
                } else {
                    match byte {
                        b'"' if !bare => in_string = true,
                        b'{' | b'[' if !bare => self.open.push(byte),
                        b'}' | b']' if !self.open.is_empty() => {
                            let begun = self.open.pop();
                            if begun != Some(if byte == b'}' { b'{' } else { b'[' }) {
                                self.pass(to);
                                return Err(self.unexpected("the end of what was opened last"));
                            }
                            done = self.open.is_empty();
                        }
                        _ if !self.open.is_empty() => {}
                        b',' | b'}' | b']' | b':' | b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'{' | b'[' => {
                            done = true;
                            break;
                        }
                        _ => bare = true,
                    }
                }
                to += 1;
            }
            if self.open.len() > DEEPEST {
                return Err(Stop::Cut(line, column, format!("nested deeper than {DEEPEST} levels")));
            }
            kept.extend(&self.buffer[self.at..to]);
            self.pass(to);
            if done {
                break;
            }
        }
        let text = kept.text.get(from..).unwrap_or_default();
        if text.is_empty() && !kept.overlong {
            return Err(self.unexpected("a value"));
        }
        if bare && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_err() {
            let word: String = String::from_utf8_lossy(text).chars().take(20).collect();
            return Err(Stop::Cut(line, column, format!("not JSON: {word:?} is no value")));
        }
        Ok(())
    }
}
