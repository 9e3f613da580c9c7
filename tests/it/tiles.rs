//! Vector tiles over HTTP: what they count and show is what the layers hold.

use std::collections::BTreeMap;

use fast_mvt::{MvtGeometry, MvtReaderRef, MvtValue};
use serde_json::{Value, json};
use waterlog::hazard::event::{Act, Action, Event, Passability, Report};

use crate::layers::{T0, seen};
use crate::server::{Answer, Server, report};

const MVT: &str = "application/vnd.mapbox-vector-tile";
const LAYERS: [&str; 3] = ["reports", "incidents", "hotspots"];
const DAY: i64 = 86_400;

/// A feature of a tile: its id, where it is in steps of the tile's grid, and its tags.
pub type Drawn = (Option<u64>, [i32; 2], BTreeMap<String, Value>);

pub fn decoded(layer: &str, answer: &Answer) -> Vec<Drawn> {
    assert_eq!((answer.status, answer.header("content-type")), (200, MVT), "{}", answer.text());
    let reader = MvtReaderRef::new(&answer.body).unwrap();
    let mut features = Vec::new();
    for part in reader.layers() {
        assert_eq!((part.name(), part.version(), part.extent()), (layer, 2, 4_096));
        assert!(!part.is_empty());
        for feature in part.features() {
            let MvtGeometry::Point(at) = feature.geometry().unwrap() else { panic!("no point") };
            let tags = feature.properties_vec().unwrap().into_iter().map(|(key, value)| {
                let value = match value.into_owned() {
                    MvtValue::String(text) => json!(text),
                    MvtValue::UInt(number) => json!(number),
                    MvtValue::Bool(flag) => json!(flag),
                    other => panic!("{key} {other:?}"),
                };
                (key.to_owned(), value)
            });
            features.push((feature.id(), [at.x(), at.y()], tags.collect()));
        }
    }
    features
}

/// Every feature of every tile of a zoom that holds any of these positions, or touches one that does.
fn all(server: &Server, layer: &str, z: u32, query: &str, positions: &[[f64; 2]]) -> Vec<Drawn> {
    let mut tiles = Vec::new();
    for &[lon, lat] in positions {
        let n = f64::from(1_u32 << z);
        let south = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
        let [x, y] = [(lon + 180.0) / 360.0, south].map(|v| (v * n).floor() as i64);
        tiles.extend((-1..2).flat_map(|dx| (-1..2).map(move |dy| [(x + dx).rem_euclid(1 << z), y + dy])));
    }
    tiles.retain(|[_, y]| (0..1 << z).contains(y));
    tiles.sort_unstable();
    tiles.dedup();
    let get = |[x, y]: [i64; 2]| decoded(layer, &server.get(&format!("/tiles/{layer}/{z}/{x}/{y}?{query}")));
    tiles.into_iter().flat_map(get).collect()
}

pub fn sum(features: &[Drawn]) -> u64 {
    features.iter().map(|(_, _, tags)| tags["count"].as_u64().unwrap()).sum()
}

/// 60 spots from one to the other end of the world's map, some on the edges of tiles and at the date line, each with
/// reports on five days, some of them dry; and one beyond all tiles.
fn world() -> Vec<Event> {
    let mut events = Vec::new();
    let mut rng = fastrand::Rng::with_seed(4);
    for spot in 0..60 {
        let (lon, lat) = match spot {
            0 => (0.0, 0.0),
            1 => (180.0, 10.0),
            2 => (-180.0, -10.0),
            3 => (-90.0, 66.513_260_4),
            4 => (45.0, 85.051_128_7),
            // A city: crossings 200 m apart.
            5..40 => (110.33 + f64::from(spot % 6) * 0.002, 20.03 + f64::from(spot / 6) * 0.002),
            _ => (rng.f64() * 360.0 - 180.0, rng.f64() * 170.0 - 85.0),
        };
        for day in 0..5 {
            let id = format!("r{spot}-{day}");
            let category = ["waterlogging", "blocked_drain", "obstruction"][spot as usize % 3];
            let mut one = seen(&id, day * 40 * DAY, lon, lat);
            one.category = category.parse().unwrap();
            one.depth_cm = (day == 1).then_some(spot as u16);
            one.passability = (day == 2).then_some(Passability::Slow);
            let dry = Report { id: format!("d{spot}-{day}"), dry: true, ..one.clone() };
            events.push(Event::Report(one));
            if spot % 4 == 0 {
                events.push(Event::Report(dry));
            }
            let action = [Action::Resolve, Action::Acknowledge, Action::Dismiss, Action::Found, Action::Retract];
            let at = T0 + day * 40 * DAY + 60;
            events.push(Event::Act(Act { action: action[(spot as usize + day as usize) % 5], at, report: id }));
        }
    }
    events.push(Event::Report(seen("pole", 0, 10.0, 89.0)));
    events
}

