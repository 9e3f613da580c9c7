//! The commands, end to end on the demo city.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{TREE, demo, folder_with_demo, log, shared, waterlog};

const IMPORT: [&str; 7] = ["--data", "city", "import", "reports.csv", "--mapping", "nyc-2024", "--rain"];

fn import(folder: &Path) -> String {
    waterlog(folder, &[&IMPORT[..], &["rain.csv"]].concat()).expect_success()
}

#[test]
fn the_demo_city_goes_in_once_and_its_hotspots_come_out() {
    let folder = folder_with_demo();
    let said = import(folder.path());
    assert!(said.contains("4,361 rain intervals: 4,360 new, 0 known, 1 rejected (see rain.csv.rejects.csv)"), "{said}");
    let counts = "5,325 rows: 5,281 reports new, 0 known, 44 rejected (see reports.csv.rejects.csv); 13,533 events";
    assert!(said.contains(counts), "{said}");
    let before = log(&folder.path().join("city"));
    let said = import(folder.path());
    assert!(said.contains("0 new, 4,360 known") && said.contains("0 reports new, 5,281 known"), "{said}");
    assert!(said.contains("; 0 events appended"), "{said}");
    assert_eq!(log(&folder.path().join("city")), before);

    let rejects = fs::read_to_string(folder.path().join("reports.csv.rejects.csv")).unwrap();
    assert_eq!(rejects.lines().count(), 45);
    assert!(rejects.lines().skip(1).all(|line| line.ends_with("lon,,missing position")), "{rejects}");
    let rejects = fs::read_to_string(folder.path().join("rain.csv.rejects.csv")).unwrap();
    assert!(rejects.contains("\n1656,1,start,9223372036854772208,"), "{rejects}");

    let json = waterlog(folder.path(), &["--data", "city", "hotspots", "--json"]).expect_success();
    let ours: Value = serde_json::from_str(&json.replace("nyc_311:", "")).unwrap();
    let waterlogging = |h: &&Value| h["category"] == "waterlogging";
    let facts = |h: &Value| {
        [&h["occasions"], &h["weather"]["storm"], &h["not_found"]].map(|v| v.as_u64().expect("a count is a number"))
    };
    let first: Vec<_> = ours["hotspots"].as_array().unwrap().iter().filter(waterlogging).take(4).map(facts).collect();
    assert_eq!(first, [[17, 5, 9], [16, 6, 1], [10, 8, 5], [9, 0, 0]]);
    let Some(shared) = shared() else { return };
    let answer = fs::read_to_string(shared.join("data/demo/nyc_2024_h1/hotspots.json")).unwrap();
    assert!(ours == serde_json::from_str::<Value>(&answer).unwrap(), "the imported log differs from the referee");
}

#[test]
fn the_table_of_the_demo_makes_plain_what_kind_of_place_each_is() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap(), "demo", "--no-serve"];
    let said = waterlog(Path::new(TREE), &arguments).expect_success();
    assert!(said.contains("13 confirmed · 71 recurring · 127 candidates"), "{said}");
    let head = said.lines().find(|l| l.starts_with("place")).expect("columns have names");
    let words = "place floods weather storm small rain dry evidence not found status";
    assert_eq!(head.split_whitespace().collect::<Vec<_>>().join(" "), words);
    // Floods, bar; then in storms, in small rain, in dry weather, with evidence, where nothing was found.
    for (place, rest) in [
        ("19 Av & 58 St", "17 ▮▮▮▮▮▯▯▯▯▯······· 5 5 7 3 9 confirmed"),
        ("8 Av & W 52 St", "16 ▮▮▮▮▮▮▯▯▯▯······ 6 4 6 0 1 recurring"),
        ("Freeborn St & Hempstead Av", "10 ▮▮▮▮▮▮▮▮▯▯ 8 2 0 0 5 recurring"),
        ("Broadway & W 82 St", "9 ▯▯▯······ 0 3 6 0 0 recurring"),
        ("35 Av & 153 St", "7 ▮▮▮▮▮▮▮ 7 0 0 3 4 confirmed"),
    ] {
        let line = said.lines().find(|l| l.starts_with(place)).unwrap_or_else(|| panic!("no {place}: {said}"));
        assert_eq!(line.split_whitespace().collect::<Vec<_>>().join(" "), format!("{place} {rest}"));
    }
    let table = || said.lines().skip_while(|l| !l.starts_with("place"));
    assert!(table().all(|l| l.chars().count() <= 110), "too wide: {said}");
    assert_eq!(said.lines().filter(|l| l.ends_with("confirmed") || l.ends_with("recurring")).count(), 10);
    assert!(said.contains("▮ storm  ▯ small rain  · dry weather  ? unknown"), "{said}");
    assert!(!Path::new(&demo("reports.csv.rejects.csv")).exists(), "the demo wrote into its own sources");
}

