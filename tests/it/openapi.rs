//! The description of the API says what is true: every example in it is run.

use serde_json::{Map, Value, json};

use crate::people;
use crate::people_http::log_in;
use crate::program::{TREE, waterlog};
use crate::server::{Answer, Server, report};

pub fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE).iter()
}

pub fn list(value: &Value) -> &[Value] {
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
    // A table: whatever its members are called, each has the same schema.
    if let Some(each) = schema.get("additionalProperties").filter(|each| each.is_object()) {
        assert!(schema.get("properties").is_none(), "{what}: {schema}");
        return members.iter().for_each(|(name, value)| fits(description, each, value, &format!("{what}.{name}")));
    }
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

/// The photo of the examples.
const PICTURE: &str = "RIFF\u{16}\0\0\0WEBPVP8L\u{9}\0\0\0/\0\0\0\0(@D\u{4}\0";

/// The demo city with an administrator, somebody whom the examples name, and a report that is followed, on whose case a step
/// was taken that shows its reporter a photo.
pub struct DescribedCity {
    pub server: Server,
    pub folder: tempfile::TempDir,
    /// The administrator's, as a header has it.
    pub key: String,
    /// Of the link of the report.
    token: String,
    /// The address of the photos of the step.
    step_photos: String,
}

pub fn described_city() -> DescribedCity {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap(), "demo", "--no-serve"];
    waterlog(TREE.as_ref(), &arguments).expect_success();
    people::add(folder.path(), "admin", "administrator", &[]);
    people::add(folder.path(), "wang.wei", "grid_worker", &["--name", "王伟"]);
    let key = people::key(folder.path(), "admin", &["read", "report", "act", "admin"]);
    let server = Server::start_with(folder.path(), &["--clock", "2024-07-01T03:20:00Z"]);
    let posted = server.post(&report(json!({"observed_at": "2024-07-01T03:10:00Z"}))).json();
    let token = posted["follow"].as_str().unwrap().trim_start_matches("/follow/").to_owned();
    let key = format!("Bearer {key}");
    let send = |method: &str, path: &str, kind: &str, body: &[u8]| {
        let answer = server.send(method, path, &[("authorization", &key), ("content-type", kind)], body);
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text());
        answer
    };
    let photo = send("POST", "/api/v1/photos", "image/webp", PICTURE.as_bytes()).json()["id"].clone();
    let steps = format!("/api/v1/incidents/{}/transitions", posted["incident_id"].as_str().unwrap());
    let step = json!({"step": "found", "photos": [photo]}).to_string();
    let taken = send("POST", &steps, "application/json", step.as_bytes()).json();
    let step_photos = format!("{steps}/{}/photos", taken["seq"]);
    send("PUT", &step_photos, "application/json", br#"{"shown": true}"#);
    DescribedCity { server, folder, key, token, step_photos }
}

