//! Filters in CQL2 at `/ogc`: each against an evaluation by hand of the same features, as they are published.

use serde_json::Value;
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Area, AreaLevel, Event, Passability, Report, Street, Works};
use waterlog::hazard::position::Position;

use crate::layers::{city, seen};
use crate::ogc::{link, path};
use crate::server::Server;

const HOUR: i64 = 3_600;

fn at(lon: f64, lat: f64) -> Position {
    Position::new(lon, lat).unwrap()
}

/// The city of the layers' tests, with streets, works, areas, and sixty reports on a grid north of it and across 180°.
pub fn golden() -> Vec<Event> {
    let square = |west: f64, south: f64, side: f64| {
        let corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)];
        corners.map(|(x, y)| at(west + x, south + y)).to_vec()
    };
    let area = |id: &str, parent: Option<&str>, level, west| Area {
        id: id.into(),
        name: parent.map(|_| format!("Area {id}")),
        level,
        parent: parent.map(str::to_owned),
        polygons: vec![vec![square(west, 40.7, 0.1), square(west + 0.01, 40.71, 0.01)]],
    };
    let street = |id: &str, name: &str, lat: f64| Street {
        id: id.into(),
        name: name.into(),
        line: vec![at(-73.95, lat), at(-73.85, lat + 0.01)],
    };
    let works = |id: &str, line: Vec<Position>, end| Works {
        id: id.into(),
        name: None,
        kind: Some("drain".into()),
        reference: None,
        line,
        start: crate::layers::T0,
        end,
    };
    let mut events = city();
    events.extend([
        Event::Areas(vec![
            area("north", None, AreaLevel::District, -73.95),
            area("grid", Some("north"), AreaLevel::Grid, -73.94),
        ]),
        Event::Streets(vec![street("s1", "19 Av", 40.76), street("s2", "Straße des 17. Juni", 40.78)]),
        Event::Works(vec![
            works("w1", vec![at(-73.9, 40.77)], Some(crate::layers::T0 + 30 * HOUR)),
            works("w2", vec![at(-73.9, 40.77), at(-73.89, 40.78)], None),
        ]),
    ]);
    events.extend((0..60).map(|n| Event::Report(varied(n))));
    events
}

/// Reports that differ in all that is published of them; many have no depth, passability or channel.
fn varied(n: i64) -> Report {
    let categories = ["waterlogging", "manhole", "blocked_drain", "obstruction"];
    let (x, y) = ((n % 8) as f64, (n / 8) as f64);
    let (lon, lat) =
        if n % 10 == 9 { (if n % 20 == 9 { 179.999 } else { -179.999 }, y) } else { (x / 8.0, 50.0 + y / 8.0) };
    Report {
        category: Category::named(categories[(n % 4) as usize]).unwrap(),
        depth_cm: (n % 3 != 0).then_some((n * 7 % 60) as u16),
        passability: (n % 5 != 0).then(|| Passability::ALL[(n % 4) as usize]),
        dry: n % 6 == 0,
        accuracy_m: (n % 2 == 0).then_some((n % 25) as u16),
        channel: ["app", "APP", "Straße", "50%_off", ""]
            .get((n % 7) as usize)
            .filter(|c| !c.is_empty())
            .map(|c| (*c).into()),
        ..seen(&format!("v{n:02}"), n * 5 * HOUR + n, lon, lat)
    }
}

pub fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// All features of a collection.
pub fn everything(server: &Server, collection: &str) -> Vec<Value> {
    server.features(&format!("/ogc/collections/{collection}/items"))
}

/// The ids that a filter finds, which must be as many as it says.
pub fn found(server: &Server, collection: &str, filter: &str, lang: &str) -> Vec<String> {
    let at = format!("/ogc/collections/{collection}/items?filter-lang={lang}&filter={}", encoded(filter));
    let answer = server.get(&at);
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
    let page = answer.json();
    let ids = page["features"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned());
    let ids: Vec<String> = ids.collect();
    assert_eq!(page["numberMatched"], ids.len(), "{filter}");
    ids
}

pub fn text<'f>(feature: &'f Value, name: &str) -> Option<&'f str> {
    feature["properties"][name].as_str()
}

pub fn number(feature: &Value, name: &str) -> Option<f64> {
    feature["properties"][name].as_f64()
}

/// Times of whole seconds in UTC sort as their texts do.
pub fn time<'f>(feature: &'f Value, name: &str) -> Option<&'f str> {
    text(feature, name)
}

pub fn position(feature: &Value) -> (f64, f64) {
    let at = &feature["geometry"]["coordinates"];
    (at[0].as_f64().unwrap(), at[1].as_f64().unwrap())
}

