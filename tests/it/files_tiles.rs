//! Layers as PMTiles: whatever a file can be asked for is in their tiles, read by a reader that shares nothing with their
//! writer, and by GDAL.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use waterlog::export::Format;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::layer::Layer;
use waterlog::hazard::tile::TileLayer;

use crate::files::{World, alike, gdal, run};
use crate::layers::seen;
use crate::ogc_filter::encoded;
use crate::pmtiles::Archive;
use crate::program::waterlog;
use crate::server::{Server, seed};

fn exported(folder: &Path, layer: Layer, more: &[&str]) -> Archive {
    let arguments = [&["--data", "city", "export", layer.name(), "-o", "some.pmtiles"], more].concat();
    let said = waterlog(folder, &arguments).expect_success();
    assert!(said.starts_with("some.pmtiles: "), "{said}");
    Archive::read(std::fs::read(folder.join("some.pmtiles")).unwrap())
}

/// Features that lie somewhere.
fn lying(features: impl IntoIterator<Item = Value>) -> BTreeMap<String, Value> {
    let lie = features.into_iter().filter(|feature| !feature["geometry"].is_null());
    lie.map(|feature| (feature["id"].as_str().unwrap().to_owned(), feature)).collect()
}

#[test]
fn unfiltered_tiles_are_those_that_the_service_draws() {
    let world = World::new();
    let archive = exported(world.folder.path(), Layer::Reports, &["--zoom", "9"]);
    assert_eq!((archive.bytes[101], &archive.metadata()["vector_layers"][0]["id"]), (9, &json!("reports")));
    let server = Server::start_with(&world.folder.path().join("city"), &["--clock", "2024-12-31T06:00:00Z"]);
    for ([z, x, y], tile) in &archive.tiles {
        assert!(server.get(&format!("/tiles/reports/{z}/{x}/{y}")).body == *tile, "{z}/{x}/{y}");
    }
    assert!(archive.tiles.len() >= 10);
    for layer in Layer::ALL {
        let told = server.get(&format!("/ogc/collections/{}/items?f=pmtiles", layer.name())).problem(406);
        assert!(told.contains("this is not written so; known here are json, html"), "{told}");
    }
    assert!(server.get("/ogc/collections/reports/items/b?f=csv").problem(406).contains("known here are json, html"));
}

/// Length and area by the shoelace formula, in degrees.
fn measured(geometry: &Value) -> [f64; 2] {
    let pair = |at: &Value| [at[0].as_f64().unwrap(), at[1].as_f64().unwrap()];
    let list = |value: &Value| value.as_array().unwrap().clone();
    let length = |line: &Value| -> f64 {
        let steps = list(line);
        steps.windows(2).map(|w| (pair(&w[0]), pair(&w[1]))).map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1])).sum()
    };
    let area = |ring: &Value| -> f64 {
        let corners: Vec<_> = list(ring).iter().map(pair).collect();
        let origin = corners[0];
        let [x, y] = [0, 1].map(|axis| move |at: [f64; 2]| at[axis] - origin[axis]);
        corners.windows(2).map(|w| x(w[0]) * y(w[1]) - x(w[1]) * y(w[0])).sum::<f64>().abs() / 2.0
    };
    let polygon = |rings: &Value| {
        list(rings).iter().enumerate().map(|(n, ring)| if n == 0 { area(ring) } else { -area(ring) }).sum()
    };
    let coordinates = &geometry["coordinates"];
    match geometry["type"].as_str().unwrap_or_default() {
        "LineString" => [length(coordinates), 0.0],
        "MultiLineString" => [list(coordinates).iter().map(length).sum(), 0.0],
        "Polygon" => [0.0, polygon(coordinates)],
        "MultiPolygon" => [0.0, list(coordinates).iter().map(polygon).sum()],
        "GeometryCollection" => {
            let parts = list(&geometry["geometries"]).iter().map(measured).collect::<Vec<_>>();
            [0, 1].map(|n| parts.iter().map(|part| part[n]).sum())
        }
        _ => [0.0, 0.0],
    }
}

