//! The service as a process: it starts, stops and starts again without losing what it acknowledged.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::program::{TREE, waterlog};
use crate::server::{Server, command, report};

#[test]
fn a_request_under_way_is_finished_when_told_to_stop() {
    let mut server = Server::start();
    let idle = TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
    let mut slow = TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
    let body = report(json!({})).to_string();
    let (first, rest) = body.split_at(10);
    let head = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    write!(slow, "{head}content-length: {}\r\n\r\n{first}", body.len()).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(100));
    server.terminate();
    server.until("it stops", || server.log().contains("stopping"));
    write!(slow, "{rest}").unwrap();
    let mut answer = String::new();
    slow.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    drop(idle);
    assert!(server.ended().success(), "{}", server.log());
    assert!(server.log().contains("stopped: every report that was acknowledged is on disk"));
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// A post whose body does not end.
const UNFINISHED: &str = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
    content-length: 100\r\n\r\n{";

#[test]
fn a_head_or_body_that_does_not_come_is_given_up_after_ten_seconds() {
    let server = Server::start();
    let started = Instant::now();
    let (mut silent, mut head, mut body) = (connect(&server), connect(&server), connect(&server));
    write!(head, "GET /layers HTTP/1.1\r\nhost:").unwrap();
    write!(body, "{UNFINISHED}").unwrap();
    let mut answer = String::new();
    body.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("application/problem+json"), "{answer}");
    assert!(answer.contains("the body did not come within 10 s"), "{answer}");
    for stream in [&mut head, &mut silent] {
        assert_eq!(stream.read(&mut [0]).unwrap(), 0, "closed without an answer");
    }
    let waited_s = started.elapsed().as_secs();
    assert!(waited_s >= 9, "{waited_s}");
}

#[test]
fn a_head_that_cannot_be_read_or_is_too_large_is_answered_with_a_problem() {
    let server = Server::start();
    let long = "a".repeat(70_000);
    let many: String = (0..101).map(|n| format!("x-{n}: 1\r\n")).collect();
    for (head, status, part) in [
        ("GARBAGE\r\n\r\n".to_owned(), 400, "no request of HTTP/1.1"),
        ("GET /layers HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n".to_owned(), 400, "no request of HTTP/1.1"),
        (format!("GET /layers?{long} HTTP/1.1\r\nhost: x\r\n\r\n"), 414, "the address is longer than 65,534 bytes"),
        (format!("GET /layers HTTP/1.1\r\nhost: x\r\n{many}\r\n"), 431, "more than 100 header fields"),
    ] {
        let mut stream = connect(&server);
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer}"));
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(
            head.contains("content-type: application/problem+json") && head.contains("connection: close"),
            "{answer}"
        );
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["status"], status);
        assert!(problem["detail"].as_str().unwrap().contains(part), "{answer}");
    }
    assert_eq!(server.get("/layers").status, 200);
}

#[test]
fn requests_beyond_what_can_be_worked_on_are_told_to_come_back_and_those_that_only_read_are_answered() {
    let server = Server::start();
    let post = || server.post(&report(json!({})));
    let under_way = RefCell::new(Vec::new());
    let one_more = || {
        let mut stream = connect(&server);
        write!(stream, "{UNFINISHED}").unwrap();
        under_way.borrow_mut().push(stream);
    };
    (0..560).for_each(|_| one_more());
    server.until("all are under way", || {
        let full = post().status == 503;
        // One of them may have come while the post before had a place, and was told to come back.
        if !full {
            one_more();
        }
        full
    });
    let refused = post();
    assert!(refused.problem(503).contains("too much at once") && refused.header("retry-after") == "1");
    assert_eq!(
        (server.get("/healthz").status, server.get("/readyz").status, server.get("/layers").status),
        (200, 200, 200)
    );
    drop(under_way);
    server.until("they have left", || post().status == 201);
}

#[test]
fn what_a_sender_wrote_is_kept_in_private_db_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let (text, place, source_id) = ("my cellar is full of water", "12 Main St", "case-7731");
    let source = json!({"channel": "app", "id": source_id});
    let posted = server.post(&report(json!({"text": text, "place": place, "source": source})));
    let id = posted.json()["id"].as_str().unwrap().to_owned();
    // While it runs, what was written last is in the write-ahead log alone.
    let bytes = |name: &str| std::fs::read(dir.path().join(name)).unwrap_or_default();
    let holds = |bytes: &[u8], what: &str| bytes.windows(what.len()).any(|part| part == what.as_bytes());
    let public = || [bytes("waterlog.db"), bytes("waterlog.db-wal")].concat();
    assert!(holds(&public(), &id), "the report itself is there");
    assert!(!holds(&public(), text) && !holds(&public(), place));
    server.terminate();
    assert!(server.ended().success());
    assert!(holds(&public(), &id) && !holds(&public(), text) && !holds(&public(), place));
    let private = rusqlite::Connection::open(dir.path().join("private.db")).unwrap();
    let said: (String, String, String, String) =
        private.query_row("SELECT report, text, place, source_id FROM said", [], |row| row.try_into()).unwrap();
    assert_eq!(said, (id, text.into(), place.into(), source_id.into()));
}

