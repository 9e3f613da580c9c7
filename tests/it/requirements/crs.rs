//! OGC API - Features, Part 2: Coordinate Reference Systems by Reference (OGC 18-058r1). What the axes and numbers of each
//! system are is held against PROJ in [`crate::ogc_crs`].

use serde_json::{Value, json};

use super::document::parameter;
use super::{all, collection_at, escaped, items_at};
use crate::ogc::collections;
use crate::ogc_crs::{CRS84, city, epsg};
use crate::server::{Answer, Server};

const NOWHERE: [&str; 4] = [
    "http://www.opengis.net/def/crs/OGC/1.3/CRS99",
    "http://www.opengis.net/def/crs/EPSG/0/32601",
    "EPSG:4326",
    "nonsense",
];

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// The systems of a collection, as it lists them alone.
fn systems(server: &Server, id: &str) -> Vec<String> {
    texts(&server.get(&collection_at(id)).json()["crs"])
}

/// Every page and single feature there is to ask for in some system: of each collection with a place.
fn asked(server: &Server) -> Vec<(String, String)> {
    let of = |id: &'static str| {
        let list = items_at(id);
        let one = all(server, id).into_iter().find(|feature| !feature["geometry"].is_null())?;
        Some([(id.to_owned(), list.clone()), (id.to_owned(), format!("{list}/{}", escaped(&one["id"])))])
    };
    let found: Vec<_> = collections().filter_map(of).flatten().collect();
    assert!(found.len() >= 8, "{found:?}");
    found
}

fn in_system(server: &Server, at: &str, crs: &str) -> Answer {
    let answer = server.get(&format!("{at}?crs={crs}"));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/geo+json"), "{at}: {crs}");
    answer
}

