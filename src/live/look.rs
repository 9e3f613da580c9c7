//! Looking at the live map.

use std::sync::{PoisonError, TryLockError};

use super::Live;
use crate::hazard::map::HazardMap;

impl Live {
    /// Stands for the log among all that there are, put back ones too.
    pub fn identity(&self) -> &str {
        &self.shared.identity
    }

    /// Looks at the map as it stands, between two groups of events. Keep it short: the writer waits.
    pub fn read<T>(&self, look: impl FnOnce(&HazardMap) -> T) -> T {
        look(&self.shared.map.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// As [`Live::read`] if that needs no waiting; else hands `look` back.
    pub fn read_at_once<T, F: FnOnce(&HazardMap) -> T>(&self, look: F) -> Result<T, F> {
        match self.shared.map.try_read() {
            Ok(map) => Ok(look(&map)),
            Err(TryLockError::Poisoned(map)) => Ok(look(&map.into_inner())),
            Err(TryLockError::WouldBlock) => Err(look),
        }
    }
}
