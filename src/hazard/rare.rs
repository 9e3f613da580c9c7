//! What is true of few rows of a table: kept beside it, so that it takes no room in each.

use hashbrown::HashMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::checkpoint::{Loader, Saver};
use crate::error::Result;

/// A value for some of the rows, by index.
#[derive(Debug)]
pub struct Rare<T>(HashMap<u32, T>);

impl<T> Default for Rare<T> {
    fn default() -> Rare<T> {
        Rare(HashMap::new())
    }
}

impl<T: Copy + Ord + Serialize + DeserializeOwned> Rare<T> {
    pub fn get(&self, row: usize) -> Option<T> {
        self.0.get(&(row as u32)).copied()
    }

    pub fn set(&mut self, row: usize, value: T) {
        self.0.insert(row as u32, value);
    }

    /// Writes them down in order, so that the same table is always written the same.
    pub(super) fn save(&self, to: &mut Saver) -> Result<()> {
        let mut rows: Vec<(u32, T)> = self.0.iter().map(|(&row, &value)| (row, value)).collect();
        rows.sort_unstable();
        to.rows(&rows)
    }

    pub(super) fn load(from: &mut Loader) -> Result<Rare<T>> {
        Ok(Rare(from.rows()?.into_iter().collect()))
    }
}
