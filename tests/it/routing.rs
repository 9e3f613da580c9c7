//! Who is sent: by area, category and hour; who stands in, who comes next, and to whom what is late is carried.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Unit};
use waterlog::hazard::unit::{Days, Duty};

use crate::areas::town;
use crate::layers::seen;
use crate::program::waterlog;
use crate::server::{Answer, Server, report, seed};

/// A Thursday morning in June, in Shanghai and in the calendar.
const MORNING: &str = "2026-06-18T02:00:00Z";
const NIGHT: &str = "2026-06-18T15:00:00Z";
const GRID: &[(&str, &str)] = &[("actor-role", "grid_worker"), ("content-type", "application/json")];

pub fn unit(id: &str, areas: &[&str], deputy: Option<&str>, parent: Option<&str>) -> Unit {
    let [deputy, parent] = [deputy, parent].map(|id| id.map(str::to_owned));
    let areas = areas.iter().map(|area| (*area).to_owned()).collect();
    let (name, duty) = (Some(format!("{id} of the town")), Duty::default());
    Unit { id: id.into(), name, areas, categories: Vec::new(), duty, deputy, parent }
}

/// A unit by day in the first grid, with one for the west that stands in; the drains are another's everywhere.
pub fn units() -> Vec<Unit> {
    let by_day = Duty { days: Days::WorkingDays, hours: vec![[480, 1_080]] };
    let drains = vec![Category::named("blocked_drain").unwrap()];
    vec![
        Unit { duty: by_day, ..unit("grid_1", &["g1"], Some("west_desk"), Some("west_desk")) },
        unit("west_desk", &["west"], None, Some("centre")),
        Unit { categories: drains, ..unit("drains", &["town"], None, Some("centre")) },
        unit("centre", &[], None, None),
    ]
}

fn desk(clock: &str, events: &[Event]) -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    seed(folder.path(), events);
    (Server::start_with(folder.path(), &["--clock", clock, "--trust-actors"]), folder)
}

fn routed() -> Vec<Event> {
    vec![Event::Areas(town()), Event::Units(units())]
}

fn take(server: &Server, step: &Value) -> Answer {
    server.post_at("/api/v1/incidents/i3/transitions", step.to_string().as_bytes(), GRID)
}

fn taken(server: &Server, step: Value) -> Value {
    let answer = take(server, &step);
    assert_eq!(answer.status, 201, "{step}: {}", answer.text());
    answer.json()
}

/// Reports at a spot of the first grid, as the third event.
fn reported(server: &Server, observed_at: &str) {
    let spot = report(json!({"lon": 110.01, "lat": 20.005, "observed_at": observed_at}));
    assert_eq!(server.post(&spot).status, 201);
}

