//! Areas: a file to import, a layer, and which of them an incident belongs to.

use std::fs;

use serde_json::{Value, json};
use waterlog::hazard::event::{Area, AreaLevel, Event};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;

use crate::layers::seen;
use crate::program::{TREE, shared, waterlog};
use crate::server::Server;

/// A box as a ring: west, south, east, north.
fn ring([west, south, east, north]: [f64; 4]) -> [(f64, f64); 5] {
    [(west, south), (east, south), (east, north), (west, north), (west, south)]
}

pub fn area(id: &str, level: AreaLevel, parent: Option<&str>, of: [f64; 4]) -> Area {
    let positions = ring(of).map(|(lon, lat)| Position::new(lon, lat).unwrap());
    let name = Some(format!("{id} of the town"));
    let (id, parent) = (id.to_owned(), parent.map(str::to_owned));
    Area { id, level, parent, name, polygons: vec![vec![positions.to_vec()]] }
}

/// A city in two districts; the west one has two grids, north and south.
pub fn town() -> Vec<Area> {
    vec![
        area("town", AreaLevel::City, None, [110.0, 20.0, 110.04, 20.02]),
        area("west", AreaLevel::District, Some("town"), [110.0, 20.0, 110.02, 20.02]),
        area("east", AreaLevel::District, Some("town"), [110.02, 20.0, 110.04, 20.02]),
        area("g1", AreaLevel::Grid, Some("west"), [110.0, 20.0, 110.02, 20.01]),
        area("g2", AreaLevel::Grid, Some("west"), [110.0, 20.01, 110.02, 20.02]),
    ]
}

/// One incident in each grid, one on their border, one in the east, one just outside and one far away.
fn reports() -> Vec<Event> {
    let spots =
        [(110.01, 20.005), (110.01, 20.015), (110.01, 20.01), (110.03, 20.01), (109.999, 20.005), (111.0, 20.0)];
    let report = |(n, &(lon, lat)): (usize, &(f64, f64))| Event::Report(seen(&format!("r{n}"), 0, lon, lat));
    spots.iter().enumerate().map(report).collect()
}

fn feature(area: &Area) -> Value {
    let rings: Vec<Vec<[f64; 2]>> =
        area.polygons[0].iter().map(|ring| ring.iter().map(|at| [at.lon(), at.lat()]).collect()).collect();
    let properties = json!({"id": area.id, "level": area.level, "parent": area.parent, "name": area.name});
    json!({"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": rings}})
}

fn file(features: &[Value]) -> String {
    let lines: Vec<_> = features.iter().map(ToString::to_string).collect();
    format!("{{\"type\": \"FeatureCollection\", \"features\": [\n{}\n]}}", lines.join(",\n"))
}

#[test]
fn areas_are_a_layer_and_an_incident_belongs_to_the_finest_one_even_on_a_border_or_just_outside() {
    let mut events = reports();
    events.push(Event::Areas(town()));
    let server = Server::seeded(&events);
    let all = server.features("/layers/areas.geojson");
    let ids: Vec<_> = all.iter().map(|f| f["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["east", "g1", "g2", "town", "west"]);
    assert_eq!(all[1]["properties"], json!({"name": "g1 of the town", "level": "grid", "parent_id": "west"}));
    assert_eq!(all[1]["geometry"], feature(&town()[3])["geometry"]);
    let of = |query: &str| -> Vec<String> {
        let features = server.features(&format!("/api/v1/incidents{query}"));
        features.iter().map(|f| f["properties"]["area_id"].as_str().unwrap_or("-").to_owned()).collect()
    };
    assert_eq!(of(""), ["g1", "g2", "g1", "east", "g1", "-"]);
    assert_eq!(of("?area=west"), ["g1", "g2", "g1", "g1"]);
    assert_eq!(of("?area=g2,east"), ["g2", "east"]);
    assert_eq!(of("?area=town&limit=2"), ["g1", "g2"]);
    assert_eq!(of("?area=nowhere"), [""; 0]);
    assert_eq!(server.get("/api/v1/incidents/i2").json()["properties"]["area_id"], "g2");
    // A box inside an area, one across a border, one outside.
    let in_box = |bbox: &str| server.ids(&format!("/api/v1/areas?bbox={bbox}"));
    assert_eq!(in_box("110.005,20.001,110.006,20.002"), ["g1", "town", "west"]);
    assert_eq!(in_box("110.019,20.005,110.021,20.006"), ["east", "g1", "town", "west"]);
    assert_eq!(in_box("109.9,20.0,109.95,20.01"), [""; 0]);
    assert_eq!(server.get("/ogc/collections/areas/items/g2").json()["properties"]["parent_id"], "west");
    let refused = server.get("/api/v1/hotspots?area=west");
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("area")));
}

