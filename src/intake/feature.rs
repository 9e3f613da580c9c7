//! One JSON object or GeoJSON Feature as named texts: `a.b.0` is an element of a field of a field.

use geo::geometry::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use geo::{BoundingRect, Centroid, MapCoordsInPlace};
use serde_json::Value;

use super::document::Piece;
use super::input::LONGEST_RECORD_BYTES;
use super::reject::Reject;
use super::scan::Fields;

/// Reserved names of a feature's position. `lon` and `lat` mean the same where it has no such properties.
pub(super) const LON: &str = "geometry.lon";
pub(super) const LAT: &str = "geometry.lat";
/// Reserved name of a feature's whole geometry, as JSON; where it has such a property, that.
pub(super) const GEOMETRY: &str = "geometry";
/// As serde_json parses, without overflowing the stack.
const DEEPEST: u32 = 127;
/// Of a value, in a reject.
const SHOWN_CHARS: usize = 60;
/// The fewest positions of a ring (RFC 7946, 3.1.6).
const LEAST_RING: usize = 4;

/// The value of a record, if it is an object.
pub(super) fn parse(piece: &Piece) -> Result<Value, Reject> {
    let reject = |line, column, reason: String| {
        let shown = String::from_utf8_lossy(&piece.text[..piece.text.len().min(4 * SHOWN_CHARS)]);
        let value = shown.chars().take(SHOWN_CHARS).collect();
        Reject { line, column, field: String::new(), value, reason }
    };
    if piece.overlong {
        return Err(reject(piece.line, piece.column, format!("longer than {LONGEST_RECORD_BYTES} bytes")));
    }
    match serde_json::from_slice(&piece.text) {
        Ok(value @ Value::Object(_)) if value["type"] == "FeatureCollection" => {
            Err(reject(piece.line, piece.column, "a whole FeatureCollection in one line: say --format geojson".into()))
        }
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(reject(piece.line, piece.column, "neither a Feature nor a JSON object".into())),
        Err(_) if depth(&piece.text) > DEEPEST => {
            Err(reject(piece.line, piece.column, format!("nested deeper than {DEEPEST} levels")))
        }
        Err(e) => {
            let below = e.line().saturating_sub(1) as u64;
            let column =
                if below == 0 { piece.column + e.column().saturating_sub(1) as u64 } else { e.column() as u64 };
            let text = e.to_string();
            let what = text.split(" at line ").next().unwrap_or_default();
            Err(reject(piece.line + below, column, format!("not JSON: {what}")))
        }
    }
}

