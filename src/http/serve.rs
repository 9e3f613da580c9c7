//! Connections: taken, served until told to stop, and given up when a request's head does not come, or an answer is not
//! taken.

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
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tracing::debug;

use super::address::Peer;
use super::bare::Explained;

/// A request's head comes within this time, the next one on a connection too; then the connection is closed.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

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
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        // An answer goes out at once, however small; where that cannot be set, it goes out a little later.
        let _ = stream.set_nodelay(true);
        let (own, router) = (Connection::default(), TowerToHyperService::new(router.clone()));
        let with_connection = own.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(with_connection.clone());
            request.extensions_mut().insert(Peer(peer));
            router.call(request)
        });
        let connection = open.watch(http.serve_connection(TokioIo::new(Explained::new(stream)), service));
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(e) = ended {
                    debug!("a connection broke off: {e}");
                },
                () = own.0.notified() => debug!("a connection was cut"),
            }
        });
    }
    drop(listener);
    open.shutdown().await;
}
