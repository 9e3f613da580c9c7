//! Works: a table of `id,lon,lat,start[,end,kind,name,reference]`, or points and lines of GeoJSON with these properties.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::mapping::Datum;
use super::places;
use super::record::Row;
use super::reject::Reject;
use super::source::Source;
use super::{Draft, Loaded, Private, feature};
use crate::error::{Error, Result, invalid};
use crate::hazard::event::{Event, Works};
use crate::hazard::position::Position;
use crate::hazard::time;
use crate::hazard::works::AllWorks;

/// Works in one event.
const CHUNK: usize = 1_000;

/// Reads works in order of the file. `start` and `end` are unix seconds, RFC 3339, or days (`2024-03-01`) in `zone`: works
/// begin with the first hour of their first day and end with the last of their last. `date` stands for both.
///
/// Works that are `known` just so are left out; those with another date, line or text are a change, and come.
///
/// # Errors
/// `At` the file when it lacks a column, cannot be read, breaks off or is no such GeoJSON.
pub fn read(mut source: Source, known: &AllWorks, zone: Option<&TimeZone>) -> Result<Loaded> {
    let columns = Columns::of(&mut source)?;
    let mut seen: HashMap<String, (u64, Works)> = HashMap::new();
    let mut fresh = Vec::new();
    let mut loaded = Loaded::default();
    while let Some(next) = source.next_row()? {
        loaded.rows += 1;
        match next.and_then(|row| columns.take(&row, zone).and_then(|works| again(&columns, &row, works, &mut seen))) {
            Ok(Some(works)) if known.find(&works.id) != Some(&works) => fresh.push(works),
            Ok(_) => loaded.known += 1,
            Err(reject) => loaded.rejects.push(reject),
        }
    }
    if let Some(cut) = source.cut() {
        return Err(cut.clone());
    }
    loaded.new = fresh.len() as u64;
    let draft = |c: &[Works]| Draft { event: Event::Works(c.to_vec()), key: None, private: Private::default() };
    loaded.drafts = fresh.chunks(CHUNK).map(draft).collect();
    Ok(loaded)
}

/// Nothing where the same stands further up.
fn again(
    columns: &Columns,
    row: &Row,
    works: Works,
    seen: &mut HashMap<String, (u64, Works)>,
) -> Result<Option<Works>, Reject> {
    match seen.get(&works.id) {
        Some((_, same)) if *same == works => Ok(None),
        Some((first, _)) => {
            Err(row.reject(columns.id, format!("this id stands in line {first} already, with other content")))
        }
        None => {
            seen.insert(works.id.clone(), (row.line, works.clone()));
            Ok(Some(works))
        }
    }
}

struct Columns {
    id: usize,
    shape: Shape,
    start: usize,
    end: Option<usize>,
    kind: Option<usize>,
    name: Option<usize>,
    reference: Option<usize>,
    datum: Datum,
}

/// Where the position stands.
enum Shape {
    Degrees([usize; 2]),
    Geometry(usize),
}

impl Columns {
    fn of(source: &mut Source) -> Result<Columns> {
        let id = source.need("id")?;
        let datum = source.datum;
        if source.columns().is_none() {
            // Of JSON every name is a column, whose text may be empty: which of the two is meant is seen at each feature.
            let shape = Shape::Geometry(source.need(feature::GEOMETRY)?);
            let start = source.need("start")?;
            let [end, kind, name, reference] = ["end", "kind", "name", "reference"].map(|name| source.index_of(name));
            return Ok(Columns { id, shape, start, end, kind, name, reference, datum });
        }
        let shape = Shape::Degrees([source.need("lon")?, source.need("lat")?]);
        let date = source.index_of("date");
        let start = source.index_of("start").or(date).map_or_else(|| source.need("start"), Ok)?;
        let end = source.index_of("end").or(date);
        let [kind, name, reference] = ["kind", "name", "reference"].map(|name| source.index_of(name));
        Ok(Columns { id, shape, start, end, kind, name, reference, datum })
    }

