//! What can be said of a position without knowing the city's borders: by where nearly all others lie, of its import or of the
//! reports that there are.

use crate::error::{Error, Result, invalid};
use crate::hazard::event::Report;
use crate::hazard::position::Position;

/// This near is the same city, in units of 1e-7 degree: 2°, some 200 km. As far around 0,0 there is only sea.
const NEAR_E7: i32 = 20_000_000;
/// Of fewer positions nothing is said but that 0,0 is none.
const FEWEST: usize = 20;
/// Positions looked at, evenly spread.
const MOST: usize = 100_000;

/// Where nearly all positions lie.
#[derive(Debug, Default, PartialEq)]
pub struct Others {
    /// Some lie elsewhere than around 0,0.
    known: bool,
    /// The middle of the city, if it is one.
    home: Option<[i32; 2]>,
}

impl Others {
    /// What the reports of an import have in common.
    pub fn of<'r>(reports: impl ExactSizeIterator<Item = &'r Report>) -> Others {
        Others::of_positions(
            reports.map(|report| if is_zero(report) { Position::NULL_ISLAND } else { report.position }),
        )
    }

    /// What positions have in common.
    pub fn of_positions(positions: impl ExactSizeIterator<Item = Position>) -> Others {
        let step = positions.len().div_ceil(MOST).max(1);
        let sample: Vec<_> = positions.step_by(step).filter(|at| *at != Position::NULL_ISLAND).map(place).collect();
        let nearly_all =
            |is: &dyn Fn(&[i32; 2]) -> bool| 20 * sample.iter().filter(|at| is(at)).count() >= 19 * sample.len();
        let known = !sample.is_empty() && nearly_all(&|at| !near(*at, [0, 0]));
        let median = |axis: usize| {
            let mut all: Vec<i32> = sample.iter().map(|at| at[axis]).collect();
            let middle = all.len() / 2;
            *all.select_nth_unstable(middle).1
        };
        let home = (sample.len() >= FEWEST).then(|| [median(0), median(1)]);
        Others { known, home: home.filter(|home| nearly_all(&|at| near(*at, *home))) }
    }

    /// Why the position of a report is not to be believed, if it is not.
    pub fn doubt(&self, report: &Report) -> Option<Error> {
        self.doubt_position(if is_zero(report) { Position::NULL_ISLAND } else { report.position })
    }

    /// Refuses a position that is not to be believed.
    ///
    /// # Errors
    /// `Invalid` naming `lon` for 0,0 where the others lie elsewhere, and for what lies among them with its axes swapped alone.
    pub fn expect(&self, position: Position) -> Result<()> {
        self.doubt_position(position).map_or(Ok(()), Err)
    }

    /// Far from all others, where they are of one city.
    pub fn is_elsewhere(&self, position: Position) -> bool {
        self.home.is_some_and(|home| !near(place(position), home))
    }

    /// Why a position is not to be believed, if it is not.
    fn doubt_position(&self, position: Position) -> Option<Error> {
        if position == Position::NULL_ISLAND {
            return self
                .known
                .then(|| invalid("lon", "0", "0,0 is where a missing position ends up: it lies in the sea"));
        }
        let (at, home) = (place(position), self.home?);
        if near(at, home) || !near([at[1], at[0]], home) {
            return None;
        }
        let [lon, lat] = at.map(|e7| f64::from(e7) / 1e7);
        let reason = format!(
            "position {lon}, {lat} lies far from all others, and among them with its axes swapped; looks like lat,lon"
        );
        Some(invalid("lon", lon, reason))
    }
}

/// As it was given, in whatever datum.
fn is_zero(report: &Report) -> bool {
    match &report.original {
        Some(original) => original.lon == 0.0 && original.lat == 0.0,
        None => report.position == Position::NULL_ISLAND,
    }
}

fn place(position: Position) -> [i32; 2] {
    [position.lon_e7(), position.lat_e7()]
}

fn near(a: [i32; 2], b: [i32; 2]) -> bool {
    // Differences of longitudes reach 360°, which 32 bits do not.
    (0..2).all(|axis| a[axis].abs_diff(b[axis]) <= NEAR_E7 as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hazard::category::Category;
    use crate::hazard::position::Position;

    fn report((lon, lat): (f64, f64)) -> Report {
        Report::new("r", Category::named("other").unwrap(), Position::new(lon, lat).unwrap(), 0)
    }

    fn others(places: &[(f64, f64)]) -> Others {
        let reports: Vec<_> = places.iter().copied().map(report).collect();
        Others::of(reports.iter())
    }

    /// Of New York.
    fn city() -> Vec<(f64, f64)> {
        (0..40).map(|n| (-73.9 + f64::from(n) * 0.001, 40.7 - f64::from(n) * 0.001)).collect()
    }

    #[test]
    fn nought_is_a_missing_position_where_others_lie_elsewhere() {
        let says = |others: &Others| others.doubt(&report((0.0, 0.0))).map(|e| e.to_string());
        assert!(says(&others(&city())).unwrap().contains("0,0 is where a missing position ends up"));
        // Half of them missing, or one known: the same.
        let half = [city(), vec![(0.0, 0.0); 40]].concat();
        assert!(says(&others(&half)).is_some() && says(&others(&[(-73.9, 40.7)])).is_some());
        // A made-up world around it, or nothing to go by.
        assert_eq!((says(&others(&[(0.1, 0.1), (0.0, 0.0)])), says(&others(&[]))), (None, None));
    }

    #[test]
    fn swapped_axes_are_told_where_the_others_are_of_one_city() {
        let swapped = report((40.7, -73.9));
        let error = others(&city()).doubt(&swapped).unwrap().to_string();
        assert!(error.contains("looks like lat,lon"), "{error}");
        // Far away, but no better with its axes swapped.
        let paris = report((2.35, 48.86));
        assert_eq!(others(&city()).doubt(&paris), None);
        let elsewhere = |of: &[(f64, f64)], at| others(of).is_elsewhere(at);
        assert!(elsewhere(&city(), paris.position) && !elsewhere(&city(), report((-73.0, 41.0)).position));
        assert!(!elsewhere(&city()[..19], paris.position), "too few to go by");
        assert_eq!(others(&city()).doubt(&report((-75.0, 41.0))), None);
        // Too few to go by, or of the whole world.
        assert_eq!(others(&city()[..19]).doubt(&swapped), None);
        let world: Vec<_> = (0..40).map(|n| (f64::from(n) * 8.0 - 160.0, f64::from(n) - 20.0)).collect();
        assert_eq!(others(&world).home, None);
    }
}
