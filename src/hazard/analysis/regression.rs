//! Regression to the mean: what would have followed at a spot that was chosen because it was worst, had nobody done anything.
//!
//! A spot is repaired after a bad time, and part of a bad time is bad luck, which does not last. What all spots of the city
//! have in common (the [`Prior`] of the rank) tells how much: given the occasions before, a spot's true rate is gamma
//! distributed with shape α + occasions and rate β + years, so the occasions after are negative binomial (Hauer 1997).

use statrs::function::beta::beta_reg;
use statrs::function::gamma::gamma_ur;

use super::rank::Prior;

/// What follows without works, after so many occasions before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unrepaired {
    /// So many occasions.
    pub expected: f64,
    /// The chance of at most as many as there were.
    pub p_so_few: f64,
}

impl Unrepaired {
    /// `before`: occasions in so many years; `after`: occasions in a time worth so many years of them. Nothing while the city
    /// was observed for too short a time for a rate.
    pub fn of(
        prior: &Prior,
        (before, years_before): (u32, f64),
        (after, years_after): (u32, f64),
    ) -> Option<Unrepaired> {
        let after = f64::from(after);
        let Some((alpha, beta)) = prior.gamma() else {
            // Every spot has the city's mean.
            let expected = prior.mean / prior.years? * years_after;
            let p_so_few = if expected > 0.0 { gamma_ur(after + 1.0, expected) } else { 1.0 };
            return Some(Unrepaired { expected, p_so_few });
        };
        let (shape, rate) = (alpha + f64::from(before), beta + years_before);
        let p_so_few = beta_reg(shape, after + 1.0, rate / (rate + years_after));
        Some(Unrepaired { expected: shape / rate * years_after, p_so_few })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_time_is_followed_by_a_better_one_where_spots_are_alike_and_by_the_same_where_they_are_not() {
        let prior = |variance| Prior { sites: 100, flooded: 60, years: Some(2.0), mean: 0.5, variance };
        // α = 0.25, β = 1: ten occasions a year before, (0.25 + 10) / (1 + 1) after.
        let some = Unrepaired::of(&prior(1.5), (10, 1.0), (0, 1.0)).unwrap();
        assert!((some.expected - 5.125).abs() < 1e-12, "{some:?}");
        // (2/3)^10.25: none of a negative binomial.
        assert!((some.p_so_few - (2.0_f64 / 3.0).powf(10.25)).abs() < 1e-12, "{some:?}");
        let none = Unrepaired::of(&prior(0.5), (10, 1.0), (0, 1.0)).unwrap();
        assert!((none.expected - 0.25).abs() < 1e-12 && (none.p_so_few - (-0.25_f64).exp()).abs() < 1e-12, "{none:?}");
        let apart = Unrepaired::of(&prior(5_000.0), (10, 1.0), (10, 1.0)).unwrap();
        assert!(apart.expected > 9.9 && apart.p_so_few > 0.4, "{apart:?}");
        assert_eq!(Unrepaired::of(&Prior { years: None, ..prior(1.5) }, (10, 1.0), (0, 1.0)), None);
    }
}
