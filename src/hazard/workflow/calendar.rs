//! Working time: which hours of which days count, from `data/calendars`. Days beyond the calendar's last are judged by
//! their weekday alone.

use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::super::time::LATEST_S;
use crate::error::{Result, invalid};

/// Days that are looked through for working time: no limit is as long.
const FURTHEST_DAYS: usize = 400;

/// When people work in one country or city.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    pub name: String,
    zone: TimeZone,
    /// The last day whose holidays are known.
    pub last_day: Date,
    /// ISO 8601: Monday is 1.
    weekdays: Vec<i8>,
    /// From and to, in order, on a day that is worked.
    hours: Vec<[Time; 2]>,
    /// First and last day off.
    holidays: Vec<[Date; 2]>,
    /// Days of a weekend that are worked.
    made_up: Vec<Date>,
}

/// A calendar as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    zone: String,
    last_day: String,
    weekdays: Vec<i8>,
    hours: Vec<[String; 2]>,
    holidays: Vec<[String; 2]>,
    made_up: Vec<String>,
}

static KNOWN: LazyLock<Vec<Arc<Calendar>>> = LazyLock::new(|| {
    let files = [include_str!("../../../data/calendars/china.toml")];
    let read = |text| Calendar::read("data/calendars", text).expect("the embedded calendars are tested to parse");
    files.into_iter().map(|text| Arc::new(read(text))).collect()
});

impl Calendar {
    /// The calendar of this name.
    pub fn named(name: &str) -> Option<Arc<Calendar>> {
        KNOWN.iter().find(|calendar| calendar.name == name).cloned()
    }

    /// The names of those that come with the program.
    pub fn known() -> Vec<&'static str> {
        KNOWN.iter().map(|calendar| calendar.name.as_str()).collect()
    }

    /// Reads a calendar; `file` is what errors call it.
    ///
    /// # Errors
    /// `At` what cannot be read, or leaves no working time.
    pub fn read(file: &str, text: &str) -> Result<Calendar> {
        let written: File = toml::from_str(text).map_err(|e| {
            let first = e.message().lines().next().unwrap_or_default();
            invalid("calendar", "", first).at_byte(file, text, e.span().map_or(0, |span| span.start))
        })?;
        Calendar::of(written).map_err(|reason| invalid("calendar", "", reason).at(file, 1, 1))
    }

    fn of(file: File) -> Result<Calendar, String> {
        let hours = file.hours.iter().map(pair).collect::<Result<Vec<[Time; 2]>, _>>()?;
        if !hours.as_flattened().windows(2).all(|w| w[0] < w[1]) || hours.is_empty() || file.weekdays.is_empty() {
            return Err("without working time, or with hours out of order".into());
        }
        if let Some(day) = file.weekdays.iter().find(|day| !(1..=7).contains(*day)) {
            return Err(format!("weekdays are 1 (Monday) to 7, not {day}"));
        }
        Ok(Calendar {
            zone: TimeZone::get(&file.zone).map_err(|e| e.to_string())?,
            last_day: parsed(&file.last_day)?,
            weekdays: file.weekdays,
            hours,
            holidays: file.holidays.iter().map(pair).collect::<Result<_, _>>()?,
            made_up: file.made_up.iter().map(|day| parsed(day)).collect::<Result<_, _>>()?,
            name: file.name,
        })
    }

    /// Why working time after `now` (unix seconds) may be wrong: the calendar ends this year, or has ended.
    pub fn ending(&self, now: i64) -> Option<String> {
        (self.date(now).year() >= self.last_day.year()).then(|| {
            format!(
                "calendar {} ends on {}: after that, limits in working hours know no holidays",
                self.name, self.last_day
            )
        })
    }

    /// When `seconds` of working time from `start` on are over; unix seconds. Without any left, at the end of the last
    /// working time.
    pub fn after(&self, start: i64, seconds: i64) -> i64 {
        let mut left = seconds;
        for [from, to] in self.spans(start) {
            let from = from.max(start);
            if left <= to - from {
                return from + left;
            }
            left -= to - from;
        }
        LATEST_S
    }

    /// Seconds of working time between two times; unix seconds.
    pub fn between(&self, start: i64, stop: i64) -> i64 {
        let spans = self.spans(start).take_while(|[from, _]| *from < stop);
        spans.map(|[from, to]| (to.min(stop) - from.max(start)).max(0)).sum()
    }

    /// When the day of a time begins; unix seconds.
    pub fn day_begins(&self, at: i64) -> i64 {
        self.zone.to_timestamp(self.date(at).at(0, 0, 0, 0)).map_or(at, Timestamp::as_second)
    }

    /// The month of a time, as in 2024-06.
    pub fn month(&self, at: i64) -> String {
        let date = self.date(at);
        format!("{:04}-{:02}", date.year(), date.month())
    }

    /// The day and the minute of the day at a time (unix seconds).
    pub fn local(&self, at: i64) -> (Date, u16) {
        let at = Timestamp::from_second(at.min(LATEST_S)).unwrap_or_default();
        let local = self.zone.to_datetime(at);
        (local.date(), local.hour() as u16 * 60 + local.minute() as u16)
    }

    /// Do people work at a time (unix seconds)?
    pub fn is_working_time(&self, at: i64) -> bool {
        self.between(at, at + 1) > 0
    }

    fn date(&self, at: i64) -> Date {
        self.local(at).0
    }

    /// Working time that ends after `start`, as unix seconds, in order.
    fn spans(&self, start: i64) -> impl Iterator<Item = [i64; 2]> {
        let tz = self.zone.clone();
        let days = self.date(start).series(1.day()).take(FURTHEST_DAYS).filter(|&day| self.works(day));
        let spans = days.flat_map(move |day| {
            let tz = tz.clone();
            self.hours.iter().filter_map(move |[from, to]| {
                let at = |time: &Time| tz.to_timestamp(day.to_datetime(*time)).map(|at| at.as_second());
                Some([at(from).ok()?, at(to).ok()?])
            })
        });
        spans.filter(move |[from, to]| *to > start && from < to)
    }

    /// Is a day worked?
    pub fn works(&self, day: Date) -> bool {
        let off = self.holidays.iter().any(|[first, last]| (*first..=*last).contains(&day));
        self.made_up.contains(&day) || !off && self.weekdays.contains(&day.weekday().to_monday_one_offset())
    }
}

