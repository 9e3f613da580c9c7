//! Files in every format a city may have, and everything that can be wrong with them, through the program.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::program::{Outcome, log, waterlog};

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A folder with one file.
pub fn folder_with(name: &str, bytes: impl AsRef<[u8]>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    folder
}

pub fn run(folder: &Path, arguments: &[&str]) -> Outcome {
    waterlog(folder, &[&["--data", "city", "import"], arguments].concat())
}

pub fn rejects(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(format!("{name}.rejects.csv"))).unwrap_or_default()
}

/// The events of the database, without checksums.
pub fn events(folder: &Path) -> Vec<String> {
    log(&folder.join("city")).into_iter().map(|(_, event, _)| event).collect()
}

pub const HEADER: &str = "id,category,lon,lat,observed_at\n";

pub fn row(id: usize, at: usize) -> String {
    format!("{id},waterlogging,110.{id:03},20.5,{at}\n")
}

pub fn feature(id: usize, at: usize) -> String {
    format!(
        "{{\"type\":\"Feature\",\"id\":{id},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[110.{id:03},20.5]}},\
         \"properties\":{{\"category\":\"waterlogging\",\"observed_at\":{at}}}}}"
    )
}

pub fn collection(features: &[String]) -> String {
    format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n"))
}

#[test]
fn the_same_reports_in_every_format_plain_or_gzip_give_the_same_log() {
    let csv = HEADER.to_owned() + &(1..=3).map(|i| row(i, 100 * i)).collect::<String>();
    let features: Vec<String> = (1..=3).map(|i| feature(i, 100 * i)).collect();
    let objects: Vec<String> = (1..=3)
        .map(|i| format!("{{\"id\":\"{i}\",\"category\":\"waterlogging\",\"lon\":110.{i:03},\"lat\":\"20.5\",\"observed_at\":{}}}", 100 * i))
        .collect();
    let files = [
        ("a.csv", csv.clone()),
        ("a.tsv", csv.replace(',', "\t")),
        ("tabs.csv", csv.replace(',', "\t")),
        ("a.geojson", collection(&features)),
        ("pretty.geojson", collection(&features).replace(',', ",\r\n  ").replace(':', " : ")),
        ("commas.tsv", csv.clone()),
        ("collection.csv", collection(&features)),
        ("lines.geojson", features.join("\n")),
        (
            "crs.geojson",
            collection(&features).replace(
                "\"features\"",
                "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:OGC:1.3:CRS84\"}},\"features\"",
            ),
        ),
        ("a.ndjson", objects.join("\n\n")),
        ("list.json", format!("[{}]", objects.join(","))),
        ("a.geojsons", format!("\x1e{}\n", features.join("\n\x1e").replace(',', ",\n"))),
    ];
    let mut expected = None;
    for (name, text) in &files {
        for (name, bytes) in
            [((*name).to_owned(), text.clone().into_bytes()), (format!("{name}.gz"), gzip(text.as_bytes()))]
        {
            let folder = folder_with(&name, bytes);
            let said = run(folder.path(), &[&name]).expect_success();
            assert_eq!(
                said.split(" in ").next(),
                Some(&*format!("{name}: 3 rows: 3 reports new, 0 known, 0 rejected; 3 events appended"))
            );
            let events = events(folder.path());
            assert_eq!(expected.get_or_insert(events.clone()), &events, "{name}");
            let said = run(folder.path(), &[&name, "--mapping", "geojson"]).expect_success();
            assert!(said.contains("0 reports new, 3 known"), "{name}: {said}");
        }
    }
    let several = [gzip(&csv.as_bytes()[..40]), gzip(&csv.as_bytes()[40..])].concat();
    let folder = folder_with("members.gz", several);
    run(folder.path(), &["members.gz"]).expect_success();
    assert_eq!(expected, Some(events(folder.path())), "a gzip of several members");
    let folder = folder_with("a.txt", &files[3].1);
    run(folder.path(), &["a.txt", "--format", "geojson"]).expect_success();
    assert!(run(folder.path(), &["a.txt", "--format", "csv"]).expect_failure().contains("closing quote"));
}

