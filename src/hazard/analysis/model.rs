//! The probability of a flood by the storm's peak intensity, fitted to the storms known of a hotspot.

use serde::Serialize;
use utoipa::ToSchema;

use super::firth::{Cases, Fit, crossing};
use super::matrix::{Cell, Column};
use super::missing::Missing;

/// Nothing is fitted below so many floods and so many dry storms.
pub const LEAST_OF_EACH: usize = 5;
/// Depth joins intensity from so many of each.
pub const LEAST_FOR_DEPTH: usize = 20;
/// Points of the curve, from the weakest to the strongest storm known: beyond them nothing was seen.
const CURVE_POINTS: usize = 25;

/// The probability of a flood by intensity, fitted to the storms known.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Trigger {
    /// The log odds of a flood: of the intercept, then by each predictor and unit of it.
    pub coefficients: Vec<Coefficient>,
    /// Between the weakest and the strongest storm known.
    #[serde(skip)]
    pub curve: Vec<CurvePoint>,
    /// Where depth is a predictor: the depth that the curve and the intensity are for, the median of the storms known.
    pub at_depth_mm: Option<f64>,
    /// The peak intensity of an hour at which a flood is as likely as not. Null where stronger rain is not shown to flood
    /// it more.
    pub even_odds_mm_h: Option<f64>,
    /// Its 95 % interval (profile of the penalised likelihood); below 0 is 0.
    pub even_odds_low_mm_h: Option<f64>,
    pub even_odds_high_mm_h: Option<f64>,
    /// It lies beyond the storms known.
    pub even_odds_extrapolated: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Coefficient {
    /// `intercept`, `peak_1h_mm_h` or `depth_mm`.
    pub name: &'static str,
    pub estimate: f64,
    /// The 95 % interval (profile of the penalised likelihood).
    pub low: f64,
    pub high: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CurvePoint {
    pub peak_1h_mm_h: f64,
    pub p: f64,
    /// The 95 % interval at this intensity (profile of the penalised likelihood).
    pub low: f64,
    pub high: f64,
}

/// A storm that the trigger was fitted to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct KnownStorm {
    pub storm: String,
    pub peak_1h_mm_h: f64,
    pub depth_mm: f64,
    pub flooded: bool,
}

/// The storms known whose intensity was measured, in order of time.
pub fn known<'c>(seen: impl Iterator<Item = (&'c Column, Cell)>) -> Vec<KnownStorm> {
    let one = |(column, cell): (&Column, Cell)| {
        Some(KnownStorm {
            storm: column.id.clone(),
            peak_1h_mm_h: column.peak_1h_mm_h?,
            depth_mm: column.storm.depth_um as f64 / 1_000.0,
            flooded: cell.flooded()?,
        })
    };
    seen.filter_map(one).collect()
}

impl Trigger {
    /// Fits the storms known.
    ///
    /// # Errors
    /// What is missing.
    pub fn of(known: &[KnownStorm]) -> Result<Trigger, Missing> {
        let model = Model::of(known)?;
        let (even_odds, mut extrapolated) = (model.even_odds(), false);
        let peaks = || known.iter().map(|s| s.peak_1h_mm_h);
        let (weakest, strongest) = (peaks().fold(f64::INFINITY, f64::min), peaks().fold(0.0, f64::max));
        if let Some([at, ..]) = even_odds {
            extrapolated = !(weakest..=strongest).contains(&at);
        }
        let point = |n: usize| {
            let share = n as f64 / (CURVE_POINTS - 1) as f64;
            let peak_1h_mm_h = weakest + share * (strongest - weakest);
            let [p, low, high] = model.probability(peak_1h_mm_h, model.depth_mm())?;
            Some(CurvePoint { peak_1h_mm_h, p, low, high })
        };
        let curve: Option<Vec<_>> = (0..CURVE_POINTS).map(point).collect();
        let (Some(curve), Some(coefficients)) = (curve, model.coefficients()) else { return Err(no_fit()) };
        Ok(Trigger {
            coefficients,
            curve,
            at_depth_mm: model.depth_mm(),
            even_odds_mm_h: even_odds.map(|e| e[0]),
            even_odds_low_mm_h: even_odds.map(|e| e[1]),
            even_odds_high_mm_h: even_odds.map(|e| e[2]),
            even_odds_extrapolated: extrapolated,
        })
    }
}

