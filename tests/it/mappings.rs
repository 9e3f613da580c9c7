//! The mappings that come with the program, on small files made by hand in the form of each city, and on the shared ones.

use std::collections::BTreeMap;
use std::io::Cursor;

use waterlog::error::Result;
use waterlog::hazard::event::{Action, Event, Report};
use waterlog::intake::import::{Summary, import};
use waterlog::intake::mapping::Mapping;
use waterlog::intake::source::Source;
use waterlog::intake::{Draft, Receipt};

use crate::program::shared;

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600;

/// What a file gives through a mapping built in.
fn imported(mapping: &str, source: Source) -> (Summary, Vec<Event>) {
    let mut events = Vec::new();
    let mut submit = |drafts: Vec<Draft>| -> Result<Vec<Result<Receipt>>> {
        let answers =
            drafts.iter().map(|_| Ok(Receipt { seq: 1, fresh: true, id: String::new(), merged: false })).collect();
        events.extend(drafts.into_iter().map(|draft| draft.event));
        Ok(answers)
    };
    let summary = import(source, &Mapping::load(mapping).unwrap(), NOW, &mut submit, &|_| {}).unwrap();
    (summary, events)
}

fn text(name: &str, text: &str) -> Source {
    Source::from_reader(name, Cursor::new(text.to_owned())).unwrap()
}

fn reports(events: &[Event]) -> BTreeMap<&str, &Report> {
    let mut reports = BTreeMap::new();
    for event in events {
        if let Event::Report(report) = event {
            reports.insert(report.id.as_str(), report);
        }
    }
    reports
}

fn steps(events: &[Event], id: &str) -> Vec<Action> {
    let act = |e: &Event| if let Event::Act(a) = e { (a.report == id).then_some(a.action) } else { None };
    events.iter().filter_map(act).collect()
}

const BOSTON: &str = "CASE_ENQUIRY_ID,OPEN_DT,CLOSED_DT,CASE_STATUS,CLOSURE_REASON,CASE_TITLE,REASON,TYPE,LOCATION_STREET_NAME,LATITUDE,LONGITUDE\n";

#[test]
fn boston_s_category_comes_from_the_first_column_that_is_known_and_no_house_number_from_any() {
    let rows = "1,01/02/2015 09:17:37 AM,01/03/2015 09:00:00 AM,Closed,Case Closed Case Resolved,Catchbasin,Catchbasin,Catchbasin,730 Foo Blvd,42.30,-71.05\n\
        2,01/02/2015 09:17:37 AM,,Open,,BWSC: Sanitary Sewer Overflow (SSO),Notification,Notification,INTERSECTION Foo St & Bar St,42.31,-71.05\n\
        3,01/02/2015 09:17:37 AM,01/03/2015 09:00:00 AM,Closed,Case Closed Duplicate of Existing Case 1,PRINTED,Street Lights,Install New Lighting,1-3A Foo St,42.32,-71.05\n\
        4,01/02/2015 09:17:37 AM,01/03/2015 09:00:00 AM,Closed,Case Closed NOVIO: No Violation,x,y,z,,42.33,-71.05\n\
        5,01/02/2015 09:17:37 AM,,Open,,Catchbasin,Catchbasin,Catchbasin,5 Foo St,42.3594,-71.0587\n\
        6,01/02/2015 09:17:37 AM,01/03/2015 09:00:00 AM,Closed,Case Closed. Closed date : 2015-01-03 09:00:00.0 NOVIO: x,x,y,z,,42.33,-71.06\n\
        7,01/02/2015 09:17:37 AM,01/03/2015 09:00:00 AM,Closed,Case Closed. Closed date : 2015-01-03 09:00:00.0 Case Invalid,x,y,z,,42.33,-71.07\n";
    let (summary, events) = imported("boston-2015", text("b.csv", &(BOSTON.to_owned() + rows)));
    assert_eq!((summary.reports_new, summary.rejects.len()), (6, 1));
    assert!(summary.rejects[0].reason.contains("gives this one where it knows none"), "{:?}", summary.rejects);
    let reports = reports(&events);
    let said = |id| {
        let report: &Report = reports[id];
        (report.category.name(), report.names.first().map_or("", |n| n.as_str()))
    };
    assert_eq!(said("boston_311:1"), ("blocked_drain", "Foo Blvd"));
    assert_eq!(said("boston_311:2"), ("waterlogging", "Bar St & Foo St"));
    assert_eq!(said("boston_311:3"), ("traffic_safety", "Foo St"));
    assert_eq!(said("boston_311:4"), ("other", ""));
    assert_eq!(steps(&events, "boston_311:1"), [Action::Resolve]);
    assert_eq!(steps(&events, "boston_311:2"), []);
    assert_eq!(steps(&events, "boston_311:3"), []);
    assert_eq!(steps(&events, "boston_311:4"), [Action::NotFound, Action::Resolve]);
    assert_eq!(steps(&events, "boston_311:6"), [Action::NotFound, Action::Resolve]);
    assert_eq!(steps(&events, "boston_311:7"), []);
}

