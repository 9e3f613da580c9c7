//! Rights are bounded by area: every role, with every bound, at every address that goes by area, on an incident in every
//! area.

use serde_json::{Value, json};
use waterlog::hazard::event::Event;
use waterlog::hazard::workflow::{Role, Step, TABLE};

use crate::areas::town;
use crate::layers::seen;
use crate::people::{add, user};
use crate::people_http::{Session, log_in};
use crate::photos::sample::{jpeg, quarters};
use crate::server::{Answer, Server, seed};

/// An incident in each grid of the west, one in the east, and one in no area; in this order.
const SPOTS: [(f64, f64); 4] = [(110.01, 20.005), (110.01, 20.015), (110.03, 20.01), (111.0, 20.0)];
/// Bounds of an account, and on which of the incidents they let it act.
const BOUNDS: [(&[&str], [bool; 4]); 5] = [
    (&[], [true; 4]),
    (&["town"], [true, true, true, false]),
    (&["west"], [true, true, false, false]),
    (&["g2"], [false, true, false, false]),
    (&["g1", "east"], [true, false, true, false]),
];

/// Who may revoke the link of a reporter.
const LINKS: [Role; 2] = [Role::GridWorker, Role::Administrator];

fn step(server: &Server, incident: usize, headers: &[(&str, &str)], step: Value) -> Answer {
    let headers = [&[("content-type", "application/json")], headers].concat();
    server.post_at(&format!("/api/v1/incidents/i{incident}/transitions"), step.to_string().as_bytes(), &headers)
}

/// What is read of an incident, with whether somebody is given what people said of it.
fn reads(server: &Server, incident: usize, session: &Session) -> [bool; 4] {
    let get = |below: &str| {
        let path = format!("/api/v1/incidents/i{incident}{below}");
        let answer = server.get_with(&path, &session.headers());
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer
    };
    let (detail, history) = (get(""), get("/transitions").text());
    let note = format!("seen at {incident}");
    [
        detail.text().contains(&note),
        detail.json().get("reports_private").is_some(),
        history.contains(&note) && history.contains("by_name"),
        get("/duplicates").json().get("said").is_some(),
    ]
}

