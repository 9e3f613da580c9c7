//! What was said with reports and with steps of the workflow: read from the private file when somebody who may asks for it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Live, lock};
use crate::error::Result;
use crate::hazard::workflow::NoteId;
use crate::store::{Links, Said, Store};

impl Live {
    /// What was said with steps of the workflow, each by the id of its note; blocks. What was erased is left out.
    ///
    /// # Errors
    /// `Store` when the private file cannot be read.
    pub fn notes(&self, ids: impl IntoIterator<Item = NoteId>) -> Result<Vec<(NoteId, String)>> {
        self.shared.notes.read(ids)
    }

    /// What was said with reports, each by its id; blocks. Those with which nothing was are left out.
    ///
    /// # Errors
    /// `Store` when the private file cannot be read.
    pub fn said(&self, reports: &[String]) -> Result<Vec<(String, Said)>> {
        self.shared.notes.said(reports)
    }

    /// What makes and opens the links by which reporters follow their reports.
    pub fn links(&self) -> Links {
        self.shared.sealer.links()
    }
}

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
        let found = self.all(ids.into_iter().map(|id| (id, id.to_string())))?;
        Ok(found.into_iter().filter_map(|(id, said)| Some((id, said.text?))).collect())
    }

    /// What was said with reports, where something was.
    pub fn said(&self, reports: &[String]) -> Result<Vec<(String, Said)>> {
        self.all(reports.iter().map(|id| (id.clone(), id.clone())))
    }

    /// Each with the name it has in the private file.
    fn all<K>(&self, named: impl Iterator<Item = (K, String)>) -> Result<Vec<(K, Said)>> {
        let mut named = named.peekable();
        let mut found = Vec::new();
        if named.peek().is_none() {
            return Ok(found);
        }
        let mut opened = lock(&self.store);
        let store = match &mut *opened {
            Some(store) => store,
            none => none.insert(Store::open_existing(&self.data)?),
        };
        for (key, name) in named {
            found.extend(store.said(&name)?.map(|said| (key, said)));
        }
        Ok(found)
    }
}
