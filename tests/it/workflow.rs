//! The workflow over HTTP: steps are taken, refused, repeated and looked at.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::time;
use waterlog::store::{PRIVATE_FILE, PUBLIC_FILE};

use crate::layers::{T0, seen};
use crate::program::{TREE, waterlog};
use crate::server::{Answer, Server, report, seed};

const CLOCK: &str = "2026-01-01T00:00:00Z";
pub const GRID: [(&str, &str); 3] =
    [("actor-role", "grid_worker"), ("actor-unit", "grid_7"), ("actor-person", "7100071")];
pub const DRAINAGE: [(&str, &str); 3] =
    [("actor-role", "department"), ("actor-unit", "drainage"), ("actor-person", "72")];

/// A service that takes whoever asks at his word, with its folder.
pub fn desk(events: &[Event]) -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    seed(folder.path(), events);
    (open(folder.path()), folder)
}

fn open(folder: &Path) -> Server {
    Server::start_with(folder, &["--clock", CLOCK, "--trust-actors"])
}

pub fn take(server: &Server, id: &str, who: &[(&str, &str)], more: &[(&str, &str)], step: &Value) -> Answer {
    let headers = [who, more, &[("content-type", "application/json")]].concat();
    server.post_at(&format!("/api/v1/incidents/{id}/transitions"), step.to_string().as_bytes(), &headers)
}

/// Takes a step that is possible.
pub fn taken(server: &Server, who: &[(&str, &str)], step: Value) -> Value {
    let answer = take(server, "i1", who, &[], &step);
    assert_eq!(answer.status, 201, "{step}: {}", answer.text());
    answer.json()
}

pub fn steps(standing: &Value) -> Vec<&str> {
    standing["next_steps"].as_array().unwrap().iter().map(|next| next["step"].as_str().unwrap()).collect()
}

#[test]
fn a_case_goes_from_report_to_verified_and_tells_who_did_what_and_when() {
    let (server, _folder) = desk(&[]);
    assert_eq!(server.post(&report(json!({"observed_at": "2025-12-31T23:58:00Z"}))).status, 201);
    let first = server.get("/api/v1/incidents/i1").json();
    let workflow = &first["workflow"];
    assert_eq!(
        (&workflow["state"], &workflow["version"], &workflow["escalation"]),
        (&json!("reported"), &json!("v1"), &json!(0))
    );
    assert_eq!(steps(workflow), ["acknowledge", "dismiss", "found", "not_found", "merge", "split"]);
    assert_eq!(first["properties"]["overdue"], json!(false));
    // Ten minutes from when we heard of it.
    assert!(workflow["deadline"].as_str().unwrap().starts_with("2026-01-01T00:10:0"), "{workflow}");
    let told = taken(&server, &GRID, json!({"step": "acknowledge", "expected_state": "reported"}));
    assert_eq!((&told["seq"], &told["state"], &told["version"]), (&json!(2), &json!("acknowledged"), &json!("v2")));
    taken(&server, &GRID, json!({"step": "dispatch", "unit": "drainage"}));
    taken(&server, &DRAINAGE, json!({"step": "start"}));
    taken(&server, &DRAINAGE, json!({"step": "found"}));
    taken(&server, &DRAINAGE, json!({"step": "resolve", "note": "pumped out"}));
    let told = taken(&server, &GRID, json!({"step": "verify"}));
    assert_eq!((&told["deadline"], steps(&told)), (&Value::Null, vec!["reopen", "merge", "split"]));
    let detail = server.get("/api/v1/incidents/i1").json();
    let history = detail["history"].as_array().unwrap();
    let said: Vec<_> = history.iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(said, ["acknowledge", "dispatch", "start", "found", "resolve", "verify"]);
    assert_eq!(
        (&history[1]["unit"], &history[1]["by_unit"], &history[1]["role"]),
        (&json!("drainage"), &json!("grid_7"), &json!("grid_worker"))
    );
    let properties = &detail["properties"];
    assert_eq!((&properties["status"], &properties["state"]), (&json!("resolved"), &json!("verified")));
    assert!(properties["time_to_acknowledge_s"].as_i64().unwrap() >= 120);
    assert!(properties["time_to_close_s"].as_i64().unwrap() >= properties["time_to_acknowledge_s"].as_i64().unwrap());
    assert_eq!((&detail["found"], &properties["evidence"]), (&json!(true), &json!(true)));
    // Undone by the next step, and both are there.
    let told = taken(&server, &GRID, json!({"step": "reopen"}));
    assert_eq!((&told["state"], &told["last_step"]["from"]), (&json!("reopened"), &json!("verified")));
    let table = server.get("/api/v1/incidents/i1/transitions?format=csv");
    assert_eq!(table.text().lines().count(), 8, "{}", table.text());
    assert!(table.text().starts_with("seq,at,step,from,to,role,by_unit,unit,until,reason,other_incident_id\n"));
    assert!(!table.text().contains("7100071") && !table.text().contains("pumped"), "{}", table.text());
}

