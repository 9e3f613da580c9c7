//! The writer: takes what waits in groups, appends each in one transaction, folds it, and answers.

use std::borrow::Borrow;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{PoisonError, RwLockWriteGuard, Weak};
use std::time::Instant;

use tokio::sync::watch;
use tracing::error;

use super::draft::{Refused, take_all};
use super::replay::fold;
use super::{Answer, Listener, Shared, Submission, lock};
use crate::config::{GROUP_EVENTS, POLL};
use crate::error::{Error, Result};
use crate::hazard::admission::Admission;
use crate::hazard::event::Event;
use crate::hazard::layer::Changes;
use crate::hazard::map::HazardMap;
use crate::intake::Receipt;
use crate::store::{self, Store};

/// Events applied under one lock: readers wait no longer than these take, some milliseconds.
const CATCH_UP_EVENTS: usize = 256;

/// The thread that owns the database.
pub(super) struct Writer {
    pub store: Store,
    /// Weak, so that dropping the last handle ends the thread.
    pub shared: Weak<Shared>,
    pub announce: watch::Sender<u64>,
    /// Position in the log of the last checkpoint.
    pub checkpoint: u64,
}

impl Writer {
    pub fn run(mut self, waiting: &Receiver<Submission>) {
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
        lock(&shared.tempo).begin(Instant::now());
        let behind = self.store.last().map(|last| last > *self.announce.borrow());
        let followed = behind.and_then(|behind| if behind { self.catch_up(&shared) } else { Ok(()) });
        lock(&shared.tempo).rest();
        note(&shared, followed.err());
    }

    /// Writes a group in one transaction, folds it and answers everybody who waits.
    fn write(&mut self, mut group: Vec<Submission>) {
        let Some(shared) = self.shared.upgrade() else { return };
        lock(&shared.tempo).begin(Instant::now());
        shared.measures.waiting.dec_by(group.len() as i64);
        while !group.is_empty() {
            let answers = self.write_first(&shared, &group);
            let rest = group.split_off(answers.len());
            let map = shared.map.read().unwrap_or_else(PoisonError::into_inner);
            for (submission, answer) in group.into_iter().zip(answers) {
                (submission.reply)(&map, answer);
            }
            group = rest;
        }
        let mut tempo = lock(&shared.tempo);
        tempo.step(Instant::now());
        tempo.rest();
    }

    /// Writes as many of a group as one transaction takes, at least one; answers for each.
    fn write_first(&mut self, shared: &Shared, group: &[Submission]) -> Vec<Answer> {
        let outcome = match self.append(shared, group) {
            Err(error) => {
                error!("{} submissions were not kept: {error}", group.len());
                Err(error)
            }
            Ok(answers) => match self.fold_written(shared, group, &answers) {
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
        let mut held = false;
        let mut append = loop {
            let append = match self.store.begin() {
                Err(error) if store::is_locked(&error) && is_wanted(&self.shared, shared) => {
                    // Whoever stands in line has been let in: he is answered when it is free, and nobody else is let in.
                    note(shared, Some(error));
                    held = true;
                    continue;
                }
                begun => begun?,
            };
            if append.before() == position(shared) {
                break append;
            }
            // What others have written comes first: the events are judged by the map as it is under our lock.
            drop(append);
            self.catch_up(shared)?;
        };
        if held {
            note(shared, None);
        }
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

    /// Folds what has been appended just now, as the log has it. Whatever of it cannot be folded now is read again later.
    fn fold_written(&mut self, shared: &Shared, group: &[Submission], answers: &[Vec<Result<Receipt>>]) -> Result<()> {
        let all = group.iter().zip(answers).flat_map(|(submission, answers)| submission.drafts.iter().zip(answers));
        let written = all.filter_map(|(ready, answer)| {
            let receipt = answer.as_ref().ok().filter(|receipt| receipt.fresh)?;
            Some((receipt.seq, ready.event()))
        });
        let written: Vec<_> = written.collect();
        written.chunks(CATCH_UP_EVENTS).try_for_each(|events| self.fold_all(shared, Instant::now(), events))
    }

    /// Folds the log from the last position on.
    fn catch_up(&mut self, shared: &Shared) -> Result<()> {
        loop {
            // Nobody else moves the map: what comes next is read while others look at it.
            let (started, mut events) = (Instant::now(), Vec::new());
            let read = self.store.read(position(shared), CATCH_UP_EVENTS, |seq, event| {
                events.push((seq, event));
                Ok(())
            });
            if !events.is_empty() {
                self.fold_all(shared, started, &events)?;
            }
            if read? < CATCH_UP_EVENTS {
                return Ok(());
            }
        }
    }

    /// Folds events under one lock: the only caller of [`HazardMap::apply`] on the live map.
    fn fold_all<E: Borrow<Event>>(&mut self, shared: &Shared, started: Instant, events: &[(u64, E)]) -> Result<()> {
        let mut map = shared.map.write().unwrap_or_else(PoisonError::into_inner);
        let from = map.position();
        let folded = events.iter().try_for_each(|(seq, event)| fold(&mut map, *seq, event.borrow()));
        let settling = Instant::now();
        map.settle();
        if map.position() != from {
            shared.measures.folded(&map, settling - started, settling.elapsed());
            self.announce.send_replace(map.position());
            tell(shared, map);
        }
        folded
    }
}

/// Position in the log of the live map.
fn position(shared: &Shared) -> u64 {
    shared.map.read().unwrap_or_else(PoisonError::into_inner).position()
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

/// May it still be waited for a database that another program holds? Not where that keeps the service from ending.
fn is_wanted(own: &Weak<Shared>, shared: &Shared) -> bool {
    lock(&shared.queue).is_some() && own.strong_count() > 1
}

/// Notes what keeps the log from being written, or the map from following it, once for each trouble.
fn note(shared: &Shared, error: Option<Error>) {
    let trouble = error.map(|e| e.to_string());
    let mut noted = lock(&shared.trouble);
    if let Some(text) = trouble.as_ref().filter(|_| *noted != trouble) {
        error!("the log cannot be followed, or written: {text}");
    }
    *noted = trouble;
}
