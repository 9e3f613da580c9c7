//! The writer: takes what waits in groups, appends each in one transaction, waits for the disk, folds it, and answers. While
//! the disk takes one group, the next is appended.

use std::borrow::Borrow;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{PoisonError, RwLockWriteGuard, Weak};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tracing::{error, warn};

use super::draft::{Ready, Refused, keep_said, take_all};
use super::replay::fold;
use super::{Answer, Listener, Shared, Submission, lock};
use crate::config::{GROUP_EVENTS, POLL};
use crate::error::{Error, Result};
use crate::hazard::admission::Admission;
use crate::hazard::event::Event;
use crate::hazard::layer::Changes;
use crate::hazard::map::HazardMap;
use crate::intake::Receipt;
use crate::store::{self, Disk, Store};

/// Events applied under one lock: readers wait no longer than these take, some milliseconds.
const CATCH_UP_EVENTS: usize = 256;

/// Events whose pages are worth writing back.
const WORTH_WRITING_BACK: usize = 256;

/// The thread that owns the database.
pub(super) struct Writer {
    pub store: Store,
    /// What is committed is on the disk once this says so.
    pub disk: Disk,
    /// Weak, so that dropping the last handle ends the thread.
    pub shared: Weak<Shared>,
    pub announce: watch::Sender<u64>,
    /// Position in the log of the last checkpoint.
    pub checkpoint: u64,
    /// The group before, while the disk is waited for.
    pub pending: Option<Pending>,
    /// Events that were appended since the write-ahead logs were last written back.
    pub not_back: usize,
}

/// A group that is in the log, but not known to be on the disk: nobody has been told of it, and the map does not show it.
pub(super) struct Pending {
    group: Vec<Submission>,
    answers: Vec<Vec<Result<Receipt>>>,
    /// When its commit began.
    since: Instant,
}

impl Pending {
    /// What is new in the log, in order, with its positions.
    fn written(&self) -> Vec<(u64, &Event)> {
        let all = self.group.iter().zip(&self.answers);
        let all = all.flat_map(|(submission, answers)| submission.drafts.iter().zip(answers));
        let written = all.filter_map(|(ready, answer)| {
            let receipt = answer.as_ref().ok().filter(|receipt| receipt.fresh)?;
            Some((receipt.seq, ready.event()))
        });
        written.collect()
    }
}

impl Writer {
    pub fn run(mut self, waiting: &Receiver<Submission>) {
        loop {
            // While the disk takes one group the next is written, if there is one.
            let patience = if self.pending.is_some() { Duration::ZERO } else { POLL };
            match waiting.recv_timeout(patience) {
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
                Err(_) if self.pending.is_some() => self.settle(),
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
        self.write_back();
    }

    /// Nobody waits just now: so the write-ahead logs of a small city do not grow for months. What cannot be written back now
    /// is safe where it is.
    fn write_back(&mut self) {
        if self.not_back < WORTH_WRITING_BACK {
            return;
        }
        self.not_back = 0;
        if let Err(error) = self.store.write_back() {
            warn!("not written back yet: {error}");
        }
    }

    /// Writes a group, each part of it in one transaction; the group before is folded and answered meanwhile.
    fn write(&mut self, mut group: Vec<Submission>) {
        let Some(shared) = self.shared.upgrade() else { return };
        lock(&shared.tempo).begin(Instant::now());
        shared.measures.waiting.dec_by(group.len() as i64);
        while !group.is_empty() {
            // What is no new report is judged by a map that shows whatever came before.
            if !group.iter().flat_map(|submission| &submission.drafts).all(is_new_report) {
                self.settle();
                lock(&shared.tempo).begin(Instant::now());
            }
            let since = Instant::now();
            match self.append(&shared, &group) {
                Ok(answers) => {
                    let rest = group.split_off(answers.len());
                    self.pending = Some(Pending { group, answers, since });
                    group = rest;
                }
                Err(error) => {
                    error!("{} submissions were not kept: {error}", group.len());
                    let answers = group.iter().map(|_| Err(error.clone())).collect();
                    answer(&shared, std::mem::take(&mut group), answers);
                    self.settle();
                    lock(&shared.tempo).rest();
                }
            }
        }
    }

    /// Writes as much of a group as one transaction takes, one submission at least; answers for each. What is written is not
    /// on the disk yet, and is to become [`Writer::pending`]; what was that before is no longer.
    fn append(&mut self, shared: &Shared, group: &[Submission]) -> Result<Vec<Vec<Result<Receipt>>>> {
        let mut held = false;
        let (mut append, mut words) = loop {
            let (append, words) = match self.store.begin() {
                Err(error) if store::is_locked(&error) && is_wanted(&self.shared, shared) => {
                    // Whoever stands in line has been let in: he is answered when it is free, and nobody else is let in.
                    note(shared, Some(error));
                    held = true;
                    // Nor is the group before to wait for others.
                    if let Some(pending) = self.pending.take() {
                        settle(shared, &self.announce, &self.disk, pending);
                    }
                    continue;
                }
                begun => begun?,
            };
            let pending = self.pending.as_ref().and_then(|pending| Some(pending.written().last()?.0));
            if append.before() == pending.unwrap_or_else(|| position(shared)) {
                break (append, words);
            }
            // What others have written comes first: the events are judged by the map as it is under our lock.
            drop((append, words));
            self.settle();
            self.catch_up(shared)?;
        };
        if held {
            note(shared, None);
        }
        let answers = {
            let map = shared.map.read().unwrap_or_else(PoisonError::into_inner);
            let mut admission = Admission::new(&map);
            let before = self.pending.iter().flat_map(Pending::written);
            before.map(|(_, event)| event).try_for_each(|event| admission.admit(event))?;
            let mut answers = Vec::with_capacity(group.len());
            for submission in group {
                // A step of the workflow is judged by a map that shows the steps before it.
                if !answers.is_empty() && !submission.drafts.iter().all(|ready| admission.knows(ready.event())) {
                    break;
                }
                let mut answered = Vec::with_capacity(submission.drafts.len());
                let drafts = &submission.drafts;
                let fresh = take_all(&mut append, &mut admission, &mut Refused::new(), drafts, &mut answered)?;
                keep_said(&mut words, drafts, &fresh)?;
                answers.push(answered);
            }
            answers
        };
        let kept = words.commit()?;
        if kept.wrote {
            self.disk.private.begin();
        }
        if let Some(pending) = self.pending.take() {
            settle(shared, &self.announce, &self.disk, pending);
        }
        if kept.wrote {
            self.disk.private.wait()?;
        }
        append.commit(kept)?;
        self.disk.public.begin();
        self.not_back += answers.iter().map(Vec::len).sum::<usize>();
        answers.iter().flatten().for_each(|answer| shared.measures.answered(answer));
        Ok(answers)
    }

    /// Waits for the disk, folds the group that is pending, and answers everybody of it.
    fn settle(&mut self) {
        let Some(pending) = self.pending.take() else { return };
        let Some(shared) = self.shared.upgrade() else { return };
        settle(&shared, &self.announce, &self.disk, pending);
        lock(&shared.tempo).rest();
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
                fold_all(shared, &self.announce, started, &events)?;
            }
            if read? < CATCH_UP_EVENTS {
                return Ok(());
            }
        }
    }
}

