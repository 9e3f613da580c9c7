//! Sines and cosines of whole units of 1e-7 degree, without a call: most of what has to be known of a position begins with them.

use std::f64::consts::PI;

/// 90° and 45° in units of 1e-7 degree.
const QUARTER: i32 = 900_000_000;
const EIGHTH: i32 = QUARTER / 2;
const RADIANS: f64 = PI / 1.8e9;

/// How far sine and cosine are off at most: a few times half a unit in the last place of 1.
pub const ERROR: f64 = 1e-15;

/// Sine and cosine of an angle between −180° and 180°, in units of 1e-7 degree.
pub fn sin_cos(e7: i32) -> (f64, f64) {
    let quarters = (e7 / 2 + EIGHTH / 2).div_euclid(QUARTER / 2);
    // Whole units: nothing is lost by what is taken off.
    let x = f64::from(e7 - quarters * QUARTER) * RADIANS;
    let (sin, cos) = within_an_eighth(x);
    match quarters & 3 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// By Taylor's series, between −π/4 and π/4: what follows its last terms is less than 1e-16.
fn within_an_eighth(x: f64) -> (f64, f64) {
    let x2 = x * x;
    let series = |from: u32| {
        // 1 − x²/(n+1)(n+2) (1 − x²/(n+3)(n+4) (1 − …
        let factors = [0, 2, 4, 6, 8, 10, 12, 14].map(|n| 1.0 / f64::from((from + n + 1) * (from + n + 2)));
        factors.iter().rev().fold(1.0, |rest, factor| 1.0 - x2 * factor * rest)
    };
    (x * series(1), series(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_and_cosine_are_those_of_the_library_within_their_error() {
        let mut rng = fastrand::Rng::with_seed(7);
        let turns = (-4..=4).flat_map(|eighth| (-3..=3).map(move |by| eighth * EIGHTH + by));
        let anywhere = std::iter::repeat_with(|| rng.i32(-2 * QUARTER..=2 * QUARTER)).take(200_000);
        for e7 in turns.filter(|e7| e7.abs() <= 2 * QUARTER).chain(anywhere) {
            let (sin, cos) = sin_cos(e7);
            let (s, c) = (f64::from(e7) * RADIANS).sin_cos();
            assert!((sin - s).abs() < ERROR && (cos - c).abs() < ERROR, "{e7}: {sin} {s}, {cos} {c}");
        }
    }
}
