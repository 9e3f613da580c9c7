//! OGC API - Features, over HTTP: what the standard asks for, where the test suite of OGC does not look as well.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use waterlog::hazard::event::{Act, Action, Event, Merge, Place, RainInterval};
use waterlog::hazard::layer::Layer;
use waterlog::hazard::position::Position;

use crate::layers::seen;
use crate::server::{Server, report};

const DAY_S: i64 = 86_400;

/// The ids of all collections.
pub fn collections() -> impl Iterator<Item = &'static str> {
    Layer::ALL.into_iter().map(Layer::name)
}

/// Two corners that flooded three times, on both sides of 180°, another far away that flooded once, and two storms.
pub fn world() -> Vec<Event> {
    let corners = [("west", 179.99, 66.0, 3), ("east", -179.99, 66.0, 3), ("a/b ü?#&", 110.3312, 20.0148, 1)];
    let mut events = Vec::new();
    for (id, lon, lat, times) in corners {
        let position = Position::new(lon, lat).unwrap();
        events.push(Event::Places(vec![Place {
            id: format!("at {id}"),
            position,
            name: Some(id.into()),
            aliases: Vec::new(),
        }]));
        events.extend((0..times).map(|n| Event::Report(seen(&format!("{id}{n}"), n * 10 * DAY_S, lon, lat))));
    }
    let start = events.iter().filter_map(Event::at).min().unwrap();
    let rain = [0, 10].map(|day| RainInterval { start: start + day * DAY_S, seconds: 3_600, depth_um: Some(20_000) });
    events.push(Event::Rain(rain.into()));
    events
}

/// An absolute address on the server, as a path.
pub fn path<'a>(server: &Server, href: &'a Value) -> &'a str {
    let href = href.as_str().unwrap();
    href.strip_prefix(&server.address).unwrap_or_else(|| panic!("{href} is not on {}", server.address))
}

pub fn link<'a>(answer: &'a Value, rel: &str) -> Option<&'a Value> {
    answer["links"].as_array().unwrap().iter().find(|link| link["rel"] == rel)
}

/// Follows the next links of a collection; each page must say how many match.
fn all_pages(server: &Server, first: &str) -> Vec<Value> {
    let (mut next, mut features, mut matched) = (Some(first.to_owned()), Vec::new(), None);
    while let Some(at) = next {
        let answer = server.get(&at);
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/geo+json"), "{at}");
        let page = answer.json();
        let given = page["features"].as_array().unwrap();
        assert_eq!(page["numberReturned"], given.len());
        assert_eq!(*matched.get_or_insert(page["numberMatched"].clone()), page["numberMatched"]);
        assert!(page["timeStamp"].as_str().unwrap().starts_with("2026-01-01T00:"));
        features.extend(given.clone());
        next = link(&page, "next").map(|link| path(server, &link["href"]).to_owned());
        let query = next.as_deref().and_then(|next| next.split_once('?')).map_or("", |(_, query)| query);
        assert!(query.is_empty() || query.split('&').all(|pair| pair.split('=').count() == 2), "{query}");
    }
    assert_eq!(matched.unwrap(), features.len());
    features
}

fn ids(features: &[Value]) -> Vec<&str> {
    features.iter().map(|f| f["id"].as_str().unwrap()).collect()
}

/// The ids of all features of a collection that a query matches.
fn found(server: &Server, collection: &str, query: &str) -> BTreeSet<String> {
    let features = all_pages(server, &format!("/ogc/collections/{collection}/items?limit=2&{query}"));
    ids(&features).into_iter().map(str::to_owned).collect()
}

/// Every link of an answer, those of its parts too.
fn links(answer: &Value, into: &mut Vec<(String, String)>) {
    match answer {
        Value::Array(parts) => parts.iter().for_each(|part| links(part, into)),
        Value::Object(members) => {
            for link in members.get("links").and_then(Value::as_array).into_iter().flatten() {
                if link["templated"] != true {
                    into.push((link["href"].as_str().unwrap().into(), link["type"].as_str().unwrap().into()));
                }
            }
            members.values().for_each(|member| links(member, into));
        }
        _ => {}
    }
}

