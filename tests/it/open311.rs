//! Open311 GeoReport v2: every answer in both formats, with the fields of the specification in its order; requests that are
//! posted, read, closed at the desk, and found again.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Act, Action, Event, Place, Report};
use waterlog::hazard::position::Position;
use waterlog::hazard::time;

use crate::areas::town;
use crate::open311_reader::{BASE, both, xml};
use crate::people::add;
use crate::people_http::log_in;
use crate::program::TREE;
use crate::server::{Answer, Server, seed};

const START: &str = "2026-01-01T00:00:00Z";
pub const GRID: [(&str, &str); 2] = [("actor-role", "grid_worker"), ("actor-unit", "grid_7")];
/// As the specification lists them for GET Service Requests.
const REQUEST: [&str; 17] = [
    "service_request_id",
    "status",
    "status_notes",
    "service_name",
    "service_code",
    "description",
    "agency_responsible",
    "service_notice",
    "requested_datetime",
    "updated_datetime",
    "expected_datetime",
    "address",
    "address_id",
    "zipcode",
    "lat",
    "long",
    "media_url",
];
const SERVICE: [&str; 7] = ["service_code", "service_name", "description", "metadata", "type", "keywords", "group"];
const ATTRIBUTE: [&str; 8] =
    ["variable", "code", "datatype", "required", "datatype_description", "order", "description", "values"];

pub fn post(server: &Server, address: &str, form: &str) -> Answer {
    let kind = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    server.post_at(&format!("{BASE}/{address}"), form.as_bytes(), &[kind])
}

/// The id of a request that is new.
pub fn posted(server: &Server, form: &str) -> String {
    let answer = post(server, "requests.json", form);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()[0]["service_request_id"].as_str().unwrap().to_owned()
}

pub fn desk() -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (open(folder.path()), folder)
}

pub fn open(folder: &Path) -> Server {
    Server::start_with(folder, &["--clock", START, "--trust-actors"])
}

pub fn take(server: &Server, incident: &str, step: Value) {
    let headers = [&GRID[..], &[("content-type", "application/json")]].concat();
    let path = format!("/api/v1/incidents/{incident}/transitions");
    let answer = server.post_at(&path, step.to_string().as_bytes(), &headers);
    assert_eq!(answer.status, 201, "{step}: {}", answer.text());
}

pub fn ids(requests: &Value) -> Vec<String> {
    let id = |request: &Value| request["service_request_id"].as_str().unwrap().to_owned();
    requests.as_array().unwrap().iter().map(id).collect()
}

/// So many reports, each an hour before the next, a kilometre apart.
fn hourly(n: usize) -> Vec<Event> {
    let start = time::rfc3339(START).unwrap();
    let waterlogging = Category::named("waterlogging").unwrap();
    let report = |i: usize| {
        let at = Position::new(110.0 + i as f64 * 0.01, 20.0).unwrap();
        Event::Report(Report::new(format!("r{i}"), waterlogging, at, start - (n - i) as i64 * 3_600))
    };
    (0..n).map(report).collect()
}

pub const AT: &str = "lat=20.0148&long=110.3312";

#[test]
fn discovery_services_and_definitions_have_the_fields_of_the_specification_in_both_formats() {
    let server = Server::start();
    let (discovery, element) = both(&server, "discovery", &[]);
    assert_eq!(element.names(), ["changeset", "contact", "key_service", "endpoints"]);
    let endpoint = element.at("endpoints/endpoint");
    assert_eq!(endpoint.names(), ["specification", "url", "changeset", "type", "formats"]);
    assert_eq!(discovery["endpoints"][0]["url"], format!("{}{BASE}", server.address));
    // Its clock is not the machine's.
    assert_eq!(discovery["endpoints"][0]["type"], "test");
    assert_eq!(discovery["endpoints"][0]["formats"], json!(["text/xml", "application/json"]));
    let (services, element) = both(&server, "services", &[]);
    assert!(element.kids.iter().all(|kid| kid.name == "service" && kid.names() == SERVICE), "{element:?}");
    assert_eq!(services.as_array().unwrap().len(), Category::all().count());
    for service in services.as_array().unwrap() {
        let code = service["service_code"].as_str().unwrap();
        let (definition, element) = both(&server, &format!("services/{code}"), &[]);
        assert_eq!(element.names(), ["service_code", "attributes"]);
        let attributes = &element.at("attributes").kids;
        assert_eq!(service["metadata"], !attributes.is_empty(), "{code}");
        for (n, attribute) in attributes.iter().enumerate() {
            assert_eq!((attribute.name.as_str(), attribute.names()), ("attribute", ATTRIBUTE.to_vec()));
            assert_eq!(attribute.at("order").text, (n + 1).to_string());
            let is_list = attribute.at("datatype").text == "singlevaluelist";
            assert_eq!(is_list, !attribute.at("values").kids.is_empty(), "{attribute:?}");
        }
        assert_eq!(definition["service_code"], code);
    }
    let chinese = both(&server, "services?locale=zh-CN", &[]).0;
    assert_eq!((&services[0]["service_name"], &chinese[0]["service_name"]), (&json!("Waterlogging"), &json!("积水")));
    assert_eq!(both(&server, "services", &[("accept-language", "zh")]).0, chinese);
    assert_eq!(
        both(&server, "services/waterlogging?locale=zh", &[]).0["attributes"][2]["values"][1]["name"],
        "是，没有积水"
    );
}

