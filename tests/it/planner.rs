//! What a planner's page asks beside the layers: floods in a time, and the rule in force.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::layers::city;
use crate::program::{TREE, waterlog};
use crate::server::Server;
use crate::tiles::{decoded, sum};

const MARCH: (&str, &str) = ("2024-03-01T05:00:00Z", "2024-04-01T03:59:59Z");

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

/// Counts by weather, not found, with evidence and only reported, of the occasions that meet a time, from the hotspot's own list.
fn counted(server: &Server, id: &str, (from, to): (&str, &str)) -> Option<[u64; 8]> {
    let detail = server.get(&format!("/api/v1/hotspots/{id}")).json();
    let within = |o: &&Value| text(o, "start") <= to && from <= text(o, "end");
    let met: Vec<Value> = detail["occasions_list"].as_array().unwrap().iter().filter(within).cloned().collect();
    let count = |is: &dyn Fn(&Value) -> bool| met.iter().filter(|o| is(o)).count() as u64;
    let weather = ["storm", "small_rain", "none", "unknown"].map(|w| count(&|o| text(o, "weather") == w));
    let [storm, small, dry, unknown] = weather;
    let sure = ["not_found", "evidence"].map(|name| count(&|o| o[name] == true));
    let unchecked = count(&|o| o["not_found"] == false && o["evidence"] == false);
    (!met.is_empty()).then_some([met.len() as u64, storm, small, dry, unknown, sure[0], sure[1], unchecked])
}

#[test]
fn the_occasions_in_a_time_are_those_of_each_hotspots_own_list() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap(), "demo", "--no-serve"];
    waterlog(TREE.as_ref(), &arguments).expect_success();
    let server = Server::start_with(folder.path(), &["--clock", "2024-07-01T03:20:00Z"]);
    let ids = server.ids("/api/v1/hotspots?category=waterlogging&limit=10000");
    let names = ["", "_storm", "_small_rain", "_dry_weather", "_unknown", "_not_found", "_evidence", "_unchecked"];
    let asked = |query: &str| {
        let answer = server.get(&format!("/api/v1/occasions?category=waterlogging{query}")).json();
        let one = |h: &Value| names.map(|name| h[format!("occasions{name}")].as_u64().unwrap());
        let hotspots = answer["hotspots"].as_array().unwrap().iter();
        hotspots.map(|h| (text(h, "hotspot_id").to_owned(), one(h))).collect::<BTreeMap<_, _>>()
    };
    let expected: BTreeMap<_, _> =
        ids.iter().filter_map(|id| Some((id.clone(), counted(&server, id, MARCH)?))).collect();
    let (from, to) = MARCH;
    let march = asked(&format!("&datetime={from}/{to}"));
    assert_eq!(march, expected);
    assert!(march.len() > 100 && march.len() < ids.len());
    // Without a time they are the layer's own.
    let all = asked("");
    let features = server.features("/api/v1/hotspots?category=waterlogging&limit=10000");
    assert_eq!(all.len(), features.len());
    for feature in features {
        let of_layer = names.map(|name| feature["properties"][format!("occasions{name}")].as_u64().unwrap());
        assert_eq!(of_layer, all[text(&feature, "id")], "{}", feature["id"]);
    }
    // Of a view, too.
    let then = asked(&format!("&as_of={from}&datetime={from}/{to}"));
    assert!(then.len() < march.len());
    let refused = server.get("/api/v1/occasions?category=opinion").problem(400);
    assert!(refused.contains("not published"), "{refused}");
}

/// Does a hotspot belong in the answer to `weather=NAME`, by the counts it is published with?
fn in_weather(name: &str, p: &Value) -> bool {
    let count = |of: &str| p[format!("occasions{of}")].as_u64().unwrap();
    let (share, weather) = match name.split_once('_') {
        Some((share @ ("mostly" | "only" | "never"), weather)) => (share, weather),
        _ => ("some", name),
    };
    let n = count(if weather == "dry" { "_dry_weather".to_owned() } else { format!("_{weather}") }.as_str());
    match share {
        "mostly" => 2 * n > count(""),
        "only" => n == count(""),
        "never" => n == 0 && count("_unknown") == 0,
        _ => n > 0,
    }
}