/// Shows a photo with a step on each incident, and sends it to the department of the test; gives the photos' ids.
fn photographed(server: &Server, admin: &Session) -> [String; 4] {
    [1, 2, 3, 4].map(|incident| {
        let file = jpeg(&quarters(40 + incident as u32, 40), &[]);
        let headers = [&admin.headers()[..], &[("content-type", "image/jpeg")]].concat();
        let photo = server.post_at("/api/v1/photos", &file, &headers).json()["id"].as_str().unwrap().to_owned();
        let said = json!({"step": "found", "note": format!("seen at {incident}"), "photos": [photo]});
        for what in [said, json!({"step": "acknowledge"}), json!({"step": "dispatch", "unit": "crew"})] {
            let answer = step(server, incident, &admin.headers(), what);
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
        photo
    })
}

/// What is public: every layer and every list, of all that is there.
const PUBLIC: [&str; 16] = [
    "/layers/incidents.geojson",
    "/layers/reports.geojson",
    "/layers/hotspots.geojson",
    "/layers/areas.geojson",
    "/layers/places.geojson",
    "/api/v1/incidents",
    "/api/v1/incidents?status=acknowledged",
    "/api/v1/reports",
    "/api/v1/reports/r0",
    "/api/v1/hotspots",
    "/api/v1/areas",
    "/api/v1/closures",
    "/api/v1/coverage",
    "/api/v1/categories",
    "/api/v1/timeline?step=day",
    "/api/v1/occasions",
];

/// All of it, as somebody reads it.
fn public(server: &Server, headers: &[(&str, &str)]) -> Vec<String> {
    let read = |path: &&str| {
        let answer = server.get_with(path, headers);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    };
    PUBLIC.iter().map(read).collect()
}

#[test]
fn every_role_acts_and_reads_in_its_areas_and_below_them_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let spots = SPOTS.iter().enumerate();
    let mut events: Vec<_> = spots.map(|(n, &(lon, lat))| Event::Report(seen(&format!("r{n}"), 0, lon, lat))).collect();
    events.push(Event::Areas(town()));
    seed(folder.path(), &events);
    add(folder.path(), "admin", "administrator", &[]);
    let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let admin = log_in(&server, "admin");
    let photos = photographed(&server, &admin);
    let found = TABLE.iter().find(|rule| rule.step == Step::Found).unwrap();
    for role in Role::ALL {
        for (n, (areas, may)) in BOUNDS.iter().enumerate() {
            let login = format!("{role}_{n}");
            let mut bounds: Vec<&str> = areas.iter().flat_map(|area| ["--area", area]).collect();
            bounds.extend((*role == Role::Department).then_some(["--unit", "crew"]).into_iter().flatten());
            add(folder.path(), &login, role.name(), &bounds);
            let session = log_in(&server, &login);
            for (i, within) in may.iter().enumerate() {
                let answer = step(&server, i + 1, &session.headers(), json!({"step": "found"}));
                let expected = if *within && found.roles.contains(role) { 201 } else { 403 };
                assert_eq!(answer.status, expected, "{role} in {areas:?} on i{}: {}", i + 1, answer.text());
                let given = *within && *role != Role::Reporter;
                assert_eq!(reads(&server, i + 1, &session), [given; 4], "{role} in {areas:?} on i{}", i + 1);
                let seen = ["", "/thumbnail"].map(|size| {
                    server.get_with(&format!("/api/v1/photos/{}{size}", photos[i]), &session.headers()).status
                });
                assert_eq!(seen, [if given { 200 } else { 403 }; 2], "{role} in {areas:?} on the photo of i{}", i + 1);
                let revoked =
                    server.send("DELETE", &format!("/api/v1/reports/r{i}/follow"), &session.headers(), b"").status;
                let expected = if *within && LINKS.contains(role) { 204 } else { 403 };
                assert_eq!(revoked, expected, "{role} in {areas:?} on r{i}");
            }
            // Accounts have no area: nobody whose rights are bounded makes himself another one.
            let accounts = server.get_with("/api/v1/users", &session.headers()).status;
            let expected = if *role == Role::Administrator && areas.is_empty() { 200 } else { 403 };
            assert_eq!(accounts, expected, "{role} in {areas:?}");
            let queue = server.get_with("/api/v1/queue", &session.headers());
            if *role == Role::Reporter {
                queue.problem(403);
                continue;
            }
            // What waits in his queue is what he may act on.
            let waits = queue.json();
            let ids: Vec<&str> =
                waits["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
            let known = |i: usize| ids.contains(&format!("i{}", i + 1).as_str());
            assert_eq!([0, 1, 2, 3].map(known), *may, "{role} in {areas:?}: {ids:?}");
        }
    }
    // What is public is the same for everybody, and holds nothing of people.
    let anybody = public(&server, &[]);
    let numbers: Vec<String> = ["admin", "department_3"]
        .map(|login| {
            let held = user(folder.path(), &["export", login], "").expect_success();
            serde_json::from_str::<Value>(&held).unwrap()["person"].to_string()
        })
        .into();
    for (path, text) in PUBLIC.iter().zip(&anybody) {
        for private in
            ["seen at", "admin", "grid_worker", "department_", "\"person", "by_name", &numbers[0], &numbers[1]]
        {
            assert!(!text.contains(private), "{path} has {private}: {text}");
        }
        assert!(photos.iter().all(|photo| !text.contains(photo)), "{path} names a photo");
    }
    for role in Role::ALL {
        for (n, (bound, ..)) in BOUNDS.iter().enumerate() {
            let session = log_in(&server, &format!("{role}_{n}"));
            let read = public(&server, &session.headers());
            for (path, (mine, theirs)) in PUBLIC.iter().zip(read.iter().zip(&anybody)) {
                assert_eq!(mine, theirs, "{path} by {role} in {bound:?}");
            }
        }
    }
    let session = log_in(&server, "grid_worker_2");
    let told = step(&server, 3, &session.headers(), json!({"step": "found"})).problem(403);
    assert!(told.contains("the incident lies in east") && told.contains("bounded to west"), "{told}");
    let told = step(&server, 4, &session.headers(), json!({"step": "found"})).problem(403);
    assert!(told.contains("lies in no area"), "{told}");
    // Of a merge both have to lie within.
    let merge = json!({"step": "merge", "other_incident_id": "i3"});
    assert!(step(&server, 1, &session.headers(), merge).problem(403).contains("lies in east"));
    let audit = user(folder.path(), &["audit", "grid_worker_2"], "").expect_success();
    assert!(audit.contains("\trefused\ti3\t"), "{audit}");
    let more = server.get_with("/api/v1/users", &log_in(&server, "administrator_2").headers()).problem(403);
    assert!(more.contains("bounded to west"), "{more}");
}

const JSON: (&str, &str) = ("content-type", "application/json");
/// Who looks after the inbox.
const DESK: [Role; 2] = [Role::GridWorker, Role::Administrator];

/// Sends a message that does not say what it is about, from these positions; gives the id of its entry.
fn waits(server: &Server, from: &[(f64, f64)], photos: &[String]) -> String {
    let position = |&(lon, lat): &(f64, f64)| json!({"source": "device", "lon": lon, "lat": lat, "accuracy_m": 9});
    let positions: Vec<Value> = from.iter().map(position).collect();
    let message = json!({"text": "look at this", "positions": positions, "photos": photos}).to_string();
    let answer = server.post_at("/api/v1/messages", message.as_bytes(), &[JSON]);
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()["inbox"]["id"].as_str().unwrap().to_owned()
}

fn decide(server: &Server, entry: &str, by: &Session, what: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/inbox/{entry}/{what}");
    server.post_at(&path, body.to_string().as_bytes(), &[&by.headers()[..], &[JSON]].concat())
}

/// The ids of what somebody is given of the inbox, by pages of so many.
fn given(server: &Server, by: &Session, limit: usize) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let answer = server.get_with(&format!("/api/v1/inbox?limit={limit}{after}"), &by.headers());
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.json();
        let rows = page["rows"].as_array().unwrap();
        assert!(rows.len() <= limit);
        ids.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { return ids };
        after = format!("&after={next}");
    }
}

