//! What can be doubted of a rainfall series: gaps, running totals, wrong units, totals of a day in one interval.

use super::event::RainInterval;
use super::time;

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
const YEAR_S: f64 = 365.25 * DAY_S as f64;
/// More than this is rare anywhere, even for a few minutes.
const DOUBTED_MM_H: f64 = 500.0;
/// World records lie below 491 mm × hours^0.452 (Galmarini, Steyn & Ainslie 2004, Int. J. Climatol. 24).
const RECORD_MM: f64 = 491.0;
const RECORD_POWER: f64 = 0.452;
/// The driest and the wettest inhabited places, in a year.
const YEAR_MM: std::ops::RangeInclusive<f64> = 50.0..=15_000.0;
/// Less than this says nothing of a year.
const LEAST_OF_A_YEAR_S: i64 = 180 * DAY_S;
/// A hundredth of an inch, the step of many gauges.
const HUNDREDTH_INCH_UM: i64 = 254;
/// So many wet intervals at least, before their steps or their order say anything.
const LEAST_WET: usize = 24;
/// A total after this long without a measurement may hold what fell meanwhile.
const UNMEASURED_S: i64 = 12 * HOUR_S;
const UNMEASURED_UM: i64 = 20_000;
/// Below this measured share the gaps are said.
const LEAST_SHARE: f64 = 0.9;

/// What a series holds, and what can be doubted of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    /// When the first interval begins and the last one ends; unix seconds.
    pub time: Option<(i64, i64)>,
    pub intervals: usize,
    /// Intervals without a measurement.
    pub missing: usize,
    pub measured_s: i64,
    /// Stretches without a measurement between the first interval and the last.
    pub gaps: usize,
    pub longest_gap_s: i64,
    pub depth_um: i64,
    pub doubts: Vec<Doubt>,
}

/// One thing that can be doubted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub code: &'static str,
    /// A sentence for people.
    pub text: String,
    /// Start of the first interval it shows at.
    pub start: Option<i64>,
}

impl Quality {
    /// Of intervals in order of time, without overlaps.
    pub fn of(intervals: &[RainInterval]) -> Quality {
        let mut quality = Quality { intervals: intervals.len(), ..Quality::default() };
        let (Some(first), Some(last)) = (intervals.first(), intervals.last()) else { return quality };
        quality.time = Some((first.start, last.end()));
        let mut measured_to = first.start;
        for r in intervals {
            let Some(um) = r.depth_um else {
                quality.missing += 1;
                continue;
            };
            quality.gap(r.start - measured_to);
            measured_to = r.end();
            quality.measured_s += r.seconds;
            quality.depth_um += um;
        }
        quality.gap(last.end() - measured_to);
        let doubts = [
            quality.few(),
            running_total(intervals),
            hundredths(intervals),
            quality.year(),
            day(intervals),
            fast(intervals),
        ];
        quality.doubts = doubts.into_iter().flatten().collect();
        quality
    }

    fn gap(&mut self, seconds: i64) {
        if seconds > 0 {
            self.gaps += 1;
            self.longest_gap_s = self.longest_gap_s.max(seconds);
        }
    }

    /// The part of its time that was measured, from 0 to 1.
    pub fn measured_share(&self) -> Option<f64> {
        self.time.map(|(from, to)| self.measured_s as f64 / (to - from) as f64)
    }

    fn few(&self) -> Option<Doubt> {
        let share = self.measured_share().filter(|share| *share < LEAST_SHARE)?;
        let text = format!(
            "{:.0} % of its time was measured; {} gaps, the longest {}: what fell in them is not known",
            (share * 100.0).floor(),
            self.gaps,
            lasting(self.longest_gap_s)
        );
        Some(Doubt { code: "gaps", text, start: None })
    }

    fn year(&self) -> Option<Doubt> {
        let mm = self.depth_um as f64 / 1_000.0 * YEAR_S / self.measured_s.max(1) as f64;
        if self.measured_s < LEAST_OF_A_YEAR_S || YEAR_MM.contains(&mm) {
            return None;
        }
        let (least, most) = (YEAR_MM.start(), YEAR_MM.end());
        let cause = if mm < *least { "inches given as mm?" } else { "tenths of a mm, or a running total?" };
        let text = format!("{mm:.0} mm a year, outside {least} to {most} mm: {cause}");
        Some(Doubt { code: "year_total", text, start: None })
    }
}

