//! Works: a layer, a file to import, and what is said of the floods before and after them.

use std::fs;

use serde_json::{Value, json};
use waterlog::hazard::event::{Event, Note, RainInterval, Works};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;

use crate::layers::{T0, seen};
use crate::program::waterlog;
use crate::server::{Server, seed};

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
const SPOT: (f64, f64) = (-73.9, 40.77);

fn works(id: &str, line: &[(f64, f64)], start: i64, end: Option<i64>) -> Works {
    let line = line.iter().map(|&(lon, lat)| Position::new(lon, lat).unwrap()).collect();
    let (start, end) = (T0 + start, end.map(|end| T0 + end));
    Works { id: id.into(), line, start, end, kind: Some("new_pump".into()), name: None, reference: Some("C-12".into()) }
}

/// Two years with a storm every ten days. In the first the spot floods in every third of them, in the second once; another
/// spot a kilometre away floods six times in the first and five in the second.
fn city() -> Vec<Event> {
    let hour = |t: i64, mm: i64| RainInterval { start: T0 + t, seconds: HOUR, depth_um: Some(mm * 1_000) };
    let rain = (0..72 * 10 * 24).map(|h| hour(h * HOUR, if h % 240 == 0 { 20 } else { 0 })).collect();
    let flood = |spot: (f64, f64), n: i64| {
        Event::Report(seen(&format!("r{n}-{}", spot.1), n * 10 * DAY + HOUR, spot.0, spot.1))
    };
    let away = (SPOT.0, SPOT.1 + 0.01);
    let mut events = vec![Event::Rain(rain)];
    for n in 0..72 {
        events.extend(((n < 36 && n % 3 == 0) || n == 60).then(|| flood(SPOT, n)));
        events.extend((n % 7 == 0).then(|| flood(away, n)));
    }
    events.push(Event::Note(Note { step: "verify".into(), at: T0 + 720 * DAY, report: None }));
    let (lon, lat) = SPOT;
    events.push(Event::Works(vec![
        works("done", &[SPOT], 360 * DAY, Some(365 * DAY)),
        works("planned", &[SPOT], 800 * DAY, Some(810 * DAY)),
        works("sewer", &[(lon, lat - 0.001), (lon, lat + 0.0097)], 100 * DAY, Some(120 * DAY)),
        works("nowhere", &[(0.0, 0.0)], 360 * DAY, None),
    ]));
    events
}

fn rows<'v>(answer: &'v Value, id: &str) -> Vec<&'v Value> {
    answer["rows"].as_array().unwrap().iter().filter(|row| row["works_id"] == id).collect()
}

#[test]
fn works_are_a_layer_of_points_and_lines_with_their_dates() {
    let server = Server::seeded(&city());
    let all = server.features("/layers/works.geojson");
    let properties = json!({"name": "done", "kind": "new_pump", "reference": "C-12", "start": "2024-12-26T00:00:00Z",
        "end": "2024-12-31T00:00:00Z"});
    let point = json!({"type": "Point", "coordinates": [SPOT.0, SPOT.1]});
    assert_eq!(all[0], json!({"type": "Feature", "id": "done", "geometry": point, "properties": properties}));
    assert_eq!((&all[2]["geometry"]["type"], &all[3]["properties"]["end"]), (&json!("LineString"), &Value::Null));
    let ids = |query: &str| server.ids(&format!("/api/v1/works?{query}"));
    assert_eq!(ids("sort=-start"), ["planned", "done", "nowhere", "sewer"]);
    // A box in the middle of the line; a time in which two were at work, and one still may be.
    assert_eq!(ids("bbox=-73.9001,40.773,-73.8999,40.774"), ["sewer"]);
    assert_eq!(ids("datetime=2024-12-27T00:00:00Z/2024-12-28T00:00:00Z"), ["done", "nowhere"]);
    assert_eq!(ids("datetime=2025-06-01T00:00:00Z"), ["nowhere"]);
    // A view of an earlier day knows nothing of works that had not begun.
    assert_eq!(ids("as_of=2024-06-01T00:00:00Z"), ["sewer"]);
    assert_eq!(server.get("/ogc/collections/works/items/sewer").json()["id"], "sewer");
}

