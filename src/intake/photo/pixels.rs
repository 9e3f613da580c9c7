//! Pixels: decoded under limits, turned upright, and encoded anew.

use std::io::Cursor;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

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
    let mut kept = DynamicImage::from(on_white(within(image, KEPT_SIDE_PX)?));
    kept.apply_orientation(orientation);
    let kept = kept.into_rgb8();
    let (width_px, height_px) = kept.dimensions();
    let jpeg = encode(&kept, QUALITY)?;
    let thumbnail = encode(&within(kept.into(), THUMBNAIL_SIDE_PX)?.into_rgb8(), THUMBNAIL_QUALITY)?;
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
fn within(image: DynamicImage, side_px: u32) -> Result<DynamicImage, Refusal> {
    let longer = image.width().max(image.height());
    if longer <= side_px {
        return Ok(image);
    }
    match image {
        DynamicImage::ImageRgb8(image) => {
            let scaled = |side: u32| (f64::from(side) * f64::from(side_px) / f64::from(longer)).round().max(1.0) as u32;
            smaller(&image, scaled(image.width()), scaled(image.height())).map(DynamicImage::from)
        }
        // Of no camera: what works on every kind of pixel, without a second copy of all of them.
        other => Ok(other.thumbnail(side_px, side_px)),
    }
}

/// By a triangle as wide as the pixels that become one, with SIMD where the processor has it.
fn smaller(image: &RgbImage, width: u32, height: u32) -> Result<RgbImage, Refusal> {
    let failed = |why: String| Refusal::Broken(format!("the picture cannot be made smaller ({why})"));
    let from = ImageRef::new(image.width(), image.height(), image.as_raw(), PixelType::U8x3);
    let from = from.map_err(|e| failed(e.to_string()))?;
    let mut to = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&from, &mut to, &options).map_err(|e| failed(e.to_string()))?;
    RgbImage::from_raw(width, height, to.into_vec()).ok_or_else(|| failed("its pixels are too few".into()))
}

/// The picture without transparency, behind which anything may stand.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let clear = image.into_rgba8();
    let mut opaque = RgbImage::new(clear.width(), clear.height());
    for (to, from) in opaque.pixels_mut().zip(clear.pixels()) {
        let [colours @ .., alpha] = from.0;
        let mixed = |c: u8| ((u16::from(c) * u16::from(alpha) + 255 * u16::from(255 - alpha) + 127) / 255) as u8;
        *to = Rgb(colours.map(mixed));
    }
    opaque
}

/// With a colour for four pixels, as cameras write them.
fn encode(image: &RgbImage, quality: u8) -> Result<Vec<u8>, Refusal> {
    let failed = |why: String| Refusal::Broken(format!("the picture cannot be written ({why})"));
    let side = |px: u32| u16::try_from(px).map_err(|e| failed(e.to_string()));
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    let encoded = encoder.encode(image, side(image.width())?, side(image.height())?, ColorType::Rgb);
    encoded.map_err(|e| failed(e.to_string()))?;
    Ok(jpeg)
}
