//! The API: pages of layers, one hotspot and one incident, and many reports at once.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use waterlog::hazard::event::{Act, Action, Event, Merge};
use waterlog::hazard::settings::Settings;

use crate::layers::{T0, seen};
use crate::server::{Answer, Server, report};

const DAY_S: i64 = 86_400;

/// A report of waterlogging so many metres north of a corner, so many days after the start.
fn flooded(id: &str, north_m: f64, day: i64) -> Event {
    Event::Report(seen(id, day * DAY_S, 110.3312, 20.0148 + north_m / 111_195.0))
}

/// Three corners, 1 km apart, that flooded 5, 3 and 2 times.
fn corners() -> Vec<Event> {
    let mut events = Vec::new();
    for (corner, times) in [5, 3, 2].into_iter().enumerate() {
        events.extend((0..times).map(|n| flooded(&format!("c{corner}n{n}"), 1_000.0 * corner as f64, 10 * n)));
    }
    events.sort_by_key(|event| event.at());
    events
}

/// Follows the next links of a list to its end.
fn all_pages(server: &Server, first: &str) -> Vec<Value> {
    let (mut next, mut features) = (Some(first.to_owned()), Vec::new());
    while let Some(path) = next {
        let page = server.get(&path);
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.json();
        assert_eq!(page["numberReturned"], json!(page["features"].as_array().unwrap().len()));
        features.extend(page["features"].as_array().unwrap().clone());
        let link = page["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next").cloned();
        // Of OGC's pages they are whole addresses.
        next = link.map(|link| link["href"].as_str().unwrap().trim_start_matches(&server.address).to_owned());
    }
    features
}

fn ids(features: &[Value]) -> Vec<&str> {
    features.iter().map(|f| f["id"].as_str().unwrap()).collect()
}

#[test]
fn following_next_gives_every_feature_once_in_every_order_and_as_the_file_does() {
    let server = Server::seeded(&corners());
    for (layer, sorts) in [
        ("reports", vec!["observed_at", "-observed_at", "-depth_cm"]),
        ("incidents", vec!["first_observed_at", "-last_observed_at", "-reports", "-time_to_close_s"]),
        ("hotspots", vec!["occasions", "-occasions", "-last_seen", "first_seen"]),
    ] {
        let file = server.features(&format!("/layers/{layer}.geojson"));
        let mut pages = all_pages(&server, &format!("/api/v1/{layer}?limit=2"));
        // What changes with the clock stands in the list alone.
        for properties in pages.iter_mut().map(|f| f["properties"].as_object_mut().unwrap()) {
            assert_eq!(properties.remove("overdue").is_some(), layer == "incidents");
        }
        assert_eq!(pages, file, "{layer}");
        for sort in sorts {
            let sorted = all_pages(&server, &format!("/api/v1/{layer}?limit=1&sort={sort}"));
            let by = sort.trim_start_matches('-');
            let mut expected: Vec<_> = sorted.iter().map(|f| f["properties"][by].to_string()).collect();
            expected.sort();
            if sort.starts_with('-') {
                expected.reverse();
            }
            assert_eq!(sorted.iter().map(|f| f["properties"][by].to_string()).collect::<Vec<_>>(), expected);
            let (mut a, mut b) = (ids(&sorted), ids(&file));
            a.sort_unstable();
            b.sort_unstable();
            assert_eq!(a, b, "{layer} by {sort}");
        }
    }
}

#[test]
fn pages_stay_in_step_while_reports_arrive() {
    let server = Server::seeded(&corners());
    let first = server.get("/api/v1/reports?limit=4").json();
    let post = report(json!({"observed_at": "2025-12-30T00:00:00Z"}));
    assert_eq!(server.post(&post).status, 201);
    let next = first["links"].as_array().unwrap().iter().find(|l| l["rel"] == "next").unwrap()["href"].clone();
    let rest = all_pages(&server, next.as_str().unwrap());
    let mut seen = ids(first["features"].as_array().unwrap());
    seen.extend(ids(&rest));
    assert_eq!(seen, ids(&server.features("/layers/reports.geojson")));
    assert_eq!(seen.len(), 11);
    // Pinned to a position, a page is the same whatever is reported later.
    let pinned = server.get(&format!("/api/v1/reports?limit=4&position={}", first["position"])).json();
    assert_eq!((&pinned["features"], &pinned["numberMatched"]), (&first["features"], &json!(10)));
}

