//! A body is taken whole or refused with field, value and reason.

use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_697_850_600; // 2023-10-21T01:10:00Z

fn body(change: Value) -> Vec<u8> {
    let mut body = json!({
        "category": "waterlogging", "lon": 110.3312, "lat": 20.0148, "observed_at": "2023-10-21T09:10:00+08:00",
    });
    let object = body.as_object_mut().unwrap();
    object.extend(change.as_object().unwrap().clone());
    serde_json::to_vec(&body).unwrap()
}

fn refused(body: &[u8]) -> (String, String, String) {
    match NewReport::parse(body, NOW) {
        Err(Error::Invalid { field, value, reason }) => (field, value, reason),
        other => panic!("{other:?}"),
    }
}

fn report(draft: &Draft) -> &Report {
    match &draft.event {
        Event::Report(report) => report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_full_body_becomes_a_report_whose_text_stays_out_of_the_event() {
    let full = body(json!({
        "accuracy_m": 11.2, "place": "豪苑路路口", "text": "积水，小车无法通行", "depth_cm": 35,
        "passability": "impassable_small", "dry": false, "source": {"channel": "app", "id": "a1"},
    }));
    let draft = NewReport::parse(&full, NOW).unwrap().draft(None, NOW).unwrap();
    let r = report(&draft);
    assert_eq!((r.observed_at, r.received_at, r.accuracy_m, r.depth_cm), (NOW, NOW, Some(12), Some(35)));
    assert_eq!((r.passability, r.channel.as_deref()), (Some(Passability::ImpassableSmall), Some("app")));
    assert_eq!(draft.private.text.as_deref(), Some("积水，小车无法通行"));
    assert_eq!(draft.key.as_ref().unwrap().name, "source:app:a1");
    assert!(!serde_json::to_string(&draft.event).unwrap().contains("积水"));
    assert_eq!(r.id.len(), 17);
}

#[test]
fn a_position_in_another_datum_is_converted_and_kept_as_given() {
    let draft = NewReport::parse(&body(json!({"datum": "gcj02"})), NOW).unwrap().draft(None, NOW).unwrap();
    let r = report(&draft);
    let original = r.original.as_ref().unwrap();
    assert_eq!((original.datum.as_str(), original.lon, original.lat), ("gcj02", 110.3312, 20.0148));
    let moved_m = r.position.ecef().distance_m(Position::new(110.3312, 20.0148).unwrap().ecef());
    assert!((200.0..700.0).contains(&moved_m), "{moved_m}");
}

#[test]
fn the_same_body_in_another_order_is_a_retry_and_another_depth_is_not() {
    let content = |bytes: &[u8]| {
        let draft = NewReport::parse(bytes, NOW).unwrap().draft(Some("k"), NOW + 5).unwrap();
        draft.key.unwrap().content
    };
    let plain = content(&body(json!({})));
    let turned = br#"{"observed_at":"2023-10-21T01:10:00Z","lat":20.01480,"lon":110.3312,"category":"waterlogging"}"#;
    assert_eq!(content(turned), plain);
    assert_ne!(content(&body(json!({"depth_cm": 9}))), plain);
}

#[test]
fn each_field_that_is_wrong_is_named_with_its_value_and_the_reason() {
    for (change, field, value, reason) in [
        (json!({"category": "flood"}), "category", "flood", "known are waterlogging"),
        (json!({"category": null}), "category", "", "missing"),
        (json!({"lat": null}), "lat", "", "missing"),
        (json!({"lat": 90.5}), "lat", "90.5", "[-90, 90]"),
        (json!({"lon": 20.0148, "lat": 110.3312}), "lat", "110.3312", "looks like lat,lon"),
        (json!({"lon": 1e308}), "lon", "100000", "[-180, 180]"),
        (json!({"lon": "110"}), "lon", "110", "not a number but text: write it without quotes"),
        (json!({"lon": [110]}), "lon", "[110]", "not a number"),
        (json!({"lon": 0, "lat": 0.0}), "lon", "0", "0,0 is where a missing position ends up"),
        (json!({"dry": true, "depth_cm": 5}), "dry", "true", "says that there was no water, but depth_cm is 5"),
        (json!({"observed_at": null}), "observed_at", "", "missing"),
        (json!({"observed_at": "2023-10-21T09:10:00"}), "observed_at", "2023-10-21T09:10:00", "without offset"),
        (json!({"observed_at": 1697850600}), "observed_at", "1697850600", "not a string"),
        (json!({"observed_at": "1697850600"}), "observed_at", "1697850600", "RFC 3339"),
        (json!({"observed_at": "2023-10-21T09:20:01+08:00"}), "observed_at", "2023", "10 minutes in the future"),
        (json!({"text": "水".repeat(4_001)}), "text", "水", "4001 characters; at most 4000"),
        (json!({"place": "x".repeat(201)}), "place", "x", "at most 200"),
        (json!({"depth_cm": 1001}), "depth_cm", "1001", "[0, 1000]"),
        (json!({"depth_cm": 3.5}), "depth_cm", "3.5", "whole"),
        (json!({"accuracy_m": -1}), "accuracy_m", "-1", "[0, 10000]"),
        (json!({"passability": "wet"}), "passability", "wet", "clear, slow, impassable_small, impassable"),
        (json!({"datum": "utm"}), "datum", "utm", "wgs84, gcj02, bd09"),
        (json!({"dry": "no"}), "dry", "no", "true or false"),
        (json!({"latitude": 3}), "latitude", "3", "unknown field; known are category"),
        (json!({"source": "app"}), "source", "app", "object"),
        (json!({"source": {"id": "a"}}), "source.channel", "", "missing"),
        (json!({"source": {"channel": "Mr Li"}}), "source.channel", "Mr Li", "short name"),
        (json!({"source": {"channel": "app", "id": "x".repeat(101)}}), "source.id", "x", "at most 100"),
        (json!({"source": {"channel": "app", "who": 1}}), "source.who", "1", "known are channel, id"),
    ] {
        let (f, v, r) = refused(&body(change));
        assert!(f == field && v.starts_with(value) && r.contains(reason), "{field}: {f} {v:?} {r}");
    }
}

#[test]
fn what_is_no_json_is_refused_with_line_and_column() {
    for (bytes, reason) in [
        (&b""[..], "empty"),
        (b"[1]", "not a JSON object"),
        (b"{\n  \"lat\": NaN}", "line 2 column 10"),
        (b"{\"lat\": 1e999}", "line 1"),
        (b"{\"text\": \"\xff\"}", "line 1"),
        (b"{\"a\": 1", "line 1 column 7"),
    ] {
        let (field, _, r) = refused(bytes);
        assert!(field == "body" && r.contains(reason), "{r}");
    }
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    assert!(refused(&deep).2.contains("recursion"));
}

#[test]
fn a_field_given_twice_is_refused_by_name_at_any_depth() {
    for (bytes, field, value) in [
        (r#"{"lat": 1, "lon": 2, "lat": 1}"#, "lat", "1"),
        (r#"{"source": {"id": "a", "channel": "app", "id": "b"}}"#, "source.id", "b"),
        (r#"{"source": {"id": "a"}, "source": null}"#, "source", "null"),
        (r#"{"text": "a", "te\u0078t": "b"}"#, "text", "b"),
        (r#"{"a": [{"b": 1, "b": [2]}]}"#, "a.b", "[2]"),
    ] {
        assert_eq!(refused(bytes.as_bytes()), (field.into(), value.into(), "given twice".into()));
    }
    assert!(refused(br#"{"lat": 1} {}"#).2.contains("trailing characters"));
}

#[test]
fn a_post_of_thirty_days_ago_is_taken_and_one_second_more_is_refused() {
    assert!(NewReport::parse(&body(json!({"observed_at": "2023-09-21T01:10:00Z"})), NOW).is_ok());
    let (field, value, reason) = refused(&body(json!({"observed_at": "2023-09-21T01:09:59Z"})));
    assert_eq!((field.as_str(), value.as_str()), ("observed_at", "2023-09-21T01:09:59Z"));
    assert_eq!(reason, "older than 30 days: import it instead");
}

#[test]
fn ten_minutes_ahead_are_forgiven_and_a_byte_order_mark_too() {
    let late = body(json!({"observed_at": "2023-10-21T09:20:00+08:00"}));
    assert!(NewReport::parse(&[b"\xef\xbb\xbf", &late[..]].concat(), NOW).is_ok());
}

#[test]
fn a_key_is_bounded_and_the_header_comes_before_the_source() {
    let report = NewReport::parse(&body(json!({"source": {"channel": "app", "id": "a1"}})), NOW).unwrap();
    assert_eq!(report.clone().draft(Some("k1"), NOW).unwrap().key.unwrap().name, "key:k1");
    assert!(report.clone().draft(Some(&"k".repeat(201)), NOW).is_err());
    assert!(report.draft(Some(""), NOW).is_err());
    let bare = NewReport::parse(&body(json!({"source": {"channel": "app"}})), NOW).unwrap();
    assert_eq!(bare.draft(None, NOW).unwrap().key, None);
}

#[test]
fn ids_follow_time_and_of_one_moment_none_comes_twice() {
    let first = random_id().unwrap();
    let mut of_a_moment: Vec<_> = (0..2_000).map(|_| random_id().unwrap()).collect();
    std::thread::sleep(std::time::Duration::from_millis(2));
    let last = random_id().unwrap();
    assert!(of_a_moment.iter().all(|id| first[..9] <= id[..9] && *id < last), "{first} {last}");
    of_a_moment.sort_unstable();
    of_a_moment.dedup();
    assert_eq!(of_a_moment.len(), 2_000);
}
