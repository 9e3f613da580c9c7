//! Layers as files: every format holds what the page holds, with the right types, and nothing else. Read by GDAL, and by
//! readers that share nothing with the writers.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use waterlog::export::Format;
use waterlog::hazard::event::{
    Area, AreaLevel, Event, Gauge, GaugeRain, Passability, RainInterval, Report, Street, Works,
};
use waterlog::hazard::layer::{Kind, Layer, Time};
use waterlog::hazard::position::Position;

use crate::layers::{T0, city, seen};
use crate::program::{TREE, waterlog};
use crate::server::{Server, command, report, seed};

/// A name that a spreadsheet would work out.
const FORMULA: &str = "=HYPERLINK(\"x\")";

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

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        seed(&folder.path().join("city"), &world());
        World { folder }
    }

    /// A layer in a file, by the command line.
    fn export(&self, layer: Layer, format: Format) -> PathBuf {
        let name = format!("{}.{}", layer.name(), format.extension());
        let arguments = ["--data", "city", "export", layer.name(), "-o", &name, "--format", format.name()];
        let said = waterlog(self.folder.path(), &arguments).expect_success();
        assert!(said.starts_with(&name), "{said}");
        self.folder.path().join(name)
    }

    /// The features of a layer as GeoJSON, by id.
    fn features(&self, layer: Layer) -> BTreeMap<String, Value> {
        let printed = waterlog(self.folder.path(), &["--data", "city", "export", layer.name()]).expect_success();
        by_id(&serde_json::from_str(&printed).unwrap())
    }
}

fn by_id(collection: &Value) -> BTreeMap<String, Value> {
    let features = collection["features"].as_array().unwrap().iter();
    features.map(|f| (f["id"].as_str().unwrap().to_owned(), f.clone())).collect()
}

/// Is GDAL here? CI must have it.
fn gdal() -> bool {
    let there = Command::new("ogr2ogr").arg("--version").output().is_ok_and(|out| out.status.success());
    if !there {
        eprintln!("comparison with GDAL skipped: there is no ogr2ogr");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must not skip the comparison");
    }
    there
}

