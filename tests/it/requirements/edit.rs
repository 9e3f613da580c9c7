//! OGC API - Features, Part 4: Create, Replace, Update and Delete (OGC 20-002), as its draft stands: filing and retracting,
//! and what may be done where.

use serde_json::{Value, json};

use crate::ogc::collections;
use crate::ogc_api::items;
use crate::ogc_edit::{GEO_JSON, ITEMS, SPOT, at, change, create, desk, feature, path, tag};
use crate::server::Server;

/// The methods that the resource allows, as it says.
fn allowed(server: &Server, path: &str) -> Vec<String> {
    let answer = server.send("OPTIONS", path, &[], b"");
    assert_eq!(answer.status, 200, "{path}");
    answer.header("allow").split(", ").map(str::to_owned).collect()
}

/// What writes names who may: in the description, and nothing else does.
pub fn expect_security_described() {
    let (server, ..) = desk();
    let document = server.get("/ogc/api").json();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap().clone();
    assert!(schemes.values().any(|scheme| scheme["type"] == "http" && scheme["scheme"] == "bearer"), "{schemes:?}");
    let mut guarded = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let any = items(&operation["security"]);
            assert_eq!(any.is_empty(), method == "get", "{method} {path}");
            assert!(any.iter().flat_map(|one| one.as_object().unwrap().keys()).all(|name| schemes.contains_key(name)));
            // Whoever has nothing to show is refused where the description does not let everybody.
            if method != "get" && !any.contains(&json!({})) {
                let asked = at("a");
                assert_eq!(
                    server.send(&method.to_uppercase(), &asked, &[GEO_JSON, ("if-match", "*")], b"{}").status,
                    401
                );
                guarded += 1;
            }
        }
    }
    assert_eq!((guarded, document.get("security")), (3, None));
}

/// Requirement: features-4/1.0/req/create-replace-delete/methods
#[test]
fn reports_can_be_filed_replaced_and_deleted_and_say_so() {
    let (server, ..) = desk();
    assert!(allowed(&server, ITEMS).contains(&"POST".to_owned()));
    for id in ["a", "b"] {
        let methods = allowed(&server, &at(id));
        assert!(["PUT", "DELETE"].iter().all(|method| methods.iter().any(|m| m == method)), "{methods:?}");
    }
}

/// Requirement: features-4/1.0/req/create-replace-delete/options-op
#[test]
fn every_resource_says_what_may_be_done_with_it() {
    let (server, ..) = desk();
    for id in collections() {
        let list = super::items_at(id);
        allowed(&server, &list);
        for feature in super::all(&server, id) {
            allowed(&server, &format!("{list}/{}", super::escaped(&feature["id"])));
        }
    }
}

/// Requirement: features-4/1.0/req/create-replace-delete/options-response
#[test]
fn what_is_allowed_is_what_is_not_refused_as_a_method() {
    let (server, ..) = desk();
    for path in [ITEMS.to_owned(), at("a"), super::items_at("incidents")] {
        let allowed = allowed(&server, &path);
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            let status = server.send(method, &path, &[GEO_JSON], b"").status;
            assert_eq!(status != 405, allowed.iter().any(|known| known == method), "{method} {path}: {status}");
        }
    }
}

/// Requirement: features-4/1.0/req/create-replace-delete/post-op
#[test]
fn a_post_to_a_collection_that_allows_it_files_a_feature() {
    let (server, ..) = desk();
    for id in collections() {
        let list = super::items_at(id);
        let may = allowed(&server, &list).contains(&"POST".to_owned());
        let answer = server.send("POST", &list, &[GEO_JSON], feature(json!({})).to_string().as_bytes());
        assert_eq!(answer.status, if may { 201 } else { 405 }, "{id}");
        assert_eq!(may, id == "reports");
    }
    assert_eq!(server.get(ITEMS).json()["numberMatched"], 3);
}

/// Requirement: features-4/1.0/req/create-replace-delete/post-body
#[test]
fn the_body_of_a_post_is_the_feature_that_is_filed() {
    let (server, ..) = desk();
    let sent = feature(json!({"depth_cm": 12, "passability": "slow"}));
    let answer = create(&server, &sent, &[]);
    let filed = server.get(&path(&server, answer.header("location"))).json();
    assert_eq!(filed["geometry"], sent["geometry"]);
    for name in ["category", "depth_cm", "passability"] {
        assert_eq!(filed["properties"][name], sent["properties"][name], "{name}");
    }
    for none in [&b""[..], b"{}", b"[]", b"nonsense", br#"{"type": "Feature"}"#] {
        server.send("POST", ITEMS, &[GEO_JSON], none).problem(400);
    }
    assert_eq!(server.get(ITEMS).json()["numberMatched"], 3);
}

