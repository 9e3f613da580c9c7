//! Logistic regression with Firth's penalty: the likelihood times Jeffreys' prior, so that estimates are finite where
//! intensity tells floods from dry storms without exception, and less biased where there are few of either (Firth 1993;
//! Heinze & Schemper 2002). Intervals are profiles of the penalised likelihood.

use super::linear::{backward, cholesky, forward, largest, step};

/// The chi-squared distribution's quantile at 0.95, one degree of freedom.
const CHI2_95: f64 = 3.841_458_820_694_124;
const MOST_STEPS: usize = 300;
/// A step is no longer than this in any coefficient, or than the largest of them: the first can be wild.
const LONGEST_STEP: f64 = 5.0;
/// Steps below this, relative to the coefficient, are none.
const CONVERGED: f64 = 1e-13;
/// What is still a maximum when rounding allows no shorter step.
const ENOUGH: f64 = 1e-9;
/// A bound that is not found within so many doublings is not there.
const MOST_DOUBLINGS: usize = 60;
const MOST_HALVINGS: usize = 200;
const MOST_FLATTENINGS: i32 = 12;
/// Cases on each side of even odds at which another maximum is looked for.
const CASES_ASIDE: usize = 4;
/// Points at which a search begins.
const MOST_STARTS: usize = 4;
/// The same between two values whose maxima are known, besides these.
const MOST_BETWEEN: usize = 2;
/// Of a coefficient, to take slopes over.
const DIFFERENCE: f64 = 1e-5;

/// What was observed: `P` numbers for each case, the first of them 1, and whether it happened.
#[derive(Clone, Debug)]
pub struct Cases<const P: usize> {
    rows: Vec<[f64; P]>,
    happened: Vec<bool>,
}

/// Where the penalised likelihood is largest.
#[derive(Clone, Copy, Debug)]
pub struct Fit<const P: usize> {
    pub coefficients: [f64; P],
    /// From the information matrix (Wald): where a search for a bound begins.
    pub errors: [f64; P],
    pub log_likelihood: f64,
}

impl<const P: usize> Cases<P> {
    pub fn new(cases: impl IntoIterator<Item = ([f64; P], bool)>) -> Cases<P> {
        let (rows, happened) = cases.into_iter().unzip();
        Cases { rows, happened }
    }

    /// The same cases with each number but the first counted from an origin: the first coefficient is then the log odds
    /// there.
    pub fn from_origin(&self, origin: [f64; P]) -> Cases<P> {
        let moved = |row: &[f64; P]| std::array::from_fn(|c| if c == 0 { row[0] } else { row[c] - origin[c] });
        Cases { rows: self.rows.iter().map(moved).collect(), happened: self.happened.clone() }
    }

    /// Where the penalised likelihood is largest; with `held`, with that coefficient kept as it is in `start`. None where
    /// the numbers do not vary by themselves.
    pub fn fit(&self, start: [f64; P], held: Option<usize>) -> Option<Fit<P>> {
        let mut at = start;
        let mut now = self.at(&at)?;
        for _ in 0..MOST_STEPS {
            let step = self.step(&at, &now, held)?;
            let longest = largest(&step);
            if at.iter().zip(&step).all(|(b, s)| s.abs() <= CONVERGED * (1.0 + b.abs())) {
                break;
            }
            let mut share = (LONGEST_STEP.max(largest(&at)) / longest).min(1.0);
            loop {
                let next: [f64; P] = std::array::from_fn(|c| at[c] + share * step[c]);
                let tried = self.at(&next);
                let slack = 1e-13 * (1.0 + now.log_likelihood.abs());
                if let Some(tried) = tried.filter(|t| t.log_likelihood >= now.log_likelihood - slack) {
                    (at, now) = (next, tried);
                    break;
                }
                share /= 2.0;
                if share * longest < CONVERGED * (1.0 + largest(&at)) {
                    return (longest < ENOUGH * (1.0 + largest(&at))).then(|| now.fit(at));
                }
            }
        }
        let rest = self.step(&at, &now, held)?;
        (largest(&rest) <= ENOUGH * (1.0 + largest(&at))).then(|| now.fit(at))
    }