#[test]
fn a_repair_that_whoever_checks_finds_wanting_is_sent_back_with_what_is_lacking() {
    let (server, folder) = desk(&[]);
    assert_eq!(server.post(&report(json!({"observed_at": "2025-12-31T23:58:00Z"}))).status, 201);
    taken(&server, &GRID, json!({"step": "acknowledge"}));
    taken(&server, &GRID, json!({"step": "dispatch", "unit": "drainage"}));
    let due = taken(&server, &DRAINAGE, json!({"step": "start"}))["deadline"].clone();
    let resolved = taken(&server, &DRAINAGE, json!({"step": "resolve"}));
    let rule = resolved["next_steps"].as_array().unwrap().iter().find(|next| next["step"] == "rework").unwrap();
    let roles = json!(["grid_worker", "planner", "administrator"]);
    assert_eq!((&rule["to"], &rule["needs"], &rule["roles"]), (&json!("in_progress"), &json!(["note"]), &roles));
    let wanting = json!({"step": "rework", "note": "the grating is still blocked"});
    let without = take(&server, "i1", &GRID, &[], &json!({"step": "rework", "photos": []}));
    assert!(without.problem(400).contains("missing") && without.json()["field"] == "note", "{}", without.text());
    let own = take(&server, "i1", &DRAINAGE, &[], &wanting);
    assert!(own.problem(403).contains("a department may not rework"), "{}", own.text());
    let back = taken(&server, &GRID, wanting.clone());
    assert_eq!((&back["state"], &back["assigned_unit"]["unit_id"]), (&json!("in_progress"), &json!("drainage")));
    assert_eq!((&back["deadline"], &back["last_step"]["note"]), (&due, &json!("the grating is still blocked")));
    assert!(take(&server, "i1", &GRID, &[], &wanting).problem(409).contains("the incident is in_progress"));
    let properties = |server: &Server| server.get("/api/v1/incidents/i1").json()["properties"].clone();
    let stands = properties(&server);
    assert_eq!((&stands["status"], &stands["resolved_at"]), (&json!("acknowledged"), &Value::Null));
    let queue = server.get_with("/api/v1/queue", &DRAINAGE).json();
    assert_eq!((&queue["rows"][0]["id"], &queue["rows"][0]["unit"]), (&json!("i1"), &json!("drainage")));
    taken(&server, &DRAINAGE, json!({"step": "resolve"}));
    taken(&server, &GRID, json!({"step": "verify"}));
    let table = || server.get("/api/v1/incidents/i1/transitions?format=csv").text();
    let done: Vec<String> =
        table().lines().skip(1).map(|row| row.split(',').skip(2).take(3).collect::<Vec<_>>().join(" ")).collect();
    let expected = [
        "acknowledge reported acknowledged",
        "dispatch acknowledged dispatched",
        "start dispatched in_progress",
        "resolve in_progress resolved",
        "rework resolved in_progress",
        "resolve in_progress resolved",
        "verify resolved verified",
    ];
    assert_eq!(done, expected);
    // A restart reads it back from the log.
    let before = table();
    drop(server);
    let server = open(folder.path());
    assert_eq!(server.get("/api/v1/incidents/i1/transitions?format=csv").text(), before);
}