#[test]
fn the_counts_of_all_tiles_of_a_zoom_add_up_to_what_the_layer_holds_whatever_is_asked_for() {
    let server = Server::seeded(&world());
    let mut compared = 0;
    for layer in LAYERS {
        let status = if layer == "hotspots" { "status=confirmed" } else { "status=resolved" };
        let more = if layer == "hotspots" { "candidate" } else { "dismissed" };
        let several = format!("category=waterlogging,obstruction&{status},{more}");
        let period = "datetime=2024-02-05T00:00:00Z/2024-03-25T00:00:00Z";
        for query in ["", "category=waterlogging", &several, status, period, &format!("{status}&{period}")] {
            let address = format!("/layers/{layer}.geojson?bbox=-180,-85.0511287,180,85.0511287&{query}");
            let expected = server.get(&address).json();
            let at = |f: &Value| [0, 1].map(|i| f["geometry"]["coordinates"][i].as_f64().unwrap());
            let positions: Vec<[f64; 2]> = expected["features"].as_array().unwrap().iter().map(at).collect();
            for z in [0, 2, 6, 11, 14, 17, 20] {
                let features = all(&server, layer, z, query, &positions);
                assert_eq!(json!(sum(&features)), expected["numberMatched"], "{layer} {query} at zoom {z}");
                compared += 1;
            }
        }
        let whole = decoded(layer, &server.get(&format!("/tiles/{layer}/0/0/0")));
        assert!(whole.len() > 10 && whole.iter().any(|(_, _, tags)| tags["count"].as_u64() > Some(5)), "{layer}");
    }
    assert_eq!(compared, 126);
}

#[test]
fn at_a_deep_zoom_each_feature_is_drawn_once_with_the_properties_of_its_layer() {
    let server = Server::seeded(&world());
    for layer in LAYERS {
        let features = server.features(&format!("/layers/{layer}.geojson?bbox=-180,-85.0511287,180,85.0511287"));
        let at = |f: &Value| [0, 1].map(|i| f["geometry"]["coordinates"][i].as_f64().unwrap());
        let positions: Vec<[f64; 2]> = features.iter().map(at).collect();
        let drawn = all(&server, layer, 18, "", &positions);
        assert_eq!(drawn.len(), features.len(), "{layer}");
        let mut by_id: BTreeMap<String, Drawn> =
            drawn.into_iter().map(|one| (one.2["id"].as_str().unwrap().to_owned(), one)).collect();
        let json = server.get(&format!("/tiles/{layer}.json")).json();
        let mut fields = json["vector_layers"][0]["fields"].as_object().unwrap().clone();
        for feature in &features {
            let id = feature["id"].as_str().unwrap();
            let (number, _, mut tags) = by_id.remove(id).unwrap_or_else(|| panic!("{layer}: {id} is not drawn once"));
            tags.keys().for_each(|tag| drop(fields.remove(tag)));
            let numbered = (layer == "incidents").then(|| id[1..].parse().unwrap());
            assert_eq!((number, tags.remove("count"), tags.remove("id")), (numbered, Some(json!(1)), Some(json!(id))));
            for (name, value) in tags {
                assert_eq!(value, feature["properties"][&name], "{layer} {id} {name}");
            }
        }
        // What is left belongs to clusters alone, or nobody said it here.
        let left: Vec<_> = fields.keys().map(String::as_str).collect();
        let expected: &[&str] = match layer {
            "reports" => &["dry_count"],
            "incidents" => &["area_id", "open_count"],
            _ => &["name", "occasions_max"],
        };
        assert_eq!(left, expected, "{layer}");
    }
}

