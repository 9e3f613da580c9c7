//! The outbox: how much lies in it, and for how long. Each call blocks.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Live, lock};
use crate::error::Result;
use crate::store::Store;

impl Live {
    /// Deletes the messages to reporters, sent or not, of steps that were taken before a time (unix seconds); returns how
    /// many. Nothing else is lost: what was done with a case stands in the log.
    ///
    /// # Errors
    /// `Busy` when another process holds the private file for too long; `Store` when it cannot be read or written.
    pub fn forget_messages_before(&self, time: i64) -> Result<usize> {
        let forgotten = self.shared.outbox.with(|store| store.forget_outbox_before(time))?;
        self.shared.measures.messages_forgotten.inc_by(forgotten as u64);
        Ok(forgotten)
    }

    /// Notes for whoever watches over the service how many messages there are, and how old the oldest is; `now` in unix
    /// seconds.
    ///
    /// # Errors
    /// `Store` when the private file cannot be read.
    pub fn measure_messages(&self, now: i64) -> Result<()> {
        let size = self.shared.outbox.with(|store| store.outbox_size())?;
        self.shared.measures.messages(size, now);
        Ok(())
    }
}

/// A connection of its own, opened when it is needed first: to delete much takes a while, and nobody else waits for it.
pub struct Outbox {
    data: PathBuf,
    store: Mutex<Option<Store>>,
}

impl Outbox {
    pub(super) fn new(data: &Path) -> Outbox {
        Outbox { data: data.to_owned(), store: Mutex::new(None) }
    }

    fn with<T>(&self, ask: impl FnOnce(&mut Store) -> Result<T>) -> Result<T> {
        let mut opened = lock(&self.store);
        ask(match &mut *opened {
            Some(store) => store,
            none => none.insert(Store::open_existing(&self.data)?),
        })
    }
}