#[test]
fn gdal_finds_every_feature_of_every_layer_at_the_deepest_zoom_with_its_place_length_and_area() {
    if !gdal() {
        return;
    }
    let world = World::new();
    let folder = world.folder.path();
    for layer in Layer::ALL {
        let ours = lying(world.features(layer).into_values());
        assert!(!ours.is_empty());
        let drawn = TileLayer::named(layer.name()).is_some();
        let ways: &[&[&str]] = &[&["--only", "limit=1000"], &["--zoom", if drawn { "17" } else { "16" }]];
        for more in ways {
            let archive = exported(folder, layer, more);
            let zoom = archive.bytes[101];
            let unpacked = folder.join(format!("{}-{zoom}", layer.name()));
            for ([z, x, y], tile) in archive.tiles.iter().filter(|([z, ..], _)| *z == u32::from(zoom)) {
                let column = unpacked.join(format!("{z}/{x}"));
                std::fs::create_dir_all(&column).unwrap();
                std::fs::write(column.join(format!("{y}.pbf")), tile).unwrap();
            }
            let about = json!({"json": archive.metadata().to_string()}).to_string();
            std::fs::write(unpacked.join("metadata.json"), about).unwrap();
            let at = format!("MVT:{}/{zoom}", unpacked.to_str().unwrap());
            let text = run("ogr2ogr", &["-f", "GeoJSON", "/vsistdout/", &at, layer.name(), "-t_srs", "EPSG:4326"]);
            let collection: Value = serde_json::from_str(&text).unwrap();
            let mut theirs: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for feature in collection["features"].as_array().unwrap() {
                let id = feature["properties"]["id"].as_str().unwrap().to_owned();
                theirs.entry(id).or_default().push(feature.clone());
            }
            let what = format!("{} {more:?}", layer.name());
            assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{what}");
            for (id, ours) in &ours {
                let parts = &theirs[id];
                // Those that the service draws have some properties alone.
                let columns = layer.columns().into_iter().filter(|_| !(drawn && zoom == 17));
                for column in columns {
                    for part in parts {
                        let [a, b] = [ours, part].map(|f| &f["properties"][column.name]);
                        assert!(alike(a, b), "{what}, {id}, {}: {a} is not {b}", column.name);
                    }
                }
                if ours["geometry"]["type"] == "Point" {
                    assert_eq!(parts.len(), 1, "{what}, {id}");
                    for axis in 0..2 {
                        let [a, b] = [ours, &parts[0]].map(|f| f["geometry"]["coordinates"][axis].as_f64().unwrap());
                        assert!((a - b).abs() < 1e-5, "{what}, {id}: {a} is not {b}");
                    }
                    continue;
                }
                let whole = measured(&ours["geometry"]);
                let together = parts
                    .iter()
                    .map(|part| measured(&part["geometry"]))
                    .fold([0.0; 2], |sum, part| [sum[0] + part[0], sum[1] + part[1]]);
                assert!(whole[0] + whole[1] > 0.0);
                for (a, b) in whole.into_iter().zip(together) {
                    assert!((a - b).abs() <= 0.01 * a, "{what}, {id}: {a} is not {b} of {} parts", parts.len());
                }
            }
        }
    }
}

#[test]
fn a_filter_gives_the_tiles_just_the_features_that_geojson_has_with_it_and_every_zoom_is_complete() {
    let world = World::new();
    let server = Server::start_with(&world.folder.path().join("city"), &["--clock", "2024-12-31T06:00:00Z"]);
    let cql2 = |filter: &str| format!("filter={}", encoded(filter));
    for (layer, query) in [
        (Layer::Reports, cql2("depth_cm IS NULL AND observed_at < TIMESTAMP('2024-02-12T00:00:00Z')")),
        (Layer::Reports, cql2("S_INTERSECTS(geometry, BBOX(-74, 40, -73, 40.775))")),
        (Layer::Reports, "bbox=-74,40,-73,40.775&lapse=60".into()),
        (Layer::Reports, "sortby=-depth_cm&limit=2&properties=depth_cm,observed_at".into()),
        (Layer::Incidents, cql2("reports < 2") + "&sortby=-first_observed_at&limit=3"),
        (Layer::Incidents, cql2("depth_cm_max IS NULL")),
        (Layer::Hotspots, "bbox=-74,40,-73,40.775".into()),
        (Layer::Hotspots, cql2("occasions > 1")),
        (Layer::Works, cql2("\"end\" IS NULL")),
        (Layer::Works, "limit=1".into()),
        (Layer::Streets, cql2("name LIKE 'Dock%'")),
        (Layer::Areas, cql2("id = 'a1'")),
        (Layer::Areas, "bbox=-73.85,40.75,-73.84,40.76".into()),
        (Layer::Coverage, cql2("reports > 0")),
        (Layer::Places, cql2("name IS NOT NULL")),
        (Layer::Storms, "gauge=g1".into()),
        (Layer::Closures, "bbox=-74,40,-73,41".into()),
    ] {
        let what = format!("{}?{query}", layer.name());
        let page = lying(server.features(&format!("/layers/{}.geojson?{query}", layer.name())));
        assert!(!page.is_empty(), "{what}");
        let answer = server.get(&format!("/layers/{}.pmtiles?{query}", layer.name()));
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        let archive = Archive::read(answer.body);
        assert_eq!(archive.ids(14), page.keys().cloned().collect(), "{what}");
        for zoom in 0..=14 {
            assert_eq!(archive.stands_for(zoom), page.len() as u64, "{what}: zoom {zoom}");
        }
        for feature in archive.features(14) {
            let ours = &page[feature.tags["id"].as_str().unwrap()]["properties"];
            let named = |(name, value): (&String, &Value)| (!value.is_null()).then(|| (name.clone(), value.clone()));
            let wanted: BTreeMap<_, _> = ours.as_object().unwrap().iter().filter_map(named).collect();
            let mut tags = feature.tags;
            tags.retain(|name, _| name != "id" && name != "count");
            let same = tags.keys().eq(wanted.keys()) && tags.iter().all(|(name, value)| alike(value, &wanted[name]));
            assert!(same, "{what}: {tags:?} is not {wanted:?}");
        }
        let sides = page
            .values()
            .fold([180.0, 90.0, -180.0, -90.0], |sides, feature| around(&feature["geometry"]["coordinates"], sides));
        assert!(sides.iter().zip(archive.bounds()).all(|(a, b)| (a - b).abs() < 1e-6), "{what}: {sides:?}");
    }
    server.get("/layers/reports.pmtiles?filter=colour%20%3D%201").problem(400);
}

