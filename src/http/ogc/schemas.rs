//! What the answers look like, for OpenAPI 3.0: the schemas that our own API is described by, which is OpenAPI 3.1.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::super::problem::Wire;
use crate::hazard::layer::{
    AreaProperties, ClosureProperties, CoverageProperties, Feature, FeatureCollection, HotspotProperties,
    IncidentProperties, Layer, PlaceProperties, ReportProperties, StormProperties, StreetProperties, WorksProperties,
};

#[derive(OpenApi)]
#[openapi(components(schemas(
    FeatureCollection<AreaProperties>,
    FeatureCollection<ClosureProperties>,
    FeatureCollection<CoverageProperties>,
    FeatureCollection<HotspotProperties>,
    FeatureCollection<IncidentProperties>,
    FeatureCollection<PlaceProperties>,
    FeatureCollection<ReportProperties>,
    FeatureCollection<StormProperties>,
    FeatureCollection<StreetProperties>,
    FeatureCollection<WorksProperties>,
    Feature<AreaProperties>,
    Feature<ClosureProperties>,
    Feature<CoverageProperties>,
    Feature<HotspotProperties>,
    Feature<IncidentProperties>,
    Feature<PlaceProperties>,
    Feature<ReportProperties>,
    Feature<StormProperties>,
    Feature<StreetProperties>,
    Feature<WorksProperties>,
    Wire,
)))]
struct Schemas;

/// All of them by name.
pub static SCHEMAS: LazyLock<Value> = LazyLock::new(|| {
    let described = serde_json::to_value(Schemas::openapi()).unwrap_or_default();
    in_3_0(&described, &described["components"]["schemas"])
});

/// The schema of a layer's feature, by reference; of a page of them with `FeatureCollection` before its name.
pub fn of(kind: &str, layer: Layer) -> Value {
    let properties = match layer {
        Layer::Reports => "ReportProperties",
        Layer::Incidents => "IncidentProperties",
        Layer::Hotspots => "HotspotProperties",
        Layer::Storms => "StormProperties",
        Layer::Places => "PlaceProperties",
        Layer::Streets => "StreetProperties",
        Layer::Works => "WorksProperties",
        Layer::Areas => "AreaProperties",
        Layer::Coverage => "CoverageProperties",
        Layer::Closures => "ClosureProperties",
    };
    json!({"$ref": format!("#/components/schemas/{kind}_{properties}")})
}

/// A schema as OpenAPI 3.0 writes it, which says `nullable` for what may be null, and nothing beside a reference.
fn in_3_0(described: &Value, schema: &Value) -> Value {
    let members = match schema {
        Value::Array(items) => return items.iter().map(|item| in_3_0(described, item)).collect(),
        Value::Object(members) => members,
        plain => return plain.clone(),
    };
    if let Some(reference @ Value::String(_)) = members.get("$ref") {
        return json!({"$ref": reference});
    }
    if let Some(Value::Array(either)) = members.get("oneOf")
        && let [some, none] = &either[..]
        && none["type"] == "null"
    {
        return nullable(in_3_0(described, referred(described, some)));
    }
    let mut out: Map<String, Value> = members.iter().map(|(n, v)| (n.clone(), in_3_0(described, v))).collect();
    if let Some(Value::Array(types)) = members.get("type") {
        out.insert("type".into(), types[0].clone());
        return nullable(out.into());
    }
    out.into()
}

fn referred<'v>(described: &'v Value, schema: &'v Value) -> &'v Value {
    let at = schema["$ref"].as_str().map(|reference| reference.trim_start_matches('#'));
    at.and_then(|at| described.pointer(at)).unwrap_or(schema)
}

fn nullable(mut schema: Value) -> Value {
    schema["nullable"] = true.into();
    // A list of values must name null, too.
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.push(Value::Null);
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_null_is_nullable_and_nothing_stands_beside_a_reference() {
        let described = json!({"components": {"schemas": {"W": {"type": "string", "enum": ["a"]}}}});
        let reference = json!({"$ref": "#/components/schemas/W", "description": "w"});
        let schema = json!({"type": "object", "properties": {
            "a": {"type": ["integer", "null"], "minimum": 0},
            "b": {"oneOf": [reference, {"type": "null"}]},
            "type": reference,
        }});
        let expected = json!({"type": "object", "properties": {
            "a": {"type": "integer", "minimum": 0, "nullable": true},
            "b": {"type": "string", "enum": ["a", null], "nullable": true},
            "type": {"$ref": "#/components/schemas/W"},
        }});
        assert_eq!(in_3_0(&described, &schema), expected);
    }
}
