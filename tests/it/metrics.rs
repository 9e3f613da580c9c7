//! What is counted can be read, and what is logged holds nothing of what anybody wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

use serde_json::json;

use crate::server::{Server, report};

/// Samples by name and labels as they are written.
type Samples = BTreeMap<String, f64>;

/// Reads the Prometheus text format, version 0.0.4, and checks what it promises.
fn parse(text: &str) -> Samples {
    let (mut kinds, mut samples) = (BTreeMap::new(), Samples::new());
    assert!(text.ends_with('\n'), "the last line ends, too");
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a name and a type");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} has two types");
            continue;
        }
        if let Some(rest) = line.strip_prefix("# HELP ") {
            assert!(rest.split_once(' ').is_some_and(|(_, help)| help.len() > 10), "{line}");
            continue;
        }
        let (key, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
        let name = key.split('{').next().unwrap();
        assert!(name.starts_with("waterlog_") && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{line}");
        if let Some((_, labels)) = key.split_once('{') {
            let labels = labels.strip_suffix('}').expect("labels end");
            for label in labels.split("\",") {
                let (_, value) = label.split_once("=\"").unwrap_or_else(|| panic!("no label: {line}"));
                assert!(!value.trim_end_matches('"').contains('"'), "{line}");
            }
        }
        let families = ["", "_bucket", "_sum", "_count"].map(|suffix| name.strip_suffix(suffix));
        let known = families.iter().flatten().any(|family| kinds.contains_key(*family));
        assert!(known, "{name} has no type: {kinds:?}");
        let value = value.parse().unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(samples.insert(key.to_owned(), value).is_none(), "{key} stands there twice");
    }
    histograms_add_up(&samples);
    samples
}

fn histograms_add_up(samples: &Samples) {
    let mut last: BTreeMap<String, f64> = BTreeMap::new();
    let mut buckets: Vec<(String, f64, f64)> = Vec::new();
    for (key, &value) in samples.iter().filter(|(key, _)| key.contains("_bucket{")) {
        let (series, le) = key.split_once("le=\"").expect("a bucket has an end");
        let (le, rest) = le.split_once('"').unwrap();
        let le = if le == "+Inf" { f64::INFINITY } else { le.parse().unwrap() };
        buckets.push((format!("{series}{rest}"), le, value));
    }
    assert!(!buckets.is_empty());
    buckets.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    for (series, le, value) in buckets {
        let before = last.insert(series.clone(), value).unwrap_or(0.0);
        assert!(value >= before, "{series} le {le} counts less than the one before");
    }
    let counts: BTreeSet<u64> =
        samples.iter().filter(|(key, _)| key.contains("_count")).map(|(_, v)| v.to_bits()).collect();
    assert!(last.values().all(|all| counts.contains(&all.to_bits())), "the last bucket holds all");
}

fn samples(server: &Server) -> Samples {
    let answer = server.get("/metrics");
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
    parse(&answer.text())
}

/// One sample, by its name and labels as they are written.
pub fn value(server: &Server, key: &str) -> f64 {
    let samples = samples(server);
    *samples.get(key).unwrap_or_else(|| panic!("no {key} in {:#?}", samples.keys()))
}

#[test]
fn the_service_counts_requests_events_and_the_sizes_of_its_map() {
    let server = Server::start();
    let keyed = [("content-type", "application/json"), ("idempotency-key", "k1")];
    let body = report(json!({})).to_string();
    for _ in 0..2 {
        assert_eq!(server.post_with(body.as_bytes(), &keyed).status, 201);
    }
    assert_eq!(server.post_with(report(json!({"depth_cm": 9})).to_string().as_bytes(), &keyed).status, 409);
    server.post(&report(json!({"observed_at": "2025-12-23T09:10:00+08:00"})));
    server.post(&report(json!({"lat": 91})));
    server.get("/api/v1/reports/one");
    server.get("/api/v1/reports/two");
    server.get("/nowhere");
    let samples = samples(&server);
    let is = |key: &str, expected: f64| assert_eq!(samples.get(key), Some(&expected), "{key} in {samples:#?}");
    let requests = |method: &str, route: &str, status: &str, n: f64| {
        is(&format!("waterlog_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"), n);
    };
    requests("POST", "/api/v1/reports", "2xx", 3.0);
    requests("POST", "/api/v1/reports", "4xx", 2.0);
    requests("GET", "/api/v1/reports/{id}", "4xx", 2.0);
    requests("GET", "(no such address)", "4xx", 1.0);
    is("waterlog_http_request_duration_seconds_count{method=\"POST\",route=\"/api/v1/reports\"}", 5.0);
    is("waterlog_events_appended_total", 2.0);
    is("waterlog_events_known_total", 1.0);
    is("waterlog_events_refused_total", 1.0);
    is("waterlog_submissions_waiting", 0.0);
    is("waterlog_submissions_turned_away_total", 0.0);
    is("waterlog_log_position", 2.0);
    is("waterlog_reports", 2.0);
    is("waterlog_incidents", 2.0);
    is("waterlog_hotspots", 1.0);
    is("waterlog_live_readers", 0.0);
    for times in ["commit", "fold", "settle"] {
        assert!(samples[&format!("waterlog_{times}_seconds_count")] >= 2.0, "{times}");
    }
    assert!(server.get("/metrics?x=1").problem(400).contains("takes none"));
}

