//! Where what is wanted of a layer lies: a box.

use std::str::FromStr;

use h3o::CellIndex;

use super::super::cell;
use super::super::crs::Crs;
use super::super::position::Position;
use crate::error::{Error, Result, invalid};

/// A box of WGS 84 degrees, sides included; west of its east side lies its west side, unless it crosses 180°.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bbox {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
    /// The box itself, where it was given on a plane: what it holds lies in the degrees above, too.
    plane: Option<PlaneBox>,
}

/// A box of coordinates as they are published, sides included: the lower of both axes, then the upper.
#[derive(Clone, Copy, Debug, PartialEq)]
struct PlaneBox {
    crs: Crs,
    sides: [f64; 4],
}

/// Points along each side of a box on a plane, by which its degrees are found.
const STEPS_A_SIDE: u32 = 32;

impl Bbox {
    pub fn new(west: f64, south: f64, east: f64, north: f64) -> Bbox {
        Bbox { west, south, east, north, plane: None }
    }

    /// Reads `west,south,east,north` as a system's axes go, or with heights `west,south,low,east,north,high`, which do not
    /// restrict. What lies beyond the system's reach is no error, and holds nothing.
    ///
    /// # Errors
    /// `Invalid` for what is no box.
    pub fn read(text: &str, crs: Crs) -> Result<Bbox> {
        if crs == Crs::Crs84 {
            return text.parse();
        }
        let sides = numbers(text)?;
        let [a, b, c, d] = sides;
        let bad = |what: &str| invalid("bbox", text, format!("its lower {what} is greater than its upper, in {crs}"));
        match crs.is_plane() {
            true if a > c => Err(bad("first coordinate")),
            true if b > d => Err(bad("second coordinate")),
            true => Ok(PlaneBox { crs, sides }.in_degrees()),
            // Latitude first; across 180° the first longitude is the greater.
            false if a > c => Err(bad("latitude")),
            false => Ok(Bbox::new(b, a, d, c)),
        }
    }

    /// Compares the degrees as published, so that a box drawn through a feature holds it.
    pub fn contains(&self, at: Position) -> bool {
        self.plane.is_none_or(|plane| plane.contains(at))
            && self.parts().any(|[west, south, east, north]| {
                (west..=east).contains(&at.lon()) && (south..=north).contains(&at.lat())
            })
    }

    /// Does a line, straight between its positions in the box's own coordinates, touch the box?
    pub fn meets(&self, line: &[Position]) -> bool {
        if let Some(plane) = self.plane {
            let on_plane: Vec<_> = line.iter().map(|&at| plane.crs.coordinates(at)).collect();
            return line.iter().any(|at| plane.contains(*at))
                || on_plane.windows(2).any(|ends| touches(plane.sides, ends[0], ends[1]));
        }
        let degrees = |at: Position| [at.lon(), at.lat()];
        let touched = |b: [f64; 4]| line.windows(2).any(|ends| touches(b, degrees(ends[0]), degrees(ends[1])));
        // Corners by themselves, so that a box drawn through one holds it whatever is rounded.
        line.iter().any(|at| self.contains(*at)) || self.parts().any(touched)
    }

    /// Does it touch an H3 cell?
    pub fn meets_cell(&self, cell: CellIndex) -> bool {
        // A box inside a cell touches none of its sides.
        let holds = |corner: Position| cell::of(corner, cell.resolution()) == cell;
        self.corner().is_some_and(holds) || cell::outline(cell).iter().any(|ring| self.meets(ring))
    }

    /// A position in the box: its lower corner.
    pub fn corner(&self) -> Option<Position> {
        let at = match self.plane {
            Some(PlaneBox { crs, sides: [first, second, ..] }) => crs.degrees([first, second])?,
            None => [self.west, self.south],
        };
        Position::new(at[0], at[1]).ok()
    }

    /// Was it given in degrees?
    pub fn is_in_degrees(&self) -> bool {
        self.plane.is_none()
    }

    /// How large it is, in degrees times degrees.
    pub fn square_degrees(&self) -> f64 {
        self.parts().map(|[west, south, east, north]| (east - west) * (north - south)).sum()
    }

    /// The same as west, south, east, north; two of them where it crosses 180°.
    pub fn parts(&self) -> impl Iterator<Item = [f64; 4]> {
        let Bbox { west, south, east, north, .. } = *self;
        let (first, second) = if west <= east {
            ([west, south, east, north], None)
        } else {
            ([west, south, 180.0, north], Some([-180.0, south, east, north]))
        };
        std::iter::once(first).chain(second)
    }
}