/// A box that holds positions, too.
fn around(coordinates: &Value, sides: [f64; 4]) -> [f64; 4] {
    let each = coordinates.as_array().unwrap();
    match (each[0].as_f64(), each.get(1).and_then(Value::as_f64)) {
        (Some(lon), Some(lat)) => [sides[0].min(lon), sides[1].min(lat), sides[2].max(lon), sides[3].max(lat)],
        _ => each.iter().fold(sides, |sides, part| around(part, sides)),
    }
}

#[test]
fn many_reports_in_one_tile_are_counted_and_no_tile_grows_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = fastrand::Rng::with_seed(7);
    let reports = 11_000;
    let events = (0..reports).map(|n| {
        // Within the tile 14/4823/6160.
        let (lon, lat) = (-74.022 + rng.f64() * 0.015, 40.698 + rng.f64() * 0.01);
        Event::Report(Report { dry: n % 4 == 0, ..seen(&format!("m{n}"), n, lon, lat) })
    });
    seed(&folder.path().join("city"), &events.collect::<Vec<_>>());
    let filter = ["--only", "filter=id LIKE 'm%'"];
    let counted = exported(folder.path(), Layer::Reports, &filter);
    assert_eq!(counted.tiles.len(), 15, "one a zoom");
    for zoom in 0..=14 {
        let features = counted.features(zoom);
        assert!(features.len() <= 1_024, "{} at zoom {zoom}", features.len());
        assert_eq!(counted.stands_for(zoom), reports as u64, "zoom {zoom}");
        let dry = features.iter().map(|feature| match feature.tags.get("dry_count") {
            Some(count) => count.as_u64().unwrap(),
            None => u64::from(feature.tags["dry"] == true),
        });
        assert_eq!(dry.sum::<u64>(), reports as u64 / 4, "zoom {zoom}");
    }
    let apart = exported(folder.path(), Layer::Reports, &[&filter[..], &["--zoom", "15"]].concat());
    assert_eq!((apart.ids(15).len(), apart.features(15).len()), (reports as usize, reports as usize));
    let half = ["--only", "filter=id LIKE 'm%' AND dry = true"];
    let half = exported(folder.path(), Layer::Reports, &half);
    assert_eq!(half.ids(14).len(), reports as usize / 4, "few enough stand by themselves");
}

#[test]
fn of_nothing_there_is_a_valid_archive_without_tiles() {
    let folder = tempfile::tempdir().unwrap();
    seed(&folder.path().join("city"), &[]);
    for layer in Layer::ALL {
        for more in [&[][..], &["--only", "limit=3"], &["--zoom", "0"]] {
            let archive = exported(folder.path(), layer, more);
            assert!(archive.tiles.is_empty(), "{}", layer.name());
            let about = archive.metadata();
            assert_eq!(
                (&about["name"], &about["vector_layers"][0]["id"]),
                (&json!(layer.name()), &json!(layer.name()))
            );
            assert_eq!(archive.bounds(), [-180.0, -85.051_128_7, 180.0, 85.051_128_7]);
        }
    }
    let world = World::new();
    for layer in Layer::ALL {
        let archive = exported(world.folder.path(), layer, &["--only", "filter=id = 'none'"]);
        assert!(archive.tiles.is_empty(), "{}", layer.name());
        let fields = archive.metadata()["vector_layers"][0]["fields"].clone();
        for column in layer.columns() {
            assert!(["Number", "String", "Boolean"].contains(&fields[column.name].as_str().unwrap()), "{fields}");
        }
    }
    for (zoom, layer) in [("21", "places"), ("21", "reports")] {
        let arguments = ["--data", "city", "export", layer, "-o", "x.pmtiles", "--zoom", zoom];
        let complaint = waterlog(folder.path(), &arguments).expect_failure();
        assert!(complaint.contains("not in [0, 20]"), "{complaint}");
    }
    assert!(Format::ALL.contains(&Format::PmTiles) && !folder.path().join("x.pmtiles").exists());
}
