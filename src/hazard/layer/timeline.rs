//! The city over time: rain, incidents and occasions by the hour or the day.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::gauge::Series;
use super::super::map::HazardMap;
use super::super::storm::Rain;
use super::super::time::LATEST_S;
use super::feature::{Time, rounded};
use super::interval::Interval;
use super::occasions::each_occasion;
use crate::error::{Error, Result, invalid};

const DAY_S: i64 = 86_400;
/// Ten years of days, or two and a quarter of hours.
const MOST_STEPS: i64 = 20_000;
/// Gauges that a refusal lists.
const MOST_NAMED: usize = 20;

/// How long each step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    Hour,
    #[default]
    Day,
}

impl Step {
    pub const ALL: [Step; 2] = [Step::Hour, Step::Day];

    pub fn name(self) -> &'static str {
        match self {
            Step::Hour => "hour",
            Step::Day => "day",
        }
    }

    /// The step of this name.
    ///
    /// # Errors
    /// `Invalid` that lists them.
    pub fn named(name: &str) -> Result<Step> {
        let found = Step::ALL.into_iter().find(|step| step.name() == name);
        found.ok_or_else(|| invalid("step", name, "unknown; known are hour, day"))
    }

    fn seconds(self) -> i64 {
        match self {
            Step::Hour => 3_600,
            Step::Day => DAY_S,
        }
    }
}

/// Which part of the city's time is wanted, in what steps.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Without one, from the day (UTC) of the oldest event to `as_of`.
    pub time: Option<Interval>,
    pub step: Step,
    /// Incidents and occasions of these categories only; none given: all.
    pub category: Vec<Category>,
    /// Rain of this gauge only.
    pub gauge: Option<String>,
    /// With the water levels of this station.
    pub level: Option<String>,
}

/// Rain, incidents and occasions in steps of equal length, the first of which begins at `start`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Timeline {
    pub start: Time,
    pub step_s: i64,
    /// The gauge asked for; null: all of them.
    pub gauge: Option<String>,
    /// Depth in millimetres, of several gauges the mean over those that measured; null where no rain was measured.
    pub rain_mm: Vec<Option<f64>>,
    /// Of several gauges the largest depth at any of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rain_mm_max: Option<Vec<Option<f64>>>,
    /// Incidents by their first observation.
    pub incidents: Vec<u32>,
    /// Occasions of hotspots by their begin, as the layer of hotspots counts them.
    pub occasions: Vec<u32>,
    /// Where a station was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<StationLevels>,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

/// Water levels by step, in metres above the station's datum; null where none was read.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StationLevels {
    pub station: String,
    pub name: Option<String>,
    pub datum: Option<String>,
    pub level_m_mean: Vec<Option<f64>>,
    pub level_m_max: Vec<Option<f64>>,
}

/// The timeline of a map; without a time, from the day (UTC) of the oldest event to `as_of`. Rain that is in force counts,
/// shared out evenly over the interval it was measured in.
///
/// # Errors
/// `Invalid` for a time that has too many steps, or a gauge or a station that is not known.
pub fn timeline(map: &HazardMap, asked: &Asked) -> Result<Timeline> {
    let Asked { time, step, category, gauge, level } = asked;
    let step_s = step.seconds();
    let oldest = map.since().unwrap_or(map.as_of());
    let floor = oldest - oldest.rem_euclid(DAY_S);
    let Interval { from, to } = (*time).unwrap_or(Interval { from: i64::MIN, to: i64::MAX });
    let start = if from == i64::MIN { floor } else { from };
    let end = if to == i64::MAX { map.as_of() } else { to };
    if to == i64::MAX && start > end {
        let reason =
            format!("it begins after all that is known, which ends at {}; to look further give its end", Time(end));
        return Err(invalid("datetime", format!("{}/..", Time(start.min(LATEST_S))), reason));
    }
    if start > LATEST_S {
        return Err(invalid(
            "datetime",
            format!("{}/..", Time(LATEST_S)),
            "it begins after the last time that can be told",
        ));
    }
    // Both ends belong to it, so there is one step at least.
    let steps = (end.saturating_sub(start).max(0) / step_s) + 1;
    if steps > MOST_STEPS {
        let reason = format!("{steps} steps of {step_s} s; at most {MOST_STEPS}: take a shorter time or a longer step");
        return Err(invalid("datetime", format!("{}/{}", Time(start), Time(end.min(LATEST_S))), reason));
    }
    let steps = steps as usize;
    let (rain_mm, rain_mm_max) = rain(map, gauge.as_deref(), start, step_s, steps)?;
    Ok(Timeline {
        start: Time(start),
        step_s,
        gauge: gauge.clone(),
        rain_mm,
        rain_mm_max,
        incidents: incidents(map, start, step_s, steps, category),
        occasions: begun(map, start, step_s, steps, category),
        level: level.as_deref().map(|station| levels(map, station, start, step_s, steps)).transpose()?,
        as_of: Time(map.as_of()),
        position: map.position(),
    })
}