/// Requirement: cql2/1.0/req/spatial-functions/spatial-functions
/// Requirement: cql2/1.0/req/basic-spatial-functions/spatial-predicate
/// Requirement: cql2/1.0/req/basic-spatial-functions-plus/spatial-data-types
#[test]
fn lines_areas_and_what_has_no_place_are_related_as_simple_features_are() {
    let server = Server::seeded(&golden());
    for (collection, filter, expected) in [
        ("streets", "S_INTERSECTS(geometry, BBOX(-73.95,40.75,-73.9,40.77))", "s1"),
        ("streets", "S_CROSSES(geometry, BBOX(-73.92,40.7,-73.9,40.8))", "s1 s2"),
        ("streets", "S_CROSSES(geometry, LINESTRING(-73.9 40.7, -73.9 40.77))", "s1"),
        ("streets", "S_WITHIN(geometry, BBOX(-74,40.75,-73,40.775))", "s1"),
        ("streets", "S_CONTAINS(geometry, POINT(-73.95 40.76))", ""),
        ("streets", "S_TOUCHES(geometry, POINT(-73.95 40.76))", "s1"),
        ("streets", "S_EQUALS(geometry, LINESTRING(-73.85 40.77, -73.95 40.76))", "s1"),
        ("streets", "S_DISJOINT(LINESTRING(-73.85 40.77, -73.95 40.76), geometry)", "s2"),
        ("streets", "CASEI(name) LIKE CASEI('strasse%')", "s2"),
        ("works", "S_TOUCHES(geometry, LINESTRING(-73.9 40.77, -73.9 40.7))", "w1 w2"),
        ("works", "S_EQUALS(geometry, POINT(-73.9 40.77))", "w1"),
        ("works", "end IS NULL AND kind = 'drain'", "w2"),
        ("works", "T_FINISHEDBY(INTERVAL(start, end), INTERVAL('2024-01-02T05:00:00Z','2024-01-02T06:00:00Z'))", "w1"),
        ("areas", "S_CONTAINS(geometry, POINT(-73.925 40.75))", "grid north"),
        ("areas", "S_INTERSECTS(geometry, POINT(-73.935 40.715))", "grid"),
        ("areas", "S_OVERLAPS(geometry, BBOX(-73.96,40.6,-73.945,40.8))", "north"),
        ("areas", "S_INTERSECTS(geometry, geometry) AND level = 'grid' AND parent_id = 'north'", "grid"),
        ("storms", "geometry IS NULL AND depth_mm >= 5", "20240111T000000Z"),
        ("storms", "S_INTERSECTS(geometry, BBOX(-180,-90,180,90))", ""),
        ("storms", "NOT S_INTERSECTS(geometry, BBOX(-180,-90,180,90))", ""),
        ("storms", "INCIDENTS = 1 OR TRUE", "!character 1: there is no property \"INCIDENTS\""),
        (
            "coverage",
            "reporters = 2 AND resolution = 9 AND S_INTERSECTS(geometry, POINT(-73.9 40.77))",
            "892a100f02fffff",
        ),
        ("hotspots", "occasions >= 3 AND status = 'confirmed' AND name LIKE 'Dock%'", "waterlogging:p1"),
        ("hotspots", "depth_cm_median = 25 AND depth_cm_max > depth_cm_median", "waterlogging:p1"),
        ("incidents", "weather = 'small_rain' AND evidence = TRUE", "i10"),
        ("incidents", "time_to_close_s BETWEEN 7200 AND 7200", "i4"),
        ("places", "name <> id", "p1"),
    ] {
        let Some(part) = expected.strip_prefix('!') else {
            let mut ids = found(&server, collection, filter, "cql2-text");
            ids.sort();
            assert_eq!(ids.join(" "), expected, "{collection}: {filter}");
            continue;
        };
        let told = server.get(&format!("/ogc/collections/{collection}/items?filter={}", encoded(filter))).problem(400);
        assert!(told.contains(part), "{told}");
    }
}

/// Requirement: features-3/1.0/req/filter/mixing-expressions
/// Requirement: features-3/1.0/req/filter/response
/// Requirement: features-3/1.0/req/features-filter/response
#[test]
fn a_filter_holds_beside_all_else_that_is_asked_and_stays_on_the_next_page() {
    let server = Server::seeded(&golden());
    let all = everything(&server, "reports");
    let filter = "depth_cm >= 10 AND S_INTERSECTS(geometry, BBOX(0,50,0.9,51))";
    let wanted = |f: &&Value| {
        let (lon, lat) = position(f);
        number(f, "depth_cm") >= Some(10.0) && (0.0..=0.9).contains(&lon) && (50.0..=51.0).contains(&lat)
    };
    let ids = |features: &mut dyn Iterator<Item = &Value>| -> Vec<String> {
        features.map(|f| f["id"].as_str().unwrap().to_owned()).collect()
    };
    let expected = ids(&mut all.iter().filter(wanted));
    let (mut next, mut read) =
        (format!("/ogc/collections/reports/items?limit=4&filter={}", encoded(filter)), Vec::new());
    loop {
        let page = server.get(&next).json();
        assert_eq!(page["numberMatched"], expected.len());
        read.extend(ids(&mut page["features"].as_array().unwrap().iter()));
        let Some(link) = link(&page, "next") else { break };
        next = path(&server, &link["href"]).to_owned();
        assert!(next.contains("filter="), "{next}");
    }
    assert!(read == expected && read.len() > 8, "{read:?}");
    // With a box that is smaller, and one that is larger, than the filter's.
    for bbox in ["0.25,50.25,0.5,50.5", "0.25,-10,179,90"] {
        let sides: Vec<f64> = bbox.split(',').map(|n| n.parse().unwrap()).collect();
        let query = format!("bbox={bbox}&category=waterlogging,blocked_drain&datetime=2024-01-02T00:00:00Z/..");
        let at = format!("/ogc/collections/reports/items?{query}&filter={}", encoded(filter));
        let both = all.iter().filter(wanted).filter(|f| {
            let (lon, lat) = position(f);
            (sides[0]..=sides[2]).contains(&lon)
                && (sides[1]..=sides[3]).contains(&lat)
                && matches!(text(f, "category"), Some("waterlogging" | "blocked_drain"))
                && time(f, "observed_at") >= Some("2024-01-02")
        });
        let both = ids(&mut both.into_iter());
        assert!(server.ids(&at) == both && !both.is_empty(), "{bbox}: {both:?}");
    }
}
