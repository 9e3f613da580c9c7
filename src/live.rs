//! The one write path: a bounded queue, a writer that commits in groups, and `catch_up`, which alone folds the log
//! into the map. Whoever is told that an event was taken finds it on disk and on the map.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use hashbrown::HashSet;
use tokio::sync::{oneshot, watch};
use tracing::{error, info, warn};

use crate::config::{GROUP_EVENTS, POLL, QUEUE_LENGTH};
use crate::error::{Error, Result};
use crate::hazard::admission::Admission;
use crate::hazard::event::{Event, Report};
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::intake::{Draft, Private, Receipt};
use crate::store::{Append, Said, Store};

/// Events applied under one lock while catching up with a long log: readers wait no longer than these take.
const CATCH_UP_EVENTS: usize = 20_000;

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
        let mut store = Store::open(data)?;
        if let Some(before) = store.put_rule(&settings.in_force())? {
            let rule = settings.in_force();
            let changes: Vec<_> = rule.lines().filter(|line| !before.lines().any(|b| b == *line)).collect();
            warn!("the rule is another than at the last start ({}): everything is built anew", changes.join(", "));
        }
        let (queue, waiting) = sync_channel(QUEUE_LENGTH);
        let (announce, position) = watch::channel(0);
        let map = RwLock::new(HazardMap::new(settings));
        let queue = Mutex::new(Some(queue));
        let shared = Arc::new(Shared { map, queue, writer: Mutex::new(None), position });
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
            TrySendError::Full(_) => Error::Busy,
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

    /// Folds what other processes have written.
    fn follow(&mut self) {
        let Some(shared) = self.shared.upgrade() else { return };
        match self.store.written_elsewhere() {
            Ok(false) => {}
            Ok(true) => {
                if let Err(error) = self.catch_up(&shared) {
                    error!("what another process wrote cannot be folded: {error}");
                }
            }
            Err(error) => error!("the database cannot be read: {error}"),
        }
    }

    /// Writes a group in one transaction, folds it and answers everybody who waits.
    fn write(&mut self, group: Vec<Submission>) {
        let Some(shared) = self.shared.upgrade() else { return };
        let outcome = self.append(&shared, &group).and_then(|answers| {
            self.catch_up(&shared)?;
            Ok(answers)
        });
        match outcome {
            Ok(answers) => {
                for (submission, answer) in group.into_iter().zip(answers) {
                    // Who has left in the meantime needs no answer; the event is kept all the same.
                    let _ = submission.reply.send(Ok(answer));
                }
            }
            Err(error) => {
                error!("{} submissions were not kept: {error}", group.len());
                for submission in group {
                    let _ = submission.reply.send(Err(error.clone()));
                }
            }
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
            answers.push(take_all(&mut append, &mut admission, &submission.drafts)?);
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

    /// The whole log at the start: one thread reads while this one folds, and nobody looks yet, so it is settled once.
    fn replay(&mut self, shared: &Shared) -> Result<()> {
        let started = std::time::Instant::now();
        let mut map = shared.map.write().unwrap_or_else(PoisonError::into_inner);
        map.expect(usize::try_from(self.store.last()?).unwrap_or(0));
        let store = &mut self.store;
        std::thread::scope(|scope| {
            let (send, events) = sync_channel(REPLAY_AHEAD);
            let reader = scope.spawn(move || read_all(store, &send));
            for group in events {
                group.iter().try_for_each(|(seq, event)| fold(&mut map, *seq, event))?;
            }
            reader.join().unwrap_or_else(|_| Err(Error::Store("the log could not be read".into())))
        })?;
        map.settle();
        let position = map.position();
        self.announce.send_replace(position);
        info!(log.position = position, "the log of {position} events was folded in {:.1?}", started.elapsed());
        Ok(())
    }
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

/// Applies an event of the log, which no correct writer could have put there if the map refuses it.
fn fold(map: &mut HazardMap, seq: u64, event: &Event) -> Result<()> {
    map.admit(event).map_err(|e| Error::Store(format!("log entry {seq} does not fit those before: {e}")))?;
    map.apply(seq, event);
    Ok(())
}

/// Appends the drafts of one submission. What acts on a report that was refused is refused with it: otherwise the steps
/// of a row that contradicts the log would be taken for the report as it was recorded.
fn take_all(append: &mut Append, admission: &mut Admission, drafts: &[Draft]) -> Result<Vec<Result<Receipt>>> {
    let mut refused: HashSet<&str> = HashSet::new();
    let mut answers = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let answer = match &draft.event {
            Event::Act(act) if refused.contains(act.report.as_str()) => {
                Err(Error::Conflict(format!("report {} was refused", act.report)))
            }
            _ => take(append, admission, draft)?,
        };
        if let (Err(_), Event::Report(report)) = (&answer, &draft.event) {
            refused.insert(&report.id);
        }
        answers.push(answer);
    }
    Ok(answers)
}

/// Appends one draft, or says why not. The outer error is the disk's; the inner one the caller's.
fn take(append: &mut Append, admission: &mut Admission, draft: &Draft) -> Result<Result<Receipt>> {
    let key = draft.key.as_ref().map(|key| (key.name.as_str(), key.content.as_str()));
    let appended = match admission.admit(&draft.event) {
        Ok(()) => append.push(&draft.event, key)?.ok_or(None),
        Err(refused) => Err(Some(refused)),
    };
    match appended {
        Ok(seq) => {
            if let Event::Report(report) = &draft.event {
                let Private { text, place, source_id } = draft.private.clone();
                append.put_private(&report.id, &Said { text, place, source_id })?;
            }
            Ok(Ok(Receipt { seq, fresh: true, id: report_id(&draft.event) }))
        }
        // A retry comes here: its key is taken, or its own first try stands in its way.
        Err(refused) => known(append, key, draft, refused),
    }
}

/// The answer to a draft that was not appended: what is recorded under its key, else why it was refused.
fn known(append: &Append, key: Option<(&str, &str)>, draft: &Draft, refused: Option<Error>) -> Result<Result<Receipt>> {
    let recorded = match key {
        Some((name, content)) => append.recorded(name, content)?,
        None => None,
    };
    Ok(match (recorded, refused) {
        (Some(r), _) if r.same => Ok(Receipt { seq: r.seq, fresh: false, id: report_id(&r.event) }),
        (Some(r), _) => Err(conflict(&r.event, &draft.event)),
        (None, Some(refused)) => Err(refused),
        (None, None) => Err(Error::Store("a key is taken by nothing".into())),
    })
}

fn report_id(event: &Event) -> String {
    match event {
        Event::Report(report) => report.id.clone(),
        _ => String::new(),
    }
}

/// Says what differs between what was recorded under a key and what now comes with it: by name only, for whoever sends a
/// key need not be who sent it first.
fn conflict(recorded: &Event, now: &Event) -> Error {
    let changed = match (recorded, now) {
        (Event::Report(a), Event::Report(b)) => differences(a, b),
        _ => Vec::new(),
    };
    let (what, have) = match changed.len() {
        0 => ("its other content".into(), "has"),
        1 => (changed[0].to_owned(), "has"),
        _ => (changed.join(", "), "have"),
    };
    Error::Conflict(format!("the same key was used before for something else: {what} {have} changed"))
}

/// The names of the fields in which two reports differ, as they are posted.
fn differences(a: &Report, b: &Report) -> Vec<&'static str> {
    let fields = [
        ("category", a.category == b.category),
        ("position", a.position == b.position && a.original == b.original),
        ("observed_at", a.observed_at == b.observed_at),
        ("dry", a.dry == b.dry),
        ("depth_cm", a.depth_cm == b.depth_cm),
        ("passability", a.passability == b.passability),
        ("accuracy_m", a.accuracy_m == b.accuracy_m),
        ("place", a.names == b.names),
        ("photo", a.photo == b.photo),
        ("person", a.person == b.person),
        ("source.channel", a.channel == b.channel),
    ];
    fields.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}