#[test]
fn while_reports_arrive_without_a_pause_pages_hold_each_feature_once_and_say_exactly_how_many_there_are() {
    // Forty corners that flooded twenty times each, two of the times on one night.
    let events: Vec<Event> = (0..800)
        .map(|n| flooded(&format!("r{n}"), 300.0 * (n * 7 % 40) as f64, n as i64 / 40 / 2 * 20 + n as i64 / 40 % 2))
        .collect();
    let server = Server::seeded(&events);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                // At corners that there are, where hotspots and incidents change their places, and between them.
                let lat = 20.0148 + f64::from(n * 11 % 80) * 150.0 / 111_195.0;
                let at = format!("2025-12-{:02}T{:02}:00:00Z", 5 + n * 3 % 25, n % 24);
                let body = json!({"lat": lat, "observed_at": at, "text": n.to_string()});
                assert_eq!(server.post(&report(body)).status, 201);
            }
        });
        let _over = Over(&over);
        let paths = [
            ("/api/v1/reports?limit=37", true),
            ("/api/v1/reports?limit=37&sort=-observed_at", true),
            ("/api/v1/incidents?limit=37", true),
            ("/api/v1/incidents?limit=37&sort=-last_observed_at", true),
            ("/api/v1/hotspots?limit=3", false),
            ("/api/v1/hotspots?limit=3&sort=-last_seen", false),
            ("/ogc/collections/reports/items?limit=37", true),
            ("/ogc/collections/incidents/items?limit=37&sortby=-last_observed_at", true),
            ("/ogc/collections/hotspots/items?limit=3", false),
        ];
        // Again, until enough has arrived between the pages to have moved them.
        let mut arrived = 0;
        while arrived < 50 {
            for (path, known_stay) in paths {
                every_feature_is_on_one_page(&server, path, known_stay);
            }
            arrived = server.get("/readyz").json()["position"].as_u64().unwrap() - events.len() as u64;
        }
        // Of a log of reports alone, of which none is hidden, the position says how many there are.
        for _ in 0..20 {
            let page = server.get("/api/v1/reports?limit=1").json();
            assert_eq!(page["numberMatched"], page["position"]);
            let wanted = "category=waterlogging&bbox=-180,-90,180,90";
            let page = server.get(&format!("/api/v1/reports?limit=1&{wanted}")).json();
            assert_eq!(page["numberMatched"], page["position"]);
        }
    });
}

/// On no two of them, and on one of them where what was there before stays.
fn every_feature_is_on_one_page(server: &Server, path: &str, known_stay: bool) {
    let layer = path.split(['/', '?']).find(|part| ["reports", "incidents", "hotspots"].contains(part));
    let known = server.ids(&format!("/layers/{}.geojson", layer.unwrap()));
    let features = all_pages(server, path);
    let mut seen = ids(&features);
    seen.sort_unstable();
    let all = seen.len();
    seen.dedup();
    assert_eq!(seen.len(), all, "{path}: a feature stands on two pages");
    assert!(known.len() >= 37, "{path}: {}", known.len());
    if known_stay {
        let missing = known.iter().filter(|id| seen.binary_search(&id.as_str()).is_err()).count();
        assert_eq!(missing, 0, "{path}: features that were there before are on no page");
    }
}

/// Tells those who go on until then, in a panic too.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_hotspot_that_moves_up_while_a_list_is_read_is_still_read_once() {
    let server = Server::seeded(&corners());
    for first in ["/api/v1/hotspots?limit=1", "/api/v1/hotspots?limit=1&sort=-reports"] {
        let before = server.get(first).json();
        let next = before["links"].as_array().unwrap().iter().find(|l| l["rel"] == "next").unwrap()["href"].clone();
        // The last of the corners floods so often that it becomes the first.
        for day in 0..9 {
            let at = json!({"lat": 20.0148 + 2_000.0 / 111_195.0, "observed_at": format!("2025-12-{:02}T00:00:00Z", 3 + 3 * day)});
            assert_eq!(server.post(&report(at)).status, 201);
        }
        let rest = all_pages(&server, next.as_str().unwrap());
        let mut seen = ids(before["features"].as_array().unwrap());
        seen.extend(ids(&rest));
        assert_eq!(seen.len(), 3, "{seen:?}");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 3, "{seen:?}");
    }
    let sorted = server.get("/api/v1/hotspots?limit=1&sort=-reports").json();
    let next = sorted["links"].as_array().unwrap().iter().find(|l| l["rel"] == "next").unwrap()["href"].clone();
    let other = next.as_str().unwrap().replace("sort=-reports", "sort=-last_seen");
    assert!(server.get(&other).problem(400).contains("belongs to sort=-reports"));
}

