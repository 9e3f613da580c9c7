//! Changes as they happen, as a browser follows them: server-sent events that resume by Last-Event-ID.

use std::io::{BufRead, BufReader, Read};

use serde_json::{Value, json};

use crate::layers::seen;
use crate::server::{Server, report};
use waterlog::hazard::event::Event;

const LIVE: &str = "/api/v1/live";

/// An event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub id: u64,
    pub name: String,
    pub data: Value,
}

impl Told {
    /// What an event says of a layer.
    fn layer(&self, name: &str) -> Option<&Value> {
        self.data["changed"].as_array().unwrap().iter().find(|changes| changes["layer"] == name)
    }
}

/// Reads events from whatever carries them.
pub struct Events<R>(BufReader<R>);

impl<R: Read> Events<R> {
    pub fn new(from: R) -> Events<R> {
        Events(BufReader::new(from))
    }
}

impl<R: Read> Iterator for Events<R> {
    type Item = Told;

    /// The next whole event (WHATWG HTML, 9.2.6); `None` at the end, in the middle of one too.
    fn next(&mut self) -> Option<Told> {
        let (mut id, mut name, mut data) = (None, String::new(), String::new());
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            let line = line.strip_suffix('\n')?;
            match line.split_once(": ") {
                _ if line.starts_with(':') => {}
                None if line.is_empty() && data.is_empty() => {}
                None if line.is_empty() && name == "quiet" => {
                    assert_eq!((id, data.as_str()), (None, "{}"), "a sign of life moves no position");
                    (name, data) = (String::new(), String::new());
                }
                None if line.is_empty() => {
                    let data = serde_json::from_str(&data).unwrap_or_else(|e| panic!("{e}: {data}"));
                    return Some(Told { id: id.expect("each event has an id"), name, data });
                }
                Some(("id", value)) => id = Some(value.parse().expect("a number")),
                Some(("event", value)) => name = value.to_owned(),
                Some(("data", value)) => data = value.to_owned(),
                Some(("retry", value)) => assert_eq!(value, "1000"),
                _ => panic!("not a line of an event stream: {line:?}"),
            }
        }
    }
}

fn follow(server: &Server, path: &str, headers: &[(&str, &str)]) -> Events<impl Read + use<>> {
    let response = server.open(path, headers);
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    Events::new(response.into_body().into_reader())
}

/// The positions that events cover, which follow on each other without a gap.
pub fn positions(from: u64, events: &[Told]) -> u64 {
    events.iter().fold(from, |at, told| {
        assert_eq!((told.name.as_str(), &told.data["previous"]), ("change", &json!(at)), "a gap: {told:?}");
        assert_eq!(told.data["position"], told.id);
        assert!(told.id > at);
        told.id
    })
}

fn three_reports() -> Vec<Event> {
    (0..3).map(|n| Event::Report(seen(&format!("r{n}"), n, 110.3, 20.0))).collect()
}

#[test]
fn a_reader_hears_which_features_a_report_changed_and_where() {
    let server = Server::start();
    let mut events = follow(&server, LIVE, &[]);
    assert_eq!(events.next().unwrap(), Told { id: 0, name: "position".into(), data: json!({"position": 0}) });
    let ids: Vec<String> = [("2025-12-21T09:10:00+08:00"), ("2025-12-23T09:10:00+08:00")]
        .map(|at| server.post(&report(json!({"observed_at": at}))).json()["id"].as_str().unwrap().to_owned())
        .into();
    let first = events.next().unwrap();
    assert_eq!((first.id, first.name.as_str()), (1, "change"));
    assert_eq!(first.data["as_of"], "2025-12-21T01:10:00Z");
    let box_of_one = json!([110.3312, 20.0148, 110.3312, 20.0148]);
    let expected = json!({"layer": "reports", "ids": [ids[0]], "count": 1, "bbox": box_of_one});
    assert_eq!(first.layer("reports"), Some(&expected));
    assert_eq!(first.layer("incidents").unwrap()["ids"], json!(["i1"]));
    assert_eq!(first.layer("hotspots"), None, "one occasion makes no hotspot");
    let second = events.next().unwrap();
    // Now that there is a hotspot, the first report belongs to it, too.
    assert_eq!(second.layer("reports").unwrap()["ids"], json!(ids));
    assert_eq!(second.layer("incidents").unwrap()["ids"], json!(["i1", "i2"]));
    let hotspots = server.ids("/layers/hotspots.geojson");
    assert_eq!(second.layer("hotspots").unwrap()["ids"], json!(hotspots));
    assert_eq!(positions(0, &[first, second]), 2);
}

