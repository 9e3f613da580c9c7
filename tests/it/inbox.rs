//! A message becomes a report where it says what and where; else it waits for somebody who adds the rest, and is lost in no
//! case.

use serde_json::{Value, json};
use waterlog::hazard::event::Event;

use crate::parse::place;
use crate::people::{add, key, user};
use crate::photos::sample;
use crate::server::{Answer, Server, seed};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A service of two places, and somebody of the desk.
pub struct Desk {
    pub dir: tempfile::TempDir,
    pub server: Server,
    pub key: String,
}

impl Desk {
    pub fn open() -> Desk {
        let dir = tempfile::tempdir().unwrap();
        let places = vec![place("x", "豪苑路与南海大道路口", 110.33), place("y", "和信广场", 110.35)];
        seed(dir.path(), &[Event::Places(places)]);
        add(dir.path(), "li.na", "grid_worker", &[]);
        let key = format!("Bearer {}", key(dir.path(), "li.na", &["read", "report", "act"]));
        let server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
        Desk { dir, server, key }
    }

    pub fn send(&self, text: &str, more: Value, headers: &[(&str, &str)]) -> Answer {
        let mut body = json!({"text": text, "at": "2026-01-01T08:00:00+08:00"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.server.post_at("/api/v1/messages", body.to_string().as_bytes(), &[&[JSON], headers].concat())
    }

    pub fn rows(&self) -> Vec<Value> {
        let answer = self.server.get_with("/api/v1/inbox", &[("authorization", self.key.as_str())]);
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.text());
        answer.json()["rows"].as_array().unwrap().clone()
    }

    pub fn decide(&self, id: &str, what: &str, body: Value) -> Answer {
        let headers = [JSON, ("authorization", self.key.as_str())];
        self.server.post_at(&format!("/api/v1/inbox/{id}/{what}"), body.to_string().as_bytes(), &headers)
    }

    pub fn report(&self, id: &str) -> Value {
        self.server.get(&format!("/api/v1/reports/{id}")).json()
    }
}

#[test]
fn a_message_that_says_what_and_where_is_a_report_at_once_and_a_retry_the_same_one() {
    let desk = Desk::open();
    let source = json!({"source": {"channel": "chat", "id": "m1"}});
    let taken = desk.send("豪苑路南海大道路口积水30厘米，小车无法通行", source.clone(), &[]);
    assert_eq!(taken.status, 201, "{}", taken.text());
    let (reports, inbox) = (taken.json()["reports"].clone(), taken.json()["inbox"].clone());
    assert!(inbox.is_null() && reports.as_array().unwrap().len() == 1, "{}", taken.text());
    let report = desk.report(reports[0]["id"].as_str().unwrap());
    let properties = &report["properties"];
    assert_eq!((&properties["category"], &properties["depth_cm"]), (&json!("waterlogging"), &json!(30)));
    assert_eq!((&properties["passability"], &properties["channel"]), (&json!("impassable_small"), &json!("chat")));
    assert_eq!(report["geometry"]["coordinates"], json!([110.33, 20.01]));
    let again = desk.send("豪苑路南海大道路口积水30厘米，小车无法通行", source.clone(), &[]);
    assert_eq!(again.json()["reports"][0]["id"], reports[0]["id"]);
    assert_eq!(desk.send("和信广场积水", source, &[]).status, 409, "the same id of something else");
    let two = desk.send("豪苑路南海大道路口积水。和信广场井盖丢失。", json!({}), &[]);
    assert_eq!((two.status, two.json()["reports"].as_array().unwrap().len()), (201, 2), "{}", two.text());
    assert!(desk.rows().is_empty());
}

#[test]
fn a_message_without_a_place_waits_with_what_was_understood_and_becomes_a_report_by_hand() {
    let desk = Desk::open();
    let photo = sample::jpeg(&sample::quarters(8, 8), &[]);
    let photo = desk.server.post_at("/api/v1/photos", &photo, &[("content-type", "image/jpeg")]).json()["id"].clone();
    let more = json!({"sender": "骑手小王", "photos": [photo]});
    let own = [("idempotency-key", "k1")];
    let taken = desk.send("门口积水没过膝盖", more.clone(), &own);
    assert_eq!(taken.status, 202, "{}", taken.text());
    let waits = taken.json()["inbox"].clone();
    assert_eq!((&waits["missing"], &waits["held"]), (&json!(["position"]), &json!(false)), "{waits}");
    assert_eq!(desk.send("门口积水没过膝盖", more, &own).json()["inbox"]["id"], waits["id"], "a retry");
    let follow = format!("/api/v1{}", waits["follow"].as_str().unwrap());
    assert_eq!(desk.server.get(&follow).json()["state"], "waiting");
    assert!(desk.server.ids("/api/v1/reports").is_empty());
    let rows = desk.rows();
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&row["sender"], &row["photos"]), (&json!("骑手小王"), &json!([photo])), "{row}");
    assert_eq!((&row["report"]["category"], &row["report"]["depth_cm"]), (&json!("waterlogging"), &json!(45.0)));
    assert_eq!(row["understood"]["matters"][0]["words"]["category"], "积水");
    assert!(row["understood"]["questions"][0]["zh"].as_str().unwrap().contains("在哪里"), "{row}");
    let id = waits["id"].as_str().unwrap();
    assert_eq!(desk.decide(id, "report", json!({})).status, 400, "there is no position yet");
    let refused = desk.decide(id, "report", json!({"lon": 110.34, "lat": 95.0}));
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("lat")));
    let made = desk.decide(id, "report", json!({"lon": 110.34, "lat": 20.02}));
    assert_eq!((made.status, &made.json()["id"]), (201, &waits["id"]), "{}", made.text());
    let report = desk.report(id);
    assert_eq!(report["properties"]["depth_cm"], 45);
    assert_eq!(report["geometry"]["coordinates"], json!([110.34, 20.02]));
    let followed = desk.server.get(&follow);
    assert_eq!((followed.status, &followed.json()["state"]), (200, &json!("reported")), "the link stays the same");
    let seen = desk.server.get_with("/api/v1/queue", &[("authorization", desk.key.as_str())]).json();
    assert_eq!(
        (&seen["rows"][0]["photos"], &seen["rows"][0]["said"]),
        (&json!([{"id": photo, "report_id": id}]), &json!(["门口积水没过膝盖"]))
    );
    assert!(desk.rows().is_empty() && desk.decide(id, "dismiss", json!({"reason": "abuse"})).status == 409);
}

