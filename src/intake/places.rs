//! The gazetteer: named places from a table of `id,lon,lat[,name]`, or from GeoJSON points.

use std::collections::HashMap;

use super::reject::Reject;
use super::table::{Row, Table};
use super::{Draft, Loaded, Private};
use crate::error::{Error, Result, invalid};
use crate::hazard::event::{Event, Place};
use crate::hazard::position::Position;

/// Places in one event.
const CHUNK: usize = 1_000;

/// Reads places in order of the table.
///
/// A place that is `known` just so is left out; one with a new position or name is a change, and comes. Chunks are cut
/// the same way when an interrupted load is run again.
///
/// # Errors
/// `At` the table when it lacks a column or cannot be read.
pub fn read_csv(mut table: Table, known: &[Place]) -> Result<Loaded> {
    let columns = [table.need("id")?, table.need("lon")?, table.need("lat")?];
    let name = table.index_of("name");
    let mut gather = Gather::new(known);
    while let Some(next) = table.next_row()? {
        gather.take(next.and_then(|row| {
            let place = from_row(&row, columns, name)?;
            Ok((place, row.place(columns[0])))
        }));
    }
    Ok(gather.finish())
}

/// Reads the points of a GeoJSON FeatureCollection; the id is the feature's, or its property `id`.
///
/// # Errors
/// `At` the place where it is no such collection.
pub fn read_geojson(file: &str, text: &str, known: &[Place]) -> Result<Loaded> {
    // A mark that Windows puts before a text is none of it.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let collection: serde_json::Value = serde_json::from_str(text)
        .map_err(|e| invalid("file", file, format!("not JSON: {e}")).at(file, e.line() as u64, e.column() as u64))?;
    let refuse = |reason: &str| invalid("file", file, reason).at(file, 1, 1);
    if collection["type"] != "FeatureCollection" {
        return Err(refuse("not a GeoJSON FeatureCollection"));
    }
    // RFC 7946 has no other datum; older files that name one would be off by up to hundreds of metres.
    let crs = collection["crs"]["properties"]["name"].as_str().unwrap_or("CRS84");
    if !crs.ends_with("CRS84") && !crs.ends_with("4326") {
        return Err(refuse("its crs is not WGS 84 longitude, latitude"));
    }
    let features = collection["features"].as_array().ok_or_else(|| refuse("has no list of features"))?;
    let lines = feature_lines(text, features.len());
    let mut gather = Gather::new(known);
    for (i, feature) in features.iter().enumerate() {
        let at = lines.get(i).copied().unwrap_or((0, 0));
        gather.take(from_feature(feature, at).map(|place| (place, at)));
    }
    Ok(gather.finish())
}

/// Tells new places from known and repeated ones.
pub(super) struct Gather<'a> {
    known: HashMap<&'a str, &'a Place>,
    /// Line of the first row of each id, and what it says.
    seen: HashMap<String, (u64, Place)>,
    fresh: Vec<Place>,
    loaded: Loaded,
}

