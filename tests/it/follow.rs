//! Whoever reported follows the case: by a link that nobody can guess, and by messages that wait to be sent.

use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use waterlog::hazard::event::Event;
use waterlog::store::{Outgoing, PRIVATE_FILE, SendState, Store};

use crate::areas::town;
use crate::people::{add, user};
use crate::people_http::log_in;
use crate::program::{TREE, waterlog};
use crate::server::{Answer, Server, report, seed};

const GRID: [(&str, &str); 2] = [("actor-role", "grid_worker"), ("actor-unit", "grid_7")];
const START: &str = "2026-01-01T00:00:00Z";

fn desk() -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (open(folder.path()), folder)
}

fn open(folder: &Path) -> Server {
    Server::start_with(folder, &["--clock", START, "--trust-actors"])
}

/// Posts a report; gives its answer.
fn posted(server: &Server, changes: Value) -> Value {
    let answer = server.post(&report(changes));
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

fn take(server: &Server, id: &str, step: Value) -> Answer {
    let headers = [&GRID[..], &[("content-type", "application/json")]].concat();
    server.post_at(&format!("/api/v1/incidents/{id}/transitions"), step.to_string().as_bytes(), &headers)
}

fn taken(server: &Server, id: &str, step: Value) {
    let answer = take(server, id, step.clone());
    assert_eq!(answer.status, 201, "{step}: {}", answer.text());
}

fn followed(server: &Server, posted: &Value) -> Value {
    let answer = server.get(&format!("/api/v1{}", posted["follow"].as_str().unwrap()));
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.text());
    answer.json()
}

