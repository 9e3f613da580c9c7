//! Judges one row: a valid report with its steps, or the reason why not.

use std::cell::RefCell;

use super::Private;
use super::layout::Layout;
use super::mapping::{Column, Mapping, Other, Values};
use super::record::Row;
use super::reject::Reject;
use super::street::{self, Streets};
use crate::error::Error;
use crate::hazard::category::Category;
use crate::hazard::event::{Action, Original, Passability, Report};
use crate::hazard::position::Position;

/// A time this far ahead of the clock is a slip, not a clock that runs fast; seconds.
const CLOCK_AHEAD_S: i64 = 600;
const LONGEST_TEXT_CHARS: usize = 4_000;
const LONGEST_ID_CHARS: usize = 200;
/// Ten metres of water.
const DEEPEST_CM: f64 = 1_000.0;

/// What a row says, in our words.
#[derive(Debug, PartialEq)]
pub(super) struct Judged {
    pub report: Report,
    pub private: Private,
    /// With their times, in the order of the mapping.
    pub steps: Vec<(Action, i64)>,
}

/// Judges records of one file.
pub(super) struct Judge<'a> {
    pub mapping: &'a Mapping,
    pub layout: &'a Layout,
    /// Unix seconds.
    pub now: i64,
    pub streets: RefCell<Streets>,
}

/// The times of a row. A bad one rejects the row even when no step would use it.
struct Times {
    observed: Option<i64>,
    acknowledged: Option<i64>,
    closed: Option<i64>,
    received: Option<i64>,
}

type Judgement<T> = Result<T, Reject>;

