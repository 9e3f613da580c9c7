//! The occasions of one spot before and after works, what they are compared with, and what can be said of them.

use serde::Serialize;
use utoipa::ToSchema;

use super::binomial::at_most;
use super::exposure::{Exposure, Gap, Parts, Reading};
use super::rank::Prior;
use super::regression::Unrepaired;
use super::trend::{FEWEST_OCCASIONS, SIGNIFICANT_P};

const YEAR_S: f64 = 365.25 * 86_400.0;
/// A season: less before or after says nothing.
pub const SHORTEST_PART_S: i64 = 90 * 86_400;
/// So few after would follow without works more rarely than this: half of the trend's, for it is asked of one side.
pub const UNLIKELY_P: f64 = SIGNIFICANT_P / 2.0;
/// Nobody waits for more storms than so many times those before.
const MOST_TIMES: u32 = 20;

/// What became of a spot after works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    Fewer,
    More,
    NoClearChange,
    NotJudged,
}

/// What is lacking to say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// They begin after the time looked at.
    NotBegun,
    /// Nobody said when they ended.
    EndUnknown,
    /// They end after the time looked at.
    NotEnded,
    /// They began before anything was observed, or before the window.
    NothingBefore,
    /// Less than 90 days before were observed.
    ShortBefore,
    /// Less than 90 days after were observed.
    ShortAfter,
    /// Fewer than 5 occasions before and after.
    FewOccasions,
    /// Nobody reported anything before, or after.
    NoReports,
    /// No qualifying storm before, or none after.
    NoStorm,
    /// The change may be one of how many people report.
    Reporting,
    /// So few may follow a bad time by chance alone.
    Regression,
}

/// What is known of a spot at works.
#[derive(Clone, Copy, Debug)]
pub struct Case<'p> {
    pub start: i64,
    pub end: Option<i64>,
    pub as_of: i64,
    /// None where nothing was observed for any time.
    pub parts: Option<Parts>,
    /// Occasions before, meanwhile and after.
    pub counts: [u32; 3],
    /// Of a single spot.
    pub prior: Option<&'p Prior>,
}

/// Before and after works at one spot, and what follows.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WorksTerms {
    pub verdict: Changed,
    /// What it lacks to say more.
    pub reason: Option<Lack>,
    pub occasions_before: u32,
    /// Between start and end: they count as neither.
    pub occasions_meanwhile: u32,
    pub occasions_after: u32,
    /// What they are counted against; null where there is nothing.
    pub exposure: Option<Exposure>,
    pub exposure_before: Option<f64>,
    pub exposure_after: Option<f64>,
    /// Occasions per exposure after, divided by those before; null without any before.
    pub ratio: Option<f64>,
    /// The exact 95 % interval of the ratio; its end is null where it has none.
    pub ratio_low: Option<f64>,
    pub ratio_high: Option<f64>,
    /// Two-sided, of no change.
    pub p: Option<f64>,
    /// The same asked again with the number of riders read the other way.
    pub other_exposure: Option<Exposure>,
    pub other_exposure_before: Option<f64>,
    pub other_exposure_after: Option<f64>,
    pub other_ratio: Option<f64>,
    pub other_p: Option<f64>,
    /// Occasions after at the rate before.
    pub after_at_rate_before: Option<f64>,
    /// Occasions after that would follow without works at a spot chosen because it was worst, which gets better by itself.
    pub after_without_works: Option<f64>,
    /// The chance of at most as many as there were, without works.
    pub p_so_few: Option<f64>,
    /// Storms after the works, in all, by which it could be told if no occasion more came; null where it can be told, where
    /// there are fewer than 5 occasions, and where no storm was measured before.
    pub storms_needed: Option<u32>,
}

