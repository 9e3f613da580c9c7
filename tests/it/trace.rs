//! How a report came to say what it says can be looked up, in private, until it is erased.

use serde_json::{Value, json};
use waterlog::hazard::event::{Event, Place};
use waterlog::hazard::position::Position;

use crate::people::{add, key, user};
use crate::program::waterlog;
use crate::server::{Server, seed};

const JSON: (&str, &str) = ("content-type", "application/json");

fn trace(dir: &std::path::Path, id: &str) -> (Value, String) {
    let run = |more: &[&str]| {
        let args = [&["--data", dir.to_str().unwrap(), "intake", "trace", id], more].concat();
        waterlog(dir, &args).expect_success()
    };
    (serde_json::from_str(&run(&["--json"])).unwrap(), run(&[]))
}

#[test]
fn a_message_is_traced_from_its_words_to_the_report_and_forgotten_with_its_sender() {
    let dir = tempfile::tempdir().unwrap();
    let position = Position::new(110.33, 20.01).unwrap();
    let place = Place { id: "x".into(), position, name: Some("和信广场".into()), aliases: vec!["药谷".into()] };
    seed(dir.path(), &[Event::Places(vec![place])]);
    add(dir.path(), "li.na", "grid_worker", &[]);
    let key = format!("Bearer {}", key(dir.path(), "li.na", &["read", "report"]));
    let server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let headers = [JSON, ("authorization", key.as_str())];
    let body = json!({"text": "和信广场附近积水没过脚踝，小车无法通行", "at": "2026-01-01T08:00:00+08:00",
        "positions": [{"source": "device", "lon": 110.3352, "lat": 20.0068, "datum": "gcj02", "accuracy_m": 400}]});
    let taken = server.post_at("/api/v1/messages", body.to_string().as_bytes(), &headers);
    assert_eq!(taken.status, 201, "{}", taken.text());
    let id = taken.json()["reports"][0]["id"].as_str().unwrap().to_owned();
    let public = server.get(&format!("/api/v1/reports/{id}")).text();
    assert!(!public.contains("小车"), "{public}");
    drop(server);
    let (told, text) = trace(dir.path(), &id);
    let arrival = &told["arrivals"][0];
    assert_eq!((&arrival["door"], &arrival["raw"], &arrival["matter"]), (&json!("message"), &body, &json!(0)));
    let matter = &arrival["understood"]["matters"][0];
    assert_eq!((&matter["words"]["depth_cm"], &matter["place_id"]), (&json!("没过脚踝"), &json!("x")));
    assert!(matter["confidence"]["depth_cm"].as_f64().is_some_and(|sure| sure > 0.5), "{matter}");
    let sources: Vec<_> = told["positions"].as_array().unwrap().iter().map(|p| p["source"].clone()).collect();
    assert_eq!((sources, &told["decided"]["source"]), (vec![json!("text"), json!("device")], &json!("text")));
    assert_eq!(told["positions"][1]["original"]["datum"], "gcj02");
    assert_eq!(told["log"][0]["event"]["report"]["id"], id.as_str());
    for part in ["as message", "depth_cm = 10.0 from \"没过脚踝\"", "decides: ", "the words name it"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for entry in crate::program::log(dir.path()) {
        assert!(!format!("{entry:?}").contains("没过"), "the log holds no words: {entry:?}");
    }
    user(dir.path(), &["erase", "li.na"], "").expect_success();
    let (told, text) = trace(dir.path(), &id);
    assert_eq!((&told["arrivals"], &told["text"], &told["positions"]), (&json!([]), &Value::Null, &json!([])));
    assert!(text.contains("was erased"), "{text}");
    let file = std::fs::read(dir.path().join("private.db")).unwrap();
    assert!(!String::from_utf8_lossy(&file).contains("没过脚踝"), "nothing of it is left");
}

#[test]
fn what_was_sent_before_and_what_is_not_there_says_so() {
    let dir = tempfile::tempdir().unwrap();
    drop(waterlog::store::Store::open(dir.path()).unwrap());
    let args = ["--data", dir.path().to_str().unwrap(), "intake", "trace", "nothing"];
    assert!(waterlog(dir.path(), &args).expect_failure().contains("no report \"nothing\""));
}
