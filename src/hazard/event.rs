//! What the log holds. Structure only: ids, categories, positions, times, numbers; never free text or people's names.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::addition::Addition;
use super::category::Category;
use super::position::Position;
use super::unit::Duty;
use super::workflow::Transition;
use crate::error::{Result, invalid};

/// One thing that happened. Times are unix seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody observed a hazard, or its absence.
    Report(Report),
    /// The sender of a report says more of the same thing.
    Addition(Addition),
    /// A step that was taken elsewhere on the incident that holds a report, or on the report itself.
    Act(Act),
    /// Two incidents are one: the one opened first stays.
    Merge(Merge),
    /// Any other step that was taken elsewhere: it changes nothing on the map but the newest time, and of an incident its
    /// state in the workflow.
    Note(Note),
    /// A step of the workflow, taken here.
    Transition(Transition),
    /// Rain of further intervals, of no gauge: it stands for the whole city.
    Rain(Vec<RainInterval>),
    /// Further rain gauges, or new positions and names of known ones.
    Gauges(Vec<Gauge>),
    /// Rain of further intervals at a gauge.
    GaugeRain(GaugeRain),
    /// Further stations of water levels, or new positions, names and data of known ones.
    Stations(Vec<Station>),
    /// Further water levels at a station.
    Levels(Levels),
    /// Further named places, or new positions and names of known ones.
    Places(Vec<Place>),
    /// Further named streets, or new names and lines of known ones.
    Streets(Vec<Street>),
    /// Further works, or other dates, lines and names of known ones.
    Works(Vec<Works>),
    /// Every area there is from now on: what was there before is gone.
    Areas(Vec<Area>),
    /// Every unit there is from now on: what was there before is gone.
    Units(Vec<Unit>),
}

/// One observation by one person, sensor or feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Unique in the log, never empty.
    pub id: String,
    pub category: Category,
    pub position: Position,
    /// When it was seen; unix seconds.
    #[serde(rename = "at")]
    pub observed_at: i64,
    /// When we, or the source it was imported from, heard of it; unix seconds.
    pub received_at: i64,
    /// "Passed here, no water."
    #[serde(default, skip_serializing_if = "is_false")]
    pub dry: bool,
    /// A photo shows it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub photo: bool,
    /// A random number that stands for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<NonZeroU64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_cm: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passability: Option<Passability>,
    /// Radius of uncertainty of the position in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<u16>,
    /// Where it came in: `app`, `nyc_311`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The crossings or the street it names, in one spelling; a block face names both its crossings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The position as it was given, where that was not WGS 84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
}

impl Report {
    /// A report that says where and when, heard of at once, and nothing more.
    pub fn new(id: impl Into<String>, category: Category, position: Position, observed_at: i64) -> Report {
        Report {
            id: id.into(),
            category,
            position,
            observed_at,
            received_at: observed_at,
            dry: false,
            photo: false,
            person: None,
            depth_cm: None,
            passability: None,
            accuracy_m: None,
            channel: None,
            names: Vec::new(),
            original: None,
        }
    }
}

/// A position as the source gave it, before the conversion to WGS 84.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Original {
    pub datum: String,
    pub lon: f64,
    pub lat: f64,
}

/// What vehicles can do there; an observation, not a function of depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Passability {
    Clear,
    Slow,
    /// Small cars cannot pass.
    ImpassableSmall,
    /// Closed.
    Impassable,
}

impl Passability {
    pub const ALL: [Passability; 4] =
        [Passability::Clear, Passability::Slow, Passability::ImpassableSmall, Passability::Impassable];

    pub fn name(self) -> &'static str {
        match self {
            Passability::Clear => "clear",
            Passability::Slow => "slow",
            Passability::ImpassableSmall => "impassable_small",
            Passability::Impassable => "impassable",
        }
    }
}

/// A step on the incident that holds `report` (retract, split: on the report itself).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Act {
    pub action: Action,
    pub at: i64,
    pub report: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Acknowledge,
    Resolve,
    Dismiss,
    Reopen,
    Found,
    NotFound,
    /// Hides a report, a dry one too.
    Retract,
    /// Takes a report out into an incident of its own.
    Split,
}

/// The incidents that hold these two reports become the one that was opened first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    pub at: i64,
    pub report: String,
    pub other: String,
}

/// A step that the map does not show (verify, dispatch, …).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub step: String,
    pub at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
}

/// Rain that fell from `start` for `seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RainInterval {
    /// Unix seconds.
    pub start: i64,
    pub seconds: i64,
    /// Whole micrometres of depth; `None`: not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_um: Option<i64>,
}