impl Case<'_> {
    pub fn terms(&self) -> WorksTerms {
        let [before, meanwhile, after] = self.counts;
        let lack = self.lack();
        let both = |parts: &&Parts| before + after > 0 && parts.window.lengths_s().iter().all(|&s| s > 0);
        let parts = self.parts.as_ref().filter(both);
        let read = parts.and_then(|parts| parts.exposures().ok());
        let read = read.map(|both| both.map(|(what, exposure)| (what, Reading { counts: [before, after], exposure })));
        let (first, other) = (read.map(|r| r[0]), read.map(|r| r[1]));
        let unrepaired = first.and_then(|(_, reading)| self.unrepaired(&reading));
        let (verdict, reason) = match (lack, first.zip(other)) {
            (None, Some(((_, first), (_, other)))) => verdict(&first, &other, unrepaired),
            (lack, _) => (Changed::NotJudged, lack),
        };
        let told = matches!(verdict, Changed::Fewer | Changed::More);
        let finite = |v: f64| Some(v).filter(|v| v.is_finite());
        let interval = first.map(|(_, r)| r.interval());
        WorksTerms {
            verdict,
            reason,
            occasions_before: before,
            occasions_meanwhile: meanwhile,
            occasions_after: after,
            exposure: first.map(|(what, _)| what),
            exposure_before: first.map(|(_, r)| r.exposure[0]),
            exposure_after: first.map(|(_, r)| r.exposure[1]),
            ratio: first.and_then(|(_, r)| finite(r.ratio())),
            ratio_low: interval.and_then(|(low, _)| finite(low)),
            ratio_high: interval.and_then(|(_, high)| finite(high)),
            p: first.map(|(_, r)| r.p()),
            other_exposure: other.map(|(what, _)| what),
            other_exposure_before: other.map(|(_, r)| r.exposure[0]),
            other_exposure_after: other.map(|(_, r)| r.exposure[1]),
            other_ratio: other.and_then(|(_, r)| finite(r.ratio())),
            other_p: other.map(|(_, r)| r.p()),
            after_at_rate_before: first.map(|(_, r)| f64::from(before) * r.exposure[1] / r.exposure[0]),
            after_without_works: unrepaired.map(|u| u.expected),
            p_so_few: unrepaired.map(|u| u.p_so_few),
            storms_needed: self.parts.as_ref().filter(|_| !told).and_then(|parts| self.storms_needed(parts)),
        }
    }

    /// Why nothing can be compared: the first thing that stands in the way.
    fn lack(&self) -> Option<Lack> {
        let Case { start, end, as_of, counts, .. } = *self;
        match end {
            _ if start > as_of => return Some(Lack::NotBegun),
            None => return Some(Lack::EndUnknown),
            Some(end) if end > as_of => return Some(Lack::NotEnded),
            Some(_) => {}
        }
        let Some(parts) = &self.parts else { return Some(Lack::NothingBefore) };
        match (parts.window.lengths_s(), parts.exposures()) {
            ([before_s, _], _) if before_s <= 0 => Some(Lack::NothingBefore),
            ([before_s, _], _) if before_s < SHORTEST_PART_S => Some(Lack::ShortBefore),
            ([_, after_s], _) if after_s < SHORTEST_PART_S => Some(Lack::ShortAfter),
            _ if counts[0] + counts[2] < FEWEST_OCCASIONS => Some(Lack::FewOccasions),
            (_, Err(Gap::NoReports)) => Some(Lack::NoReports),
            (_, Err(Gap::NoStorm)) => Some(Lack::NoStorm),
            (_, Ok(_)) => None,
        }
    }

    /// The time after counts as that part of the time before which had as much exposure.
    fn unrepaired(&self, reading: &Reading) -> Option<Unrepaired> {
        let years = self.parts.as_ref()?.window.lengths_s()[0] as f64 / YEAR_S;
        let years_after = years * reading.exposure[1] / reading.exposure[0];
        Unrepaired::of(self.prior?, (reading.counts[0], years), (reading.counts[1], years_after))
    }

    /// How many storms after the works would tell, if no occasion more came: so few of all would then fall into the time
    /// after by chance once in twenty times.
    fn storms_needed(&self, parts: &Parts) -> Option<u32> {
        let storms = parts.storms_before()?;
        let [before, _, after] = self.counts;
        if before + after < FEWEST_OCCASIONS {
            return None;
        }
        let tells =
            |m: u32| at_most(after, before + after, f64::from(m) / (f64::from(m) + f64::from(storms))) < UNLIKELY_P;
        let (mut low, mut high) = (parts.storms[1], storms.saturating_mul(MOST_TIMES));
        if low >= high || !tells(high) {
            return None;
        }
        // More storms without an occasion are less likely chance: the least is found by halving.
        while low < high {
            let middle = low + (high - low) / 2;
            if tells(middle) { high = middle } else { low = middle + 1 }
        }
        Some(low)
    }
}

