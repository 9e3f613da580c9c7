//! How much is done at once. Looks at the map go beside the threads that answer requests, since its lock blocks.
//!
//! Whoever is told to come back is told so within [`PATIENCE`] of having sent his request, in whatever line he stands then.
//! Within it is decided whether he is let in, by the pace of the line and by how long it has stood still; whoever is let in
//! is told to come back no more, in this line or a later one, and is answered when his turn comes, however late. So a line
//! that comes to a standstill keeps waiting those few who were let in while it went on, and nobody else.

use std::cell::Cell;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{App, Problem};
use crate::error::{Error, Result};
use crate::live::tempo::Tempo;
use crate::live::{LONGEST_WAIT, Live};

/// Looks at once; each may hold a whole layer in memory.
const AT_ONCE: usize = 16;
/// Who may have to come back is told so within this time. It is promised to be 50 ms: the rest is for the way.
const PATIENCE: Duration = Duration::from_millis(30);

tokio::task_local! {
    /// Since when the caller waits for us; nothing once he is let in.
    static WAITS: Cell<Option<Instant>>;
}

/// The caller has sent all of his request: he waits from now on, and not while he was sending it.
pub fn sent() {
    let since = |waits: &Cell<Option<Instant>>| waits.set(waits.get().map(|_| Instant::now()));
    let _ = WAITS.try_with(since);
}

/// Works for a caller who has begun to wait just now.
pub async fn waited_for<T>(work: impl Future<Output = T>) -> T {
    WAITS.scope(Cell::new(Some(Instant::now())), work).await
}

/// The caller is answered, however long it takes.
fn let_in() {
    let _ = WAITS.try_with(|waits| waits.set(None));
}

/// For how long the caller may still be told to come back. What is no request is at the beginning of its patience.
fn patience() -> Duration {
    let left = |waits: &Cell<Option<Instant>>| {
        waits.get().map_or(Duration::ZERO, |since| PATIENCE.saturating_sub(since.elapsed()))
    };
    WAITS.try_with(left).unwrap_or(PATIENCE)
}

impl App {
    /// Tells a caller at once to come back, where what he wants to be written would not be in time.
    ///
    /// # Errors
    /// As [`Live::expect_to_write`].
    pub(super) fn expect_to_write(&self) -> Result<(), Problem> {
        if patience().is_zero() { Ok(()) } else { Ok(self.live()?.expect_to_write()?) }
    }

    /// The write path, for a caller who is told to come back no more: what he submits may be kept.
    ///
    /// # Errors
    /// As [`App::expect_to_write`].
    pub(super) fn to_write(&self) -> Result<&Live, Problem> {
        self.expect_to_write()?;
        let_in();
        self.live()
    }
}

/// The turns that there are; they are given in the order in which they were asked for.
pub struct Turns {
    free: Arc<Semaphore>,
    line: Arc<Line>,
    /// They end when their callers have sent or taken something: how soon, is not known before some have.
    held_by_callers: bool,
}

impl Turns {
    pub fn new() -> Turns {
        Turns::of(AT_ONCE)
    }

    pub fn of(at_once: usize) -> Turns {
        let pace = Pace { waiting: 0, ended: 0, tempo: Tempo::of(at_once) };
        Turns {
            free: Arc::new(Semaphore::new(at_once)),
            line: Arc::new(Line(Mutex::new(pace))),
            held_by_callers: false,
        }
    }

    /// Turns that last as long as their callers take to send or to receive something.
    pub fn held_by_callers(at_once: usize) -> Turns {
        Turns { held_by_callers: true, ..Turns::of(at_once) }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// `Busy` when none is expected to come up in time: at once, or as soon as that is known, but never after [`PATIENCE`].
    pub async fn soon(&self) -> Result<Turn> {
        self.soon_together(1).await
    }

    /// Waits for so many turns at once.
    ///
    /// # Errors
    /// As [`Turns::soon`].
    pub async fn soon_together(&self, turns: u32) -> Result<Turn> {
        self.within(patience(), turns).await
    }

    /// Waits for a turn as long as it takes: for what has been written and must not be told to come back.
    pub async fn sometime(&self) -> Result<Turn> {
        let_in();
        self.within(Duration::ZERO, 1).await
    }

    /// `patience`: how long the caller may still be told to come back.
    async fn within(&self, patience: Duration, turns: u32) -> Result<Turn> {
        if let Ok(permits) = self.free.clone().try_acquire_many_owned(turns) {
            return Ok(self.turn(permits));
        }
        let in_line = self.line.join();
        if !patience.is_zero() && in_line.expected_wait() > LONGEST_WAIT {
            return Err(busy());
        }
        let mut acquired = pin!(self.free.clone().acquire_many_owned(turns));
        let permits = match timeout(patience, &mut acquired).await {
            Ok(permits) => permits,
            Err(_) if patience.is_zero() || self.goes_on_for(&in_line) => {
                let_in();
                acquired.await
            }
            Err(_) => return Err(busy()),
        };
        // Nobody closes it.
        permits.map(|permits| self.turn(permits)).map_err(|_| busy())
    }

    /// Is this place in line expected to come up in time?
    fn goes_on_for(&self, in_line: &InLine) -> bool {
        let may_be_slow = self.held_by_callers && !self.line.pace().tempo.is_known();
        !may_be_slow && in_line.expected_wait() <= LONGEST_WAIT
    }

    fn turn(&self, permits: OwnedSemaphorePermit) -> Turn {
        Turn { _permits: permits, line: self.line.clone() }
    }
}

/// Whoever is told so comes back.
pub fn busy() -> Error {
    Error::Busy("too much at once: try again in a moment".into())
}

/// Those who wait for a turn.
struct Line(Mutex<Pace>);

struct Pace {
    waiting: u32,
    /// Turns that have ended while somebody waited.
    ended: u64,
    tempo: Tempo,
}

impl Line {
    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(self: &Arc<Line>) -> InLine {
        let mut pace = self.pace();
        pace.tempo.begin(Instant::now());
        pace.waiting += 1;
        InLine { line: self.clone(), turn: pace.ended + u64::from(pace.waiting) }
    }

