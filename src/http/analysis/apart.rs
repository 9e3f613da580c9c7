//! Analyses that take seconds: worked out with the map's lock free, a few at once, and given up when nobody waits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::{App, Problem, etag, layers};
use super::{Format, parameters};
use crate::error::{Error, Result};
use crate::hazard::analysis::apart::{Apart, Hand};
use crate::hazard::map::HazardMap;

/// Worked out at once: as many as leave the write path its core.
const AT_ONCE: usize = 2;
/// Under way or waiting for it; who asks for one more is told to come back.
const UNDER_WAY: usize = 16;
/// Answers kept for the next who asks, and how large one of them may be.
const KEPT: usize = 32;
const LARGEST_KEPT_BYTES: usize = 1 << 20;
/// What takes longer is given up.
const WITHIN: Duration = Duration::from_secs(60);

/// The turns that there are, and the answers that are kept.
pub struct Desk {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    /// By all that they depend on; the one worked out last stands last.
    kept: Mutex<VecDeque<(String, Bytes)>>,
}

impl Desk {
    pub fn new() -> Desk {
        let [turns, places] = [AT_ONCE, UNDER_WAY].map(|n| Arc::new(Semaphore::new(n)));
        Desk { turns, places, kept: Mutex::default() }
    }

    fn kept(&self, key: &str) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(k, _)| k == key).map(|(_, body)| body.clone())
    }

    fn keep(&self, key: String, body: &Bytes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if body.len() <= LARGEST_KEPT_BYTES {
            kept.push_back((key, body.clone()));
            let over = kept.len().saturating_sub(KEPT);
            drop(kept.drain(..over));
        }
    }

    /// A place among those under way: taken before the map is looked at, which takes memory, and may take a while.
    ///
    /// # Errors
    /// `Busy` when too many are.
    fn place(&self) -> Result<OwnedSemaphorePermit> {
        let told = || Error::Busy(format!("{UNDER_WAY} analyses are under way: try again in a moment"));
        self.places.clone().try_acquire_owned().map_err(|_| told())
    }

    /// Works in its turn; `work` ends with nothing when told not to go on, as it is when the caller drops this.
    ///
    /// # Errors
    /// `Busy` when it takes too long.
    async fn work<T: Send + 'static>(
        &self,
        place: OwnedSemaphorePermit,
        work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> Option<T> + Send + 'static,
    ) -> Result<T> {
        // Nobody closes it.
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| given_up())?;
        let wanted = Arc::new(());
        let asked = Arc::downgrade(&wanted);
        let started = Instant::now();
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&|| asked.strong_count() > 0 && started.elapsed() < WITHIN);
            drop((turn, place));
            done
        });
        let done = done.await.map_err(|e| Error::Store(format!("an analysis was given up: {e}")))?;
        drop(wanted);
        done.ok_or_else(given_up)
    }
}

fn given_up() -> Error {
    Error::Busy(format!("the analysis takes longer than {WITHIN:?}; `waterlog analyse` has no such limit"))
}

/// Parameters in, the answer of the map asked for out.
pub async fn answer<A: Apart>(State(app): State<App>, request: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    answer_with::<A>(&app, &request, &uri, A::Asked::default(), |tag| tag).await
}

/// Where it depends on something else, too, which `asked` and `tagged` know.
pub async fn answer_with<A: Apart>(
    app: &App,
    request: &HeaderMap,
    uri: &Uri,
    asked: A::Asked,
    tagged: impl Fn(String) -> String,
) -> Result<Response, Problem> {
    let (asked, category, of) = parameters::<A>(app, uri, asked)?;
    let format = Format::of(request, uri);
    let tag = |position| tagged(etag::asked(app, &asked, position));
    if let Some(same) = etag::not_modified(request, &format.tag(tag(app.position()?))) {
        return Ok(same);
    }
    let key = |position: u64| format!("{} {} {of:?} {position} {:?}", A::NAME, category.name(), asked.settings);
    let now = asked.position.map_or_else(|| app.position(), Ok)?;
    let (position, body) = match app.shared.desk.kept(&key(now)) {
        Some(body) => (now, body),
        None => {
            let place = app.shared.desk.place()?;
            let wanted = of.clone();
            let copy = move |map: &HazardMap| (map.position(), A::source(map, category, &wanted));
            let (position, source) = app.read(asked.clone(), copy).await?;
            let key = key(position);
            let of = of.clone();
            let work = move |go_on: &(dyn Fn() -> bool + Sync)| {
                let hand = Hand { workers: workers(), go_on, ..Hand::alone() };
                A::work(source, &of, &hand).map(|made| layers::json(&made))
            };
            let body = Bytes::from(app.shared.desk.work(place, work).await??);
            app.shared.desk.keep(key, &body);
            (position, body)
        }
    };
    format.answer_of(A::MEDIA_TYPE, tag(position), body)
}

/// The cores but one.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn work_is_given_up_when_the_caller_leaves_and_too_many_are_told_to_come_back() {
        let desk = Arc::new(Desk::new());
        let ended = Arc::new(AtomicBool::new(false));
        let (asked, told) = (desk.clone(), ended.clone());
        let caller = tokio::spawn(async move {
            let work = move |go_on: &(dyn Fn() -> bool + Sync)| {
                while go_on() {
                    std::thread::sleep(Duration::from_millis(1));
                }
                told.store(true, Ordering::SeqCst);
                None::<()>
            };
            let place = asked.place()?;
            asked.work(place, work).await
        });
        while desk.turns.available_permits() == AT_ONCE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(!ended.load(Ordering::SeqCst));
        caller.abort();
        while desk.turns.available_permits() < AT_ONCE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(ended.load(Ordering::SeqCst));
        let _all = desk.places.clone().try_acquire_many_owned(UNDER_WAY as u32).unwrap();
        let told = desk.place().unwrap_err().to_string();
        assert!(told.contains("16 analyses are under way"), "{told}");
    }
}
