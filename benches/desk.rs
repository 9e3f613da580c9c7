//! The desk on a large city: how soon a report is on 200 desks, how long a step takes, and what the deadlines of 100,000
//! open cases cost. The real service on a real database.
//!
//! `WATERLOG_OPEN` (100,000 open cases), `WATERLOG_READERS` (200 desks), `WATERLOG_REPORTS` (100, one a second or as fast as
//! they come onto all desks) and `WATERLOG_STEPS` (2,000) bound it.

mod common;

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Held, Like, cpu_seconds, machine, quantile, quantiles, resident_mb};
use serde_json::{Value, json};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::layer::{Queue, QueueAsked};
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;
use waterlog::hazard::time;
use waterlog::hazard::workflow::{Actor, Role, State, Step, Transition};
use waterlog::intake::{Draft, Private};
use waterlog::live::Live;

const BINARY: &str = env!("CARGO_BIN_EXE_waterlog");
const ADDRESS: &str = "127.0.0.1:18575";
/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600;
/// As the page does, a desk takes changes together that come within this.
const GATHER: Duration = Duration::from_millis(100);
/// A desk that has heard nothing for so long has lost something.
const SILENCE: Duration = Duration::from_secs(30);
/// As often, where one answer is too short to be timed.
const NEXT_ASKED: u32 = 1_000_000;
const GRID: [(&str, &str); 2] = [("actor-role", "grid_worker"), ("actor-unit", "grid_7")];

fn main() -> ExitCode {
    let number = |name, default| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let (open, steps) = (number("WATERLOG_OPEN", 100_000), number("WATERLOG_STEPS", 2_000));
    let (readers, reports) = (number("WATERLOG_READERS", 200), number("WATERLOG_REPORTS", 100));
    let mut held = Held::new(&[Like::Memory, Like::Loopback, Like::Disk]);
    println!("desk: {}", machine());
    println!(
        "WATERLOG_OPEN={open} WATERLOG_STEPS={steps} WATERLOG_READERS={readers} WATERLOG_REPORTS={reports} \
         cargo bench --bench desk"
    );
    let data = tempfile::tempdir().expect("a temporary folder");
    deadlines(data.path(), open, steps.min(open), &mut held);
    let server = Server::start(data.path());
    println!("memory of the service with {open} open cases: {} MB", resident_mb(&server.0.id().to_string()));
    first_page(&mut held);
    transitions(open, steps, &mut held);
    on_the_desk(readers, reports, &mut held);
    println!("memory of the service after it: {} MB", resident_mb(&server.0.id().to_string()));
    held.done()
}

/// A crossing of its own for each case: 0.002 degree is 200 m.
fn case(n: usize) -> (f64, f64) {
    (100.0 + (n % 1_000) as f64 * 0.002, 20.0 + (n / 1_000) as f64 * 0.002)
}

fn draft(event: Event) -> Draft {
    Draft { event, key: None, private: Private::default() }
}

