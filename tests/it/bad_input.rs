//! What comes in that should not: pictures that are none, texts that are too much, positions and clocks that are wrong. Each is
//! told in a sentence that says what to do, or waits for somebody; nothing of it breaks the service.

use exif::Tag;
use exif::Value as Noted;
use image::ImageFormat;
use serde_json::{Value, json};
use waterlog::hazard::event::Event;

use crate::parse::place;
use crate::people::{add, key};
use crate::photos::sample::{encoded, field, haikou, jpeg, quarters, words};
use crate::server::{Answer, Server, report, seed};

const JSON: (&str, &str) = ("content-type", "application/json");
/// What turns the direction of what follows, until it is turned back or the paragraph ends.
const TURNED: &str = "\u{202e}";

struct City {
    _dir: tempfile::TempDir,
    server: Server,
    key: String,
}

/// With a crossing, and two squares of one name.
fn city() -> City {
    let dir = tempfile::tempdir().unwrap();
    let places = vec![
        place("x", "豪苑路与南海大道路口", 110.33),
        place("east", "和信广场", 110.35),
        place("west", "和信广场", 110.30),
    ];
    seed(dir.path(), &[Event::Places(places)]);
    add(dir.path(), "li.na", "grid_worker", &[]);
    let key = format!("Bearer {}", key(dir.path(), "li.na", &["read", "report", "act"]));
    let server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    City { _dir: dir, server, key }
}

impl City {
    fn photo(&self, file: &[u8]) -> Answer {
        self.server.post_at("/api/v1/photos", file, &[("content-type", "image/jpeg")])
    }

    fn message(&self, more: Value) -> Answer {
        let mut body = json!({"at": "2026-01-01T08:00:00+08:00"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.server.post_at("/api/v1/messages", body.to_string().as_bytes(), &[JSON])
    }

    fn seen(&self, path: &str) -> Answer {
        self.server.get_with(path, &[("authorization", &self.key)])
    }

    fn decide(&self, id: &str, body: Value) -> Answer {
        let headers = [JSON, ("authorization", self.key.as_str())];
        self.server.post_at(&format!("/api/v1/inbox/{id}/report"), body.to_string().as_bytes(), &headers)
    }
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
fn a_picture_that_is_too_large_breaks_off_or_is_none_is_refused_with_what_to_do_and_none_is_kept() {
    let city = city();
    let jpeg = encoded(&quarters(640, 480), ImageFormat::Jpeg);
    let png = encoded(&quarters(64, 48), ImageFormat::Png);
    let webp = encoded(&quarters(64, 48), ImageFormat::WebP);
    let svg = br#"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#;
    let before = city.server.most_memory_mb();
    for (what, file, status, kind, told) in [
        ("20,000 x 20,000", &declared(20_000, 20_000)[..], 413, "about:blank", "send a copy of at most 12 megapixels"),
        ("half a JPEG", &jpeg[..jpeg.len() / 2], 422, "about:blank", "breaks off before its end: send it again"),
        ("half a PNG", &png[..png.len() / 2], 422, "about:blank", "breaks off"),
        ("half a WebP", &webp[..webp.len() / 2], 422, "about:blank", "breaks off"),
        ("nothing", b"", 422, "about:blank", "is empty: it did not arrive, send it again"),
        (
            "a script that begins as a JPEG",
            b"\xff\xd8\xff<script>alert(1)</script>",
            422,
            "about:blank",
            "send it again",
        ),
        ("SVG", svg, 415, "about:blank", "an SVG drawing, not a photo: send the photo itself"),
        ("HTML", b"<!DOCTYPE html><img src=x onerror=alert(1)>", 415, "about:blank", "save the picture from the page"),
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", 415, "/problems/photo-heic", "save or share it as JPEG"),
        ("a film", b"\0\0\0\x18ftypisom\0\0\0\0", 415, "about:blank", "send a still from it"),
        (
            "a GIF that is a script",
            b"GIF89a/*\0\0*/=1;alert(1)",
            415,
            "about:blank",
            "a GIF, which cannot be opened here",
        ),
    ] {
        let answer = city.photo(file);
        let said = answer.json()["detail"].as_str().unwrap().to_owned();
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, "application/problem+json"),
            "{what}: {said}"
        );
        assert!(said.contains(told), "{what}: {said}");
        assert_eq!(answer.json()["type"], kind, "{what}");
    }
    let more = city.server.most_memory_mb() - before;
    assert!(more < 200, "{more} MB for what was declared");
    let shown = report(json!({"photos": ["0".repeat(64)]}));
    assert!(city.server.post(&shown).problem(422).contains("send it again first"));
}

#[test]
fn a_picture_that_is_something_else_as_well_is_a_picture_alone_when_it_is_looked_at() {
    let city = city();
    let page = b"<html><script>alert(1)</script></html>";
    let archive = b"PK\x03\x04hidden.jarPK\x05\x06";
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        for hidden in [&page[..], archive] {
            let whole = encoded(&quarters(64, 48), format);
            let kept = city.photo(&[&whole[..], hidden].concat());
            assert_eq!(kept.status, 201, "{format:?}: {}", kept.text());
            let told = format!("{} bytes after the end of the picture were left out", hidden.len());
            assert!(kept.json()["notes"].to_string().contains(&told), "{}", kept.text());
            for path in ["", "/thumbnail"] {
                let seen = city.seen(&format!("/api/v1/photos/{}{path}", kept.json()["id"].as_str().unwrap()));
                assert_eq!((seen.status, seen.header("content-type")), (200, "image/jpeg"));
                let has = |word: &[u8]| seen.body.windows(word.len()).any(|part| part == word);
                assert!(!has(b"script") && !has(b"PK\x03\x04") && !has(b"hidden"), "{format:?}");
            }
        }
    }
}

