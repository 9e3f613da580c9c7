//! Importing tables: the demo city, and every kind of bad input, with the message a person would want.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Cursor;

use waterlog::error::{Error, Result};
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::settings::Settings;
use waterlog::intake::import::{Progress, Summary, import};
use waterlog::intake::mapping::{DEFAULT, Mapping};
use waterlog::intake::reject::{Reject, write_rejects};
use waterlog::intake::table::Table;
use waterlog::intake::{Draft, Key, Receipt, rain};

/// 2024-07-01T12:00:00Z, after all of the demo's data.
const NOW: i64 = 1_719_835_200;

/// A log in memory that keeps the contract of the real one.
#[derive(Default)]
struct Log {
    drafts: Vec<Draft>,
    keys: HashMap<String, (String, u64)>,
    /// Fails as if killed once it holds so many.
    room: Option<usize>,
}

impl Log {
    fn submit(&mut self, batch: Vec<Draft>) -> Result<Vec<Result<Receipt>>> {
        assert!((1..=4_000).contains(&batch.len()));
        if self.room.is_some_and(|room| self.drafts.len() + batch.len() > room) {
            return Err(Error::Store("killed".into()));
        }
        let mut refused: Vec<String> = Vec::new();
        let mut answers = Vec::new();
        for draft in batch {
            let about = match &draft.event {
                Event::Report(r) => r.id.clone(),
                Event::Act(a) => a.report.clone(),
                other => panic!("{other:?}"),
            };
            let Key { name, content } = draft.key.clone().expect("every draft of an import has a key");
            answers.push(match self.keys.get(&name) {
                _ if refused.contains(&about) => Err(Error::Conflict("its report was refused".into())),
                Some((was, seq)) if *was == content => {
                    Ok(Receipt { seq: *seq, fresh: false, id: String::new(), merged: false })
                }
                Some((was, _)) => {
                    refused.push(about);
                    Err(Error::Conflict(format!("recorded as {was}")))
                }
                None => {
                    self.drafts.push(draft);
                    let seq = self.drafts.len() as u64;
                    self.keys.insert(name, (content, seq));
                    Ok(Receipt { seq, fresh: true, id: String::new(), merged: false })
                }
            });
        }
        Ok(answers)
    }

    fn import(&mut self, csv: impl Into<Vec<u8>>, mapping: &Mapping) -> Result<Summary> {
        let table = Table::from_reader("in.csv", Cursor::new(csv.into()))?;
        import(table, mapping, NOW, &mut |batch| self.submit(batch), &|_| {})
    }
}

fn nyc() -> Mapping {
    Mapping::load("nyc-2024").unwrap()
}

fn plain() -> Mapping {
    Mapping::load(DEFAULT).unwrap()
}

fn demo() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/nyc-2024/reports.csv")).unwrap()
}

/// The events as the referee reads them, without header.
fn canonical(drafts: &[Draft]) -> String {
    let id = |id: &str| id.strip_prefix("nyc_311:").expect("the channel's prefix").to_owned();
    let mut out = String::new();
    for draft in drafts {
        out += &match &draft.event {
            Event::Report(r) => {
                let (lon, lat) = (r.position.lon(), r.position.lat());
                format!("report,{},{},{},{lon},{lat},\n", id(&r.id), r.observed_at, r.category.name())
            }
            Event::Act(a) => {
                let action = serde_json::to_value(a.action).unwrap();
                format!("{},,{},,,,{}\n", action.as_str().unwrap(), a.at, id(&a.report))
            }
            other => panic!("{other:?}"),
        };
    }
    out
}

#[test]
fn the_demo_city_gives_the_events_of_the_referee() {
    let mut log = Log::default();
    let summary = log.import(demo(), &nyc()).unwrap();
    assert_eq!((summary.rows, summary.reports_new, summary.duplicates), (5_325, 5_281, 0));
    assert_eq!((summary.events_appended, summary.rejects.len()), (13_533, 44));
    assert!(summary.rejects.iter().all(|r| r.field == "lon" && r.reason == "missing position"));
    let events = canonical(&log.drafts);
    // Of the referee's events.csv, positions written as shortest decimals; the live comparison is below.
    let hash = blake3::hash(events.as_bytes()).to_hex();
    assert_eq!(hash.as_str(), "8cdad66e1cdeeb0328844e1d053e7e505cc8484943efb05a609032dd06ba4326");
    let Some(shared) = crate::program::shared() else { return };
    let path = shared.join("data/demo/nyc_2024_h1/events.csv");
    let mut compared = 0;
    for (row, ours) in Table::open(&path).unwrap().zip(events.lines()) {
        let row = row.unwrap();
        let mut fields: Vec<_> = row.fields().map(str::to_owned).collect();
        for i in [4, 5].into_iter().filter(|&i| !row.field(i).is_empty()) {
            fields[i] = row.field(i).parse::<f64>().unwrap().to_string();
        }
        assert_eq!(ours, fields.join(","));
        compared += 1;
    }
    assert_eq!(compared, 13_533);
    assert_eq!(Table::open(&path).unwrap().count(), compared);
}

