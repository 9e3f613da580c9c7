//! Units: a TOML file with one `[[unit]]` for each, as a clerk writes it.

use std::ops::Range;

use jiff::civil::Time;
use serde::Deserialize;
use toml::Spanned;

use super::areas::few;
use super::json::short_name;
use super::{Draft, Loaded, Private, Remark};
use crate::error::{Error, Result, invalid, place};
use crate::hazard::area::Areas;
use crate::hazard::category::Category;
use crate::hazard::event::{Event, Unit};
use crate::hazard::unit::{self, Days, Duty};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    unit: Vec<Spanned<Written>>,
}

/// A unit as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: Spanned<String>,
    name: Option<String>,
    #[serde(default)]
    areas: Vec<String>,
    #[serde(default)]
    categories: Vec<Spanned<String>>,
    #[serde(default)]
    days: Days,
    #[serde(default)]
    hours: Vec<[Spanned<String>; 2]>,
    deputy: Option<String>,
    parent: Option<String>,
}

/// Reads a set of units, which is to stand in the place of those that are `known`; whole or not at all. Areas that nobody
/// knows are told, and so are those that nobody is responsible for.
///
/// # Errors
/// `At` the first thing that is wrong.
pub fn read(file: &str, text: &str, known: &[Unit], areas: &Areas) -> Result<Loaded> {
    let at = |span: Range<usize>, error: Error| error.at_byte(file, text, span.start);
    let written: File = toml::from_str(text).map_err(|e| {
        let first = e.message().lines().next().unwrap_or_default().to_owned();
        at(e.span().unwrap_or_default(), invalid("units", "", first))
    })?;
    let (mut units, mut spans) = (Vec::new(), Vec::new());
    for written in written.unit {
        spans.push(written.span());
        units.push(unit(written.into_inner()).map_err(|(span, error)| at(span, error))?);
    }
    unit::admit(&units).map_err(|error| {
        let blamed = blamed(&error, &units);
        at(blamed.map_or(0..0, |n| spans[n].clone()), error)
    })?;
    let remarks = units.iter().zip(&spans).filter_map(|(unit, span)| unknown(unit, areas).map(|text| (span, text)));
    let remarks = remarks.map(|(span, what)| Remark { place: Some(place(text, span.start)), text: what });
    let remarks: Vec<_> = remarks.chain(unserved(&units, areas)).collect();
    let same = units.iter().filter(|unit| known.iter().any(|before| before == *unit)).count();
    let (rows, same) = (units.len() as u64, same as u64);
    let changed = same < rows || units.len() != known.len();
    let draft = Draft { event: Event::Units(units), key: None, private: Private::default() };
    let drafts = if changed { vec![draft] } else { Vec::new() };
    Ok(Loaded { drafts, rows, new: rows - same, known: same, rejects: Vec::new(), remarks })
}

type Misplaced = (Range<usize>, Error);

fn unit(written: Written) -> Result<Unit, Misplaced> {
    let id = written.id.get_ref();
    short_name("id", id, "drainage or grid_7").map_err(|error| (written.id.span(), error))?;
    let category = |name: &Spanned<String>| Category::named(name.get_ref()).map_err(|error| (name.span(), error));
    let minute = |time: &Spanned<String>| minute(time.get_ref()).map_err(|error| (time.span(), error));
    let hours = written.hours.iter().map(|[from, to]| Ok::<_, Misplaced>([minute(from)?, minute(to)?]));
    Ok(Unit {
        id: id.clone(),
        name: written.name,
        areas: written.areas,
        categories: written.categories.iter().map(category).collect::<Result<_, _>>()?,
        duty: Duty { days: written.days, hours: hours.collect::<Result<_, _>>()? },
        deputy: written.deputy,
        parent: written.parent,
    })
}

/// Minutes of the day; 24:00 is its end.
fn minute(text: &str) -> Result<u16> {
    if text == "24:00" {
        return Ok(24 * 60);
    }
    let time: Time = text.parse().map_err(|_| invalid("hours", text, "not a time of the day like 08:30"))?;
    Ok(time.hour() as u16 * 60 + time.minute() as u16)
}

/// The unit that an error of the set names.
fn blamed(error: &Error, units: &[Unit]) -> Option<usize> {
    let Error::Invalid { field, value, .. } = error else { return None };
    let named = |text: &Option<String>| text.as_ref() == Some(value);
    match field.as_str() {
        "deputy" => units.iter().position(|unit| named(&unit.deputy)),
        "parent" => units.iter().position(|unit| named(&unit.parent) || unit.id == *value),
        "name" => units.iter().position(|unit| named(&unit.name)),
        // Of two with one id the second.
        _ => units.iter().rposition(|unit| unit.id == *value),
    }
}

/// Areas of a unit that there are not.
fn unknown(unit: &Unit, areas: &Areas) -> Option<String> {
    let gone: Vec<&str> = unit.areas.iter().map(String::as_str).filter(|id| areas.find(id).is_none()).collect();
    (!gone.is_empty()).then(|| format!("{} is responsible for areas that nobody knows: {}", unit.id, few(&gone)))
}

/// Categories for which nobody is responsible somewhere.
fn unserved(units: &[Unit], areas: &Areas) -> Option<Remark> {
    let takes = |unit: &Unit, category| unit.categories.is_empty() || unit.categories.contains(&category);
    let serves = |category, area: usize| {
        let mut path = areas.path(area).map(|above| &areas.all()[above].id);
        path.any(|id| units.iter().any(|unit| takes(unit, category) && unit.areas.contains(id)))
    };
    let city_wide = |category| units.iter().any(|unit| takes(unit, category) && unit.areas.is_empty());
    let categories = Category::all().filter(|category| !category.is_alone() && !city_wide(*category));
    let lacking = categories.filter(|&category| (0..areas.all().len()).any(|area| !serves(category, area)));
    let lacking: Vec<&str> = lacking.map(Category::name).collect();
    let text = || format!("somewhere nobody is responsible for {}", lacking.join(", "));
    (!lacking.is_empty() && !units.is_empty()).then(|| Remark { place: None, text: text() })
}
