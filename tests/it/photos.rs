//! Photos: read whatever a camera made of them, kept without what they tell of their owner, seen by whoever may, erased
//! with him; and the positions that a report is sent with.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::{Value, json};
use waterlog::intake::photo::{self, Refusal};

use crate::people::{add, key, user};
use crate::program::waterlog;
use crate::server::{Answer, Server, report};

#[path = "../../src/intake/photo/sample.rs"]
pub mod sample;

use sample::{haikou, jpeg, quarters};

/// The common photos with a position, in degrees as the cameras wrote them.
const PLACED: [(&str, f64, f64); 13] = [
    ("DSCN0010.jpg", 43.0 + 28.0 / 60.0 + 2.814 / 3_600.0, 11.0 + 53.0 / 60.0 + 6.456 / 3_600.0),
    ("DSCN0012.jpg", 43.0 + 28.0 / 60.0 + 1.764 / 3_600.0, 11.0 + 53.0 / 60.0 + 7.422 / 3_600.0),
    ("DSCN0021.jpg", 43.0 + 28.0 / 60.0 + 1.494 / 3_600.0, 11.0 + 53.0 / 60.0 + 4.338 / 3_600.0),
    ("DSCN0025.jpg", 43.0 + 28.0 / 60.0 + 6.114 / 3_600.0, 11.0 + 52.0 / 60.0 + 53.886 / 3_600.0),
    ("DSCN0027.jpg", 43.0 + 28.0 / 60.0 + 6.39 / 3_600.0, 11.0 + 52.0 / 60.0 + 53.454 / 3_600.0),
    ("DSCN0029.jpg", 43.0 + 28.0 / 60.0 + 5.676 / 3_600.0, 11.0 + 52.0 / 60.0 + 48.618 / 3_600.0),
    ("DSCN0038.jpg", 43.0 + 28.0 / 60.0 + 2.118 / 3_600.0, 11.0 + 52.0 / 60.0 + 45.168 / 3_600.0),
    ("DSCN0040.jpg", 43.0 + 27.0 / 60.0 + 57.642 / 3_600.0, 11.0 + 52.0 / 60.0 + 44.802 / 3_600.0),
    ("DSCN0042.jpg", 43.0 + 27.0 / 60.0 + 52.038 / 3_600.0, 11.0 + 52.0 / 60.0 + 53.322 / 3_600.0),
    ("67-0_length_string.jpg", 51.0 + 1.0 / 60.0 + 30.0 / 3_600.0, 7.0 + 35.0 / 60.0 + 31.0 / 3_600.0),
    ("87_OSError.jpg", 43.0 + 47.135666 / 60.0, 11.0 + 14.077166 / 60.0),
    ("Kodak_CX7530.jpg", -22.278 / 60.0, 36.0 + 3.385 / 60.0),
    ("starfish.jpg", 55.0 + 2.0 / 60.0 + 19.521 / 3_600.0, 8.0 + 27.0 / 60.0 + 25.886 / 3_600.0),
];

/// The files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn every_common_photo_has_its_position_or_a_reason() {
    let folder = std::env::var_os("WATERLOG_SHARED").map(|shared| PathBuf::from(shared).join("data/photos"));
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        told!("NOT TESTED: the common photos are not here (WATERLOG_SHARED).");
        return;
    };
    let (mut placed, mut without, mut refused) = (0, 0, 0);
    for path in files(&folder) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let expected = PLACED.iter().find(|(placed, ..)| *placed == name);
        match photo::read(&std::fs::read(&path).unwrap(), 1_790_000_000) {
            Ok(picture) => {
                let position = picture.about.exif.as_ref().and_then(|exif| exif.position);
                match (position, expected) {
                    (Some(at), Some((_, lat, lon))) => {
                        let off = (at.lat() - lat).abs().max((at.lon() - lon).abs());
                        assert!(off < 2e-7, "{name}: {at:?}");
                        placed += 1;
                    }
                    (None, None) => without += 1,
                    (at, _) => panic!("{name}: {at:?} {:?}", picture.about.notes),
                }
                let notes = picture.about.notes.join("\n");
                assert!(name != "01.jpg" || notes.contains("4294967295°, which is nowhere on Earth"), "{notes}");
                assert!(picture.jpeg.starts_with(b"\xff\xd8\xff") && picture.about.width_px <= photo::KEPT_SIDE_PX);
            }
            Err(refusal) => {
                let heic = name.to_ascii_lowercase().contains(".hei");
                let picture = name.contains(".jp");
                match &refusal {
                    Refusal::Heic(why) => assert!(heic && why.contains("Most Compatible"), "{name}: {why}"),
                    Refusal::Unsupported(why) => assert!(!picture && !heic, "{name}: {why}"),
                    Refusal::Broken(why) => assert!(name == "notjpeg.jpg" && why.contains("empty"), "{name}: {why}"),
                    Refusal::TooLarge(why) => panic!("{name}: {why}"),
                }
                refused += 1;
            }
        }
    }
    told!("photos: {placed} with the position they were given, {without} without one, {refused} refused with a reason");
    assert_eq!(placed, PLACED.len());
}

