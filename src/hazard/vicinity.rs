//! The visible reports around a spot, from the spatial index.

use super::position::{EARTH_RADIUS_M, Position, radius2_cm2};
use super::report::{ReportRow, Reports};

/// A box so much larger holds all that rounding to centimetres, or the chord instead of the arc, lets in.
const MARGIN_M: f64 = 0.1;

/// The visible reports whose positions lie in a square of `radius_m` around a spot: all within the radius, and some in
/// its corners, which [`is_within`] tells apart. Needs [`Reports::index`] before.
pub fn around(reports: &Reports, spot: Position, radius_m: f64) -> impl Iterator<Item = &ReportRow> {
    boxes(spot, radius_m).flat_map(|part| reports.within(part)).map(|i| &reports.rows()[i])
}

/// Lies a report within a radius, both ends of the chord rounded to centimetres?
pub fn is_within(row: &ReportRow, spot: Position, radius_m: f64) -> bool {
    row.position.ecef().distance2_cm2(spot.ecef()) <= radius2_cm2(radius_m)
}

/// Boxes of degrees that hold everything within `radius_m` of a spot: west, south, east, north; two where they cross 180°.
pub(super) fn boxes(spot: Position, radius_m: f64) -> impl Iterator<Item = [f64; 4]> {
    let angle = (radius_m + MARGIN_M) / EARTH_RADIUS_M;
    let (south, north) = (spot.lat() - angle.to_degrees(), spot.lat() + angle.to_degrees());
    // Near a pole every longitude is near.
    let widest = spot.lat().to_radians().abs() + angle;
    let (first, second) = if widest >= std::f64::consts::FRAC_PI_2 {
        ([-180.0, south.max(-90.0), 180.0, north.min(90.0)], None)
    } else {
        let aside = (angle.sin() / widest.cos()).min(1.0).asin().to_degrees();
        let (west, east) = (spot.lon() - aside, spot.lon() + aside);
        if west < -180.0 {
            ([-180.0, south, east, north], Some([west + 360.0, south, 180.0, north]))
        } else if east > 180.0 {
            ([west, south, 180.0, north], Some([-180.0, south, east - 360.0, north]))
        } else {
            ([west, south, east, north], None)
        }
    };
    std::iter::once(first).chain(second)
}

#[cfg(test)]
mod tests {
    use super::super::category::Category;
    use super::super::event::Report;
    use super::*;

    #[test]
    fn reports_around_a_spot_are_those_that_measuring_each_finds() {
        let category = Category::named("waterlogging").unwrap();
        let spots = [(110.3, 20.0), (179.9999, 5.0), (-179.99999, -60.0), (0.0, 89.9999), (30.0, -90.0), (-73.9, 40.7)];
        for (n, (lon, lat)) in spots.into_iter().enumerate() {
            let spot = Position::new(lon, lat).unwrap();
            let mut reports = Reports::default();
            let mut rng = fastrand::Rng::with_seed(n as u64);
            for i in 0..2_000 {
                let lat = (lat + (rng.f64() - 0.5) * 0.004).clamp(-90.0, 90.0);
                let wide = if lat.abs() > 89.0 { 360.0 } else { 0.004 / lat.to_radians().cos() };
                let lon = (lon + (rng.f64() - 0.5) * wide + 540.0).rem_euclid(360.0) - 180.0;
                reports.push(&Report::new(i.to_string(), category, Position::new(lon, lat).unwrap(), 0));
            }
            reports.index();
            let near = |row: &&ReportRow| is_within(row, spot, 50.0);
            let found = around(&reports, spot, 50.0).filter(near).count();
            let all = reports.rows().iter().filter(near).count();
            assert!(found == all && all > 10, "{lon} {lat}: {found} of {all}");
        }
    }

    #[test]
    fn boxes_hold_all_that_lies_within_the_distance_at_any_latitude_and_across_180_degrees() {
        for (lon, lat) in [(110.0, 20.0), (179.9, -65.0), (-179.9, 0.0), (0.0, 89.5), (30.0, -89.99), (-74.0, 40.7)] {
            let at = Position::new(lon, lat).unwrap();
            let boxes: Vec<_> = super::boxes(at, 25_000.0).collect();
            let mut inside = 0;
            for n in 0..4_000 {
                let (dx, dy) = (f64::from(n % 63) - 31.0, f64::from(n / 63) - 31.0);
                let step = 0.01;
                let wide = step / lat.to_radians().cos().max(0.01);
                let (lon, lat) =
                    ((lon + dx * wide + 540.0).rem_euclid(360.0) - 180.0, (lat + dy * step).clamp(-90.0, 90.0));
                let other = Position::new(lon, lat).unwrap();
                if other.ecef().distance_m(at.ecef()) <= 25_000.0 {
                    inside += 1;
                    let held = |b: &[f64; 4]| (b[0]..=b[2]).contains(&lon) && (b[1]..=b[3]).contains(&lat);
                    assert!(boxes.iter().any(held), "{lon} {lat} of {at:?}");
                }
            }
            assert!(inside > 500, "{inside}");
        }
    }
}
