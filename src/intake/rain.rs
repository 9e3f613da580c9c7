//! Rainfall series: a table of `start,seconds,mm`, of one gauge, of several, or of the whole city.

use std::collections::{BTreeMap, BTreeSet};

use super::record::Row;
use super::reject::Reject;
use super::site_of::{SiteColumns, SiteOf};
use super::table::Table;
use super::{Draft, Loaded, Private, Remark};
use crate::error::{Error, Result, invalid};
use crate::hazard::event::{Event, Gauge, GaugeRain, RainInterval};
use crate::hazard::gauge::{CITY, Gauges};
use crate::hazard::position::{Position, half_up};
use crate::hazard::quality::{Quality, is_possible};
use crate::hazard::time;

/// Intervals in one event.
const CHUNK: usize = 1_000;
/// An interval longer than a year is a slip of the unit.
const LONGEST_S: i64 = 366 * 86_400;
/// Ten metres: more than any place gets in a year.
const DEEPEST_MM: f64 = 10_000.0;
/// Columns of depth, and what their names say of the unit.
const DEPTHS: [(&str, Option<Unit>); 13] = [
    ("mm", Some(Unit::Mm)),
    ("rain_mm", Some(Unit::Mm)),
    ("precip_mm", Some(Unit::Mm)),
    ("depth_mm", Some(Unit::Mm)),
    ("in", Some(Unit::In)),
    ("rain_in", Some(Unit::In)),
    ("precip_in", Some(Unit::In)),
    ("depth_in", Some(Unit::In)),
    ("rain", None),
    ("precip", None),
    ("precipitation", None),
    ("depth", None),
    ("value", None),
];

/// What depths are given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Unit {
    /// Millimetres.
    Mm,
    /// Tenths of a millimetre.
    TenthMm,
    /// Inches.
    In,
}

impl Unit {
    fn mm(self) -> f64 {
        match self {
            Unit::Mm => 1.0,
            Unit::TenthMm => 0.1,
            Unit::In => 25.4,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Unit::Mm => "mm",
            Unit::TenthMm => "tenths of a mm",
            Unit::In => "inches",
        }
    }
}

/// What a table does not say itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The gauge of all its rows, and where it stands.
    pub site: SiteOf,
    /// Whatever the name of the column says.
    pub unit: Option<Unit>,
}

/// Reads rain intervals: `start` in unix seconds or RFC 3339 with offset, depth empty where not measured.
///
/// What is `known` already is left out; what is new comes gauge by gauge in order of time, in chunks that are cut the
/// same way when an interrupted load is run again. An interval that overlaps another of its gauge, of the file or known,
/// is rejected, and so is one with more rain than was ever measured anywhere.
///
/// # Errors
/// `At` the table when it lacks a column or cannot be read; `Invalid` for options that contradict it.
pub fn read(mut table: Table, known: &Gauges, options: &Options) -> Result<Loaded> {
    let columns = Columns::of(&table, options)?;
    let mut loaded = Loaded::default();
    let mut reading = Reading { columns, known, series: BTreeMap::new(), zones: BTreeSet::new() };
    while let Some(next) = table.next_row()? {
        loaded.rows += 1;
        match next.and_then(|row| reading.take(&row)) {
            Ok(true) => loaded.new += 1,
            Ok(false) => loaded.known += 1,
            Err(reject) => loaded.rejects.push(reject),
        }
    }
    reading.finish(&mut loaded);
    Ok(loaded)
}

/// A table that is being read.
struct Reading<'k> {
    columns: Columns,
    known: &'k Gauges,
    /// By gauge; rain without one under [`CITY`].
    series: BTreeMap<String, Fresh>,
    /// How times were written.
    zones: BTreeSet<String>,
}

/// What a table brings of one gauge.
#[derive(Default)]
struct Fresh {
    gauge: Option<Gauge>,
    /// The file has said where it stands.
    stands: bool,
    /// By start, with the place in the file of those that stand there.
    there: BTreeMap<i64, (RainInterval, Option<(u64, u64)>)>,
    new: Vec<RainInterval>,
}

