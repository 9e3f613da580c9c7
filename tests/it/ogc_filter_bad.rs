//! Filters that are wrong, or meant to hurt: refused with what is expected and where, and the service goes on.

use std::time::Instant;

use serde_json::json;

use crate::ogc_filter::{encoded, golden};
use crate::server::Server;

/// Requirement: features-3/1.0/req/filter/filter-param
/// Requirement: features-3/1.0/req/filter/filter-lang-param
/// Requirement: features-3/1.0/req/filter/filter-crs-param
/// Requirement: features-3/1.0/req/queryables/expression-construction
/// Requirement: features-3/1.0/req/features-filter/response
#[test]
fn a_wrong_filter_is_refused_by_name_value_reason_and_place() {
    let server = Server::seeded(&golden());
    for (query, field, value, part) in [
        ("filter=depth_cm+%3E+'deep'", "filter", "depth_cm > 'deep'", "character 12: expected a number, found a text"),
        (
            "filter=colour=1",
            "filter",
            "colour=1",
            "character 1: there is no property \"colour\"; there are id, category",
        ),
        ("filter=", "filter", "", "character 1: expected a property"),
        (
            "filter=depth_cm=1&filter-lang=cql2-json",
            "filter",
            "depth_cm=1",
            "not JSON: expected value at line 1 column 1",
        ),
        ("filter=dry=true&filter-lang=cql-text", "filter-lang", "cql-text", "known are cql2-text, cql2-json"),
        ("filter=dry=true&filter-lang=", "filter-lang", "", "unknown"),
        ("filter-crs=EPSG:4326", "filter-crs", "EPSG:4326", "not the URI of a system of coordinates that is known"),
        ("filter=dry=true&filter=dry=false", "filter", "dry=false", "given twice"),
        ("FILTER=dry=true", "FILTER", "dry=true", "unknown query parameter; known are bbox"),
    ] {
        let answer = server.get(&format!("/ogc/collections/reports/items?{query}"));
        let told = answer.problem(400);
        let problem = answer.json();
        assert_eq!((&problem["field"], &problem["value"]), (&json!(field), &json!(value)), "{query}");
        assert!(told.contains(part) && problem["reason"].as_str().unwrap().contains(part), "{query}: {told}");
    }
    assert!(server.get("/api/v1/reports?filter=dry=true").problem(400).contains("unknown query parameter"));
    let crs = encoded("http://www.opengis.net/def/crs/OGC/1.3/CRS84");
    let asked = format!("/ogc/collections/reports/items?filter=dry=true&filter-crs={crs}&filter-lang=cql2-text");
    assert_eq!(server.get(&asked).json()["numberMatched"], 11);
}

#[test]
fn what_is_meant_to_hurt_is_refused_at_once_and_the_service_goes_on() {
    let server = Server::seeded(&golden());
    let many = |what: &str, n: usize| what.repeat(n);
    let point = |n: usize| format!("{}.{} {}", n % 180, n, n % 90);
    let ring = (0..3_000).map(point).collect::<Vec<_>>().join(",");
    let bombs = [
        ("cql2-text", many("(", 10_000)),
        ("cql2-text", format!("{}dry=true{}", many("(", 1_500), many(")", 1_500))),
        ("cql2-text", format!("dry=true{}", many(" OR dry=true", 1_500))),
        ("cql2-text", format!("dry=true{}", many(" OR dry=true", 300))),
        ("cql2-text", many("NOT ", 1_000)),
        ("cql2-text", format!("depth_cm = {}1", many("-", 4_000))),
        ("cql2-text", format!("channel = '{}", many("'", 4_000))),
        ("cql2-text", format!("id IN ({}'a')", many("'a',", 900))),
        ("cql2-text", "S_INTERSECTS(geometry, POINT(1e999 0))".into()),
        ("cql2-text", "depth_cm > NaN".into()),
        ("cql2-text", "depth_cm > Infinity".into()),
        ("cql2-text", "S_INTERSECTS(geometry, POINT(0 0 0 0 0))".into()),
        ("cql2-text", "S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1)))".into()),
        ("cql2-text", "S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))".into()),
        ("cql2-text", "S_INTERSECTS(geometry, BBOX(-1e308,-1e308,1e308,1e308))".into()),
        ("cql2-text", "\u{0}".into()),
        ("cql2-json", many("[", 10_000)),
        ("cql2-json", many("{\"op\":\"not\",\"args\":[", 17) + "true" + &many("]}", 17)),
        ("cql2-json", "{\"op\":\"and\",\"args\":[".to_owned() + &many("true,", 500) + "true]}"),
        ("cql2-json", "{\"op\":\"=\",\"args\":[{\"property\":\"depth_cm\"},1e999]}".into()),
        ("cql2-json", "{\"op\":\"s_within\",\"args\":[{\"property\":\"geometry\"},{\"type\":\"Point\",\"coordinates\":[null,1]}]}".into()),
    ];
    for (lang, bomb) in &bombs {
        let start = Instant::now();
        let at = format!("/ogc/collections/reports/items?filter-lang={lang}&filter={}", encoded(bomb));
        let short: String = bomb.chars().take(60).collect();
        assert!(!server.get(&at).problem(400).is_empty(), "{short}");
        assert!(start.elapsed().as_millis() < 2_000, "{short}: {:?}", start.elapsed());
    }
    let far = format!("/ogc/collections/reports/items?filter=S_WITHIN(geometry,POLYGON(({ring})))").replace(' ', "%20");
    assert!(server.get(&far).problem(400).contains("at most 4096 are read"));
    // What is let through, and takes as long as can be: patterns, and a polygon with a hole and many corners.
    let pattern = format!("channel LIKE '{}b'", many("%a", 1_900));
    let corner = |n: i32| format!("{:.3} {:.3}", 0.5 + (f64::from(n) / 25.0).cos(), 50.5 + (f64::from(n) / 25.0).sin());
    let corners = (0..157).map(corner).chain([corner(0)]).collect::<Vec<_>>().join(",");
    let polygon = format!("S_WITHIN(geometry, POLYGON(({corners}),(0.4 50.4,0.4 50.6,0.6 50.6,0.6 50.4,0.4 50.4)))");
    for (filter, expected) in [(pattern, 0..1), (polygon, 20..60)] {
        let page = server.get(&format!("/ogc/collections/reports/items?filter={}", encoded(&filter))).json();
        let matched = page["numberMatched"].as_u64().unwrap();
        assert!(expected.contains(&matched), "{matched}");
    }
}
