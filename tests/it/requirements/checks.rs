//! What several standards ask in the same words.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::document::{described, each_path, parameters, schema_of};
use super::{features, followed, related, service};
use crate::conformance::declared;
use crate::ogc_links::raw;
use crate::server::Server;

const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";
const HTML: &str = "text/html; charset=utf-8";

/// The landing page is there, with a slash at its end and without.
pub fn root_op() {
    let server = service();
    for at in ["/ogc", "/ogc/"] {
        assert_eq!(server.get(at).status, 200, "{at}");
    }
}

/// It leads to the description, for programs and for people, to the conformance declaration and to the collections.
pub fn root_success() {
    let server = service();
    described(&server, "/", "/ogc");
    let landing = server.get("/ogc").json();
    for rel in ["service-desc", "service-doc", "conformance", "data"] {
        assert!(!related(&landing, rel).is_empty(), "{rel}");
    }
}

pub fn api_definition_op() {
    let server = service();
    let landing = server.get("/ogc").json();
    for link in ["service-desc", "service-doc"].iter().flat_map(|rel| related(&landing, rel)) {
        followed(&server, link);
    }
}

/// What is there is a description, as a program and as a person reads it, whichever is asked for.
pub fn api_definition_success() {
    let server = service();
    for (accept, kind) in [(OPENAPI, OPENAPI), ("application/json", OPENAPI), ("text/html", HTML)] {
        let answer = server.get_with("/ogc/api", &[("accept", accept)]);
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{accept}");
    }
    let document = server.get("/ogc/api").json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.0"));
    let page = server.get("/ogc/api?f=html").text();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 40 && paths.keys().all(|path| page.contains(path.as_str())));
}

pub fn conformance_op() {
    let server = service();
    let landing = server.get("/ogc").json();
    let links = related(&landing, "conformance");
    assert!(!links.is_empty());
    links.iter().for_each(|link| drop(followed(&server, link)));
    assert_eq!(server.get("/ogc/conformance").status, 200);
}

/// It lists the classes of this standard, and all and only those that are claimed.
pub fn conformance_success(standard: &str) {
    let server = service();
    described(&server, "/conformance", "/ogc/conformance");
    let said = server.get("/ogc/conformance").json()["conformsTo"].clone();
    let said: Vec<String> = serde_json::from_value(said).unwrap();
    let claimed = declared();
    assert!(said.iter().all(|class| claimed.contains(class)) && said.len() == claimed.len(), "{said:?}");
    let own =
        said.iter().filter(|class| class.starts_with(&format!("http://www.opengis.net/spec/{standard}/1.0/conf/")));
    assert!(own.count() >= 4, "{standard}");
}