fn no_fit() -> Missing {
    Missing::new("the fit does not settle on these storms", "对这些降雨的拟合不收敛")
}

/// A fit with one predictor or two. Within, each is counted in units of its spread, so that the numbers are of one size.
#[derive(Clone, Debug)]
pub enum Model {
    Intensity(Fitted<2>),
    IntensityAndDepth(Fitted<3>),
}

#[derive(Clone, Debug)]
pub struct Fitted<const P: usize> {
    cases: Cases<P>,
    fit: Fit<P>,
    /// What is subtracted, and by what it is divided then.
    middle: [f64; P],
    spread: [f64; P],
    /// Where the curve is drawn; its second number, the intensity, is of no meaning.
    at: [f64; P],
}

const NAMES: [&str; 3] = ["intercept", "peak_1h_mm_h", "depth_mm"];

impl Model {
    /// Fits the storms known, without the curve.
    ///
    /// # Errors
    /// What is missing.
    pub fn of(known: &[KnownStorm]) -> Result<Model, Missing> {
        let flooded = known.iter().filter(|s| s.flooded).count();
        let dry = known.len() - flooded;
        if flooded < LEAST_OF_EACH || dry < LEAST_OF_EACH {
            let en = format!(
                "a trigger takes {LEAST_OF_EACH} storms with floods and {LEAST_OF_EACH} without, each with its peak \
                 intensity of an hour; known are {flooded} and {dry}"
            );
            let zh = format!("推算触发雨强需积水与未积水各至少{LEAST_OF_EACH}场且有小时雨强；现有{flooded}场与{dry}场");
            return Err(Missing::new(en, zh));
        }
        let first = known[0].peak_1h_mm_h;
        if known.iter().all(|s| s.peak_1h_mm_h == first) {
            return Err(Missing::new("every storm known was equally strong", "已知各场雨强相同"));
        }
        if flooded >= LEAST_FOR_DEPTH && dry >= LEAST_FOR_DEPTH {
            let rows = known.iter().map(|s| ([1.0, s.peak_1h_mm_h, s.depth_mm], s.flooded));
            // Where depth says the same as intensity, intensity alone is fitted.
            if let Some(fitted) = Fitted::of(rows.collect()) {
                return Ok(Model::IntensityAndDepth(fitted));
            }
        }
        let rows = known.iter().map(|s| ([1.0, s.peak_1h_mm_h], s.flooded));
        Fitted::of(rows.collect()).map(Model::Intensity).ok_or_else(no_fit)
    }

    /// Probability of a flood with its 95 % interval.
    pub fn probability(&self, peak_1h_mm_h: f64, depth_mm: Option<f64>) -> Option<[f64; 3]> {
        match self {
            Model::Intensity(fitted) => fitted.probability([1.0, peak_1h_mm_h]),
            Model::IntensityAndDepth(fitted) => {
                fitted.probability([1.0, peak_1h_mm_h, depth_mm.unwrap_or(fitted.at[2])])
            }
        }
    }

    fn coefficients(&self) -> Option<Vec<Coefficient>> {
        match self {
            Model::Intensity(fitted) => fitted.coefficients(),
            Model::IntensityAndDepth(fitted) => fitted.coefficients(),
        }
    }

    fn depth_mm(&self) -> Option<f64> {
        match self {
            Model::Intensity(_) => None,
            Model::IntensityAndDepth(fitted) => Some(fitted.at[2]),
        }
    }

