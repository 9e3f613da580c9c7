//! OGC API - Features, Part 4: reports are filed, corrected and retracted, by whoever may, and never in silence.

use serde_json::{Value, json};
use tempfile::TempDir;
use waterlog::hazard::event::{Event, Report};

use crate::areas::town;
use crate::layers::seen;
use crate::ogc::collections;
use crate::people::{add, key, user};
use crate::server::{Answer, Server, report, seed};

pub const ITEMS: &str = "/ogc/collections/reports/items";
pub const GEO_JSON: (&str, &str) = ("content-type", "application/geo+json");
pub const PATCH: (&str, &str) = ("content-type", "application/merge-patch+json");
pub const CLOCK: [&str; 2] = ["--clock", "2026-01-01T00:00:00Z"];
/// Of the report that is filed first, in the west of the town.
pub const SPOT: [f64; 2] = [110.01, 20.005];

/// A service with two reports of one incident, and somebody with a key who may correct them.
pub fn desk() -> (Server, TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let first = Report { depth_cm: Some(20), ..seen("a", 0, SPOT[0], SPOT[1]) };
    let events = [Event::Report(first), Event::Report(seen("b", 60, SPOT[0], SPOT[1])), Event::Areas(town())];
    seed(folder.path(), &events);
    add(folder.path(), "wang", "grid_worker", &[]);
    let bearer = format!("Bearer {}", key(folder.path(), "wang", &["act"]));
    (Server::start_with(folder.path(), &CLOCK), folder, bearer)
}

pub fn feature(changes: Value) -> Value {
    let mut properties =
        json!({"category": "waterlogging", "observed_at": "2025-12-31T09:00:00+08:00", "depth_cm": 35});
    properties.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    json!({"type": "Feature", "id": "mine", "properties": properties, "geometry": {"type": "Point", "coordinates": SPOT}})
}

pub fn create(server: &Server, feature: &Value, headers: &[(&str, &str)]) -> Answer {
    server.post_at(ITEMS, feature.to_string().as_bytes(), &[&[GEO_JSON], headers].concat())
}

pub fn at(id: &str) -> String {
    format!("{ITEMS}/{id}")
}

pub fn change(server: &Server, method: &str, id: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let kind = if method == "PATCH" { PATCH } else { GEO_JSON };
    let body = if method == "DELETE" { String::new() } else { body.to_string() };
    server.send(method, &at(id), &[&[kind], headers].concat(), body.as_bytes())
}

pub fn tag(server: &Server, id: &str) -> String {
    let answer = server.get(&at(id));
    assert_eq!(answer.status, 200, "{id}: {}", answer.text());
    answer.header("etag").to_owned()
}

pub fn path(server: &Server, location: &str) -> String {
    location.strip_prefix(&server.address).unwrap_or_else(|| panic!("{location} is not here")).to_owned()
}

#[test]
fn a_report_is_filed_as_a_feature_and_is_where_its_location_says() {
    let (server, _folder, _) = desk();
    let answer = create(&server, &feature(json!({"text": "deep", "status": "resolved", "channel": "qgis"})), &[]);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let filed = server.get(&path(&server, answer.header("location"))).json();
    let id = answer.json()["id"].clone();
    assert!(filed["id"] == id && id != "mine", "{filed}");
    assert_eq!(filed["geometry"], json!({"type": "Point", "coordinates": SPOT}));
    let properties = &filed["properties"];
    assert_eq!((&properties["depth_cm"], &properties["channel"]), (&json!(35), &json!("qgis")));
    assert_eq!(properties["status"], "reported", "what follows from others is passed over");
    assert!(!filed.to_string().contains("deep"), "what people say is not published");
    // A retry is harmless, and another report of the same sender is one of its own.
    let retried = [("idempotency-key", "k1"), ("device-id", "0123456789abcdef")];
    let ids = [0, 1].map(|_| create(&server, &feature(json!({})), &retried).json()["id"].clone());
    assert_eq!(ids[0], ids[1]);
    let other = create(&server, &feature(json!({"depth_cm": 40})), &retried[1..]);
    assert!(other.status == 201 && other.json()["id"] != ids[0], "{}", other.text());
    assert_eq!(server.get(ITEMS).json()["numberMatched"], 5);
}