#[test]
fn a_request_is_on_the_map_when_it_is_answered_and_closed_when_its_case_is() {
    let (server, _folder) = desk();
    let answer = post(
        &server,
        "requests.xml?extensions=true",
        &format!(
            "service_code=waterlogging&{AT}&description=knee-deep&address_string=Dock+Street&attribute[depth_cm]=35&attribute[passability]=impassable_small"
        ),
    );
    assert_eq!(answer.status, 201, "{}", answer.text());
    let taken = xml(&answer);
    assert_eq!((taken.name.as_str(), taken.kids[0].name.as_str()), ("service_requests", "request"));
    assert_eq!(taken.kids[0].names(), ["service_request_id", "service_notice", "account_id", "extended_attributes"]);
    let id = taken.at("request/service_request_id").text.clone();
    assert_eq!(answer.header("location"), format!("{BASE}/requests/{id}.xml"));
    // The same report, by every other door.
    let feature = server.get(&format!("/api/v1/reports/{id}")).json();
    assert_eq!(
        (&feature["properties"]["depth_cm"], &feature["properties"]["channel"]),
        (&json!(35), &json!("open311"))
    );
    let follow = taken.at("request/extended_attributes/follow").text.clone();
    let followed = server.get(&format!("/api/v1{}", follow.strip_prefix(&server.address).unwrap()));
    assert_eq!(followed.json()["state"], "reported");
    let token = follow.rsplit('/').next().unwrap();
    let (of_token, element) = both(&server, &format!("tokens/{token}"), &[]);
    assert_eq!(element.kids[0].names(), ["service_request_id", "token"]);
    assert_eq!(of_token, json!([{"service_request_id": id, "token": token}]));
    let (open, element) = both(&server, &format!("requests/{id}"), &[]);
    assert_eq!(element.kids[0].names(), REQUEST);
    let first = &open[0];
    assert_eq!((&first["status"], &first["status_notes"]), (&json!("open"), &json!("Reported.")));
    assert_eq!(
        (&first["lat"], &first["long"], &first["agency_responsible"]),
        (&json!(20.0148), &json!(110.3312), &json!("drainage"))
    );
    for nobody in ["description", "media_url", "zipcode", "service_notice", "address_id"] {
        assert_eq!(first[nobody], Value::Null, "{nobody}");
    }
    assert!(first["requested_datetime"].as_str().unwrap().starts_with("2026-01-01T00:00:"), "{first}");
    assert!(first["expected_datetime"].as_str() > first["requested_datetime"].as_str(), "{first}");
    let extended = both(&server, &format!("requests/{id}?extensions=true"), &[]).0[0]["extended_attributes"].clone();
    assert_eq!(
        (&extended["incident_id"], &extended["reports"], &extended["state"]),
        (&json!("i1"), &json!(1), &json!("reported"))
    );
    assert_eq!((&extended["passability"], &extended["dry"]), (&json!("impassable_small"), &json!(false)));
    take(&server, "i1", json!({"step": "acknowledge", "note": "Ms Wang looks after it"}));
    take(&server, "i1", json!({"step": "dispatch", "unit": "pumps"}));
    let sent = both(&server, &format!("requests/{id}?locale=zh"), &[]).0[0].clone();
    assert_eq!((&sent["agency_responsible"], &sent["status_notes"]), (&json!("pumps"), &json!("已派单。")));
    take(&server, "i1", json!({"step": "resolve", "note": "pumped by Li"}));
    let (closed, _) = both(&server, &format!("requests/{id}"), &[]);
    assert_eq!((&closed[0]["status"], &closed[0]["status_notes"]), (&json!("closed"), &json!("Resolved.")));
    let resolved = server.get("/api/v1/incidents/i1").json()["properties"]["resolved_at"].clone();
    assert_eq!(closed[0]["updated_datetime"], resolved);
    assert!(!closed.to_string().contains("Wang") && !closed.to_string().contains("Li"), "{closed}");
}

