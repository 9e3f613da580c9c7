//! OGC API - Features, Part 2: Coordinate Reference Systems by Reference (OGC 18-058r1), over HTTP.

use serde_json::{Value, json};
use waterlog::hazard::event::Event;

use crate::layers::seen;
use crate::ogc::{collections, world};
use crate::ogc_filter::encoded;
use crate::server::Server;

pub const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

pub fn epsg(code: u32) -> String {
    format!("http://www.opengis.net/def/crs/EPSG/0/{code}")
}

fn uris(codes: &[u32]) -> Vec<String> {
    codes.iter().map(|&code| epsg(code)).collect()
}

/// A corner of Haikou that flooded three times, and one across the river.
pub fn city() -> Server {
    let spots =
        [("a", 110.3312, 20.0148), ("b", 110.3312, 20.0148), ("c", 110.3312, 20.0148), ("d", 110.3588, 20.0611)];
    let events = spots.iter().zip(0..).map(|(&(id, lon, lat), n)| Event::Report(seen(id, n * 10 * 86_400, lon, lat)));
    Server::seeded(&events.collect::<Vec<_>>())
}

fn first(page: &Value) -> [f64; 2] {
    let coordinates = &page["features"][0]["geometry"]["coordinates"];
    [0, 1].map(|axis| coordinates[axis].as_f64().unwrap_or_else(|| panic!("{page}")))
}

#[test]
fn a_collection_lists_the_systems_of_the_world_and_of_the_place_it_lies_at() {
    let server = city();
    let everywhere = [vec![CRS84.to_owned()], uris(&[4_326, 3_857])].concat();
    let here = uris(&[32_649, 4_490, 4_525, 4_546]);
    let all = server.get("/ogc/collections").json();
    assert_eq!(all["crs"], json!(everywhere));
    for (collection, id) in all["collections"].as_array().unwrap().iter().zip(collections()) {
        let alone = server.get(&format!("/ogc/collections/{id}")).json();
        let local = if alone.get("extent").is_some_and(|e| e.get("spatial").is_some()) { &here[..] } else { &[] };
        assert_eq!(collection["crs"], json!([&["#/crs".to_owned()], local].concat()), "{id}");
        assert_eq!(alone["crs"], json!([&everywhere, local].concat()), "{id}");
        assert_eq!((&collection["storageCrs"], &alone["storageCrs"]), (&json!(CRS84), &json!(CRS84)));
    }
    // What lies all around the world fits in no zone.
    let around = Server::seeded(&world()).get("/ogc/collections/reports").json();
    assert_eq!(around["crs"], json!(everywhere));
}

/// Requirement: features-2/1.0/req/crs/fc-crs-action
#[test]
fn coordinates_come_in_the_system_asked_for_its_axes_in_their_order() {
    let server = city();
    // By cs2cs of PROJ 9.1.1.
    for (crs, expected, off) in [
        (CRS84.to_owned(), [110.3312, 20.0148], 0.0),
        (epsg(4_326), [20.0148, 110.3312], 0.0),
        (epsg(4_490), [20.0148, 110.3312], 0.0),
        (epsg(3_857), [12_282_013.002_6, 2_274_784.272_6], 0.001),
        (epsg(32_649), [430_045.339_9, 2_213_258.821_4], 0.001),
        (epsg(4_546), [2_214_144.479_1, 430_017.346_9], 0.001),
        (epsg(4_525), [2_214_144.479_1, 37_430_017.346_9], 0.001),
    ] {
        let answer = server.get(&format!("/ogc/collections/reports/items?crs={crs}&limit=1"));
        assert_eq!((answer.status, answer.header("content-crs")), (200, format!("<{crs}>").as_str()));
        let given = first(&answer.json());
        assert!((0..2).all(|axis| (given[axis] - expected[axis]).abs() <= off), "{crs}: {given:?}");
        let one = server.get(&format!("/ogc/collections/reports/items/a?crs={crs}"));
        assert_eq!((one.status, one.header("content-crs")), (200, format!("<{crs}>").as_str()));
        assert_eq!(one.json()["geometry"]["coordinates"], json!(given));
        // The next page is in the same system.
        let next =
            answer.json()["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next").unwrap().clone();
        let next = server.get(crate::ogc::path(&server, &next["href"]));
        assert_eq!(next.header("content-crs"), format!("<{crs}>"));
    }
    for at in ["items", "items/a"] {
        let plain = server.get(&format!("/ogc/collections/reports/{at}"));
        assert_eq!(plain.header("content-crs"), format!("<{CRS84}>"));
    }
    // Areas and lines are written in it to their last ring.
    let cell = server.get(&format!("/ogc/collections/coverage/items?crs={}", epsg(32_649))).json();
    let ring = cell["features"][0]["geometry"]["coordinates"][0].as_array().unwrap().clone();
    assert!(ring.len() > 6 && ring.iter().all(|at| at[0].as_f64().unwrap() > 400_000.0), "{ring:?}");
}

