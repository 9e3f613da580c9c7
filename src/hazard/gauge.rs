//! Gauges: where rain is measured, and whose rain counts at a place.
//!
//! At a place counts the nearest gauge that has measured (an interval of its series is in force), as long as it is at
//! most `gauge_reach` away; of equally near ones the one with the smaller id. Where there is none, the series without a
//! gauge counts, which stands for the whole city; where that has nothing either, the weather is unknown.

use hashbrown::HashMap;

use super::event::{Gauge, RainInterval};
use super::position::{Ecef, radius2_cm2};
use super::settings::RainRule;
use super::storm::{Affected, Rain, Storm};
use crate::error::{Result, invalid};

/// What the series without a gauge is called; no gauge may be called so.
pub const CITY: &str = "city";
const LONGEST_ID_CHARS: usize = 100;

/// A rainfall series, and where it was measured.
#[derive(Debug)]
pub struct Series {
    /// `None`: it stands for the whole city.
    pub gauge: Option<Gauge>,
    pub rain: Rain,
}

impl Series {
    /// The gauge's id, or [`CITY`].
    pub fn id(&self) -> &str {
        self.gauge.as_ref().map_or(CITY, |gauge| &gauge.id)
    }
}

/// A storm: the `storm`th of the `series`th.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StormAt {
    pub series: u32,
    pub storm: u32,
}

/// What further rain of one series has changed.
#[derive(Debug)]
pub struct Advanced {
    pub series: u32,
    /// How many storms it had before, and the last of them.
    pub before: (usize, Option<Storm>),
    pub affected: Affected,
}

/// Every series; the first is the one without a gauge, and may be empty.
#[derive(Debug)]
pub struct Gauges {
    rule: RainRule,
    all: Vec<Series>,
    by_id: HashMap<String, u32>,
    /// The gauges that have measured, in order of x: a search looks outwards and ends where x alone is too far.
    serving: Vec<(Ecef, u32)>,
    /// Between these times, the first included, nothing comes into force or goes out of it.
    quiet: (i64, i64),
}

impl Gauges {
    pub fn new(rule: RainRule) -> Gauges {
        let city = Series { gauge: None, rain: Rain::new(rule.clone()) };
        Gauges { rule, all: vec![city], by_id: HashMap::new(), serving: Vec::new(), quiet: (i64::MIN, i64::MAX) }
    }

    /// Every series, in the order they were first loaded; the first has no gauge.
    pub fn all(&self) -> &[Series] {
        &self.all
    }

    /// The series of a gauge, or of the city, by index.
    pub fn find(&self, id: &str) -> Option<usize> {
        if id == CITY { Some(0) } else { self.by_id.get(id).map(|&series| series as usize) }
    }

    /// Is this an id that a gauge may have?
    ///
    /// # Errors
    /// `Invalid` for one that is empty, too long, not printable, or stands for the whole city.
    pub fn admit(gauge: &Gauge) -> Result<()> {
        let reason = match &gauge.id {
            id if id.is_empty() => "a gauge needs an id".to_owned(),
            id if id == CITY => format!("a gauge must not be called {CITY}, which stands for the rain without a gauge"),
            id if id.chars().any(char::is_control) => "has characters that are not printable".to_owned(),
            id if id.chars().count() > LONGEST_ID_CHARS => format!("longer than {LONGEST_ID_CHARS} characters"),
            _ => return Ok(()),
        };
        Err(invalid("gauge", &gauge.id, reason))
    }

    /// Adds a gauge, or gives a known one its new position and name.
    pub fn place(&mut self, gauge: &Gauge) {
        self.quiet = (i64::MAX, i64::MIN);
        if let Some(&series) = self.by_id.get(&gauge.id) {
            self.all[series as usize].gauge = Some(gauge.clone());
            return;
        }
        self.by_id.insert(gauge.id.clone(), self.all.len() as u32);
        self.all.push(Series { gauge: Some(gauge.clone()), rain: Rain::new(self.rule.clone()) });
    }

    /// Adds intervals to a series; returns whether its past has changed, as [`Rain::load`].
    pub fn load(&mut self, series: usize, more: &[RainInterval]) -> bool {
        self.quiet = (i64::MAX, i64::MIN);
        self.all[series].rain.load(more)
    }

    /// Brings into force what has ended by `as_of`, in each series that has something; and whether other gauges serve
    /// than before, or elsewhere: then any place may have another series.
    pub fn advance(&mut self, as_of: i64) -> (Vec<Advanced>, bool) {
        let mut steps = Vec::new();
        if (self.quiet.0..self.quiet.1).contains(&as_of) {
            return (steps, false);
        }
        for (series, Series { rain, .. }) in self.all.iter_mut().enumerate() {
            let before = rain.last_storm();
            let step = |affected| Advanced { series: series as u32, before, affected };
            steps.extend(rain.advance(as_of).map(step));
        }
        let ends = |of: fn(&Rain) -> Option<&RainInterval>| {
            self.all.iter().filter_map(move |series| of(&series.rain)).map(RainInterval::end)
        };
        let last = ends(|rain| rain.in_force().checked_sub(1).and_then(|last| rain.intervals().get(last))).max();
        let next = ends(|rain| rain.intervals().get(rain.in_force())).min();
        self.quiet = (last.unwrap_or(i64::MIN), next.unwrap_or(i64::MAX));
        let serving = self.measuring();
        let regrouped = serving != self.serving;
        self.serving = serving;
        (steps, regrouped)
    }

