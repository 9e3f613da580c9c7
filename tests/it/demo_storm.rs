//! The demo by its own clock: what is posted now belongs to the city's summer of 2024, and a storm can be let loose.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::program::{TREE, command};
use crate::server::{Server, report};

/// Kills what it holds.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(address: &str, path: &str) -> Value {
    ureq::get(format!("{address}{path}"))
        .call()
        .unwrap()
        .body_mut()
        .with_config()
        .limit(50_000_000)
        .read_json()
        .unwrap()
}

/// The hotspot of this name, by its properties.
fn named(page: &Value, name: &str) -> Value {
    let mut features = page["features"].as_array().unwrap().iter().map(|f| &f["properties"]);
    features.find(|p| p["name"] == name).unwrap_or_else(|| panic!("no {name}")).clone()
}

#[test]
fn the_demo_is_served_with_the_clock_of_its_data() {
    for (city, category, now) in [("nyc-2024", "waterlogging", "2024-06-30T20:00:00-04:00"), ("town", "", "")] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let arguments = ["--data", data, "demo", "--city", city, "--listen", "127.0.0.1:0"];
        let mut demo = command(TREE.as_ref(), &arguments);
        demo.stdout(Stdio::null()).stderr(Stdio::piped());
        let server = Server::of(demo);
        let page = server.get("/api/v1/hotspots?limit=1").json();
        assert!(page["numberMatched"].as_u64().unwrap() > 0, "{city}: {page}");
        if category.is_empty() {
            continue;
        }
        let posted = json!({"category": category, "lon": -73.894, "lat": 40.774, "observed_at": now});
        assert_eq!(server.post(&posted).status, 201, "it belongs to the days of the data");
        let later = json!({"category": category, "lon": -73.894, "lat": 40.774, "observed_at": "2025-01-01T00:00:00Z"});
        assert!(server.post(&later).problem(400).contains("in the future"));
    }
}

#[test]
fn a_storm_over_the_demo_is_posted_over_http_and_its_hotspots_flood_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let arguments = ["--data", data, "demo", "--storm", "--storm-seconds", "2", "--listen", "127.0.0.1:0"];
    let mut child = command(TREE.as_ref(), &arguments);
    let mut running = Running(child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let stderr = BufReader::new(running.0.stderr.take().unwrap());
    let mut lines = stderr.lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.strip_prefix("waterlog listens on ").map(str::to_owned)).unwrap();
    // Somebody has to read on, or the program would wait.
    let log = std::thread::spawn(move || lines.collect::<Vec<_>>().join("\n"));
    let stdout = BufReader::new(running.0.stdout.take().unwrap());
    let mut said = Vec::new();
    for line in stdout.lines().map_while(Result::ok) {
        said.push(line);
        if said.last().unwrap().starts_with("the storm is over") {
            break;
        }
    }
    let said = said.join("\n");
    let begun = said.lines().find(|line| line.contains("a made-up storm begins")).expect(&said);
    let scripted: usize = begun.split(' ').find_map(|word| word.parse().ok()).unwrap();
    assert!((80..=150).contains(&scripted), "{begun}");
    assert!(said.contains(&format!("the storm is over: {scripted} reports posted")), "{said}");
    let minutes = said.lines().filter(|line| line.starts_with("2024-07-01T16:") && line.contains("so far")).count();
    assert!(minutes > 20, "one line a minute: {said}");

    let reports = get(&address, "/layers/reports.geojson?datetime=2024-07-01T16:00:00Z/..");
    let reports: Vec<&Value> = reports["features"].as_array().unwrap().iter().map(|f| &f["properties"]).collect();
    assert_eq!(reports.len(), scripted);
    for report in &reports {
        assert_eq!(report["channel"], "demo_storm");
        assert!(report["observed_at"].as_str().unwrap().starts_with("2024-07-01T16:"), "{report}");
        assert!(report["received_at"].as_str().unwrap().starts_with("2024-07-01T1"), "{report}");
    }
    // 17 occasions, 5 of them in storms, without this one.
    let hotspots = get(&address, "/layers/hotspots.geojson?category=waterlogging");
    let worst = named(&hotspots, "19 Av & 58 St");
    assert_eq!((&worst["occasions"], &worst["occasions_storm"]), (&json!(18), &json!(6)), "{worst}");
    let storms = get(&address, "/layers/storms.geojson?datetime=2024-07-01T16:00:00Z/..");
    let storm = &storms["features"][0]["properties"];
    assert!(storm["depth_mm"].as_f64().unwrap() >= 20.0 && storm["incidents"].as_u64().unwrap() >= 24, "{storm}");
    drop(running);
    let log = log.join().unwrap();
    assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
}

#[test]
fn what_is_posted_now_belongs_to_the_time_the_clock_was_started_at() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--clock", "2024-06-30T23:20:00-04:00"]);
    let now = |at: &str| server.post(&report(json!({"observed_at": at, "lon": -73.9, "lat": 40.7})));
    let posted = now("2024-06-30T23:20:00-04:00");
    assert_eq!(posted.status, 201, "{}", posted.text());
    assert!(now("2024-07-01T00:00:00-04:00").problem(400).contains("here it is 2024-07-01T03:2"));
    assert!(now("2024-05-01T00:00:00-04:00").problem(400).contains("older than 30 days"));
    let report = &server.features("/layers/reports.geojson")[0]["properties"];
    assert_eq!(report["observed_at"], "2024-07-01T03:20:00Z");
    assert!(report["received_at"].as_str().unwrap().starts_with("2024-07-01T03:2"), "{report}");
    assert_eq!(server.get("/layers").json()["as_of"], "2024-07-01T03:20:00Z");
}