#[test]
fn a_position_in_the_sea_is_asked_about_and_put_right_by_hand() {
    let desk = Desk::open();
    let sea = json!({"source": "device", "lon": 112.0, "lat": 18.0, "accuracy_m": 9});
    let named = json!({"source": "text", "lon": 110.33, "lat": 20.01, "place_id": "x"});
    let report = crate::server::report(json!({"lon": null, "lat": null, "positions": [sea, named]}));
    let asked = desk.server.post(&report);
    assert_eq!(
        (asked.status, &asked.json()["type"]),
        (409, &json!("/problems/positions-disagree")),
        "{}",
        asked.text()
    );
    assert!(asked.json()["candidates"][1]["distance_m"].as_f64().unwrap() > 200_000.0);
    let waits = desk.send("豪苑路南海大道路口积水", json!({"positions": [sea]}), &[]).json()["inbox"].clone();
    assert_eq!(waits["missing"], json!(["one_position"]));
    let id = waits["id"].as_str().unwrap();
    assert_eq!(desk.decide(id, "report", json!({})).status, 409, "nobody guesses");
    let made = desk.decide(id, "report", json!({"lon": 110.33, "lat": 20.01}));
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(desk.report(id)["geometry"]["coordinates"], json!([110.33, 20.01]));
}

#[test]
fn what_is_no_report_is_dismissed_with_a_reason_that_its_sender_is_told() {
    let desk = Desk::open();
    let waits = desk.send("请问停车罚款在哪里交？", json!({}), &[]).json()["inbox"].clone();
    let id = waits["id"].as_str().unwrap();
    assert_eq!(desk.decide(id, "dismiss", json!({})).json()["field"], "reason");
    assert_eq!(desk.decide(id, "dismiss", json!({"reason": "not_ours", "note": "for the police"})).status, 204);
    let told = desk.server.get(&format!("/api/v1{}", waits["follow"].as_str().unwrap()));
    assert_eq!((told.status, told.json()["reason"].clone()), (202, json!("not_ours")));
    assert!(!told.text().contains("police"), "what was noted is for the desk");
    assert!(desk.decide(id, "report", json!({"lon": 110.3, "lat": 20.0})).problem(409).contains("dismissed"));
    assert_eq!(desk.decide("nothing", "dismiss", json!({"reason": "abuse"})).status, 404);
    let nothing = desk.send("", json!({}), &[]);
    assert_eq!((nothing.status, &nothing.json()["field"]), (400, &json!("text")));
}

