//! OGC API - Features, Part 4: Create, Replace, Update and Delete (OGC 20-002), as its draft stands: replacing and updating,
//! by whoever knows how a feature stands.

use serde_json::{Value, json};

use crate::ogc_edit::{GEO_JSON, ITEMS, PATCH, at, change, desk, feature, tag};
use crate::server::{Answer, Server, report};

/// A feature that takes the place of a report.
fn other(changes: Value) -> Value {
    let mut wanted = feature(json!({"observed_at": "2025-12-31T09:00:00Z", "depth_cm": 33}));
    wanted["properties"].as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    wanted
}

/// Asks for a change by somebody who may and who knows how the report stands.
fn by_the_desk(server: &Server, bearer: &str, method: &str, id: &str, body: &Value) -> Answer {
    let known = tag(server, id);
    change(server, method, id, &[("authorization", bearer), ("if-match", &known)], body)
}

/// Requirement: features-4/1.0/req/create-replace-delete/put-op
#[test]
fn every_report_can_be_replaced() {
    let (server, _folder, bearer) = desk();
    for id in server.ids(ITEMS) {
        assert!(server.send("OPTIONS", &at(&id), &[], b"").header("allow").contains("PUT"), "{id}");
        assert_eq!(by_the_desk(&server, &bearer, "PUT", &id, &other(json!({}))).status, 200, "{id}");
    }
    assert_eq!(server.ids(ITEMS), ["a~2", "b~2"]);
}

/// Requirement: features-4/1.0/req/create-replace-delete/put-body
#[test]
fn the_body_of_a_put_is_all_that_the_feature_says_then() {
    let (server, _folder, bearer) = desk();
    assert_eq!(server.get(&at("a")).json()["properties"]["depth_cm"], 20);
    let wanted = other(json!({"depth_cm": null, "passability": "slow"}));
    assert_eq!(by_the_desk(&server, &bearer, "PUT", "a", &wanted).status, 200);
    let now = server.get(&at("a~2")).json();
    assert_eq!(now["geometry"], wanted["geometry"]);
    assert_eq!((&now["properties"]["depth_cm"], &now["properties"]["passability"]), (&Value::Null, &json!("slow")));
    let mut less = other(json!({}));
    less["properties"].as_object_mut().unwrap().remove("category");
    by_the_desk(&server, &bearer, "PUT", "a~2", &less).problem(400);
}

/// Requirement: features-4/1.0/req/create-replace-delete/put-content-type
#[test]
fn a_put_says_of_which_type_its_body_is() {
    let (server, _folder, bearer) = desk();
    let known = tag(&server, "a");
    let body = other(json!({})).to_string();
    for kind in ["application/json", "text/plain", "application/merge-patch+json"] {
        let headers = [("authorization", &*bearer), ("if-match", &*known), ("content-type", kind)];
        server.send("PUT", &at("a"), &headers, body.as_bytes()).problem(415);
    }
    let headers = [("authorization", &*bearer), ("if-match", &*known), GEO_JSON];
    assert_eq!(server.send("PUT", &at("a"), &headers, body.as_bytes()).status, 200);
}

/// Requirement: features-4/1.0/req/create-replace-delete/put-response
#[test]
fn a_put_is_answered_200_with_what_stands_now() {
    let (server, _folder, bearer) = desk();
    let answer = by_the_desk(&server, &bearer, "PUT", "a", &other(json!({})));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/geo+json"));
    assert_eq!(answer.json()["properties"], server.get(&at("a~2")).json()["properties"]);
}

/// Requirement: features-4/1.0/req/create-replace-delete/put-rid-exception
#[test]
fn a_put_where_nothing_is_creates_nothing() {
    let (server, _folder, bearer) = desk();
    let by = [("authorization", &*bearer), ("if-match", "\"x\"")];
    change(&server, "PUT", "nobody", &by[..1], &other(json!({}))).problem(404);
    change(&server, "PUT", "nobody", &by, &other(json!({}))).problem(412);
    assert_eq!(server.ids(ITEMS), ["a", "b"]);
}

/// Requirement: features-4/1.0/req/create-replace-delete/put-rid
#[test]
fn an_id_in_the_body_of_a_put_is_passed_over() {
    let (server, _folder, bearer) = desk();
    let mut wanted = other(json!({}));
    wanted["id"] = json!("b");
    assert_eq!(by_the_desk(&server, &bearer, "PUT", "a", &wanted).json()["id"], "a~2");
    assert_eq!(server.ids(ITEMS), ["b", "a~2"]);
}

/// Requirement: features-4/1.0/req/update/methods
#[test]
fn reports_say_that_they_can_be_updated_and_how() {
    let (server, ..) = desk();
    for id in server.ids(ITEMS) {
        let answer = server.send("OPTIONS", &at(&id), &[], b"");
        assert!(answer.header("allow").split(", ").any(|method| method == "PATCH"), "{id}");
        assert_eq!(answer.header("accept-patch"), PATCH.1);
    }
}

/// Requirement: features-4/1.0/req/update/update-patch-op
#[test]
fn every_report_can_be_updated() {
    let (server, _folder, bearer) = desk();
    for id in server.ids(ITEMS) {
        let patch = json!({"properties": {"depth_cm": 8}});
        assert_eq!(by_the_desk(&server, &bearer, "PATCH", &id, &patch).json()["properties"]["depth_cm"], 8, "{id}");
    }
}