#[test]
fn a_view_of_the_database_is_taken_at_another_time_without_changing_it() {
    let folder = folder_with_demo();
    import(folder.path());
    let before = log(&folder.path().join("city"));
    let view = ["--data", "city", "hotspots", "--set", "as_of=2024-03-01T00:00:00-05:00", "--top", "1"];
    let said = waterlog(folder.path(), &view).expect_success();
    assert!(said.contains("as of 2024-03-01T05:00:00Z") && !said.contains(" 17 "), "{said}");
    assert_eq!(said.lines().count(), 5, "{said}");
    assert_eq!(log(&folder.path().join("city")), before);
    let said = waterlog(folder.path(), &["--data", "none", "hotspots"]).expect_failure();
    assert_eq!(said, "waterlog: no database in folder \"none\"\n");
    assert!(!folder.path().join("none").exists());
}

#[test]
fn a_row_that_has_moved_on_appends_what_is_missing_and_one_that_contradicts_is_rejected() {
    let folder = folder_with_demo();
    import(folder.path());
    let city = folder.path().join("city");
    let before = log(&city);
    let open = "61655578,2024-06-30 20:35:00,,Street Flooding,,-73.877045,40.756758,";
    let moved = "61655567,2024-06-30 23:20:00,,Catch Basin Clogged/Flooding,,-73.855374,";
    let other = "61654614,2024-06-30 19:53:00,,Catch Basin Clogged/Flooding,";
    let text = fs::read_to_string(folder.path().join("reports.csv")).unwrap();
    let changed = text
        .replace(open, &open.replace(":00,,Street Flooding,,", ":00,2024-07-02 09:00:00,Street Flooding,not_found,"))
        .replace(moved, &moved.replace("-73.855374", "-73.855375"))
        .replace(other, &other.replace("Catch Basin Clogged/Flooding", "Street Flooding"));
    fs::write(folder.path().join("reports.csv"), changed).unwrap();
    let said = import(folder.path());
    assert!(said.contains("0 reports new, 5,279 known, 46 rejected"), "{said}");
    assert!(said.contains("2 events appended"), "{said}");
    let after = log(&city);
    assert_eq!(after[..before.len()], before);
    let appended: Vec<_> = after[before.len()..].iter().map(|(_, event, _)| event.as_str()).collect();
    assert!(appended[0].contains("not_found") && appended[1].contains("resolve"), "{appended:?}");
    assert!(appended.iter().all(|event| event.contains("nyc_311:61655578")), "{appended:?}");
    let rejects = fs::read_to_string(folder.path().join("reports.csv.rejects.csv")).unwrap();
    assert!(rejects.contains("position has changed"), "{rejects}");
    assert!(rejects.contains("category has changed"), "{rejects}");
}

#[test]
fn a_correction_of_a_report_imported_before_is_counted_and_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let run = |text: &str, depth: &str| {
        let row = |id, text, depth| format!("{id},waterlogging,110.3,20,1697850600,{text},{depth}\n");
        let rows = row("1", "deep", "20") + &row("2", text, "20") + &row("3", "deep", depth);
        fs::write(folder.path().join("a.csv"), format!("id,category,lon,lat,observed_at,text,depth_cm\n{rows}"))
            .unwrap();
        waterlog(folder.path(), &["--data", "city", "import", "a.csv"]).expect_success()
    };
    assert!(run("deep", "20").contains("3 reports new, 0 known, 0 rejected"));
    let before = log(&folder.path().join("city"));
    assert!(run("deep", "20").contains("0 reports new, 3 known, 0 rejected"));
    let said = run("shallow", "35");
    assert!(said.contains("0 reports new, 3 known (2 changed, not taken), 0 rejected; 0 events"), "{said}");
    assert_eq!(log(&folder.path().join("city")), before);
}

