//! Who may do what: every address of the API, as its description lists them, by everybody.

use serde_json::{Value, json};
use waterlog::hazard::workflow::{Role, TABLE};
use waterlog::http::{RIGHTS, Right, Who};

use crate::openapi::{DescribedCity, address, bodies, described_city, list, object};
use crate::people::{PASSWORD, add};
use crate::people_http::{Session, try_log_in};
use crate::server::{Answer, Server};

/// The lines that stand in the description of our own API; those of OGC API are walked with Part 4.
fn lines() -> impl Iterator<Item = &'static Right> {
    RIGHTS.iter().filter(|right| !right.path.starts_with("/ogc/"))
}

/// Of the example in the description.
const NEW_PASSWORD: &str = "nine pumps on the pier";

/// Somebody who walks through all addresses: of a role, or unknown.
struct Walker {
    role: Option<Role>,
    session: Option<Session>,
}

impl Walker {
    /// Logs in where the session has ended: by the address that was asked for last.
    fn renewed(server: &Server, role: Option<Role>) -> Walker {
        let session = role.map(|role| {
            let first = try_log_in(server, role.name(), PASSWORD, &[]);
            let answer = if first.status == 201 { first } else { try_log_in(server, role.name(), NEW_PASSWORD, &[]) };
            Session::of(&answer)
        });
        Walker { role, session }
    }

    fn ask(&self, server: &Server, method: &str, path: &str, operation: &Value, description: &Value) -> Answer {
        let (kind, body) = bodies(operation, description).into_iter().next().unwrap_or_default();
        let mut headers: Vec<(&str, &str)> = self.session.iter().flat_map(Session::headers).collect();
        headers.extend((!kind.is_empty()).then_some(("content-type", kind.as_str())));
        let endless = operation["responses"]["200"]["content"].get("text/event-stream").is_some();
        let method = if endless { "HEAD" } else { method };
        server.send(method, path, &headers, body.as_bytes())
    }

    /// What the table says to him.
    fn expected(&self, right: &Right, operation: &Value, description: &Value) -> std::ops::RangeInclusive<u16> {
        let may = match (right.who, self.role) {
            (Who::Everybody, _) => true,
            (_, None) => return 401..=401,
            (Who::Session, Some(_)) => true,
            (Who::Roles(roles) | Who::Everywhere(roles), Some(role)) => {
                roles.contains(&role) && may_take(role, right, operation, description)
            }
        };
        if may { 200..=299 } else { 403..=403 }
    }
}

/// Of the steps on incidents, whether the role may take the one of the example.
fn may_take(role: Role, right: &Right, operation: &Value, description: &Value) -> bool {
    if !right.path.ends_with("/transitions") {
        return true;
    }
    let (_, body) = &bodies(operation, description)[0];
    let body: Value = serde_json::from_str(body).unwrap();
    let rule = TABLE.iter().find(|rule| body["step"] == rule.step.name()).unwrap();
    rule.roles.contains(&role)
}

#[test]
fn every_address_of_the_api_answers_every_role_as_the_table_of_rights_says() {
    let city = described_city();
    let DescribedCity { server, folder, .. } = &city;
    let description = server.get("/api/docs/openapi.json").json();
    for role in Role::ALL {
        let unit: &[&str] = if *role == Role::Department { &["--unit", "drainage"] } else { &[] };
        add(folder.path(), role.name(), role.name(), unit);
    }
    let roles = std::iter::once(None).chain(Role::ALL.iter().copied().map(Some));
    let mut walked = 0;
    for role in roles {
        let mut walker = Walker::renewed(server, role);
        for (path, operations) in object(&description["paths"]) {
            for (method, operation) in object(operations) {
                let method = method.to_uppercase();
                let right = RIGHTS.iter().find(|right| right.method == method && right.path == path);
                let right = right.unwrap_or_else(|| panic!("{method} {path} stands in no line of the table"));
                let answer = walker.ask(server, &method, &address(path, operation, &city), operation, &description);
                let expected = walker.expected(right, operation, &description);
                let told = format!("{method} {path} by {role:?}: {} instead of {expected:?}", answer.status);
                assert!(expected.contains(&answer.status), "{told}: {}", answer.text());
                assert!(operation["responses"].get(answer.status.to_string()).is_some(), "{told}: not described");
                walked += 1;
                if path.starts_with("/api/v1/session") && method != "GET" {
                    walker = Walker::renewed(server, role);
                }
            }
        }
    }
    assert_eq!(walked, lines().count() * (Role::ALL.len() + 1), "a line of the table is of no address");
}

#[test]
fn the_description_says_of_every_address_who_may_as_the_table_does() {
    let server = Server::start();
    let description = server.get("/api/docs/openapi.json").json();
    let schemes = &description["components"]["securitySchemes"];
    assert_eq!(
        (&schemes["api_key"]["scheme"], &schemes["secure_session"]["name"]),
        (&json!("bearer"), &json!("__Host-waterlog"))
    );
    for right in lines() {
        let operation = &description["paths"][right.path][right.method.to_lowercase()];
        let any = list(&operation["security"]);
        let what = format!("{} {}: {any:?}", right.method, right.path);
        assert_eq!(any.iter().any(|one| one == &json!({})), right.who == Who::Everybody, "{what}");
        let keys: Vec<_> = any.iter().filter_map(|one| one.get("api_key")).collect();
        let scopes: Vec<_> = right.scope.iter().map(|scope| scope.name()).collect();
        let expected = if right.who == Who::Session { vec![] } else { vec![json!(scopes)] };
        assert_eq!(keys, expected.iter().collect::<Vec<_>>(), "{what}");
        let by_cookie = any.iter().filter(|one| one.get("session").is_some());
        for one in by_cookie {
            assert_eq!(one.get("csrf").is_some(), right.method != "GET", "{what}");
        }
        for one in any {
            let known = one.as_object().unwrap().keys().all(|name| schemes.get(name).is_some());
            assert!(known, "{what}: {one} is no scheme");
        }
    }
}
