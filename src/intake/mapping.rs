//! A mapping says what the columns and values of somebody's table are in our words: `data/mappings/*.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use super::zone::Zone;
use crate::error::{Error, Result, invalid};
use crate::hazard::category::Category;
use crate::hazard::event::Action;

/// The mappings that come with the program, by name.
const BUILT_IN: [(&str, &str); 8] = [
    (DEFAULT, include_str!("../../data/mappings/plain.toml")),
    ("nyc-2024", include_str!("../../data/mappings/nyc-2024.toml")),
    ("nyc-311", include_str!("../../data/mappings/nyc-311.toml")),
    ("nyc-311-api", include_str!("../../data/mappings/nyc-311-api.toml")),
    ("boston-2015", include_str!("../../data/mappings/boston-2015.toml")),
    ("chicago", include_str!("../../data/mappings/chicago.toml")),
    ("common-load", include_str!("../../data/mappings/common-load.toml")),
    ("geojson", include_str!("../../data/mappings/geojson.toml")),
];
/// The mapping when none is given.
pub const DEFAULT: &str = "plain";
/// The `time_format` of milliseconds since 1970.
const UNIX_MS: &str = "unix_ms";
/// Stands for a zone that a person has yet to name.
pub(super) const FILL_IN: &str = "FILL IN";

/// A mapping that was found sound; `data/mappings/nyc-2024.toml` explains the keys.
#[derive(Debug)]
pub struct Mapping {
    pub(super) channel: String,
    pub(super) zone: Zone,
    pub(super) datum: Datum,
    /// West, south, east, north in degrees.
    pub(super) extent: Option<[f64; 4]>,
    /// Longitude, latitude that the source gives where it knows no position.
    pub(super) nowhere: Vec<[f64; 2]>,
    /// Geometries other than points count at their centroid.
    pub(super) centroid: bool,
    pub(super) categories: Values<Category>,
    pub(super) outcomes: Values<String>,
    pub(super) steps: Vec<Step>,
    pub(super) columns: BTreeMap<Column, OneOf>,
    pub(super) optional: Vec<Column>,
    pub(super) names: Names,
    /// For errors that point into the mapping.
    pub(super) file: String,
    pub(super) source: String,
}

/// The columns that may hold something: the first that is filled does. (Category: the first whose value is known.)
#[derive(Debug)]
pub(super) struct OneOf {
    pub names: Vec<String>,
    /// Byte of the mapping at which they stand.
    pub start: usize,
}

/// What the file's values mean.
#[derive(Debug)]
pub(super) struct Values<T> {
    pub known: BTreeMap<String, T>,
    pub by: Match,
    pub other: Other<T>,
}

#[derive(Debug)]
pub(super) enum Other<T> {
    Reject,
    /// The value is one of ours already.
    Same,
    Is(T),
}

/// A step that follows from a row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub action: Action,
    pub at: Column,
    #[serde(default)]
    pub outcomes: Vec<String>,
    #[serde(default)]
    pub not_outcomes: Vec<String>,
    #[serde(default)]
    pub after_observed: bool,
}

/// What a column can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Column {
    Id,
    Category,
    Lon,
    Lat,
    ObservedAt,
    AcknowledgedAt,
    ClosedAt,
    ReceivedAt,
    Outcome,
    Text,
    Place,
    DepthCm,
    Passability,
    Dry,
    Photo,
    AccuracyM,
    Person,
}

impl Column {
    pub const COUNT: usize = Column::Person as usize + 1;
    pub const NEEDED: [(Column, &str); 5] = [
        (Column::Id, "id"),
        (Column::Category, "category"),
        (Column::Lon, "lon"),
        (Column::Lat, "lat"),
        (Column::ObservedAt, "observed_at"),
    ];
    const TIMES: [Column; 4] = [Column::ObservedAt, Column::AcknowledgedAt, Column::ClosedAt, Column::ReceivedAt];
}

/// What the positions refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    Wgs84,
    Gcj02,
    Bd09,
}

impl Datum {
    pub fn name(self) -> &'static str {
        match self {
            Datum::Wgs84 => "wgs84",
            Datum::Gcj02 => "gcj02",
            Datum::Bd09 => "bd09",
        }
    }
}

/// Columns with names of streets.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    pub street: Option<Spanned<String>>,
    #[serde(default)]
    pub cross: Vec<Spanned<String>>,
    /// Two streets that cross, for rows without a street; a file may lack these columns.
    #[serde(default)]
    pub corner: Vec<String>,
    /// A house number and its street, or a crossing.
    pub address: Option<Spanned<String>>,
}

