//! A layer as one answer, however large: written while it is sent, of the map as it stood when it was asked for.

use std::io::Read;

use serde_json::{Value, json};
use waterlog::hazard::event::Event;

use crate::layers::seen;
use crate::server::{Server, report};

/// Several parts of an answer, and more than the buffers between two programs hold.
const REPORTS: i64 = 30_000;

fn city() -> Vec<Event> {
    let lon = |n: i64| 110.3 + (n % 500) as f64 * 0.002;
    (0..REPORTS).map(|n| Event::Report(seen(&format!("r{n}"), n * 60, lon(n), 20.0))).collect()
}

fn features(answer: &[u8]) -> Vec<Value> {
    let answer: Value = serde_json::from_slice(answer).unwrap();
    let features = answer["features"].as_array().unwrap().clone();
    assert_eq!((&answer["numberMatched"], &answer["numberReturned"]), (&json!(features.len()), &json!(features.len())));
    features
}

#[test]
fn a_large_layer_is_what_its_pages_are_and_stays_so_while_reports_arrive() {
    let server = Server::seeded(&city());
    let mut paged: Vec<Value> = Vec::new();
    let mut next = Some("/api/v1/reports?limit=1000".to_owned());
    while let Some(path) = next {
        let page: Value = serde_json::from_slice(&server.get(&path).body).unwrap();
        paged.extend(page["features"].as_array().unwrap().iter().cloned());
        let links = page["links"].as_array().unwrap();
        next = links.iter().find(|link| link["rel"] == "next").map(|link| link["href"].as_str().unwrap().to_owned());
    }
    assert_eq!(paged.len() as i64, REPORTS);

    let (mut head, mut whole) = (vec![0; 10_000], server.open("/layers/reports.geojson", &[]));
    assert_eq!((whole.status().as_u16(), whole.headers().get("content-length")), (200, None), "it is not written yet");
    let etag = whole.headers()["etag"].to_str().unwrap().to_owned();
    let mut body = whole.body_mut().as_reader();
    body.read_exact(&mut head).unwrap();
    // Of a place and a time that change what is said of many others.
    let late = report(json!({"lon": 110.3, "lat": 20.0, "observed_at": "2025-12-31T12:00:00Z"}));
    let posted = server.post(&late);
    assert_eq!(posted.status, 201, "{}", posted.text());
    body.read_to_end(&mut head).unwrap();
    assert!(features(&head) == paged, "a feature differs from that of its page");

    let now = server.get("/layers/reports.geojson");
    assert_ne!(now.header("etag"), etag);
    assert_eq!(features(&now.body).len() as i64, REPORTS + 1);
    let some = server.get("/layers/reports.geojson?limit=5000");
    assert_eq!(some.header("content-length"), some.body.len().to_string());
    assert!(features(&server.get("/layers/incidents.geojson").body).len() > 1_000);
}
