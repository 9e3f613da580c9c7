//! The false discovery rate.

/// Adjusted p-values by Benjamini & Hochberg (1995), in the order given: declaring all that are at most q keeps the
/// expected share of false declarations at q, for tests that are independent or positively dependent.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_unstable_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut q = vec![0.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, &i) in order.iter().enumerate().rev() {
        least = least.min(p[i] * p.len() as f64 / (rank + 1) as f64);
        q[i] = least;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adjusted_values_of_the_original_papers_example_are_those_published() {
        // Benjamini & Hochberg (1995), 4.2: fifteen p-values, of which four are declared at 0.05.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0000,
        ];
        let q = benjamini_hochberg(&p);
        assert_eq!(q.iter().filter(|&&q| q <= 0.05).count(), 4);
        assert!((q[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-15 && q[14] == 1.0);
        assert!(q.windows(2).all(|w| w[0] <= w[1]));
    }

    #[test]
    fn the_order_given_does_not_matter_and_nothing_gives_nothing() {
        assert_eq!(benjamini_hochberg(&[0.04, 0.01, 0.03]), [0.04, 0.03, 0.04]);
        assert_eq!(benjamini_hochberg(&[]), Vec::<f64>::new());
    }
}
