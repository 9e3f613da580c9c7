//! The write path of a command that only writes: nobody reads the map, so what is appended is not folded. Events are
//! judged by the map as it was at the start and by those appended since, by the same rules as in the service.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use super::draft::{Fresh, Ready, Refused, keep_said, take_all};
use super::replay::{fold, open_store, replay};
use crate::error::{Error, Result};
use crate::hazard::admission::Admission;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::intake::import::Submit;
use crate::intake::{Draft, Receipt};
use crate::store::{Append, Disk, Kept, Sealer, Store, Words};

/// Events in one transaction at least; and at most, as a commit writes the pages of all keys anew but others must not
/// wait long for their turn.
const LEAST_EVENTS: u64 = 4_000;
const MOST_EVENTS: u64 = 65_536;
/// A transaction is not held open longer than this for events that do not come.
const PATIENCE: Duration = Duration::from_millis(20);

/// A database that is being written to.
pub struct Bulk {
    store: Store,
    /// Of the log, which is waited for at the end; what people said has to be on it before.
    disk: Disk,
    /// What people say is written beside the log: of the time of one writer it took a third.
    words: Store,
    map: HazardMap,
}

/// Drafts that are made ready at once, while those before are written.
const PART: usize = 256;
const PARTS_AHEAD: usize = 4;
/// Parts that may wait for their words to be written.
const PARTS_BEHIND: usize = 16;

type Answers = Result<Vec<Result<Receipt>>>;

/// Some drafts of a submission, made ready.
struct Part {
    drafts: Vec<Ready>,
    /// No more belong to this submission.
    last: bool,
}

/// What is to be done with what people say, while the log is being written.
enum Step {
    /// A transaction of the log has begun after this position.
    Begin(u64),
    Keep(Vec<Ready>, Fresh),
    Commit,
}

impl Bulk {
    /// Opens the database in a folder and folds its log.
    ///
    /// # Errors
    /// `Store` when the database cannot be opened or its log cannot be folded.
    pub fn open(data: &Path, settings: Settings) -> Result<Bulk> {
        let mut store = open_store(data, &settings)?;
        let words = Store::open(data)?;
        [&store, &words].into_iter().try_for_each(Store::expect_much)?;
        let (map, _) = replay(&mut store, &settings)?;
        let disk = store.wait_for_disk_apart()?;
        Ok(Bulk { store, disk, words, map })
    }

    /// The map as it was when the database was opened, or further: whatever it shows was in the log then.
    pub fn map(&self) -> &HazardMap {
        &self.map
    }

    /// Does some work that submits drafts, and answers for each. An answer counts once this returns without an error:
    /// only then is everything that was taken on the disk. After an error a part of it may be, in order; a second run
    /// with the same keys adds the rest.
    ///
    /// # Errors
    /// Whatever the work fails with; `Store` or `Busy` when the log cannot be written.
    pub fn run<T>(&mut self, work: impl FnOnce(&mut Submit) -> Result<T>) -> Result<T> {
        let Bulk { store, disk, words, map } = self;
        let sealer = store.sealer();
        let (submit, submitted) = sync_channel::<Vec<Draft>>(0);
        let (ready, waiting) = sync_channel::<Result<Part>>(PARTS_AHEAD);
        let (answer, answers) = sync_channel::<Answers>(1);
        let (give_back, spent) = channel::<Vec<Ready>>();
        let (say, steps) = sync_channel::<Step>(PARTS_BEHIND);
        let (keep, kept) = sync_channel::<Result<Kept>>(1);
        std::thread::scope(|scope| {
            scope.spawn(move || make_ready(&submitted, &sealer, &ready, &spent));
            scope.spawn(move || keep_words(words, &steps, &keep, &give_back));
            let writer = scope.spawn(move || {
                write(store, map, &Desk { waiting, answer, say, kept })?;
                disk.public.begin();
                disk.public.wait()
            });
            let done = work(&mut |drafts| {
                if drafts.is_empty() {
                    return Ok(Vec::new());
                }
                let stopped = || Error::Store("the writer has stopped".into());
                submit.send(drafts).map_err(|_| stopped())?;
                answers.recv().map_err(|_| stopped())?
            });
            drop(submit);
            let written = writer.join().unwrap_or_else(|_| Err(Error::Store("the writer had failed".into())));
            // What stopped the writer is the cause of whatever else went wrong.
            written.and(done)
        })
    }
}

/// What the writer works with.
struct Desk {
    waiting: Receiver<Result<Part>>,
    answer: SyncSender<Answers>,
    /// To whoever keeps what people say, and his answer to [`Step::Commit`].
    say: SyncSender<Step>,
    kept: Receiver<Result<Kept>>,
}

