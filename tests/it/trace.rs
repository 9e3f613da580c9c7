//! How a report came to say what it says can be looked up, in private, until it is erased.

use serde_json::{Value, json};
use waterlog::hazard::event::{Event, Place};
use waterlog::hazard::position::Position;

use crate::people::{add, key, user};
use crate::program::waterlog;
use crate::server::{Server, report, seed};

const JSON: (&str, &str) = ("content-type", "application/json");

pub fn trace(dir: &std::path::Path, id: &str) -> (Value, String) {
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
    let held: Value = serde_json::from_str(&user(dir.path(), &["export", "li.na"], "").expect_success()).unwrap();
    let sent = &held["reports"][0]["arrivals"];
    assert_eq!((sent.as_array().map(Vec::len), &sent[0]["raw"]), (Some(1), &body), "he is given what he sent");
    user(dir.path(), &["erase", "li.na"], "").expect_success();
    let (told, text) = trace(dir.path(), &id);
    assert_eq!((&told["arrivals"], &told["text"], &told["positions"]), (&json!([]), &Value::Null, &json!([])));
    assert!(text.contains("was erased"), "{text}");
    let file = std::fs::read(dir.path().join("private.db")).unwrap();
    assert!(!String::from_utf8_lossy(&file).contains("没过脚踝"), "nothing of it is left");
}

#[test]
fn reports_of_a_batch_and_of_open311_are_traced_to_what_was_sent_without_the_key() {
    let dir = tempfile::tempdir().unwrap();
    drop(waterlog::store::Store::open(dir.path()).unwrap());
    add(dir.path(), "gateway", "reporter", &[]);
    let key = key(dir.path(), "gateway", &["report"]);
    let server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let lines = [report(json!({"text": "first of two"})), report(json!({"text": "second of two", "lat": 20.5}))];
    let body = format!("{}\n\n{}\n", lines[0], lines[1]);
    let answer = server.post_with(body.as_bytes(), &[("content-type", "application/x-ndjson")]);
    let taken: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let form =
        format!("service_code=manhole&lat=20.0148&long=110.3312&description=no+lid&phone=13800138000&api_key={key}");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let answer = server.post_at("/open311/v2/requests.json", form.as_bytes(), &kind);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let request = answer.json()[0]["service_request_id"].as_str().unwrap().to_owned();
    drop(server);
    for (line, answer) in lines.iter().zip(&taken) {
        let (told, _) = trace(dir.path(), answer["id"].as_str().unwrap());
        assert_eq!((&told["arrivals"][0]["door"], &told["arrivals"][0]["raw"]), (&json!("report"), line));
    }
    let (told, text) = trace(dir.path(), &request);
    let raw = &told["arrivals"][0]["raw"];
    assert_eq!((&told["arrivals"][0]["door"], &raw["fields"]["phone"][0]), (&json!("open311"), &json!("13800138000")));
    assert!(raw.to_string().contains("no lid") && !text.contains(&key) && !told.to_string().contains(&key), "{told}");
}

#[test]
fn what_was_sent_before_and_what_is_not_there_says_so() {
    let dir = tempfile::tempdir().unwrap();
    drop(waterlog::store::Store::open(dir.path()).unwrap());
    let args = ["--data", dir.path().to_str().unwrap(), "intake", "trace", "nothing"];
    assert!(waterlog(dir.path(), &args).expect_failure().contains("no report \"nothing\""));
}
