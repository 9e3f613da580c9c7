//! A first mapping for files nobody has mapped yet: it imports them, once the zone is filled in.

use std::fs;

use waterlog::error::Result;
use waterlog::intake::import::{Summary, import, import_all};
use waterlog::intake::mapping::Mapping;
use waterlog::intake::source::Source;
use waterlog::intake::suggest::suggest;
use waterlog::intake::{Draft, Receipt};

use crate::program::{demo, shared, waterlog};

/// 2024-07-01T12:00:00Z, after all of the samples.
const NOW: i64 = 1_719_835_200;

/// Takes everything.
fn take(drafts: Vec<Draft>) -> Result<Vec<Result<Receipt>>> {
    Ok(drafts.iter().map(|_| Ok(Receipt { seq: 1, fresh: true, id: String::new(), merged: false })).collect())
}

fn source(name: &str, text: &str) -> Source {
    Source::from_reader(name, std::io::Cursor::new(text.to_owned())).unwrap()
}

/// What is suggested for a text, and what it then takes of it, in a zone.
fn suggested(name: &str, text: &str, zone: &str) -> (String, Summary) {
    let written = suggest(vec![source(name, text)]).unwrap();
    let filled = written.replace("zone = \"FILL IN\"", &format!("zone = \"{zone}\""));
    if filled != written {
        let said = Mapping::parse("m.toml", &written).unwrap_err().to_string();
        assert!(said.contains("zone \"FILL IN\": write here the zone that the times are local in"), "{said}");
    }
    let mapping = Mapping::parse("m.toml", &filled).unwrap_or_else(|e| panic!("{e}\n{filled}"));
    let summary =
        import(source(name, text), &mapping, NOW, &mut take, &|_| {}).unwrap_or_else(|e| panic!("{e}\n{filled}"));
    (written, summary)
}

const BOSTON: &str = "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,CASE_STATUS,SUBJECT,REASON,TYPE,ward,LOCATION_STREET_NAME,LATITUDE,LONGITUDE,Source\n\
    101,01/02/2015 12:20:09 AM,,01/05/2015 09:08:42 AM,Closed,Public Works,Highway Maintenance,Pothole Repair,Ward 5,33 Some St,42.3574,-71.0648,Call\n\
    102,01/13/2015 12:25:23 AM,01/16/2015 08:30:00 AM,,Open,Water,Catchbasin,Catchbasin,Ward 5,INTERSECTION A St & B St,42.3474,-71.0944,App\n\
    103,01/14/2015 02:25:23 PM,01/16/2015 08:30:00 AM,,Open,Works,Trees,Planting,Ward 6,1 C St,42.3475,-71.0945,App\n";

#[test]
fn a_boston_like_table_is_understood_but_for_its_zone() {
    let (written, summary) = suggested("boston_311.csv", BOSTON, "America/New_York");
    assert_eq!((summary.rows, summary.reports_new, summary.events_appended), (3, 3, 4), "{written}");
    for part in [
        "channel = \"boston_311\"",
        "id = \"CASE_ENQUIRY_ID\"",
        "observed_at = \"OPEN_DT\"",
        "closed_at = \"CLOSED_DT\"",
        "time_format = \"%m/%d/%Y %I:%M:%S %p\"",
        "category = \"TYPE\"",
        "# DOUBT: it could be REASON (",
        "lon = \"LONGITUDE\"",
        "lat = \"LATITUDE\"",
        "\"Catchbasin\" = \"blocked_drain\" # 1 rows; for \"catchbasin\"",
        "# \"Planting\" = \"?\" # 1 rows; no word of ours in it",
        "# address = \"LOCATION_STREET_NAME\"",
        "# extent = [-71.09, 42.35, -71.06, 42.36]",
    ] {
        assert!(written.contains(part), "{part} is not in:\n{written}");
    }
    assert!(!written.contains("other way round"), "the 13th is no month:\n{written}");
}