#[test]
fn all_that_the_landing_page_leads_to_is_there_and_of_the_type_it_promises() {
    let server = Server::seeded(&world());
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut open = vec![(format!("{}/ogc", server.address), "application/json".to_owned())];
    let media_type = |kind: &str| kind.replace("; charset=utf-8", "");
    for collection in collections() {
        let mut pages = server.get(&format!("/ogc/collections/{collection}/items")).json();
        for feature in pages["features"].as_array_mut().unwrap() {
            let id = feature["id"].as_str().unwrap().bytes().map(|b| format!("%{b:02X}")).collect::<String>();
            let item = format!("{}/ogc/collections/{collection}/items/{id}", server.address);
            open.push((item, "application/geo+json".into()));
        }
        open.push((
            format!("{}/ogc/collections/{collection}/items?limit=1", server.address),
            "application/geo+json".into(),
        ));
    }
    while let Some((href, kind)) = open.pop() {
        if let Some(earlier) = known.insert(href.clone(), kind.clone()) {
            assert_eq!(earlier, kind, "{href} has two types");
            continue;
        }
        let answer = server.get(path(&server, &json!(href)));
        assert_eq!((answer.status, media_type(answer.header("content-type"))), (200, kind.clone()), "{href}");
        // TileJSON and styles have no links of this kind.
        if !matches!(kind.as_str(), "application/json" | "application/geo+json") || href.ends_with(".json") {
            continue;
        }
        let mut further = Vec::new();
        links(&answer.json(), &mut further);
        assert!(further.iter().any(|(to, _)| *to == href), "{href} does not link to itself");
        open.extend(further);
    }
    assert!(known.len() > 50, "{}", known.len());
    assert!(known.contains_key(&format!("{}/ogc/collections/storms/items", server.address)));
}

#[test]
fn what_is_declared_is_listed_and_each_layer_is_a_collection_with_its_extent() {
    let server = Server::seeded(&world());
    let declared = server.get("/ogc/conformance").json()["conformsTo"].clone();
    let classes = |standard: &str, names: &str| -> Vec<String> {
        let class = |name| format!("http://www.opengis.net/spec/{standard}/1.0/conf/{name}");
        names.split(' ').map(class).collect()
    };
    let features = [
        classes("ogcapi-common-1", "core landing-page json html oas30"),
        classes("ogcapi-common-2", "collections json html"),
        classes("ogcapi-features-1", "core oas30 geojson html"),
        classes("ogcapi-features-2", "crs"),
        classes("ogcapi-features-3", "queryables filter features-filter"),
        classes("ogcapi-features-4", "create-replace-delete update optimistic-locking-etags features"),
        classes("cql2", "cql2-text cql2-json basic-cql2 advanced-comparison-operators case-insensitive-comparison"),
        classes("cql2", "basic-spatial-functions basic-spatial-functions-plus spatial-functions temporal-functions"),
        classes("cql2", "property-property arithmetic"),
        classes("ogcapi-tiles-1", "core tileset tilesets-list dataset-tilesets geodata-tilesets mvt oas30"),
    ];
    assert_eq!(declared, json!(features.concat()));
    let all = server.get("/ogc/collections").json()["collections"].clone();
    assert_eq!(ids(all.as_array().unwrap()), Layer::ALL.map(Layer::name));
    let by_id = |id: &str| all.as_array().unwrap().iter().find(|c| c["id"] == id).unwrap();
    for id in collections() {
        let mut alone = server.get(&format!("/ogc/collections/{id}")).json();
        // Alone it refers to no list beside it, and has links to itself in another encoding.
        alone["crs"] = by_id(id)["crs"].clone();
        assert_eq!(link(&alone, "self").unwrap()["href"], link(by_id(id), "self").unwrap()["href"]);
        alone["links"] = by_id(id)["links"].clone();
        assert_eq!(alone, *by_id(id));
        assert_eq!(by_id(id)["itemType"], "feature");
    }
    let bbox = |id: &str| by_id(id)["extent"]["spatial"]["bbox"].clone();
    assert_eq!(bbox("reports"), json!([[-179.99, 20.0148, 179.99, 66.0]]));
    assert_eq!((bbox("places"), bbox("incidents")), (bbox("reports"), bbox("reports")));
    assert_eq!(bbox("hotspots"), json!([[-179.99, 66.0, 179.99, 66.0]]));
    let interval = |id: &str| by_id(id)["extent"]["temporal"]["interval"].clone();
    let times = |start: &str, end: &str| json!([[start, end]]);
    assert_eq!(interval("reports"), times("2024-01-01T00:00:00Z", "2024-01-21T00:00:00Z"));
    assert_eq!(interval("storms"), times("2024-01-01T00:00:00Z", "2024-01-11T01:00:00Z"));
    assert_eq!((&by_id("storms")["extent"]["spatial"], interval("places")), (&Value::Null, Value::Null));
    // A report arrives: the extent follows.
    assert_eq!(server.post(&report(json!({"lon": 5.0, "lat": -33.0}))).status, 201);
    let reports = server.get("/ogc/collections/reports").json();
    assert_eq!(reports["extent"]["spatial"]["bbox"], json!([[-179.99, -33.0, 179.99, 66.0]]));
    let empty = Server::start().get("/ogc/collections").json();
    assert!(empty["collections"].as_array().unwrap().iter().all(|c| c.get("extent").is_none()));
}

