//! The figures of the service, counted again from what the layers publish, and by hand.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use waterlog::hazard::event::{Act, Action, Event, Report};
use waterlog::hazard::time;

use crate::analysis::demo;
use crate::areas::town;
use crate::layers::{T0, seen};
use crate::program::waterlog;
use crate::server::Server;

const AS_OF: &str = "2024-06-30T14:00:00Z";

fn seconds(time: &Value) -> i64 {
    time::rfc3339(time.as_str().unwrap()).unwrap()
}

fn median(mut values: Vec<i64>) -> Value {
    values.sort_unstable();
    let n = values.len();
    if n == 0 { Value::Null } else { json!((values[(n - 1) / 2] + values[n / 2]) as f64 / 2.0) }
}

/// The smallest of the values that nine of ten do not exceed.
fn p90(values: &[i64]) -> Value {
    let fits = |most: &&i64| values.iter().filter(|v| v <= most).count() * 10 >= values.len() * 9;
    json!(values.iter().filter(fits).min())
}

#[test]
fn the_service_by_category_and_month_is_what_the_incidents_say_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    let incidents = server.features(&format!("/api/v1/incidents?limit=10000&as_of={AS_OF}"));
    assert!((4_000..10_000).contains(&incidents.len()), "{}", incidents.len());
    let mut groups: BTreeMap<(String, String), Vec<&Value>> = BTreeMap::new();
    for incident in &incidents {
        let p = &incident["properties"];
        // The calendar in force is China's, eight hours ahead all year.
        let month = time::format(seconds(&p["first_observed_at"]) + 8 * 3_600)[..7].to_owned();
        groups.entry((p["category"].as_str().unwrap().to_owned(), month)).or_default().push(p);
    }
    let answer = server.get(&format!("/api/v1/analysis/service?by=category,month&as_of={AS_OF}")).json();
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!(rows.len(), groups.len());
    let (mut open, mut overdue, mut drained) = (0, 0, 0);
    for row in rows {
        let key = (row["category"].as_str().unwrap().to_owned(), row["month"].as_str().unwrap().to_owned());
        let group = &groups[&key];
        let all = |name: &str| group.iter().filter_map(|p| p[name].as_i64()).collect::<Vec<i64>>();
        let with = |is: &dyn Fn(&Value) -> bool| group.iter().filter(|p| is(p)).count();
        let is_open = |p: &Value| !["resolved", "dismissed"].contains(&p["status"].as_str().unwrap());
        let counted = [
            ("n", group.len()),
            ("open", with(&is_open)),
            ("overdue", with(&|p| p["overdue"] == true)),
            ("dismissed", with(&|p| p["status"] == "dismissed")),
            ("closed", with(&|p| !p["resolved_at"].is_null())),
        ];
        for (name, n) in counted {
            assert_eq!(row[name], json!(n), "{key:?}: {name}");
        }
        let close = all("time_to_close_s");
        let drain: Vec<i64> =
            group.iter().filter(|p| p["status"] != "dismissed").filter_map(|p| p["time_to_drain_s"].as_i64()).collect();
        assert_eq!(row["time_to_close_s_p90"], p90(&close), "{key:?}");
        assert_eq!(row["time_to_close_s_median"], median(close), "{key:?}");
        assert_eq!((&row["drained"], &row["time_to_drain_s_p90"]), (&json!(drain.len()), &p90(&drain)), "{key:?}");
        drained += drain.len();
        assert_eq!(row["time_to_drain_s_median"], median(drain), "{key:?}");
        let late = row["closed"].as_f64().unwrap() + row["overdue"].as_f64().unwrap();
        let share = (late > 0.0).then(|| row["closed_on_time"].as_f64().unwrap() / late);
        assert_eq!(row["on_time"].as_f64(), share, "{key:?}");
        open += with(&is_open);
        overdue += with(&|p| p["overdue"] == true);
    }
    assert_eq!((&answer["open"], &answer["overdue"]), (&json!(open), &json!(overdue)));
    println!("{} groups, {open} open, {overdue} overdue, {drained} drained", rows.len());
    // Closed on the day of the calendar, which begins eight hours before midnight here.
    let today: Vec<i64> = incidents
        .iter()
        .filter(|i| !i["properties"]["resolved_at"].is_null())
        .filter(|i| {
            (seconds(&answer["since"])..=seconds(&answer["now"])).contains(&seconds(&i["properties"]["resolved_at"]))
        })
        .map(|i| i["properties"]["time_to_close_s"].as_i64().unwrap())
        .collect();
    assert_eq!((&answer["since"], &answer["closed_today"]), (&json!("2024-06-29T16:00:00Z"), &json!(today.len())));
    assert!(!today.is_empty());
    assert_eq!(answer["time_to_close_s_median_today"], median(today));
}

