//! The rule: every limit of the definitions, as data with units. Categories override it; a query may override it
//! for its own view.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::category::Category;
use super::position::radius2_cm2;
use super::workflow::limits::Table;
use crate::error::{Error, Result, invalid};

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
/// A radius above this is a slip of the unit; its square in cm², summed over nine million occasions, fits 64 bits.
const LARGEST_RADIUS_M: f64 = 10_000.0;
/// Beyond this a gauge says nothing of a place; its square in cm² fits 64 bits.
const LARGEST_REACH_M: f64 = 1_000_000.0;
const LARGEST_DEPTH_MM: f64 = 1_000_000.0;
/// A hundred thousand years: far beyond any use, and sums of times stay far from overflow.
const LARGEST_DURATION_S: i64 = 3_155_760_000_000;

/// The rule for one category; on the wire each limit has the name of its setting, in the same unit.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Rule {
    /// A report joins an incident whose anchor is at most this far; metres.
    #[serde(rename = "join_radius")]
    pub join_radius_m: f64,
    /// An incident without a report for longer takes no further one, unless acknowledged; seconds.
    #[serde(rename = "lapse")]
    pub lapse_s: i64,
    /// An incident takes no report observed later than this after its first observation; seconds.
    #[serde(rename = "max_open")]
    pub max_open_s: i64,
    /// An incident belongs to the nearest named place at most this far from its anchor; metres.
    #[serde(rename = "anchor_radius")]
    pub anchor_radius_m: f64,
    /// Occasions of a site are those of all sites at most this far; metres.
    #[serde(rename = "hotspot_radius")]
    pub hotspot_radius_m: f64,
    /// Two hotspots are never within this distance; metres.
    #[serde(rename = "spacing")]
    pub spacing_m: f64,
    /// Spans with less time between them are one occasion; seconds.
    #[serde(rename = "occasion_gap")]
    pub occasion_gap_s: i64,
    /// From this number of occasions a site is hot.
    pub candidate_occasions: i64,
    /// From this number of occasions a hotspot is recurring.
    pub min_occasions: i64,
    /// From this number of occasions with evidence a recurring hotspot is confirmed.
    pub min_evidence: i64,
    /// Incidents whose last observation is older than this before `as_of` do not count; seconds.
    #[serde(rename = "window")]
    pub window_s: i64,
}

/// The rule for rain, the same for every category; named on the wire as [`Rule`] is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RainRule {
    /// A storm ends where no rain follows for this long; seconds.
    #[serde(rename = "dry_gap")]
    pub dry_gap_s: i64,
    /// A storm qualifies from this depth: millimetres on the wire, whole micrometres in here.
    #[serde(rename = "storm_depth", serialize_with = "millimetres")]
    #[schema(value_type = f64)]
    pub storm_depth_um: i64,
    /// An incident may precede its storm by this; seconds.
    #[serde(rename = "rain_lead")]
    pub rain_lead_s: i64,
    /// An incident may follow its storm by this; seconds.
    #[serde(rename = "drain_lag")]
    pub drain_lag_s: i64,
    /// Rain up to this long before an incident is its small rain; seconds.
    #[serde(rename = "small_rain_lag")]
    pub small_rain_lag_s: i64,
    /// Weather is dry when at least this much of the time before was measured, all dry; seconds.
    #[serde(rename = "rain_cover")]
    pub rain_cover_s: i64,
    /// A gauge counts at places at most this far; metres.
    #[serde(rename = "gauge_reach")]
    pub gauge_reach_m: f64,
}

/// A setting's value: a whole number (seconds or a count), or metres or millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Whole(i64),
    Real(f64),
}

/// Every setting by name, with overrides by category, and the view's `as_of`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    values: BTreeMap<String, Value>,
    /// Unix seconds; `None`: the newest time of any event.
    pub as_of: Option<i64>,
    /// How long incidents may wait, and the calendar. A file of its own, which no query changes.
    pub limits: Arc<Table>,
}

