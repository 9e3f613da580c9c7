//! Many readers of live changes beside many senders: is every event heard, and how soon?
//!
//! `WATERLOG_READERS` (200), `WATERLOG_RATE` (2,000 reports a second in all) and `WATERLOG_SECONDS` (60) bound it.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{Held, Like, cpu_seconds_of, machine, quantile, quantiles, resident_mb};

const BINARY: &str = env!("CARGO_BIN_EXE_waterlog");
const ADDRESS: &str = "127.0.0.1:18574";
/// Connections that post.
const SENDERS: u64 = 64;
const CLOCK: &str = "2026-01-01T00:00:00Z";
/// A reader that has heard nothing for so long has lost something.
const SILENCE: Duration = Duration::from_secs(30);

/// What went over the wire, and when; shared by all threads.
struct Run {
    began: Instant,
    readers: u64,
    rate: u64,
    seconds: u64,
    /// Nanoseconds since `began` when each report was acknowledged, by its position in the log; 0: not yet.
    acknowledged: Vec<AtomicU64>,
    posted: AtomicU64,
    done: AtomicBool,
}

/// What one reader has heard.
#[derive(Default)]
struct Heard {
    position: u64,
    events: u64,
    cut_off: u64,
    gaps: u64,
    resets: u64,
    /// Milliseconds from a report's acknowledgement to its event; 0 where the event came first.
    delays_ms: Vec<f64>,
}

fn main() -> ExitCode {
    let number = |name, default| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let (readers, rate) = (number("WATERLOG_READERS", 200), number("WATERLOG_RATE", 2_000));
    let seconds: u64 = number("WATERLOG_SECONDS", 60);
    let mut held = Held::new(&[Like::Memory, Like::Loopback]);
    println!("live: {}", machine());
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = start(data.path());
    let memory = resident_mb(&server.0.id().to_string());
    let acknowledged = (0..=rate * seconds).map(|_| AtomicU64::new(0)).collect();
    let (posted, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let run = Run { began: Instant::now(), readers, rate, seconds, acknowledged, posted, done };
    let heard = run.all();
    let cpu = cpu_seconds_of(server.0.id());
    report(&run, &heard, memory, resident_mb(&server.0.id().to_string()), &mut held);
    let posted = run.posted.load(Ordering::SeqCst) as f64;
    println!("time of the processor of the service: {:.0} µs a report, told to all readers", cpu / posted * 1e6);
    held.hold(&format!("a report told to {readers} readers"), Like::Memory, cpu / posted);
    held.done()
}

/// Ends the service with the bench.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(data: &std::path::Path) -> Server {
    let mut command = Command::new(BINARY);
    command.arg("--data").arg(data).args(["serve", "--listen", ADDRESS, "--clock", CLOCK]).stderr(Stdio::null());
    let server = Server(command.spawn().expect("it starts"));
    while ureq::get(format!("http://{ADDRESS}/readyz")).call().is_err() {
        std::thread::sleep(Duration::from_millis(5));
    }
    server
}

impl Run {
    /// Readers first, then senders; the readers stop when they have heard of the last report.
    fn all(&self) -> Vec<Heard> {
        std::thread::scope(|scope| {
            let small = || std::thread::Builder::new().stack_size(256 * 1_024);
            let readers: Vec<_> = (0..self.readers)
                .map(|reader| small().spawn_scoped(scope, move || self.read(reader)).expect("a thread"))
                .collect();
            let senders: Vec<_> = (0..SENDERS)
                .map(|sender| small().spawn_scoped(scope, move || self.send(sender)).expect("a thread"))
                .collect();
            senders.into_iter().for_each(|sender| sender.join().expect("a sender does not fail"));
            self.done.store(true, Ordering::SeqCst);
            readers.into_iter().map(|reader| reader.join().expect("a reader does not fail")).collect()
        })
    }

