//! What lies near a spot and has a name: places, streets, and what reports call where they are.

use std::f64::consts::FRAC_PI_4;

use hashbrown::HashMap;

use super::super::grid::Grid;
use super::super::map::HazardMap;
use super::super::position::{Ecef, half_up};
use super::super::slot::Slot;

/// Clockwise.
const DIRECTIONS: [&str; 8] = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];

/// What is nearest to a spot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    pub name: String,
    /// How far away, in whole metres.
    pub m: u32,
    /// Where the spot lies seen from it, one of eight; nothing where it lies right there.
    pub direction: Option<&'static str>,
}

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

    /// What is nearest to each spot, at most `radius_m` away; of equals, the smaller name.
    pub fn nearest(&self, spots: impl Iterator<Item = Ecef>, radius_m: f64) -> Vec<Option<Nearest>> {
        let mut grid = Grid::new(radius_m);
        (0..).zip(&self.at).for_each(|(n, &(at, _))| grid.insert(0, at, n));
        let one = |spot| {
            let mut best: Option<(i64, &str, u32)> = None;
            grid.within(0, spot, radius_m, |n, distance2_cm2| {
                let found = (distance2_cm2, &*self.texts[self.at[n as usize].1 as usize], n);
                if best.is_none_or(|best| found < best) {
                    best = Some(found);
                }
            });
            best.map(|(distance2_cm2, name, n)| Nearest {
                name: name.to_owned(),
                m: half_up((distance2_cm2 as f64).sqrt() / 100.0) as u32,
                direction: direction(self.at[n as usize].0, spot),
            })
        };
        spots.map(one).collect()
    }
}

/// Which way one goes from here to a spot, in the plane that touches the Earth here.
fn direction(here: Ecef, spot: Ecef) -> Option<&'static str> {
    let [x, y, z] = [here.x, here.y, here.z].map(f64::from);
    let (lon, lat) = (y.atan2(x), z.atan2(x.hypot(y)));
    let [dx, dy, dz] = [spot.x - here.x, spot.y - here.y, spot.z - here.z].map(f64::from);
    let east = dy * lon.cos() - dx * lon.sin();
    let north = dz * lat.cos() - (dx * lon.cos() + dy * lon.sin()) * lat.sin();
    let eighth = (east.atan2(north) / FRAC_PI_4).round().rem_euclid(8.0);
    (here != spot).then(|| DIRECTIONS[eighth as usize])
}

#[cfg(test)]
mod tests {
    use super::super::super::position::Position;
    use super::*;

    #[test]
    fn a_direction_is_the_same_wherever_one_stands_and_none_leads_to_where_one_is() {
        for (lon, lat) in [(0.0, 0.0), (110.3, 20.0), (-73.9, 40.7), (180.0, -33.0), (151.2, 78.0)] {
            let at = |east: f64, north: f64| {
                let lon = lon + 0.001 * east / f64::to_radians(lat).cos();
                let lon = if lon > 180.0 { lon - 360.0 } else { lon };
                Position::new(lon, lat + 0.001 * north).unwrap().ecef()
            };
            let from_here = |east, north| direction(at(0.0, 0.0), at(east, north));
            let around =
                [(0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (1.0, -1.0), (0.0, -1.0), (-1.0, -1.0), (-1.0, 0.0), (-1.0, 1.0)];
            assert_eq!(around.map(|(east, north)| from_here(east, north).unwrap()), DIRECTIONS, "{lon} {lat}");
            assert_eq!((from_here(1.0, 2.3), from_here(1.0, 2.5)), (Some("NE"), Some("N")));
            assert_eq!(from_here(0.0, 0.0), None);
        }
    }
}