#[test]
fn the_spot_of_rows_without_a_position_is_none_and_a_kind_of_address_is_no_street() {
    let mut text = "id,created,type,address_type,incident_address,lon,lat\n".to_owned();
    for n in 0..400 {
        // One in ten lies in the middle of the city, whatever its street.
        let (lon, lat) = if n % 10 == 0 { (-71.0587, 42.3594) } else { (-71.1 + f64::from(n) * 1e-4, 42.3) };
        let at = format!("2024-03-{:02} 10:00:00", n % 28 + 1);
        text += &format!("{n},{at},flooded street,ADDRESS,{n} Foo{n} St,{lon},{lat}\n");
    }
    let (written, summary) = suggested("x.csv", &text, "America/New_York");
    assert!(written.contains("# DOUBT: 40 of 400 rows have this one position"), "{written}");
    assert!(written.contains("nowhere = [[-71.0587, 42.3594]]"), "{written}");
    assert!(written.contains("# address = \"incident_address\""), "{written}");
    assert_eq!((summary.reports_new, summary.rejects.len()), (360, 40));
    // What lies all at one spot is about that spot.
    let text: String = text
        .lines()
        .filter(|line| !line.contains("42.3,") && !line.ends_with("42.3"))
        .map(|l| l.to_owned() + "\n")
        .collect();
    let (written, summary) = suggested("y.csv", &text, "America/New_York");
    assert!(!written.contains("nowhere"), "{written}");
    assert_eq!(summary.reports_new, 40);
}

#[test]
fn doubts_are_written_down() {
    let text = "Number,Reported,Kind,Longitude,Latitude\na,03/04/2024 10:00,flooded road,20.5,110.3\nb,05/06/2024 11:00,noise,20.6,110.4\n";
    let (written, summary) = suggested("x.csv", text, "Asia/Shanghai");
    assert!(
        written.contains("# DOUBT: month and day could be the other way round in every row seen: \"%d/%m/%Y %H:%M\""),
        "{written}"
    );
    assert!(written.contains("look swapped") && written.contains("lon = \"Latitude\""), "{written}");
    assert!(written.contains("in China many maps are shifted"), "{written}");
    assert_eq!((summary.reports_new, summary.rejects.len()), (2, 0));
}

#[test]
fn of_a_file_of_two_rows_nothing_is_called_sure() {
    let text = "id,observed_at,category,lon,lat\n\
        1,2024-03-04T10:00:00Z,waterlogging,110.3,20.1\n2,2024-03-05T10:00:00Z,manhole,110.4,20.2\n";
    let (written, summary) = suggested("two.csv", text, "");
    assert!(written.contains("# DOUBT: 2 rows are too few to be sure of anything"), "{written}");
    assert!(
        !written.contains("# Sure: every row") && written.contains("# Likely: every row has another."),
        "{written}"
    );
    assert_eq!(summary.reports_new, 2);
    let many: String = (1..=30).map(|n| format!("{n},2024-03-{n:02}T10:00:00Z,waterlogging,110.3,20.1\n")).collect();
    let (written, _) = suggested("many.csv", &format!("id,observed_at,category,lon,lat\n{many}"), "");
    assert!(written.contains("# Sure: every row has another.") && !written.contains("too few"), "{written}");
}

#[test]
fn a_column_with_few_values_that_can_be_read_is_a_doubt_with_what_it_costs() {
    let head = "id,opened,kind,lon,lat\n";
    let row = |n: u32, opened: &str| format!("{n},{opened},flooding,110.3,20.1\n");
    // Three times in a hundred rows: the others hold nothing, or what nobody can read.
    for unread in ["", "tbd"] {
        let opened = |n: u32| if n <= 3 { format!("2024-03-0{n}T10:00:00Z") } else { unread.to_owned() };
        let text: String = (1..=100).map(|n| row(n, &opened(n))).collect();
        let (written, summary) = suggested("few.csv", &format!("{head}{text}"), "");
        for part in [
            "# DOUBT, a mere guess: 3 of 100 rows hold a time.\n",
            "# DOUBT: 97 of 100 rows hold nothing in it that can be read: the import will reject them.\n\
             observed_at = \"opened\"\n",
            "lines begin with DOUBT: read it, correct it",
        ] {
            assert!(written.contains(part), "{part} is not in:\n{written}");
        }
        assert_eq!((summary.reports_new, summary.rejects.len()), (3, 97), "{written}");
    }
    // A column that holds no time at all is none.
    let text: String = (1..=100).map(|n| row(n, "tbd")).collect();
    let error = suggest(vec![source("none.csv", &format!("{head}{text}"))]).unwrap_err().to_string();
    assert!(
        error.contains("observed_at") && error.contains("no column looks like it; there are id, opened"),
        "{error}"
    );
}

