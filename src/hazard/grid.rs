//! Hash grids over earth-centred space: which items lie near a spot, in constant time, at any latitude.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use smallvec::SmallVec;

use super::position::{Ecef, half_up, radius2_cm2};

/// Cubes of one size, which is a power of two in centimetres: which holds a spot is told by shifting. A layer (a category, a
/// stretch of time) keeps items of one kind apart.
#[derive(Debug, Clone, Copy)]
struct Cubes {
    bits: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Cube {
    layer: i64,
    x: i32,
    y: i32,
    z: i32,
}

impl Cubes {
    /// As large as a size or larger, by less than twice.
    fn of_at_least(size_m: f64) -> Cubes {
        Cubes { bits: (half_up(size_m * 100.0) as u64).max(1).next_power_of_two().trailing_zeros() }
    }

    fn along(self, cm: i64) -> i32 {
        (cm >> self.bits) as i32
    }

    fn of(self, layer: i64, at: Ecef) -> Cube {
        let along = |v: i32| self.along(i64::from(v));
        Cube { layer, x: along(at.x), y: along(at.y), z: along(at.z) }
    }

    /// Visits the cubes that a ball touches, and perhaps a few at its corners.
    fn touched(self, layer: i64, at: Ecef, radius_m: f64, mut visit: impl FnMut(Cube)) {
        let r = half_up(radius_m * 100.0) as i64;
        let range = |v: i32| self.along(i64::from(v) - r)..=self.along(i64::from(v) + r);
        for x in range(at.x) {
            for y in range(at.y) {
                for z in range(at.z) {
                    visit(Cube { layer, x, y, z });
                }
            }
        }
    }
}

/// Items with their positions, for many searches where much lies close together.
#[derive(Clone, Debug)]
pub struct Grid {
    cubes: Cubes,
    cells: HashMap<Cube, SmallVec<[(Ecef, u32); 1]>>,
}

impl Grid {
    /// A grid for searches up to about `radius_m`: a search then looks into at most eight cubes.
    pub fn new(radius_m: f64) -> Grid {
        Grid { cubes: Cubes::of_at_least(2.0 * radius_m), cells: HashMap::new() }
    }

    pub fn insert(&mut self, layer: i64, at: Ecef, item: u32) {
        self.cells.entry(self.cubes.of(layer, at)).or_default().push((at, item));
    }

    /// Takes an item out again.
    pub fn remove(&mut self, layer: i64, at: Ecef, item: u32) {
        if let Some(items) = self.cells.get_mut(&self.cubes.of(layer, at)) {
            items.retain(|(_, i)| *i != item);
        }
    }

    /// Visits every item of the layer at most `radius_m` from `at`, with its squared distance in cm².
    pub fn within(&self, layer: i64, at: Ecef, radius_m: f64, mut visit: impl FnMut(u32, i64)) {
        let limit = radius2_cm2(radius_m);
        self.cubes.touched(layer, at, radius_m, |cube| {
            let Some(items) = self.cells.get(&cube) else { return };
            for &(place, item) in items {
                let d = place.distance2_cm2(at);
                if d <= limit {
                    visit(item, d);
                }
            }
        });
    }
}

/// Items by cube in nine bytes each, for few searches among very many: a search meets every item within its radius and
/// some others, some twice. The caller measures.
///
/// Each layer has a table of its own: searches that follow each other mostly look into the same few, which stay in the
/// processor's cache.
#[derive(Debug)]
pub struct SparseGrid {
    cubes: Cubes,
    layers: HashMap<i64, HashTable<(u32, u32)>>,
    hasher: DefaultHashBuilder,
}

impl SparseGrid {
    /// A grid of cubes of `size_m`.
    pub fn new(size_m: f64) -> SparseGrid {
        SparseGrid { cubes: Cubes::of_at_least(size_m), layers: HashMap::new(), hasher: DefaultHashBuilder::default() }
    }

    /// The hash of a cube, short enough to be kept with each item, so that the table grows without asking where it lies.
    fn hash(&self, cube: Cube) -> u32 {
        self.hasher.hash_one(cube) as u32
    }

    pub fn insert(&mut self, layer: i64, at: Ecef, item: u32) {
        let hash = self.hash(self.cubes.of(layer, at));
        let items = self.layers.entry(layer).or_default();
        items.insert_unique(spread(hash), (hash, item), |&(hash, _)| spread(hash));
    }

    /// Takes an item out again.
    pub fn remove(&mut self, layer: i64, at: Ecef, item: u32) {
        let hash = self.hash(self.cubes.of(layer, at));
        let Some(items) = self.layers.get_mut(&layer) else { return };
        if let Ok(entry) = items.find_entry(spread(hash), |&(_, i)| i == item) {
            entry.remove();
        }
        if items.is_empty() {
            self.layers.remove(&layer);
        }
    }

    /// Visits every item of the layer at most `radius_m` from `at`, and some others.
    pub fn near(&self, layer: i64, at: Ecef, radius_m: f64, mut visit: impl FnMut(u32)) {
        let Some(items) = self.layers.get(&layer) else { return };
        self.cubes.touched(layer, at, radius_m, |cube| {
            let hash = self.hash(cube);
            items.iter_hash(spread(hash)).filter(|(h, _)| *h == hash).for_each(|&(_, item)| visit(item));
        });
    }

    /// How many items it holds.
    pub fn len(&self) -> usize {
        self.layers.values().map(HashTable::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }
}

/// The table wants 64 bits with the highest and the lowest well mixed (Knuth's multiplicative hashing).
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
