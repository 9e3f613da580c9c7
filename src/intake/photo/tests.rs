use exif::{Field, Tag, Value};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use super::sample::{encoded, exif, field, haikou, jpeg, quarters, ratios, words};
use super::*;
use crate::hazard::photo::{Doubt, Exif};
use crate::hazard::position::Position;

/// 2023-10-21T01:30:00Z.
const NOW: i64 = 1_697_851_800;

fn taken(file: &[u8]) -> Picture {
    read(file, NOW).unwrap()
}

/// What is said of a JPEG with these fields.
fn noted(fields: &[Field]) -> (Option<Exif>, String) {
    let photo = taken(&jpeg(&quarters(16, 8), fields));
    (photo.about.exif, photo.about.notes.join("\n"))
}

fn with(more: &[Field]) -> Vec<Field> {
    haikou().into_iter().chain(more.iter().cloned()).collect()
}

fn refused(file: &[u8]) -> Refusal {
    read(file, NOW).unwrap_err()
}

fn opened(jpeg: &[u8]) -> DynamicImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap()
}

/// The colour of a spot, as one of red, green, blue and white.
fn colour(image: &DynamicImage, x: u32, y: u32) -> &'static str {
    match image.to_rgb8().get_pixel(x, y).0.map(|c| c > 128) {
        [true, false, false] => "red",
        [false, true, false] => "green",
        [false, false, true] => "blue",
        [true, true, true] => "white",
        other => panic!("{other:?}"),
    }
}

#[test]
fn position_direction_and_time_are_read() {
    let fields = with(&[
        ratios(Tag::GPSImgDirection, &[(27_050, 100)]),
        words(Tag::DateTimeOriginal, "2023:10:21 09:10:00"),
        words(Tag::OffsetTimeOriginal, "+08:00"),
    ]);
    let (exif, notes) = noted(&fields);
    let exif = exif.unwrap();
    let at = exif.position.unwrap();
    assert_eq!((at.lon(), at.lat()), (110.3312, 20.0148));
    assert_eq!((exif.direction_deg, exif.taken_at), (Some(270.5), Some(1_697_850_600)));
    assert_eq!(notes, "");
}

#[test]
fn decimal_minutes_and_southern_and_western_sides_are_read() {
    let fields = [
        words(Tag::GPSLatitudeRef, "s"),
        ratios(Tag::GPSLatitude, &[(0, 1), (22_278, 1_000)]),
        words(Tag::GPSLongitudeRef, "W"),
        ratios(Tag::GPSLongitude, &[(365, 10)]),
    ];
    let at = noted(&fields).0.unwrap().position.unwrap();
    assert_eq!((at.lon(), at.lat()), (-36.5, -0.3713));
}

#[test]
fn a_position_that_is_none_is_told_and_the_time_beside_it_stands() {
    let time = [words(Tag::DateTimeOriginal, "2023:10:21 09:10:00"), words(Tag::OffsetTimeOriginal, "+08:00")];
    let lat = |value| {
        let mut fields: Vec<Field> = haikou().into_iter().filter(|f| f.tag != Tag::GPSLatitude).collect();
        fields.extend(value);
        fields
    };
    let zero = |tag, side, reference| [words(reference, side), ratios(tag, &[(0, 1), (0, 1), (0, 1)])];
    for (fields, told) in [
        (
            lat(Some(field(Tag::GPSLatitude, Value::Long(vec![u32::MAX])))),
            "latitude is 4294967295°, which is nowhere on Earth",
        ),
        (lat(Some(ratios(Tag::GPSLatitude, &[(0, 0), (0, 0), (0, 0)]))), "latitude is no number"),
        (lat(Some(ratios(Tag::GPSLatitude, &[(20, 1), (75, 1), (0, 1)]))), "nowhere on Earth"),
        (lat(None), "half a position"),
        (haikou().into_iter().filter(|f| f.tag != Tag::GPSLongitudeRef).collect(), "neither E nor W"),
        (
            [zero(Tag::GPSLatitude, "N", Tag::GPSLatitudeRef), zero(Tag::GPSLongitude, "E", Tag::GPSLongitudeRef)]
                .concat(),
            "0,0, which lies in the sea",
        ),
        (with(&[words(Tag::GPSMapDatum, "TOKYO")]), "datum TOKYO, which is not converted"),
        (with(&[words(Tag::GPSStatus, "V")]), "marked void"),
    ] {
        let (exif, notes) = noted(&[&fields[..], &time].concat());
        let exif = exif.unwrap();
        assert!(exif.position.is_none() && exif.taken_at.is_some() && notes.contains(told), "{told}: {exif:?} {notes}");
        let doubts = taken(&jpeg(&quarters(16, 8), &[&fields[..], &time].concat())).about.doubts;
        assert_eq!(doubts, [Doubt::Position], "{told}");
    }
    assert!(noted(&with(&[words(Tag::GPSMapDatum, "WGS-84   ")])).0.unwrap().position.is_some());
}