/// May this much have fallen in this time? More than any record is an error of the gauge or of the unit.
pub fn is_possible(r: &RainInterval) -> bool {
    let hours = r.seconds as f64 / HOUR_S as f64;
    r.depth_um.is_none_or(|um| um as f64 / 1_000.0 <= RECORD_MM * hours.powf(RECORD_POWER))
}

/// A gauge that counts up and is read as if each value were new rain: after rain, the next value is hardly ever less.
fn running_total(intervals: &[RainInterval]) -> Option<Doubt> {
    let (mut pairs, mut less, mut more, mut first) = (0, 0, 0, None);
    let mut before: Option<RainInterval> = None;
    for r in intervals.iter().filter(|r| r.depth_um.is_some()) {
        if let Some(b) = before.filter(|b| b.depth_um > Some(0) && r.start - b.end() < HOUR_S) {
            pairs += 1;
            less += usize::from(r.depth_um < b.depth_um);
            more += usize::from(r.depth_um > b.depth_um);
            first = first.or(Some(r.start));
        }
        before = Some(*r);
    }
    if pairs < LEAST_WET || less * 20 > pairs || more < 5 * less + 5 {
        return None;
    }
    let text = format!(
        "of {pairs} values that follow rain only {less} are less than the one before: a running total, not the rain of \
         each interval?"
    );
    Some(Doubt { code: "running_total", text, start: first })
}

fn hundredths(intervals: &[RainInterval]) -> Option<Doubt> {
    let wet = || intervals.iter().filter_map(|r| r.depth_um).filter(|um| *um > 0);
    // Files round to a tenth, a hundredth or a thousandth of a millimetre; the coarsest would take anything.
    let whole = |um: i64| (um - (um + HUNDREDTH_INCH_UM / 2) / HUNDREDTH_INCH_UM * HUNDREDTH_INCH_UM).abs() <= 5;
    if wet().count() < LEAST_WET || !wet().all(whole) {
        return None;
    }
    let text =
        "all values are multiples of 0.254 mm, a hundredth of an inch: right only if inches were converted to mm";
    Some(Doubt { code: "inches", text: text.to_owned(), start: None })
}

/// Totals that hold more than their interval: of half a day or more among short ones, or deep after a long gap.
fn day(intervals: &[RainInterval]) -> Option<Doubt> {
    let mut lengths: Vec<i64> = intervals.iter().map(|r| r.seconds).collect();
    lengths.sort_unstable();
    let usual_s = lengths.get(lengths.len() / 2).copied()?;
    let (mut count, mut first) = (0, None);
    let mut measured_to = intervals.first()?.start;
    for r in intervals {
        let Some(um) = r.depth_um else { continue };
        let late = r.start - measured_to >= UNMEASURED_S && um >= UNMEASURED_UM;
        if usual_s <= 3 * HOUR_S && um > 0 && (late || r.seconds >= UNMEASURED_S) {
            count += 1;
            first = first.or(Some(*r));
        }
        measured_to = r.end();
    }
    let r = first?;
    let text = format!(
        "{count} values may hold the rain of more than their time, as {} mm over {} from {}: totals of a day beside hours \
         that were not measured?",
        r.depth_um.unwrap_or(0) as f64 / 1_000.0,
        lasting(r.seconds),
        time::format(r.start)
    );
    Some(Doubt { code: "day_total", text, start: Some(r.start) })
}

fn fast(intervals: &[RainInterval]) -> Option<Doubt> {
    let mm_h = |r: &RainInterval| r.depth_um.unwrap_or(0) as f64 / 1_000.0 * HOUR_S as f64 / r.seconds.max(1) as f64;
    let fast = || intervals.iter().filter(|r| mm_h(r) > DOUBTED_MM_H);
    let first = fast().next()?;
    let text = format!(
        "{} values above {DOUBTED_MM_H} mm/h, as {:.0} mm/h from {}: another unit, or a fault of the gauge?",
        fast().count(),
        mm_h(first),
        time::format(first.start)
    );
    Some(Doubt { code: "intensity", text, start: Some(first.start) })
}

