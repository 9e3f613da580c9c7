//! Rain: intervals come into force as time moves on, storms are cut from them, and each incident has its weather.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event::RainInterval;
use super::settings::RainRule;
use crate::error::{Result, invalid};

/// A rain event: wet intervals with less than `dry_gap` between them, from `storm_depth` in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storm {
    /// Unix seconds.
    pub start: i64,
    /// Unix seconds.
    pub end: i64,
    /// Whole micrometres.
    pub depth_um: i64,
}

/// The weather an incident or an occasion had; strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weather {
    Storm,
    SmallRain,
    /// Measured and dry.
    None,
    Unknown,
}

impl Weather {
    pub const ALL: [Weather; 4] = [Weather::Storm, Weather::SmallRain, Weather::None, Weather::Unknown];

    pub fn name(self) -> &'static str {
        match self {
            Weather::Storm => "storm",
            Weather::SmallRain => "small_rain",
            Weather::None => "none",
            Weather::Unknown => "unknown",
        }
    }

    /// The weather of this name.
    ///
    /// # Errors
    /// `Invalid` that lists them.
    pub fn named(name: &str) -> Result<Weather> {
        let found = Weather::ALL.into_iter().find(|weather| weather.name() == name);
        found.ok_or_else(|| {
            let reason = format!("unknown; known are {}", Weather::ALL.map(Weather::name).join(", "));
            invalid("weather", name, reason)
        })
    }
}

/// A rainfall series and the storms cut from the part of it that is in force.
#[derive(Debug)]
pub struct Rain {
    rule: RainRule,
    /// By start, without overlaps.
    intervals: Vec<RainInterval>,
    in_force: usize,
    storms: Vec<Storm>,
    /// The latest run of wet intervals, and whether it is the last of `storms` already.
    current: Option<(Storm, bool)>,
}

/// First observations, from and to (inclusive), whose weather or span may have changed.
pub type Affected = (i64, i64);

impl Rain {
    pub fn new(rule: RainRule) -> Rain {
        Rain { rule, intervals: Vec::new(), in_force: 0, storms: Vec::new(), current: None }
    }

    /// Every interval loaded, by start.
    pub fn intervals(&self) -> &[RainInterval] {
        &self.intervals
    }

    /// How many of [`Rain::intervals`] have ended by `as_of`, from the first.
    pub fn in_force(&self) -> usize {
        self.in_force
    }

    /// The storms that qualify, in order of time.
    pub fn storms(&self) -> &[Storm] {
        &self.storms
    }

    /// How many storms there are, and the last of them.
    pub fn last_storm(&self) -> (usize, Option<Storm>) {
        (self.storms.len(), self.storms.last().copied())
    }

    /// The storms that contain a time, give or take `rain_lead` and `drain_lag`, by index.
    pub fn around(&self, t: i64) -> std::ops::Range<usize> {
        let begun = self.storms.partition_point(|s| s.start - self.rule.rain_lead_s <= t);
        let ended = self.storms[..begun].partition_point(|s| s.end + self.rule.drain_lag_s < t);
        ended..begun
    }

    /// Would these further intervals fit in?
    ///
    /// # Errors
    /// `Invalid` for a duration that is not positive, a negative depth, or an overlap.
    pub fn admit(&self, more: &[RainInterval]) -> Result<()> {
        let mut more = more.to_vec();
        more.sort_unstable_by_key(|r| (r.start, r.seconds));
        for (i, r) in more.iter().enumerate() {
            let at = super::time::format(r.start);
            if r.seconds <= 0 {
                return Err(invalid("seconds", r.seconds, format!("rain interval at {at} has no duration")));
            }
            if r.depth_um.is_some_and(|um| um < 0) {
                return Err(invalid("mm", r.depth_um.unwrap_or(0) / 1_000, format!("rain at {at} is negative")));
            }
            let after = self.intervals.partition_point(|known| known.start < r.start);
            let beside = [after.checked_sub(1).and_then(|b| self.intervals.get(b)), self.intervals.get(after)];
            let own = i.checked_sub(1).and_then(|b| more.get(b));
            if beside.into_iter().flatten().chain(own).any(|o| o.start < r.end() && r.start < o.end()) {
                return Err(invalid("start", &at, "rain intervals overlap"));
            }
        }
        Ok(())
    }

