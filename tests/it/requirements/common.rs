//! OGC API - Common, Part 1: Core (OGC 19-072), and Part 2: Geospatial Data (OGC 20-024).

use std::collections::BTreeSet;

use waterlog::hazard::layer::Layer;

use super::checks;
use super::document::{described, parameter};
use super::{collection_at, followed, items_at, related, service};
use crate::ogc::collections;
use crate::ogc_html::expect_page;

const JSON: &str = "application/json";

fn service_paths() -> Vec<String> {
    ["/ogc", "/ogc/conformance"].map(str::to_owned).into()
}

fn collection_paths() -> Vec<String> {
    std::iter::once("/ogc/collections".to_owned()).chain(collections().map(collection_at)).collect()
}

/// How many reports a query finds, of the seven there are.
fn counts(queries: &[(&str, usize)]) {
    let server = service();
    for (query, count) in queries {
        assert_eq!(server.features(&format!("{}?{query}", items_at("reports"))).len(), *count, "{query}");
    }
}

fn refused(queries: &[&str]) {
    let server = service();
    for query in queries {
        server.get(&format!("{}?{query}", items_at("reports"))).problem(400);
    }
}

/// Requirement: common-1/1.0/req/core/http
#[test]
fn http_1_1_is_spoken() {
    checks::http();
}

/// Requirement: common-1/1.0/req/core/query-param-name-unknown
#[test]
fn a_parameter_that_is_not_described_is_refused() {
    checks::unknown_parameter();
}

/// Requirement: common-1/1.0/req/core/query-param-value-invalid
#[test]
fn a_value_that_is_none_is_refused() {
    checks::invalid_value();
}

/// Requirement: common-1/1.0/req/core/query-param-capitalization
#[test]
fn names_and_values_differ_by_their_case_and_escaped_octets_do_not() {
    refused(&["Limit=1", "BBOX=1,2,3,4", "category=Waterlogging"]);
    service().get(&format!("{}?f=GeoJSON", items_at("reports"))).problem(406);
    counts(&[
        ("datetime=2024-01-01T08:00:00%2B08:00", 3),
        ("datetime=2024-01-01T08:00:00%2b08:00", 3),
        ("category=waterlo%67%67ing", 7),
        ("bbox=110%2C20%2C111%2C21", 1),
        ("bbox=110%2c20%2c111%2c21", 1),
    ]);
}

/// Requirement: common-1/1.0/req/core/query-param-list-delimiter
#[test]
fn a_comma_stands_between_the_items_of_a_list_and_the_description_says_so() {
    counts(&[("category=waterlogging,manhole", 7), ("category=manhole,road_damage", 0), ("bbox=110,20,111,21", 1)]);
    refused(&["category=waterlogging;manhole", "category=waterlogging%20manhole", "bbox=110;20;111;21"]);
    let document = service().get("/ogc/api").json();
    for name in ["category", "status", "bbox", "sortby", "properties"] {
        let list = parameter(&document, "/collections/reports/items", name);
        assert_eq!((list["style"].as_str(), list["explode"].as_bool()), (Some("form"), Some(false)), "{name}");
    }
}

/// Requirement: common-1/1.0/req/core/query-param-list-escape
#[test]
fn spaces_and_commas_are_read_escaped() {
    counts(&[
        ("bbox=%20110,%2020,111,+21", 1),
        ("bbox=110%2C%2020%2C111%2C21", 1),
        ("category=waterlogging%2Cmanhole", 7),
    ]);
}

/// Requirement: common-1/1.0/req/core/query-param-list-empty
#[test]
fn what_is_empty_is_the_empty_string() {
    counts(&[("category=", 7), ("status=&category=", 7), ("category=&limit=3", 3)]);
    refused(&["bbox=110,,111,21", "bbox=,,,"]);
}

/// Requirement: common-1/1.0/req/core/query-param-value-boolean
#[test]
fn true_and_false_are_written_in_small_letters() {
    let server = service();
    for (value, status) in [("true", 200), ("false", 200), ("TRUE", 400), ("False", 400), ("1", 400), ("", 400)] {
        assert_eq!(server.get(&format!("{}?f=csv&bom={value}", items_at("reports"))).status, status, "{value}");
    }
}

