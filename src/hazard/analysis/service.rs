//! How well is the city served? What is open and overdue, how long it takes to close a case and until the water is gone,
//! and which share is on time.
//!
//! *On time* is closed on time ÷ (closed + open and overdue): the usual share of what was closed hides what is still open.
//! A case was closed on time when it was resolved by its last limit, with the time that was granted and without the time
//! for which it was suspended. One that was dismissed was no case: it is counted apart.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::event::AreaLevel;
use super::super::layer::incidents::resolved_at;
use super::super::layer::lookup::median;
use super::super::layer::{Parameters, Time};
use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::super::time;
use super::{Analysis, Constant, Kind, Method, Takes};
use crate::error::{Result, invalid};

/// Nine of ten are as short, or shorter.
const LONG: f64 = 0.9;

const METHOD: Method = Method {
    name: "counts, medians and nearest-rank percentiles; cases by their first observation",
    reference: "Hyndman and Fan 1996, doi 10.1080/00031305.1996.10473566, definition 1",
};
const CONSTANTS: [Constant; 1] =
    [Constant { name: "long", value: LONG, meaning: "this share of the cases took no longer than the p90 says" }];

/// What cases are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    Category,
    /// That the case belongs to, by the position of the report that opened it: the finest, or the one of a level.
    Area,
    /// Of the first observation, in the zone of the calendar in force.
    Month,
}

impl Dimension {
    const ALL: [(&'static str, Dimension); 3] =
        [("category", Dimension::Category), ("area", Dimension::Area), ("month", Dimension::Month)];
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Without any there are no rows, only the figures.
    pub by: Vec<Dimension>,
    /// Of the areas; without one the finest that there is.
    pub level: Option<AreaLevel>,
    /// Unix seconds; where none is given, the day of the calendar in force begins.
    pub since: Option<i64>,
    /// The time by which something is overdue; unix seconds. Where none is given, the time the map stands for.
    pub now: Option<i64>,
}

impl Default for Asked {
    fn default() -> Asked {
        Asked { by: vec![Dimension::Category], level: None, since: None, now: None }
    }
}

/// The service as it stands, and how it was, by category, area and month.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Service {
    pub method: Method,
    /// The rule in force for each category: which reports are one incident.
    pub parameters: BTreeMap<String, Parameters>,
    /// What the rows are told apart by, and the level of areas that was asked for.
    pub by: Vec<&'static str>,
    pub level: Option<AreaLevel>,
    pub constants: Vec<Constant>,
    /// How many incidents were looked at.
    pub n: usize,
    pub n_of: &'static str,
    /// Null: nothing is drawn.
    pub seed: Option<u64>,
    /// The time by which something is overdue.
    pub now: Time,
    /// What was closed from here on counts as closed today.
    pub since: Time,
    pub open: usize,
    /// Of the open ones: their next limit has passed.
    pub overdue: usize,
    pub closed_today: usize,
    pub closed_today_on_time: usize,
    /// From the first observation to resolved, of those closed today; null without any.
    pub time_to_close_s_median_today: Option<f64>,
    /// Closed today on time ÷ (closed today + open and overdue); null without either.
    pub on_time_today: Option<f64>,
    pub rows: Vec<ServiceRow>,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

/// The incidents of one group.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ServiceRow {
    /// Null where the rows are of all.
    pub category: Option<Category>,
    /// Null where the rows are of all, and of the cases that belong to no area.
    pub area_id: Option<String>,
    pub area_name: Option<String>,
    /// As in 2024-06; null where the rows are of all.
    pub month: Option<String>,
    pub n: usize,
    pub open: usize,
    pub overdue: usize,
    pub dismissed: usize,
    pub closed: usize,
    pub closed_on_time: usize,
    /// Closed on time ÷ (closed + open and overdue); null without either.
    pub on_time: Option<f64>,
    /// From the first observation to resolved.
    pub time_to_close_s_median: Option<f64>,
    pub time_to_close_s_p90: Option<i64>,
    /// How many were seen dry again.
    pub drained: usize,
    /// From the first observation to the first dry report after the last; open ones too.
    pub time_to_drain_s_median: Option<f64>,
    pub time_to_drain_s_p90: Option<i64>,
}

/// What is counted of a group.
#[derive(Default)]
struct Tally {
    n: usize,
    open: usize,
    overdue: usize,
    dismissed: usize,
    on_time: usize,
    close_s: Vec<i64>,
    drain_s: Vec<i64>,
}

impl Tally {
    fn add(&mut self, map: &HazardMap, i: usize, now: i64) {
        let incident = &map.incidents()[i];
        self.n += 1;
        match (incident.ended, resolved_at(incident)) {
            (None, _) => {
                self.open += 1;
                self.overdue += usize::from(is_overdue(map, i, now));
            }
            (Some(_), None) => self.dismissed += 1,
            (Some(_), Some(end)) => {
                self.on_time += usize::from(was_on_time(map, i, end));
                self.close_s.push(end - incident.facts.first);
            }
        }
        if !incident.dismissed {
            self.drain_s.extend(map.time_to_drain_s(incident));
        }
    }

