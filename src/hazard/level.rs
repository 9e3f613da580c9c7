//! Water levels of rivers and of the tide: shown beside the rain; no definition depends on them.

use hashbrown::{HashMap, HashSet};

use super::event::{Levels, Reading, Station};
use crate::error::{Result, invalid};

const LONGEST_ID_CHARS: usize = 100;

/// Every station with its readings.
#[derive(Debug, Default)]
pub struct WaterLevels {
    all: Vec<StationRow>,
    by_id: HashMap<String, usize>,
}

/// A station, and its readings in order of time, no two of one time.
#[derive(Debug)]
pub struct StationRow {
    pub station: Station,
    pub readings: Vec<Reading>,
}

impl StationRow {
    /// The readings up to a time, the only ones in force then.
    pub fn up_to(&self, as_of: i64) -> &[Reading] {
        &self.readings[..self.readings.partition_point(|reading| reading.at <= as_of)]
    }
}

impl WaterLevels {
    /// In the order they were first loaded.
    pub fn all(&self) -> &[StationRow] {
        &self.all
    }

    pub fn find(&self, id: &str) -> Option<&StationRow> {
        self.by_id.get(id).map(|&row| &self.all[row])
    }

    /// Is this an id that a station may have?
    ///
    /// # Errors
    /// `Invalid` for one that is empty, too long or not printable.
    pub fn admit(station: &Station) -> Result<()> {
        let id = &station.id;
        let reason = match id {
            id if id.is_empty() => "a station needs an id".to_owned(),
            id if id.chars().any(char::is_control) => "has characters that are not printable".to_owned(),
            id if id.chars().count() > LONGEST_ID_CHARS => format!("longer than {LONGEST_ID_CHARS} characters"),
            _ => return Ok(()),
        };
        Err(invalid("station", id, reason))
    }

    /// Would further readings fit in, beside those known and those admitted before?
    ///
    /// # Errors
    /// `Invalid` for a second reading of one time.
    pub fn fit(known: &[Reading], before: &[Reading], more: &[Reading]) -> Result<()> {
        let mut times: HashSet<i64> = before.iter().map(|reading| reading.at).collect();
        let twice = more.iter().find(|reading| {
            known.binary_search_by_key(&reading.at, |known| known.at).is_ok() || !times.insert(reading.at)
        });
        twice.map_or(Ok(()), |reading| Err(invalid("at", super::time::format(reading.at), "two levels of one time")))
    }

    /// Adds a station, or gives a known one its new position, name and datum.
    pub fn place(&mut self, station: &Station) {
        if let Some(&row) = self.by_id.get(&station.id) {
            self.all[row].station = station.clone();
            return;
        }
        self.by_id.insert(station.id.clone(), self.all.len());
        self.all.push(StationRow { station: station.clone(), readings: Vec::new() });
    }

    /// Adds readings that fit.
    pub fn load(&mut self, more: &Levels) {
        let row = *self.by_id.get(&more.station).expect("an admitted event refers to a known station");
        let readings = &mut self.all[row].readings;
        let first = more.readings.iter().map(|reading| reading.at).min().unwrap_or(i64::MAX);
        let from = readings.partition_point(|reading| reading.at < first);
        readings.extend_from_slice(&more.readings);
        readings[from..].sort_unstable_by_key(|reading| reading.at);
    }
}

#[cfg(test)]
mod tests {
    use super::super::position::Position;
    use super::*;

    #[test]
    fn readings_come_in_order_of_time_whatever_order_they_are_loaded_in_and_no_time_has_two() {
        let mut levels = WaterLevels::default();
        let position = Position::new(110.3, 20.0).unwrap();
        levels.place(&Station { id: "pier".into(), position, name: None, datum: None });
        let reading = |at| Reading { at, level_mm: at * 10 };
        let load = |readings: &[i64]| Levels {
            station: "pier".into(),
            readings: readings.iter().map(|&at| reading(at)).collect(),
        };
        levels.load(&load(&[5, 9]));
        levels.load(&load(&[7, 1]));
        let known = &levels.find("pier").unwrap().readings;
        assert_eq!(*known, [1, 5, 7, 9].map(reading));
        assert_eq!(levels.find("pier").unwrap().up_to(7).len(), 3);
        assert!(WaterLevels::fit(known, &[], &[reading(7)]).is_err());
        assert!(WaterLevels::fit(known, &[reading(2)], &[reading(2)]).is_err());
        assert!(WaterLevels::fit(known, &[], &[reading(3), reading(3)]).is_err());
        assert!(WaterLevels::fit(known, &[reading(2)], &[reading(3)]).is_ok());
    }
}
