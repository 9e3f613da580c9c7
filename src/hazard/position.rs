//! Positions on the ground and distances between them, in integers, so that ties are exact everywhere.

use serde::{Deserialize, Serialize};

use super::angle;
use crate::error::{Error, Result, invalid};

/// Mean Earth radius in metres (Moritz 2000, R₁).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// A longitude and a latitude that are both larger are metres.
const LEAST_METRES: f64 = 1_000.0;
const RADIUS_CM: f64 = EARTH_RADIUS_M * 100.0;
/// So near to the middle between two centimetres, two ways to work out a coordinate may round it differently.
const UNSURE_CM: f64 = 8.0 * RADIUS_CM * angle::ERROR;

/// WGS 84 longitude and latitude in units of 1e-7 degree (1.1 cm on the ground).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "(i32, i32)", into = "(i32, i32)")]
pub struct Position {
    lon_e7: i32,
    lat_e7: i32,
}

impl TryFrom<(i32, i32)> for Position {
    type Error = Error;

    fn try_from((lon_e7, lat_e7): (i32, i32)) -> Result<Position> {
        Position::new(f64::from(lon_e7) / 1e7, f64::from(lat_e7) / 1e7)
    }
}

impl From<Position> for (i32, i32) {
    fn from(p: Position) -> (i32, i32) {
        (p.lon_e7, p.lat_e7)
    }
}

impl Position {
    /// Longitude and latitude 0, in the Gulf of Guinea: where what has no position ends up.
    pub const NULL_ISLAND: Position = Position { lon_e7: 0, lat_e7: 0 };

    /// From WGS 84 degrees, longitude first, as in GeoJSON (RFC 7946, 3.1.1); rounded half up to 1e-7 degree.
    ///
    /// # Errors
    /// `Invalid` naming `lon` or `lat` when either is not a number or out of range.
    pub fn new(lon: f64, lat: f64) -> Result<Position> {
        if !(-90.0..=90.0).contains(&lat) {
            // A latitude that could be a longitude, beside a longitude that could be a latitude, is the usual slip.
            let swapped = (-180.0..=180.0).contains(&lat) && (-90.0..=90.0).contains(&lon);
            let hint = match swapped {
                true => "; looks like lat,lon: swap the axes",
                false if lon.abs().min(lat.abs()) > LEAST_METRES => {
                    "; looks like metres of a projected map: convert it to WGS 84 degrees"
                }
                false => "",
            };
            return Err(invalid("lat", lat, format!("not a latitude in [-90, 90] degrees{hint}")));
        }
        if !(-180.0..=180.0).contains(&lon) {
            return Err(invalid("lon", lon, "not a longitude in [-180, 180] degrees"));
        }
        Ok(Position { lon_e7: half_up(lon * 1e7) as i32, lat_e7: half_up(lat * 1e7) as i32 })
    }

    /// Longitude in units of 1e-7 degree.
    pub fn lon_e7(self) -> i32 {
        self.lon_e7
    }

    /// Latitude in units of 1e-7 degree.
    pub fn lat_e7(self) -> i32 {
        self.lat_e7
    }

    /// Longitude in degrees.
    pub fn lon(self) -> f64 {
        f64::from(self.lon_e7) / 1e7
    }

    /// Latitude in degrees.
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e7) / 1e7
    }

    /// The same spot as earth-centred coordinates, for distances.
    pub fn ecef(self) -> Ecef {
        let [x, y, z] = self.direction().map(|v| RADIUS_CM * v);
        let [a, b, c] = [x, y, z].map(half_up);
        // Rounded up or down by another hair: what the definition says holds.
        let sure = |v: f64, whole: f64| ((v + 0.5 - whole) - 0.5).abs() < 0.5 - UNSURE_CM;
        if !(sure(x, a) && sure(y, b) && sure(z, c)) {
            return self.ecef_by_definition();
        }
        Ecef { x: a as i32, y: b as i32, z: c as i32 }
    }

    fn ecef_by_definition(self) -> Ecef {
        let (lon, lat) = (self.lon().to_radians(), self.lat().to_radians());
        let cm = |v: f64| half_up(v) as i32;
        Ecef {
            x: cm(RADIUS_CM * lat.cos() * lon.cos()),
            y: cm(RADIUS_CM * lat.cos() * lon.sin()),
            z: cm(RADIUS_CM * lat.sin()),
        }
    }

    /// The same spot on the unit sphere: x, y, z, each within a few times [`angle::ERROR`].
    pub(super) fn direction(self) -> [f64; 3] {
        let ((sin_lon, cos_lon), (sin_lat, cos_lat)) = (angle::sin_cos(self.lon_e7), angle::sin_cos(self.lat_e7));
        [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
    }
}

