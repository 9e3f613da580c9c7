//! How long an incident may wait: the table in `data/limits.toml`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::category::Category;
use super::State;
use super::calendar::Calendar;

/// The limits of a category, in seconds from when an incident was first heard of, or reopened.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    #[serde(skip_serializing)]
    #[schema(ignore)]
    category: String,
    hours: Hours,
    /// Until somebody acknowledges it.
    acknowledge_s: i64,
    /// Until a unit is sent.
    dispatch_s: i64,
    /// Until it is resolved.
    resolve_s: i64,
}

/// Which time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hours {
    /// Day and night.
    Clock,
    /// The working time of the calendar.
    Working,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    calendar: String,
    limit: Vec<Limits>,
}

struct Table {
    calendar: &'static Calendar,
    /// By category.
    limits: Vec<Option<Limits>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../../data/limits.toml")).expect("the table is tested to parse");
    let calendar = Calendar::named(&file.calendar).expect("the table is tested to name a calendar that is there");
    let of = |category: Category| file.limit.iter().find(|limits| limits.category == category.name()).cloned();
    Table { calendar, limits: Category::all().map(of).collect() }
});

/// The calendar in force.
pub fn calendar() -> &'static Calendar {
    TABLE.calendar
}

impl Limits {
    /// The limits of a category, if it has any.
    pub fn of(category: Category) -> Option<&'static Limits> {
        TABLE.limits[category.index()].as_ref()
    }

    /// The limits that an incident in this state has not met yet, the next one first; none of one that has ended.
    pub(super) fn ahead(&self, state: State) -> &'static [fn(&Limits) -> i64] {
        const ALL: [fn(&Limits) -> i64; 3] = [|l| l.acknowledge_s, |l| l.dispatch_s, |l| l.resolve_s];
        match state {
            State::Reported | State::Reopened => &ALL,
            State::Acknowledged | State::Returned => &ALL[1..],
            State::Dispatched | State::InProgress | State::Suspended => &ALL[2..],
            State::Resolved | State::Verified | State::Dismissed => &[],
        }
    }

    /// When a time of `seconds` that began at `start` is over; unix seconds.
    pub(super) fn due(&self, start: i64, seconds: i64) -> i64 {
        match self.hours {
            Hours::Clock => start + seconds,
            Hours::Working => calendar().after(start, seconds),
        }
    }

    /// So much of the time between two times counts.
    pub fn counted_s(&self, start: i64, stop: i64) -> i64 {
        match self.hours {
            Hours::Clock => (stop - start).max(0),
            Hours::Working => calendar().between(start, stop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_parses_names_known_categories_once_and_its_limits_rise() {
        let file: File = toml::from_str(include_str!("../../../data/limits.toml")).unwrap();
        let mut names: Vec<_> = file.limit.iter().map(|limits| limits.category.clone()).collect();
        assert!(names.iter().all(|name| Category::named(name).is_ok()));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), Category::all().filter(|category| !category.is_alone()).count());
        for limits in &file.limit {
            let [first, second, third] = [limits.acknowledge_s, limits.dispatch_s, limits.resolve_s];
            // A limit in working time must lie within the days that are looked through.
            assert!(0 < first && first <= second && second <= third && third <= 90 * 23_400, "{limits:?}");
        }
        assert_eq!(calendar().name, file.calendar);
    }
}