    /// The 95 % interval of a coefficient: where holding it costs no more than chance would. Ends that are not there are
    /// infinite.
    pub fn interval(&self, fit: &Fit<P>, coefficient: usize) -> Option<(f64, f64)> {
        let estimate = fit.coefficients[coefficient];
        let end = |away: f64| {
            let mut found = vec![(estimate, fit.coefficients)];
            crossing(estimate, away * fit.errors[coefficient], |value, near| {
                let held = self.fit_held(&found, coefficient, value, near)?;
                found.push((value, held.coefficients));
                Some(2.0 * (fit.log_likelihood - held.log_likelihood) - CHI2_95)
            })
        };
        Some((end(-1.0)?.unwrap_or(f64::NEG_INFINITY), end(1.0)?.unwrap_or(f64::INFINITY)))
    }

    /// What it costs, beyond what chance would, to say that the log odds are even at an origin.
    pub fn cost_of_even_odds(&self, fit: &Fit<P>, origin: [f64; P]) -> Option<f64> {
        let held = self.from_origin(origin).fit_held(&[(0.0, fit.coefficients)], 0, 0.0, false)?;
        Some(2.0 * (fit.log_likelihood - held.log_likelihood) - CHI2_95)
    }

    /// Where the penalised likelihood is largest with a coefficient held at a value; `found`: with it held at others, the
    /// last of which comes last. Far from the maximum it has no slope that could be seen, and where it is steep it can
    /// have several maxima: so the search begins at the best of many points, and the highest that it comes to counts. With
    /// `near`, the value lies between two that were found, whose maxima it follows first.
    fn fit_held(&self, found: &[(f64, [f64; P])], coefficient: usize, value: f64, near: bool) -> Option<Fit<P>> {
        let likelihood = |start: [f64; P]| Some((self.at(&start)?.log_likelihood, start));
        let best = |starts: Vec<[f64; P]>| {
            let mut starts: Vec<_> = starts.into_iter().filter_map(likelihood).collect();
            starts.sort_by(|(a, _), (b, _)| b.total_cmp(a));
            starts.into_iter().map(|(_, start)| start)
        };
        let starts: Vec<[f64; P]> = if near {
            let beside = |above: bool| {
                let side = found.iter().filter(move |(at, _)| (*at > value) == above);
                side.min_by(|(a, _), (b, _)| (a - value).abs().total_cmp(&(b - value).abs()))
            };
            let sides = [beside(false), beside(true)].into_iter().flatten();
            let followed = sides.filter_map(|(_, last)| best(self.followed(last, coefficient, value)).next());
            let last = &found.last()?.1;
            followed.chain(best(self.starts(last, coefficient, value)).take(MOST_BETWEEN)).collect()
        } else {
            let last = &found.last()?.1;
            let all = [self.followed(last, coefficient, value), self.starts(last, coefficient, value)].concat();
            best(all).take(MOST_STARTS).collect()
        };
        let fits = starts.into_iter().filter_map(|start| self.fit(start, Some(coefficient)));
        fits.max_by(|a, b| a.log_likelihood.total_cmp(&b.log_likelihood))
    }

    /// Where a maximum that was found may have moved to: the others as they were, all in proportion, or as the information
    /// says.
    fn followed(&self, last: &[f64; P], coefficient: usize, value: f64) -> Vec<[f64; P]> {
        let mut starts = vec![std::array::from_fn(|c| if c == coefficient { value } else { last[c] })];
        if last[coefficient] != 0.0 {
            starts.push(last.map(|b| b * value / last[coefficient]));
        }
        if let Some(point) = self.at(last) {
            let unit: [f64; P] = std::array::from_fn(|c| f64::from(u8::from(c == coefficient)));
            let along = backward(&point.root, forward(&point.root, &unit));
            let share = (value - last[coefficient]) / along[coefficient];
            starts.push(std::array::from_fn(|c| last[c] + share * along[c]));
        }
        starts
    }

