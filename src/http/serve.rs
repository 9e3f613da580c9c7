//! Connections: taken, served until told to stop, and given up when a request's head does not come.

use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tracing::debug;

/// A request's head comes within this time, the next one on a connection too; then the connection is closed.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// Serves until `stop`, and then until every request under way is answered.
pub async fn serve(mut listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let open = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let stream = tokio::select! {
            (stream, _) = Listener::accept(&mut listener) => stream,
            () = &mut stop => break,
        };
        // An answer goes out at once, however small; where that cannot be set, it goes out a little later.
        let _ = stream.set_nodelay(true);
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        let connection = open.watch(connection);
        tokio::spawn(async move {
            if let Err(e) = connection.await {
                debug!("a connection broke off: {e}");
            }
        });
    }
    drop(listener);
    open.shutdown().await;
}
