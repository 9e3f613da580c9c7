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
mod views;

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockWriteGuard};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::{oneshot, watch};
use tracing::error;

use crate::config::{GROUP_EVENTS, POLL, QUEUE_LENGTH};
use crate::error::{Error, Result, invalid};
use crate::hazard::admission::Admission;
use crate::hazard::layer::Changes;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::intake::{Draft, Receipt};
use crate::store::{Sealer, Store};
use draft::{Ready, Refused, take_all};
use inbox::Mailbox;
use notes::Notes;
use outbox::Outbox;
use people::People;
use photos::Album;
use replay::{fold, open_store};
use views::Views;

pub use measures::Measures;
pub use replay::read_map;

/// Events applied under one lock while catching up with a long log: readers wait no longer than these take.
const CATCH_UP_EVENTS: usize = 4_096;

/// A handle to the live map; clones share it.
#[derive(Clone)]
pub struct Live {
    shared: Arc<Shared>,
}

struct Shared {
    map: RwLock<HazardMap>,
    sealer: Sealer,
    queue: Mutex<Option<SyncSender<Submission>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    position: watch::Receiver<u64>,
    /// Why what is in the log cannot be shown; empty while all is well.
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

struct Submission {
    drafts: Vec<Ready>,
    reply: oneshot::Sender<Answer>,
}

impl Live {
    /// Opens the database in a folder, folds its log and starts the writer.
    ///
    /// # Errors
    /// `Store` when the database cannot be opened or its log cannot be folded.
    pub fn open(data: &Path, settings: Settings) -> Result<Live> {
        let store = open_store(data, &settings)?;
        let (queue, waiting) = sync_channel(QUEUE_LENGTH);
        let (announce, position) = watch::channel(0);
        let map = RwLock::new(HazardMap::new(settings.clone()));
        let queue = Mutex::new(Some(queue));
        let measures = Measures::default();
        let shared = Arc::new(Shared {
            map,
            sealer: store.sealer(),
            queue,
            writer: Mutex::new(None),
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
        let mut writer = Writer { store, shared: Arc::downgrade(&shared), announce, checkpoint: 0 };
        writer.replay(&shared, &settings)?;
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || writer.run(&waiting));
        let thread = thread.map_err(|e| Error::Store(format!("the writer cannot be started: {e}")))?;
        *lock(&shared.writer) = Some(thread);
        Ok(Live { shared })
    }

    /// Appends one event; on return it is durable and on the map.
    ///
    /// # Errors
    /// `Busy` when too many wait; `Conflict` when its key was used for something else; `Invalid` when the map refuses
    /// it; `Store` when it could not be written.
    pub async fn submit(&self, draft: Draft) -> Result<Receipt> {
        let mut answers = self.enqueue(vec![draft])?.await.map_err(|_| stopped())??;
        answers.pop().unwrap_or_else(|| Err(stopped()))
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
        self.enqueue(drafts)?.blocking_recv().map_err(|_| stopped())?
    }

    /// As [`Live::submit_all`], without blocking.
    ///
    /// # Errors
    /// As [`Live::submit_all`].
    pub async fn submit_batch(&self, drafts: Vec<Draft>) -> Result<Vec<Result<Receipt>>> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        self.enqueue(drafts)?.await.map_err(|_| stopped())?
    }