#[test]
fn a_request_is_known_by_one_id_in_its_answer_its_problem_and_the_log() {
    let server = Server::start();
    let given = server.get_with("/api/v1/reports/none", &[("x-request-id", "desk-7.A_1")]);
    assert_eq!((given.header("x-request-id"), &given.json()["request_id"]), ("desk-7.A_1", &json!("desk-7.A_1")));
    server.until("it is logged", || server.log().contains("desk-7.A_1"));
    let line = server.log().lines().find(|line| line.contains("desk-7.A_1")).unwrap().to_owned();
    assert!(line.contains("GET /api/v1/reports/{id} was answered 404 after"), "{line}");
    for odd in ["two words", "x=1", "号", &"x".repeat(65)] {
        let answer = server.get_with("/nowhere", &[("x-request-id", odd)]);
        let id = answer.header("x-request-id").to_owned();
        assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{odd}: {id}");
        assert_eq!(answer.json()["request_id"], id);
    }
    assert_eq!(server.get("/layers").header("x-request-id").len(), 16);
}

#[test]
fn the_log_holds_nothing_of_what_anybody_wrote() {
    const MARK: &str = "zqx7marker";
    let server = Server::start();
    let source = json!({"channel": "app", "id": MARK});
    let long = MARK.repeat(500);
    for changes in [
        json!({"text": MARK, "place": format!("{MARK} St"), "source": source}),
        json!({"text": MARK, "depth_cm": 5, "source": source}),
        json!({"text": long}),
        json!({"category": MARK}),
        json!({"observed_at": MARK}),
        json!({"source": {"channel": format!("{MARK} spoken"), "id": 1}}),
        json!({MARK: MARK}),
    ] {
        server.post(&report(changes));
    }
    let json = ("content-type", "application/json");
    for (body, headers) in [
        (MARK.to_owned(), vec![json]),
        (report(json!({})).to_string(), vec![json, ("idempotency-key", MARK)]),
        (report(json!({"dry": true})).to_string(), vec![json, ("idempotency-key", MARK)]),
        (report(json!({})).to_string(), vec![("content-type", MARK)]),
        (report(json!({})).to_string(), vec![json, ("x-request-id", "zqx7marker says hello")]),
    ] {
        server.post_with(body.as_bytes(), &headers);
    }
    for path in [
        "/layers/reports.geojson?text=zqx7marker",
        "/layers/reports.geojson?bbox=zqx7marker",
        "/layers/zqx7marker.geojson",
        "/layers?zqx7marker=1",
        "/api/v1/reports/zqx7marker?q=zqx7marker",
        "/api/v1/hotspots/zqx7marker",
        "/api/v1/live?last_event_id=zqx7marker",
        "/zqx7marker/zqx7marker",
    ] {
        assert!((400..500).contains(&server.get(path).status), "{path}");
    }
    let mut stream = std::net::TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
    write!(stream, "ZQX7MARKER /layers HTTP/1.1\r\nhost: {MARK}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    server.get("/metrics?zqx7marker");
    server.until("the last is logged", || server.log().contains("GET /metrics was answered 400"));
    let log = server.log();
    assert!(log.matches("was answered 4").count() > 12, "{log}");
    assert!(log.contains("other /layers was answered 405"), "{log}");
    assert!(!log.to_lowercase().contains(MARK), "{log}");
    let metrics = server.get("/metrics").text();
    assert!(!metrics.to_lowercase().contains(MARK), "{metrics}");
}