/// What of a geometry is its position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    #[default]
    Point,
    Centroid,
}

/// By what of it a value is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Match {
    #[default]
    Whole,
    Start,
    /// Any part: prose says what became of a case amid dates and courtesies.
    Part,
}

/// As the file is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    channel: Spanned<String>,
    zone: Spanned<String>,
    time_format: Option<String>,
    datum: Datum,
    extent: Option<Spanned<[f64; 4]>>,
    #[serde(default)]
    nowhere: Vec<[f64; 2]>,
    #[serde(default)]
    geometry: Shape,
    #[serde(default)]
    optional: Vec<Column>,
    columns: Spanned<BTreeMap<Column, Spanned<toml::Value>>>,
    category: RawValues,
    outcome: Option<RawValues>,
    #[serde(default)]
    names: Names,
    #[serde(default)]
    step: Vec<Spanned<Step>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawValues {
    other: Spanned<String>,
    #[serde(default)]
    r#match: Match,
    #[serde(default)]
    values: BTreeMap<String, Spanned<String>>,
}

impl Mapping {
    /// The built-in mapping of this name; otherwise the file at this path.
    ///
    /// # Errors
    /// `Invalid` when there is neither, `At` line and column of what is wrong in it.
    pub fn load(name_or_path: &str) -> Result<Mapping> {
        if let Some((name, source)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            return Mapping::parse(&format!("{name}.toml (built in)"), source);
        }
        let source = std::fs::read_to_string(Path::new(name_or_path)).map_err(|e| {
            let built_in: Vec<_> = BUILT_IN.iter().map(|m| m.0).collect();
            let reason = format!("neither a readable file ({e}) nor a mapping built in: {}", built_in.join(", "));
            invalid("mapping", name_or_path, reason)
        })?;
        Mapping::parse(name_or_path, &source)
    }

    /// A mapping from its text; `file` is what errors call it.
    pub fn parse(file: &str, source: &str) -> Result<Mapping> {
        let raw: Raw = toml::from_str(source).map_err(|e| {
            let start = e.span().map_or(0, |s| s.start);
            let line = source[..start].rsplit('\n').next().unwrap_or_default();
            let rest = source[start..].lines().next().unwrap_or_default();
            invalid("mapping", format!("{line}{rest}"), e.message()).at_byte(file, source, start)
        })?;
        let wrong = |start: usize, error: Error| error.at_byte(file, source, start);
        let channel = raw.channel.get_ref();
        if channel.is_empty() || !channel.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            let error = invalid("channel", channel, "not of small letters, digits and _");
            return Err(wrong(raw.channel.span().start, error));
        }
        if let Some((_, name)) = Column::NEEDED.iter().find(|(c, _)| !raw.columns.get_ref().contains_key(c)) {
            let error = invalid("columns", name, "every mapping must name this column");
            return Err(wrong(raw.columns.span().start, error));
        }
        if let Some(extent) = &raw.extent {
            let [west, south, east, north] = *extent.get_ref();
            if !(west < east && south < north) {
                let error = invalid("extent", format!("{:?}", extent.get_ref()), "not west, south, east, north");
                return Err(wrong(extent.span().start, error));
            }
        }
        let zone = zone(raw.zone.get_ref(), raw.time_format).map_err(|e| wrong(raw.zone.span().start, e))?;
        let point = |s: &Spanned<String>, e: Error| wrong(s.span().start, e);
        let categories = raw.category.read(|v| Category::named(v.get_ref()).map_err(|e| point(v, e)))?;
        let outcomes = match raw.outcome {
            Some(raw) => raw.read(|v| Ok(v.get_ref().clone()))?,
            None => Values { known: BTreeMap::new(), by: Match::Whole, other: Other::Same },
        };
        let columns = raw.columns.into_inner().into_iter();
        let columns =
            columns.map(|(column, names)| Ok((column, one_of(&names).map_err(|e| wrong(names.span().start, e))?)));
        let columns = columns.collect::<Result<BTreeMap<_, _>>>()?;
        check_steps(&raw.step, &columns, &outcomes).map_err(|(start, e)| wrong(start, e))?;
        Ok(Mapping {
            channel: raw.channel.into_inner(),
            zone,
            datum: raw.datum,
            extent: raw.extent.map(Spanned::into_inner),
            nowhere: raw.nowhere,
            centroid: raw.geometry == Shape::Centroid,
            categories,
            outcomes,
            steps: raw.step.into_iter().map(Spanned::into_inner).collect(),
            columns,
            optional: raw.optional,
            names: raw.names,
            file: file.to_owned(),
            source: source.to_owned(),
        })
    }
}