#[test]
fn the_same_import_twice_adds_nothing() {
    let mut log = Log::default();
    log.import(demo(), &nyc()).unwrap();
    let again = log.import(demo(), &nyc()).unwrap();
    assert_eq!((again.reports_new, again.reports_known, again.events_appended), (0, 5_281, 0));
    assert_eq!((log.drafts.len(), again.rejects.len()), (13_533, 44));
}

#[test]
fn an_import_killed_anywhere_and_run_again_ends_in_the_same_log() {
    let mut whole = Log::default();
    whole.import(demo(), &nyc()).unwrap();
    for room in [0, 4_000, 9_400, 13_000] {
        let mut log = Log { room: Some(room), ..Log::default() };
        assert_eq!(log.import(demo(), &nyc()), Err(Error::Store("killed".into())));
        log.room = None;
        log.import(demo(), &nyc()).unwrap();
        assert_eq!(log.drafts, whole.drafts);
    }
}

const NYC: &str = "id,created,closed,descriptor,outcome,lon,lat,kind,street,cross_street_1,cross_street_2,borough\n";

#[test]
fn a_row_that_moved_on_adds_only_what_is_missing() {
    let mut log = Log::default();
    let row = |closed| {
        format!(
            "{NYC}7,2024-06-01 10:00:00,{closed},Street Flooding,found,-73.9,40.7,crossing,58 STREET,19 AVENUE,,Q\n"
        )
    };
    assert_eq!(log.import(row(""), &nyc()).unwrap().events_appended, 1);
    let moved = log.import(row("2024-06-02 10:00:00"), &nyc()).unwrap();
    assert_eq!((moved.reports_known, moved.events_appended), (1, 2));
    let other_time = log.import(row("2024-06-03 10:00:00"), &nyc()).unwrap();
    assert_eq!((other_time.events_appended, other_time.rejects.len()), (0, 1));
    let Event::Report(report) = &log.drafts[0].event else { panic!() };
    assert_eq!((report.id.as_str(), &report.names[..]), ("nyc_311:7", &["19 Av & 58 St".to_owned()][..]));
}

#[test]
fn a_row_whose_position_or_category_changed_is_one_reject_and_adds_nothing() {
    let mut log = Log::default();
    let row = |closed, what, lon| format!("{NYC}7,2024-06-01 10:00:00,{closed},{what},found,{lon},40.7,,,,,\n");
    log.import(row("", "Street Flooding", "-73.9"), &nyc()).unwrap();
    for changed in [
        row("2024-06-02 10:00:00", "Street Flooding", "-73.8"),
        row("2024-06-02 10:00:00", "Catch Basin Clogged/Flooding", "-73.9"),
    ] {
        let summary = log.import(changed, &nyc()).unwrap();
        assert_eq!((summary.events_appended, summary.rejects.len(), log.drafts.len()), (0, 1, 1));
        assert!(summary.rejects[0].reason.contains("recorded as waterlogging"), "{:?}", summary.rejects);
        assert_eq!((summary.rejects[0].line, summary.rejects[0].value.as_str()), (2, "nyc_311:7"));
    }
}

const PLAIN: &str = "id,category,lon,lat,observed_at,text,depth_cm,passability,dry\n";
const GOOD: &str = "ok,waterlogging,110.3,20,2023-10-21T09:10:00+08:00,,,,\n";

fn rejects_of(rows: &[u8], mapping: &Mapping) -> Vec<Reject> {
    let bytes = [PLAIN.as_bytes(), rows, b"\n", GOOD.as_bytes()].concat();
    let mut log = Log::default();
    let summary = log.import(bytes, mapping).unwrap();
    assert_eq!(summary.reports_new, 1, "the good row below is never lost");
    summary.rejects
}

