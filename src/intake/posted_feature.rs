//! A report as a GeoJSON feature (RFC 7946), as it is sent to OGC API - Features, Part 4: what [`NewReport`] reads is made
//! of it.
//!
//! [`NewReport`]: super::post::NewReport

use serde_json::{Map, Value, json};

use super::json::Fields;
use crate::error::{Result, invalid};

/// The properties that are taken.
pub const TAKEN: [&str; 10] =
    ["category", "observed_at", "depth_cm", "passability", "dry", "accuracy_m", "channel", "place", "text", "photos"];
/// Properties that are published and follow from others: whoever sends back what he was given sends them, too.
pub const FOLLOW: [&str; 4] = ["received_at", "status", "incident_id", "hotspot_id"];

/// The body of a report that a feature says; `degrees` reads coordinates as longitude and latitude. Its id and whatever
/// else GeoJSON allows beside its members are passed over.
///
/// # Errors
/// `Invalid` with the first member that is wrong.
pub fn body(feature: &Value, degrees: impl Fn([f64; 2]) -> Result<[f64; 2]>) -> Result<Value> {
    let kind = feature.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind != "Feature" {
        return Err(invalid("type", kind, "not a GeoJSON Feature (RFC 7946, 3.2)"));
    }
    let [lon, lat] = degrees(point(&feature["geometry"])?)?;
    let known = [&TAKEN[..], &FOLLOW].concat();
    let properties = feature.get("properties").unwrap_or(&Value::Null);
    let fields = Fields::of(properties, "properties", "properties.", &known)?;
    let mut out = Map::from_iter([("lon".to_owned(), json!(lon)), ("lat".to_owned(), json!(lat))]);
    for name in TAKEN {
        let Some(value) = fields.get(name) else { continue };
        match name {
            "channel" => out.insert("source".into(), json!({"channel": value})),
            _ => out.insert(name.into(), value.clone()),
        };
    }
    Ok(out.into())
}

/// The coordinates of a point; a height is passed over.
fn point(geometry: &Value) -> Result<[f64; 2]> {
    let wrong = |reason: &str| invalid("geometry", geometry, reason);
    if geometry["type"] != "Point" {
        return Err(wrong("a report lies at a GeoJSON Point"));
    }
    let numbers: Option<Vec<f64>> =
        geometry["coordinates"].as_array().and_then(|all| all.iter().map(Value::as_f64).collect());
    match numbers.as_deref() {
        Some([first, second] | [first, second, _]) => Ok([*first, *second]),
        _ => Err(wrong("its coordinates are not two or three numbers")),
    }
}

/// What a feature becomes by a patch (RFC 7396, 2): a member that is null goes, objects are patched within, all else is put
/// in the place of what was there.
pub fn patched(target: Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut members = match target {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, change) in changes {
        let before = members.remove(name).unwrap_or_default();
        if !change.is_null() {
            members.insert(name.clone(), patched(before, change));
        }
    }
    members.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(feature: &Value) -> Result<Value> {
        body(feature, Ok)
    }

    #[test]
    fn what_is_published_can_be_sent_back_and_what_is_unknown_is_refused() {
        let feature = |properties: Value| {
            json!({"type": "Feature", "id": "a", "links": [], "properties": properties,
                "geometry": {"type": "Point", "coordinates": [110.5, 20.25, 3]}})
        };
        let told = feature(json!({"category": "waterlogging", "observed_at": "2024-01-01T00:00:00Z", "status": "open",
            "incident_id": "i1", "hotspot_id": null, "depth_cm": null, "dry": false, "channel": "app", "text": "deep"}));
        let expected = json!({"category": "waterlogging", "observed_at": "2024-01-01T00:00:00Z", "lon": 110.5, "lat": 20.25,
            "dry": false, "source": {"channel": "app"}, "text": "deep"});
        assert_eq!(read(&told).unwrap(), expected);
        let mut line = feature(json!({}));
        line["geometry"]["type"] = "LineString".into();
        let mut far = feature(json!({}));
        far["geometry"]["coordinates"] = json!([1, "2"]);
        for (wrong, part) in [
            (feature(json!({"colour": "red"})), "properties.colour"),
            (feature(json!([])), "properties"),
            (line, "at a GeoJSON Point"),
            (far, "two or three numbers"),
            (json!({"type": "FeatureCollection", "features": []}), "not a GeoJSON Feature"),
            (json!(7), "not a GeoJSON Feature"),
        ] {
            let told = read(&wrong).unwrap_err().to_string();
            assert!(told.contains(part), "{wrong}: {told}");
        }
    }

    #[test]
    fn a_patch_is_merged_as_the_examples_of_rfc_7396_are() {
        for (target, patch, expected) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!(["a"]), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            assert_eq!(patched(target, &patch), expected, "{patch}");
        }
    }
}
