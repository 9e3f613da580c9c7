//! Bad input over HTTP: each is refused with a problem that names field, value and reason, and keeps nothing.

use serde_json::{Value, json};

use crate::server::{Answer, Server, report};

/// Checks that a problem with field, value and reason says this.
fn says(answer: &Answer, field: &str, value: &str, reason: &str) {
    says_with(answer, 400, field, value, reason);
}

/// The same, with another status.
fn says_with(answer: &Answer, status: u16, field: &str, value: &str, reason: &str) {
    answer.problem(status);
    let problem = answer.json();
    let of = |name: &str| problem[name].as_str().unwrap_or_else(|| panic!("no {name}: {problem}")).to_owned();
    assert_eq!(of("field"), field, "{problem}");
    assert!(of("value").starts_with(value) && of("reason").contains(reason), "{problem}");
}

#[test]
fn a_report_that_is_wrong_is_refused_by_field_value_and_reason() {
    let server = Server::start();
    for (changes, field, value, reason) in [
        (json!({"lat": 91}), "lat", "91", "not a latitude in [-90, 90] degrees"),
        (json!({"lon": 20.0148, "lat": 110.3312}), "lat", "110.3312", "looks like lat,lon: swap the axes"),
        (json!({"lon": 1e308}), "lon", "1", "not a longitude in [-180, 180] degrees"),
        (json!({"lat": "NaN"}), "lat", "NaN", "not a number"),
        (json!({"observed_at": null}), "observed_at", "", "missing"),
        (json!({"observed_at": "2025-10-21T09:10:00"}), "observed_at", "2025", "time without offset: add Z or +hh:mm"),
        (json!({"observed_at": "yesterday"}), "observed_at", "yesterday", "write RFC 3339 with offset like"),
        // The server's clock is set to 2026-01-01T00:00:00Z.
        (json!({"observed_at": "2026-01-01T01:00:00Z"}), "observed_at", "2026", "more than 10 minutes in the future"),
        (json!({"observed_at": "2025-12-01T23:59:59Z"}), "observed_at", "2025-12", "older than 30 days: import it"),
        (json!({"category": "flood"}), "category", "flood", "unknown; known are waterlogging, blocked_drain"),
        (json!({"text": "水".repeat(4_001)}), "text", "水", "4001 characters; at most 4000 are taken"),
        (json!({"latitude": 20}), "latitude", "20", "unknown field; known are category, lon, lat"),
        (json!({"passability": "wet"}), "passability", "wet", "known are clear, slow, impassable_small, impassable"),
        (json!({"datum": "utm"}), "datum", "utm", "known are wgs84, gcj02, bd09"),
    ] {
        says(&server.post(&report(changes)), field, value, reason);
    }
    assert_eq!(server.get("/readyz").json()["position"], 0);
}

#[test]
fn a_body_that_is_no_json_is_refused_with_line_and_column() {
    let server = Server::start();
    let post = |body: &[u8]| server.post_with(body, &[("content-type", "application/json")]);
    says(&post(b""), "body", "", "empty; a JSON object was expected");
    says(&post(b"{\"lat\": 20,\n \"lon\": NaN}"), "body", " \"lon\": NaN}", "line 2 column");
    says(&post(b"{\"text\": \"\xff\"}"), "body", "{\"text\": \"", "line 1 column");
    says(&post(b"[]"), "body", "[]", "not a JSON object");
    says(&post(b"{\"lat\": 20, \"lon\": 110, \"lat\": 21}"), "lat", "21", "given twice");
    says(&post(&[b"[".repeat(90_000), b"]".repeat(90_000)].concat()), "body", "[", "recursion limit");
}

