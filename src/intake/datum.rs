//! What positions refer to. China's maps are shifted on purpose by some hundred metres; all becomes WGS 84 at the door.

use super::mapping::Datum;
use crate::error::{Result, invalid};
use crate::hazard::event::Original;
use crate::hazard::position::Position;

impl Datum {
    pub const ALL: [Datum; 3] = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];

    /// The datum of a name.
    ///
    /// # Errors
    /// `Invalid` for one that is unknown.
    pub fn named(name: &str) -> Result<Datum> {
        let names = || Datum::ALL.map(Datum::name).join(", ");
        let known = Datum::ALL.into_iter().find(|datum| datum.name() == name);
        known.ok_or_else(|| invalid("datum", name, format!("known are {}", names())))
    }

    /// WGS 84 of degrees in this datum, and the degrees as given where that was another. Whatever was shifted by the published
    /// formulas comes back to within 2 cm; outside the mainland of China, where nothing is shifted, degrees stay as they are
    /// (whether they lie there is judged by a mask that is rough near borders, see `coordtransform`).
    ///
    /// # Errors
    /// As [`Position::new`].
    pub fn wgs84(self, lon: f64, lat: f64) -> Result<(Position, Option<Original>)> {
        let given = Position::new(lon, lat)?;
        let (wgs_lon, wgs_lat) = match self {
            Datum::Wgs84 => return Ok((given, None)),
            Datum::Gcj02 => coordtransform::gcj02_to_wgs84(lon, lat),
            Datum::Bd09 => coordtransform::bd09_to_wgs84(lon, lat),
        };
        Ok((Position::new(wgs_lon, wgs_lat)?, Some(Original { datum: self.name().into(), lon, lat })))
    }

    /// As [`Datum::wgs84`], of a position that somebody sent.
    ///
    /// # Errors
    /// As [`Position::new`], and for 0,0.
    pub(super) fn of_report(self, lon: f64, lat: f64) -> Result<(Position, Option<Original>)> {
        if lon == 0.0 && lat == 0.0 {
            return Err(invalid("lon", lon, "0,0 is where a missing position ends up: it lies in the sea"));
        }
        self.wgs84(lon, lat)
    }
}

#[cfg(test)]
#[path = "datum_tests.rs"]
mod tests;