#[test]
fn a_file_of_areas_is_taken_whole_and_stands_in_the_place_of_those_before() {
    let folder = tempfile::tempdir().unwrap();
    let import = |name: &str| waterlog(folder.path(), &["--data", "city", "import", "--areas", name]);
    let write = |name: &str, areas: &[Area]| {
        fs::write(folder.path().join(name), file(&areas.iter().map(feature).collect::<Vec<_>>())).unwrap();
    };
    write("town.geojson", &town());
    let told = import("town.geojson").expect_success();
    assert!(told.contains("5 areas: 5 new, 0 known, 0 rejected"), "{told}");
    // The east has no parts, and is no gap of the town; nothing else is in doubt.
    assert!(!told.contains("m²"), "{told}");
    assert!(import("town.geojson").expect_success().contains("5 areas: 0 new, 5 known"));
    // Without a grid, with another that reaches too far.
    let mut fewer = town();
    fewer.remove(4);
    fewer[3] = area("g1", AreaLevel::Grid, Some("west"), [109.99, 20.0, 110.02, 20.01]);
    write("fewer.geojson", &fewer);
    let told = import("fewer.geojson").expect_success();
    assert!(told.contains("4 areas: 1 new, 3 known"), "{told}");
    assert!(told.contains("1 areas are there no more: g2"), "{told}");
    assert!(
        told.contains("fewer.geojson:3:1: ") && told.contains("(50.00 %) of west lie in none of its 1 parts"),
        "{told}"
    );
    assert!(told.contains("of parts of west lie outside it: of g1"), "{told}");
    let server = Server::start_with(&folder.path().join("city"), &[]);
    assert_eq!(server.ids("/api/v1/areas"), ["east", "g1", "town", "west"]);
    drop(server);
    assert_eq!(waterlog(folder.path(), &["--data", "city", "verify"]).code, Some(0));
}

#[test]
fn what_is_no_area_is_told_by_line_and_nothing_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |features: &[Value], parts: [&str; 2]| {
        fs::write(folder.path().join("bad.geojson"), file(features)).unwrap();
        let told = waterlog(folder.path(), &["--data", "city", "import", "--areas", "bad.geojson"]).expect_failure();
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    };
    let good = feature(&town()[0]);
    let with = |at: &str, value: Value| {
        let mut bad = feature(&town()[3]);
        *bad.pointer_mut(at).unwrap() = value;
        bad
    };
    refused(&[good.clone(), with("/properties/id", json!(""))], ["bad.geojson:3:", "every area has a property id"]);
    refused(
        &[with("/properties/level", json!("ward"))],
        ["bad.geojson:2:", "known are city, district, sub_district, grid"],
    );
    refused(&[good.clone(), with("/properties/parent", json!("x"))], ["bad.geojson:3:", "no area with this id"]);
    refused(&[good.clone(), good.clone()], ["bad.geojson:3:", "two areas with this id"]);
    let point = json!({"type": "Point", "coordinates": [110, 20]});
    refused(&[with("/geometry", point)], ["bad.geojson:2:", "neither a Polygon nor a MultiPolygon"]);
    let open = json!([[[110.0, 20.0], [110.1, 20.0], [110.1, 20.1], [110.0, 20.1]]]);
    refused(&[with("/geometry/coordinates", open)], ["bad.geojson:2:", "the last like the first"]);
    let swapped = json!([[[20.0, 110.0], [20.0, 110.1], [20.1, 110.1], [20.0, 110.0]]]);
    refused(&[with("/geometry/coordinates", swapped)], ["bad.geojson:2:", "looks like lat,lon"]);
    fs::write(folder.path().join("bad.geojson"), "id,level\na,grid\n").unwrap();
    let told = waterlog(folder.path(), &["--data", "city", "import", "--areas", "bad.geojson"]).expect_failure();
    assert!(told.contains("areas come as GeoJSON"), "{told}");
    assert!(!folder.path().join("city/waterlog.db").exists() || areas_of(folder.path()).is_empty());
}

