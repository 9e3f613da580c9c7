//! Layers as files: every format holds what the page holds, with the right types, and nothing else. Read by GDAL.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use waterlog::export::Format;
use waterlog::hazard::event::{
    Area, AreaLevel, Event, Gauge, GaugeRain, Passability, RainInterval, Report, Street, Works,
};
use waterlog::hazard::layer::{Kind, Layer};
use waterlog::hazard::position::Position;

use crate::layers::{T0, city, seen};
use crate::program::{TREE, start, waterlog};
use crate::server::{Server, command, report, seed};

/// A name that a spreadsheet would work out.
pub const FORMULA: &str = "=HYPERLINK(\"x\")";

/// A city with something on every layer: names in two scripts, works at a spot and along a line, an area of two parts and
/// one with a hole, storms at a gauge and of the whole city.
pub fn world() -> Vec<Event> {
    let at = |lon, lat| Position::new(lon, lat).unwrap();
    let square = |lon: f64, lat: f64, side: f64| {
        vec![at(lon, lat), at(lon + side, lat), at(lon + side, lat + side), at(lon, lat + side), at(lon, lat)]
    };
    let line = vec![at(-73.901, 40.77), at(-73.899, 40.7701), at(-73.898, 40.771)];
    let street = |id: &str, name: &str| Street { id: id.into(), name: name.into(), line: line.clone() };
    let works = |id: &str, line: &[Position], end| {
        let text = |text: &str| Some(text.to_owned());
        let (kind, name, reference) = (text("new_pump"), text("排水泵 & <pump>"), None);
        Works { id: id.into(), line: line.into(), start: T0, end, kind, name, reference }
    };
    let area = |id: &str, polygons| Area {
        id: id.into(),
        level: AreaLevel::District,
        parent: None,
        name: Some("东区".into()),
        polygons,
    };
    let mut hole = square(-73.85, 40.72, 0.01);
    hole.reverse();
    let hour = RainInterval { start: T0 + 10 * 86_400, seconds: 3_600, depth_um: Some(12_000) };
    // An hour before the newest event.
    let closed =
        Report { passability: Some(Passability::Impassable), ..seen("shut", 31_557_600 - 3_600, -73.95, 40.76) };
    let mut events = city();
    events.extend([
        Event::Streets(vec![street("s1", "Dock St"), street("s2", FORMULA)]),
        Event::Works(vec![works("w1", &line[..1], None), works("w2", &line, Some(T0 + 86_400))]),
        Event::Areas(vec![
            area("a1", vec![vec![square(-74.0, 40.7, 0.05)], vec![square(-73.94, 40.7, 0.02)]]),
            area("a2", vec![vec![square(-73.9, 40.7, 0.1), hole]]),
        ]),
        Event::Gauges(vec![Gauge { id: "g1".into(), position: at(-73.9, 40.75), name: None }]),
        Event::GaugeRain(GaugeRain { gauge: "g1".into(), intervals: vec![hour] }),
        Event::Report(closed),
    ]);
    events
}

pub struct World {
    pub folder: tempfile::TempDir,
}

impl World {
    pub fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        seed(&folder.path().join("city"), &world());
        World { folder }
    }

    /// A layer in a file, by the command line.
    pub fn export(&self, layer: Layer, format: Format) -> PathBuf {
        let name = format!("{}.{}", layer.name(), format.extension());
        let arguments = ["--data", "city", "export", layer.name(), "-o", &name, "--format", format.name()];
        let said = waterlog(self.folder.path(), &arguments).expect_success();
        assert!(said.starts_with(&name), "{said}");
        self.folder.path().join(name)
    }

    /// The features of a layer as GeoJSON, by id.
    pub fn features(&self, layer: Layer) -> BTreeMap<String, Value> {
        let printed = waterlog(self.folder.path(), &["--data", "city", "export", layer.name()]).expect_success();
        by_id(&serde_json::from_str(&printed).unwrap())
    }
}

fn by_id(collection: &Value) -> BTreeMap<String, Value> {
    let features = collection["features"].as_array().unwrap().iter();
    features.map(|f| (f["id"].as_str().unwrap().to_owned(), f.clone())).collect()
}

/// Is GDAL here? CI must have it.
pub fn gdal() -> bool {
    let there = Command::new("ogr2ogr").arg("--version").output().is_ok_and(|out| out.status.success());
    if !there {
        told!("comparison with GDAL skipped: there is no ogr2ogr");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must not skip the comparison");
    }
    there
}