/// Of what can be compared.
fn verdict(first: &Reading, other: &Reading, unrepaired: Option<Unrepaired>) -> (Changed, Option<Lack>) {
    let both = [first, other];
    let changed = both.map(|r| r.p() < SIGNIFICANT_P);
    match (changed, both.map(|r| r.ratio() > 1.0)) {
        ([true, true], [true, true]) => (Changed::More, None),
        ([true, true], [false, false]) if unrepaired.is_some_and(|u| u.p_so_few >= UNLIKELY_P) => {
            (Changed::NoClearChange, Some(Lack::Regression))
        }
        ([true, true], [false, false]) => (Changed::Fewer, None),
        ([true, _], _) => (Changed::NoClearChange, Some(Lack::Reporting)),
        _ => (Changed::NoClearChange, None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::exposure::Window;
    use super::*;

    const YEAR: i64 = 31_557_600;
    const WINDOW: Window =
        Window { start: 0, cut: 2 * YEAR, resume: 2 * YEAR + 1, end: 3 * YEAR, reports: [2_000, 1_000] };
    const RAIN: Parts = Parts { window: WINDOW, storms: [40, 20], measured: [1.0, 0.95] };
    /// Spots differ much: what was bad stays bad.
    const APART: Prior = Prior { sites: 100, flooded: 60, years: Some(3.0), mean: 2.0, variance: 60.0 };
    /// Spots hardly differ.
    const ALIKE: Prior = Prior { variance: 2.2, ..APART };
    const CASE: Case = Case {
        start: 2 * YEAR,
        end: Some(2 * YEAR + 1),
        as_of: 3 * YEAR,
        parts: Some(RAIN),
        counts: [12, 1, 1],
        prior: Some(&APART),
    };

    fn says(case: Case) -> (Changed, Option<Lack>) {
        let terms = case.terms();
        (terms.verdict, terms.reason)
    }

    #[test]
    fn fewer_are_called_fewer_only_where_neither_chance_nor_riders_nor_a_bad_time_before_explain_them() {
        assert_eq!(says(CASE), (Changed::Fewer, None));
        assert_eq!(says(Case { counts: [2, 0, 12], ..CASE }), (Changed::More, None));
        assert_eq!(says(Case { counts: [8, 0, 4], ..CASE }), (Changed::NoClearChange, None));
        assert_eq!(says(Case { prior: Some(&ALIKE), ..CASE }), (Changed::NoClearChange, Some(Lack::Regression)));
        let riders = Parts { window: Window { reports: [2_000, 200], ..WINDOW }, ..RAIN };
        assert_eq!(says(Case { parts: Some(riders), ..CASE }), (Changed::NoClearChange, Some(Lack::Reporting)));
    }

    #[test]
    fn what_was_expected_lies_between_the_rate_before_and_the_citys() {
        let [apart, alike] = [APART, ALIKE].map(|prior| Case { prior: Some(&prior), ..CASE }.terms());
        assert_eq!(apart.after_at_rate_before, Some(6.0));
        let [apart, alike] = [apart, alike].map(|terms| terms.after_without_works.unwrap());
        assert!(alike < apart && apart < 6.0 && alike > 2.0 / 3.0, "{alike} {apart}");
        assert_eq!(Case { prior: None, ..CASE }.terms().after_without_works, None);
    }

    #[test]
    fn works_in_the_future_or_too_recent_are_not_judged_and_say_how_many_storms_would_tell() {
        let at = |as_of| {
            let (cut, resume) = ((2 * YEAR).min(as_of), (2 * YEAR + 1).clamp(as_of.min(2 * YEAR), as_of));
            let parts = Parts { window: Window { cut, resume, end: as_of, ..WINDOW }, storms: [40, 0], ..RAIN };
            Case { as_of, parts: Some(parts), counts: [12, 0, 0], ..CASE }
        };
        let planned = at(YEAR).terms();
        assert_eq!((planned.verdict, planned.reason), (Changed::NotJudged, Some(Lack::NotBegun)));
        // (40 / (40 + m))^12 < 0.05 from m = 12 on.
        assert_eq!((planned.storms_needed, planned.ratio, planned.after_without_works), (Some(12), None, None));
        assert_eq!(says(at(2 * YEAR)), (Changed::NotJudged, Some(Lack::NotEnded)));
        assert_eq!(says(at(2 * YEAR + 86_400)), (Changed::NotJudged, Some(Lack::ShortAfter)));
        assert_eq!(says(Case { end: None, ..CASE }), (Changed::NotJudged, Some(Lack::EndUnknown)));
        assert_eq!(Case { counts: [4, 0, 0], ..at(YEAR) }.terms().storms_needed, None);
    }

    #[test]
    fn without_a_basis_nothing_is_judged_and_the_reason_is_the_first_that_stands_in_the_way() {
        let not = |case: Case| {
            let (verdict, lack) = says(case);
            assert_eq!(verdict, Changed::NotJudged);
            lack.unwrap()
        };
        assert_eq!(not(Case { parts: None, ..CASE }), Lack::NothingBefore);
        let within =
            |start, cut| Case { parts: Some(Parts { window: Window { start, cut, ..WINDOW }, ..RAIN }), ..CASE };
        assert_eq!(not(within(2 * YEAR, 2 * YEAR)), Lack::NothingBefore);
        assert_eq!(not(within(2 * YEAR - 86_400, 2 * YEAR)), Lack::ShortBefore);
        assert_eq!(not(Case { counts: [4, 9, 0], ..CASE }), Lack::FewOccasions);
        let silent = Parts { window: Window { reports: [2_000, 0], ..WINDOW }, ..RAIN };
        assert_eq!(not(Case { parts: Some(silent), ..CASE }), Lack::NoReports);
        let dry = Parts { storms: [40, 0], ..RAIN };
        assert_eq!(not(Case { parts: Some(dry), ..CASE }), Lack::NoStorm);
        let unmeasured = Parts { measured: [0.5, 1.0], ..RAIN };
        assert_eq!(Case { parts: Some(unmeasured), ..CASE }.terms().exposure, Some(Exposure::Reports));
    }
}