#[test]
fn a_position_says_which_areas_and_which_unit_and_why_on_a_border_and_outside_too() {
    let (server, _folder) = desk(MORNING, &routed());
    let at = |query: &str| server.get(&format!("/api/v1/areas/at?{query}")).json();
    let inside = at("lon=110.01&lat=20.005");
    let ids: Vec<_> = inside["areas"].as_array().unwrap().iter().map(|area| area["id"].as_str().unwrap()).collect();
    assert_eq!((&inside["side"], ids), (&json!("inside"), vec!["g1", "west", "town"]));
    let unit = json!({"unit_id": "grid_1", "name": "grid_1 of the town", "why": "responsible", "area_id": "g1",
        "instead_of": null, "text": "grid_1 of the town is responsible for g1 of the town"});
    assert_eq!((&inside["unit"], &inside["category"]), (&unit, &json!("waterlogging")));
    let drains = at("lon=110.01&lat=20.005&category=blocked_drain");
    assert_eq!(drains["unit"]["unit_id"], "grid_1", "the finest area comes before the category of one above");
    assert_eq!(at("lon=110.03&lat=20.01&category=blocked_drain")["unit"]["unit_id"], "drains");
    let border = at("lon=110.01&lat=20.01");
    assert_eq!((&border["side"], &border["areas"][0]["id"]), (&json!("border"), &json!("g1")));
    let near = at("lon=109.999&lat=20.005");
    assert_eq!((&near["side"], &near["nearest_area_id"]), (&json!("near"), &json!("g1")));
    assert!((near["distance_m"].as_f64().unwrap() - 104.5).abs() < 0.2, "{near}");
    assert_eq!(near["unit"]["unit_id"], "grid_1");
    let outside = at("lon=111&lat=20.005");
    assert_eq!((&outside["side"], &outside["nearest_area_id"]), (&json!("outside"), &json!("east")));
    assert_eq!((&outside["areas"], &outside["unit"]["unit_id"]), (&json!([]), &json!("centre")));
    // The calendar that duty hours go by ends this year.
    assert!(inside["remarks"][0].as_str().unwrap().contains("ends on 2026-12-31"), "{inside}");
    for (query, field) in
        [("lon=110", "lat"), ("lon=x&lat=20", "lon"), ("lon=20&lat=110", "lat"), ("lon=1&lat=1&category=x", "category")]
    {
        let refused = server.get(&format!("/api/v1/areas/at?{query}"));
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!(field)), "{query}");
    }
    let (bare, _folder) = desk(MORNING, &[]);
    let nowhere = bare.get("/api/v1/areas/at?lon=1&lat=1").json();
    assert_eq!((&nowhere["side"], &nowhere["unit"]), (&json!("no_areas"), &Value::Null));
    assert_eq!(nowhere["remarks"][0], "there are no units");
}

#[test]
fn by_night_a_deputy_is_suggested_and_a_dispatch_without_a_unit_goes_there() {
    let (server, _folder) = desk(NIGHT, &routed());
    reported(&server, "2026-06-18T14:50:00Z");
    let workflow = &server.get("/api/v1/incidents/i3").json()["workflow"];
    assert_eq!(workflow["area_ids"], json!(["g1", "west", "town"]));
    let suggested = &workflow["suggested_unit"];
    assert_eq!((&suggested["unit_id"], &suggested["why"]), (&json!("west_desk"), &json!("deputy")));
    assert_eq!(suggested["text"], "west_desk of the town stands in for grid_1 of the town, which is off duty");
    taken(&server, json!({"step": "acknowledge"}));
    let sent = taken(&server, json!({"step": "dispatch"}));
    assert_eq!((&sent["last_step"]["unit"], &sent["suggested_unit"]), (&json!("west_desk"), &Value::Null));
    assert_eq!(sent["assigned_unit"], json!({"unit_id": "west_desk", "name": "west_desk of the town", "gone": false}));
    let units = server.get("/api/v1/units").json();
    let on_duty: Vec<_> = units["units"].as_array().unwrap().iter().map(|u| (&u["id"], &u["on_duty"])).collect();
    assert_eq!(on_duty[2], (&json!("grid_1"), &json!(false)));
    assert_eq!(units["units"][2]["hours"], json!([["08:00", "18:00"]]));
}

#[test]
fn what_comes_back_is_suggested_to_the_next_or_to_whom_was_named() {
    let (server, _folder) = desk(MORNING, &routed());
    reported(&server, "2026-06-18T01:59:00Z");
    taken(&server, json!({"step": "acknowledge"}));
    assert_eq!(taken(&server, json!({"step": "dispatch"}))["assigned_unit"]["unit_id"], "grid_1");
    let back = taken(&server, json!({"step": "return", "note": "not our street"}));
    assert_eq!((&back["suggested_unit"]["unit_id"], &back["assigned_unit"]), (&json!("west_desk"), &Value::Null));
    taken(&server, json!({"step": "dispatch"}));
    let back = taken(&server, json!({"step": "return", "unit": "drains"}));
    let suggested = &back["suggested_unit"];
    assert_eq!((&suggested["unit_id"], &suggested["why"]), (&json!("drains"), &json!("named")));
    taken(&server, json!({"step": "dispatch"}));
    let back = taken(&server, json!({"step": "return"}));
    assert_eq!(back["suggested_unit"]["unit_id"], "centre");
    // When all have sent it back, nobody is suggested, and a dispatch has to name one.
    taken(&server, json!({"step": "dispatch"}));
    assert_eq!(taken(&server, json!({"step": "return"}))["suggested_unit"], Value::Null);
    assert_eq!(take(&server, &json!({"step": "dispatch"})).json()["field"], "unit");
}