#[test]
fn a_body_of_another_type_or_too_large_is_refused() {
    let server = Server::start();
    let body = report(json!({})).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let answer = server.post_with(body.as_bytes(), &[("content-type", kind)]);
        says_with(&answer, 415, "Content-Type", kind, "a report is sent as application/json");
    }
    let zipped = [("content-type", "application/json"), ("content-encoding", "gzip")];
    says_with(&server.post_with(body.as_bytes(), &zipped), 415, "Content-Encoding", "gzip", "a body is sent as it is");
    let utf8 = [("content-type", "application/json; charset=utf-8")];
    assert_eq!(server.post_with(body.as_bytes(), &utf8).status, 201);
    let padded = |bytes: usize| body.clone() + &" ".repeat(bytes - body.len());
    assert_eq!(server.post_with(padded(1_000_000).as_bytes(), &utf8).status, 201);
    let answer = server.post_with(padded(1_000_001).as_bytes(), &utf8);
    says_with(&answer, 413, "body", "1000001 bytes", "more than 1000000 bytes; send one report at a time");
}

#[test]
fn a_body_without_length_is_cut_at_the_limit_too() {
    use std::io::{Read, Write};
    let server = Server::start();
    let mut stream = std::net::TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
    let head = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n";
    write!(stream, "{head}transfer-encoding: chunked\r\n\r\n").unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 500_000, " ".repeat(500_000));
    for _ in 0..3 {
        stream.write_all(chunk.as_bytes()).unwrap();
    }
    write!(stream, "0\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[test]
fn a_query_that_is_wrong_is_refused_by_name() {
    let server = Server::start();
    for (query, field, value, reason) in [
        (
            "bbx=1,2,3,4",
            "bbx",
            "1,2,3,4",
            "unknown query parameter; known are bbox, datetime, category, status, filter",
        ),
        ("limit=1&limit=2", "limit", "2", "given twice"),
        ("limit=0", "limit", "0", "[1, 1000000]"),
        ("limit=1000001", "limit", "1000001", "[1, 1000000]"),
        ("limit=ten", "limit", "ten", "whole number"),
        ("bbox=1,2,3", "bbox", "1,2,3", "4 or 6 numbers"),
        ("bbox=20,110,21,111", "bbox", "20,110", "the order is west,south,east,north"),
        ("bbox=a,b,c,d", "bbox", "a,b,c,d", "not numbers"),
        ("datetime=2024-01-01", "datetime", "2024-01-01", "RFC 3339"),
        ("datetime=2024-01-01T00:00:00+08:00", "datetime", "2024", "+ is written %2B"),
        ("datetime=2024-01-02T00:00:00Z/2024-01-01T00:00:00Z", "datetime", "2024", "ends before it begins"),
        ("category=flood", "category", "flood", "known are waterlogging"),
        ("status=open", "status", "open", "known for reports are reported, acknowledged, resolved, dismissed"),
    ] {
        says(&server.get(&format!("/layers/reports.geojson?{query}")), field, value, reason);
    }
    says(
        &server.get("/layers/hotspots.geojson?weather=wet"),
        "weather",
        "wet",
        "known are storm, mostly_storm, only_storm",
    );
    says(&server.get("/layers/reports.geojson?weather=storm"), "weather", "storm", "unknown query parameter");
    for layer in ["storms", "places", "streets", "works", "areas"] {
        let answer = server.get(&format!("/layers/{layer}.geojson?category=waterlogging"));
        says(&answer, "category", "waterlogging", &format!("{layer} have no category"));
        let answer = server.get(&format!("/layers/{layer}.geojson?status=resolved"));
        says(&answer, "status", "resolved", &format!("{layer} have no status"));
    }
    for path in ["/layers", "/healthz", "/readyz"] {
        says(&server.get(&format!("{path}?pretty=1")), "pretty", "1", "this address takes none");
    }
    for path in ["/api/v1/reports/x", "/api/v1/hotspots/x", "/api/v1/incidents/x", "/api/v1/reports"] {
        says(&server.get(&format!("{path}?pretty=1")), "pretty", "1", "position, as_of, join_radius");
    }
}

#[test]
fn an_address_or_method_that_is_not_there_is_a_problem_too() {
    let server = Server::start();
    assert!(server.get("/nope").problem(404).contains("/ogc is for GIS"));
    assert!(server.get("/layers/roads.geojson").problem(404).contains("reports.geojson, incidents.geojson"));
    assert!(server.get("/layers/reports.shp").problem(404).contains("no layer"));
    assert!(server.delete("/layers").problem(405).contains("does not take DELETE"));
    assert_eq!(server.delete("/layers").header("allow"), "GET,HEAD");
    server.delete("/api/v1/reports").problem(405);
    for path in ["/api/v1/reports/%ff", "/tiles/reports/0/0/%ff", "/ogc/collections/%c3%28/items"] {
        says(&server.get(path), "path", path, "UTF-8");
    }
    let key = "k".repeat(201);
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    let long = server.post_with(report(json!({})).to_string().as_bytes(), &headers);
    says(&long, "Idempotency-Key", "kkk", "1 to 200");
}

#[test]
fn no_answer_tells_what_a_reporter_wrote() {
    let server = Server::start();
    let secret = "call me at 555-0100";
    let posted = server.post(&report(json!({"text": secret, "place": secret})));
    assert_eq!(posted.status, 201);
    let id = posted.json()["id"].as_str().unwrap().to_owned();
    let paths = ["/layers/reports.geojson", "/layers/incidents.geojson", &format!("/api/v1/reports/{id}")];
    // The whole of it: a time in the log has any three digits now and then.
    assert!(paths.iter().all(|path| !server.get(path).text().contains("555-0100")));
    assert!(!server.log().contains("555-0100"));
    let problem: Value = server.get("/nope").json();
    assert!(problem["title"] == "Not Found");
}

#[test]
fn a_position_with_its_axes_swapped_is_told_by_where_the_reports_lie() {
    let server = Server::start();
    // Of New York, whose latitudes are longitudes of nobody: neither axis is out of range when they are swapped.
    let here = |n: u32| json!({"lon": -73.9 + f64::from(n) * 0.001, "lat": 40.7});
    let swapped = json!({"lon": 40.7, "lat": -73.9});
    for n in 0..20 {
        assert_eq!(server.post(&report(here(n))).status, 201);
    }
    says(&server.post(&report(swapped.clone())), "lon", "40.7", "looks like lat,lon");
    says(&server.post(&report(json!({"lon": 0, "lat": 0}))), "lon", "0", "where a missing position ends up");
    assert_eq!(server.post(&report(json!({"lon": 2.35, "lat": 48.86}))).status, 201, "far away is no slip");
    let lines = [report(here(30)), report(swapped), report(here(31))].map(|line| line.to_string()).join("\n");
    let answers = server.post_with(lines.as_bytes(), &[("content-type", "application/x-ndjson")]).text();
    let answers: Vec<Value> = answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.iter().map(|a| a["status"].as_u64().unwrap()).collect::<Vec<_>>(), [201, 400, 201]);
    assert!(answers[1]["reason"].as_str().unwrap().contains("looks like lat,lon"), "{}", answers[1]);
    let device = json!({"source": "device", "lon": 40.7, "lat": -73.9});
    let message = json!({"text": "water is knee-deep here", "positions": [device]});
    let kind = [("content-type", "application/json")];
    let waits = server.post_at("/api/v1/messages", message.to_string().as_bytes(), &kind);
    assert_eq!((waits.status, &waits.json()["inbox"]["missing"]), (202, &json!(["sense"])), "{}", waits.text());
    let form = b"service_code=waterlogging&lat=-73.9&long=40.7&description=deep";
    let form =
        server.post_at("/open311/v2/requests.json", form, &[("content-type", "application/x-www-form-urlencoded")]);
    assert!(form.status == 400 && form.text().contains("looks like lat,lon"), "{}", form.text());
}
