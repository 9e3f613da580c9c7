//! Areas: polygons of GeoJSON with the properties `id`, `level` and perhaps `name` and `parent`.

use std::collections::HashMap;

use geo::geometry::{Coord, Geometry, LineString, Polygon};
use serde_json::Value;

use super::area_quality;
use super::mapping::Datum;
use super::record::Row;
use super::reject::Reject;
use super::source::Source;
use super::{Draft, Loaded, Private, Remark, feature};
use crate::error::{Error, Result, invalid};
use crate::hazard::area;
use crate::hazard::event::{Area, AreaLevel, Event};
use crate::hazard::position::Position;

/// Reads a set of areas, which is to stand in the place of those that are `known`. A set is taken whole or not at all:
/// with one area missing, its incidents would go to another unit without a word.
///
/// What can be doubted is told, and taken: rings that cross themselves, siblings that overlap, gaps.
///
/// # Errors
/// `At` the first feature that is no area, or does not fit the others; `At` the file when it is no GeoJSON or breaks off.
pub fn read(mut source: Source, known: &[Area]) -> Result<Loaded> {
    let file = source.file().to_owned();
    if source.columns().is_some() {
        return Err(invalid("areas", &file, "a table: areas come as GeoJSON or NDJSON").at(&file, 1, 1));
    }
    let columns = Columns::of(&mut source)?;
    let (mut areas, mut places) = (Vec::new(), Vec::new());
    while let Some(next) = source.next_row()? {
        let taken = next.and_then(|row| Ok((columns.take(&row)?, row.place(columns.id))));
        let (area, place) = taken.map_err(|reject| reject.into_error(&file))?;
        areas.push(area);
        places.push(place);
    }
    if let Some(cut) = source.cut() {
        return Err(cut.clone());
    }
    area::admit(&areas).map_err(|error| {
        let (line, column) = blamed(&error, &areas).map_or((1, 1), |n| places[n]);
        error.at(&file, line, column)
    })?;
    let remarks = area_quality::remarks(&areas, &places);
    Ok(loaded(areas, known, remarks))
}

/// The area that an error of the set names.
fn blamed(error: &Error, areas: &[Area]) -> Option<usize> {
    let Error::Invalid { field, value, .. } = error else { return None };
    match field.as_str() {
        "parent" => areas.iter().position(|area| area.parent.as_ref() == Some(value)),
        "name" => areas.iter().position(|area| area.name.as_ref() == Some(value)),
        // Of two with one id the second.
        _ => areas.iter().rposition(|area| area.id == *value),
    }
}

fn loaded(areas: Vec<Area>, known: &[Area], mut remarks: Vec<Remark>) -> Loaded {
    let by_id: HashMap<&str, &Area> = known.iter().map(|area| (area.id.as_str(), area)).collect();
    let same = areas.iter().filter(|area| by_id.get(area.id.as_str()) == Some(area)).count();
    let ids: std::collections::HashSet<&str> = areas.iter().map(|area| area.id.as_str()).collect();
    let gone: Vec<&str> = known.iter().map(|area| area.id.as_str()).filter(|id| !ids.contains(id)).collect();
    if !gone.is_empty() {
        let text = format!("{} areas are there no more: {}", gone.len(), few(&gone));
        remarks.insert(0, Remark { place: None, text });
    }
    let (rows, same) = (areas.len() as u64, same as u64);
    let changed = same < rows || !gone.is_empty();
    let draft = Draft { event: Event::Areas(areas), key: None, private: Private::default() };
    let drafts = if changed { vec![draft] } else { Vec::new() };
    Loaded { drafts, rows, new: rows - same, known: same, rejects: Vec::new(), remarks }
}

/// The first of some names.
pub(super) fn few(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))
}

struct Columns {
    id: usize,
    level: usize,
    name: usize,
    parent: usize,
    geometry: usize,
    datum: Datum,
}

impl Columns {
    fn of(source: &mut Source) -> Result<Columns> {
        Ok(Columns {
            id: source.need("id")?,
            level: source.need("level")?,
            name: source.need("name")?,
            parent: source.need("parent")?,
            geometry: source.need(feature::GEOMETRY)?,
            datum: source.datum,
        })
    }

    fn take(&self, row: &Row) -> Result<Area, Reject> {
        let text = |column: usize| row.field(column).trim().to_owned();
        let id = text(self.id);
        if id.is_empty() {
            return Err(row.reject(self.id, "missing: every area has a property id, unlike any other"));
        }
        let level = AreaLevel::named(&text(self.level)).map_err(|e| match e {
            Error::Invalid { reason, .. } => row.reject(self.level, reason),
            other => row.reject(self.level, other.to_string()),
        })?;
        let polygons =
            polygons(row.field(self.geometry), self.datum).map_err(|reason| row.reject(self.geometry, reason))?;
        let given = |column: usize| Some(text(column)).filter(|text| !text.is_empty());
        Ok(Area { id, level, parent: given(self.parent), name: given(self.name), polygons })
    }
}

/// The rings of a Polygon or MultiPolygon of GeoJSON.
fn polygons(text: &str, datum: Datum) -> Result<Vec<Vec<Vec<Position>>>, String> {
    if text.is_empty() {
        return Err("missing: an area has a Polygon or a MultiPolygon".into());
    }
    let geometry: Value = serde_json::from_str(text).map_err(|_| "neither a Polygon nor a MultiPolygon".to_owned())?;
    let kind = geometry["type"].as_str().unwrap_or_default();
    if !matches!(kind, "Polygon" | "MultiPolygon") {
        return Err("neither a Polygon nor a MultiPolygon".into());
    }
    let polygons = match feature::shape(kind, &geometry["coordinates"]).map_err(|(_, reason)| reason)? {
        Geometry::Polygon(one) => vec![one],
        Geometry::MultiPolygon(several) => several.0,
        _ => return Err("neither a Polygon nor a MultiPolygon".into()),
    };
    polygons.into_iter().map(|polygon| rings(polygon, datum)).collect()
}

fn rings(polygon: Polygon, datum: Datum) -> Result<Vec<Vec<Position>>, String> {
    let (outer, holes) = polygon.into_inner();
    std::iter::once(outer).chain(holes).map(|line| ring(line, datum)).collect()
}

fn ring(ring: LineString, datum: Datum) -> Result<Vec<Position>, String> {
    let position = |at: Coord| match datum.wgs84(at.x, at.y) {
        Ok((position, _)) => Ok(position),
        Err(Error::Invalid { field, reason, .. }) => Err(format!("{field} of {},{}: {reason}", at.x, at.y)),
        Err(other) => Err(other.to_string()),
    };
    ring.into_iter().map(position).collect()
}