#[test]
fn a_report_three_hours_after_the_end_opens_another_case_that_says_so() {
    let (server, folder) = desk(&[]);
    let here = |at: &str| report(json!({"observed_at": at}));
    assert_eq!(server.post(&here("2025-12-31T23:58:00Z")).status, 201);
    taken(&server, &GRID, json!({"step": "acknowledge"}));
    taken(&server, &GRID, json!({"step": "resolve"}));
    let ended = server.get("/api/v1/incidents/i1").json()["properties"]["resolved_at"].clone();
    let ended = time::parse_seconds(ended.as_str().unwrap()).unwrap();
    drop(server);
    let clock = ["--clock", "2026-01-01T03:05:00Z", "--trust-actors"];
    let server = Server::start_with(folder.path(), &clock);
    let again = server.post(&here(&time::format(ended + 3 * 3_600)));
    assert_eq!((again.status, &again.json()["incident_id"]), (201, &json!("i4")), "{}", again.text());
    let recurred = |path: &str| {
        let found = server.features(path);
        let value =
            |id: &str| found.iter().find(|one| one["id"] == id).unwrap()["properties"]["recurred_after_s"].clone();
        [value("i1"), value("i4")]
    };
    for path in ["/layers/incidents.geojson", "/api/v1/incidents", "/ogc/collections/incidents/items?f=json"] {
        assert_eq!(recurred(path), [Value::Null, json!(10_800)], "{path}");
    }
    let detail =
        |id: &str| server.get(&format!("/api/v1/incidents/{id}")).json()["properties"]["recurred_after_s"].clone();
    assert_eq!([detail("i1"), detail("i4")], [Value::Null, json!(10_800)]);
}