#[test]
fn what_is_no_report_is_refused_with_what_is_wrong() {
    let (server, _folder, _) = desk();
    let mut line = feature(json!({}));
    line["geometry"] = json!({"type": "LineString", "coordinates": [[1, 2], [3, 4]]});
    let mut nowhere = feature(json!({}));
    nowhere["geometry"] = Value::Null;
    let mut far = feature(json!({}));
    far["geometry"]["coordinates"] = json!([200, 20]);
    for (wrong, field) in [
        (line, "geometry"),
        (nowhere, "geometry"),
        (far, "lon"),
        (feature(json!({"category": "flood"})), "category"),
        (feature(json!({"category": "opinion"})), "category"),
        (feature(json!({"colour": "red"})), "properties.colour"),
        (feature(json!({"depth_cm": "deep"})), "depth_cm"),
        (feature(json!({"observed_at": "2020-01-01T00:00:00Z"})), "observed_at"),
        (json!({"type": "FeatureCollection", "features": []}), "type"),
        (json!([]), "type"),
    ] {
        let answer = create(&server, &wrong, &[]);
        answer.problem(400);
        assert_eq!(answer.json()["field"], field, "{wrong}: {}", answer.text());
    }
    create(&server, &feature(json!({"photos": ["no such photo"]})), &[]).problem(422);
    server.post_at(ITEMS, b"{", &[GEO_JSON]).problem(400);
    server.post_at(ITEMS, b"{}", &[("content-type", "application/json")]).problem(415);
    server.post_at(&format!("{ITEMS}?f=json"), b"{}", &[GEO_JSON]).problem(400);
    for collection in collections().filter(|collection| *collection != "reports") {
        let refused = server.post_at(&format!("/ogc/collections/{collection}/items"), b"{}", &[GEO_JSON]);
        assert_eq!((refused.status, refused.header("allow")), (405, "GET,HEAD"), "{collection}");
    }
    assert_eq!(server.get(ITEMS).json()["numberMatched"], 2);
    // After this one the connection is closed.
    server.post_at(ITEMS, &vec![b' '; 1_100_000], &[GEO_JSON]).problem(413);
}

#[test]
fn what_replaces_a_report_takes_its_place_and_their_incident_goes_on() {
    let (server, folder, bearer) = desk();
    let before = server.get(&at("a")).json();
    let known = tag(&server, "a");
    let by = [("authorization", &*bearer), ("if-match", &*known)];
    // What was given is sent back: nothing is done.
    let same = change(&server, "PUT", "a", &by, &before);
    assert_eq!((same.status, same.header("etag")), (200, &*known), "{}", same.text());
    assert_eq!(server.get("/ogc/collections/reports/items/a").status, 200);
    let mut wanted = before.clone();
    wanted["properties"]["depth_cm"] = json!(15);
    wanted["properties"]["passability"] = json!("slow");
    let answer = change(&server, "PUT", "a", &by, &wanted);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let now = answer.json();
    assert_eq!((&now["id"], &now["properties"]["depth_cm"]), (&json!("a~2"), &json!(15)));
    for kept in ["incident_id", "observed_at", "received_at", "category"] {
        assert_eq!(now["properties"][kept], before["properties"][kept], "{kept}");
    }
    assert_eq!(path(&server, answer.header("content-location")), at("a~2"));
    assert_eq!(answer.header("etag"), tag(&server, "a~2"));
    for old in [at("a"), "/api/v1/reports/a".into()] {
        let moved = server.get(&old);
        assert_eq!(moved.status, 308, "{old}: {}", moved.text());
        assert!(moved.header("location").ends_with("/a~2"), "{old}");
    }
    assert_eq!(server.get(ITEMS).json()["numberMatched"], 2);
    assert_eq!(server.get("/ogc/collections/incidents/items").json()["features"][0]["properties"]["reports"], 2);
    // It was observed long before reports are taken from: what is corrected may be as old as it was, and no older.
    let known = tag(&server, "a~2");
    let mut older = wanted.clone();
    older["properties"]["observed_at"] = json!("2019-01-01T00:00:00Z");
    let by = [("authorization", &*bearer), ("if-match", &*known)];
    assert_eq!(change(&server, "PUT", "a~2", &by, &older).json()["field"], "observed_at");
    wanted["properties"]["category"] = json!("road_damage");
    let again = change(&server, "PUT", "a~2", &by, &wanted);
    assert_eq!((again.status, &again.json()["id"]), (200, &json!("a~3")), "{}", again.text());
    assert!(server.get(&at("a")).header("location").ends_with("/a~3"));
    let audited = user(folder.path(), &["audit"], "").expect_success();
    assert_eq!(audited.matches("correct").count(), 2, "{audited}");
}

