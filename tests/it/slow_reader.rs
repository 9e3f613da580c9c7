//! A reader of live changes that does not read is cut off, costs a bounded amount, and can resume without a gap.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tokio::net::TcpSocket;
use tokio::runtime::Runtime;
use waterlog::config::Clock;
use waterlog::hazard::event::Event;
use waterlog::hazard::settings::Settings;
use waterlog::http;
use waterlog::intake::{Draft, Private};
use waterlog::live::Live;

use crate::layers::seen;
use crate::stream::{Events, Told, positions};

/// Far more than a reader may be behind, and than buffers hold.
const MOST_REPORTS: u64 = 12_000;
/// Bytes the system keeps for a connection, as small as it takes them.
const SOCKET_BYTES: u32 = 4_096;

fn report(live: &Live, n: u64) {
    let event = Event::Report(seen(&format!("r{n}"), n as i64, 110.3 + (n % 50) as f64 * 0.002, 20.0));
    live.submit_all(vec![Draft { event, key: None, private: Private::default() }]).unwrap()[0].as_ref().unwrap();
}

/// Asks for something on a connection of its own, whose buffers are small.
fn ask(runtime: &Runtime, address: SocketAddr, path: &str, headers: &str) -> TcpStream {
    let connected = runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(SOCKET_BYTES).unwrap();
        socket.connect(address).await.unwrap().into_std().unwrap()
    });
    connected.set_nonblocking(false).unwrap();
    connected.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // No chunks in HTTP/1.0: the body is what is sent until the end.
    write!(&connected, "GET {path} HTTP/1.0\r\nhost: x\r\n{headers}\r\n").unwrap();
    connected
}

/// What it is sent until the connection ends, or until an event; the last may be cut in two.
fn rest(mut stream: TcpStream, until: Option<u64>) -> String {
    let (mut bytes, mut part) = (Vec::new(), vec![0; 65_536]);
    let last = until.map(|position| format!("id: {position}\nevent: change"));
    while let Ok(n @ 1..) = stream.read(&mut part) {
        bytes.extend_from_slice(&part[..n]);
        let end = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(4_096)..]).into_owned();
        if last.as_ref().is_some_and(|last| end.contains(last.as_str()) && end.ends_with("\n\n")) {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
    assert!(head.contains("200 OK") && !head.contains("chunked"), "{head}");
    body.to_owned()
}

fn told(body: &str) -> Vec<Told> {
    Events::new(body.as_bytes()).collect()
}

#[test]
fn a_reader_that_never_reads_is_cut_off_and_resumes_without_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let live = Live::open(dir.path(), Settings::default()).unwrap();
    let app = http::App::new(Clock::system(), &Settings::default(), http::Base::none());
    app.ready(live.clone());
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(SOCKET_BYTES).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        socket.listen(16).unwrap()
    });
    let address = listener.local_addr().unwrap();
    runtime.spawn(http::serve(listener, http::app(app.clone()), std::future::pending()));
    let ask = |path: &str, headers: &str| ask(&runtime, address, path, headers);
    let metric = |name: &str| {
        let text = rest(ask("/metrics", ""), None);
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name}: {text}")).parse::<f64>().unwrap()
    };

    let stuck = ask("/api/v1/live", "");
    while metric("waterlog_live_readers") < 1.0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut reported = 0;
    while reported < MOST_REPORTS && (reported % 100 != 0 || metric("waterlog_live_readers_cut_off_total") < 1.0) {
        report(&live, reported);
        reported += 1;
    }
    assert!(reported < MOST_REPORTS, "not cut off after {reported} reports that it did not read");
    assert!(reported > 2_048, "cut off after {reported} reports only");
    while metric("waterlog_live_readers") > 0.0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let had = told(&rest(stuck, None));
    let known = positions(0, &had[1..]);
    assert!(known < reported, "it has heard of everything: {known}");
    let again = ask("/api/v1/live", &format!("last-event-id: {known}\r\n"));
    let missed = told(&rest(again, Some(reported)));
    assert_eq!((missed[0].name.as_str(), missed[0].id), ("position", known), "what it missed is still kept");
    assert_eq!(positions(known, &missed[1..]), reported);
    told!("slow reader: cut off after {reported} reports, resumed at {known}");
    app.stop();
    live.close();
}
