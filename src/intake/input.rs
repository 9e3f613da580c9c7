//! The one door for files: opens them, undoes gzip (RFC 1952), and looks at the first bytes to tell what is inside.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result, invalid};

/// No record of any format is longer: neither a quote that is never closed nor a gzip bomb may fill the memory.
pub(super) const LONGEST_RECORD_BYTES: usize = 1 << 20;
/// Looked at to tell the format.
const HEAD_BYTES: usize = 1 << 16;
const BUFFER_BYTES: usize = 1 << 16;
const GZIP: &[u8] = b"\x1F\x8B";
const OSM_HEADER: &[u8] = b"OSMHeader";
const ZIP: &[u8] = b"PK\x03\x04";
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// How a file writes its records. Any may be compressed with gzip, which is known by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Columns between commas (RFC 4180).
    Csv,
    /// Columns between tabs, quotes as in CSV.
    Tsv,
    /// One document: a FeatureCollection (RFC 7946), a Feature, or a list of objects.
    GeoJson,
    /// One object or Feature a line; or a text sequence (RFC 8142).
    Ndjson,
}

impl Format {
    pub const ALL: [(&str, Format); 4] =
        [("csv", Format::Csv), ("tsv", Format::Tsv), ("geojson", Format::GeoJson), ("ndjson", Format::Ndjson)];

    /// The format that a file's name promises, with or without `.gz`.
    fn of_name(name: &str) -> Option<Format> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        Some(match name.rsplit_once('.')?.1 {
            "csv" => Format::Csv,
            "tsv" | "tab" => Format::Tsv,
            "geojson" | "json" => Format::GeoJson,
            "ndjson" | "jsonl" | "geojsonl" | "geojsons" | "geojsonseq" => Format::Ndjson,
            _ => return None,
        })
    }

    pub(super) fn is_json(self) -> bool {
        matches!(self, Format::GeoJson | Format::Ndjson)
    }
}

impl std::str::FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Format> {
        Format::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format).ok_or_else(|| {
            let known: Vec<_> = Format::ALL.iter().map(|(known, _)| *known).collect();
            invalid("format", name, format!("unknown; known are {}", known.join(", ")))
        })
    }
}

/// A file on its way in: what it decompresses to, from the first byte after a byte-order mark on.
pub(super) struct Input {
    /// What errors call it.
    pub name: String,
    /// Its size in bytes, where it is known.
    pub bytes_total: Option<u64>,
    /// How many of these have been read.
    pub bytes_read: Arc<AtomicU64>,
    pub gzip: bool,
    pub reader: BufReader<Headed>,
}

/// A PBF file begins with the length of its first header, and in it the word `OSMHeader`.
fn is_osm(head: &[u8]) -> bool {
    let beginning = &head[..head.len().min(32)];
    beginning.windows(OSM_HEADER.len()).any(|word| word == OSM_HEADER)
}

