//! A position in another datum is converted once, at whichever door it comes in, and kept as it was given.

use std::path::Path;

use serde_json::{Value, json};

use crate::ogc_edit::{change, tag};
use crate::people::{add, key};
use crate::program::waterlog;
use crate::server::{Answer, Server, report};
use crate::trace::trace;

/// A crossing in Haikou, and the same in the two datums by their published formulas; the last three digits are below a
/// tenth of a millimetre.
const HERE: (f64, f64) = (110.331_2, 20.014_8);
const SHIFTED: [(&str, f64, f64); 2] =
    [("gcj02", 110.335_569_998_934, 20.012_767_201_016), ("bd09", 110.342_108_956_159, 20.018_441_526_991)];

struct Door {
    dir: tempfile::TempDir,
    server: Server,
    key: String,
}

impl Door {
    fn open() -> Door {
        let dir = tempfile::tempdir().unwrap();
        drop(waterlog::store::Store::open(dir.path()).unwrap());
        add(dir.path(), "li.na", "grid_worker", &[]);
        let key = format!("Bearer {}", key(dir.path(), "li.na", &["read", "report", "act"]));
        let server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
        Door { dir, server, key }
    }

    fn post(&self, path: &str, body: &str, kind: &str) -> Answer {
        self.server.post_at(path, body.as_bytes(), &[("content-type", kind), ("authorization", &self.key)])
    }

    /// Ends the service, and looks where its reports have come to and what was kept of them.
    fn expect(self, ids: &[(String, &str, f64, f64)]) {
        for (id, ..) in ids {
            let at = self.server.get(&format!("/api/v1/reports/{id}")).json()["geometry"]["coordinates"].clone();
            assert_eq!(near(&at), HERE, "{id}: {at}");
        }
        drop(self.server);
        for (id, datum, lon, lat) in ids {
            expect_original(self.dir.path(), id, datum, *lon, *lat);
        }
    }
}

/// To a tenth of a metre.
fn near(at: &Value) -> (f64, f64) {
    let rounded = |i: usize| (at[i].as_f64().unwrap() * 1e6).round() / 1e6;
    (rounded(0), rounded(1))
}

fn expect_original(data: &Path, id: &str, datum: &str, lon: f64, lat: f64) {
    let (told, text) = trace(data, id);
    let report = &told["log"][0]["event"]["report"];
    assert_eq!(report["original"], json!({"datum": datum, "lon": lon, "lat": lat}), "{told}");
    assert!(text.contains(&format!("given as {datum}")) || text.contains("converted once"), "{text}");
}