/// Requirement: features-4/1.0/req/create-replace-delete/post-content-type
#[test]
fn a_post_says_of_which_type_its_body_is() {
    let (server, ..) = desk();
    let body = feature(json!({})).to_string();
    for (kind, status) in [
        ("application/geo+json", 201),
        ("application/geo+json; charset=utf-8", 201),
        ("application/json", 415),
        ("text/plain", 415),
        ("application/gml+xml", 415),
    ] {
        assert_eq!(server.send("POST", ITEMS, &[("content-type", kind)], body.as_bytes()).status, status, "{kind}");
    }
    server.send("POST", ITEMS, &[], body.as_bytes()).problem(415);
}

/// Requirement: features-4/1.0/req/create-replace-delete/post-response
#[test]
fn a_post_is_answered_201_with_the_address_of_what_was_filed() {
    let (server, ..) = desk();
    let answer = create(&server, &feature(json!({"depth_cm": 12})), &[]);
    assert_eq!(answer.status, 201);
    let filed = server.get(&path(&server, answer.header("location")));
    assert_eq!((filed.status, &filed.json()["properties"]["depth_cm"]), (200, &json!(12)));
    let (list, _) = answer.header("location").rsplit_once('/').unwrap();
    assert_eq!(list, format!("{}{ITEMS}", server.address));
}

/// Requirement: features-4/1.0/req/create-replace-delete/post-response-rid
#[test]
fn what_is_filed_gets_an_id_of_its_own_that_nothing_else_has() {
    let (server, ..) = desk();
    // Each says that it is "mine".
    let ids: Vec<_> =
        (0..5).map(|n| create(&server, &feature(json!({"depth_cm": n})), &[]).json()["id"].clone()).collect();
    let all = server.ids(ITEMS);
    assert!(!all.contains(&"mine".to_owned()));
    for id in &ids {
        assert_eq!(all.iter().filter(|known| *known == id.as_str().unwrap()).count(), 1, "{id}");
    }
    assert_eq!(all.len(), 7);
}

/// Requirement: features-4/1.0/req/create-replace-delete/delete-op
#[test]
fn every_report_can_be_deleted() {
    let (server, _folder, bearer) = desk();
    for id in ["a", "b"] {
        assert!(allowed(&server, &at(id)).contains(&"DELETE".to_owned()));
        let known = tag(&server, id);
        let by = [("authorization", &*bearer), ("if-match", &*known)];
        assert!(change(&server, "DELETE", id, &by, &Value::Null).status < 300, "{id}");
    }
    assert_eq!(server.get(ITEMS).json()["numberMatched"], 0);
}

/// Requirement: features-4/1.0/req/create-replace-delete/delete-response
#[test]
fn a_delete_is_answered_204_and_what_was_deleted_is_gone() {
    let (server, _folder, bearer) = desk();
    let known = tag(&server, "b");
    let by = [("authorization", &*bearer), ("if-match", &*known)];
    let answer = change(&server, "DELETE", "b", &by, &Value::Null);
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    server.get(&at("b")).problem(404);
    assert_eq!(server.ids(ITEMS), ["a"]);
}

/// Requirement: features-4/1.0/req/features/resources-endpoint
#[test]
fn features_are_filed_below_their_collection() {
    let (server, ..) = desk();
    for collection in server.get("/ogc/collections").json()["collections"].as_array().unwrap() {
        let at = format!("/ogc/collections/{}/items", collection["id"].as_str().unwrap());
        assert_eq!(server.send("OPTIONS", &at, &[], b"").status, 200, "{at}");
    }
    let answer = create(&server, &feature(json!({})), &[]);
    assert!(server.ids("/ogc/collections/reports/items").contains(&answer.json()["id"].as_str().unwrap().to_owned()));
}