#[test]
fn following_next_gives_every_feature_once_as_the_file_does() {
    let server = Server::seeded(&world());
    let mut features = 0;
    for collection in collections() {
        let file = server.features(&format!("/layers/{collection}.geojson"));
        features += file.len();
        for limit in [1, 2, 1_000] {
            assert_eq!(all_pages(&server, &format!("/ogc/collections/{collection}/items?limit={limit}")), file);
        }
    }
    assert!(features >= 21, "{features}");
}

/// Requirement: features-1/1.0/req/core/fc-bbox-response
#[test]
fn a_box_holds_what_lies_in_it_across_180_degrees_too_and_leaves_what_lies_nowhere() {
    let server = Server::seeded(&world());
    for (bbox, reports, hotspots) in [
        ("179,65,-179,67", 6, 2),
        ("179,65,180,67", 3, 1),
        ("-180,65,-179,67", 3, 1),
        ("-179,65,179,67", 0, 0),
        ("179.99,66,179.99,66", 3, 1),
        ("179.99,66,-100,179.99,66,100", 3, 1),
        ("110.3312,20.0148,110.3312,20.0148", 1, 0),
        ("110.3312001,20.0148,111,21", 0, 0),
        ("-180,-90,180,90", 7, 2),
    ] {
        let count = |collection: &str| found(&server, collection, &format!("bbox={bbox}")).len();
        assert_eq!((count("reports"), count("hotspots"), count("storms")), (reports, hotspots, 2), "{bbox}");
    }
}

/// Requirement: features-1/1.0/req/core/fc-time-response
#[test]
fn a_time_holds_what_lasted_into_it_and_leaves_what_has_none() {
    let server = Server::seeded(&world());
    for (datetime, reports, storms) in [
        ("2024-01-01T00:00:00Z", 3, 1),
        ("2024-01-01T08:00:00%2B08:00", 3, 1),
        ("2024-01-01T00:00:01Z", 0, 1),
        ("2024-01-11T00:00:00Z/2024-01-21T00:00:00Z", 4, 1),
        ("../2024-01-11T00:00:00Z", 5, 2),
        ("/2024-01-10T23:59:59Z", 3, 1),
        ("2024-01-11T00:00:00Z/..", 4, 1),
        ("2024-01-21T00:00:01Z/", 0, 0),
    ] {
        let count = |collection: &str| found(&server, collection, &format!("datetime={datetime}")).len();
        assert_eq!((count("reports"), count("storms"), count("places")), (reports, storms, 3), "{datetime}");
    }
    let both = found(&server, "reports", "datetime=2024-01-11T00:00:00Z/..&bbox=179,65,180,67&category=waterlogging");
    assert_eq!(both.into_iter().collect::<Vec<_>>(), ["west1", "west2"]);
    assert_eq!(found(&server, "hotspots", "status=candidate").len(), 0);
    assert_eq!(found(&server, "hotspots", "status=recurring&category=waterlogging").len(), 2);
}

