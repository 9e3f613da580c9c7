//! The exact binomial test, and the interval that belongs to it.

use statrs::function::beta::{beta_reg, inv_beta_reg, ln_beta};
use statrs::function::factorial::ln_binomial;

/// Probabilities that differ by less are the same (as in R and SciPy, which share this number).
const SAME: f64 = 1.0 + 1e-7;
/// Steps of Newton's method that make a quantile exact to the last digits.
const POLISH: usize = 4;

/// Two-sided p of `k` successes in `n` trials of probability `p`: of all outcomes that are no more likely (Fisher's way,
/// as `binom.test` of R and `binomtest` of SciPy).
pub fn two_sided_p(k: u32, n: u32, p: f64) -> f64 {
    let mean = p * f64::from(n);
    let at = f64::from(k);
    if at == mean {
        return 1.0;
    }
    let limit = probability(k, n, p) * SAME;
    let rare = |i: u32| Some(probability(i, n, p)).filter(|&q| q <= limit).unwrap_or(0.0);
    let sum = if at < mean {
        let far = (mean.ceil() as u32..=n).map(rare).sum::<f64>();
        (0..=k).map(|i| probability(i, n, p)).sum::<f64>() + far
    } else {
        let far = (0..=mean.floor() as u32).map(rare).sum::<f64>();
        (k..=n).map(|i| probability(i, n, p)).sum::<f64>() + far
    };
    sum.min(1.0)
}

/// The probability of at most `k` of `n`.
pub fn at_most(k: u32, n: u32, p: f64) -> f64 {
    if k >= n { 1.0 } else { beta_reg(f64::from(n - k), f64::from(k) + 1.0, 1.0 - p) }
}

/// The probability of exactly `k` of `n`.
fn probability(k: u32, n: u32, p: f64) -> f64 {
    let (k, rest) = (f64::from(k), f64::from(n - k));
    // 0 times the logarithm of 0 is 0 here.
    let power = |times: f64, ln: f64| if times == 0.0 { 0.0 } else { times * ln };
    (ln_binomial(u64::from(n), k as u64) + power(k, p.ln()) + power(rest, (-p).ln_1p())).exp()
}

/// The exact 95 % interval of a probability from `k` of `n` (Clopper & Pearson 1934).
pub fn clopper_pearson_95(k: u32, n: u32) -> (f64, f64) {
    let (a, b) = (f64::from(k), f64::from(n - k));
    let low = if k == 0 { 0.0 } else { beta_quantile(0.025, a, b + 1.0) };
    let high = if k == n { 1.0 } else { beta_quantile(0.975, a + 1.0, b) };
    (low, high)
}

/// The value that a beta variable stays below with probability `q`.
fn beta_quantile(q: f64, a: f64, b: f64) -> f64 {
    let mut x = inv_beta_reg(a, b, q);
    for _ in 0..POLISH {
        let density = ((a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() - ln_beta(a, b)).exp();
        let next = x - (beta_reg(a, b, x) - q) / density;
        if !(next > 0.0 && next < 1.0) {
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
    fn the_test_and_the_interval_are_the_published_ones() {
        // Clopper & Pearson (1934): 10 of 100; R's manual of binom.test: 682 of 925 at 3/4.
        let (low, high) = clopper_pearson_95(10, 100);
        assert!((low - 0.049_005).abs() < 1e-5 && (high - 0.176_223).abs() < 1e-5, "{low} {high}");
        assert!((two_sided_p(682, 925, 0.75) - 0.382_5).abs() < 1e-4);
        assert_eq!(clopper_pearson_95(0, 7).0, 0.0);
        assert_eq!(clopper_pearson_95(7, 7).1, 1.0);
        assert!((two_sided_p(5, 5, 1.0 / 3.0) - 3.0_f64.powi(-5)).abs() < 1e-12);
        assert_eq!(two_sided_p(1, 2, 0.5), 1.0);
        assert!((at_most(1, 5, 0.5) - 6.0 / 32.0).abs() < 1e-14 && at_most(5, 5, 0.9) == 1.0);
    }
}
