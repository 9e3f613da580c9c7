//! Two stretches of time, what occasions in them can be counted against, and whether they differ.
//!
//! Occasions are counted per *exposure*: per qualifying storm where rain was measured, else per report of any category.
//! Neither alone is safe when the number of riders changes, because a flood that ten people saw is still reported when five
//! ride: occasions then grow by less than the riders, and by no less than nothing. So the question is asked twice, as if
//! riders made no difference and as if occasions grew with them.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::map::HazardMap;
use super::super::storm::Rain;
use super::binomial::{clopper_pearson_95, two_sided_p};

/// Storms are an exposure where rain was measured for at least this share of either part.
pub const MEASURED_SHARE: f64 = 0.9;
const DAY_S: f64 = 86_400.0;

/// What occasions are counted against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// Qualifying storms.
    Storms,
    /// Reports of any category, in the whole city.
    Reports,
    /// Qualifying storms, each times the reports a day of its part.
    StormsTimesReportsPerDay,
    Days,
}

/// Two parts of what was observed, in unix seconds: from `start` to before `cut`, and from `resume` to `end`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub start: i64,
    pub cut: i64,
    pub resume: i64,
    pub end: i64,
    /// In each part: of any category, in the whole city.
    pub reports: [u32; 2],
}

impl Window {
    /// From and to of a window of this length up to `as_of`, cut to what was observed.
    pub fn observed(map: &HazardMap, window_s: i64) -> Option<(i64, i64)> {
        let end = map.as_of();
        Some(((end - window_s).max(map.since()?), end))
    }

    /// The part that a time belongs to; between the two, none. The first also has what lasted into it.
    pub fn side(&self, t: i64) -> Option<usize> {
        if t < self.cut { Some(0) } else { (t >= self.resume).then_some(1) }
    }

    /// How long each part lasts.
    pub fn lengths_s(&self) -> [i64; 2] {
        [self.cut - self.start, self.end - self.resume]
    }
}

/// Why the parts cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    NoReports,
    NoStorm,
}

impl Gap {
    pub fn says(self) -> &'static str {
        match self {
            Gap::NoReports => "nobody reported anything in one part of the window",
            Gap::NoStorm => "no qualifying storm in one part of the window",
        }
    }
}

/// The two parts of a window, before and after, and what occasions in them can be counted against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    pub window: Window,
    pub storms: [u32; 2],
    /// For which share of each part rain was measured.
    pub measured: [f64; 2],
}

impl Parts {
    /// Under the storms of a series.
    pub fn of(window: Window, rain: &Rain) -> Parts {
        let Window { start, cut, resume, end, .. } = window;
        let mut parts = Parts { window, storms: [0; 2], measured: [0.0; 2] };
        for storm in rain.storms().iter().filter(|s| s.end >= start && s.start <= end) {
            if let Some(side) = window.side(storm.start) {
                parts.storms[side] += 1;
            }
        }
        let in_force = &rain.intervals()[..rain.in_force()];
        let from = in_force.partition_point(|r| r.end() <= start);
        for r in in_force[from..].iter().filter(|r| r.depth_um.is_some()) {
            for (i, (a, b)) in [(start, cut), (resume, end)].into_iter().enumerate().filter(|(_, (a, b))| a < b) {
                parts.measured[i] += (r.end().min(b) - r.start.max(a)).max(0) as f64 / (b - a) as f64;
            }
        }
        parts
    }

    /// Storms before, where rain was measured and there were any.
    pub fn storms_before(&self) -> Option<u32> {
        Some(self.storms[0]).filter(|&storms| storms > 0 && self.measured[0] >= MEASURED_SHARE)
    }

    /// What to count against, as if riders made no difference to it, or as if occasions grew with them; the first is what
    /// is shown.
    ///
    /// # Errors
    /// What is lacking, where one part has nothing to count against.
    pub fn exposures(&self) -> Result<[(Exposure, [f64; 2]); 2], Gap> {
        let reports = self.window.reports;
        if reports.contains(&0) {
            return Err(Gap::NoReports);
        }
        let days = self.window.lengths_s().map(|s| s as f64 / DAY_S);
        let reports = reports.map(f64::from);
        let measured = self.measured.iter().all(|&share| share >= MEASURED_SHARE);
        // Where no storm is measured at all, floods there do not come of storms.
        if measured && self.storms != [0, 0] {
            if self.storms.contains(&0) {
                return Err(Gap::NoStorm);
            }
            let storms = self.storms.map(f64::from);
            let weighted = [0, 1].map(|i| storms[i] * reports[i] / days[i]);
            return Ok([(Exposure::Storms, storms), (Exposure::StormsTimesReportsPerDay, weighted)]);
        }
        Ok([(Exposure::Reports, reports), (Exposure::Days, days)])
    }
}

/// Occasions against exposure, before and after.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    pub counts: [u32; 2],
    pub exposure: [f64; 2],
}

impl Reading {
    fn n(&self) -> u32 {
        self.counts[0] + self.counts[1]
    }

    /// The rate after divided by that before; infinite where there were none before.
    pub fn ratio(&self) -> f64 {
        let rate = |i: usize| f64::from(self.counts[i]) / self.exposure[i];
        rate(1) / rate(0)
    }

    /// Two-sided, of no change: given how many there were in all, those after are binomial.
    pub fn p(&self) -> f64 {
        two_sided_p(self.counts[1], self.n(), self.exposure[1] / (self.exposure[0] + self.exposure[1]))
    }

    /// The exact 95 % interval of the ratio.
    pub fn interval(&self) -> (f64, f64) {
        let (low, high) = clopper_pearson_95(self.counts[1], self.n());
        let ratio = |share: f64| share / (1.0 - share) * self.exposure[0] / self.exposure[1];
        (ratio(low), ratio(high))
    }
}
