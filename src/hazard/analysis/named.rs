//! What lies near a spot and has a name: places, streets, and what reports call where they are.

use hashbrown::HashMap;

use super::super::grid::Grid;
use super::super::map::HazardMap;
use super::super::position::{Ecef, half_up};
use super::super::slot::Slot;

/// Copied out of the map: named places, crossings and streets that published reports name, and the corners of streets.
pub struct Names {
    texts: Vec<Box<str>>,
    /// Each with the index of its name.
    at: Vec<(Ecef, u32)>,
}

impl Names {
    pub fn of(map: &HazardMap) -> Names {
        let mut names = Names { texts: Vec::new(), at: Vec::new() };
        let mut known: HashMap<Slot, u32> = HashMap::new();
        for row in map.reports().rows().iter().filter(|row| !row.hidden && !row.category.is_alone()) {
            let Some(word) = map.reports().origin(row).names[0] else { continue };
            let i = *known.entry(word).or_insert_with(|| names.add(map.reports().word(word)));
            names.at.push((row.position.ecef(), i));
        }
        for place in map.places().all() {
            let Some(name) = &place.name else { continue };
            let i = names.add(name);
            names.at.push((place.position.ecef(), i));
        }
        for street in map.streets().all() {
            let i = names.add(&street.name);
            names.at.extend(street.line.iter().map(|at| (at.ecef(), i)));
        }
        names
    }

    fn add(&mut self, text: &str) -> u32 {
        self.texts.push(text.into());
        (self.texts.len() - 1) as u32
    }

    /// What is nearest to each spot, at most `radius_m` away, and how far that is in whole metres; of equals, the smaller
    /// name.
    pub fn nearest(&self, spots: impl Iterator<Item = Ecef>, radius_m: f64) -> Vec<Option<(String, u32)>> {
        let mut grid = Grid::new(radius_m);
        self.at.iter().for_each(|&(at, i)| grid.insert(0, at, i));
        let one = |spot| {
            let mut best: Option<(i64, &str)> = None;
            grid.within(0, spot, radius_m, |i, distance2_cm2| {
                let found = (distance2_cm2, &*self.texts[i as usize]);
                if best.is_none_or(|best| found < best) {
                    best = Some(found);
                }
            });
            best.map(|(distance2_cm2, name)| (name.to_owned(), half_up((distance2_cm2 as f64).sqrt() / 100.0) as u32))
        };
        spots.map(one).collect()
    }
}
