//! When a unit is on duty.

use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::workflow::calendar::Calendar;

const DAY_MIN: u16 = 24 * 60;

/// Days and hours of duty, in the zone of the calendar in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    #[serde(default)]
    pub days: Days,
    /// From and to in minutes of the day; one that ends before it begins lasts into the next day. None: all day, and of
    /// working days the working time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<[u16; 2]>,
}

/// Which days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    #[default]
    EveryDay,
    /// Those that the calendar works, days made up for too.
    WorkingDays,
}

impl Duty {
    /// Does it include a time (unix seconds)?
    pub fn holds(&self, calendar: &Calendar, at: i64) -> bool {
        let (day, minute) = calendar.local(at);
        if self.hours.is_empty() {
            return self.days == Days::EveryDay || calendar.is_working_time(at);
        }
        let counts = |day| self.days == Days::EveryDay || calendar.works(day);
        let yesterday = day.checked_sub(1.day()).unwrap_or(day);
        self.hours.iter().any(|&[from, to]| match from < to {
            true => (from..to).contains(&minute) && counts(day),
            false => (minute >= from && counts(day)) || (minute < to && counts(yesterday)),
        })
    }

    /// Are its hours within a day?
    pub(super) fn admit(&self) -> Result<(), String> {
        match self.hours.iter().find(|[from, to]| *from >= DAY_MIN || *to > DAY_MIN || from == to) {
            Some([from, to]) => Err(format!("from minute {from} to minute {to}: not two times of a day")),
            None => Ok(()),
        }
    }
}
