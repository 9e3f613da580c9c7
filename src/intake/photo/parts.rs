//! How a file is put together, before its pixels are decoded: whether all of it is there, what stands after its end, and
//! how much work it asks for.

use super::Refusal;
use super::kind::Kind;

/// A camera's progressive JPEG has about ten; each scan is a pass over the whole picture, for as little as some bytes of
/// file.
const MOST_SCANS: usize = 64;

/// What was found.
pub struct Parts {
    /// Bytes after the end of the picture: a phone's short film, or something hidden.
    pub beyond: usize,
    /// The decoder has to hold the coefficients of the whole picture beside its pixels.
    pub needs_coefficients: bool,
}

/// Looks through a file.
///
/// # Errors
/// `Broken` for one that ends before its picture does, or asks for more passes than any camera makes.
pub fn of(file: &[u8], kind: Kind) -> Result<Parts, Refusal> {
    let (end, scans) = match kind {
        Kind::Jpeg => jpeg(file),
        Kind::Png => (png(file), 1),
        Kind::WebP => (webp(file), 1),
    };
    let end = end.ok_or_else(|| Refusal::Broken("the picture breaks off before its end: send it again".into()))?;
    if scans > MOST_SCANS {
        return Err(Refusal::Broken(format!(
            "a JPEG of {scans} scans, which no camera makes: save it anew and send that"
        )));
    }
    Ok(Parts { beyond: file.len() - end, needs_coefficients: scans > 1 })
}

/// Where a JPEG ends, and how many scans it has (ISO/IEC 10918-1, B.1.1).
fn jpeg(file: &[u8]) -> (Option<usize>, usize) {
    let (mut at, mut scans) = (2, 0);
    while let Some(marker) = next_marker(file, at) {
        at = marker + 2;
        match file[marker + 1] {
            0xd9 => return (Some(at), scans),
            // These stand alone; 0 is a byte of a scan.
            0x00 | 0x01 | 0xd0..=0xd8 => {}
            kind => {
                scans += usize::from(kind == 0xda);
                let Some(length) = file.get(at..at + 2) else { break };
                at += usize::from(u16::from_be_bytes([length[0], length[1]]));
            }
        }
    }
    (None, scans)
}

/// Where the next marker begins at its last fill byte.
fn next_marker(file: &[u8], from: usize) -> Option<usize> {
    let mut pairs = file.get(from..)?.windows(2);
    pairs.position(|pair| pair[0] == 0xff && pair[1] != 0xff).map(|i| from + i)
}

/// Where a PNG ends: after its chunk IEND.
fn png(file: &[u8]) -> Option<usize> {
    let mut at = 8_usize;
    loop {
        let head = file.get(at..at.checked_add(8)?)?;
        let length = u32::from_be_bytes(head[..4].try_into().ok()?) as usize;
        at = at.checked_add(length)?.checked_add(12)?;
        if at > file.len() {
            return None;
        }
        if &head[4..] == b"IEND" {
            return Some(at);
        }
    }
}

/// Where a WebP ends: its RIFF says how long it is.
fn webp(file: &[u8]) -> Option<usize> {
    let length = u32::from_le_bytes(file.get(4..8)?.try_into().ok()?) as usize;
    let end = length.checked_add(8)?;
    (end <= file.len()).then_some(end)
}