#[test]
fn floods_per_storm_before_and_after_are_compared_and_what_cannot_be_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    seed(folder.path(), &city());
    let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let at = "/api/v1/analysis/works";
    let text = server.get(at).text();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&answer["n"], &answer["n_of"]), (&json!(4), &json!("works")));
    assert_eq!(answer["observed_end"], "2025-12-21T00:00:00Z");

    let [done] = rows(&answer, "done")[..] else { panic!("{answer}") };
    let counted = json!([done["occasions_before"], done["occasions_meanwhile"], done["occasions_after"]]);
    assert_eq!((counted, &done["exposure"]), (json!([12, 0, 1]), &json!("storms")));
    // Day 360 is within the works, so of 72 storms one counts as neither.
    assert_eq!((&done["exposure_before"], &done["exposure_after"]), (&json!(36.0), &json!(35.0)));
    assert!(done["p"].as_f64().unwrap() < 0.01 && done["ratio"].as_f64().unwrap() < 0.1, "{done}");
    let sentence = done["sentence_en"].as_str().unwrap();
    assert!(sentence.contains("1 in 35 storms after them, 12 in 36 before."), "{sentence}");
    assert!(sentence.contains("A place chosen because it was worst gets better by itself"), "{sentence}");
    assert!(done["sentence_zh"].as_str().unwrap().contains("因最严重而被选中的点位会自行好转"));

    let [planned] = rows(&answer, "planned")[..] else { panic!("{answer}") };
    assert_eq!((&planned["verdict"], &planned["reason"]), (&json!("not_judged"), &json!("not_begun")));
    assert!(planned["ratio"].is_null() && planned["storms_needed"].as_u64().unwrap() > 10, "{planned}");
    // The line passes both spots.
    let mut sewer: Vec<_> = rows(&answer, "sewer").iter().map(|row| row["occasions_before"].as_u64()).collect();
    sewer.sort_unstable();
    assert_eq!(sewer, [Some(2), Some(4)]);
    let [nowhere] = rows(&answer, "nowhere")[..] else { panic!("{answer}") };
    assert_eq!((&nowhere["hotspot_id"], &nowhere["reason"]), (&Value::Null, &json!("end_unknown")));

    let id = done["hotspot_id"].as_str().unwrap();
    let of_it = server.get(&format!("{at}?hotspot={id}")).json();
    let reach: Vec<_> = of_it["rows"].as_array().unwrap().iter().map(|row| row["works_id"].clone()).collect();
    assert_eq!(reach, ["planned", "done", "sewer"]);
    assert!(server.get(&format!("{at}?hotspot=waterlogging:nowhere")).problem(404).contains("hotspot"));

    let analyse = |more: &[&str]| {
        waterlog(folder.path(), &[&["--data", folder.path().to_str().unwrap(), "analyse", "works"], more].concat())
            .expect_success()
    };
    assert_eq!(analyse(&[]).trim_end(), text);
    let csv = analyse(&["--csv"]);
    assert_eq!(csv, server.get(&format!("{at}?format=csv")).text());
    assert_eq!(csv.lines().count(), 1 + answer["rows"].as_array().unwrap().len());
}

#[test]
fn without_rain_reports_of_any_kind_are_what_floods_are_counted_against() {
    let events: Vec<Event> = city().into_iter().filter(|event| !matches!(event, Event::Rain(_))).collect();
    let server = Server::seeded(&events);
    let answer = server.get("/api/v1/analysis/works").json();
    let [done] = rows(&answer, "done")[..] else { panic!("{answer}") };
    // Twelve at the spot and six at the other before; one and five after.
    let said = json!([done["exposure"], done["exposure_before"], done["exposure_after"], done["other_exposure"]]);
    assert_eq!(said, json!(["reports", 18.0, 6.0, "days"]));
    assert!(done["sentence_en"].as_str().unwrap().contains("reports of any kind"), "{done}");
}

#[test]
fn works_are_imported_once_and_what_is_wrong_is_told_with_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let csv = "id,lon,lat,start,end,kind\nw1,-73.9,40.77,2024-03-01,2024-03-05,dredging\nw2,-73.9,40.77,2024-03-01,2024-02-01,\n";
    fs::write(folder.path().join("w.csv"), csv).unwrap();
    let run =
        |more: &[&str]| waterlog(folder.path(), &[&["--data", "city", "import", "--works", "w.csv"], more].concat());
    let zone = ["--works-zone", "America/New_York"];
    assert_eq!(
        run(&zone).expect_success(),
        "w.csv: 2 works: 1 new, 0 known, 1 rejected (see w.csv.rejects.csv)\n\
         w.csv:3:27: end \"2024-02-01\": the works end before they begin\n"
    );
    assert!(run(&zone).expect_success().starts_with("w.csv: 2 works: 0 new, 1 known, 1 rejected"));
    assert!(run(&[]).expect_success().contains("--works-zone"));
    assert!(run(&["--works-zone", "Mars"]).stderr.contains("unknown"));
    let server = Server::start_with(&folder.path().join("city"), &[]);
    let feature = &server.features("/api/v1/works")[0];
    assert_eq!(feature["properties"]["start"], "2024-03-01T05:00:00Z");
    assert_eq!(feature["properties"]["end"], "2024-03-06T05:00:00Z");
    assert_eq!(waterlog(folder.path(), &["--data", "city", "verify"]).code, Some(0));
}

#[test]
fn loading_works_moves_no_time_and_changes_no_incident_or_hotspot() {
    let events = city();
    let (works, before) = events.split_last().unwrap();
    let mut map = HazardMap::build(Settings::default(), (1..).zip(before));
    let derived = |map: &HazardMap| format!("{:?} {:?} {}", map.incidents(), map.hotspots(), map.as_of());
    let (same, digest) = (derived(&map), map.digest());
    map.admit(works).unwrap();
    map.apply(events.len() as u64, works);
    map.settle();
    map.check();
    assert_eq!(derived(&map), same);
    assert_ne!(map.digest(), digest, "works are part of the map");
    let Event::Works(all) = works else { panic!("{works:?}") };
    let bad = Works { end: Some(all[0].start - 1), ..all[0].clone() };
    assert!(map.admit(&Event::Works(vec![all[1].clone(), bad])).is_err());
}

#[test]
fn a_log_reads_works_as_it_wrote_them() {
    let written = r#"{"works":[{"id":"w1","line":[[1100000000,200000000]],"start":5,"end":9,"kind":"dredging"},{"id":"w2","line":[[1100000000,200000000],[1100000001,200000000]],"start":5}]}"#;
    let event: Event = serde_json::from_str(written).unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap(), written);
}