    fn take(&self, row: &Row, zone: Option<&TimeZone>) -> Result<Works, Reject> {
        let text =
            |column: Option<usize>| column.map(|i| row.field(i).trim().to_owned()).filter(|text| !text.is_empty());
        let at = |column: usize, last: bool| {
            moment(row.field(column).trim(), last, zone).map_err(|reason| row.reject(column, reason))
        };
        let works = Works {
            id: row.field(self.id).trim().to_owned(),
            line: match self.shape {
                Shape::Degrees(at) => vec![places::position(row, at, self.datum)?],
                Shape::Geometry(i) => line(row.field(i), self.datum).map_err(|reason| row.reject(i, reason))?,
            },
            start: at(self.start, false)?,
            end: self.end.filter(|&i| !row.field(i).trim().is_empty()).map(|i| at(i, true)).transpose()?,
            kind: text(self.kind),
            name: text(self.name),
            reference: text(self.reference),
        };
        AllWorks::admit(&works).map_err(|e| match e {
            Error::Invalid { field, reason, .. } => row.reject(self.named(&field), reason),
            other => row.reject(self.id, other.to_string()),
        })?;
        Ok(works)
    }

    fn named(&self, field: &str) -> usize {
        let column = match field {
            "kind" => self.kind,
            "name" => self.name,
            "reference" => self.reference,
            "end" => self.end,
            "line" => match self.shape {
                Shape::Degrees([lon, _]) => Some(lon),
                Shape::Geometry(i) => Some(i),
            },
            _ => None,
        };
        column.unwrap_or(self.id)
    }
}

/// Unix seconds; of a day its first second, or the first after it.
fn moment(text: &str, last: bool, zone: Option<&TimeZone>) -> Result<i64, String> {
    let Ok(day) = Date::strptime("%Y-%m-%d", text) else { return time::parse_seconds(text) };
    let zone = zone.ok_or("a day without a time: say in which zone with --works-zone, as Asia/Shanghai")?;
    let too_late = || "not a day between the years 1 and 9999".to_owned();
    let day = if last { day.checked_add(1.day()).map_err(|_| too_late())? } else { day };
    // Where clocks are put forward at midnight the day begins an hour later.
    let midnight = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().map_err(|_| too_late())?;
    time::parse_seconds(&midnight.as_second().to_string())
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Point(Vec<f64>),
    LineString(Vec<Vec<f64>>),
}

/// The positions of a point or a line of GeoJSON.
fn line(text: &str, datum: Datum) -> Result<Vec<Position>, String> {
    if text.is_empty() {
        return Err("missing position".into());
    }
    let geometry = serde_json::from_str(text).map_err(|_| "neither a Point nor a LineString".to_owned())?;
    let positions = match geometry {
        Geometry::Point(at) => vec![at],
        Geometry::LineString(line) if line.len() < 2 => return Err("a line has at least two positions".into()),
        Geometry::LineString(line) => line,
    };
    let position = |numbers: Vec<f64>| match numbers[..] {
        [lon, lat, ..] => datum.wgs84(lon, lat).map(|(position, _)| position).map_err(|e| match e {
            Error::Invalid { field, reason, .. } => format!("{field}: {reason}"),
            other => other.to_string(),
        }),
        _ => Err("not a position of two numbers or more: longitude, latitude".into()),
    };
    positions.into_iter().map(position).collect()
}