/// Earth-centred x, y, z in whole centimetres on the sphere.
///
/// Chords between these stand for distances: no projection, no date line, no pole, exact ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ecef {
    pub x: i32,
    pub y: i32,
    pub z: i32,
}

impl Ecef {
    /// Squared chord length in cm²; the Earth's diameter squared still fits.
    pub fn distance2_cm2(self, other: Ecef) -> i64 {
        let d = |a: i32, b: i32| (i64::from(a) - i64::from(b)).pow(2);
        d(self.x, other.x) + d(self.y, other.y) + d(self.z, other.z)
    }

    /// Chord length in metres.
    pub fn distance_m(self, other: Ecef) -> f64 {
        (self.distance2_cm2(other) as f64).sqrt() / 100.0
    }
}

/// Rounds to the nearest integer, halves upwards.
pub fn half_up(v: f64) -> f64 {
    (v + 0.5).floor()
}

/// A radius in metres as squared whole centimetres, to compare with [`Ecef::distance2_cm2`].
///
/// Settings keep radii to ten kilometres, so this cannot overflow.
pub fn radius2_cm2(metres: f64) -> i64 {
    (half_up(metres * 100.0) as i64).pow(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapped_axes_are_named() {
        let error = Position::new(20.0148, 110.3312).unwrap_err().to_string();
        assert!(error.contains("looks like lat,lon"), "{error}");
    }

    #[test]
    fn not_a_number_and_infinity_are_refused() {
        for (lon, lat) in [(f64::NAN, 0.0), (0.0, f64::NAN), (1e308, 0.0), (f64::INFINITY, 0.0), (180.1, 0.0)] {
            assert!(Position::new(lon, lat).is_err(), "{lon} {lat}");
        }
    }

    #[test]
    fn distances_cross_the_date_line_and_the_pole() {
        let metres = |a: (f64, f64), b: (f64, f64)| {
            let at = |p: (f64, f64)| Position::new(p.0, p.1).unwrap().ecef();
            at(a).distance_m(at(b))
        };
        assert!((metres((179.9999, 0.0), (-179.9999, 0.0)) - 22.24).abs() < 0.02);
        assert!((metres((0.0, 89.9999), (180.0, 89.9999)) - 22.24).abs() < 0.02);
        assert_eq!(metres((180.0, 10.0), (-180.0, 10.0)), 0.0);
    }

    #[test]
    fn centimetres_are_those_of_the_definition_everywhere() {
        let mut rng = fastrand::Rng::with_seed(11);
        let edges = [-180.0, -135.0, -90.0, -45.0, 0.0, 45.0, 90.0, 135.0, 180.0];
        let corners =
            edges.iter().flat_map(|&lon| edges[2..7].iter().map(move |&lat| Position::new(lon, lat).unwrap()));
        let anywhere = (0..300_000).map(|_| Position {
            lon_e7: rng.i32(-1_800_000_000..=1_800_000_000),
            lat_e7: rng.i32(-900_000_000..=900_000_000),
        });
        corners.chain(anywhere).for_each(|at| assert_eq!(at.ecef(), at.ecef_by_definition(), "{at:?}"));
    }

    #[test]
    fn the_antipode_does_not_overflow() {
        let (a, b) = (Position::new(0.0, 0.0).unwrap().ecef(), Position::new(180.0, 0.0).unwrap().ecef());
        assert!((a.distance_m(b) - 2.0 * 6_371_008.8).abs() < 0.1);
    }
}