#[test]
fn rejects_lie_beside_the_file_or_with_the_database_and_go_when_there_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = |text: &str| fs::write(folder.path().join("a.csv"), text).unwrap();
    let run = || waterlog(folder.path(), &["--data", "city", "import", "a.csv"]).expect_success();
    let (beside, with_data) = (folder.path().join("a.csv.rejects.csv"), folder.path().join("city/a.csv.rejects.csv"));
    let header = "id,category,lon,lat,observed_at\n";
    file(&format!("{header}1,waterlogging,110,200,0\n"));
    assert!(run().contains("1 rejected (see a.csv.rejects.csv)"));
    let rejects = fs::read_to_string(&beside).unwrap();
    assert!(rejects.starts_with("line,column,field,value,reason\n2,20,lat,200,"), "{rejects}");
    // Something stands where the file would go: root may write into any folder, so no folder refuses it.
    fs::remove_file(&beside).unwrap();
    fs::create_dir(&beside).unwrap();
    assert!(run().contains("(see city/a.csv.rejects.csv)"));
    assert!(with_data.is_file());
    fs::remove_dir(&beside).unwrap();
    file(&format!("{header}1,waterlogging,110,20,0\n"));
    fs::write(&beside, "of an earlier run").unwrap();
    assert!(run().contains("1 rows: 1 reports new, 0 known, 0 rejected; 1 events"));
    assert!(!beside.exists() && !with_data.exists());
}