impl RawValues {
    fn read<T>(self, one: impl Fn(&Spanned<String>) -> Result<T>) -> Result<Values<T>> {
        let other = match self.other.get_ref().as_str() {
            "reject" => Other::Reject,
            "same" => Other::Same,
            _ => Other::Is(one(&self.other)?),
        };
        let known = self.values.iter().map(|(k, v)| Ok((k.clone(), one(v)?))).collect::<Result<_>>()?;
        Ok(Values { known, by: self.r#match, other })
    }
}

impl<T> Values<T> {
    /// What a value means, where the mapping knows it: by the longest text that fits.
    pub fn get(&self, value: &str) -> Option<&T> {
        let fits: fn(&str, &str) -> bool = match self.by {
            Match::Whole => return self.known.get(value),
            Match::Start => |value, known| value.starts_with(known),
            Match::Part => |value, known| value.contains(known),
        };
        let fitting = self.known.iter().filter(|(known, _)| fits(value, known));
        fitting.max_by_key(|(known, _)| known.len()).map(|(_, meaning)| meaning)
    }
}

/// The name of a column, or a list of them.
fn one_of(value: &Spanned<toml::Value>) -> Result<OneOf> {
    let text = |v: &toml::Value| v.as_str().filter(|name| !name.is_empty()).map(str::to_owned);
    let names: Option<Vec<String>> = match value.get_ref() {
        toml::Value::Array(list) => list.iter().map(text).collect(),
        one => text(one).map(|one| vec![one]),
    };
    let names = names.filter(|names| !names.is_empty());
    let names = names.ok_or_else(|| {
        invalid("columns", format!("{:?}", value.get_ref()), "not the name of a column, nor a list of names")
    })?;
    Ok(OneOf { names, start: value.span().start })
}

fn zone(name: &str, format: Option<String>) -> Result<Zone> {
    match (name, format) {
        ("offset", None) => Ok(Zone::Offset),
        ("offset", Some(format)) if format == UNIX_MS => Ok(Zone::UnixMs),
        ("offset", Some(_)) => Err(invalid("zone", name, "a time_format goes with a named zone only, but unix_ms")),
        (FILL_IN, _) => Err(invalid(
            "zone",
            name,
            "write here the zone that the times are local in, as an IANA name like America/New_York or Asia/Shanghai",
        )),
        (name, format) => {
            let tz = TimeZone::get(name).map_err(|_| {
                invalid("zone", name, "not the IANA name of a time zone (like Asia/Shanghai), nor \"offset\"")
            })?;
            Ok(Zone::Local { tz, format })
        }
    }
}

fn check_steps(
    steps: &[Spanned<Step>],
    columns: &BTreeMap<Column, OneOf>,
    outcomes: &Values<String>,
) -> Result<(), (usize, Error)> {
    for (i, spanned) in steps.iter().enumerate() {
        let (step, start) = (spanned.get_ref(), spanned.span().start);
        let wrong = |value: String, reason: &str| Err((start, invalid("step", value, reason)));
        let name = super::action_name(step.action);
        if step.action == Action::Split {
            return wrong(name.into(), "not a step an import can make");
        }
        if !Column::TIMES.contains(&step.at) || !columns.contains_key(&step.at) {
            return wrong(format!("{:?}", step.at), "`at` is not a time that [columns] names");
        }
        // The key of a step is its action: two of one action would be the same step.
        let clash = |other: &Step| other.action == step.action;
        if steps[..i].iter().any(|s| clash(s.get_ref())) {
            return wrong(name.into(), "an action twice: give its outcomes in one step");
        }
        let meant = |o: &String| {
            outcomes.known.values().any(|v| v == o)
                || matches!(&outcomes.other, Other::Same)
                || matches!(&outcomes.other, Other::Is(v) if v == o)
        };
        if let Some(outcome) = step.outcomes.iter().chain(&step.not_outcomes).find(|o| !meant(o)) {
            return wrong(outcome.clone(), "not an outcome that [outcome] gives");
        }
    }
    Ok(())
}
