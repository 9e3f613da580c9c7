//! How much is done at once. Looks at the map go beside the threads that answer requests, since its lock blocks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::Problem;
use crate::error::{Error, Result};

/// Looks at once; each may hold a whole layer in memory.
const AT_ONCE: usize = 16;
/// Who waits longer for a turn is told to come back; who would have to, at once.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Ends of turns that the pace of a line is the mean of, the later ones more.
const REMEMBERED: u32 = 16;

/// The turns that there are; they are given in the order in which they were asked for.
pub struct Turns {
    free: Arc<Semaphore>,
    line: Arc<Line>,
}

impl Turns {
    pub fn new() -> Turns {
        Turns::of(AT_ONCE)
    }

    pub fn of(at_once: usize) -> Turns {
        Turns { free: Arc::new(Semaphore::new(at_once)), line: Arc::default() }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// `Busy` when none comes up in time: at once, where those before went on too slowly for that.
    pub async fn soon(&self) -> Result<Turn> {
        self.soon_together(1).await
    }

    /// Waits for so many turns at once.
    ///
    /// # Errors
    /// As [`Turns::soon`].
    pub async fn soon_together(&self, turns: u32) -> Result<Turn> {
        if let Ok(permits) = self.free.clone().try_acquire_many_owned(turns) {
            return Ok(self.turn(permits));
        }
        if self.line.expected_wait() > LONGEST_WAIT {
            return Err(busy());
        }
        let _in_line = self.line.join();
        match timeout(LONGEST_WAIT, self.free.clone().acquire_many_owned(turns)).await {
            Ok(Ok(permits)) => Ok(self.turn(permits)),
            // Nobody closes it.
            Ok(Err(_)) | Err(_) => Err(busy()),
        }
    }

    /// Waits for a turn as long as it takes: for what has been written and must not be told to come back.
    pub async fn sometime(&self) -> Result<Turn> {
        let _in_line = self.line.join();
        self.free.clone().acquire_owned().await.map(|permits| self.turn(permits)).map_err(|_| busy())
    }

    fn turn(&self, permits: OwnedSemaphorePermit) -> Turn {
        Turn { _permits: permits, line: self.line.clone() }
    }
}

fn busy() -> Error {
    Error::Busy("too much at once: try again in a moment".into())
}

/// Those who wait for a turn.
#[derive(Default)]
struct Line(Mutex<Pace>);

/// How fast a line goes on.
#[derive(Default)]
struct Pace {
    waiting: u32,
    /// When a turn last ended while somebody waited, or the line began.
    moved: Option<Instant>,
    /// From one end to the next on average; zero until one is known of this line.
    step: Duration,
}

impl Line {
    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expected_wait(&self) -> Duration {
        let pace = self.pace();
        pace.step * (pace.waiting + 1)
    }

    fn join(self: &Arc<Line>) -> InLine {
        let mut pace = self.pace();
        pace.waiting += 1;
        pace.moved.get_or_insert_with(Instant::now);
        InLine(self.clone())
    }

    fn turn_ended(&self) {
        let mut pace = self.pace();
        let Some(moved) = pace.moved else { return };
        let now = Instant::now();
        let passed = now.saturating_duration_since(moved);
        pace.step = if pace.step.is_zero() { passed } else { (pace.step * (REMEMBERED - 1) + passed) / REMEMBERED };
        pace.moved = Some(now);
    }
}

/// A place in a line, until it is dropped.
struct InLine(Arc<Line>);

impl Drop for InLine {
    fn drop(&mut self) {
        let mut pace = self.0.pace();
        pace.waiting -= 1;
        if pace.waiting == 0 {
            // The next line is another: what it waits for may be quick.
            *pace = Pace::default();
        }
    }
}

/// One look at the map.
pub struct Turn {
    _permits: OwnedSemaphorePermit,
    line: Arc<Line>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.line.turn_ended();
    }
}

impl Turn {
    /// Looks. The turn lasts until the work is done, even when nobody waits for it any more.
    pub async fn look<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let done = tokio::task::spawn_blocking(move || {
            let found = work();
            drop(self);
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
    #[tokio::test]
    async fn who_would_wait_too_long_is_told_so_at_once() {
        let turns = Arc::new(Turns::of(1));
        let first = turns.soon().await.unwrap();
        let line: Vec<_> = (0..40)
            .map(|_| {
                let turns = turns.clone();
                tokio::spawn(async move { turns.soon().await })
            })
            .collect();
        while turns.line.pace().waiting < 40 {
            tokio::task::yield_now().await;
        }
        let at_once = || timeout(Duration::ZERO, turns.soon());
        assert!(at_once().await.is_err(), "nobody knows yet how fast it goes on: it waits");
        // 39 remain, and one takes a tenth of a second.
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(first);
        while turns.line.pace().waiting > 39 {
            tokio::task::yield_now().await;
        }
        let told = at_once().await.expect("it does not wait").err().expect("there is no turn for it");
        assert!(matches!(told, Error::Busy(_)), "{told}");
        line.iter().for_each(|waits| waits.abort());
        while turns.line.pace().waiting > 0 {
            tokio::task::yield_now().await;
        }
        assert!(at_once().await.is_err(), "the line is gone, and what was known of it");
    }
}
