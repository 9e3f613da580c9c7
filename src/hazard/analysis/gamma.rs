//! Quantiles of the gamma distribution, to the last digits.

use statrs::distribution::{ContinuousCDF, Gamma};
use statrs::function::gamma::{gamma_lr, ln_gamma};

/// Steps of Newton's method; each doubles the digits that are right.
const POLISH: usize = 4;
/// Below this a few terms of a power series give all digits; the library takes the very small for nothing.
const NEAR_ZERO: f64 = 1e-3;
const TERMS: u32 = 6;

/// The value that a gamma variable of this shape and rate 1 stays below with probability `q`.
pub fn gamma_quantile(q: f64, shape: f64) -> f64 {
    let near_zero = ((q.ln() + ln_gamma(shape + 1.0)) / shape).exp();
    if near_zero < NEAR_ZERO {
        return (0..POLISH).fold(near_zero, |x, _| near_zero * series(shape, x).powf(-1.0 / shape));
    }
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

/// The distribution divided by x^shape ÷ Γ(shape + 1), near zero (DLMF 8.7.1).
fn series(shape: f64, x: f64) -> f64 {
    let mut power = 1.0;
    let terms = (0..TERMS).map(|n| {
        power *= if n == 0 { 1.0 } else { -x / f64::from(n) };
        power * shape / (shape + f64::from(n))
    });
    terms.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_where_the_distribution_reaches_it() {
        // Of the exponential distribution it is known.
        assert!((gamma_quantile(0.975, 1.0) - 40.0_f64.ln()).abs() < 1e-13);
        // As SciPy has them.
        for (q, shape, x) in [
            (0.025, 0.05, 5.31566188991436e-33),
            (0.5, 0.05, 5.573878440746256e-07),
            (0.025, 0.1, 5.791710245521471e-17),
        ] {
            assert!((gamma_quantile(q, shape) / x - 1.0).abs() < 1e-11, "{shape} {q}: {}", gamma_quantile(q, shape));
        }
        for shape in [0.3, 1.0, 4.5, 80.0, 3_000.0] {
            for q in [0.025, 0.5, 0.975] {
                let back = gamma_lr(shape, gamma_quantile(q, shape));
                assert!((back - q).abs() < 1e-12, "{shape} {q}: {back}");
            }
        }
    }
}