impl Judge<'_> {
    /// Another one for the same file, for another thread.
    pub fn again(&self) -> Self {
        Judge { streets: RefCell::default(), ..*self }
    }

    /// The row's own id, without white space around it; may be empty.
    pub fn id<'r>(&self, row: &'r Row) -> &'r str {
        self.filled(row, Column::Id).map_or("", |(_, id)| id)
    }

    /// A reject of a row because of its id.
    pub fn reject_id(&self, row: &Row, reason: impl Into<String>) -> Reject {
        row.reject(self.layout.needed(Column::Id), reason)
    }

    /// The report and the steps of a row; the first thing that is wrong with it rejects it whole.
    pub fn judge(&self, row: &Row) -> Judgement<Judged> {
        let id = self.id(row);
        let wrong_id = |reason: &str| Err(self.reject_id(row, reason));
        if id.is_empty() {
            return wrong_id("missing id");
        }
        if id.chars().count() > LONGEST_ID_CHARS || id.contains(char::is_control) {
            return wrong_id("not an id of at most 200 printable characters");
        }
        let category = self.category(row)?;
        let (position, original) = self.position(row)?;
        let times = Times {
            observed: self.time(row, Column::ObservedAt)?,
            acknowledged: self.time(row, Column::AcknowledgedAt)?,
            closed: self.time(row, Column::ClosedAt)?,
            received: self.time(row, Column::ReceivedAt)?,
        };
        let observed_at =
            times.observed.ok_or_else(|| row.reject(self.layout.needed(Column::ObservedAt), "missing time"))?;
        let received_at = times.received.unwrap_or(observed_at);
        let place = self.filled(row, Column::Place).map(|(_, place)| place.to_owned());
        let private = Private { text: self.text(row)?, place, ..Private::default() };
        let steps = self.steps(row, &times)?;
        let depth_cm = self.parsed(row, Column::DepthCm, |t| whole(t, DEEPEST_CM, "a depth in centimetres"))?;
        let report = Report {
            id: format!("{}:{id}", self.mapping.channel),
            category,
            position,
            observed_at,
            received_at,
            dry: self.dry(row, depth_cm)?,
            photo: self.flag(row, Column::Photo)?,
            person: self.parsed(row, Column::Person, |t| {
                t.parse().map_err(|_| "not a random whole number that stands for the person".into())
            })?,
            depth_cm,
            passability: self.parsed(row, Column::Passability, passability)?,
            accuracy_m: self.parsed(row, Column::AccuracyM, |t| whole(t, f64::from(u16::MAX), "a radius in metres"))?,
            channel: Some(self.mapping.channel.clone()),
            names: self.names(row),
            original,
        };
        Ok(Judged { report, private, steps })
    }

    /// The trimmed text of the first column that is filled, with the column's number.
    fn filled<'r>(&self, row: &'r Row, column: Column) -> Option<(usize, &'r str)> {
        let texts = self.layout.all(column).iter().map(|&index| (index, row.field(index).trim()));
        texts.into_iter().find(|(_, text)| !text.is_empty())
    }

    fn parsed<T>(&self, row: &Row, column: Column, read: impl Fn(&str) -> Result<T, String>) -> Judgement<Option<T>> {
        let Some((index, text)) = self.filled(row, column) else { return Ok(None) };
        read(text).map(Some).map_err(|reason| row.reject(index, reason))
    }

    /// By the first column whose value is known; where none is, the first that is filled is another value.
    fn category(&self, row: &Row) -> Judgement<Category> {
        let columns = self.layout.all(Column::Category);
        if let Some(known) = columns.iter().find_map(|&i| self.mapping.categories.get(row.field(i).trim())) {
            return Ok(*known);
        }
        let (index, value) = self.filled(row, Column::Category).unwrap_or((self.layout.needed(Column::Category), ""));
        meaning(&self.mapping.categories, value, |v| Category::named(v).map_err(reason_of))
            .map_err(|reason| row.reject(index, reason))
    }

    fn position(&self, row: &Row) -> Judgement<(Position, Option<Original>)> {
        let read = |column| {
            let Some((index, text)) = self.filled(row, column) else {
                return Err(row.reject(self.layout.needed(column), "missing position"));
            };
            text.parse::<f64>().map_err(|_| {
                let comma = text.replacen(',', ".", 1).parse::<f64>().is_ok();
                let hint = if comma { ": write a point, not a comma" } else { "" };
                row.reject(index, format!("not a number of degrees{hint}"))
            })
        };
        let (lon, lat) = (read(Column::Lon)?, read(Column::Lat)?);
        let refuse = |error: Error| match error {
            Error::Invalid { field, reason, .. } => {
                let column = if field == "lon" { Column::Lon } else { Column::Lat };
                row.reject(self.layout.needed(column), reason)
            }
            other => row.reject(self.layout.needed(Column::Lat), other.to_string()),
        };
        if self.mapping.nowhere.contains(&[lon, lat]) {
            let reason = "missing position: the source gives this one where it knows none";
            return Err(row.reject(self.layout.needed(Column::Lon), reason));
        }
        let converted = self.mapping.datum.wgs84(lon, lat).map_err(refuse)?;
        if let Some([west, south, east, north]) = self.mapping.extent {
            let within = |lon: f64, lat: f64| (west..=east).contains(&lon) && (south..=north).contains(&lat);
            if !within(lon, lat) {
                let hint = if within(lat, lon) { "; looks like lat,lon: swap the axes" } else { "" };
                let reason = format!("position {lon}, {lat} is outside the mapping's extent{hint}");
                return Err(row.reject(self.layout.needed(Column::Lon), reason));
            }
        }
        Ok(converted)
    }

    fn time(&self, row: &Row, column: Column) -> Judgement<Option<i64>> {
        self.parsed(row, column, |text| {
            let at = self.mapping.zone.read(text)?;
            if at > self.now + CLOCK_AHEAD_S {
                return Err("in the future by more than 10 minutes".into());
            }
            Ok(at)
        })
    }

    fn text(&self, row: &Row) -> Judgement<Option<String>> {
        self.parsed(row, Column::Text, |text| {
            let chars = text.chars().count();
            if chars > LONGEST_TEXT_CHARS {
                return Err(format!("{chars} characters, at most 4,000 are kept"));
            }
            Ok(text.to_owned())
        })
        // A long text is shown by its beginning: a reject is a line, not a letter.
        .map_err(|mut reject| {
            reject.value = reject.value.chars().take(60).chain(['…']).collect();
            reject
        })
    }

    fn flag(&self, row: &Row, column: Column) -> Judgement<bool> {
        let flag = self.parsed(row, column, |text| match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" => Ok(true),
            "0" | "false" | "no" => Ok(false),
            _ => Err("neither true nor false".into()),
        })?;
        Ok(flag.unwrap_or(false))
    }

    /// Whether a row says that there was no water: it cannot have been deep then.
    fn dry(&self, row: &Row, depth_cm: Option<u16>) -> Judgement<bool> {
        let dry = self.flag(row, Column::Dry)?;
        match depth_cm.filter(|depth_cm| dry && *depth_cm > 0) {
            None => Ok(dry),
            Some(depth_cm) => {
                let reason = format!("says that there was no water, but depth_cm is {depth_cm}");
                Err(row.reject(self.layout.needed(Column::Dry), reason))
            }
        }
    }

    fn steps(&self, row: &Row, times: &Times) -> Judgement<Vec<(Action, i64)>> {
        let outcome =
            self.parsed(row, Column::Outcome, |text| meaning(&self.mapping.outcomes, text, |v| Ok(v.to_owned())))?;
        let mut steps = Vec::new();
        for step in &self.mapping.steps {
            let at = match step.at {
                Column::AcknowledgedAt => times.acknowledged,
                Column::ClosedAt => times.closed,
                Column::ReceivedAt => times.received,
                _ => times.observed,
            };
            let Some(at) = at else { continue };
            let among = |list: &[String]| outcome.as_ref().is_some_and(|o| list.contains(o));
            let wanted = step.outcomes.is_empty() || among(&step.outcomes);
            if wanted && !among(&step.not_outcomes) && (!step.after_observed || Some(at) > times.observed) {
                steps.push((step.action, at));
            }
        }
        Ok(steps)
    }

    fn names(&self, row: &Row) -> Vec<String> {
        let Layout { street, cross, corner, .. } = &self.layout;
        let field = |&i: &usize| row.field(i);
        let mut streets = self.streets.borrow_mut();
        let names = streets.names(street.as_ref().map_or("", field), cross.iter().map(field));
        if !names.is_empty() {
            return names;
        }
        if let [along, across @ ..] = &corner[..] {
            let names = streets.names(field(along), across.iter().map(field));
            if !names.is_empty() {
                return names;
            }
        }
        if let Some(name) = self.layout.address.and_then(|i| streets.of_address(row.field(i))) {
            return vec![name];
        }
        self.filled(row, Column::Place).and_then(|(_, place)| street::public_name(place)).into_iter().collect()
    }
}

