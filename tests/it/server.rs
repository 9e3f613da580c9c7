//! The real binary on a free port, with a folder of its own; stopped when dropped, its log clean.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::http::Response;
use ureq::{Agent, Body};
use waterlog::hazard::event::Event;
use waterlog::hazard::settings::Settings;
use waterlog::intake::{Draft, Private};
use waterlog::live::Live;

pub struct Server {
    child: Child,
    pub address: String,
    /// What it has written so far.
    log: Arc<Mutex<String>>,
    agent: Agent,
    /// Set where its log may tell of errors: a disk that was made full.
    pub may_err: bool,
    /// Deleted with the server, where it is its own.
    _own: Option<TempDir>,
}

/// An answer, whatever its status.
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Server {
    /// On an empty log, with the clock of the tests.
    pub fn start() -> Server {
        Server::seeded(&[])
    }

    /// On a log that holds these events.
    pub fn seeded(events: &[Event]) -> Server {
        let dir = tempfile::tempdir().unwrap();
        seed(dir.path(), events);
        let mut server = Server::start_with(dir.path(), &["--clock", "2026-01-01T00:00:00Z"]);
        server._own = Some(dir);
        server
    }

    /// On a database that is there, with further arguments of `serve`.
    pub fn start_with(data: &Path, args: &[&str]) -> Server {
        Server::of(command(data, &[&["--listen", "127.0.0.1:0"], args].concat()))
    }

    /// A `waterlog serve`, or a demo, that is not started yet and whose standard error is piped.
    pub fn of(mut serve: Command) -> Server {
        let mut child = serve.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut before = Vec::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("it does not say where it listens: {before:?}")).unwrap();
            match line.strip_prefix("waterlog listens on ") {
                Some(address) => break address.to_owned(),
                None => before.push(line),
            }
        };
        let log = Arc::new(Mutex::new(String::new()));
        let written = log.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *written.lock().unwrap() += &(line + "\n");
            }
        });
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        let server = Server { child, address, log, agent: config.into(), may_err: false, _own: None };
        server.until("it is ready", || server.get("/readyz").status == 200);
        server
    }

    /// The most memory that it has taken so far, in MB; 0 where the system does not tell.
    pub fn most_memory_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1_024 / 1_000_000
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.call().unwrap())
    }

    /// An answer whose body is read as it comes.
    pub fn open(&self, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
        let mut request = self.agent.get(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.call().unwrap()
    }

    pub fn head(&self, path: &str) -> Answer {
        self.head_with(path, &[])
    }

    pub fn head_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.head(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.call().unwrap())
    }

    pub fn delete(&self, path: &str) -> Answer {
        Answer::of(self.agent.delete(format!("{}{path}", self.address)).call().unwrap())
    }

    /// Any request.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(self.agent.run(request.body(body).unwrap()).unwrap())
    }

    /// Posts a report as JSON.
    pub fn post(&self, report: &Value) -> Answer {
        self.post_with(report.to_string().as_bytes(), &[("content-type", "application/json")])
    }

    pub fn post_with(&self, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        self.post_at("/api/v1/reports", body, headers)
    }

    pub fn post_at(&self, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.post(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send(body).unwrap())
    }

    /// The features of a layer.
    pub fn features(&self, path: &str) -> Vec<Value> {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["features"].as_array().unwrap().clone()
    }

    /// The ids of a layer's features.
    pub fn ids(&self, path: &str) -> Vec<String> {
        self.features(path).iter().map(|f| f["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Asks it to stop, as an operator does.
    pub fn terminate(&self) {
        let done = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// How it ended, within the time it has.
    pub fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "still running: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn until(&self, what: &str, done: impl Fn() -> bool) {
        let started = Instant::now();
        while !done() {
            assert!(started.elapsed() < Duration::from_secs(20), "not yet: {what}: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            let log = self.log();
            assert!((self.may_err || !log.contains("ERROR")) && !log.contains("panicked"), "{log}");
        }
    }
}

impl Answer {
    fn of(mut response: Response<Body>) -> Answer {
        let headers = response.headers().iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect();
        let body = response.body_mut().with_config().limit(100_000_000).read_to_vec().unwrap();
        Answer { status: response.status().as_u16(), headers, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// The detail of a problem with this status.
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!((&problem["status"], &problem["type"]), (&json!(status), &json!("about:blank")));
        problem["detail"].as_str().unwrap().to_owned()
    }
}

/// Puts events into the log of a database before a server opens it.
pub fn seed(dir: &Path, events: &[Event]) {
    let live = Live::open(dir, Settings::default()).unwrap();
    let drafts = events.iter().map(|event| Draft { event: event.clone(), key: None, private: Private::default() });
    for receipt in live.submit_all(drafts.collect()).unwrap() {
        receipt.unwrap();
    }
    live.close();
}

/// `waterlog serve`, not started yet.
pub fn command(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_waterlog")));
    command.arg("--data").arg(data).arg("serve").args(args);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// A report as it is posted, with changes.
pub fn report(changes: Value) -> Value {
    let mut report = json!({
        "category": "waterlogging", "lon": 110.3312, "lat": 20.0148, "observed_at": "2025-12-21T09:10:00+08:00",
    });
    report.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    report
}
