//! The transverse Mercator projection of an ellipsoid (EPSG method 9807), by Krüger's series.

/// An ellipsoid with the coefficients of the series on it.
#[derive(Debug)]
pub struct Ellipsoid {
    /// First eccentricity.
    e: f64,
    /// Radius in metres of the circle that is as long as a meridian.
    rectifying_m: f64,
    /// From the conformal to the rectifying sphere, and back.
    alpha: [f64; 6],
    beta: [f64; 6],
}

/// A zone: where its axes cross, and what is added.
#[derive(Debug)]
pub struct TransverseMercator {
    pub ellipsoid: &'static Ellipsoid,
    /// Longitude of its central meridian, in degrees.
    pub meridian: f64,
    /// Scale on it.
    pub scale: f64,
    pub false_easting_m: f64,
    pub false_northing_m: f64,
}

/// WGS 84 (EPSG:7030).
pub static WGS_84: Ellipsoid = Ellipsoid::new(6_378_137.0, 298.257_223_563, 0.081_819_190_842_621_49);
/// CGCS2000 (EPSG:1024): the same to 0.1 mm.
pub static CGCS_2000: Ellipsoid = Ellipsoid::new(6_378_137.0, 298.257_222_101, 0.081_819_191_042_815_79);

/// Newton's steps from the conformal latitude: two are enough for the last digit (Karney 2011, 2).
const STEPS: usize = 3;

impl Ellipsoid {
    /// The series of Karney, *Transverse Mercator with an accuracy of a few nanometers*, J. Geodesy 85 (2011), eqs. 12, 14,
    /// 35 and 36, in the third flattening. `e` is √(f (2 − f)), which cannot be computed in a constant.
    const fn new(equatorial_radius_m: f64, inverse_flattening: f64, e: f64) -> Ellipsoid {
        let n = 1.0 / (2.0 * inverse_flattening - 1.0);
        let n2 = n * n;
        let (n3, n4) = (n2 * n, n2 * n2);
        let (n5, n6) = (n4 * n, n4 * n2);
        let alpha = [
            n / 2.0 - n2 * 2.0 / 3.0 + n3 * 5.0 / 16.0 + n4 * 41.0 / 180.0 - n5 * 127.0 / 288.0
                + n6 * 7_891.0 / 37_800.0,
            n2 * 13.0 / 48.0 - n3 * 3.0 / 5.0 + n4 * 557.0 / 1_440.0 + n5 * 281.0 / 630.0
                - n6 * 1_983_433.0 / 1_935_360.0,
            n3 * 61.0 / 240.0 - n4 * 103.0 / 140.0 + n5 * 15_061.0 / 26_880.0 + n6 * 167_603.0 / 181_440.0,
            n4 * 49_561.0 / 161_280.0 - n5 * 179.0 / 168.0 + n6 * 6_601_661.0 / 7_257_600.0,
            n5 * 34_729.0 / 80_640.0 - n6 * 3_418_889.0 / 1_995_840.0,
            n6 * 212_378_941.0 / 319_334_400.0,
        ];
        let beta = [
            n / 2.0 - n2 * 2.0 / 3.0 + n3 * 37.0 / 96.0 - n4 / 360.0 - n5 * 81.0 / 512.0 + n6 * 96_199.0 / 604_800.0,
            n2 / 48.0 + n3 / 15.0 - n4 * 437.0 / 1_440.0 + n5 * 46.0 / 105.0 - n6 * 1_118_711.0 / 3_870_720.0,
            n3 * 17.0 / 480.0 - n4 * 37.0 / 840.0 - n5 * 209.0 / 4_480.0 + n6 * 5_569.0 / 90_720.0,
            n4 * 4_397.0 / 161_280.0 - n5 * 11.0 / 504.0 - n6 * 830_251.0 / 7_257_600.0,
            n5 * 4_583.0 / 161_280.0 - n6 * 108_847.0 / 3_991_680.0,
            n6 * 20_648_693.0 / 638_668_800.0,
        ];
        let rectifying_m = equatorial_radius_m / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0 + n6 / 256.0);
        Ellipsoid { e, rectifying_m, alpha, beta }
    }

    /// Tangent of the conformal latitude (eqs. 7–9).
    fn conformal(&self, tau: f64) -> f64 {
        let sigma = (self.e * (self.e * tau / tau.hypot(1.0)).atanh()).sinh();
        tau * sigma.hypot(1.0) - sigma * tau.hypot(1.0)
    }

    /// Tangent of the latitude whose conformal latitude has this one (eqs. 19–21).
    fn geodetic(&self, conformal: f64) -> f64 {
        let flat = 1.0 - self.e * self.e;
        (0..STEPS).fold(conformal / flat.sqrt(), |tau, _| {
            let at = self.conformal(tau);
            let slope = flat * at.hypot(1.0) * tau.hypot(1.0) / (1.0 + flat * tau * tau);
            tau + (conformal - at) / slope
        })
    }
}

