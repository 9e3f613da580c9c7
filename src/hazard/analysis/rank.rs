//! Which first? A hotspot's rank is that of its score: shrunk rate × severity.
//!
//! *Shrunk rate.* A spot that flooded three times may be a bad one, or an ordinary one with bad luck. What is known of all
//! spots tells which is likelier: their true rates are taken for a gamma distribution, whose mean and variance are those
//! of the occasions at every site with an incident of any category and every place, those without a flood too, less what
//! chance alone scatters (gamma-Poisson by moments). Each spot's rate is then (α + occasions) ÷ (β + years). Where
//! occasions scatter no more than chance does, no spot can be told from another, and each has the city's mean. Where every
//! spot that is known has flooded (a map of floods alone, without places), how often a spot does not is unknown, and with it
//! what chance scatters: each keeps its own rate.
//!
//! *Severity.* 1 + the share of its incidents that small cars could not pass + the share deeper than 15 cm; an incident
//! that nobody measured counts as neither.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::event::Passability;
use super::super::hotspot::{Hotspot, Moments};
use super::super::layer::{hotspot_id, hotspot_name, observed_years};
use super::super::map::HazardMap;
use super::super::slot::{Measure, Slot};
use super::gamma::gamma_quantile;
use super::{Analysis, Basis, Constant, Method};
use crate::error::Result;

/// Deeper is severe.
const DEEP_CM: u16 = 15;

const METHOD: Method = Method {
    name: "gamma-Poisson shrinkage by moments, times severity",
    reference: "Robbins 1956; Marshall 1991, doi 10.2307/2347593, with exposures that are all the same",
};
const CONSTANTS: [Constant; 1] =
    [Constant { name: "deep_cm", value: DEEP_CM as f64, meaning: "an incident deeper than this is severe" }];

/// What the spots of a city have in common, for one category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// Sites with an incident of any category, and places.
    pub sites: usize,
    /// How many of them have an occasion.
    pub flooded: usize,
    /// The observed part of the window; none while it is too short for a rate.
    pub years: Option<f64>,
    /// Of the occasions of the sites.
    pub mean: f64,
    pub variance: f64,
}

impl Prior {
    /// `sites`: as [`sites`] counts them.
    pub fn of(map: &HazardMap, category: Category, sites: usize) -> Prior {
        let Moments { sum, squares, flooded } = map.sites().moments(category);
        let n = sites.max(1) as f64;
        let mean = sum as f64 / n;
        let variance = squares as f64 / n - mean * mean;
        Prior { sites, flooded: flooded as usize, years: observed_years(map, category), mean, variance }
    }

    /// Is any spot known that has not flooded?
    fn tells_chance(&self) -> bool {
        self.flooded < self.sites
    }

    /// Shape, and rate in years, of the gamma distribution of the sites' rates; none where occasions scatter no more than
    /// chance does, or where that cannot be told.
    pub fn gamma(&self) -> Option<(f64, f64)> {
        let years = self.years.filter(|_| self.tells_chance())?;
        let beyond_chance = self.variance - self.mean;
        (beyond_chance > 0.0).then(|| (self.mean * self.mean / beyond_chance, self.mean / beyond_chance * years))
    }

    /// The shrunk rate of a spot with so many occasions, a year.
    pub fn rate(&self, occasions: u32) -> Option<f64> {
        let (years, occasions) = (self.years?, f64::from(occasions));
        let same = if self.tells_chance() { self.mean } else { occasions };
        Some(self.gamma().map_or(same / years, |(alpha, beta)| (alpha + occasions) / (beta + years)))
    }

    /// The interval that holds the true rate with 95 %.
    pub fn interval(&self, occasions: u32) -> Option<(f64, f64)> {
        let ((alpha, beta), years) = self.gamma().zip(self.years)?;
        let quantile = |q| gamma_quantile(q, alpha + f64::from(occasions)) / (beta + years);
        Some((quantile(0.025), quantile(0.975)))
    }