/// Requirement: common-1/1.0/req/core/query-param-value-integer
#[test]
fn an_integer_is_digits_with_a_sign_where_it_is_negative() {
    counts(&[("limit=3", 3), ("limit=0003", 3), ("limit=10000", 7)]);
    refused(&["limit=1.5", "limit=1e1", "limit=0x3", "limit=three", "limit="]);
    // What is negative is read, and too small.
    let told = service().get(&format!("{}?limit=-3", items_at("reports")));
    assert!(
        told.problem(400).contains("whole number in [1, 10000]") && told.json()["value"] == "-3",
        "{}",
        told.text()
    );
}

/// Requirement: common-1/1.0/req/core/query-param-value-decimal
#[test]
fn a_decimal_has_a_point_and_may_lack_zeroes_and_fraction() {
    counts(&[
        ("bbox=110.0,20.0,111.0,21.0", 1),
        ("bbox=110,20,111,21", 1),
        ("bbox=0110.,020.0000,111.00,21.", 1),
        ("bbox=-.5,-.5,111,21.5", 1),
        ("bbox=-180,-90,-.5,90", 3),
    ]);
    refused(&["bbox=1%2010,20,111,21", "bbox=110.0.0,20,111,21", "bbox=110_0,20,111,21", "bbox=--110,20,111,21"]);
}

/// Requirement: common-1/1.0/req/core/query-param-value-double
#[test]
fn a_double_has_a_mantissa_and_a_whole_exponent() {
    counts(&[
        ("bbox=1.1e2,2.0e1,1.11e2,2.1e1", 1),
        ("bbox=11000e-2,.2e2,111,21e0", 1),
        ("bbox=-18e1,-9e1,18e1,9e1", 7),
    ]);
    refused(&["bbox=1.1e2.5,20,111,21", "bbox=e2,20,111,21", "bbox=1e999,20,111,21", "bbox=inf,20,111,21"]);
}

/// Requirement: common-1/1.0/req/landing-page/root-op
#[test]
fn the_landing_page_can_be_got() {
    checks::root_op();
}

/// Requirement: common-1/1.0/req/landing-page/root-success
#[test]
fn the_landing_page_leads_to_all_else() {
    checks::root_success();
}

/// Requirement: common-1/1.0/req/landing-page/api-definition-op
#[test]
fn the_description_is_where_the_landing_page_says() {
    checks::api_definition_op();
}

/// Requirement: common-1/1.0/req/landing-page/api-definition-success
#[test]
fn the_description_is_one_in_the_type_that_is_asked_for() {
    checks::api_definition_success();
}

/// Requirement: common-1/1.0/req/landing-page/conformance-op
#[test]
fn the_classes_are_where_the_landing_page_says() {
    checks::conformance_op();
}

/// Requirement: common-1/1.0/req/landing-page/conformance-success
#[test]
fn the_classes_of_common_are_listed_with_all_others() {
    checks::conformance_success("ogcapi-common-1");
}

/// Requirement: common-1/1.0/req/json/definition
#[test]
fn landing_page_and_classes_are_there_as_json() {
    checks::json_definition(&service(), &service_paths(), JSON);
}

/// Requirement: common-1/1.0/req/json/content
#[test]
fn landing_page_and_classes_have_their_schemas() {
    let server = service();
    described(&server, "/", "/ogc");
    described(&server, "/conformance", "/ogc/conformance");
}

/// Requirement: common-1/1.0/req/html/definition
#[test]
fn landing_page_and_classes_are_there_as_pages() {
    checks::html_definition(&service(), &service_paths());
}

/// Requirement: common-1/1.0/req/html/content
#[test]
fn landing_page_and_classes_say_as_pages_what_they_say() {
    let server = service();
    service_paths().iter().for_each(|at| expect_page(&server, at));
}

/// Requirement: common-1/1.0/req/oas30/oas-definition-1
#[test]
fn the_description_is_there_as_openapi_and_as_a_page() {
    checks::api_definition_success();
}

/// Requirement: common-1/1.0/req/oas30/oas-definition-2
#[test]
fn the_description_is_openapi_3_0() {
    super::document::expect_openapi_3_0(&service().get("/ogc/api").json());
}

/// Requirement: common-1/1.0/req/oas30/oas-impl
#[test]
fn what_is_described_is_there() {
    checks::everything_described_is_there();
}

