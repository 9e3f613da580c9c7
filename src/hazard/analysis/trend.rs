//! Is it worse? The last third of the window against the rest, for each hotspot.
//!
//! The window is cut to what was observed, so a city with a year of reports compares its last four months with the eight
//! before. An occasion belongs to the part in which it began. Whether it is worse is asked twice of occasions per
//! [`exposure`](super::exposure), and a hotspot is called worse or better only where both answers agree.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::hotspot::Hotspot;
use super::super::layer::{Time, hotspot_id, hotspot_name};
use super::super::map::HazardMap;
use super::super::occasion::occasions;
use super::super::slot::Slot;
use super::exposure::{Exposure, MEASURED_SHARE, Parts, Reading, Window};
use super::{Analysis, Basis, Constant, Method};
use crate::error::{Result, invalid};

/// Above this two-sided p a hotspot is steady.
pub const SIGNIFICANT_P: f64 = 0.1;
/// The window is cut into this many parts, of which the last is compared with the others.
const PARTS: i64 = 3;
const SHORTEST_HISTORY_S: i64 = 365 * 86_400;
pub const FEWEST_OCCASIONS: u32 = 5;

const METHOD: Method = Method {
    name: "exact conditional test of two Poisson rates",
    reference: "Przyborowski & Wilenski 1940; interval of Clopper & Pearson 1934 as a ratio of rates",
};
const CONSTANTS: [Constant; 5] = [
    Constant { name: "significant_p", value: SIGNIFICANT_P, meaning: "two-sided p below which it is not steady" },
    Constant { name: "parts", value: PARTS as f64, meaning: "of the window, of which the last is compared" },
    Constant { name: "shortest_history_s", value: SHORTEST_HISTORY_S as f64, meaning: "below: insufficient_history" },
    Constant { name: "fewest_occasions", value: FEWEST_OCCASIONS as f64, meaning: "below: insufficient_history" },
    Constant {
        name: "measured_share",
        value: MEASURED_SHARE,
        meaning: "of either part, for storms to be the exposure",
    },
];

/// Where a hotspot is heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// None before the last third.
    New,
    Worsening,
    Improving,
    /// None in the last third.
    Dormant,
    Steady,
    InsufficientHistory,
}

impl Trend {
    pub const ALL: [Trend; 6] =
        [Trend::New, Trend::Worsening, Trend::Improving, Trend::Dormant, Trend::Steady, Trend::InsufficientHistory];

    /// As on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Trend::New => "new",
            Trend::Worsening => "worsening",
            Trend::Improving => "improving",
            Trend::Dormant => "dormant",
            Trend::Steady => "steady",
            Trend::InsufficientHistory => "insufficient_history",
        }
    }

    /// The trend of this name.
    ///
    /// # Errors
    /// `Invalid` that lists them.
    pub fn named(name: &str) -> Result<Trend> {
        let known = Trend::ALL.map(Trend::name).join(", ");
        let found = Trend::ALL.into_iter().find(|trend| trend.name() == name);
        found.ok_or_else(|| invalid("trend", name, format!("unknown; known are {known}")))
    }
}

/// The window of this length up to `as_of`, cut to what was observed, and its last third; `None` where nothing was observed
/// for any time.
pub fn window(map: &HazardMap, window_s: i64) -> Option<Window> {
    let (start, end) = Window::observed(map, window_s)?;
    let cut = end - (end - start) / PARTS;
    if start >= cut || cut >= end {
        return None;
    }
    let before = |t: i64| map.reports().observed_before(t);
    let [first, second, all] = [start, cut, end.saturating_add(1)].map(before);
    let reports = [second - first, all - second].map(|n| n as u32);
    Some(Window { start, cut, resume: cut, end, reports })
}

/// The occasions of one hotspot before and in the last third, and what follows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrendTerms {
    pub trend: Trend,
    /// What it lacks to say more.
    pub reason: Option<&'static str>,
    pub occasions_before: u32,
    pub occasions_lately: u32,
    /// What they are counted against; null where there is nothing.
    pub exposure: Option<Exposure>,
    pub exposure_before: Option<f64>,
    pub exposure_lately: Option<f64>,
    /// Occasions per exposure lately, divided by those before; null without any before.
    pub ratio: Option<f64>,
    /// The exact 95 % interval of the ratio; its end is null where it has none.
    pub ratio_low: Option<f64>,
    pub ratio_high: Option<f64>,
    /// Two-sided, of no change.
    pub p: Option<f64>,
    /// The same asked again with the number of riders read the other way.
    pub other_exposure: Option<Exposure>,
    pub other_exposure_before: Option<f64>,
    pub other_exposure_lately: Option<f64>,
    pub other_ratio: Option<f64>,
    pub other_p: Option<f64>,
}