pub fn run(program: &str, arguments: &[&str]) -> String {
    let out = Command::new(program).args(arguments).output().unwrap();
    let (text, complaint) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{program} {arguments:?}: {text}{complaint}");
    assert!(!complaint.contains("ERROR") && !complaint.contains("Warning"), "{program} {arguments:?}: {complaint}");
    text.into_owned()
}

/// What GDAL reads from a layer of a file, by id.
fn read_by_gdal(path: &Path, layer: Layer) -> BTreeMap<String, Value> {
    let path = path.to_str().unwrap();
    let options = ["-lco", "COORDINATE_PRECISION=7", "-lco", "WRITE_NAME=NO"];
    let text = run("ogr2ogr", &[&["-f", "GeoJSON", "/vsistdout/", path, layer.name()][..], &options].concat());
    let collection: Value = serde_json::from_str(&text).unwrap();
    let features = collection["features"].as_array().unwrap().iter().map(|feature| {
        let mut feature = feature.clone();
        let properties = feature["properties"].as_object_mut().unwrap();
        let id = properties.remove("id").or_else(|| properties.remove("name_of_id")).unwrap();
        (id.as_str().unwrap().to_owned(), feature)
    });
    features.collect()
}

/// A geometry without what formats may choose: a polygon of one part, and nothing in several ways.
fn plain(geometry: &Value) -> Value {
    let coordinates = geometry["coordinates"].as_array();
    match (geometry["type"].as_str(), coordinates) {
        (_, None) => Value::Null,
        (_, Some(empty)) if empty.is_empty() => Value::Null,
        (Some("Polygon"), _) => json!([geometry["coordinates"]]),
        _ => geometry["coordinates"].clone(),
    }
}

/// Are these numbers the same to a part of a millionth, and all else alike?
pub fn alike(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-7,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (a, b) => a == b,
    }
}

#[test]
fn gdal_reads_from_every_format_what_the_page_holds() {
    if !gdal() {
        return;
    }
    let world = World::new();
    for layer in Layer::ALL {
        let ours = world.features(layer);
        assert!(!ours.is_empty(), "{} is empty", layer.name());
        for format in [Format::GeoPackage, Format::FlatGeobuf] {
            let file = world.export(layer, format);
            let what = format!("{} as {}", layer.name(), format.name());
            let theirs = read_by_gdal(&file, layer);
            assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{what}");
            for (id, ours) in &ours {
                let theirs = &theirs[id];
                let [a, b] = [ours, theirs].map(|f| plain(&f["geometry"]));
                assert!(alike(&a, &b), "{what}, {id}: {a} is not {b}");
                for column in layer.columns() {
                    let [a, b] = [ours, theirs].map(|f| &f["properties"][column.name]);
                    assert!(alike(a, b), "{what}, {id}, {}: {a} is not {b}", column.name);
                }
            }
        }
    }
}

#[test]
fn the_columns_of_a_file_have_the_types_of_the_layer() {
    if !gdal() {
        return;
    }
    let world = World::new();
    for layer in Layer::ALL {
        for format in [Format::GeoPackage, Format::FlatGeobuf] {
            let file = world.export(layer, format);
            let said = run("ogrinfo", &["-so", file.to_str().unwrap(), layer.name()]);
            for column in layer.columns() {
                let kind = match column.kind {
                    Kind::Text => "String (",
                    Kind::Integer => "Integer64 (",
                    Kind::Real => "Real (",
                    Kind::Boolean => "Integer(Boolean) (",
                    Kind::DateTime => "DateTime (",
                };
                let line = format!("\n{}: {kind}", column.name);
                assert!(said.contains(&line), "{} as {}: no {line:?} in {said}", layer.name(), format.name());
            }
            assert!(said.contains("ID[\"EPSG\",4326]"), "{said}");
        }
    }
}

#[test]
fn gdal_finds_no_fault_in_a_geopackage() {
    if !gdal() {
        return;
    }
    let world = World::new();
    for layer in Layer::ALL {
        let file = world.export(layer, Format::GeoPackage);
        let arguments = ["-m", "osgeo_utils.samples.validate_gpkg", "--extra", file.to_str().unwrap()];
        run("/usr/bin/python3", &arguments);
    }
}

