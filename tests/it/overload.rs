//! More than the service can do, or should: whoever asks is answered or told to come back, what is kept is bounded, and
//! nothing that is answered is wrong.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Act, Action, Event};

use crate::layers::{T0, seen};
use crate::server::{Server, report};

const IDLE: usize = 10_000;
const BURST: usize = 2_000;

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// The whole of an answer after which the connection is closed.
fn answer(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // With something of the request unread, the system may close it harder than by its end.
    let ended = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let hard = ended.is_err_and(|e| e.kind() != std::io::ErrorKind::ConnectionReset);
    assert!(!hard && !answer.is_empty(), "{answer}");
    answer
}

#[test]
fn ten_thousand_idle_and_slow_connections_cost_little_and_keep_nobody_waiting() {
    // A connection is a file of this program, too.
    let files = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: files.maximum, maximum: files.maximum });
    let allowed = files.maximum.is_none_or(|most| most > IDLE as u64 + 2_000);
    assert!(allowed, "this test opens {IDLE} connections, and the system lets a program have {:?}", files.maximum);
    let server = Server::start();
    let before = server.most_memory_mb();
    let post = report(json!({})).to_string();
    let head = format!(
        "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        post.len()
    );
    let half_a_post = format!("{head}{}", &post[..10]);
    let streams: Vec<TcpStream> = (0..IDLE)
        .map(|n| {
            if n % 250 == 0 {
                // As fast as they are taken: the system lets few wait to be.
                std::thread::sleep(Duration::from_millis(20));
            }
            let mut stream = connect(&server);
            let begun = match n % 25 {
                // A few get as far as their bodies.
                0 => &half_a_post,
                1..=9 => "GET /layers HTTP/1.1\r\nhost:",
                _ => "",
            };
            stream.write_all(begun.as_bytes()).unwrap();
            stream
        })
        .collect();
    assert_eq!(server.get("/layers").status, 200);
    assert_eq!(server.post(&report(json!({"lon": 110.4}))).status, 201);
    assert_eq!(server.features("/layers/reports.geojson").len(), 1);
    // One that is slow and goes on in time is answered as any other.
    let mut slow = connect(&server);
    write!(slow, "{half_a_post}").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    write!(slow, "{}", &post[10..]).unwrap();
    let mut status = [0; 12];
    slow.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 201");
    let more = server.most_memory_mb() - before;
    told!("overload: {more} MB for {IDLE} connections");
    assert!(more < 300, "{more} MB for {IDLE} connections");
    // Those that do not go on are let go.
    for (n, mut stream) in streams.into_iter().enumerate() {
        let mut rest = Vec::new();
        // With half a request unread, the system may close it harder than that.
        let ended = stream.read_to_end(&mut rest);
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{n}: {}", String::from_utf8_lossy(&rest));
        assert!(ended.is_ok() || ended.is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset), "{n}");
    }
    assert_eq!(server.ids("/layers/reports.geojson").len(), 2, "of half a report nothing is kept");
}

#[test]
fn connections_beyond_what_there_are_files_for_are_told_to_come_back() {
    let data = tempfile::tempdir().unwrap();
    // 300 files: less is left for connections than half of them.
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 300 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_waterlog"), "--data"]);
    limited.arg(data.path()).args(["serve", "--listen", "127.0.0.1:0", "--clock", "2026-01-01T00:00:00Z"]);
    limited.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let server = Server::of(limited);
    let idle: Vec<TcpStream> = (0..160).map(|_| connect(&server)).collect();
    let mut beyond = connect(&server);
    write!(beyond, "GET /layers HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let told = answer(beyond);
    let (head, body) = told.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{told}"));
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nretry-after: 1\r\n"), "{told}");
    assert!(head.contains("content-type: application/problem+json"), "{told}");
    let problem: Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["status"], 503);
    assert!(problem["detail"].as_str().unwrap().contains("too many connections"), "{told}");
    drop(idle);
    server.until("they have left", || server.get("/layers").status == 200);
    // A view opens the database anew: there is a file left for it.
    assert_eq!(server.post(&report(json!({}))).status, 201);
    let idle: Vec<TcpStream> = (0..160).map(|_| connect(&server)).collect();
    assert_eq!(server.get("/api/v1/hotspots?spacing=300").status, 200, "by a connection that is kept");
    drop(idle);
}

