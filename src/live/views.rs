//! Views: the map as it stood at a position of the log, at a time, or under another rule. Worked out beside the live map
//! and kept for the next who asks; bounded in number and in work; given up when nobody waits any more.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use hashbrown::HashMap;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::{Semaphore, watch};
use tracing::info;

use super::lock;
use crate::config::{VIEW_ENTRIES_KEPT, VIEW_WITHIN, VIEWS_AT_ONCE, VIEWS_KEPT, VIEWS_UNDER_WAY};
use crate::error::{Error, Result};
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::hazard::view::View;
use crate::store::Store;

/// Entries read between two looks at whether anybody still waits.
const ENTRIES_AT_ONCE: usize = 4_096;

/// The views of one database.
pub struct Views {
    data: PathBuf,
    state: Mutex<State>,
    turns: Arc<Semaphore>,
    begun: Counter,
}

#[derive(Default)]
struct State {
    /// The one asked for last stands last.
    kept: Vec<(String, Arc<HazardMap>)>,
    under_way: HashMap<String, UnderWay>,
}

type Outcome = Option<Result<Arc<HazardMap>>>;

/// A view that is being worked out.
struct UnderWay {
    outcome: watch::Receiver<Outcome>,
    /// Alive while somebody waits.
    wanted: Weak<()>,
}

impl Views {
    /// `begun` counts those that are worked out.
    pub fn new(data: &Path, begun: Counter) -> Views {
        let turns = Arc::new(Semaphore::new(VIEWS_AT_ONCE));
        Views { data: data.to_owned(), state: Mutex::default(), turns, begun }
    }

    /// The view of the log up to a position; whoever asks for the same meanwhile waits for the same work.
    ///
    /// # Errors
    /// `Busy` when too many are under way, or this one takes too long; `Store` when the log cannot be read.
    pub async fn get(self: &Arc<Self>, position: u64, settings: Settings) -> Result<Arc<HazardMap>> {
        let key = format!("{position}\n{}as_of={:?}", settings.in_force(), settings.as_of);
        let (mut outcome, _wanted) = {
            let mut state = lock(&self.state);
            if let Some(kept) = state.kept.iter().position(|(k, _)| *k == key) {
                let kept = state.kept.remove(kept);
                let map = kept.1.clone();
                state.kept.push(kept);
                return Ok(map);
            }
            let joined = state.under_way.get(&key).and_then(|u| Some((u.outcome.clone(), u.wanted.upgrade()?)));
            match joined {
                Some(joined) => joined,
                None => self.start(&mut state, key, position, settings)?,
            }
        };
        let done = outcome.wait_for(Option::is_some).await.map_err(|_| given_up())?;
        done.clone().unwrap_or_else(|| Err(given_up()))
    }

    fn start(
        self: &Arc<Self>,
        state: &mut State,
        key: String,
        position: u64,
        settings: Settings,
    ) -> Result<(watch::Receiver<Outcome>, Arc<()>)> {
        if state.under_way.len() >= VIEWS_UNDER_WAY {
            let told = format!("{VIEWS_UNDER_WAY} views are being worked out, the most at once: try again in a moment");
            return Err(Error::Busy(told));
        }
        self.begun.inc();
        let (tell, outcome) = watch::channel(None);
        let wanted = Arc::new(());
        let views = self.clone();
        let work = Work { position, settings, wanted: Arc::downgrade(&wanted) };
        // One that was given up may still be ending under this name: this one takes its place.
        state.under_way.insert(key.clone(), UnderWay { outcome: outcome.clone(), wanted: work.wanted.clone() });
        tokio::spawn(async move {
            let turn = views.turns.clone().acquire_owned().await;
            let (data, asked) = (views.data.clone(), work.wanted.clone());
            let made = tokio::task::spawn_blocking(move || {
                let made = work.run(&data);
                drop(turn);
                made
            });
            let made = made.await.unwrap_or_else(|e| Err(Error::Store(format!("a view was given up: {e}"))));
            views.done(&key, &asked, made.as_ref().ok());
            tell.send_replace(Some(made));
        });
        Ok((outcome, wanted))
    }

    /// Keeps a view that is done, and lets go of those asked for longest ago.
    fn done(&self, key: &str, asked: &Weak<()>, made: Option<&Arc<HazardMap>>) {
        let mut state = lock(&self.state);
        if state.under_way.get(key).is_some_and(|u| u.wanted.ptr_eq(asked)) {
            state.under_way.remove(key);
        }
        let Some(map) = made else { return };
        state.kept.push((key.to_owned(), map.clone()));
        let too_many = |kept: &[(String, Arc<HazardMap>)]| {
            let entries: u64 = kept.iter().map(|(_, map)| map.position()).sum();
            kept.len() > VIEWS_KEPT || (kept.len() > 1 && entries > VIEW_ENTRIES_KEPT)
        };
        while too_many(&state.kept) {
            state.kept.remove(0);
        }
    }
}

/// One view to be worked out.
struct Work {
    position: u64,
    settings: Settings,
    wanted: Weak<()>,
}

impl Work {
    fn run(self, data: &Path) -> Result<Arc<HazardMap>> {
        let started = Instant::now();
        let go_on = || self.wanted.strong_count() > 0 && started.elapsed() < VIEW_WITHIN;
        let made = self.fold(data, &go_on)?;
        made.map(Arc::new).ok_or_else(|| {
            let (position, took) = (self.position, started.elapsed());
            if took < VIEW_WITHIN {
                info!(log.position = position, "a view was given up after {took:.1?}: nobody waits for it any more");
                return given_up();
            }
            info!(log.position = position, "a view was given up: it takes longer than {VIEW_WITHIN:?}");
            Error::Busy(format!(
                "this view takes longer than {} s to work out: ask for smaller radii",
                VIEW_WITHIN.as_secs()
            ))
        })
    }

    /// Nothing when told not to go on.
    fn fold(&self, data: &Path, go_on: &dyn Fn() -> bool) -> Result<Option<HazardMap>> {
        if !go_on() {
            return Ok(None);
        }
        let store = Store::open_existing(data)?;
        let mut view = View::new(self.settings.clone());
        let mut after = 0;
        while after < self.position {
            let limit = usize::try_from(self.position - after).unwrap_or(usize::MAX).min(ENTRIES_AT_ONCE);
            let read = store.read(after, limit, |seq, event| {
                let unfit = |e| Error::Store(format!("log entry {seq} does not fit those before: {e}"));
                view.take(seq, &event).map_err(unfit)
            })?;
            after += read as u64;
            if read == 0 || !go_on() {
                return Ok(None);
            }
        }
        Ok(view.finish(self.position, go_on))
    }
}

fn given_up() -> Error {
    Error::Busy("the view was given up: try again in a moment".into())
}