impl Input {
    /// Opens a file. Errors name it as the path was given.
    ///
    /// # Errors
    /// `Invalid` when it cannot be opened or is a directory; `At` its start when it is UTF-16, an archive, or gzip
    /// within gzip.
    pub fn open(path: &Path) -> Result<Input> {
        let name = path.display().to_string();
        let refuse = |reason: String| invalid("file", &name, reason);
        let file = File::open(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => refuse("no such file".into()),
            _ => refuse(format!("cannot be opened: {e}")),
        })?;
        let meta = file.metadata().map_err(|e| refuse(format!("cannot be read: {e}")))?;
        if meta.is_dir() {
            return Err(refuse("is a directory, not a file".into()));
        }
        let total = meta.is_file().then_some(meta.len());
        Input::start(name, Box::new(file), total)
    }

    /// Reads from anything; `name` is what errors call it.
    pub fn from_reader(name: String, reader: impl Read + Send + 'static) -> Result<Input> {
        Input::start(name, Box::new(reader), None)
    }

    fn start(name: String, reader: Box<dyn Read + Send>, bytes_total: Option<u64>) -> Result<Input> {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let mut headed = Headed::new(Box::new(Counted { reader, bytes_read: bytes_read.clone() }));
        let gzip = headed.head.starts_with(GZIP);
        if gzip {
            headed = Headed::new(Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, headed))));
        }
        let refuse = |reason: &str| Err(invalid("file", &name, reason).at(&name, 1, 1));
        match &headed.head[..] {
            head if is_osm(head) => return refuse("is an extract of OpenStreetMap: give it with --places"),
            [0, 0, ..] => return refuse("begins with NUL bytes: it is no text file"),
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, _, 0, ..] | [_, 0, _, 0, ..] => {
                return refuse("is UTF-16: save it as CSV in UTF-8");
            }
            head if gzip && head.starts_with(GZIP) => {
                return refuse("is gzip within gzip: decompress it once (gunzip)");
            }
            head if head.starts_with(ZIP) => {
                return refuse("is a ZIP archive or a workbook: unpack it, or save it as CSV");
            }
            head if head.trim_ascii_start().starts_with(b"<") => {
                return refuse("is a web page or XML: perhaps the download failed");
            }
            head if head.starts_with(BOM) => headed.at = BOM.len(),
            _ => {}
        }
        let reader = BufReader::with_capacity(BUFFER_BYTES, headed);
        Ok(Input { name, bytes_total, bytes_read, gzip, reader })
    }

    /// The beginning of the text, at most 64 KiB; less than a whole line where lines are longer.
    pub fn head(&self) -> &[u8] {
        let headed = self.reader.get_ref();
        &headed.head[headed.at..]
    }

    /// The format, from the first bytes where they leave no doubt, else from the name; CSV where neither tells.
    pub fn format(&self) -> Format {
        let named = Format::of_name(&self.name);
        let head = self.head();
        let begins = head.trim_ascii_start();
        match begins.first() {
            None => named.unwrap_or(Format::Csv),
            Some(b'\x1E') => Format::Ndjson,
            Some(b'[') if named.is_none_or(Format::is_json) => Format::GeoJson,
            Some(b'{') if names_features(begins) => Format::GeoJson,
            Some(b'{') if named == Some(Format::Ndjson) => Format::Ndjson,
            Some(b'{') => {
                let line = begins.split(|&b| b == b'\n').next().unwrap_or_default();
                let whole = serde_json::from_slice::<serde_json::Map<_, _>>(line).is_ok();
                // A line longer than what was looked at is no document either: those begin a new line soon.
                if whole || (line.len() == begins.len() && head.len() >= HEAD_BYTES) {
                    Format::Ndjson
                } else {
                    Format::GeoJson
                }
            }
            // What is called JSON and has braces is JSON with a mistake.
            _ if named.is_some_and(Format::is_json) && begins.contains(&b'{') => named.unwrap_or(Format::Ndjson),
            _ => self.delimited(named.filter(|f| !f.is_json())),
        }
    }

    /// CSV or TSV, by what stands in the first line; the name decides where both do or neither.
    pub fn delimited(&self, named: Option<Format>) -> Format {
        let line = self.head().split(|&b| b == b'\n').next().unwrap_or_default();
        match (line.contains(&b','), line.contains(&b'\t')) {
            (true, false) => Format::Csv,
            (false, true) => Format::Tsv,
            _ => named.or(Format::of_name(&self.name)).filter(|f| !f.is_json()).unwrap_or(Format::Csv),
        }
    }

    /// What a failure to read further means to a person.
    pub fn broken(name: &str, gzip: bool, bytes_read: u64, error: &io::Error) -> Error {
        let reason = match (gzip, error.kind()) {
            (true, io::ErrorKind::UnexpectedEof) => {
                format!("its gzip breaks off after {bytes_read} bytes: the end of the file is missing")
            }
            (true, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                format!("its gzip is damaged before byte {bytes_read} ({error})")
            }
            _ => format!("cannot be read: {error}"),
        };
        invalid("file", name, reason)
    }
}

