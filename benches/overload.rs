//! More than the service can do: reads while reports come in as fast as they are taken, and how soon it tells callers beyond
//! what can be worked on to come back. The real service on a million reports.
//!
//! `WATERLOG_LOAD` names a folder with the common load's `pts_1000000.*`; `make bench` makes it. `WATERLOG_SECONDS` (15) bounds
//! each half.

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader as AsyncBufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use common::{Held, Like, load, load_folder, machine, quantile, quantiles, resident_mb};
use waterlog::hazard::event::Event;
use waterlog::hazard::settings::Settings;
use waterlog::hazard::time;
use waterlog::intake::{Draft, Private};
use waterlog::live::Live;

const BINARY: &str = env!("CARGO_BIN_EXE_waterlog");
const ADDRESS: &str = "127.0.0.1:18576";
const REPORTS: usize = 1_000_000;
/// Connections that post without a pause.
const SENDERS: u64 = 64;
/// Connections that read, each at so many requests a second.
const READERS: u64 = 4;
const READS_A_SECOND: u64 = 50;
/// Twice as many callers as are answered at once, and some.
const CROWD: u64 = 1_200;
/// Who is told to come back in a second comes back sooner.
const IMPATIENCE: Duration = Duration::from_millis(100);
/// One caller who is timed, on a thread of his own: a crowd is slow to hear.
const PROBE_EVERY: Duration = Duration::from_millis(10);
/// Within this time who cannot be answered is told so.
const REFUSED_WITHIN_MS: f64 = 50.0;

fn main() -> ExitCode {
    let Some(dir) = load_folder() else { return ExitCode::SUCCESS };
    let mut held = Held::new(&[Like::Loopback]);
    println!("overload: {}", machine());
    let data = tempfile::tempdir().expect("a temporary folder");
    let events = load(&dir, REPORTS);
    let newest = events.iter().filter_map(Event::at).max().expect("the load is not empty");
    write(data.path(), &events);
    drop(events);
    let server = Server::start(data.path(), newest);
    let seconds = std::env::var("WATERLOG_SECONDS").ok().and_then(|v| v.parse().ok()).unwrap_or(15);
    let run = Run { newest, seconds: Duration::from_secs(seconds), over: Arc::default() };
    run.reads_beside_reports(&mut held);
    run.crowded(&mut held);
    println!("memory of the service after it: {} MB", resident_mb(&server.0.id().to_string()));
    held.done()
}

fn write(data: &Path, events: &[Event]) {
    let live = Live::open(data, Settings::default()).expect("a new database");
    for group in events.chunks(1_000) {
        let draft = |event: &Event| Draft { event: event.clone(), key: None, private: Private::default() };
        live.submit_all(group.iter().map(draft).collect()).expect("they are written");
    }
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
    fn start(data: &Path, newest: i64) -> Server {
        let mut command = Command::new(BINARY);
        command.arg("--data").arg(data).args(["serve", "--listen", ADDRESS, "--clock", &time::format(newest)]);
        let server = Server(command.stderr(Stdio::null()).spawn().expect("it starts"));
        while ureq::get(format!("http://{ADDRESS}/readyz")).call().is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        server
    }
}

struct Run {
    newest: i64,
    seconds: Duration,
    over: Arc<AtomicBool>,
}

/// A connection that is kept.
struct Line {
    out: TcpStream,
    answers: BufReader<TcpStream>,
}

/// What matters of an answer.
struct Answer {
    status: u16,
    retry_after: bool,
    etag: String,
    bytes: usize,
}

impl Line {
    fn open() -> Line {
        let out = TcpStream::connect(ADDRESS).expect("the service listens");
        out.set_nodelay(true).expect("a setting");
        out.set_read_timeout(Some(Duration::from_secs(60))).expect("a setting");
        let answers = BufReader::new(out.try_clone().expect("a second handle"));
        Line { out, answers }
    }

    fn get(&mut self, path: &str, headers: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n"))
    }

    fn post(&mut self, newest: &str, k: u64) -> Answer {
        self.ask(&report(newest, k))
    }

    fn ask(&mut self, request: &str) -> Answer {
        self.out.write_all(request.as_bytes()).expect("it is sent");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.answers.read_line(&mut head).expect("an answer") > 0, "hung up on: {request}");
        }
        let answer = Answer::of(&head, request);
        self.answers.read_exact(&mut vec![0; answer.bytes]).expect("a body");
        answer
    }
}

