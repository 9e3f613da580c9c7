//! Which hotspots a coming storm will flood: rain that is foreseen, cut into storms by the same rule, against what is
//! known of each hotspot.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::event::RainInterval;
use super::super::gauge::StormAt;
use super::super::settings::RainRule;
use super::super::storm::{Rain, Storm};
use super::super::time;
use super::matrix::{Cell, Column};
use super::model::{Model, known};
use super::proportion::wilson_95;
use super::sentence::LEAST_KNOWN;
use super::share::share;
use crate::error::{Result, invalid};

/// Intervals of a series: a week by the minute.
pub const MOST_INTERVALS: usize = 10_080;
/// From the first to the last rain of a series.
const LONGEST_S: i64 = 31 * 86_400;
/// Storms of a series: each is answered with all hotspots.
pub const MOST_STORMS: usize = 20;
/// A share is that of so many storms known, those most like the one to come.
const ALIKE: usize = 10;

/// The storms of a series that is foreseen.
#[derive(Clone, Debug)]
pub struct Coming {
    pub storms: Vec<Column>,
    /// Of all rain in it, in micrometres.
    pub depth_um: i64,
    pub intervals: usize,
    /// Intervals of which no depth is given.
    pub not_given: usize,
}

impl Coming {
    /// Cuts a series into storms by the rule for rain.
    ///
    /// # Errors
    /// `Invalid` for a series that is empty or too long, an interval without duration, a negative depth, or an overlap.
    pub fn of(rule: RainRule, intervals: &[RainInterval]) -> Result<Coming> {
        if intervals.is_empty() {
            return Err(invalid("intervals", 0, "a series has at least one interval"));
        }
        if intervals.len() > MOST_INTERVALS {
            let reason = format!("a series has at most {MOST_INTERVALS} intervals; send longer ones, or fewer days");
            return Err(invalid("intervals", intervals.len(), reason));
        }
        let starts = || intervals.iter().map(|i| i.start);
        let ends = intervals.iter().map(|i| i.start.saturating_add(i.seconds));
        let length_s = ends.max().unwrap_or(0).saturating_sub(starts().min().unwrap_or(0));
        if length_s > LONGEST_S {
            return Err(invalid("intervals", format!("{length_s} s"), "a series covers at most 31 days"));
        }
        let mut rain = Rain::new(rule);
        rain.admit(intervals)?;
        rain.load(intervals);
        rain.advance(i64::MAX);
        if rain.storms().len() > MOST_STORMS {
            let reason = format!("a series has at most {MOST_STORMS} storms; send fewer days");
            return Err(invalid("intervals", intervals.len(), reason));
        }
        let column = |storm: &Storm| {
            let (id, at) = (time::format(storm.start).replace(['-', ':'], ""), StormAt { series: 0, storm: 0 });
            Column { id, at, storm: *storm, peak_1h_mm_h: rain.peak_mm_h(storm, 3_600) }
        };
        Ok(Coming {
            storms: rain.storms().iter().map(column).collect(),
            depth_um: intervals.iter().filter_map(|i| i.depth_um).sum(),
            intervals: intervals.len(),
            not_given: intervals.iter().filter(|i| i.depth_um.is_none()).count(),
        })
    }
}

/// What a probability rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestsOn {
    /// The hotspot's trigger, at the storm's peak intensity.
    Trigger,
    /// The share of floods among the ten storms known that are most like it, by the ratio of their strengths.
    Share,
    /// Too little is known there: see `at_least`.
    None,
}

/// How likely a coming storm floods a hotspot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct FloodChance {
    pub basis: RestsOn,
    pub p: Option<f64>,
    /// The 95 % interval: of the trigger (profile of the penalised likelihood) or of the share (Wilson 1927).
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Of the ten storms most like it, known or not, the share in which it was reported flooded.
    pub at_least: Option<f64>,
    /// How many storms it rests on.
    pub storms: usize,
    /// The weakest and the strongest of them, in the unit of `by`.
    pub weakest: Option<f64>,
    pub strongest: Option<f64>,
    /// The storm to come is weaker or stronger than any of them.
    pub extrapolated: bool,
}

/// What strength is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparedBy {
    #[serde(rename = "peak_1h_mm_h")]
    Peak1h,
    /// Where the series is too coarse for the peak of an hour.
    DepthMm,
}