#[test]
fn only_whoever_may_read_what_people_said_is_given_description_media_and_the_desks_note() {
    let (server, _folder) = desk();
    let id = posted(
        &server,
        &format!(
            "service_code=manhole&{AT}&description=no+cover&media_url=https://a.example/1.jpg&media_url=https://a.example/2.jpg"
        ),
    );
    take(&server, "i1", json!({"step": "acknowledge", "note": "a crew is on its way"}));
    let path = format!("requests/{id}?extensions=true");
    let read = |headers: &[(&str, &str)]| both(&server, &path, headers).0[0].clone();
    for stranger in [&[][..], &[("actor-role", "reporter")]] {
        let seen = read(stranger);
        assert_eq!((&seen["description"], &seen["media_url"]), (&Value::Null, &Value::Null));
        assert_eq!(
            (&seen["status_notes"], &seen["extended_attributes"]["media_urls"]),
            (&json!("Acknowledged."), &json!([]))
        );
    }
    let seen = read(&GRID);
    assert_eq!((&seen["description"], &seen["media_url"]), (&json!("no cover"), &json!("https://a.example/1.jpg")));
    assert_eq!(seen["status_notes"], "Acknowledged. a crew is on its way");
    assert_eq!(seen["extended_attributes"]["media_urls"].as_array().unwrap().len(), 2);
    let answer = server.get_with(&format!("{BASE}/requests.json"), &GRID);
    assert_eq!(
        (answer.header("cache-control"), answer.json()[0]["description"].as_str()),
        ("no-store", Some("no cover"))
    );
    assert_eq!(server.get(&format!("{BASE}/requests.json")).header("cache-control"), "no-cache");
}

#[test]
fn an_area_bounds_what_is_read_and_what_was_retracted_or_revoked_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    seed(folder.path(), &[Event::Areas(town())]);
    add(folder.path(), "west", "grid_worker", &["--area", "west"]);
    let server = Server::start_with(folder.path(), &["--clock", START]);
    let at = |lon: f64| {
        let form = format!("service_code=manhole&lat=20.005&long={lon}&description=no+cover&extensions=true");
        let taken = post(&server, "requests.json", &form).json()[0].clone();
        let follow = taken["extended_attributes"]["follow"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (taken["service_request_id"].as_str().unwrap().to_owned(), follow)
    };
    let [(west, token), (east, _)] = [at(110.01), at(110.03)];
    let session = log_in(&server, "west");
    let said = |id: &str| {
        both(&server, &format!("requests/{id}"), &session.headers()).0[0]["description"].as_str().map(str::to_owned)
    };
    assert_eq!((said(&west).as_deref(), said(&east)), (Some("no cover"), None));
    let of_token = || server.get(&format!("{BASE}/tokens/{token}.json")).status;
    assert_eq!(of_token(), 200);
    server.send("DELETE", &format!("/api/v1/reports/{west}/follow"), &session.headers(), b"");
    assert_eq!(of_token(), 404);
    drop(server);
    let retract = Act { action: Action::Retract, at: time::rfc3339(START).unwrap() + 60, report: west.clone() };
    seed(folder.path(), &[Event::Act(retract)]);
    let server = Server::start_with(folder.path(), &["--clock", START]);
    assert_eq!(server.get(&format!("{BASE}/requests/{west}.json")).status, 404);
    assert_eq!(ids(&server.get(&format!("{BASE}/requests.json")).json()), [east]);
}