#[test]
fn a_kml_has_a_placemark_for_each_feature_where_it_lies() {
    if !gdal() {
        return;
    }
    let world = World::new();
    for layer in Layer::ALL {
        let ours = world.features(layer);
        let theirs = read_by_gdal(&world.export(layer, Format::Kml), layer);
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{}", layer.name());
        for (id, ours) in &ours {
            let [a, b] = [ours, &theirs[id]].map(|f| plain(&f["geometry"]));
            // It reads heights into positions, which are all 0.
            let flat = b.to_string().replace(",0.0]", "]");
            assert!(alike(&a, &serde_json::from_str(&flat).unwrap()), "{}, {id}: {a} is not {b}", layer.name());
            for column in layer.columns().iter().filter(|column| matches!(column.kind, Kind::Text | Kind::Integer)) {
                let [a, b] = [ours, &theirs[id]].map(|f| &f["properties"][column.name]);
                // A name is the placemark's own, too.
                assert!(
                    column.name == "name" || alike(a, b),
                    "{}, {id}, {}: {a} is not {b}",
                    layer.name(),
                    column.name
                );
            }
        }
    }
}

#[test]
fn the_service_sends_the_same_files_as_the_command_line_writes() {
    let world = World::new();
    let server = Server::start_with(&world.folder.path().join("city"), &["--clock", "2024-12-31T06:00:00Z"]);
    for layer in Layer::ALL {
        let name = layer.name();
        let page = by_id(&server.get(&format!("/layers/{name}.geojson")).json());
        assert_eq!(page, world.features(layer), "{name}");
        for format in Format::ALL {
            let ending = format.extension();
            let answer = server.get(&format!("/layers/{name}.{ending}"));
            assert_eq!((answer.status, answer.header("content-type")), (200, format.media_type()), "{name}.{ending}");
            let by_name = server.get(&format!("/layers/{name}?f={}", format.name()));
            assert_eq!(by_name.body, answer.body, "{name} as {}", format.name());
            let tag = answer.header("etag").to_owned();
            let again = server.get_with(&format!("/layers/{name}.{ending}"), &[("if-none-match", &tag)]);
            assert_eq!((again.status, again.body.len()), (304, 0));
            if format == Format::GeoJson {
                continue;
            }
            assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}.{ending}\""));
            let written = std::fs::read(world.export(layer, format)).unwrap();
            assert!(answer.body == written, "{name}.{ending} differs");
        }
    }
    // Filters and views, and pages of OGC API.
    let some =
        server.get("/layers/reports.csv?bbox=-74,40,-73,40.775&datetime=../2024-01-12T00:00:00Z&lapse=60").text();
    let page =
        server.features("/layers/reports.geojson?bbox=-74,40,-73,40.775&datetime=../2024-01-12T00:00:00Z&lapse=60");
    assert!(some.lines().count() == page.len() + 1 && page.len() > 1, "{some}");
    let first = server.get("/ogc/collections/reports/items?f=csv&limit=2");
    assert_eq!(first.text().lines().count(), 3);
    let next = first.header("link").trim_start_matches('<').split_once(">; rel=\"next\"").unwrap().0.to_owned();
    let second = server.get(&next);
    assert_eq!((second.status, second.text().lines().count()), (200, 3));
    assert!(second.text().lines().nth(1) != first.text().lines().nth(1));
    for (at, part) in [
        ("/layers/reports.csv?f=gpkg", "the address ends in .csv"),
        ("/layers/reports?f=", "names nothing; known here are geojson"),
        ("/layers/reports.gpkg?bom=true", "only csv"),
        ("/layers/reports.csv?bom=maybe", "neither true nor false"),
        ("/layers/reports.csv?colour=red", "unknown query parameter"),
    ] {
        assert!(server.get(at).problem(400).contains(part), "{at}");
    }
    assert!(server.get("/layers/reports.shp").problem(404).contains(".gpkg"));
}

#[test]
fn a_file_that_was_sent_or_that_nobody_waits_for_is_gone() {
    let world = World::new();
    let temporary = tempfile::tempdir().unwrap();
    let mut serve = command(&world.folder.path().join("city"), &["--listen", "127.0.0.1:0"]);
    serve.env("TMPDIR", temporary.path());
    let server = Server::of(serve);
    let empty = || std::fs::read_dir(temporary.path()).unwrap().next().is_none();
    assert_eq!(server.get("/layers/reports.gpkg").status, 200);
    server.until("the file is gone", empty);
    for _ in 0..8 {
        let answer = server.open("/layers/reports.gpkg", &[]);
        assert_eq!(answer.status(), 200);
        drop(answer);
    }
    server.until("the files are gone", empty);
    assert_eq!(server.get("/layers/reports.fgb").status, 200, "their places are free again");
}