/// Whether a document begins as an object that has a list of features, or says that it is a FeatureCollection.
fn names_features(head: &[u8]) -> bool {
    let (mut depth, mut at) = (0_u32, 0);
    while let Some(&byte) = head.get(at) {
        match byte {
            b'"' => {
                let Some(end) = string_end(&head[at + 1..]) else { return false };
                let (text, rest) = (&head[at + 1..at + 1 + end], head[at + end + 2..].trim_ascii_start());
                let list = rest.strip_prefix(b":").is_some_and(|v| v.trim_ascii_start().starts_with(b"["));
                if depth == 1 && (text == b"FeatureCollection" || (text == b"features" && list)) {
                    return true;
                }
                at += end + 1;
            }
            b'{' | b'[' => depth += 1,
            // The first object ends here.
            b'}' | b']' if depth <= 1 => return false,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    false
}

/// Where a JSON string ends, given what follows its first quote.
fn string_end(rest: &[u8]) -> Option<usize> {
    let mut escaped = false;
    rest.iter().position(|&b| {
        let ends = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    })
}

/// A reader whose first bytes have been looked at.
pub(super) struct Headed {
    head: Vec<u8>,
    /// So many of these are done with.
    at: usize,
    /// What ended the looking.
    error: Option<io::Error>,
    rest: Box<dyn Read + Send>,
}

impl Headed {
    fn new(mut rest: Box<dyn Read + Send>) -> Headed {
        let (mut head, mut error) = (Vec::new(), None);
        let mut piece = [0; 8_192];
        while head.len() < HEAD_BYTES {
            match rest.read(&mut piece) {
                Ok(0) => break,
                Ok(n) => head.extend_from_slice(&piece[..n]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    error = Some(e);
                    break;
                }
            }
        }
        Headed { head, at: 0, error, rest }
    }
}

impl Read for Headed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at < self.head.len() {
            let n = out.len().min(self.head.len() - self.at);
            out[..n].copy_from_slice(&self.head[self.at..self.at + n]);
            self.at += n;
            return Ok(n);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => self.rest.read(out),
        }
    }
}

/// Counts what is read of the file itself.
struct Counted {
    reader: Box<dyn Read + Send>,
    bytes_read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(out)?;
        self.bytes_read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(name: &str, text: &str) -> Format {
        Input::from_reader(name.into(), io::Cursor::new(text.to_owned())).unwrap().format()
    }

    #[test]
    fn what_is_inside_counts_more_than_the_name() {
        let collection = "{\"type\": \"FeatureCollection\",\n \"features\": []}";
        let feature = "{\"type\": \"Feature\",\"properties\":{\"features\":[\"}\"]}}\n";
        for (name, text, found) in [
            ("a.csv", "a,b\n1,2\n", Format::Csv),
            ("a.csv", "a\tb\n1\t2\n", Format::Tsv),
            ("a.tsv.gz", "a,b\n1,2\n", Format::Csv),
            ("a.tsv", "a\n1\n", Format::Tsv),
            ("a", "a\n1\n", Format::Csv),
            ("a.tsv", "a, b\tc\n", Format::Tsv),
            ("a.csv", collection, Format::GeoJson),
            ("a.ndjson", collection, Format::GeoJson),
            ("a.geojson", feature, Format::Ndjson),
            ("a.geojson", "{\n\"type\": \"Feature\"}", Format::GeoJson),
            ("a.jsonl", "{\n", Format::Ndjson),
            ("a.jsonl", "nonsense\n{}\n", Format::Ndjson),
            ("a.json", "a,b\n1,2\n", Format::Csv),
            ("a", "\x1e{}\n", Format::Ndjson),
            ("a.json", " [\n{}]", Format::GeoJson),
            ("a.json", "{\"data\": {\"x\": [1, 2]}, \"features\": [", Format::GeoJson),
        ] {
            assert_eq!(format(name, text), found, "{name}: {text}");
        }
    }
}
