//! A flood from one sender is slowed, then held for somebody to look at it; nobody else notices, and nothing is lost.

use serde_json::{Value, json};

use crate::people::{add, key};
use crate::server::{Answer, Server, report};

const FLOOD: [(&str, &str); 1] = [("device-id", "0123456789abcdef")];
const MANY: usize = 60;

fn start(args: &[&str]) -> (tempfile::TempDir, Server, String) {
    let dir = tempfile::tempdir().unwrap();
    drop(waterlog::store::Store::open(dir.path()).unwrap());
    add(dir.path(), "li.na", "grid_worker", &[]);
    let key = format!("Bearer {}", key(dir.path(), "li.na", &["read", "report", "act"]));
    let server = Server::start_with(dir.path(), &[&["--clock", "2026-01-01T00:00:00Z"], args].concat());
    (dir, server, key)
}

fn post(server: &Server, n: usize, headers: &[(&str, &str)]) -> Answer {
    let body = report(json!({"text": format!("flood {n}"), "lon": 110.0 + n as f64 / 100.0})).to_string();
    server.post_with(body.as_bytes(), &[&[("content-type", "application/json")], headers].concat())
}

fn inbox(server: &Server, key: &str, query: &str) -> Value {
    let answer = server.get_with(&format!("/api/v1/inbox{query}"), &[("authorization", key)]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// A table under which a device is held after three tries too soon, and sends one report a second.
fn quick(dir: &std::path::Path) -> String {
    let text = include_str!("../../data/senders.toml");
    let text = text.replace("{ at_once = 30, an_hour = 120 }", "{ at_once = 5, an_hour = 3600 }");
    let path = dir.join("senders.toml");
    std::fs::write(&path, text.replace("hold_after = 10\n", "hold_after = 3\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_flood_from_one_device_is_told_to_wait_and_others_are_not() {
    let (_dir, server, key) = start(&[]);
    let answers: Vec<Answer> = (0..MANY).map(|n| post(&server, n, &FLOOD)).collect();
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    assert!((30..MANY).contains(&taken), "{taken}");
    let slowed = answers.last().unwrap();
    assert!(slowed.problem(429).contains("too much from one sender"));
    let wait: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(post(&server, 61, &[("device-id", "fedcba9876543210")]).status, 201);
    let integration = [("authorization", key.as_str())];
    assert!((0..MANY).all(|n| post(&server, n, &integration).status == 201), "a key has a limit of its own");
    assert!((0..MANY).all(|n| post(&server, n, &[]).status == 201), "this machine itself is not counted");
    let photo = |n: u8| server.post_at("/api/v1/photos", &[n], &[FLOOD[0], ("content-type", "image/jpeg")]).status;
    assert!((0..80).map(photo).any(|status| status == 429), "photos are counted as well");
    let short = post(&server, 1, &[("device-id", "me")]);
    assert_eq!((short.status, &short.json()["field"]), (400, &json!("Device-Id")));
}

#[test]
fn a_flood_of_open311_is_told_to_wait_in_its_own_words_and_nothing_of_it_is_kept() {
    let (_dir, server, _) = start(&[]);
    let form = "service_code=waterlogging&lat=20.0148&long=110.3312";
    let kind = [("content-type", "application/x-www-form-urlencoded"), FLOOD[0]];
    let post = |format: &str| server.post_at(&format!("/open311/v2/requests.{format}"), form.as_bytes(), &kind);
    let answers: Vec<Answer> = (0..MANY).map(|_| post("json")).collect();
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    assert!((30..MANY).contains(&taken) && answers.iter().all(|answer| [201, 429].contains(&answer.status)), "{taken}");
    let slowed = answers.last().unwrap();
    let told = slowed.json();
    assert_eq!((slowed.status, &told[0]["code"]), (429, &json!(429)), "{told}");
    assert!(told[0]["description"].as_str().unwrap().contains("too much from one sender"), "{told}");
    let wait: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let xml = post("xml");
    assert_eq!((xml.status, xml.header("retry-after").parse::<u64>().is_ok()), (429, true));
    assert!(xml.text().contains("<code>429</code>"), "{}", xml.text());
    assert_eq!(server.ids("/api/v1/reports").len(), taken, "what was refused is not there");
    let other = [kind[0], ("device-id", "fedcba9876543210")];
    assert_eq!(server.post_at("/open311/v2/requests.json", form.as_bytes(), &other).status, 201);
}

#[test]
fn an_address_is_counted_as_a_proxy_here_names_it_and_a_batch_by_its_lines() {
    let (_dir, server, _) = start(&[]);
    let from = [("x-forwarded-for", "203.0.113.9"), ("content-type", "application/x-ndjson")];
    let lines = |n: usize| format!("{}\n", report(json!({}))).repeat(n);
    assert_eq!(server.post_with(lines(590).as_bytes(), &from).status, 200);
    let slowed = server.post_with(lines(100).as_bytes(), &from);
    assert!(slowed.problem(429).contains("nothing of this request was kept"));
    assert!(server.post_with(lines(601).as_bytes(), &from).problem(413).contains("at most 600"));
    assert_eq!(server.post_with(lines(601).as_bytes(), &from[1..]).status, 200);
}

#[test]
fn whoever_goes_on_is_held_in_the_inbox_and_released_or_dismissed_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let (_dir, server, key) = start(&["--senders", &quick(folder.path())]);
    for n in 0..12 {
        post(&server, n, &FLOOD);
    }
    let before = server.ids("/api/v1/reports").len();
    assert!(before <= 8, "{before}");
    let mut held = Vec::new();
    server.until("it is held", || post(&server, 40, &FLOOD).status == 202);
    for n in 41..60 {
        std::thread::sleep(std::time::Duration::from_millis(250));
        let own = format!("try-{n}");
        let answer = post(&server, n, &[FLOOD[0], ("idempotency-key", &own)]);
        if answer.status == 202 {
            held.push((n, answer.json()));
        }
        if held.len() == 2 {
            break;
        }
    }
    assert_eq!(held.len(), 2);
    assert_eq!(server.ids("/api/v1/reports").len(), before, "nothing of it counts");
    let page = inbox(&server, &key, "?held=true");
    assert!(page["rows"].as_array().unwrap().len() >= 3 && page["open"] == 0, "{page}");
    assert!(inbox(&server, &key, "")["rows"].as_array().unwrap().is_empty(), "it is shown apart");
    let origins: std::collections::BTreeSet<_> =
        page["rows"].as_array().unwrap().iter().map(|row| row["origin"].as_str().unwrap().to_owned()).collect();
    assert!(origins.len() == 1 && !origins.contains(FLOOD[0].1), "{origins:?}");
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let path = |entry: &Value, what: &str| format!("/api/v1/inbox/{}/{what}", entry["id"].as_str().unwrap());
    let follow = |entry: &Value| server.get(&format!("/api/v1{}", entry["follow"].as_str().unwrap()));
    let (n, first) = &held[0];
    assert_eq!((follow(first).status, &follow(first).json()["state"]), (202, &json!("waiting")));
    let released = server.post_at(&path(first, "report"), b"{}", &headers);
    assert_eq!((released.status, &released.json()["id"]), (201, &first["id"]), "{}", released.text());
    assert_eq!((follow(first).status, &follow(first).json()["category"]), (200, &json!("waterlogging")));
    let again = server.post_at(&path(first, "report"), b"{}", &headers);
    assert!(again.problem(409).contains("report"));
    let (_, second) = &held[1];
    let dismissed = server.post_at(&path(second, "dismiss"), br#"{"reason": "abuse", "note": "a script"}"#, &headers);
    assert_eq!(dismissed.status, 204, "{}", dismissed.text());
    let told = follow(second).json();
    assert_eq!((&told["state"], &told["reason"]), (&json!("dismissed"), &json!("abuse")));
    assert_eq!(server.ids("/api/v1/reports").len(), before + 1);
    // The phone never heard the answer and sends the same again: by now it is a report.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let retry = post(&server, *n, &[("idempotency-key", &format!("try-{n}"))]);
    assert_eq!((retry.status, &retry.json()["id"]), (201, &first["id"]));
}