fn run(program: &str, arguments: &[&str]) -> String {
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
fn alike(ours: &Value, theirs: &Value) -> bool {
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
        for format in Format::ALL.into_iter().filter(|format| format.has(layer)) {
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
        ("/layers/reports?f=shp", "unknown; known are geojson"),
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
        for format in Format::ALL.into_iter().filter(|format| format.has(layer)) {
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
        (&["reports", "-o", "x.gpkg", "--bom"], "only csv has a byte order mark"),
    ] {
        let complaint = export(arguments).expect_failure();
        assert!(complaint.contains(part), "{arguments:?}: {complaint}");
    }
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["city"]);
    let two = export(&["reports", "--only", "limit=2", "category=waterlogging", "--format", "csv"]).expect_success();
    assert_eq!(two.lines().count(), 3);
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
#[test]
fn a_geopackage_has_a_sound_index_and_a_style() {
    let world = World::new();
    for layer in Layer::ALL {
        let file = rusqlite::Connection::open(world.export(layer, Format::GeoPackage)).unwrap();
        let one = |sql: &str| file.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
        let name = layer.name();
        assert_eq!(one(&format!("SELECT rtreecheck('rtree_{name}_geom')")), "ok".to_owned().into());
        assert_eq!(one("PRAGMA integrity_check"), "ok".to_owned().into());
        let (in_tree, lie_somewhere) = (
            one(&format!("SELECT count(*) FROM rtree_{name}_geom")),
            one(&format!("SELECT count(*) FROM {name} WHERE geom IS NOT NULL")),
        );
        assert_eq!(in_tree, lie_somewhere);
        let styles = if layer == Layer::Works { 0 } else { 1 };
        assert_eq!(one("SELECT count(*) FROM layer_styles"), i64::from(styles).into());
    }
}

#[test]
fn a_flatgeobuf_gives_what_lies_in_a_box() {
    use flatgeobuf::{FallibleStreamingIterator, FgbReader};
    let world = World::new();
    let bytes = std::fs::read(world.export(Layer::Reports, Format::FlatGeobuf)).unwrap();
    let inside = |f: &&Value| {
        let degrees = |n: usize| f["geometry"]["coordinates"][n].as_f64().unwrap();
        (-74.0..=-73.0).contains(&degrees(0)) && (40.0..=40.775).contains(&degrees(1))
    };
    let ours = world.features(Layer::Reports);
    let expected = ours.values().filter(inside).count();
    let mut found =
        FgbReader::open(std::io::Cursor::new(&bytes)).unwrap().select_bbox(-74.0, 40.0, -73.0, 40.775).unwrap();
    let mut count = 0;
    while found.next().unwrap().is_some() {
        count += 1;
    }
    assert!(count == expected && count > 0 && count < ours.len(), "{count} of {expected}");
}

#[test]
fn a_csv_holds_the_same_and_no_cell_is_a_formula() {
    let world = World::new();
    for layer in Layer::ALL {
        let ours = world.features(layer);
        let mut table = csv::Reader::from_path(world.export(layer, Format::Csv)).unwrap();
        let names = table.headers().unwrap().clone();
        let mut rows = 0;
        for row in table.records().map(Result::unwrap) {
            rows += 1;
            let cell = |name: &str| names.iter().position(|n| n == name).map(|n| &row[n]);
            let feature = &ours[cell("id").unwrap()];
            for column in layer.columns() {
                let text = match &feature["properties"][column.name] {
                    Value::Null => String::new(),
                    Value::String(text) if text == FORMULA => format!("'{text}"),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                let found = cell(column.name).unwrap();
                let number = |text: &str| text.parse::<f64>().ok();
                assert!(found == text || number(found) == number(&text), "{}: {found} is not {text}", column.name);
            }
            if let Some(lon) = cell("lon").filter(|lon| !lon.is_empty()) {
                assert_eq!(lon.parse().ok(), feature["geometry"]["coordinates"][0].as_f64());
            }
        }
        assert_eq!(rows, ours.len());
    }
    let data = world.folder.path();
    let with_mark =
        waterlog(data, &["--data", "city", "export", "places", "--format", "csv", "--bom"]).expect_success();
    assert!(with_mark.starts_with("\u{FEFF}id,lon,lat,name\n"), "{with_mark}");
}

#[test]
fn a_geoparquet_holds_typed_columns_and_says_where_it_lies() {
    use parquet::basic::{LogicalType, Type};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::{Field, RowAccessor};
    let world = World::new();
    for layer in Layer::ALL {
        let ours = world.features(layer);
        let file = std::fs::File::open(world.export(layer, Format::GeoParquet)).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let about = reader.metadata().file_metadata();
        assert_eq!(about.num_rows(), ours.len() as i64);
        let geo = about.key_value_metadata().unwrap().iter().find(|pair| pair.key == "geo").unwrap();
        let geo: Value = serde_json::from_str(geo.value.as_ref().unwrap()).unwrap();
        assert_eq!((&geo["version"], &geo["primary_column"]), (&json!("1.1.0"), &json!("geometry")));
        assert_eq!(
            (&geo["columns"]["geometry"]["encoding"], geo["columns"]["geometry"]["bbox"].is_array()),
            (&json!("WKB"), true)
        );
        let schema = about.schema_descr();
        for column in layer.columns() {
            let found = schema.columns().iter().find(|c| c.name() == column.name).unwrap();
            let kind = (found.physical_type(), found.logical_type_ref());
            assert!(
                match column.kind {
                    Kind::Text => matches!(kind, (Type::BYTE_ARRAY, Some(LogicalType::String))),
                    Kind::Integer => matches!(kind, (Type::INT64, None)),
                    Kind::Real => matches!(kind, (Type::DOUBLE, None)),
                    Kind::Boolean => matches!(kind, (Type::BOOLEAN, None)),
                    Kind::DateTime => matches!(kind, (Type::INT64, Some(LogicalType::Timestamp { .. }))),
                },
                "{}: {kind:?}",
                column.name
            );
        }
        for row in reader.get_row_iter(None).unwrap().map(Result::unwrap) {
            let feature = &ours[row.get_string(0).unwrap()];
            if feature["geometry"]["type"] == "Point" {
                let bytes = row.get_bytes(1).unwrap().data();
                let degrees = |from: usize| f64::from_le_bytes(bytes[from..from + 8].try_into().unwrap());
                assert!(alike(&feature["geometry"]["coordinates"], &json!([degrees(5), degrees(13)])));
            }
            for (name, field) in row.get_column_iter().skip(3) {
                let theirs = match field {
                    Field::Null => Value::Null,
                    Field::Str(text) => json!(text),
                    Field::Long(n) => json!(n),
                    Field::Double(v) => json!(v),
                    Field::Bool(flag) => json!(flag),
                    Field::TimestampMillis(at) => json!(Time(at / 1_000).to_string()),
                    other => panic!("{name}: {other:?}"),
                };
                let ours = &feature["properties"][name];
                assert!(alike(ours, &theirs), "{name}: {ours} is not {theirs}");
            }
        }
    }
}

#[test]
fn the_tiles_of_a_pmtiles_are_those_that_the_service_draws() {
    let world = World::new();
    let said =
        waterlog(world.folder.path(), &["--data", "city", "export", "reports", "-o", "r.pmtiles", "--zoom", "9"]);
    assert!(said.expect_success().starts_with("r.pmtiles: "));
    let file = std::fs::read(world.folder.path().join("r.pmtiles")).unwrap();
    let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap()) as usize;
    assert_eq!((&file[..8], file[97], file[98], file[99], file[100], file[101]), (&b"PMTiles\x03"[..], 2, 2, 1, 0, 9));
    let unpacked = |at: usize, bytes: usize| {
        let mut out = Vec::new();
        flate2::read::GzDecoder::new(&file[at..at + bytes]).read_to_end(&mut out).unwrap();
        out
    };
    let about: Value = serde_json::from_slice(&unpacked(number(24), number(32))).unwrap();
    assert_eq!(about["vector_layers"][0]["id"], "reports");
    let root = unpacked(number(8), number(16));
    let mut rest = &root[..];
    let mut next = || {
        let (mut n, mut shift) = (0, 0);
        loop {
            let byte = rest[0];
            rest = &rest[1..];
            n |= usize::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 {
                return n;
            }
        }
    };
    let count = next();
    let [ids, runs, lengths, offsets] = [(); 4].map(|()| (0..count).map(|_| next()).collect::<Vec<_>>());
    assert!(runs.iter().all(|run| *run == 1) && offsets[0] == 1 && offsets[1..].iter().all(|offset| *offset == 0));
    let server = Server::start_with(&world.folder.path().join("city"), &["--clock", "2024-12-31T06:00:00Z"]);
    let (mut id, mut at, mut compared) = (0, number(56), 0);
    for (step, bytes) in ids.into_iter().zip(lengths) {
        id += step;
        let tile = unpacked(at, bytes);
        at += bytes;
        // Zoom 0 has id 0; of zoom 1 the curve goes north-west, south-west, south-east, north-east.
        let path = ["0/0/0", "1/0/0", "1/0/1", "1/1/1", "1/1/0"].get(id);
        if let Some(path) = path {
            assert_eq!(server.get(&format!("/tiles/reports/{path}")).body, tile, "{path}");
            compared += 1;
        }
    }
    assert!(compared >= 2 && at == number(56) + number(64));
    assert!(server.get("/layers/places.pmtiles").problem(400).contains("places have no tiles"));
    assert!(server.get("/layers/reports.pmtiles?limit=2").problem(400).contains("neither bbox nor limit"));
    assert!(server.get("/ogc/collections/reports/items?f=pmtiles").problem(400).contains("a page has no tiles"));
}

#[test]
fn a_sequence_is_one_record_a_feature() {
    let world = World::new();
    for layer in [Layer::Reports, Layer::Areas] {
        let text = std::fs::read_to_string(world.export(layer, Format::GeoJsonSeq)).unwrap();
        let records: Vec<Value> =
            text.split('\u{1E}').skip(1).map(|record| serde_json::from_str(record).unwrap()).collect();
        let features: Vec<Value> = world.features(layer).into_values().collect();
        assert_eq!(records.len(), features.len());
        assert!(features.iter().all(|feature| records.contains(feature)));
    }
}