#[test]
fn no_file_holds_a_person_or_what_was_said() {
    let server = Server::seeded(&world());
    let said = json!({"text": "Call Erika Mustermann, 555-0100", "place": "her house"});
    let posted = server.post(&report(said));
    assert_eq!(posted.status, 201, "{}", posted.text());
    for layer in Layer::ALL {
        for format in Format::ALL {
            let body = server.get(&format!("/layers/{}.{}", layer.name(), format.extension())).body;
            for secret in ["Mustermann", "555-0100", "her house", "person"] {
                let found = body.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
                assert!(!found, "{secret:?} in {}.{}", layer.name(), format.extension());
            }
        }
    }
}

#[test]
fn an_export_says_what_is_wrong_and_leaves_nothing_behind() {
    let world = World::new();
    let folder = world.folder.path();
    let export = |arguments: &[&str]| waterlog(folder, &[&["--data", "city", "export"], arguments].concat());
    for (arguments, part) in [
        (&["reports", "-o", "x.shp"][..], "no format ends so"),
        (&["reports", "--format", "gpkg"], "name a file with --output"),
        (&["reports", "-o", "nowhere/x.gpkg"], "cannot be written"),
        (&["reports", "--only", "category"], "not a condition like name=value"),
        (&["streets", "--only", "category=manhole"], "streets have no category"),
        (
            &["incidents", "--only", "colour=red"],
            "known are bbox, datetime, category, status, weather, gauge, state, overdue, area, filter, filter-lang, \
             filter-crs, limit, sort, cursor, offset, sortby, properties",
        ),
        (&["reports", "-o", "x.gpkg", "--only", "filter=depth > 3"], "filter \"depth > 3\""),
        (&["reports", "-o", "x.gpkg", "--bom"], "only csv has a byte order mark"),
    ] {
        let complaint = export(arguments).expect_failure();
        assert!(complaint.contains(part), "{arguments:?}: {complaint}");
    }
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["city"]);
    // Whoever reads it may leave.
    let piped = "\"$0\" --data city export reports --format kml | head -c 10; exit \"${PIPESTATUS[0]}\"";
    let bash = Command::new("bash").args(["-c", piped, env!("CARGO_BIN_EXE_waterlog")]).current_dir(folder).status();
    assert!(bash.unwrap().success());
    let two = export(&["reports", "--only", "limit=2", "category=waterlogging", "--format", "csv"]).expect_success();
    assert_eq!(two.lines().count(), 3);
}

#[test]
fn an_export_that_is_stopped_leaves_a_whole_file_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("city");
    let data = data.to_str().unwrap();
    waterlog(TREE.as_ref(), &["--data", data, "demo", "--no-serve"]).expect_success();
    let out = folder.path().join("out");
    let files = || -> Vec<String> {
        let names = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect()
    };
    let mut stopped = 0;
    for wait_ms in [0, 0, 5, 10, 20, 40] {
        std::fs::create_dir(&out).unwrap();
        let mut export = start(folder.path(), &["--data", data, "export", "reports", "-o", "out/r.gpkg"]);
        while files().is_empty() && export.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(wait_ms));
        Command::new("kill").args(["-INT", &export.id().to_string()]).status().unwrap();
        let well = export.wait().unwrap().success();
        assert_eq!(files(), if well { vec!["r.gpkg"] } else { vec![] }, "after {wait_ms} ms");
        stopped += u32::from(!well);
        std::fs::remove_dir_all(&out).unwrap();
    }
    println!("{stopped} of 6 were stopped before their end");
}

#[test]
fn the_readme_and_the_manual_name_every_format() {
    let readme = std::fs::read_to_string(format!("{TREE}/README.md")).unwrap();
    let manual = waterlog(TREE.as_ref(), &["export", "--help"]).expect_success();
    for format in Format::ALL {
        assert!(readme.contains(&format!("`.{}`", format.extension())), "README: {}", format.extension());
        assert!(manual.contains(format.title().split(' ').next().unwrap()), "{manual}");
    }
}
