//! Hash grids over earth-centred space: which items lie near a spot, in constant time, at any latitude.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use smallvec::SmallVec;

use super::position::{Ecef, half_up, radius2_cm2};

/// Cubes of one size. A layer (a category, a stretch of time) keeps items of one kind apart.
#[derive(Debug, Clone, Copy)]
struct Cubes {
    size_cm: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Cube {
    layer: i64,
    x: i32,
    y: i32,
    z: i32,
}

impl Cubes {
    fn new(size_m: f64) -> Cubes {
        Cubes { size_cm: (half_up(size_m * 100.0) as i64).max(1) }
    }

    fn along(self, cm: i64) -> i32 {
        cm.div_euclid(self.size_cm) as i32
    }

    fn of(self, layer: i64, at: Ecef) -> Cube {
        let along = |v: i32| self.along(i64::from(v));
        Cube { layer, x: along(at.x), y: along(at.y), z: along(at.z) }
    }

    /// The cubes that a ball touches, and perhaps a few at its corners.
    fn touched(self, layer: i64, at: Ecef, radius_m: f64) -> impl Iterator<Item = Cube> {
        let r = half_up(radius_m * 100.0) as i64;
        let range = move |v: i32| self.along(i64::from(v) - r)..=self.along(i64::from(v) + r);
        range(at.x).flat_map(move |x| range(at.y).flat_map(move |y| range(at.z).map(move |z| Cube { layer, x, y, z })))
    }
}

/// Items with their positions, for many searches where much lies close together.
#[derive(Debug)]
pub struct Grid {
    cubes: Cubes,
    cells: HashMap<Cube, SmallVec<[(Ecef, u32); 1]>>,
}

impl Grid {
    /// A grid for searches up to about `radius_m`: a search then looks into at most 27 cubes, 8 for half of it.
    pub fn new(radius_m: f64) -> Grid {
        Grid { cubes: Cubes::new(radius_m), cells: HashMap::new() }
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
        for cube in self.cubes.touched(layer, at, radius_m) {
            for (place, item) in self.cells.get(&cube).into_iter().flatten() {
                let d = place.distance2_cm2(at);
                if d <= limit {
                    visit(*item, d);
                }
            }
        }
    }
}

/// Items by cube in five bytes each, for few searches among very many: a search meets every item within its radius and
/// some others, some twice. The caller measures.
#[derive(Debug)]
pub struct SparseGrid {
    cubes: Cubes,
    items: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl SparseGrid {
    /// As [`Grid::new`].
    pub fn new(radius_m: f64) -> SparseGrid {
        SparseGrid { cubes: Cubes::new(radius_m), items: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }

    /// Adds an item; `home` tells where any item was put, for when the table grows.
    pub fn insert(&mut self, item: u32, home: impl Fn(u32) -> (i64, Ecef)) {
        let hash = |&item: &u32| {
            let (layer, at) = home(item);
            self.hasher.hash_one(self.cubes.of(layer, at))
        };
        self.items.insert_unique(hash(&item), item, hash);
    }

    /// Takes an item out again; returns whether it was there.
    pub fn remove(&mut self, layer: i64, at: Ecef, item: u32) -> bool {
        let hash = self.hasher.hash_one(self.cubes.of(layer, at));
        self.items.find_entry(hash, |&i| i == item).map(|entry| entry.remove()).is_ok()
    }

    /// Visits every item of the layer at most `radius_m` from `at`, and some others.
    pub fn near(&self, layer: i64, at: Ecef, radius_m: f64, mut visit: impl FnMut(u32)) {
        for cube in self.cubes.touched(layer, at, radius_m) {
            self.items.iter_hash(self.hasher.hash_one(cube)).for_each(|&item| visit(item));
        }
    }

    /// How many items it holds.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