#[test]
fn a_cluster_lies_among_its_features_and_tells_their_main_figure() {
    let dry = Event::Report(Report { dry: true, ..seen("d", 0, 90.04, 45.0) });
    let wet = [("a", 0, 90.04), ("b", 40 * DAY, 90.04), ("c", 80 * DAY, 91.04)];
    let wet = wet.map(|(id, t, lon)| Event::Report(seen(id, t, lon, 45.0)));
    let end = Event::Act(Act { action: Action::Resolve, at: T0 + 60, report: "a".into() });
    let server = Server::seeded(&[vec![dry], wet.into(), vec![end]].concat());
    let one = |layer: &str| decoded(layer, &server.get(&format!("/tiles/{layer}/0/0/0")));
    let tags = |figures: Value| figures.as_object().unwrap().clone().into_iter().collect::<BTreeMap<_, _>>();
    // (90.29 + 180) / 360 × 4,096; the square map's north at 45°, by the formula of OpenStreetMap's wiki.
    assert_eq!(one("reports"), [(None, [3_075, 1_473], tags(json!({"count": 4, "dry_count": 1})))]);
    assert_eq!(one("incidents"), [(None, [3_076, 1_473], tags(json!({"count": 3, "open_count": 2})))]);
    let [(None, at, hotspot)] = &one("hotspots")[..] else { panic!("one hotspot was expected") };
    assert_eq!((at, &hotspot["occasions"], &hotspot["status"]), (&[3_072, 1_473], &json!(2), &json!("candidate")));
    let nothing = server.get("/tiles/reports/1/0/0");
    assert_eq!((nothing.status, nothing.body.len(), nothing.header("content-type")), (200, 0, MVT));
}

#[test]
fn a_tile_that_has_not_changed_is_not_sent_again_and_a_new_report_is_in_the_next() {
    let server = Server::seeded(&world());
    let path = "/tiles/reports/0/0/0.mvt";
    let (first, head) = (server.get(path), server.head(path));
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\"") && first.header("cache-control") == "no-cache");
    assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, tag.as_str()));
    let known = [("if-none-match", tag.as_str())];
    let same = server.get_with(path, &known);
    assert_eq!((same.status, same.body.len()), (304, 0));
    let before = sum(&decoded("reports", &first));
    let elsewhere = server.get("/tiles/reports/1/0/0").header("etag").to_owned();
    assert_eq!(server.post(&report(json!({}))).status, 201);
    let next = server.get_with(path, &known);
    assert_eq!(sum(&decoded("reports", &next)), before + 1);
    assert_ne!(next.header("etag"), tag);
    let quiet = server.get_with("/tiles/reports/1/0/0", &[("if-none-match", elsewhere.as_str())]);
    assert_eq!(quiet.status, 304, "nothing has changed in that half of the world");
    assert_eq!(server.get("/tiles/reports/0/0/0.pbf").body, next.body);
    let packed = server.get_with(path, &[("accept-encoding", "gzip"), ("origin", "https://example.org")]);
    assert_eq!((packed.header("content-encoding"), packed.header("access-control-allow-origin")), ("gzip", "*"));
    assert!(packed.body.len() < next.body.len());
}

#[test]
fn the_tiles_of_the_quiet_half_stay_as_they_are_while_it_rains_on_the_other_filtered_ones_too() {
    let server = Server::seeded(&world());
    // The city of the world, and where else something lies: in one tile of no zoom but the first.
    let (rainy, quiet) = ([[110.33, 20.03]], [[-90.0, 66.513_260_4], [0.0, 0.0]]);
    let address = |[lon, lat]: [f64; 2], z: u32| {
        let n = f64::from(1_u32 << z);
        let south = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
        format!("{z}/{}/{}", ((lon + 180.0) / 360.0 * n) as u32, (south * n) as u32)
    };
    let mut paths = Vec::new();
    for layer in LAYERS {
        let status = if layer == "hotspots" { "status=candidate,recurring" } else { "status=reported,acknowledged" };
        for query in ["", "category=waterlogging", status, "datetime=2024-02-05T00:00:00Z/.."] {
            for z in [2, 9, 13, 18] {
                let of = |at: [f64; 2]| format!("/tiles/{layer}/{}?{query}", address(at, z));
                paths.push((of(rainy[0]), quiet.map(of)));
            }
        }
    }
    let seen = |path: &str| {
        let tile = server.get(path);
        assert_eq!(tile.status, 200, "{path}");
        (tile.header("etag").to_owned(), tile.body)
    };
    let all = |of: &dyn Fn(&str) -> (String, Vec<u8>)| -> BTreeMap<String, (String, Vec<u8>)> {
        let each = paths.iter().flat_map(|(rainy, quiet)| quiet.iter().chain([rainy]));
        each.map(|path| (path.clone(), of(path))).collect()
    };
    let before = all(&seen);
    // On a corner of the city that its tiles at every one of these zooms hold, and which becomes a hotspot.
    for hour in 0..12 {
        let at = format!("2025-12-{:02}T00:00:00Z", 4 + 2 * hour);
        let posted = server.post(&report(json!({"lon": 110.33, "lat": 20.03, "observed_at": at})));
        assert_eq!(posted.status, 201, "{}", posted.text());
    }
    let after = all(&seen);
    for (rainy, quiet) in &paths {
        for path in quiet {
            assert_eq!(before[path], after[path], "{path}");
            let known = [("if-none-match", before[path].0.as_str())];
            assert_eq!(server.get_with(path, &known).status, 304, "{path}");
        }
        assert_ne!(before[rainy].0, after[rainy].0, "{rainy}");
    }
    let different = paths.iter().filter(|(rainy, _)| before[rainy].1 != after[rainy].1).count();
    assert!(different > paths.len() / 2, "{different} of {} rainy tiles look different", paths.len());
}