#[test]
fn a_clock_that_is_two_years_wrong_is_told() {
    let zone = words(Tag::OffsetTimeOriginal, "+08:00");
    let (exif, notes) = noted(&[words(Tag::DateTimeOriginal, "2021:10:20 09:10:00"), zone.clone()]);
    assert_eq!(exif.unwrap().taken_at, Some(1_634_692_200));
    assert!(notes.contains("taken 2 years before now: if it was not, say when"), "{notes}");
    let (_, notes) = noted(&[words(Tag::DateTimeOriginal, "2025:10:22 09:10:00"), zone]);
    assert!(notes.contains("2 years after now"), "{notes}");
    // The satellites know better.
    let satellites = [words(Tag::GPSDateStamp, "2023:10:21"), ratios(Tag::GPSTimeStamp, &[(1, 1), (10, 1), (30, 10)])];
    let wrong = [&[words(Tag::DateTimeOriginal, "2021:10:20 09:10:00")], &satellites[..]].concat();
    let (exif, notes) = noted(&wrong);
    assert_eq!(exif.unwrap().taken_at, Some(1_697_850_603));
    assert!(
        notes.contains("the camera's clock says 2021-10-20 09:10:00, the satellites 2023-10-21T01:10:03Z"),
        "{notes}"
    );
    let right = [&[words(Tag::DateTimeOriginal, "2023:10:21 09:10:01")], &satellites[..]].concat();
    let (exif, notes) = noted(&right);
    assert_eq!((exif.unwrap().taken_at, notes.as_str()), (Some(1_697_850_603), ""));
}

#[test]
fn a_clock_without_a_zone_gives_no_time_and_says_what_it_showed() {
    let (exif, notes) = noted(&[words(Tag::DateTimeOriginal, "2023:10:21 09:10:00")]);
    assert_eq!(exif, None);
    assert!(notes.contains("taken at 2023-10-21 09:10:00 by the camera's clock"), "{notes}");
    let (exif, notes) = noted(&with(&[words(Tag::DateTimeOriginal, "2099:99:99 99:99:99")]));
    assert!(exif.unwrap().taken_at.is_none() && notes.is_empty());
}

#[test]
fn every_orientation_comes_out_upright() {
    // Where the red quarter of the stored pixels stands when looked at, and which quarter stands beside it.
    for (orientation, [left, right]) in
        [(1, ["red", "green"]), (2, ["green", "red"]), (3, ["white", "blue"]), (4, ["blue", "white"])]
            .into_iter()
            .chain([(5, ["red", "blue"]), (6, ["blue", "red"]), (7, ["white", "green"]), (8, ["green", "white"])])
    {
        let file = jpeg(&quarters(64, 32), &[field(Tag::Orientation, Value::Short(vec![orientation]))]);
        let photo = taken(&file);
        let upright = if orientation < 5 { (64, 32) } else { (32, 64) };
        assert_eq!((photo.about.width_px, photo.about.height_px), upright, "{orientation}");
        for kept in [&photo.jpeg, &photo.thumbnail] {
            let image = opened(kept);
            assert_eq!((image.width(), image.height()), upright);
            let top = [colour(&image, 4, 4), colour(&image, image.width() - 5, 4)];
            assert_eq!(top, [left, right], "{orientation}");
        }
    }
}

#[test]
fn nothing_of_the_file_but_its_pixels_is_kept() {
    let mut file = jpeg(&quarters(64, 32), &with(&[words(Tag::Artist, "Wang Wei"), words(Tag::Model, "Pump 3")]));
    file.extend(b"<script>alert(1)</script>PK\x03\x04");
    let photo = taken(&file);
    for kept in [&photo.jpeg, &photo.thumbnail] {
        for word in [&b"Exif"[..], b"Wang", b"Pump", b"script", b"PK"] {
            assert!(!kept.windows(word.len()).any(|part| part == word), "{}", String::from_utf8_lossy(word));
        }
    }
    assert_eq!(photo.about.notes, ["29 bytes after the end of the picture were left out"]);
    assert_eq!(photo.about.id, id(&file));
    assert!(is_id(&photo.about.id) && !is_id("../waterlog.db") && !is_id(&photo.about.id.to_uppercase()));
}