#[test]
fn several_files_are_one_import_in_one_order_of_time_with_one_set_of_ids() {
    let folder = folder_with("new.csv", HEADER.to_owned() + &row(1, 300) + &row(2, 500) + &row(9, 1));
    let old = collection(&[feature(3, 100), feature(2, 500), feature(1, 301), feature(4, 400)]);
    fs::write(folder.path().join("old.geojson.gz"), gzip(old.as_bytes())).unwrap();
    let said = run(folder.path(), &["new.csv", "old.geojson.gz"]).expect_success();
    let lines: Vec<_> = said.lines().map(|l| l.split("; ").next().unwrap()).collect();
    assert_eq!(lines[0], "new.csv: 3 rows: 3 reports new, 0 known, 0 rejected");
    assert!(lines[1].starts_with("old.geojson.gz: 4 rows: 2 reports new, 0 known, 1 repeated, 1 rejected"), "{said}");
    assert_eq!(lines[2], "2 files: 7 rows: 5 reports new, 0 known, 1 rejected");
    let contradiction = rejects(folder.path(), "old.geojson.gz");
    assert!(
        contradiction.contains("\n4,1,id,1,\"this id stands in new.csv:2 already, with other content\""),
        "{contradiction}"
    );
    let times = |events: Vec<String>| -> Vec<u64> {
        let at = |e: &String| serde_json::from_str::<serde_json::Value>(e).unwrap()["report"]["at"].as_u64().unwrap();
        events.iter().map(at).collect()
    };
    assert_eq!(times(events(folder.path())), [1, 100, 300, 400, 500]);
    let said = run(folder.path(), &["new.csv", "old.geojson.gz"]).expect_success();
    assert!(said.contains("2 files: 7 rows: 0 reports new, 5 known, 1 rejected; 0 events"), "{said}");
    assert!(run(folder.path(), &["new.csv", "new.csv"]).expect_failure().contains("is given twice"));
}

#[test]
fn a_bad_line_or_feature_is_rejected_where_it_stands_and_the_others_are_taken() {
    let good = feature(7, 5);
    let point = |coordinates: &str| good.replace("[110.007,20.5]", coordinates);
    let shape = |geometry: &str| good.replace("{\"type\":\"Point\",\"coordinates\":[110.007,20.5]}", geometry);
    let deep = |n: usize| {
        good.replace("\"properties\":{", &format!("\"properties\":{{\"x\":{}{},", "[".repeat(n), "]".repeat(n)))
    };
    let ring = "{\"type\":\"Polygon\",\"coordinates\":[[[110,20],[110,20]]]}";
    for (what, bad, reason) in [
        ("an unfinished object", "{\"type\":\"Feature\",".to_owned(), "not JSON: EOF while parsing"),
        ("no JSON", "nonsense".to_owned(), "not JSON"),
        ("a number", "17".to_owned(), "neither a Feature nor a JSON object"),
        ("swapped axes", point("[20.5,113.6]"), "looks like lat,lon: swap the axes"),
        ("one number", point("[110]"), "not a position of two numbers"),
        ("words", point("[\"a\",\"b\"]"), "not a position of two numbers"),
        ("no geometry", shape("null"), "missing position"),
        ("an empty point", point("[]"), "missing position"),
        (
            "a line",
            shape("{\"type\":\"LineString\",\"coordinates\":[[110,20],[111,21]]}"),
            "not a Point; for reports, a mapping with geometry",
        ),
        ("a ring of two", shape(ring), "not a Point"),
        ("deep", deep(200), "nested deeper than 127 levels"),
        ("no category", good.replace("waterlogging", "flood"), "known are waterlogging"),
        ("a time that is none", good.replace(":5}", ":\"soon\"}"), "not a time"),
        ("no id", good.replace("\"id\":7,", ""), "missing id"),
        ("a collection in a line", collection(&[]).replace('\n', ""), "say --format geojson"),
    ] {
        let name = "a.ndjson";
        let folder = folder_with(name, format!("{}\n{bad}\r\n{}\n", feature(1, 5), feature(2, 6)));
        let said = run(folder.path(), &[name]).expect_success();
        assert!(said.contains("3 rows: 2 reports new, 0 known, 1 rejected"), "{what}: {said}");
        let rejects = rejects(folder.path(), name);
        assert!(
            rejects.lines().nth(1).unwrap_or_default().starts_with("2,") && rejects.contains(reason),
            "{what}: {rejects}"
        );
        // Within a collection what is JSON at all stands alone as well.
        if !reason.starts_with("not JSON") {
            let features = [feature(1, 5), bad, feature(2, 6)];
            fs::write(folder.path().join("a.geojson"), collection(&features)).unwrap();
            let said = run(folder.path(), &["a.geojson"]).expect_success();
            assert!(said.contains("3 rows: 0 reports new, 2 known, 1 rejected"), "{what}: {said}");
            let rejects = self::rejects(folder.path(), "a.geojson");
            assert!(rejects.lines().nth(1).unwrap_or_default().starts_with("3,1,"), "{what}: {rejects}");
        }
    }
    let folder = folder_with("a.ndjson", point("[110.007,20.5,3,4,5]") + "\n" + &deep(100));
    let said = run(folder.path(), &["a.ndjson"]).expect_success();
    assert!(
        said.contains("1 reports new, 0 known, 1 repeated, 0 rejected"),
        "numbers beyond the second are ignored: {said}"
    );
}

