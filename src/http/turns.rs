//! How much is done at once. Looks at the map go beside the threads that answer requests, since its lock blocks.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::Problem;
use crate::error::{Error, Result};

/// Looks at once; each may hold a whole layer in memory.
const AT_ONCE: usize = 16;
/// Who waits longer for a turn is told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// The turns that there are; they are given in the order in which they were asked for.
pub struct Turns(Arc<Semaphore>);

impl Turns {
    pub fn new() -> Turns {
        Turns::of(AT_ONCE)
    }

    pub fn of(at_once: usize) -> Turns {
        Turns(Arc::new(Semaphore::new(at_once)))
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// `Busy` when none comes up in time.
    pub async fn soon(&self) -> Result<Turn> {
        self.soon_together(1).await
    }

    /// Waits for so many turns at once.
    ///
    /// # Errors
    /// `Busy` when they do not come up in time.
    pub async fn soon_together(&self, turns: u32) -> Result<Turn> {
        match timeout(LONGEST_WAIT, self.0.clone().acquire_many_owned(turns)).await {
            Ok(Ok(permits)) => Ok(Turn(permits)),
            // Nobody closes it.
            Ok(Err(_)) | Err(_) => Err(busy()),
        }
    }

    /// Waits for a turn as long as it takes: for what has been written and must not be told to come back.
    pub async fn sometime(&self) -> Result<Turn> {
        self.0.clone().acquire_owned().await.map(Turn).map_err(|_| busy())
    }
}

fn busy() -> Error {
    Error::Busy("too much at once: try again in a moment".into())
}

/// One look at the map.
pub struct Turn(OwnedSemaphorePermit);

impl Turn {
    /// Looks. The turn lasts until the work is done, even when nobody waits for it any more.
    pub async fn look<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let done = tokio::task::spawn_blocking(move || {
            let found = work();
            drop(self.0);
            found
        });
        done.await.map_err(|e| Error::Store(format!("an answer was given up: {e}")).into())
    }
}

/// Requests at once; most are posts that wait for the disk.
const REQUESTS_AT_ONCE: usize = 512;

/// How many more requests can be worked on.
#[derive(Clone)]
pub struct Requests(Arc<Semaphore>);

impl Requests {
    pub fn new() -> Requests {
        Requests(Arc::new(Semaphore::new(REQUESTS_AT_ONCE)))
    }
}

/// Tells callers beyond [`REQUESTS_AT_ONCE`] to come back, at once.
pub async fn no_more_than_can_be_answered(State(requests): State<Requests>, request: Request, next: Next) -> Response {
    match requests.0.try_acquire() {
        Ok(_until_answered) => next.run(request).await,
        Err(_) => Problem::from(busy()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;
    use crate::config::Clock;
    use crate::hazard::settings::Settings;
    use crate::http::{App, Base, app};
    use crate::live::Live;

    fn get(address: std::net::SocketAddr, path: &str) -> String {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn without_a_turn_a_look_is_told_to_come_back_and_readiness_is_answered() {
        let dir = tempfile::tempdir().unwrap();
        let state = App::new(Clock::system(), &Settings::default(), Base::none());
        state.ready(Live::open(dir.path(), Settings::default()).unwrap());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let served = state.clone();
        runtime.spawn(async move { axum::serve(listener, app(served)).await });
        let turns = &state.shared.turns;
        let mut taken: Vec<_> = (0..AT_ONCE).map(|_| runtime.block_on(turns.soon()).unwrap()).collect();
        for path in ["/readyz", "/healthz"] {
            assert!(get(address, path).starts_with("HTTP/1.1 200"), "{path}");
        }
        let asked = std::thread::spawn(move || get(address, "/layers"));
        let written = runtime.block_on(async { timeout(LONGEST_WAIT * 2, turns.sometime()).await });
        assert!(written.is_err(), "what has been written waits on");
        let answer = asked.join().unwrap();
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1"), "{answer}");
        taken.clear();
        assert!(get(address, "/layers").starts_with("HTTP/1.1 200"));
    }
}
