//! The description of the service, and what answers are by it.

use serde_json::Value;

use crate::ogc_api::{broken, every_object, items, referred, unknown};
use crate::server::{Answer, Server};

/// Every path of the description that can be asked for, and an address that it stands for: the tile 0/0/0, and the first
/// feature of a collection, if it has one.
pub fn each_path(server: &Server, document: &Value) -> Vec<(String, String)> {
    let address = |path: &String| {
        let mut at = format!("/ogc{}", path.trim_end_matches('/'));
        for part in ["{tileMatrix}", "{tileRow}", "{tileCol}"] {
            at = at.replace(part, "0");
        }
        let Some(list) = at.strip_suffix("/{featureId}") else { return Some((path.clone(), at)) };
        let first = server.features(list).first().map(|feature| super::escaped(&feature["id"]))?;
        Some((path.clone(), format!("{list}/{first}")))
    };
    document["paths"].as_object().unwrap().keys().filter_map(address).collect()
}

/// The parameters of what can be read at a path.
pub fn parameters(document: &Value, path: &str) -> Vec<Value> {
    items(&document["paths"][path]["get"]["parameters"]).iter().map(|p| referred(document, p).clone()).collect()
}

pub fn parameter(document: &Value, path: &str, name: &str) -> Value {
    let found = parameters(document, path).into_iter().find(|parameter| parameter["name"] == name);
    found.unwrap_or_else(|| panic!("{path} takes no {name}"))
}

/// The schema of an answer to an operation, if its status and type are described.
pub fn schema_of(document: &Value, path: &str, method: &str, answer: &Answer) -> Option<Value> {
    let response = referred(document, &document["paths"][path][method]["responses"][answer.status.to_string()]);
    Some(response["content"][answer.header("content-type")]["schema"].clone()).filter(Value::is_object)
}

/// What an address of a path answers, and how it refuses what it does not know, is as it is described and holds nothing else.
pub fn described(server: &Server, path: &str, at: &str) {
    let document = server.get("/ogc/api").json();
    for (query, status) in [("", 200), ("?no_such_parameter=1", 400)] {
        let answer = server.get(&format!("{at}{query}"));
        assert_eq!(answer.status, status, "{at}{query}");
        let schema = schema_of(&document, path, "get", &answer);
        let schema =
            schema.unwrap_or_else(|| panic!("{at}{query}: {} is not described", answer.header("content-type")));
        if schema["format"] == "binary" || schema["type"] == "string" {
            continue;
        }
        let (value, mut known) = (answer.json(), Vec::new());
        let wrong = broken(&document, &schema, &value, "", &mut known);
        assert!(wrong.is_empty(), "{at}{query}: {wrong:?}");
        if path != "/api" {
            let more = unknown(&value, "", &known);
            assert!(more.is_empty(), "{at}{query}: not described: {more:?}");
        }
    }
}

/// Is a document OpenAPI 3.0? What its parts have to have, and none of what only 3.1 knows.
pub fn expect_openapi_3_0(document: &Value) {
    assert!(document["openapi"].as_str().unwrap().starts_with("3.0."), "{}", document["openapi"]);
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    let mut ids = std::collections::BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with('/'), "{path}");
        for (method, operation) in operations.as_object().unwrap() {
            let what = format!("{method} {path}");
            assert!(["get", "post", "put", "patch", "delete"].contains(&&**method), "{what}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{what}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                !responses.is_empty() && responses.values().all(|r| referred(document, r)["description"].is_string()),
                "{what}"
            );
            let mut named = std::collections::BTreeSet::new();
            for parameter in items(&operation["parameters"]).iter().map(|p| referred(document, p)) {
                let (name, within) = (parameter["name"].as_str().unwrap(), parameter["in"].as_str().unwrap());
                assert!(
                    parameter["schema"].is_object() && ["path", "query", "header"].contains(&within),
                    "{what}: {name}"
                );
                let of_path = path.contains(&format!("{{{name}}}"));
                assert_eq!(within == "path", of_path && parameter["required"] == true, "{what}: {name}");
                assert!(named.insert((within.to_owned(), name.to_owned())), "{what}: {name} twice");
            }
            let in_path = named.iter().filter(|(within, _)| within == "path").count();
            assert_eq!(in_path, path.matches('{').count(), "{what}");
        }
    }
    assert!(ids.len() > 60, "{}", ids.len());
    every_object(document, "", &mut |at, part| {
        if part.get("$ref").is_some_and(Value::is_string) {
            referred(document, part);
            assert_eq!(part.as_object().unwrap().len(), 1, "{at}: nothing stands beside a reference");
        }
        let of_a_schema = !at.ends_with("/properties") && !at.contains("/example");
        if of_a_schema && let Some(kind) = part.get("type") {
            let known = ["string", "number", "integer", "boolean", "array", "object", "http", "apiKey"];
            assert!(kind.as_str().is_none_or(|kind| known.contains(&kind)) && !kind.is_array(), "{at}: {kind}");
            assert!(kind != "array" || part["items"].is_object(), "{at}: an array of what?");
        }
        for only_3_1 in ["const", "examples", "prefixItems", "$defs", "webhooks", "contentMediaType"] {
            assert!(part.get(only_3_1).is_none() || !of_a_schema, "{at}: {only_3_1}");
        }
    });
}