impl Answer {
    /// As the head of one says.
    fn of(head: &str, request: &str) -> Answer {
        let (mut answer, mut length) = (Answer { status: 0, retry_after: false, etag: String::new(), bytes: 0 }, None);
        for line in head.lines() {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            match name {
                "content-length" => length = value.parse().ok(),
                "etag" => answer.etag = value.to_owned(),
                "retry-after" => answer.retry_after = value == "1",
                _ if name.starts_with("HTTP/1.1 ") => answer.status = name[9..12].parse().expect("a status"),
                _ => {}
            }
        }
        assert!(answer.status == 304 || length.is_some(), "an answer in chunks: {request}");
        answer.bytes = length.unwrap_or(0);
        answer
    }
}

/// One of a crowd: a task, for as many threads would wait for each other and for the service's.
struct Caller {
    out: OwnedWriteHalf,
    answers: AsyncBufReader<OwnedReadHalf>,
}

impl Caller {
    async fn open() -> Caller {
        let stream = tokio::net::TcpStream::connect(ADDRESS).await.expect("the service listens");
        stream.set_nodelay(true).expect("a setting");
        let (answers, out) = stream.into_split();
        Caller { out, answers: AsyncBufReader::new(answers) }
    }

    async fn ask(&mut self, request: &str) -> Answer {
        self.out.write_all(request.as_bytes()).await.expect("it is sent");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.answers.read_line(&mut head).await.expect("an answer") > 0, "hung up on: {request}");
        }
        let answer = Answer::of(&head, request);
        self.answers.read_exact(&mut vec![0; answer.bytes]).await.expect("a body");
        answer
    }
}