#[test]
fn what_is_late_is_carried_to_the_supervising_unit_and_further_with_each_limit() {
    let (server, _folder) = desk(MORNING, &routed());
    // Heard of now, so that nothing is late yet; by a view two hours on, all three limits have passed.
    reported(&server, "2026-06-18T01:59:00Z");
    let at = |query: &str| server.get(&format!("/api/v1/incidents/i3{query}")).json()["workflow"].clone();
    assert_eq!((&at("")["overdue"], &at("")["escalates_to"]), (&json!(false), &Value::Null));
    let carried = |as_of: &str| {
        let workflow = at(&format!("?as_of={as_of}"));
        (workflow["escalation"].clone(), workflow["escalates_to"]["unit_id"].clone())
    };
    assert_eq!(carried("2026-06-18T02:15:00Z"), (json!(1), json!("west_desk")));
    assert_eq!(carried("2026-06-18T02:30:00Z"), (json!(2), json!("centre")));
    // Beyond the highest there is nobody further.
    assert_eq!(carried("2026-06-18T05:00:00Z"), (json!(3), json!("centre")));
}

#[test]
fn an_area_and_a_unit_that_are_gone_leave_their_open_cases_where_they_are_found_again() {
    let (server, folder) = desk(MORNING, &routed());
    reported(&server, "2026-06-18T01:59:00Z");
    taken(&server, json!({"step": "acknowledge"}));
    taken(&server, json!({"step": "dispatch"}));
    drop(server);
    // Without the grid and its unit.
    let fewer: Vec<_> = town().into_iter().filter(|area| area.id != "g1").collect();
    seed(folder.path(), &[Event::Areas(fewer), Event::Units(units().split_off(1))]);
    let server = Server::start_with(folder.path(), &["--clock", MORNING, "--trust-actors"]);
    let detail = server.get("/api/v1/incidents/i3").json();
    assert_eq!(
        (&detail["properties"]["area_id"], &detail["properties"]["state"]),
        (&json!("west"), &json!("dispatched"))
    );
    let workflow = &detail["workflow"];
    assert_eq!(workflow["assigned_unit"], json!({"unit_id": "grid_1", "name": null, "gone": true}));
    assert_eq!(server.ids("/api/v1/incidents?area=west"), ["i3"]);
    assert_eq!(server.ids("/api/v1/incidents?area=g1"), [""; 0]);
    // As it stood before, the grid still has it.
    assert_eq!(server.ids("/api/v1/incidents?area=g1&position=5"), ["i3"]);
    let back = taken(&server, json!({"step": "return"}));
    assert_eq!(back["suggested_unit"]["unit_id"], "west_desk");
}