#[test]
fn a_patch_changes_what_it_names_in_the_system_that_it_names() {
    let (server, _folder, bearer) = desk();
    let patch = |id: &str, headers: &[(&str, &str)], patch: Value| {
        let known = tag(&server, id);
        change(&server, "PATCH", id, &[&[("authorization", &*bearer), ("if-match", &*known)], headers].concat(), &patch)
    };
    let answer = patch("a", &[], json!({"id": "z", "properties": {"depth_cm": null, "dry": false, "accuracy_m": 5}}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let now = answer.json();
    assert_eq!((&now["properties"]["depth_cm"], &now["properties"]["accuracy_m"]), (&Value::Null, &json!(5)));
    assert_eq!((&now["id"], &now["geometry"]["coordinates"]), (&json!("a~2"), &json!(SPOT)));
    let crs = "http://www.opengis.net/def/crs/EPSG/0/4326";
    let moved = json!({"geometry": {"type": "Point", "coordinates": [20.0051, 110.0101]}});
    let answer = patch("a~2", &[("content-crs", &format!("<{crs}>"))], moved);
    assert_eq!((answer.status, answer.header("content-crs")), (200, &*format!("<{crs}>")), "{}", answer.text());
    assert_eq!(answer.json()["geometry"]["coordinates"], json!([20.0051, 110.0101]));
    assert_eq!(server.get(&at("a~3")).json()["geometry"]["coordinates"], json!([110.0101, 20.0051]));
    // What is not moved stays where it is, in metres, too.
    let crs = "http://www.opengis.net/def/crs/EPSG/0/32649";
    let answer = patch("a~3", &[("content-crs", crs)], json!({"properties": {"depth_cm": 7}}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let still = server.get(&at("a~4")).json()["geometry"]["coordinates"].clone();
    let near = |n: usize, degrees: f64| (still[n].as_f64().unwrap() - degrees).abs() < 2e-7;
    assert!(near(0, 110.0101) && near(1, 20.0051), "{still}");
    for (crs, part) in [("EPSG:4326", "not the URI"), ("http://www.opengis.net/def/crs/EPSG/0/32601", "known here are")]
    {
        let told = patch("a~4", &[("content-crs", crs)], json!({})).problem(400);
        assert!(told.contains(part) && told.starts_with("Content-Crs"), "{told}");
    }
    patch("a~4", &[], json!({"properties": {"category": null}})).problem(400);
    patch("a~4", &[], json!({"properties": {"category": "opinion"}})).problem(400);
    let known = tag(&server, "a~4");
    let headers = [("authorization", &*bearer), ("if-match", &*known), GEO_JSON];
    server.send("PATCH", &at("a~4"), &headers, b"{}").problem(415);
}

#[test]
fn whoever_does_not_know_how_a_report_stands_changes_nothing() {
    let (server, _folder, bearer) = desk();
    let wanted = feature(json!({"observed_at": "2025-12-31T09:00:00Z"}));
    let by = |known: &'static str| [("authorization", bearer.clone()), ("if-match", known.to_owned())];
    let send = |method: &str, id: &str, headers: &[(&str, String)]| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        change(&server, method, id, &headers, &wanted)
    };
    for method in ["PUT", "PATCH", "DELETE"] {
        assert!(send(method, "a", &by("")[..1]).problem(428).contains("If-Match"));
        send(method, "a", &by("\"other\"")).problem(412);
        send(method, "no-such", &by("\"other\"")[..1]).problem(404);
        send(method, "no-such", &by("*")).problem(if method == "DELETE" { 404 } else { 412 });
    }
    assert_eq!(server.get(ITEMS).json()["numberMatched"], 2);
    // Other reports elsewhere change nothing of what is known; somebody's step on the incident does.
    let known = tag(&server, "a");
    server.post(&report(json!({"lon": 111.0})));
    assert_eq!(tag(&server, "a"), known);
    let step = [("authorization", &*bearer), ("content-type", "application/json")];
    assert_eq!(server.post_at("/api/v1/incidents/i1/transitions", br#"{"step": "acknowledge"}"#, &step).status, 201);
    send("PUT", "a", &[("authorization", bearer.clone()), ("if-match", known)]).problem(412);
    // Of all who are first, one is.
    let known = tag(&server, "a");
    let headers = [("authorization", bearer.clone()), ("if-match", known)];
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let each = (0..8).map(|_| scope.spawn(|| send("PUT", "a", &headers).status)).collect::<Vec<_>>();
        each.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let of = |status: u16| statuses.iter().filter(|one| **one == status).count();
    assert_eq!((of(200), of(412)), (1, 7), "{statuses:?}");
    assert_eq!(server.get(ITEMS).json()["numberMatched"], 3);
    assert!(send("DELETE", "a", &by("*")).problem(412).contains("a~2 stands"));
}

#[test]
fn whoever_keeps_the_first_address_changes_what_stands_in_its_place_by_the_tags_that_he_was_given() {
    let (server, _folder, bearer) = desk();
    let filed = create(&server, &feature(json!({})), &[]);
    let first = path(&server, filed.header("location"));
    let send = |method: &str, tag: Option<&str>, body: &Value| {
        let kind = if method == "PATCH" { PATCH } else { GEO_JSON };
        let by = [Some(kind), Some(("authorization", &*bearer)), tag.map(|tag| ("if-match", tag))];
        let body = if method == "DELETE" { String::new() } else { body.to_string() };
        server.send(method, &first, &by.into_iter().flatten().collect::<Vec<_>>(), body.as_bytes())
    };
    let deep = |cm: u32| json!({"properties": {"depth_cm": cm}});
    let mut tags = vec![server.get(&first).header("etag").to_owned()];
    for cm in [40, 50] {
        let answer = send("PATCH", tags.last().map(String::as_str), &deep(cm));
        assert_eq!((answer.status, &answer.json()["properties"]["depth_cm"]), (200, &json!(cm)), "{}", answer.text());
        tags.push(answer.header("etag").to_owned());
    }
    let answer = send("PUT", Some(&tags[2]), &feature(json!({"depth_cm": 60})));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("content-location").ends_with("~4"), "{}", answer.header("content-location"));
    let last = answer.header("etag").to_owned();
    // Who knows an earlier state, none, or whatever there is does not know what stands there.
    for (method, body) in [("PUT", feature(json!({}))), ("PATCH", deep(70)), ("DELETE", Value::Null)] {
        assert!(send(method, None, &body).problem(428).contains("If-Match"));
        for old in tags.iter().map(String::as_str).chain(["\"other\"", "*"]) {
            let told = send(method, Some(old), &body).problem(412);
            assert!(told.contains("was corrected: ") && told.contains("~4 stands"), "{method} {old}: {told}");
        }
    }
    let moved = server.get(&first);
    let stands = path(&server, moved.header("location"));
    assert_eq!((moved.status, server.get(&stands).header("etag")), (308, &*last));
    assert_eq!(server.get(&stands).json()["properties"]["depth_cm"], 60);
    assert_eq!(send("DELETE", Some(&last), &Value::Null).status, 204);
    for gone in [&first, &stands] {
        server.get(gone).problem(404);
    }
    assert_eq!(server.ids(ITEMS), ["a", "b"]);
}

#[test]
fn what_is_deleted_counts_nowhere_and_the_log_keeps_it() {
    let (server, folder, bearer) = desk();
    let known = tag(&server, "b");
    let by = [("authorization", &*bearer), ("if-match", &*known)];
    let gone = change(&server, "DELETE", "b", &by, &Value::Null);
    assert_eq!((gone.status, gone.body.len()), (204, 0), "{}", gone.text());
    server.get(&at("b")).problem(404);
    change(&server, "DELETE", "b", &by, &Value::Null).problem(404);
    assert_eq!(server.ids(ITEMS), ["a"]);
    assert_eq!(server.get("/ogc/collections/incidents/items").json()["features"][0]["properties"]["reports"], 1);
    let before = server.get("/api/v1/reports/b?position=2");
    assert_eq!(before.status, 200, "the map as it stood has it still: {}", before.text());
    let audited = user(folder.path(), &["audit"], "").expect_success();
    assert!(audited.contains("retract") && audited.contains("wang"), "{audited}");
}

#[test]
fn whoever_sent_a_report_follows_what_corrects_it_and_what_he_said_stays_with_it() {
    let (server, folder, bearer) = desk();
    let sent = create(&server, &feature(json!({"text": "up to the knee", "place": "by the school"})), &[]).json();
    let (id, link) =
        (sent["id"].as_str().unwrap(), sent["follow"].as_str().unwrap().replace("/follow", "/api/v1/follow"));
    assert_eq!(server.get(&link).json()["category"], "waterlogging");
    let known = tag(&server, id);
    let by = [("authorization", &*bearer), ("if-match", &*known)];
    let answer = change(&server, "PATCH", id, &by, &json!({"properties": {"category": "road_damage"}}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let followed = server.get(&link).json();
    assert_eq!((&followed["category"], &followed["state"]), (&json!("road_damage"), &json!("reported")), "{followed}");
    let read = format!("Bearer {}", key(folder.path(), "wang", &["read"]));
    let incident = answer.json()["properties"]["incident_id"].as_str().unwrap().to_owned();
    let told = server.get_with(&format!("/api/v1/incidents/{incident}"), &[("authorization", &read)]).text();
    assert!(told.contains("up to the knee") && told.contains("by the school"), "{told}");
    // The desk revokes the link of the report that it sees.
    let revoked = server.send("DELETE", &format!("/api/v1/reports/{id}~2/follow"), &by[..1], b"");
    assert_eq!(revoked.status, 204, "{}", revoked.text());
    server.get(&link).problem(404);
}

#[test]
fn options_say_what_may_be_done_where() {
    let (server, _folder, _) = desk();
    let (read, each) = ("GET, HEAD, OPTIONS", at("a"));
    for (path, allowed) in [
        (ITEMS, format!("{read}, POST")),
        (each.as_str(), format!("{read}, PUT, PATCH, DELETE")),
        ("/ogc", read.into()),
        ("/ogc/collections/incidents/items", read.into()),
    ] {
        let answer = server.send("OPTIONS", path, &[], b"");
        assert_eq!((answer.status, answer.header("allow")), (200, &*allowed), "{path}");
        let patch = answer.header("accept-patch");
        assert_eq!(patch, if allowed.contains("PATCH") { "application/merge-patch+json" } else { "" }, "{path}");
    }
    // Another site's page still may read, and no more.
    let asks = [("origin", "https://other.example"), ("access-control-request-method", "PUT")];
    let answer = server.send("OPTIONS", &at("a"), &asks, b"");
    assert_eq!(answer.header("access-control-allow-methods"), "GET,HEAD");
}
