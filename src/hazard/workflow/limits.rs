//! How long an incident may wait: the table in `data/limits.toml`, or a city's own, and the calendar that it goes by.

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::map::HazardMap;
use super::State;
use super::calendar::Calendar;
use crate::error::{Error, Result, invalid};

const BUILT_IN: &str = include_str!("../../../data/limits.toml");
/// A limit in working time must lie within the days that a calendar is looked through.
const LONGEST_S: i64 = 90 * 86_400;

/// The limits of a category, in seconds from when an incident was first heard of, or reopened.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    #[serde(skip_serializing)]
    #[schema(ignore)]
    category: String,
    /// In this area and what lies in it, instead of those of the areas above and of the city; null: everywhere else.
    #[serde(default)]
    area: Option<String>,
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
    #[serde(default)]
    limit: Vec<toml::Spanned<Limits>>,
}

/// Every limit in force, and the calendar that working time goes by.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub calendar: Arc<Calendar>,
    limits: Vec<Limits>,
}

static DEFAULT: LazyLock<Arc<Table>> =
    LazyLock::new(|| Arc::new(Table::read("data/limits.toml", BUILT_IN, None).expect("the table is tested to parse")));

impl Table {
    /// The one that comes with the program.
    pub fn built_in() -> Arc<Table> {
        DEFAULT.clone()
    }

    /// The same limits by another calendar.
    pub fn by(&self, calendar: Calendar) -> Arc<Table> {
        Arc::new(Table { calendar: Arc::new(calendar), limits: self.limits.clone() })
    }

    /// Reads a table; `file` is what errors call it. `calendar`: the one to go by, whatever the table names.
    ///
    /// # Errors
    /// `At` the first row that makes no sense: an unknown category, limits that do not rise, two rows for the same; or for
    /// a calendar that nobody knows.
    pub fn read(file: &str, text: &str, calendar: Option<Calendar>) -> Result<Table> {
        let read: File = toml::from_str(text).map_err(|e| {
            let first = e.message().lines().next().unwrap_or_default();
            invalid("limits", "", first).at_byte(file, text, e.span().map_or(0, |span| span.start))
        })?;
        let mut limits: Vec<Limits> = Vec::new();
        for row in read.limit {
            let start = row.span().start;
            let row = row.into_inner();
            row.admit(&limits).map_err(|error| error.at_byte(file, text, start))?;
            limits.push(row);
        }
        let calendar = match calendar {
            Some(calendar) => Arc::new(calendar),
            None => Calendar::named(&read.calendar).ok_or_else(|| {
                let reason = format!("unknown; known are {}, and your own by --calendar", Calendar::known().join(", "));
                invalid("calendar", &read.calendar, reason).at(file, 1, 1)
            })?,
        };
        Ok(Table { calendar, limits })
    }

    /// The limits of a category in the first of some areas that has its own, else everywhere.
    pub fn of<'i>(&self, category: Category, mut areas: impl Iterator<Item = &'i str>) -> Option<&Limits> {
        let of = |area: Option<&str>| {
            self.limits.iter().find(|row| row.area.as_deref() == area && row.category == category.name())
        };
        areas.find_map(|area| of(Some(area))).or_else(|| of(None))
    }

    /// Every row of a category: those of single areas, too.
    pub fn rows(&self, category: Category) -> impl Iterator<Item = &Limits> {
        self.limits.iter().filter(move |row| row.category == category.name())
    }

    /// Does it matter in which area an incident lies?
    pub fn goes_by_area(&self) -> bool {
        self.limits.iter().any(|row| row.area.is_some())
    }

    /// When a time of `seconds` that began at `start` is over; unix seconds.
    pub(super) fn due(&self, hours: Hours, start: i64, seconds: i64) -> i64 {
        match hours {
            Hours::Clock => start + seconds,
            Hours::Working => self.calendar.after(start, seconds),
        }
    }

    /// So much of the time between two times counts.
    pub fn counted_s(&self, hours: Hours, start: i64, stop: i64) -> i64 {
        match hours {
            Hours::Clock => (stop - start).max(0),
            Hours::Working => self.calendar.between(start, stop),
        }
    }
}

