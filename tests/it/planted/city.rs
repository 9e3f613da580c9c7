//! Made-up cities whose truth is known: how often each spot really floods, how many people ride by, when it rains.

use fastrand::Rng;
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Note, Place, RainInterval, Report, Works};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;

pub const DAY_S: f64 = 86_400.0;
pub const YEAR_S: f64 = 365.25 * DAY_S;
/// The whole window.
pub const LASTS_S: f64 = 1_096.0 * DAY_S;
/// 2021-01-01T00:00:00Z.
pub const START: i64 = 1_609_459_200;
/// The side of a square of spots that are too far apart to share an occasion.
const APART_DEGREES: f64 = 0.004;
const RAIN_STEP_S: f64 = 12.0 * 3_600.0;

/// What is true of a city.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub spots: usize,
    /// Shape, and rate in years, of the gamma distribution that the spots' true rates are drawn from.
    pub gamma: (f64, f64),
    /// Storms a year; without any, no rain is measured and floods come at any time.
    pub storms_a_year: f64,
    /// Storms of the last third, as many times those before.
    pub wetter: f64,
    /// Riders of the last third, as many times those before.
    pub riders: f64,
    /// The mean number of riders who would report a flood, one of these at each spot; none: every flood is reported.
    pub seen_by: &'static [f64],
    /// Floods of the last third at every other spot, as many times those before.
    pub worse: f64,
    /// Reports of other matters a day.
    pub others_a_day: f64,
}

pub const PLAIN: Plan = Plan {
    spots: 400,
    gamma: (0.8, 0.8),
    storms_a_year: 0.0,
    wetter: 1.0,
    riders: 1.0,
    seen_by: &[],
    worse: 1.0,
    others_a_day: 5.0,
};

pub struct City {
    pub map: HazardMap,
    /// By spot: floods a year before the last third.
    pub rates: Vec<f64>,
    /// By spot: when a flood was reported, in seconds since the start.
    pub reported: Vec<Vec<i64>>,
    /// When storms began, in seconds since the start.
    pub storms: Vec<f64>,
}

impl City {
    pub fn new(plan: Plan, seed: u64, settings: &str) -> City {
        let mut rng = Rng::with_seed(seed);
        let side = (plan.spots as f64).sqrt().ceil() as usize;
        let at = |i: usize| {
            let (x, y) = ((i % side) as f64, (i / side) as f64);
            Position::new(110.0 + x * APART_DEGREES, 20.0 + y * APART_DEGREES).unwrap()
        };
        let place = |i: usize| Place { id: format!("p{i}"), position: at(i), name: None, aliases: Vec::new() };
        let mut events = vec![Event::Places((0..plan.spots).map(place).collect())];
        let storms = storms(&plan, &mut rng);
        if plan.storms_a_year > 0.0 {
            events.push(Event::Rain(rain(&storms)));
        }
        let rates: Vec<f64> = (0..plan.spots).map(|_| gamma(&mut rng, plan.gamma.0) / plan.gamma.1).collect();
        let reported: Vec<_> =
            rates.iter().enumerate().map(|(i, &rate)| plan.floods(i, rate, &storms, &mut rng)).collect();
        let mut dated: Vec<(i64, Event)> = Vec::new();
        let mut report = |category: &str, i: usize, t: i64| {
            let id = format!("r{}", dated.len());
            let report = Report::new(id, Category::named(category).unwrap(), at(i), START + t);
            dated.push((t, Event::Report(report)));
        };
        for (i, times) in reported.iter().enumerate() {
            times.iter().for_each(|&t| report("waterlogging", i, t));
        }
        for t in moments(&mut rng, plan.others_a_day * 365.25, |t| if lately(t) { plan.riders } else { 1.0 }) {
            report("obstruction", rng.usize(0..plan.spots), t as i64);
        }
        dated.sort_by_key(|(t, _)| *t);
        let note = |t: i64| Event::Note(Note { step: "verify".into(), at: START + t, report: None });
        events.push(note(0));
        events.extend(dated.into_iter().map(|(_, event)| event));
        events.push(note(LASTS_S as i64));
        let numbered = events.iter().enumerate().map(|(i, event)| (i as u64 + 1, event));
        City { map: HazardMap::build(settings.parse::<Settings>().unwrap(), numbered), rates, reported, storms }
    }
}

