//! Datums against the formulas as they were published, which only lead the other way.

use std::f64::consts::PI;

use super::*;

/// GCJ-02 of a position in China (the formula of `eviltransform`).
fn gcj02(lon: f64, lat: f64) -> (f64, f64) {
    const AXIS_M: f64 = 6_378_245.0;
    const FLATTENING: f64 = 0.006_693_421_622_965_943;
    let (x, y) = (lon - 105.0, lat - 35.0);
    let wave = |size: f64, length: f64, at: f64| size * (at / length * PI).sin() * 2.0 / 3.0;
    let both = 0.1 * x * y + wave(20.0, 1.0 / 6.0, x) + wave(20.0, 0.5, x);
    let north_m = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.2 * x.abs().sqrt()
        + both
        + [(20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0)]
            .map(|(size, length)| wave(size, length, y))
            .iter()
            .sum::<f64>();
    let east_m = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x.abs().sqrt()
        + both
        + [(20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0)]
            .map(|(size, length)| wave(size, length, x))
            .iter()
            .sum::<f64>();
    let bulge = 1.0 - FLATTENING * lat.to_radians().sin().powi(2);
    let meridian_m = AXIS_M * (1.0 - FLATTENING) / (bulge * bulge.sqrt());
    let parallel_m = AXIS_M / bulge.sqrt() * lat.to_radians().cos();
    (lon + (east_m / parallel_m).to_degrees(), lat + (north_m / meridian_m).to_degrees())
}

/// BD-09 of a position in GCJ-02.
fn bd09((lon, lat): (f64, f64)) -> (f64, f64) {
    const TURN: f64 = PI * 3_000.0 / 180.0;
    let far = lon.hypot(lat) + 0.000_02 * (lat * TURN).sin();
    let angle = lat.atan2(lon) + 0.000_003 * (lon * TURN).cos();
    (far * angle.cos() + 0.006_5, far * angle.sin() + 0.006)
}

#[test]
fn the_formula_here_is_the_published_one() {
    let (lon, lat) = gcj02(116.404, 39.915);
    assert!((lon - 116.410_244_499_169_38).abs() < 1e-11 && (lat - 39.916_404_281_501_64).abs() < 1e-11, "{lon} {lat}");
}

#[test]
fn whatever_was_shifted_comes_back_to_within_two_centimetres_in_all_of_china() {
    let mut random = fastrand::Rng::with_seed(4);
    let (mut most_m, mut least_shift_m): (f64, f64) = (0.0, f64::MAX);
    // Well within the land: at its borders the mask of where it is shifted is rough.
    for _ in 0..20_000 {
        let (lon, lat) = (100.0 + 16.0 * random.f64(), 25.0 + 14.0 * random.f64());
        let at = Position::new(lon, lat).unwrap();
        let shifted = gcj02(lon, lat);
        for (datum, (lon, lat)) in [(Datum::Gcj02, shifted), (Datum::Bd09, bd09(shifted))] {
            let (back, original) = datum.wgs84(lon, lat).unwrap();
            most_m = most_m.max(back.ecef().distance_m(at.ecef()));
            least_shift_m = least_shift_m.min(back.ecef().distance_m(Position::new(lon, lat).unwrap().ecef()));
            assert_eq!(original, Some(Original { datum: datum.name().into(), lon, lat }));
        }
    }
    println!("there and back again: at most {most_m:.4} m off; the shift is at least {least_shift_m:.0} m");
    assert!(most_m < 0.02 && least_shift_m > 100.0, "{most_m} {least_shift_m}");
}

#[test]
fn outside_china_nothing_is_shifted_in_either_datum_and_wgs84_never_is() {
    for (name, lon, lat) in [
        ("Hong Kong", 114.172, 22.281),
        ("Macau", 113.541, 22.195),
        ("Taipei", 121.562, 25.033),
        ("Seoul", 126.978, 37.566),
        ("Hanoi", 105.852, 21.028),
        ("Ulaanbaatar", 106.917, 47.918),
        ("Kathmandu", 85.324, 27.717),
        ("New York", -73.894, 40.774),
        ("Sydney", 151.209, -33.868),
    ] {
        let there = Position::new(lon, lat).unwrap();
        for datum in [Datum::Gcj02, Datum::Bd09] {
            let (at, original) = datum.wgs84(lon, lat).unwrap();
            assert_eq!(at, there, "{name} in {}", datum.name());
            assert_eq!(original.unwrap().datum, datum.name(), "{name}");
        }
        assert_eq!(Datum::Wgs84.wgs84(lon, lat).unwrap(), (there, None));
    }
    assert_eq!(Datum::Wgs84.wgs84(110.3312, 20.0148).unwrap().1, None);
}
