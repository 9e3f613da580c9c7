//! The one write path: a bounded queue, a writer that commits in groups, and `catch_up` (at the start: `replay`), which
//! alone folds the log into the map. Whoever is told that an event was taken finds it on disk and on the map.

pub mod bulk;
mod draft;
mod inbox;
mod look;
mod measures;
mod notes;
mod outbox;
pub mod people;
mod photos;
mod replay;
pub mod tempo;
mod views;
mod writer;

use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};
use tracing::error;

use crate::config::QUEUE_LENGTH;
use crate::error::{Error, Result, invalid};
use crate::hazard::layer::Changes;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::intake::{Draft, Receipt};
use crate::store::Sealer;
use draft::Ready;
use inbox::Mailbox;
use notes::Notes;
use outbox::Outbox;
use people::People;
use photos::Album;
use replay::open_store;
use tempo::Tempo;
use views::Views;
use writer::Writer;

pub use inbox::Claim;
pub use measures::Measures;
pub use replay::read_map;

/// Who would wait longer for his events to be written is not let in.
pub const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// A handle to the live map; clones share it.
#[derive(Clone)]
pub struct Live {
    shared: Arc<Shared>,
}

struct Shared {
    map: RwLock<HazardMap>,
    identity: String,
    sealer: Sealer,
    queue: Mutex<Option<SyncSender<Submission>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Of the groups of the writer.
    tempo: Mutex<Tempo>,
    position: watch::Receiver<u64>,
    /// Why what is in the log cannot be shown, or nothing be written; empty while all is well.
    trouble: Mutex<Option<String>>,
    views: Arc<Views>,
    notes: Notes,
    people: People,
    album: Album,
    mailbox: Mailbox,
    outbox: Outbox,
    listener: OnceLock<Listener>,
    measures: Measures,
}

/// Who hears of every change of the map.
struct Listener {
    /// Features of a layer that are named to him at most.
    most_ids: usize,
    tell: Box<dyn Fn(&Changes) + Send + Sync>,
}

type Answer = Result<Vec<Result<Receipt>>>;
/// Tells whoever waits; the map shows what he has submitted. He gets it back: he lets go of it beside the writer, for whom
/// others wait.
type Reply = Box<dyn FnOnce(&HazardMap, Answer, Vec<Ready>) + Send>;

struct Submission {
    drafts: Vec<Ready>,
    reply: Reply,
}