/// Requirement: features-2/1.0/req/crs/crs-uri
#[test]
fn every_system_has_a_uri_by_which_it_is_asked_for() {
    let server = city();
    let list = server.get("/ogc/collections").json();
    let mut named = texts(&list["crs"]);
    for collection in list["collections"].as_array().unwrap() {
        named.extend(texts(&collection["crs"]).into_iter().filter(|crs| crs != "#/crs"));
        named.extend(collection["storageCrs"].as_str().map(str::to_owned));
    }
    for crs in &named {
        let parts: Vec<_> = crs.strip_prefix("http://www.opengis.net/def/crs/").unwrap().split('/').collect();
        assert!(
            parts.len() == 3 && parts.iter().all(|part| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')),
            "{crs}"
        );
        in_system(&server, &items_at("reports"), crs);
    }
}

/// Requirement: features-2/1.0/req/crs/fc-md-crs-list
#[test]
fn a_collection_lists_the_systems_it_comes_in_and_the_default_is_among_them() {
    let server = city();
    for (id, at) in asked(&server) {
        let systems = systems(&server, &id);
        assert!(systems.contains(&CRS84.to_owned()) && systems.len() >= 7, "{id}: {systems:?}");
        systems.iter().for_each(|crs| drop(in_system(&server, &at, crs)));
    }
}

/// Requirement: features-2/1.0/req/crs/fc-md-crs-list-global
#[test]
fn the_systems_of_the_list_are_those_of_every_collection_that_refers_to_it() {
    let server = city();
    let list = server.get("/ogc/collections").json();
    let everywhere = texts(&list["crs"]);
    assert!(everywhere.len() >= 3);
    for collection in list["collections"].as_array().unwrap() {
        let id = collection["id"].as_str().unwrap();
        assert!(texts(&collection["crs"]).contains(&"#/crs".to_owned()), "{id}");
        everywhere.iter().for_each(|crs| drop(in_system(&server, &items_at(id), crs)));
    }
}

/// Requirement: features-2/1.0/req/crs/fc-md-storageCrs
#[test]
fn a_collection_says_in_which_system_it_is_stored() {
    let server = city();
    let list = server.get("/ogc/collections").json();
    for collection in list["collections"].as_array().unwrap() {
        assert_eq!(collection["storageCrs"], CRS84);
        let id = collection["id"].as_str().unwrap();
        assert_eq!(server.get(&collection_at(id)).json()["storageCrs"], CRS84, "{id}");
    }
}

/// Requirement: features-2/1.0/req/crs/fc-md-storageCrs-valid-value
#[test]
fn the_system_it_is_stored_in_is_one_of_those_it_lists() {
    let server = city();
    for id in collections() {
        let collection = server.get(&collection_at(id)).json();
        assert!(collection["crs"].as_array().unwrap().contains(&collection["storageCrs"]), "{id}");
    }
}

/// A parameter that names a system, of every collection's page, and of its feature.
fn defined(name: &str, below: &[&str]) {
    let document = city().get("/ogc/api").json();
    for (id, below) in collections().flat_map(|id| below.iter().map(move |below| (id, below))) {
        let of = parameter(&document, &format!("/collections/{id}/{below}"), name);
        assert_eq!((&of["in"], &of["required"]), (&json!("query"), &json!(false)), "{id}");
        assert_eq!((&of["style"], &of["explode"]), (&json!("form"), &json!(false)), "{id}");
        assert_eq!((&of["schema"]["type"], &of["schema"]["format"]), (&json!("string"), &json!("uri")), "{id}");
    }
}

/// Requirement: features-2/1.0/req/crs/fc-bbox-crs-definition
#[test]
fn the_system_of_a_box_is_a_parameter_of_every_page() {
    defined("bbox-crs", &["items"]);
}

/// Requirement: features-2/1.0/req/crs/fc-bbox-crs-valid-value
#[test]
fn a_box_in_a_system_that_is_not_listed_is_refused() {
    let server = city();
    for (id, crs) in collections().flat_map(|id| NOWHERE.map(|crs| (id, crs))) {
        let told = server.get(&format!("{}?bbox=1,2,3,4&bbox-crs={crs}", items_at(id))).problem(400);
        assert!(told.contains("bbox-crs"), "{id}: {told}");
    }
}

/// Requirement: features-2/1.0/req/crs/fc-bbox-crs-valid-default-value
#[test]
fn a_box_without_a_system_is_longitude_and_latitude() {
    let server = city();
    let count = |query: &str| server.features(&format!("{}?{query}", items_at("reports"))).len();
    for (bbox, found) in [("110.33,20.01,110.34,20.02", 3), ("110,20,111,21", 4), ("20.01,110.33,20.02,110.34", 0)] {
        let swapped = bbox.starts_with("20");
        // No latitude is 110: with its axes swapped it is refused, or lies elsewhere.
        if swapped {
            assert_ne!(
                server.get(&format!("{}?bbox={bbox}", items_at("reports"))).text().matches("\"Feature\"").count(),
                3
            );
            continue;
        }
        assert_eq!(
            [count(&format!("bbox={bbox}")), count(&format!("bbox={bbox}&bbox-crs={CRS84}"))],
            [found; 2],
            "{bbox}"
        );
    }
    // In the system of the answer it is not taken.
    assert_eq!(count(&format!("bbox=110.33,20.01,110.34,20.02&crs={}", epsg(4_326))), 3);
}

/// Requirement: features-2/1.0/req/crs/fc-crs-definition
#[test]
fn the_system_of_an_answer_is_a_parameter_of_every_page_and_feature() {
    defined("crs", &["items", "items/{featureId}"]);
}

/// Requirement: features-2/1.0/req/crs/fc-crs-valid-value
#[test]
fn an_answer_in_a_system_that_is_not_listed_is_refused() {
    let server = city();
    for ((id, at), crs) in asked(&server).iter().flat_map(|asked| NOWHERE.map(|crs| (asked, crs))) {
        assert!(!systems(&server, id).contains(&crs.to_owned()));
        assert!(server.get(&format!("{at}?crs={crs}")).problem(400).contains("crs"), "{at}: {crs}");
    }
}

/// Requirement: features-2/1.0/req/crs/fc-crs-default-value
#[test]
fn without_a_system_an_answer_is_longitude_and_latitude() {
    let server = city();
    for (_, at) in asked(&server) {
        let (plain, named) = (server.get(&at).json(), in_system(&server, &at, CRS84).json());
        let part = if plain["type"] == "Feature" { "geometry" } else { "features" };
        assert!(plain[part] == named[part] && !plain[part].is_null(), "{at}");
    }
    assert_eq!(all(&server, "reports")[0]["geometry"]["coordinates"], json!([110.3312, 20.0148]));
}

/// Requirement: features-2/1.0/req/crs/ogc-crs-header
#[test]
fn every_answer_names_its_system_in_a_header() {
    let server = city();
    for (id, at) in asked(&server) {
        assert_ne!(server.get(&at).header("content-crs"), "", "{at}");
        for crs in systems(&server, &id) {
            assert_ne!(in_system(&server, &at, &crs).header("content-crs"), "", "{at}: {crs}");
        }
    }
}

/// Requirement: features-2/1.0/req/crs/ogc-crs-header-value
#[test]
fn the_header_holds_the_uri_of_the_system_in_angle_brackets() {
    let server = city();
    for (id, at) in asked(&server) {
        assert_eq!(server.get(&at).header("content-crs"), format!("<{CRS84}>"), "{at}");
        for crs in systems(&server, &id) {
            assert_eq!(in_system(&server, &at, &crs).header("content-crs"), format!("<{crs}>"), "{at}");
        }
    }
}

/// Requirement: features-2/1.0/req/crs/geojson
#[test]
fn geojson_in_another_system_is_geojson_without_a_member_that_names_it() {
    let server = city();
    let mut systems_seen = 0;
    for (id, at) in asked(&server) {
        for crs in systems(&server, &id) {
            let answer = in_system(&server, &at, &crs);
            let read: geojson::GeoJson = answer.text().parse().unwrap();
            let page = matches!(read, geojson::GeoJson::FeatureCollection(_));
            assert_eq!((answer.json().get("crs"), page), (None, at == items_at(&id)), "{at}: {crs}");
            systems_seen += 1;
        }
    }
    assert!(systems_seen > 50, "{systems_seen}");
}