/// Requirement: features-4/1.0/req/features/resource-endpoint
#[test]
fn a_feature_is_changed_where_it_is_read() {
    let (server, _folder, bearer) = desk();
    for id in server.ids(ITEMS) {
        let here = format!("/ogc/collections/reports/items/{id}");
        let known = server.get(&here).header("etag").to_owned();
        let by = [("authorization", &*bearer), ("if-match", &*known)];
        let sent = feature(json!({"observed_at": "2025-12-31T09:00:00Z"})).to_string();
        let answer = server.send("PUT", &here, &[&[GEO_JSON], &by[..]].concat(), sent.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// Requirement: features-4/1.0/req/features/collection-endpoint
#[test]
fn no_collection_says_that_ids_can_be_chosen_and_none_can() {
    let (server, _folder, bearer) = desk();
    for collection in server.get("/ogc/collections").json()["collections"].as_array().unwrap() {
        assert!(collection.get("supportsNonAutogeneratedResourceIds").is_none_or(|supports| *supports == false));
    }
    let by = [("authorization", &*bearer)];
    change(&server, "PUT", "chosen", &by, &feature(json!({}))).problem(404);
    server.get(&at("chosen")).problem(404);
}

/// Requirement: features-4/1.0/req/features/content-crs-header
#[test]
fn the_system_of_what_is_sent_is_taken_from_its_header() {
    let (server, _folder, bearer) = desk();
    let north = json!({"type": "Point", "coordinates": [SPOT[1], SPOT[0]]});
    let crs = ("content-crs", "<http://www.opengis.net/def/crs/EPSG/0/4326>");
    let mut sent = feature(json!({"observed_at": "2025-12-31T09:00:00Z"}));
    sent["geometry"] = north.clone();
    let filed = create(&server, &sent, &[crs]);
    assert_eq!(filed.status, 201, "{}", filed.text());
    let here = json!(SPOT);
    assert_eq!(server.get(&path(&server, filed.header("location"))).json()["geometry"]["coordinates"], here);
    let known = tag(&server, "a");
    let by = [("authorization", &*bearer), ("if-match", &*known), crs];
    assert_eq!(change(&server, "PUT", "a", &by, &sent).status, 200);
    assert_eq!(server.get(&at("a~2")).json()["geometry"]["coordinates"], here);
    let known = tag(&server, "a~2");
    let by = [("authorization", &*bearer), ("if-match", &*known), crs];
    assert_eq!(
        change(&server, "PATCH", "a~2", &by, &json!({"geometry": north, "properties": {"depth_cm": 3}})).status,
        200
    );
    assert_eq!(server.get(&at("a~3")).json()["geometry"]["coordinates"], here);
}

/// Requirement: features-4/1.0/req/features/default-crs
#[test]
fn what_is_sent_without_a_system_is_longitude_and_latitude() {
    let (server, ..) = desk();
    let answer = create(&server, &feature(json!({})), &[]);
    let filed = server.get(&path(&server, answer.header("location")));
    assert_eq!(filed.json()["geometry"]["coordinates"], json!(SPOT));
    let mut swapped = feature(json!({}));
    swapped["geometry"]["coordinates"] = json!([SPOT[1], SPOT[0]]);
    create(&server, &swapped, &[]).problem(400);
}

/// Requirement: features-4/1.0/req/features/crs-other-crs
#[test]
fn every_system_of_the_collection_is_taken_and_no_other() {
    let (server, ..) = desk();
    let systems = server.get("/ogc/collections/reports").json()["crs"].clone();
    for crs in systems.as_array().unwrap().iter().map(|crs| crs.as_str().unwrap()) {
        let there = server.get(&format!("{}?crs={crs}", at("a"))).json()["geometry"].clone();
        let mut sent = feature(json!({}));
        sent["geometry"] = there;
        let answer = create(&server, &sent, &[("content-crs", &format!("<{crs}>"))]);
        assert_eq!(answer.status, 201, "{crs}: {}", answer.text());
        let filed = server.get(&path(&server, answer.header("location"))).json()["geometry"]["coordinates"].clone();
        let near = |n: usize| (filed[n].as_f64().unwrap() - SPOT[n]).abs() < 2e-7;
        assert!(near(0) && near(1), "{crs}: {filed}");
    }
    for crs in ["<http://www.opengis.net/def/crs/EPSG/0/32601>", "<nonsense>"] {
        assert!(create(&server, &feature(json!({})), &[("content-crs", crs)]).problem(400).starts_with("Content-Crs"));
    }
}
