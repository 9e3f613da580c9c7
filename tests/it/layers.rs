//! The layers over HTTP: a small city whose every figure can be worked out by hand.

use std::num::NonZeroU64;

use serde_json::{Value, json};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Act, Action, Event, Note, Passability, Place, RainInterval, Report};
use waterlog::hazard::place::Places;
use waterlog::hazard::position::Position;

use crate::server::{Server, report};

/// 2024-01-01T00:00:00Z.
pub const T0: i64 = 1_704_067_200;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const DOCK: (f64, f64) = (-73.9, 40.77);

fn at(lon: f64, lat: f64) -> Position {
    Position::new(lon, lat).unwrap()
}

pub fn seen(id: &str, t: i64, lon: f64, lat: f64) -> Report {
    let waterlogging = Category::named("waterlogging").unwrap();
    Report { received_at: T0 + t + 60, ..Report::new(id, waterlogging, at(lon, lat), T0 + t) }
}

fn act(action: Action, id: &str, t: i64) -> Event {
    Event::Act(Act { action, at: T0 + t, report: id.into() })
}

fn rain() -> Vec<RainInterval> {
    let hour = |t, mm: i64| RainInterval { start: T0 + t, seconds: HOUR, depth_um: Some(mm * 1_000) };
    // A storm of 10 mm on day 10; a dry day measured before day 30; 1 mm right before day 50.
    let dry = (-24..0).map(|h| hour(30 * DAY + h * HOUR, 0));
    [hour(10 * DAY, 6), hour(10 * DAY + HOUR, 4)].into_iter().chain(dry).chain([hour(50 * DAY - HOUR, 1)]).collect()
}

/// Around the dock's crossing: five incidents on four occasions, one a kind of weather. A kilometre away: two. The
/// comments number the log.
pub fn city() -> Vec<Event> {
    let (lon, lat) = DOCK;
    let person = |n| NonZeroU64::new(n);
    let named = |r: Report, names: &[&str]| Report { names: names.iter().map(|n| n.to_string()).collect(), ..r };
    let place =
        Place { id: "p1".into(), position: at(lon, lat), name: Some("Dock crossing".into()), aliases: Vec::new() };
    let r1 = Report {
        person: person(1),
        depth_cm: Some(20),
        passability: Some(Passability::ImpassableSmall),
        channel: Some("app".into()),
        accuracy_m: Some(12),
        ..seen("r1", 10 * DAY + HOUR, lon, lat)
    };
    let r2 = Report {
        person: person(2),
        depth_cm: Some(30),
        passability: Some(Passability::Slow),
        ..seen("r2", 10 * DAY + HOUR + 600, lon, lat + 0.0001)
    };
    let r3 = Report { person: person(1), depth_cm: Some(25), ..seen("r3", 30 * DAY, lon, lat) };
    let clear = Some(Passability::Clear);
    let r4 = Report { photo: true, passability: clear, ..seen("r4", 50 * DAY, lon, lat + 0.0001) };
    let r6 = named(seen("r6", 12 * DAY, lon, lat + 0.01), &["58 St & 20 Av", "19 Av & 58 St"]);
    let r7 = named(seen("r7", 13 * DAY, lon, lat + 0.01), &["19 Av & 58 St"]);
    vec![
        Event::Places(vec![place]),                                          // 1
        Event::Rain(rain()),                                                 // 2
        Event::Report(Report { dry: true, ..seen("d0", 0, 110.0, 20.0) }),   // 3
        Event::Report(r1),                                                   // 4
        Event::Report(r2),                                                   // 5
        act(Action::Resolve, "r1", 10 * DAY + 3 * HOUR),                     // 6
        Event::Report(r3),                                                   // 7
        act(Action::NotFound, "r3", 30 * DAY + HOUR),                        // 8
        act(Action::Resolve, "r3", 30 * DAY + 4 * HOUR),                     // 9
        Event::Report(r4),                                                   // 10
        Event::Report(seen("r5", 70 * DAY, lon, lat)),                       // 11
        Event::Report(seen("r8", 70 * DAY + 7 * HOUR, lon, lat + 0.000378)), // 12
        Event::Report(r6),                                                   // 13
        Event::Report(r7),                                                   // 14
        Event::Report(seen("gone", 14 * DAY, lon, lat + 0.02)),              // 15
        act(Action::Retract, "gone", 15 * DAY),                              // 16
        Event::Report(Report { category: Category::named("opinion").unwrap(), ..seen("say", DAY, lon, lat) }), // 17
        Event::Report(seen("no", 20 * DAY, 110.0, 20.0)),                    // 18
        act(Action::Dismiss, "no", 21 * DAY),                                // 19
        Event::Note(Note { step: "verify".into(), at: T0 + 31_557_600, report: None }), // 20: a year of 365.25 d
    ]
}