/// Requirement: features-4/1.0/req/update/update-patch-body
#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    let (server, _folder, bearer) = desk();
    let before = server.get(&at("a")).json();
    let patch = json!({"properties": {"passability": "slow", "depth_cm": null}});
    assert_eq!(by_the_desk(&server, &bearer, "PATCH", "a", &patch).status, 200);
    let mut expected = before["properties"].clone();
    expected["passability"] = json!("slow");
    expected["depth_cm"] = Value::Null;
    let now = server.get(&at("a~2")).json();
    assert_eq!((&now["properties"], &now["geometry"]), (&expected, &before["geometry"]));
    let known = tag(&server, "a~2");
    let headers = [("authorization", &*bearer), ("if-match", &*known), PATCH];
    for none in [&b""[..], b"nonsense", b"[]"] {
        server.send("PATCH", &at("a~2"), &headers, none).problem(400);
    }
}

/// Requirement: features-4/1.0/req/update/update-patch-response
#[test]
fn a_patch_is_answered_200_with_what_stands_now() {
    let (server, _folder, bearer) = desk();
    let answer = by_the_desk(&server, &bearer, "PATCH", "a", &json!({"properties": {"depth_cm": 8}}));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/geo+json"));
    assert_eq!(answer.json()["properties"], server.get(&at("a~2")).json()["properties"]);
}

/// Requirement: features-4/1.0/req/update/rid
#[test]
fn an_id_in_a_patch_is_passed_over() {
    let (server, _folder, bearer) = desk();
    let answer = by_the_desk(&server, &bearer, "PATCH", "a", &json!({"id": "b", "properties": {"depth_cm": 8}}));
    assert_eq!((answer.status, &answer.json()["id"]), (200, &json!("a~2")));
    assert_eq!(server.ids(ITEMS), ["b", "a~2"]);
}

/// Requirement: features-4/1.0/req/optimistic-locking-etags/get-etag-response
#[test]
fn every_feature_comes_with_a_tag_that_is_another_when_its_state_is() {
    let (server, _folder, bearer) = desk();
    for id in server.ids(ITEMS) {
        assert_eq!(tag(&server, &id), tag(&server, &id));
        assert!(tag(&server, &id).starts_with('"'), "{id}: a strong one");
    }
    assert_ne!(tag(&server, "a"), tag(&server, "b"));
    let known = tag(&server, "a");
    server.post(&report(json!({"lon": 111.0})));
    assert_eq!(tag(&server, "a"), known, "what happens elsewhere changes nothing of it");
    by_the_desk(&server, &bearer, "PATCH", "a", &json!({"properties": {"depth_cm": 8}}));
    assert_ne!(tag(&server, "a~2"), known);
}

/// A change is answered with the tag with which what stands now is read.
fn answered_with_its_tag(method: &str, body: &Value) {
    let (server, _folder, bearer) = desk();
    let known = tag(&server, "a");
    let answer = by_the_desk(&server, &bearer, method, "a", body);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("etag"), tag(&server, "a~2"));
    assert_ne!(answer.header("etag"), known);
}

/// Requirement: features-4/1.0/req/optimistic-locking-etags/put-etag-response
#[test]
fn a_put_is_answered_with_the_tag_of_what_stands_now() {
    answered_with_its_tag("PUT", &other(json!({})));
}

/// Requirement: features-4/1.0/req/optimistic-locking-etags/patch-etag-response
#[test]
fn a_patch_is_answered_with_the_tag_of_what_stands_now() {
    answered_with_its_tag("PATCH", &json!({"properties": {"depth_cm": 8}}));
}

/// Without If-Match nothing is changed.
fn needs_the_tag(method: &str) {
    let (server, _folder, bearer) = desk();
    let told = change(&server, method, "a", &[("authorization", &bearer)], &other(json!({}))).problem(428);
    assert!(told.contains("If-Match"), "{told}");
    assert_eq!(server.ids(ITEMS), ["a", "b"]);
}

/// Requirement: features-4/1.0/req/optimistic-locking-etags/ifmatch-put-op
#[test]
fn a_put_names_the_tag_it_knows() {
    needs_the_tag("PUT");
}

/// Requirement: features-4/1.0/req/optimistic-locking-etags/ifmatch-patch-op
#[test]
fn a_patch_names_the_tag_it_knows() {
    needs_the_tag("PATCH");
}

/// If-Match is judged before anything is done (RFC 9110, 13.1.1): a tag that is not the feature's, however many, is refused;
/// the feature's among others, and a star, are taken.
fn judges_the_tag(method: &str) {
    let (server, _folder, bearer) = desk();
    let send = |id: &str, tags: &str| {
        change(&server, method, id, &[("authorization", &*bearer), ("if-match", tags)], &other(json!({})))
    };
    let old = tag(&server, "a");
    for wrong in ["\"x\"", "\"x\", \"y\"", &*tag(&server, "b"), &old.to_uppercase()] {
        if wrong != old {
            send("a", wrong).problem(412);
        }
    }
    assert_eq!(server.ids(ITEMS), ["a", "b"]);
    assert_eq!(send("a", &format!("\"x\", {old}")).status, 200);
    // What was known before that is known no longer.
    send("a~2", &old).problem(412);
    assert_eq!(send("b", "*").status, 200);
}

/// Requirement: features-4/1.0/req/optimistic-locking-etags/ifmatch-put-eval
#[test]
fn a_put_is_done_if_the_tag_it_knows_is_that_of_the_feature() {
    judges_the_tag("PUT");
}

/// Requirement: features-4/1.0/req/optimistic-locking-etags/ifmatch-patch-eval
#[test]
fn a_patch_is_done_if_the_tag_it_knows_is_that_of_the_feature() {
    judges_the_tag("PATCH");
}