#[test]
fn every_kind_of_bad_row_is_rejected_with_its_place_and_a_reason() {
    let at = "2023-10-21T09:10:00+08:00";
    let long = "水".repeat(4_001);
    for (row, column, field, reason) in [
        (format!("a,waterlogging,110,90.1,{at},,,,"), 20, "lat", "not a latitude in [-90, 90] degrees"),
        (format!("a,waterlogging,20.01,110.3,{at},,,,"), 22, "lat", "looks like lat,lon: swap the axes"),
        (format!("a,waterlogging,200,20,{at},,,,"), 16, "lon", "not a longitude"),
        (format!("a,waterlogging,NaN,20,{at},,,,"), 16, "lon", "not a longitude"),
        (format!("a,waterlogging,110,NaN,{at},,,,"), 20, "lat", "not a latitude"),
        (format!("a,waterlogging,1e308,20,{at},,,,"), 16, "lon", "not a longitude"),
        (format!("a,waterlogging,13158000,4900000,{at},,,,"), 25, "lat", "looks like metres of a projected map"),
        ("a,waterlogging,110,20,2023-10-21,,,,".into(), 23, "observed_at", "a date without a time of day"),
        (format!("a,waterlogging,,20,{at},,,,"), 16, "lon", "missing position"),
        (format!("a,waterlogging,110,x,{at},,,,"), 20, "lat", "not a number"),
        ("a,waterlogging,110,20,,,,,".into(), 23, "observed_at", "missing time"),
        ("a,waterlogging,110,20,2023-10-21 09:10:00,,,,".into(), 23, "observed_at", "time without offset"),
        ("a,waterlogging,110,20,noon,,,,".into(), 23, "observed_at", "not a time"),
        ("a,waterlogging,110,20,1719835801,,,,".into(), 23, "observed_at", "in the future by more than 10 minutes"),
        (format!("a,flood,110,20,{at},,,,"), 3, "category", "known are waterlogging, blocked_drain"),
        (format!("a,waterlogging,110,20,{at},{long},,,"), 49, "text", "4001 characters, at most 4,000"),
        (format!("a,waterlogging,110,20,{at},,1001,,"), 50, "depth_cm", "depth in centimetres in [0, 1000]"),
        (format!("a,waterlogging,110,20,{at},,-1,,"), 50, "depth_cm", "depth in centimetres"),
        (format!("a,waterlogging,110,20,{at},,,deep,"), 51, "passability", "known are clear, slow"),
        (format!("a,waterlogging,110,20,{at},,30,,1"), 54, "dry", "no water, but depth_cm is 30"),
        (format!("a,waterlogging,110,20,{at},,,,maybe"), 52, "dry", "neither true nor false"),
        (format!(" ,waterlogging,110,20,{at},,,,"), 1, "id", "missing id"),
        (format!("a,waterlogging,110,20,{at},,,"), 51, "passability", "the row has 8 fields, the header has 9"),
        (format!("a,waterlogging,110,20,{at},\"never closed,,,"), 49, "text", "never closed"),
    ] {
        let rejects = rejects_of(row.as_bytes(), &plain());
        assert_eq!(rejects.len(), 1, "{row}: {rejects:?}");
        let reject = &rejects[0];
        assert!(reject.reason.contains(reason), "{row}: {}", reject.reason);
        assert_eq!((reject.line, reject.column, reject.field.as_str()), (2, column, field), "{row}");
        assert!(reject.value.chars().count() < 100);
    }
    let broken = rejects_of(b"a,waterlogging,110,20,2023-10-21T09:10:00+08:00,\xFF,,,", &plain());
    assert!(broken[0].reason.contains("UTF-8") && broken[0].column == 49, "{broken:?}");
}

#[test]
fn ten_minutes_ahead_is_a_fast_clock_and_no_reject() {
    let rows = [PLAIN, "a,waterlogging,110,20,1719835800,,,,\n"].concat();
    assert_eq!(Log::default().import(rows, &plain()).unwrap().reports_new, 1);
}

#[test]
fn an_id_twice_is_a_duplicate_or_a_reject_of_the_second() {
    let rows = [PLAIN, GOOD, GOOD, "ok,waterlogging,110.4,20,2023-10-21T09:10:00+08:00,,,,\n"].concat();
    let summary = Log::default().import(rows, &plain()).unwrap();
    assert_eq!((summary.rows, summary.reports_new, summary.duplicates, summary.rejects.len()), (3, 1, 1, 1));
    assert_eq!(summary.rejects[0].reason, "this id stands in line 2 already, with other content");
}