/// How deep brackets are nested, whatever stands between.
fn depth(text: &[u8]) -> u32 {
    let (mut now, mut most) = (0_u32, 0);
    for byte in text {
        match byte {
            b'{' | b'[' => now += 1,
            b'}' | b']' => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}

/// The named texts of a record; what it lacks, or is null, is empty. `centroid`: any geometry has a position, its centroid.
pub(super) fn fields(
    value: &Value,
    names: &[String],
    centroid: bool,
    (line, column): (u64, u64),
) -> Result<Fields, Reject> {
    let feature = value["type"] == "Feature";
    let mut position = None;
    let mut texts = Vec::with_capacity(names.len());
    for name in names {
        let property = if feature { member(&value["properties"], name) } else { member(value, name) };
        let axis = match &name[..] {
            LON => Some(0),
            LAT => Some(1),
            "lon" if property.is_none() => Some(0),
            "lat" if property.is_none() => Some(1),
            _ => None,
        };
        let text = match axis.filter(|_| feature) {
            Some(axis) => {
                if position.is_none() {
                    position = Some(point(&value["geometry"], centroid).map_err(|(value, reason)| {
                        let value = value.chars().take(SHOWN_CHARS).collect();
                        Reject { line, column, field: "geometry".into(), value, reason }
                    })?);
                }
                position.flatten().map_or_else(String::new, |at| at[axis].to_string())
            }
            None if feature && name == "id" && !value["id"].is_null() => text(&value["id"]),
            None if feature && name == GEOMETRY && property.is_none() => text(&value["geometry"]),
            None => property.map_or_else(String::new, text),
        };
        texts.push(text);
    }
    Ok(Fields::of(line, column, texts))
}

/// What a dotted name means within a value: a member of just that name comes first.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let child = |key: &str| match value {
        Value::Object(object) => object.get(key),
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        _ => None,
    };
    child(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        member(child(first)?, rest)
    })
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Longitude and latitude; `None` where there is no geometry.
fn point(geometry: &Value, centroid: bool) -> Result<Option<[f64; 2]>, (String, String)> {
    if geometry.is_null() {
        return Ok(None);
    }
    let kind = geometry["type"].as_str().unwrap_or_default();
    let coordinates = &geometry["coordinates"];
    if kind == "Point" {
        return match coordinates.as_array().map(Vec::as_slice) {
            Some([]) | None => Ok(None),
            _ => position(coordinates).map(|at| Some([at.x, at.y])),
        };
    }
    if !centroid {
        let hint = "; for reports, a mapping with geometry = \"centroid\" takes its centroid";
        let hint = if shape(kind, coordinates).is_ok_and(|s| s.centroid().is_some()) { hint } else { "" };
        return Err((kind.to_owned(), format!("not a Point{hint}")));
    }
    let mut shape = shape(kind, coordinates)?;
    // What spans more than half the world lies across 180°, where longitudes jump.
    if shape.bounding_rect().is_some_and(|rect| rect.width() > 180.0) {
        shape.map_coords_in_place(|c| Coord { x: if c.x < 0.0 { c.x + 360.0 } else { c.x }, y: c.y });
    }
    let centre = shape.centroid().ok_or_else(|| (kind.to_owned(), "has no positions".to_owned()))?;
    Ok(Some([if centre.x() > 180.0 { centre.x() - 360.0 } else { centre.x() }, centre.y()]))
}

/// Of a kind of geometry and its coordinates; else the value that is wrong, and why.
pub(super) fn shape(kind: &str, coordinates: &Value) -> Result<Geometry, (String, String)> {
    Ok(match kind {
        "MultiPoint" => MultiPoint(line(coordinates)?.into_iter().map(Point).collect()).into(),
        "LineString" => LineString(line(coordinates)?).into(),
        "MultiLineString" => MultiLineString(each(coordinates, |c| line(c).map(LineString))?).into(),
        "Polygon" => polygon(coordinates)?.into(),
        "MultiPolygon" => MultiPolygon(each(coordinates, polygon)?).into(),
        _ => return Err((kind.to_owned(), "not a geometry with positions (RFC 7946)".into())),
    })
}

fn polygon(coordinates: &Value) -> Result<Polygon, (String, String)> {
    let mut rings = each(coordinates, |ring| {
        let ring_line = line(ring)?;
        if ring_line.len() < LEAST_RING || ring_line.first() != ring_line.last() {
            let reason = format!(
                "a ring of {} positions is no ring: {LEAST_RING} or more, the last like the first (RFC 7946, 3.1.6)",
                ring_line.len()
            );
            return Err((ring.to_string(), reason));
        }
        Ok(LineString(ring_line))
    })?;
    if rings.is_empty() {
        return Err((coordinates.to_string(), "a polygon without a ring".into()));
    }
    let outer = rings.remove(0);
    Ok(Polygon::new(outer, rings))
}

fn line(coordinates: &Value) -> Result<Vec<Coord>, (String, String)> {
    each(coordinates, position)
}

fn each<T>(list: &Value, one: impl Fn(&Value) -> Result<T, (String, String)>) -> Result<Vec<T>, (String, String)> {
    let list = list.as_array().ok_or_else(|| (list.to_string(), "coordinates are no list".to_owned()))?;
    list.iter().map(one).collect()
}

