//! Rain at several gauges and water levels, over HTTP and on the command line.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use waterlog::hazard::event::{Event, Gauge, GaugeRain, Levels, RainInterval, Reading, Station};
use waterlog::hazard::position::Position;

use crate::layers::{T0, seen};
use crate::program::{demo, folder_with_demo, waterlog};
use crate::server::Server;

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;

fn gauge(id: &str, lon: f64) -> Gauge {
    Gauge { id: id.into(), position: Position::new(lon, 20.0).unwrap(), name: Some(format!("Gauge {id}")) }
}

fn hours(gauge: &str, first: i64, mm: &[i64]) -> Event {
    let hour = |(n, &mm): (usize, &i64)| RainInterval {
        start: T0 + (first + n as i64) * HOUR_S,
        seconds: HOUR_S,
        depth_um: Some(mm * 1_000),
    };
    Event::GaugeRain(GaugeRain { gauge: gauge.into(), intervals: mm.iter().enumerate().map(hour).collect() })
}

/// It rains in the east of the city and is dry in the west, 20 km away; somebody reports from either, and from afar.
fn city() -> Vec<Event> {
    let rain = [[0; 12], [0, 6, 9, 3, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    vec![
        Event::Gauges(vec![gauge("west", 110.1), gauge("east", 110.3), gauge("lost", 0.0)]),
        hours("east", 0, &rain),
        hours("west", 0, &[0; 24]),
        hours("lost", 12, &[0, 5, 2]),
        Event::Report(seen("e", 14 * HOUR_S, 110.31, 20.0)),
        Event::Report(seen("w", 14 * HOUR_S, 110.11, 20.0)),
        Event::Report(seen("far", 14 * HOUR_S, 112.0, 20.0)),
        Event::Report(seen("late", 3 * DAY_S, 110.11, 20.0)),
    ]
}

fn get(server: &Server, path: &str) -> Value {
    let answer = server.get(path);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn an_incident_has_the_weather_of_its_nearest_gauge_and_says_what_is_missing_where_none_is_in_reach() {
    let server = Server::seeded(&city());
    let incident = |id: &str| get(&server, &format!("/api/v1/incidents/{id}"));
    let of = |i: &Value| {
        [&i["properties"]["weather"], &i["gauge"], &i["storm_id"]].map(|v| v.as_str().unwrap_or("-").to_owned())
    };
    let east = incident("i5");
    assert_eq!(of(&east), ["storm", "east", "east:20240101T130000Z"]);
    assert_eq!((&east["gauge_name"], &east["weather_missing"]), (&json!("Gauge east"), &Value::Null));
    assert!((east["gauge_distance_m"].as_f64().unwrap() - 1_044.9).abs() < 1.0, "{east}");
    assert_eq!(of(&incident("i6")), ["none", "west", "-"]);
    let far = incident("i7");
    assert_eq!(of(&far), ["unknown", "-", "-"]);
    let missing = "the nearest gauge, east, is 177.6 km away; gauges count up to 25 km (gauge_reach)";
    assert_eq!(far["weather_missing"], missing);
    // Not for want of a gauge, but of its measurements.
    let late = incident("i8");
    assert_eq!(of(&late), ["unknown", "west", "-"]);
    assert_eq!(
        late["weather_missing"],
        "gauge west measured 0 of the 24 h before; dry weather needs 12 h (rain_cover)"
    );
    let reach = get(&server, "/api/v1/incidents/i7?gauge_reach=200000");
    assert_eq!(
        (of(&reach), &reach["parameters"]["gauge_reach"]),
        (["storm", "east", "east:20240101T130000Z"].map(String::from), &json!(200_000.0))
    );
    assert!(server.get("/api/v1/incidents/i7?gauge_reach=1000001").problem(400).contains("[0, 1000000] metres"));
}

#[test]
fn storms_are_cut_at_each_gauge_and_lie_there() {
    let server = Server::seeded(&city());
    let storms = server.features("/api/v1/storms");
    let ids: Vec<_> = storms.iter().map(|s| s["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["east:20240101T130000Z", "lost:20240101T130000Z"]);
    let east = json!({
        "gauge": "east", "start": "2024-01-01T13:00:00Z", "end": "2024-01-01T16:00:00Z", "duration_s": 10_800,
        "depth_mm": 18.0, "peak_10min_mm_h": null, "peak_1h_mm_h": 9.0, "peak_3h_mm_h": 6.0, "incidents": 1, "hotspots": 0,
    });
    assert_eq!((&storms[0]["properties"], &storms[0]["geometry"]["coordinates"]), (&east, &json!([110.3, 20.0])));
    assert_eq!(server.ids("/api/v1/storms?gauge=lost"), ["lost:20240101T130000Z"]);
    assert_eq!(server.ids("/api/v1/storms?bbox=110,19,111,21"), ["east:20240101T130000Z"]);
    assert_eq!(server.ids("/ogc/collections/storms/items?gauge=east"), ["east:20240101T130000Z"]);
    assert_eq!(server.ids("/api/v1/storms?gauge=nobody"), [""; 0]);
    assert_eq!(server.get("/ogc/collections/storms/items/east:20240101T130000Z").status, 200);
    assert!(server.get("/api/v1/reports?gauge=east").problem(400).contains("unknown query parameter"));
}

#[test]
fn the_timeline_shows_the_mean_and_the_largest_of_all_gauges_or_one_of_them() {
    let server = Server::seeded(&city());
    let timeline = |query: &str| {
        get(&server, &format!("/api/v1/timeline?step=hour&datetime=2024-01-01T12:00:00Z/2024-01-01T14:59:59Z{query}"))
    };
    let all = timeline("");
    assert_eq!(all["rain_mm"], json!([0.0, 3.667, 3.667]));
    assert_eq!((&all["rain_mm_max"], &all["gauge"]), (&json!([0.0, 6.0, 9.0]), &Value::Null));
    let east = timeline("&gauge=east");
    assert_eq!(
        (&east["rain_mm"], &east["rain_mm_max"], &east["gauge"]),
        (&json!([0.0, 6.0, 9.0]), &Value::Null, &json!("east"))
    );
    let told = server.get("/api/v1/timeline?gauge=north").problem(400);
    assert!(told.contains("known are city, west, east, lost"), "{told}");
}

#[test]
fn the_list_of_gauges_says_what_each_holds_and_what_can_be_doubted() {
    let server = Server::seeded(&city());
    let gauges = server.features("/api/v1/gauges");
    let ids: Vec<_> = gauges.iter().map(|g| g["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["west", "east", "lost"]);
    let east = &gauges[1]["properties"];
    assert_eq!(
        (&east["intervals"], &east["measured_share"], &east["depth_mm"]),
        (&json!(24), &json!(1.0), &json!(18.0))
    );
    assert_eq!((&east["storms"], &east["doubts"]), (&json!(1), &json!([])));
    let lost = &gauges[2]["properties"]["doubts"];
    assert_eq!((&lost[0]["code"], &lost[1]), (&json!("far_from_reports"), &Value::Null));
    assert!(lost[0]["text"].as_str().unwrap().contains("within 25 km"), "{lost}");
    // Before its first interval ended, a gauge had measured nothing.
    let before = server.features("/api/v1/gauges?as_of=2024-01-01T12:30:00Z");
    assert_eq!(before[2]["properties"]["doubts"][0]["code"], "no_rain");
    let page = get(&server, "/api/v1/gauges?limit=2");
    assert_eq!((&page["numberMatched"], &page["numberReturned"]), (&json!(3), &json!(2)));
    let next = page["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next").unwrap();
    assert_eq!(server.ids(next["href"].as_str().unwrap()), ["lost"]);
    assert!(server.get("/api/v1/gauges?bbox=1,2,3,4").problem(400).contains("known are limit, cursor, position"));
}

#[test]
fn rain_of_the_demo_is_not_doubted_and_moved_by_hours_it_is_in_the_list_and_on_the_command_line() {
    let folder = folder_with_demo();
    let data = folder.path().join("city");
    let data = data.to_str().unwrap();
    let text = fs::read_to_string(demo("rain.csv")).unwrap();
    let import = |moved_h: i64| {
        let _ = fs::remove_dir_all(data);
        let line = |line: &str| {
            let (start, rest) = line.split_once(',').unwrap();
            // The header, and the one row whose start is no time, stay as they are.
            let at = start.parse::<i64>().ok().filter(|at| *at < i64::from(u32::MAX));
            let start = at.map_or(start.to_owned(), |at| (at + moved_h * HOUR_S).to_string());
            format!("{start},{rest}\n")
        };
        let rain = folder.path().join("moved.csv");
        fs::write(&rain, text.lines().map(line).collect::<String>()).unwrap();
        let arguments = ["--data", data, "import", "reports.csv", "--rain", "moved.csv", "--mapping", "nyc-2024"];
        waterlog(folder.path(), &arguments).expect_success();
        waterlog(folder.path(), &["--data", data, "gauges"]).expect_success()
    };
    assert!(!import(0).contains("shifted"));
    let said = import(8);
    assert!(said.contains("shifted: the floods follow its storms better if its rain fell about 9 h earlier"), "{said}");
    let said = import(-5);
    assert!(said.contains("shifted: the floods follow its storms better if its rain fell about 4 h later"), "{said}");
    let gauges = Server::start_with(data.as_ref(), &[]).features("/api/v1/gauges");
    let doubts = gauges[0]["properties"]["doubts"].as_array().unwrap();
    let shifted = doubts.iter().find(|doubt| doubt["code"] == "shifted").unwrap();
    assert!(shifted["text"].as_str().unwrap().contains("are its times in another zone?"), "{shifted}");
}

#[test]
fn water_levels_stand_beside_the_rain_and_change_nothing() {
    let position = Position::new(110.3, 20.1).unwrap();
    let pier = Station { id: "pier".into(), position, name: Some("Pier".into()), datum: Some("1985".into()) };
    let reading = |h: i64, level_mm| Reading { at: T0 + h * 1_800, level_mm };
    let levels = Levels {
        station: "pier".into(),
        readings: vec![reading(24, 500), reading(25, 1_500), reading(28, -250), reading(999, 1)],
    };
    let further = [Event::Stations(vec![pier]), Event::Levels(levels)];
    let server = Server::seeded(&[city(), further.to_vec()].concat());
    let without = Server::seeded(&city());
    assert_eq!(server.features("/api/v1/incidents"), without.features("/api/v1/incidents"));
    let timeline =
        get(&server, "/api/v1/timeline?step=hour&datetime=2024-01-01T12:00:00Z/2024-01-01T14:59:59Z&level=pier");
    let expected = json!({"station": "pier", "name": "Pier", "datum": "1985", "level_m_mean": [1.0, null, -0.25], "level_m_max": [1.5, null, -0.25]});
    assert_eq!(timeline["level"], expected);
    assert!(get(&server, "/api/v1/timeline")["level"].is_null());
    let station = &server.features("/api/v1/levels")[0];
    assert_eq!(station["geometry"]["coordinates"], json!([110.3, 20.1]));
    let expected = json!({
        "name": "Pier", "datum": "1985", "readings": 3, "start": "2024-01-01T12:00:00Z", "end": "2024-01-01T14:00:00Z",
        "level_m_last": -0.25, "level_m_min": -0.25, "level_m_max": 1.5,
    });
    assert_eq!(station["properties"], expected);
    assert!(server.get("/api/v1/timeline?level=weir").problem(400).contains("known are pier"));
}

#[test]
fn logs_from_before_there_were_gauges_are_read_and_new_events_have_names_of_their_own() {
    let old: Event =
        serde_json::from_str(r#"{"rain":[{"start":0,"seconds":60,"depth_um":1},{"start":60,"seconds":60}]}"#).unwrap();
    assert!(matches!(&old, Event::Rain(intervals) if intervals.len() == 2));
    for event in city() {
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        let name = text.split('"').nth(1).unwrap();
        assert!(["gauges", "gauge_rain", "report"].contains(&name), "{text}");
    }
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    waterlog(folder, &[&["--data", "city"], arguments].concat()).expect_success()
}

#[test]
fn a_table_of_gauges_and_one_of_levels_are_imported_once_and_their_doubts_are_told_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let mut rain = "gauge,lon,lat,name,start,seconds,mm\n".to_owned();
    for h in 0..200 {
        rain += &format!("up,110.3,20,Up,{},3600,{}\n", h * HOUR_S, h / 2);
        rain += &format!("ok,110.4,20,,{},3600,{}\n", h * HOUR_S, if h % 50 == 9 { "7.5" } else { "0" });
    }
    rain +=
        "ok,110.4,20,,0,3600,9\nok,110.4,20,,1800,600,0\nok,110.4,20,,9000000,3600,900\nok,110.4,20,,9000000,3600,-1\n";
    file("rain.csv", &rain);
    file("tide.csv", "time,level_m\n2024-01-01T00:00:00+08:00,0.5\n2024-01-01T01:00:00+08:00,0.7\n");
    let said = run(
        folder.path(),
        &["import", "--rain", "rain.csv", "--level", "tide.csv", "--station", "pier", "--at", "110.3,20.1"],
    );
    assert!(
        said.contains("rain.csv: 404 rain intervals: 400 new, 0 known, 4 rejected (see rain.csv.rejects.csv)"),
        "{said}"
    );
    assert!(
        said.contains(
            "rain.csv:402:14: start \"0\": overlaps the 3600 s from 1970-01-01T00:00:00Z of line 3 (2 such rows)"
        ),
        "{said}"
    );
    assert!(said.contains("rain.csv:404:27: mm \"900\": more rain than was ever measured"), "{said}");
    assert!(
        said.contains("rain.csv:8:") && said.contains("gauge up: of ") && said.contains("(running_total)"),
        "{said}"
    );
    assert!(said.contains("rain.csv: depths were read as mm, times as unix seconds"), "{said}");
    assert!(said.contains("tide.csv: 2 levels: 2 new, 0 known, 0 rejected"), "{said}");
    let again = run(folder.path(), &["import", "--rain", "rain.csv", "--level", "tide.csv", "--station", "pier"]);
    assert!(again.contains("0 new, 400 known") && again.contains("0 new, 2 known"), "{again}");

    let told = run(folder.path(), &["gauges", "--set", "as_of=2024-01-01T00:00:00Z"]);
    assert!(
        told.contains("ok at 110.4,20\n  1970-01-01T00:00:00Z to 1970-01-09T08:00:00Z: 200 intervals, 100.0 %"),
        "{told}"
    );
    assert!(told.contains("up (Up) at 110.3,20") && told.contains("  running_total: of "), "{told}");
    let json: Value = serde_json::from_str(&run(folder.path(), &["gauges", "--json"])).unwrap();
    assert_eq!(json["features"].as_array().unwrap().len(), 2);
    let verified = run(folder.path(), &["verify"]);
    assert!(verified.contains("one map"), "{verified}");
}

#[test]
fn rain_that_does_not_say_where_it_fell_is_refused_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.csv"), "start,seconds,in\n0,3600,0.1\n").unwrap();
    let import =
        |more: &[&str]| waterlog(folder.path(), &[&["--data", "city", "import", "--rain", "r.csv"], more].concat());
    assert!(import(&["--at", "110,20"]).expect_failure().contains("give its id"));
    let said = import(&["--gauge", "g"]).expect_success();
    assert!(said.contains("1 rejected") && said.contains("give lon and lat, or --at"), "{said}");
    assert!(import(&["--gauge", "g", "--at", "20"]).stderr.contains("LON,LAT"));
    let said = import(&["--gauge", "g", "--at", "-74.5,40"]).expect_success();
    assert!(said.contains("1 new") && said.contains("read as inches"), "{said}");
    let said = import(&["--gauge", "g", "--rain-unit", "mm"]).expect_success();
    assert!(said.contains("1 rejected") && said.contains("loaded already"), "{said}");
}