    /// Posts one report after the other at its share of the rate, or as fast as they are taken.
    fn send(&self, sender: u64) {
        let mut stream = connect();
        let mut answers = BufReader::new(stream.try_clone().expect("a second handle"));
        let pause = Duration::from_secs_f64(SENDERS as f64 / self.rate as f64);
        let offset = pause.mul_f64(sender as f64 / SENDERS as f64);
        for n in 0..(self.rate * self.seconds / SENDERS) as u32 {
            let due = offset + pause * n;
            if due.as_secs() >= self.seconds {
                break;
            }
            std::thread::sleep(due.saturating_sub(self.began.elapsed()));
            let k = u64::from(n) * SENDERS + sender;
            let (lon, lat) = (110.2 + (k % 61) as f64 * 0.004, 19.92 + (k % 67) as f64 * 0.005);
            let body = format!(
                r#"{{"category": "waterlogging", "lon": {lon}, "lat": {lat}, "observed_at": "{CLOCK}", "depth_cm": {}}}"#,
                k % 60
            );
            let head = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json";
            write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).expect("it is sent");
            let seq = answer(&mut answers);
            self.acknowledged[seq as usize].store(self.began.elapsed().as_nanos() as u64, Ordering::Relaxed);
            self.posted.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Follows until everything has been heard, coming back where it was cut off.
    fn read(&self, reader: u64) -> Heard {
        let mut heard = Heard::default();
        let mut known = None;
        while !self.is_over(&heard) {
            self.follow(&mut heard, &mut known, reader);
            heard.cut_off += u64::from(!self.is_over(&heard));
        }
        heard
    }

    fn is_over(&self, heard: &Heard) -> bool {
        self.done.load(Ordering::SeqCst) && heard.position >= self.posted.load(Ordering::SeqCst)
    }

    fn follow(&self, heard: &mut Heard, known: &mut Option<u64>, reader: u64) {
        let mut stream = connect();
        let last = known.map(|id: u64| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        write!(stream, "GET /api/v1/live HTTP/1.0\r\nhost: x\r\n{last}\r\n").expect("it is sent");
        let mut lines = BufReader::new(stream);
        let (mut line, mut name) = (String::new(), String::new());
        loop {
            line.clear();
            match lines.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            if let Some(event) = line.strip_prefix("event: ") {
                name = event.trim_end().to_owned();
            }
            // A sign of life after the last report ends it, too.
            if line.starts_with(':') && self.is_over(heard) {
                return;
            }
            let Some(data) = line.strip_prefix("data: ") else { continue };
            match name.as_str() {
                "position" => {}
                "reset" => heard.resets += 1,
                _ => {
                    let (position, previous) = (number(data, "\"position\":"), number(data, "\"previous\":"));
                    heard.gaps += u64::from(previous != heard.position);
                    heard.events += 1;
                    heard.position = position;
                    // A few readers time what they hear.
                    if reader < 10 {
                        self.time(heard, previous, position);
                    }
                }
            }
            *known = Some(heard.position);
            if self.is_over(heard) {
                return;
            }
        }
    }

    fn time(&self, heard: &mut Heard, previous: u64, position: u64) {
        let now = self.began.elapsed().as_nanos() as u64;
        for seq in previous + 1..=position {
            let at = self.acknowledged[seq as usize].load(Ordering::Relaxed);
            heard.delays_ms.push(if at == 0 { 0.0 } else { now.saturating_sub(at) as f64 / 1e6 });
        }
    }
}

fn connect() -> TcpStream {
    let stream = TcpStream::connect(ADDRESS).expect("the service listens");
    stream.set_nodelay(true).expect("a setting");
    stream.set_read_timeout(Some(SILENCE)).expect("a setting");
    stream
}

/// The position in the log that an answer to a post tells.
fn answer(from: &mut BufReader<TcpStream>) -> u64 {
    let (mut line, mut length, mut status) = (String::new(), 0, String::new());
    while line != "\r\n" {
        line.clear();
        from.read_line(&mut line).expect("an answer");
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim_end().parse().expect("a length");
        }
        if status.is_empty() {
            status = line.clone();
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).expect("a body");
    let body = String::from_utf8(body).expect("it is text");
    assert!(status.starts_with("HTTP/1.1 201"), "{status}{body}");
    number(&body, "\"seq\":")
}

/// The number after a name in JSON of our own.
fn number(json: &str, name: &str) -> u64 {
    let rest = &json[json.find(name).unwrap_or_else(|| panic!("no {name} in {json}")) + name.len()..];
    rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok()).expect("a number")
}

fn report(run: &Run, heard: &[Heard], before_mb: usize, after_mb: usize, held: &mut Held) {
    let posted = run.posted.load(Ordering::SeqCst);
    let last = run.acknowledged.iter().map(|at| at.load(Ordering::Relaxed)).max().unwrap_or(0);
    let seconds = last as f64 / 1e9;
    let sum = |of: fn(&Heard) -> u64| heard.iter().map(of).sum::<u64>();
    let (events, whole) = (sum(|h| h.events), heard.iter().filter(|h| h.position == posted && h.gaps == 0).count());
    println!(
        "posted {posted} reports in {seconds:.1} s: {:.0} a second, {SENDERS} connections",
        posted as f64 / seconds
    );
    println!(
        "{} readers: {whole} heard every position without a gap; {events} events, {:.0} a second",
        heard.len(),
        events as f64 / seconds
    );
    println!("cut off and come back: {}; reset: {}; gaps: {}", sum(|h| h.cut_off), sum(|h| h.resets), sum(|h| h.gaps));
    let mut delays: Vec<f64> = heard.iter().flat_map(|h| h.delays_ms.iter().copied()).collect();
    let median = quantile(&mut delays, 0.5) / 1e3;
    println!("from the 201 to the event: {}", quantiles(delays, "ms"));
    held.hold(
        &format!("from the 201 to the event, {} readers, {} reports/s", run.readers, run.rate),
        Like::Loopback,
        median,
    );
    println!("memory of the service: {before_mb} MB before, {after_mb} MB after");
    assert!(whole == heard.len() && sum(|h| h.resets) == 0, "an event was lost");
    assert!(seconds < run.seconds as f64 * 1.05, "{} reports a second were not reached", run.rate);
}
