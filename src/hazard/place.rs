//! Sites: spots that can flood. A named place near by, else one H3 cell.

use std::borrow::Cow;

use h3o::CellIndex;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::cell;
use super::event::Place;
use super::grid::Grid;
use super::position::Position;
use super::slot::Slot;
use crate::error::{Result, invalid};

impl Place {
    /// Every name that it is found by, the one that is shown first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.name.iter().chain(&self.aliases).map(String::as_str)
    }
}

/// A spot that can flood, in eight bytes; see [`Spot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SiteKey(u64);

/// A spot that can flood: a named place, or an H3 cell of resolution 12 (edge 11 m).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Cell(CellIndex),
    Place(Slot),
}

impl SiteKey {
    pub fn spot(self) -> Spot {
        if self.is_cell() {
            Spot::Cell(CellIndex::try_from(self.0).expect("it was made from a cell"))
        } else {
            Spot::Place(Slot::new(self.0 as usize))
        }
    }

    /// The H3 cell that holds a position.
    fn cell(at: Position) -> SiteKey {
        SiteKey(cell::finest(at))
    }

    /// As a number, in whose order cells lie near each other.
    pub fn raw(self) -> u64 {
        self.0
    }

    /// An H3 cell, not a named place: the number of a cell is never as small as a slot's.
    pub fn is_cell(self) -> bool {
        self.0 > u64::from(u32::MAX)
    }
}

impl From<Spot> for SiteKey {
    fn from(spot: Spot) -> SiteKey {
        SiteKey(match spot {
            Spot::Cell(cell) => cell.into(),
            Spot::Place(slot) => u64::from(slot.raw()),
        })
    }
}

/// The gazetteer: named places by id and by position.
#[derive(Clone, Debug)]
pub struct Places {
    all: Vec<Place>,
    by_id: HashMap<String, Slot>,
    near: Grid,
    loads: u64,
}

impl Places {
    /// `radius_m`: the largest distance a place is looked up at.
    pub fn new(radius_m: f64) -> Places {
        Places { all: Vec::new(), by_id: HashMap::new(), near: Grid::new(radius_m), loads: 0 }
    }

    pub fn all(&self) -> &[Place] {
        &self.all
    }

    /// How many were loaded, known ones too: whatever was made of the places is good while this stays.
    pub fn loads(&self) -> u64 {
        self.loads
    }

    pub fn find(&self, id: &str) -> Option<&Place> {
        self.by_id.get(id).map(|slot| &self.all[slot.index()])
    }

    /// Adds a place, or gives a known one its new position and name.
    pub fn load(&mut self, place: &Place) {
        self.loads += 1;
        if let Some(&slot) = self.by_id.get(&place.id) {
            self.near.remove(0, self.all[slot.index()].position.ecef(), slot.raw());
            self.near.insert(0, place.position.ecef(), slot.raw());
            self.all[slot.index()] = place.clone();
            return;
        }
        let slot = Slot::new(self.all.len());
        self.all.push(place.clone());
        self.by_id.insert(place.id.clone(), slot);
        self.near.insert(0, place.position.ecef(), slot.raw());
    }

    /// The site of an anchor: the nearest place within `radius_m` (of equals, the smaller id), else its cell.
    pub fn site(&self, anchor: Position, radius_m: f64) -> SiteKey {
        if self.all.is_empty() {
            return SiteKey::cell(anchor);
        }
        let mut best: Option<(i64, &str, u32)> = None;
        self.near.within(0, anchor.ecef(), radius_m, |i, d| {
            let candidate = (d, self.all[i as usize].id.as_str(), i);
            if best.is_none_or(|b| candidate < b) {
                best = Some(candidate);
            }
        });
        best.map_or_else(|| SiteKey::cell(anchor), |(_, _, i)| Spot::Place(Slot::new(i as usize)).into())
    }