#[test]
fn a_known_hotspot_has_the_properties_worked_out_by_hand() {
    let server = Server::seeded(&city());
    let answer = server.get("/layers/hotspots.geojson");
    assert_eq!(answer.header("content-type"), "application/geo+json");
    let all = answer.json();
    assert_eq!((&all["numberMatched"], &all["numberReturned"], &all["position"]), (&json!(2), &json!(2), &json!(20)));
    assert_eq!((&all["type"], &all["as_of"]), (&json!("FeatureCollection"), &json!("2024-12-31T06:00:00Z")));
    let dock = &all["features"][0];
    assert_eq!((&dock["id"], &dock["type"]), (&json!("waterlogging:p1"), &json!("Feature")));
    assert_eq!(dock["geometry"], json!({"type": "Point", "coordinates": [-73.9, 40.77]}));
    let expected = json!({
        "category": "waterlogging", "name": "Dock crossing", "status": "confirmed",
        "occasions": 4, "occasions_storm": 1, "occasions_small_rain": 1, "occasions_dry_weather": 1,
        // Two people, and a photo; the fourth nobody looked at.
        "occasions_unknown": 1, "occasions_not_found": 1,
        // Nothing was found when it was dry.
        "occasions_storm_contradicted": 0, "occasions_small_rain_contradicted": 0,
        "occasions_dry_weather_contradicted": 1, "occasions_unknown_contradicted": 0,
        "occasions_evidence": 2, "occasions_unchecked": 1,
        // Garwood: 4 in one year are 1.090 to 10.242.
        "occasions_per_year": 4.0, "occasions_per_year_low": 1.09, "occasions_per_year_high": 10.242,
        "incidents": 5, "reports": 6, "reporters": 2,
        "first_seen": "2024-01-11T01:00:00Z", "last_seen": "2024-03-11T07:00:00Z",
        "last_flooded": "2024-03-11T07:00:00Z",
        // 20, 25 and 30 cm; one of two incidents with a passability; 2 h and 4 h.
        "depth_cm_median": 25.0, "depth_cm_max": 30, "impassable_share": 0.5, "time_to_close_s_median": 10_800.0,
        "time_to_drain_s_median": null,
        // Four occasions are too few for a trend. The three sites all have some, so each keeps its own rate: 4 a year, times
        // 1 + 1/5 that small cars could not pass + 2/5 deeper than 15 cm.
        "trend": "insufficient_history", "rank": 1, "rank_score": 6.4,
        // 0.000378 degrees of latitude, 111,195 m each.
        "width_m": 42.0,
    });
    assert_eq!(dock["properties"], expected);
    let far = &all["features"][1]["properties"];
    assert_eq!((&far["name"], &far["status"]), (&json!("19 Av & 58 St"), &json!("candidate")));
    let unknown = ["depth_cm_median", "depth_cm_max", "impassable_share", "time_to_close_s_median"];
    assert!(unknown.iter().all(|name| far[name].is_null() && far.get(name).is_some()));
    assert_eq!((&far["width_m"], &far["reporters"]), (&json!(0.0), &json!(0)));
}

