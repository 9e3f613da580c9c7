//! Who may file, correct and delete a report by OGC API: every role, against the table of rights.

use serde_json::json;
use waterlog::hazard::event::Event;
use waterlog::hazard::workflow::Role;
use waterlog::http::{RIGHTS, Right, Who};

use crate::areas::town;
use crate::layers::seen;
use crate::ogc_edit::{CLOCK, SPOT, at, change, create, feature, tag};
use crate::people::{add, key};
use crate::people_http::log_in;
use crate::server::{Server, seed};

/// The lines of the table of rights that are of OGC API.
fn lines() -> impl Iterator<Item = &'static Right> {
    RIGHTS.iter().filter(|right| right.path.starts_with("/ogc/"))
}

#[test]
fn every_role_may_what_the_table_of_rights_says_and_the_description_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let reports = (0..60).map(|n| Event::Report(seen(&format!("r{n}"), n * 60, SPOT[0], SPOT[1])));
    seed(folder.path(), &reports.chain([Event::Areas(town())]).collect::<Vec<_>>());
    for role in Role::ALL {
        let unit: &[&str] = if *role == Role::Department { &["--unit", "drainage"] } else { &[] };
        add(folder.path(), role.name(), role.name(), unit);
    }
    add(folder.path(), "eastern", "grid_worker", &["--area", "east"]);
    add(folder.path(), "western", "grid_worker", &["--area", "west"]);
    let weak = format!("Bearer {}", key(folder.path(), "administrator", &["read", "report"]));
    let server = Server::start_with(folder.path(), &CLOCK);
    let (mut next, wanted) = (0, feature(json!({})));
    let mut ask = |right: &Right, headers: &[(&str, &str)], wanted: &serde_json::Value| {
        if right.method == "POST" {
            return create(&server, wanted, headers).status;
        }
        let id = format!("r{next}");
        next += 1;
        let known = tag(&server, &id);
        let headers = [headers, &[("if-match", &*known)]].concat();
        let answer = change(&server, right.method, &id, &headers, wanted);
        assert!(answer.status < 400 || server.get(&at(&id)).status == 200, "{}", answer.text());
        answer.status
    };
    for right in lines() {
        let done = match right.method {
            "POST" => 201,
            "DELETE" => 204,
            _ => 200,
        };
        let may = |role: Role| match right.who {
            Who::Everybody => true,
            Who::Roles(roles) | Who::Everywhere(roles) => roles.contains(&role),
            Who::Session => false,
        };
        let what = format!("{} {}", right.method, right.path);
        let open = right.who == Who::Everybody;
        assert_eq!(ask(right, &[], &wanted), if open { done } else { 401 }, "{what} by nobody");
        for role in Role::ALL {
            let session = log_in(&server, role.name());
            let expected = if may(*role) { done } else { 403 };
            assert_eq!(ask(right, &session.headers(), &wanted), expected, "{what} by {role}");
            let alone = ask(right, &session.headers()[..1], &wanted);
            assert_eq!(alone, if open { done } else { 401 }, "{what} by the cookie of a {role} alone");
        }
        if !open {
            assert_eq!(ask(right, &[("authorization", &weak)], &wanted), 403, "{what} without the scope");
            let (east, west) = (log_in(&server, "eastern"), log_in(&server, "western"));
            assert_eq!(ask(right, &east.headers(), &wanted), 403, "{what} in another area");
            assert_eq!(ask(right, &west.headers(), &wanted), done, "{what} in his area");
            let mut away = wanted.clone();
            away["geometry"]["coordinates"] = json!([110.03, 20.01]);
            let expected = if right.method == "DELETE" { done } else { 403 };
            assert_eq!(ask(right, &west.headers(), &away), expected, "{what} out of his area");
        }
    }
    let document = server.get("/ogc/api").json();
    for right in lines() {
        let path = right.path.trim_start_matches("/ogc").replace("{feature}", "{featureId}");
        let any = document["paths"][path][right.method.to_lowercase()]["security"].as_array().unwrap().clone();
        assert_eq!(any.contains(&json!({})), right.who == Who::Everybody, "{right:?}");
        assert!(any.iter().any(|one| one["api_key"] == json!([right.scope.unwrap().name()])), "{any:?}");
    }
}