    fn turn_ended(&self) {
        let mut pace = self.pace();
        if pace.waiting > 0 {
            pace.ended += 1;
            pace.tempo.step(Instant::now());
        }
    }
}

/// A place in a line, until it is dropped.
struct InLine {
    line: Arc<Line>,
    /// It comes up when so many turns have ended: those before it may leave earlier.
    turn: u64,
}

impl InLine {
    fn expected_wait(&self) -> Duration {
        let pace = self.line.pace();
        let ahead = self.turn.saturating_sub(pace.ended).clamp(1, pace.waiting.into());
        pace.tempo.expected(ahead as u32, Instant::now())
    }
}

impl Drop for InLine {
    fn drop(&mut self) {
        let mut pace = self.line.pace();
        pace.waiting -= 1;
        if pace.waiting == 0 {
            // The next line is another: what it waits for may be quick.
            pace.ended = 0;
            pace.tempo.forget();
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
        let let_in = std::thread::spawn(move || get(address, "/layers"));
        let written = runtime.block_on(async { timeout(LONGEST_WAIT + PATIENCE, turns.sometime()).await });
        assert!(written.is_err(), "what has been written waits on");
        let answer = get(address, "/layers");
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1"), "{answer}");
        assert!(!let_in.is_finished(), "when it came, nobody knew that the line stands still");
        taken.clear();
        assert!(let_in.join().unwrap().starts_with("HTTP/1.1 200"));
        assert!(get(address, "/layers").starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn who_would_wait_too_long_is_told_so_at_once() {
        let turns = Arc::new(Turns::of(1));
        let first = turns.soon().await.unwrap();
        let line: Vec<_> = (0..10)
            .map(|_| {
                let turns = turns.clone();
                tokio::spawn(async move { turns.soon().await })
            })
            .collect();
        while turns.line.pace().waiting < 10 {
            tokio::task::yield_now().await;
        }
        let at_once = || timeout(Duration::ZERO, turns.soon());
        assert!(at_once().await.is_err(), "nobody knows yet how fast it goes on: it waits");
        // Nine remain, and one takes a quarter of a second.
        tokio::time::sleep(Duration::from_millis(250)).await;
        drop(first);
        while turns.line.pace().waiting > 9 {
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

    #[tokio::test]
    async fn who_has_waited_longer_than_his_patience_is_told_to_come_back_no_more() {
        let turns = Turns::held_by_callers(1);
        let first = turns.soon().await.unwrap();
        let asked = Instant::now();
        assert!(turns.soon().await.is_err(), "nobody knows when its caller gives it back");
        assert!(asked.elapsed() >= PATIENCE, "it may have been soon");
        let waits = |since| WAITS.scope(Cell::new(since), timeout(PATIENCE * 3, turns.soon()));
        let came = Instant::now();
        assert!(waits(Some(came)).await.expect("it is told").is_err());
        assert!(waits(Some(came)).await.is_err(), "it has waited for something else");
        assert!(waits(None).await.is_err(), "it was let in");
        let still = async {
            sent();
            let_in();
            sent();
            patience()
        };
        assert_eq!(WAITS.scope(Cell::new(Some(came)), still).await, Duration::ZERO);
        assert_eq!(WAITS.scope(Cell::new(Some(came)), async { patience() }).await, Duration::ZERO);
        let sending = async {
            sent();
            patience()
        };
        assert!(WAITS.scope(Cell::new(Some(came)), sending).await > Duration::ZERO, "it was sending, not waiting");
        drop(first);
        assert!(turns.soon().await.is_ok());
    }
}
