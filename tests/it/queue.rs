//! The queue of the desk: what waits, in order of the clock, for those who may read what was said.

use serde_json::{Value, json};
use waterlog::hazard::event::{Act, Action, Event};

use crate::layers::{T0, seen};
use crate::server::{Server, report, seed};

const GRID: [(&str, &str); 2] = [("actor-role", "grid_worker"), ("actor-unit", "grid_7")];

fn ids(queue: &Value) -> Vec<&str> {
    queue["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[test]
fn what_is_overdue_comes_first_then_the_shortest_time_left_and_what_has_ended_only_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let act = |action, report: &str, at| Event::Act(Act { action, at: T0 + at, report: report.into() });
    seed(
        folder.path(),
        &[
            Event::Report(seen("fresh", 3_500, 110.0, 20.0)),
            Event::Report(seen("seen", 3_000, 110.1, 20.0)),
            Event::Report(seen("late", 0, 110.2, 20.0)),
            Event::Report(seen("done", 0, 110.3, 20.0)),
            act(Action::Acknowledge, "seen", 3_100),
            act(Action::Resolve, "done", 1_800),
        ],
    );
    let server = Server::start_with(folder.path(), &["--clock", "2024-01-01T01:00:00Z", "--trust-actors"]);
    let queue = |query: &str| server.get_with(&format!("/api/v1/queue{query}"), &GRID).json();
    let all = queue("");
    assert_eq!(ids(&all), ["i3", "i1", "i2"]);
    assert_eq!((&all["rows"][0]["escalation"], &all["rows"][2]["state"]), (&json!(2), &json!("acknowledged")));
    assert_eq!(ids(&queue("?ended_since=2024-01-01T00:00:00Z")), ["i3", "i1", "i2", "i4"]);
    assert_eq!(ids(&queue("?ended_since=2024-01-01T00:40:00Z")), ["i3", "i1", "i2"]);
    assert_eq!((ids(&queue("?ids=i4,i1,i99")), ids(&queue("?unit=drainage"))), (vec!["i1", "i4"], vec![]));
    let step = json!({"step": "dispatch", "unit": "drainage"}).to_string();
    let headers = [&GRID[..], &[("content-type", "application/json")]].concat();
    assert_eq!(server.post_at("/api/v1/incidents/i2/transitions", step.as_bytes(), &headers).status, 201);
    let sent = queue("?unit=drainage");
    assert_eq!((ids(&sent), &sent["rows"][0]["unit"]), (vec!["i2"], &json!("drainage")));
    let step = json!({"step": "return"}).to_string();
    assert_eq!(server.post_at("/api/v1/incidents/i2/transitions", step.as_bytes(), &headers).status, 201);
    assert!(ids(&queue("?unit=drainage")).is_empty());
    let resolve = all["workflow"].as_array().unwrap().iter().find(|rule| rule["step"] == "resolve").unwrap();
    assert_eq!(resolve["from"], json!(["acknowledged", "dispatched", "in_progress"]));
}

#[test]
fn what_reporters_said_is_read_by_the_desk_and_by_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z", "--trust-actors"]);
    let long = "水".repeat(400);
    for changes in [json!({"text": "knee-deep", "place": "豪苑路"}), json!({}), json!({"text": long})] {
        assert_eq!(server.post(&report(changes)).status, 201);
    }
    let answer = server.get_with("/api/v1/queue", &GRID);
    assert_eq!(answer.header("cache-control"), "no-store");
    let row = &answer.json()["rows"][0];
    assert_eq!((&row["reports"], &row["said"]), (&json!(3), &json!(["水".repeat(280), "knee-deep · 豪苑路"])));
    assert!(server.get("/api/v1/queue").problem(401).contains("log in"));
    assert!(server.get_with("/api/v1/queue", &[("actor-role", "reporter")]).problem(403).contains("may not"));
    let stranger = Server::start();
    assert!(stranger.get_with("/api/v1/queue", &GRID).problem(403).contains("--trust-actors"));
    let many = vec!["i1"; 101].join(",");
    assert!(server.get_with(&format!("/api/v1/queue?ids={many}"), &GRID).problem(400).contains("at most 100"));
    assert!(server.get_with("/api/v1/queue?colour=red", &GRID).problem(400).contains("unknown query parameter"));
}