impl Reading<'_> {
    /// Takes a row; false where it says what is known.
    fn take(&mut self, row: &Row) -> Result<bool, Reject> {
        let columns = &self.columns;
        let interval = columns.interval(row)?;
        if !is_possible(&interval) {
            return Err(row.reject(columns.depth, "more rain than was ever measured in such a time: another unit?"));
        }
        let gauge = columns.site.gauge(row)?;
        let id = gauge.as_ref().map_or(CITY, |(id, ..)| id);
        let known = self.known.find(id).map(|n| &self.known.all()[n]);
        let fresh = self.series.entry(id.to_owned()).or_insert_with(|| Fresh {
            gauge: known.and_then(|series| series.gauge.clone()),
            stands: false,
            there: known.iter().flat_map(|series| series.rain.intervals()).map(|i| (i.start, (*i, None))).collect(),
            new: Vec::new(),
        });
        if let Some((id, position, name)) = gauge {
            fresh.stand(columns, row, &id, position, name)?;
        }
        if fresh.there.get(&interval.start).is_some_and(|(other, _)| *other == interval) {
            return Ok(false);
        }
        if let Some((other, place)) = overlapped(&fresh.there, &interval) {
            return Err(row.reject(columns.start, overlap(&other, place)));
        }
        fresh.there.insert(interval.start, (interval, Some(row.place(columns.depth))));
        fresh.new.push(interval);
        // Few ways of writing are enough to be told.
        if self.zones.len() < 4 {
            self.zones.insert(zone(row.field(columns.start)));
        }
        Ok(true)
    }

    fn finish(self, loaded: &mut Loaded) {
        let draft = |event| Draft { event, key: None, private: Private::default() };
        let changed = |gauge: &&Gauge| {
            let known = self.known.find(&gauge.id).and_then(|n| self.known.all()[n].gauge.as_ref());
            known != Some(*gauge)
        };
        let gauges: Vec<Gauge> =
            self.series.values().filter_map(|s| s.gauge.as_ref()).filter(changed).cloned().collect();
        loaded.drafts = gauges.chunks(CHUNK).map(|gauges| draft(Event::Gauges(gauges.to_vec()))).collect();
        for (id, fresh) in self.series {
            let Fresh { gauge, there, mut new, .. } = fresh;
            new.sort_by_key(|i| i.start);
            loaded.drafts.extend(new.chunks(CHUNK).map(|chunk| {
                let intervals = chunk.to_vec();
                draft(match &gauge {
                    Some(gauge) => Event::GaugeRain(GaugeRain { gauge: gauge.id.clone(), intervals }),
                    None => Event::Rain(intervals),
                })
            }));
            if new.is_empty() {
                continue;
            }
            let all: Vec<RainInterval> = there.values().map(|(interval, _)| *interval).collect();
            let of = if id == CITY { String::new() } else { format!("gauge {id}: ") };
            loaded.remarks.extend(Quality::of(&all).doubts.into_iter().map(|doubt| {
                let place = doubt.start.and_then(|start| there.get(&start)).and_then(|(_, place)| *place);
                Remark { place, text: format!("{of}{} ({})", doubt.text, doubt.code) }
            }));
        }
        let zones: Vec<_> = self.zones.into_iter().collect();
        if !zones.is_empty() {
            let unit = self.columns.unit.name();
            let text = format!("depths were read as {unit}, times as {}", zones.join(", "));
            loaded.remarks.push(Remark { place: None, text });
        }
    }
}

impl Fresh {
    /// Where the gauge of a row stands: said once at least, and never two ways.
    fn stand(
        &mut self,
        columns: &Columns,
        row: &Row,
        id: &str,
        position: Option<Position>,
        name: Option<String>,
    ) -> Result<(), Reject> {
        let stands = self.stands;
        self.stands |= position.is_some();
        match (&mut self.gauge, position) {
            (Some(gauge), Some(position)) if stands && gauge.position != position => {
                Err(columns.site.reject(row, "its gauge stood elsewhere in an earlier row"))
            }
            (Some(gauge), position) => {
                gauge.position = position.unwrap_or(gauge.position);
                gauge.name = name.or_else(|| gauge.name.take());
                Ok(())
            }
            (None, Some(position)) => {
                let gauge = Gauge { id: id.to_owned(), position, name };
                Gauges::admit(&gauge).map_err(|e| columns.site.reject(row, reason(e)))?;
                self.gauge = Some(gauge);
                Ok(())
            }
            (None, None) => Err(columns.site.reject(row, "a new gauge without a position: give lon and lat, or --at")),
        }
    }
}

