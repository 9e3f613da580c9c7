//! The gazetteer: named places from a table of `id,lon,lat[,name,aliases,name:en,…]`, or from the points of GeoJSON.

use std::collections::HashMap;

use super::mapping::Datum;
use super::record::Row;
use super::reject::Reject;
use super::source::Source;
use super::{Draft, Loaded, Private, aliases, feature};
use crate::error::{Error, Result};
use crate::hazard::event::{Event, Place};
use crate::hazard::position::Position;

/// Places in one event.
const CHUNK: usize = 1_000;

/// Reads places in order of the file. Of GeoJSON: the id is the feature's, or its property `id`; the position its point.
///
/// A place that is `known` just so is left out; one with a new position or name is a change, and comes. Chunks are cut
/// the same way when an interrupted load is run again.
///
/// # Errors
/// `At` the file when it lacks a column, cannot be read, breaks off or is no such GeoJSON.
pub fn read(mut source: Source, known: &[Place]) -> Result<Loaded> {
    let table = source.columns().is_some();
    let mut need = |column, property| source.need(if table { column } else { property });
    let columns = [need("id", "id")?, need("lon", feature::LON)?, need("lat", feature::LAT)?];
    let datum = source.datum;
    let names = NameColumns { name: source.index_of("name"), aliases: further(|name| source.index_of(name)) };
    let mut gather = Gather::new(known);
    while let Some(next) = source.next_row()? {
        gather.take(next.and_then(|row| {
            let place = from_row(&row, columns, &names, datum)?;
            Ok((place, row.place(columns[0])))
        }));
    }
    // Places are few and fit together: half of them are no gazetteer.
    source.cut().map_or_else(|| Ok(gather.finish()), |cut| Err(cut.clone()))
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

/// Where a file has the names of its places.
pub(super) struct NameColumns {
    pub name: Option<usize>,
    /// What else they are called.
    pub aliases: Vec<usize>,
}

/// The columns of further names that a file has.
pub(super) fn further(index_of: impl FnMut(&str) -> Option<usize>) -> Vec<usize> {
    let mut index_of = index_of;
    aliases::columns().iter().filter_map(|name| index_of(name)).collect()
}

pub(super) fn from_row(
    row: &Row,
    [id, lon, lat]: [usize; 3],
    names: &NameColumns,
    datum: Datum,
) -> Result<Place, Reject> {
    let position = position(row, [lon, lat], datum)?;
    let name = names.name.map(|i| row.field(i).trim().to_owned()).filter(|n| !n.is_empty());
    let mut aliases = aliases::of(name.as_deref(), names.aliases.iter().map(|&i| row.field(i)));
    // A place with other names only is shown by the first of them.
    let name = name.or_else(|| (!aliases.is_empty()).then(|| aliases.remove(0)));
    Ok(Place { id: row.field(id).trim().to_owned(), position, name, aliases })
}

/// Of two columns of degrees.
pub(super) fn position(row: &Row, [lon, lat]: [usize; 2], datum: Datum) -> Result<Position, Reject> {
    let degrees = |i: usize| match row.field(i).trim() {
        "" => Err(row.reject(i, "missing position")),
        text => text.parse::<f64>().map_err(|_| row.reject(i, "not a number of degrees")),
    };
    datum.wgs84(degrees(lon)?, degrees(lat)?).map(|(position, _)| position).map_err(|e| match e {
        Error::Invalid { field, reason, .. } => row.reject(if field == "lon" { lon } else { lat }, reason),
        other => row.reject(lat, other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, text: &str, known: &[Place]) -> Result<Loaded> {
        read(Source::from_reader(file, std::io::Cursor::new(text.to_owned()))?, known)
    }

    fn csv(text: &str, known: &[Place]) -> Loaded {
        load("p.csv", text, known).unwrap()
    }

    fn places(loaded: &Loaded) -> Vec<Place> {
        let of = |d: &Draft| match &d.event {
            Event::Places(places) => places.clone(),
            other => panic!("{other:?}"),
        };
        loaded.drafts.iter().flat_map(of).collect()
    }

    fn place(id: &str, lon: f64, name: Option<&str>) -> Place {
        Place {
            id: id.into(),
            position: Position::new(lon, 20.0).unwrap(),
            name: name.map(Into::into),
            aliases: Vec::new(),
        }
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
        let loaded = load("p.geojson", text, &[]).unwrap();
        assert_eq!(places(&loaded), [place("a", 110.0, Some("x {[\" y")), place("7", 111.0, None)]);
        assert_eq!(loaded.rejects.len(), 1);
        let Reject { line, column, field, reason, .. } = &loaded.rejects[0];
        assert_eq!((*line, *column, field.as_str(), reason.as_str()), (4, 2, "geometry", "not a Point"));
    }

    #[test]
    fn what_is_no_feature_is_a_reject_on_its_own_line_and_moves_no_other() {
        let text = "{\"bbox\": [1,\n 2], \"features\": [\n null,\n \"a, [b\", 7,\n [{\"x\": 1}, 2],\n {\"type\": \"Feature\"}\n],\n\"type\": \"FeatureCollection\"}";
        let loaded = load("p.geojson", text, &[]).unwrap();
        let at: Vec<_> = loaded.rejects.iter().map(|r| (r.line, r.column)).collect();
        assert_eq!(at, [(3, 2), (4, 2), (4, 11), (5, 2), (6, 2)]);
    }

    #[test]
    fn a_file_that_is_no_collection_says_where() {
        let message = |text| load("p.geojson", text, &[]).unwrap_err().to_string();
        assert!(message("{\n\"type\": }").starts_with("p.geojson:2:9: "), "{}", message("{\n\"type\": }"));
        assert!(message("[]").contains("FeatureCollection"));
        assert!(message(r#"{"type":"FeatureCollection"}"#).contains("no list of features"));
        let crs = r#"{"type":"FeatureCollection","features":[],"crs":{"properties":{"name":"EPSG:3857"}}}"#;
        assert!(message(crs).contains("crs"));
    }
}