/// What the series adds at a point of the sphere: Σ cⱼ sin 2jξ cosh 2jη, and Σ cⱼ cos 2jξ sinh 2jη.
fn series(coefficients: &[f64; 6], xi: f64, eta: f64) -> [f64; 2] {
    let terms = (1..).map(|j| 2.0 * f64::from(j)).zip(coefficients);
    terms.fold([0.0, 0.0], |[north, east], (j, c)| {
        [north + c * (j * xi).sin() * (j * eta).cosh(), east + c * (j * xi).cos() * (j * eta).sinh()]
    })
}

impl TransverseMercator {
    /// Easting and northing in metres of a longitude and a latitude in degrees: right to nanometres up to 3,900 km from
    /// the central meridian, to less than 1 mm up to 60° from it.
    pub fn forward(&self, lon: f64, lat: f64) -> [f64; 2] {
        let (lon, tau) = (from_meridian(lon, self.meridian).to_radians(), lat.to_radians().tan());
        let conformal = self.ellipsoid.conformal(tau);
        let (xi, eta) = (conformal.atan2(lon.cos()), (lon.sin() / conformal.hypot(lon.cos())).asinh());
        let [north, east] = series(&self.ellipsoid.alpha, xi, eta);
        let size = self.scale * self.ellipsoid.rectifying_m;
        [self.false_easting_m + size * (eta + east), self.false_northing_m + size * (xi + north)]
    }

    /// Degrees east of the central meridian, and latitude in degrees, of an easting and a northing in metres.
    pub fn inverse(&self, easting: f64, northing: f64) -> [f64; 2] {
        let size = self.scale * self.ellipsoid.rectifying_m;
        let (xi, eta) = ((northing - self.false_northing_m) / size, (easting - self.false_easting_m) / size);
        let [north, east] = series(&self.ellipsoid.beta, xi, eta);
        let (xi, eta) = (xi - north, eta - east);
        let conformal = xi.sin() / eta.sinh().hypot(xi.cos());
        [eta.sinh().atan2(xi.cos()).to_degrees(), self.ellipsoid.geodetic(conformal).atan().to_degrees()]
    }
}

/// Degrees east of a meridian, in [-180, 180).
pub fn from_meridian(lon: f64, meridian: f64) -> f64 {
    (lon - meridian + 180.0).rem_euclid(360.0) - 180.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(meridian: f64) -> TransverseMercator {
        TransverseMercator {
            ellipsoid: &WGS_84,
            meridian,
            scale: 0.9996,
            false_easting_m: 500_000.0,
            false_northing_m: 0.0,
        }
    }

    #[test]
    fn the_eccentricities_are_those_of_the_flattenings() {
        for (ellipsoid, inverse_flattening) in [(&WGS_84, 298.257_223_563_f64), (&CGCS_2000, 298.257_222_101)] {
            let f = 1.0 / inverse_flattening;
            assert!((ellipsoid.e - (f * (2.0 - f)).sqrt()).abs() < 1e-15);
        }
    }

    #[test]
    fn there_and_back_is_the_same_place_to_a_tenth_of_a_millimetre() {
        for lat in (-80..=84).step_by(4).map(f64::from) {
            for lon in (81..=141).map(f64::from) {
                let [easting, northing] = zone(111.0).forward(lon, lat);
                let [east, back] = zone(111.0).inverse(easting, northing);
                assert!((111.0 + east - lon).abs() * lat.to_radians().cos() < 1e-9, "{lon} {lat}");
                assert!((back - lat).abs() < 1e-9, "{lon} {lat}");
            }
        }
    }

    #[test]
    fn a_zone_at_180_degrees_goes_on_beyond_it() {
        let [west, east] = [179.999, -179.999].map(|lon| zone(177.0).forward(lon, 10.0)[0]);
        assert!((east - west - 219.3).abs() < 0.5, "{west} {east}");
    }
}