#[test]
fn the_command_line_says_of_the_service_what_the_api_says() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    for (query, with) in
        [("", vec![]), ("&by=month", vec!["--with", "by=month"]), ("&by=none", vec!["--with", "by=none"])]
    {
        let answer = server.get(&format!("/api/v1/analysis/service?as_of={AS_OF}{query}"));
        let data = ["--data", folder.path().to_str().unwrap(), "analyse", "service", "--as-of", AS_OF];
        let arguments = [&data[..], &with].concat();
        assert_eq!(waterlog(folder.path(), &arguments).expect_success().trim_end(), answer.text(), "{query}");
        let table = waterlog(folder.path(), &[&arguments[..], &["--csv"]].concat()).expect_success();
        assert_eq!(
            server.get(&format!("/api/v1/analysis/service?as_of={AS_OF}{query}&format=csv")).text().trim(),
            table.trim()
        );
        assert_eq!(
            table.starts_with("category,area_id,area_name,month,n,open,overdue"),
            query != "&by=none",
            "{table}"
        );
    }
    for (query, part) in [("by=moon", "known are category, area, month, none"), ("level=street", "sub_district, grid")]
    {
        let told = server.get(&format!("/api/v1/analysis/service?{query}")).problem(400);
        assert!(told.contains(part), "{told}");
    }
}

fn act(action: Action, report: &str, minutes: i64) -> Event {
    Event::Act(Act { action, at: T0 + minutes * 60, report: report.into() })
}

/// Waterlogging has an hour from when it was heard of, which is a minute after it was seen.
fn hour() -> Vec<Event> {
    let seen = |id: &str, minute: i64, east: f64| Event::Report(seen(id, minute * 60, 110.0 + east, 20.0));
    let dry = |id: &str, minute: i64, east: f64| match seen(id, minute, east) {
        Event::Report(report) => Event::Report(Report { dry: true, ..report }),
        other => other,
    };
    vec![
        seen("in_time", 0, 0.0),
        act(Action::Resolve, "in_time", 61),
        seen("late", 0, 0.1),
        act(Action::Resolve, "late", 62),
        seen("open", 0, 0.2),
        dry("gone", 48, 0.2),
        seen("false", 0, 0.3),
        act(Action::Dismiss, "false", 5),
        seen("fresh", 118, 0.4),
        seen("again", 0, 0.5),
        act(Action::Resolve, "again", 10),
        act(Action::Reopen, "again", 90),
        act(Action::Resolve, "again", 110),
    ]
}

#[test]
fn an_open_case_that_is_late_counts_against_the_share_on_time_and_a_dry_report_ends_its_time_to_drain() {
    let server = Server::seeded(&hour());
    let now = time::format(T0 + 120 * 60);
    let answer = server.get(&format!("/api/v1/analysis/service?as_of={now}&since={}", time::format(T0))).json();
    let figures =
        ["n", "open", "overdue", "closed_today", "closed_today_on_time"].map(|name| answer[name].as_i64().unwrap());
    assert_eq!(figures, [6, 2, 1, 3, 2]);
    assert_eq!((&answer["on_time_today"], &answer["time_to_close_s_median_today"]), (&json!(0.5), &json!(62.0 * 60.0)));
    let row = &answer["rows"][0];
    assert_eq!((&row["category"], &row["month"], &row["dismissed"]), (&json!("waterlogging"), &Value::Null, &json!(1)));
    assert_eq!((&row["on_time"], &row["closed"], &row["closed_on_time"]), (&json!(0.5), &json!(3), &json!(2)));
    assert_eq!((&row["drained"], &row["time_to_drain_s_median"]), (&json!(1), &json!(48.0 * 60.0)));
    // Only what was closed since counts as closed today.
    let late = time::format(T0 + 100 * 60);
    let answer = server.get(&format!("/api/v1/analysis/service?as_of={now}&since={late}&by=none")).json();
    assert_eq!((&answer["closed_today"], &answer["rows"]), (&json!(1), &json!([])));
}

