//! Rainfall series: a table of `start,seconds,mm`.

use std::collections::BTreeMap;

use super::record::Row;
use super::reject::Reject;
use super::table::Table;
use super::{Draft, Loaded, Private};
use crate::error::Result;
use crate::hazard::event::{Event, RainInterval};
use crate::hazard::position::half_up;
use crate::hazard::time;

/// Intervals in one event.
const CHUNK: usize = 1_000;
/// An interval longer than a year is a slip of the unit.
const LONGEST_S: i64 = 366 * 86_400;
/// Ten metres: more than any place gets in a year.
const DEEPEST_MM: f64 = 10_000.0;

/// Reads rain intervals: `start` in unix seconds or RFC 3339 with offset, `mm` empty where not measured.
///
/// What is `known` already is left out; what is new comes in order of time, in chunks that are cut the same way when
/// an interrupted load is run again. An interval that overlaps another, of the file or known, is rejected.
///
/// # Errors
/// `At` the table when it lacks a column or cannot be read.
pub fn read(mut table: Table, known: &[RainInterval]) -> Result<Loaded> {
    let columns = Columns::of(&table)?;
    let mut there: BTreeMap<i64, (RainInterval, Option<u64>)> = known.iter().map(|i| (i.start, (*i, None))).collect();
    let mut loaded = Loaded::default();
    let mut fresh = Vec::new();
    while let Some(next) = table.next_row()? {
        loaded.rows += 1;
        let judged = next.and_then(|row| {
            let interval = columns.interval(&row)?;
            if there.get(&interval.start).is_some_and(|(other, _)| *other == interval) {
                return Ok(None);
            }
            if let Some((other, line)) = overlapped(&there, &interval) {
                return Err(row.reject(columns.start, overlap(&other, line)));
            }
            there.insert(interval.start, (interval, Some(row.line)));
            Ok(Some(interval))
        });
        match judged {
            Ok(Some(interval)) => fresh.push(interval),
            Ok(None) => loaded.known += 1,
            Err(reject) => loaded.rejects.push(reject),
        }
    }
    loaded.new = fresh.len() as u64;
    fresh.sort_by_key(|i| i.start);
    loaded.drafts = fresh
        .chunks(CHUNK)
        .map(|c| Draft { event: Event::Rain(c.to_vec()), key: None, private: Private::default() })
        .collect();
    Ok(loaded)
}

/// Where a table of rain has what.
pub(super) struct Columns {
    start: usize,
    seconds: usize,
    mm: usize,
}

impl Columns {
    pub(super) fn of(table: &Table) -> Result<Columns> {
        Ok(Columns { start: table.need("start")?, seconds: table.need("seconds")?, mm: table.need("mm")? })
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
        let depth_um = match row.field(self.mm).trim() {
            "" => None,
            text => match text.parse::<f64>() {
                Ok(mm) if (0.0..=DEEPEST_MM).contains(&mm) => Some(half_up(mm * 1_000.0) as i64),
                _ => return Err(row.reject(self.mm, format!("not millimetres in [0, {DEEPEST_MM}]"))),
            },
        };
        Ok(RainInterval { start, seconds, depth_um })
    }
}

/// The interval that shares time with this one. Those there do not overlap, so only its neighbours can.
fn overlapped(
    there: &BTreeMap<i64, (RainInterval, Option<u64>)>,
    new: &RainInterval,
) -> Option<(RainInterval, Option<u64>)> {
    let before = there.range(..=new.start).next_back().filter(|(_, (other, _))| other.end() > new.start);
    let after = there.range(new.start..).next().filter(|(start, _)| **start < new.end());
    before.or(after).map(|(_, found)| *found)
}

fn overlap(other: &RainInterval, line: Option<u64>) -> String {
    let place = line.map_or_else(|| "loaded already".to_owned(), |line| format!("of line {line}"));
    format!("overlaps the {} s from {} {place}", other.seconds, time::format(other.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, known: &[RainInterval]) -> Loaded {
        read(Table::from_reader("rain.csv", std::io::Cursor::new(text.to_owned())).unwrap(), known).unwrap()
    }

    fn intervals(loaded: &Loaded) -> Vec<RainInterval> {
        let of = |d: &Draft| match &d.event {
            Event::Rain(intervals) => intervals.clone(),
            other => panic!("{other:?}"),
        };
        loaded.drafts.iter().flat_map(of).collect()
    }

    #[test]
    fn intervals_come_in_order_of_time_and_bad_rows_say_why() {
        let text = "start,seconds,mm\n7200,3600,\n1970-01-01T01:00:00Z,3600,1.2345\n0,0,1\n0,60,-1\n0,60,NaN\n0,60,1e308\n\
                    1970-01-01T00:00:00,60,1\n7000,60,1\n7200,3600,\n7200,3600,1\n0,3600,0.0\n";
        let loaded = load(text, &[]);
        let interval = |start, depth_um| RainInterval { start, seconds: 3_600, depth_um };
        assert_eq!(intervals(&loaded), [interval(0, Some(0)), interval(3_600, Some(1_235)), interval(7_200, None)]);
        let rejects: Vec<_> = loaded.rejects.iter().map(|r| (r.line, r.column, r.field.as_str())).collect();
        assert_eq!(
            rejects,
            [
                (4, 3, "seconds"),
                (5, 6, "mm"),
                (6, 6, "mm"),
                (7, 6, "mm"),
                (8, 1, "start"),
                (9, 1, "start"),
                (11, 1, "start")
            ]
        );
        assert_eq!(loaded.rejects[5].reason, "overlaps the 3600 s from 1970-01-01T01:00:00Z of line 3");
        assert_eq!((loaded.rows, loaded.new, loaded.known), (11, 3, 1));
    }

    #[test]
    fn a_load_that_was_interrupted_goes_on_with_the_same_chunks() {
        let text: String = (0..2_500).rev().map(|i| format!("{},60,1\n", i * 60)).collect();
        let text = format!("start,seconds,mm\n{text}");
        let whole = load(&text, &[]);
        assert_eq!(whole.drafts.len(), 3);
        let first = RainInterval { start: 0, seconds: 60, depth_um: Some(1_000) };
        let known: Vec<_> = (0..1_000).map(|i| RainInterval { start: i * 60, ..first }).collect();
        assert_eq!(load(&text, &known).drafts, whole.drafts[1..]);
        assert!(load(&text, &intervals(&whole)).drafts.is_empty());
    }

    #[test]
    fn an_interval_loaded_with_another_depth_is_rejected() {
        let known = [RainInterval { start: 0, seconds: 60, depth_um: None }];
        let loaded = load("start,seconds,mm\n0,60,1\n60,60,1\n", &known);
        assert!(loaded.rejects[0].reason.ends_with("loaded already"), "{:?}", loaded.rejects);
        assert_eq!(loaded.new, 1);
    }
}
