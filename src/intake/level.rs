//! Water levels: a table of `at,level_m`, of one station or of several.

use std::collections::BTreeMap;

use super::record::Row;
use super::reject::Reject;
use super::site_of::{SiteColumns, SiteOf};
use super::table::Table;
use super::{Draft, Loaded, Private};
use crate::error::{Error, Result};
use crate::hazard::event::{Event, Levels, Reading, Station};
use crate::hazard::level::WaterLevels;
use crate::hazard::position::half_up;
use crate::hazard::time;

/// Readings in one event.
const CHUNK: usize = 1_000;
/// No water stands outside these, above any datum: the Dead Sea, and the highest lakes.
const LEVELS_M: std::ops::RangeInclusive<f64> = -500.0..=7_000.0;
/// Columns of the level, with their length in metres.
const COLUMNS: [(&str, f64); 5] =
    [("level_m", 1.0), ("m", 1.0), ("level_cm", 0.01), ("level_mm", 0.001), ("level_ft", 0.304_8)];

/// What a table does not say itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The station of all its rows, and where it stands.
    pub site: SiteOf,
    pub datum: Option<String>,
}

/// Reads levels: `at` in unix seconds or RFC 3339 with offset, `level_m` (or `level_cm`, `level_mm`, `level_ft`), and
/// perhaps `station`, `lon`, `lat`, `name`, `datum`; a row without a level says nothing and is passed over.
///
/// What is `known` already is left out; what is new comes station by station in order of time.
///
/// # Errors
/// `At` the table when it lacks a column or cannot be read; `Invalid` for options that contradict it.
pub fn read(mut table: Table, known: &WaterLevels, options: &Options) -> Result<Loaded> {
    let found = COLUMNS.iter().find_map(|(name, metres)| Some((table.index_of(name)?, *metres)));
    let (level, metres) = found.map_or_else(|| Ok((table.need("level_m")?, 1.0)), Ok)?;
    let at = table.index_of("time").map_or_else(|| table.need("at"), Ok)?;
    let site = SiteColumns::of(&table, &options.site, &["station_id", "station", "gauge_id", "gauge"])?;
    let columns = Columns { at, level, metres, datum: table.index_of("datum"), site };
    let mut loaded = Loaded::default();
    let mut stations = BTreeMap::new();
    while let Some(next) = table.next_row()? {
        loaded.rows += 1;
        match next.and_then(|row| take(&columns, &row, known, options, &mut stations)) {
            Ok(true) => loaded.new += 1,
            Ok(false) => loaded.known += 1,
            Err(reject) => loaded.rejects.push(reject),
        }
    }
    let draft = |event| Draft { event, key: None, private: Private::default() };
    let changed = |station: &&Station| known.find(&station.id).is_none_or(|row| row.station != **station);
    let fresh: Vec<Station> = stations.values().filter_map(|s| s.station.as_ref()).filter(changed).cloned().collect();
    loaded.drafts = fresh.chunks(CHUNK).map(|stations| draft(Event::Stations(stations.to_vec()))).collect();
    for (station, Fresh { new, .. }) in stations {
        let readings: Vec<Reading> = new.into_iter().map(|(at, level_mm)| Reading { at, level_mm }).collect();
        let levels = |chunk: &[Reading]| Levels { station: station.clone(), readings: chunk.to_vec() };
        loaded.drafts.extend(readings.chunks(CHUNK).map(|chunk| draft(Event::Levels(levels(chunk)))));
    }
    Ok(loaded)
}

struct Columns {
    at: usize,
    level: usize,
    metres: f64,
    datum: Option<usize>,
    site: SiteColumns,
}

/// What a table brings of one station: readings by time, in millimetres.
#[derive(Default)]
struct Fresh {
    station: Option<Station>,
    new: BTreeMap<i64, i64>,
}

