//! Closures: where vehicles cannot pass now, as a layer and for navigation (CIFS).

use serde_json::{Value, json};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Passability, Report, Street};
use waterlog::hazard::position::Position;

use crate::server::{Server, report};

/// The clock of the tests, 2026-01-01T00:00:00Z, and how long waterlogging closes a road.
const NOON: i64 = 1_767_225_600;
const HOLD: i64 = 10_800;

fn at(lon: f64, lat: f64) -> Position {
    Position::new(lon, lat).unwrap()
}

fn seen(id: &str, seconds: i64, lon: f64, passability: Option<Passability>) -> Event {
    let waterlogging = Category::named("waterlogging").unwrap();
    Event::Report(Report { passability, ..Report::new(id, waterlogging, at(lon, 20.0), NOON + seconds) })
}

pub fn closed(id: &str, seconds: i64, lon: f64) -> Event {
    seen(id, seconds, lon, Some(Passability::Impassable))
}

pub fn ids(server: &Server) -> Vec<String> {
    server.ids("/layers/closures.geojson")
}

#[test]
fn what_was_last_seen_impassable_is_closed_until_somebody_passes_or_it_grows_old() {
    let events = [
        closed("a", -600, 110.0),
        seen("b", -600, 110.1, Some(Passability::ImpassableSmall)),
        closed("c", -900, 110.2),
        seen("c2", -600, 110.2, Some(Passability::Slow)),
        closed("old", -HOLD - 60, 110.3),
        seen("unknown", -600, 110.4, None),
    ];
    let server = Server::seeded(&events);
    assert_eq!(ids(&server), ["i1", "i2"]);
    let first = &server.features("/layers/closures.geojson")[0];
    assert_eq!(first["geometry"], json!({"type": "Point", "coordinates": [110.0, 20.0]}));
    let expected = json!({
        "incident_id": "i1", "category": "waterlogging", "passability": "impassable", "vehicles": "all",
        "since": "2025-12-31T23:50:00Z", "last_observed_at": "2025-12-31T23:50:00Z",
        "expires_at": "2026-01-01T02:50:00Z", "place": null, "depth_cm_max": null, "reports": 1, "reporters": 0,
        "evidence": false,
    });
    assert_eq!(first["properties"], expected);
    assert_eq!(server.features("/layers/closures.geojson?bbox=110.05,19,111,21").len(), 1);
    assert_eq!(server.ids("/ogc/collections/closures/items"), ["i1", "i2"]);
    assert_eq!(server.get("/ogc/collections/closures/items/i2").status, 200);
    assert_eq!(server.get("/ogc/collections/closures/items/i3").status, 404);
    let list = server.get("/layers").json();
    let entry = list["layers"].as_array().unwrap().iter().find(|layer| layer["name"] == "closures").unwrap();
    assert_eq!(entry["count"], 2);
    // A view stands at its own time.
    assert_eq!(server.ids("/layers/closures.geojson?as_of=2025-12-31T23:48:00Z"), ["i3", "i5"]);
}

#[test]
fn the_version_changes_when_a_closure_comes_changes_or_expires_and_not_before() {
    // It expires three seconds after the service has started.
    let server = Server::seeded(&[closed("a", 3 - HOLD, 110.0), closed("b", -600, 110.1)]);
    let paths = ["/layers/closures.geojson", "/ogc/collections/closures/items", "/layers/closures.csv"];
    let tags = || paths.map(|path| server.get(path).header("etag").to_owned());
    let [first, ..] = tags();
    if server.get_with(paths[0], &[("if-none-match", &first)]).status == 304 {
        // Another report, far away, that closes nothing.
        let before = tags();
        assert_eq!(server.post(&report(json!({"observed_at": "2025-12-31T23:59:00Z"}))).status, 201);
        assert!(tags() == before || ids(&server) == ["i2"], "nothing of it has changed");
    }
    server.until("one has expired", || ids(&server) == ["i2"]);
    let after = tags();
    assert_ne!(after[0], first);
    let again = json!({"lon": 110.1, "lat": 20.0, "observed_at": "2025-12-31T23:59:30Z", "passability": "impassable"});
    assert_eq!(server.post(&report(again)).status, 201);
    assert!(tags().iter().zip(&after).all(|(now, before)| now != before));
    assert_eq!(server.get_with(paths[0], &[("if-none-match", &after[0])]).status, 200);
    let same = tags();
    for (path, tag) in paths.iter().zip(&same) {
        assert_eq!(server.get_with(path, &[("if-none-match", tag)]).status, 304, "{path}");
    }
}

#[test]
fn navigation_gets_the_stretch_of_the_street_and_warns_where_only_small_cars_are_stopped() {
    let line = vec![at(109.99, 20.0001), at(110.01, 20.0001)];
    let street = Street { id: "s".into(), name: "Dock St".into(), line };
    let small = seen("b", -600, 110.1, Some(Passability::ImpassableSmall));
    let server = Server::seeded(&[Event::Streets(vec![street]), closed("a", -600, 110.0), small]);
    let answer = server.get("/closures/cifs.json");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let feed = answer.json();
    let [a, b] = &feed["incidents"].as_array().unwrap()[..] else { panic!("{feed}") };
    let (a, b) = (&a["incident"], &b["incident"]);
    assert_eq!((&a["type"], &a["subtype"]), (&json!("ROAD_CLOSED"), &json!("ROAD_CLOSED_HAZARD")));
    assert_eq!((&b["type"], &b["subtype"]), (&json!("HAZARD"), &json!("HAZARD_WEATHER_FLOOD")));
    assert_eq!((&a["id"], &a["street"], &a["direction"]), (&json!("i2"), &json!("Dock St"), &json!("BOTH_DIRECTIONS")));
    assert_eq!((&a["starttime"], &a["endtime"]), (&json!("2025-12-31T23:50:00Z"), &json!("2026-01-01T02:50:00Z")));
    let numbers = |entry: &Value| -> Vec<f64> {
        entry["polyline"].as_str().unwrap().split(' ').map(|n| n.parse().unwrap()).collect()
    };
    let line = numbers(a);
    let [south, west, north, east] = line[..] else { panic!("{line:?}") };
    assert!(south == 20.0001 && north == 20.0001 && west < 110.0 && east > 110.0 && east - west < 0.001, "{line:?}");
    assert!(numbers(b).len() == 4 && b["street"] != "", "two positions at least, and some name: {b}");
    let tag = answer.header("etag").to_owned();
    assert_eq!(server.get_with("/closures/cifs.json", &[("if-none-match", &tag)]).status, 304);
    assert!(server.get("/closures/cifs.json?x=1").problem(400).contains("takes none"));
}
