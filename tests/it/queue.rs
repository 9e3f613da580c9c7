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
fn a_unit_of_a_department_is_given_what_was_sent_to_it_and_nothing_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let spots = ["a", "b", "c"].into_iter().zip([110.0, 110.1, 110.2]);
    let events: Vec<Event> = spots.map(|(id, lon)| Event::Report(seen(id, 0, lon, 20.0))).collect();
    seed(folder.path(), &events);
    let server = Server::start_with(folder.path(), &["--clock", "2024-01-01T01:00:00Z", "--trust-actors"]);
    let headers = [&GRID[..], &[("content-type", "application/json")]].concat();
    for (id, unit) in [("i1", "drainage"), ("i2", "roads")] {
        for step in [json!({"step": "acknowledge"}), json!({"step": "dispatch", "unit": unit})] {
            let path = format!("/api/v1/incidents/{id}/transitions");
            assert_eq!(server.post_at(&path, step.to_string().as_bytes(), &headers).status, 201);
        }
    }
    let of = |unit: &str, query: &str| {
        let who = [("actor-role", "department"), ("actor-unit", unit)];
        server.get_with(&format!("/api/v1/queue{query}"), &who)
    };
    assert_eq!((ids(&of("drainage", "").json()), ids(&of("roads", "").json())), (vec!["i1"], vec!["i2"]));
    assert_eq!(ids(&of("drainage", "?unit=drainage").json()), ["i1"]);
    // Nor by asking for others by name.
    assert_eq!(ids(&of("drainage", "?ids=i1,i2,i3").json()), ["i1"]);
    assert!(of("drainage", "?unit=roads").problem(403).contains("what was sent to roads is not for drainage"));
    // Whoever sends cases on sees them all.
    assert_eq!(ids(&server.get_with("/api/v1/queue?unit=roads", &GRID).json()), ["i2"]);
    assert_eq!(ids(&server.get_with("/api/v1/queue", &GRID).json()).len(), 3);
}

#[test]
fn page_after_page_gives_the_queue_once_and_in_order_also_where_cases_come_and_go_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let case =
        |n: i32| Event::Report(seen(&format!("r{n}"), i64::from(n % 4) * 60, 110.0 + f64::from(n) / 100.0, 20.0));
    seed(folder.path(), &(0..10).map(case).collect::<Vec<_>>());
    let server = Server::start_with(folder.path(), &["--clock", "2024-01-01T01:00:00Z", "--trust-actors"]);
    let get = |query: &str| server.get_with(&format!("/api/v1/queue{query}"), &GRID);
    let whole = get("").json();
    assert_eq!((ids(&whole).len(), &whole["next"]), (10, &Value::Null));
    let (mut pages, mut after) = (Vec::new(), String::new());
    loop {
        let page = get(&format!("?limit=3{after}")).json();
        pages.push(ids(&page).into_iter().map(str::to_owned).collect::<Vec<_>>());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 1]);
    assert_eq!(pages.concat(), ids(&whole));
    // What is gone by the time the next page is asked for moves no other case from one page to another.
    let first = get("?limit=3").json();
    let gone = json!({"step": "dismiss", "reason": "false_alarm"}).to_string();
    let headers = [&GRID[..], &[("content-type", "application/json")]].concat();
    let path = format!("/api/v1/incidents/{}/transitions", ids(&first)[2]);
    assert_eq!(server.post_at(&path, gone.as_bytes(), &headers).status, 201);
    let second = get(&format!("?limit=3&after={}", first["next"].as_str().unwrap())).json();
    assert_eq!(ids(&second), pages[1]);
    assert!(get("?limit=0").problem(400).contains("1 to 10000"));
    assert!(get("?after=i6").problem(400).contains("not the `next`"));
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