    fn enqueue(&self, drafts: Vec<Draft>) -> Result<oneshot::Receiver<Answer>> {
        let (reply, answer) = oneshot::channel();
        let ready = drafts.into_iter().map(|draft| Ready::new(draft, &self.shared.sealer));
        let drafts = ready.collect::<Result<_>>()?;
        let queue = lock(&self.shared.queue);
        let queue = queue.as_ref().ok_or_else(stopped)?;
        let measures = &self.shared.measures;
        measures.waiting.inc();
        queue.try_send(Submission { drafts, reply }).map(|()| answer).map_err(|e| {
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

/// The thread that owns the database.
struct Writer {
    store: Store,
    /// Weak, so that dropping the last handle ends the thread.
    shared: std::sync::Weak<Shared>,
    announce: watch::Sender<u64>,
    /// Position in the log of the last checkpoint.
    checkpoint: u64,
}

impl Writer {
    fn run(mut self, waiting: &Receiver<Submission>) {
        loop {
            match waiting.recv_timeout(POLL) {
                Ok(first) => {
                    let mut group = vec![first];
                    let mut events = group[0].drafts.len();
                    while events < GROUP_EVENTS
                        && let Ok(next) = waiting.try_recv()
                    {
                        events += next.drafts.len();
                        group.push(next);
                    }
                    self.write(group);
                }
                Err(RecvTimeoutError::Timeout) => self.follow(),
                Err(RecvTimeoutError::Disconnected) => return self.keep(),
            }
        }
    }

    /// Folds what other processes have written, and what could not be folded before.
    fn follow(&mut self) {
        let Some(shared) = self.shared.upgrade() else { return };
        let behind = self.store.last().map(|last| last > *self.announce.borrow());
        let followed = behind.and_then(|behind| if behind { self.catch_up(&shared) } else { Ok(()) });
        note(&shared, followed.err());
    }

    /// Writes a group in one transaction, folds it and answers everybody who waits.
    fn write(&mut self, mut group: Vec<Submission>) {
        let Some(shared) = self.shared.upgrade() else { return };
        shared.measures.waiting.dec_by(group.len() as i64);
        while !group.is_empty() {
            let answers = self.write_first(&shared, &group);
            let rest = group.split_off(answers.len());
            for (submission, answer) in group.into_iter().zip(answers) {
                // Who has left in the meantime needs no answer; the event is kept all the same.
                let _ = submission.reply.send(answer);
            }
            group = rest;
        }
    }

    /// Writes as many of a group as one transaction takes, at least one; answers for each.
    fn write_first(&mut self, shared: &Shared, group: &[Submission]) -> Vec<Answer> {
        let outcome = match self.append(shared, group) {
            Err(error) => {
                error!("{} submissions were not kept: {error}", group.len());
                Err(error)
            }
            Ok(answers) => match self.catch_up(shared) {
                Ok(()) => Ok(answers),
                Err(error) => {
                    let told = format!("kept, but not shown yet; a retry with the same key is harmless: {error}");
                    note(shared, Some(error));
                    Err(Error::Store(told))
                }
            },
        };
        match outcome {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(error) => group.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    fn append(&mut self, shared: &Shared, group: &[Submission]) -> Result<Vec<Vec<Result<Receipt>>>> {
        // What others have written comes first: the events are judged by the map as it is under our lock.
        let mut append = loop {
            self.catch_up(shared)?;
            let append = self.store.begin()?;
            if append.before() == shared.map.read().unwrap_or_else(PoisonError::into_inner).position() {
                break append;
            }
        };
        let map = shared.map.read().unwrap_or_else(PoisonError::into_inner);
        let mut admission = Admission::new(&map);
        let mut answers = Vec::with_capacity(group.len());
        for submission in group {
            // A step of the workflow is judged by a map that shows the steps before it.
            if !answers.is_empty() && !submission.drafts.iter().all(|ready| admission.knows(ready.event())) {
                break;
            }
            let mut answered = Vec::with_capacity(submission.drafts.len());
            take_all(&mut append, &mut admission, &mut Refused::new(), &submission.drafts, &mut answered)?;
            answers.push(answered);
        }
        let started = Instant::now();
        append.commit()?;
        shared.measures.committed(started.elapsed());
        answers.iter().flatten().for_each(|answer| shared.measures.answered(answer));
        Ok(answers)
    }

    /// Folds the log from the last position on: the only caller of [`HazardMap::apply`] on the live map.
    fn catch_up(&mut self, shared: &Shared) -> Result<()> {
        loop {
            let mut map = shared.map.write().unwrap_or_else(PoisonError::into_inner);
            let from = map.position();
            let started = Instant::now();
            let folded = self.store.read(from, CATCH_UP_EVENTS, |seq, event| fold(&mut map, seq, &event));
            let settling = Instant::now();
            map.settle();
            if map.position() != from {
                shared.measures.folded(&map, settling - started, settling.elapsed());
                self.announce.send_replace(map.position());
                tell(shared, map);
            }
            if folded? < CATCH_UP_EVENTS {
                return Ok(());
            }
        }
    }
}

/// Tells the listener, if there is one, what has changed; whoever wants to look at the map may do so meanwhile.
fn tell(shared: &Shared, mut map: RwLockWriteGuard<HazardMap>) {
    let Some(Listener { most_ids, tell }) = shared.listener.get() else { return };
    let Some(touched) = map.take_touched() else { return };
    let map = RwLockWriteGuard::downgrade(map);
    let changes = Changes::of(&map, *touched, *most_ids);
    drop(map);
    tell(&changes);
}

/// Notes what keeps the map from following the log, once for each trouble.
fn note(shared: &Shared, error: Option<Error>) {
    let trouble = error.map(|e| e.to_string());
    let mut noted = lock(&shared.trouble);
    if let Some(text) = trouble.as_ref().filter(|_| *noted != trouble) {
        error!("the log cannot be followed: {text}");
    }
    *noted = trouble;
}