/// Waits until the disk has a group, folds it, and answers everybody who waits.
fn settle(shared: &Shared, announce: &watch::Sender<u64>, disk: &Disk, pending: Pending) {
    let on_disk = disk.public.wait();
    shared.measures.committed(pending.since.elapsed());
    let shown = on_disk.and_then(|()| fold_written(shared, announce, &pending));
    let Pending { group, answers, .. } = pending;
    let answers = match shown {
        Ok(()) => answers.into_iter().map(Ok).collect(),
        Err(error) => {
            let told = format!("kept, but not shown yet; a retry with the same key is harmless: {error}");
            note(shared, Some(error));
            group.iter().map(|_| Err(Error::Store(told.clone()))).collect()
        }
    };
    answer(shared, group, answers);
    lock(&shared.tempo).step(Instant::now());
}

/// Answers each of a group.
fn answer(shared: &Shared, group: Vec<Submission>, answers: Vec<Answer>) {
    let map = shared.map.read().unwrap_or_else(PoisonError::into_inner);
    for (submission, answer) in group.into_iter().zip(answers) {
        (submission.reply)(&map, answer, submission.drafts);
    }
}

/// Folds what has been appended just now, as the log has it. Whatever of it cannot be folded now is read again later.
fn fold_written(shared: &Shared, announce: &watch::Sender<u64>, pending: &Pending) -> Result<()> {
    let written = pending.written();
    if written.first().is_some_and(|(seq, _)| *seq != position(shared) + 1) {
        return Err(Error::Store("the map does not show yet what came before".into()));
    }
    written.chunks(CATCH_UP_EVENTS).try_for_each(|events| fold_all(shared, announce, Instant::now(), events))
}

/// Folds events under one lock: the only caller of [`HazardMap::apply`] on the live map.
fn fold_all<E: Borrow<Event>>(
    shared: &Shared,
    announce: &watch::Sender<u64>,
    started: Instant,
    events: &[(u64, E)],
) -> Result<()> {
    let mut map = shared.map.write().unwrap_or_else(PoisonError::into_inner);
    let from = map.position();
    let folded = events.iter().try_for_each(|(seq, event)| fold(&mut map, *seq, event.borrow()));
    let settling = Instant::now();
    map.settle();
    if map.position() != from {
        shared.measures.folded(&map, settling - started, settling.elapsed());
        announce.send_replace(map.position());
        tell(shared, map);
    }
    folded
}

/// Can it be judged by any map that does not show it?
fn is_new_report(ready: &Ready) -> bool {
    matches!(ready.event(), Event::Report(_))
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