impl Live {
    /// Opens the database in a folder, folds its log and starts the writer.
    ///
    /// # Errors
    /// `Store` when the database cannot be opened or its log cannot be folded.
    pub fn open(data: &Path, settings: Settings) -> Result<Live> {
        let mut store = open_store(data, &settings)?;
        let identity = store.identity()?;
        let disk = store.wait_for_disk_apart()?;
        let (queue, waiting) = sync_channel(QUEUE_LENGTH);
        let (announce, position) = watch::channel(0);
        let map = RwLock::new(HazardMap::new(settings.clone()));
        let measures = Measures::default();
        let shared = Arc::new(Shared {
            map,
            identity,
            sealer: store.sealer(),
            queue: Mutex::new(Some(queue)),
            writer: Mutex::new(None),
            tempo: Mutex::new(Tempo::of(1)),
            position,
            trouble: Mutex::new(None),
            views: Arc::new(Views::new(data, measures.views.clone())),
            notes: Notes::new(data),
            people: People::new(data),
            album: Album::new(data),
            mailbox: Mailbox::new(data),
            outbox: Outbox::new(data),
            listener: OnceLock::new(),
            measures,
        });
        let shared_weakly = Arc::downgrade(&shared);
        let mut writer =
            Writer { store, disk, shared: shared_weakly, announce, checkpoint: 0, pending: None, not_back: 0 };
        writer.replay(&shared, &settings)?;
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || writer.run(&waiting));
        let thread = thread.map_err(|e| Error::Store(format!("the writer cannot be started: {e}")))?;
        *lock(&shared.writer) = Some(thread);
        Ok(Live { shared })
    }

    /// Does the writer go on, so that what is submitted now is written in time? Ask before [`Live::submit`], where a caller
    /// can be told to come back: what is submitted is not given up any more, for it may be kept.
    ///
    /// # Errors
    /// `Busy` when the group that is being written, and the one that would be next, are expected to take longer than
    /// [`LONGEST_WAIT`]: the disk does not answer, or another program holds the database.
    pub fn expect_to_write(&self) -> Result<()> {
        // All that waits now is in the next group.
        if lock(&self.shared.tempo).expected(2, Instant::now()) <= LONGEST_WAIT {
            return Ok(());
        }
        self.shared.measures.turned_away.inc();
        Err(Error::Busy("nothing can be written at the moment: try again in a moment".into()))
    }

    /// Appends one event; on return it is durable and on the map.
    ///
    /// # Errors
    /// `Busy` when too many wait; `Conflict` when its key was used for something else; `Invalid` when the map refuses
    /// it; `Store` when it could not be written.
    pub async fn submit(&self, draft: Draft) -> Result<Receipt> {
        self.submit_and_look(draft, |_, receipt| receipt).await
    }

    /// As [`Live::submit`], and looks at the map that shows the event. The writer looks itself, for whoever else wanted to
    /// would wait until it has folded the next group; keep it short.
    ///
    /// # Errors
    /// As [`Live::submit`].
    pub async fn submit_and_look<T: Send + 'static>(
        &self,
        draft: Draft,
        look: impl FnOnce(&HazardMap, Receipt) -> T + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = oneshot::channel();
        self.enqueue(vec![draft], move |map, answer, drafts| {
            let receipt = answer.and_then(|mut answers| answers.pop().unwrap_or_else(|| Err(stopped())));
            // Who has left in the meantime needs no answer; the event is kept all the same.
            let _ = tell.send((receipt.map(|receipt| look(map, receipt)), drafts));
        })?;
        told.await.map_err(|_| stopped())?.0
    }

    /// Appends events in order, answering for each; blocks, for imports. Those before a failure may have been kept: a
    /// second try with the same keys adds only what is missing.
    ///
    /// # Errors
    /// `Store` when they could not be written, `Busy` when too many wait.
    pub fn submit_all(&self, drafts: Vec<Draft>) -> Result<Vec<Result<Receipt>>> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        self.enqueue_all(drafts)?.blocking_recv().map_err(|_| stopped())?
    }

    /// As [`Live::submit_all`], without blocking.
    ///
    /// # Errors
    /// As [`Live::submit_all`].
    pub async fn submit_batch(&self, drafts: Vec<Draft>) -> Result<Vec<Result<Receipt>>> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        self.enqueue_all(drafts)?.await.map_err(|_| stopped())?
    }

    fn enqueue_all(&self, drafts: Vec<Draft>) -> Result<oneshot::Receiver<Answer>> {
        let (tell, told) = oneshot::channel();
        self.enqueue(drafts, |_, answer, _| drop(tell.send(answer)))?;
        Ok(told)
    }

    fn enqueue(
        &self,
        drafts: Vec<Draft>,
        reply: impl FnOnce(&HazardMap, Answer, Vec<Ready>) + Send + 'static,
    ) -> Result<()> {
        let ready = drafts.into_iter().map(|draft| Ready::new(draft, &self.shared.sealer));
        let drafts = ready.collect::<Result<_>>()?;
        let queue = lock(&self.shared.queue);
        let queue = queue.as_ref().ok_or_else(stopped)?;
        let measures = &self.shared.measures;
        measures.waiting.inc();
        queue.try_send(Submission { drafts, reply: Box::new(reply) }).map_err(|e| {
            measures.waiting.dec();
            match e {
                TrySendError::Full(_) => {
                    measures.turned_away.inc();
                    Error::Busy("too many reports wait to be written: try again in a moment".into())
                }
                TrySendError::Disconnected(_) => stopped(),
            }
        })
    }

    /// The map as it stood at a position of the log, under settings of its own.
    ///
    /// # Errors
    /// `Invalid` for a position the log has not reached; `Busy` when too much is asked at once or of one view.
    pub async fn view(&self, position: u64, settings: Settings) -> Result<Arc<HazardMap>> {
        let last = *self.shared.position.borrow();
        if position > last {
            return Err(invalid("position", position, format!("the log ends at {last}")));
        }
        self.shared.views.get(position, settings).await
    }

    /// Tells the log position whenever it has moved.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.shared.position.clone()
    }

    /// From now on calls `tell` after every change of the map, in order, with at most `most_ids` features of a layer by
    /// name; returns the position in the log that the first change follows on. Keep it short: the writer waits. The
    /// first who listens stays the only one.
    pub fn each_change(&self, most_ids: usize, tell: impl Fn(&Changes) + Send + Sync + 'static) -> u64 {
        let mut map = self.shared.map.write().unwrap_or_else(PoisonError::into_inner);
        if self.shared.listener.set(Listener { most_ids, tell: Box::new(tell) }).is_ok() {
            map.follow();
        }
        map.position()
    }

    /// What the write path counts and times.
    pub fn measures(&self) -> &Measures {
        &self.shared.measures
    }

    /// Whether reports can be taken and what is taken is shown.
    ///
    /// # Errors
    /// `Store` with the cause.
    pub fn health(&self) -> Result<()> {
        if let Some(trouble) = &*lock(&self.shared.trouble) {
            return Err(Error::Store(trouble.clone()));
        }
        match &*lock(&self.shared.writer) {
            Some(writer) if !writer.is_finished() => Ok(()),
            _ => Err(Error::Store("the writer has stopped".into())),
        }
    }

    /// Takes no further events, writes those that wait and stops the writer.
    pub fn close(&self) {
        drop(lock(&self.shared.queue).take());
        if let Some(writer) = lock(&self.shared.writer).take()
            && writer.join().is_err()
        {
            error!("the writer had failed");
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        drop(lock(&self.queue).take());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stopped() -> Error {
    Error::Store("the service is stopping".into())
}