    fn row(self, map: &HazardMap, Group { category, area, month }: Group) -> ServiceRow {
        let Tally { n, open, overdue, dismissed, on_time, close_s, drain_s } = self;
        let area = area.map(|area| &map.areas().all()[area]);
        ServiceRow {
            category: category.and_then(|index| Category::all().nth(index)),
            area_id: area.map(|area| area.id.clone()),
            area_name: area.and_then(|area| area.name.clone()),
            month,
            n,
            open,
            overdue,
            dismissed,
            closed: close_s.len(),
            closed_on_time: on_time,
            on_time: share(on_time, close_s.len() + overdue),
            time_to_close_s_p90: nearest_rank(LONG, &close_s),
            time_to_close_s_median: median(close_s),
            drained: drain_s.len(),
            time_to_drain_s_p90: nearest_rank(LONG, &drain_s),
            time_to_drain_s_median: median(drain_s),
        }
    }
}

fn is_overdue(map: &HazardMap, i: usize, now: i64) -> bool {
    map.deadline(i).is_some_and(|at| at < now)
}

/// Was it resolved by the time it had? One without limits was.
fn was_on_time(map: &HazardMap, i: usize, end: i64) -> bool {
    map.due_to_close(i).is_none_or(|due| end <= due)
}

fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// The smallest value that a share of them does not exceed.
fn nearest_rank(share: f64, values: &[i64]) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied()
}

impl Analysis for Service {
    const NAME: &'static str = "service";
    const TITLE: &'static str = "How well is it served: open, overdue, on time, time to close and to drain";
    const BY_CATEGORY: bool = false;
    const TAKES: &'static [Takes] = &[
        Takes {
            name: "by",
            meaning: "What the rows are told apart by: category, area, month, or several with commas between; none: the \
                      figures alone. Default: category",
            kind: Kind::Text,
            required: false,
            example: "category,month",
        },
        Takes {
            name: "level",
            meaning: "Of the areas: city, district, sub_district, grid; cases that belong to none of this level are in a \
                      row without an area. Default: the finest area that a case belongs to",
            kind: Kind::Text,
            required: false,
            example: "district",
        },
        Takes {
            name: "since",
            meaning: "From when on something counts as closed today: RFC 3339; default: the day of the calendar in force",
            kind: Kind::Text,
            required: false,
            example: "2024-06-30T04:00:00Z",
        },
    ];
    type Asked = Asked;

    fn set(asked: &mut Asked, name: &str, value: &str) -> Result<()> {
        match name {
            "since" => {
                let at = time::rfc3339(value);
                asked.since = Some(at.map_err(|reason| invalid("since", value, reason))?);
            }
            "level" => asked.level = Some(AreaLevel::named(value)?),
            _ if value == "none" => asked.by.clear(),
            _ => {
                let known = |word| Dimension::ALL.iter().find(|(name, _)| *name == word).map(|(_, by)| *by);
                let by: Option<Vec<Dimension>> = value.split(',').map(known).collect();
                asked.by = by.ok_or_else(|| invalid("by", value, "unknown; known are category, area, month, none"))?;
            }
        }
        Ok(())
    }

    fn answer(map: &HazardMap, _: Category, asked: &Asked) -> Result<Service> {
        let now = asked.now.unwrap_or(map.as_of());
        let since = asked.since.unwrap_or_else(|| map.calendar().day_begins(now));
        let published = |i: &usize| !map.incidents()[*i].is_void() && !map.incidents()[*i].category.is_alone();
        let all: Vec<usize> = (0..map.incidents().len()).filter(published).collect();
        let (mut open, mut overdue, mut on_time, mut close_s) = (0, 0, 0, Vec::new());
        for &i in &all {
            let incident = &map.incidents()[i];
            if incident.ended.is_none() {
                open += 1;
                overdue += usize::from(is_overdue(map, i, now));
            }
            if let Some(end) = resolved_at(incident).filter(|end| *end >= since) {
                on_time += usize::from(was_on_time(map, i, end));
                close_s.push(end - incident.facts.first);
            }
        }
        Ok(Service {
            method: METHOD,
            parameters: parameters(map),
            by: names(&asked.by),
            level: asked.level,
            constants: CONSTANTS.to_vec(),
            n: all.len(),
            n_of: "incidents",
            seed: None,
            now: Time(now),
            since: Time(since),
            open,
            overdue,
            closed_today: close_s.len(),
            closed_today_on_time: on_time,
            on_time_today: share(on_time, close_s.len() + overdue),
            time_to_close_s_median_today: median(close_s),
            rows: if asked.by.is_empty() { Vec::new() } else { rows(map, &all, asked, now) },
            as_of: Time(map.as_of()),
            position: map.position(),
        })
    }
}