#[test]
fn png_and_webp_are_read_with_their_exif_and_without_transparency() {
    let clear = RgbaImage::from_pixel(40, 20, Rgba([255, 0, 0, 0]));
    let png = encoded(&clear.into(), ImageFormat::Png);
    // The chunk eXIf stands before the pixels; readers of EXIF do not look at its checksum.
    let exif = exif(&haikou());
    let chunk = [&u32::try_from(exif.len()).unwrap().to_be_bytes()[..], b"eXIf", &exif, &[0; 4]].concat();
    let with_exif = [&png[..33], &chunk, &png[33..]].concat();
    let noted = super::noted::read(&with_exif, NOW).exif.unwrap();
    assert_eq!(noted.position.map(Position::lat), Some(20.0148));
    let photo = taken(&png);
    assert_eq!((photo.about.width_px, photo.about.height_px, photo.about.exif), (40, 20, None));
    assert_eq!(colour(&opened(&photo.jpeg), 4, 4), "white", "what nobody was to see is not shown");
    let photo = taken(&encoded(&quarters(64, 32), ImageFormat::WebP));
    assert_eq!(colour(&opened(&photo.jpeg), 4, 4), "red");
}

#[test]
fn a_large_picture_is_kept_smaller_and_a_small_one_as_it_is() {
    let photo = taken(&jpeg(&quarters(4_000, 1_000), &[]));
    assert_eq!((photo.about.width_px, photo.about.height_px), (KEPT_SIDE_PX, 640));
    let thumbnail = opened(&photo.thumbnail);
    assert_eq!((thumbnail.width(), thumbnail.height()), (THUMBNAIL_SIDE_PX, 80));
    let small = opened(&taken(&jpeg(&quarters(16, 8), &[])).thumbnail);
    assert_eq!((small.width(), small.height()), (16, 8));
}

#[test]
fn what_cannot_be_opened_says_what_to_do() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let Refusal::Heic(why) = refused(heic) else { panic!() };
    assert!(why.contains("Most Compatible"), "{why}");
    for (file, told) in [
        (&b"\0\0\0\x18ftypavif\0\0\0\0"[..], "AVIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "send a still from it"),
        (b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>", "an SVG drawing"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html><img src=x onerror=alert(1)>", "a web page"),
        (b"GIF89a", "a GIF"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"hello", "no picture"),
        (b"\0\0\0", "no picture"),
    ] {
        let Refusal::Unsupported(why) = refused(file) else { panic!("{told}") };
        assert!(why.contains(told), "{why}");
    }
}

#[test]
fn a_picture_that_breaks_off_or_only_begins_as_one_is_refused() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = encoded(&quarters(64, 32), format);
        for part in [whole.len() - 1, whole.len() / 2, 12] {
            let refused = refused(&whole[..part]);
            let Refusal::Broken(why) = &refused else { panic!("{format:?} {part}: {refused:?}") };
            assert!(why.contains("breaks off"), "{format:?} {part}: {why}");
        }
    }
    assert!(matches!(refused(b""), Refusal::Broken(_)));
    // What some programs take for a picture by its first bytes.
    assert!(matches!(refused(b"\xff\xd8\xff<script>alert(1)</script>"), Refusal::Broken(_)));
    assert!(matches!(refused(b"\xff\xd8\xff\xd9"), Refusal::Broken(_)));
}

/// A PNG that says it has so many pixels, with next to none.
fn declared(width: u32, height: u32) -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let named = [name, data].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&named);
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &named, &crc.sum().to_be_bytes()].concat()
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let pixels = [0x78, 0x9c, 0x03, 0, 0, 0, 0, 1];
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &head), &chunk(b"IDAT", &pixels), &chunk(b"IEND", b"")].concat()
}

#[test]
fn a_picture_that_declares_too_much_is_refused_before_it_is_decoded() {
    let started = std::time::Instant::now();
    for (width, height) in [(20_000, 20_000), (16_000, 16_000), (u32::MAX >> 1, 1), (10_000, 8_600)] {
        let Refusal::TooLarge(why) = refused(&declared(width, height)) else { panic!("{width} × {height}") };
        assert!(why.contains("send a copy of at most 12 megapixels"), "{why}");
    }
    assert!(started.elapsed().as_secs_f64() < 1.0, "{:?}", started.elapsed());
    assert!(matches!(refused(&vec![0xff; LARGEST_FILE + 1]), Refusal::TooLarge(_)));
    assert!(matches!(refused(&declared(64, 64)), Refusal::Broken(_)), "without its pixels it is none");
}

#[test]
fn a_jpeg_of_more_scans_than_a_camera_makes_is_refused() {
    let whole = encoded(&quarters(16, 8), ImageFormat::Jpeg);
    let end = whole.len() - 2;
    let scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0];
    let many = [&whole[..end], &scan.repeat(10_000), &whole[end..]].concat();
    let Refusal::Broken(why) = refused(&many) else { panic!() };
    assert!(why.contains("10001 scans"), "{why}");
}
