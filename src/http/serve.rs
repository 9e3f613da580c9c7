//! Connections: taken, served until told to stop, and given up when a request's head does not come, or an answer is not
//! taken. There are never so many that no file is left for the database.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, getrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;
use tracing::debug;

use super::Problem;
use super::address::Peer;
use super::bare::Explained;
use super::problem::PROBLEM_JSON;
use super::unread;
use crate::error::Error;

/// A request's head comes within this time, the next one on a connection too; then the connection is closed.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// Connections at once: each takes some kilobytes and a file of the process.
const MOST_CONNECTIONS: usize = 16_384;
/// Files of the process that are left for all else: the database, each view of it, and what is made to be sent.
const OTHER_FILES: u64 = 256;
/// Connections beyond, that are told so; further ones are closed without a word.
const TURNED_AWAY_AT_ONCE: usize = 64;
/// How long they have for the head of their request: an answer before it would be lost with it.
const TURNED_AWAY_WITHIN: Duration = Duration::from_millis(100);

/// The connection that a request came by, which can be cut.
#[derive(Clone, Default)]
pub struct Connection(Arc<Notify>);

impl Connection {
    /// Ends it, whatever is still to be sent.
    pub fn cut(&self) {
        self.0.notify_one();
    }
}

/// Serves until `stop`, and then until every request under way is answered.
pub async fn serve(mut listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let open = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    let [places, away] = [most_connections(), TURNED_AWAY_AT_ONCE].map(|n| Arc::new(Semaphore::new(n)));
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            if let Ok(told) = away.clone().try_acquire_owned() {
                tokio::spawn(async move {
                    turn_away(stream).await;
                    drop(told);
                });
            }
            continue;
        };
        // An answer goes out at once, however small; where that cannot be set, it goes out a little later.
        let _ = stream.set_nodelay(true);
        let (own, router) = (Connection::default(), TowerToHyperService::new(router.clone()));
        let with_connection = own.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(with_connection.clone());
            request.extensions_mut().insert(Peer(peer));
            let (request, rest) = unread::lend(request);
            let answer = router.call(request);
            async move {
                let answer = answer.await?;
                Ok::<_, Infallible>(match rest {
                    Some(rest) => rest.before(answer).await,
                    None => answer,
                })
            }
        });
        let connection = open.watch(http.serve_connection(TokioIo::new(Explained::new(stream)), service));
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(e) = ended {
                    debug!("a connection broke off: {e}");
                },
                () = own.0.notified() => debug!("a connection was cut"),
            }
            drop(place);
        });
    }
    drop(listener);
    open.shutdown().await;
}

/// As many as there are files for.
fn most_connections() -> usize {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    // Half of them, where there are next to none.
    let left = files.saturating_sub(OTHER_FILES).max(files / 2);
    usize::try_from(left).unwrap_or(usize::MAX).min(MOST_CONNECTIONS)
}

/// Tells a connection that there are too many. Whether it hears that is its own affair.
async fn turn_away(stream: TcpStream) {
    let body = Problem::from(Error::Busy("too many connections at once: try again in a moment".into())).json();
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-type: {PROBLEM_JSON}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    // Room for so little there is; and what has been read of, closing does not take the answer with it.
    let _ = timeout(TURNED_AWAY_WITHIN, stream.readable()).await;
    let _ = stream.try_read(&mut [0; 4_096]);
    let _ = stream.try_write(&[head.as_bytes(), &body].concat());
}
