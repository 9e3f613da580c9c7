//! How large a share: with its interval.

/// The normal distribution's quantile at 0.975.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % interval of a share of `n`, by its score (Wilson 1927); none without any.
pub fn wilson_95(count: u32, n: u32) -> Option<(f64, f64)> {
    if n == 0 {
        return None;
    }
    let (p, n) = (f64::from(count) / f64::from(n), f64::from(n));
    let shrunk = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / shrunk;
    let half = Z / shrunk * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    Some(((middle - half).max(0.0), (middle + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_share_is_the_published_one() {
        // Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        for (count, n, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let (l, h) = wilson_95(count, n).unwrap();
            assert!((l - low).abs() < 6e-5 && (h - high).abs() < 6e-5, "{count} of {n}: {l} {h}");
        }
        assert_eq!(wilson_95(0, 0), None);
        assert_eq!(wilson_95(7, 7).unwrap().1, 1.0);
    }
}