#[test]
fn a_chicago_like_table_goes_in_by_its_mapping() {
    let table = "SR_NUMBER,SR_TYPE,STATUS,CREATED_DATE,CLOSED_DATE,STREET_ADDRESS,LATITUDE,LONGITUDE,LOCATION\n\
        SR19-1,Water On Street Complaint,Completed,05/01/2019 08:30:00 PM,05/02/2019 09:00:00 AM,1200 N FOO ST,41.9,-87.7,\"(41.9, -87.7)\"\n\
        SR19-2,Water On Street Complaint,Completed - Dup,05/01/2019 08:40:00 PM,05/01/2019 08:41:00 PM,1202 N FOO ST,41.9,-87.7,\n\
        SR19-3,Unheard Of,Open,05/01/2019 08:40:00 PM,,9 W BAR AVE,41.8,-87.7,\n\
        SR19-4,Pothole in Street Complaint,Open,05/01/2019 08:40:00 PM,,,,,\n";
    let (summary, events) = imported("chicago", text("c.csv", table));
    assert_eq!((summary.reports_new, summary.events_appended, summary.rejects.len()), (3, 4, 1));
    let reports = reports(&events);
    let first = reports["chicago_311:SR19-1"];
    assert_eq!((first.category.name(), &first.names[..]), ("waterlogging", &["N Foo St".to_owned()][..]));
    assert_eq!(first.observed_at, 1_556_760_600, "Chicago's summer time");
    assert_eq!(steps(&events, "chicago_311:SR19-1"), [Action::Resolve]);
    assert_eq!(reports["chicago_311:SR19-3"].category.name(), "other");
}

#[test]
fn the_common_load_is_the_same_as_a_table_and_as_features() {
    let table = "id,category,severity,status,reported_at,text,lon,lat\n\
        1,flooding,3,resolved,2023-01-01T04:00:00Z,海秀路积水严重,110.330001,20.030000\n\
        2,streetlight_out,1,open,2023-01-01T05:00:00Z,路灯不亮,110.340000,20.040000\n";
    let feature = |id, at, lon: f64, lat: f64, category, text| {
        format!(
            "{{\"type\":\"Feature\",\"id\":{id},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[{lon},{lat}]}},\"properties\":\
             {{\"category\":\"{category}\",\"severity\":3,\"status\":\"open\",\"reported_at\":\"{at}\",\"text\":\"{text}\"}}}}\n"
        )
    };
    let lines = feature(1, "2023-01-01T04:00:00Z", 110.330001, 20.03, "flooding", "海秀路积水严重")
        + &feature(2, "2023-01-01T05:00:00Z", 110.34, 20.04, "streetlight_out", "路灯不亮");
    let (summary, events) = imported("common-load", text("reports.csv", table));
    assert_eq!((summary.reports_new, summary.rejects.len()), (2, 0));
    assert_eq!(imported("common-load", text("reports.ndjson", &lines)).1, events);
}

#[test]
fn all_of_boston_is_told_apart_by_category() {
    let Some(shared) = shared() else { return };
    let path = shared.join("data/reports/boston_311_2015/boston_311_2015_121145rows.csv.gz");
    let (summary, events) = imported("boston-2015", Source::open(path, None).unwrap());
    assert_eq!((summary.rows, summary.duplicates), (121_145, 0));
    let nowhere = summary.rejects.iter().filter(|r| r.reason.contains("where it knows none")).count();
    assert_eq!((summary.rejects.len() - nowhere, nowhere), (0, 17_070));
    let reports = reports(&events);
    assert_eq!(reports.len(), 104_075);
    let mut counts = BTreeMap::new();
    reports.values().for_each(|r| *counts.entry(r.category.name()).or_insert(0) += 1);
    told!("Boston: {} events: {counts:?}", events.len());
    assert_eq!(counts.len(), 9, "{counts:?}");
    assert!(
        counts["blocked_drain"] > 350 && counts["waterlogging"] > 100 && counts["road_damage"] > 10_000,
        "{counts:?}"
    );
    let numbered =
        |name: &&String| name.split(['-', ' ']).next().is_some_and(|w| w.len() > 2 && w.parse::<u32>().is_ok());
    let numbered: Vec<_> = reports.values().flat_map(|r| &r.names).filter(numbered).collect();
    assert!(numbered.is_empty(), "house numbers: {numbered:?}");
    let named = reports.values().filter(|r| !r.names.is_empty()).count();
    assert!(2 * named > reports.len(), "only {named} have the name of a street");
}