/// What a setting measures; decides how it is read and bounded.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Metres,
    /// Metres, and many of them.
    Reach,
    Seconds,
    Count,
    Millimetres,
}

/// Name, unit, default, whether a category may override it, and what it means.
struct Entry(&'static str, Unit, f64, bool, &'static str);

const TABLE: [Entry; 18] = [
    Entry("join_radius", Unit::Metres, 50.0, true, "a report joins an incident whose anchor is at most this far"),
    Entry(
        "lapse",
        Unit::Seconds,
        6.0 * HOUR_S as f64,
        true,
        "an incident not acknowledged closes to reports after this",
    ),
    Entry("max_open", Unit::Seconds, DAY_S as f64, true, "an incident takes no report later than this after its first"),
    Entry("anchor_radius", Unit::Metres, 40.0, true, "an incident belongs to a named place at most this far"),
    Entry("hotspot_radius", Unit::Metres, 50.0, true, "a site's occasions are those of all sites at most this far"),
    Entry("spacing", Unit::Metres, 100.0, true, "two hotspots are never this near"),
    Entry("occasion_gap", Unit::Seconds, 12.0 * HOUR_S as f64, true, "spans with less between them are one occasion"),
    Entry("candidate_occasions", Unit::Count, 2.0, true, "from this many occasions a site is hot"),
    Entry("min_occasions", Unit::Count, 3.0, true, "from this many occasions a hotspot is recurring"),
    Entry("min_evidence", Unit::Count, 2.0, true, "from this many occasions with evidence it is confirmed"),
    Entry("window", Unit::Seconds, 1_096.0 * DAY_S as f64, true, "older incidents do not count"),
    Entry("dry_gap", Unit::Seconds, 6.0 * HOUR_S as f64, false, "this long without rain ends a storm"),
    Entry("storm_depth", Unit::Millimetres, 5.0, false, "a storm qualifies from this depth"),
    Entry("rain_lead", Unit::Seconds, HOUR_S as f64, false, "an incident may precede its storm by this"),
    Entry("drain_lag", Unit::Seconds, 12.0 * HOUR_S as f64, false, "an incident may follow its storm by this"),
    Entry("small_rain_lag", Unit::Seconds, DAY_S as f64, false, "rain this long before an incident is small rain"),
    Entry("rain_cover", Unit::Seconds, 12.0 * HOUR_S as f64, false, "dry weather needs this much measured"),
    Entry("gauge_reach", Unit::Reach, 25_000.0, false, "a rain gauge counts at places at most this far"),
];

impl Default for Settings {
    fn default() -> Settings {
        let mut values = BTreeMap::new();
        for Entry(name, unit, default, ..) in &TABLE {
            values.insert((*name).to_owned(), Value::of(*unit, *default));
        }
        for category in Category::all() {
            let info = category.info();
            for (name, seconds) in [("lapse", info.lapse_s), ("max_open", info.max_open_s)] {
                if let Some(seconds) = seconds {
                    values.insert(format!("{name}.{}", info.name), Value::Whole(seconds));
                }
            }
        }
        Settings { values, as_of: None, limits: Table::built_in() }
    }
}

impl Value {
    fn of(unit: Unit, v: f64) -> Value {
        match unit {
            Unit::Metres | Unit::Reach | Unit::Millimetres => Value::Real(v),
            Unit::Seconds | Unit::Count => Value::Whole(v as i64),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Value::Whole(v) => v.fmt(f),
            Value::Real(v) => v.fmt(f),
        }
    }
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Unit::Metres | Unit::Reach => "m",
            Unit::Seconds => "s",
            Unit::Count => "",
            Unit::Millimetres => "mm",
        }
    }
}