impl ComparedBy {
    pub fn of(coming: &Column) -> ComparedBy {
        if coming.peak_1h_mm_h.is_some() { ComparedBy::Peak1h } else { ComparedBy::DepthMm }
    }

    fn strength(self, column: &Column) -> Option<f64> {
        match self {
            ComparedBy::Peak1h => column.peak_1h_mm_h,
            ComparedBy::DepthMm => Some(column.storm.depth_um as f64 / 1_000.0),
        }
    }
}

/// What is known of a hotspot, made ready for storms to come.
pub struct Past<'c> {
    seen: Vec<(&'c Column, Cell)>,
    model: Option<Model>,
}

impl<'c> Past<'c> {
    pub fn of(seen: impl Iterator<Item = (&'c Column, Cell)>) -> Past<'c> {
        let seen: Vec<_> = seen.collect();
        let model = Model::of(&known(seen.iter().copied())).ok();
        Past { seen, model }
    }

    /// How likely a storm floods it.
    pub fn chance(&self, coming: &Column) -> FloodChance {
        let by = ComparedBy::of(coming);
        let strength = by.strength(coming).unwrap_or_default();
        let flooded = |cell: Cell| cell.flooded();
        let all = self.alike(by, strength, |cell| Some(flooded(cell) == Some(true)));
        let at_least = share(floods(&all), all.len() as u32);
        let rests_on = |basis, [p, low, high]: [f64; 3], storms: &[(f64, bool)]| {
            let (weakest, strongest) = extent(storms);
            let extrapolated = !(weakest..=strongest).contains(&strength);
            let (p, low, high) = (Some(p), Some(low), Some(high));
            let (weakest, strongest) = (Some(weakest), Some(strongest));
            FloodChance { basis, p, low, high, at_least, storms: storms.len(), weakest, strongest, extrapolated }
        };
        let known: Vec<_> = self.known(by, flooded);
        let depth_mm = coming.storm.depth_um as f64 / 1_000.0;
        let fitted = self.model.as_ref().filter(|_| by == ComparedBy::Peak1h);
        if let Some(chance) = fitted.and_then(|model| model.probability(strength, Some(depth_mm))) {
            return rests_on(RestsOn::Trigger, chance, &known);
        }
        let alike = self.alike(by, strength, flooded);
        // Where nobody ever said that it was dry, that floods are known says nothing of how often it floods.
        let both = known.iter().any(|&(_, flooded)| flooded) && known.iter().any(|&(_, flooded)| !flooded);
        if alike.len() >= LEAST_KNOWN as usize && both {
            let (count, n) = (floods(&alike), alike.len() as u32);
            if let Some((low, high)) = wilson_95(count, n) {
                return rests_on(RestsOn::Share, [f64::from(count) / f64::from(n), low, high], &alike);
            }
        }
        let (p, low, high, weakest, strongest) = Default::default();
        let storms = known.len();
        FloodChance { basis: RestsOn::None, p, low, high, at_least, storms, weakest, strongest, extrapolated: false }
    }

    fn known(&self, by: ComparedBy, flooded: impl Fn(Cell) -> Option<bool>) -> Vec<(f64, bool)> {
        self.seen.iter().filter_map(|&(column, cell)| Some((by.strength(column)?, flooded(cell)?))).collect()
    }

    /// The storms most like one of this strength, by ratio; of equals the later.
    fn alike(&self, by: ComparedBy, strength: f64, flooded: impl Fn(Cell) -> Option<bool>) -> Vec<(f64, bool)> {
        let mut all = self.known(by, flooded);
        all.reverse();
        let unlike = |s: f64| (s / strength).ln().abs();
        all.sort_by(|a, b| unlike(a.0).total_cmp(&unlike(b.0)));
        all.truncate(ALIKE);
        all
    }
}

fn floods(storms: &[(f64, bool)]) -> u32 {
    storms.iter().filter(|(_, flooded)| *flooded).count() as u32
}

fn extent(storms: &[(f64, bool)]) -> (f64, f64) {
    let strengths = || storms.iter().map(|(strength, _)| *strength);
    (strengths().fold(f64::INFINITY, f64::min), strengths().fold(f64::NEG_INFINITY, f64::max))
}

/// Most likely first; then those of which only the least is known.
pub fn most_likely_first(a: &FloodChance, b: &FloodChance) -> std::cmp::Ordering {
    let key = |c: &FloodChance| [c.p, c.low, c.at_least].map(|v| v.unwrap_or(-1.0));
    let (x, y) = (key(a), key(b));
    y.iter().zip(&x).map(|(y, x)| y.total_cmp(x)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::super::super::settings::Settings;
    use super::*;

    fn coming(intervals: &[(i64, i64, Option<i64>)]) -> Result<Coming> {
        let of = |&(start, seconds, um): &(i64, i64, Option<i64>)| RainInterval { start, seconds, depth_um: um };
        Coming::of(Settings::default().rain_rule(), &intervals.iter().map(of).collect::<Vec<_>>())
    }

    fn column(peak: f64) -> Column {
        let storm = Storm { start: 0, end: 3_600, depth_um: (peak * 1_000.0) as i64 };
        Column { id: String::new(), at: StormAt { series: 0, storm: 0 }, storm, peak_1h_mm_h: Some(peak) }
    }

    #[test]
    fn a_series_that_is_no_rain_says_why_and_one_without_a_storm_has_none() {
        let told = |intervals: &[_]| coming(intervals).unwrap_err().to_string();
        assert!(told(&[]).contains("at least one"));
        assert!(told(&[(0, 60, Some(-1))]).contains("negative"));
        assert!(told(&[(0, 60, Some(1)), (30, 60, Some(1))]).contains("overlap"));
        assert!(told(&[(0, 0, Some(1))]).contains("no duration"));
        assert!(told(&vec![(0, 60, Some(0)); MOST_INTERVALS + 1]).contains("at most 10080 intervals"));
        let drizzle = coming(&[(0, 3_600, Some(4_000)), (3_600, 3_600, None)]).unwrap();
        assert_eq!((drizzle.storms.len(), drizzle.depth_um, drizzle.not_given), (0, 4_000, 1));
        let two = coming(&[(0, 3_600, Some(9_000)), (40_000, 3_600, Some(20_000))]).unwrap();
        assert_eq!(two.storms.iter().map(|s| s.peak_1h_mm_h).collect::<Vec<_>>(), [Some(9.0), Some(20.0)]);
    }

    #[test]
    fn the_chance_rests_on_the_trigger_then_on_storms_alike_then_on_nothing() {
        let columns: Vec<_> = (1..=20).map(|i| column(f64::from(i))).collect();
        let past = |cell: &dyn Fn(usize) -> Cell| {
            Past::of(columns.iter().enumerate().map(|(i, c)| (c, cell(i))).collect::<Vec<_>>().into_iter())
        };
        let both = past(&|i| if i < 10 { Cell::Dry } else { Cell::Flooded });
        let strong = both.chance(&column(30.0));
        assert!(strong.basis == RestsOn::Trigger && strong.extrapolated && strong.p.unwrap() > 0.9, "{strong:?}");
        assert!(strong.low < strong.p && strong.p < strong.high);

        let one_dry = past(&|i| if i == 17 { Cell::Dry } else { Cell::Flooded });
        let chance = one_dry.chance(&column(19.0));
        assert_eq!((chance.basis, chance.p, chance.storms), (RestsOn::Share, Some(0.9), 10));
        assert_eq!((chance.weakest, chance.strongest, chance.extrapolated), (Some(11.0), Some(20.0), false));

        let never_dry = past(&|i| if i % 2 == 0 { Cell::Unknown } else { Cell::Flooded });
        let chance = never_dry.chance(&column(10.0));
        assert_eq!((chance.basis, chance.p, chance.at_least), (RestsOn::None, None, Some(0.5)));
        assert_eq!(past(&|_| Cell::Unknown).chance(&column(9.0)).at_least, Some(0.0));
        assert!(most_likely_first(&strong, &chance).is_lt());
    }

    #[test]
    fn a_coarse_series_is_compared_by_depth() {
        let columns: Vec<_> = (1..=20).map(|i| column(f64::from(i))).collect();
        let past =
            Past::of(columns.iter().map(|c| (c, if c.storm.depth_um > 9_500 { Cell::Flooded } else { Cell::Dry })));
        let day = Column { peak_1h_mm_h: None, ..column(20.0) };
        let chance = past.chance(&day);
        assert_eq!((chance.basis, ComparedBy::of(&day), chance.p), (RestsOn::Share, ComparedBy::DepthMm, Some(1.0)));
    }
}