    fn even_odds(&self) -> Option<[f64; 3]> {
        match self {
            Model::Intensity(fitted) => fitted.even_odds(),
            Model::IntensityAndDepth(fitted) => fitted.even_odds(),
        }
    }
}

impl<const P: usize> Fitted<P> {
    fn of(rows: Vec<([f64; P], bool)>) -> Option<Fitted<P>> {
        let n = rows.len() as f64;
        let column = |c: usize| rows.iter().map(move |(row, _)| row[c]);
        let mean = |c: usize| column(c).sum::<f64>() / n;
        let middle = std::array::from_fn(|c| if c == 0 { 0.0 } else { mean(c) });
        let deviation = |c: usize| (column(c).map(|x| (x - mean(c)).powi(2)).sum::<f64>() / n).sqrt();
        let spread: [f64; P] = std::array::from_fn(|c| if c == 0 { 1.0 } else { deviation(c) });
        let at = std::array::from_fn(|c| median(column(c).collect()));
        let scaled = |row: &[f64; P]| std::array::from_fn(|c| (row[c] - middle[c]) / spread[c]);
        let cases = Cases::new(rows.iter().map(|(row, flooded)| (scaled(row), *flooded)));
        let fit = cases.fit([0.0; P], None)?;
        Some(Fitted { cases, fit, middle, spread, at })
    }

    fn scaled(&self, at: [f64; P]) -> [f64; P] {
        std::array::from_fn(|c| (at[c] - self.middle[c]) / self.spread[c])
    }

    /// The log odds at a point and their interval: the first coefficient when all is counted from there.
    fn log_odds(&self, at: [f64; P]) -> Option<[f64; 3]> {
        let at = self.scaled(at);
        let cases = self.cases.from_origin(at);
        let mut start = self.fit.coefficients;
        start[0] = (0..P).map(|c| self.fit.coefficients[c] * if c == 0 { 1.0 } else { at[c] }).sum();
        let fit = cases.fit(start, None)?;
        let (low, high) = cases.interval(&fit, 0)?;
        Some([fit.coefficients[0], low, high])
    }

    fn probability(&self, at: [f64; P]) -> Option<[f64; 3]> {
        Some(self.log_odds(at)?.map(|log_odds| 1.0 / (1.0 + (-log_odds).exp())))
    }

    fn coefficients(&self) -> Option<Vec<Coefficient>> {
        let mut origin = [0.0; P];
        origin[0] = 1.0;
        let [estimate, low, high] = self.log_odds(origin)?;
        let mut all = vec![Coefficient { name: NAMES[0], estimate, low, high }];
        for (c, name) in NAMES.into_iter().enumerate().take(P).skip(1) {
            let (low, high) = self.cases.interval(&self.fit, c)?;
            let [estimate, low, high] = [self.fit.coefficients[c], low, high].map(|v| v / self.spread[c]);
            all.push(Coefficient { name, estimate, low, high });
        }
        Some(all)
    }