impl Settings {
    /// Sets one setting from `name=value`, where a name may end in `.category`; `as_of` takes unix seconds or RFC 3339.
    ///
    /// # Errors
    /// `Invalid` for an unknown name or category, a value that is not a number of its kind, or one out of bounds.
    pub fn set(&mut self, assignment: &str) -> Result<()> {
        let (name, text) =
            assignment.split_once('=').ok_or_else(|| invalid("set", assignment, "not of the form name=value"))?;
        if name == "as_of" {
            self.as_of = Some(super::time::parse_seconds(text).map_err(|reason| invalid("as_of", text, reason))?);
            return Ok(());
        }
        let (base, category) = match name.split_once('.') {
            Some((base, category)) => {
                let unknown = |error| match error {
                    Error::Invalid { reason, .. } => invalid(name, text, format!("no category {category:?}: {reason}")),
                    other => other,
                };
                (base, Some(Category::named(category).map_err(unknown)?))
            }
            None => (name, None),
        };
        let Some(Entry(_, unit, _, by_category, _)) = TABLE.iter().find(|e| e.0 == base) else {
            let known: Vec<_> = TABLE.iter().map(|e| e.0).collect();
            return Err(invalid("set", name, format!("no such setting; known are as_of, {}", known.join(", "))));
        };
        if category.is_some() && !by_category {
            return Err(invalid("set", name, "this setting is the same for every category"));
        }
        let value = parse(*unit, text).map_err(|reason| invalid(name, text, reason))?;
        self.values.insert(name.to_owned(), value);
        Ok(())
    }

    /// The rule for one category, with its overrides.
    pub fn rule(&self, category: Category) -> Rule {
        let get =
            |name: &str| self.values.get(&format!("{name}.{}", category.name())).or_else(|| self.values.get(name));
        let whole = |name| match get(name) {
            Some(Value::Whole(v)) => *v,
            _ => unreachable!("{name} is a whole number of the table"),
        };
        let real = |name| match get(name) {
            Some(Value::Real(v)) => *v,
            _ => unreachable!("{name} is a real number of the table"),
        };
        Rule {
            join_radius_m: real("join_radius"),
            lapse_s: whole("lapse"),
            max_open_s: whole("max_open"),
            anchor_radius_m: real("anchor_radius"),
            hotspot_radius_m: real("hotspot_radius"),
            spacing_m: real("spacing"),
            occasion_gap_s: whole("occasion_gap"),
            candidate_occasions: whole("candidate_occasions"),
            min_occasions: whole("min_occasions"),
            min_evidence: whole("min_evidence"),
            window_s: whole("window"),
        }
    }

    /// Is this the name of a setting, perhaps with a category, or `as_of`?
    pub fn names(name: &str) -> bool {
        let base = name.split_once('.').map_or(name, |(base, _)| base);
        name == "as_of" || TABLE.iter().any(|e| e.0 == base)
    }

    /// Every setting that holds for a category, by name and value, so that they say the same under any other defaults.
    pub fn of(&self, category: Category) -> Vec<(String, String)> {
        let value = |Entry(name, _, _, by_category, _): &Entry| {
            let own = format!("{name}.{}", category.name());
            let value = self.values.get(&own).unwrap_or(&self.values[*name]).to_string();
            (if *by_category { own } else { (*name).to_owned() }, value)
        };
        TABLE.iter().map(value).collect()
    }

    /// The default of a setting of the table, in its unit.
    pub fn default_of(name: &str) -> Option<String> {
        TABLE.iter().find(|e| e.0 == name).map(|e| Value::of(e.1, e.2).to_string())
    }