#[test]
fn whatever_door_a_position_comes_in_by_it_is_converted_once_and_kept_as_it_was_given() {
    let door = Door::open();
    let mut all = Vec::new();
    let mut came = |answer: Answer, of: &dyn Fn(&Value) -> Value, (datum, lon, lat): (&'static str, f64, f64)| {
        assert!([200, 201].contains(&answer.status), "{datum}: {}", answer.text());
        let line = serde_json::from_str(answer.text().lines().next().unwrap()).unwrap();
        all.push((of(&line).as_str().unwrap().to_owned(), datum, lon, lat));
    };
    for (n, one) in SHIFTED.into_iter().enumerate() {
        let (datum, lon, lat) = one;
        // Each is another matter, so that none says more of another.
        let of = |category: &str| {
            json!({"lon": lon, "lat": lat, "datum": datum, "category": category,
            "source": {"channel": "app", "id": format!("{category}{n}")}})
        };
        let (placed_as, said) = [("obstruction", "积水30厘米"), ("traffic_safety", "井盖丢失")][n];
        let own = |answer: &Value| answer["id"].clone();
        let alone = report(of(["waterlogging", "sanitation"][n])).to_string();
        came(door.post("/api/v1/reports", &alone, "application/json"), &own, one);
        // A retry, in the same words, is the same report.
        let again = door.post("/api/v1/reports", &alone, "application/json");
        assert_eq!((again.status, again.json()["seq"].clone()), (201, json!(1 + 5 * n)), "{}", again.text());
        let line = report(of(["manhole", "other"][n])).to_string();
        came(door.post("/api/v1/reports", &line, "application/x-ndjson"), &own, one);
        let mut placed = report(json!({"category": placed_as,
            "positions": [{"source": "device", "lon": lon, "lat": lat, "datum": datum, "accuracy_m": 9}]}));
        placed.as_object_mut().unwrap().retain(|name, _| name != "lon" && name != "lat");
        came(door.post("/api/v1/reports", &placed.to_string(), "application/json"), &own, one);
        let form = format!("service_code={}&long={lon}&lat={lat}&datum={datum}", ["road_damage", "blocked_drain"][n]);
        let form = door.post("/open311/v2/requests.json", &form, "application/x-www-form-urlencoded");
        came(form, &|answer| answer[0]["service_request_id"].clone(), one);
        let message = json!({"text": said, "at": "2025-12-31T20:00:00+08:00",
            "positions": [{"source": "device", "lon": lon, "lat": lat, "datum": datum, "accuracy_m": 9}]});
        let message = door.post("/api/v1/messages", &message.to_string(), "application/json");
        came(message, &|answer| answer["reports"][0]["id"].clone(), one);
    }
    let wrong = door.post(
        "/open311/v2/requests.json",
        "service_code=manhole&long=110&lat=20&datum=utm",
        "application/x-www-form-urlencoded",
    );
    assert!(
        wrong.status == 400 && wrong.text().contains(r#"datum \"utm\": known are wgs84, gcj02, bd09"#),
        "{}",
        wrong.text()
    );
    assert_eq!(all.len(), 10);
    door.expect(&all);
}

#[test]
fn what_waited_and_was_put_on_the_map_by_hand_is_converted_once_too() {
    let door = Door::open();
    let mut all = Vec::new();
    for (datum, lon, lat) in SHIFTED {
        let text = ["门口积水30厘米", "门口井盖丢失"][usize::from(datum == "bd09")];
        let waits = door.post("/api/v1/messages", &json!({"text": text}).to_string(), "application/json");
        assert_eq!(waits.status, 202, "{}", waits.text());
        let id = waits.json()["inbox"]["id"].as_str().unwrap().to_owned();
        let by_hand = json!({"lon": lon, "lat": lat, "datum": datum}).to_string();
        let made = door.post(&format!("/api/v1/inbox/{id}/report"), &by_hand, "application/json");
        assert_eq!(made.status, 201, "{}", made.text());
        all.push((id, datum, lon, lat));
    }
    // One whose position was told with the message, and only its place in time is missing.
    let (datum, lon, lat) = SHIFTED[0];
    let body = json!({"text": "路面塌陷", "at": "2023-01-01T00:00:00Z",
        "positions": [{"source": "device", "lon": lon, "lat": lat, "datum": datum, "accuracy_m": 9}]});
    let waits = door.post("/api/v1/messages", &body.to_string(), "application/json");
    let id = waits.json()["inbox"]["id"].as_str().unwrap().to_owned();
    let by_hand = json!({"observed_at": "2025-12-31T00:00:00Z"}).to_string();
    let made = door.post(&format!("/api/v1/inbox/{id}/report"), &by_hand, "application/json");
    assert_eq!(made.status, 201, "{}", made.text());
    all.push((id, datum, lon, lat));
    door.expect(&all);
}

#[test]
fn a_file_says_its_datum_in_its_mapping_and_the_same_file_again_moves_nothing() {
    for (datum, lon, lat) in SHIFTED {
        let folder = tempfile::tempdir().unwrap();
        let mapping = include_str!("../../data/mappings/plain.toml")
            .replace("datum = \"wgs84\"", &format!("datum = \"{datum}\""));
        std::fs::write(folder.path().join("m.toml"), mapping).unwrap();
        let row = format!("id,category,lon,lat,observed_at\na,waterlogging,{lon},{lat},2025-12-21T09:10:00+08:00\n");
        std::fs::write(folder.path().join("r.csv"), row).unwrap();
        let import =
            || waterlog(folder.path(), &["--data", "city", "import", "--mapping", "m.toml", "r.csv"]).expect_success();
        assert!(import().contains("1 reports new"), "{datum}");
        assert!(import().contains("0 reports new, 1 known"), "{datum}");
        let data = folder.path().join("city");
        let server = Server::start_with(&data, &[]);
        let feature = server.features("/api/v1/reports")[0].clone();
        assert_eq!(near(&feature["geometry"]["coordinates"]), HERE, "{datum}: {feature}");
        drop(server);
        expect_original(&data, feature["id"].as_str().unwrap(), datum, lon, lat);
    }
}

#[test]
fn a_report_that_is_corrected_stays_where_it_was_converted_to_and_what_lies_abroad_is_not_shifted() {
    let Door { dir: _dir, server, key } = Door::open();
    let (datum, lon, lat) = SHIFTED[0];
    let posted = server.post(&report(json!({"lon": lon, "lat": lat, "datum": datum})));
    let id = posted.json()["id"].as_str().unwrap().to_owned();
    let before = server.features("/api/v1/reports")[0]["geometry"].clone();
    let known = tag(&server, &id);
    let by = [("authorization", &*key), ("if-match", &*known)];
    let changed = change(&server, "PATCH", &id, &by, &json!({"properties": {"depth_cm": 40}}));
    assert_eq!(changed.status, 200, "{}", changed.text());
    let now = server.features("/api/v1/reports");
    assert_eq!(
        (now.len(), &now[0]["geometry"], &now[0]["properties"]["depth_cm"]),
        (1, &before, &json!(40)),
        "{now:?}"
    );
    for (lon, lat) in [(114.172, 22.281), (121.562, 25.033), (-73.894, 40.774)] {
        for datum in ["gcj02", "bd09"] {
            let taken = server.post(&report(json!({"lon": lon, "lat": lat, "datum": datum})));
            let id = taken.json()["id"].as_str().unwrap().to_owned();
            let at = server.get(&format!("/api/v1/reports/{id}")).json()["geometry"]["coordinates"].clone();
            assert_eq!(at, json!([lon, lat]), "{datum}");
        }
    }
}

#[test]
fn places_works_and_areas_of_a_map_of_china_lie_where_they_are() {
    for (datum, lon, lat) in SHIFTED {
        let (dir, here) = (tempfile::tempdir().unwrap(), format!("{lon},{lat}"));
        let corner = |east: f64, north: f64| format!("[{},{}]", lon + east, lat + north);
        let ring = [(0.0, 0.0), (0.002, 0.0), (0.002, 0.002), (0.0, 0.0)].map(|(east, north)| corner(east, north));
        let files = [
            ("places.csv", format!("id,lon,lat,name\np,{here},豪苑路\n")),
            (
                "points.geojson",
                format!(
                    r#"{{"type":"Feature","id":"g","geometry":{{"type":"Point","coordinates":[{here}]}},"properties":{{}}}}"#
                ),
            ),
            ("works.csv", format!("id,lon,lat,start\nw,{here},2024-01-01T00:00:00Z\n")),
            (
                "lines.geojson",
                format!(
                    r#"{{"type":"Feature","id":"l","geometry":{{"type":"LineString","coordinates":[[{here}],{}]}},"properties":{{"start":5}}}}"#,
                    corner(0.001, 0.001)
                ),
            ),
            (
                "areas.geojson",
                format!(
                    r#"{{"type":"Feature","geometry":{{"type":"Polygon","coordinates":[[{}]]}},"properties":{{"id":"a","level":"city"}}}}"#,
                    ring.join(",")
                ),
            ),
        ];
        for (name, text) in &files {
            let text = if name.ends_with("geojson") {
                format!(r#"{{"type":"FeatureCollection","features":[{text}]}}"#)
            } else {
                text.clone()
            };
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let import = |args: &[&str]| {
            waterlog(dir.path(), &[&["--data", "city", "import", "--datum", datum], args].concat()).expect_success()
        };
        import(&["--places", "places.csv", "--works", "works.csv", "--areas", "areas.geojson"]);
        import(&["--places", "points.geojson", "--works", "lines.geojson"]);
        // The same file again is nothing new.
        let again = import(&["--places", "places.csv"]);
        assert!(again.contains("0 new, 1 known"), "{again}");
        let server = Server::start_with(&dir.path().join("city"), &[]);
        for (layer, features) in [("places", 2), ("works", 2), ("areas", 1)] {
            let file = server.get(&format!("/layers/{layer}.geojson")).json();
            let all = file["features"].as_array().unwrap();
            assert_eq!(all.len(), features, "{datum}: {file}");
            for one in all {
                let mut first = &one["geometry"]["coordinates"];
                while first[0].is_array() {
                    first = &first[0];
                }
                assert_eq!(near(first), HERE, "{datum}: {one}");
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let refused = waterlog(folder.path(), &["import", "--datum", "gcj-02", "--places", "p.csv"]);
    assert!(refused.code == Some(2) && refused.stderr.contains("known are wgs84, gcj02, bd09"), "{refused:?}");
}