/// HTTP 1.1: a connection serves several requests, a request names its host, HEAD is GET without body, a method that is not
/// there is told from those that are, and what is known is not sent again.
pub fn http() {
    let server = service();
    let mut stream = TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
    write!(
        stream,
        "GET /ogc HTTP/1.1\r\nhost: a\r\n\r\nGET /ogc/conformance HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut both = Vec::new();
    stream.read_to_end(&mut both).unwrap();
    assert_eq!(String::from_utf8_lossy(&both).matches("HTTP/1.1 200").count(), 2);
    assert!(raw(&server, "GET /ogc HTTP/1.1").starts_with("HTTP/1.1 400"));
    for at in ["/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/collections/reports/items"] {
        let (get, head) = (server.get(at), server.head(at));
        assert_eq!((head.status, head.body.len()), (200, 0), "{at}");
        for name in ["content-type", "etag"] {
            assert!(!get.header(name).is_empty() && get.header(name) == head.header(name), "{at}: {name}");
        }
        assert_eq!(server.get_with(at, &[("if-none-match", get.header("etag"))]).status, 304, "{at}");
        let refused = server.delete(at);
        assert!(refused.status == 405 && refused.header("allow").contains("GET"), "{at}: {}", refused.text());
    }
    assert_eq!(server.get("/ogc/nothing").status, 404);
}

/// A parameter that the description does not name is refused by its name, everywhere.
pub fn unknown_parameter() {
    let server = service();
    let document = server.get("/ogc/api").json();
    for (_, at) in each_path(&server, &document) {
        let told = server.get(&format!("{at}?no_such_parameter=1")).problem(400);
        assert!(told.contains("no_such_parameter"), "{at}: {told}");
    }
}

/// A value of none of the kinds that the description names is refused by the parameter's name, with the value and what was
/// expected, for every parameter.
pub fn invalid_value() {
    let server = service();
    let document = server.get("/ogc/api").json();
    let mut asked = 0;
    for (path, at) in each_path(&server, &document) {
        for parameter in parameters(&document, &path).iter().filter(|parameter| parameter["in"] == "query") {
            let schema = &parameter["schema"];
            let name = parameter["name"].as_str().unwrap();
            let wrong = match (name, schema["type"].as_str().unwrap()) {
                ("gauge", _) => continue,
                ("filter", _) => "%28",
                // Any name is a value: that nothing is written so is told by 406.
                ("f", _) => "",
                (_, "integer") => "1.5",
                (_, "array") => "no,such,thing,there",
                (_, "boolean") => "maybe",
                _ => "no_such_value",
            };
            let answer = server.get(&format!("{at}?{name}={wrong}"));
            answer.problem(400);
            let told = answer.json();
            // Of a list the item that is none is named.
            let value = told["value"].as_str().unwrap();
            let is_named = value.is_empty() == wrong.is_empty() && wrong.replace("%28", "(").starts_with(value);
            assert!(told["field"] == name && is_named, "{at}: {told}");
            assert!(told["reason"].as_str().is_some_and(|reason| reason.len() > 4), "{at}: {told}");
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked}");
}

/// These are there as HTML for whoever accepts it, as a program asks and as a browser does.
pub fn html_definition(server: &Server, paths: &[String]) {
    for at in paths {
        for accept in ["text/html", crate::ogc_html::BROWSER] {
            let page = server.get_with(at, &[("accept", accept)]);
            assert_eq!((page.status, page.header("content-type")), (200, HTML), "{at}");
        }
    }
}

/// These are there as JSON of this type for whoever accepts it.
pub fn json_definition(server: &Server, paths: &[String], kind: &str) {
    for at in paths {
        for accept in [kind, "application/json"] {
            let answer = server.get_with(at, &[("accept", accept)]);
            assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{at}");
        }
    }
}

/// A 200 of a resource links to itself and to itself in every other encoding, with relation and type.
pub fn links_to_itself(server: &Server, at: &str, kind: &str) {
    let answer = server.get(at).json();
    let this = related(&answer, "self");
    assert_eq!(this.len(), 1, "{at}");
    assert_eq!((&this[0]["href"], &this[0]["type"]), (&json!(format!("{}{at}", server.address)), &json!(kind)), "{at}");
    let others = related(&answer, "alternate");
    assert_eq!(others.iter().map(|link| &link["type"]).collect::<Vec<_>>(), ["text/html"], "{at}");
    others.iter().for_each(|link| drop(followed(server, link)));
    for link in answer["links"].as_array().unwrap() {
        assert!(link["rel"].is_string() && link["type"].is_string(), "{at}: {link}");
    }
}

/// Every position of a geometry.
fn positions(part: &Value, into: &mut Vec<[f64; 2]>) {
    match part.as_array().map(Vec::as_slice) {
        Some([x, y, ..]) if x.is_number() => into.push([x, y].map(|n| n.as_f64().unwrap())),
        Some(parts) => parts.iter().for_each(|part| positions(part, into)),
        None => {}
    }
}

/// The extent of every collection holds all its features, and where it has several boxes or intervals, each feature lies in one
/// of those after the first.
pub fn extents_hold_their_features() {
    let server = service();
    let (mut places, mut times) = (0, 0);
    for collection in server.get("/ogc/collections").json()["collections"].as_array().unwrap() {
        let id = collection["id"].as_str().unwrap();
        let spatial = &collection["extent"]["spatial"];
        let temporal = &collection["extent"]["temporal"];
        assert!(spatial["crs"].is_null() || spatial["crs"] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84");
        for feature in super::all(&server, id) {
            let mut all = Vec::new();
            positions(&feature["geometry"]["coordinates"], &mut all);
            for [x, y] in all {
                let holds = |bbox: &Value| {
                    let [west, south, east, north] = [0, 1, 2, 3].map(|side| bbox[side].as_f64().unwrap());
                    let across = west > east;
                    (south..=north).contains(&y)
                        && if across { x >= west || x <= east } else { (west..=east).contains(&x) }
                };
                expect_in(spatial["bbox"].as_array().unwrap(), holds, &format!("{id}: {x} {y}"));
                places += 1;
            }
            for name in
                ["observed_at", "first_observed_at", "last_observed_at", "first_seen", "last_seen", "start", "end"]
            {
                let Some(time) = feature["properties"][name].as_str() else { continue };
                let holds = |interval: &Value| {
                    interval[0].as_str().is_none_or(|start| start <= time)
                        && interval[1].as_str().is_none_or(|end| time <= end)
                };
                expect_in(temporal["interval"].as_array().unwrap(), holds, &format!("{id}: {name} {time}"));
                times += 1;
            }
        }
    }
    assert!(places > 20 && times > 20, "{places} {times}");
}

fn expect_in(extents: &[Value], holds: impl Fn(&Value) -> bool, what: &str) {
    assert!(holds(&extents[0]), "{what} is not in {}", extents[0]);
    assert!(extents.len() == 1 || extents[1..].iter().any(holds), "{what} is in none of {extents:?}");
}

/// A collection is described alone as in the list, but for the links; what the list says of systems by reference is what it
/// refers to.
pub fn collections_are_described_alone_as_in_the_list() {
    let server = service();
    let list = server.get("/ogc/collections").json();
    for listed in list["collections"].as_array().unwrap() {
        let id = listed["id"].as_str().unwrap();
        described(&server, &format!("/collections/{id}"), &super::collection_at(id));
        let mut alone = server.get(&super::collection_at(id)).json();
        let systems = listed["crs"].as_array().unwrap().iter().flat_map(|crs| match crs.as_str() {
            Some("#/crs") => list["crs"].as_array().unwrap().clone(),
            _ => vec![crs.clone()],
        });
        assert_eq!(alone["crs"], systems.collect::<Value>(), "{id}");
        alone["crs"] = listed["crs"].clone();
        alone["links"] = listed["links"].clone();
        assert_eq!(alone, *listed, "{id}");
    }
}

/// Every operation that the description names is there: reads answer 200, with every value of a parameter that is listed, and
/// writes are refused for who asks or what is sent, not because nobody knows them.
pub fn everything_described_is_there() {
    let server = service();
    let document = server.get("/ogc/api").json();
    let each = each_path(&server, &document);
    for (path, at) in &each {
        assert_eq!(server.get(at).status, 200, "{at}");
        for parameter in parameters(&document, path).iter().filter(|parameter| parameter["in"] == "query") {
            let schema = if parameter["schema"]["type"] == "array" {
                &parameter["schema"]["items"]
            } else {
                &parameter["schema"]
            };
            for value in schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                let asked = format!("{at}?{}={}", parameter["name"].as_str().unwrap(), value.replace('+', "%2B"));
                assert_eq!(server.get(&asked).status, 200, "{asked}");
            }
        }
        for method in document["paths"][path].as_object().unwrap().keys().filter(|method| *method != "get") {
            let answer = server.send(&method.to_uppercase(), at, &[("content-type", "text/plain")], b"x");
            assert!(matches!(answer.status, 401 | 415), "{method} {at}: {}", answer.text());
        }
    }
    assert!(each.len() > 60, "{}", each.len());
}

/// Whatever operations answer, well or badly, is described: its status, its type and its schema.
pub fn every_answer_is_described() {
    let server = service();
    let document = server.get("/ogc/api").json();
    for (path, at) in each_path(&server, &document) {
        described(&server, &path, &at);
    }
}

/// Every error that can be provoked is among the statuses that its operation names, with the schema of its body.
pub fn every_error_is_described() {
    let server = service();
    let document = server.get("/ogc/api").json();
    let mut seen = std::collections::BTreeSet::new();
    let mut expect = |path: &str, method: &str, answer: &crate::server::Answer| {
        let schema = schema_of(&document, path, method, answer);
        assert!(schema.is_some(), "{method} {path}: {} is not described: {}", answer.status, answer.text());
        seen.insert(answer.status);
    };
    for (path, at) in each_path(&server, &document) {
        expect(&path, "get", &server.get(&format!("{at}?no_such_parameter=1")));
        let unacceptable = server.get_with(&at, &[("accept", "image/png")]);
        if unacceptable.status != 200 {
            expect(&path, "get", &unacceptable);
        }
        if path.ends_with("{featureId}") {
            let (list, _) = at.rsplit_once('/').unwrap();
            expect(&path, "get", &server.get(&format!("{list}/nobody")));
        }
        if path.ends_with("{tileCol}") {
            expect(&path, "get", &server.get(&at.replace("/0/0/0", "/20/5/5")));
        }
    }
    let items = "/collections/reports/items";
    let one = format!("{items}/{{featureId}}");
    let at = features(&server)[0].clone();
    let json = [("content-type", "application/geo+json")];
    for body in [&b"{"[..], b"{}", b"[]"] {
        expect(items, "post", &server.send("POST", &format!("/ogc{items}"), &json, body));
        for method in ["put", "patch", "delete"] {
            expect(&one, method, &server.send(&method.to_uppercase(), &at, &json, body));
        }
    }
    expect(items, "post", &server.send("POST", &format!("/ogc{items}"), &[("content-type", "text/plain")], b"{}"));
    assert!([400, 401, 404, 406, 415].iter().all(|status| seen.contains(status)), "{seen:?}");
}
