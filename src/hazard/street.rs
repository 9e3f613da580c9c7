//! Streets: named lines, to say where a spot lies that has no name of its own. Nothing but names depends on them.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use rstar::{AABB, RTree, RTreeObject};

use super::event::Street;
use super::position::{Ecef, Position, half_up};
use super::slot::Slot;
use crate::error::{Result, invalid};

/// One street, or a stretch of one; the same name may stand in many.
#[derive(Debug, PartialEq, Eq)]
pub struct StreetRow {
    pub id: Box<str>,
    pub name: Arc<str>,
    /// At least two positions.
    pub line: Box<[Position]>,
}

impl StreetRow {
    fn segments(&self, street: Slot) -> impl Iterator<Item = Leaf> {
        self.line.windows(2).enumerate().map(move |(n, ends)| Leaf::new(ends[0].ecef(), ends[1].ecef(), street, n))
    }
}

/// Every street by id, with an index of the segments of their lines.
#[derive(Debug, Default)]
pub struct Streets {
    all: Vec<StreetRow>,
    by_id: HashMap<Box<str>, Slot>,
    names: HashSet<Arc<str>>,
    tree: RTree<Leaf>,
    /// Streets whose segments wait for [`Streets::index`], and how many these are.
    waiting: HashSet<Slot>,
    waiting_segments: usize,
    loads: u64,
}

/// A segment in the index, in the box of its ends. Earth-centred, so that neither the date line nor a pole is special;
/// in single precision, which halves it: rounding keeps the order, so a search finds all that it should.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Leaf {
    low: [f32; 3],
    high: [f32; 3],
    street: Slot,
    segment: u32,
}

impl Leaf {
    fn new(a: Ecef, b: Ecef, street: Slot, segment: usize) -> Leaf {
        let (a, b) = ([a.x, a.y, a.z], [b.x, b.y, b.z]);
        let low = std::array::from_fn(|i| a[i].min(b[i]) as f32);
        let high = std::array::from_fn(|i| a[i].max(b[i]) as f32);
        Leaf { low, high, street, segment: segment as u32 }
    }
}

impl RTreeObject for Leaf {
    type Envelope = AABB<[f32; 3]>;

    fn envelope(&self) -> AABB<[f32; 3]> {
        AABB::from_corners(self.low, self.high)
    }
}

impl Streets {
    /// In the order they were first loaded.
    pub fn all(&self) -> &[StreetRow] {
        &self.all
    }

    /// How many were loaded, known ones too: whatever was made of their names is good while this stays.
    pub fn loads(&self) -> u64 {
        self.loads
    }

    pub fn find(&self, id: &str) -> Option<&StreetRow> {
        self.by_id.get(id).map(|slot| &self.all[slot.index()])
    }

    /// Whether this street is there just so.
    pub fn holds(&self, street: &Street) -> bool {
        self.find(&street.id).is_some_and(|row| *row.name == *street.name && *row.line == *street.line)
    }

    /// Adds a street, or gives a known one its new name and line.
    pub fn load(&mut self, street: &Street) {
        self.loads += 1;
        let name = self.names.get_or_insert_with(street.name.as_str(), |name| name.into()).clone();
        let row = StreetRow { id: street.id.as_str().into(), name, line: street.line.as_slice().into() };
        let slot = match self.by_id.get(&row.id) {
            Some(&slot) => {
                self.forget(slot);
                self.all[slot.index()] = row;
                slot
            }
            None => {
                let slot = Slot::new(self.all.len());
                self.by_id.insert(row.id.clone(), slot);
                self.all.push(row);
                slot
            }
        };
        self.waiting.insert(slot);
        self.waiting_segments += street.line.len() - 1;
    }

    /// Takes the segments of a street out of the index, or out of what waits for it.
    fn forget(&mut self, slot: Slot) {
        let row = &self.all[slot.index()];
        if self.waiting.remove(&slot) {
            self.waiting_segments -= row.line.len() - 1;
            return;
        }
        for leaf in row.segments(slot) {
            self.tree.remove(&leaf);
        }
    }

    /// Brings the index up to date: all at once where much is new, one by one otherwise.
    pub fn index(&mut self) {
        if self.waiting_segments > self.tree.size() / 4 {
            let all = self.all.iter().enumerate();
            self.tree = RTree::bulk_load(all.flat_map(|(i, row)| row.segments(Slot::new(i))).collect());
            self.waiting.clear();
        }
        for slot in self.waiting.drain() {
            for leaf in self.all[slot.index()].segments(slot) {
                self.tree.insert(leaf);
            }
        }
        self.waiting_segments = 0;
    }

    /// The name of the nearest street at most `radius_m` away; of equals, the smaller name. Needs [`Streets::index`]
    /// before.
    pub fn nearest_name(&self, at: Ecef, radius_m: f64) -> Option<&str> {
        self.nearest(at, radius_m).map(|street| &*street.name)
    }

    /// As [`Streets::nearest_name`], the street itself.
    pub fn nearest(&self, at: Ecef, radius_m: f64) -> Option<&StreetRow> {
        let reach_cm = half_up(radius_m * 100.0) as i64;
        let side = |cm: i32, by: i64| (i64::from(cm) + by) as f32;
        let corner = |by: i64| [side(at.x, by), side(at.y, by), side(at.z, by)];
        let near = AABB::from_corners(corner(-reach_cm), corner(reach_cm));
        let segments = self.tree.locate_in_envelope_intersecting(near);
        let nearest = segments.map(|leaf| {
            let row = &self.all[leaf.street.index()];
            let n = leaf.segment as usize;
            (distance_cm(at, row.line[n].ecef(), row.line[n + 1].ecef()), row)
        });
        let nearest = nearest.filter(|(cm, _)| *cm <= reach_cm);
        nearest.min_by_key(|(cm, row)| (*cm, &row.name, &row.id)).map(|(_, row)| row)
    }