    /// The gauges with rain in force, in order of x, then of their series.
    fn measuring(&self) -> Vec<(Ecef, u32)> {
        let at = |(n, series): (usize, &Series)| {
            let gauge = series.gauge.as_ref().filter(|_| series.rain.in_force() > 0)?;
            Some((gauge.position.ecef(), n as u32))
        };
        let mut all: Vec<_> = self.all.iter().enumerate().filter_map(at).collect();
        all.sort_unstable_by_key(|(at, n)| (at.x, *n));
        all
    }

    /// Is there one series only, wherever one asks?
    pub fn is_one(&self) -> bool {
        self.serving.is_empty()
    }

    /// The index of the series that counts at a place.
    pub fn of(&self, at: Ecef) -> u32 {
        let limit = radius2_cm2(self.rule.gauge_reach_m);
        self.nearest(at).filter(|(d, _)| *d <= limit).map_or(0, |(_, series)| series)
    }

    /// The nearest gauge that has measured, however far: squared distance in cm², and the index of its series.
    pub fn nearest(&self, at: Ecef) -> Option<(i64, u32)> {
        let id = |series: u32| self.all[series as usize].id();
        let (before, after) = self.serving.split_at(self.serving.partition_point(|(other, _)| other.x < at.x));
        let mut best: Option<(i64, u32)> = None;
        // False where no further one along x can be as near.
        let mut look = |&(other, series): &(Ecef, u32)| {
            let x2 = (i64::from(other.x) - i64::from(at.x)).pow(2);
            if best.is_some_and(|(d, _)| x2 > d) {
                return false;
            }
            let d = other.distance2_cm2(at);
            if best.is_none_or(|(least, of)| (d, id(series)) < (least, id(of))) {
                best = Some((d, series));
            }
            true
        };
        let _ = after.iter().all(&mut look);
        let _ = before.iter().rev().all(&mut look);
        best
    }
}

#[cfg(test)]
mod tests {
    use super::super::position::Position;
    use super::super::settings::Settings;
    use super::*;

    const HOUR_S: i64 = 3_600;

    fn gauge(id: &str, lon: f64) -> Gauge {
        Gauge { id: id.into(), position: Position::new(lon, 0.0).unwrap(), name: None }
    }

    fn dry(start: i64) -> [RainInterval; 1] {
        [RainInterval { start, seconds: HOUR_S, depth_um: Some(0) }]
    }

    fn at(lon: f64) -> Ecef {
        Position::new(lon, 0.0).unwrap().ecef()
    }

    fn gauges(places: &[(&str, f64)], reach_m: &str) -> Gauges {
        let rule: Settings = format!("gauge_reach={reach_m}").parse().unwrap();
        let mut gauges = Gauges::new(rule.rain_rule());
        for (n, (id, lon)) in places.iter().enumerate() {
            gauges.place(&gauge(id, *lon));
            gauges.load(n + 1, &dry(0));
        }
        gauges.advance(HOUR_S);
        gauges
    }

    #[test]
    fn the_nearest_gauge_counts_the_smaller_id_wins_a_tie_and_none_beyond_its_reach() {
        let gauges = gauges(&[("b", 0.01), ("a", -0.01), ("c", 0.5)], "25000");
        let id = |lon| gauges.all()[gauges.of(at(lon)) as usize].id();
        assert_eq!([0.0, 0.001, -0.001, 0.3, 0.7].map(id), ["a", "b", "a", "c", "c"]);
        assert_eq!([0.73, 90.0, 180.0, -90.0].map(id), [CITY; 4]);
        assert_eq!(gauges.nearest(at(180.0)).map(|n| n.1), Some(3));
    }

    #[test]
    fn a_search_along_x_finds_what_looking_at_every_gauge_finds() {
        let mut rng = 1_u64;
        let mut next = move || {
            rng = rng.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (rng >> 33) as f64 / f64::from(1_u32 << 31)
        };
        let spots: Vec<_> = (0..60).map(|_| (next() * 0.2, next() * 0.2)).collect();
        let mut gauges = Gauges::new(Settings::default().rain_rule());
        for (n, &(lon, lat)) in spots.iter().enumerate() {
            gauges.place(&Gauge { id: n.to_string(), position: Position::new(lon, lat).unwrap(), name: None });
            gauges.load(n + 1, &dry(0));
        }
        gauges.advance(HOUR_S);
        for _ in 0..500 {
            let from = Position::new(next() * 0.3, next() * 0.3).unwrap().ecef();
            let plain = |n: usize| Position::new(spots[n].0, spots[n].1).unwrap().ecef().distance2_cm2(from);
            let best = (0..spots.len()).min_by_key(|&n| (plain(n), n.to_string())).unwrap();
            assert_eq!(gauges.nearest(from), Some((plain(best), best as u32 + 1)));
        }
    }

    #[test]
    fn a_gauge_counts_from_its_first_measurement_on_and_where_it_was_moved_to() {
        let mut gauges = gauges(&[("far", 0.1)], "25000");
        gauges.place(&gauge("near", 0.0));
        assert!(!gauges.advance(HOUR_S).1);
        assert_eq!(gauges.of(at(0.0)), 1);
        gauges.load(2, &dry(2 * HOUR_S));
        assert!(!gauges.advance(2 * HOUR_S).1, "it has not ended yet");
        assert!(gauges.advance(3 * HOUR_S).1);
        assert_eq!(gauges.of(at(0.0)), 2);
        gauges.place(&gauge("near", 0.3));
        assert!(gauges.advance(3 * HOUR_S).1);
        assert_eq!(gauges.of(at(0.0)), 1);
    }

    #[test]
    fn a_gauge_needs_an_id_of_its_own() {
        for id in ["", CITY, "a\nb", &"x".repeat(101)] {
            assert!(Gauges::admit(&gauge(id, 0.0)).is_err(), "{id:?}");
        }
        assert!(Gauges::admit(&gauge("站 1/b:c", 0.0)).is_ok());
    }
}
