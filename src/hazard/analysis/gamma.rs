//! Quantiles of the gamma distribution, to the last digits.

use statrs::distribution::{ContinuousCDF, Gamma};
use statrs::function::gamma::{gamma_lr, ln_gamma};

/// Steps of Newton's method; each doubles the digits that are right.
const POLISH: usize = 4;

/// The value that a gamma variable of this shape and rate 1 stays below with probability `q`.
pub fn gamma_quantile(q: f64, shape: f64) -> f64 {
    let mut x = Gamma::new(shape, 1.0).map_or(f64::NAN, |gamma| gamma.inverse_cdf(q));
    for _ in 0..POLISH {
        let density = ((shape - 1.0) * x.ln() - x - ln_gamma(shape)).exp();
        let next = x - (gamma_lr(shape, x) - q) / density;
        // Far out in a tail the density is nothing: what was found stands.
        if !(next > 0.0 && next.is_finite()) {
            break;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_where_the_distribution_reaches_it() {
        // Of the exponential distribution it is known.
        assert!((gamma_quantile(0.975, 1.0) - 40.0_f64.ln()).abs() < 1e-13);
        for shape in [0.05, 0.3, 1.0, 4.5, 80.0, 3_000.0] {
            for q in [0.025, 0.5, 0.975] {
                let back = gamma_lr(shape, gamma_quantile(q, shape));
                assert!((back - q).abs() < 1e-12, "{shape} {q}: {back}");
            }
        }
    }
}
