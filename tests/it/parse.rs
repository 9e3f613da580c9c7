//! A message is read while it is written: by the service's own places, and with nothing of it kept.

use serde_json::{Value, json};
use waterlog::hazard::event::{Event, Place, Street};
use waterlog::hazard::position::Position;

use crate::server::Server;

const PATH: &str = "/api/v1/reports/parse";
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

pub fn place(id: &str, name: &str, lon: f64) -> Place {
    Place { id: id.into(), position: Position::new(lon, 20.01).unwrap(), name: Some(name.into()), aliases: Vec::new() }
}

fn understood(server: &Server, text: &str) -> Value {
    let body = json!({"text": text, "at": "2026-01-01T08:00:00+08:00"}).to_string();
    let answer = server.post_at(PATH, body.as_bytes(), &JSON);
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.text());
    answer.json()
}

#[test]
fn a_message_is_understood_with_the_services_places_and_nothing_is_kept() {
    let server = Server::seeded(&[Event::Places(vec![place("x", "豪苑路与南海大道路口", 110.33)])]);
    let answer = understood(&server, "豪苑路南海大道路口积水没过膝盖，小车无法通行，10分钟前");
    let matter = &answer["matters"][0];
    assert_eq!((&matter["category"], &matter["place_id"]), (&json!("waterlogging"), &json!("x")), "{answer}");
    assert_eq!(matter["depth_cm"], 45.0);
    assert_eq!(matter["passability"], "impassable_small");
    assert_eq!(matter["observed_at"], "2026-01-01T07:50:00+08:00");
    assert_eq!(answer["places"], json!([{"id": "x", "name": "豪苑路与南海大道路口", "lon": 110.33, "lat": 20.01}]));
    assert!(answer["now"].as_str().unwrap().starts_with("2026-01-01T00:0"), "{answer}");
    assert_eq!(server.features("/api/v1/reports").len(), 0);
}

fn street(id: &str, name: &str, line: [(f64, f64); 2]) -> Street {
    let line = line.map(|(lon, lat)| Position::new(lon, lat).unwrap()).to_vec();
    Street { id: id.into(), name: name.into(), line }
}

/// 丘海大道 from west to east, with two streets that cross it 2,090 m apart.
fn streets() -> Event {
    Event::Streets(vec![
        street("a1", "丘海大道", [(110.30, 20.0), (110.32, 20.0)]),
        street("a2", "丘海大道", [(110.32, 20.0), (110.34, 20.0)]),
        street("b", "南海大道", [(110.31, 19.99), (110.31, 20.01)]),
        street("c", "椰海大道", [(110.33, 20.0), (110.33, 20.01)]),
    ])
}

#[test]
fn a_stretch_between_two_cross_streets_lies_half_way_between_them_and_tells_how_long_it_is() {
    let server = Server::seeded(&[streets()]);
    let text = "丘海大道（南海大道至椰海大道段）积水30厘米";
    let stretch = &understood(&server, text)["stretches"][0];
    let told = ["matter", "street", "from", "to", "lon", "lat"].map(|name| stretch[name].clone());
    assert_eq!(json!(told), json!([0, "丘海大道", "南海大道", "椰海大道", 110.32, 20.0]));
    assert_eq!(stretch["line"], json!([[110.31, 20.0], [110.32, 20.0], [110.33, 20.0]]));
    let length = stretch["length_m"].as_f64().unwrap();
    assert!((length - 2_090.0).abs() < 2.0, "{length}");
    assert_eq!(understood(&server, "丘海大道（南海大道至龙昆大道段）积水")["stretches"], json!([]));
    // Who stands on it does not disagree with it, though the middle is 700 m away.
    let body =
        json!({"text": text, "positions": [{"source": "device", "lon": 110.3268, "lat": 20.0, "accuracy_m": 400}]});
    let taken = server.post_at("/api/v1/messages", body.to_string().as_bytes(), &JSON);
    assert_eq!(taken.status, 201, "{}", taken.text());
    let report = &server.features("/api/v1/reports")[0];
    assert_eq!(
        (&report["geometry"]["coordinates"], &report["properties"]["accuracy_m"]),
        (&json!([110.32, 20.0]), &json!(1_045))
    );
}

#[test]
fn what_is_not_said_is_asked_for_and_a_place_that_there_is_twice_is_asked_about() {
    let twice = vec![place("a", "和信广场", 110.1), place("b", "和信广场", 110.4)];
    let server = Server::seeded(&[Event::Places(twice)]);
    let answer = understood(&server, "和信广场积水");
    let matter = &answer["matters"][0];
    assert!(matter["depth_cm"].is_null() && matter["passability"].is_null() && matter["place_id"].is_null());
    let choices: Vec<_> =
        answer["questions"][0]["choices"].as_array().unwrap().iter().map(|c| &c["place_id"]).collect();
    assert_eq!(choices, ["a", "b"], "{answer}");
    assert_eq!(answer["places"].as_array().unwrap().len(), 2);
    let nothing = understood(&server, "");
    assert_eq!((&nothing["matters"], &nothing["questions"]), (&json!([]), &json!([])));
}

#[test]
fn a_message_that_cannot_be_read_is_refused_with_the_reason() {
    let server = Server::start();
    let refused = |body: Value| {
        let answer = server.post_at(PATH, body.to_string().as_bytes(), &JSON);
        (answer.status, answer.json()["field"].clone(), answer.json()["reason"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(refused(json!({})), (400, json!("text"), "missing".into()));
    let (status, field, reason) = refused(json!({"text": "水".repeat(4_001)}));
    assert_eq!((status, field, reason.as_str()), (400, json!("text"), "4001 characters; at most 4000 are taken"));
    let (status, field, _) = refused(json!({"text": "积水", "at": "gestern"}));
    assert_eq!((status, field), (400, json!("at")));
    let large = server.post_at(PATH, &[b' '; 200_000], &JSON);
    assert_eq!(large.status, 413, "{}", large.text());
    let plain = server.post_at(PATH, "积水".as_bytes(), &[("content-type", "text/plain")]);
    assert_eq!(plain.status, 415);
}