fn post(server: &Server, file: &[u8], kind: &str) -> Answer {
    server.post_at("/api/v1/photos", file, &[("content-type", kind)])
}

/// The id of a photo that is new.
fn kept(server: &Server, file: &[u8]) -> String {
    let answer = post(server, file, "image/jpeg");
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_photo_is_kept_once_without_metadata_and_seen_by_whoever_may() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    for role in ["reporter", "grid_worker", "department", "planner", "administrator"] {
        let unit: &[&str] = if role == "department" { &["--unit", "drainage"] } else { &[] };
        add(data, role, role, unit);
    }
    let server = Server::start_with(data, &["--clock", "2023-10-21T01:30:00Z"]);
    let file = jpeg(&quarters(640, 480), &haikou());
    let first = post(&server, &file, "application/octet-stream");
    assert_eq!(first.status, 201, "{}", first.text());
    let about = first.json();
    let exif = json!({"lon": 110.3312, "lat": 20.0148, "direction_deg": null, "taken_at": null});
    assert_eq!((&about["width_px"], &about["height_px"], &about["exif"]), (&json!(640), &json!(480), &exif));
    let again = post(&server, &file, "image/png");
    assert_eq!((again.status, again.json()), (200, about.clone()));
    let path = first.header("location").to_owned();
    assert_eq!(path, format!("/api/v1/photos/{}", about["id"].as_str().unwrap()));
    let seen = |role: &str, path: &str| {
        let key = format!("Bearer {}", key(data, role, &["read"]));
        server.get_with(path, &[("authorization", &key)])
    };
    assert_eq!(server.get(&path).status, 401);
    assert_eq!(seen("reporter", &path).status, 403);
    for role in ["grid_worker", "department", "planner", "administrator"] {
        for (path, width) in [(path.clone(), 640), (format!("{path}/thumbnail"), 320)] {
            let answer = seen(role, &path);
            assert_eq!((answer.status, answer.header("content-type")), (200, "image/jpeg"), "{role}");
            assert!(answer.header("cache-control").starts_with("private"));
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert!(!answer.body.windows(4).any(|part| part == b"Exif"));
            assert_eq!(image::load_from_memory(&answer.body).unwrap().width(), width);
        }
    }
    assert_eq!(seen("planner", &format!("/api/v1/photos/{}", "0".repeat(64))).status, 404);
    assert_eq!(seen("planner", "/api/v1/photos/..%2Fprivate.db").status, 404);
}

#[test]
fn what_is_no_photo_is_refused_with_what_to_do() {
    let server = Server::start();
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let refused = post(&server, heic, "image/heic");
    assert_eq!(
        (refused.status, &refused.json()["type"]),
        (415, &json!("/problems/photo-heic")),
        "a page says it in its own words"
    );
    assert!(refused.json()["detail"].as_str().unwrap().contains("Most Compatible"), "{}", refused.text());
    assert!(post(&server, b"<svg xmlns='x'/>", "image/png").problem(415).contains("an SVG drawing"));
    assert!(post(&server, b"<!doctype html><p>", "image/jpeg").problem(415).contains("a web page"));
    assert!(post(&server, b"{}", "application/json").problem(415).contains("a photo is sent as it is"));
    let whole = jpeg(&quarters(64, 48), &[]);
    assert!(post(&server, &whole[..whole.len() / 2], "image/jpeg").problem(422).contains("breaks off"));
    assert!(post(&server, b"\xff\xd8\xff<script>", "image/jpeg").problem(422).contains("send it again"));
    assert!(post(&server, &vec![0; photo::LARGEST_FILE + 1], "image/jpeg").problem(413).contains("smaller copy"));
}