#[test]
fn a_hotspot_tells_what_it_rests_on_and_the_link_that_gives_it_again() {
    let server = Server::seeded(&corners());
    let hotspot = server.get("/api/v1/hotspots").json()["features"][0].clone();
    let path = format!("/api/v1/hotspots/{}", hotspot["id"].as_str().unwrap());
    let detail = server.get(&path).json();
    assert_eq!((&detail["properties"], &detail["geometry"]), (&hotspot["properties"], &hotspot["geometry"]));
    let occasions = detail["occasions_list"].as_array().unwrap();
    assert_eq!((occasions.len(), &occasions[4]["start"]), (5, &detail["as_of"]));
    assert_eq!(detail["parameters"]["hotspot_radius"], json!(50.0));
    assert_eq!(detail["window"]["end"], detail["as_of"]);
    // Each limit that is published can be asked for by its name: as it is, it changes nothing.
    let limits: Vec<_> = detail["parameters"].as_object().unwrap().iter().collect();
    assert_eq!(limits.len(), Settings::table().count());
    for (name, value) in limits {
        let asked = server.get(&format!("{path}?{name}={value}"));
        assert_eq!((asked.status, &asked.json()["parameters"]), (200, &detail["parameters"]), "{name}={value}");
    }
    let canonical = detail["links"].as_array().unwrap().iter().find(|l| l["rel"] == "canonical").unwrap();
    let canonical = canonical["href"].as_str().unwrap();
    // It floods once more there: the live answer changes, the linked one does not.
    let post = report(json!({"observed_at": "2025-12-30T00:00:00Z"}));
    assert_eq!(server.post(&post).status, 201);
    assert_eq!(server.get(&path).json()["properties"]["occasions"], 6);
    let again = server.get(canonical);
    assert_eq!(again.status, 200, "{}", again.text());
    let mut again = again.json();
    again["links"] = detail["links"].clone();
    assert_eq!(again, detail);
}

#[test]
fn an_incident_tells_its_reports_and_a_merged_one_leads_to_the_other() {
    let at = T0 + DAY_S;
    let id = |id: &str| id.to_owned();
    let events = [
        flooded("a", 0.0, 0),
        flooded("b", 200.0, 0),
        flooded("c", 2.0, 0),
        Event::Act(Act { action: Action::Found, at, report: id("a") }),
        Event::Merge(Merge { at, report: id("a"), other: id("b") }),
        flooded("d", 5_000.0, 0),
        Event::Act(Act { action: Action::Retract, at, report: id("d") }),
    ];
    let server = Server::seeded(&events);
    let detail = server.get("/api/v1/incidents/i1").json();
    assert_eq!(ids(detail["reports_list"].as_array().unwrap()), ["a", "b", "c"]);
    assert_eq!((&detail["found"], &detail["properties"]["evidence"]), (&json!(true), &json!(true)));
    let merged = server.get("/api/v1/incidents/i2?window=100000");
    assert_eq!((merged.status, merged.header("location")), (308, "/api/v1/incidents/i1?window=100000"));
    assert!(server.get("/api/v1/incidents/i6").problem(404).contains("retracted"));
    for unknown in ["i3", "i99", "x", "i", "-1"] {
        assert!(server.get(&format!("/api/v1/incidents/{unknown}")).problem(404).contains("no incident"), "{unknown}");
    }
}

