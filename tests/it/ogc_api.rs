//! The OpenAPI 3.0 document of OGC API: whole in itself, as clients and the test suite need it, and true.

use serde_json::{Value, json};

use crate::ogc::{collections, world};
use crate::server::Server;

pub fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn referred<'v>(document: &'v Value, part: &'v Value) -> &'v Value {
    let Some(reference) = part["$ref"].as_str() else { return part };
    let at = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} lies outside"));
    document.pointer(at).unwrap_or_else(|| panic!("{reference} is not there"))
}

/// Calls `look` with every object of the document and where it stands.
pub fn every_object(part: &Value, at: &str, look: &mut impl FnMut(&str, &Value)) {
    match part {
        Value::Array(parts) => parts.iter().for_each(|part| every_object(part, at, look)),
        Value::Object(members) => {
            look(at, part);
            members.iter().for_each(|(name, member)| every_object(member, &format!("{at}/{name}"), look));
        }
        _ => {}
    }
}

/// What a value breaks of a schema of OpenAPI 3.0, as far as the document uses it; members that are not described, too.
pub fn broken(document: &Value, schema: &Value, value: &Value, at: &str, known: &mut Vec<String>) -> Vec<String> {
    let schema = referred(document, schema);
    if value.is_null() && schema["nullable"] == true {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
    };
    let fits = |wanted: &str| wanted == kind || (wanted == "number" && kind == "integer");
    if schema["type"].as_str().is_some_and(|wanted| !fits(wanted)) {
        wrong.push(format!("{at}: {value} is no {}", schema["type"]));
    }
    if schema["enum"].is_array() && !items(&schema["enum"]).contains(value) {
        wrong.push(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    for part in items(&schema["allOf"]) {
        wrong.extend(broken(document, part, value, at, known));
    }
    for name in items(&schema["required"]).iter().filter(|name| value.get(name.as_str().unwrap()).is_none()) {
        wrong.push(format!("{at}: {name} is missing"));
    }
    if let (Some(members), Some(described)) = (value.as_object(), schema["properties"].as_object()) {
        for (name, schema) in described {
            let at = format!("{at}/{name}");
            if let Some(member) = members.get(name) {
                let mut inner = Vec::new();
                wrong.extend(broken(document, schema, member, &at, &mut inner));
                known.extend(inner);
            }
            known.push(at);
        }
    }
    if let (Some(members), true) = (value.as_object(), schema["additionalProperties"].is_object()) {
        for (name, member) in members {
            let at = format!("{at}/{name}");
            wrong.extend(broken(document, &schema["additionalProperties"], member, &at, known));
            known.push(at);
        }
    }
    if schema["additionalProperties"] == true {
        known.extend(unknown(value, at, &[]));
    }
    for (n, item) in items(value).iter().enumerate() {
        wrong.extend(broken(document, &schema["items"], item, &format!("{at}/{n}"), known));
    }
    wrong
}

/// Members of a value that no schema describes.
pub fn unknown(value: &Value, at: &str, known: &[String]) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let each = members.iter().flat_map(|(name, member)| {
                let at = format!("{at}/{name}");
                let this = (!known.contains(&at)).then(|| at.clone());
                this.into_iter().chain(unknown(member, &at, known)).collect::<Vec<_>>()
            });
            each.collect()
        }
        Value::Array(all) => {
            all.iter().enumerate().flat_map(|(n, item)| unknown(item, &format!("{at}/{n}"), known)).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_document_is_openapi_3_0_and_whole_in_itself() {
    let server = Server::seeded(&world());
    let answer = server.get("/ogc/api");
    assert_eq!(answer.header("content-type"), "application/vnd.oai.openapi+json;version=3.0");
    let document = answer.json();
    assert_eq!(document["openapi"], "3.0.3");
    // Everybody may read all of it; who may write is said at each operation that writes.
    let schemes = &document["components"]["securitySchemes"];
    assert!(document.get("security").is_none() && schemes["api_key"]["scheme"] == "bearer");
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let any = items(&operation["security"]);
            assert_eq!(any.is_empty(), method == "get", "{method} {path}");
            let named = any.iter().flat_map(|one| one.as_object().unwrap().keys());
            assert!(named.into_iter().all(|name| schemes.get(name).is_some()), "{method} {path}");
        }
    }
    assert_eq!(document["servers"], json!([{"url": format!("{}/ogc", server.address)}]));
    let (mut references, mut ids) = (0, Vec::new());
    every_object(&document, "", &mut |at, part| {
        if part.get("$ref").is_some_and(Value::is_string) {
            references += 1;
            referred(&document, part);
            assert_eq!(part.as_object().unwrap().len(), 1, "{at}: OpenAPI 3.0 reads nothing beside a reference");
        }
        // OpenAPI 3.1 alone knows these.
        assert!(!part["type"].is_array() && part["type"] != "null" && part.get("examples").is_none(), "{at}");
        ids.extend(part["operationId"].as_str().map(str::to_owned));
    });
    let all = ids.len();
    ids.sort();
    ids.dedup();
    // Four of the service, three of all tiles, three of the tiles of each of the three layers and of all, five of each layer,
    // and four that change reports.
    assert!(
        references > 100 && all == ids.len() && all == 4 + 3 + 3 * 4 + 5 * collections().count() + 4,
        "{references} {ids:?}"
    );
}

/// Requirement: features-3/1.0/req/filter/filter-param
/// Requirement: features-3/1.0/req/filter/filter-lang-param
/// Requirement: features-3/1.0/req/features-filter/filter-param
/// Requirement: features-3/1.0/req/features-filter/filter-lang-param
/// Requirement: features-3/1.0/req/features-filter/filter-crs-param
#[test]
fn the_parameters_are_as_the_standard_and_qgis_need_them() {
    let document = Server::start().get("/ogc/api").json();
    let limit = &document["components"]["parameters"]["limit"];
    assert_eq!(limit["schema"], json!({"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1_000}));
    for collection in collections() {
        let operation = &document["paths"][format!("/collections/{collection}/items")]["get"];
        let parameters: Vec<_> = items(&operation["parameters"]).iter().map(|p| referred(&document, p)).collect();
        for parameter in &parameters {
            let style = (&parameter["in"], &parameter["required"], &parameter["style"], &parameter["explode"]);
            assert_eq!(style, (&json!("query"), &json!(false), &json!("form"), &json!(false)), "{parameter}");
        }
        let named = |name: &str| parameters.iter().find(|p| p["name"] == name).map(|p| &p["schema"]);
        let bbox = json!({"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}});
        assert_eq!((named("bbox"), named("datetime")), (Some(&bbox), Some(&json!({"type": "string"}))));
        assert_eq!(named("limit"), Some(&limit["schema"]));
        let lang = json!({"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"});
        assert_eq!((named("filter"), named("filter-lang")), (Some(&json!({"type": "string"})), Some(&lang)));
        let uri = (&named("filter-crs").unwrap()["type"], &named("filter-crs").unwrap()["format"]);
        assert_eq!(uri, (&json!("string"), &json!("uri")));
        let has_status = matches!(collection, "reports" | "incidents" | "hotspots");
        let has_category = has_status || collection == "closures";
        assert_eq!((named("category").is_some(), named("status").is_some()), (has_category, has_status));
    }
}