/// Two in the first grid of the west, one of them dry again; one in the second, one in the east, and one in no area.
fn in_areas() -> Vec<Event> {
    let spots = [("a", 110.01, 20.005), ("b", 110.015, 20.005), ("c", 110.01, 20.015), ("d", 110.03, 20.01)];
    let far = ("e", 111.0, 20.0);
    let report = |(id, lon, lat)| Event::Report(seen(id, 0, lon, lat));
    let mut events: Vec<Event> = spots.into_iter().chain([far]).map(report).collect();
    events.push(Event::Areas(town()));
    events.push(Event::Report(Report { dry: true, ..seen("gone", 48 * 60, 110.01, 20.005) }));
    events.push(act(Action::Resolve, "b", 30));
    events.push(act(Action::Resolve, "d", 90));
    events
}

#[test]
fn the_service_by_area_counts_each_case_once_in_the_finest_area_or_in_the_one_of_the_level_that_is_asked_for() {
    let server = Server::seeded(&in_areas());
    let by = |query: &str| -> Vec<Value> {
        let now = time::format(T0 + 120 * 60);
        let answer = server.get(&format!("/api/v1/analysis/service?as_of={now}&{query}")).json();
        let row = |row: &Value| json!([row["area_id"], row["n"], row["closed"], row["closed_on_time"], row["drained"]]);
        answer["rows"].as_array().unwrap().iter().map(row).collect()
    };
    let outside = json!([null, 1, 0, 0, 0]);
    let east = json!(["east", 1, 1, 0, 0]);
    let finest = [outside.clone(), east.clone(), json!(["g1", 2, 1, 1, 1]), json!(["g2", 1, 0, 0, 0])];
    assert_eq!(by("by=area"), finest);
    assert_eq!(by("by=area,month"), finest);
    assert_eq!(by("by=area&level=district"), [outside.clone(), east, json!(["west", 3, 1, 1, 1])]);
    assert_eq!(by("by=area&level=city"), [outside, json!(["town", 4, 2, 1, 1])]);
    // The east has no grids: what lies there is in none.
    assert_eq!(by("by=area&level=grid")[0], json!([null, 2, 1, 0, 0]));
    let row = &server.get("/api/v1/analysis/service?by=category,area,month&level=city").json()["rows"][1];
    assert_eq!(
        (&row["category"], &row["area_name"], &row["month"]),
        (&json!("waterlogging"), &json!("town of the town"), &json!("2024-01"))
    );
    assert_eq!(row["time_to_drain_s_median"], json!(48.0 * 60.0));
    let table = server.get("/api/v1/analysis/service?by=area&level=city&format=csv").text();
    assert!(table.contains("\n,town,town of the town,,4,"), "{table}");
}

#[test]
fn the_same_figures_are_not_sent_twice_in_a_minute_and_are_others_in_the_next() {
    let folder = tempfile::tempdir().unwrap();
    crate::server::seed(folder.path(), &hour());
    let path = "/api/v1/analysis/service?by=none";
    let of = |clock: &str| {
        let server = Server::start_with(folder.path(), &["--clock", clock]);
        let answer = server.get(path);
        (answer.header("etag").to_owned(), answer.json()["overdue"].clone(), server)
    };
    let (tag, overdue, server) = of("2024-01-01T02:00:01Z");
    assert_eq!(server.get_with(path, &[("if-none-match", &tag)]).status, 304);
    assert_eq!(overdue, 1);
    drop(server);
    let (later, overdue, server) = of("2024-01-01T02:30:00Z");
    assert!(later != tag && overdue == 2);
    assert_eq!(server.get_with(path, &[("if-none-match", &tag)]).status, 200);
}
