//! The inbox: what was sent and is no report yet. Each call blocks.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Live, lock};
use crate::error::Result;
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
}

impl Mailbox {
    pub(super) fn new(data: &Path) -> Mailbox {
        Mailbox { data: data.to_owned(), inbox: Mutex::new(None) }
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