#[test]
fn what_waits_in_the_inbox_is_for_whoever_looks_after_it_where_it_lies_and_what_lies_nowhere_for_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    seed(folder.path(), &[Event::Areas(town())]);
    add(folder.path(), "admin", "administrator", &[]);
    let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    let admin = log_in(&server, "admin");
    let headers = [&admin.headers()[..], &[("content-type", "image/jpeg")]].concat();
    let photo = |width: u32| {
        let answer = server.post_at("/api/v1/photos", &jpeg(&quarters(width, 40), &[]), &headers);
        answer.json()["id"].as_str().unwrap().to_owned()
    };
    let photos: Vec<String> = (0..6).map(|n| photo(40 + n)).collect();
    // One at each spot, one that says no position, and one of two positions that are far from each other.
    let mut entries: Vec<String> =
        SPOTS.iter().zip(&photos).map(|(spot, photo)| waits(&server, &[*spot], std::slice::from_ref(photo))).collect();
    entries.push(waits(&server, &[], &photos[4..5]));
    entries.push(waits(&server, &[SPOTS[0], SPOTS[2]], &photos[5..]));
    for role in Role::ALL {
        for (n, (areas, may)) in BOUNDS.iter().enumerate().filter(|(n, _)| DESK.contains(role) || *n == 2) {
            let login = format!("{role}_{n}");
            let mut bounds: Vec<&str> = areas.iter().flat_map(|area| ["--area", area]).collect();
            bounds.extend((*role == Role::Department).then_some(["--unit", "crew"]).into_iter().flatten());
            add(folder.path(), &login, role.name(), &bounds);
            let session = log_in(&server, &login);
            let told = format!("{role} in {areas:?}");
            let may = may.iter().copied().chain([true, may[0] || may[2]]).map(|may| may && DESK.contains(role));
            let may: Vec<bool> = may.collect();
            for (photo, may) in photos.iter().zip(&may) {
                let path = format!("/api/v1/photos/{photo}");
                let seen =
                    ["", "/thumbnail"].map(|size| server.get_with(&(path.clone() + size), &session.headers()).status);
                assert_eq!(seen, [if *may { 200 } else { 403 }; 2], "{told} on a photo");
            }
            if !DESK.contains(role) {
                server.get_with("/api/v1/inbox", &session.headers()).problem(403);
                decide(&server, &entries[0], &session, "dismiss", &json!({"reason": "abuse"})).problem(403);
                continue;
            }
            let wanted: Vec<&String> = entries.iter().zip(&may).filter(|(_, may)| **may).map(|(id, _)| id).collect();
            for limit in [1, 2, 500] {
                let mut ids = given(&server, &session, limit);
                ids.sort_by_key(|id| entries.iter().position(|entry| entry == id));
                assert_eq!(ids.iter().collect::<Vec<_>>(), wanted, "{told} by pages of {limit}");
            }
            for (i, may) in may[..4].iter().enumerate() {
                let [first, second] = [(); 2].map(|()| waits(&server, &SPOTS[i..=i], &[]));
                let made = decide(&server, &first, &session, "report", &json!({"category": "waterlogging"}));
                assert_eq!(made.status, if *may { 201 } else { 403 }, "{told} on {i}: {}", made.text());
                let ended = decide(&server, &second, &session, "dismiss", &json!({"reason": "abuse"}));
                assert_eq!(ended.status, if *may { 204 } else { 403 }, "{told} on {i}: {}", ended.text());
                for left in [first, second].iter().filter(|_| !may) {
                    assert_eq!(decide(&server, left, &admin, "dismiss", &json!({"reason": "abuse"})).status, 204);
                }
            }
        }
    }
    // It cannot be pulled over by a pin, nor pushed away by one; and that it was tried is noted.
    let west = log_in(&server, "grid_worker_2");
    let pin = |(lon, lat): (f64, f64)| json!({"category": "waterlogging", "lon": lon, "lat": lat});
    let told = decide(&server, &entries[2], &west, "report", &pin(SPOTS[0])).problem(403);
    assert!(told.contains("what waits lies in east") && told.contains("bounded to west"), "{told}");
    let told = decide(&server, &entries[0], &west, "report", &pin(SPOTS[2])).problem(403);
    assert!(told.contains("the report lies in east"), "{told}");
    let audit = user(folder.path(), &["audit", "grid_worker_2"], "").expect_success();
    assert!([0, 2].iter().all(|i| audit.contains(&format!("\trefused\t{}\t", entries[*i]))), "{audit}");
}