    /// Adds intervals that [`Rain::admit`] accepts. Returns whether the past has changed: then every weather may have.
    pub fn load(&mut self, more: &[RainInterval]) -> bool {
        let first = more.iter().map(|r| r.start).min().unwrap_or(i64::MAX);
        let from = self.intervals.partition_point(|known| known.start < first);
        self.intervals.extend_from_slice(more);
        self.intervals[from..].sort_unstable_by_key(|r| r.start);
        let past = from < self.in_force;
        if past {
            self.start_over();
        }
        past
    }

    fn start_over(&mut self) {
        (self.in_force, self.current) = (0, None);
        self.storms.clear();
    }

    /// Brings into force the intervals that have ended by `as_of`, and says whose weather or span may change.
    pub fn advance(&mut self, as_of: i64) -> Option<Affected> {
        // A map without any event stands at 0; its first event can take it back, if that lies before 1970.
        if self.in_force > 0 && self.intervals[self.in_force - 1].end() > as_of {
            self.start_over();
        }
        let from = self.in_force;
        let mut begin = self.intervals.get(from)?.start;
        while self.intervals.get(self.in_force).is_some_and(|r| r.end() <= as_of) {
            let r = self.intervals[self.in_force];
            self.in_force += 1;
            if r.depth_um.is_some_and(|um| um > 0) {
                // A storm that grows may have begun before, and all its incidents span to its end.
                begin = begin.min(self.extend_storm(r));
            }
        }
        let end = self.intervals[from..self.in_force].last()?.end();
        Some((begin - self.rule.rain_lead_s, end + self.rule.small_rain_lag_s.max(self.rule.drain_lag_s)))
    }

    /// Adds a wet interval to the storm it belongs to, and returns when that began.
    fn extend_storm(&mut self, r: RainInterval) -> i64 {
        let (mut storm, mut qualifies) = match self.current {
            Some((storm, qualifies)) if r.start - storm.end < self.rule.dry_gap_s => (storm, qualifies),
            _ => (Storm { start: r.start, end: r.start, depth_um: 0 }, false),
        };
        storm.end = r.end();
        storm.depth_um += r.depth_um.unwrap_or(0);
        if qualifies {
            *self.storms.last_mut().expect("a storm that qualifies is the last") = storm;
        } else if storm.depth_um >= self.rule.storm_depth_um {
            self.storms.push(storm);
            qualifies = true;
        }
        self.current = Some((storm, qualifies));
        storm.start
    }

    /// The weather of an incident first observed at `t`, and its storm: the latest that had begun, give or take
    /// `rain_lead`, and had not ended more than `drain_lag` before.
    pub fn weather(&self, t: i64) -> (Option<u32>, Weather) {
        let begun = self.storms.partition_point(|s| s.start - self.rule.rain_lead_s <= t);
        if let Some(i) = begun.checked_sub(1)
            && t <= self.storms[i].end + self.rule.drain_lag_s
        {
            return (Some(i as u32), Weather::Storm);
        }
        let (begin, end) = (t - self.rule.small_rain_lag_s, t + self.rule.rain_lead_s);
        let from = self.intervals[..self.in_force].partition_point(|r| r.end() <= begin);
        let mut covered = 0;
        for r in self.intervals[from..self.in_force].iter().take_while(|r| r.start < end) {
            match r.depth_um {
                Some(0) if r.start < t => covered += r.end().min(t) - r.start.max(begin),
                Some(0) | None => {}
                Some(_) => return (None, Weather::SmallRain),
            }
        }
        (None, if covered >= self.rule.rain_cover_s { Weather::None } else { Weather::Unknown })
    }

    /// How much of the time before `t`, up to `small_rain_lag`, was measured; seconds.
    pub fn covered_s(&self, t: i64) -> i64 {
        let begin = t - self.rule.small_rain_lag_s;
        let from = self.intervals[..self.in_force].partition_point(|r| r.end() <= begin);
        let before = self.intervals[from..self.in_force].iter().take_while(|r| r.start < t);
        before.filter(|r| r.depth_um.is_some()).map(|r| r.end().min(t) - r.start.max(begin)).sum()
    }

