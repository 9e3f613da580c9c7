//! The one write path: a bounded queue, a writer that commits in groups, and `catch_up` (at the start: `replay`), which
//! alone folds the log into the map. Whoever is told that an event was taken finds it on disk and on the map.

pub mod bulk;
mod draft;

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};
use tracing::{error, info, warn};

use crate::config::{GROUP_EVENTS, POLL, QUEUE_LENGTH};
use crate::error::{Error, Result};
use crate::hazard::admission::Admission;
use crate::hazard::event::Event;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::intake::{Draft, Receipt};
use crate::store::Store;

/// Events applied under one lock while catching up with a long log: readers wait no longer than these take.
const CATCH_UP_EVENTS: usize = 4_096;

/// Events handed over at once while replaying, and such groups that may wait.
const REPLAY_EVENTS: usize = 4_096;
const REPLAY_AHEAD: usize = 4;

/// A handle to the live map; clones share it.
#[derive(Clone)]
pub struct Live {
    shared: Arc<Shared>,
}

struct Shared {
    map: RwLock<HazardMap>,
    queue: Mutex<Option<SyncSender<Submission>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    position: watch::Receiver<u64>,
    /// Why what is in the log cannot be shown; empty while all is well.
    trouble: Mutex<Option<String>>,
}

type Answer = Result<Vec<Result<Receipt>>>;

struct Submission {
    drafts: Vec<Draft>,
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
        let map = RwLock::new(HazardMap::new(settings));
        let queue = Mutex::new(Some(queue));
        let shared = Arc::new(Shared { map, queue, writer: Mutex::new(None), position, trouble: Mutex::new(None) });
        let mut writer = Writer { store, shared: Arc::downgrade(&shared), announce };
        writer.replay(&shared)?;
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

    fn enqueue(&self, drafts: Vec<Draft>) -> Result<oneshot::Receiver<Answer>> {
        let (reply, answer) = oneshot::channel();
        let queue = lock(&self.shared.queue);
        let sent = queue.as_ref().ok_or_else(stopped)?.try_send(Submission { drafts, reply });
        sent.map(|()| answer).map_err(|e| match e {
            TrySendError::Full(_) => Error::Busy("too many reports wait to be written: try again in a moment".into()),
            TrySendError::Disconnected(_) => stopped(),
        })
    }

    /// Looks at the map as it stands, between two groups of events. Keep it short: the writer waits.
    pub fn read<T>(&self, look: impl FnOnce(&HazardMap) -> T) -> T {
        look(&self.shared.map.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells the log position whenever it has moved.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.shared.position.clone()
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
                Err(RecvTimeoutError::Disconnected) => return,
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
    fn write(&mut self, group: Vec<Submission>) {
        let Some(shared) = self.shared.upgrade() else { return };
        let outcome = match self.append(&shared, &group) {
            Err(error) => {
                error!("{} submissions were not kept: {error}", group.len());
                Err(error)
            }
            Ok(answers) => match self.catch_up(&shared) {
                Ok(()) => Ok(answers),
                Err(error) => {
                    let told = format!("kept, but not shown yet; a retry with the same key is harmless: {error}");
                    note(&shared, Some(error));
                    Err(Error::Store(told))
                }
            },
        };
        let answers: Vec<Answer> = match outcome {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(error) => group.iter().map(|_| Err(error.clone())).collect(),
        };
        for (submission, answer) in group.into_iter().zip(answers) {
            // Who has left in the meantime needs no answer; the event is kept all the same.
            let _ = submission.reply.send(answer);
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
            answers.push(draft::take_all(&mut append, &mut admission, &submission.drafts)?);
        }
        append.commit()?;
        Ok(answers)
    }

    /// Folds the log from the last position on: the only caller of [`HazardMap::apply`] on the live map.
    fn catch_up(&mut self, shared: &Shared) -> Result<()> {
        loop {
            let mut map = shared.map.write().unwrap_or_else(PoisonError::into_inner);
            let from = map.position();
            let folded = self.store.read(from, CATCH_UP_EVENTS, |seq, event| fold(&mut map, seq, &event));
            map.settle();
            self.announce.send_if_modified(|p| std::mem::replace(p, map.position()) != map.position());
            if folded? < CATCH_UP_EVENTS {
                return Ok(());
            }
        }
    }

    /// The whole log at the start: nobody looks yet, so it is settled once.
    fn replay(&mut self, shared: &Shared) -> Result<()> {
        let started = std::time::Instant::now();
        let mut map = shared.map.write().unwrap_or_else(PoisonError::into_inner);
        read_into(&mut self.store, &mut map)?;
        map.settle();
        let position = map.position();
        self.announce.send_replace(position);
        info!(log.position = position, "the log of {position} events was folded in {:.1?}", started.elapsed());
        Ok(())
    }
}

/// Opens the database in a folder, and says when its rule has changed.
fn open_store(data: &Path, settings: &Settings) -> Result<Store> {
    let mut store = Store::open(data)?;
    if let Some(before) = store.put_rule(&settings.in_force())? {
        let rule = settings.in_force();
        let changes: Vec<_> = rule.lines().filter(|line| !before.lines().any(|b| b == *line)).collect();
        warn!("the rule is another than at the last start ({}): everything is built anew", changes.join(", "));
    }
    Ok(store)
}

/// Folds the whole log into a new map, unsettled: one thread reads while this one folds.
fn read_into(store: &mut Store, map: &mut HazardMap) -> Result<()> {
    map.expect(usize::try_from(store.last()?).unwrap_or(0));
    std::thread::scope(|scope| {
        let (send, events) = sync_channel(REPLAY_AHEAD);
        let reader = scope.spawn(move || read_all(store, &send));
        for group in events {
            group.iter().try_for_each(|(seq, event)| fold(map, *seq, event))?;
        }
        reader.join().unwrap_or_else(|_| Err(Error::Store("the log could not be read".into())))
    })
}

/// Reads the whole log in groups; ends early when nobody takes them any more.
fn read_all(store: &Store, send: &SyncSender<Vec<(u64, Event)>>) -> Result<()> {
    let mut after = 0;
    loop {
        let mut group = Vec::with_capacity(REPLAY_EVENTS);
        let count = store.read(after, REPLAY_EVENTS, |seq, event| {
            group.push((seq, event));
            Ok(())
        })?;
        after += count as u64;
        if send.send(group).is_err() || count < REPLAY_EVENTS {
            return Ok(());
        }
    }
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

/// Applies an event of the log, which no correct writer could have put there if the map refuses it.
fn fold(map: &mut HazardMap, seq: u64, event: &Event) -> Result<()> {
    map.admit(event).map_err(|e| Error::Store(format!("log entry {seq} does not fit those before: {e}")))?;
    map.apply(seq, event);
    Ok(())
}