fn parsed<T: FromStr<Err = jiff::Error>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|e: jiff::Error| format!("{text}: {e}"))
}

fn pair<T: FromStr<Err = jiff::Error>>([from, to]: &[String; 2]) -> Result<[T; 2], String> {
    Ok([parsed(from)?, parsed(to)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    fn after(start: &str, hours: f64) -> String {
        let end = Calendar::named("china").unwrap().after(at(start), (hours * 3_600.0) as i64);
        TimeZone::get("Asia/Shanghai").unwrap().to_datetime(Timestamp::from_second(end).unwrap()).to_string()
    }

    #[test]
    fn working_time_skips_noon_nights_weekends_and_holidays_and_takes_days_made_up() {
        // A Monday.
        assert_eq!(after("2026-06-15T09:00:00+08:00", 2.0), "2026-06-15T11:00:00");
        assert_eq!(after("2026-06-15T11:00:00+08:00", 2.0), "2026-06-15T15:30:00");
        assert_eq!(after("2026-06-15T20:00:00+08:00", 6.5), "2026-06-16T17:30:00");
        // The Dragon Boat Festival is on a Friday: from Thursday on to Monday.
        assert_eq!(after("2026-06-18T17:00:00+08:00", 1.0), "2026-06-22T09:00:00");
        // The Saturday before the Spring Festival is worked, then nothing until Tuesday of the week after next.
        assert_eq!(after("2026-02-14T08:30:00+08:00", 7.0), "2026-02-24T09:00:00");
        // Beyond the last day weekdays count, holidays are not known.
        assert_eq!(after("2027-01-01T08:30:00+08:00", 1.0), "2027-01-01T09:30:00");
    }

    #[test]
    fn working_time_between_two_times_is_what_passes_until_then() {
        let calendar = Calendar::named("china").unwrap();
        let start = at("2026-09-18T16:00:00+08:00");
        for seconds in [0, 1, 3_600, 5_400, 5_401, 100_000, 1_000_000] {
            let end = calendar.after(start, seconds);
            assert_eq!(calendar.between(start, end), seconds);
        }
        assert_eq!(calendar.between(start, start - 10), 0);
    }

    #[test]
    fn a_calendar_that_ends_this_year_says_so() {
        let calendar = Calendar::named("china").unwrap();
        assert_eq!(calendar.ending(at("2025-12-31T15:59:59Z")), None);
        assert!(calendar.ending(at("2025-12-31T16:00:00Z")).unwrap().contains("ends on 2026-12-31"));
        assert!(calendar.ending(at("2028-05-01T00:00:00Z")).is_some());
    }

    #[test]
    fn a_calendar_without_working_time_is_refused() {
        let text = include_str!("../../../data/calendars/china.toml");
        for (whole, broken) in [("[[\"08:30\", \"12:00\"]", "[[\"12:00\", \"08:30\"]"), ("[1, 2, 3, 4, 5]", "[]")] {
            assert!(
                Calendar::read("c.toml", &text.replace(whole, broken))
                    .unwrap_err()
                    .to_string()
                    .contains("working time")
            );
        }
        assert!(Calendar::read("c.toml", &text.replace("Asia/Shanghai", "Asia/Nowhere")).is_err());
    }
}
