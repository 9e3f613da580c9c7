//! Rates of small areas, drawn towards the rate of the whole where little is known of them.

/// What is known of the areas' rates before one looks at a single one: their mean, and how much they differ beyond chance.
/// Marshall (1991), global: moments weighted by exposure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// m = Σ x ⁄ Σ n: events by exposure.
    pub mean: f64,
    /// Σ n (x⁄n − m)² ⁄ Σ n − m ⁄ n̄, and 0 where that is negative: the areas differ no more than chance would have it.
    pub variance: f64,
}

impl Prior {
    /// From events and exposure of each area; areas without exposure say nothing. `None` without any event.
    pub fn of(areas: impl Iterator<Item = (f64, f64)> + Clone) -> Option<Prior> {
        let areas = areas.filter(|&(_, exposure)| exposure > 0.0);
        let (events, exposure, count) =
            areas.clone().fold((0.0, 0.0, 0.0), |(x, n, k), (events, exposure)| (x + events, n + exposure, k + 1.0));
        if events <= 0.0 {
            return None;
        }
        let mean = events / exposure;
        let spread = areas.map(|(x, n)| n * (x / n - mean).powi(2)).sum::<f64>() / exposure;
        Some(Prior { mean, variance: (spread - mean * count / exposure).max(0.0) })
    }

    /// The empirical Bayes estimate of an area's rate; of an area without exposure, the mean.
    pub fn smoothed(&self, events: f64, exposure: f64) -> f64 {
        if exposure <= 0.0 {
            return self.mean;
        }
        let weight = self.variance / (self.variance + self.mean / exposure);
        weight * events / exposure + (1.0 - weight) * self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moments_are_those_worked_by_hand() {
        // m = 12/60, s² = (10·0² + 20·0.1² + 30·(1/15)²) / 60, n̄ = 20; chance alone gives 0.01.
        let areas = [(2.0, 10.0), (6.0, 20.0), (4.0, 30.0)];
        let prior = Prior::of(areas.into_iter()).unwrap();
        assert!((prior.mean - 0.2).abs() < 1e-15);
        assert_eq!(prior.variance, 0.0, "less than chance would have it is none");
        assert!(areas.iter().all(|&(x, n)| (prior.smoothed(x, n) - 0.2).abs() < 1e-15));
        let apart = Prior::of([(0.0, 10.0), (20.0, 20.0)].into_iter()).unwrap();
        // m = 2/3, s² = (10·4/9 + 20·1/9)/30 = 2/9, chance 2/45.
        assert!((apart.variance - (2.0 / 9.0 - 2.0 / 45.0)).abs() < 1e-15);
        let weight = apart.variance / (apart.variance + apart.mean / 20.0);
        assert!((apart.smoothed(20.0, 20.0) - (weight + (1.0 - weight) * 2.0 / 3.0)).abs() < 1e-15);
    }

    #[test]
    fn an_area_of_which_nothing_is_known_has_the_rate_of_the_whole() {
        let prior = Prior::of([(0.0, 10.0), (20.0, 20.0), (1.0, 0.0)].into_iter()).unwrap();
        assert_eq!(prior.smoothed(0.0, 0.0), prior.mean);
        assert_eq!(Prior::of([(0.0, 5.0)].into_iter()), None);
        assert_eq!(Prior::of(std::iter::empty()), None);
    }
}