/// Longitude, latitude; elevation and what may follow are ignored (RFC 7946, 3.1.1).
fn position(coordinates: &Value) -> Result<Coord, (String, String)> {
    let numbers: Option<Vec<f64>> = coordinates.as_array().and_then(|l| l.iter().map(Value::as_f64).collect());
    match numbers.as_deref() {
        Some([lon, lat, ..]) => Ok(Coord { x: *lon, y: *lat }),
        _ => Err((coordinates.to_string(), "not a position of two numbers or more: longitude, latitude".into())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value, names: &[&str], centroid: bool) -> Result<Vec<String>, String> {
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        let fields = fields(value, &names, centroid, (1, 1)).map_err(|r| r.reason)?;
        Ok((0..fields.len()).map(|i| fields.get(i).to_owned()).collect())
    }

    #[test]
    fn names_reach_into_nested_values_and_a_property_of_just_that_name_comes_first() {
        let value = json!({"a": {"b": [7, {"c": null}]}, "a.b": "dotted", "n": 1.50, "t": true});
        let names = ["a.b", "a.b.0", "a.b.1.c", "a.x", "n", "t", "a", "geometry.lon"];
        let texts = ["dotted", "7", "", "", "1.5", "true", "{\"b\":[7,{\"c\":null}]}", ""];
        assert_eq!(read(&value, &names, false).unwrap(), texts);
    }

    #[test]
    fn a_feature_has_properties_an_id_and_a_position() {
        let mut feature = json!({"type": "Feature", "id": 5, "properties": {"id": "p", "lat": "x"},
            "geometry": {"type": "Point", "coordinates": [110.3, 20, 4, 5, 6]}});
        let names = ["id", "lon", "lat", "geometry.lat"];
        assert_eq!(read(&feature, &names, false).unwrap(), ["5", "110.3", "x", "20"]);
        feature["id"] = Value::Null;
        feature["geometry"] = Value::Null;
        assert_eq!(read(&feature, &names, false).unwrap(), ["p", "", "x", ""]);
    }

    #[test]
    fn other_geometries_have_a_centroid_where_the_mapping_wants_it() {
        let at = |geometry: Value, centroid| {
            let feature = json!({"type": "Feature", "properties": null, "geometry": geometry});
            read(&feature, &["geometry.lon", "geometry.lat"], centroid)
        };
        let line = json!({"type": "LineString", "coordinates": [[0, 0], [2, 0]]});
        assert_eq!(at(line.clone(), true).unwrap(), ["1", "0"]);
        assert!(
            at(line, false)
                .unwrap_err()
                .starts_with("not a Point; for reports, a mapping with geometry = \"centroid\"")
        );
        let across = json!({"type": "LineString", "coordinates": [[179.5, 10], [-179.75, 10]]});
        assert_eq!(at(across, true).unwrap(), ["179.875", "10"]);
        let across = json!({"type": "MultiPoint", "coordinates": [[179.75, 10], [-179.5, 10]]});
        assert_eq!(at(across, true).unwrap(), ["-179.875", "10"]);
        let square = json!({"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]});
        assert_eq!(at(square, true).unwrap(), ["1", "1"]);
        for (geometry, reason) in [
            (json!({"type": "Polygon", "coordinates": [[[0, 0], [0, 0]]]}), "a ring of 2 positions is no ring"),
            (json!({"type": "Polygon", "coordinates": []}), "without a ring"),
            (json!({"type": "MultiPoint", "coordinates": []}), "has no positions"),
            (json!({"type": "LineString", "coordinates": [[0], [1, 2]]}), "not a position of two numbers"),
            (json!({"type": "LineString", "coordinates": 5}), "coordinates are no list"),
            (json!({"type": "GeometryCollection", "geometries": []}), "not a geometry with positions"),
            (json!("x"), "not a geometry with positions"),
        ] {
            let said = at(geometry.clone(), true).unwrap_err();
            assert!(said.contains(reason), "{geometry}: {said}");
        }
        assert!(at(json!({"type": "Point", "coordinates": ["1", 2]}), false).unwrap_err().contains("two numbers"));
    }
}
