//! A photo as it is sent: its bytes become upright pixels without metadata, a thumbnail, and what its EXIF says of place
//! and time; or a refusal that says what to do instead.
//!
//! Nothing of the file but its pixels is kept, so that neither its owner's name nor what a polyglot hides behind the
//! picture comes out again.

mod kind;
mod noted;
mod parts;
mod pixels;

use crate::hazard::photo::Photo;

pub use pixels::{KEPT_SIDE_PX, LONGEST_SIDE_PX, MOST_PIXELS, THUMBNAIL_SIDE_PX};

/// Bytes of a file.
pub const LARGEST_FILE: usize = 20_000_000;

/// A photo, ready to be kept.
#[derive(Debug)]
pub struct Picture {
    pub about: Photo,
    /// Upright, at most [`KEPT_SIDE_PX`] on its longer side.
    pub jpeg: Vec<u8>,
    /// The same as a JPEG of at most [`THUMBNAIL_SIDE_PX`].
    pub thumbnail: Vec<u8>,
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is a picture that phones make, of a kind that cannot be opened here.
    Heic(String),
    /// It is no picture of a kind that can be opened.
    Unsupported(String),
    /// It has more bytes or pixels than are taken.
    TooLarge(String),
    /// It says that it is a picture, and is none, or not all of one.
    Broken(String),
}

/// The id of a file: BLAKE3 of its bytes, in hexadecimal.
pub fn id(file: &[u8]) -> String {
    blake3::hash(file).to_hex().to_string()
}

/// Is this an id that a photo may have?
pub fn is_id(text: &str) -> bool {
    text.len() == 2 * blake3::OUT_LEN && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Reads a file; `now` in unix seconds, by which a camera's clock is doubted. Takes tens to hundreds of milliseconds, and
/// at most some 400 MB, whatever the file declares.
///
/// # Errors
/// The refusal, as a sentence for whoever sent it.
pub fn read(file: &[u8], now: i64) -> Result<Picture, Refusal> {
    if file.len() > LARGEST_FILE {
        let told = format!("a picture of more than {LARGEST_FILE} bytes: send a smaller copy of it");
        return Err(Refusal::TooLarge(told));
    }
    let kind = kind::of(file)?;
    let parts = parts::of(file, kind)?;
    let noted::Noted { exif, orientation, said: noted::Said { mut notes, doubts } } = noted::read(file, now);
    let pixels::Pixels { jpeg, thumbnail, width_px, height_px } =
        pixels::read(file, kind, orientation, parts.needs_coefficients)?;
    if parts.beyond > 0 {
        notes.push(format!("{} bytes after the end of the picture were left out", parts.beyond));
    }
    Ok(Picture { about: Photo { id: id(file), width_px, height_px, exif, notes, doubts }, jpeg, thumbnail })
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