/// Takes a row; false where it says nothing new.
fn take(
    columns: &Columns,
    row: &Row,
    known: &WaterLevels,
    options: &Options,
    stations: &mut BTreeMap<String, Fresh>,
) -> Result<bool, Reject> {
    let at = time::parse_seconds(row.field(columns.at)).map_err(|reason| row.reject(columns.at, reason))?;
    let level_mm = match row.field(columns.level).trim() {
        "" => return Ok(false),
        text => match text.parse::<f64>().map(|level| level * columns.metres) {
            Ok(m) if LEVELS_M.contains(&m) => half_up(m * 1_000.0) as i64,
            _ => {
                let reason = format!("not a level in [{}, {}] m", LEVELS_M.start(), LEVELS_M.end());
                return Err(row.reject(columns.level, reason));
            }
        },
    };
    let Some((id, position, name)) = columns.site.gauge(row)? else {
        return Err(row.reject(columns.level, "of which station? give a column station, or --station"));
    };
    let row_of = known.find(&id);
    let fresh = stations
        .entry(id.clone())
        .or_insert_with(|| Fresh { station: row_of.map(|known| known.station.clone()), new: BTreeMap::new() });
    let datum = columns.datum.map(|column| row.field(column).trim().to_owned()).filter(|datum| !datum.is_empty());
    let datum = datum.or_else(|| options.datum.clone());
    match (&mut fresh.station, position) {
        (Some(station), position) => {
            station.position = position.unwrap_or(station.position);
            station.name = name.or_else(|| station.name.take());
            station.datum = datum.or_else(|| station.datum.take());
        }
        (None, Some(position)) => {
            let station = Station { id, position, name, datum };
            WaterLevels::admit(&station).map_err(|e| match e {
                Error::Invalid { reason, .. } => columns.site.reject(row, reason),
                other => columns.site.reject(row, other.to_string()),
            })?;
            fresh.station = Some(station);
        }
        (None, None) => {
            return Err(columns.site.reject(row, "a new station without a position: give lon and lat, or --at"));
        }
    }
    let old = row_of.and_then(|known| {
        let n = known.readings.binary_search_by_key(&at, |reading| reading.at).ok()?;
        Some(known.readings[n].level_mm)
    });
    match old.or_else(|| fresh.new.get(&at).copied()) {
        Some(same) if same == level_mm => Ok(false),
        Some(_) => Err(row.reject(columns.at, "there is another level at this time already")),
        None => {
            fresh.new.insert(at, level_mm);
            Ok(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, known: &WaterLevels, options: &Options) -> Loaded {
        read(Table::from_reader("l.csv", std::io::Cursor::new(text.to_owned())).unwrap(), known, options).unwrap()
    }

    #[test]
    fn levels_come_by_station_in_order_of_time_and_a_second_load_brings_nothing() {
        let text = "station,lon,lat,name,datum,at,level_ft\npier,110.3,20.0,Pier,MLLW,600,10\npier,,,,,0,1\nweir,110.4,20.1,,,0,-1\n\
                    pier,,,,,600,10\npier,,,,,600,11\npier,,,,,60,\nnew,,,,,0,1\npier,,,,,0,NaN\n";
        let loaded = load(text, &WaterLevels::default(), &Options::default());
        assert_eq!((loaded.rows, loaded.new, loaded.known, loaded.rejects.len()), (8, 3, 2, 3));
        let rejects: Vec<_> = loaded.rejects.iter().map(|r| (r.line, r.field.as_str())).collect();
        assert_eq!(rejects, [(6, "at"), (8, "station"), (9, "level_ft")]);
        let mut levels = WaterLevels::default();
        for draft in &loaded.drafts {
            match &draft.event {
                Event::Stations(stations) => stations.iter().for_each(|s| levels.place(s)),
                Event::Levels(more) => levels.load(more),
                other => panic!("{other:?}"),
            }
        }
        let pier = levels.find("pier").unwrap();
        assert_eq!(pier.readings, [(0, 305), (600, 3_048)].map(|(at, level_mm)| Reading { at, level_mm }));
        assert_eq!((pier.station.name.as_deref(), pier.station.datum.as_deref()), (Some("Pier"), Some("MLLW")));
        assert!(load(text, &levels, &Options::default()).drafts.is_empty());
    }

    #[test]
    fn a_table_of_one_station_takes_its_id_and_place_from_the_command() {
        let position = crate::hazard::position::Position::new(110.3, 20.0).ok();
        let site = SiteOf { id: Some("pier".into()), position };
        let given = Options { site, datum: Some("NAVD88".into()) };
        let loaded = load("time,level_m\n1970-01-01T00:00:00Z,1.5\n", &WaterLevels::default(), &given);
        assert_eq!((loaded.new, loaded.drafts.len()), (1, 2));
        let nobody = load("at,m\n0,1\n", &WaterLevels::default(), &Options::default());
        assert!(nobody.rejects[0].reason.contains("--station"));
    }
}
