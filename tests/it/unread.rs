//! Who is answered before his body is read hears the answer all the same, and his connection goes on; of a body that is large
//! or does not come only the answer is sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::server::Server;

/// Longer than a head takes to be answered.
const A_WHILE: Duration = Duration::from_millis(150);

struct Line {
    out: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Line {
    fn open(server: &Server) -> Line {
        let out = TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
        out.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        out.set_nodelay(true).unwrap();
        let answers = BufReader::new(out.try_clone().unwrap());
        Line { out, answers }
    }

    fn send(&mut self, part: &str) {
        self.out.write_all(part.as_bytes()).unwrap();
    }

    /// The next answer: its status, and its head.
    fn answer(&mut self) -> (u16, String) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.answers.read_line(&mut head).unwrap() > 0, "hung up on: {head:?}");
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        self.answers.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
        (head[9..12].parse().unwrap(), head)
    }

    fn ends(mut self) -> bool {
        // With something unread, the system may close it harder than by its end.
        self.answers.read(&mut [0]).map_or_else(|e| e.kind() == std::io::ErrorKind::ConnectionReset, |read| read == 0)
    }
}

fn head(what: &str, more: &str) -> String {
    format!("{what} HTTP/1.1\r\nhost: x\r\n{more}\r\n\r\n")
}

#[test]
fn an_answer_waits_for_a_small_body_that_nobody_reads_and_the_connection_goes_on() {
    let server = Server::start();
    let mut line = Line::open(&server);
    let most = " ".repeat(65_536);
    for (what, status, body) in [
        ("POST /ogc/collections/incidents/items", 405, "{}"),
        ("POST /layers", 405, &*most),
        ("POST /nowhere", 404, "{}"),
        ("POST /api/v1/users", 401, "{}"),
        ("POST /ogc/collections/reports/items?f=json", 400, "{}"),
        ("GET /layers", 200, "{}"),
        ("GET /api/v1/reports/none", 404, "{}"),
    ] {
        line.send(&head(what, &format!("content-type: application/json\r\ncontent-length: {}", body.len())));
        std::thread::sleep(A_WHILE);
        line.send(body);
        let (told, head) = line.answer();
        assert_eq!(told, status, "{what}: {head}");
        assert!(!head.contains("connection: close"), "{what}: {head}");
        line.send(&head_of_next());
        assert_eq!(line.answer().0, 200, "after {what}");
    }
    // In chunks, and its end not before the next request's head.
    line.send(&head("POST /nowhere", "transfer-encoding: chunked"));
    std::thread::sleep(A_WHILE);
    line.send("2\r\n{}\r\n");
    std::thread::sleep(A_WHILE);
    line.send(&format!("0\r\n\r\n{}", head_of_next()));
    assert_eq!((line.answer().0, line.answer().0), (404, 200));
}

fn head_of_next() -> String {
    head("GET /healthz", "accept: */*")
}

#[test]
fn an_answer_does_not_wait_for_a_body_that_is_large_or_slow_or_not_asked_for() {
    let server = Server::start();
    for (more, part, waits) in [
        ("content-length: 65537", "{", false),
        ("content-length: 2\r\nexpect: 100-continue", "", false),
        ("content-length: 2", "{", true),
        ("transfer-encoding: chunked", "2\r\n{}\r\n", true),
        ("transfer-encoding: chunked", &format!("10001\r\n{}\r\n", " ".repeat(65_537)), false),
    ] {
        let mut line = Line::open(&server);
        let started = Instant::now();
        line.send(&head("POST /nowhere", more));
        line.send(part);
        let (status, head) = line.answer();
        let took = started.elapsed();
        assert!(status == 404 && head.contains("connection: close"), "{more}: {head}");
        assert!(took < Duration::from_secs(5) && (took >= Duration::from_secs(1)) == waits, "{more}: {took:?}");
        assert!(line.ends(), "{more}");
    }
}