#[test]
fn a_shape_has_a_position_only_where_the_mapping_says_so() {
    let square = feature(1, 5).replace(
        "{\"type\":\"Point\",\"coordinates\":[110.001,20.5]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[110,20],[110.2,20],[110.2,20.2],[110,20.2],[110,20]]]}",
    );
    let two = feature(2, 5).replace(
        "{\"type\":\"Point\",\"coordinates\":[110.002,20.5]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[110,20],[110,20]]]}",
    );
    let folder = folder_with("a.geojson", collection(&[square, two]));
    assert!(run(folder.path(), &["a.geojson"]).expect_success().contains("0 reports new, 0 known, 2 rejected"));
    let mapping =
        include_str!("../../data/mappings/geojson.toml").replace("geometry = \"point\"", "geometry = \"centroid\"");
    fs::write(folder.path().join("m.toml"), mapping).unwrap();
    let said = run(folder.path(), &["a.geojson", "--mapping", "m.toml"]).expect_success();
    assert!(said.contains("1 reports new, 0 known, 1 rejected"), "{said}");
    let rejects = rejects(folder.path(), "a.geojson");
    assert!(rejects.contains("a ring of 2 positions is no ring"), "{rejects}");
    assert!(events(folder.path())[0].contains("[1101000000,201000000]"), "{:?}", events(folder.path()));
}

