//! A message of several matters that goes through the inbox: each of them becomes a report, as without it.

use serde_json::{Value, json};
use waterlog::store::{Inbox, InboxEntry, Kind, MadeOf};

use crate::inbox::Desk;
use crate::photos::sample;
use crate::server::Server;

const TWO: &str = "豪苑路南海大道路口积水。和信广场井盖丢失。";

fn wait(desk: &Desk, text: &str, more: Value) -> Value {
    let taken = desk.send(text, more, &[]);
    assert_eq!(taken.status, 202, "{}", taken.text());
    taken.json()["inbox"].clone()
}

/// What the map has, as the categories with their longitudes.
fn reports(server: &Server) -> Vec<(String, f64)> {
    let of = |feature: &Value| {
        let lon = feature["geometry"]["coordinates"][0].as_f64().unwrap();
        (feature["properties"]["category"].as_str().unwrap().to_owned(), lon)
    };
    let mut found: Vec<_> = server.features("/api/v1/reports").iter().map(of).collect();
    found.sort_by(|a, b| a.partial_cmp(b).unwrap());
    found
}

fn state(desk: &Desk, follow: &Value) -> Value {
    desk.server.get(&format!("/api/v1{}", follow.as_str().unwrap())).json()["state"].clone()
}

#[test]
fn a_held_message_that_is_released_is_all_its_reports() {
    let Desk { dir, server, key } = Desk::open();
    drop(server);
    let body = json!({"text": TWO, "at": "2026-01-01T08:00:00+08:00"});
    let held = InboxEntry {
        id: "0123456789abcdef".into(),
        received: 1_767_225_600,
        kind: Kind::Message,
        held: true,
        body: body.to_string(),
        key: Some("message:k1".into()),
        person: None,
        sender: None,
        made: MadeOf::new(),
        ended: None,
    };
    Inbox::open(dir.path()).unwrap().put(held, &body.to_string(), &[], 1_767_225_600).unwrap();
    let server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let desk = Desk { dir, server, key };
    let released = desk.decide("0123456789abcdef", "report", json!({}));
    assert_eq!((released.status, &released.json()["id"]), (201, &json!("0123456789abcdef")), "{}", released.text());
    let both = [("manhole".to_owned(), 110.35), ("waterlogging".to_owned(), 110.33)];
    assert_eq!(reports(&desk.server), both);
    let more = released.json()["others"].clone();
    assert_eq!((more.as_array().unwrap().len(), &released.json()["open"]), (1, &json!(0)), "{}", released.text());
    assert!(desk.decide("0123456789abcdef", "report", json!({"matter": 2})).problem(409).contains("report"));
    // Its sender never heard the answer.
    let again = desk.send(TWO, json!({}), &[("idempotency-key", "k1")]);
    let ids: Vec<Value> = again.json()["reports"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!((again.status, ids), (201, vec![json!("0123456789abcdef"), more[0]["id"].clone()]), "{}", again.text());
    assert_eq!(reports(&desk.server), both);
}

#[test]
fn what_is_added_by_hand_is_of_one_matter_and_the_others_go_in_as_they_were_understood() {
    let desk = Desk::open();
    let waits = wait(&desk, "老菜市场后门积水30厘米。和信广场井盖丢失。", json!({}));
    let id = waits["id"].as_str().unwrap();
    let rows = desk.rows();
    assert_eq!(rows[0]["understood"]["matters"].as_array().unwrap().len(), 2, "{rows:?}");
    assert_eq!((&rows[0]["matter"], &rows[0]["made"]), (&json!(1), &json!([])), "{rows:?}");
    assert_eq!(desk.decide(id, "report", json!({})).status, 400, "there is no position yet");
    assert!(reports(&desk.server).is_empty(), "nothing is made of an answer that is refused");
    let made = desk.decide(id, "report", json!({"lon": 110.4, "lat": 20.02}));
    assert_eq!((made.status, &made.json()["id"]), (201, &json!(id)), "{}", made.text());
    assert_eq!(reports(&desk.server), [("manhole".to_owned(), 110.35), ("waterlogging".to_owned(), 110.4)]);
    assert!(desk.rows().is_empty());
}

#[test]
fn an_entry_waits_until_every_matter_of_it_is_a_report_or_it_is_dismissed() {
    let desk = Desk::open();
    let jpeg = sample::jpeg(&sample::quarters(8, 8), &[]);
    let photo = desk.server.post_at("/api/v1/photos", &jpeg, &[("content-type", "image/jpeg")]).json()["id"].clone();
    for (n, dismissed) in [false, true].into_iter().enumerate() {
        let lon = 110.4 + n as f64;
        let waits = wait(&desk, "门口积水30厘米。楼下井盖丢失。", json!({"photos": [photo]}));
        let id = waits["id"].as_str().unwrap();
        let nothing = desk.decide(id, "report", json!({"matter": 3, "lon": lon, "lat": 20.0}));
        assert_eq!((nothing.status, &nothing.json()["field"]), (400, &json!("matter")), "{}", nothing.text());
        let second = desk.decide(id, "report", json!({"matter": 2, "lon": lon, "lat": 20.0}));
        assert_eq!((second.status, &second.json()["open"]), (201, &json!(1)), "{}", second.text());
        let first_made = second.json()["id"].clone();
        assert_eq!(desk.report(first_made.as_str().unwrap())["properties"]["category"], "manhole");
        assert_eq!(state(&desk, &waits["follow"]), "reported", "its sender sees the one that there is");
        let rows = desk.rows();
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((&row["matter"], &row["made"]), (&json!(1), &json!([first_made])), "{row}");
        assert_eq!((&row["report"]["category"], &row["missing"]), (&json!("waterlogging"), &json!(["position"])));
        let again = desk.decide(id, "report", json!({"matter": 2, "lon": lon, "lat": 20.0}));
        assert!(again.problem(409).contains(first_made.as_str().unwrap()), "{}", again.text());
        if dismissed {
            assert_eq!(desk.decide(id, "dismiss", json!({"reason": "false_alarm"})).status, 204);
        } else {
            let first = desk.decide(id, "report", json!({"lon": lon, "lat": 20.1}));
            assert_eq!((first.status, &first.json()["id"]), (201, &json!(id)), "{}", first.text());
            assert_eq!(first.json()["open"], 0);
        }
        assert!(desk.rows().is_empty());
        assert_eq!(state(&desk, &waits["follow"]), "reported");
    }
    assert_eq!(reports(&desk.server).len(), 3);
    let headers = [("authorization", desk.key.as_str())];
    assert_eq!(desk.server.get_with(&format!("/api/v1/photos/{}", photo.as_str().unwrap()), &headers).status, 200);
}