/// Requirement: features-1/1.0/req/core/fc-limit-response-1
#[test]
fn a_page_is_as_large_as_asked_for_and_no_larger_than_the_largest() {
    let many = (0..10_050).map(|n| Event::Report(seen(&format!("r{n:05}"), n, 110.0, 20.0)));
    let server = Server::seeded(&many.collect::<Vec<_>>());
    let page = |query: &str| server.get(&format!("/ogc/collections/reports/items?{query}")).json();
    for (query, returned, first, more) in [
        ("", 1_000, "r00000", true),
        ("limit=20000", 10_000, "r00000", true),
        ("limit=99999999999999999999999999", 10_000, "r00000", true),
        ("limit=10&offset=10030", 10, "r10030", true),
        ("limit=10&offset=10040", 10, "r10040", false),
        ("offset=10049", 1, "r10049", false),
    ] {
        let page = page(query);
        assert_eq!((&page["numberMatched"], &page["numberReturned"]), (&json!(10_050), &json!(returned)), "{query}");
        assert_eq!((&page["features"][0]["id"], link(&page, "next").is_some()), (&json!(first), more), "{query}");
    }
    let beyond = page("offset=10050");
    assert_eq!((&beyond["numberReturned"], link(&beyond, "next")), (&json!(0), None));
    // The page after an offset begins where that one ended.
    let next = link(&page("offset=100&limit=3"), "next").unwrap()["href"].clone();
    assert_eq!(server.ids(path(&server, &next)), ["r00103", "r00104", "r00105"]);
}

#[test]
fn pages_stay_in_step_while_reports_arrive() {
    let server = Server::seeded(&world());
    let mut seen: Vec<String> = Vec::new();
    let mut next = Some("/ogc/collections/reports/items?limit=2".to_owned());
    let mut posted = 0;
    while let Some(at) = next {
        let page = server.get(&at).json();
        seen.extend(ids(page["features"].as_array().unwrap()).into_iter().map(str::to_owned));
        next = link(&page, "next").map(|link| path(&server, &link["href"]).to_owned());
        if posted < 3 {
            posted += 1;
            assert_eq!(server.post(&report(json!({"lon": 100.0 + f64::from(posted)}))).status, 201);
        }
    }
    assert_eq!(seen, server.ids("/layers/reports.geojson"));
    assert_eq!(seen.len(), 10);
}