#[test]
fn a_bad_closing_date_rejects_its_row_whole_and_one_before_the_report_gives_no_step() {
    let rows = format!(
        "{NYC}1,2024-06-01 10:00:00,2024-13-01 10:00:00,Street Flooding,found,-73.9,40.7,,,,,\n\
         2,2024-06-01 10:00:00,2024-06-01 09:00:00,Street Flooding,found,-73.9,40.7,,,,,\n\
         3,2024-06-01 10:00:00,2024-06-02 10:00:00,Street Flooding,gone,-73.9,40.7,,,,,\n\
         4,2024-03-10 02:30:00,,Street Flooding,,-73.9,40.7,,,,,\n\
         5,2024-06-01 10:00:00,,Pothole,,-73.9,40.7,,,,,\n\
         6,2024-06-01 10:00:00,,Street Flooding,,40.7,-73.9,,,,,\n"
    );
    let summary = Log::default().import(rows, &nyc()).unwrap();
    assert_eq!(summary.events_appended, 1);
    let reasons: Vec<_> = summary.rejects.iter().map(|r| (r.line, r.field.as_str(), r.reason.as_str())).collect();
    assert_eq!(reasons[0], (2, "closed", "not a local time like 2024-06-30 23:20:00"));
    assert_eq!(reasons[1], (4, "outcome", "unknown; the mapping knows found, not_found, referred, repeat"));
    assert_eq!(reasons[2], (5, "created", "no such local time: clocks were put forward over it"));
    let known = "unknown; the mapping knows Catch Basin Clogged/Flooding, Street Flooding";
    assert_eq!(reasons[3], (6, "descriptor", known));
    assert!(reasons[4].2.ends_with("outside the mapping's extent; looks like lat,lon: swap the axes"), "{reasons:?}");
}

#[test]
fn without_an_extent_nought_and_swapped_axes_are_told_by_where_the_other_rows_lie() {
    // Saint Petersburg: both of its degrees can be either axis.
    let row = |id: u32, lon: &str, lat: &str| format!("{id},waterlogging,{lon},{lat},{},,,,\n", 1_697_850_600 + id);
    let city: String = (1..=40).map(|id| row(id, "30.3", &format!("59.{id:02}"))).collect();
    let odd =
        [row(50, "0", "0.0"), row(51, "59.9", "30.3"), row(52, "113.6", "34.7"), row(53, "34.7", "113.6")].concat();
    // The first row may be the odd one: all of a file is read before anything is taken.
    let summary = Log::default().import([PLAIN, &odd, &city].concat(), &plain()).unwrap();
    let told: Vec<_> = summary.rejects.iter().map(|r| (r.line, r.field.as_str(), r.reason.as_str())).collect();
    assert_eq!((summary.reports_new, told.len()), (41, 3), "{told:?}");
    assert_eq!(told[0], (2, "lon", "0,0 is where a missing position ends up: it lies in the sea"));
    assert!(told[1].0 == 3 && told[1].2.contains("far from all others") && told[1].2.ends_with("looks like lat,lon"));
    assert!(
        told[2].0 == 5 && told[2].2.contains("not a latitude in [-90, 90] degrees; looks like lat,lon"),
        "{told:?}"
    );
    // Another run gives the same log, and with nothing to go by nothing is said.
    let mut log = Log::default();
    log.import([PLAIN, &odd, &city].concat(), &plain()).unwrap();
    assert_eq!(log.import([PLAIN, &odd, &city].concat(), &plain()).unwrap().events_appended, 0);
    assert_eq!(Log::default().import([PLAIN, &row(1, "0", "0")].concat(), &plain()).unwrap().reports_new, 1);
}

#[test]
fn bom_crlf_and_quotes_are_no_trouble() {
    let mut log = Log::default();
    let rows = "\u{FEFF}id,category,lon,lat,observed_at,text\r\n\"a\",waterlogging,110,20,1697850600,\"深 \"\"30\"\", 水\r\n很大\"\r\n";
    assert_eq!(log.import(rows, &plain()).unwrap().reports_new, 1);
    assert_eq!(log.drafts[0].private.text.as_deref(), Some("深 \"30\", 水\r\n很大"));
}

#[test]
fn an_empty_file_and_a_header_alone_say_so() {
    let message = |text: &str| Log::default().import(text, &plain()).unwrap_err().to_string();
    assert!(message("").contains("is empty"));
    assert_eq!(message(PLAIN), "in.csv:1:0: file \"in.csv\": has no rows below its header");
}

fn mapping_error(source: &str) -> String {
    Mapping::parse("m.toml", source).unwrap_err().to_string()
}

#[test]
fn a_mapping_that_names_a_missing_column_is_pointed_into_and_lists_those_there_are() {
    let error = Log::default().import("id,category,lon,lat,when\n1,,,,\n", &plain()).unwrap_err().to_string();
    assert!(error.starts_with("plain.toml (built in):15:15: column \"observed_at\": in.csv has no such column; it has id, category, lon, lat, when"), "{error}");
}