#[test]
fn a_quiet_stream_tells_so_by_an_event_that_a_page_hears() {
    let server = Server::start();
    let response = server.open(LIVE, &[]);
    let lines = BufReader::new(response.into_body().into_reader()).lines().map(Result::unwrap);
    let told: Vec<String> = lines.skip_while(|line| !line.is_empty()).skip(1).take(3).collect();
    assert_eq!(told, ["event: quiet", "data: {}", ""]);
}

#[test]
fn more_features_than_are_named_are_counted_and_boxed() {
    let server = Server::start();
    let mut events = follow(&server, LIVE, &[]);
    events.next();
    // The second occasion makes a hotspot, to which all reports of the first then belong.
    for n in 0..101 {
        server.post(&report(json!({"text": n.to_string()})));
    }
    server.post(&report(json!({"observed_at": "2025-12-23T09:10:00+08:00"})));
    let last = events.find(|told| told.id == 102).unwrap();
    let reports = last.layer("reports").unwrap();
    assert_eq!((&reports["ids"], &reports["count"]), (&Value::Null, &json!(102)));
    assert_eq!(reports["bbox"], json!([110.3312, 20.0148, 110.3312, 20.0148]));
}

#[test]
fn a_reader_that_comes_back_is_told_exactly_what_it_missed() {
    let server = Server::start();
    for n in 0..5 {
        server.post(&report(json!({"text": n.to_string()})));
    }
    let headers = [("last-event-id", "2")];
    for (path, headers) in [
        (LIVE, &headers[..]),
        ("/api/v1/live?last_event_id=2", &[]),
        // A browser that comes back to the address it was given sends the header.
        ("/api/v1/live?last_event_id=0", &headers[..]),
    ] {
        let mut events = follow(&server, path, headers);
        assert_eq!(events.next().unwrap(), Told { id: 2, name: "position".into(), data: json!({"position": 2}) });
        let missed: Vec<_> = events.by_ref().take(3).collect();
        assert_eq!(positions(2, &missed), 5);
    }
    let mut events = follow(&server, LIVE, &[("last-event-id", "5")]);
    assert_eq!(events.next().unwrap().name, "position");
    server.post(&report(json!({})));
    assert_eq!(events.next().unwrap().id, 6);
}

#[test]
fn what_cannot_be_continued_is_reset() {
    let server = Server::seeded(&three_reports());
    // What was before the start is not kept; what lies ahead comes of a database put back from a backup.
    let (past, ahead) = ("what came then is kept no more", "the log ends at 3");
    for (id, why) in [("0", past), ("2", past), ("4", ahead), ("99999999999999999999999", ahead)] {
        let mut events = follow(&server, LIVE, &[("last-event-id", id)]);
        let data = json!({"position": 3, "reason": format!("{why}: load the layers anew")});
        assert_eq!(events.next().unwrap(), Told { id: 3, name: "reset".into(), data }, "{id}");
    }
    let mut reset = follow(&server, LIVE, &[("last-event-id", "4")]);
    server.post(&report(json!({})));
    assert_eq!(reset.by_ref().take(2).map(|told| told.id).collect::<Vec<_>>(), [3, 4], "it goes on from there");
    let mut events = follow(&server, LIVE, &[("last-event-id", "3")]);
    assert_eq!(events.next().unwrap().name, "position");
}

#[test]
fn what_is_no_position_is_refused_with_the_one_there_is() {
    let server = Server::seeded(&three_reports());
    for id in ["abc", "-1", "1.5", "0x10", "1e3", "+1", "三"] {
        let answer = server.get(&format!("{LIVE}?last_event_id={}", id.replace('+', "%2B").replace('三', "%E4%B8%89")));
        let detail = answer.problem(400);
        assert!(detail.contains("last_event_id") && detail.contains("it is 3 now"), "{id}: {detail}");
        assert_eq!(answer.json()["value"], id);
    }
    for id in ["abc", "-1", "1 2"] {
        let detail = server.get_with(LIVE, &[("last-event-id", id)]).problem(400);
        assert!(detail.starts_with("Last-Event-ID: not a position in the log"), "{detail}");
    }
    assert!(server.get("/api/v1/live?last_event_id=").problem(400).contains("whole number"));
    assert!(server.get("/api/v1/live?layer=reports").problem(400).contains("known is last_event_id"));
    assert!(server.get("/api/v1/live?last_event_id=1&last_event_id=1").problem(400).contains("given twice"));
    assert!(server.delete(LIVE).problem(405).contains("DELETE"));
    assert!(crate::metrics::value(&server, "waterlog_live_readers") == 0.0);
}

