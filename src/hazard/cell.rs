//! H3 cells (Uber's hexagonal hierarchical index): which one holds a position, and how it is drawn.

mod lattice;
mod learnt;

use h3o::{CellIndex, LatLng, Resolution};

use super::position::Position;
use crate::error::{Result, invalid};

/// Cells for counting: edges of 3.7 km, 201 m and 11 m.
pub const COARSEST: Resolution = Resolution::Six;
pub const DEFAULT: Resolution = Resolution::Nine;
pub const FINEST: Resolution = Resolution::Twelve;

const TURN: f64 = 360.0;
const DATE_LINE: f64 = 180.0;

/// The cell of a resolution that holds a position.
pub fn of(at: Position, resolution: Resolution) -> CellIndex {
    let at = LatLng::new(at.lat(), at.lon()).expect("a position has finite coordinates");
    at.to_cell(resolution)
}

/// The number of the cell of the finest resolution that holds a position.
pub fn finest(at: Position) -> u64 {
    lattice::number(at).unwrap_or_else(|| of(at, FINEST).into())
}

/// The middle of a cell of the finest resolution, by its number; of a number that no cell has, nothing or any position.
pub fn centre_of_finest(number: u64) -> Option<Position> {
    lattice::centre(number).or_else(|| CellIndex::try_from(number).ok().map(centre))
}

/// The middle of a cell.
pub fn centre(cell: CellIndex) -> Position {
    let at = LatLng::from(cell);
    position(at.lng(), at.lat())
}

/// A resolution to count at, from text.
///
/// # Errors
/// `Invalid` for what is not a whole number from [`COARSEST`] to [`FINEST`].
pub fn resolution(text: &str) -> Result<Resolution> {
    let known = text.parse::<u8>().ok().and_then(|n| Resolution::try_from(n).ok());
    known.filter(|r| (COARSEST..=FINEST).contains(r)).ok_or_else(|| {
        let (least, most) = (u8::from(COARSEST), u8::from(FINEST));
        invalid("resolution", text, format!("not an H3 resolution in [{least}, {most}]"))
    })
}

/// A cell to count in, from its id.
pub fn named(id: &str) -> Option<CellIndex> {
    id.parse().ok().filter(|cell: &CellIndex| (COARSEST..=FINEST).contains(&cell.resolution()))
}

/// The outline of a cell: rings that run against the clock and end where they begin (RFC 7946, 3.1.6), two of them where
/// 180° cuts the cell (3.1.9).
pub fn outline(cell: CellIndex) -> Box<[Box<[Position]>]> {
    let mut corners: Vec<[f64; 2]> = cell.boundary().iter().map(|at| [at.lng(), at.lat()]).collect();
    let (west, east) = (corners.iter().map(|c| c[0]).fold(f64::MAX, f64::min), furthest_east(&corners));
    if east - west <= DATE_LINE {
        return [ring(&corners, 0.0)].into();
    }
    corners.iter_mut().filter(|c| c[0] < 0.0).for_each(|c| c[0] += TURN);
    let before = ring(&cut(&corners, |lon| DATE_LINE - lon), 0.0);
    let after = ring(&cut(&corners, |lon| lon - DATE_LINE), TURN);
    [before, after].into()
}

fn furthest_east(corners: &[[f64; 2]]) -> f64 {
    corners.iter().map(|c| c[0]).fold(f64::MIN, f64::max)
}

/// What lies on the side of 180° where `inside` is not negative (Sutherland & Hodgman 1974).
fn cut(corners: &[[f64; 2]], inside: impl Fn(f64) -> f64) -> Vec<[f64; 2]> {
    let mut kept = Vec::with_capacity(corners.len() + 2);
    for (i, &b) in corners.iter().enumerate() {
        let a = corners[(i + corners.len() - 1) % corners.len()];
        let (da, db) = (inside(a[0]), inside(b[0]));
        if da * db < 0.0 {
            kept.push([DATE_LINE, a[1] + (b[1] - a[1]) * da / (da - db)]);
        }
        if db >= 0.0 {
            kept.push(b);
        }
    }
    kept
}

fn ring(corners: &[[f64; 2]], turned: f64) -> Box<[Position]> {
    let closed = corners.iter().chain(corners.first());
    closed.map(|c| position(c[0] - turned, c[1])).collect()
}