#[test]
fn a_camera_that_is_nowhere_on_earth_or_two_years_off_is_taken_with_what_is_doubted_of_it() {
    let city = city();
    let taken = |fields: &[exif::Field]| {
        let answer = city.photo(&jpeg(&quarters(16, 8), fields));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    };
    let mut nowhere: Vec<_> = haikou().into_iter().filter(|field| field.tag != Tag::GPSLatitude).collect();
    nowhere.push(field(Tag::GPSLatitude, Noted::Long(vec![u32::MAX])));
    let about = taken(&nowhere);
    let told = "the picture's latitude is 4294967295°, which is nowhere on Earth";
    assert_eq!(
        (&about["notes"], &about["doubts"], &about["exif"]),
        (&json!([told]), &json!(["position"]), &Value::Null)
    );
    let clock = |at: &str| [words(Tag::DateTimeOriginal, at), words(Tag::OffsetTimeOriginal, "+08:00")];
    for (at, told) in [("2023:12:30 09:00:00", "2 years before now"), ("2028:01:02 09:00:00", "2 years after now")] {
        let about = taken(&clock(at));
        let told = format!("by its clock the picture was taken {told}: if it was not, say when");
        assert_eq!((&about["notes"], &about["doubts"]), (&json!([told]), &json!(["clock"])));
    }
    let about = taken(&[&haikou()[..], &clock("2026:01:01 07:00:00")].concat());
    assert_eq!((&about["notes"], &about["doubts"]), (&json!([]), &json!([])), "one that is right is not doubted");
    // One in the sea: whoever has no other position is asked.
    let mut sea: Vec<_> = haikou().into_iter().filter(|field| field.tag != Tag::GPSLongitudeRef).collect();
    sea.push(words(Tag::GPSLongitudeRef, "W"));
    let about = taken(&sea);
    assert!(about["notes"].to_string().contains("km from the nearest place that is known here: in the sea"), "{about}");
    assert_eq!(about["doubts"], json!(["far"]));
}

#[test]
fn a_megabyte_of_text_is_told_how_much_is_taken_at_every_door() {
    let city = city();
    let long = "积".repeat(330_000);
    let told = "330000 characters; at most 4000 are taken";
    assert!(city.server.post(&report(json!({"text": long}))).problem(400).contains(told));
    let longer = report(json!({"text": "积".repeat(340_000)}));
    assert!(city.server.post(&longer).problem(413).contains("more than 1000000 bytes"));
    let told = "more than 100000 bytes";
    assert!(city.message(json!({"text": long})).problem(413).contains(told));
    assert!(city.message(json!({"text": "积".repeat(4_001)})).problem(400).contains("4001 characters; at most 4000"));
    let parsed = json!({"text": long}).to_string();
    assert!(city.server.post_at("/api/v1/reports/parse", parsed.as_bytes(), &[JSON]).problem(413).contains(told));
    let asked = city.server.get(&format!("/api/v1/places?q={}", "a".repeat(8_000)));
    assert!(asked.problem(400).contains("8000 characters; at most 64"));
    // As much as is taken is taken, and is one report.
    let full = "豪苑路南海大道路口积水。".repeat(333);
    let taken = city.message(json!({"text": format!("{full}好")}));
    assert!([201, 202].contains(&taken.status), "{}", taken.text());
}

