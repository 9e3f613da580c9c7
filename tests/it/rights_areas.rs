//! Every address that is not everybody's, by every role, bounded to the area in which the data lie and to another one. A new
//! line of the table of rights has to say here how it is bounded by area.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waterlog::hazard::event::Event;
use waterlog::hazard::workflow::{Role, Step, TABLE};
use waterlog::http::{RIGHTS, Right, Who};

use crate::areas::town;
use crate::layers::seen;
use crate::openapi::{list, object};
use crate::people::{PASSWORD, add};
use crate::people_http::{Session, log_in};
use crate::photos::sample::{jpeg, quarters};
use crate::server::{Answer, Server, report, seed};

const JSON: (&str, &str) = ("content-type", "application/json");
/// In the west of the town, as all the data are.
const SPOT: [f64; 2] = [110.01, 20.005];
/// Of an account, with whether the data lie in it.
const BOUNDS: [(&str, bool); 2] = [("west", true), ("east", false)];

/// What is asked for at an address.
struct Asked {
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Value,
}

/// How an address is bounded.
enum Bound {
    /// Whoever may is refused what lies elsewhere.
    Inside(fn(&Town) -> Asked),
    /// A list, of what lies inside: it holds this word, or not.
    Listed(fn(&Town) -> (Asked, String)),
    /// Whoever may does so whatever his areas are, for this reason.
    Everywhere(&'static str, fn(&Town) -> Asked),
    /// Nobody whose rights are bounded may, for this reason.
    Nobody(&'static str, fn(&Town) -> Asked),
}

/// Of each line of the table that is not everybody's; none of one that nobody has thought of yet.
fn bound(right: &Right) -> Option<Bound> {
    use Bound::{Everywhere, Inside, Listed, Nobody};
    let accounts = "accounts have no area, and whoever makes them could make himself another one";
    let own = "it is his own session";
    Some(match (right.method, right.path) {
        ("POST", "/api/v1/incidents/{id}/transitions") => {
            Inside(|_| Asked::of("/api/v1/incidents/i1/transitions", json!({"step": STEP.name()})))
        }
        ("PUT", "/api/v1/incidents/{id}/transitions/{seq}/photos") => Inside(|town| {
            let path = format!("/api/v1/incidents/i1/transitions/{}/photos", town.step);
            Asked::of(&path, json!({"shown": true}))
        }),
        ("GET", "/api/v1/queue") => Listed(|_| (Asked::of("/api/v1/queue", Value::Null), "\"i1\"".into())),
        ("GET", "/api/v1/inbox") => {
            Listed(|town| (Asked::of("/api/v1/inbox?limit=500", Value::Null), format!("\"{}\"", town.waits())))
        }
        ("POST", "/api/v1/inbox/{entry}/report") => Inside(|town| {
            Asked::of(&format!("/api/v1/inbox/{}/report", town.waits()), json!({"category": "waterlogging"}))
        }),
        ("POST", "/api/v1/inbox/{entry}/dismiss") => {
            Inside(|town| Asked::of(&format!("/api/v1/inbox/{}/dismiss", town.waits()), json!({"reason": "abuse"})))
        }
        ("DELETE", "/api/v1/reports/{id}/follow") => {
            Inside(|town| Asked::of(&format!("/api/v1/reports/{}/follow", town.reported()), Value::Null))
        }
        ("GET", "/api/v1/photos/{id}") => {
            Inside(|town| Asked::of(&format!("/api/v1/photos/{}", town.photo), Value::Null))
        }
        ("GET", "/api/v1/photos/{id}/thumbnail") => {
            Inside(|town| Asked::of(&format!("/api/v1/photos/{}/thumbnail", town.photo), Value::Null))
        }
        ("PUT", "/ogc/collections/reports/items/{feature}") => Inside(|town| {
            let (mut asked, mut feature) = town.feature("application/geo+json");
            feature["properties"]["depth_cm"] = json!(7);
            asked.body = feature;
            asked
        }),
        ("PATCH", "/ogc/collections/reports/items/{feature}") => Inside(|town| {
            let body = json!({"properties": {"depth_cm": 8}});
            Asked { body, ..town.feature("application/merge-patch+json").0 }
        }),
        ("DELETE", "/ogc/collections/reports/items/{feature}") => Inside(|town| town.feature("application/geo+json").0),
        ("DELETE", "/api/v1/session") => Everywhere(own, |_| Asked::of("/api/v1/session", Value::Null)),
        ("POST", "/api/v1/session/password") => Everywhere(own, |_| {
            let body = json!({"current": PASSWORD, "password": "nine pumps on the pier"});
            Asked::of("/api/v1/session/password", body)
        }),
        ("GET", "/api/v1/users") => Nobody(accounts, |_| Asked::of("/api/v1/users", Value::Null)),
        ("POST", "/api/v1/users") => Nobody(accounts, |_| {
            let body = json!({"login": "more", "name": "more", "role": "administrator", "password": PASSWORD});
            Asked::of("/api/v1/users", body)
        }),
        ("PATCH", "/api/v1/users/{login}") => {
            Nobody(accounts, |_| Asked::of("/api/v1/users/admin", json!({"name": "somebody"})))
        }
        ("DELETE", "/api/v1/users/{login}/sessions") => {
            Nobody(accounts, |_| Asked::of("/api/v1/users/admin/sessions", Value::Null))
        }
        _ => return None,
    })
}

/// A step that all may take who are on site.
const STEP: Step = Step::Found;

impl Asked {
    fn of(path: &str, body: Value) -> Asked {
        Asked { path: path.to_owned(), headers: Vec::new(), body }
    }

    fn send(&self, server: &Server, method: &str, by: &Session) -> Answer {
        let own = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let mut headers: Vec<(&str, &str)> = by.headers().into_iter().chain(own).collect();
        let body = if self.body.is_null() { String::new() } else { self.body.to_string() };
        if !body.is_empty() && self.headers.is_empty() {
            headers.push(JSON);
        }
        server.send(method, &self.path, &headers, body.as_bytes())
    }
}

/// A town with an incident in the west, on which a step was taken that shows a photo, and that was sent to a unit.
struct Town {
    server: Server,
    folder: tempfile::TempDir,
    photo: String,
    /// Log position of the step.
    step: u64,
}

impl Town {
    fn open() -> Town {
        let folder = tempfile::tempdir().unwrap();
        seed(folder.path(), &[Event::Report(seen("r0", 0, SPOT[0], SPOT[1])), Event::Areas(town())]);
        add(folder.path(), "admin", "administrator", &[]);
        let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z"]);
        let admin = log_in(&server, "admin");
        let send = |path: &str, kind: &str, body: &[u8]| {
            let answer = server.post_at(path, body, &[&admin.headers()[..], &[("content-type", kind)]].concat());
            assert_eq!(answer.status, 201, "{path}: {}", answer.text());
            answer.json()
        };
        let photo = send("/api/v1/photos", "image/jpeg", &jpeg(&quarters(40, 40), &[]))["id"].clone();
        let mut seqs = Vec::new();
        for step in [
            json!({"step": "acknowledge"}),
            json!({"step": "dispatch", "unit": "crew"}),
            json!({"step": "found", "photos": [photo]}),
        ] {
            let taken = send("/api/v1/incidents/i1/transitions", "application/json", step.to_string().as_bytes());
            seqs.push(taken["seq"].as_u64().unwrap());
        }
        Town { server, folder, photo: photo.as_str().unwrap().to_owned(), step: seqs[2] }
    }

    /// The id of a fresh report.
    fn reported(&self) -> String {
        let at = json!({"lon": SPOT[0], "lat": SPOT[1], "observed_at": "2025-12-31T23:50:00Z"});
        let answer = self.server.post(&report(at));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The id of a fresh entry of the inbox.
    fn waits(&self) -> String {
        let here = json!([{"source": "device", "lon": SPOT[0], "lat": SPOT[1]}]);
        let message = json!({"text": "look at this", "positions": here}).to_string();
        let answer = self.server.post_at("/api/v1/messages", message.as_bytes(), &[JSON]);
        assert_eq!(answer.status, 202, "{}", answer.text());
        answer.json()["inbox"]["id"].as_str().unwrap().to_owned()
    }

    /// A fresh report as a feature, and what is asked of whoever changes it.
    fn feature(&self, kind: &str) -> (Asked, Value) {
        let path = format!("/ogc/collections/reports/items/{}", self.reported());
        let answer = self.server.get(&path);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let headers = vec![("content-type", kind.to_owned()), ("if-match", answer.header("etag").to_owned())];
        (Asked { path, headers, body: Value::Null }, answer.json())
    }
}

/// What an address answers somebody.
fn ask(town: &Town, right: &Right, (role, area, inside): (Role, &str, bool), by: &Session) {
    let told = format!("{} {} by a {role} of {area}", right.method, right.path);
    let may = match right.who {
        Who::Everybody | Who::Session => true,
        Who::Roles(roles) | Who::Everywhere(roles) => roles.contains(&role),
    };
    let done = |asked: Asked, may: bool, why: &str| {
        let answer = asked.send(&town.server, right.method, by);
        let expected = if may { 200..=299 } else { 403..=403 };
        assert!(expected.contains(&answer.status), "{told} {why}: {} {}", answer.status, answer.text());
        answer
    };
    match bound(right).unwrap_or_else(|| panic!("{} {}: how is it bounded by area?", right.method, right.path)) {
        Bound::Inside(asked) => {
            let takes = !right.path.ends_with("/transitions")
                || TABLE.iter().any(|rule| rule.step == STEP && rule.roles.contains(&role));
            let answer = done(asked(town), may && takes && inside, "");
            if may && takes && !inside {
                let detail = answer.problem(403);
                assert!(detail.contains("bounded to east"), "{told}: {detail}");
            }
        }
        Bound::Listed(asked) => {
            let (asked, word) = asked(town);
            let answer = done(asked, may, "");
            assert_eq!(may && answer.text().contains(&word), may && inside, "{told}: {}", answer.text());
        }
        Bound::Everywhere(why, asked) => {
            done(asked(town), may, why);
        }
        Bound::Nobody(why, asked) => {
            done(asked(town), false, why);
        }
    }
}

/// The lines that are not everybody's; those that end the session come last.
fn lines() -> Vec<&'static Right> {
    let mut lines: Vec<_> = RIGHTS.iter().filter(|right| right.who != Who::Everybody).collect();
    lines.sort_by_key(|right| (right.who == Who::Session, right.path.len()));
    lines
}

#[test]
fn every_address_that_is_not_everybodys_is_bounded_by_area_for_every_role_as_it_says_here() {
    let town = Town::open();
    for role in Role::ALL {
        for (area, inside) in BOUNDS {
            let login = format!("{role}_{area}");
            let unit: &[&str] = if *role == Role::Department { &["--unit", "crew"] } else { &[] };
            add(town.folder.path(), &login, role.name(), &[&["--area", area], unit].concat());
            let mut session = log_in(&town.server, &login);
            for right in lines() {
                if right.who == Who::Session {
                    session = log_in(&town.server, &login);
                }
                ask(&town, right, (*role, area, inside), &session);
            }
        }
    }
}

#[test]
fn the_description_has_the_same_addresses_that_are_not_everybodys() {
    let description = Server::start().get("/api/docs/openapi.json").json();
    let mut described = BTreeSet::new();
    for (path, operations) in object(&description["paths"]) {
        for (method, operation) in object(operations) {
            if !list(&operation["security"]).contains(&json!({})) {
                described.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    let walked = lines().into_iter().filter(|right| !right.path.starts_with("/ogc/"));
    let walked: BTreeSet<_> = walked.map(|right| (right.method.to_owned(), right.path.to_owned())).collect();
    assert_eq!(described, walked);
    assert!(lines().iter().all(|right| bound(right).is_some()));
}
