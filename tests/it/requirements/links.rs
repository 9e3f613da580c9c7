//! OGC API - Features, Part 1: Core (OGC 17-069r4): the links of features and of their pages.

use serde_json::json;

use super::{all, checks, escaped, features, items_at, related, service};
use crate::ogc::{collections, path};

const GEO_JSON: &str = "application/geo+json";

/// Requirement: features-1/1.0/req/core/fc-links
#[test]
fn a_page_links_to_itself_in_every_encoding_and_to_the_next_while_there_is_one() {
    let server = service();
    for id in collections() {
        checks::links_to_itself(&server, &items_at(id), GEO_JSON);
        checks::links_to_itself(&server, &format!("{}?limit=1", items_at(id)), GEO_JSON);
        let (mut at, mut pages) = (format!("{}?limit=2", items_at(id)), 0);
        loop {
            let page = server.get(&at).json();
            pages += 1;
            let next = related(&page, "next");
            assert_eq!(next.len(), usize::from(pages * 2 < page["numberMatched"].as_u64().unwrap()), "{at}");
            let Some(next) = next.first() else { break };
            at = path(&server, &next["href"]).to_owned();
        }
        assert_eq!(pages, all(&server, id).len().div_ceil(2).max(1) as u64, "{id}");
    }
}

/// Requirement: features-1/1.0/req/core/fc-rel-type
#[test]
fn every_link_of_a_page_has_relation_and_type() {
    let server = service();
    let mut links = 0;
    for id in collections() {
        for query in ["", "?limit=1", "?limit=1&offset=1"] {
            for link in server.get(&format!("{}{query}", items_at(id))).json()["links"].as_array().unwrap() {
                let [rel, kind] = ["rel", "type"].map(|name| link[name].as_str().unwrap_or_default());
                assert!(!rel.is_empty() && kind.contains('/'), "{id}{query}: {link}");
                links += 1;
            }
        }
    }
    assert!(links > 60, "{links}");
}

/// Requirement: features-1/1.0/req/core/f-links
#[test]
fn a_feature_links_to_itself_in_every_encoding_and_to_its_collection() {
    let server = service();
    features(&server).iter().for_each(|at| checks::links_to_itself(&server, at, GEO_JSON));
    for id in collections() {
        for feature in all(&server, id) {
            let alone = server.get(&format!("{}/{}", items_at(id), escaped(&feature["id"]))).json();
            let of = related(&alone, "collection");
            assert!(!of.is_empty(), "{id}");
            let to = format!("{}{}", server.address, super::collection_at(id));
            assert!(of.iter().all(|link| link["href"] == json!(to) && link["type"].is_string()), "{of:?}");
        }
    }
}
