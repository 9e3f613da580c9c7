//! What a file is, by its first bytes. What it is called, and what its sender says that it is, prove nothing.

use super::Refusal;

/// A kind of picture that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Jpeg,
    Png,
    WebP,
}

/// Bytes of a text in which its first element is looked for.
const LOOKED_AT: usize = 1_024;
const TAKEN: &str = "JPEG, PNG and WebP are taken";

/// The kind of a file.
///
/// # Errors
/// What the file is instead, and what to do.
pub fn of(file: &[u8]) -> Result<Kind, Refusal> {
    let brand = file.get(4..12).and_then(|part| part.strip_prefix(b"ftyp"));
    let kind = match file {
        [0xff, 0xd8, 0xff, ..] => Some(Kind::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Kind::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Kind::WebP),
        [] => return Err(Refusal::Broken("the picture is empty: it did not arrive, send it again".into())),
        _ => None,
    };
    kind.ok_or_else(|| brand.map_or_else(|| Refusal::Unsupported(no_picture(file)), of_brand))
}

/// A file of the ISO base media format (ISO/IEC 14496-12), by its major brand.
fn of_brand(brand: &[u8]) -> Refusal {
    Refusal::Unsupported(match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" | b"mif1" | b"msf1" => {
            return Refusal::Heic(
                "a HEIC picture, which cannot be opened here: save or share it as JPEG and send that (iPhone: Settings, \
                 Camera, Formats, Most Compatible makes new pictures JPEG); a screenshot of it does too, but then set \
                 the position by hand"
                    .into(),
            );
        }
        b"avif" | b"avis" => format!("an AVIF picture, which cannot be opened here: save it as JPEG; {TAKEN}"),
        _ => format!("a film, not a picture: send a still from it; {TAKEN}"),
    })
}

fn no_picture(file: &[u8]) -> String {
    let what = match file {
        [b'G', b'I', b'F', b'8', ..] => "a GIF",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "a TIFF or raw picture",
        [b'B', b'M', ..] => "a bitmap (BMP)",
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        [b'P', b'K', 3, 4, ..] => "a ZIP archive",
        _ => return of_text(file),
    };
    format!("{what}, which cannot be opened here: save it as JPEG; {TAKEN}")
}

fn of_text(file: &[u8]) -> String {
    let start = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file).trim_ascii_start();
    let start = start[..start.len().min(LOOKED_AT)].to_ascii_lowercase();
    let has = |word: &[u8]| start.windows(word.len()).any(|part| part == word);
    match start.first() {
        Some(b'<') if has(b"<svg") => format!("an SVG drawing, not a photo: send the photo itself; {TAKEN}"),
        Some(b'<') if has(b"<html") || has(b"<!doctype html") => {
            format!("a web page, not a picture: save the picture from the page and send that; {TAKEN}")
        }
        _ => format!("this is no picture that can be opened here: send a photo; {TAKEN}"),
    }
}