#[test]
fn a_file_of_units_is_taken_whole_and_told_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let import = |text: &str| {
        fs::write(folder.path().join("units.toml"), text).unwrap();
        waterlog(folder.path(), &["--data", "city", "import", "--units", "units.toml"])
    };
    let good = "[[unit]]\nid = \"grid_1\"\nname = \"一网格\"\nareas = [\"g1\"]\ndays = \"working_days\"\n\
                hours = [[\"08:30\", \"12:00\"], [\"14:00\", \"24:00\"]]\ndeputy = \"centre\"\n\n\
                [[unit]]\nid = \"centre\"\ncategories = [\"waterlogging\"]\n";
    let told = import(good).expect_success();
    assert!(told.contains("2 units: 2 new, 0 known"), "{told}");
    assert!(told.contains("units.toml:1:1: grid_1 is responsible for areas that nobody knows: g1"), "{told}");
    assert!(import(good).expect_success().contains("2 units: 0 new, 2 known"));
    for (text, parts) in [
        ("[[unit]]\nid = \"Grid 1\"\n", ["units.toml:2:6", "not a short name"]),
        ("[[unit]]\nid = \"a\"\nhours = [[\"8 am\", \"12:00\"]]\n", ["units.toml:3:11", "not a time of the day"]),
        ("[[unit]]\nid = \"a\"\ncategories = [\"flood\"]\n", ["units.toml:3:15", "known are waterlogging"]),
        ("[[unit]]\nid = \"a\"\n\n[[unit]]\nid = \"b\"\ndeputy = \"c\"\n", ["units.toml:4:1", "no unit with this id"]),
        ("[[unit]]\nid = \"a\"\n\n[[unit]]\nid = \"a\"\n", ["units.toml:4:1", "two units with this id"]),
        ("[[unit]]\nid = \"a\"\nchief = \"b\"\n", ["units.toml:3:1", "unknown field"]),
        ("[[unit]]\nname = \"a\"\n", ["units.toml:1:1", "missing field"]),
    ] {
        let told = import(text).expect_failure();
        assert!(parts.iter().all(|part| told.contains(part)), "{text}: {told}");
    }
    let server = Server::start_with(&folder.path().join("city"), &[]);
    let units = server.get("/api/v1/units").json();
    assert_eq!(units["units"].as_array().unwrap().len(), 2);
    assert_eq!(units["units"][1]["areas_gone"], json!(["g1"]));
    drop(server);
    assert_eq!(waterlog(folder.path(), &["--data", "city", "verify"]).code, Some(0));
}

#[test]
fn limits_of_a_city_differ_by_area_and_go_by_its_own_calendar() {
    let (server, folder) = desk(MORNING, &routed());
    drop(server);
    let limits = "calendar = \"china\"\n\
        [[limit]]\ncategory = \"waterlogging\"\nhours = \"clock\"\nacknowledge_s = 600\ndispatch_s = 1200\nresolve_s = 3600\n\
        [[limit]]\ncategory = \"waterlogging\"\narea = \"west\"\nhours = \"working\"\nacknowledge_s = 1800\ndispatch_s = 1800\n\
        resolve_s = 3600\n";
    let calendar = "name = \"town\"\nzone = \"Asia/Shanghai\"\nlast_day = \"2027-12-31\"\nweekdays = [1, 2, 3]\n\
        hours = [[\"08:00\", \"16:00\"]]\nholidays = []\nmade_up = []\n";
    fs::write(folder.path().join("limits.toml"), limits).unwrap();
    fs::write(folder.path().join("calendar.toml"), calendar).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let flags = ["--limits", &path("limits.toml"), "--calendar", &path("calendar.toml"), "--clock", MORNING];
    let server = Server::start_with(folder.path(), &flags);
    for (id, lon) in [("a", 110.01), ("b", 110.03)] {
        let spot = json!({"lon": lon, "lat": 20.005, "observed_at": "2026-06-18T01:59:00Z", "source": {"channel": "t", "id": id}});
        assert_eq!(server.post(&report(spot)).status, 201);
    }
    let deadline = |id: &str| server.get(&format!("/api/v1/incidents/{id}")).json()["properties"]["deadline"].clone();
    // In the west half an hour from Monday eight o'clock on, for Thursdays are not worked; in the east ten minutes from now.
    assert_eq!(deadline("i3"), "2026-06-22T00:30:00Z");
    assert!(deadline("i4").as_str().unwrap().starts_with("2026-06-18T02:10:"), "{}", deadline("i4"));
    let rule = server.get("/api/v1/categories").json();
    assert_eq!((&rule["calendar"]["name"], &rule["calendar"]["remark"]), (&json!("town"), &Value::Null));
    let waterlogging =
        &rule["categories"].as_array().unwrap().iter().find(|c| c["category"] == "waterlogging").unwrap();
    assert_eq!(waterlogging["limits"]["acknowledge_s"], 600);
    assert_eq!(waterlogging["limits_by_area"][0]["area"], "west");
    assert!(!server.log().contains("calendar"), "{}", server.log());
    drop(server);
    fs::write(folder.path().join("limits.toml"), limits.replace("= 1200", "= 12")).unwrap();
    let data = folder.path().to_str().unwrap();
    let told = waterlog(folder.path(), &["--data", data, "serve", "--limits", "limits.toml"]).expect_failure();
    assert!(told.contains("limits.toml:2:1: limit") && told.contains("rise"), "{told}");
}