#[test]
fn a_hundred_photos_at_once_are_all_kept_and_memory_stays_bounded() {
    const MANY: usize = 100;
    /// Decoded all at once, the pictures alone would be 900 MB.
    const MOST_MORE_MB: u64 = 500;
    let server = Server::start();
    let picture = jpeg(&quarters(2_000, 1_500), &haikou());
    let before = server.most_memory_mb();
    let send = &|n: usize| {
        // Bytes after the end make each another file.
        let file = [&picture[..], &vec![b'x'; n + 1]].concat();
        for _ in 0..600 {
            let answer = post(&server, &file, "image/jpeg");
            match answer.status {
                201 => return (photo::id(&file), answer.json()),
                503 => assert!(answer.header("retry-after").parse::<u64>().is_ok()),
                status => panic!("{status}: {}", answer.text()),
            }
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        panic!("photo {n} was never taken");
    };
    let answers: Vec<_> = std::thread::scope(|scope| {
        let sending: Vec<_> = (0..MANY).map(|n| scope.spawn(move || send(n))).collect();
        sending.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for (n, (id, about)) in answers.iter().enumerate() {
        assert_eq!(
            (&about["id"], &about["width_px"], &about["exif"]["lon"]),
            (&json!(id), &json!(2_000), &json!(110.3312))
        );
        let told = format!("{} bytes after the end of the picture were left out", n + 1);
        assert!(about["notes"].as_array().unwrap().contains(&json!(told)), "{about}");
    }
    let after = server.most_memory_mb();
    assert!(after < before + MOST_MORE_MB, "{before} MB, then {after}");
    let shown = server.post(&report(json!({"photos": [answers[0].0, answers[MANY - 1].0]})));
    assert_eq!(shown.status, 201, "{}", shown.text());
}

#[test]
fn a_report_shows_photos_that_were_sent_before_and_they_are_evidence() {
    let server = Server::start();
    let id = kept(&server, &jpeg(&quarters(64, 48), &[]));
    let shown = |photos: Value| server.post(&report(json!({"photos": photos})));
    let accepted = shown(json!([id, id]));
    assert_eq!(accepted.status, 201, "{}", accepted.text());
    let incident = accepted.json()["incident_id"].as_str().unwrap().to_owned();
    assert_eq!(server.get(&format!("/api/v1/incidents/{incident}")).json()["properties"]["evidence"], true);
    let unknown = "0".repeat(64);
    let refused = shown(json!([id, unknown]));
    assert!(refused.problem(422).contains("send it again first"));
    assert_eq!((refused.json()["field"].clone(), refused.json()["value"].clone()), (json!("photos"), json!(unknown)));
    assert!(shown(json!(vec![id.clone(); 100])).problem(400).contains("100 photos; at most 8 are taken"));
    assert!(shown(json!("x")).problem(400).contains("not a list of strings"));
    let lines =
        [report(json!({"photos": [id]})), report(json!({"photos": [unknown]}))].map(|line| line.to_string()).join("\n");
    let answer = server.post_with(lines.as_bytes(), &[("content-type", "application/x-ndjson")]);
    let statuses: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["status"].clone()).collect();
    assert_eq!(statuses, [201, 422]);
}

#[test]
fn positions_that_disagree_are_asked_and_a_pin_decides() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let posted = |positions: Value| {
        let mut body = report(json!({"positions": positions}));
        body.as_object_mut().unwrap().retain(|name, _| name != "lon" && name != "lat");
        server.post_with(body.to_string().as_bytes(), &[("content-type", "application/json"), ("idempotency-key", "k")])
    };
    let exif = json!({"source": "exif", "lon": 110.3312, "lat": 20.0148});
    let device = json!({"source": "device", "lon": 110.3412, "lat": 20.0148, "accuracy_m": 900});
    let asked = posted(json!([device, exif]));
    assert_eq!((asked.status, asked.header("content-type")), (409, "application/problem+json"));
    let problem = asked.json();
    assert_eq!(problem["type"], "/problems/positions-disagree");
    assert!(problem["detail"].as_str().unwrap().contains("which one is meant"));
    let candidates = problem["candidates"].as_array().unwrap();
    assert_eq!((&candidates[0]["source"], &candidates[0]["distance_m"]), (&json!("exif"), &json!(0.0)));
    assert_eq!((&candidates[1]["source"], &candidates[1]["distance_m"]), (&json!("device"), &json!(1045.0)));
    assert_eq!(server.get("/readyz").json()["position"], 0, "nothing of it was kept");
    let pin = json!({"source": "pin", "lon": 110.3313, "lat": 20.0149});
    let accepted = posted(json!([device, exif, pin]));
    assert_eq!(accepted.status, 201, "{}", accepted.text());
    let id = accepted.json()["id"].as_str().unwrap().to_owned();
    let published = server.get(&format!("/api/v1/reports/{id}"));
    assert_eq!(published.json()["geometry"]["coordinates"], json!([110.3313, 20.0149]));
    assert!(!published.text().contains("exif"), "what else was said is not published");
    let private = Connection::open(folder.path().join("private.db")).unwrap();
    let kept: String =
        private.query_row("SELECT candidates FROM positions WHERE report = ?1", [&id], |row| row.get(0)).unwrap();
    let kept: Vec<Value> = serde_json::from_str(&kept).unwrap();
    let sources: Vec<_> = kept.iter().map(|one| one["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["pin", "exif", "device"]);
    assert_eq!(posted(json!([device, exif, pin])).json()["id"], json!(id), "a retry is harmless");
    let alone = server.post(&report(json!({"positions": [{"source": "exif", "lon": 0, "lat": 0}]})));
    assert!(alone.problem(400).contains("it lies in the sea"));
    let two = report(json!({"lon": 110.4, "positions": [pin]}));
    assert!(server.post(&two).problem(400).contains("leave them out"));
}

#[test]
fn a_position_in_another_datum_is_converted_once() {
    let server = Server::start();
    let mut body =
        report(json!({"positions": [{"source": "device", "lon": 110.3312, "lat": 20.0148, "datum": "gcj02"}]}));
    body.as_object_mut().unwrap().retain(|name, _| name != "lon" && name != "lat");
    let id = server.post(&body).json()["id"].as_str().unwrap().to_owned();
    let plain = server.post(&report(json!({"datum": "gcj02"}))).json()["id"].as_str().unwrap().to_owned();
    let at = |id: &str| server.get(&format!("/api/v1/reports/{id}")).json()["geometry"].clone();
    assert_eq!(at(&id), at(&plain));
    assert_ne!(at(&id)["coordinates"], json!([110.3312, 20.0148]));
}

#[test]
fn a_persons_photos_go_with_him_and_a_backup_carries_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("city");
    std::fs::create_dir(&data).unwrap();
    add(&data, "admin", "administrator", &[]);
    add(&data, "wang.wei", "reporter", &[]);
    let server = Server::start_with(&data, &["--clock", "2026-01-01T00:00:00Z"]);
    let admin = format!("Bearer {}", key(&data, "admin", &["read", "report"]));
    let wang = format!("Bearer {}", key(&data, "wang.wei", &["report"]));
    let sent = |by: &str, width: u32| {
        let file = jpeg(&quarters(width, 48), &haikou());
        let answer = server.post_at("/api/v1/photos", &file, &[("content-type", "image/jpeg"), ("authorization", by)]);
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let body = report(json!({"photos": [id]})).to_string();
        let headers = [("content-type", "application/json"), ("authorization", by)];
        assert_eq!(server.post_with(body.as_bytes(), &headers).status, 201);
        id
    };
    let (his, both, hers) = (sent(&wang, 64), sent(&wang, 72), sent(&admin, 80));
    assert_eq!(sent(&admin, 72), both);
    let seen = |id: &str| server.get_with(&format!("/api/v1/photos/{id}"), &[("authorization", &admin)]).status;
    assert_eq!([&his, &both, &hers].map(|id| seen(id)), [200, 200, 200]);
    let held: Value = serde_json::from_str(&user(&data, &["export", "wang.wei"], "").expect_success()).unwrap();
    let mut ids: Vec<_> =
        held["photos"].as_array().unwrap().iter().map(|photo| photo["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let mut expected = [his.as_str(), both.as_str()];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    let incidents = server.features("/api/v1/incidents");
    let told = user(&data, &["erase", "wang.wei"], "").expect_success();
    assert!(told.contains("1 photos"), "{told}");
    assert_eq!([&his, &both, &hers].map(|id| seen(id)), [404, 200, 200]);
    assert_eq!(server.features("/api/v1/incidents"), incidents, "no count has changed");
    let run = |arguments: &[&str]| waterlog(folder.path(), arguments).expect_success();
    run(&["--data", "city", "backup", "monday"]);
    run(&["--data", "again", "restore", "monday"]);
    let private = Connection::open(folder.path().join("again/private.db")).unwrap();
    let mut select = private.prepare("SELECT id FROM photos WHERE length(jpeg) > 300 ORDER BY id").unwrap();
    let carried: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut expected = [both, hers];
    expected.sort_unstable();
    assert_eq!(carried, expected);
}