impl Desk {
    fn say(&self, step: Step) -> Result<()> {
        self.say.send(step).map_err(|_| nobody_keeps())
    }

    /// Waits until all that was said is on the disk.
    fn keep(&self) -> Result<Kept> {
        self.say(Step::Commit)?;
        self.kept.recv().map_err(|_| nobody_keeps())?
    }
}

fn nobody_keeps() -> Error {
    Error::Store("nobody keeps what was said any more".into())
}

/// Keeps what people say with what is being appended, one transaction for each of the log's. What has been written goes
/// back to whoever made it ready.
fn keep_words(
    store: &mut Store,
    steps: &Receiver<Step>,
    answer: &SyncSender<Result<Kept>>,
    give_back: &Sender<Vec<Ready>>,
) {
    while let Ok(Step::Begin(before)) = steps.recv() {
        let mut words = store.begin_words(before);
        let kept = loop {
            match steps.recv() {
                Ok(Step::Keep(drafts, fresh)) => {
                    words = words.and_then(|mut words| keep_said(&mut words, &drafts, &fresh).map(|()| words));
                    // Where nobody takes it back it is let go here.
                    let _ = give_back.send(drafts);
                }
                Ok(Step::Commit) => break words.and_then(Words::commit),
                // The log has been given up, and this with it.
                Ok(Step::Begin(_)) | Err(_) => return,
            }
        };
        if answer.send(kept).is_err() {
            return;
        }
    }
}

/// Makes submissions ready part by part, until nobody takes them. What has been written comes back: memory is let go most
/// cheaply by the thread that took it, and the writer is the one that others wait for.
fn make_ready(
    submitted: &Receiver<Vec<Draft>>,
    sealer: &Sealer,
    ready: &SyncSender<Result<Part>>,
    spent: &Receiver<Vec<Ready>>,
) {
    for drafts in submitted {
        let mut left = drafts.into_iter();
        while left.len() > 0 {
            spent.try_iter().for_each(drop);
            let drafts = left.by_ref().take(PART).map(|draft| Ready::new(draft, sealer)).collect::<Result<_>>();
            let last = left.len() == 0;
            if ready.send(drafts.map(|drafts| Part { drafts, last })).is_err() {
                return;
            }
        }
    }
}

/// Takes submissions until there are no more.
fn write(store: &mut Store, map: &mut HazardMap, desk: &Desk) -> Result<()> {
    let Desk { waiting, answer, .. } = desk;
    let mut next = waiting.recv().ok();
    let mut written = 0;
    while next.is_some() {
        // What others have written comes first: it may decide what is admitted.
        while store.read(map.position(), usize::MAX >> 1, |seq, event| fold(map, seq, &event))? > 0 {}
        let mut admission = Admission::new(map);
        let mut position = map.position();
        while let Some(first) = next.take() {
            let begun = store.begin_log();
            let mut append = match begun {
                Ok(append) if append.before() != position => {
                    next = Some(first);
                    break;
                }
                Ok(append) => append,
                // Whoever waits for an answer says what was wrong.
                Err(error) => return answer.send(Err(error)).map_err(|_| Error::Store("nobody waits".into())),
            };
            desk.say(Step::Begin(position))?;
            let most = (written / 2).clamp(LEAST_EVENTS, MOST_EVENTS);
            let (mut first, mut events) = (first, 0);
            loop {
                let answered = take_submission(&mut append, &mut admission, first, desk);
                let failed = answered.is_err();
                events += answered.as_ref().map_or(0, Vec::len) as u64;
                position += answered.iter().flatten().flatten().filter(|receipt| receipt.fresh).count() as u64;
                // Who does not wait for an answer has failed, and says so.
                let _ = answer.send(answered);
                if failed {
                    return Ok(());
                }
                if events >= most {
                    break;
                }
                match waiting.recv_timeout(PATIENCE) {
                    Ok(more) => first = more,
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
                }
            }
            append.commit(desk.keep()?)?;
            written += events;
            next = waiting.recv().ok();
        }
    }
    Ok(())
}

/// Appends a submission, part by part as they become ready.
fn take_submission(append: &mut Append, admission: &mut Admission, first: Result<Part>, desk: &Desk) -> Answers {
    let (mut refused, mut answers, mut part) = (Refused::new(), Vec::new(), first?);
    loop {
        let fresh = take_all(append, admission, &mut refused, &part.drafts, &mut answers)?;
        desk.say(Step::Keep(part.drafts, fresh))?;
        if part.last {
            return Ok(answers);
        }
        part = desk.waiting.recv().map_err(|_| Error::Store("a submission was broken off".into()))??;
    }
}
