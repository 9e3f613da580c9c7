//! The log read from its beginning into a new map.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use tracing::warn;

use crate::error::{Error, Result};
use crate::hazard::event::Event;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::store::Store;

/// Events handed over at once while replaying, and such groups that may wait.
const REPLAY_EVENTS: usize = 4_096;
const REPLAY_AHEAD: usize = 4;

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

/// Folds the whole log into a new map, unsettled: one thread reads while this one folds.
pub(super) fn read_into(store: &mut Store, map: &mut HazardMap) -> Result<()> {
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

/// Applies an event of the log, which no correct writer could have put there if the map refuses it.
pub(super) fn fold(map: &mut HazardMap, seq: u64, event: &Event) -> Result<()> {
    map.admit(event).map_err(|e| Error::Store(format!("log entry {seq} does not fit those before: {e}")))?;
    map.apply(seq, event);
    Ok(())
}