#[test]
fn places_come_as_csv_or_geojson_and_alone() {
    let folder = tempfile::tempdir().unwrap();
    let csv = "id,lon,lat,name\nhaoyuan,110.3312,20.0148,豪苑路路口\nbad,110,91,x\n";
    fs::write(folder.path().join("p.csv"), csv).unwrap();
    let point =
        r#"{"type":"Feature","id":"b","geometry":{"type":"Point","coordinates":[110.34,20.02]},"properties":{}}"#;
    let collection = format!(r#"{{"type":"FeatureCollection","features":[{point}]}}"#);
    fs::write(folder.path().join("p.geojson"), collection).unwrap();
    let run = |file| waterlog(folder.path(), &["--data", "city", "import", "--places", file]);
    let said = run("p.csv").expect_success();
    assert_eq!(
        said,
        "p.csv: 2 places: 1 new, 0 known, 1 rejected (see p.csv.rejects.csv)\n\
         p.csv:3:9: lat \"91\": not a latitude in [-90, 90] degrees\n"
    );
    assert_eq!(run("p.geojson").expect_success(), "p.geojson: 1 places: 1 new, 0 known, 0 rejected\n");
    assert_eq!(run("p.geojson").expect_success(), "p.geojson: 1 places: 0 new, 1 known, 0 rejected\n");
    fs::write(folder.path().join("p.json"), "{\n  \"type\": nothing}").unwrap();
    assert!(run("p.json").expect_failure().contains("p.json:2:"));
    assert_eq!(log(&folder.path().join("city")).len(), 2);
}

#[test]
fn what_is_wrong_with_the_command_is_said_before_anything_is_written() {
    let folder = folder_with_demo();
    for (arguments, part) in [
        (&["reports.csv", "nothing.csv"][..], "nothing.csv"),
        (&["reports.csv", "--rain", "no-rain.csv"], "no such file"),
        (&["reports.csv", "--mapping", "atlantis"], "neither a readable file"),
        (&["reports.csv", "--set", "radius=5"], "no such setting"),
        (&["reports.csv"], "no such column"),
        (&["."], "is a directory"),
    ] {
        let said = waterlog(folder.path(), &[&["--data", "city", "import"], arguments].concat()).expect_failure();
        assert!(said.contains(part), "{arguments:?}: {said}");
        assert!(!folder.path().join("city").exists() || log(&folder.path().join("city")).is_empty(), "{arguments:?}");
    }
}

/// The text of a file, what the message must hold, and what line and column the reject must name.
type Bad = (&'static str, &'static [u8], &'static str, &'static str);

#[test]
fn a_bad_row_is_rejected_with_line_and_column_and_the_good_one_is_taken() {
    const GOOD: &[u8] = b"\ngood,waterlogging,110,20,1697850600,";
    let rows: [Bad; 14] = [
        ("latitude", b"a,waterlogging,110,91,1697850600,", "2,20,lat,91,", "[-90, 90]"),
        ("swapped axes", b"a,waterlogging,20,110,1697850600,", "2,19,lat,110,", "lat,lon"),
        ("nan", b"a,waterlogging,NaN,20,1697850600,", "2,16,lon,NaN,", ""),
        ("huge", b"a,waterlogging,1e308,20,1697850600,", "2,16,lon,1e308,", "[-180, 180]"),
        ("no time", b"a,waterlogging,110,20,,", "2,23,observed_at,,", "missing time"),
        ("future", b"a,waterlogging,110,20,2999-01-01T00:00:00Z,", "2,23,observed_at,", "in the future"),
        ("no offset", b"a,waterlogging,110,20,2023-10-21T09:10:00,", "2,23,observed_at,", "without offset"),
        ("category", b"a,flood,110,20,1697850600,", "2,3,category,flood,", "waterlogging, blocked_drain"),
        ("utf-8", b"a,waterlogging,110,20,1697850600,\xff\xfe", "2,34,text,", "not UTF-8"),
        ("columns", b"a,waterlogging,110,20", "2,20,lat,20,", "the row has 4 fields, the header has 6"),
        ("stray quote", b"a,waterlogging,110,20,1697850600,\"x\"y", "2,34,text,", "closing quote"),
        ("open quote", b"a,waterlogging,110,20,1697850600,\"x", "2,34,text,", "never closed"),
        ("crlf", b"a,waterlogging,110,91,1697850600,\r", "2,20,lat,91,", ""),
        ("no id", b",waterlogging,110,20,1697850600,", "2,1,id,,", "missing id"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let run = |row: &[u8]| {
        let bytes = [b"\xEF\xBB\xBFid,category,lon,lat,observed_at,text\n", row, GOOD].concat();
        fs::write(folder.path().join("a.csv"), bytes).unwrap();
        let _ = fs::remove_dir_all(folder.path().join("city"));
        waterlog(folder.path(), &["--data", "city", "import", "a.csv"]).expect_success()
    };
    for (name, row, place, reason) in rows {
        let said = run(row);
        assert!(said.contains("2 rows: 1 reports new, 0 known, 1 rejected"), "{name}: {said}");
        let rejects = fs::read_to_string(folder.path().join("a.csv.rejects.csv")).unwrap();
        let reject = rejects.lines().nth(1).unwrap_or_default();
        assert!(reject.starts_with(place) && rejects.contains(reason), "{name}: {rejects}");
    }
    let long = format!("a,waterlogging,110,20,1697850600,{}", "水".repeat(4_001));
    assert!(run(long.as_bytes()).contains("1 rejected"));
    let quoted = "a,waterlogging,110,20,1697850600,\"said \"\"deep\"\",\nvery\"\r";
    assert!(run(quoted.as_bytes()).contains("2 rows: 2 reports new, 0 known, 0 rejected"));
}

#[test]
fn a_file_that_is_no_table_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = fs::read_to_string(format!("{TREE}/data/mappings/plain.toml")).unwrap();
    fs::write(folder.path().join("m.toml"), mapping.replace("lon = \"lon\"", "lon = \"longitude\"")).unwrap();
    let header = b"id,category,lon,lat,observed_at\n";
    let cases: [(&[u8], &str, &str); 7] = [
        (b"", "plain", "a.csv:1:1: file \"a.csv\": is empty"),
        (header, "plain", "a.csv:1:0: file \"a.csv\": has no rows below its header"),
        (b"id,lon\n", "plain", "plain.toml (built in):12:12: column \"category\": a.csv has no such column"),
        (b"id,id\n", "plain", "a.csv:1:4: column \"id\": twice"),
        (b"\xFF\xFEi\0d\0", "plain", "a.csv:1:1: file \"a.csv\": is UTF-16"),
        (b"id;lon\n", "plain", "a.csv:1:1: file \"a.csv\": has no comma"),
        (header, "m.toml", "m.toml:13:7: column \"longitude\": a.csv has no such column"),
    ];
    for (bytes, mapping, part) in cases {
        fs::write(folder.path().join("a.csv"), bytes).unwrap();
        let arguments = ["--data", "city", "import", "a.csv", "--mapping", mapping];
        let said = waterlog(folder.path(), &arguments).expect_failure();
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn bad_events_stop_the_hotspots_command_with_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let header = "event,id,at,category,lon,lat,ref,person,photo\nreport,a,0,waterlogging,0,0,,,\n";
    for (row, part) in [
        ("resolve,,5,,,,nobody,,\n", "e.csv:3:0: report \"nobody\": refers to an unknown report"),
        ("report,a,5,waterlogging,0,0,,,\n", "e.csv:3:0: id \"a\": there is a report with this id"),
        ("report,b,5,flood,0,0,,,\n", "e.csv:3:12: category \"flood\""),
        ("report,b,5,waterlogging,0,91,,,\n", "e.csv:3:27: lat \"91\""),
        ("report,b,5,waterlogging,1e308,0,,,\n", "e.csv:3:25: lon \"1e308\""),
        ("report,b,2023-10-21T09:10:00,waterlogging,0,0,,,\n", "e.csv:3:10: at \"2023-10-21T09:10:00\""),
        ("report,b\n", "e.csv:3:8: id \"b\": the row has 2 fields, the header has 9"),
        ("report,\"b,5\n", "e.csv:3:8: id \"\\\"b,5\": a quote that is opened here is never closed"),
    ] {
        fs::write(folder.path().join("e.csv"), format!("{header}{row}")).unwrap();
        let said = waterlog(folder.path(), &["hotspots", "e.csv", "--json"]).expect_failure();
        assert!(said.contains(part), "{row}: {said}");
    }
}