/// Steps on open cases, each followed by what a desk asks of the deadlines: how many have passed, and which is next.
fn deadlines(data: &Path, open: usize, steps: usize, held: &mut Held) {
    let category = Category::named("waterlogging").expect("it is in the table");
    let live = Live::open(data, Settings::default()).expect("a new database");
    let all: Vec<usize> = (0..open).collect();
    for group in all.chunks(1_000) {
        let report = |&n: &usize| {
            let (lon, lat) = case(n);
            let at = Position::new(lon, lat).expect("it is on the Earth");
            draft(Event::Report(Report::new(format!("case:{n}"), category, at, NOW - 3_600 + (n % 3_600) as i64)))
        };
        live.submit_all(group.iter().map(report).collect()).expect("they are written");
    }
    let (started, cpu) = (Instant::now(), cpu_seconds());
    let waiting = live.read(|map| map.deadlines().len());
    println!("deadlines of {waiting} open cases, worked out once: {:.0} ms", started.elapsed().as_secs_f64() * 1e3);
    held.hold(&format!("deadlines of {waiting} cases"), Like::Memory, cpu_seconds() - cpu);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (mut millis, mut asked, mut passed) = (Vec::new(), Vec::new(), 0);
    for n in 0..steps {
        let acknowledged = Transition {
            at: NOW,
            step: Step::Acknowledge,
            report: format!("case:{n}"),
            from: State::Reported,
            after: None,
            actor: Actor { role: Role::GridWorker, unit: None, person: None },
            unit: None,
            until: None,
            reason: None,
            other: None,
            note: None,
        };
        let started = Instant::now();
        runtime.block_on(live.submit(draft(Event::Transition(acknowledged)))).expect("it is possible");
        millis.push(started.elapsed().as_secs_f64() * 1e3);
        let started = Instant::now();
        let next = live.read(|map| map.deadlines().next(NOW));
        asked.push(started.elapsed().as_secs_f64() * 1e6);
        assert!(next.is_some(), "a deadline lies ahead");
        passed = live.read(|map| map.deadlines().overdue(NOW).count());
    }
    let median = quantile(&mut millis, 0.5) / 1e3;
    println!("a step, durable, in the process: {}", quantiles(millis, "ms"));
    held.hold("a step in the process", Like::Disk, median);
    println!("the next deadline after it, of {waiting}: {}; {passed} have passed", quantiles(asked, "µs"));
    let cpu = cpu_seconds();
    for _ in 0..NEXT_ASKED {
        black_box(live.read(|map| map.deadlines().next(NOW)));
    }
    held.hold("the next deadline", Like::Memory, (cpu_seconds() - cpu) / f64::from(NEXT_ASKED));
    let all = QueueAsked { ids: None, unit: None, ended_since: None, areas: Vec::new(), after: None, limit: 1_000 };
    let cpu = cpu_seconds();
    let pages = (0..20).map(|_| {
        let started = Instant::now();
        assert!(!live.read(|map| Queue::of(map, &all, NOW)).rows.is_empty(), "something waits");
        started.elapsed().as_secs_f64() * 1e3
    });
    println!("the first thousand of the queue, in memory: {}", quantiles(pages.collect(), "ms"));
    held.hold("the queue in memory", Like::Memory, (cpu_seconds() - cpu) / 20.0);
    live.close();
}

/// Ends the service with the bench.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    fn start(data: &Path) -> Server {
        let mut command = Command::new(BINARY);
        command.arg("--data").arg(data).args(["serve", "--listen", ADDRESS, "--trust-actors"]);
        command.args(["--clock", &time::format(NOW)]).stderr(Stdio::null());
        let server = Server(command.spawn().expect("it starts"));
        while ureq::get(format!("http://{ADDRESS}/readyz")).call().is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        server
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().build().into()
}

/// What a desk asks for, in the name of a grid worker.
fn queue(agent: &ureq::Agent, query: &str) -> Value {
    let asked = agent.get(format!("http://{ADDRESS}/api/v1/queue?{query}"));
    let mut answer =
        GRID.iter().fold(asked, |asked, (name, value)| asked.header(*name, *value)).call().expect("it is given");
    answer.body_mut().read_json().expect("a JSON answer")
}

fn first_page(held: &mut Held) {
    let agent = agent();
    let pages = (0..20).map(|_| {
        let started = Instant::now();
        assert!(!queue(&agent, "limit=1000")["rows"].as_array().expect("rows").is_empty(), "something waits");
        started.elapsed().as_secs_f64() * 1e3
    });
    let mut pages: Vec<f64> = pages.collect();
    let median = quantile(&mut pages, 0.5) / 1e3;
    println!("the first thousand of the queue, by HTTP: {}", quantiles(pages, "ms"));
    held.hold("the queue by HTTP", Like::Loopback, median);
}

/// Whole rounds of found and not found: possible in every state, one connection.
fn transitions(open: usize, steps: usize, held: &mut Held) {
    let agent = agent();
    let millis = (0..steps).map(|n| {
        let step = if (n / open).is_multiple_of(2) { "found" } else { "not_found" };
        let url = format!("http://{ADDRESS}/api/v1/incidents/i{}/transitions", n % open + 1);
        let post = GRID.iter().fold(agent.post(url), |post, (name, value)| post.header(*name, *value));
        let started = Instant::now();
        let answer = post.send_json(json!({"step": step})).expect("it is possible");
        assert_eq!(answer.status(), 201);
        started.elapsed().as_secs_f64() * 1e3
    });
    let mut millis: Vec<f64> = millis.collect();
    let median = quantile(&mut millis, 0.5) / 1e3;
    println!("a step, durable, by HTTP: {}", quantiles(millis, "ms"));
    held.hold("a step by HTTP", Like::Disk, median);
}

/// What the desks have seen of the report that is under way.
struct Desks {
    /// When the last report was accepted, and the case it opened.
    accepted: Mutex<(Instant, String)>,
    /// From its 201 to its row, on each desk that has it, in milliseconds; of all reports.
    millis: Mutex<Vec<f64>>,
    /// Desks that have the last report.
    have: AtomicUsize,
    listening: AtomicUsize,
    over: AtomicBool,
}