    /// Where else there may be one: where it is flatter and flatter, and with even odds at or between cases.
    fn starts(&self, last: &[f64; P], coefficient: usize, value: f64) -> Vec<[f64; P]> {
        let held = |others: [f64; P]| std::array::from_fn(|c| if c == coefficient { value } else { others[c] });
        let flatter = (1..MOST_FLATTENINGS).map(|n| held(last.map(|b| b * 0.5_f64.powi(n))));
        let placed = self.places(last).into_iter().map(|rest| {
            let mut start = held(*last);
            if coefficient == 0 {
                (1..P).for_each(|c| start[c] = if rest == 0.0 { last[c] } else { -last[c] * value / rest });
            } else {
                let steeper = if last[coefficient] == 0.0 { 1.0 } else { value / last[coefficient] };
                (1..P).for_each(|c| start[c] = last[c] * steeper);
                (start[0], start[coefficient]) = (-rest * steeper, value);
            }
            start
        });
        flatter.chain(placed).collect()
    }

    /// The log odds, without the first coefficient, of the cases nearest to even odds, and between each two of them.
    fn places(&self, at: &[f64; P]) -> Vec<f64> {
        let rest = |row: &[f64; P]| row.iter().zip(at).skip(1).map(|(x, b)| x * b).sum::<f64>();
        let mut rests: Vec<f64> = self.rows.iter().map(rest).collect();
        rests.sort_unstable_by(f64::total_cmp);
        let even = rests.partition_point(|&rest| rest + at[0] < 0.0);
        let near = &rests[even.saturating_sub(CASES_ASIDE)..(even + CASES_ASIDE).min(rests.len())];
        let between = near.windows(2).map(|two| f64::midpoint(two[0], two[1]));
        let mut places: Vec<f64> = near.iter().copied().chain(between).collect();
        places.sort_unstable_by(f64::total_cmp);
        places.dedup();
        places
    }

    /// Newton's step towards the maximum, the slopes of the score taken from differences; Fisher's where the likelihood
    /// does not curve down. Fisher's alone can swing about the maximum for ever: the penalty curves, too.
    fn step(&self, at: &[f64; P], now: &Point<P>, held: Option<usize>) -> Option<[f64; P]> {
        let newton = self.curvature(at).and_then(|curvature| step(&curvature, &now.score, held));
        newton.or_else(|| step(&now.information, &now.score, held))
    }

    /// How fast the score falls in each coefficient.
    fn curvature(&self, at: &[f64; P]) -> Option<[[f64; P]; P]> {
        let mut curvature = [[0.0; P]; P];
        for c in 0..P {
            let apart = DIFFERENCE * (1.0 + at[c].abs());
            let beside = |away: f64| self.at(&std::array::from_fn(|k| if k == c { at[k] + away } else { at[k] }));
            let (low, high) = (beside(-apart)?, beside(apart)?);
            for (r, line) in curvature.iter_mut().enumerate() {
                line[c] = (low.score[r] - high.score[r]) / (2.0 * apart);
            }
        }
        Some(std::array::from_fn(|r| std::array::from_fn(|c| f64::midpoint(curvature[r][c], curvature[c][r]))))
    }