#[test]
fn emoji_mixed_scripts_and_marks_of_direction_are_read_past_and_kept_as_they_were_written() {
    let city = city();
    for text in [
        "🚨🌊豪苑路南海大道路口🌊积水30厘米🚗❌😭",
        "豪苑路與南海大道路口積水３０ＣＭ🌧️",
        "FLOOD!! 豪苑路南海大道路口 积水30cm 😱 الماء",
        "\u{202e}豪苑路南海大道路口积水30厘米\u{202c}",
        "\u{200f}豪苑路\u{200e}南海大道路口\u{2067}积水30\u{2069}厘米",
        "豪\u{200b}苑路南海\u{feff}大道路口积水30厘米👩‍👩‍👧‍👦",
    ] {
        let taken = city.message(json!({"text": text}));
        assert_eq!(taken.status, 201, "{text}: {}", taken.text());
        let id = taken.json()["reports"][0]["id"].as_str().unwrap().to_owned();
        let read = city.server.get(&format!("/api/v1/reports/{id}")).json();
        assert_eq!(read["geometry"]["coordinates"], json!([110.33, 20.01]), "{text}");
        assert_eq!(
            (&read["properties"]["category"], &read["properties"]["depth_cm"]),
            (&json!("waterlogging"), &json!(30))
        );
        let words = &taken.json()["understood"]["matters"][0]["words"];
        for (field, quoted) in words.as_object().unwrap() {
            assert!(text.contains(quoted.as_str().unwrap()), "{field} of {text}: {quoted}");
        }
    }
    // Whoever looks at it reads what was written, to the last mark.
    let said = format!("{TURNED}水🌊 ماء 'quoted' \u{2066}end");
    let id = city.server.post(&report(json!({"text": said, "place": format!("{TURNED}家门口🏠"), "lon": 110.34})));
    let id = id.json()["id"].as_str().unwrap().to_owned();
    let queue = city.seen("/api/v1/queue").json();
    let row = queue["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["said"][0].as_str().is_some_and(|shown| shown.starts_with(&said)));
    assert!(row.is_some(), "{queue}");
    let public = city.server.get(&format!("/api/v1/reports/{id}")).text();
    assert!(!public.contains('🌊') && !public.contains('🏠') && !public.contains(TURNED), "{public}");
    // Words of nothing but these say nothing, and wait.
    for text in ["🌊🌊🌊", "\u{202e}\u{200f}", "ماء في الشارع", "\u{200b}"] {
        let waits = city.message(json!({"text": text}));
        let asked = waits.json()["inbox"]["missing"].clone();
        assert!(waits.status == 400 || asked == json!(["category", "position"]), "{text:?}: {}", waits.text());
    }
    // A search is not thrown off either: 豪苑 between marks and a wave.
    for query in ["%E2%80%AE%E8%B1%AA%E8%8B%91%E2%80%AC", "%E8%B1%AA%E2%80%8F%E8%8B%91"] {
        let found = city.server.get(&format!("/api/v1/places?q={query}")).json();
        assert_eq!(found["places"][0]["id"], "x", "{query}: {found}");
    }
    assert_eq!(city.server.get("/api/v1/places?q=%F0%9F%8C%8A").json()["places"], json!([]));
}

#[test]
fn a_place_that_there_is_twice_is_asked_about_by_whoever_looks_and_never_chosen_here() {
    let city = city();
    let waits = city.message(json!({"text": "和信广场积水没过脚踝"}));
    assert_eq!(waits.status, 202, "{}", waits.text());
    assert_eq!(waits.json()["inbox"]["missing"], json!(["position"]));
    let question = &waits.json()["understood"]["questions"][0];
    assert_eq!(question["field"], "place_id", "{question}");
    assert_eq!((&question["zh"], &question["en"]), (&json!("是其中哪一处？"), &json!("Which of these is it?")));
    let choices: Vec<_> =
        question["choices"].as_array().unwrap().iter().map(|choice| choice["place_id"].clone()).collect();
    assert_eq!(choices, ["east", "west"]);
    let row = city.seen("/api/v1/inbox").json()["rows"][0].clone();
    assert_eq!(row["understood"]["questions"][0]["choices"].as_array().map(Vec::len), Some(2), "{row}");
    let places: Vec<_> =
        row["understood"]["places"].as_array().unwrap().iter().map(|place| place["lon"].clone()).collect();
    assert_eq!(places, [110.35, 110.30], "the desk is shown where each lies");
    let form = "service_code=waterlogging&address_string=%E5%92%8C%E4%BF%A1%E5%B9%BF%E5%9C%BA";
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let refused = city.server.post_at("/open311/v2/requests.json", form.as_bytes(), &kind);
    assert!(refused.text().contains("is the name of several places: send lat and long"), "{}", refused.text());
    assert!(city.server.ids("/api/v1/reports").is_empty());
    // A device that knows where it is settles it.
    let here = json!([{"source": "device", "lon": 110.35, "lat": 20.01, "accuracy_m": 12}]);
    assert_eq!(city.message(json!({"text": "和信广场积水没过脚踝", "positions": here})).status, 201);
}

#[test]
fn a_device_or_camera_in_the_sea_is_asked_whether_it_is_there_and_a_pin_says_so() {
    let city = city();
    for source in ["device", "exif"] {
        let sea = json!({"source": source, "lon": 112.0, "lat": 18.0});
        let mut body = report(json!({"positions": [sea], "category": "manhole"}));
        body.as_object_mut().unwrap().retain(|name, _| name != "lon" && name != "lat");
        let asked = city.server.post(&body);
        let told = asked.json()["detail"].as_str().unwrap().to_owned();
        assert_eq!(asked.status, 409, "{told}");
        assert!(
            told.contains("km from the nearest place that is known here: in the sea, or in another city?"),
            "{told}"
        );
        assert!(told.contains("If it is there, send it again with a pin"), "{told}");
        let problem = asked.json();
        assert_eq!(
            (&problem["type"], &problem["candidates"][0]["source"]),
            (&json!("/problems/position-far"), &json!(source))
        );
        assert_eq!(city.server.ids("/api/v1/reports").len(), usize::from(source == "exif"), "nothing of it was kept");
        let pin = json!({"source": "pin", "lon": 112.0, "lat": 18.0});
        body["positions"] = json!([pin, sea]);
        if source == "device" {
            assert_eq!(city.server.post(&body).status, 201, "somebody has looked");
        }
    }
    // Whoever says lon and lat has set them: a program of another city's hotline knows what it does.
    assert_eq!(city.server.post(&report(json!({"lon": 112.0, "lat": 18.0}))).status, 201);
    let waits =
        city.message(json!({"text": "积水过膝", "positions": [{"source": "device", "lon": 112.0, "lat": 18.0}]}));
    assert_eq!((waits.status, &waits.json()["inbox"]["missing"]), (202, &json!(["sense"])), "{}", waits.text());
    let id = waits.json()["inbox"]["id"].as_str().unwrap().to_owned();
    let made = city.decide(&id, json!({"lon": 110.33, "lat": 20.01}));
    assert_eq!(made.status, 201, "{}", made.text());
    for nought in [
        json!({"lon": 0, "lat": 0}),
        json!({"positions": [{"source": "pin", "lon": 0, "lat": 0}], "lon": null, "lat": null}),
    ] {
        assert!(
            city.server
                .post(&report(nought))
                .problem(400)
                .contains("0,0 is where a missing position ends up: it lies in the sea")
        );
    }
}

#[test]
fn a_clock_that_is_two_years_wrong_is_told_what_time_it_is_and_a_message_waits_for_the_right_one() {
    let city = city();
    let posted = |at: &str| city.server.post(&report(json!({"observed_at": at})));
    assert!(posted("2024-01-01T08:00:00+08:00").problem(400).contains("older than 30 days: import it instead"));
    let ahead = posted("2028-01-01T08:00:00+08:00").problem(400);
    assert!(ahead.contains("more than 10 minutes in the future: here it is 2026-01-01T00:0"), "{ahead}");
    // A page sets its clock by ours before it sends.
    let parsed = city.server.post_at("/api/v1/reports/parse", br#"{"text": ""}"#, &[JSON]).json();
    assert!(parsed["now"].as_str().unwrap().starts_with("2026-01-01T00:0"), "{parsed}");
    for (n, at) in ["2024-01-01T08:00:00+08:00", "2028-01-01T08:00:00+08:00"].into_iter().enumerate() {
        let waits = city.message(json!({"text": "豪苑路南海大道路口积水30厘米", "at": at}));
        assert_eq!((waits.status, &waits.json()["inbox"]["missing"]), (202, &json!(["sense"])), "{}", waits.text());
        let id = waits.json()["inbox"]["id"].as_str().unwrap().to_owned();
        assert!([400, 409].contains(&city.decide(&id, json!({})).status), "as it is it is none");
        let made = city.decide(&id, json!({"observed_at": format!("2025-12-31T2{n}:00:00Z")}));
        assert_eq!(made.status, 201, "{}", made.text());
        let read = city.server.get(&format!("/api/v1/reports/{id}")).json();
        assert_eq!(read["properties"]["observed_at"], json!(format!("2025-12-31T2{n}:00:00Z")));
    }
}
