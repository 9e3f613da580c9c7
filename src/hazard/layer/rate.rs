//! How often: a rate with its exact interval.

use super::super::analysis::gamma_quantile;
use super::super::category::Category;
use super::super::map::HazardMap;
use super::super::occasion::Tally;
use super::feature::rounded;

const YEAR_S: f64 = 365.25 * 86_400.0;
/// Below this a rate by year says nothing.
const SHORTEST_OBSERVED_S: i64 = 90 * 86_400;

/// The exact 95 % interval of a Poisson mean from one count (Garwood 1936): quantiles of the gamma distribution.
pub fn poisson_95(count: u32) -> (f64, f64) {
    let quantile = |q: f64, shape: u32| gamma_quantile(q, f64::from(shape));
    (if count == 0 { 0.0 } else { quantile(0.025, count) }, quantile(0.975, count + 1))
}

/// The observed part of the window of a category in years of 365.25 days; `None` where it is too short for a rate.
pub fn observed_years(map: &HazardMap, category: Category) -> Option<f64> {
    let observed_s = map.rule(category).window_s.min(map.as_of() - map.since()?);
    (observed_s >= SHORTEST_OBSERVED_S).then(|| observed_s as f64 / YEAR_S)
}

/// Occasions per observed year, with the exact 95 % interval.
pub fn per_year(map: &HazardMap, category: Category, tally: &Tally) -> Option<[f64; 3]> {
    let years = observed_years(map, category)?;
    let (low, high) = poisson_95(tally.occasions());
    Some([f64::from(tally.occasions()), low, high].map(|n| rounded(n / years, 1_000.0)))
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
