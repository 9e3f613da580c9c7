//! The log read into a new map: from its last checkpoint, else from its beginning.

use std::path::Path;
use std::sync::PoisonError;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Instant;

use tracing::{info, warn};

use super::Shared;
use super::writer::Writer;
use crate::config::CHECKPOINT_AFTER;
use crate::error::{Error, Result};
use crate::hazard::event::Event;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::store::Store;

/// Events handed over at once while replaying, and such groups that may wait.
const REPLAY_EVENTS: usize = 4_096;
const REPLAY_AHEAD: usize = 4;

impl Writer {
    /// The whole log at the start: nobody looks yet, so it is settled once.
    pub(super) fn replay(&mut self, shared: &Shared, settings: &Settings) -> Result<()> {
        let started = Instant::now();
        let (mut map, from) = replay(&mut self.store, settings)?;
        map.settle();
        let position = map.position();
        let took = started.elapsed();
        info!(
            log.position = position,
            "the log of {position} events was folded in {took:.1?}, from its entry {from} on"
        );
        self.checkpoint = keep(&self.store, &map, from);
        shared.measures.sizes(&map);
        *shared.map.write().unwrap_or_else(PoisonError::into_inner) = map;
        self.announce.send_replace(position);
        Ok(())
    }

    /// Leaves a checkpoint for the next start.
    pub(super) fn keep(&mut self) {
        let Some(shared) = self.shared.upgrade() else { return };
        let map = shared.map.read().unwrap_or_else(PoisonError::into_inner);
        self.checkpoint = keep(&self.store, &map, self.checkpoint);
    }
}

/// The map of the log in a folder under some settings without a time of their own, for a command that only looks: nothing is
/// written, and a service may go on meanwhile.
///
/// # Errors
/// `NotFound` where there is no database; `Store` when its log cannot be read or folded.
pub fn read_map(data: &Path, settings: &Settings) -> Result<HazardMap> {
    let (mut map, _) = replay(&mut Store::open_existing(data)?, settings)?;
    map.settle();
    Ok(map)
}

/// Opens the database in a folder, and says when its rule has changed.
pub(super) fn open_store(data: &Path, settings: &Settings) -> Result<Store> {
    let mut store = Store::open(data)?;
    if let Some(before) = store.put_rule(&settings.in_force())? {
        let rule = settings.in_force();
        let changes: Vec<_> = rule.lines().filter(|line| !before.lines().any(|b| b == *line)).collect();
        warn!("the rule is another than at the last start ({}): everything is built anew", changes.join(", "));
    }
    Ok(store)
}

/// The map at the end of the log, unsettled, and the position of the checkpoint that it was made from; 0 without one.
pub(super) fn replay(store: &mut Store, settings: &Settings) -> Result<(HazardMap, u64)> {
    let mut map = restored(store, settings).unwrap_or_else(|| HazardMap::new(settings.clone()));
    let from = map.position();
    read_into(store, &mut map)?;
    Ok((map, from))
}

/// The map of the checkpoint, where there is one of this log under this rule. Any other is of no use, and does no harm.
fn restored(store: &Store, settings: &Settings) -> Option<HazardMap> {
    let restored = store.checkpoint().transpose()?.and_then(|mut checkpoint| {
        let map = HazardMap::restore(settings.clone(), &mut || checkpoint.block(), |seq| store.event(seq))?;
        if map.position() != checkpoint.position {
            return Err(Error::Store("its parts do not fit together".into()));
        }
        Ok(map)
    });
    restored.inspect_err(|e| info!("the checkpoint is not used ({e}): the log is folded from its beginning")).ok()
}

/// Writes a settled map down for the next start, where the log has grown enough since the last time; returns the position
/// of the checkpoint there is now. One that cannot be written costs time at the next start, and nothing else.
fn keep(store: &Store, map: &HazardMap, before: u64) -> u64 {
    let position = map.position();
    if position < before + CHECKPOINT_AFTER {
        return before;
    }
    match store.put_checkpoint(position, |put| map.save(put)) {
        Ok(()) => position,
        Err(e) => {
            warn!("no checkpoint could be written: {e}");
            before
        }
    }
}

/// Folds the rest of the log into a map, unsettled: one thread reads while this one folds.
fn read_into(store: &mut Store, map: &mut HazardMap) -> Result<()> {
    let after = map.position();
    map.expect(usize::try_from(store.last()?.saturating_sub(after)).unwrap_or(0));
    std::thread::scope(|scope| {
        let (send, events) = sync_channel(REPLAY_AHEAD);
        let reader = scope.spawn(move || read_all(store, after, &send));
        for group in events {
            group.iter().try_for_each(|(seq, event)| fold(map, *seq, event))?;
        }
        reader.join().unwrap_or_else(|_| Err(Error::Store("the log could not be read".into())))
    })
}

/// Reads the log in groups; ends early when nobody takes them any more.
fn read_all(store: &Store, mut after: u64, send: &SyncSender<Vec<(u64, Event)>>) -> Result<()> {
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
pub(super) fn fold(map: &mut HazardMap, seq: u64, event: &Event) -> Result<()> {
    map.admit(event).map_err(|e| Error::Store(format!("log entry {seq} does not fit those before: {e}")))?;
    map.apply(seq, event);
    Ok(())
}
