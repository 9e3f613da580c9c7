//! OGC API - Features, Part 1: Core (OGC 17-069r4): the service and its collections.

use std::collections::BTreeSet;

use serde_json::json;
use waterlog::hazard::layer::Layer;

use super::document::{described, parameter};
use super::{all, checks, collection_at, features, followed, items_at, related, service};
use crate::ogc::collections;

/// Requirement: features-1/1.0/req/core/root-op
#[test]
fn the_landing_page_can_be_got() {
    checks::root_op();
}

/// Requirement: features-1/1.0/req/core/root-success
#[test]
fn the_landing_page_leads_to_all_else() {
    checks::root_success();
}

/// Requirement: features-1/1.0/req/core/api-definition-op
#[test]
fn the_description_is_where_the_landing_page_says() {
    checks::api_definition_op();
}

/// Requirement: features-1/1.0/req/core/api-definition-success
#[test]
fn the_description_is_one_in_the_type_that_is_asked_for() {
    checks::api_definition_success();
}

/// Requirement: features-1/1.0/req/core/conformance-op
#[test]
fn the_classes_are_where_the_landing_page_says() {
    checks::conformance_op();
}

/// Requirement: features-1/1.0/req/core/conformance-success
#[test]
fn the_classes_of_features_are_listed_with_all_others() {
    checks::conformance_success("ogcapi-features-1");
}

/// Requirement: features-1/1.0/req/core/http
#[test]
fn http_1_1_is_spoken() {
    checks::http();
}

/// Requirement: features-1/1.0/req/core/query-param-unknown
#[test]
fn a_parameter_that_is_not_described_is_refused() {
    checks::unknown_parameter();
}

/// Requirement: features-1/1.0/req/core/query-param-invalid
#[test]
fn a_value_that_is_none_is_refused() {
    checks::invalid_value();
}

/// Requirement: features-1/1.0/req/core/crs84
#[test]
fn positions_are_longitude_and_latitude_of_wgs_84_unless_others_are_asked_for() {
    let server = service();
    let here = json!([110.3312, 20.0148]);
    let last = all(&server, "reports").pop().unwrap();
    assert_eq!(last["geometry"]["coordinates"], here);
    let alone = server.get(&format!("{}/{}", items_at("reports"), super::escaped(&last["id"]))).json();
    assert_eq!(alone["geometry"]["coordinates"], here);
    // Boxes, and boxes of extents.
    assert_eq!(server.features(&format!("{}?bbox=110.3,20,110.4,20.1", items_at("reports"))).len(), 1);
    assert_eq!(server.features(&format!("{}?bbox=20,-10.3,20.1,-10", items_at("reports"))).len(), 0);
    let extent = server.get(&collection_at("reports")).json()["extent"]["spatial"]["bbox"].clone();
    assert_eq!(extent, json!([[-179.99, 20.0148, 179.99, 66.0]]));
}

/// Requirement: features-1/1.0/req/core/fc-md-op
#[test]
fn the_list_of_collections_can_be_got() {
    assert_eq!(service().get("/ogc/collections").status, 200);
}

/// Requirement: features-1/1.0/req/core/fc-md-success
#[test]
fn the_list_of_collections_has_its_schema() {
    described(&service(), "/collections", "/ogc/collections");
}

/// Requirement: features-1/1.0/req/core/fc-md-links
#[test]
fn the_list_of_collections_links_to_itself_in_every_encoding() {
    checks::links_to_itself(&service(), "/ogc/collections", "application/json");
}

/// Requirement: features-1/1.0/req/core/fc-md-items
#[test]
fn every_collection_is_in_the_list() {
    let list = service().get("/ogc/collections").json()["collections"].clone();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|collection| collection["id"].as_str().unwrap()).collect();
    assert_eq!(ids, Layer::ALL.map(Layer::name));
    assert!(list.as_array().unwrap().iter().all(|collection| collection["itemType"] == "feature"));
}

/// Requirement: features-1/1.0/req/core/fc-md-items-links
#[test]
fn every_collection_of_the_list_links_to_its_features_in_every_encoding() {
    let server = service();
    for collection in server.get("/ogc/collections").json()["collections"].as_array().unwrap() {
        let links = related(collection, "items");
        let kinds: BTreeSet<_> = links.iter().map(|link| link["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, BTreeSet::from(["application/geo+json", "text/html"]));
        links.iter().for_each(|link| drop(followed(&server, link)));
    }
}

/// Requirement: features-1/1.0/req/core/fc-md-extent
#[test]
fn the_extent_of_a_collection_holds_its_features() {
    checks::extents_hold_their_features();
}

/// Requirement: features-1/1.0/req/core/fc-md-extent-multi
#[test]
fn the_first_box_and_interval_of_an_extent_hold_all_features() {
    checks::extents_hold_their_features();
}

/// Requirement: features-1/1.0/req/core/sfc-md-op
#[test]
fn every_collection_can_be_got() {
    let server = service();
    collections().for_each(|id| assert_eq!(server.get(&collection_at(id)).status, 200, "{id}"));
}

/// Requirement: features-1/1.0/req/core/sfc-md-success
#[test]
fn a_collection_is_described_alone_as_in_the_list() {
    checks::collections_are_described_alone_as_in_the_list();
}

/// Requirement: features-1/1.0/req/core/fc-op
#[test]
fn the_features_of_every_collection_can_be_got() {
    let server = service();
    collections().for_each(|id| assert_eq!(server.get(&items_at(id)).status, 200, "{id}"));
}

/// Requirement: features-1/1.0/req/core/f-op
#[test]
fn every_feature_of_every_collection_can_be_got() {
    let server = service();
    features(&server).iter().for_each(|at| assert_eq!(server.get(at).status, 200, "{at}"));
}

/// A query parameter of the features of every collection, but for what describes it.
fn defined(name: &str, schema: &serde_json::Value) {
    let document = service().get("/ogc/api").json();
    for id in collections() {
        let mut parameter = parameter(&document, &format!("/collections/{id}/items"), name);
        assert!(parameter.as_object_mut().unwrap().remove("description").is_some());
        let expected = json!({"name": name, "in": "query", "required": false, "style": "form", "explode": false,
            "schema": schema});
        assert_eq!(parameter, expected, "{id}");
    }
}

/// Requirement: features-1/1.0/req/core/fc-limit-definition
#[test]
fn the_limit_is_defined_as_the_standard_has_it() {
    defined("limit", &json!({"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1_000}));
}

/// Requirement: features-1/1.0/req/core/fc-bbox-definition
#[test]
fn the_box_is_defined_as_the_standard_has_it() {
    defined("bbox", &json!({"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}));
}

/// Requirement: features-1/1.0/req/core/fc-time-definition
#[test]
fn the_time_is_defined_as_the_standard_has_it() {
    defined("datetime", &json!({"type": "string"}));
}