/// Depths by step, in millimetres.
type Depths = Vec<Option<f64>>;

/// Of one gauge, or the mean over those that measured, and of several the largest.
fn rain(
    map: &HazardMap,
    gauge: Option<&str>,
    start: i64,
    step_s: i64,
    steps: usize,
) -> Result<(Depths, Option<Depths>)> {
    let all = map.gauges().all();
    let wanted: Vec<&Series> = match gauge {
        Some(id) => vec![&all[map.gauges().find(id).ok_or_else(|| unknown(map, id))?]],
        None => all.iter().filter(|series| series.rain.in_force() > 0).collect(),
    };
    let mut sums: Vec<(f64, u32, f64)> = vec![(0.0, 0, 0.0); steps];
    for series in &wanted {
        for (sum, um) in sums.iter_mut().zip(depths_um(&series.rain, start, step_s, steps)) {
            if let Some(um) = um {
                *sum = (sum.0 + um, sum.1 + 1, sum.2.max(um));
            }
        }
    }
    let mm = |um: f64| rounded(um / 1_000.0, 1_000.0);
    let means = sums.iter().map(|&(sum, n, _)| (n > 0).then(|| mm(sum / f64::from(n)))).collect();
    let largest = || sums.iter().map(|&(_, n, max)| (n > 0).then(|| mm(max))).collect();
    Ok((means, (wanted.len() > 1).then(largest)))
}

