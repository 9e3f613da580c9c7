//! What the features of a collection can be asked for in a filter (OGC 19-079r2, 6) and sorted by (OGC 24-030, 6), as JSON
//! Schema.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::super::Problem;
use super::call::Call;
use super::{SCHEMA, address, collection};
use crate::hazard::cql2::{Kind, Property};
use crate::hazard::layer::Layer;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

pub async fn queryables(call: Call, Path(id): Path<String>) -> Result<Response, Problem> {
    let layer = collection(&id)?;
    let id = address(&call.base, layer, "/queryables");
    call.fixed(SCHEMA, |_| schema(layer, id, layer.properties().iter()))
}

pub async fn sortables(call: Call, Path(id): Path<String>) -> Result<Response, Problem> {
    let layer = collection(&id)?;
    let id = address(&call.base, layer, "/sortables");
    let sorts = |property: &&Property| layer.sorts().contains(&property.name);
    call.fixed(SCHEMA, |_| schema(layer, id, layer.properties().iter().filter(sorts)))
}

/// Of an object that has these properties and no others.
fn schema<'p>(layer: Layer, id: String, properties: impl Iterator<Item = &'p Property>) -> Value {
    let properties: Map<_, _> = properties.map(|property| (property.name.to_owned(), described(property))).collect();
    json!({
        "$schema": DRAFT,
        "$id": id,
        "title": layer.title(),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn described(property: &Property) -> Value {
    let mut schema = match property.kind {
        Kind::Text => json!({"type": "string"}),
        Kind::Words(words) => json!({"type": "string", "enum": words()}),
        Kind::Number => json!({"type": "number"}),
        Kind::Integer => json!({"type": "integer"}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Time => json!({"type": "string", "format": "date-time"}),
        Kind::Geometry(kind) => json!({"format": format!("geometry-{kind}"), "x-ogc-role": "primary-geometry"}),
    };
    schema["title"] = property.title.into();
    if let Some(unit) = property.unit {
        schema["x-ogc-unit"] = unit.into();
    }
    if property.name == "id" {
        schema["x-ogc-role"] = "id".into();
    }
    schema
}