/// Requirement: features-2/1.0/req/crs/fc-bbox-crs-action
#[test]
fn a_box_is_taken_in_the_system_it_names() {
    let server = city();
    for (crs, at) in [
        (CRS84.to_owned(), [110.3312, 20.0148]),
        (epsg(4_326), [20.0148, 110.3312]),
        (epsg(4_490), [20.0148, 110.3312]),
        (epsg(3_857), [12_282_013.003, 2_274_784.273]),
        (epsg(32_649), [430_045.340, 2_213_258.821]),
        (epsg(4_546), [2_214_144.479, 430_017.347]),
        (epsg(4_525), [2_214_144.479, 37_430_017.347]),
    ] {
        let found = |by: f64| {
            let bbox = format!("{},{},{},{}", at[0] - by, at[1] - by, at[0] + by, at[1] + by);
            ["reports", "hotspots", "coverage"].map(|collection| {
                let page = format!("/ogc/collections/{collection}/items?bbox={bbox}&bbox-crs={crs}");
                server.features(&page).len()
            })
        };
        let far = if at[0] < 200.0 { 0.1 } else { 10_000.0 };
        // The hotspot lies in the middle of its cell, not where the reports are.
        assert_eq!([found(0.0), found(far)], [[3, 0, 1], [4, 1, 2]], "{crs}");
        let above = format!("{},{},{},{}", at[0] + 0.01, at[1], at[0] + far, at[1] + far);
        let page = format!("/ogc/collections/reports/items?bbox={above}&bbox-crs={crs}&crs={}", epsg(3_857));
        assert_eq!(server.ids(&page), ["d"], "{crs}");
    }
}

#[test]
fn a_system_that_the_collection_does_not_list_is_refused() {
    let server = city();
    for (query, part) in [
        (format!("crs={}", epsg(32_650)), "reports are not there; known here are http://www.opengis.net/def/crs/OGC"),
        (format!("bbox=1,2,3,4&bbox-crs={}", epsg(4_549)), "known here are"),
        ("crs=http://www.opengis.net/def/crs/0/unsupported".into(), "not the URI of a system"),
        ("bbox-crs=EPSG:4326&bbox=1,2,3,4".into(), "not the URI of a system"),
        ("crs=".into(), "not the URI of a system"),
        (format!("bbox=5,1,2,3&bbox-crs={}", epsg(32_649)), "first coordinate"),
        (format!("bbox=1,2,3&bbox-crs={}", epsg(32_649)), "found 3"),
    ] {
        let told = server.get(&format!("/ogc/collections/reports/items?{query}")).problem(400);
        assert!(told.contains(part), "{query}: {told}");
    }
    let told = server.get(&format!("/ogc/collections/reports/items/a?crs={}", epsg(32_601))).problem(400);
    assert!(told.starts_with("crs: reports are not there"), "{told}");
    server.get(&format!("/ogc/collections/places/items?crs={}", epsg(32_649))).problem(400);
}

/// Requirement: features-3/1.0/req/filter/filter-crs-param
/// Requirement: features-3/1.0/req/filter/filter-crs-wgs84
/// Requirement: features-3/1.0/req/features-filter/filter-crs-param
#[test]
fn the_geometries_of_a_filter_are_taken_in_the_system_it_names() {
    let server = city();
    let found = |crs: &str, filter: &str, lang: &str| {
        let (crs, filter) = (encoded(crs), encoded(filter));
        let asked = format!("/ogc/collections/reports/items?filter={filter}&filter-lang={lang}&filter-crs={crs}");
        let answer = server.get(&asked);
        assert_eq!(answer.status, 200, "{asked}: {}", answer.text());
        answer.json()["numberMatched"].as_u64().unwrap()
    };
    let listed = server.get("/ogc/collections/reports").json()["crs"].clone();
    let listed: Vec<String> = listed.as_array().unwrap().iter().map(|crs| crs.as_str().unwrap().to_owned()).collect();
    assert!(listed.len() > 6, "{listed:?}");
    for crs in &listed {
        // The corner, with a little around it, as the service itself says where it lies there.
        let at = first(&server.get(&format!("/ogc/collections/reports/items?limit=1&crs={crs}")).json());
        let little = if at[0].abs() > 180.0 || at[1].abs() > 180.0 { 20.0 } else { 0.0002 };
        let [x, y] = at.map(|v| [v - little, v + little]);
        let text = format!("S_INTERSECTS(geometry, BBOX({}, {}, {}, {}))", x[0], y[0], x[1], y[1]);
        assert_eq!(found(crs, &text, "cql2-text"), 3, "{crs}: {text}");
        let ring = [[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]], [x[0], y[0]]];
        let shape = json!({"type": "Polygon", "coordinates": [ring]});
        let within = json!({"op": "s_within", "args": [{"property": "geometry"}, shape]}).to_string();
        assert_eq!(found(crs, &within, "cql2-json"), 3, "{crs}");
        let elsewhere =
            format!("S_INTERSECTS(geometry, BBOX({}, {}, {}, {}))", x[1], y[1], x[1] + little, y[1] + little);
        assert_eq!(found(crs, &elsewhere, "cql2-text"), 0, "{crs}: {elsewhere}");
    }
    assert_eq!(
        found("http://www.opengis.net/def/crs/OGC/0/CRS84h", "S_INTERSECTS(geometry, POINT Z (1 2 3))", "cql2-text"),
        0
    );
    let bad = |crs: &str, filter: &str| {
        let asked = format!("/ogc/collections/reports/items?filter={}&filter-crs={}", encoded(filter), encoded(crs));
        server.get(&asked).problem(400)
    };
    assert!(bad(&epsg(32_650), "dry = true").contains("known here are"), "no zone of this place");
    let north = bad(&epsg(4_326), "S_INTERSECTS(geometry, POINT(110.3 20.0))");
    assert!(north.contains("first axis is the northing or latitude"), "{north}");
    let far = bad(&epsg(32_649), "S_INTERSECTS(geometry, POINT(1e9 1e9))");
    assert!(far.contains("no position of"), "{far}");
}