/// A duration for people.
fn lasting(seconds: i64) -> String {
    match seconds {
        s if s < 2 * HOUR_S => format!("{} min", s / 60),
        s if s < 3 * DAY_S => format!("{} h", s / HOUR_S),
        s => format!("{} days", s / DAY_S),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(depths_um: impl IntoIterator<Item = Option<i64>>) -> Vec<RainInterval> {
        let hour = |(n, depth_um)| RainInterval { start: n as i64 * HOUR_S, seconds: HOUR_S, depth_um };
        depths_um.into_iter().enumerate().map(hour).collect()
    }

    fn codes(intervals: &[RainInterval]) -> Vec<&'static str> {
        Quality::of(intervals).doubts.iter().map(|doubt| doubt.code).collect()
    }

    /// A shower of 9.7 mm every so many hours.
    fn showers(n: usize, every: usize) -> Vec<Option<i64>> {
        let shower = [300, 1_700, 5_200, 2_100, 400];
        (0..n).map(|h| Some(shower.get(h % every).copied().unwrap_or(0))).collect()
    }

    fn sound(n: usize) -> Vec<Option<i64>> {
        showers(n, 48)
    }

    #[test]
    fn a_sound_series_is_not_doubted() {
        let quality = Quality::of(&hours(sound(24 * 400)));
        assert_eq!(quality.doubts, []);
        assert_eq!((quality.gaps, quality.measured_share()), (0, Some(1.0)));
    }

    #[test]
    fn gaps_are_counted_whether_written_or_left_out() {
        let mut series = hours([Some(0), None, None, Some(0), Some(1), Some(0), None]);
        series.remove(4);
        let quality = Quality::of(&series);
        assert_eq!((quality.gaps, quality.longest_gap_s, quality.missing), (3, 2 * HOUR_S, 3));
        assert_eq!((quality.measured_s, quality.time), (3 * HOUR_S, Some((0, 7 * HOUR_S))));
        assert_eq!(codes(&series), ["gaps"]);
        assert_eq!(Quality::of(&[]), Quality::default());
    }

    #[test]
    fn a_running_total_is_told_from_rain() {
        let mut total = 0;
        let counted: Vec<_> = sound(24 * 100)
            .into_iter()
            .map(|um| {
                total = if total > 60_000 { 0 } else { total + um.unwrap_or(0) };
                Some(total)
            })
            .collect();
        assert!(codes(&hours(counted)).contains(&"running_total"));
    }

    #[test]
    fn another_unit_shows_in_the_total_of_a_year_in_the_steps_or_in_the_intensity() {
        let scaled = |by: f64| hours(sound(24 * 400).into_iter().map(|um| um.map(|um| (um as f64 * by) as i64)));
        let inches_as_mm = showers(24 * 400, 96).into_iter().map(|um| um.map(|um| um * 10 / 254));
        assert_eq!(codes(&hours(inches_as_mm)), ["year_total"]);
        assert_eq!(codes(&scaled(10.0)), ["year_total"]);
        assert_eq!(codes(&scaled(100.0)), ["year_total", "intensity"]);
        let inches = hours(sound(24 * 400).into_iter().map(|um| um.map(|um| um / 254 * 254)));
        assert_eq!(codes(&inches), ["inches"]);
    }

    #[test]
    fn the_total_of_a_day_beside_missing_hours_is_doubted() {
        let mut depths = sound(24 * 30);
        depths[101..119].fill(None);
        depths[119] = Some(25_000);
        let quality = Quality::of(&hours(depths));
        let doubt = &quality.doubts[0];
        assert_eq!((doubt.code, doubt.start), ("day_total", Some(119 * HOUR_S)));
        assert!(doubt.text.starts_with("1 values") && doubt.text.contains("25 mm over 60 min"), "{}", doubt.text);
    }

    #[test]
    fn more_than_any_record_is_not_possible() {
        let rain = |seconds, mm: i64| is_possible(&RainInterval { start: 0, seconds, depth_um: Some(mm * 1_000) });
        // 38 mm in a minute, 401 mm in an hour and 1,825 mm in a day were measured.
        assert!(rain(60, 38) && rain(HOUR_S, 401) && rain(DAY_S, 1_825));
        assert!(!rain(60, 80) && !rain(HOUR_S, 492) && !rain(DAY_S, 2_100));
    }
}