#[test]
fn of_a_burst_every_report_is_taken_or_told_to_come_back_and_what_was_taken_is_there() {
    let server = Server::start();
    let head = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json";
    let requests: Vec<String> = (0..BURST)
        .map(|n| report(json!({"lon": 110.0 + n as f64 * 0.001, "text": n.to_string()})).to_string())
        .map(|body| format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
        .collect();
    // As fast as they can be sent, each on a connection of its own, and none waits for another's answer.
    let streams: Vec<TcpStream> = std::thread::scope(|scope| {
        let send = |request: &String| {
            let mut stream = connect(&server);
            // At once: a connection whose request does not come is let go.
            stream.write_all(request.as_bytes()).unwrap();
            stream
        };
        let senders: Vec<_> = requests
            .chunks(BURST / 8)
            .map(|requests| scope.spawn(move || requests.iter().map(send).collect::<Vec<_>>()))
            .collect();
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    });
    let mut taken = Vec::new();
    for stream in streams {
        let told = answer(stream);
        let (head, body) = told.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{told}"));
        if head.starts_with("HTTP/1.1 201 ") {
            let body: Value = serde_json::from_str(body).unwrap();
            taken.push(body["id"].as_str().unwrap().to_owned());
        } else {
            assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nretry-after: 1\r\n"), "{told}");
        }
    }
    assert!(!taken.is_empty());
    let mut kept = server.ids("/layers/reports.geojson");
    kept.sort_unstable();
    taken.sort_unstable();
    assert!(kept == taken, "{} were taken, {} are there", taken.len(), kept.len());
    assert_eq!(server.get("/readyz").json()["position"], taken.len());
    assert_eq!(server.post(&report(json!({}))).status, 201, "it goes on");
}

#[test]
fn batches_beyond_what_there_is_memory_for_are_told_to_come_back_and_single_reports_are_taken_meanwhile() {
    let server = Server::start();
    let head = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/x-ndjson";
    let mut batches: Vec<TcpStream> = (0..12)
        .map(|_| {
            let mut stream = connect(&server);
            // Nine megabytes are to come, and do not.
            write!(stream, "{head}\r\ncontent-length: 9000000\r\n\r\n{{").unwrap();
            stream
        })
        .collect();
    assert_eq!(server.post(&report(json!({}))).status, 201);
    let (mut busy, mut waited_for) = (0, 0);
    for stream in batches.drain(..) {
        let told = answer(stream);
        if told.starts_with("HTTP/1.1 503 ") {
            assert!(told.contains("\r\nretry-after: 1\r\n") && told.contains("too much at once"), "{told}");
            busy += 1;
        } else {
            assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
            waited_for += 1;
        }
    }
    assert!(waited_for >= 2 && busy >= 6, "{waited_for} were waited for, {busy} told to come back");
    let line = report(json!({"lon": 110.5})).to_string();
    let taken = server.post_with(line.as_bytes(), &[("content-type", "application/x-ndjson")]);
    assert_eq!(taken.status, 200, "{}", taken.text());
    assert_eq!(server.ids("/layers/reports.geojson").len(), 2);
}

#[test]
fn while_nothing_can_be_written_who_posts_is_told_so_at_once_who_was_let_in_is_kept_and_reads_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    server.may_err = true;
    assert_eq!(server.post(&report(json!({}))).status, 201);
    let other = rusqlite::Connection::open(folder.path().join("waterlog.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let held = Instant::now();
    // Fewer than may write at once.
    let head = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json";
    let let_in: Vec<TcpStream> = (0..200)
        .map(|n| {
            let body = report(json!({"lon": 110.0 + f64::from(n) * 0.001})).to_string();
            let mut stream = connect(&server);
            write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_secs(2).saturating_sub(held.elapsed()));
    let mut told = Vec::new();
    // For longer than it is waited for the database at a time.
    while held.elapsed() < waterlog::config::LOCK_WAIT + Duration::from_secs(2) {
        let asked = Instant::now();
        let refused = server.post(&report(json!({"lon": 111.0})));
        told.push(asked.elapsed());
        assert!(refused.header("retry-after") == "1", "{}", refused.text());
        assert_eq!(refused.problem(503), "nothing can be written at the moment: try again in a moment");
        assert_eq!(server.get("/layers").status, 200, "whoever reads is answered");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(server.get("/readyz").problem(503).contains("another program holds the database"));
    told.sort_unstable();
    told!("overload: told to come back within {:?}, {:?} at most", told[told.len() / 2], told[told.len() - 1]);
    // The machine may be busy with other tests; who waited for the database would wait for seconds.
    assert!(
        told[told.len() / 2] < Duration::from_millis(50) && told[told.len() - 1] < Duration::from_secs(1),
        "{told:?}"
    );
    other.execute_batch("ROLLBACK").unwrap();
    let mut taken = 0;
    for stream in let_in {
        let told = answer(stream);
        let is_taken = told.starts_with("HTTP/1.1 201 ");
        assert!(is_taken || told.starts_with("HTTP/1.1 503 "), "{told}");
        taken += usize::from(is_taken);
    }
    assert!((1..=200).contains(&taken), "{taken}");
    assert_eq!(server.ids("/layers/reports.geojson").len(), 1 + taken, "what was taken is there, and nothing else");
    assert_eq!(server.post(&report(json!({"lon": 111.1}))).status, 201, "it goes on");
    server.until("it is ready", || server.get("/readyz").status == 200);
}

/// Reports of all categories that are on the map, at a thousand corners from one end of the world to the other, each of its
/// incidents at another state.
fn world() -> Vec<Event> {
    let categories: Vec<Category> = Category::all().filter(|category| !category.is_alone()).collect();
    let actions = [Action::Resolve, Action::Acknowledge, Action::Dismiss, Action::Found];
    (0..10_000_usize)
        .flat_map(|n| {
            let (lon, lat) = ((n % 1_000) as f64 * 0.36 - 180.0, (n % 1_000) as f64 * 0.17 - 85.0);
            let mut one = seen(&format!("r{n}"), n as i64 * 3_000, lon, lat);
            one.category = categories[n % categories.len()];
            one.depth_cm = Some((n % 90) as u16);
            let at = T0 + n as i64 * 3_000 + 60;
            let act = Act { action: actions[n / 7 % 4], at, report: format!("r{n}") };
            [Event::Report(one), Event::Act(act)].into_iter().take(1 + usize::from(n % 3 == 0))
        })
        .collect()
}

#[test]
fn an_enormous_box_with_every_filter_is_answered_with_all_that_lies_in_it() {
    let server = Server::seeded(&world());
    let categories: Vec<_> = Category::all().map(|category| category.name().to_owned()).collect();
    let everything = format!("bbox=-180,-90,180,90&datetime=1900-01-01T00:00:00Z/..&category={}", categories.join(","));
    // What holds of every feature, said so that each has to be looked at.
    let holds = "filter-lang=cql2-text&filter=category%20LIKE%20%27%25%27%20AND%20NOT%20(category%20IN%20(%27x%27,%27y%27))\
                 %20AND%20S_INTERSECTS(geometry,POLYGON((-180%20-90,180%20-90,180%2090,-180%2090,-180%20-90)))";
    let before = server.most_memory_mb();
    for (layer, status, sort) in [
        ("reports", "reported,acknowledged,resolved,dismissed", "-depth_cm"),
        ("incidents", "reported,acknowledged,resolved,dismissed", "-last_observed_at"),
        ("hotspots", "candidate,recurring,confirmed", "-last_seen"),
    ] {
        let all = server.get(&format!("/layers/{layer}.geojson")).json();
        let known: Vec<&Value> = all["features"].as_array().unwrap().iter().map(|feature| &feature["id"]).collect();
        assert!(known.len() >= 500, "{layer}: {}", known.len());
        let more = format!("{everything}&status={status}");
        for path in [
            format!("/layers/{layer}.geojson?{more}&{holds}"),
            format!("/api/v1/{layer}?{more}&limit=10000&sort={sort}"),
            format!("/ogc/collections/{layer}/items?{more}&{holds}&limit=1000000&sortby={sort}"),
            // With heights, which restrict nothing.
            format!("/layers/{layer}.geojson?{}&{holds}", more.replace("-180,-90,180,90", "-180,-90,-1e9,180,90,1e9")),
        ] {
            let answer = server.get(&path);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            let answer = answer.json();
            assert_eq!(answer["numberMatched"], known.len(), "{path}");
            let mut ids: Vec<&Value> = answer["features"].as_array().unwrap().iter().map(|f| &f["id"]).collect();
            if path.contains("/layers/") {
                assert!(ids == known, "{path}");
            }
            ids.sort_by_key(|id| id.as_str());
            ids.dedup();
            assert_eq!(answer["numberReturned"], ids.len(), "{path}: one is given twice");
        }
    }
    for bbox in ["-181,-91,181,91", "-1e308,-1e308,1e308,1e308", "-inf,-inf,inf,inf", "NaN,-90,180,90"] {
        let told = server.get(&format!("/layers/reports.geojson?bbox={bbox}")).problem(400);
        assert!(told.starts_with("bbox"), "{bbox}: {told}");
    }
    let more = server.most_memory_mb() - before;
    assert!(more < 300, "{more} MB");
}