/// Where a hotspot with these occasions before and lately is heading, and what it lacks to say more.
pub fn class(parts: Option<&Parts>, counts: [u32; 2]) -> (Trend, Option<&'static str>) {
    let Some(parts) = parts else { return (Trend::InsufficientHistory, Some("nothing was observed for any time")) };
    if parts.window.end - parts.window.start < SHORTEST_HISTORY_S {
        return (Trend::InsufficientHistory, Some("observed for less than a year"));
    }
    if counts[0] + counts[1] < FEWEST_OCCASIONS {
        return (Trend::InsufficientHistory, Some("fewer than 5 occasions"));
    }
    let readings = match parts.exposures() {
        Ok(exposures) => exposures.map(|(_, exposure)| Reading { counts, exposure }),
        Err(gap) => return (Trend::InsufficientHistory, Some(gap.says())),
    };
    let changed = readings.map(|r| r.p() < SIGNIFICANT_P);
    let more = readings.map(|r| r.ratio() > 1.0);
    match (changed, more, counts) {
        ([true, true], [true, true], [0, _]) => (Trend::New, None),
        ([true, true], [true, true], _) => (Trend::Worsening, None),
        ([true, true], [false, false], [_, 0]) => (Trend::Dormant, None),
        ([true, true], [false, false], _) => (Trend::Improving, None),
        ([true, _], ..) => (Trend::Steady, Some("the change may be one of how many people report")),
        _ => (Trend::Steady, None),
    }
}

impl TrendTerms {
    pub fn of(parts: Option<&Parts>, counts: [u32; 2]) -> TrendTerms {
        let (trend, reason) = class(parts, counts);
        let read = parts.filter(|_| counts != [0, 0]).and_then(|parts| parts.exposures().ok());
        let read = read.map(|both| both.map(|(what, exposure)| (what, Reading { counts, exposure })));
        let finite = |v: f64| Some(v).filter(|v| v.is_finite());
        let (first, other) = (read.map(|r| r[0]), read.map(|r| r[1]));
        let interval = first.map(|(_, r)| r.interval());
        TrendTerms {
            trend,
            reason,
            occasions_before: counts[0],
            occasions_lately: counts[1],
            exposure: first.map(|(what, _)| what),
            exposure_before: first.map(|(_, r)| r.exposure[0]),
            exposure_lately: first.map(|(_, r)| r.exposure[1]),
            ratio: first.and_then(|(_, r)| finite(r.ratio())),
            ratio_low: interval.and_then(|(low, _)| finite(low)),
            ratio_high: interval.and_then(|(_, high)| finite(high)),
            p: first.map(|(_, r)| r.p()),
            other_exposure: other.map(|(what, _)| what),
            other_exposure_before: other.map(|(_, r)| r.exposure[0]),
            other_exposure_lately: other.map(|(_, r)| r.exposure[1]),
            other_ratio: other.and_then(|(_, r)| finite(r.ratio())),
            other_p: other.map(|(_, r)| r.p()),
        }
    }
}

/// When the occasions of a hotspot began, in order; unix seconds.
pub fn begun(map: &HazardMap, peak: Slot) -> Box<[i64]> {
    let rule = map.rule(map.sites().get(peak).category);
    let (mut touching, mut begun) = (Vec::new(), Vec::new());
    map.sites().touching(peak, rule, &mut touching);
    occasions(&mut touching, rule.occasion_gap_s, |o, _| begun.push(o.start));
    begun.into()
}

/// How many occasions that began at these times belong before the last third, and in it.
pub fn counts(begun: &[i64], window: &Window) -> [u32; 2] {
    let mut counts = [0; 2];
    // One that began before what was observed lasted into it.
    begun.iter().for_each(|&start| counts[window.side(start).unwrap_or(0)] += 1);
    counts
}

/// The trend of every hotspot of a category: most occasions first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trends {
    #[serde(flatten)]
    pub basis: Basis,
    /// The observed part of the window, and where its last third begins; null where nothing was observed for any time.
    pub start: Option<Time>,
    pub cut: Option<Time>,
    pub end: Option<Time>,
    pub rows: Vec<TrendRow>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrendRow {
    pub hotspot_id: String,
    pub name: Option<String>,
    #[serde(flatten)]
    pub terms: TrendTerms,
}

