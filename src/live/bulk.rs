//! The write path of a command that only writes: nobody reads the map, so what is appended is not folded. Events are
//! judged by the map as it was at the start and by those appended since, by the same rules as in the service.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::draft::take_all;
use super::replay::{fold, open_store, read_into};
use crate::error::{Error, Result};
use crate::hazard::admission::Admission;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::intake::import::Submit;
use crate::intake::{Draft, Receipt};
use crate::store::Store;

/// Events in one transaction at least; and at most, as a commit writes the pages of all keys anew but others must not
/// wait long for their turn.
const LEAST_EVENTS: u64 = 4_000;
const MOST_EVENTS: u64 = 65_536;
/// A transaction is not held open longer than this for events that do not come.
const PATIENCE: Duration = Duration::from_millis(20);

/// A database that is being written to.
pub struct Bulk {
    store: Store,
    map: HazardMap,
}

type Answers = Result<Vec<Result<Receipt>>>;

impl Bulk {
    /// Opens the database in a folder and folds its log.
    ///
    /// # Errors
    /// `Store` when the database cannot be opened or its log cannot be folded.
    pub fn open(data: &Path, settings: Settings) -> Result<Bulk> {
        let mut store = open_store(data, &settings)?;
        let mut map = HazardMap::new(settings);
        read_into(&mut store, &mut map)?;
        Ok(Bulk { store, map })
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
        let Bulk { store, map } = self;
        let (submit, waiting) = sync_channel::<Vec<Draft>>(0);
        let (answer, answers) = sync_channel::<Answers>(1);
        std::thread::scope(|scope| {
            let writer = scope.spawn(move || write(store, map, &waiting, &answer));
            let done = work(&mut |drafts| {
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

/// Takes submissions until there are no more.
fn write(
    store: &mut Store,
    map: &mut HazardMap,
    waiting: &Receiver<Vec<Draft>>,
    answer: &SyncSender<Answers>,
) -> Result<()> {
    let mut next = waiting.recv().ok();
    let mut written = 0;
    while next.is_some() {
        // What others have written comes first: it may decide what is admitted.
        while store.read(map.position(), usize::MAX >> 1, |seq, event| fold(map, seq, &event))? > 0 {}
        let mut admission = Admission::new(map);
        let mut position = map.position();
        while let Some(drafts) = next.take() {
            let begun = store.begin();
            let mut append = match begun {
                Ok(append) if append.before() != position => {
                    next = Some(drafts);
                    break;
                }
                Ok(append) => append,
                // Whoever waits for an answer says what was wrong.
                Err(error) => return answer.send(Err(error)).map_err(|_| Error::Store("nobody waits".into())),
            };
            let most = (written / 2).clamp(LEAST_EVENTS, MOST_EVENTS);
            let (mut drafts, mut events) = (drafts, 0);
            loop {
                let answered = take_all(&mut append, &mut admission, &drafts);
                let failed = answered.is_err();
                events += drafts.len() as u64;
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
                    Ok(more) => drafts = more,
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
                }
            }
            append.commit()?;
            written += events;
            next = waiting.recv().ok();
        }
    }
    Ok(())
}