impl RainInterval {
    pub fn end(&self) -> i64 {
        self.start + self.seconds
    }
}

/// A rain gauge, or a cell of a grid of rain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gauge {
    /// Unique among gauges.
    pub id: String,
    pub position: Position,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Rain at a gauge that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GaugeRain {
    pub gauge: String,
    pub intervals: Vec<RainInterval>,
}

/// Where the level of a river or of the tide is measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Station {
    /// Unique among stations.
    pub id: String,
    pub position: Position,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What levels are heights above, as the source calls it: `NAVD88`, `1985 国家高程基准`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datum: Option<String>,
}

/// Water levels at a station that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Levels {
    pub station: String,
    pub readings: Vec<Reading>,
}

/// The water level at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Unix seconds.
    pub at: i64,
    /// Whole millimetres above the station's datum.
    pub level_mm: i64,
}

/// A named spot in the gazetteer: an intersection, a landmark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Unique, and not an H3 cell.
    pub id: String,
    pub position: Position,
    /// As shown; without one the id is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What else it is called, in other languages, formerly, or by those who live there: it is found by these, and never
    /// shown by them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

/// A named street, or a stretch of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Street {
    /// Unique among streets.
    pub id: String,
    pub name: String,
    /// At least two positions.
    pub line: Vec<Position>,
}

/// A repair of a drain, a road, a stretch of street, by which floods before and after it can be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Works {
    /// Unique among works.
    pub id: String,
    /// One position: a spot; several: a line.
    pub line: Vec<Position>,
    /// When they began, or are to begin; unix seconds.
    pub start: i64,
    /// When they were finished, or are to be; `None`: nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
    /// What was done, in a word: `dredging`, `new_pump`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// As shown; without one the id is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The city's own number for them, of a contract or a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// A part of the city that a unit is responsible for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Unique among areas.
    pub id: String,
    pub level: AreaLevel,
    /// The area that it is part of, of a coarser level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// As shown; without one the id is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Polygons, each of an outer ring and its holes, each of which ends where it begins; straight in degrees between
    /// its positions (RFC 7946, 3.1.1).
    pub polygons: Vec<Vec<Vec<Position>>>,
}

/// How fine an area is, the coarsest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AreaLevel {
    /// 市
    City,
    /// 区
    District,
    /// 街道
    SubDistrict,
    /// 社区网格
    Grid,
}

impl AreaLevel {
    pub const ALL: [AreaLevel; 4] = [AreaLevel::City, AreaLevel::District, AreaLevel::SubDistrict, AreaLevel::Grid];

    pub fn name(self) -> &'static str {
        match self {
            AreaLevel::City => "city",
            AreaLevel::District => "district",
            AreaLevel::SubDistrict => "sub_district",
            AreaLevel::Grid => "grid",
        }
    }

    /// The level of this name.
    ///
    /// # Errors
    /// `Invalid` that lists them.
    pub fn named(name: &str) -> Result<AreaLevel> {
        AreaLevel::ALL.into_iter().find(|level| level.name() == name).ok_or_else(|| {
            let known = AreaLevel::ALL.map(AreaLevel::name).join(", ");
            invalid("level", name, format!("unknown; known are {known}"))
        })
    }
}

/// People who are sent to incidents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Unique among units.
    pub id: String,
    /// As shown; without one the id is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The areas that it is responsible for, with what lies in them; none: the whole city, after all others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// None: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    #[serde(default)]
    pub duty: Duty,
    /// The unit that stands in while it is off duty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<String>,
    /// The unit that supervises it: what is late is carried there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

impl Event {
    /// When it happened, in unix seconds; loading rain, places, streets, works, areas or units has no time of its own: works
    /// that are planned must not move the map into the future.
    pub fn at(&self) -> Option<i64> {
        match self {
            Event::Report(r) => Some(r.observed_at),
            Event::Addition(a) => Some(a.at),
            Event::Act(a) => Some(a.at),
            Event::Merge(m) => Some(m.at),
            Event::Note(n) => Some(n.at),
            Event::Transition(t) => Some(t.at),
            Event::Rain(_) | Event::Gauges(_) | Event::GaugeRain(_) => None,
            Event::Stations(_) | Event::Levels(_) => None,
            Event::Places(_) | Event::Streets(_) | Event::Works(_) => None,
            Event::Areas(_) | Event::Units(_) => None,
        }
    }
}

fn is_false(v: &bool) -> bool {
    !v
}