#[test]
fn a_weather_asked_for_gives_the_same_hotspots_as_list_layer_tiles_items_and_occasions() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap(), "demo", "--no-serve"];
    waterlog(TREE.as_ref(), &arguments).expect_success();
    let server = Server::start_with(folder.path(), &["--clock", "2024-07-01T03:20:00Z"]);
    let all = server.features("/api/v1/hotspots?category=waterlogging&limit=10000");
    let sorted = |mut ids: Vec<String>| {
        ids.sort_unstable();
        ids
    };
    let mut sizes = Vec::new();
    for weather in ["storm", "small_rain", "dry"] {
        for share in ["", "mostly_", "only_", "never_"] {
            let name = format!("{share}{weather}");
            let query = format!("category=waterlogging&weather={name}");
            let taken = all.iter().filter(|f| in_weather(&name, &f["properties"]));
            let expected = sorted(taken.map(|f| text(f, "id").to_owned()).collect());
            assert_eq!(sorted(server.ids(&format!("/api/v1/hotspots?{query}&limit=10000"))), expected, "{name}");
            assert_eq!(sorted(server.ids(&format!("/layers/hotspots.geojson?{query}"))), expected, "{name}");
            assert_eq!(sorted(server.ids(&format!("/ogc/collections/hotspots/items?{query}"))), expected, "{name}");
            let counted = server.get(&format!("/api/v1/occasions?{query}")).json();
            let counted = counted["hotspots"].as_array().unwrap().iter().map(|h| text(h, "hotspot_id").to_owned());
            assert_eq!(sorted(counted.collect()), expected, "{name}");
            let drawn = decoded("hotspots", &server.get(&format!("/tiles/hotspots/0/0/0?{query}")));
            assert_eq!(sum(&drawn), expected.len() as u64, "{name}");
            sizes.push(expected.len());
        }
    }
    // Each of them tells some of the 211 apart.
    assert!(all.len() == 211 && sizes.iter().all(|&n| (1..211).contains(&n)), "{sizes:?}");
    // In a time, the floods of that time decide.
    let (from, to) = MARCH;
    let time = format!("category=waterlogging&datetime={from}/{to}");
    let march = |more: &str| server.get(&format!("/api/v1/occasions?{time}{more}")).json()["hotspots"].clone();
    let expected: Vec<Value> =
        march("").as_array().unwrap().iter().filter(|h| in_weather("only_storm", h)).cloned().collect();
    assert!(!expected.is_empty());
    assert_eq!(march("&weather=only_storm"), Value::from(expected));
}

#[test]
fn categories_have_their_names_and_the_rule_in_force_or_that_of_the_view() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(folder.path(), &["--set", "min_occasions=4", "--set", "lapse.manhole=60"]);
    let rule = |query: &str, category: &str| {
        let answer = server.get(&format!("/api/v1/categories{query}")).json();
        let all = answer["categories"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["category"] == category).unwrap()
    };
    let floods = rule("", "waterlogging");
    assert_eq!(
        (text(&floods, "en"), text(&floods, "zh"), &floods["alone"]),
        ("Waterlogging", "积水", &Value::Bool(false))
    );
    assert_eq!((&floods["parameters"]["min_occasions"], &floods["parameters"]["min_evidence"]), (&4.into(), &2.into()));
    assert_eq!(rule("", "manhole")["parameters"]["lapse"], 60);
    assert_eq!(rule("", "opinion")["alone"], true);
    assert_eq!(rule("?min_occasions=5", "waterlogging")["parameters"]["min_occasions"], 5);
    let plain = server.get("/api/v1/categories");
    let same = server.get_with("/api/v1/categories", &[("if-none-match", plain.header("etag"))]);
    assert_eq!(same.status, 304);
    assert_ne!(server.get("/api/v1/categories?min_occasions=5").header("etag"), plain.header("etag"));
}

#[test]
fn several_categories_statuses_and_weathers_are_taken_alike_wherever_a_layer_is_read() {
    let events = city();
    let server = Server::seeded(&events);
    for (layer, one, other) in [
        ("reports", "status=resolved", "status=dismissed"),
        ("reports", "category=waterlogging", "category=manhole"),
        ("incidents", "status=reported", "status=resolved"),
        ("incidents", "weather=storm", "weather=unknown"),
        ("hotspots", "status=confirmed", "status=candidate"),
        ("hotspots", "weather=storm", "weather=never_storm"),
    ] {
        let ids = |address: &str, query: &str| {
            let mut ids = server.ids(&format!("{address}?{query}"));
            ids.sort();
            ids
        };
        let file = format!("/layers/{layer}.geojson");
        let mut expected = [ids(&file, one), ids(&file, other)].concat();
        expected.sort();
        assert!(!ids(&file, one).is_empty(), "{layer} {one}");
        let value = other.split_once('=').unwrap().1;
        for (address, comma) in [
            (file, ","),
            (format!("/api/v1/{layer}"), ","),
            (format!("/api/v1/{layer}"), "%2C"),
            (format!("/ogc/collections/{layer}/items"), ","),
        ] {
            assert_eq!(ids(&address, &format!("{one}{comma}{value}")), expected, "{address} {one} {value}");
        }
    }
}
