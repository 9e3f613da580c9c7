//! How often: a rate with its exact interval.

use super::super::analysis::gamma_quantile;

/// The exact 95 % interval of a Poisson mean from one count (Garwood 1936): quantiles of the gamma distribution.
pub fn poisson_95(count: u32) -> (f64, f64) {
    let quantile = |q: f64, shape: u32| gamma_quantile(q, f64::from(shape));
    (if count == 0 { 0.0 } else { quantile(0.025, count) }, quantile(0.975, count + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_count_is_the_published_one() {
        // Garwood (1936); also e.g. Ulm (1990), table 1.
        for (count, low, high) in [
            (0, 0.0, 3.689),
            (1, 0.0253, 5.572),
            (2, 0.2422, 7.225),
            (5, 1.6235, 11.668),
            (10, 4.795, 18.390),
            (20, 12.217, 30.888),
            (50, 37.111, 65.919),
            (100, 81.364, 121.627),
        ] {
            let (l, h) = poisson_95(count);
            assert!((l - low).abs() < 6e-4 && (h - high).abs() < 6e-4, "{count}: {l} {h}");
        }
    }

    #[test]
    fn the_interval_of_a_large_count_is_finite_and_holds_it() {
        let (low, high) = poisson_95(100_000);
        assert!(low < 100_000.0 && high > 100_000.0 && high - low < 1_300.0, "{low} {high}");
    }
}