fn steps(followed: &Value) -> Vec<&str> {
    followed["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect()
}

#[test]
fn a_reporter_follows_his_report_from_received_to_drained_and_reads_of_no_person_and_no_note() {
    let (server, _folder) = desk();
    let mine = posted(&server, json!({"observed_at": "2025-12-31T23:50:00Z"}));
    let first = followed(&server, &mine);
    assert_eq!(
        (&first["state"], &first["steps"], &first["incident_id"]),
        (&json!("reported"), &json!([]), &json!("i1"))
    );
    taken(&server, "i1", json!({"step": "acknowledge", "note": "Ms Wang looks after it"}));
    taken(&server, "i1", json!({"step": "dispatch", "unit": "drainage"}));
    taken(&server, "i1", json!({"step": "prolong", "until": "2026-01-01T05:00:00Z"}));
    let dry = posted(&server, json!({"observed_at": "2025-12-31T23:58:00Z", "dry": true}));
    taken(&server, "i1", json!({"step": "resolve", "note": "pumped"}));
    let last = followed(&server, &mine);
    assert_eq!((&last["state"], steps(&last)), (&json!("resolved"), vec!["acknowledge", "dispatch", "resolve"]));
    assert_eq!(last["time_to_drain_s"], 480);
    assert!((600..660).contains(&last["time_to_close_s"].as_i64().unwrap()), "{last}");
    for hidden in ["Wang", "pumped", "drainage", "grid"] {
        assert!(!last.to_string().contains(hidden), "{hidden}: {last}");
    }
    let dry = followed(&server, &dry);
    assert_eq!((&dry["dry"], &dry["state"], &dry["incident_id"]), (&json!(true), &Value::Null, &Value::Null));
}

#[test]
fn a_link_opens_one_report_on_its_own_database_and_a_retry_gets_the_same() {
    let (server, folder) = desk();
    let keyed = |key: &str| {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        server.post_with(report(json!({})).to_string().as_bytes(), &headers).json()
    };
    let (first, again, other) = (keyed("a"), keyed("a"), keyed("b"));
    assert_eq!(first, again);
    let link = first["follow"].as_str().unwrap();
    let (id, secret) = link.trim_start_matches("/follow/").rsplit_once('-').unwrap();
    assert_eq!((id, secret.len()), (first["id"].as_str().unwrap(), 32));
    assert_ne!(first["follow"], other["follow"]);
    let swapped = format!("/api/v1/follow/{}-{secret}", other["id"].as_str().unwrap());
    let zeros = format!("/api/v1/follow/{id}-{}", "0".repeat(32));
    for wrong in [swapped, zeros, format!("/api/v1/follow/{id}"), "/api/v1/follow/%F0%9F%98%80-x".to_owned()] {
        assert!(server.get(&wrong).problem(404).contains("nothing is followed by this link"), "{wrong}");
    }
    let lines = server.post_with(report(json!({})).to_string().as_bytes(), &[("content-type", "application/x-ndjson")]);
    assert_eq!(followed(&server, &lines.json())["reports"], 3);
    // It is good after a restart; the log alone makes no link.
    drop(server);
    let server = open(folder.path());
    assert_eq!(followed(&server, &first)["incident_id"], "i1");
    let (backup, bare) = (folder.path().join("backup"), folder.path().join("bare"));
    let [data, backup, bare] = [folder.path(), &backup, &bare].map(|path| path.to_str().unwrap().to_owned());
    waterlog(TREE.as_ref(), &["--data", &data, "backup", "--public", &backup]).expect_success();
    waterlog(TREE.as_ref(), &["--data", &bare, "restore", &backup]).expect_success();
    let stranger = Server::start_with(bare.as_ref(), &["--clock", START]);
    assert_eq!(stranger.get(&format!("/api/v1{link}")).status, 404);
}

#[test]
fn a_link_is_revoked_by_itself_and_for_good_by_those_who_may_in_its_area() {
    let folder = tempfile::tempdir().unwrap();
    seed(folder.path(), &[Event::Areas(town())]);
    for (login, role, bounds) in
        [("west", "grid_worker", &["--area", "west"][..]), ("crew", "department", &["--unit", "drainage"][..])]
    {
        add(folder.path(), login, role, bounds);
    }
    let server = Server::start_with(folder.path(), &["--clock", START]);
    let at = |lon: f64| posted(&server, json!({"lon": lon, "lat": 20.005, "observed_at": "2025-12-31T23:50:00Z"}));
    let [mine, same_case, east] = [at(110.01), at(110.01), at(110.03)];
    assert_eq!(mine["incident_id"], same_case["incident_id"]);
    let id = |posted: &Value| posted["id"].as_str().unwrap().to_owned();
    let revoke = |login: &str, report: &str| {
        let session = log_in(&server, login);
        server.send("DELETE", &format!("/api/v1/reports/{report}/follow"), &session.headers(), b"")
    };
    assert!(revoke("crew", &id(&mine)).problem(403).contains("a department may not"));
    assert!(revoke("west", &id(&east)).problem(403).contains("the report lies in east"));
    assert!(revoke("west", "nothing").problem(404).contains("no report"));
    let anybody = server.send("DELETE", &format!("/api/v1/reports/{}/follow", id(&mine)), &[], b"");
    assert!(anybody.problem(401).contains("log in"));
    followed(&server, &mine);
    assert_eq!([revoke("west", &id(&mine)).status, revoke("west", &id(&mine)).status], [204, 204]);
    let gone = |server: &Server| {
        let told = server.get(&format!("/api/v1{}", mine["follow"].as_str().unwrap())).problem(404);
        assert!(told.contains("it was revoked"), "{told}");
        // The other reporter of the same case reads on, and the report is where it was.
        assert_eq!(followed(server, &same_case)["reports"], 2);
        assert_eq!(server.get(&format!("/api/v1/reports/{}", id(&mine))).status, 200);
    };
    gone(&server);
    let session = log_in(&server, "west");
    let detail =
        server.get_with(&format!("/api/v1/incidents/{}", mine["incident_id"].as_str().unwrap()), &session.headers());
    let revoked: Vec<bool> = detail.json()["reports_private"]
        .as_array()
        .unwrap()
        .iter()
        .map(|report| report["link_revoked"].as_bool().unwrap())
        .collect();
    assert_eq!(revoked, [true, false]);
    let audit = user(folder.path(), &["audit", "west"], "").expect_success();
    let line = format!("\trevoke_link\t{}\t", id(&mine));
    assert_eq!(audit.matches(&line).count(), 1, "{audit}");
    // It stays so after a restart and in a copy.
    drop(server);
    let copy = folder.path().join("copy");
    let [data, to] = [folder.path(), &copy].map(|path| path.to_str().unwrap());
    waterlog(TREE.as_ref(), &["--data", data, "backup", to]).expect_success();
    for folder in [folder.path(), &copy] {
        gone(&Server::start_with(folder, &["--clock", START]));
    }
}

#[test]
fn every_reporter_of_two_cases_that_became_one_is_told_of_each_step_once() {
    let (server, folder) = desk();
    // 80 m apart: two cases.
    let near = |n: usize| posted(&server, json!({"lat": 20.0148 + 0.00001 * n as f64}));
    let far = || posted(&server, json!({"lat": 20.0148 + 80.0 / 111_195.0}));
    let [a, b, c] = [near(0), near(1), far()];
    assert_eq!((&b["incident_id"], &c["incident_id"]), (&json!("i1"), &json!("i3")));
    taken(&server, "i1", json!({"step": "acknowledge"}));
    taken(&server, "i3", json!({"step": "acknowledge"}));
    taken(&server, "i3", json!({"step": "merge", "other_incident_id": "i1"}));
    taken(&server, "i1", json!({"step": "dispatch", "unit": "drainage"}));
    taken(&server, "i1", json!({"step": "resolve"}));
    taken(&server, "i1", json!({"step": "reopen"}));
    taken(&server, "i1", json!({"step": "acknowledge"}));
    taken(&server, "i1", json!({"step": "resolve"}));
    taken(&server, "i1", json!({"step": "rework", "note": "the kerb is still under water"}));
    taken(&server, "i1", json!({"step": "resolve"}));
    let told = ["acknowledge", "merge", "dispatch", "resolve", "reopen", "acknowledge", "resolve", "rework", "resolve"];
    for mine in [&a, &b, &c] {
        let seen = followed(&server, mine);
        assert_eq!((steps(&seen), &seen["reports"]), (told.to_vec(), &json!(3)));
        assert!(!seen.to_string().contains("kerb"), "what is lacking is for the unit: {seen}");
    }
    drop(server);
    let store = Store::open_existing(folder.path()).unwrap();
    let of = |posted: &Value| {
        let id = posted["id"].as_str().unwrap();
        store.outbox().unwrap().into_iter().filter(|out| out.report == id).map(|out| out.seq).collect::<Vec<_>>()
    };
    // 4 and 5 are the acknowledgements, 6 is the merge, of which only the case that went hears.
    let since: Vec<u64> = (7..=13).collect();
    assert_eq!([of(&a), of(&b)], [[&[4], &*since].concat(), [&[4], &*since].concat()]);
    assert_eq!(of(&c), [&[5, 6], &*since].concat());
    assert!(store.outbox().unwrap().iter().all(|out| out.state == SendState::Pending));
}

#[test]
fn two_cases_that_were_both_sent_back_before_they_became_one_were_sent_back_once_to_whoever_waits() {
    let (server, _folder) = desk();
    let mine = posted(&server, json!({}));
    posted(&server, json!({"lat": 20.0148 + 80.0 / 111_195.0}));
    let wanting = json!({"step": "rework", "note": "the pump was taken away too soon"});
    for step in [json!({"step": "acknowledge"}), json!({"step": "resolve"}), wanting] {
        ["i1", "i2"].into_iter().for_each(|id| taken(&server, id, step.clone()));
    }
    taken(&server, "i2", json!({"step": "merge", "other_incident_id": "i1"}));
    assert_eq!(steps(&followed(&server, &mine)), ["acknowledge", "resolve", "rework", "merge"]);
    taken(&server, "i1", json!({"step": "resolve"}));
    let told = followed(&server, &mine);
    assert_eq!(steps(&told)[4..], ["resolve"]);
    assert_eq!(told["state"], "resolved");
}

#[test]
fn imported_reports_and_refused_or_repeated_steps_leave_no_message_and_an_old_database_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.csv"),
        "id,category,lon,lat,observed_at\n1,waterlogging,110.3312,20.0148,2025-12-31T23:00:00Z\n",
    )
    .unwrap();
    let data = folder.path().join("city");
    let run = |arguments: &[&str]| waterlog(folder.path(), &[&["--data", "city"], arguments].concat()).expect_success();
    run(&["import", "a.csv"]);
    // As a program of before left it.
    Connection::open(data.join(PRIVATE_FILE)).unwrap().execute_batch("DROP TABLE outbox").unwrap();
    let server = open(&data);
    let mine = posted(&server, json!({"observed_at": START}));
    assert_eq!(mine["incident_id"], "i1");
    let keyed = |step: Value| {
        let headers = [&GRID[..], &[("content-type", "application/json"), ("idempotency-key", "k")]].concat();
        server.post_at("/api/v1/incidents/i1/transitions", step.to_string().as_bytes(), &headers).status
    };
    assert_eq!([keyed(json!({"step": "acknowledge"})), keyed(json!({"step": "acknowledge"}))], [201, 201]);
    assert_eq!(take(&server, "i1", json!({"step": "verify"})).status, 409);
    drop(server);
    let out = || Store::open_existing(&data).unwrap().outbox().unwrap();
    let only = Outgoing { seq: 3, report: mine["id"].as_str().unwrap().to_owned(), state: SendState::Pending };
    assert_eq!(out(), std::slice::from_ref(&only));
    // A process that was stopped between the two files left a message of a step that never was.
    let private = Connection::open(data.join(PRIVATE_FILE)).unwrap();
    private.execute("INSERT INTO outbox (seq, report) VALUES (4, 'ghost')", []).unwrap();
    drop(private);
    run(&["backup", "copy"]);
    assert_eq!(
        Store::open_existing(&folder.path().join("copy")).unwrap().outbox().unwrap(),
        std::slice::from_ref(&only)
    );
    let server = open(&data);
    posted(&server, json!({"observed_at": START}));
    drop(server);
    assert_eq!(out(), [only]);
}