    /// What it lacks to say more.
    fn reason(&self) -> Option<&'static str> {
        match (self.years, self.gamma()) {
            (None, _) => Some("observed for less than 90 days"),
            _ if !self.tells_chance() => Some(
                "every spot that is known has flooded, so what chance scatters cannot be told: each has its own rate; \
                 places, or reports of other categories, would tell",
            ),
            (_, None) => Some("occasions scatter no more than chance does: every spot has the city's mean"),
            _ => None,
        }
    }
}

/// How many sites have an incident of any category that counts, together with all places.
pub fn sites(map: &HazardMap) -> usize {
    map.sites().cells() + map.places().all().len()
}

/// How bad the incidents of a hotspot are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Severity {
    pub incidents: u32,
    /// Small cars could not pass.
    pub impassable: u32,
    pub deep: u32,
}

impl Severity {
    /// Of the whole hotspot of a peak.
    pub fn of(map: &HazardMap, peak: Slot) -> Severity {
        let mut severity = Severity::default();
        let spans = map.sites().members(peak).flat_map(|site| &map.sites().get(site).spans);
        for incident in spans.map(|span| &map.incidents()[span.incident as usize]) {
            let rows = || incident.reports.iter().map(|&r| &map.reports().rows()[r as usize]);
            severity.incidents += 1;
            severity.impassable +=
                u32::from(rows().any(|r| r.passability.is_some_and(|p| p >= Passability::ImpassableSmall)));
            severity.deep += u32::from(rows().any(|r| r.depth_cm.map(Measure::get).is_some_and(|cm| cm > DEEP_CM)));
        }
        severity
    }

    /// 1 to 3.
    pub fn factor(&self) -> f64 {
        let share = |part: u32| f64::from(part) / f64::from(self.incidents.max(1));
        1.0 + share(self.impassable) + share(self.deep)
    }
}

/// Where a hotspot stands among those of its category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// One more than there are hotspots with a larger score.
    pub rank: u32,
    /// How many others have the same score.
    pub ties: u32,
    pub score: f64,
}

/// The places of hotspots with these scores, so many of each, the largest score first; those that share a score have one.
pub fn places(mut scores: Vec<(f64, u32)>) -> Vec<Place> {
    // Scores are finite: they come of counts.
    scores.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut out, mut larger) = (Vec::new(), 0);
    for same in scores.chunk_by(|a, b| a.0 == b.0) {
        let many: u32 = same.iter().map(|(_, many)| many).sum();
        out.push(Place { rank: larger + 1, ties: many - 1, score: same[0].0 });
        larger += many;
    }
    out
}

/// Every term of a hotspot's rank.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RankTerms {
    /// One more than there are hotspots of its category with a larger score.
    pub rank: Option<u32>,
    /// How many others share the rank.
    pub ties: Option<u32>,
    /// Shrunk rate × severity.
    pub rank_score: Option<f64>,
    /// What it lacks to say more.
    pub reason: Option<&'static str>,
    pub occasions: u32,
    /// The observed part of the window in years of 365.25 days; null under 90 days.
    pub years: Option<f64>,
    /// The city's gamma distribution: shape, and rate in years.
    pub alpha: Option<f64>,
    pub beta: Option<f64>,
    /// (alpha + occasions) / (beta + years); the city's mean where it has no such distribution; occasions / years where every
    /// spot that is known has flooded.
    pub shrunk_per_year: Option<f64>,
    /// The interval that holds the true rate with 95 %.
    pub shrunk_per_year_low: Option<f64>,
    pub shrunk_per_year_high: Option<f64>,
    /// 1 + incidents_impassable / incidents + incidents_deep / incidents.
    pub severity: f64,
    pub incidents: u32,
    /// Small cars could not pass.
    pub incidents_impassable: u32,
    /// Deeper than 15 cm.
    pub incidents_deep: u32,
}