#[test]
fn new_yorks_requests_go_in_as_the_city_exports_them_and_as_its_api_gives_them() {
    let names =
        "Unique Key,Created Date,Closed Date,Descriptor,Longitude,Latitude,Street Name,Cross Street 1,Cross Street 2";
    let rest = |a: &str, b: &str| {
        format!(
            "7,{a},{b},Street Flooding (SJ),-73.9,40.7,A STREET,B AVENUE,C AVENUE\n\
             8,{a},,Catch Basin Clogged/Flooding (Use Comments) (SC),-73.9,40.7,A STREET,B AVENUE,C AVENUE\n\
             9,{a},,Dirty Water (WE),-73.9,40.7,A STREET,B AVENUE,C AVENUE\n"
        )
    };
    let export = format!("{names}\n{}", rest("06/30/2024 11:20:00 PM", "07/01/2024 01:20:00 AM"));
    let api = names.to_lowercase().replace(' ', "_");
    let api = format!("{api}\n{}", rest("2024-06-30T23:20:00.000", "2024-07-01T01:20:00.000"));
    let (summary, events) = imported("nyc-311", text("a.csv", &export));
    assert_eq!((summary.reports_new, summary.rejects.len(), events.len()), (2, 1, 3));
    assert!(summary.rejects[0].reason.contains("the mapping knows Catch Basin Clogged"), "{:?}", summary.rejects);
    assert_eq!(imported("nyc-311-api", text("b.csv", &api)).1, events);
}

#[test]
fn new_york_s_answers_say_who_has_looked_and_a_corner_is_named_by_its_two_streets() {
    let head = "unique_key,created_date,closed_date,descriptor,longitude,latitude,street_name,cross_street_1,cross_street_2,\
        intersection_street_1,intersection_street_2,resolution_description\n";
    let row = |id: u8, streets: &str, answer: &str| {
        format!(
            "{id},2024-06-30T20:20:00.000,2024-06-30T23:20:00.000,Street Flooding (SJ),-73.9,40.7,{streets},The Department {answer}.\n"
        )
    };
    let rows = [
        row(1, "A STREET,B AVENUE,C AVENUE,,", "inspected but could not find the problem you reported"),
        row(2, ",,,DEPOT ROAD,164 STREET", "investigated this complaint and resolved the street flooding"),
        row(3, ",,,,", "determined that this complaint is a duplicate of a previously filed complaint"),
        row(4, ",,,,", "referred it"),
    ];
    let (_, events) = imported("nyc-311-api", text("a.csv", &(head.to_owned() + &rows.concat())));
    assert_eq!(steps(&events, "nyc_311:1"), [Action::NotFound, Action::Resolve]);
    assert_eq!(steps(&events, "nyc_311:2"), [Action::Found, Action::Resolve]);
    assert_eq!((steps(&events, "nyc_311:3"), steps(&events, "nyc_311:4")), (vec![], vec![Action::Resolve]));
    assert_eq!(&reports(&events)["nyc_311:2"].names[..], ["164 St & Depot Rd".to_owned()]);
}

#[test]
fn the_demo_s_outcomes_are_those_of_the_city_s_own_answers() {
    let Some(shared) = shared() else { return };
    let raw = shared.join("data/reports/nyc_311_flooding_2024_h1/nyc_311_flooding_2024_h1.csv");
    let (_, whole) = imported("nyc-311", Source::open(raw, None).unwrap());
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/data/nyc-2024/reports.csv");
    let (_, events) = imported("nyc-2024", Source::open(ours, None).unwrap());
    let mut by_id: BTreeMap<&str, Vec<Action>> = BTreeMap::new();
    for event in &whole {
        if let Event::Act(act) = event {
            by_id.entry(act.report.as_str()).or_default().push(act.action);
        }
    }
    let (mut compared, mut looked) = (0, 0);
    for id in reports(&events).keys() {
        // A closing after the demo's half year is left out of it.
        let steps = steps(&events, id);
        if !steps.is_empty() {
            assert_eq!(by_id.get(id).map_or(&[][..], |steps| steps), &steps[..], "{id}");
            compared += 1;
            looked += usize::from(steps.len() > 1);
        }
    }
    told!("New York: steps of {compared} reports as the city's answers give them, somebody looked at {looked}");
    assert!(looked > 3_000, "{looked}");
}