#[test]
fn what_waits_survives_a_restart_is_no_orphan_and_is_erased_with_its_sender() {
    let Desk { dir, server, key } = Desk::open();
    let headers = [JSON, ("authorization", key.as_str())];
    let photo = server.post_at(
        "/api/v1/photos",
        &sample::jpeg(&sample::quarters(8, 8), &[]),
        &[("content-type", "image/jpeg")],
    );
    let body = json!({"text": "wet", "photos": [photo.json()["id"]]}).to_string();
    assert_eq!(server.post_at("/api/v1/messages", body.as_bytes(), &headers).status, 202);
    drop(server);
    let mut store = waterlog::store::Store::open_existing(dir.path()).unwrap();
    assert_eq!(store.orphans(0, true, |_| false).unwrap(), 0, "its photo is shown by what waits");
    drop(store);
    let server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let page = server.get_with("/api/v1/inbox", &headers[1..]).json();
    assert_eq!((&page["open"], &page["rows"][0]["text"]), (&json!(1), &json!("wet")), "{page}");
    drop(server);
    user(dir.path(), &["erase", "li.na"], "").expect_success();
    let file = std::fs::read(dir.path().join("private.db")).unwrap();
    assert!(!file.windows(5).any(|bytes| bytes == b"\"wet\""), "nothing of it is left");
}

#[test]
fn a_name_that_is_put_on_the_map_by_hand_is_remembered_and_found_by_text_and_search() {
    let desk = Desk::open();
    let wait = |text: &str| desk.send(text, json!({}), &[]).json()["inbox"]["id"].as_str().unwrap().to_owned();
    let first = wait("老菜市场后门积水30厘米");
    assert_eq!(desk.rows()[0]["nameable"], "老菜市场后门");
    let told =
        desk.decide(&first, "report", json!({"lon": 110.36, "lat": 20.02, "place": "我家门口", "remember": true}));
    assert!(told.problem(400).contains("home"), "{}", told.text());
    assert!(desk.decide(&first, "report", json!({"remember": true})).problem(400).contains("lon and lat"));
    let made = desk.decide(&first, "report", json!({"lon": 110.36, "lat": 20.02, "remember": true}));
    assert_eq!(made.status, 201, "{}", made.text());
    // 老菜市场, and lcsc
    let found = desk.server.get("/api/v1/places?q=%E8%80%81%E8%8F%9C%E5%B8%82%E5%9C%BA").json()["places"].clone();
    assert_eq!((&found[0]["name"], &found[0]["lon"]), (&json!("老菜市场后门"), &json!(110.36)), "{found}");
    let taken = desk.send("老菜市场后门又积水了，没过脚踝", json!({}), &[]);
    assert_eq!(taken.status, 201, "{}", taken.text());
    let report = desk.report(taken.json()["reports"][0]["id"].as_str().unwrap());
    assert_eq!(report["geometry"]["coordinates"], json!([110.36, 20.02]));
    // Beside a place that is known it is one more name of that.
    let second = wait("药谷东门口积水");
    let by_hand = json!({"lon": 110.35, "lat": 20.01, "place": "药谷东门口", "remember": true});
    let made = desk.decide(&second, "report", by_hand);
    assert_eq!(made.status, 201, "{}", made.text());
    let found = desk.server.get("/api/v1/places?q=%E8%8D%AF%E8%B0%B7").json()["places"].clone();
    assert_eq!(
        (&found[0]["id"], &found[0]["name"], &found[0]["matched"]),
        (&json!("y"), &json!("和信广场"), &json!("药谷东门口"))
    );
    // Not remembered unless that is wanted; and nothing tells who did it.
    let third = wait("椰树门西边积水");
    assert_eq!(desk.decide(&third, "report", json!({"lon": 110.39, "lat": 20.03})).status, 201);
    assert_eq!(desk.server.get("/api/v1/places?q=%E6%A4%B0%E6%A0%91").json()["places"], json!([]));
    drop(desk.server);
    let log = crate::program::log(desk.dir.path());
    let places: Vec<_> = log.iter().filter(|entry| format!("{entry:?}").contains("老菜市场后门")).collect();
    assert!(places.len() == 1 && !format!("{places:?}").contains("person"), "{places:?}");
}