#[test]
fn geojson_with_offsets_needs_nothing_filled_in() {
    let feature = |id: u32, kind: &str| {
        format!(
            "{{\"type\":\"Feature\",\"geometry\":{{\"type\":\"Point\",\"coordinates\":[-73.9{id},40.7]}},\"properties\":\
             {{\"unique_key\":\"k{id}\",\"created\":{{\"at\":\"2023-02-14T19:38:0{id}-05:00\"}},\"complaint_type\":\"{kind}\\n\\\"x\\\"\",\"note\":null}}}}"
        )
    };
    let features = [feature(1, "Street Flooding"), feature(2, "Sewer"), feature(3, "Noise")];
    let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","));
    let (written, summary) = suggested("nyc.geojson", &text, "");
    for part in ["zone = \"offset\"", "id = \"unique_key\"", "observed_at = \"created.at\"", "lon = \"geometry.lon\""] {
        assert!(written.contains(part), "{part} is not in:\n{written}");
    }
    assert!(written.contains("\"Street Flooding\\u000A\\\"x\\\"\" = \"waterlogging\""), "{written}");
    assert_eq!((summary.reports_new, summary.rejects.len()), (3, 0), "{:?}", summary.rejects);
    let (_, lines) = suggested("nyc.ndjson", &features.join("\n"), "");
    assert_eq!(lines.reports_new, 3);
}

#[test]
fn the_demo_city_goes_in_by_what_is_suggested_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| waterlog(folder.path(), arguments);
    let written = run(&["import", "--suggest", &demo("reports.csv")]).expect_success();
    assert!(!folder.path().join("waterlog-data").exists(), "looking writes nothing");
    fs::copy(demo("reports.csv"), folder.path().join("reports.csv")).unwrap();
    fs::write(folder.path().join("m.toml"), &written).unwrap();
    let import = ["--data", "city", "import", "reports.csv", "--mapping", "m.toml"];
    let said = run(&import).expect_failure();
    assert!(said.contains("m.toml:") && said.contains("write here the zone"), "{said}");
    fs::write(folder.path().join("m.toml"), written.replace("FILL IN", "America/New_York")).unwrap();
    let said = run(&import).expect_success();
    assert!(said.contains("5,325 rows: 5,281 reports new, 0 known, 44 rejected"), "{said}\n{written}");
    let said = run(&["import", "--suggest", "m.toml"]).expect_failure();
    assert!(said.contains("no column looks like it; there are "), "{said}");
}

#[test]
fn the_shared_files_of_cities_go_in_by_what_is_suggested_for_them() {
    let Some(shared) = shared() else { return };
    let mut compared = 0;
    for (file, zone, category) in [
        ("boston_311_2015/boston_311_2015_121145rows.csv.gz", "America/New_York", "category = \"TYPE\""),
        (
            "nyc_311_street_flooding_2022_23/street_flood-complaints.geojson",
            "America/New_York",
            "category = \"descriptor\"",
        ),
        ("nyc_311_flooding_2024_h1/nyc_311_flooding_2024_h1.csv", "America/New_York", "category = \"Descriptor\""),
    ] {
        let path = shared.join("data/reports").join(file);
        let written = suggest(vec![Source::open(&path, None).unwrap()]).unwrap();
        assert!(written.contains(category), "{file}:\n{written}");
        let mapping = Mapping::parse("m.toml", &written.replace("FILL IN", zone)).unwrap();
        let sources = vec![Source::open(&path, None).unwrap()];
        let summary = import_all(sources, &mapping, NOW, &mut take, &|_| {}).unwrap().remove(0);
        // Boston gives one row in seven the same position: that is told, and they are left out.
        let nowhere = summary.rejects.iter().filter(|reject| reject.reason.contains("where it knows none")).count();
        assert_eq!((nowhere > 0, written.contains("nowhere = ")), (file.contains("boston"), file.contains("boston")));
        let placed = summary.rows - nowhere as u64;
        assert!(
            20 * summary.reports_new > 19 * placed,
            "{file}: {} of {}; {:?}",
            summary.reports_new,
            summary.rows,
            summary.rejects.first()
        );
        compared += 1;
    }
    told!("suggested mappings for {compared} files of cities");
}
