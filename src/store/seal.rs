//! Events made ready for the log, away from the thread that writes it.

use super::{Digest, Links, Store, first_half};
use crate::error::{Error, Result};
use crate::hazard::event::Event;

/// Makes events ready to be appended to one database; any thread may have one.
#[derive(Clone)]
pub struct Sealer {
    secret: [u8; 32],
    links: Links,
}

/// An event as the log keeps it.
#[derive(Debug)]
pub struct Sealed {
    pub(super) event: String,
    pub(super) key: Option<SealedKey>,
}

/// What stands in the public file for a key and for what was sent with it.
#[derive(Debug)]
pub(super) struct SealedKey {
    pub name: Digest,
    pub content: Digest,
}

impl Sealer {
    pub(super) fn new(secret: [u8; 32]) -> Sealer {
        Sealer { secret, links: Links::of(&secret) }
    }

    /// Makes an event ready, with the name and content of the key that makes a retry of it harmless.
    ///
    /// # Errors
    /// `Store` for an event that cannot be written.
    pub fn seal(&self, event: &Event, key: Option<(&str, &str)>) -> Result<Sealed> {
        let unwritable = |e| Error::Store(format!("an event cannot be written: {e}"));
        let key = key.map(|(name, content)| SealedKey { name: self.hash(name), content: self.hash(content) });
        let written = serde_json::to_string(event).map_err(unwritable)?;
        // What is folded now is what a later start reads.
        debug_assert_eq!(super::decode(0, &written).as_ref(), Ok(event));
        Ok(Sealed { event: written, key })
    }

    /// What makes the links by which reporters follow their reports.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// A keyed hash (BLAKE3).
    fn hash(&self, text: &str) -> Digest {
        first_half(blake3::keyed_hash(&self.secret, text.as_bytes()))
    }
}

impl Store {
    /// What makes events ready for this database.
    pub fn sealer(&self) -> Sealer {
        self.sealer.clone()
    }
}
