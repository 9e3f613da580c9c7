//! OGC API - Features, Part 1: Core (OGC 17-069r4): GeoJSON, HTML and OpenAPI 3.0.

use super::document::{described, expect_openapi_3_0};
use super::{checks, collection_at, features, items_at, service};
use crate::ogc::collections;
use crate::ogc_html::expect_page;
use crate::server::Server;

fn of_features(server: &Server) -> Vec<String> {
    collections().map(items_at).chain(features(server)).collect()
}

fn everything(server: &Server) -> Vec<String> {
    let service = ["/ogc", "/ogc/conformance", "/ogc/collections"].map(str::to_owned);
    service.into_iter().chain(collections().map(collection_at)).chain(of_features(server)).collect()
}

/// Requirement: features-1/1.0/req/geojson/definition
#[test]
fn features_are_there_as_geojson() {
    let server = service();
    checks::json_definition(&server, &of_features(&server), "application/geo+json");
}

/// Requirement: features-1/1.0/req/geojson/content
#[test]
fn features_and_their_pages_are_valid_geojson_with_links() {
    let server = service();
    for id in collections() {
        let page = server.get(&items_at(id));
        described(&server, &format!("/collections/{id}/items"), &items_at(id));
        assert!(page.json()["links"].is_array(), "{id}");
        let read: geojson::FeatureCollection = page.text().parse().unwrap();
        assert_eq!(read.features.len(), super::all(&server, id).len(), "{id}");
    }
    for at in features(&server) {
        let one = server.get(&at);
        let read: geojson::Feature = one.text().parse().unwrap();
        assert!(read.id.is_some() && read.properties.is_some() && one.json()["links"].is_array(), "{at}");
        let id = at.split('/').nth(3).unwrap();
        described(&server, &format!("/collections/{id}/items/{{featureId}}"), &at);
    }
}

/// Requirement: features-1/1.0/req/html/definition
#[test]
fn everything_is_there_as_a_page() {
    let server = service();
    checks::html_definition(&server, &everything(&server));
}

/// Requirement: features-1/1.0/req/html/content
#[test]
fn every_page_says_what_the_answer_says() {
    let server = service();
    everything(&server).iter().for_each(|at| expect_page(&server, at));
    expect_page(&server, &format!("{}?limit=2", items_at("reports")));
}

/// Requirement: features-1/1.0/req/oas30/oas-definition-1
#[test]
fn the_description_is_there_as_openapi_and_as_a_page() {
    checks::api_definition_success();
}

/// Requirement: features-1/1.0/req/oas30/oas-definition-2
#[test]
fn the_description_is_openapi_3_0() {
    expect_openapi_3_0(&service().get("/ogc/api").json());
}

/// Requirement: features-1/1.0/req/oas30/oas-impl
#[test]
fn what_is_described_is_there() {
    checks::everything_described_is_there();
}

/// Requirement: features-1/1.0/req/oas30/completeness
#[test]
fn what_is_answered_is_described() {
    checks::every_answer_is_described();
}

/// Requirement: features-1/1.0/req/oas30/exceptions-codes
#[test]
fn what_goes_wrong_is_described() {
    checks::every_error_is_described();
}

/// Requirement: features-1/1.0/req/oas30/security
#[test]
fn who_may_write_is_described() {
    super::edit::expect_security_described();
}