/// Reports one after the other; each desk hears of it, asks for its row as the page does, and has it.
fn on_the_desk(readers: usize, reports: usize, held: &mut Held) {
    let desks = Desks {
        accepted: Mutex::new((Instant::now(), String::new())),
        millis: Mutex::default(),
        have: AtomicUsize::new(0),
        listening: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        for _ in 0..readers {
            let small = std::thread::Builder::new().stack_size(512 * 1_024);
            small.spawn_scoped(scope, || desks.follow()).expect("a thread");
        }
        let wait = |count: &AtomicUsize| {
            let started = Instant::now();
            while count.load(Ordering::SeqCst) < readers {
                assert!(started.elapsed() < SILENCE, "{} of {readers} desks", count.load(Ordering::SeqCst));
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        wait(&desks.listening);
        let agent = agent();
        for n in 0..reports {
            let started = Instant::now();
            // South of all cases that there are.
            let body = json!({"category": "waterlogging", "lon": 100.0 + n as f64 * 0.002, "lat": 19.0,
                "observed_at": time::format(NOW), "text": "knee-deep"});
            {
                // The desks wait with the clock until the answer is there.
                let mut accepted = desks.accepted.lock().expect("no desk fails");
                desks.have.store(0, Ordering::SeqCst);
                let answer = agent.post(format!("http://{ADDRESS}/api/v1/reports")).send_json(&body);
                let answer: Value = answer.expect("it is taken").body_mut().read_json().expect("a JSON answer");
                *accepted = (Instant::now(), answer["incident_id"].as_str().expect("it opens a case").to_owned());
            }
            wait(&desks.have);
            std::thread::sleep(Duration::from_secs(1).saturating_sub(started.elapsed()));
        }
        desks.over.store(true, Ordering::SeqCst);
        // Wakes those who listen.
        let last = json!({"category": "waterlogging", "lon": 99.0, "lat": 19.0, "observed_at": time::format(NOW)});
        agent.post(format!("http://{ADDRESS}/api/v1/reports")).send_json(&last).expect("it is taken");
    });
    let mut millis = desks.millis.into_inner().expect("no desk fails");
    assert_eq!(millis.len(), readers * reports, "a desk has missed a report");
    // What the desks wait by themselves is no work.
    let median = quantile(&mut millis, 0.5) / 1e3 - GATHER.as_secs_f64();
    println!("from the 201 to the row, {readers} desks, {reports} reports: {}", quantiles(millis, "ms"));
    held.hold(&format!("a report onto {readers} desks"), Like::Loopback, median);
}

impl Desks {
    /// One desk: hears of changes, and asks for the cases that changed.
    fn follow(&self) {
        let mut stream = TcpStream::connect(ADDRESS).expect("the service listens");
        stream.set_read_timeout(Some(SILENCE)).expect("a setting");
        write!(stream, "GET /api/v1/live HTTP/1.0\r\nhost: x\r\n\r\n").expect("it is sent");
        let agent = agent();
        for line in BufReader::new(stream).lines() {
            let line = line.expect("it goes on");
            if line.starts_with("event: position") {
                self.listening.fetch_add(1, Ordering::SeqCst);
            }
            let Some(data) = line.strip_prefix("data: ").filter(|data| data.contains("\"changed\"")) else { continue };
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            let changes: Value = serde_json::from_str(data).expect("JSON");
            let layers = changes["changed"].as_array().expect("a list").iter();
            let ids = layers.filter(|layer| layer["layer"] == "incidents").filter_map(|layer| layer["ids"].as_array());
            let ids: Vec<&str> = ids.flatten().filter_map(Value::as_str).collect();
            std::thread::sleep(GATHER);
            let rows = queue(&agent, &format!("ids={}", ids.join(",")));
            self.note(&rows);
        }
    }

    /// Notes when the case of the last report came onto this desk.
    fn note(&self, rows: &Value) {
        let now = Instant::now();
        let (at, id) = self.accepted.lock().expect("no desk fails").clone();
        if rows["rows"].as_array().expect("rows").iter().any(|row| row["id"] == id.as_str()) {
            self.millis.lock().expect("no desk fails").push(now.saturating_duration_since(at).as_secs_f64() * 1e3);
            self.have.fetch_add(1, Ordering::SeqCst);
        }
    }
}
