//! Changes of the map as they happen: server-sent events (WHATWG HTML, 9.2).

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, Uri};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use serde_json::json;

use super::feed::{Beginning, Feed, Reader};
use super::problem::Wire;
use super::serve::Connection;
use super::{App, Problem, query};
use crate::error::{Result, invalid};
use crate::hazard::layer::Changes;
use crate::live::Live;

/// Features of a layer that one event names at most; beyond, its box says what to load anew.
const MOST_IDS: usize = 100;
/// A reader that has lost its stream comes back after so long.
const RETRY_MS: u32 = 1_000;
const EVENT_STREAM: &str = "text/event-stream";
const LAST_EVENT_ID: &str = "last-event-id";
const PARAMETER: &str = "last_event_id";

/// From now on the feed carries the changes of this map.
pub fn carry(live: &Live, feed: &Feed) {
    let carrier = feed.clone();
    let position = live.each_change(MOST_IDS, move |changes| {
        carrier.publish(changes.previous, changes.position, event(changes));
    });
    feed.start(position);
}

fn event(changes: &Changes) -> Bytes {
    let data = serde_json::to_string(changes).unwrap_or_default();
    format!("id: {}\nevent: change\ndata: {data}\n\n", changes.position).into()
}

/// Tells that photos of a case are shown to its reporters, or no longer: no matter of the log.
pub fn tell_shown(feed: &Feed, incident: &str) {
    let data = json!({"incident_id": incident});
    feed.tell(|position| format!("id: {position}\nevent: shown\ndata: {data}\n\n").into());
}

/// Changes of the map as they happen, as server-sent events.
///
/// Each event but `quiet` has the position in the log as its id, and as its data the position, the one before, `as_of`, and by layer
/// which features are new, gone or different (`ids`, null where there are too many to name), with a box around them;
/// without a box the whole layer may differ. The last changes are kept for those who come back, but not over a restart of
/// the service. It begins with `position`, or with `reset` and the `reason` when what the reader knows cannot be continued: it
/// lies too far back, or ahead, as after a database was put back from a backup. `shown` says of which incident photos are
/// shown to its reporters from now on, or no longer; it changes no layer, and is not told again to those who come back.
/// `quiet` is told after 15 seconds of nothing else: whoever hears nothing for twice as long has lost the connection.
#[utoipa::path(get, path = "/api/v1/live", tag = "live",
    params(("Last-Event-ID" = Option<u64>, Header, description = "Position up to which the changes are known"),
        ("last_event_id" = Option<u64>, Query, description = "The same, for those who cannot set a header",
            example = 10_000)),
    responses((status = 200, body = String, content_type = "text/event-stream"),
        (status = 400, body = Wire, content_type = "application/problem+json"),
        (status = 503, body = Wire, content_type = "application/problem+json")))]
pub async fn follow(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    app.live()?;
    let feed = &app.shared.feed;
    let after = last_event_id(request.headers(), request.uri(), feed)?;
    let connection = request.extensions().get::<Connection>().cloned();
    let (beginning, reader) = feed.follow(after, connection)?;
    let (name, position, data) = match beginning {
        Beginning::After(position) => ("position", position, json!({"position": position})),
        Beginning::Reset(position) => {
            let ahead = after.is_some_and(|after| after > position);
            let why =
                if ahead { format!("the log ends at {position}") } else { "what came then is kept no more".into() };
            ("reset", position, json!({"position": position, "reason": format!("{why}: load the layers anew")}))
        }
    };
    let first = format!("retry: {RETRY_MS}\nid: {position}\nevent: {name}\ndata: {data}\n\n");
    // A proxy between must pass on what it has.
    let headers = [
        (CONTENT_TYPE, EVENT_STREAM),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::new(Stream::new(first.into(), reader))).into_response())
}

/// The position up to which the reader knows the changes. The header wins: a browser that comes back sends it to the
/// address it was given at first.
fn last_event_id(request: &HeaderMap, uri: &Uri, feed: &Feed) -> Result<Option<u64>> {
    let mut parameter = None;
    for (name, value) in query::pairs(uri)? {
        if name != PARAMETER {
            let reason = format!("unknown query parameter; known is {PARAMETER}");
            return Err(invalid(name, value, reason));
        }
        parameter = Some(value);
    }
    let header = request.get(LAST_EVENT_ID).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let (field, text) = match (header, parameter) {
        (Some(text), _) => ("Last-Event-ID", text),
        (None, Some(text)) => (PARAMETER, text),
        (None, None) => return Ok(None),
    };
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits {
        let reason = format!("not a position in the log, which is a whole number; it is {} now", feed.position());
        return Err(invalid(field, text, reason));
    }
    // Larger than any log can be: it lies ahead.
    Ok(Some(text.parse().unwrap_or(u64::MAX)))
}

/// The body of an answer that goes on.
struct Stream {
    next: Next,
}

/// What is sent next, and who takes what follows.
type Next = Pin<Box<dyn Future<Output = Option<(Bytes, Reader)>> + Send>>;

impl Stream {
    fn new(first: Bytes, reader: Reader) -> Stream {
        Stream { next: Box::pin(async move { Some((first, reader)) }) }
    }
}

impl HttpBody for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some((text, mut reader)) = ready!(self.next.as_mut().poll(cx)) else { return Poll::Ready(None) };
        self.next = Box::pin(async move { reader.next().await.map(|text| (text, reader)) });
        Poll::Ready(Some(Ok(Frame::data(text))))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpStream;

    use super::super::{Base, app};
    use super::*;
    use crate::config::Clock;
    use crate::hazard::settings::Settings;

    #[test]
    fn a_reader_too_many_is_told_to_come_back_until_another_leaves() {
        let dir = tempfile::tempdir().unwrap();
        let state = App::with_readers(Clock::system(), &Settings::default(), Base::none(), 1);
        state.ready(Live::open(dir.path(), Settings::default()).unwrap());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let served = app(state.clone());
        runtime.spawn(crate::http::serve(listener, served, std::future::pending()));
        let ask = || {
            let stream = TcpStream::connect(address).unwrap();
            write!(&stream, "GET /api/v1/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
            BufReader::new(stream)
        };
        let status = |reader: &mut BufReader<TcpStream>| {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            line[9..12].to_owned()
        };
        let mut first = ask();
        assert_eq!(status(&mut first), "200");
        let (mut refused, mut answer) = (ask(), String::new());
        refused.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1"), "{answer}");
        assert!(answer.contains("1 readers follow the changes already"), "{answer}");
        drop(first);
        while status(&mut ask()) == "503" {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        state.stop();
    }
}
