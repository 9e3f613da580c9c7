//! The file: blobs one behind the other, each a packed block of nodes, ways or relations.
//! <https://wiki.openstreetmap.org/wiki/PBF_Format>

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;

use super::wire::{Fields, Wire};
use crate::error::{Error, Result, invalid};

/// The format's own limits; whoever writes more is not meant to be read.
const LARGEST_HEADER_BYTES: u32 = 64 * 1024;
const LARGEST_BLOB_BYTES: u64 = 32 * 1024 * 1024;
/// What a reader must understand, and we do.
const FEATURES: [&[u8]; 2] = [b"OsmSchema-V0.6", b"DenseNodes"];
const NO_PBF: &str = "this is no OSM PBF file; extracts of cities end in .osm.pbf";

/// Hands out the blocks of a file, unpacked.
pub struct Blobs {
    path: PathBuf,
    file: BufReader<File>,
    /// Number and first byte of the blob that is being read.
    number: u64,
    at: u64,
    next_at: u64,
}

/// What a blob says it is.
struct Header {
    kind: Vec<u8>,
    bytes: u64,
}

impl Blobs {
    pub fn open(path: &Path) -> Result<Blobs> {
        let unreadable = |e: std::io::Error| invalid("file", path.display(), format!("cannot be read: {e}"));
        let file = File::open(path).map_err(unreadable)?;
        if !file.metadata().map_err(unreadable)?.is_file() {
            return Err(invalid(
                "file",
                path.display(),
                "is read twice, so it has to be a file, not a pipe or a folder",
            ));
        }
        Ok(Blobs { path: path.to_owned(), file: BufReader::new(file), number: 0, at: 0, next_at: 0 })
    }

    /// The next block of data; none at the end of the file.
    ///
    /// # Errors
    /// `Invalid` naming the blob, its first byte and what is wrong with it.
    pub fn next_block(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            (self.number, self.at) = (self.number + 1, self.next_at);
            let Some(header) = self.header()? else {
                return if self.number == 1 { Err(self.bad("the file is empty")) } else { Ok(None) };
            };
            if self.number == 1 && header.kind != b"OSMHeader" {
                return Err(self.bad(NO_PBF));
            }
            let blob = self.take(header.bytes)?;
            // Further kinds are to be passed over.
            match &header.kind[..] {
                b"OSMData" => return self.unpacked(&blob).map(Some),
                b"OSMHeader" => {
                    let head = self.unpacked(&blob)?;
                    let unknown = unknown_feature(&head).map_err(|reason| self.bad(reason))?;
                    if let Some(feature) = unknown {
                        return Err(
                            self.bad(&format!("the file needs the feature {feature:?}, which is not known here"))
                        );
                    }
                }
                _ => {}
            }
        }
    }

    fn header(&mut self) -> Result<Option<Header>> {
        let mut length = Vec::new();
        self.read_up_to(4, &mut length)?;
        let Ok(length) = <[u8; 4]>::try_from(&length[..]) else {
            return if length.is_empty() { Ok(None) } else { Err(self.cut()) };
        };
        let length = u32::from_be_bytes(length);
        if !(1..=LARGEST_HEADER_BYTES).contains(&length) {
            return Err(self.bad(if self.number == 1 {
                NO_PBF
            } else {
                "its header has an impossible length: damaged"
            }));
        }
        let bytes = self.take(u64::from(length))?;
        let header = parse_header(&bytes).map_err(|reason| self.bad(if self.number == 1 { NO_PBF } else { reason }))?;
        if header.bytes > LARGEST_BLOB_BYTES {
            return Err(self.bad(&format!("is {} bytes long; the format allows {LARGEST_BLOB_BYTES}", header.bytes)));
        }
        Ok(Some(header))
    }

    fn take(&mut self, length: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_up_to(length, &mut bytes)?;
        if (bytes.len() as u64) < length { Err(self.cut()) } else { Ok(bytes) }
    }

    fn read_up_to(&mut self, length: u64, into: &mut Vec<u8>) -> Result<()> {
        let read = self.file.by_ref().take(length).read_to_end(into);
        self.next_at += read.map_err(|e| invalid("file", self.path.display(), format!("cannot be read: {e}")))? as u64;
        Ok(())
    }

    fn unpacked(&self, blob: &[u8]) -> Result<Vec<u8>> {
        let mut size = None;
        let mut data = None;
        for field in Fields(blob) {
            let (number, value) = field.map_err(|reason| self.bad(reason))?;
            match number {
                1 | 3..=7 => data = Some((number, value.bytes().map_err(|reason| self.bad(reason))?)),
                2 => size = value.number().ok(),
                _ => {}
            }
        }
        let too_large = || self.bad(&format!("unpacks to more than the {LARGEST_BLOB_BYTES} bytes the format allows"));
        let packed_by = match data {
            Some((1, raw)) => return Ok(raw.to_vec()),
            Some((3, packed)) => {
                if size.is_some_and(|size| size > LARGEST_BLOB_BYTES) {
                    return Err(too_large());
                }
                let mut out = Vec::new();
                let unpacked = ZlibDecoder::new(packed).take(LARGEST_BLOB_BYTES + 1).read_to_end(&mut out);
                return match unpacked {
                    _ if out.len() as u64 > LARGEST_BLOB_BYTES => Err(too_large()),
                    Err(e) => Err(self.bad(&format!("cannot be unpacked: {e}"))),
                    Ok(n) if size.is_some_and(|size| size != n as u64) => {
                        Err(self.bad("unpacks to another size than it says"))
                    }
                    Ok(_) => Ok(out),
                };
            }
            Some((4, _)) => "LZMA",
            Some((5, _)) => "bzip2",
            Some((6, _)) => "LZ4",
            Some(_) => "zstd",
            None => return Err(self.bad("holds no data")),
        };
        Err(self
            .bad(&format!("is packed by {packed_by}; only zlib is read: write the file anew, as `osmium cat` does")))
    }

    fn cut(&self) -> Error {
        self.bad("the file ends within it: it was cut off. Fetch it again")
    }

    /// The error of the blob that was read last.
    pub fn bad(&self, reason: &str) -> Error {
        let reason = format!("blob {} at byte {}: {reason}; nothing of the file was loaded", self.number, self.at);
        invalid("file", self.path.display(), reason)
    }
}

fn parse_header(bytes: &[u8]) -> Wire<Header> {
    let mut header = Header { kind: Vec::new(), bytes: 0 };
    for field in Fields(bytes) {
        match field? {
            (1, value) => header.kind = value.bytes()?.to_vec(),
            (3, value) => header.bytes = value.number()?,
            _ => {}
        }
    }
    Ok(header)
}

fn unknown_feature(head: &[u8]) -> Wire<Option<String>> {
    for field in Fields(head) {
        if let (4, value) = field? {
            let feature = value.bytes()?;
            if !FEATURES.contains(&feature) {
                return Ok(Some(String::from_utf8_lossy(feature).into_owned()));
            }
        }
    }
    Ok(None)
}