fn reason(error: Error) -> String {
    match error {
        Error::Invalid { reason, .. } => reason,
        other => other.to_string(),
    }
}

/// Where a table of rain has what.
pub(super) struct Columns {
    start: usize,
    seconds: usize,
    depth: usize,
    unit: Unit,
    pub(super) site: SiteColumns,
}

impl Columns {
    pub(super) fn of(table: &Table, options: &Options) -> Result<Columns> {
        let found = DEPTHS.iter().find_map(|(name, unit)| Some((table.index_of(name)?, *unit)));
        // A table with none of them says so by the first.
        let (depth, said) = found.map_or_else(|| Ok((table.need("mm")?, None)), Ok)?;
        let unit = options.unit.or(said).ok_or_else(|| {
            let name = &table.headers()[depth];
            table
                .at_header(depth, invalid("column", name, "does not say its unit: give --rain-unit mm, tenth-mm or in"))
        })?;
        let site = SiteColumns::of(table, &options.site, &["gauge_id", "gauge", "station_id", "station"])?;
        Ok(Columns { start: table.need("start")?, seconds: table.need("seconds")?, depth, unit, site })
    }

    /// Starts after the last time that can be kept: such rain never comes into force.
    pub(super) fn is_never(&self, row: &Row) -> bool {
        row.field(self.start).trim().parse().is_ok_and(|start: i64| start > time::LATEST_S)
    }

    pub(super) fn interval(&self, row: &Row) -> Result<RainInterval, Reject> {
        let start = time::parse_seconds(row.field(self.start)).map_err(|reason| row.reject(self.start, reason))?;
        let seconds = match row.field(self.seconds).trim().parse::<i64>() {
            Ok(seconds) if (1..=LONGEST_S).contains(&seconds) => seconds,
            _ => return Err(row.reject(self.seconds, format!("not whole seconds in [1, {LONGEST_S}]"))),
        };
        let depth_um = match row.field(self.depth).trim() {
            "" => None,
            text => match text.parse::<f64>().map(|depth| depth * self.unit.mm()) {
                Ok(mm) if (0.0..=DEEPEST_MM).contains(&mm) => Some(half_up(mm * 1_000.0) as i64),
                _ if self.unit == Unit::Mm => {
                    return Err(row.reject(self.depth, format!("not millimetres in [0, {DEEPEST_MM}]")));
                }
                _ => {
                    let reason = format!("not {} that are millimetres in [0, {DEEPEST_MM}]", self.unit.name());
                    return Err(row.reject(self.depth, reason));
                }
            },
        };
        Ok(RainInterval { start, seconds, depth_um })
    }
}

/// How a time that could be read was written.
fn zone(text: &str) -> String {
    let text = text.trim();
    let offset = text.rfind(['+', '-']).filter(|at| *at > 10).map(|at| &text[at..]);
    match offset {
        _ if text.parse::<i64>().is_ok() => "unix seconds".to_owned(),
        Some(offset) => format!("RFC 3339 with offset {offset}"),
        None => "RFC 3339 in UTC".to_owned(),
    }
}

/// An interval, and its place in the file if it stands there.
type There = (RainInterval, Option<(u64, u64)>);

/// The interval that shares time with this one. Those there do not overlap, so only its neighbours can.
fn overlapped(there: &BTreeMap<i64, There>, new: &RainInterval) -> Option<There> {
    let before = there.range(..=new.start).next_back().filter(|(_, (other, _))| other.end() > new.start);
    let after = there.range(new.start..).next().filter(|(start, _)| **start < new.end());
    before.or(after).map(|(_, found)| *found)
}

fn overlap(other: &RainInterval, place: Option<(u64, u64)>) -> String {
    let place = place.map_or_else(|| "loaded already".to_owned(), |(line, _)| format!("of line {line}"));
    format!("overlaps the {} s from {} {place}", other.seconds, time::format(other.start))
}

#[cfg(test)]
mod tests;