#[test]
fn pages_give_each_request_once_while_others_come_in() {
    let server = Server::seeded(&hourly(25));
    let all: Vec<String> = (0..25).rev().map(|i| format!("r{i}")).collect();
    assert_eq!(ids(&server.get(&format!("{BASE}/requests.json")).json()), all);
    // By the link: newest first, and what comes in later is of no page.
    let (mut next, mut seen) = (format!("{BASE}/requests.json?page_size=10&page=1"), Vec::new());
    loop {
        let answer = server.get(&next);
        seen.extend(ids(&answer.json()));
        posted(&server, "service_code=manhole&lat=21&long=111");
        let link = answer.header("link").to_owned();
        let Some(address) = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")) else { break };
        next = address.strip_prefix(&server.address).unwrap().to_owned();
    }
    assert_eq!(seen, all);
    // By number: oldest first, so that what comes in stands at the end.
    let mut seen = Vec::new();
    for page in 1.. {
        let answer =
            server.get(&format!("{BASE}/requests.json?sort=requested_datetime&page_size=10&page={page}")).json();
        if answer.as_array().unwrap().is_empty() {
            break;
        }
        seen.extend(ids(&answer));
        if page < 3 {
            posted(&server, "service_code=manhole&lat=21&long=111");
        }
    }
    assert_eq!(seen[..25], all.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(seen.len(), 25 + 3 + 2);
}

#[test]
fn requests_are_found_by_time_status_service_box_and_what_changed_since() {
    let folder = tempfile::tempdir().unwrap();
    let mut events = hourly(4);
    let start = time::rfc3339(START).unwrap();
    let manhole = Category::named("manhole").unwrap();
    let far = Position::new(100.0, 10.0).unwrap();
    events.push(Event::Report(Report::new("old", manhole, far, start - 91 * 86_400)));
    events.push(Event::Report(Report { dry: true, ..Report::new("dry", manhole, far, start - 60) }));
    let opinion = Category::named("opinion").unwrap();
    events.push(Event::Report(Report::new("said", opinion, far, start - 60)));
    seed(folder.path(), &events);
    let server = open(folder.path());
    take(&server, "i2", json!({"step": "acknowledge"}));
    take(&server, "i2", json!({"step": "resolve"}));
    let found = |query: &str| ids(&both(&server, &format!("requests?{query}"), &[]).0);
    assert_eq!(found(""), ["dry", "r3", "r2", "r1", "r0"]);
    assert_eq!(found("status=open"), ["r3", "r2", "r0"]);
    assert_eq!(found("status=closed"), ["dry", "r1"]);
    assert_eq!(found("status=open,closed&service_code=waterlogging").len(), 4);
    assert_eq!(found("service_code=manhole,other"), ["dry"]);
    assert_eq!(found("service_code=opinion"), [""; 0]);
    assert_eq!(found("end_date=2025-11-01T00:00:00Z"), ["old"]);
    assert_eq!(found("start_date=2025-12-31T21:00:00Z&end_date=2025-12-31T23:00:00%2B00:00"), ["r3", "r2", "r1"]);
    assert_eq!(found("bbox=110.005,19,110.025,21"), ["r2", "r1"]);
    assert_eq!(found("updated_after=2026-01-01T00:00:00Z"), ["r1"]);
    assert_eq!(found("updated_before=2025-12-31T20:00:00Z&sort=updated_datetime"), ["old", "r0"]);
    assert_eq!(found("sort=-updated_datetime&page_size=2"), ["r1", "dry"]);
    assert_eq!(found("service_request_id=r2,nothing,said,r0&status=closed"), ["r2", "r0"]);
    assert_eq!(found("no_such_parameter=1&page_size=1&jurisdiction_id=any.example"), ["dry"]);
}

#[test]
fn an_answer_has_at_most_a_thousand_requests_and_says_where_it_goes_on() {
    let server = Server::seeded(&hourly(1_005));
    let first = server.get(&format!("{BASE}/requests.json?page_size=4000"));
    assert_eq!(first.json().as_array().unwrap().len(), 1_000);
    let next = first.header("link").trim_start_matches('<').split('>').next().unwrap().to_owned();
    let rest = server.get(next.strip_prefix(&server.address).unwrap());
    assert_eq!(ids(&rest.json()), ["r4", "r3", "r2", "r1", "r0"]);
    assert_eq!(rest.header("link"), "");
}

#[test]
fn a_place_is_found_by_its_id_or_its_whole_name_and_never_guessed() {
    let place = |id: &str, lon: f64, name: &str| Place {
        id: id.into(),
        position: Position::new(lon, 20.0).unwrap(),
        name: Some(name.into()),
        aliases: Vec::new(),
    };
    let places = vec![
        place("p1", 110.0, "Dock Rd & Pier St"),
        place("p2", 110.1, "Twin Bridge"),
        place("p3", 110.2, "Twin Bridge"),
    ];
    let server = Server::seeded(&[Event::Places(places)]);
    for at in ["address_id=p1", "address_string=dock+rd+%26+pier+st", "address_id=p1&address_string=elsewhere"] {
        let id = posted(&server, &format!("service_code=waterlogging&{at}"));
        let request = both(&server, &format!("requests/{id}"), &[]).0[0].clone();
        assert_eq!((&request["lat"], &request["long"]), (&json!(20.0), &json!(110.0)), "{at}");
        assert_eq!((&request["address"], &request["address_id"]), (&json!("Dock Rd & Pier St"), &json!("p1")));
    }
    for (at, told) in [
        ("address_id=p9", "is the id of no place: send lat and long"),
        ("address_string=Dock", "is the name of no place here"),
        ("address_string=Twin+Bridge", "is the name of several places"),
    ] {
        let answer = post(&server, "requests.json", &format!("service_code=waterlogging&{at}"));
        assert!(answer.status == 400 && answer.text().contains(told), "{at}: {}", answer.text());
    }
}

#[test]
fn a_client_that_shares_no_code_with_us_goes_from_discovery_to_its_request_in_both_formats() {
    let server = Server::start();
    let script = format!("{TREE}/tests/open311_client.py");
    let out = Command::new("python3").arg(script).arg(format!("{}{BASE}", server.address)).output();
    let out = out.expect("python3 is there, as for the referee");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
    assert!(said.contains("xml: 13 requests answered") && said.contains("json: 13 requests answered"), "{said}");
}