impl PlaneBox {
    fn contains(&self, at: Position) -> bool {
        let [a, b, c, d] = self.sides;
        let [first, second] = self.crs.coordinates(at);
        (a..=c).contains(&first) && (b..=d).contains(&second)
    }

    /// With degrees that hold all of it: its outline is walked, and as much is added as one step takes at most, for
    /// between two steps it bends.
    fn in_degrees(self) -> Bbox {
        let everywhere = Bbox { plane: Some(self), ..Bbox::new(-180.0, -90.0, 180.0, 90.0) };
        let [a, b, c, d] = self.sides;
        let along = |from: f64, to: f64, step: u32| from + (to - from) * f64::from(step) / f64::from(STEPS_A_SIDE);
        let outline = (0..=STEPS_A_SIDE).flat_map(|n| {
            let (first, second) = (along(a, c, n), along(b, d, n));
            [[first, b], [first, d], [a, second], [c, second]]
        });
        let Some(outline) = outline.map(|at| self.crs.degrees(at)).collect::<Option<Vec<_>>>() else {
            return everywhere;
        };
        let range = |axis: usize| {
            let values = || outline.iter().map(|at| at[axis]);
            let step = outline.windows(5).map(|w| (w[4][axis] - w[0][axis]).abs()).fold(0.0, f64::max);
            // The rounding to the millimetre, at the least.
            let more = step + 1e-6;
            [values().fold(f64::MAX, f64::min) - more, values().fold(f64::MIN, f64::max) + more]
        };
        let ([west, east], [south, north]) = (range(0), range(1));
        // A box that reaches 180° may go on at the other side.
        if west < -180.0 || east > 180.0 || east - west > 180.0 {
            return everywhere;
        }
        Bbox { plane: Some(self), ..Bbox::new(west, south.max(-90.0), east, north.min(90.0)) }
    }
}

/// Does a segment touch a box, sides included, of the lower of both axes and the upper? What each side leaves of it is cut (Liang & Barsky 1984).
fn touches([west, south, east, north]: [f64; 4], a: [f64; 2], b: [f64; 2]) -> bool {
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (start, end, low, high) in [(a[0], b[0], west, east), (a[1], b[1], south, north)] {
        let along = end - start;
        if along == 0.0 {
            if !(low..=high).contains(&start) {
                return false;
            }
            continue;
        }
        let (enters, leaves) = ((low - start) / along, (high - start) / along);
        (from, to) = (from.max(enters.min(leaves)), to.min(enters.max(leaves)));
    }
    from <= to
}

/// The four numbers of a box; of six, those that are no heights.
fn numbers(text: &str) -> Result<[f64; 4]> {
    let bad = |reason: String| invalid("bbox", text, reason);
    let number = |part: &str| part.trim().parse().ok().filter(|v: &f64| v.is_finite());
    let numbers: Option<Vec<f64>> = text.split(',').map(number).collect();
    let numbers = numbers.ok_or_else(|| bad("not numbers with commas between: west,south,east,north".into()))?;
    match numbers[..] {
        [west, south, east, north] => Ok([west, south, east, north]),
        [west, south, low, east, north, high] if low <= high => Ok([west, south, east, north]),
        [_, _, low, _, _, high] => Err(bad(format!("its lowest height {low} lies above its highest {high}"))),
        _ => Err(bad(format!("4 or 6 numbers, west,south,east,north; found {}", numbers.len()))),
    }
}

impl FromStr for Bbox {
    type Err = Error;

