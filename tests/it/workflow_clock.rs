//! The workflow over HTTP: how cases are listed by state and clock, and what moves the clock.

use serde_json::{Value, json};
use waterlog::hazard::event::{Act, Action, Event};

use crate::layers::{T0, seen};
use crate::routing::unit;
use crate::server::report;
use crate::workflow::{DRAINAGE, GRID, desk, steps, take, taken};

#[test]
fn the_list_is_in_order_of_the_clock_by_state_and_by_what_is_overdue() {
    let at = T0 + 40 * 86_400;
    let act = |action, report: &str, at| Event::Act(Act { action, at, report: report.into() });
    let (server, _folder) = desk(&[
        Event::Report(seen("open", 40 * 86_400, 110.0, 20.0)),
        Event::Report(seen("seen", 40 * 86_400, 110.1, 20.0)),
        Event::Report(seen("done", 40 * 86_400, 110.2, 20.0)),
        act(Action::Acknowledge, "seen", at + 60),
        act(Action::Resolve, "done", at + 70),
        act(Action::Acknowledge, "done", at + 80),
    ]);
    let ids = |query: &str| server.ids(&format!("/api/v1/incidents?{query}"));
    assert_eq!(ids("sort=deadline"), ["i1", "i2", "i3"]);
    assert_eq!(ids("sort=-deadline"), ["i2", "i1", "i3"]);
    assert_eq!((ids("state=acknowledged"), ids("state=resolved")), (vec!["i2".to_owned()], vec!["i3".to_owned()]));
    assert_eq!(
        (ids("overdue=true"), ids("overdue=false")),
        (vec!["i1".to_owned(), "i2".to_owned()], vec!["i3".to_owned()])
    );
    let list = server.features("/api/v1/incidents?sort=deadline");
    assert_eq!((&list[0]["properties"]["overdue"], &list[2]["properties"]["overdue"]), (&json!(true), &json!(false)));
    assert_eq!(list[1]["properties"]["time_to_acknowledge_s"], json!(60));
    // As it was a quarter of an hour after the report: only the first limit of the first has passed.
    let then = waterlog::hazard::time::format(at + 900);
    assert_eq!(ids(&format!("as_of={then}&overdue=true")), ["i1"]);
    assert!(server.get("/api/v1/incidents?state=open").problem(400).contains("known are reported, reopened"));
    assert!(server.get("/api/v1/incidents?overdue=1").problem(400).contains("neither true nor false"));
    assert!(server.get("/api/v1/reports?state=reported").problem(400).contains("unknown query parameter"));
    // What was imported has a history in which nobody is named.
    let history = server.get("/api/v1/incidents/i3").json()["history"].clone();
    assert_eq!((&history[0]["step"], &history[0]["role"]), (&json!("resolve"), &Value::Null));
    assert_eq!((&history[1]["step"], &history[1]["to"]), (&json!("acknowledge"), &json!("resolved")));
}

/// What the answer says that a step needs, and may have.
fn fields(standing: &Value, step: &str) -> (Value, Value) {
    let next = standing["next_steps"].as_array().unwrap().iter().find(|next| next["step"] == step).unwrap();
    (next["needs"].clone(), next["takes"].clone())
}

#[test]
fn what_a_step_would_be_given_by_default_is_not_said_to_be_needed() {
    let units = Event::Units(vec![unit("drainage", &[], None, None)]);
    for (events, sent) in [(vec![], 400), (vec![units], 201)] {
        let (server, _folder) = desk(&events);
        let id = server.post(&report(json!({}))).json()["incident_id"].as_str().unwrap().to_owned();
        let step = |step: Value| take(&server, &id, &GRID, &[], &step);
        let told = step(json!({"step": "acknowledge"})).json();
        let dispatch = fields(&told, "dispatch");
        let expected = if sent == 201 { (json!([]), json!(["unit"])) } else { (json!(["unit"]), json!([])) };
        assert_eq!(dispatch, expected);
        // As it says, so it is.
        assert_eq!(step(json!({"step": "dispatch"})).status, sent);
        assert_eq!(fields(&told, "prolong"), (json!(["until"]), json!([])));
        assert!(step(json!({"step": "prolong"})).problem(400).contains("prolong needs it"));
        let ask = json!({"step": "request_prolong", "until": "2026-01-02T00:00:00Z"});
        let told = take(&server, &id, &DRAINAGE, &[], &ask).json();
        assert_eq!(fields(&told, "prolong"), (json!([]), json!(["until"])));
        assert_eq!(step(json!({"step": "prolong"})).status, 201);
    }
}

#[test]
fn more_time_is_asked_for_and_the_clock_changes_only_when_it_is_granted() {
    let (server, _folder) = desk(&[]);
    assert_eq!(server.post(&report(json!({"observed_at": "2025-12-31T23:59:00Z"}))).status, 201);
    taken(&server, &GRID, json!({"step": "acknowledge"}));
    let before = taken(&server, &GRID, json!({"step": "dispatch", "unit": "drainage"}));
    assert_eq!((&before["asked"], steps(&before).contains(&"refuse")), (&Value::Null, false));
    take(&server, "i1", &GRID, &[], &json!({"step": "refuse"})).problem(409);
    let ask = json!({"step": "request_prolong", "until": "2026-01-02T00:00:00Z", "note": "the pump is broken"});
    assert_eq!(take(&server, "i1", &GRID, &[], &ask).status, 403);
    let asked = taken(&server, &DRAINAGE, ask.clone());
    let waiting = &asked["asked"];
    assert_eq!(
        (&waiting["step"], &waiting["until"], &waiting["by_unit"]),
        (&json!("request_prolong"), &json!("2026-01-02T00:00:00Z"), &json!("drainage"))
    );
    assert_eq!((&asked["deadline"], &asked["state"]), (&before["deadline"], &json!("dispatched")));
    // The department may not grant it to itself.
    assert_eq!(take(&server, "i1", &DRAINAGE, &[], &json!({"step": "prolong"})).status, 403);
    let refused = taken(&server, &GRID, json!({"step": "refuse", "note": "send another"}));
    assert_eq!((&refused["asked"], &refused["deadline"]), (&Value::Null, &before["deadline"]));
    taken(&server, &DRAINAGE, ask);
    // As it was asked for.
    let granted = taken(&server, &GRID, json!({"step": "prolong"}));
    assert_eq!((&granted["asked"], &granted["deadline"]), (&Value::Null, &json!("2026-01-02T00:00:00Z")));
    let asked = taken(&server, &DRAINAGE, json!({"step": "request_suspend", "until": "2026-03-01T00:00:00Z"}));
    assert_eq!(asked["deadline"], "2026-01-02T00:00:00Z");
    let granted = taken(&server, &GRID, json!({"step": "suspend"}));
    assert_eq!((&granted["state"], &granted["deadline"]), (&json!("suspended"), &json!("2026-03-01T00:00:00Z")));
    let history = server.get("/api/v1/incidents/i1").json()["history"].clone();
    let said: Vec<_> = history.as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    let after = ["request_prolong", "refuse", "request_prolong", "prolong", "request_suspend", "suspend"];
    assert_eq!(said, [&["acknowledge", "dispatch"][..], &after].concat());
}