#[test]
fn a_query_that_is_not_known_or_cannot_be_read_is_refused() {
    let server = Server::seeded(&world());
    for (below, part) in [
        (
            "collections/reports/items?colour=red",
            "known are bbox, datetime, category, status, bbox-crs, crs, filter, filter-lang",
        ),
        (
            "collections/storms/items?category=waterlogging",
            "known are bbox, datetime, gauge, bbox-crs, crs, filter, filter-lang, filter-crs",
        ),
        (
            "collections/places/items?status=reported",
            "known are bbox, datetime, bbox-crs, crs, filter, filter-lang, filter-crs, properties",
        ),
        ("collections/reports/items?position=3", "unknown query parameter"),
        ("collections/reports/items?sort=depth_cm", "unknown query parameter"),
        ("collections/reports/items?limit=0", "limit"),
        ("collections/reports/items?limit=-5", "limit"),
        ("collections/reports/items?limit=ten", "limit"),
        ("collections/reports/items?limit=", "limit"),
        ("collections/reports/items?limit=1&limit=2", "given twice"),
        ("collections/reports/items?offset=-1", "offset"),
        ("collections/reports/items?cursor=x", "follow the next link"),
        ("collections/reports/items?bbox=1,2,3", "found 3"),
        ("collections/reports/items?bbox=1,2,3,4,5", "found 5"),
        ("collections/reports/items?bbox=1,2,3,4,5,6,7", "found 7"),
        ("collections/reports/items?bbox=1,2,x,4", "not numbers"),
        ("collections/reports/items?datetime=yesterday", "datetime"),
        ("collections/hotspots/items?status=reported", "known for hotspots"),
        ("collections/reports/items/west0?limit=1", "known are crs, f"),
        ("collections?limit=1", "known are f"),
        ("conformance?f=", "names nothing; known here are json, html"),
        ("?format=json", "known are f"),
    ] {
        let told = server.get(&format!("/ogc/{below}")).problem(400);
        assert!(told.contains(part), "{below}: {told}");
    }
    for below in ["collections/reports?f=xml", "api?f=yaml", "collections/reports/items/west0?f=kml", "?f=csv"] {
        let told = server.get(&format!("/ogc/{below}")).problem(406);
        assert!(told.ends_with("this is not written so; known here are json, html"), "{below}: {told}");
    }
    assert!(server.get("/ogc/collections/roads").problem(404).contains("there are reports, incidents"));
    server.get("/ogc/collections/roads/items").problem(404);
    server.get("/ogc/collections/roads/items/1").problem(404);
    for collection in collections() {
        let told = server.get(&format!("/ogc/collections/{collection}/items/nobody")).problem(404);
        assert!(told.contains("no feature \"nobody\""), "{told}");
    }
    assert!(server.delete("/ogc/collections").problem(405).contains("DELETE"));
}

/// Requirement: features-1/1.0/req/core/f-success
#[test]
fn a_feature_is_as_on_its_page_and_links_to_itself_and_its_collection() {
    let mut events = world();
    let at = events.iter().filter_map(Event::at).max().unwrap();
    let near = |id: &str, north: f64| Event::Report(seen(id, 20 * DAY_S, 110.3312, 20.0148 + north));
    let id = |id: &str| id.to_owned();
    events.extend([
        near("m1", 0.001),
        near("m2", 0.002),
        Event::Merge(Merge { at, report: id("m1"), other: id("m2") }),
        near("gone", 0.01),
        Event::Act(Act { action: Action::Retract, at, report: id("gone") }),
    ]);
    let server = Server::seeded(&events);
    for collection in collections() {
        let items = format!("/ogc/collections/{collection}/items");
        for feature in server.features(&items) {
            let id = feature["id"].as_str().unwrap().bytes().map(|b| format!("%{b:02X}")).collect::<String>();
            let answer = server.get(&format!("{items}/{id}"));
            assert_eq!((answer.status, answer.header("content-type")), (200, "application/geo+json"));
            let mut one = answer.json();
            assert_eq!(path(&server, &link(&one, "self").unwrap()["href"]), format!("{items}/{id}"));
            let of = link(&one, "collection").unwrap();
            assert_eq!(
                (path(&server, &of["href"]), &of["type"]),
                (items.trim_end_matches("/items"), &json!("application/json"))
            );
            one.as_object_mut().unwrap().remove("links");
            assert_eq!(one, feature);
        }
    }
    let merged = server.get("/api/v1/reports/m2").json()["properties"]["incident_id"].clone();
    let opened = |id: &str| format!("/ogc/collections/incidents/items/{id}");
    let other = format!("i{}", merged.as_str().unwrap()[1..].parse::<u64>().unwrap() + 1);
    let led = server.get(&opened(&other));
    assert_eq!(
        (led.status, path(&server, &json!(led.header("location")))),
        (308, opened(merged.as_str().unwrap()).as_str())
    );
    server.get("/ogc/collections/reports/items/gone").problem(404);
}
