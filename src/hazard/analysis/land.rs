//! How much of a cell is land, by outlines of it: on water nobody reports, and nobody has to.

use std::fmt;

use h3o::CellIndex;
use rstar::primitives::Line;
use rstar::{AABB, RTree};

use super::super::area::Areas;
use super::super::cell;
use super::super::event::{Area, AreaLevel};
use super::super::position::Position;

/// A cell is known by the middles of the cells two levels finer in it: 49 of them.
const FINER: usize = 2;

/// The land, as polygons of WGS 84 degrees.
pub struct Land {
    polygons: Areas,
    /// Their sides, in degrees.
    shores: RTree<Line<[f64; 2]>>,
    /// Tells it from other land.
    tag: String,
}

impl Land {
    /// Polygons, each of an outer ring and its holes, each of which ends where it begins; none: nothing is known.
    pub fn of(polygons: Vec<Vec<Vec<Position>>>, tag: String) -> Option<Land> {
        let corner = |at: Position| [at.lon(), at.lat()];
        let sides = polygons.iter().flatten().flat_map(|ring| ring.array_windows());
        let shores = RTree::bulk_load(sides.map(|&[from, to]| Line::new(corner(from), corner(to))).collect());
        let one = Area { id: String::new(), level: AreaLevel::City, parent: None, name: None, polygons };
        (!one.polygons.is_empty()).then(|| Land { polygons: Areas::new(&[one]), shores, tag })
    }

    /// The share of a cell that is land, from 0 to 1, in steps of 1/49 (of 1/41 for a pentagon).
    pub fn share(&self, of: CellIndex) -> f64 {
        if !self.has_shore(of) {
            return if self.polygons.holds(0, cell::centre(of)) { 1.0 } else { 0.0 };
        }
        let resolution = (0..FINER).fold(of.resolution(), |finer, _| finer.succ().unwrap_or(finer));
        let (on_land, all) = of.children(resolution).fold((0_u32, 0_u32), |(on_land, all), small| {
            (on_land + u32::from(self.polygons.holds(0, cell::centre(small))), all + 1)
        });
        f64::from(on_land) / f64::from(all)
    }

    /// Whether the border of the land comes into the box of a cell; one that 180° cuts has a box around the Earth.
    fn has_shore(&self, of: CellIndex) -> bool {
        let corners: Vec<[f64; 2]> = of.boundary().iter().map(|at| [at.lng(), at.lat()]).collect();
        self.shores.locate_in_envelope_intersecting(AABB::from_points(&corners)).next().is_some()
    }
}

/// Short: what an analysis was asked is written with it.
impl fmt::Debug for Land {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Land({})", self.tag)
    }
}

#[cfg(test)]
mod tests {
    use h3o::Resolution;

    use super::*;

    fn square(west: f64, south: f64, east: f64, north: f64) -> Vec<Position> {
        let corners = [(west, south), (east, south), (east, north), (west, north), (west, south)];
        corners.map(|(lon, lat)| Position::new(lon, lat).unwrap()).to_vec()
    }

    #[test]
    fn a_cell_is_land_as_far_as_a_polygon_and_none_of_its_holes_covers_it() {
        let of = cell::of(Position::new(110.33, 20.01).unwrap(), Resolution::Eight);
        let at = cell::centre(of);
        let (lon, lat) = (at.lon(), at.lat());
        let whole = square(lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1);
        let share = |rings| Land::of(vec![rings], String::new()).unwrap().share(of);
        assert_eq!(share(vec![whole.clone()]), 1.0);
        assert_eq!(share(vec![square(lon + 0.1, lat, lon + 0.2, lat + 0.1)]), 0.0);
        // A line through its middle halves it.
        let half = share(vec![square(lon - 0.1, lat - 0.1, lon, lat + 0.1)]);
        assert!((half - 0.5).abs() < 0.05, "{half}");
        let other_half = share(vec![whole, square(lon - 0.09, lat - 0.09, lon, lat + 0.09)]);
        assert!((half + other_half - 1.0).abs() < 0.05, "{half} and {other_half}");
        assert!(Land::of(Vec::new(), String::new()).is_none());
    }
}