impl Analysis for Trends {
    const NAME: &'static str = "trend";
    const TITLE: &'static str = "Is it worse: the last third of the window against the rest";
    type Asked = ();

    fn answer(map: &HazardMap, category: Category, (): &()) -> Result<Trends> {
        let (city, window) = (map.city(), map.city().window(map, category));
        let row = |hotspot: Hotspot| TrendRow {
            hotspot_id: hotspot_id(map, hotspot.peak),
            name: hotspot_name(map, &hotspot),
            terms: city.trend_terms(map, hotspot.peak),
        };
        let rows: Vec<TrendRow> = map.hotspots_of(category).into_iter().map(row).collect();
        let time = |at: fn(&Window) -> i64| window.map(|window| Time(at(window)));
        Ok(Trends {
            basis: Basis::of(map, category, METHOD, &CONSTANTS, (rows.len(), "hotspots")),
            start: time(|p| p.start),
            cut: time(|p| p.cut),
            end: time(|p| p.end),
            rows,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR_S: i64 = 31_557_600;
    const WINDOW: Window =
        Window { start: 0, cut: 2 * YEAR_S, resume: 2 * YEAR_S, end: 3 * YEAR_S, reports: [2_000, 1_000] };
    const RAIN: Parts = Parts { window: WINDOW, storms: [40, 20], measured: [1.0, 0.95] };

    fn says(parts: Parts, counts: [u32; 2]) -> Trend {
        class(Some(&parts), counts).0
    }

    #[test]
    fn a_trend_is_called_by_what_stood_before_and_what_stands_now() {
        assert_eq!(says(RAIN, [0, 5]), Trend::New);
        assert_eq!(says(RAIN, [4, 12]), Trend::Worsening);
        assert_eq!(says(RAIN, [12, 0]), Trend::Dormant);
        assert_eq!(says(RAIN, [30, 3]), Trend::Improving);
        assert_eq!(says(RAIN, [8, 4]), Trend::Steady);
        assert_eq!(says(RAIN, [0, 4]), Trend::InsufficientHistory);
        let short = Window { start: 0, cut: 1_000, resume: 1_000, end: 1_500, ..WINDOW };
        assert_eq!(says(Parts { window: short, ..RAIN }, [4, 12]), Trend::InsufficientHistory);
        assert_eq!(class(None, [4, 12]).0, Trend::InsufficientHistory);
    }

    #[test]
    fn a_trend_is_named_as_it_is_written() {
        for trend in Trend::ALL {
            assert_eq!(serde_json::to_value(trend).unwrap(), trend.name());
            assert_eq!(Trend::named(trend.name()), Ok(trend));
        }
        assert!(Trend::named("worse").unwrap_err().to_string().contains("known are new, worsening"));
    }

    #[test]
    fn a_change_that_may_be_one_of_riders_or_of_rain_is_none() {
        let riders = Parts { window: Window { reports: [2_000, 3_000], ..WINDOW }, ..RAIN };
        assert_eq!(
            class(Some(&riders), [4, 12]),
            (Trend::Steady, Some("the change may be one of how many people report"))
        );
        let wet = Parts { storms: [20, 60], ..RAIN };
        assert_eq!(says(wet, [4, 12]), Trend::Steady);
        let dry = Parts { storms: [40, 0], ..RAIN };
        assert_eq!(
            class(Some(&dry), [12, 0]),
            (Trend::InsufficientHistory, Some("no qualifying storm in one part of the window"))
        );
        let silent = Parts { window: Window { reports: [2_000, 0], ..WINDOW }, ..RAIN };
        assert_eq!(says(silent, [12, 0]), Trend::InsufficientHistory);
    }

    #[test]
    fn without_rain_reports_are_what_occasions_are_counted_against_and_no_ratio_is_made_up() {
        let unmeasured = Parts { measured: [1.0, 0.5], ..RAIN };
        let terms = TrendTerms::of(Some(&unmeasured), [0, 6]);
        assert_eq!((terms.trend, terms.exposure), (Trend::New, Some(Exposure::Reports)));
        assert_eq!((terms.ratio, terms.ratio_high), (None, None));
        assert!(terms.ratio_low.is_some_and(|low| low > 1.0) && terms.p.is_some_and(|p| p < 0.01), "{terms:?}");
        let nothing = TrendTerms::of(Some(&RAIN), [0, 0]);
        assert_eq!((nothing.ratio, nothing.p), (None, None));
    }
}
