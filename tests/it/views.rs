//! Views: the map at another time, position or rule, beside the live one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use waterlog::hazard::event::Event;

use crate::layers::seen;
use crate::program::{TREE, waterlog};
use crate::server::Server;

/// The demo city, imported and served with the clock of its data.
fn demo(folder: &std::path::Path) -> Server {
    let arguments = ["--data", folder.to_str().unwrap(), "demo", "--no-serve"];
    waterlog(TREE.as_ref(), &arguments).expect_success();
    Server::start_with(folder, &["--clock", "2024-07-01T03:20:00Z"])
}

#[test]
fn a_view_over_http_is_the_view_on_the_command_line_and_the_live_map_stays() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    let live = server.get("/api/v1/hotspots?category=waterlogging&limit=10000").json();
    for (query, set) in [
        ("as_of=2024-04-01T00:00:00-04:00", "as_of=2024-04-01T00:00:00-04:00"),
        ("spacing=200&hotspot_radius=80", "spacing=200 hotspot_radius=80"),
        ("window.waterlogging=2592000&min_occasions=2", "window.waterlogging=2592000 min_occasions=2"),
    ] {
        let view = server.get(&format!("/api/v1/hotspots?limit=10000&{query}")).json();
        let set: Vec<_> = set.split(' ').collect();
        let data = folder.path().to_str().unwrap();
        let arguments = [&["--data", data, "hotspots", "--json", "--set"], &set[..]].concat();
        let said: Value = serde_json::from_str(&waterlog(folder.path(), &arguments).expect_success()).unwrap();
        let of_cli = said["hotspots"].as_array().unwrap().iter();
        let mut of_cli: Vec<_> = of_cli
            .map(|h| (format!("{}:{}", h["category"].as_str().unwrap(), h["site"].as_str().unwrap()), &h["occasions"]))
            .collect();
        let mut of_http: Vec<_> = view["features"].as_array().unwrap().iter().collect::<Vec<_>>();
        of_http.sort_by_key(|f| f["id"].as_str().unwrap().to_owned());
        let of_http: Vec<_> =
            of_http.iter().map(|f| (f["id"].as_str().unwrap().to_owned(), &f["properties"]["occasions"])).collect();
        of_cli.sort_by_key(|(id, _)| id.clone());
        assert!(of_http.len() > 50 && of_http == of_cli, "{query}: {} and {}", of_http.len(), of_cli.len());
    }
    assert_eq!(server.get("/api/v1/hotspots?category=waterlogging&limit=10000").json(), live);
}

#[test]
fn every_list_and_every_single_thing_takes_a_view() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    let count = |path: &str| server.get(path).json()["numberMatched"].as_u64().unwrap();
    for layer in ["reports", "incidents", "hotspots", "storms"] {
        let (now, then) =
            (count(&format!("/api/v1/{layer}")), count(&format!("/api/v1/{layer}?as_of=2024-03-01T00:00:00Z")));
        assert!(then > 0 && then < now, "{layer}: {then} of {now}");
        let file = count(&format!("/layers/{layer}.geojson?as_of=2024-03-01T00:00:00Z"));
        assert_eq!(file, then, "{layer}");
        assert_eq!(count(&format!("/api/v1/{layer}?position=0")), 0, "{layer}");
    }
    let report = server.features("/layers/reports.geojson?limit=1")[0]["id"].as_str().unwrap().to_owned();
    let before = server.get(&format!("/api/v1/reports/{report}?as_of=2023-01-01T00:00:00Z"));
    assert!(before.problem(404).contains("no report"));
    let hotspot = server.features("/layers/hotspots.geojson?limit=1")[0]["id"].as_str().unwrap().to_owned();
    let then = server.get(&format!("/api/v1/hotspots/{hotspot}?as_of=2024-03-01T00:00:00Z"));
    assert_eq!((then.status, &then.json()["as_of"]), (200, &json!("2024-03-01T00:00:00Z")));
}

/// So many reports on a small square, each at a spot of its own, so that wide radii make much work.
fn crowd(reports: usize) -> Vec<Event> {
    let one = |i: usize| {
        let (x, y) = ((i * 7_919 % 1_000) as f64, ((i * 104_729 + i / 1_000 * 313) % 1_000) as f64);
        Event::Report(seen(&format!("r{i}"), 1_700_000_000 + i as i64 * 3_600, 110.3 + x * 3e-5, 20.0 + y * 3e-5))
    };
    (0..reports).map(one).collect()
}

#[test]
fn five_hundred_views_at_once_are_answered_or_told_to_come_back_and_the_service_stays() {
    let server = Server::seeded(&crowd(3_000));
    let address = server.address.trim_start_matches("http://").to_owned();
    let asked: Vec<_> = (0..500)
        .map(|i| {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            let path = format!("/api/v1/hotspots?limit=1&spacing={}", 200 + i);
            write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
            stream
        })
        .collect();
    assert_eq!(server.post(&crate::server::report(json!({}))).status, 201, "reports are taken meanwhile");
    let (mut answered, mut busy) = (0, 0);
    for mut stream in asked {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        if answer.starts_with("HTTP/1.1 200") {
            answered += 1;
        } else {
            assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
            assert!(answer.contains("retry-after: 1") && answer.contains("try again in a moment"), "{answer}");
            busy += 1;
        }
    }
    assert!(answered >= 16 && busy > 0, "{answered} answered, {busy} told to come back");
    assert_eq!(server.get("/readyz").json()["position"], 3_001);
    let most = server.most_memory_mb();
    assert!((1..400).contains(&most), "{most} MB");
    assert_eq!(server.get("/api/v1/hotspots?limit=1&spacing=700").status, 200);
}

/// How many views the service has worked out.
fn worked_out(server: &Server) -> u64 {
    let metrics = server.get("/metrics").text();
    let line = metrics.lines().find_map(|line| line.strip_prefix("waterlog_views_total "));
    line.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap()
}

#[test]
fn the_same_view_is_worked_out_once_for_all_who_ask_for_it() {
    let server = Server::seeded(&crowd(3_000));
    let path = "/api/v1/hotspots?limit=1&spacing=300";
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..20).map(|_| scope.spawn(|| server.get(path).text())).collect();
        let answers: Vec<String> = asked.into_iter().map(|asked| asked.join().unwrap()).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0] && answer.contains("numberMatched")));
    });
    assert_eq!(worked_out(&server), 1);
    assert_eq!(server.get(path).status, 200);
    assert_eq!(worked_out(&server), 1, "it is kept");
    assert_eq!(server.get("/api/v1/hotspots?limit=1&spacing=301").status, 200);
    assert_eq!(worked_out(&server), 2, "another rule");
    server.post(&crate::server::report(json!({})));
    assert_eq!(server.get(path).status, 200);
    assert_eq!(worked_out(&server), 3, "another position");
}

#[test]
fn a_view_whose_client_has_left_is_given_up() {
    let server = Server::seeded(&crowd(20_000));
    let address = server.address.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(stream, "GET /api/v1/hotspots?hotspot_radius=10000&spacing=10000 HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(!server.log().contains("given up"), "{}", server.log());
    drop(stream);
    server.until("the view is given up", || server.log().contains("nobody waits for it any more"));
}