#[test]
fn what_was_acknowledged_is_there_after_a_restart_under_the_same_etag() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["--clock", "2026-01-01T00:00:00Z"];
    let mut server = Server::start_with(dir.path(), &args);
    let accepted = server.post(&report(json!({}))).json();
    let before = server.get("/layers/reports.geojson");
    server.terminate();
    assert!(server.ended().success());
    let server = Server::start_with(dir.path(), &args);
    let after = server.get("/layers/reports.geojson");
    assert_eq!((after.json(), after.header("etag")), (before.json(), before.header("etag")));
    assert_eq!(server.ids("/layers/reports.geojson"), [accepted["id"].as_str().unwrap()]);
}

#[test]
fn an_odd_clock_is_told_in_the_log_with_what_it_will_do() {
    let dir = tempfile::tempdir().unwrap();
    let start = |clock: &str| Server::start_with(dir.path(), &["--clock", clock]);
    let mut server = start("2026-01-01T00:00:00Z");
    // The log is empty: any clock fits.
    server.post(&report(json!({"observed_at": "2025-12-31T12:00:00Z"})));
    assert!(!server.log().contains("the clock starts"), "{}", server.log());
    server.terminate();
    assert!(server.ended().success());
    for (clock, told) in [
        ("2025-12-01T00:00:00Z", "30 days before the newest event of the log (2025-12-31T12:00:00Z)"),
        ("2999-01-01T00:00:00Z", "ahead of this machine's: what is posted is dated in the future"),
    ] {
        let mut server = start(clock);
        server.until("it tells", || server.log().contains(told));
        assert!(server.log().contains("WARN") && server.log().contains(&format!("the clock starts at {clock}")));
        server.terminate();
        assert!(server.ended().success());
    }
    let mut server = start("2025-12-31T12:30:00Z");
    server.terminate();
    assert!(server.ended().success());
    assert!(!server.log().contains("the clock starts"), "{}", server.log());
}

#[test]
fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let output = command(dir.path(), &["--listen", &address]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains(&address) && said.contains("another program listens"), "{said}");
}

#[test]
fn until_the_log_has_been_read_callers_are_asked_to_wait() {
    use waterlog::{config::Clock, hazard::settings::Settings, http};
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let address = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let starting = http::app(http::App::new(Clock::system(), &Settings::default(), http::Base::none()));
        tokio::spawn(async move { axum::serve(listener, starting).await });
        address
    });
    for (path, status) in [
        ("/healthz", "200"),
        ("/readyz", "503"),
        ("/layers", "503"),
        ("/layers/reports.geojson", "503"),
        ("/api/v1/reports/x", "503"),
    ] {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        assert_eq!(answer.contains("retry-after: 1"), status == "503", "{answer}");
    }
}

#[test]
fn what_is_drawn_under_the_map_is_served_as_it_is_and_what_is_not_geojson_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let city = format!("{TREE}/data/nyc-2024/base.geojson");
    let server = Server::start_with(&data, &["--base", &city]);
    let answer = server.get("/base.geojson");
    assert_eq!(answer.body, std::fs::read(&city).unwrap());
    let same = server.get_with("/base.geojson", &[("if-none-match", answer.header("etag"))]);
    assert_eq!((same.status, same.body.len()), (304, 0));
    drop(server);
    let wrong = folder.path().join("wrong.geojson");
    let with = |ring: &str| {
        let geometry = format!(r#"{{"type": "Polygon", "coordinates": [{ring}]}}"#);
        format!(
            r#"{{"type": "FeatureCollection", "features": [{{"type": "Feature", "geometry": {geometry}, "properties": null}}]}}"#
        )
    };
    for (text, part) in [
        ("{", "not GeoJSON"),
        (r#"{"type": "Point", "coordinates": [1, 2]}"#, "not a GeoJSON feature coll"),
        (&with("[[110, 20], [111, 20], [111, 21], [110, 21]]"), "ends where it begins"),
        (&with("[[430000, 2210000], [430000, 2220000], [440000, 2220000], [430000, 2210000]]"), "feature 1: lat"),
    ] {
        std::fs::write(&wrong, text).unwrap();
        let told = waterlog(folder.path(), &["serve", "--base", wrong.to_str().unwrap()]).expect_failure();
        assert!(told.contains("--base") && told.contains(part), "{told}");
    }
    let server = Server::start();
    assert_eq!(server.get("/base.geojson").json()["features"], json!([]));
}
