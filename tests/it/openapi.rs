//! The description of the API says what is true: every example in it is run.

use serde_json::{Map, Value};

use crate::program::{TREE, waterlog};
use crate::server::{Answer, Server};

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE).iter()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// As text in an address.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.replace('+', "%2B").replace(' ', "%20")
}

/// Is this a status that the operation tells of?
fn described(operation: &Value, answer: &Answer, what: &str) {
    let responses = &operation["responses"];
    assert!(responses.get(answer.status.to_string()).is_some(), "{what}: {} {}", answer.status, answer.text());
}

/// Does a body have the members its schema needs, and no other?
fn fits(description: &Value, schema: &Value, body: &Value, what: &str) {
    let reference = schema["$ref"].as_str().map(|r| r.trim_start_matches('#').to_owned());
    let schema = reference.as_ref().map_or(schema, |r| description.pointer(r).unwrap_or_else(|| panic!("{what}: {r}")));
    let parts = std::iter::once(schema).chain(list(&schema["allOf"]));
    let parts: Vec<&Value> = parts
        .map(|part| part["$ref"].as_str().map_or(part, |r| description.pointer(r.trim_start_matches('#')).unwrap()))
        .collect();
    if let (Some(items), Some(all)) = (schema.get("items"), body.as_array()) {
        all.iter().for_each(|item| fits(description, items, item, what));
    }
    let Some(members) = body.as_object() else { return };
    let known: Vec<(&String, &Value)> = deep(description, &parts);
    assert!(!known.is_empty(), "{what}: {schema}");
    for (name, value) in members {
        let described = known.iter().find(|(n, _)| *n == name);
        let (_, schema) = described.unwrap_or_else(|| panic!("{what}: {name} is not described"));
        let either = list(&schema["oneOf"]).iter().find(|s| s["type"] != "null").unwrap_or(schema);
        fits(description, either, value, &format!("{what}.{name}"));
    }
    let needed = parts.iter().flat_map(|part| list(&part["required"]));
    for name in needed {
        assert!(members.contains_key(name.as_str().unwrap()), "{what}: {name} is missing");
    }
}

/// The members that parts describe, those of nested parts too.
fn deep<'v>(description: &'v Value, parts: &[&'v Value]) -> Vec<(&'v String, &'v Value)> {
    let mut known = Vec::new();
    for part in parts {
        known.extend(object(&part["properties"]));
        let inner: Vec<&Value> = list(&part["allOf"])
            .iter()
            .map(|p| p["$ref"].as_str().map_or(p, |r| description.pointer(r.trim_start_matches('#')).unwrap()))
            .collect();
        if !inner.is_empty() {
            known.extend(deep(description, &inner));
        }
    }
    known
}

#[test]
fn every_example_in_the_description_of_the_api_runs_and_its_answer_is_as_described() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap(), "demo", "--no-serve"];
    waterlog(TREE.as_ref(), &arguments).expect_success();
    let server = Server::start_with(folder.path(), &["--clock", "2024-07-01T03:20:00Z", "--trust-actors"]);
    let description = server.get("/api/docs/openapi.json").json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ran = 0;
    for (path, operations) in object(&description["paths"]) {
        for (method, operation) in object(operations) {
            let params = list(&operation["parameters"]);
            let mut base = path.clone();
            for param in params.iter().filter(|p| p["in"] == "path") {
                let name = param["name"].as_str().unwrap();
                base = base.replace(&format!("{{{name}}}"), &plain(&param["example"]));
            }
            assert!(!base.contains('{'), "{base}: a path parameter without an example");
            if method == "post" {
                ran += posts(&server, &base, operation, &description);
                continue;
            }
            assert_eq!(method, "get");
            let pair = |p: &Value| format!("{}={}", p["name"].as_str().unwrap(), plain(&p["example"]));
            let needed: Vec<_> = params.iter().filter(|p| p["in"] == "query" && p["required"] == true).collect();
            for p in &needed {
                base += &format!("{}{}", if base.contains('?') { "&" } else { "?" }, pair(p));
            }
            let sign = if needed.is_empty() { "?" } else { "&" };
            let examples = params.iter().filter(|p| p["in"] == "query" && p.get("example").is_some());
            let optional = examples.filter(|p| !needed.contains(p));
            let queries = optional.map(|p| format!("{sign}{}", pair(p)));
            for query in std::iter::once(String::new()).chain(queries) {
                let what = format!("{base}{query}");
                if operation["responses"]["200"]["content"].get("text/event-stream").is_some() {
                    // It would go on for ever; what it says has tests of its own.
                    assert_eq!(server.head(&what).header("content-type"), "text/event-stream", "{what}");
                    ran += 1;
                    continue;
                }
                let answer = server.get(&what);
                assert_eq!(answer.status, 200, "{what}: {}", answer.text());
                let content = &operation["responses"]["200"]["content"];
                let schema = &content[answer.header("content-type")]["schema"];
                assert!(schema.is_object(), "{what}: {} is not described", answer.header("content-type"));
                fits(&description, schema, &answer.json(), &what);
                ran += 1;
            }
            let wrong = server.get(&format!("{base}{sign}no_such_parameter=1"));
            described(operation, &wrong, &base);
            let schema = &operation["responses"]["400"]["content"]["application/problem+json"]["schema"];
            fits(&description, schema, &wrong.json(), &base);
        }
    }
    println!("{ran} examples run");
    assert!(ran > 100, "{ran}");
}

fn posts(server: &Server, path: &str, operation: &Value, description: &Value) -> usize {
    let mut ran = 0;
    for (kind, content) in object(&operation["requestBody"]["content"]) {
        let schema = &content["schema"];
        let referred = schema["$ref"].as_str().and_then(|r| description.pointer(r.trim_start_matches('#')));
        let example = content.get("example").or_else(|| referred.and_then(|schema| schema.get("example")));
        let example = example.unwrap_or_else(|| panic!("no example of {kind}"));
        let body = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        let given = list(&operation["parameters"]).iter().filter(|p| p["in"] == "header" && p.get("example").is_some());
        let given: Vec<_> = given.map(|p| (p["name"].as_str().unwrap(), plain(&p["example"]))).collect();
        let mut headers: Vec<(&str, &str)> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.push(("content-type", kind));
        let answer = server.post_at(path, body.as_bytes(), &headers);
        described(operation, &answer, kind);
        assert!(matches!(answer.status, 200 | 201), "{kind}: {}", answer.text());
        assert!(!answer.text().contains("\"status\":4"), "{kind}: {}", answer.text());
        if answer.header("content-type") == "application/json" {
            let status = answer.status.to_string();
            let content = &operation["responses"][status]["content"]["application/json"]["schema"];
            fits(description, content, &answer.json(), kind);
        }
        ran += 1;
    }
    ran
}

#[test]
fn the_api_can_be_read_in_a_browser_without_another_host() {
    let server = Server::start();
    let moved = server.get("/api/docs");
    assert_eq!((moved.status, moved.header("location")), (303, "/api/docs/"));
    let page = server.get("/api/docs/");
    assert!(page.status == 200 && page.header("content-type").starts_with("text/html"));
    for part in page.text().split(['"', '\'']).filter(|part| part.ends_with(".js") || part.ends_with(".css")) {
        assert!(!part.contains("//"), "{part}");
        let file = server.get(&format!("/api/docs/{}", part.trim_start_matches("./")));
        assert_eq!(file.status, 200, "{part}");
    }
}
