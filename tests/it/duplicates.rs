//! What may be the same case because of what was said: for those who may read it, and for nobody else.

use serde_json::{Value, json};

use crate::areas::town;
use crate::people::add;
use crate::people_http::log_in;
use crate::server::{Answer, Server, report, seed};

const GRID: [(&str, &str); 1] = [("actor-role", "grid_worker")];
const TEXT: &str = "龙昆南路立交桥下积水很深，小车无法通行";

/// Cases in the west of the town, one in its east, and one in no area; each with its text.
fn cases() -> Vec<(f64, f64, Value)> {
    let same_words = json!({"text": "小车无法通行，龍昆南路立交橋下積水很深，请处理"});
    vec![
        (110.005, 20.005, json!({"text": TEXT})),
        // 70 m away.
        (110.005, 20.005 + 70.0 / 111_195.0, json!({"text": "井盖旁边有水，请看一下"})),
        (110.018, 20.015, same_words.clone()),
        (110.03, 20.01, json!({"text": TEXT})),
        (111.0, 20.0, json!({"text": TEXT})),
        // Another department's, and too little to tell.
        (110.015, 20.005, json!({"text": TEXT, "category": "road_damage"})),
        (110.012, 20.015, json!({"text": "积水很深"})),
        // Another category of the same department.
        (110.016, 20.012, json!({"text": TEXT, "category": "blocked_drain"})),
    ]
}

fn file(server: &Server) {
    for (lon, lat, mut changes) in cases() {
        let body = changes.as_object_mut().unwrap();
        body.insert("lon".into(), json!(lon));
        body.insert("lat".into(), json!(lat));
        body.entry("observed_at").or_insert(json!("2025-12-31T23:00:00Z"));
        let answer = server.post(&report(changes));
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
}

/// Ids, whether they are near, and whether their texts are alike.
fn offered(answer: &Answer) -> Vec<(String, bool, bool)> {
    let all = answer.json()["candidates"].as_array().unwrap().clone();
    let one = |c: &Value| {
        (c["id"].as_str().unwrap().to_owned(), c["near"].as_bool().unwrap(), !c["text_similarity"].is_null())
    };
    all.iter().map(one).collect()
}

fn is(id: &str, near: bool, alike: bool) -> (String, bool, bool) {
    (id.to_owned(), near, alike)
}

#[test]
fn cases_with_texts_that_are_alike_are_offered_with_what_was_said_to_those_who_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z", "--trust-actors"]);
    file(&server);
    let path = "/api/v1/incidents/i1/duplicates";
    let public = server.get(path);
    assert_eq!(offered(&public), [is("i2", true, false)]);
    assert!(!public.text().contains("龙昆") && !public.header("etag").is_empty());
    assert_eq!(public.json()["alike_from"], Value::Null);
    assert_eq!(offered(&server.get_with(path, &[("actor-role", "reporter")])), offered(&public));
    let desk = server.get_with(path, &GRID);
    // The most alike first, and of equals the one that was opened first.
    let far = [is("i4", false, true), is("i5", false, true), is("i8", false, true), is("i3", false, true)];
    assert_eq!(offered(&desk), [&[is("i2", true, false)][..], &far].concat());
    assert_eq!((desk.header("etag"), desk.header("cache-control")), ("", "no-store"));
    let told = desk.json();
    let third = &told["candidates"][4];
    assert_eq!((&told["said"], &told["alike_from"]), (&json!([TEXT]), &json!(0.5)));
    assert_eq!(told["candidates"][0]["said"], json!(["井盖旁边有水，请看一下"]));
    // 16 of 21 pairs of letters are in both.
    assert!((third["text_similarity"].as_f64().unwrap() - 16.0 / 21.0).abs() < 1e-9, "{third}");
    assert_eq!((&third["said"][0].as_str().unwrap()[..6], &third["same_category"]), ("小车", &json!(true)));
    assert_eq!(told["candidates"][3]["same_category"], json!(false));
    // Merged, it is offered no more.
    let headers = [&GRID[..], &[("content-type", "application/json")]].concat();
    let merge = json!({"step": "merge", "other_incident_id": "i4"}).to_string();
    assert_eq!(server.post_at("/api/v1/incidents/i1/transitions", merge.as_bytes(), &headers).status, 201);
    assert!(offered(&server.get_with(path, &GRID)).iter().all(|(id, ..)| id != "i4"));
    // Nor is anything of another month.
    drop(server);
    let server = Server::start_with(folder.path(), &["--clock", "2026-02-05T00:00:00Z", "--trust-actors"]);
    let late = json!({"lon": 110.01, "lat": 20.01, "observed_at": "2026-02-04T00:00:00Z", "text": TEXT});
    let late = server.post(&report(late)).json()["incident_id"].as_str().unwrap().to_owned();
    assert!(offered(&server.get_with(&format!("/api/v1/incidents/{late}/duplicates"), &GRID)).is_empty());
}

#[test]
fn whoever_is_bounded_to_areas_is_offered_no_text_from_outside_them() {
    let folder = tempfile::tempdir().unwrap();
    seed(folder.path(), &[waterlog::hazard::event::Event::Areas(town())]);
    add(folder.path(), "west", "grid_worker", &["--area", "west"]);
    let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    file(&server);
    let session = log_in(&server, "west");
    let get = |id: &str| server.get_with(&format!("/api/v1/incidents/{id}/duplicates"), &session.headers());
    // The areas were the first event.
    assert_eq!(offered(&get("i2")), [is("i3", true, false), is("i9", false, true), is("i4", false, true)]);
    let east = get("i5");
    assert_eq!((offered(&east), east.json().get("said")), (vec![], None));
}