fn meaning<T: Clone>(values: &Values<T>, value: &str, same: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
    match (values.get(value), &values.other) {
        (Some(known), _) => Ok(known.clone()),
        (None, Other::Is(other)) => Ok(other.clone()),
        (None, Other::Same) => same(value),
        (None, Other::Reject) => {
            let known: Vec<_> = values.known.keys().map(String::as_str).collect();
            Err(format!("unknown; the mapping knows {}", known.join(", ")))
        }
    }
}

fn reason_of(error: Error) -> String {
    match error {
        Error::Invalid { reason, .. } => reason,
        other => other.to_string(),
    }
}

fn whole(text: &str, most: f64, what: &str) -> Result<u16, String> {
    match text.parse::<f64>() {
        Ok(v) if (0.0..=most).contains(&v) => Ok(v.round() as u16),
        _ => Err(format!("not {what} in [0, {most}]")),
    }
}

fn passability(text: &str) -> Result<Passability, String> {
    match text {
        "clear" => Ok(Passability::Clear),
        "slow" => Ok(Passability::Slow),
        "impassable_small" => Ok(Passability::ImpassableSmall),
        "impassable" => Ok(Passability::Impassable),
        _ => Err("unknown; known are clear, slow, impassable_small, impassable".into()),
    }
}