#[test]
fn a_mistake_in_a_mapping_is_told_by_line_and_column() {
    let good = include_str!("../../data/mappings/nyc-2024.toml");
    for (from, to, part) in [
        ("channel = \"nyc_311\"", "channel = \"NYC 311\"", "m.toml:5:11: channel"),
        ("zone = \"America/New_York\"", "zone = \"EST5\"", "m.toml:9:8: zone \"EST5\": not the IANA name"),
        ("datum = \"wgs84\"", "datum = \"wgs72\"", "m.toml:14:9: mapping"),
        ("id = \"id\"", "idd = \"id\"", "m.toml:23:1: mapping"),
        ("lat = \"lat\"", "", "every mapping must name this column"),
        ("= \"waterlogging\"", "= \"flood\"", "known are waterlogging"),
        ("action = \"found\"", "action = \"find\"", "unknown variant `find`"),
        ("action = \"not_found\"", "action = \"found\"", "an action twice"),
        ("at = \"closed_at\"", "at = \"lon\"", "not a time"),
        ("outcomes = [\"found\"]", "outcomes = [\"fnd\"]", "step \"fnd\": not an outcome"),
        ("after_observed = true", "after = true", "unknown field `after`"),
        ("-74.3, 40.45, -73.65, 40.95", "40.45, -74.3, 40.95, -75.0", "not west, south, east, north"),
        ("[columns]", "[columns", "m.toml:22:"),
    ] {
        assert!(good.contains(from), "{from}");
        let error = mapping_error(&good.replacen(from, to, 1));
        assert!(error.starts_with("m.toml:") && error.contains(part), "{from}: {error}");
    }
    let error = Mapping::load("no/such.toml").unwrap_err().to_string();
    assert!(error.contains("plain, nyc-2024"), "{error}");
}

#[test]
fn a_gcj02_position_is_converted_once_and_the_original_kept() {
    let source = include_str!("../../data/mappings/plain.toml").replace("\"wgs84\"", "\"gcj02\"");
    let mut log = Log::default();
    log.import([PLAIN, GOOD].concat(), &Mapping::parse("m.toml", &source).unwrap()).unwrap();
    let Event::Report(Report { position, original: Some(original), .. }) = &log.drafts[0].event else { panic!() };
    assert_eq!((original.datum.as_str(), original.lon, original.lat), ("gcj02", 110.3, 20.0));
    let moved_m = position.ecef().distance_m(waterlog::hazard::position::Position::new(110.3, 20.0).unwrap().ecef());
    assert!((200.0..800.0).contains(&moved_m), "{moved_m}");
}

#[test]
fn rejects_are_written_as_a_table() {
    let rejects = rejects_of("a,waterlogging,\"1,5\",20,1697850600,,,,".as_bytes(), &plain());
    let mut out = Vec::new();
    write_rejects(&rejects, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(
        text,
        "line,column,field,value,reason\n2,16,lon,\"1,5\",\"not a number of degrees: write a point, not a comma\"\n"
    );
}

#[test]
fn progress_tells_rows_and_then_events() {
    let said = RefCell::new(Vec::<Progress>::new());
    let mut log = Log::default();
    let table = Table::from_reader("in.csv", Cursor::new(demo())).unwrap();
    import(table, &nyc(), NOW, &mut |batch| log.submit(batch), &|p| said.borrow_mut().push(p)).unwrap();
    let said = said.into_inner();
    assert_eq!((said[0].rows, said[0].events_total), (1_000, 0));
    let last = said.last().unwrap();
    assert_eq!((last.rows, last.rejects, last.events, last.events_total), (5_325, 44, 13_533, 13_533));
}

#[test]
fn the_demo_city_s_rain_is_read_but_for_one_row_that_has_no_time() {
    let table = Table::open(concat!(env!("CARGO_MANIFEST_DIR"), "/data/nyc-2024/rain.csv")).unwrap();
    let loaded = rain::read(table, HazardMap::new(Settings::default()).gauges(), &rain::Options::default()).unwrap();
    // The source has the largest number there is for a missing time: with its 3,600 s it would end beyond 64 bits.
    let bad: Vec<_> = loaded.rejects.iter().map(|r| (r.line, r.field.as_str(), r.value.as_str())).collect();
    assert_eq!(bad, [(1_656, "start", "9223372036854772208")]);
    assert_eq!((loaded.rows, loaded.new, loaded.known), (4361, 4360, 0));
}