/// The zone of this name of the IANA database.
///
/// # Errors
/// `Invalid` for one that is unknown.
pub fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| invalid("works_zone", name, "unknown; write it as Asia/Shanghai"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, text: &str, known: &AllWorks, zone: Option<&TimeZone>) -> Result<Loaded> {
        read(Source::from_reader(file, std::io::Cursor::new(text.to_owned()))?, known, zone)
    }

    fn works(loaded: &Loaded) -> Vec<Works> {
        let of = |d: &Draft| match &d.event {
            Event::Works(works) => works.clone(),
            other => panic!("{other:?}"),
        };
        loaded.drafts.iter().flat_map(of).collect()
    }

    #[test]
    fn works_of_a_table_are_new_known_changed_or_rejected_with_line_and_column() {
        let text = "id,lon,lat,start,end,kind,name,reference\n\
                    w1,110,20,2024-03-01,2024-03-02,new_pump,Pump 7,C-12\n\
                    w2,110,20,2024-03-01T00:00:00Z,,,,\n\
                    w2,110,20,2024-03-01T00:00:00Z,,,,\n\
                    w2,110,20,2024-03-02T00:00:00Z,,,,\n\
                    w3,20,110,0,1,,,\nw4,110,20,soon,,,,\nw5,110,20,9,1,,,\n,110,20,0,,,,\n";
        let shanghai = zone("Asia/Shanghai").unwrap();
        let loaded = load("w.csv", text, &AllWorks::default(), Some(&shanghai)).unwrap();
        let taken = works(&loaded);
        assert_eq!((taken.len(), loaded.rows, loaded.known), (2, 8, 1));
        let spring = time::rfc3339("2024-03-01T00:00:00+08:00").unwrap();
        // From the first hour of the first day to the last of the last.
        assert_eq!((taken[0].start, taken[0].end), (spring, Some(spring + 2 * 86_400)));
        assert_eq!((taken[0].kind.as_deref(), taken[0].reference.as_deref()), (Some("new_pump"), Some("C-12")));
        let rejects: Vec<_> = loaded.rejects.iter().map(|r| (r.line, r.column, r.field.as_str())).collect();
        assert_eq!(rejects, [(5, 1, "id"), (6, 7, "lat"), (7, 11, "start"), (8, 13, "end"), (9, 1, "id")]);
        assert!(loaded.rejects[0].reason.contains("line 3 already"), "{:?}", loaded.rejects[0]);
        let mut known = AllWorks::default();
        taken.iter().for_each(|one| known.load(one));
        assert!(load("w.csv", text, &known, Some(&shanghai)).unwrap().drafts.is_empty());
        let without = load("w.csv", text, &AllWorks::default(), None).unwrap();
        assert!(without.rejects[0].reason.contains("--works-zone"), "{:?}", without.rejects[0]);
        assert!(zone("Nowhere/City").is_err());
    }

    #[test]
    fn a_table_with_one_date_has_it_for_beginning_and_end() {
        let loaded =
            load("w.csv", "id,lon,lat,date\na,110,20,1970-01-02\n", &AllWorks::default(), zone("UTC").ok().as_ref());
        let taken = works(&loaded.unwrap());
        assert_eq!((taken[0].start, taken[0].end), (86_400, Some(172_800)));
        let error = load("w.csv", "id,lon,lat\na,110,20\n", &AllWorks::default(), None).unwrap_err().to_string();
        assert!(error.contains("start"), "{error}");
    }

    #[test]
    fn points_and_lines_of_geojson_are_works_and_other_shapes_are_rejected_on_their_line() {
        let feature = |id: &str, geometry: &str| {
            format!(
                "{{\"type\": \"Feature\", \"id\": \"{id}\", \"properties\": {{\"start\": 5, \"end\": \"9\"}}, \"geometry\": {geometry}}}"
            )
        };
        let all = [
            feature("spot", r#"{"type": "Point", "coordinates": [110, 20, 3]}"#),
            feature("line", r#"{"type": "LineString", "coordinates": [[110, 20], [110.001, 20]]}"#),
            feature("area", r#"{"type": "Polygon", "coordinates": [[[110, 20]]]}"#),
            feature("short", r#"{"type": "LineString", "coordinates": [[110, 20]]}"#),
            feature("axes", r#"{"type": "Point", "coordinates": [20, 110]}"#),
            feature("nowhere", "null"),
        ];
        let text = format!("{{\"type\": \"FeatureCollection\", \"features\": [\n{}\n]}}", all.join(",\n"));
        let loaded = load("w.geojson", &text, &AllWorks::default(), None).unwrap();
        let taken = works(&loaded);
        let shapes: Vec<_> = taken.iter().map(|w| (w.id.as_str(), w.line.len(), w.start, w.end)).collect();
        assert_eq!(shapes, [("spot", 1, 5, Some(9)), ("line", 2, 5, Some(9))]);
        let rejects: Vec<_> = loaded.rejects.iter().map(|r| (r.line, r.reason.as_str())).collect();
        assert_eq!(rejects[0], (4, "neither a Point nor a LineString"));
        assert_eq!(rejects[1], (5, "a line has at least two positions"));
        assert!(rejects[2].0 == 6 && rejects[2].1.contains("looks like lat,lon"), "{rejects:?}");
        assert_eq!(rejects[3], (7, "missing position"));
    }
}