    fn at(&self, coefficients: &[f64; P]) -> Option<Point<P>> {
        let mut information = [[0.0; P]; P];
        let mut log_likelihood = 0.0;
        let mut odds = Vec::with_capacity(self.rows.len());
        for (row, &happened) in self.rows.iter().zip(&self.happened) {
            let log_odds: f64 = row.iter().zip(coefficients).map(|(x, b)| x * b).sum();
            let p = 1.0 / (1.0 + (-log_odds).exp());
            // ln(1 + exp(-|x|)) loses nothing where exp(x) would be infinite.
            let most = if (log_odds > 0.0) == happened { 0.0 } else { -log_odds.abs() };
            log_likelihood += most - (-log_odds.abs()).exp().ln_1p();
            let weight = p * (1.0 / (1.0 + log_odds.exp()));
            for (r, line) in information.iter_mut().enumerate() {
                for (c, sum) in line.iter_mut().enumerate() {
                    *sum += weight * row[r] * row[c];
                }
            }
            odds.push((p, weight));
        }
        let root = cholesky(&information)?;
        log_likelihood += (0..P).map(|c| root[c][c].ln()).sum::<f64>();
        let mut score = [0.0; P];
        for ((row, &happened), (p, weight)) in self.rows.iter().zip(&self.happened).zip(odds) {
            let leverage = weight * forward(&root, row).iter().map(|v| v * v).sum::<f64>();
            let residual = f64::from(u8::from(happened)) - p + leverage * (0.5 - p);
            for (sum, x) in score.iter_mut().zip(row) {
                *sum += residual * x;
            }
        }
        log_likelihood.is_finite().then_some(Point { information, root, score, log_likelihood })
    }
}

/// The penalised likelihood at some coefficients.
struct Point<const P: usize> {
    information: [[f64; P]; P],
    /// Its lower Cholesky factor.
    root: [[f64; P]; P],
    score: [f64; P],
    log_likelihood: f64,
}

impl<const P: usize> Point<P> {
    fn fit(&self, coefficients: [f64; P]) -> Fit<P> {
        let errors = std::array::from_fn(|c| {
            let unit = std::array::from_fn(|r| f64::from(u8::from(r == c)));
            forward(&self.root, &unit).iter().map(|v| v * v).sum::<f64>().sqrt()
        });
        Fit { coefficients, errors, log_likelihood: self.log_likelihood }
    }
}