/// A report, as number `k` posts it.
fn report(newest: &str, k: u64) -> String {
    let (lon, lat) = (110.2 + (k % 61) as f64 * 0.004, 19.92 + (k % 67) as f64 * 0.005);
    let body = format!(r#"{{"category": "waterlogging", "lon": {lon}, "lat": {lat}, "observed_at": "{newest}"}}"#);
    let head = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json";
    format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

impl Run {
    /// Readers at their pace, and senders without one.
    fn reads_beside_reports(&self, held: &mut Held) {
        let (taken, refused) = (AtomicU64::new(0), AtomicU64::new(0));
        let times: Mutex<BTreeMap<&'static str, Vec<f64>>> = Mutex::default();
        let newest = time::format(self.newest);
        self.beside(|scope| {
            for sender in 0..SENDERS {
                let (taken, refused, newest) = (&taken, &refused, &newest);
                small().spawn_scoped(scope, move || self.send(sender, newest, taken, refused)).expect("a thread");
            }
            for reader in 0..READERS {
                let times = &times;
                scope.spawn(move || self.read(reader, times));
            }
        });
        let [taken, refused] = [taken, refused].map(|n| n.into_inner() as f64 / self.seconds.as_secs_f64());
        println!(
            "reports, one each, durable, {SENDERS} connections: {taken:.0}/s, {refused:.0}/s told to come back, beside \
             {} reads/s",
            READERS * READS_A_SECOND
        );
        let times = times.into_inner().expect("no reader fails");
        let mut all: Vec<f64> = times.values().flatten().copied().collect();
        for (what, millis) in times {
            println!("  {what}: {}", quantiles(millis, "ms"));
        }
        let median = quantile(&mut all, 0.5) / 1e3;
        println!("reads meanwhile, of all kinds: {}", quantiles(all, "ms"));
        held.hold("a read beside reports", Like::Loopback, median);
        held.hold("a report taken beside reads", Like::Loopback, 1.0 / taken);
    }

    /// Runs threads for as long as a half lasts.
    fn beside<'s>(&'s self, start: impl for<'t> FnOnce(&'t std::thread::Scope<'t, 's>)) {
        self.over.store(false, Ordering::SeqCst);
        std::thread::scope(|scope| {
            start(scope);
            scope.spawn(|| {
                std::thread::sleep(self.seconds);
                self.over.store(true, Ordering::SeqCst);
            });
        });
    }

    fn send(&self, sender: u64, newest: &str, taken: &AtomicU64, refused: &AtomicU64) {
        let mut line = Line::open();
        for n in 0.. {
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            let answer = line.post(newest, n * SENDERS + sender);
            match answer.status {
                201 => taken.fetch_add(1, Ordering::Relaxed),
                503 if answer.retry_after => refused.fetch_add(1, Ordering::Relaxed),
                other => panic!("a report was answered {other}"),
            };
        }
    }

    /// What a map, a list and a GIS ask for in turn.
    fn read(&self, reader: u64, times: &Mutex<BTreeMap<&'static str, Vec<f64>>>) {
        let mut line = Line::open();
        // Where nobody reports: its tile stays as it is. The others are of the city.
        let quiet = "/tiles/reports/6/20/20";
        let etag = line.get(quiet, "").etag;
        let unchanged = format!("if-none-match: {etag}\r\n");
        let asked = [
            ("one report", "/api/v1/reports/load:500000", ""),
            ("a page of 100", "/ogc/collections/reports/items?limit=100&offset=500000", ""),
            ("500 of a box", "/api/v1/reports?limit=500&bbox=110.3,19.98,110.31,19.99", ""),
            ("a tile of the city, z14", "/tiles/reports/14/13212/7261", ""),
            ("a quiet tile, unchanged", quiet, unchanged.as_str()),
            ("the worst hotspots", "/api/v1/hotspots?limit=10&category=waterlogging", ""),
        ];
        let (began, pause) = (Instant::now(), Duration::from_secs(1) / READS_A_SECOND as u32);
        let offset = pause.mul_f64(reader as f64 / READERS as f64);
        for n in 0.. {
            let due = offset + pause * n;
            std::thread::sleep(due.saturating_sub(began.elapsed()));
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            let (what, path, headers) = asked[(n as usize + reader as usize) % asked.len()];
            let started = Instant::now();
            let answer = line.get(path, headers);
            let millis = started.elapsed().as_secs_f64() * 1e3;
            assert!([200, 304].contains(&answer.status), "{what} was answered {}", answer.status);
            times.lock().expect("no reader fails").entry(what).or_default().push(millis);
        }
    }

    /// Far more callers than are answered at once, none of whom waits as long as he is told; and one who is timed.
    fn crowded(&self, held: &mut Held) {
        let counts = Arc::new(Counts::default());
        let newest = time::format(self.newest);
        let probed: Mutex<[Vec<f64>; 2]> = Mutex::default();
        self.beside(|scope| {
            scope.spawn(|| self.crowd(&counts));
            scope.spawn(|| self.probe(&newest, &probed));
        });
        let rates =
            [&counts.taken, &counts.refused].map(|n| n.load(Ordering::SeqCst) as f64 / self.seconds.as_secs_f64());
        println!("{CROWD} callers: {:.0}/s taken, {:.0}/s told to come back", rates[0], rates[1]);
        let [taken, mut refused] = probed.into_inner().expect("it does not fail");
        if !taken.is_empty() {
            println!("  one of them, taken: {}", quantiles(taken, "ms"));
        }
        assert!(!refused.is_empty(), "nobody who was timed was told to come back");
        let (median, p99) = (quantile(&mut refused, 0.5) / 1e3, quantile(&mut refused, 0.99));
        println!("  one of them, told to come back: {}", quantiles(refused, "ms"));
        println!("  99 of 100 within {REFUSED_WITHIN_MS} ms: {}", if p99 <= REFUSED_WITHIN_MS { "yes" } else { "NO" });
        held.hold("told to come back", Like::Loopback, median);
    }

    /// All callers but the one who is timed, on one thread.
    fn crowd(&self, counts: &Arc<Counts>) {
        let newest: Arc<str> = time::format(self.newest).into();
        let thread = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        thread.block_on(async {
            let mut crowd = tokio::task::JoinSet::new();
            for caller in 0..CROWD {
                crowd.spawn(come_and_come_again(caller, newest.clone(), self.over.clone(), counts.clone()));
            }
            while let Some(ended) = crowd.join_next().await {
                ended.expect("nobody fails");
            }
        });
    }

    fn probe(&self, newest: &str, probed: &Mutex<[Vec<f64>; 2]>) {
        let mut line = Line::open();
        for n in 0.. {
            std::thread::sleep(PROBE_EVERY);
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            let started = Instant::now();
            let answer = line.post(newest, n);
            let millis = started.elapsed().as_secs_f64() * 1e3;
            probed.lock().expect("nobody fails")[usize::from(answer.status == 503)].push(millis);
        }
    }
}

/// Answers to reports.
#[derive(Default)]
struct Counts {
    taken: AtomicU64,
    refused: AtomicU64,
}

async fn come_and_come_again(caller: u64, newest: Arc<str>, over: Arc<AtomicBool>, counts: Arc<Counts>) {
    let mut line = Caller::open().await;
    for n in 0.. {
        if over.load(Ordering::SeqCst) {
            return;
        }
        let answer = line.ask(&report(&newest, n * CROWD + caller)).await;
        match answer.status {
            201 => counts.taken.fetch_add(1, Ordering::Relaxed),
            503 => {
                assert!(answer.retry_after, "it is not told when");
                tokio::time::sleep(IMPATIENCE).await;
                counts.refused.fetch_add(1, Ordering::Relaxed)
            }
            other => panic!("a report was answered {other}"),
        };
    }
}

fn small() -> std::thread::Builder {
    std::thread::Builder::new().stack_size(256 * 1_024)
}
