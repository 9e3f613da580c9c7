//! Pixels: decoded under limits, turned upright, and encoded anew.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use super::Refusal;
use super::kind::Kind;

/// Longer side of a picture as it is kept: a house number across the street can still be read.
pub const KEPT_SIDE_PX: u32 = 2_560;
pub const THUMBNAIL_SIDE_PX: u32 = 320;
/// Longest side of a picture that is taken.
pub const LONGEST_SIDE_PX: u32 = 16_384;
/// Pixels of a picture that is taken: what the best phones make.
pub const MOST_PIXELS: u64 = 51_000_000;
/// Bytes that decoding may take beside the file.
const MOST_MEMORY: u64 = 256 << 20;
/// Bytes of the coefficients of a pixel, where the decoder holds those of the whole picture: three of 16 bits.
const COEFFICIENTS: u64 = 6;
const QUALITY: u8 = 85;
const THUMBNAIL_QUALITY: u8 = 75;

/// A picture as it is kept.
pub struct Pixels {
    pub jpeg: Vec<u8>,
    pub thumbnail: Vec<u8>,
    pub width_px: u32,
    pub height_px: u32,
}

/// Decodes a file of this kind and encodes it anew; `needs_coefficients`: see [`super::parts::Parts`].
///
/// # Errors
/// `TooLarge` before anything is decoded; `Broken` for what no picture comes out of.
pub fn read(file: &[u8], kind: Kind, orientation: Orientation, needs_coefficients: bool) -> Result<Pixels, Refusal> {
    let image = decode(file, kind, needs_coefficients)?;
    // Made smaller first: there is less to turn then.
    let mut kept = DynamicImage::from(on_white(&within(image, KEPT_SIDE_PX)));
    kept.apply_orientation(orientation);
    let (width_px, height_px) = (kept.width(), kept.height());
    let jpeg = encode(&kept, QUALITY)?;
    let thumbnail = encode(&within(kept, THUMBNAIL_SIDE_PX), THUMBNAIL_QUALITY)?;
    Ok(Pixels { jpeg, thumbnail, width_px, height_px })
}

fn decode(file: &[u8], kind: Kind, needs_coefficients: bool) -> Result<DynamicImage, Refusal> {
    let format = match kind {
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
        Kind::WebP => ImageFormat::WebP,
    };
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LONGEST_SIDE_PX), Some(LONGEST_SIDE_PX));
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let coefficients = if needs_coefficients { COEFFICIENTS * pixels } else { 0 };
    if pixels > MOST_PIXELS || decoder.total_bytes().saturating_add(coefficients) > MOST_MEMORY {
        return Err(too_large(&format!("a picture of {width} × {height} pixels")));
    }
    DynamicImage::from_decoder(decoder).map_err(refused)
}

fn refused(error: ImageError) -> Refusal {
    match error {
        ImageError::Limits(_) => too_large(&format!("a picture of more than {LONGEST_SIDE_PX} pixels on a side")),
        other => Refusal::Broken(format!("the picture cannot be opened ({other}): save it anew as JPEG and send that")),
    }
}

fn too_large(what: &str) -> Refusal {
    Refusal::TooLarge(format!("{what} is more than is opened: send a copy of at most 12 megapixels"))
}

/// The same picture, made smaller where it is larger.
fn within(image: DynamicImage, side_px: u32) -> DynamicImage {
    if image.width().max(image.height()) <= side_px { image } else { image.thumbnail(side_px, side_px) }
}

/// The picture without transparency, behind which anything may stand.
fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let clear = image.to_rgba8();
    let mut opaque = RgbImage::new(clear.width(), clear.height());
    for (to, from) in opaque.pixels_mut().zip(clear.pixels()) {
        let [colours @ .., alpha] = from.0;
        let mixed = |c: u8| ((u16::from(c) * u16::from(alpha) + 255 * u16::from(255 - alpha) + 127) / 255) as u8;
        *to = Rgb(colours.map(mixed));
    }
    opaque
}

fn encode(image: &DynamicImage, quality: u8) -> Result<Vec<u8>, Refusal> {
    let mut jpeg = Vec::new();
    let encoded = JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(image);
    encoded.map_err(|e| Refusal::Broken(format!("the picture cannot be written ({e})")))?;
    Ok(jpeg)
}