    /// Largest mean intensity of a storm over `window_s`, in mm/h; `None` where the intervals are coarser than that.
    pub fn peak_mm_h(&self, storm: &Storm, window_s: i64) -> Option<f64> {
        let from = self.intervals.partition_point(|r| r.start < storm.start);
        let to = self.intervals.partition_point(|r| r.start < storm.end);
        let run = &self.intervals[from..to];
        if run.iter().any(|r| r.seconds > window_s) {
            return None;
        }
        // The largest sum over windows that end with an interval: intensity is constant within one.
        let mut best_um = 0;
        for (i, last) in run.iter().enumerate() {
            let inside = run[..=i].iter().rev().take_while(|r| r.start >= last.end() - window_s);
            best_um = best_um.max(inside.filter_map(|r| r.depth_um).sum::<i64>());
        }
        Some(best_um as f64 * 3_600.0 / window_s as f64 / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;

    const HOUR: i64 = 3_600;

    fn rain(hours: &[(i64, i64)]) -> Rain {
        let mut rain = Rain::new(Settings::default().rain_rule());
        let intervals: Vec<_> = hours
            .iter()
            .map(|&(hour, mm)| RainInterval { start: hour * HOUR, seconds: HOUR, depth_um: Some(mm * 1_000) })
            .collect();
        rain.admit(&intervals).unwrap();
        rain.load(&intervals);
        rain.advance(i64::MAX);
        rain
    }

    #[test]
    fn a_gap_of_exactly_six_hours_cuts_a_storm() {
        assert_eq!(rain(&[(0, 5), (7, 5)]).storms().len(), 2);
        assert_eq!(rain(&[(0, 5), (6, 5)]).storms().len(), 1);
    }

    #[test]
    fn a_storm_qualifies_from_five_millimetres() {
        assert_eq!(rain(&[(0, 4)]).storms().len(), 0);
        assert_eq!(rain(&[(0, 4), (2, 1)]).storms(), [Storm { start: 0, end: 3 * HOUR, depth_um: 5_000 }]);
    }

    #[test]
    fn weather_is_unknown_where_too_little_was_measured() {
        let dry: Vec<_> = (0..12).map(|h| (h, 0)).collect();
        assert_eq!(rain(&dry).weather(12 * HOUR).1, Weather::None);
        assert_eq!(rain(&dry[1..]).weather(12 * HOUR).1, Weather::Unknown);
        assert_eq!(rain(&[(0, 1)]).weather(12 * HOUR).1, Weather::SmallRain);
        assert_eq!(rain(&[(0, 9)]).weather(13 * HOUR), (Some(0), Weather::Storm));
        assert_eq!(rain(&[(0, 9)]).weather(13 * HOUR + 1).1, Weather::SmallRain);
    }

    #[test]
    fn time_that_goes_back_takes_rain_out_of_force_again() {
        let mut rain = rain(&[(-30, 9), (-10, 9)]);
        assert_eq!((rain.in_force(), rain.storms().len()), (2, 2));
        rain.advance(-20 * HOUR);
        assert_eq!((rain.in_force(), rain.storms().len()), (1, 1));
        rain.advance(-40 * HOUR);
        assert_eq!((rain.in_force(), rain.storms().len()), (0, 0));
    }

    #[test]
    fn overlapping_and_negative_rain_is_refused() {
        let rain = rain(&[(1, 1)]);
        let at = |start, seconds, um| RainInterval { start, seconds, depth_um: Some(um) };
        assert!(rain.admit(&[at(HOUR / 2, HOUR, 0)]).is_err());
        assert!(rain.admit(&[at(5 * HOUR, HOUR, 0), at(5 * HOUR, HOUR, 0)]).is_err());
        assert!(rain.admit(&[at(5 * HOUR, HOUR, -1)]).is_err());
        assert!(rain.admit(&[at(5 * HOUR, 0, 1)]).is_err());
        assert!(rain.admit(&[at(0, HOUR, 0), at(2 * HOUR, HOUR, 0)]).is_ok());
    }

    #[test]
    fn the_peak_is_taken_over_the_window_and_empty_where_intervals_are_coarser() {
        let rain = rain(&[(0, 2), (1, 9), (2, 4)]);
        let storm = rain.storms()[0];
        assert_eq!(rain.peak_mm_h(&storm, HOUR), Some(9.0));
        assert_eq!(rain.peak_mm_h(&storm, 3 * HOUR), Some(5.0));
        assert_eq!(rain.peak_mm_h(&storm, 600), None);
    }
}