    /// The position that stands for a site: the place's, or the cell's centre.
    pub fn position(&self, key: SiteKey) -> Position {
        match key.is_cell() {
            true => cell::centre_of_finest(key.0).expect("it was made from a cell"),
            false => self.all[key.0 as usize].position,
        }
    }

    /// The id of a site: the place's, or the cell's in hexadecimal.
    pub fn id(&self, key: SiteKey) -> Cow<'_, str> {
        match key.spot() {
            Spot::Place(slot) => Cow::Borrowed(&self.all[slot.index()].id),
            Spot::Cell(cell) => Cow::Owned(cell.to_string()),
        }
    }

    /// The site of an id, as [`Places::id`] gives it; a cell may be written in capitals.
    pub fn key(&self, id: &str) -> Option<SiteKey> {
        let cell = || id.parse().ok().filter(|cell: &CellIndex| cell.resolution() == cell::FINEST);
        self.by_id.get(id).copied().map(Spot::Place).or_else(|| cell().map(Spot::Cell)).map(SiteKey::from)
    }

    /// The order of two sites' ids.
    pub fn order(&self, a: SiteKey, b: SiteKey) -> std::cmp::Ordering {
        // Cells of one resolution are in the order of their numbers.
        if a.is_cell() && b.is_cell() { a.0.cmp(&b.0) } else { self.id(a).cmp(&self.id(b)) }
    }

    /// Is this an id that a place may have?
    ///
    /// # Errors
    /// `Invalid` for an empty id, or one that is an H3 cell: it could be mistaken for a site.
    pub fn admit(place: &Place) -> Result<()> {
        if place.id.is_empty() {
            return Err(invalid("id", "", "a place needs an id"));
        }
        if place.id.parse::<CellIndex>().is_ok() {
            return Err(invalid("id", &place.id, "a place's id must not look like an H3 cell"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_takes_what_is_within_its_radius_and_the_smaller_id_wins_a_tie() {
        let mut places = Places::new(40.0);
        let at = |lon| Position::new(lon, 0.0).unwrap();
        for (id, lon) in [("b", 0.0001), ("a", -0.0001), ("c", 0.01)] {
            places.load(&Place { id: id.into(), position: at(lon), name: None, aliases: Vec::new() });
        }
        assert_eq!(places.id(places.site(at(0.0), 40.0)), "a");
        assert_eq!(places.id(places.site(at(0.00001), 40.0)), "b");
        assert!(matches!(places.site(at(0.005), 40.0).spot(), Spot::Cell(_)));
    }

    #[test]
    fn a_place_that_moves_is_found_at_its_new_position_only() {
        let mut places = Places::new(40.0);
        for lon in [0.0, 0.5] {
            places.load(&Place {
                id: "a".into(),
                position: Position::new(lon, 0.0).unwrap(),
                name: None,
                aliases: Vec::new(),
            });
        }
        assert!(matches!(places.site(Position::new(0.0, 0.0).unwrap(), 40.0).spot(), Spot::Cell(_)));
        assert!(matches!(places.site(Position::new(0.5, 0.0).unwrap(), 40.0).spot(), Spot::Place(_)));
        assert_eq!((places.all().len(), places.loads()), (1, 2));
    }

    #[test]
    fn a_place_without_aliases_is_written_as_before_there_were_any_and_read_as_it_was_written() {
        let position = Position::new(110.0, 20.0).unwrap();
        let mut place = Place { id: "x".into(), position, name: Some("和信广场".into()), aliases: Vec::new() };
        let written = serde_json::to_string(&place).unwrap();
        assert!(!written.contains("aliases"), "{written}");
        assert_eq!(serde_json::from_str::<Place>(&written).unwrap(), place);
        place.aliases.push("药谷".into());
        let written = serde_json::to_string(&place).unwrap();
        assert_eq!(serde_json::from_str::<Place>(&written).unwrap().names().collect::<Vec<_>>(), ["和信广场", "药谷"]);
    }
}