impl Limits {
    pub fn hours(&self) -> Hours {
        self.hours
    }

    /// Are they those of one area?
    pub fn has_area(&self) -> bool {
        self.area.is_some()
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

    fn admit(&self, before: &[Limits]) -> Result<(), Error> {
        Category::named(&self.category)?;
        let [first, second, third] = [self.acknowledge_s, self.dispatch_s, self.resolve_s];
        if !(0 < first && first <= second && second <= third && third <= LONGEST_S) {
            let reason = format!("acknowledge_s, dispatch_s and resolve_s rise from 1 to {LONGEST_S} seconds");
            return Err(invalid("limit", &self.category, reason));
        }
        if before.iter().any(|row| (&row.category, &row.area) == (&self.category, &self.area)) {
            return Err(invalid("limit", &self.category, "there are two rows for the same category and area"));
        }
        Ok(())
    }
}

impl HazardMap {
    /// The calendar that working time and duty hours go by.
    pub fn calendar(&self) -> &Calendar {
        &self.settings().limits.calendar
    }

    /// The limits of an incident, if its category has any where it lies.
    pub fn limits(&self, incident: usize) -> Option<&Limits> {
        let (table, category) = (&self.settings().limits, self.incidents()[incident].category);
        let area = Some(incident).filter(|_| table.goes_by_area()).and_then(|incident| self.area_of(incident));
        let path = area.into_iter().flat_map(|area| self.areas().path(area));
        table.of(category, path.map(|area| self.areas().all()[area].id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_category_that_is_on_the_map_once() {
        let table = Table::built_in();
        for category in Category::all() {
            let rows = table.rows(category).count();
            assert_eq!(rows, usize::from(!category.is_alone()), "{}", category.name());
        }
        assert!(!table.goes_by_area());
    }

    #[test]
    fn a_row_of_the_finest_area_holds_before_those_above() {
        let row = |area: &str, seconds: i64| {
            let area = if area.is_empty() { String::new() } else { format!("area = \"{area}\"\n") };
            format!(
                "[[limit]]\ncategory = \"manhole\"\n{area}hours = \"clock\"\nacknowledge_s = 1\ndispatch_s = 1\n\
                 resolve_s = {seconds}\n"
            )
        };
        let text = format!("calendar = \"china\"\n{}{}{}", row("", 30), row("district", 20), row("grid", 10));
        let table = Table::read("own.toml", &text, None).unwrap();
        let manhole = Category::named("manhole").unwrap();
        let resolve = |areas: &[&str]| table.of(manhole, areas.iter().copied()).unwrap().resolve_s;
        assert_eq!([resolve(&["grid", "district"]), resolve(&["other", "district"]), resolve(&[])], [10, 20, 30]);
        assert_eq!(table.of(Category::named("other").unwrap(), ["grid"].into_iter()), None);
        assert!(table.goes_by_area());
    }

    #[test]
    fn a_table_that_makes_no_sense_is_told_by_line() {
        let row =
            "[[limit]]\ncategory = \"manhole\"\nhours = \"clock\"\nacknowledge_s = 5\ndispatch_s = 6\nresolve_s = 7\n";
        let told = |text: &str| Table::read("own.toml", text, None).unwrap_err().to_string();
        let with = |from: &str, to: &str| told(&format!("calendar = \"china\"\n{}", row.replace(from, to)));
        assert!(told(row).contains("missing field"), "{}", told(row));
        assert!(told(&format!("calendar = \"mars\"\n{row}")).contains("known are china"));
        assert!(with("manhole", "holes").starts_with("own.toml:2:1: category"), "{}", with("manhole", "holes"));
        assert!(with("= 7", "= 5").contains("rise"));
        assert!(with("clock", "noon").starts_with("own.toml:4:9: "), "{}", with("clock", "noon"));
        assert!(told(&format!("calendar = \"china\"\n{row}{row}")).starts_with("own.toml:8:1: "));
    }
}