#[test]
fn of_two_who_resolve_at_once_one_does_and_the_other_hears_by_whom_and_when() {
    let (server, _folder) = desk(&[]);
    assert_eq!(server.post(&report(json!({}))).status, 201);
    taken(&server, &GRID, json!({"step": "acknowledge"}));
    let at_once = |n: usize| {
        let unit = format!("team_{n}");
        let who = [("actor-role", "department"), ("actor-unit", unit.as_str())];
        let step = json!({"step": "resolve", "expected_state": "acknowledged"});
        (unit.clone(), take(&server, "i1", &who, &[], &step))
    };
    let answers: Vec<(String, Answer)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|n| scope.spawn(move || at_once(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let won: Vec<_> = answers.iter().filter(|(_, answer)| answer.status == 201).collect();
    assert_eq!(won.len(), 1);
    for (_, answer) in answers.iter().filter(|(unit, _)| *unit != won[0].0) {
        let told = answer.problem(409);
        assert!(
            told.contains("resolved meanwhile") && told.contains(&won[0].0) && told.contains("2026-01-01T"),
            "{told}"
        );
        let problem = answer.json();
        assert_eq!((&problem["state"], &problem["last_step"]["by_unit"]), (&json!("resolved"), &json!(won[0].0)));
        assert_eq!(steps(&problem), ["verify", "rework", "reopen", "found", "not_found", "merge", "split"]);
    }
    assert_eq!(server.get("/api/v1/incidents/i1").json()["history"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_not_possible_is_refused_with_what_is_and_writes_nothing() {
    let (server, _folder) = desk(&[]);
    assert_eq!(server.post(&report(json!({}))).status, 201);
    let told = take(&server, "i1", &GRID, &[], &json!({"step": "verify"}));
    assert!(told.problem(409).contains("possible are acknowledge, dismiss"));
    assert_eq!(steps(&told.json())[0], "acknowledge");
    let told = take(&server, "i1", &DRAINAGE, &[], &json!({"step": "dismiss", "reason": "false_alarm"}));
    assert!(told.problem(403).contains("a department may not dismiss; grid_worker, administrator may"));
    assert_eq!(told.json()["state"], "reported");
    for (step, field) in [
        (json!({"step": "dismiss"}), "reason"),
        (json!({"step": "acknowledge", "unit": "drainage"}), "unit"),
        (json!({"step": "split", "report_id": "nobody"}), "report_id"),
        (json!({"step": "merge", "other_incident_id": "i9"}), "other_incident_id"),
        (json!({"step": "merge", "other_incident_id": "i1"}), "other_incident_id"),
        (json!({"step": "fly"}), "step"),
    ] {
        let told = take(&server, "i1", &GRID, &[], &step);
        told.problem(400);
        assert_eq!(told.json()["field"], field, "{step}");
    }
    assert!(take(&server, "i7", &GRID, &[], &json!({"step": "found"})).problem(404).contains("no incident"));
    let nobody = take(&server, "i1", &[], &[], &json!({"step": "found"}));
    assert!(nobody.problem(401).contains("log in"));
    let odd = take(&server, "i1", &[("actor-role", "king")], &[], &json!({"step": "found"}));
    assert!(odd.problem(400).contains("known are reporter"));
    assert!(
        take(&server, "i1", &GRID, &[("if-match", "v1")], &json!({"step": "found"})).problem(400).contains("quotes")
    );
    assert_eq!(server.get("/layers").json()["position"], 1);
}

#[test]
fn a_service_that_takes_nobody_at_his_word_takes_no_steps_of_the_unknown() {
    let server = Server::start();
    assert_eq!(server.post(&report(json!({}))).status, 201);
    let told = take(&server, "i1", &GRID, &[], &json!({"step": "acknowledge"}));
    assert!(told.problem(403).contains("--trust-actors"));
    let told = take(&server, "i1", &[], &[], &json!({"step": "acknowledge"}));
    assert!(told.problem(401).contains("log in") && told.header("www-authenticate") == "Bearer");
    // Nor does it listen to whoever says he may read more.
    assert_eq!(server.get_with("/api/v1/incidents/i1", &GRID).status, 403);
    assert_eq!(server.get("/api/v1/incidents/i1").json()["workflow"]["state"], "reported");
}

#[test]
fn a_retry_gets_its_answer_and_a_page_that_is_stale_is_told() {
    let (server, _folder) = desk(&[]);
    assert_eq!(server.post(&report(json!({}))).status, 201);
    let step = json!({"step": "acknowledge", "note": "on my way"});
    let first = take(&server, "i1", &GRID, &[("idempotency-key", "k"), ("if-match", "\"v1\"")], &step);
    assert_eq!(first.status, 201, "{}", first.text());
    let again = take(&server, "i1", &GRID, &[("idempotency-key", "k"), ("if-match", "\"v1\"")], &step);
    assert_eq!((again.status, again.json()), (201, first.json()));
    let other = take(&server, "i1", &DRAINAGE, &[("idempotency-key", "k")], &step);
    assert!(other.problem(409).contains("used before for something else"));
    let stale = take(&server, "i1", &GRID, &[("if-match", "\"v1\"")], &json!({"step": "dispatch", "unit": "drainage"}));
    assert!(stale.problem(412).contains("acknowledge at"));
    assert_eq!(stale.json()["version"], "v2");
    // The state is the same, and somebody has granted time meanwhile.
    taken(&server, &GRID, json!({"step": "prolong", "until": "2026-01-01T02:00:00Z"}));
    let prolong = json!({"step": "prolong", "until": "2026-01-01T03:00:00Z", "expected_state": "acknowledged"});
    take(&server, "i1", &GRID, &[("if-match", "\"v2\"")], &prolong).problem(412);
    assert_eq!(take(&server, "i1", &GRID, &[("if-match", "\"v3\"")], &prolong).status, 201);
    assert_eq!(server.get("/api/v1/incidents/i1").json()["workflow"]["deadline"], "2026-01-01T03:00:00Z");
}

#[test]
fn two_cases_are_offered_side_by_side_merged_by_a_person_and_split_again() {
    let near = |id: &str, category: &str, north_m: f64, day: i64| {
        let position = seen(id, day * 86_400, 110.3312, 20.0148 + north_m / 111_195.0).position;
        Event::Report(Report::new(id, Category::named(category).unwrap(), position, T0 + day * 86_400))
    };
    let (server, _folder) = desk(&[
        near("a", "waterlogging", 0.0, 0),
        near("b", "waterlogging", 80.0, 2),
        near("c", "manhole", 60.0, 29),
        near("far", "waterlogging", 101.0, 20),
        near("late", "waterlogging", 10.0, 31),
        near("road", "road_damage", 10.0, 1),
    ]);
    let found = server.get("/api/v1/incidents/i1/duplicates").json();
    let candidates: Vec<_> =
        found["candidates"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(candidates, ["i3", "i2"]);
    let second = &found["candidates"][1];
    assert!((second["distance_m"].as_f64().unwrap() - 80.0).abs() < 0.02, "{second}");
    assert_eq!(second["apart_s"], json!(172_800));
    assert_eq!(
        (&found["candidates"][0]["same_category"], &found["candidates"][1]["same_category"]),
        (&json!(false), &json!(true))
    );
    let other = take(&server, "i1", &GRID, &[], &json!({"step": "merge", "other_incident_id": "i3"}));
    assert!(other.problem(400).contains("merge across categories"));
    let step = json!({"step": "merge", "other_incident_id": "i1"});
    let merged = take(&server, "i2", &GRID, &[("idempotency-key", "m")], &step);
    assert_eq!((merged.status, &merged.json()["incident_id"]), (201, &json!("i1")), "{}", merged.text());
    let again = take(&server, "i2", &GRID, &[("idempotency-key", "m")], &step);
    assert_eq!((again.status, &again.json()["seq"]), (201, &merged.json()["seq"]), "{}", again.text());
    assert!(take(&server, "i2", &GRID, &[], &json!({"step": "found"})).problem(409).contains("merged into i1"));
    let moved = server.get("/api/v1/incidents/i2/transitions?format=csv");
    assert_eq!((moved.status, moved.header("location")), (308, "/api/v1/incidents/i1/transitions?format=csv"));
    let split = taken(&server, &GRID, json!({"step": "split", "report_id": "b"}));
    let own = split["last_step"]["other_incident_id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/api/v1/incidents/{own}")).json()["reports_list"][0]["id"], "b");
    let told = take(&server, "i1", &GRID, &[], &json!({"step": "split", "report_id": "a"}));
    assert!(told.problem(400).contains("only report"));
}

#[test]
fn what_is_said_with_a_step_is_for_those_who_may_read_it_and_never_in_the_log() {
    let (server, folder) = desk(&[]);
    assert_eq!(server.post(&report(json!({}))).status, 201);
    taken(&server, &GRID, json!({"step": "acknowledge", "note": "王师傅在路上"}));
    taken(&server, &GRID, json!({"step": "found"}));
    let path = "/api/v1/incidents/i1";
    assert!(!server.get(path).text().contains("王师傅"));
    assert!(!server.get_with(path, &[("actor-role", "reporter")]).text().contains("王师傅"));
    let told = server.get_with(path, &DRAINAGE);
    assert_eq!((told.header("cache-control"), told.header("etag")), ("no-store", ""));
    let history = told.json()["history"].clone();
    assert_eq!((&history[0]["note"], &history[1]["note"]), (&json!("王师傅在路上"), &Value::Null));
    let table = server.get_with(&format!("{path}/transitions?format=csv"), &GRID);
    assert!(table.text().lines().nth(1).unwrap().ends_with("王师傅在路上,[],false"), "{}", table.text());
    let holds = |folder: &Path, file: &str| {
        let bytes: Vec<u8> = ["", "-wal"]
            .iter()
            .filter_map(|end| std::fs::read(folder.join(format!("{file}{end}"))).ok())
            .flatten()
            .collect();
        bytes.windows("王师傅".len()).any(|part| part == "王师傅".as_bytes())
    };
    assert!(holds(folder.path(), PRIVATE_FILE) && !holds(folder.path(), PUBLIC_FILE));
    // A backup has it, and verify knows whose it is.
    let backup = folder.path().join("copy");
    let run = |arguments: &[&str]| waterlog(TREE.as_ref(), arguments).expect_success();
    run(&["--data", folder.path().to_str().unwrap(), "backup", backup.to_str().unwrap()]);
    assert!(holds(&backup, PRIVATE_FILE));
    drop(server);
    for place in [folder.path(), &backup] {
        let told = run(&["--data", place.to_str().unwrap(), "verify"]);
        assert!(told.contains("everything said belongs to a report"), "{told}");
    }
    let again = open(folder.path());
    assert!(again.get_with(path, &GRID).text().contains("王师傅"));
}
