//! What was said with reports and with steps of the workflow: read from the private file when somebody who may asks for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Live, lock};
use crate::error::Result;
use crate::hazard::workflow::NoteId;
use crate::store::{Links, Said, Store};

impl Live {
    /// What was said with steps of the workflow, by the ids of their notes; blocks. What was erased is left out.
    ///
    /// # Errors
    /// `Store` when the private file cannot be read.
    pub fn notes(&self, ids: &[NoteId]) -> Result<HashMap<NoteId, String>> {
        let names: Vec<String> = ids.iter().map(NoteId::to_string).collect();
        let mut said = self.said(&names)?;
        let text = |(id, name): (&NoteId, &String)| Some((*id, said.remove(name)?.text?));
        Ok(ids.iter().zip(&names).filter_map(text).collect())
    }

    /// What was said with reports, by their ids; blocks. Those with which nothing was are left out.
    ///
    /// # Errors
    /// `Store` when the private file cannot be read.
    pub fn said(&self, reports: &[String]) -> Result<HashMap<String, Said>> {
        self.shared.notes.said(reports)
    }

    /// What the senders of reports say of themselves, as JSON, by the ids of the reports; blocks.
    ///
    /// # Errors
    /// `Store` when the private file cannot be read.
    pub fn senders(&self, reports: &[String]) -> Result<HashMap<String, String>> {
        self.shared.notes.with(|store| store.senders(reports))
    }

    /// The reports that a phone ([`Links::device`]) has sent within the last minutes, the newest first; `now` in unix seconds;
    /// blocks.
    ///
    /// # Errors
    /// `Store` when the private file cannot be read.
    pub fn reports_of_device(&self, device: &str, now: i64) -> Result<Vec<String>> {
        self.shared.notes.with(|store| store.reports_of_device(device, now))
    }

    /// What makes and opens the links by which reporters follow their reports.
    pub fn links(&self) -> &Links {
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

    /// What was said under these names of the private file, where something was.
    fn said(&self, names: &[String]) -> Result<HashMap<String, Said>> {
        if names.is_empty() {
            return Ok(HashMap::new());
        }
        self.with(|store| store.all_said(names))
    }

    fn with<T>(&self, look: impl FnOnce(&Store) -> Result<T>) -> Result<T> {
        let mut opened = lock(&self.store);
        let store = match &mut *opened {
            Some(store) => store,
            none => none.insert(Store::open_existing(&self.data)?),
        };
        look(store)
    }
}