/// Corners around the date line may come out a hair beyond it.
fn position(lon: f64, lat: f64) -> Position {
    Position::new(lon.clamp(-180.0, 180.0), lat.clamp(-90.0, 90.0)).expect("clamped into range")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(lon: f64, lat: f64) -> CellIndex {
        of(Position::new(lon, lat).unwrap(), DEFAULT)
    }

    /// Twice the area in square degrees; positive where the ring runs against the clock.
    fn turn(ring: &[Position]) -> f64 {
        ring.windows(2).map(|w| w[0].lon() * w[1].lat() - w[1].lon() * w[0].lat()).sum()
    }

    #[test]
    fn an_outline_is_closed_and_runs_against_the_clock() {
        let outline = outline(cell(110.3312, 20.0148));
        assert_eq!((outline.len(), outline[0].len()), (1, 7));
        assert_eq!(outline[0].first(), outline[0].last());
        assert!(turn(&outline[0]) > 0.0);
    }

    #[test]
    fn a_cell_across_180_degrees_is_drawn_in_two_parts() {
        let crossing = (0..400).map(|n| cell(180.0, -16.9 + f64::from(n) / 1e4)).map(outline).filter(|o| o.len() == 2);
        let mut parts = 0;
        for outline in crossing {
            for ring in &outline {
                assert!(ring.len() >= 4 && ring.first() == ring.last() && turn(ring) > 0.0, "{ring:?}");
                let width = ring.iter().map(|p| p.lon()).fold(f64::MIN, f64::max)
                    - ring.iter().map(|p| p.lon()).fold(f64::MAX, f64::min);
                assert!(width < 0.01, "{ring:?}");
                parts += 1;
            }
        }
        assert!(parts > 0, "no cell crosses");
    }

    /// Everywhere, along the edges and around the corners of the faces, and in cities.
    fn positions() -> Vec<Position> {
        let mut rng = fastrand::Rng::with_seed(12);
        let mut at = Vec::new();
        let corners: Vec<LatLng> = CellIndex::base_cells().filter(|c| c.is_pentagon()).map(LatLng::from).collect();
        for _ in 0..60_000 {
            at.push((rng.f64() * 360.0 - 180.0, (rng.f64() * 2.0 - 1.0).asin().to_degrees()));
            let (a, b, along) = (rng.choice(&corners).unwrap(), rng.choice(&corners).unwrap(), rng.f64());
            let mut between = |a: f64, b: f64| a + along * (b - a) + (rng.f64() - 0.5) * 10_f64.powi(-rng.i32(0..8));
            at.push((between(a.lng(), b.lng()), between(a.lat(), b.lat())));
            let city =
                rng.choice([(110.33, 20.02), (-73.9, 40.7), (-0.1, 51.5), (151.2, -33.9), (139.7, 35.7)]).unwrap();
            at.push((city.0 + rng.f64() * 0.3, city.1 + rng.f64() * 0.3));
        }
        at.into_iter().filter_map(|(lon, lat)| Position::new(lon, lat).ok()).collect()
    }

    #[test]
    fn cells_and_middles_reckoned_are_those_that_h3o_gives() {
        let (mut reckoned, mut middles) = (0, 0);
        let positions = positions();
        for &at in &positions {
            let asked = of(at, FINEST);
            if let Some(number) = lattice::number(at) {
                assert_eq!(number, u64::from(asked), "{at:?}");
                reckoned += 1;
            }
            assert_eq!(finest(at), u64::from(asked));
            let middle = lattice::centre(asked.into());
            assert_eq!(middle.unwrap_or_else(|| centre(asked)), centre(asked), "{asked}");
            middles += usize::from(middle.is_some());
        }
        println!("of {} positions: {reckoned} cells and {middles} middles reckoned", positions.len());
        assert!(reckoned * 4 > positions.len() * 3 && middles * 4 > positions.len() * 3, "{reckoned} {middles}");
    }

    #[test]
    fn what_is_no_number_of_a_cell_has_no_middle() {
        for number in [u64::MAX, u64::from(cell(110.0, 20.0)) | 0x7f << 45] {
            assert_eq!(centre_of_finest(number), None, "{number:x}");
        }
    }

    #[test]
    fn a_resolution_out_of_bounds_says_so() {
        assert_eq!(resolution("9").unwrap(), DEFAULT);
        for text in ["5", "13", "16", "-1", "x", ""] {
            assert!(resolution(text).unwrap_err().to_string().contains("[6, 12]"), "{text}");
        }
    }
}