    /// Where a flood is as likely as not, with the intensities at which saying so costs no more than chance would. None
    /// where the slope is not above zero beyond doubt: then no intensity can be told from any other.
    fn even_odds(&self) -> Option<[f64; 3]> {
        let (slope_low, _) = self.cases.interval(&self.fit, 1)?;
        if slope_low <= 0.0 {
            return None;
        }
        let mut at = self.scaled(self.at);
        let rest: f64 =
            (0..P).filter(|&c| c != 1).map(|c| self.fit.coefficients[c] * if c == 0 { 1.0 } else { at[c] }).sum();
        let even = -rest / self.fit.coefficients[1];
        let reach = self.fit.errors[0] / self.fit.coefficients[1];
        let mut cost = |x: f64| {
            at[1] = x;
            self.cases.cost_of_even_odds(&self.fit, at)
        };
        // Rain is never less than none.
        let none = -self.middle[1] / self.spread[1];
        let low = if cost(none)? <= 0.0 { none } else { crossing(even, -reach, |x, _| cost(x))?? };
        let high = crossing(even, reach, |x, _| cost(x))??;
        Some([even, low, high].map(|x| (x * self.spread[1] + self.middle[1]).max(0.0)))
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storms(all: &[(f64, bool)]) -> Vec<KnownStorm> {
        let one = |&(peak_1h_mm_h, flooded): &(f64, bool)| KnownStorm {
            storm: String::new(),
            peak_1h_mm_h,
            depth_mm: 2.0 * peak_1h_mm_h,
            flooded,
        };
        all.iter().map(one).collect()
    }

    #[test]
    fn below_five_and_five_nothing_is_fitted_and_it_says_what_is_missing() {
        let few: Vec<_> = (1..=9).map(|i| (f64::from(i), i > 5)).collect();
        let told = Trigger::of(&storms(&few)).unwrap_err();
        assert!(told.en.ends_with("known are 4 and 5") && told.zh.contains("现有4场与5场"), "{told:?}");
        let same: Vec<_> = (1..=10).map(|i| (7.0, i > 5)).collect();
        assert!(Trigger::of(&storms(&same)).unwrap_err().en.contains("equally strong"));
    }

    #[test]
    fn an_intensity_that_separates_is_named_with_both_ends_of_its_interval() {
        let all: Vec<_> = (1..=20).map(|i| (f64::from(i), i > 10)).collect();
        let trigger = Trigger::of(&storms(&all)).unwrap();
        let [at, low, high] =
            [trigger.even_odds_mm_h, trigger.even_odds_low_mm_h, trigger.even_odds_high_mm_h].map(Option::unwrap);
        assert!((at - 10.5).abs() < 1e-9 && 7.0 < low && low < 10.0 && 11.0 < high && high < 14.0, "{low} {at} {high}");
        assert!(!trigger.even_odds_extrapolated && trigger.curve.len() == CURVE_POINTS);
        assert!(trigger.curve.windows(2).all(|two| two[0].p < two[1].p));
        assert!(trigger.curve.iter().all(|c| 0.0 < c.low && c.low <= c.p && c.p <= c.high && c.high <= 1.0));
        // On the curve the interval of the probability holds one half just where the interval of the intensity says so.
        for point in &trigger.curve {
            assert_eq!(point.low <= 0.5 && 0.5 <= point.high, (low..=high).contains(&point.peak_1h_mm_h), "{point:?}");
        }
    }

    #[test]
    fn where_intensity_tells_nothing_no_intensity_is_named() {
        let all: Vec<_> = (0..40).map(|i| (f64::from(i / 2), i % 2 == 0)).collect();
        let trigger = Trigger::of(&storms(&all)).unwrap();
        assert_eq!((trigger.even_odds_mm_h, trigger.even_odds_low_mm_h), (None, None));
        // Its depth is twice its intensity: it cannot join.
        assert_eq!(trigger.coefficients.len(), 2);
        let turned: Vec<_> = (1..=20).map(|i| (f64::from(i), i <= 10)).collect();
        assert_eq!(Trigger::of(&storms(&turned)).unwrap().even_odds_mm_h, None);
    }

    #[test]
    fn depth_joins_from_twenty_and_twenty() {
        let mut all: Vec<_> = (0..60).map(|i| (f64::from(i % 20), (i * 7) % 20 > 10)).collect();
        all.truncate(59);
        let mut known = storms(&all);
        known.iter_mut().enumerate().for_each(|(i, s)| s.depth_mm = ((i * 13) % 31) as f64);
        let trigger = Trigger::of(&known).unwrap();
        assert_eq!(trigger.coefficients.iter().map(|c| c.name).collect::<Vec<_>>(), NAMES);
        assert_eq!(trigger.at_depth_mm, Some(median(known.iter().map(|s| s.depth_mm).collect())));
    }
}