/// The rules of the categories that are analysed.
fn parameters(map: &HazardMap) -> BTreeMap<String, Parameters> {
    let analysed = Category::all().filter(|category| !category.is_alone());
    analysed.map(|category| (category.name().to_owned(), Parameters::of(map, category))).collect()
}

fn names(by: &[Dimension]) -> Vec<&'static str> {
    Dimension::ALL.iter().filter(|(_, dimension)| by.contains(dimension)).map(|(name, _)| *name).collect()
}

/// What the incidents of a row have in common: the indices of a category and of an area, and a month.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    category: Option<usize>,
    area: Option<usize>,
    month: Option<String>,
}

/// In order of the table of categories, of the areas' ids, and of time.
fn rows(map: &HazardMap, all: &[usize], asked: &Asked, now: i64) -> Vec<ServiceRow> {
    let by = |dimension| asked.by.contains(&dimension);
    let mut groups: BTreeMap<Group, Tally> = BTreeMap::new();
    for &i in all {
        let incident = &map.incidents()[i];
        let group = Group {
            category: by(Dimension::Category).then_some(incident.category.index()),
            area: Some(i).filter(|_| by(Dimension::Area)).and_then(|i| area_of(map, i, asked.level)),
            month: by(Dimension::Month).then(|| map.calendar().month(incident.facts.first)),
        };
        groups.entry(group).or_default().add(map, i, now);
    }
    groups.into_iter().map(|(group, tally)| tally.row(map, group)).collect()
}

/// The finest area that an incident belongs to, or the one of a level.
fn area_of(map: &HazardMap, incident: usize, level: Option<AreaLevel>) -> Option<usize> {
    let finest = map.members()[incident].map(Slot::index)?;
    let of_level = |&area: &usize| level.is_none_or(|level| map.areas().all()[area].level == level);
    map.areas().path(finest).find(of_level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_of_ten_are_no_longer_than_the_nearest_rank() {
        assert_eq!(nearest_rank(LONG, &[]), None);
        assert_eq!(nearest_rank(LONG, &[7]), Some(7));
        let ten: Vec<i64> = (1..=10).rev().collect();
        assert_eq!((nearest_rank(LONG, &ten), nearest_rank(LONG, &ten[1..])), (Some(9), Some(9)));
    }

    #[test]
    fn what_is_open_and_overdue_lowers_the_share_on_time() {
        assert_eq!((share(3, 3), share(3, 4), share(0, 0)), (Some(1.0), Some(0.75), None));
    }

    #[test]
    fn it_is_asked_by_category_and_month_and_says_what_it_knows() {
        let mut asked = Asked::default();
        Service::set(&mut asked, "by", "month,category").unwrap();
        assert_eq!(asked.by, [Dimension::Month, Dimension::Category]);
        Service::set(&mut asked, "by", "none").unwrap();
        assert!(asked.by.is_empty());
        assert!(
            Service::set(&mut asked, "by", "moon").unwrap_err().to_string().contains("known are category, area, month")
        );
        Service::set(&mut asked, "level", "sub_district").unwrap();
        assert_eq!(asked.level, Some(AreaLevel::SubDistrict));
        assert!(Service::set(&mut asked, "level", "street").unwrap_err().to_string().contains("grid"));
        assert!(Service::set(&mut asked, "since", "yesterday").is_err());
    }
}