/// Posts lines of NDJSON; the answers, one for each.
fn batch(server: &Server, lines: &[String], key: Option<&str>) -> Answer {
    let mut headers = vec![("content-type", "application/x-ndjson")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    server.post_with(lines.join("\n").as_bytes(), &headers)
}

fn answers(answer: &Answer) -> Vec<Value> {
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"), "{}", answer.text());
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn of_many_reports_a_bad_line_stops_no_good_one_and_a_retry_adds_nothing() {
    let server = Server::start();
    let line = |id: &str, lon: f64| {
        let source = json!({"channel": "app", "id": id});
        report(json!({"lon": lon, "source": source})).to_string()
    };
    let lines = [
        line("1", 110.1),
        "{\"category\": \"waterlogging\", ".into(),
        String::new(),
        line("2", 200.0) + "\r",
        line("1", 110.3),
        line("3", 110.2),
    ];
    let first = answers(&batch(&server, &lines, None));
    let told: Vec<_> = first.iter().map(|a| (a["line"].as_u64().unwrap(), a["status"].as_u64().unwrap())).collect();
    assert_eq!(told, [(1, 201), (2, 400), (4, 400), (5, 409), (6, 201)]);
    assert!(first[1]["detail"].as_str().unwrap().contains("not JSON"), "{}", first[1]);
    assert_eq!((&first[2]["field"], &first[2]["value"]), (&json!("lon"), &json!("200")));
    assert!(first[3]["detail"].as_str().unwrap().contains("position has changed"), "{}", first[3]);
    assert_eq!(first[0]["incident_id"], json!("i1"));
    assert_eq!(answers(&batch(&server, &lines, None)), first);
    assert_eq!(server.features("/layers/reports.geojson").len(), 2);
}

#[test]
fn a_key_for_a_whole_batch_makes_its_retry_harmless() {
    let server = Server::start();
    let lines: Vec<_> = (0..3_000).map(|i| report(json!({"lon": 110.0 + f64::from(i) * 0.001})).to_string()).collect();
    let first = answers(&batch(&server, &lines, Some("morning")));
    assert_eq!(first.len(), 3_000);
    assert!(first.iter().enumerate().all(|(i, a)| a["status"] == 201 && a["seq"] == json!(i + 1)));
    assert_eq!(answers(&batch(&server, &lines, Some("morning"))), first);
    assert_eq!(server.get("/layers").json()["position"], 3_000);
}

#[test]
fn a_batch_that_is_empty_too_long_or_too_large_is_refused_whole() {
    let server = Server::start();
    assert!(batch(&server, &[String::new(), " ".into()], None).problem(400).contains("one JSON object a line"));
    let lines = vec!["{}".to_owned(); 10_001];
    assert!(batch(&server, &lines, None).problem(400).contains("at most 10000"));
    let large = ["x".repeat(10_000_001)];
    assert!(batch(&server, &large, None).problem(413).contains("fewer lines"));
    let long = [format!("{{\"text\": \"{}\"}}", "x".repeat(1_000_001)), report(json!({})).to_string()];
    let told = answers(&batch(&server, &long, None));
    assert!(told[0]["detail"].as_str().unwrap().contains("1000000 bytes") && told[1]["status"] == 201, "{told:?}");
}

#[test]
fn range_conditional_and_head_requests_are_answered_in_every_shape() {
    let server = Server::seeded(&corners());
    for path in [
        "/api/v1/hotspots",
        "/api/v1/incidents/i1",
        "/layers/reports.geojson",
        "/api/v1/hotspots?spacing=60",
        "/api/v1/timeline",
        "/api/v1/categories",
        "/api/v1/analysis/trend",
        "/tiles/reports/0/0/0",
        "/layers",
        "/",
    ] {
        let whole = server.get(path);
        let tag = whole.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}: {tag}");
        let head = server.head(path);
        assert_eq!((head.status, head.header("etag"), head.body.len()), (200, tag.as_str(), 0), "{path}");
        // Nothing is sent in parts, which a server may choose (RFC 9110, 14.2): whatever is asked for, all of it comes.
        for range in ["bytes=0-9", "bytes=0-0,5-9", "bytes=99999999-", "bytes=-1", "lines=1-2", "bytes=9-0,x", ""] {
            let answer = server.get_with(path, &[("range", range), ("if-range", &tag)]);
            assert_eq!((answer.status, &answer.body), (200, &whole.body), "{path} {range}");
        }
        for known in [tag.as_str(), "*", &format!("\"x\", {tag}")] {
            let same = server.get_with(path, &[("if-none-match", known)]);
            assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, tag.as_str()), "{path} {known}");
            assert_eq!(server.head_with(path, &[("if-none-match", known)]).status, 304, "{path} {known}");
        }
        for other in ["\"x\"", "", "W/", "\u{7f}".trim_matches('\u{7f}')] {
            assert_eq!(server.get_with(path, &[("if-none-match", other)]).body, whole.body, "{path} {other}");
        }
        // An If-None-Match that does not match outweighs any date.
        let odd =
            [("if-modified-since", "Thu, 01 Jan 2099 00:00:00 GMT"), ("if-none-match", "\"x\""), ("if-match", "x")];
        assert_eq!(server.get_with(path, &odd).body, whole.body, "{path}");
        assert_eq!(server.get_with(path, &[("if-modified-since", "yesterday")]).body, whole.body, "{path}");
    }
    for (path, status) in [("/api/v1/hotspots?limit=0", 400), ("/api/v1/incidents/i99", 404), ("/nowhere/", 404)] {
        let (whole, head) = (server.get(path), server.head(path));
        assert_eq!((whole.status, head.status, head.body.len()), (status, status, 0), "{path}");
        assert_eq!(head.header("content-type"), "application/problem+json", "{path}");
    }
    assert!(server.get("/nowhere/").problem(404).contains("an address does not end in /"));
}

#[test]
fn a_page_that_cannot_be_had_says_why() {
    let server = Server::seeded(&corners());
    for (query, part) in [
        ("limit=10001", "[1, 10000]"),
        ("limit=0", "[1,"),
        ("sort=height", "known are occasions, occasions_storm"),
        ("cursor=x", "follow the next link"),
        (
            "offset=5",
            "unknown query parameter; known are bbox, datetime, category, status, weather, trend, limit, sort, cursor, and",
        ),
        ("position=11", "the log ends at 10"),
        ("hotspot_radius=20000", "not in [0, 10000] metres"),
        ("window=-1", "not in [0,"),
    ] {
        let told = server.get(&format!("/api/v1/hotspots?{query}")).problem(400);
        assert!(told.contains(part), "{query}: {told}");
    }
    assert!(server.get("/api/v1/places?sort=name").problem(400).contains("one order only"));
}