    /// How many segments the index holds.
    pub fn indexed(&self) -> usize {
        self.tree.size()
    }

    /// Is this a street that can be shown?
    ///
    /// # Errors
    /// `Invalid` for one without id or name, or with fewer than two positions.
    pub fn admit(street: &Street) -> Result<()> {
        for (field, text) in [("id", &street.id), ("name", &street.name)] {
            if text.is_empty() {
                return Err(invalid(field, "", "a street needs an id and a name"));
            }
        }
        if street.line.len() < 2 {
            return Err(invalid("line", street.line.len(), "a line has at least two positions"));
        }
        Ok(())
    }
}

/// Distance to a segment in whole centimetres, so that where two streets meet both are equally near.
pub(super) fn distance_cm(at: Ecef, a: Ecef, b: Ecef) -> i64 {
    let from_a = |p: Ecef| [p.x - a.x, p.y - a.y, p.z - a.z].map(f64::from);
    let dot = |u: [f64; 3], v: [f64; 3]| u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
    let (along, to) = (from_a(b), from_a(at));
    let length2 = dot(along, along);
    let part = if length2 > 0.0 { (dot(along, to) / length2).clamp(0.0, 1.0) } else { 0.0 };
    let off: [f64; 3] = std::array::from_fn(|i| to[i] - part * along[i]);
    half_up(dot(off, off).sqrt()) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn street(id: &str, name: &str, line: &[(f64, f64)]) -> Street {
        let line = line.iter().map(|&(lon, lat)| Position::new(lon, lat).unwrap()).collect();
        Street { id: id.into(), name: name.into(), line }
    }

    fn streets(all: &[Street]) -> Streets {
        let mut streets = Streets::default();
        all.iter().for_each(|street| streets.load(street));
        streets.index();
        streets
    }

    fn near(streets: &Streets, lon: f64, lat: f64) -> Option<&str> {
        streets.nearest_name(Position::new(lon, lat).unwrap().ecef(), 50.0)
    }

    #[test]
    fn the_nearest_street_is_found_along_its_line_and_not_beyond_the_radius() {
        let s = streets(&[
            street("w1", "Long St", &[(0.0, 0.0), (0.05, 0.0)]),
            street("w2", "Short St", &[(0.02, 0.0006), (0.02, 0.002)]),
        ]);
        // 0.0001 degree is 11 m.
        assert_eq!(near(&s, 0.025, 0.0002), Some("Long St"));
        assert_eq!(near(&s, 0.02, 0.0004), Some("Short St"));
        assert_eq!(near(&s, 0.025, 0.00046), None);
        assert_eq!(near(&s, 0.0504, 0.0), Some("Long St"));
        assert_eq!(near(&s, 0.0505, 0.0), None);
    }

    #[test]
    fn where_two_streets_meet_the_smaller_name_is_given() {
        let s =
            streets(&[street("w1", "B", &[(0.0, 0.0), (0.001, 0.0)]), street("w2", "A", &[(0.0, 0.0), (0.0, 0.001)])]);
        assert_eq!(near(&s, 0.0, 0.0), Some("A"));
    }

    #[test]
    fn streets_at_the_date_line_and_near_a_pole_are_found_from_both_sides() {
        let s = streets(&[
            street("w1", "Date", &[(179.999, 10.0), (-179.999, 10.0)]),
            street("w2", "Pole", &[(0.0, 89.9999), (180.0, 89.9999)]),
        ]);
        assert_eq!(near(&s, 180.0, 10.0002), Some("Date"));
        assert_eq!(near(&s, -180.0, 9.9998), Some("Date"));
        assert_eq!(near(&s, 0.0, 10.0), None);
        assert_eq!(near(&s, 77.0, 90.0), Some("Pole"));
    }

    #[test]
    fn a_street_loaded_again_lies_where_it_was_loaded_last_whether_indexed_in_between_or_not() {
        let (old, new) =
            (street("w1", "Old", &[(0.0, 0.0), (0.001, 0.0)]), street("w1", "New", &[(1.0, 0.0), (1.0, 0.1)]));
        let other: Vec<_> =
            (0..9).map(|i| street(&format!("o{i}"), "Other", &[(9.0, 0.0), (9.0, f64::from(i))])).collect();
        for between in [false, true] {
            let mut s = streets(&other);
            s.load(&old);
            if between {
                s.index();
            }
            s.load(&new);
            s.index();
            assert_eq!((near(&s, 0.0, 0.0), near(&s, 1.0, 0.05)), (None, Some("New")));
            assert_eq!((s.all().len(), s.indexed()), (10, 10));
            assert!(s.holds(&new) && !s.holds(&old));
        }
    }

    #[test]
    fn a_street_without_id_name_or_length_is_refused() {
        let line = [(0.0, 0.0), (0.0, 1.0)];
        assert!(Streets::admit(&street("w1", "A", &line)).is_ok());
        for (street, part) in [
            (street("", "A", &line), "id"),
            (street("w1", "", &line), "name"),
            (street("w1", "A", &line[..1]), "at least two positions"),
        ] {
            let error = Streets::admit(&street).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
