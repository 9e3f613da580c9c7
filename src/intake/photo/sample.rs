//! Small pictures for the tests, made here.

use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// Pixels of red at the top left, green at the top right, blue at the bottom left, white at the bottom right.
pub fn quarters(width: u32, height: u32) -> DynamicImage {
    let colour = |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => [255, 0, 0],
        (false, true) => [0, 255, 0],
        (true, false) => [0, 0, 255],
        (false, false) => [255, 255, 255],
    };
    RgbImage::from_fn(width, height, |x, y| Rgb(colour(x, y))).into()
}

/// A picture as a file.
pub fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Vec::new();
    image.write_to(&mut Cursor::new(&mut file), format).unwrap();
    file
}

pub fn field(tag: Tag, value: Value) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value }
}

pub fn words(tag: Tag, text: &str) -> Field {
    field(tag, Value::Ascii(vec![text.as_bytes().to_vec()]))
}

/// Numbers as cameras write them, each over its denominator.
pub fn ratios(tag: Tag, parts: &[(u32, u32)]) -> Field {
    field(tag, Value::Rational(parts.iter().map(|&(num, denom)| Rational { num, denom }).collect()))
}

/// The position of a crossing in Haikou: 20°0′53.28″ N, 110°19′52.32″ E.
pub fn haikou() -> Vec<Field> {
    vec![
        words(Tag::GPSLatitudeRef, "N"),
        ratios(Tag::GPSLatitude, &[(20, 1), (0, 1), (5_328, 100)]),
        words(Tag::GPSLongitudeRef, "E"),
        ratios(Tag::GPSLongitude, &[(110, 1), (19, 1), (5_232, 100)]),
    ]
}

/// The bytes of EXIF, as they stand in any file.
pub fn exif(fields: &[Field]) -> Vec<u8> {
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut written = Cursor::new(Vec::new());
    writer.write(&mut written, false).unwrap();
    written.into_inner()
}

/// A JPEG of this picture that says these things.
pub fn jpeg(image: &DynamicImage, fields: &[Field]) -> Vec<u8> {
    let plain = encoded(image, ImageFormat::Jpeg);
    if fields.is_empty() {
        return plain;
    }
    let exif = exif(fields);
    let length = u16::try_from(2 + 6 + exif.len()).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, 0xe1], &length, b"Exif\0\0", &exif, &plain[2..]].concat()
}
