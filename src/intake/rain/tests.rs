use super::super::SiteOf;
use super::*;
use crate::hazard::settings::Settings;

fn loaded(text: &str, known: &Gauges, options: &Options) -> Loaded {
    read(Table::from_reader("rain.csv", std::io::Cursor::new(text.to_owned())).unwrap(), known, options).unwrap()
}

fn load(text: &str, known: &[RainInterval]) -> Loaded {
    let mut gauges = nothing();
    gauges.load(0, known);
    loaded(text, &gauges, &Options::default())
}

fn nothing() -> Gauges {
    Gauges::new(Settings::default().rain_rule())
}

/// What the log would hold.
fn after(loaded: &Loaded) -> Gauges {
    let mut gauges = nothing();
    for draft in &loaded.drafts {
        match &draft.event {
            Event::Gauges(new) => new.iter().for_each(|gauge| gauges.place(gauge)),
            Event::GaugeRain(rain) => drop(gauges.load(gauges.find(&rain.gauge).unwrap(), &rain.intervals)),
            Event::Rain(rain) => drop(gauges.load(0, rain)),
            other => panic!("{other:?}"),
        }
    }
    gauges
}

fn intervals(loaded: &Loaded) -> Vec<RainInterval> {
    let of = |d: &Draft| match &d.event {
        Event::Rain(intervals) => intervals.clone(),
        other => panic!("{other:?}"),
    };
    loaded.drafts.iter().flat_map(of).collect()
}

#[test]
fn intervals_come_in_order_of_time_and_bad_rows_say_why() {
    let text = "start,seconds,mm\n7200,3600,\n1970-01-01T01:00:00Z,3600,1.2345\n0,0,1\n0,60,-1\n0,60,NaN\n0,60,1e308\n\
                1970-01-01T00:00:00,60,1\n7000,60,1\n7200,3600,\n7200,3600,1\n0,3600,0.0\n";
    let loaded = load(text, &[]);
    let interval = |start, depth_um| RainInterval { start, seconds: 3_600, depth_um };
    assert_eq!(intervals(&loaded), [interval(0, Some(0)), interval(3_600, Some(1_235)), interval(7_200, None)]);
    let rejects: Vec<_> = loaded.rejects.iter().map(|r| (r.line, r.column, r.field.as_str())).collect();
    assert_eq!(
        rejects,
        [
            (4, 3, "seconds"),
            (5, 6, "mm"),
            (6, 6, "mm"),
            (7, 6, "mm"),
            (8, 1, "start"),
            (9, 1, "start"),
            (11, 1, "start")
        ]
    );
    assert_eq!(loaded.rejects[5].reason, "overlaps the 3600 s from 1970-01-01T01:00:00Z of line 3");
    assert_eq!((loaded.rows, loaded.new, loaded.known), (11, 3, 1));
}

#[test]
fn a_load_that_was_interrupted_goes_on_with_the_same_chunks() {
    let text: String = (0..2_500).rev().map(|i| format!("{},60,1\n", i * 60)).collect();
    let text = format!("start,seconds,mm\n{text}");
    let whole = load(&text, &[]);
    assert_eq!(whole.drafts.len(), 3);
    let first = RainInterval { start: 0, seconds: 60, depth_um: Some(1_000) };
    let known: Vec<_> = (0..1_000).map(|i| RainInterval { start: i * 60, ..first }).collect();
    assert_eq!(load(&text, &known).drafts, whole.drafts[1..]);
    assert!(load(&text, &intervals(&whole)).drafts.is_empty());
}

#[test]
fn an_interval_loaded_with_another_depth_is_rejected() {
    let known = [RainInterval { start: 0, seconds: 60, depth_um: None }];
    let loaded = load("start,seconds,mm\n0,60,1\n60,60,1\n", &known);
    assert!(loaded.rejects[0].reason.ends_with("loaded already"), "{:?}", loaded.rejects);
    assert_eq!(loaded.new, 1);
}

const NETWORK: &str = "gauge,lon,lat,name,start,seconds,mm\nb,110.4,20.1,,0,3600,2\na,110.3,20.0,Pier,0,3600,1\n\
                       a,,,,3600,3600,0\na,110.3,20.0,,7200,3600,5\n";

#[test]
fn each_gauge_of_a_table_has_its_own_series_and_a_second_load_brings_nothing() {
    let first = loaded(NETWORK, &nothing(), &Options::default());
    assert_eq!((first.new, first.known, first.rejects.len(), first.drafts.len()), (4, 0, 0, 3));
    let gauges = after(&first);
    let series = |id: &str| &gauges.all()[gauges.find(id).unwrap()];
    assert_eq!((series("a").rain.intervals().len(), series("b").rain.intervals().len()), (3, 1));
    assert_eq!(series("a").gauge.as_ref().unwrap().name.as_deref(), Some("Pier"));
    let again = loaded(NETWORK, &gauges, &Options::default());
    assert_eq!((again.drafts.len(), again.known), (0, 4));
    let moved = loaded(&NETWORK.replace("110.4", "110.5"), &gauges, &Options::default());
    assert!(matches!(&moved.drafts[..], [Draft { event: Event::Gauges(one), .. }] if one[0].id == "b"));
}