    /// `west,south,east,north`, or with heights `west,south,low,east,north,high`, which do not restrict.
    fn from_str(text: &str) -> Result<Bbox> {
        let bad = |reason: String| invalid("bbox", text, reason);
        let [west, south, east, north] = numbers(text)?;
        let bbox = Bbox::new(west, south, east, north);
        for lat in [bbox.south, bbox.north] {
            if !(-90.0..=90.0).contains(&lat) {
                return Err(bad(format!(
                    "{lat} is no latitude in [-90, 90] degrees: the order is west,south,east,north"
                )));
            }
        }
        for lon in [bbox.west, bbox.east] {
            if !(-180.0..=180.0).contains(&lon) {
                return Err(bad(format!("{lon} is no longitude in [-180, 180] degrees")));
            }
        }
        if bbox.south > bbox.north {
            return Err(bad(format!("its south {} lies north of its north {}", bbox.south, bbox.north)));
        }
        Ok(bbox)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> Position {
        Position::new(lon, lat).unwrap()
    }

    #[test]
    fn a_box_holds_what_lies_on_its_sides() {
        let bbox: Bbox = "110.33,20.03,110.335,20.035".parse().unwrap();
        assert!(bbox.contains(at(110.33, 20.035)) && bbox.contains(at(110.335, 20.03)));
        assert!(!bbox.contains(at(110.3299999, 20.03)) && !bbox.contains(at(110.33, 20.0350001)));
        let point: Bbox = "110.3312,20.0148,0,110.3312,20.0148,9".parse().unwrap();
        assert!(point.contains(at(110.3312, 20.0148)));
    }

    #[test]
    fn a_box_on_a_plane_holds_what_is_published_within_its_sides() {
        let spot = at(110.3312, 20.0148);
        let drawn = |code: u32| -> (Crs, [f64; 2]) {
            let crs: Crs = format!("http://www.opengis.net/def/crs/EPSG/0/{code}").parse().unwrap();
            (crs, crs.coordinates(spot))
        };
        for (code, off) in
            [(32_649, 0.001), (4_546, 0.001), (4_525, 0.001), (3_857, 0.001), (4_326, 1e-7), (4_490, 1e-7)]
        {
            let (crs, [a, b]) = drawn(code);
            let holds = |da: f64, db: f64| {
                let text = format!("{},{},{},{}", a + da, b + db, a + da, b + db);
                Bbox::read(&text, crs).unwrap().contains(spot)
            };
            assert_eq!([holds(0.0, 0.0), holds(off, 0.0), holds(0.0, -off)], [true, false, false], "{code}");
            let wide = Bbox::read(&format!("{},{},0,{},{},9", a - 2e5, b - 2e5, a + 2e5, b + 2e5), crs).unwrap();
            assert!(wide.contains(spot) && wide.meets(&[spot, at(110.5, 20.1)]), "{code}");
            let error = Bbox::read(&format!("{},{b},{a},{b}", a + 1.0), crs).unwrap_err().to_string();
            assert!(error.contains("is greater than its upper"), "{error}");
        }
    }

    #[test]
    fn the_degrees_around_a_box_on_a_plane_leave_nothing_of_it_out() {
        for (code, centre) in
            [(32_649, [500_000.0, 2_213_258.0]), (32_601, [200_000.0, 7_000_000.0]), (4_546, [5e6, 5e5])]
        {
            let crs: Crs = format!("http://www.opengis.net/def/crs/EPSG/0/{code}").parse().unwrap();
            for half in [0.0, 5.0, 1e3, 1e5, 4e5] {
                let [a, b] = centre;
                let text = format!("{},{},{},{}", a - half, b - half, a + half, b + half);
                let bbox = Bbox::read(&text, crs).unwrap();
                for (n, m) in (0..=20).flat_map(|n| (0..=20).map(move |m| (n, m))) {
                    let inner = |centre: f64, step: i32| centre + half * (f64::from(step) / 10.0 - 1.0) * 0.999_999;
                    let [lon, lat] = crs.degrees([inner(a, n), inner(b, m)]).unwrap();
                    let degrees = Bbox { plane: None, ..bbox };
                    assert!(degrees.contains(at(lon, lat)), "{code} {half}: {lon} {lat} outside {bbox:?}");
                }
            }
        }
    }

    #[test]
    fn a_box_of_latitude_first_goes_across_180_degrees_and_may_lie_nowhere() {
        let crs = Crs::Wgs84;
        assert!(Bbox::read("65,177,70,-177", crs).unwrap().contains(at(-179.0, 66.0)));
        assert!(!Bbox::read("110,20,111,21", crs).unwrap().contains(at(110.5, 20.5)));
    }

    #[test]
    fn a_box_whose_west_is_greater_than_its_east_crosses_180_degrees() {
        let bbox: Bbox = "177,65,-177,70".parse().unwrap();
        let inside = [(177.0, 65.0), (180.0, 66.0), (-180.0, 66.0), (-177.0, 70.0)];
        assert!(inside.iter().all(|&(lon, lat)| bbox.contains(at(lon, lat))));
        assert!(!bbox.contains(at(0.0, 66.0)) && !bbox.contains(at(-176.9, 66.0)));
    }

    #[test]
    fn a_box_that_cannot_be_read_says_why() {
        for (text, part) in [
            ("1,2,3", "found 3"),
            ("1,2,3,x", "not numbers"),
            ("1,2,3,NaN", "not numbers"),
            ("20,110,21,111", "west,south"),
            ("181,0,182,1", "longitude"),
            ("0,2,1,1", "south 2 lies north"),
            ("0,0,5,1,1,4", "height"),
        ] {
            let error = text.parse::<Bbox>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