#[test]
fn a_hotspot_is_shown_with_its_sites_occasions_and_parameters() {
    let server = Server::seeded(&city());
    let answer = server.get("/api/v1/hotspots/waterlogging:p1");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/geo+json"));
    let dock = answer.json();
    assert_eq!(dock["properties"]["occasions"], 4);
    assert_eq!((&dock["position"], &dock["as_of"]), (&json!(20), &json!("2024-12-31T06:00:00Z")));
    assert_eq!(dock["sites"].as_array().unwrap().len(), 2);
    let crossing = dock["sites"].as_array().unwrap().iter().find(|site| site["id"] == "p1").expect("its own place");
    assert_eq!((&crossing["name"], &crossing["occasions"]), (&json!("Dock crossing"), &json!(4)));
    assert_eq!(crossing["coordinates"], dock["geometry"]["coordinates"]);
    let occasions = dock["occasions_list"].as_array().unwrap();
    let of = |name: &str| occasions.iter().map(|o| o[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("weather"), ["storm", "none", "small_rain", "unknown"]);
    assert_eq!(of("evidence"), [true, false, true, false]);
    assert_eq!(of("not_found"), [false, true, false, false]);
    assert_eq!(of("incident_ids"), [json!(["i4"]), json!(["i7"]), json!(["i10"]), json!(["i11", "i12"])]);
    // The first is stretched to its whole storm.
    assert_eq!(
        (&occasions[0]["start"], &occasions[0]["end"]),
        (&json!("2024-01-11T00:00:00Z"), &json!("2024-01-11T02:00:00Z"))
    );
    assert_eq!(dock["properties"]["last_flooded"], occasions[3]["end"]);
    let parameters = &dock["parameters"];
    assert_eq!((&parameters["join_radius"], &parameters["lapse"]), (&json!(50.0), &json!(21_600)));
    assert_eq!((&parameters["storm_depth"], &parameters["dry_gap"]), (&json!(5.0), &json!(21_600)));
}

#[test]
fn any_other_site_of_a_hotspot_leads_to_it() {
    let server = Server::seeded(&city());
    let places = Places::new(40.0);
    let cell = |lat| places.id(places.site(at(DOCK.0, lat), 40.0)).into_owned();
    let answer = server.get(&format!("/api/v1/hotspots/waterlogging:{}", cell(DOCK.1 + 0.000378)));
    assert_eq!((answer.status, answer.header("location")), (308, "/api/v1/hotspots/waterlogging:p1"));
    for id in ["waterlogging:p2", "road_damage:p1", "p1", "flood:p1", "waterlogging:8c2a100894511ff"] {
        let detail = server.get(&format!("/api/v1/hotspots/{id}")).problem(404);
        assert!(detail.contains("no hotspot holds"), "{detail}");
    }
}

#[test]
fn incidents_carry_their_workflow_weather_and_evidence() {
    let server = Server::seeded(&city());
    let ids = server.ids("/layers/incidents.geojson");
    assert_eq!(ids, ["i4", "i7", "i10", "i11", "i12", "i13", "i14", "i18"]);
    let incidents = server.features("/layers/incidents.geojson");
    let expected = json!({
        "category": "waterlogging", "place": "Dock crossing", "status": "resolved",
        "area_id": null, "state": "resolved", "deadline": null, "time_to_acknowledge_s": null,
        "first_observed_at": "2024-01-11T01:00:00Z", "last_observed_at": "2024-01-11T01:10:00Z",
        "resolved_at": "2024-01-11T03:00:00Z", "time_to_close_s": 7_200, "time_to_drain_s": null,
        "reports": 2, "reporters": 2, "evidence": true, "depth_cm_max": 30, "passability": "impassable_small",
        "weather": "storm", "hotspot_id": "waterlogging:p1", "recurred_after_s": null,
        "area_id": null,
    });
    assert_eq!(incidents[0]["properties"], expected);
    let of = |i: usize, name: &str| incidents[i]["properties"][name].clone();
    assert_eq!(
        [of(2, "weather"), of(2, "evidence"), of(3, "status")],
        [json!("small_rain"), json!(true), json!("reported")]
    );
    assert_eq!(of(5, "place"), "19 Av & 58 St");
    // Dismissed: it is shown, is not closed, and counts in no hotspot.
    assert_eq!(
        [of(7, "status"), of(7, "resolved_at"), of(7, "time_to_close_s")],
        [json!("dismissed"), Value::Null, Value::Null]
    );
    assert_eq!([of(7, "hotspot_id"), of(7, "place")], [Value::Null, Value::Null]);
}

#[test]
fn reports_follow_their_incident_and_the_hidden_appear_nowhere() {
    let server = Server::seeded(&city());
    let ids = server.ids("/layers/reports.geojson");
    assert_eq!(ids, ["d0", "r1", "r2", "r3", "r4", "r5", "r8", "r6", "r7", "no"]);
    let answer = server.get("/api/v1/reports/r1");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/geo+json"));
    let expected = json!({
        "category": "waterlogging", "observed_at": "2024-01-11T01:00:00Z", "received_at": "2024-01-11T01:01:00Z",
        "status": "resolved", "incident_id": "i4", "hotspot_id": "waterlogging:p1", "depth_cm": 20,
        "passability": "impassable_small", "dry": false, "accuracy_m": 12, "channel": "app",
    });
    assert_eq!(answer.json()["properties"], expected);
    let dry = server.get("/api/v1/reports/d0").json();
    assert_eq!((&dry["properties"]["dry"], &dry["properties"]["status"]), (&json!(true), &Value::Null));
    assert_eq!(server.get("/api/v1/reports/no").json()["properties"]["hotspot_id"], Value::Null);
    assert!(server.get("/api/v1/reports/gone").problem(404).contains("retracted"));
    assert!(server.get("/api/v1/reports/say").problem(404).contains("opinion"));
    assert!(server.get("/api/v1/reports/nobody").problem(404).contains("no report \"nobody\""));
}

#[test]
fn storms_and_places_are_layers_too() {
    let server = Server::seeded(&city());
    let storms = server.features("/layers/storms.geojson?bbox=0,0,1,1");
    let expected = json!({
        "type": "Feature", "id": "20240111T000000Z", "geometry": null,
        "properties": {
            "gauge": "city", "start": "2024-01-11T00:00:00Z", "end": "2024-01-11T02:00:00Z", "duration_s": 7_200, "depth_mm": 10.0,
            "peak_10min_mm_h": null, "peak_1h_mm_h": 6.0, "peak_3h_mm_h": 3.333, "incidents": 1, "hotspots": 1,
        },
    });
    assert_eq!(storms, [expected]);
    let places = server.features("/layers/places.geojson?datetime=2030-01-01T00:00:00Z");
    assert_eq!((&places[0]["id"], &places[0]["properties"]), (&json!("p1"), &json!({"name": "Dock crossing"})));
    assert_eq!(server.ids("/layers/places.geojson?bbox=0,0,1,1"), [""; 0]);
    let list = server.get("/layers").json();
    let counts: Vec<_> =
        list["layers"].as_array().unwrap().iter().map(|l| (l["href"].clone(), l["count"].clone())).collect();
    let counted = |name: &str, n: u32| (json!(format!("/layers/{name}.geojson")), json!(n));
    assert_eq!(
        counts,
        [
            counted("reports", 10),
            counted("incidents", 8),
            counted("hotspots", 2),
            counted("storms", 1),
            counted("places", 1),
            counted("streets", 0),
            counted("works", 0),
            counted("areas", 0),
            counted("coverage", 3),
            counted("closures", 0),
        ]
    );
}

#[test]
fn a_filter_takes_exactly_what_lies_in_box_time_and_category() {
    let server = Server::seeded(&city());
    let reports = |query: &str| server.ids(&format!("/layers/reports.geojson?{query}"));
    assert_eq!(reports("bbox=-73.9,40.77,-73.9,40.77"), ["r1", "r3", "r5"]);
    assert_eq!(reports("bbox=-73.9,40.77,0,-73.9,40.7701,9"), ["r1", "r2", "r3", "r4", "r5"]);
    assert_eq!(reports("bbox=-74,40,-73,41&datetime=2024-01-11T01:00:00Z"), ["r1"]);
    assert_eq!(reports("datetime=2024-01-11T01:00:00Z/2024-01-11T01:10:00Z"), ["r1", "r2"]);
    assert_eq!(reports("datetime=../2024-01-11T01:00:00Z"), ["d0", "r1"]);
    assert_eq!(reports("datetime=2024-03-11T09:00:00%2B08:00/.."), ["r8"]);
    assert_eq!(reports("datetime=9999-12-31T23:59:59Z/.."), [""; 0]);
    assert_eq!(reports("datetime=2024-03-11T09:00:00%2B08:00/9999-12-31T23:59:59Z"), ["r8"]);
    assert_eq!(reports("category=opinion"), [""; 0]);
    let two = server.get("/layers/reports.geojson?category=waterlogging&limit=2").json();
    assert_eq!((&two["numberMatched"], &two["numberReturned"]), (&json!(10), &json!(2)));
    assert_eq!(reports("status=resolved"), ["r1", "r2", "r3"]);
    assert_eq!(reports("status=dismissed&datetime=../2024-01-21T00:00:00Z"), ["no"]);
    assert_eq!(server.ids("/layers/incidents.geojson?status=reported").len(), 5);
    assert_eq!(server.ids("/layers/hotspots.geojson?status=confirmed"), ["waterlogging:p1"]);
    // What lasts is taken when it meets the time at all.
    assert_eq!(server.ids("/layers/incidents.geojson?datetime=2024-01-11T01:05:00Z"), ["i4"]);
    assert_eq!(server.ids("/layers/hotspots.geojson?datetime=2024-02-01T00:00:00Z"), ["waterlogging:p1"]);
    assert_eq!(server.ids("/layers/hotspots.geojson?bbox=-73.9,40.77,-73.9,40.77"), ["waterlogging:p1"]);
    assert_eq!(server.ids("/layers/storms.geojson?datetime=2024-01-11T02:00:00Z/..").len(), 1);
    assert_eq!(server.ids("/layers/storms.geojson?datetime=2024-01-11T02:00:01Z/..").len(), 0);
}

#[test]
fn a_box_may_cross_180_degrees() {
    let both = [Event::Report(seen("east", 0, 179.5, 66.0)), Event::Report(seen("west", 0, -179.5, 66.0))];
    let zero = [Event::Report(seen("zero", 0, 0.0, 66.0))];
    let server = Server::seeded(&[&both[..], &zero[..]].concat());
    assert_eq!(server.ids("/layers/reports.geojson?bbox=177,65,-177,70"), ["east", "west"]);
    assert_eq!(server.ids("/layers/incidents.geojson?bbox=177,65,-177,70"), ["i1", "i2"]);
    assert_eq!(server.ids("/layers/reports.geojson?bbox=-177,65,177,70"), ["zero"]);
}

#[test]
fn a_posted_report_is_in_its_hotspot_when_its_answer_comes() {
    let server = Server::start();
    let days = ["2025-12-05", "2025-12-15", "2025-12-25"];
    let posted = days.map(|day| {
        server.post(&report(json!({"observed_at": format!("{day}T00:00:00Z"), "place": "19th Ave. and 58 STREET"})))
    });
    assert!(posted.iter().all(|answer| answer.status == 201));
    let last = posted[2].json();
    let hotspot = server.features("/layers/hotspots.geojson").remove(0);
    assert_eq!((&last["seq"], &last["incident_id"], &last["hotspot_id"]), (&json!(3), &json!("i3"), &hotspot["id"]));
    let properties = &hotspot["properties"];
    assert_eq!((&properties["occasions"], &properties["status"]), (&json!(3), &json!("recurring")));
    assert_eq!(properties["name"], "19 Av & 58 St");
    // 20 days were observed: too few for a rate.
    assert!(properties["occasions_per_year"].is_null() && properties["occasions_per_year_low"].is_null());
    let location = posted[2].header("location");
    assert_eq!(location, format!("/api/v1/reports/{}", last["id"].as_str().unwrap()));
    assert_eq!(server.get(location).json()["properties"]["hotspot_id"], hotspot["id"]);
}

#[test]
fn a_retry_gets_the_first_answer_and_another_body_under_its_key_is_a_conflict() {
    let server = Server::start();
    let plain = report(json!({"source": {"channel": "app", "id": "a1"}, "text": "water"}));
    let (first, again) = (server.post(&plain), server.post(&plain));
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!((first.json(), first.header("location")), (again.json(), again.header("location")));
    let other = report(json!({"source": {"channel": "app", "id": "a1"}, "depth_cm": 3}));
    assert!(server.post(&other).problem(409).ends_with("something else: depth_cm has changed"));
    let keyed = |body: &Value| {
        server
            .post_with(body.to_string().as_bytes(), &[("content-type", "application/json"), ("idempotency-key", "k1")])
    };
    let first = keyed(&plain);
    assert_eq!((first.status, first.json()["seq"].clone()), (201, json!(2)));
    assert_eq!(keyed(&plain).json(), first.json());
    assert!(keyed(&other).problem(409).contains("the same key"));
    assert_eq!(server.ids("/layers/reports.geojson").len(), 2);
}

#[test]
fn a_conflict_names_what_differs_and_tells_nothing_of_what_was_recorded() {
    let server = Server::start();
    let source = json!({"channel": "app", "id": "a1"});
    let first = json!({"source": source, "depth_cm": 27, "accuracy_m": 9, "passability": "slow", "place": "Main St"});
    assert_eq!(server.post(&report(first)).status, 201);
    let other = json!({
        "source": source, "category": "road_damage", "lon": 110.5, "observed_at": "2025-12-22T00:00:00Z", "dry": true,
    });
    let detail = server.post(&report(other)).problem(409);
    let names = "category, position, observed_at, dry, depth_cm, passability, accuracy_m, place have changed";
    assert_eq!(detail, format!("the same key was used before for something else: {names}"));
    let same = json!({"source": source, "depth_cm": 27, "accuracy_m": 9, "passability": "slow", "place": "Main St"});
    let mut reworded = report(same);
    reworded["text"] = json!("deeper than it looks");
    assert!(server.post(&reworded).problem(409).ends_with("else: its other content has changed"));
}

#[test]
fn an_opinion_is_taken_without_a_place_on_the_map() {
    let server = Server::start();
    let said = server.post(&report(json!({"category": "opinion", "text": "mend the drains"})));
    let taken = said.json();
    assert_eq!((said.status, said.header("location"), &taken["seq"]), (201, "", &json!(1)));
    assert_eq!((&taken["incident_id"], &taken["hotspot_id"]), (&Value::Null, &Value::Null));
    server.get(&format!("/api/v1/reports/{}", taken["id"].as_str().unwrap())).problem(404);
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let server = Server::seeded(&city());
    for path in [
        "/layers",
        "/layers/hotspots.geojson",
        "/layers/reports.geojson?limit=1",
        "/api/v1/reports/r1",
        "/api/v1/hotspots/waterlogging:p1",
    ] {
        let answer = server.get(path);
        let tag = answer.header("etag").to_owned();
        assert!(
            tag.starts_with("W/\"") && tag.ends_with("-20\"") && answer.header("cache-control") == "no-cache",
            "{tag}"
        );
        for known in [tag.clone(), tag.replace("W/", ""), format!("\"x\", {tag}"), "*".into()] {
            let same = server.get_with(path, &[("if-none-match", &known)]);
            assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, tag.as_str()));
        }
        assert_eq!(server.get_with(path, &[("if-none-match", "\"x\"")]).status, 200);
    }
    let tag = server.get("/layers").header("etag").to_owned();
    assert_eq!(server.post(&report(json!({}))).status, 201);
    assert_eq!(server.get_with("/layers", &[("if-none-match", &tag)]).status, 200);
}

#[test]
fn head_gzip_and_other_sites_are_served() {
    let server = Server::seeded(&city());
    let (whole, head) = (server.get("/layers/reports.geojson"), server.head("/layers/reports.geojson"));
    assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, whole.header("etag")));
    assert_eq!(head.header("content-length"), whole.body.len().to_string());
    let packed = server.get_with("/layers/reports.geojson", &[("accept-encoding", "gzip")]);
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(packed.header("etag"), whole.header("etag"));
    assert!(packed.body.starts_with(&[0x1f, 0x8b]) && packed.body.len() < whole.body.len() / 2);
    let shared = server.get_with("/layers", &[("origin", "https://example.org")]);
    assert_eq!(shared.header("access-control-allow-origin"), "*");
}