#[test]
fn a_gauge_without_a_position_in_two_places_or_without_an_id_is_rejected() {
    let text = "station,lon,lat,start,seconds,mm\nnew,,,0,60,1\na,1,1,0,60,1\na,2,1,60,60,1\n,1,1,0,60,1\ncity,1,1,0,60,1\n\
                b,1,91,0,60,1\n";
    let loaded = loaded(text, &nothing(), &Options::default());
    let reasons: Vec<_> = loaded.rejects.iter().map(|r| (r.line, r.field.as_str(), r.reason.as_str())).collect();
    assert_eq!(reasons[0], (2, "station", "a new gauge without a position: give lon and lat, or --at"));
    assert_eq!(reasons[1], (4, "station", "its gauge stood elsewhere in an earlier row"));
    assert_eq!(reasons[2], (5, "station", "missing id"));
    assert!(reasons[3].0 == 6 && reasons[3].2.contains("without a gauge"), "{reasons:?}");
    assert_eq!((reasons[4].0, reasons[4].1, loaded.new), (7, "lat", 1));
}

#[test]
fn a_table_of_one_gauge_takes_its_id_and_place_from_the_command() {
    let text = "start,seconds,mm\n0,3600,1\n";
    let position = Position::new(110.3, 20.0).ok();
    let given = Options { site: SiteOf { id: Some("a".into()), position }, unit: None };
    let gauges = after(&loaded(text, &nothing(), &given));
    assert_eq!(gauges.find("a"), Some(1));
    let later = Options { site: SiteOf { id: Some("a".into()), position: None }, unit: None };
    assert_eq!(loaded(text, &gauges, &later).known, 1);
    let refused = |options: &Options, text: &str| {
        let table = Table::from_reader("rain.csv", std::io::Cursor::new(text.to_owned())).unwrap();
        read(table, &nothing(), options).unwrap_err().to_string()
    };
    assert!(refused(&given, NETWORK).contains("says so itself"));
    assert!(refused(&Options { site: SiteOf { id: None, position }, unit: None }, text).contains("give its id"));
}

#[test]
fn the_unit_is_the_columns_or_the_commands_and_never_guessed() {
    let depth = |header: &str, value: &str, unit| {
        let text = format!("start,seconds,{header}\n0,3600,{value}\n");
        let loaded = loaded(&text, &nothing(), &Options { unit, ..Options::default() });
        intervals(&loaded)[0].depth_um
    };
    assert_eq!(depth("rain_mm", "1.5", None), Some(1_500));
    assert_eq!(depth("in", "0.1", None), Some(2_540));
    assert_eq!(depth("mm", "0.1", Some(Unit::In)), Some(2_540));
    assert_eq!(depth("value", "15", Some(Unit::TenthMm)), Some(1_500));
    let table = Table::from_reader("r.csv", std::io::Cursor::new("start,seconds,rain\n0,3600,1\n")).unwrap();
    let told = read(table, &nothing(), &Options::default()).unwrap_err().to_string();
    assert!(told.starts_with("r.csv:1:15: ") && told.contains("--rain-unit"), "{told}");
}

#[test]
fn doubts_and_the_zone_are_told_once_with_the_place_where_they_show() {
    let hour = |h: i64, mm: &str| format!("{},3600,{mm}\n", h * 3_600);
    let rows: String = (0..40).map(|h| if (2..20).contains(&h) { hour(h, "") } else { hour(h, "0") }).collect();
    let text = format!("start,seconds,mm\n{}", rows.replace("72000,3600,0\n", "1970-01-01T21:00:00+01:00,3600,30\n"));
    let remarks = load(&text, &[]).remarks;
    let told: Vec<_> = remarks.iter().map(|r| (r.place, r.text.as_str())).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].0.is_none() && told[0].1.ends_with("(gaps)"));
    assert!(told[1].0 == Some((22, 32)) && told[1].1.ends_with("(day_total)"), "{told:?}");
    assert_eq!(told[2].1, "depths were read as mm, times as RFC 3339 with offset +01:00, unix seconds");
    let record = load("start,seconds,mm\n0,3600,500\n3600,3600,1\n", &[]);
    assert!(record.new == 1 && record.rejects[0].reason.contains("ever measured"));
}
