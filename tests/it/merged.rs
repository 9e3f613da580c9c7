//! The same person on the same thing, minutes apart, is one report; the same picture in two reports is told to the desk.

use std::num::NonZeroU64;

use serde_json::{Value, json};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;
use waterlog::intake::arrival::{Arrival, Door};
use waterlog::intake::{Draft, Private};
use waterlog::live::Live;

use crate::people::{add, key, user};
use crate::photos::sample;
use crate::server::{Answer, Server, report};

const PHONE: (&str, &str) = ("device-id", "0123456789abcdef");
const OTHER: (&str, &str) = ("device-id", "fedcba9876543210");
/// 0.0001 degree of latitude is 11 m.
const LAT: f64 = 20.0148;

fn post(server: &Server, headers: &[(&str, &str)], changes: Value) -> Answer {
    let body = report(changes).to_string();
    server.post_with(body.as_bytes(), &[&[("content-type", "application/json")], headers].concat())
}

fn incident(server: &Server, answer: &Answer) -> Value {
    let id = answer.json()["incident_id"].as_str().unwrap().to_owned();
    server.get(&format!("/api/v1/incidents/{id}")).json()["properties"].clone()
}

#[test]
fn a_second_report_of_one_phone_minutes_later_says_more_of_the_first_and_counts_once() {
    let dir = tempfile::tempdir().unwrap();
    drop(waterlog::store::Store::open(dir.path()).unwrap());
    add(dir.path(), "li.na", "grid_worker", &[]);
    let key = format!("Bearer {}", key(dir.path(), "li.na", &["read", "report"]));
    let server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let first = post(&server, &[PHONE], json!({"depth_cm": 20, "passability": "slow", "text": "ankle-deep"}));
    assert_eq!((first.status, &first.json()["merged"]), (201, &json!(false)), "{}", first.text());
    let more = json!({"observed_at": "2025-12-21T09:16:00+08:00", "lat": LAT + 0.0005, "depth_cm": 45,
        "passability": "impassable_small", "text": "now up to the knee"});
    let own = [PHONE, ("idempotency-key", "second")];
    let second = post(&server, &own, more.clone());
    assert_eq!((second.status, &second.json()["merged"]), (200, &json!(true)), "{}", second.text());
    assert_eq!(
        (&second.json()["id"], &second.json()["follow"], &second.json()["incident_id"]),
        (&first.json()["id"], &first.json()["follow"], &first.json()["incident_id"])
    );
    let again = post(&server, &own, more);
    assert_eq!(
        (again.status, &again.json()["id"], &again.json()["seq"]),
        (200, &first.json()["id"], &second.json()["seq"])
    );
    let shallower = post(&server, &[PHONE], json!({"depth_cm": 5}));
    assert_eq!(shallower.json()["merged"], true);
    let case = incident(&server, &first);
    assert_eq!(
        (&case["reports"], &case["depth_cm_max"], &case["passability"]),
        (&json!(1), &json!(45), &json!("impassable_small"))
    );
    let queue = server.get_with("/api/v1/queue", &[("authorization", &key)]).json();
    assert_eq!(queue["rows"][0]["said"], json!(["ankle-deep\nnow up to the knee"]), "each once");
    drop(server);
    // Folded anew, and at a time before the second message.
    let server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    assert_eq!(incident(&server, &first)["depth_cm_max"], 45);
    let path = format!(
        "/api/v1/incidents/{}?as_of=2025-12-21T09:12:00%2B08:00",
        first.json()["incident_id"].as_str().unwrap()
    );
    assert_eq!(server.get(&path).json()["properties"]["depth_cm_max"], 20);
    drop(server);
    let live = Live::open(dir.path(), Settings::default()).unwrap();
    live.read(|map| map.check());
    live.close();
}