/// Requirement: common-1/1.0/req/oas30/completeness
#[test]
fn what_is_answered_is_described() {
    checks::every_answer_is_described();
}

/// Requirement: common-1/1.0/req/oas30/exceptions-codes
#[test]
fn what_goes_wrong_is_described() {
    checks::every_error_is_described();
}

/// Requirement: common-1/1.0/req/oas30/security
#[test]
fn who_may_write_is_described() {
    super::edit::expect_security_described();
}

/// Requirement: common-2/1.0/req/collections/collections-list-op
#[test]
fn the_collections_are_where_the_landing_page_says() {
    let server = service();
    let landing = server.get("/ogc").json();
    let links = related(&landing, "data");
    let to: BTreeSet<_> = links.iter().map(|link| crate::ogc::path(&server, &link["href"])).collect();
    assert_eq!(to, BTreeSet::from(["/ogc/collections"]));
    links.iter().for_each(|link| drop(followed(&server, link)));
}

/// Requirement: common-2/1.0/req/collections/collections-list-success
#[test]
fn the_list_of_collections_has_its_schema() {
    described(&service(), "/collections", "/ogc/collections");
}

/// Requirement: common-2/1.0/req/collections/collections-list-links
#[test]
fn the_list_of_collections_links_to_itself_in_every_encoding() {
    checks::links_to_itself(&service(), "/ogc/collections", JSON);
}

/// Requirement: common-2/1.0/req/collections/collections-list-collections
#[test]
fn every_layer_is_in_the_list_of_collections() {
    let list = service().get("/ogc/collections").json()["collections"].clone();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|collection| collection["id"].as_str().unwrap()).collect();
    assert_eq!(ids, Layer::ALL.map(Layer::name));
}

/// Requirement: common-2/1.0/req/collections/description-op
#[test]
fn every_collection_of_the_list_can_be_got() {
    let server = service();
    let list = server.get("/ogc/collections").json()["collections"].clone();
    for collection in list.as_array().unwrap() {
        let at = collection_at(collection["id"].as_str().unwrap());
        assert_eq!(server.get(&at).status, 200, "{at}");
        assert!(related(collection, "self").iter().all(|link| crate::ogc::path(&server, &link["href"]) == at), "{at}");
    }
    server.get(&collection_at("roads")).problem(404);
}

/// Requirement: common-2/1.0/req/collections/description-success
#[test]
fn a_collection_is_described_alone_as_in_the_list() {
    checks::collections_are_described_alone_as_in_the_list();
}

/// Requirement: common-2/1.0/req/collections/description-links
#[test]
fn a_collection_links_to_itself_in_every_encoding() {
    let server = service();
    collections().for_each(|id| checks::links_to_itself(&server, &collection_at(id), JSON));
}

/// Requirement: common-2/1.0/req/collections/description-extent
#[test]
fn the_extent_of_a_collection_holds_its_features() {
    checks::extents_hold_their_features();
    // In the system that they are stored in, too: it is the same.
    for collection in service().get("/ogc/collections").json()["collections"].as_array().unwrap() {
        assert_eq!(collection["storageCrs"], "http://www.opengis.net/def/crs/OGC/1.3/CRS84");
    }
}

/// Requirement: common-2/1.0/req/collections/description-extent-multi
#[test]
fn the_first_box_and_interval_of_an_extent_hold_all_features() {
    checks::extents_hold_their_features();
}

/// Requirement: common-2/1.0/req/json/definition
#[test]
fn collections_are_there_as_json() {
    checks::json_definition(&service(), &collection_paths(), JSON);
}

/// Requirement: common-2/1.0/req/json/content
#[test]
fn collections_have_their_schemas() {
    let server = service();
    described(&server, "/collections", "/ogc/collections");
    collections().for_each(|id| described(&server, &format!("/collections/{id}"), &collection_at(id)));
}

/// Requirement: common-2/1.0/req/html/definition
#[test]
fn collections_are_there_as_pages() {
    checks::html_definition(&service(), &collection_paths());
}

/// Requirement: common-2/1.0/req/html/content
#[test]
fn collections_say_as_pages_what_they_say() {
    let server = service();
    collection_paths().iter().for_each(|at| expect_page(&server, at));
}
