//! Strings that many rows share, each kept once.

use hashbrown::DefaultHashBuilder;
use indexmap::IndexSet;

use super::checkpoint::{Loader, Saver};
use super::slot::Slot;
use crate::error::Result;

/// Strings by their slots.
#[derive(Debug, Default)]
pub(super) struct Words {
    texts: IndexSet<Box<str>, DefaultHashBuilder>,
}

impl Words {
    pub(super) fn save(&self, to: &mut Saver) -> Result<()> {
        to.texts(self.texts.len(), |i| &self.texts[i])
    }

    pub(super) fn load(from: &mut Loader) -> Result<Words> {
        let mut words = Words::default();
        from.texts(|text| {
            words.intern(text);
        })?;
        Ok(words)
    }

    pub(super) fn get(&self, slot: Slot) -> &str {
        &self.texts[slot.index()]
    }

    pub(super) fn intern(&mut self, text: &str) -> Slot {
        let known = self.texts.get_index_of(text);
        Slot::new(known.unwrap_or_else(|| self.texts.insert_full(text.into()).0))
    }
}