fn areas_of(folder: &std::path::Path) -> Vec<String> {
    Server::start_with(&folder.join("city"), &[]).ids("/api/v1/areas")
}

#[test]
fn rings_that_cross_themselves_and_siblings_that_overlap_are_told_and_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = town();
    town[4] = area("g2", AreaLevel::Grid, Some("west"), [110.0, 20.009, 110.02, 20.02]);
    let mut features: Vec<_> = town.iter().map(feature).collect();
    let bow = json!([[[110.02, 20.0], [110.04, 20.02], [110.04, 20.0], [110.02, 20.02], [110.02, 20.0]]]);
    features[2]["geometry"]["coordinates"] = bow;
    fs::write(folder.path().join("town.geojson"), file(&features)).unwrap();
    let told = waterlog(folder.path(), &["--data", "city", "import", "--areas", "town.geojson"]).expect_success();
    assert!(told.contains("5 areas: 5 new"), "{told}");
    assert!(told.contains("town.geojson:4:1: east: "), "{told}");
    // 0.001 degree of latitude by 0.02 of longitude.
    assert!(told.contains("g1 and g2 overlap by 2323") && told.contains("belongs to g1"), "{told}");
}

#[test]
fn loading_areas_moves_no_time_and_changes_nothing_but_where_incidents_belong() {
    let events = reports();
    let mut map = HazardMap::build(Settings::default(), (1..).zip(&events));
    let derived = |map: &HazardMap| format!("{:?} {:?} {}", map.incidents(), map.hotspots(), map.as_of());
    let (same, digest) = (derived(&map), map.digest());
    let areas = Event::Areas(town());
    map.admit(&areas).unwrap();
    map.apply(100, &areas);
    map.settle();
    map.check();
    assert_eq!(derived(&map), same);
    assert_ne!(map.digest(), digest);
    assert_eq!(map.areas().holding(Position::new(110.01, 20.005).unwrap()), ["g1", "west", "town"]);
    let orphan = vec![area("g9", AreaLevel::Grid, Some("gone"), [110.0, 20.0, 110.1, 20.1])];
    assert!(map.admit(&Event::Areas(orphan)).is_err());
}

#[test]
fn a_log_reads_areas_as_it_wrote_them() {
    let written = r#"{"areas":[{"id":"c","level":"city","polygons":[[[[0,0],[9,0],[9,9],[0,0]]]]},{"id":"s","level":"sub_district","parent":"c","name":"街道","polygons":[[[[0,0],[9,0],[9,9],[0,0]],[[5,1],[6,1],[6,2],[5,1]]]]}]}"#;
    let event: Event = serde_json::from_str(written).unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap(), written);
}

