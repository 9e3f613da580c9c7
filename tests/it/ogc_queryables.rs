//! What a filter can ask for: described, and the same as what is published.

use serde_json::{Value, json};
use waterlog::hazard::layer::Layer;

use crate::ogc::{link, path};
use crate::ogc_filter::{everything, found, golden};
use crate::server::Server;

/// A literal that a value is equal to.
fn equals(name: &str, schema: &Value, value: &Value) -> String {
    match value {
        Value::Null => format!("\"{name}\" IS NULL"),
        Value::String(time) if schema["format"] == "date-time" => format!("{name} = TIMESTAMP('{time}')"),
        Value::String(text) => format!("{name} = '{}'", text.replace('\\', "\\\\").replace('\'', "''")),
        other => format!("{name} = {other}"),
    }
}

/// Requirement: features-3/1.0/req/queryables/get-queryables-response
/// Requirement: cql2/1.0/req/basic-cql2/property
#[test]
fn every_published_property_is_a_queryable_and_is_asked_for_by_the_value_that_is_published() {
    let server = Server::seeded(&golden());
    let mut asked = 0;
    for layer in Layer::ALL {
        let collection = layer.name();
        let schema = server.get(&format!("/ogc/collections/{collection}/queryables")).json();
        let queryables = schema["properties"].as_object().unwrap();
        let all = everything(&server, collection);
        let step = all.len() / 6 + 1;
        for feature in all.iter().step_by(step) {
            let mut published: Vec<_> = feature["properties"].as_object().unwrap().keys().map(String::as_str).collect();
            published.extend(["id", "geometry"]);
            published.sort_unstable();
            let mut names: Vec<_> = queryables.keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(names, published, "{collection}");
            let id = feature["id"].as_str().unwrap();
            let mut filter = format!("id = '{id}'");
            for (name, schema) in queryables.iter().filter(|(name, _)| !matches!(name.as_str(), "id" | "geometry")) {
                let value = &feature["properties"][name];
                if let Some(words) = schema["enum"].as_array().filter(|_| !value.is_null()) {
                    assert!(words.contains(value), "{name}: {value} is none of {words:?}");
                }
                filter += &format!(" AND {}", equals(name, schema, value));
                asked += 1;
            }
            assert_eq!(found(&server, collection, &filter, "cql2-text"), [id], "{filter}");
        }
    }
    assert!(asked > 300, "{asked}");
}

/// Requirement: features-3/1.0/req/queryables/get-queryables-op
/// Requirement: features-3/1.0/req/queryables/get-queryables-response
/// Requirement: features-3/1.0/req/queryables/queryables-link
/// Requirement: features-3/1.0/req/features-filter/get-queryables-op
/// Requirement: features-3/1.0/req/features-filter/queryables-link
#[test]
fn queryables_are_a_json_schema_that_the_collection_links_to() {
    let server = Server::seeded(&golden());
    for layer in Layer::ALL {
        let at = format!("/ogc/collections/{}", layer.name());
        let collection = server.get(&at).json();
        let to = link(&collection, "http://www.opengis.net/def/rel/ogc/1.0/queryables").unwrap();
        assert_eq!(
            (&to["type"], path(&server, &to["href"])),
            (&json!("application/schema+json"), &*format!("{at}/queryables"))
        );
        let answer = server.get(path(&server, &to["href"]));
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/schema+json"));
        let schema = answer.json();
        assert_eq!(
            (&schema["$schema"], &schema["$id"]),
            (&json!("https://json-schema.org/draft/2020-12/schema"), &to["href"])
        );
        assert_eq!((&schema["type"], &schema["additionalProperties"]), (&json!("object"), &json!(false)));
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(property["title"].as_str().is_some_and(|title| !title.is_empty()), "{name}");
            let spatial = property["format"].as_str().is_some_and(|format| format.starts_with("geometry-"));
            assert_eq!((name == "geometry", property.get("type").is_none()), (spatial, spatial), "{name}");
            let unit = ["_cm", "_s", "_m", "_mm"].iter().any(|unit| name.ends_with(unit));
            assert!(!unit || property.get("x-ogc-unit").is_some(), "{name} has a unit");
        }
    }
    let depth = server.get("/ogc/collections/reports/queryables").json()["properties"]["depth_cm"].clone();
    assert_eq!(depth, json!({"type": "number", "title": "Depth of the water", "x-ogc-unit": "cm"}));
    assert!(server.get("/ogc/collections/reports/queryables?limit=1").problem(400).contains("unknown query parameter"));
    server.get("/ogc/collections/roads/queryables").problem(404);
}