#[test]
fn tile_json_tells_a_map_all_it_needs() {
    let server = Server::start();
    let query = "category=waterlogging&datetime=2024-01-01T00:00:00%2B08:00/..";
    let answer = server.get(&format!("/tiles/incidents.json?{query}"));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let json = answer.json();
    assert_eq!((&json["tilejson"], &json["scheme"]), (&json!("3.0.0"), &json!("xyz")));
    assert_eq!((&json["minzoom"], &json["maxzoom"]), (&json!(0), &json!(20)));
    assert_eq!(json["bounds"], json!([-180.0, -85.0511287, 180.0, 85.0511287]));
    assert!(json["description"].as_str().unwrap().contains("beyond 85.0511287°"));
    assert_eq!(json["vector_layers"][0]["id"], "incidents");
    assert!(json["vector_layers"][0]["fields"]["count"].as_str().unwrap().starts_with("Number"));
    let template = json["tiles"][0].as_str().unwrap();
    assert_eq!(template, format!("{}/tiles/incidents/{{z}}/{{x}}/{{y}}?{query}", server.address));
    let path = template.strip_prefix(&server.address).unwrap();
    let path = path.replace("{z}", "3").replace("{x}", "6").replace("{y}", "3");
    assert_eq!((server.get(&path).status, server.get(&path).body.len()), (200, 0));
    assert_eq!(server.head("/tiles/reports.json").status, 200);
}

#[test]
fn what_is_no_tile_or_cannot_be_asked_of_one_is_refused_with_the_cure() {
    let server = Server::start();
    for (path, part) in [
        ("reports/99/0/0", "zoom \"99\" is not a whole number in [0, 20]"),
        ("reports/21/0/0", "zoom \"21\""),
        ("reports/3/-1/0", "column \"-1\" is not a whole number in [0, 7] at zoom 3"),
        ("reports/3/8/0", "column \"8\" is not a whole number in [0, 7] at zoom 3"),
        ("hotspots/3/0/8.mvt", "row \"8\""),
        ("reports/3/0/1.5", "row \"1.5\""),
        ("reports/3/0/1.png", "row \"1.png\""),
        ("reports/a/b/c", "zoom \"a\""),
        ("reports/0/0/+0", "row \"+0\""),
        ("reports/0/0/4294967296", "row \"4294967296\""),
        ("storms/0/0/0", "{x}/{y} of reports, incidents, hotspots"),
        ("places.json", "{x}/{y} of reports, incidents, hotspots"),
        ("reports", "/tiles/{layer}.json"),
        ("roads.json", "no tiles at \"roads.json\""),
    ] {
        let detail = server.get(&format!("/tiles/{path}")).problem(404);
        assert!(detail.contains(part), "{path}: {detail}");
    }
    for (query, part) in [
        ("limit=5", "limit: unknown query parameter; known are category, status, datetime, position"),
        ("bbox=0,0,1,1", "bbox: unknown query parameter"),
        ("category=flood", "category: unknown; known are waterlogging"),
        ("category=waterlogging&category=waterlogging", "given twice"),
        ("category=waterlogging,flood", "category: unknown; known are waterlogging"),
        ("status=confirmed", "status: unknown; known for reports are reported"),
        ("datetime=2024", "datetime: "),
        ("weather=storm", "weather: unknown query parameter; known are category, status, datetime, position"),
    ] {
        for path in ["/tiles/reports/0/0/0", "/tiles/reports.json"] {
            let detail = server.get(&format!("{path}?{query}")).problem(400);
            assert!(detail.contains(part), "{query}: {detail}");
        }
    }
    assert!(server.delete("/tiles/reports/0/0/0").problem(405).contains("does not take DELETE"));
    server.get("/tiles/reports/0/0/%ff").problem(400);
}