/// What the private file has of phones.
fn devices(dir: &std::path::Path) -> Vec<(String, String)> {
    let file = rusqlite::Connection::open(dir.join("private.db")).unwrap();
    let mut select = file.prepare("SELECT report, device FROM devices ORDER BY report").unwrap();
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_phone_says_more_of_its_report_after_a_restart_too_for_ten_minutes_and_then_no_file_knows_it() {
    let dir = tempfile::tempdir().unwrap();
    let start = |clock: &str| Server::start_with(dir.path(), &["--clock", clock]);
    let id = |answer: &Answer| answer.json()["id"].as_str().unwrap().to_owned();
    let server = start("2025-12-21T01:12:00Z");
    let first = post(&server, &[PHONE], json!({"depth_cm": 20}));
    let manhole = post(&server, &[PHONE], json!({"category": "manhole"}));
    assert_eq!((first.status, manhole.status), (201, 201), "{}", first.text());
    drop(server);
    let kept = devices(dir.path());
    assert!(kept.len() == 2 && kept[0].1 == kept[1].1 && !kept[0].1.contains(PHONE.1), "{kept:?}");
    assert!(!std::fs::read(dir.path().join("private.db")).unwrap().windows(16).any(|part| part == PHONE.1.as_bytes()));

    let server = start("2025-12-21T01:20:00Z");
    let later = json!({"observed_at": "2025-12-21T09:19:00+08:00", "depth_cm": 45});
    let other = post(&server, &[OTHER], later.clone());
    assert_eq!((other.status, &other.json()["merged"]), (201, &json!(false)), "another phone");
    let second = post(&server, &[PHONE], later.clone());
    assert_eq!((second.status, &second.json()["merged"]), (200, &json!(true)), "{}", second.text());
    assert_eq!((id(&second), incident(&server, &first)["depth_cm_max"].clone()), (id(&first), json!(45)));
    let far = post(&server, &[PHONE], json!({"observed_at": "2025-12-21T09:19:00+08:00", "lat": LAT + 0.01}));
    assert_eq!((far.status, &far.json()["merged"]), (201, &json!(false)), "another place");
    drop(server);

    // Half an hour later: what was observed then may be sent now, but nobody knows any more who had sent the first.
    let server = start("2025-12-21T01:50:00Z");
    let late = post(&server, &[PHONE], later);
    assert_eq!((late.status, &late.json()["merged"]), (201, &json!(false)), "{}", late.text());
    drop(server);
    let left: Vec<String> = devices(dir.path()).into_iter().map(|(report, _)| report).collect();
    assert_eq!(left, [id(&late)]);
}

#[test]
fn of_whoever_is_known_no_phone_is_kept_and_one_that_stands_beside_a_person_is_erased_with_him() {
    let dir = tempfile::tempdir().unwrap();
    drop(waterlog::store::Store::open(dir.path()).unwrap());
    add(dir.path(), "li.na", "reporter", &[]);
    let key = format!("Bearer {}", key(dir.path(), "li.na", &["report"]));
    let server = Server::start_with(dir.path(), &["--clock", "2025-12-21T01:12:00Z"]);
    assert_eq!(post(&server, &[PHONE, ("authorization", &key)], json!({})).status, 201);
    let stranger = post(&server, &[OTHER], json!({"category": "manhole"})).json()["id"].as_str().unwrap().to_owned();
    drop(server);
    let of = |rows: Vec<(String, String)>| rows.into_iter().map(|(report, _)| report).collect::<Vec<_>>();
    assert_eq!(of(devices(dir.path())), [stranger.as_str()], "she is known by her account");
    // As a program may keep it all the same: both of one report.
    let live = Live::open(dir.path(), Settings::default()).unwrap();
    let category = Category::named("obstruction").unwrap();
    let mut his = Report::new("his", category, Position::new(110.4, 20.0).unwrap(), 1_766_279_520);
    his.person = NonZeroU64::new(4_711);
    let draft = Draft { event: Event::Report(his), key: None, private: Private::default() };
    let arrival = Arrival::of(Door::Report, 1_766_279_520, json!({}));
    let draft = draft.from_device(Some("stands-for-his-phone".into())).arrived(&arrival).unwrap();
    live.submit_all(vec![draft]).unwrap().remove(0).unwrap();
    live.close();
    let mut both = ["his", &stranger];
    both.sort_unstable();
    assert_eq!(of(devices(dir.path())), both);
    user(dir.path(), &["erase", "--person", "4711"], "").expect_success();
    assert_eq!(of(devices(dir.path())), [stranger], "and nobody else's");
    let files = ["private.db", "private.db-wal"].iter().flat_map(|name| std::fs::read(dir.path().join(name)).ok());
    let bytes: Vec<u8> = files.flatten().collect();
    assert!(!bytes.windows(20).any(|part| part == b"stands-for-his-phone"), "nothing of it is left");
}

#[test]
fn another_phone_another_thing_another_place_or_later_is_a_report_of_its_own() {
    let server = Server::start();
    let first = post(&server, &[PHONE], json!({}));
    let own = |answer: Answer| {
        assert_eq!((answer.status, &answer.json()["merged"]), (201, &json!(false)), "{}", answer.text());
        assert_ne!(answer.json()["id"], first.json()["id"]);
    };
    own(post(&server, &[OTHER], json!({})));
    own(post(&server, &[], json!({})));
    own(post(&server, &[PHONE], json!({"category": "manhole"})));
    own(post(&server, &[PHONE], json!({"lat": LAT + 0.001})));
    own(post(&server, &[PHONE], json!({"dry": true})));
    own(post(&server, &[PHONE], json!({"observed_at": "2025-12-21T09:20:01+08:00"})));
    assert_eq!(incident(&server, &first)["reports"], 4);
}

#[test]
fn what_has_ended_is_said_no_more_of() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--clock", "2025-12-21T01:12:00Z", "--trust-actors"]);
    let first = post(&server, &[PHONE], json!({}));
    let path = format!("/api/v1/incidents/{}/transitions", first.json()["incident_id"].as_str().unwrap());
    let headers = [("content-type", "application/json"), ("actor-role", "grid_worker"), ("actor-unit", "grid_7")];
    let step = server.post_at(&path, br#"{"step": "dismiss", "reason": "false_alarm"}"#, &headers);
    assert_eq!(step.status, 201, "{}", step.text());
    let again = post(&server, &[PHONE], json!({"observed_at": "2025-12-21T09:15:00+08:00"}));
    assert_eq!((again.status, &again.json()["merged"]), (201, &json!(false)));
    assert_ne!(again.json()["incident_id"], first.json()["incident_id"], "it floods again");
}

#[test]
fn a_picture_that_came_with_another_report_is_told_to_the_desk_and_refused_to_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z", "--trust-actors"]);
    let picture = sample::jpeg(&sample::quarters(8, 8), &[]);
    let upload = || server.post_at("/api/v1/photos", &picture, &[("content-type", "image/jpeg")]).json()["id"].clone();
    let (once, twice) = (upload(), upload());
    assert_eq!(once, twice);
    let first = post(&server, &[PHONE], json!({"photos": [once]}));
    let second = post(&server, &[OTHER], json!({"photos": [twice], "lat": LAT + 0.1}));
    assert_eq!((first.status, second.status), (201, 201));
    let desk = [("actor-role", "grid_worker"), ("actor-unit", "grid_7")];
    let queue = server.get_with("/api/v1/queue", &desk).json();
    let mut expected = [&first, &second]
        .map(|answer| json!({"report_id": answer.json()["id"], "incident_id": answer.json()["incident_id"]}));
    expected.sort_by_key(|shown| shown["report_id"].to_string());
    for (row, shown) in queue["rows"].as_array().unwrap().iter().zip([&first, &second]) {
        assert_eq!(row["photos"], json!([{"id": once, "report_id": shown.json()["id"]}]));
        assert_eq!(row["same_photos"], json!([{"photo": once, "reports": expected}]), "{row}");
    }
    let alone = post(&server, &[], json!({"lat": LAT + 0.2}));
    let path = format!("/api/v1/queue?ids={}", alone.json()["incident_id"].as_str().unwrap());
    assert_eq!(server.get_with(&path, &desk).json()["rows"][0]["same_photos"], json!([]));
}
