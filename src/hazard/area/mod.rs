//! Areas of responsibility: which of them holds a position. Every position is answered: on a border, in a gap, outside.
//!
//! A position belongs to the finest area that holds it. On a border it belongs to the area with the smallest id of those
//! that meet there, unless it lies inside one of the same level. What lies outside all of them belongs to the nearest, if
//! that is at most [`REACH_M`] away: quays and bridges are seldom drawn in.

mod admit;
mod member;
mod part;

use hashbrown::HashMap;
use rstar::{AABB, RTree, RTreeObject};

use super::event::Area;
use super::position::Position;
use super::vicinity::boxes;
use part::{Part, Side};

pub use admit::admit;

/// So far outside an area a position still belongs to it, where it lies in none.
pub const REACH_M: f64 = 200.0;
/// The search for the nearest area looks so many times as far each time.
const FURTHER: f64 = 4.0;
/// Nothing on the Earth is further away, with some room.
const FURTHEST_M: f64 = 2.1e7;

/// Every area, with an index of the boxes of their polygons.
#[derive(Debug, Default)]
pub struct Areas {
    /// In the order of their ids.
    all: Vec<Area>,
    by_id: HashMap<String, usize>,
    parents: Vec<Option<usize>>,
    parts: Vec<Part>,
    tree: RTree<Leaf>,
}

/// Where a position lies among the areas, each by its index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Located {
    Inside(usize),
    /// On its border, and in no other of its level.
    Border(usize),
    /// In none, and belongs to the nearest.
    Near {
        area: usize,
        distance_m: f64,
    },
    /// In none, and belongs to none.
    Outside {
        nearest: usize,
        distance_m: f64,
    },
    /// There are no areas.
    Nowhere,
}

impl Located {
    /// The area that the position belongs to.
    pub fn area(self) -> Option<usize> {
        match self {
            Located::Inside(area) | Located::Border(area) | Located::Near { area, .. } => Some(area),
            Located::Outside { .. } | Located::Nowhere => None,
        }
    }
}

/// A polygon in the index, in its box of degrees.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    low: [f64; 2],
    high: [f64; 2],
    part: u32,
}

impl RTreeObject for Leaf {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> AABB<[f64; 2]> {
        AABB::from_corners(self.low, self.high)
    }
}

impl Areas {
    /// A set of areas that [`admit`] has taken.
    pub fn new(areas: &[Area]) -> Areas {
        let mut all = areas.to_vec();
        all.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let by_id: HashMap<String, usize> = all.iter().enumerate().map(|(n, area)| (area.id.clone(), n)).collect();
        let parents = all.iter().map(|area| by_id.get(area.parent.as_ref()?).copied()).collect();
        let parts = all.iter().enumerate();
        let parts: Vec<Part> =
            parts.flat_map(|(n, area)| area.polygons.iter().map(move |rings| Part::new(n, rings))).collect();
        let leaf = |(n, part): (usize, &Part)| {
            let [low, high] = part.corners();
            Leaf { low, high, part: n as u32 }
        };
        let tree = RTree::bulk_load(parts.iter().enumerate().map(leaf).collect());
        Areas { all, by_id, parents, parts, tree }
    }

    /// In the order of their ids.
    pub fn all(&self) -> &[Area] {
        &self.all
    }

    /// The index of the area of an id.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub fn parent(&self, area: usize) -> Option<usize> {
        self.parents[area]
    }

    /// An area and those that it is part of, the finest first.
    pub fn path(&self, area: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(area), |&area| self.parents[area])
    }

    /// The ids of the areas that a position belongs to, from the finest to the city; empty where it belongs to none.
    pub fn holding(&self, at: Position) -> Vec<&str> {
        self.area_of(at).into_iter().flat_map(|area| self.path(area)).map(|area| &*self.all[area].id).collect()
    }

    /// Of every area: is it one of these, or a part of one?
    pub fn within(&self, ids: &[String]) -> Vec<bool> {
        let wanted: Vec<bool> = self.all.iter().map(|area| ids.contains(&area.id)).collect();
        (0..self.all.len()).map(|area| self.path(area).any(|above| wanted[above])).collect()
    }

    /// Lies a position in an area, or on its border?
    pub fn holds(&self, area: usize, at: Position) -> bool {
        let leaves = self.tree.locate_in_envelope_intersecting(AABB::from_point([at.lon(), at.lat()]));
        let mut parts = leaves.map(|leaf| &self.parts[leaf.part as usize]).filter(|part| part.area == area);
        parts.any(|part| part.side(at) != Side::Outside)
    }

    /// The finest area that a position belongs to.
    pub fn area_of(&self, at: Position) -> Option<usize> {
        let held = self.holder(at).or_else(|| self.nearest(at, REACH_M).map(|(_, area)| (area, Side::Border)));
        held.map(|(area, _)| area)
    }

    /// Where a position lies, however far outside.
    pub fn locate(&self, at: Position) -> Located {
        match self.holder(at) {
            Some((area, Side::Inside)) => return Located::Inside(area),
            Some((area, _)) => return Located::Border(area),
            None => {}
        }
        let mut reach_m = REACH_M;
        while !self.all.is_empty() && reach_m < FURTHEST_M * FURTHER {
            if let Some((distance_cm, area)) = self.nearest(at, reach_m) {
                let distance_m = distance_cm as f64 / 100.0;
                return match distance_m <= REACH_M {
                    true => Located::Near { area, distance_m },
                    false => Located::Outside { nearest: area, distance_m },
                };
            }
            reach_m *= FURTHER;
        }
        Located::Nowhere
    }

    /// The area whose polygon holds a position: of the finest, one it lies inside of, or the one with the smallest id.
    fn holder(&self, at: Position) -> Option<(usize, Side)> {
        let point = AABB::from_point([at.lon(), at.lat()]);
        let leaves = self.tree.locate_in_envelope_intersecting(point);
        let mut parts: Vec<&Part> = leaves.map(|leaf| &self.parts[leaf.part as usize]).collect();
        // The index of an area is the place of its id.
        parts.sort_unstable_by_key(|part| (std::cmp::Reverse(self.all[part.area].level), part.area));
        let mut held: Option<(usize, Side)> = None;
        for part in parts {
            if held.is_some_and(|(area, _)| self.all[area].level > self.all[part.area].level) {
                break;
            }
            match part.side(at) {
                Side::Inside => return Some((part.area, Side::Inside)),
                Side::Border => held = held.or(Some((part.area, Side::Border))),
                Side::Outside => {}
            }
        }
        held
    }

    /// The area with the nearest border within a radius, and how far that is in whole centimetres; of equals the finest,
    /// then the one with the smallest id.
    fn nearest(&self, at: Position, reach_m: f64) -> Option<(i64, usize)> {
        let near =
            boxes(at, reach_m).map(|[west, south, east, north]| AABB::from_corners([west, south], [east, north]));
        let leaves = near.flat_map(|near| self.tree.locate_in_envelope_intersecting(near));
        let spot = at.ecef();
        let distances = leaves.map(|leaf| {
            let part = &self.parts[leaf.part as usize];
            (part.distance_cm(spot), std::cmp::Reverse(self.all[part.area].level), part.area)
        });
        let nearest = distances.min().filter(|(cm, ..)| *cm as f64 <= reach_m * 100.0);
        nearest.map(|(cm, _, area)| (cm, area))
    }
}

#[cfg(test)]
mod tests;