    /// Every setting by name with its unit, and what it means.
    pub fn table() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        TABLE.iter().map(|Entry(name, unit, _, _, meaning)| (*name, unit.name(), *meaning))
    }

    /// The rule for rain.
    pub fn rain_rule(&self) -> RainRule {
        let whole = |name: &str| match self.values[name] {
            Value::Whole(v) => v,
            Value::Real(mm) => super::position::half_up(mm * 1_000.0) as i64,
        };
        let Value::Real(gauge_reach_m) = self.values["gauge_reach"] else {
            unreachable!("gauge_reach is a real number of the table")
        };
        RainRule {
            dry_gap_s: whole("dry_gap"),
            storm_depth_um: whole("storm_depth"),
            rain_lead_s: whole("rain_lead"),
            drain_lag_s: whole("drain_lag"),
            small_rain_lag_s: whole("small_rain_lag"),
            rain_cover_s: whole("rain_cover"),
            gauge_reach_m,
        }
    }

    /// Every value in force, one `name=value` a line, in order of name: what the store remembers of the rule.
    pub fn in_force(&self) -> String {
        self.values.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }

    /// Every setting with unit, default and meaning, one a line, for `--help`.
    pub fn manual() -> String {
        let mut out = String::from("Settings (a name may end in .CATEGORY where marked *):\n");
        for Entry(name, unit, default, by_category, meaning) in &TABLE {
            let unit = unit.name();
            let star = if *by_category { "*" } else { " " };
            out += &format!("  {name:<20}{star} {default:>9} {unit:<3} {meaning}\n");
        }
        out + "  as_of                          time the view is taken at: unix seconds or RFC 3339; default: newest event\n"
    }
}

impl Rule {
    /// The largest distance, in metres, at which one site looks at another.
    pub fn reach_m(&self) -> f64 {
        self.hotspot_radius_m.max(self.spacing_m)
    }

    /// `hotspot_radius_m`, squared, in cm².
    pub fn hotspot_radius2_cm2(&self) -> i64 {
        radius2_cm2(self.hotspot_radius_m)
    }
}

/// Micrometres as published.
fn millimetres<S: Serializer>(um: &i64, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_f64(*um as f64 / 1_000.0)
}

fn parse(unit: Unit, text: &str) -> Result<Value, String> {
    match unit {
        Unit::Metres | Unit::Reach | Unit::Millimetres => {
            let v: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
            let (largest, name) = match unit {
                Unit::Metres => (LARGEST_RADIUS_M, "metres"),
                Unit::Reach => (LARGEST_REACH_M, "metres"),
                _ => (LARGEST_DEPTH_MM, "millimetres"),
            };
            if !(0.0..=largest).contains(&v) {
                return Err(format!("not in [0, {largest}] {name}"));
            }
            Ok(Value::Real(v))
        }
        Unit::Seconds | Unit::Count => {
            let v: i64 = text.parse().map_err(|_| "not a whole number".to_owned())?;
            if !(0..=LARGEST_DURATION_S).contains(&v) {
                let unit = if unit == Unit::Seconds { " seconds" } else { "" };
                return Err(format!("not in [0, {LARGEST_DURATION_S}]{unit}"));
            }
            Ok(Value::Whole(v))
        }
    }
}

impl std::str::FromStr for Settings {
    type Err = Error;

    /// Settings from `name=value` pairs separated by white space.
    fn from_str(pairs: &str) -> Result<Settings> {
        let mut settings = Settings::default();
        pairs.split_whitespace().try_for_each(|pair| settings.set(pair))?;
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_overrides_and_keeps_its_override() {
        let settings: Settings = "lapse=100 window.manhole=7".parse().unwrap();
        let rule = |name| settings.rule(Category::named(name).unwrap());
        assert_eq!(rule("waterlogging").lapse_s, 100);
        assert_eq!(rule("manhole").lapse_s, 7 * DAY_S);
        assert_eq!((rule("manhole").window_s, rule("other").window_s), (7, 1_096 * DAY_S));
    }

    #[test]
    fn a_setting_out_of_bounds_or_unknown_says_so() {
        for (pair, part) in [
            ("radius=5", "no such setting"),
            ("join_radius=-1", "not in [0"),
            ("join_radius=NaN", "not in [0"),
            ("hotspot_radius=10001", "not in [0, 10000] metres"),
            ("lapse=1.5", "whole number"),
            ("window=-5", "not in [0, 3155760000000] seconds"),
            ("dry_gap.manhole=1", "same for every category"),
            ("lapse.flood=1", "lapse.flood \"1\": no category \"flood\": unknown; known are waterlogging"),
            ("lapse", "name=value"),
            ("as_of=yesterday", "as_of"),
        ] {
            let error = Settings::default().set(pair).unwrap_err().to_string();
            assert!(error.contains(part), "{pair}: {error}");
        }
    }
}