/// Says which gauges there are.
fn unknown(map: &HazardMap, gauge: &str) -> Error {
    let known = map.gauges().all().iter().map(Series::id).take(MOST_NAMED);
    let more = map.gauges().all().len().saturating_sub(MOST_NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    invalid("gauge", gauge, format!("no such gauge; known are {}{more}", known.collect::<Vec<_>>().join(", ")))
}

/// What one series measured in each step, in micrometres.
fn depths_um(rain: &Rain, start: i64, step_s: i64, steps: usize) -> Vec<Option<f64>> {
    let mut depth_um = vec![None; steps];
    let in_force = &rain.intervals()[..rain.in_force()];
    let end = start + steps as i64 * step_s;
    let first = in_force.partition_point(|r| r.end() <= start);
    for interval in in_force[first..].iter().take_while(|r| r.start < end) {
        let Some(um) = interval.depth_um else { continue };
        let (from, to) = (interval.start.max(start), interval.end().min(end));
        for n in (from - start) / step_s..=(to - 1 - start) / step_s {
            let step_from = start + n * step_s;
            let shared_s = to.min(step_from + step_s) - from.max(step_from);
            *depth_um[n as usize].get_or_insert(0.0) += um as f64 * shared_s as f64 / interval.seconds as f64;
        }
    }
    depth_um
}

/// The readings of a station, by the step they fall into.
fn levels(map: &HazardMap, id: &str, start: i64, step_s: i64, steps: usize) -> Result<StationLevels> {
    let row = map.levels().find(id).ok_or_else(|| {
        let known: Vec<_> = map.levels().all().iter().map(|row| &*row.station.id).take(MOST_NAMED).collect();
        invalid("level", id, format!("no such station of water levels; known are {}", known.join(", ")))
    })?;
    let mut sums: Vec<(i64, i64, i64)> = vec![(0, 0, i64::MIN); steps];
    let readings = row.up_to(map.as_of());
    for reading in &readings[readings.partition_point(|reading| reading.at < start)..] {
        let Some(sum) = sums.get_mut(((reading.at - start) / step_s) as usize) else { break };
        *sum = (sum.0 + reading.level_mm, sum.1 + 1, sum.2.max(reading.level_mm));
    }
    let m = |mm: f64| rounded(mm / 1_000.0, 1_000.0);
    Ok(StationLevels {
        station: row.station.id.clone(),
        name: row.station.name.clone(),
        datum: row.station.datum.clone(),
        level_m_mean: sums.iter().map(|&(sum, n, _)| (n > 0).then(|| m(sum as f64 / n as f64))).collect(),
        level_m_max: sums.iter().map(|&(_, n, max)| (n > 0).then(|| m(max as f64))).collect(),
    })
}

fn incidents(map: &HazardMap, start: i64, step_s: i64, steps: usize, category: &[Category]) -> Vec<u32> {
    let mut counts = vec![0; steps];
    for incident in map.incidents() {
        let published = !incident.is_void() && !incident.category.is_alone();
        let wanted = category.is_empty() || category.contains(&incident.category);
        let n = (incident.facts.first - start).div_euclid(step_s);
        if published && wanted && (0..steps as i64).contains(&n) {
            counts[n as usize] += 1;
        }
    }
    counts
}

/// Occasions of all hotspots, each by the step that it began in.
fn begun(map: &HazardMap, start: i64, step_s: i64, steps: usize, category: &[Category]) -> Vec<u32> {
    let mut counts = vec![0; steps];
    let wanted = |of: Category| category.is_empty() || category.contains(&of);
    each_occasion(map, wanted, |_, occasion| {
        let n = (occasion.start - start).div_euclid(step_s);
        if (0..steps as i64).contains(&n) {
            counts[n as usize] += 1;
        }
    });
    counts
}

#[cfg(test)]
mod tests {
    use super::super::super::event::{Event, RainInterval, Report};
    use super::super::super::position::Position;
    use super::super::super::settings::Settings;
    use super::*;

    fn report(id: &str, at: i64) -> Event {
        let waterlogging = Category::named("waterlogging").unwrap();
        Event::Report(Report::new(id, waterlogging, Position::new(110.0, 20.0).unwrap(), at))
    }

    fn map() -> HazardMap {
        let rain = |start, seconds, depth_um| RainInterval { start, seconds, depth_um };
        let series = [rain(0, 3_600, Some(1_000)), rain(5_400, 7_200, Some(4_000)), rain(14_400, 3_600, None)];
        // The last is not in force yet.
        let series = [&series[..], &[rain(86_400, 3_600, Some(9_000))]].concat();
        let events = [Event::Rain(series), report("a", 600), report("b", 50_000), report("c", 86_400)];
        HazardMap::build(Settings::default(), events.iter().enumerate().map(|(i, e)| (i as u64 + 1, e)))
    }

    #[test]
    fn rain_is_shared_out_over_its_interval_and_what_was_not_measured_is_null() {
        let asked = |time, step| Asked { time, step, ..Asked::default() };
        let hours = timeline(&map(), &asked(Some(Interval { from: 0, to: 17_999 }), Step::Hour)).unwrap();
        assert_eq!(hours.rain_mm, [Some(1.0), Some(1.0), Some(2.0), Some(1.0), None]);
        assert_eq!(hours.incidents, [1, 0, 0, 0, 0]);
        let days = timeline(&map(), &asked(None, Step::Day)).unwrap();
        // All of them are one occasion, of one storm and the hours after it: no hotspot.
        assert_eq!((days.rain_mm, days.incidents, days.occasions), (vec![Some(5.0), None], vec![2, 1], vec![0, 0]));
        let half = timeline(&map(), &asked(Some(Interval { from: 1_800, to: 5_399 }), Step::Hour)).unwrap();
        assert_eq!(half.rain_mm, [Some(0.5)]);
        let manholes = vec![Category::named("manhole").unwrap()];
        let other = timeline(&map(), &Asked { category: manholes, ..Asked::default() }).unwrap();
        assert_eq!((other.incidents, other.occasions), (vec![0, 0], vec![0, 0]));
    }

    #[test]
    fn occasions_are_counted_by_the_day_they_began() {
        // Of the third and the fourth less than twelve hours lie between.
        let times = [DAY_S, 3 * DAY_S - 1, 5 * DAY_S, 5 * DAY_S + 36_000, 8 * DAY_S];
        let events: Vec<Event> = times.into_iter().map(|at| report(&at.to_string(), at)).collect();
        let map = HazardMap::build(Settings::default(), (1..).zip(&events));
        let days = timeline(&map, &Asked::default()).unwrap();
        assert_eq!((days.start, days.occasions), (Time(DAY_S), vec![1, 1, 0, 0, 1, 0, 0, 1]));
        let part = Interval { from: 5 * DAY_S + 1, to: 9 * DAY_S };
        let part = timeline(&map, &Asked { time: Some(part), ..Asked::default() }).unwrap();
        assert_eq!(part.occasions.iter().sum::<u32>(), 1, "one began before");
    }

    #[test]
    fn a_time_after_all_that_is_known_is_refused_unless_it_has_an_end() {
        let told = |from, to| {
            timeline(&map(), &Asked { time: Some(Interval { from, to }), ..Asked::default() })
                .map_err(|e| e.to_string())
        };
        let error = told(86_401, i64::MAX).unwrap_err();
        assert!(error.contains("begins after all that is known, which ends at 1970-01-02T00:00:00Z"), "{error}");
        assert!(told(LATEST_S + 1, i64::MAX).is_err() && told(86_400, i64::MAX).is_ok());
        assert_eq!(told(86_401, 86_402).unwrap().incidents, [0]);
        assert!(told(LATEST_S + 1, LATEST_S + 2).unwrap_err().contains("the last time that can be told"));
    }

    #[test]
    fn a_time_of_too_many_steps_is_refused_with_the_cure() {
        let ages = Interval { from: 0, to: i64::MAX - 1 };
        let told = timeline(&map(), &Asked { time: Some(ages), step: Step::Hour, ..Asked::default() })
            .unwrap_err()
            .to_string();
        assert!(told.contains("longer step"), "{told}");
    }
}
