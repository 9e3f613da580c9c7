//! The inbox: what was sent and is no report yet. Each call blocks.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Live, lock};
use crate::error::{Error, Result};
use crate::store::Inbox;

impl Live {
    /// The inbox; each call blocks.
    pub fn inbox(&self) -> &Mailbox {
        &self.shared.mailbox
    }
}

/// A connection of its own, opened when the inbox is asked for first.
pub struct Mailbox {
    data: PathBuf,
    inbox: Mutex<Option<Inbox>>,
    /// The entries that somebody decides about at this moment: in memory, so that none is locked by one who was stopped.
    decided: Arc<Mutex<HashSet<String>>>,
}

/// Somebody decides about an entry, and nobody else until this is dropped.
#[must_use]
pub struct Claim {
    decided: Arc<Mutex<HashSet<String>>>,
    entry: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&self.decided).remove(&self.entry);
    }
}

impl Mailbox {
    pub(super) fn new(data: &Path) -> Mailbox {
        Mailbox { data: data.to_owned(), inbox: Mutex::new(None), decided: Arc::default() }
    }

    /// Takes the decision about the entry of an id; ask afterwards whether it still waits.
    ///
    /// # Errors
    /// `Conflict` while somebody else has it.
    pub fn claim(&self, entry: &str) -> Result<Claim> {
        if !lock(&self.decided).insert(entry.to_owned()) {
            return Err(Error::Conflict("somebody else decides about it at this moment".into()));
        }
        Ok(Claim { decided: self.decided.clone(), entry: entry.to_owned() })
    }

    /// Asks the inbox.
    ///
    /// # Errors
    /// As what is asked; `Store` when it cannot be opened.
    pub fn with<T>(&self, ask: impl FnOnce(&mut Inbox) -> Result<T>) -> Result<T> {
        let mut opened = lock(&self.inbox);
        ask(match &mut *opened {
            Some(inbox) => inbox,
            none => none.insert(Inbox::open(&self.data)?),
        })
    }
}