#[test]
fn the_boroughs_of_new_york_hold_what_lies_in_them() {
    let Some(shared) = shared() else { return };
    let text = fs::read_to_string(shared.join("data/areas/nyc_boroughs/nyc_boroughs.geojson")).unwrap();
    let mut collection: Value = serde_json::from_str(&text).unwrap();
    for feature in collection["features"].as_array_mut().unwrap() {
        let name = feature["properties"]["BoroName"].clone();
        feature["properties"] = json!({"id": name, "level": "district"});
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("boroughs.geojson"), collection.to_string()).unwrap();
    let told = waterlog(folder.path(), &["--data", "city", "import", "--areas", "boroughs.geojson"]).expect_success();
    assert!(told.contains("5 areas: 5 new"), "{told}");
    let spots =
        [(-73.9857, 40.7484), (-73.9442, 40.6782), (-73.7949, 40.7282), (-73.8648, 40.8448), (-74.1502, 40.5795)];
    let report = |(n, &(lon, lat)): (usize, &(f64, f64))| Event::Report(seen(&format!("r{n}"), 0, lon, lat));
    crate::server::seed(&folder.path().join("city"), &spots.iter().enumerate().map(report).collect::<Vec<_>>());
    let server = Server::start_with(&folder.path().join("city"), &[]);
    let found = server.features("/api/v1/incidents");
    let ids: Vec<_> = found.iter().map(|f| f["properties"]["area_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["Manhattan", "Brooklyn", "Queens", "Bronx", "Staten Island"]);
}

#[test]
fn of_a_hundred_thousand_open_incidents_the_overdue_ones_come_from_the_order_of_deadlines() {
    const SIDE: u32 = 317;
    // One report each, 222 m apart, a minute after the other.
    let spot = |n: u32| (110.0 + f64::from(n % SIDE) * 0.002, 20.0 + f64::from(n / SIDE) * 0.002);
    let report = |n: u32| Event::Report(seen(&format!("r{n}"), i64::from(n) * 60, spot(n).0, spot(n).1));
    let mut events: Vec<Event> = (0..SIDE * SIDE).map(report).collect();
    // 2,500 grids of 0.0128 degree, and a district for every ten rows of them.
    let grid = |n: u32| {
        let (west, south) = (109.999 + f64::from(n % 50) * 0.0128, 19.999 + f64::from(n / 50) * 0.0128);
        let district = format!("d{}", n / 500);
        area(&format!("g{n:04}"), AreaLevel::Grid, Some(&district), [west, south, west + 0.0128, south + 0.0128])
    };
    let district = |n: u32| {
        let south = 19.999 + f64::from(n) * 0.128;
        area(&format!("d{n}"), AreaLevel::District, None, [109.999, south, 110.639, south + 0.128])
    };
    events.push(Event::Areas((0..5).map(district).chain((0..2_500).map(grid)).collect()));
    let started = std::time::Instant::now();
    let map = HazardMap::build(Settings::default(), (1..).zip(&events));
    let (folded, started) = (started.elapsed(), std::time::Instant::now());
    let incidents = map.incidents().len();
    assert_eq!(incidents, (SIDE * SIDE) as usize);
    let deadlines = map.deadlines();
    let (made, started) = (started.elapsed(), std::time::Instant::now());
    let now = map.as_of();
    let overdue = deadlines.overdue(now).count();
    let (told, started) = (started.elapsed(), std::time::Instant::now());
    // Ten minutes to acknowledge from a minute after it was seen.
    assert_eq!((deadlines.len(), overdue), (incidents, incidents - 12));
    let within = map.areas().within(&["d0".to_owned()]);
    let members = map.members();
    let looked_up = started.elapsed();
    let in_first = members.iter().filter(|area| area.is_some_and(|area| within[area.index()])).count();
    assert_eq!(in_first, (0..SIDE * SIDE).filter(|&n| spot(n).1 < 20.127).count());
    assert!(members.iter().all(Option::is_some));
    told!(
        "areas: {incidents} incidents folded in {folded:.1?}; deadlines made in {made:.1?}, {overdue} overdue told in \
         {told:.1?}; looked up among {} areas in {looked_up:.1?}",
        map.areas().all().len()
    );
}

#[test]
fn the_synthetic_town_is_imported_whole_and_every_incident_has_an_area_and_a_unit() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let told = waterlog(TREE.as_ref(), &["--data", data, "demo", "--no-serve", "--city", "town"]).expect_success();
    for part in ["19 areas: 19 new", "21 units: 21 new", "35 places: 35 new", "572 reports new", " 0 rejected"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("m²") && !told.contains("nobody"), "{told}");
    assert!(told.contains("白鹭路与竹影街路口"), "{told}");
    let limits = format!("{TREE}/data/town/limits.toml");
    let server = Server::start_with(folder.path(), &["--clock", "2026-06-01T00:00:00+08:00", "--limits", &limits]);
    let open = server.features("/api/v1/incidents?state=reported,acknowledged&category=waterlogging&limit=10000");
    assert!(open.len() >= 5, "{}", open.len());
    for incident in &open {
        assert!(incident["properties"]["area_id"].is_string(), "{incident}");
        let id = incident["id"].as_str().unwrap();
        let workflow = &server.get(&format!("/api/v1/incidents/{id}")).json()["workflow"];
        assert!(workflow["suggested_unit"]["unit_id"].is_string(), "{workflow}");
        assert_eq!(workflow["area_ids"].as_array().unwrap().len(), 4, "{workflow}");
    }
    let recurring = server.features("/api/v1/hotspots?category=waterlogging&status=recurring,confirmed");
    assert!(recurring.len() >= 5, "{}", recurring.len());
}