impl<'a> Gather<'a> {
    pub(super) fn new(known: &'a [Place]) -> Gather<'a> {
        let known = known.iter().map(|p| (p.id.as_str(), p)).collect();
        Gather { known, seen: HashMap::new(), fresh: Vec::new(), loaded: Loaded::default() }
    }

    pub(super) fn take(&mut self, next: Result<(Place, (u64, u64)), Reject>) {
        self.loaded.rows += 1;
        match next.and_then(|(place, at)| self.judge(place, at)) {
            Ok(Some(place)) => self.fresh.push(place),
            Ok(None) => self.loaded.known += 1,
            Err(reject) => self.loaded.rejects.push(reject),
        }
    }

    fn judge(&mut self, place: Place, (line, column): (u64, u64)) -> Result<Option<Place>, Reject> {
        let reject = |reason: String| Err(Reject { line, column, field: "id".into(), value: place.id.clone(), reason });
        if place.id.is_empty() {
            return reject("missing id".into());
        }
        if place.id.parse::<h3o::CellIndex>().is_ok() {
            return reject("is an H3 cell; a place needs a name of its own".into());
        }
        if let Some((first, seen)) = self.seen.get(&place.id) {
            if *seen == place {
                return Ok(None);
            }
            return reject(format!("this id stands in line {first} already, with other content"));
        }
        self.seen.insert(place.id.clone(), (line, place.clone()));
        Ok(if self.known.get(place.id.as_str()).is_some_and(|k| **k == place) { None } else { Some(place) })
    }

    pub(super) fn finish(mut self) -> Loaded {
        self.loaded.new = self.fresh.len() as u64;
        let draft = |c: &[Place]| Draft { event: Event::Places(c.to_vec()), key: None, private: Private::default() };
        self.loaded.drafts = self.fresh.chunks(CHUNK).map(draft).collect();
        self.loaded
    }
}

pub(super) fn from_row(row: &Row, [id, lon, lat]: [usize; 3], name: Option<usize>) -> Result<Place, Reject> {
    let degrees = |i: usize| match row.field(i).trim() {
        "" => Err(row.reject(i, "missing position")),
        text => text.parse::<f64>().map_err(|_| row.reject(i, "not a number of degrees")),
    };
    let position = Position::new(degrees(lon)?, degrees(lat)?).map_err(|e| match e {
        Error::Invalid { field, reason, .. } => row.reject(if field == "lon" { lon } else { lat }, reason),
        other => row.reject(lat, other.to_string()),
    })?;
    let name = name.map(|i| row.field(i).trim().to_owned()).filter(|n| !n.is_empty());
    Ok(Place { id: row.field(id).trim().to_owned(), position, name })
}

fn from_feature(feature: &serde_json::Value, (line, column): (u64, u64)) -> Result<Place, Reject> {
    let reject = |field: &str, value: &serde_json::Value, reason: &str| {
        let value = value.to_string().chars().take(60).collect();
        Reject { line, column, field: field.into(), value, reason: reason.into() }
    };
    let text = |v: &serde_json::Value| match v {
        serde_json::Value::String(s) => s.trim().to_owned(),
        serde_json::Value::Number(n) => n.to_string(),
        _ => String::new(),
    };
    let geometry = &feature["geometry"];
    if geometry["type"] != "Point" {
        return Err(reject("geometry", &geometry["type"], "not a Point"));
    }
    let at = &geometry["coordinates"];
    let (Some(lon), Some(lat)) = (at[0].as_f64(), at[1].as_f64()) else {
        return Err(reject("coordinates", at, "missing position"));
    };
    let position = Position::new(lon, lat).map_err(|e| match e {
        Error::Invalid { field, reason, .. } => reject(&field, at, &reason),
        other => reject("coordinates", at, &other.to_string()),
    })?;
    let id =
        Some(text(&feature["id"])).filter(|id| !id.is_empty()).unwrap_or_else(|| text(&feature["properties"]["id"]));
    let name = Some(text(&feature["properties"]["name"])).filter(|n| !n.is_empty());
    Ok(Place { id, position, name })
}

/// Line and column of each element of the outermost list `features`, whatever it is; of a text that is known to be JSON.
fn feature_lines(text: &str, count: usize) -> Vec<(u64, u64)> {
    let mut at = Vec::with_capacity(count);
    let (mut line, mut column, mut depth) = (1, 0, 0_u32);
    let (mut in_string, mut escaped) = (false, false);
    let mut string = String::new();
    // Awaited: the list's first element, or the one after a comma, has yet to begin.
    let (mut in_features, mut awaited) = (false, false);
    for c in text.chars() {
        column += 1;
        if c == '\n' {
            (line, column) = (line + 1, 0);
        }
        if in_string {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ if depth == 1 => string.push(c),
                _ => {}
            }
            continue;
        }
        if awaited && depth == 2 && !c.is_whitespace() {
            awaited = false;
            if c != ']' {
                at.push((line, column));
            }
        }
        match c {
            '"' => {
                in_string = true;
                string.clear();
            }
            '{' | '[' => {
                if depth == 1 {
                    awaited = c == '[' && string == "features";
                    in_features = awaited;
                    // Of two lists of that name the last is read.
                    if in_features {
                        at.clear();
                    }
                }
                depth += 1;
            }
            ',' if depth == 2 => awaited = in_features,
            '}' | ']' => depth -= 1,
            _ => {}
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(text: &str, known: &[Place]) -> Loaded {
        read_csv(Table::from_reader("p.csv", std::io::Cursor::new(text.to_owned())).unwrap(), known).unwrap()
    }

    fn places(loaded: &Loaded) -> Vec<Place> {
        let of = |d: &Draft| match &d.event {
            Event::Places(places) => places.clone(),
            other => panic!("{other:?}"),
        };
        loaded.drafts.iter().flat_map(of).collect()
    }

    fn place(id: &str, lon: f64, name: Option<&str>) -> Place {
        Place { id: id.into(), position: Position::new(lon, 20.0).unwrap(), name: name.map(Into::into) }
    }

    #[test]
    fn places_of_a_table_are_new_known_changed_or_rejected() {
        let text = "id,lon,lat,name\na,110,20,豪苑路路口\nb,111,20,\na,110,20,豪苑路路口\na,112,20,\n,1,1,\n\
                    8c2a1072b59a1ff,1,1,\nc,20,110,\nd,,1,\ne,1,NaN,\n";
        let loaded = csv(text, &[place("b", 111.5, None)]);
        assert_eq!(places(&loaded), [place("a", 110.0, Some("豪苑路路口")), place("b", 111.0, None)]);
        let rejects: Vec<_> = loaded.rejects.iter().map(|r| (r.line, r.field.as_str(), r.reason.as_str())).collect();
        assert_eq!(rejects[0], (5, "id", "this id stands in line 2 already, with other content"));
        assert_eq!(rejects[1], (6, "id", "missing id"));
        assert_eq!(rejects[2], (7, "id", "is an H3 cell; a place needs a name of its own"));
        assert!(rejects[3].0 == 8 && rejects[3].2.contains("looks like lat,lon"), "{rejects:?}");
        assert_eq!((rejects[4], rejects[5].1, rejects.len()), ((9, "lon", "missing position"), "lat", 6));
        assert!(csv(text, &places(&loaded)).drafts.is_empty());
    }

    #[test]
    fn points_of_geojson_are_the_same_places_and_rejects_know_their_line() {
        let text = "{\"features\": [\n {\"type\": \"Feature\", \"id\": \"a\", \"geometry\": {\"type\": \"Point\", \"coordinates\": [110, 20]},\n  \
                    \"properties\": {\"name\": \"x {[\\\" y\"}},\n {\"type\": \"Feature\", \"geometry\": {\"type\": \"LineString\", \"coordinates\": []}, \"properties\": null},\n  \
                    {\"type\": \"Feature\", \"geometry\": {\"type\": \"Point\", \"coordinates\": [111, 20]}, \"properties\": {\"id\": 7}}],\n\"type\": \"FeatureCollection\"}";
        let loaded = read_geojson("p.geojson", text, &[]).unwrap();
        assert_eq!(places(&loaded), [place("a", 110.0, Some("x {[\" y")), place("7", 111.0, None)]);
        assert_eq!(loaded.rejects.len(), 1);
        let Reject { line, column, field, reason, .. } = &loaded.rejects[0];
        assert_eq!((*line, *column, field.as_str(), reason.as_str()), (4, 2, "geometry", "not a Point"));
    }

    #[test]
    fn what_is_no_feature_is_a_reject_on_its_own_line_and_moves_no_other() {
        let text = "{\"bbox\": [1,\n 2], \"features\": [\n null,\n \"a, [b\", 7,\n [{\"x\": 1}, 2],\n {\"type\": \"Feature\"}\n],\n\"type\": \"FeatureCollection\"}";
        let loaded = read_geojson("p.geojson", text, &[]).unwrap();
        let at: Vec<_> = loaded.rejects.iter().map(|r| (r.line, r.column)).collect();
        assert_eq!(at, [(3, 2), (4, 2), (4, 11), (5, 2), (6, 2)]);
        assert_eq!(feature_lines("{\"features\": [\n]}", 0), []);
    }

    #[test]
    fn a_file_that_is_no_collection_says_where() {
        let message = |text| read_geojson("p.geojson", text, &[]).unwrap_err().to_string();
        assert!(message("{\n\"type\": }").starts_with("p.geojson:2:9: "), "{}", message("{\n\"type\": }"));
        assert!(message("[]").contains("FeatureCollection"));
        assert!(message(r#"{"type":"FeatureCollection"}"#).contains("no list of features"));
        let crs = r#"{"type":"FeatureCollection","features":[],"crs":{"properties":{"name":"EPSG:3857"}}}"#;
        assert!(message(crs).contains("crs"));
    }
}
