//! One polygon of an area, made ready for questions.

use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::geometry::{Coord, LineString};

use super::super::position::{Ecef, Position};
use super::super::street::distance_cm;

/// A polygon with its holes. Units of 1e-7 degree, so that what lies on a border is decided exactly (`geo` goes by
/// Shewchuk's predicates, 1997).
#[derive(Debug)]
pub struct Part {
    /// The area it belongs to, by index.
    pub area: usize,
    /// The outer one first.
    rings: Vec<LineString>,
    /// The corners of the same, for distances.
    corners: Vec<Vec<Ecef>>,
}

/// Where a position lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Inside,
    Border,
    Outside,
}

fn coord(at: Position) -> Coord {
    Coord { x: f64::from(at.lon_e7()), y: f64::from(at.lat_e7()) }
}

impl Part {
    pub fn new(area: usize, rings: &[Vec<Position>]) -> Part {
        let corners = rings.iter().map(|ring| ring.iter().map(|at| at.ecef()).collect()).collect();
        let rings = rings.iter().map(|ring| ring.iter().map(|&at| coord(at)).collect()).collect();
        Part { area, rings, corners }
    }

    /// South-west and north-east in degrees, longitude first.
    pub fn corners(&self) -> [[f64; 2]; 2] {
        let outer = self.rings.first().into_iter().flatten();
        let all = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
        let [low, high] = outer.fold(all, |[low, high], at| {
            [[low[0].min(at.x), low[1].min(at.y)], [high[0].max(at.x), high[1].max(at.y)]]
        });
        // As `Position` gives degrees, so that both are rounded alike.
        [low, high].map(|corner| corner.map(|v| v / 1e7))
    }

    pub fn side(&self, at: Position) -> Side {
        let at = coord(at);
        for (n, ring) in self.rings.iter().enumerate() {
            match (coord_pos_relative_to_ring(at, ring), n) {
                (CoordPos::OnBoundary, _) => return Side::Border,
                (CoordPos::Outside, 0) => return Side::Outside,
                (CoordPos::Inside, 1..) => return Side::Outside,
                _ => {}
            }
        }
        Side::Inside
    }

    /// To the nearest of its borders, holes too, in whole centimetres.
    pub fn distance_cm(&self, spot: Ecef) -> i64 {
        let segments = self.corners.iter().flat_map(|ring| ring.windows(2));
        segments.map(|ends| distance_cm(spot, ends[0], ends[1])).min().unwrap_or(i64::MAX)
    }
}