#[test]
fn a_file_that_is_something_else_is_refused_with_a_message_that_helps() {
    let csv = HEADER.to_owned() + &row(1, 5);
    let utf16: Vec<u8> = csv.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let crs = |at_end: bool| {
        let crs = "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:3857\"}}";
        let text = collection(&[feature(1, 5)]);
        if at_end { text.replace("]}\n", &format!("],{crs}}}")) } else { text.replacen('{', &format!("{{{crs},"), 1) }
    };
    let cases: [(&str, Vec<u8>, &str); 20] = [
        ("empty.csv", vec![], "empty.csv:1:1: file \"empty.csv\": is empty: there is no header line"),
        ("empty.geojson", vec![], "is empty: there is no feature in it"),
        ("blank.ndjson", b"\n\n".to_vec(), "is empty: there is no feature in it"),
        ("empty.csv.gz", gzip(b""), "is empty: there is no header line"),
        ("bom.csv", [b"\xFF\xFE", &utf16[..]].concat(), "is UTF-16: save it as CSV in UTF-8"),
        ("bare.csv", utf16.clone(), "is UTF-16"),
        ("page.geojson", b"<!doctype html><p>404".to_vec(), "is a web page or XML: perhaps the download failed"),
        ("zeros.csv", vec![0; 100], "begins with NUL bytes"),
        ("city.pbf", b"\0\0\0\x0d\x0a\x09OSMHeader\x18\x7c".to_vec(), "give it with --places"),
        ("zip.csv", b"PK\x03\x04rest".to_vec(), "is a ZIP archive or a workbook"),
        ("twice.gz", gzip(&gzip(csv.as_bytes())), "is gzip within gzip: decompress it once"),
        ("header.csv", HEADER.into(), "has no rows below its header"),
        ("cr.csv", csv.replace('\n', "\r").into(), "lines that end in CR alone"),
        ("crs.geojson", crs(false).into(), "its crs (EPSG:3857) is not WGS 84"),
        ("crs_end.geojson", crs(true).into(), "its crs (EPSG:3857) is not WGS 84"),
        ("none.geojson", collection(&[]).into(), "none.geojson:1:0: file \"none.geojson\": holds no feature"),
        ("list.geojson", b"{\"type\":\"FeatureCollection\"}".to_vec(), "has no list of features"),
        ("feed.geojson", b"{\"type\":\"Feed\",\"features\":[{}]}".to_vec(), "not a GeoJSON FeatureCollection"),
        ("other.ndjson", b"{\"x\":1}\n{\"x\":2}".to_vec(), "column \"id\": no record of other.ndjson has it"),
        ("brackets.geojson", b"{\"a\": [1, 2}".to_vec(), "brackets.geojson:1:12: file \"brackets.geojson\": not JSON"),
    ];
    for (name, bytes, part) in cases {
        let folder = folder_with(name, bytes);
        let said = run(folder.path(), &[name]).expect_failure();
        assert!(said.contains(part), "{name}: {said}");
        assert!(!folder.path().join("city").exists() || events(folder.path()).is_empty(), "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["."]).expect_failure().contains("is a directory"));
    let said = waterlog(folder.path(), &["import", "a.csv", "--format", "xlsx"]);
    assert!(said.code == Some(2) && said.stderr.contains("known are csv, tsv, geojson, ndjson"), "{said:?}");
}

#[test]
fn an_import_that_takes_nothing_says_what_was_wrong_most_often() {
    let rows = HEADER.to_owned() + &row(1, 5).replace("110", "x") + &row(2, 5).replace("110", "x") + "3\n";
    let folder = folder_with("odd.csv", rows);
    let said = run(folder.path(), &["odd.csv"]).expect_success();
    assert!(said.contains("odd.csv: no row was taken; 2 times because of lon: "), "{said}");
}

#[test]
fn mixed_newlines_and_a_column_that_changes_its_type_cost_only_the_rows_that_are_wrong() {
    let header = "id,category,lon,lat,observed_at,depth_cm\n";
    let rows = "1,waterlogging,110,20,5,10\r\n2,waterlogging,110,20,5,12.0\n3,waterlogging,110,20,5,deep\n\
                4,waterlogging,110,20,1970-01-01T00:00:06Z,\r\n5,waterlogging,110,20,5,1\r6,waterlogging,110,20,5,1\n";
    let folder = folder_with("a.csv", format!("\u{feff}{header}{rows}"));
    let said = run(folder.path(), &["a.csv"]).expect_success();
    assert!(said.contains("5 rows: 3 reports new, 0 known, 2 rejected"), "{said}");
    let rejects = self::rejects(folder.path(), "a.csv");
    assert!(rejects.contains("\n4,25,depth_cm,deep,"), "{rejects}");
    assert!(rejects.contains("\n6,") && rejects.contains("lines here end in CR alone"), "{rejects}");
    let objects = "{\"id\":1,\"category\":\"waterlogging\",\"lon\":110,\"lat\":20,\"observed_at\":5,\"depth_cm\":10}\n\
                   {\"id\":\"2\",\"category\":\"waterlogging\",\"lon\":\"110\",\"lat\":\"20\",\"observed_at\":\"5\",\"depth_cm\":\"12\"}\n\
                   {\"id\":3,\"category\":\"waterlogging\",\"lon\":[110],\"lat\":20,\"observed_at\":5,\"depth_cm\":null}\n";
    let folder = folder_with("a.jsonl", objects);
    let said = run(folder.path(), &["a.jsonl"]).expect_success();
    assert!(said.contains("3 rows: 2 reports new, 0 known, 1 rejected"), "{said}");
    assert!(self::rejects(folder.path(), "a.jsonl").contains("3,1,lon,[110],not a number of degrees"));
}

#[test]
fn places_and_rain_come_through_the_same_door() {
    let folder = folder_with("rain.tsv.gz", gzip(b"start\tseconds\tmm\n0\t3600\t1.5\n3600\t3600\t\n"));
    fs::write(folder.path().join("p.csv.gz"), gzip("id,lon,lat,name\na,110,20,路口\n".as_bytes())).unwrap();
    fs::write(folder.path().join("p.ndjson"), feature(5, 0) + "\n" + &feature(6, 0)).unwrap();
    let said = run(folder.path(), &["--rain", "rain.tsv.gz", "--places", "p.csv.gz"]).expect_success();
    assert_eq!(
        said,
        "p.csv.gz: 1 places: 1 new, 0 known, 0 rejected\nrain.tsv.gz: 2 rain intervals: 2 new, 0 known, 0 rejected\n\
         rain.tsv.gz: 50 % of its time was measured; 1 gaps, the longest 60 min: what fell in them is not known (gaps)\n\
         rain.tsv.gz: depths were read as mm, times as unix seconds\n"
    );
    let said = run(folder.path(), &["--places", "p.ndjson"]).expect_success();
    assert_eq!(said, "p.ndjson: 2 places: 2 new, 0 known, 0 rejected\n");
    let whole = gzip("id,lon,lat\na,110,20\nb,111,21\n".as_bytes());
    fs::write(folder.path().join("cut.csv.gz"), &whole[..whole.len() - 9]).unwrap();
    let said = run(folder.path(), &["--places", "cut.csv.gz"]).expect_failure();
    assert!(said.contains("its gzip breaks off"), "a gazetteer comes whole or not at all: {said}");
}