#[test]
fn messages_are_kept_for_as_long_as_is_said_and_then_go_sent_or_not_while_the_case_keeps_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let at = |clock: &str, more: &[&str]| {
        let server = Server::start_with(data, &[&["--clock", clock, "--trust-actors"], more].concat());
        server.until("it has begun", || server.log().contains("ready"));
        server
    };
    let out = || Store::open_existing(data).unwrap().outbox().unwrap().into_iter().map(|out| out.seq).collect();
    let has = |seqs: &[u64]| {
        let found: Vec<u64> = out();
        found == seqs
    };
    let server = at(START, &[]);
    let mine = posted(&server, json!({"observed_at": START}));
    taken(&server, "i1", json!({"step": "acknowledge"}));
    assert!(has(&[2]));
    drop(server);
    let mark = |sql: &str| Connection::open(data.join(PRIVATE_FILE)).unwrap().execute_batch(sql).unwrap();
    mark("UPDATE outbox SET state = 'sent'");
    // A minute less than thirty days later it is there, and so is what nobody has fetched.
    let server = at("2026-01-30T23:59:00Z", &[]);
    taken(&server, "i1", json!({"step": "dispatch", "unit": "drainage"}));
    assert!(has(&[2, 3]));
    let figure = |server: &Server, name: &str| {
        let text = server.get("/metrics").text();
        let line = text.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap_or_else(|| panic!("{text}"));
        line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()
    };
    assert_eq!(figure(&server, "waterlog_outbox_messages"), 2.0);
    let age = figure(&server, "waterlog_outbox_oldest_seconds");
    assert!((30.0 * 86_400.0 - 90.0..30.0 * 86_400.0).contains(&age), "{age}");
    drop(server);
    // As a program of before left it: without times, which the log knows.
    mark(
        "CREATE TABLE kept AS SELECT seq, report, state FROM outbox; DROP TABLE outbox;
         CREATE TABLE outbox (seq INTEGER NOT NULL, report TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending',
             PRIMARY KEY (seq, report)) STRICT, WITHOUT ROWID;
         INSERT INTO outbox SELECT * FROM kept; DROP TABLE kept;",
    );
    let server = at("2026-01-31T00:01:00Z", &["--outbox-days", "31"]);
    server.until("the times were looked up", || figure(&server, "waterlog_outbox_oldest_seconds") > 0.0);
    assert!(has(&[2, 3]));
    drop(server);
    let server = at("2026-01-31T00:01:00Z", &[]);
    server.until("the first has gone", || has(&[3]));
    server.until("it is counted", || figure(&server, "waterlog_outbox_messages_forgotten_total") == 1.0);
    assert_eq!(figure(&server, "waterlog_outbox_messages"), 1.0);
    assert!(server.log().contains("1 messages to reporters were older than they are kept"), "{}", server.log());
    drop(server);
    let server = at("2026-03-05T00:00:00Z", &[]);
    server.until("all have gone", || has(&[]));
    assert_eq!(figure(&server, "waterlog_outbox_oldest_seconds"), 0.0);
    assert_eq!(steps(&followed(&server, &mine)), ["acknowledge", "dispatch"]);
    drop(server);
    let refused = waterlog(data, &["--data", ".", "serve", "--outbox-days", "0"]);
    assert!(refused.stderr.contains("--outbox-days"), "{}", refused.stderr);
}

#[test]
fn an_opinion_is_answered_on_the_desk_and_its_sender_reads_the_answer_while_no_layer_shows_it() {
    let (server, _folder) = desk();
    let mine = posted(&server, json!({"category": "opinion", "text": "more trees, please"}));
    assert_eq!(mine["incident_id"], Value::Null);
    let queue = server.get_with("/api/v1/queue", &GRID).json();
    let row = &queue["rows"][0];
    assert_eq!((&row["category"], &row["said"]), (&json!("opinion"), &json!(["more trees, please"])));
    let id = row["id"].as_str().unwrap().to_owned();
    taken(&server, &id, json!({"step": "acknowledge"}));
    taken(&server, &id, json!({"step": "resolve", "note": "200 will be planted in March"}));
    let seen = followed(&server, &mine);
    assert_eq!((&seen["state"], &seen["answer"]), (&json!("resolved"), &json!("200 will be planted in March")));
    assert_eq!((&seen["incident_id"], &seen["place"]), (&Value::Null, &Value::Null));
    assert_eq!(server.get(&format!("/api/v1/incidents/{id}")).status, 404);
    assert_eq!((server.features("/api/v1/incidents").len(), server.features("/api/v1/reports").len()), (0, 0));
}
