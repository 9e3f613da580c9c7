//! OGC API - Features, Part 1: Core (OGC 17-069r4): pages of features.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{all, items_at, service};
use crate::ogc::collections;
use crate::server::Server;

/// What pages of reports are asked for by, one by one.
const CONDITIONS: [&str; 6] = [
    "bbox=179,65,180,67",
    "bbox=177,65,-177,70",
    "datetime=2024-01-11T00:00:00Z/..",
    "datetime=2024-01-01T00:00:00Z",
    "category=waterlogging",
    "category=manhole",
];

fn page(server: &Server, id: &str, query: &str) -> Value {
    let answer = server.get(&format!("{}?{query}", items_at(id)));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/geo+json"), "{id}: {query}");
    let page = answer.json();
    assert_eq!(page["type"], "FeatureCollection");
    page
}

fn ids(page: &Value) -> BTreeSet<String> {
    page["features"].as_array().unwrap().iter().map(|feature| feature["id"].as_str().unwrap().to_owned()).collect()
}

/// Requirement: features-1/1.0/req/core/fc-response
#[test]
fn a_page_has_the_features_that_fulfil_every_condition_and_no_others() {
    let server = service();
    let everything = ids(&page(&server, "reports", ""));
    assert_eq!(everything.len(), 7);
    let by = CONDITIONS.map(|condition| ids(&page(&server, "reports", condition)));
    let mut some = 0;
    for (a, found) in CONDITIONS.iter().zip(&by) {
        assert!(found.is_subset(&everything));
        let of = |name: &str| name.split('=').next().unwrap().to_owned();
        for (b, other) in CONDITIONS.iter().zip(&by).filter(|(b, _)| of(b) != of(a)) {
            let both = ids(&page(&server, "reports", &format!("{a}&{b}")));
            assert_eq!(both, found & other, "{a} {b}");
            some += usize::from(!both.is_empty() && both.len() < 7);
        }
    }
    assert!(some > 6, "{some}");
    for id in collections() {
        assert_eq!(ids(&page(&server, id, "")).len(), all(&server, id).len(), "{id}: each once");
    }
}

/// Requirement: features-1/1.0/req/core/fc-timeStamp
#[test]
fn a_page_says_when_it_was_written() {
    let server = service();
    for id in collections() {
        let written = page(&server, id, "limit=1")["timeStamp"].as_str().unwrap().to_owned();
        // The clock of the tests, with a zone.
        let (minute, rest) = written.split_at("2026-01-01T00:0".len());
        assert!(minute == "2026-01-01T00:0" && rest.ends_with('Z') && rest.len() == "0:00Z".len(), "{written}");
    }
}

/// Requirement: features-1/1.0/req/core/fc-numberMatched
#[test]
fn a_page_says_how_many_features_match_however_few_it_holds() {
    let server = service();
    for id in collections() {
        let expected = all(&server, id).len();
        for limit in [1, 2, 10_000] {
            assert_eq!(page(&server, id, &format!("limit={limit}"))["numberMatched"], expected, "{id}: {limit}");
        }
    }
    for condition in CONDITIONS {
        let whole = ids(&page(&server, "reports", condition)).len();
        assert_eq!(page(&server, "reports", &format!("{condition}&limit=1"))["numberMatched"], whole, "{condition}");
    }
}

/// Requirement: features-1/1.0/req/core/fc-numberReturned
#[test]
fn a_page_says_how_many_features_it_holds() {
    let server = service();
    let mut held = BTreeSet::new();
    for id in collections() {
        for query in ["limit=1", "limit=2", "limit=10000", "bbox=0,0,1,1", "offset=1"] {
            let page = page(&server, id, query);
            let holds = page["features"].as_array().unwrap().len();
            assert_eq!(page["numberReturned"], holds, "{id}: {query}");
            held.insert(holds);
        }
    }
    assert!(held.len() > 4, "{held:?}");
}