/// Where a cost that is negative at `from` crosses zero, beginning with a step of `reach` in its direction and doubling
/// it; `Some(None)` where it never does, none where the cost has no value. The cost hears whether it is asked between two
/// values that it was asked for before.
pub fn crossing(from: f64, reach: f64, mut cost: impl FnMut(f64, bool) -> Option<f64>) -> Option<Option<f64>> {
    let (mut inside, mut outside) = (from, from + reach);
    let mut below = -CHI2_95;
    let mut tries = 0..MOST_DOUBLINGS;
    let mut above = loop {
        if tries.next().is_none() {
            // Either it never does, or there is no value where it might.
            return cost(outside, false).map(|_| None);
        }
        match cost(outside, false) {
            Some(value) if value > 0.0 => break value,
            Some(value) => {
                (inside, below) = (outside, value);
                outside = from + (outside - from) * 2.0;
            }
            None => outside = f64::midpoint(inside, outside),
        }
    };
    // Regula falsi in its Illinois form: an end that stays has its value halved.
    let mut stayed = 0_i8;
    for _ in 0..MOST_HALVINGS {
        if (outside - inside).abs() <= 1e-13 * (1.0 + inside.abs()) {
            break;
        }
        let middle = outside - above * (outside - inside) / (above - below);
        let value = cost(middle, true)?;
        if value.abs() < 1e-13 {
            return Some(Some(middle));
        }
        if value > 0.0 {
            (outside, above) = (middle, value);
            below = if stayed > 0 { below / 2.0 } else { below };
            stayed = 1;
        } else {
            (inside, below) = (middle, value);
            above = if stayed < 0 { above / 2.0 } else { above };
            stayed = -1;
        }
    }
    Some(Some(f64::midpoint(inside, outside)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(x: &[(f64, bool)]) -> Cases<2> {
        Cases::new(x.iter().map(|&(x, y)| ([1.0, x], y)))
    }

    #[test]
    fn without_a_predictor_the_penalty_adds_half_a_case_to_each_side() {
        // Firth (1993), section 3.3: with Jeffreys' prior the log odds of y of n are ln((y + 1/2) / (n - y + 1/2)).
        let only: Cases<1> = Cases::new((0..10).map(|i| ([1.0], i < 7)));
        let fit = only.fit([0.0], None).unwrap();
        assert!((fit.coefficients[0] - (7.5_f64 / 3.5).ln()).abs() < 1e-12, "{fit:?}");
        let never: Cases<1> = Cases::new((0..10).map(|_| ([1.0], false)));
        assert!((never.fit([0.0], None).unwrap().coefficients[0] - (0.5_f64 / 10.5).ln()).abs() < 1e-12);
    }

    #[test]
    fn a_two_by_two_table_gives_the_log_odds_ratio_with_halves_added() {
        let table = [(0.0, true, 3), (0.0, false, 9), (1.0, true, 8), (1.0, false, 0)];
        let all: Vec<_> = table.iter().flat_map(|&(x, y, n)| std::iter::repeat_n((x, y), n)).collect();
        let fit = cases(&all).fit([0.0; 2], None).unwrap();
        let (a, b) = ((3.5_f64 / 9.5).ln(), (8.5_f64 / 0.5).ln());
        assert!((fit.coefficients[0] - a).abs() < 1e-11 && (fit.coefficients[1] - (b - a)).abs() < 1e-11, "{fit:?}");
    }

    #[test]
    fn separated_cases_have_a_finite_fit_and_a_finite_interval() {
        let all: Vec<_> = (1..=10).map(|i| (f64::from(i), i > 5)).collect();
        let cases = cases(&all);
        let fit = cases.fit([0.0; 2], None).unwrap();
        let (low, high) = cases.interval(&fit, 1).unwrap();
        assert!(0.0 < low && low < fit.coefficients[1] && fit.coefficients[1] < high && high < 100.0, "{low} {high}");
        let even = -fit.coefficients[0] / fit.coefficients[1];
        assert!((even - 5.5).abs() < 1e-9, "{even}");
    }

    #[test]
    fn another_origin_or_unit_gives_the_same_fit() {
        let all: Vec<_> =
            [3.0, 8.0, 9.0, 14.0, 20.0, 21.0, 33.0, 40.0].into_iter().zip([0, 0, 1, 0, 1, 0, 1, 1]).collect();
        let all: Vec<_> = all.into_iter().map(|(x, y)| (x, y == 1)).collect();
        let plain = cases(&all);
        let fit = plain.fit([0.0; 2], None).unwrap();
        let moved = plain.from_origin([0.0, 30.0]);
        let there = moved.fit([0.0; 2], None).unwrap();
        let log_odds = fit.coefficients[0] + 30.0 * fit.coefficients[1];
        assert!((there.coefficients[0] - log_odds).abs() < 1e-9);
        let (low, high) = plain.interval(&fit, 1).unwrap();
        let (l, h) = moved.interval(&there, 1).unwrap();
        assert!((low - l).abs() < 1e-9 && (high - h).abs() < 1e-9, "{low} {l} {high} {h}");
        let tenths = cases(&all.iter().map(|&(x, y)| (x / 10.0, y)).collect::<Vec<_>>());
        let tenth = tenths.fit([0.0; 2], None).unwrap();
        assert!((tenth.coefficients[1] / 10.0 - fit.coefficients[1]).abs() < 1e-10);
    }

    #[test]
    fn numbers_that_do_not_vary_have_no_fit() {
        assert!(cases(&[(2.0, true), (2.0, false), (2.0, true)]).fit([0.0; 2], None).is_none());
        let twice: Cases<3> = Cases::new((0..20).map(|i| ([1.0, f64::from(i), 2.0 * f64::from(i)], i % 3 == 0)));
        assert!(twice.fit([0.0; 3], None).is_none());
    }
}