#[test]
fn a_calendar_that_ends_this_year_is_told_at_the_start_and_with_what_goes_by_it() {
    let (server, _folder) = desk(MORNING, &routed());
    server.until("it warns", || server.log().contains("calendar china ends on 2026-12-31"));
    reported(&server, "2026-06-18T01:59:00Z");
    let drain = report(
        json!({"category": "blocked_drain", "lon": 110.03, "lat": 20.005, "observed_at": "2026-06-18T01:59:00Z"}),
    );
    assert_eq!(server.post(&drain).status, 201);
    let remark = |id: &str| server.get(&format!("/api/v1/incidents/{id}")).json()["workflow"]["remark"].clone();
    assert_eq!(remark("i3"), Value::Null, "it goes by the clock");
    assert!(remark("i4").as_str().unwrap().contains("know no holidays"), "{}", remark("i4"));
    assert!(server.get("/api/v1/categories").json()["calendar"]["remark"].is_string());
}

#[test]
fn what_is_late_stands_in_the_queue_of_the_unit_that_supervises_too_limit_after_limit() {
    let folder = tempfile::tempdir().unwrap();
    let mut events = routed();
    // Heard of 14, 24 and 4 minutes ago, on a working day; somebody has to look at them within 10, and to be sent within 20.
    for (id, heard, lat) in [("late", 90_000, 20.002), ("later", 89_400, 20.005), ("fresh", 90_600, 20.008)] {
        events.push(Event::Report(seen(id, heard, 110.01, lat)));
    }
    seed(folder.path(), &events);
    let server = Server::start_with(folder.path(), &["--clock", "2024-01-02T01:15:00Z", "--trust-actors"]);
    let queue = |unit: &str, query: &str| {
        let who = [("actor-role", "department"), ("actor-unit", unit)];
        let queue = server.get_with(&format!("/api/v1/queue{query}"), &who).json();
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let rows = queue["rows"].as_array().unwrap().iter().map(|row| [text(&row["id"]), text(&row["carried_to"])]);
        (rows.collect::<Vec<_>>(), text(&queue["carried_next_at"]))
    };
    let [late, later] = [["i3", "west_desk"], ["i4", "centre"]].map(|row| row.map(str::to_owned));
    // What is due longest is first; the desk of the district keeps what was carried beyond it.
    let of_west = (vec![later.clone(), late.clone()], "2024-01-02T01:21:01Z".to_owned());
    assert_eq!(queue("west_desk", ""), of_west);
    assert_eq!(queue("centre", ""), (vec![later.clone()], "2024-01-02T01:21:01Z".to_owned()));
    assert_eq!(queue("drains", ""), (vec![], "-".to_owned()));
    // Nothing was sent to the one that is answerable yet.
    assert_eq!(queue("grid_1", ""), (vec![], "-".to_owned()));
    assert_eq!(queue("west_desk", "?ids=i3,i5").0, [late]);
    // Once somebody is at work it goes back down, until the last limit passes.
    for id in ["i3", "i4"] {
        for step in [json!({"step": "acknowledge"}), json!({"step": "dispatch", "unit": "grid_1"})] {
            let path = format!("/api/v1/incidents/{id}/transitions");
            assert_eq!(server.post_at(&path, step.to_string().as_bytes(), GRID).status, 201);
        }
    }
    assert_eq!(queue("grid_1", "").0, [["i4", "-"], ["i3", "-"]].map(|row| row.map(str::to_owned)));
    assert_eq!(queue("west_desk", ""), (vec![], "2024-01-02T01:21:01Z".to_owned()));
    assert_eq!(queue("centre", "").0, Vec::<[String; 2]>::new());
}
