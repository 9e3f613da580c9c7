//! A hash grid over earth-centred space: which items lie near a spot, in constant time, at any latitude.

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::position::{Ecef, half_up};

/// Cubes of one size, each with its items. A layer (a category, a stretch of time) keeps items of one kind apart.
#[derive(Debug)]
pub struct Grid {
    size_cm: i64,
    cells: HashMap<Key, SmallVec<[u32; 4]>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    layer: i64,
    x: i32,
    y: i32,
    z: i32,
}

impl Grid {
    /// A grid for searches up to about `radius_m`: a search then looks into at most 27 cubes, 8 for half of it.
    pub fn new(radius_m: f64) -> Grid {
        Grid { size_cm: (half_up(radius_m * 100.0) as i64).max(1), cells: HashMap::new() }
    }

    pub fn insert(&mut self, layer: i64, at: Ecef, item: u32) {
        let key = self.key(layer, at);
        self.cells.entry(key).or_default().push(item);
    }

    /// Takes an item out again; returns whether it was there.
    pub fn remove(&mut self, layer: i64, at: Ecef, item: u32) -> bool {
        let key = self.key(layer, at);
        let Some(items) = self.cells.get_mut(&key) else { return false };
        let Some(i) = items.iter().position(|&v| v == item) else { return false };
        items.swap_remove(i);
        if items.is_empty() {
            self.cells.remove(&key);
        }
        true
    }

    /// Visits every item of the layer within `radius_m` of `at`, and some beyond: the caller measures.
    pub fn near(&self, layer: i64, at: Ecef, radius_m: f64, mut visit: impl FnMut(u32)) {
        let r = half_up(radius_m * 100.0) as i64;
        let range = |v: i32| self.cell(i64::from(v) - r)..=self.cell(i64::from(v) + r);
        for x in range(at.x) {
            for y in range(at.y) {
                for z in range(at.z) {
                    if let Some(items) = self.cells.get(&Key { layer, x, y, z }) {
                        items.iter().for_each(|&item| visit(item));
                    }
                }
            }
        }
    }

    /// How many items it holds.
    pub fn len(&self) -> usize {
        self.cells.values().map(|items| items.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    fn cell(&self, cm: i64) -> i32 {
        cm.div_euclid(self.size_cm) as i32
    }

    fn key(&self, layer: i64, at: Ecef) -> Key {
        let cell = |v: i32| self.cell(i64::from(v));
        Key { layer, x: cell(at.x), y: cell(at.y), z: cell(at.z) }
    }
}