impl City {
    /// Loads works at spots: which, when they began and ended, in seconds since the start. Two spots and all between them
    /// make a line.
    pub fn repaired(mut self, works: &[(&[usize], i64, Option<i64>)]) -> City {
        let position = |&spot: &usize| self.map.places().find(&format!("p{spot}")).unwrap().position;
        let one = |(n, (spots, start, end)): (usize, &(&[usize], i64, Option<i64>))| Works {
            id: format!("w{n}"),
            line: spots.iter().map(position).collect(),
            start: START + start,
            end: end.map(|end| START + end),
            kind: None,
            name: None,
            reference: None,
        };
        let event = Event::Works(works.iter().enumerate().map(one).collect());
        self.map.admit(&event).unwrap();
        self.map.apply(self.map.position() + 1, &event);
        self.map.settle();
        self
    }
}

impl Plan {
    /// When floods at a spot were reported.
    fn floods(&self, spot: usize, rate: f64, storms: &[f64], rng: &mut Rng) -> Vec<i64> {
        let worse = |t: f64| if lately(t) && spot.is_multiple_of(2) { self.worse } else { 1.0 };
        let times = if self.storms_a_year > 0.0 {
            let floods = storms.iter().filter(|&&t| rng.f64() < (rate * worse(t) / self.storms_a_year).min(0.95));
            floods.map(|t| t + RAIN_STEP_S / 2.0).collect()
        } else {
            moments(rng, rate, worse)
        };
        let seen_by =
            if self.seen_by.is_empty() { f64::INFINITY } else { self.seen_by[rng.usize(0..self.seen_by.len())] };
        let seen = |t: f64| if lately(t) { seen_by * self.riders } else { seen_by };
        times.into_iter().filter(|&t| rng.f64() < 1.0 - (-seen(t)).exp()).map(|t| t as i64).collect()
    }
}

/// In the last third?
fn lately(t: f64) -> bool {
    t >= LASTS_S * 2.0 / 3.0
}

/// Begins of storms, each a step of the series with dry steps around it.
fn storms(plan: &Plan, rng: &mut Rng) -> Vec<f64> {
    let mut begins: Vec<f64> = moments(rng, plan.storms_a_year, |t| if lately(t) { plan.wetter } else { 1.0 })
        .into_iter()
        .map(|t| (t / RAIN_STEP_S).floor() * RAIN_STEP_S)
        .collect();
    begins.dedup_by(|b, a| *b - *a < 3.0 * RAIN_STEP_S);
    begins
}

fn rain(storms: &[f64]) -> Vec<RainInterval> {
    let steps = (LASTS_S / RAIN_STEP_S) as i64;
    let step = |n: i64| {
        let t = n as f64 * RAIN_STEP_S;
        let wet = storms.contains(&t);
        RainInterval {
            start: START + t as i64,
            seconds: RAIN_STEP_S as i64,
            depth_um: Some(if wet { 20_000 } else { 0 }),
        }
    };
    (0..steps).map(step).collect()
}

/// Moments of a Poisson process with so many a year, times `factor`, which is at most 8.
fn moments(rng: &mut Rng, a_year: f64, factor: impl Fn(f64) -> f64) -> Vec<f64> {
    const MOST: f64 = 8.0;
    let (mut t, mut out) = (0.0, Vec::new());
    if a_year <= 0.0 {
        return out;
    }
    loop {
        t += -(1.0 - rng.f64()).ln() / (a_year * MOST / YEAR_S);
        if t >= LASTS_S {
            return out;
        }
        if rng.f64() < factor(t) / MOST {
            out.push(t);
        }
    }
}

/// A gamma variable of rate 1 (Marsaglia & Tsang 2000).
fn gamma(rng: &mut Rng, shape: f64) -> f64 {
    if shape < 1.0 {
        return gamma(rng, shape + 1.0) * (1.0 - rng.f64()).powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    loop {
        // Box & Muller (1958).
        let x = (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos();
        let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
        if v > 0.0 && (1.0 - rng.f64()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}