#[test]
fn head_has_the_same_headers_and_leaves_no_reader_behind() {
    let server = Server::start();
    let head = server.head(LIVE);
    assert_eq!((head.status, head.header("content-type"), head.body.len()), (200, "text/event-stream", 0));
    assert_eq!(crate::metrics::value(&server, "waterlog_live_readers"), 0.0);
    let reader = follow(&server, LIVE, &[]);
    server.until("it is counted", || crate::metrics::value(&server, "waterlog_live_readers") == 1.0);
    drop(reader);
    server.until("it has left", || crate::metrics::value(&server, "waterlog_live_readers") == 0.0);
}

#[test]
fn a_stream_is_sent_as_it_comes_neither_packed_nor_kept() {
    let server = Server::start();
    let response = server.open(LIVE, &[("accept-encoding", "gzip"), ("origin", "https://elsewhere.example")]);
    let header = |name: &str| response.headers().get(name).map_or("", |value| value.to_str().unwrap());
    assert_eq!((header("content-encoding"), header("cache-control")), ("", "no-store"));
    assert_eq!((header("x-accel-buffering"), header("access-control-allow-origin")), ("no", "*"));
    assert_eq!(Events::new(response.into_body().into_reader()).next().unwrap().name, "position");
}

#[test]
fn streams_end_at_once_when_the_service_is_told_to_stop() {
    let mut server = Server::start();
    let streams: Vec<_> = (0..5).map(|_| follow(&server, LIVE, &[])).collect();
    server.post(&report(json!({})));
    server.terminate();
    for stream in streams {
        let told: Vec<_> = stream.collect();
        assert!(told[0].name == "position" && told.len() <= 2, "{told:?}");
    }
    assert!(server.ended().success());
    assert!(!server.log().contains("did not end within"), "{}", server.log());
}

#[test]
fn readers_take_no_turn_from_those_who_ask_for_layers() {
    let server = Server::start();
    let readers: Vec<_> = (0..520).map(|_| server.open(LIVE, &[])).collect();
    assert_eq!(crate::metrics::value(&server, "waterlog_live_readers"), 520.0);
    assert_eq!(server.get("/layers").status, 200);
    assert_eq!(server.post(&report(json!({}))).status, 201);
    drop(readers);
}

#[test]
fn twenty_readers_hear_of_every_report_of_many_senders() {
    const EACH: u64 = 300;
    let server = Server::start();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..20)
            .map(|_| {
                let events = follow(&server, LIVE, &[]);
                scope.spawn(move || events.skip(1).take_while_inclusive(|told| told.id < 4 * EACH))
            })
            .collect();
        for sender in 0..4 {
            let server = &server;
            scope.spawn(move || {
                for n in 0..EACH {
                    let lon = 110.3 + (n % 40) as f64 * 0.001;
                    let posted = server.post(&report(json!({"lon": lon, "text": format!("{sender} {n}")})));
                    assert_eq!(posted.status, 201, "{}", posted.text());
                }
            });
        }
        for reader in readers {
            let told: Vec<Told> = reader.join().unwrap();
            assert_eq!(positions(0, &told), 4 * EACH);
            let named: usize = told.iter().filter_map(|t| t.layer("reports")?["ids"].as_array()).map(Vec::len).sum();
            assert!(named >= told.len(), "every event names a report");
        }
    });
    assert_eq!(crate::metrics::value(&server, "waterlog_live_readers_cut_off_total"), 0.0);
}

/// Everything up to and with the first that fails.
trait TakeWhileInclusive: Iterator + Sized {
    fn take_while_inclusive(self, mut more: impl FnMut(&Self::Item) -> bool) -> Vec<Self::Item> {
        let mut taken = Vec::new();
        for item in self {
            let go_on = more(&item);
            taken.push(item);
            if !go_on {
                break;
            }
        }
        taken
    }
}

impl<I: Iterator> TakeWhileInclusive for I {}