impl RankTerms {
    pub fn of(prior: &Prior, occasions: u32, severity: Severity, place: Option<Place>) -> RankTerms {
        let (gamma, interval) = (prior.gamma(), prior.interval(occasions));
        RankTerms {
            rank: place.map(|p| p.rank),
            ties: place.map(|p| p.ties),
            rank_score: place.map(|p| p.score),
            reason: prior.reason(),
            occasions,
            years: prior.years,
            alpha: gamma.map(|(alpha, _)| alpha),
            beta: gamma.map(|(_, beta)| beta),
            shrunk_per_year: prior.rate(occasions),
            shrunk_per_year_low: interval.map(|(low, _)| low),
            shrunk_per_year_high: interval.map(|(_, high)| high),
            severity: severity.factor(),
            incidents: severity.incidents,
            incidents_impassable: severity.impassable,
            incidents_deep: severity.deep,
        }
    }
}

/// The hotspots of a category by rank.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Ranks {
    #[serde(flatten)]
    pub basis: Basis,
    /// Of the occasions of all sites, those without any too.
    pub mean: f64,
    pub variance: f64,
    pub rows: Vec<RankRow>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RankRow {
    pub hotspot_id: String,
    pub name: Option<String>,
    #[serde(flatten)]
    pub terms: RankTerms,
}

impl Analysis for Ranks {
    const NAME: &'static str = "rank";
    const TITLE: &'static str = "Which first: shrunk rate times severity, with every term";
    type Asked = ();

    fn answer(map: &HazardMap, category: Category, (): &()) -> Result<Ranks> {
        let prior = *map.city().prior(category);
        let mut hotspots = map.hotspots_of(category);
        hotspots.sort_by_key(|h| map.city().place(map, h.peak).map_or(u32::MAX, |place| place.rank));
        let row = |hotspot: &Hotspot| RankRow {
            hotspot_id: hotspot_id(map, hotspot.peak),
            name: hotspot_name(map, hotspot),
            terms: map.city().rank_terms(map, hotspot.peak),
        };
        Ok(Ranks {
            basis: Basis::of(map, category, METHOD, &CONSTANTS, (prior.sites, "sites with an incident, and places")),
            mean: prior.mean,
            variance: prior.variance,
            rows: hotspots.iter().map(row).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: Prior = Prior { sites: 100, flooded: 40, years: Some(2.0), mean: 0.5, variance: 1.5 };

    #[test]
    fn a_rate_is_drawn_towards_the_mean_the_more_the_less_is_known() {
        // α = 0.25, β = 1: (0.25 + 6) / (1 + 2).
        assert_eq!(PRIOR.gamma(), Some((0.25, 1.0)));
        assert_eq!(PRIOR.rate(6), Some(6.25 / 3.0));
        let (low, high) = PRIOR.interval(6).unwrap();
        assert!(0.7 < low && low < 6.25 / 3.0 && 6.25 / 3.0 < high && high < 4.1, "{low} {high}");
        let scattered_by_chance = Prior { variance: 0.5, ..PRIOR };
        assert_eq!((scattered_by_chance.rate(6), scattered_by_chance.interval(6)), (Some(0.25), None));
        // Without a spot that has not flooded, each has its own rate.
        let all_flooded = Prior { flooded: 100, ..PRIOR };
        assert_eq!((all_flooded.rate(6), all_flooded.gamma(), all_flooded.interval(6)), (Some(3.0), None, None));
        assert!(all_flooded.reason().is_some_and(|reason| reason.contains("own rate")));
        let short = Prior { years: None, ..PRIOR };
        assert_eq!((short.rate(6), short.reason()), (None, Some("observed for less than 90 days")));
    }

    #[test]
    fn equal_scores_share_a_rank_and_say_so() {
        let placed = places(vec![(1.0, 2), (3.0, 1), (2.0, 1), (3.0, 2), (0.5, 1)]);
        let ranks: Vec<_> = placed.iter().map(|p| (p.score, p.rank, p.ties)).collect();
        assert_eq!(ranks, [(3.0, 1, 2), (2.0, 4, 0), (1.0, 5, 1), (0.5, 7, 0)]);
    }

    #[test]
    fn severity_goes_from_one_to_three() {
        let severity = |impassable, deep| Severity { incidents: 4, impassable, deep }.factor();
        assert_eq!([severity(0, 0), severity(1, 2), severity(4, 4)], [1.0, 1.75, 3.0]);
    }
}
