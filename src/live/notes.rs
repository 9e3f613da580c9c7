//! What was said with steps of the workflow: read from the private file when somebody who may asks for it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Live, lock};
use crate::error::Result;
use crate::hazard::workflow::NoteId;
use crate::store::Store;

/// A connection of its own, opened when the first note is asked for.
pub struct Notes {
    data: PathBuf,
    store: Mutex<Option<Store>>,
}

impl Notes {
    pub fn new(data: &Path) -> Notes {
        Notes { data: data.to_owned(), store: Mutex::new(None) }
    }

    /// Those that are there.
    pub fn read(&self, ids: impl IntoIterator<Item = NoteId>) -> Result<Vec<(NoteId, String)>> {
        let mut ids = ids.into_iter().peekable();
        let mut notes = Vec::new();
        if ids.peek().is_none() {
            return Ok(notes);
        }
        let mut opened = lock(&self.store);
        let store = match &mut *opened {
            Some(store) => store,
            none => none.insert(Store::open_existing(&self.data)?),
        };
        for id in ids {
            let said = store.said(&id.to_string())?;
            notes.extend(said.and_then(|said| said.text).map(|text| (id, text)));
        }
        Ok(notes)
    }
}

impl Live {
    /// What was said with steps of the workflow, each by the id of its note; blocks. What was erased is left out.
    ///
    /// # Errors
    /// `Store` when the private file cannot be read.
    pub fn notes(&self, ids: impl IntoIterator<Item = NoteId>) -> Result<Vec<(NoteId, String)>> {
        self.shared.notes.read(ids)
    }
}