/// The address of an operation, by the examples of what it needs.
pub fn address(path: &str, operation: &Value, city: &DescribedCity) -> String {
    let params = list(&operation["parameters"]);
    // No example of a token can be good everywhere, and an entry of the inbox is answered once.
    let mut base = path.replace("{token}", &city.token);
    if base.ends_with("/transitions/{seq}/photos") {
        return city.step_photos.clone();
    }
    if base.contains("{entry}") {
        let entry =
            city.server.post_at("/api/v1/messages", br#"{"text": "hello"}"#, &[("content-type", "application/json")]);
        base = base.replace("{entry}", entry.json()["inbox"]["id"].as_str().unwrap());
    }
    for param in params.iter().filter(|p| p["in"] == "path") {
        let name = param["name"].as_str().unwrap();
        base = base.replace(&format!("{{{name}}}"), &plain(&param["example"]));
    }
    assert!(!base.contains('{'), "{base}: a path parameter without an example");
    for p in params.iter().filter(|p| p["in"] == "query" && p["required"] == true) {
        base += if base.contains('?') { "&" } else { "?" };
        base += &format!("{}={}", p["name"].as_str().unwrap(), plain(&p["example"]));
    }
    base
}

/// The bodies of an operation by their kind, as its examples have them.
pub fn bodies(operation: &Value, description: &Value) -> Vec<(String, String)> {
    let example = |(kind, content): (&String, &Value)| {
        let schema = &content["schema"];
        let referred = schema["$ref"].as_str().and_then(|r| description.pointer(r.trim_start_matches('#')));
        let example = content.get("example").or_else(|| referred.and_then(|schema| schema.get("example")));
        let example = example.unwrap_or_else(|| panic!("no example of {kind}"));
        (kind.clone(), example.as_str().map_or_else(|| example.to_string(), str::to_owned))
    };
    object(&operation["requestBody"]["content"]).map(example).collect()
}

/// What proves somebody who may, as the description says it has to be: nothing, a key, or a session.
fn proof(server: &Server, operation: &Value, key: &str) -> Vec<(String, String)> {
    let any = list(&operation["security"]);
    assert!(!any.is_empty(), "who may is not said: {operation}");
    if any.iter().any(|one| one.as_object().unwrap().is_empty()) {
        return Vec::new();
    }
    if any.iter().any(|one| one.get("api_key").is_some()) {
        return vec![("authorization".into(), key.into())];
    }
    let session = log_in(server, "wang.wei");
    session.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[test]
fn every_example_in_the_description_of_the_api_runs_and_its_answer_is_as_described() {
    let city = described_city();
    let DescribedCity { server, key, .. } = &city;
    let description = server.get("/api/docs/openapi.json").json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ran = 0;
    for (path, operations) in object(&description["paths"]) {
        for (method, operation) in object(operations) {
            let base = address(path, operation, &city);
            if method != "get" {
                ran += sends(server, method, &base, operation, &description, key);
                continue;
            }
            let params = list(&operation["parameters"]);
            let proof = proof(server, operation, key);
            let pair = |p: &Value| format!("{}={}", p["name"].as_str().unwrap(), plain(&p["example"]));
            let sign = if base.contains('?') { "&" } else { "?" };
            let optional = params.iter().filter(|p| p["in"] == "query" && p["required"] != true);
            let queries = optional.filter(|p| p.get("example").is_some()).map(|p| format!("{sign}{}", pair(p)));
            for query in std::iter::once(String::new()).chain(queries) {
                let what = format!("{base}{query}");
                if operation["responses"]["200"]["content"].get("text/event-stream").is_some() {
                    // It would go on for ever; what it says has tests of its own.
                    assert_eq!(server.head(&what).header("content-type"), "text/event-stream", "{what}");
                    ran += 1;
                    continue;
                }
                let answer = server.get_with(&what, &borrowed(&proof));
                assert_eq!(answer.status, 200, "{what}: {}", answer.text());
                let content = &operation["responses"]["200"]["content"];
                let schema = &content[answer.header("content-type")]["schema"];
                assert!(schema.is_object(), "{what}: {} is not described", answer.header("content-type"));
                ran += 1;
                if answer.header("content-type") == "image/jpeg" {
                    assert!(answer.body.starts_with(b"\xff\xd8\xff"), "{what}");
                    continue;
                }
                if answer.header("content-type").starts_with("text/xml") {
                    assert!(answer.text().starts_with("<?xml"), "{what}");
                    continue;
                }
                fits(&description, schema, &answer.json(), &what);
            }
            // GeoReport passes over what it does not know.
            if path.starts_with("/open311/") {
                continue;
            }
            let wrong = server.get_with(&format!("{base}{sign}no_such_parameter=1"), &borrowed(&proof));
            described(operation, &wrong, &base);
            let schema = &operation["responses"]["400"]["content"]["application/problem+json"]["schema"];
            fits(&description, schema, &wrong.json(), &base);
        }
    }
    println!("{ran} examples run");
    assert!(ran > 100, "{ran}");
}

fn sends(server: &Server, method: &str, path: &str, operation: &Value, description: &Value, key: &str) -> usize {
    let mut bodies = bodies(operation, description);
    if bodies.is_empty() {
        bodies.push((String::new(), String::new()));
    }
    for (kind, body) in &bodies {
        let proof = proof(server, operation, key);
        let mut headers = borrowed(&proof);
        headers.extend((!kind.is_empty()).then_some(("content-type", kind.as_str())));
        let answer = server.send(&method.to_uppercase(), path, &headers, body.as_bytes());
        described(operation, &answer, path);
        assert!(matches!(answer.status, 200 | 201 | 204), "{method} {path}: {}", answer.text());
        assert!(!answer.text().contains("\"status\":4"), "{kind}: {}", answer.text());
        if answer.header("content-type") == "application/json" {
            let status = answer.status.to_string();
            let content = &operation["responses"][status]["content"]["application/json"]["schema"];
            fits(description, content, &answer.json(), path);
        }
    }
    bodies.len()
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
