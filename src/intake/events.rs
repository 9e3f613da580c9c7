//! The referee's input: events, places and rain as plain CSV, in log order. All of it is taken, or nothing.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::Path;

use hashbrown::{HashMap, HashSet};

use super::mapping::Datum;
use super::record::Row;
use super::reject::Reject;
use super::table::Table;
use super::{places, rain};
use crate::error::Result;
use crate::hazard::category::Category;
use crate::hazard::event::{Act, Action, Event, Gauge, GaugeRain, Merge, Note, Place, RainInterval, Report};
use crate::hazard::place::Places;
use crate::hazard::position::Position;
use crate::hazard::time::parse_seconds;

/// An event with the line it stands on.
pub type Line<T> = (u64, T);

/// Reads events: `event,id,at,category,lon,lat,ref,person,photo`; no `event` is a report, other columns are ignored.
///
/// # Errors
/// `At` the first row that cannot be read.
pub fn read_events(path: &Path) -> Result<Vec<Line<Event>>> {
    let table = Table::open(path)?;
    table.need("at")?;
    let mut people = HashMap::new();
    read(table, |row| event(row, &mut people))
}

/// Reads places: `id,lon,lat` and perhaps `name` and further names.
///
/// # Errors
/// `At` the first row that cannot be read or repeats an id.
pub fn read_places(path: &Path) -> Result<Vec<Place>> {
    let table = Table::open(path)?;
    let columns = [table.need("id")?, table.need("lon")?, table.need("lat")?];
    let names =
        places::NameColumns { name: table.index_of("name"), aliases: places::further(|name| table.index_of(name)) };
    let mut ids = HashSet::new();
    let rows = read(table, |row| {
        let place = places::from_row(row, columns, &names, Datum::Wgs84)?;
        Places::admit(&place).map_err(|e| row.reject(columns[0], e.to_string()))?;
        if !ids.insert(place.id.clone()) {
            return Err(row.reject(columns[0], "there is a place with this id already"));
        }
        Ok(place)
    })?;
    Ok(rows.into_iter().map(|(_, place)| place).collect())
}

/// Reads rain: `start,seconds,mm`, and perhaps `gauge,lon,lat`; an empty `mm` was not measured. Rows that start after the
/// year 9999 are left out with a warning: they would never come into force. Gives the events that bring it.
///
/// # Errors
/// `At` the first row that cannot be read, or that says otherwise than one before where its gauge stands.
pub fn read_rain(path: &Path) -> Result<Vec<Event>> {
    let table = Table::open(path)?;
    let columns = rain::Columns::of(&table, &rain::Options::default())?;
    let (mut city, mut gauges) = (Vec::new(), BTreeMap::<String, (Gauge, Vec<RainInterval>)>::new());
    read(table, |row| {
        if columns.is_never(row) {
            tracing::warn!("{}:{}: rain that starts after the year 9999 is left out", path.display(), row.line);
            return Ok(());
        }
        let interval = columns.interval(row)?;
        let Some((id, position, name)) = columns.site.gauge(row)? else {
            city.push(interval);
            return Ok(());
        };
        let position = position.or_else(|| gauges.get(&id).map(|(gauge, _)| gauge.position));
        let position = position.ok_or_else(|| columns.site.reject(row, "a gauge without a position"))?;
        let (gauge, intervals) = gauges.entry(id.clone()).or_insert_with(|| (Gauge { id, position, name }, Vec::new()));
        if gauge.position != position {
            return Err(columns.site.reject(row, "its gauge stood elsewhere in an earlier row"));
        }
        intervals.push(interval);
        Ok(())
    })?;
    let (gauges, series): (Vec<Gauge>, Vec<GaugeRain>) = gauges
        .into_values()
        .map(|(gauge, intervals)| (gauge.clone(), GaugeRain { gauge: gauge.id, intervals }))
        .unzip();
    let mut events = vec![Event::Rain(city)];
    if !gauges.is_empty() {
        events.push(Event::Gauges(gauges));
    }
    events.extend(series.into_iter().map(Event::GaugeRain));
    Ok(events)
}

fn read<T>(mut table: Table, mut each: impl FnMut(&Row) -> Result<T, Reject>) -> Result<Vec<Line<T>>> {
    let mut out = Vec::new();
    while let Some(row) = table.next_row()? {
        let item = row.and_then(|row| Ok((row.line, each(&row)?)));
        out.push(item.map_err(|reject| reject.into_error(table.file()))?);
    }
    Ok(out)
}

fn event(row: &Row, people: &mut HashMap<String, NonZeroU64>) -> Result<Event, Reject> {
    let (kind, at) = (field(row, "event"), time(row, "at")?);
    let text = |name| field(row, name).to_owned();
    Ok(match kind {
        "" | "report" | "dry" => {
            let category = field(row, "category").parse::<Category>();
            let person = person(field(row, "person"), people);
            let category = category.map_err(|e| reject(row, "category", &e.to_string()))?;
            let (dry, photo) = (kind == "dry", field(row, "photo") == "1");
            Event::Report(Report { dry, photo, person, ..Report::new(text("id"), category, position(row)?, at) })
        }
        "merge" => Event::Merge(Merge { at, report: text("ref"), other: text("id") }),
        _ => match action(kind) {
            Some(action) => Event::Act(Act { action, at, report: text("ref") }),
            None => {
                let report = Some(text("ref")).filter(|id| !id.is_empty());
                Event::Note(Note { step: kind.to_owned(), at, report })
            }
        },
    })
}

fn action(name: &str) -> Option<Action> {
    Some(match name {
        "acknowledge" => Action::Acknowledge,
        "resolve" => Action::Resolve,
        "dismiss" => Action::Dismiss,
        "reopen" => Action::Reopen,
        "found" => Action::Found,
        "not_found" => Action::NotFound,
        "retract" => Action::Retract,
        "split" => Action::Split,
        _ => return None,
    })
}

/// People stand in the file under any name; on the map they are numbers.
fn person(name: &str, people: &mut HashMap<String, NonZeroU64>) -> Option<NonZeroU64> {
    if name.is_empty() {
        return None;
    }
    let next = NonZeroU64::MIN.saturating_add(people.len() as u64);
    Some(*people.entry(name.to_owned()).or_insert(next))
}

fn position(row: &Row) -> Result<Position, Reject> {
    let degrees =
        |name| field(row, name).trim().parse::<f64>().map_err(|_| reject(row, name, "not a number of degrees"));
    let (lon, lat) = (degrees("lon")?, degrees("lat")?);
    Position::new(lon, lat).map_err(|e| match e {
        crate::error::Error::Invalid { field, reason, .. } => reject(row, &field, &reason),
        other => reject(row, "lon", &other.to_string()),
    })
}

fn time(row: &Row, name: &str) -> Result<i64, Reject> {
    parse_seconds(field(row, name)).map_err(|reason| reject(row, name, &reason))
}

fn field<'r>(row: &'r Row, name: &str) -> &'r str {
    row.get(name).unwrap_or("")
}

fn reject(row: &Row, name: &str, reason: &str) -> Reject {
    Reject {
        line: row.line,
        column: row.column_of(name),
        field: name.to_owned(),
        value: field(row, name).to_owned(),
        reason: reason.to_owned(),
    }
}
