//! OGC API - Common and Features, over HTTP: what a client needs on its way in, and how parameters are read.

use std::collections::BTreeSet;

use serde_json::json;

use crate::ogc::{collections, link, path, world};
use crate::server::Server;

/// Requirement: common-1/1.0/req/landing-page/root-op
/// Requirement: common-1/1.0/req/landing-page/root-success
/// Requirement: common-1/1.0/req/landing-page/api-definition-op
/// Requirement: common-1/1.0/req/landing-page/api-definition-success
/// Requirement: common-1/1.0/req/landing-page/conformance-op
/// Requirement: common-1/1.0/req/landing-page/conformance-success
/// Requirement: features-1/1.0/req/core/root-op
/// Requirement: features-1/1.0/req/core/root-success
/// Requirement: features-1/1.0/req/core/api-definition-op
/// Requirement: features-1/1.0/req/core/api-definition-success
/// Requirement: features-1/1.0/req/core/conformance-op
#[test]
fn the_landing_page_leads_to_the_description_the_conformance_and_the_data() {
    let server = Server::seeded(&world());
    for at in ["/ogc", "/ogc/"] {
        let landing = server.get(at);
        assert_eq!((landing.status, landing.header("content-type")), (200, "application/json"), "{at}");
        let landing = landing.json();
        assert!(landing["title"].is_string() && landing["description"].is_string());
        for (rel, member) in [("service-desc", "openapi"), ("conformance", "conformsTo"), ("data", "collections")] {
            let to = link(&landing, rel).unwrap_or_else(|| panic!("no {rel}"));
            let answer = server.get(path(&server, &to["href"]));
            assert_eq!((answer.status, answer.header("content-type")), (200, to["type"].as_str().unwrap()), "{rel}");
            assert!(answer.json().get(member).is_some(), "{rel}");
        }
        let read = link(&landing, "service-doc").unwrap();
        assert_eq!(read["type"], "text/html");
        assert!(server.get(path(&server, &read["href"])).text().contains("/collections/reports/items"));
    }
}

/// Requirement: features-1/1.0/req/core/fc-md-op
/// Requirement: features-1/1.0/req/core/fc-md-links
/// Requirement: features-1/1.0/req/core/fc-md-items-links
/// Requirement: features-1/1.0/req/core/sfc-md-op
/// Requirement: features-1/1.0/req/core/fc-op
/// Requirement: features-1/1.0/req/core/fc-links
/// Requirement: features-1/1.0/req/core/fc-rel-type
/// Requirement: features-1/1.0/req/core/f-op
/// Requirement: features-1/1.0/req/core/f-links
/// Requirement: common-2/1.0/req/collections/collections-list-op
/// Requirement: common-2/1.0/req/collections/collections-list-links
/// Requirement: common-2/1.0/req/collections/description-op
/// Requirement: common-2/1.0/req/collections/description-links
#[test]
fn every_answer_links_to_itself_and_to_itself_in_every_other_encoding_with_their_types() {
    let server = Server::seeded(&world());
    let mut asked = vec![("/ogc/collections".to_owned(), "application/json")];
    for id in collections() {
        asked.push((format!("/ogc/collections/{id}"), "application/json"));
        let items = format!("/ogc/collections/{id}/items");
        let first = server.features(&items).first().map(|feature| feature["id"].as_str().unwrap().to_owned());
        let encoded = first.map(|id| id.bytes().map(|b| format!("%{b:02X}")).collect::<String>());
        asked.extend(encoded.map(|id| (format!("{items}/{id}"), "application/geo+json")));
        asked.push((items, "application/geo+json"));
    }
    for (at, kind) in asked {
        let answer = server.get(&at).json();
        let this = link(&answer, "self").unwrap();
        assert_eq!((path(&server, &this["href"]), &this["type"]), (at.as_str(), &json!(kind)));
        let other = link(&answer, "alternate").unwrap();
        let page = server.get(path(&server, &other["href"]));
        assert_eq!(
            (&other["type"], page.status, page.header("content-type")),
            (&json!("text/html"), 200, "text/html; charset=utf-8")
        );
        let links = answer["links"].as_array().unwrap();
        assert!(links.iter().all(|link| link["rel"].is_string() && link["type"].is_string()), "{at}");
    }
    for collection in server.get("/ogc/collections").json()["collections"].as_array().unwrap() {
        let items: BTreeSet<_> = collection["links"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|link| link["rel"] == "items")
            .map(|link| link["type"].as_str().unwrap())
            .collect();
        assert_eq!(items, BTreeSet::from(["application/geo+json", "text/html"]));
    }
}

/// Requirement: common-1/1.0/req/core/query-param-name-unknown
/// Requirement: common-1/1.0/req/core/query-param-value-invalid
/// Requirement: common-1/1.0/req/core/query-param-capitalization
/// Requirement: common-1/1.0/req/core/query-param-list-delimiter
/// Requirement: common-1/1.0/req/core/query-param-list-escape
/// Requirement: common-1/1.0/req/core/query-param-list-empty
/// Requirement: common-1/1.0/req/core/query-param-value-boolean
/// Requirement: common-1/1.0/req/core/query-param-value-integer
/// Requirement: common-1/1.0/req/core/query-param-value-decimal
/// Requirement: common-1/1.0/req/core/query-param-value-double
#[test]
fn names_lists_and_numbers_are_read_as_the_standard_has_them() {
    let server = Server::seeded(&world());
    let items = "/ogc/collections/reports/items";
    for (query, count) in [
        ("", 7),
        ("category=waterlogging,manhole", 7),
        // An escaped comma is the same list; an empty one restricts nothing.
        ("category=waterlogging%2Cmanhole", 7),
        ("category=", 7),
        ("status=&category=", 7),
        ("category=manhole", 0),
        ("bbox=1.1e2,2.0E1,111,21.0", 1),
        ("bbox=%20110,%2020,111,+21", 1),
        ("limit=0003", 3),
    ] {
        assert_eq!(server.features(&format!("{items}?{query}")).len(), count, "{query}");
    }
    for query in ["Limit=1", "BBOX=1,2,3,4", "colour=red", "limit=1.5", "limit=x", "bbox=a,b,c,d", "bbox=inf,0,1,1"] {
        server.get(&format!("{items}?{query}")).problem(400);
    }
    let document = server.get("/ogc/api").json();
    let parameters = document["components"]["parameters"].as_object().unwrap();
    let booleans = parameters.iter().filter(|(_, parameter)| parameter["schema"]["type"] == "boolean");
    assert_eq!(booleans.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["bom"]);
    for (value, status) in [("true", 200), ("false", 200), ("TRUE", 400), ("1", 400), ("", 400)] {
        assert_eq!(server.get(&format!("{items}?f=csv&bom={value}")).status, status, "{value}");
    }
}
