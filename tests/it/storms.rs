//! Which rain floods it, over HTTP and on the command line.

use serde_json::{Value, json};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, RainInterval, Report};
use waterlog::hazard::position::Position;

use crate::analysis::demo;
use crate::program::waterlog;
use crate::server::{Answer, Server};

const FORECAST: &str = "/api/v1/analysis/forecast";
/// By other matters of any kind, the demo city knows of dry storms.
const ANY: &str = "dry_evidence=any_category";

fn foresee(server: &Server, query: &str, body: &Value) -> Answer {
    let json = [("content-type", "application/json")];
    server.post_at(&format!("{FORECAST}{query}"), body.to_string().as_bytes(), &json)
}

/// Rain of so many millimetres in each of the hours from 2024-07-02T15:00:00Z on.
fn hours(mm: &[f64]) -> Value {
    let hour = |(n, mm): (usize, &f64)| json!({"start": 1_719_932_400 + 3_600 * n, "seconds": 3_600, "mm": mm});
    json!({"intervals": mm.iter().enumerate().map(hour).collect::<Vec<_>>()})
}

fn number(row: &Value, name: &str) -> f64 {
    row[name].as_f64().unwrap_or(-1.0)
}

#[test]
fn the_matrix_can_be_sorted_cut_and_restricted_and_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    let get = |query: &str| server.get(&format!("/api/v1/analysis/storms?{query}")).json();
    let all = get("");
    let rows = all["rows"].as_array().unwrap();
    assert_eq!(all["number_matched"], json!(rows.len()));
    assert!(all["missing"].to_string().contains("dry reports would tell"), "{}", all["missing"]);
    let recurring = get("recurring=true");
    assert!(recurring["rows"].as_array().unwrap().iter().all(|row| row["status"] != "candidate"));
    assert!(recurring["number_matched"].as_u64() < all["number_matched"].as_u64());
    for sort in ["flooded", "-flooded", "dry", "-unknown", "-p", "p", "low", "-low", "-high", "at_least", "-at_least"] {
        let sorted = get(&format!("{ANY}&sort={sort}&limit=50"));
        let rows = sorted["rows"].as_array().unwrap();
        assert!(rows.len() == 50 && sorted["number_matched"] == all["number_matched"], "{sort}");
        let name = sort.trim_start_matches('-');
        let ordered = |two: &[Value]| {
            let (a, b) = (&two[0][name], &two[1][name]);
            b.is_null()
                || a.as_f64()
                    .is_some_and(|a| if sort == name { a <= b.as_f64().unwrap() } else { a >= b.as_f64().unwrap() })
        };
        assert!(rows.windows(2).all(ordered), "{sort}");
    }
    for (wrong, part) in [
        ("sort=name", "known are flooded, dry"),
        ("limit=0", "[1, 10000]"),
        ("recurring=yes", "neither true nor false"),
        ("dry_evidence=none", "known are unrelated, any_category, dry_reports"),
    ] {
        let told = server.get(&format!("/api/v1/analysis/storms?{wrong}")).problem(400);
        assert!(told.contains(part), "{wrong}: {told}");
    }
}

#[test]
fn the_detail_of_a_hotspot_says_the_same_of_it_as_the_matrix() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    let matrix = server.get("/api/v1/analysis/storms?limit=20").json();
    for row in matrix["rows"].as_array().unwrap() {
        let detail = server.get(&format!("/api/v1/hotspots/{}", row["hotspot_id"].as_str().unwrap())).json();
        let told = detail["in_storms"].as_object().unwrap();
        assert!(told.len() == 10 && told.contains_key("sentence_zh"), "{told:?}");
        assert!(told.iter().all(|(name, value)| row[name] == *value), "{told:?} {row}");
        // Since its last flood there are as many storms as its row has after it.
        let last =
            detail["occasions_list"].as_array().unwrap().iter().map(|o| o["end"].as_str().unwrap()).max().unwrap();
        let own = matrix["storms"].as_array().unwrap().iter().skip(row["first_storm"].as_u64().unwrap() as usize);
        let cells = row["cells"].as_str().unwrap();
        let after = own.zip(cells.chars()).filter(|(storm, _)| storm["start"].as_str().unwrap() > last);
        let since: String = after.map(|(_, cell)| cell).collect();
        let count = |of: char| since.chars().filter(|&cell| cell == of).count();
        let told = &detail["storms_since"];
        assert_eq!(*told, json!({ "storms": since.len(), "dry": count('D'), "unknown": count('U') }), "{row}");
        assert_eq!(count('D') + count('U'), since.len(), "none of them flooded it: {row}");
    }
}

/// Three hotspots and 24 storms of an hour: one that strong rain floods and weak rain does not, one of which eight storms
/// are known, and one of which nobody ever said that it was dry.
fn city() -> Vec<Event> {
    let waterlogging = Category::named("waterlogging").unwrap();
    let begin = |day: i64| 1_699_999_200 + day * 86_400;
    let mm = |day: i64| 6 + day * 7 % 24;
    let hour = |day| RainInterval { start: begin(day), seconds: 3_600, depth_um: Some(mm(day) * 1_000) };
    let mut events = vec![Event::Rain((0..24).map(hour).collect())];
    for day in 0..24 {
        let mut report = |place: u32, dry: bool| {
            let position = Position::new(110.0, 20.0 + f64::from(place) / 100.0).unwrap();
            let report = Report::new(format!("{place}:{day}"), waterlogging, position, begin(day) + 3_600);
            events.push(Event::Report(Report { dry, ..report }));
        };
        // Where it floods from 18 mm on, with one exception on each side.
        report(0, (mm(day) < 18) != [13, 22].contains(&mm(day)));
        if day % 3 == 0 {
            report(1, day % 4 == 0 && day > 0);
        }
        if day % 8 == 0 {
            report(2, false);
        }
    }
    events
}

#[test]
fn a_trigger_gives_its_intensity_with_an_interval_or_says_what_is_missing() {
    let server = Server::seeded(&city());
    let matrix = server.get("/api/v1/analysis/storms").json();
    let row = matrix["rows"].as_array().unwrap().iter().find(|row| row["trigger"] == true).unwrap();
    assert_eq!(json!([row["flooded"], row["dry"], row["unknown"]]), json!([12, 12, 0]));
    let of = format!("/api/v1/analysis/trigger?hotspot={}", row["hotspot_id"].as_str().unwrap());
    let said = server.get(&of).json();
    assert_eq!((said["n"].as_u64(), said["known"].as_array().unwrap().len()), (Some(24), 24));
    let [at, low, high] = ["", "_low", "_high"].map(|end| number(&said["trigger"], &format!("even_odds{end}_mm_h")));
    assert!(6.0 < low && low < at && at < high && high < 29.0 && (17.0..19.0).contains(&at), "{low} {at} {high}");
    assert!(said["missing"].is_null() && said["trigger"]["even_odds_extrapolated"] == false);
    let curve = said["rows"].as_array().unwrap();
    let inside = |c: &Value| number(c, "low") < number(c, "p") && number(c, "p") < number(c, "high");
    assert!(curve.len() == 25 && curve.iter().all(inside), "{said}");
    let sentence = said["trigger_en"].as_str().unwrap();
    assert!(
        sentence.starts_with("A flood is as likely as not at 1") && sentence.ends_with("12 dry storms."),
        "{sentence}"
    );
    for row in matrix["rows"].as_array().unwrap().iter().filter(|row| row["trigger"] == false) {
        let of = format!("/api/v1/analysis/trigger?hotspot={}", row["hotspot_id"].as_str().unwrap());
        let said = server.get(&of).json();
        assert!(said["trigger"].is_null() && said["rows"].as_array().unwrap().is_empty());
        let sentence = said["trigger_en"].as_str().unwrap();
        assert!(sentence.starts_with("No trigger: a trigger takes 5 storms with floods and 5 without"), "{sentence}");
    }
    let told = server.get("/api/v1/analysis/trigger?hotspot=waterlogging:nowhere").problem(404);
    assert!(told.contains("no hotspot"), "{told}");
    let nothing = Server::start();
    assert!(nothing.get("/api/v1/analysis/trigger").problem(404).contains("no hotspot"));
}

#[test]
fn the_id_of_any_site_leads_to_the_trigger_of_its_hotspot() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    let detail = server.get("/api/v1/hotspots/waterlogging:8c2a1077128d1ff").json();
    for site in detail["sites"].as_array().unwrap() {
        let at = format!("/api/v1/analysis/trigger?hotspot=waterlogging:{}", site["id"].as_str().unwrap());
        assert_eq!(server.get(&at).json()["hotspot_id"], "waterlogging:8c2a1077128d1ff");
    }
}

#[test]
fn rain_to_come_gives_hotspots_most_likely_first_with_what_each_figure_rests_on() {
    let server = Server::seeded(&city());
    let answer = foresee(&server, "", &hours(&[2.0, 21.0, 6.0, 0.0]));
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let told = answer.json();
    let storm = json!({"id": "20240702T150000Z", "start": "2024-07-02T15:00:00Z", "end": "2024-07-02T18:00:00Z",
        "depth_mm": 29.0, "peak_1h_mm_h": 21.0, "by": "peak_1h_mm_h"});
    assert_eq!((&told["storms"], &told["missing"]), (&json!([storm]), &json!([])));
    let rows = told["rows"].as_array().unwrap();
    assert!(rows.len() == 3 && told["number_matched"] == 3 && told["n"] == 3);
    assert!(rows.windows(2).all(|two| number(&two[0], "p") >= number(&two[1], "p")), "{told}");
    for row in rows {
        let bare = row["p"].is_null();
        assert!(
            bare == (row["basis"] == "none") && bare == row["low"].is_null() && bare == row["high"].is_null(),
            "{row}"
        );
        assert!(bare || (number(row, "low") < number(row, "p") && number(row, "p") <= number(row, "high")), "{row}");
        assert!((0.0..=1.0).contains(&number(row, "at_least")) && row["extrapolated"] == false, "{row}");
    }
    let of = |basis: &str| rows.iter().find(|row| row["basis"] == basis).unwrap_or_else(|| panic!("{basis}: {told}"));
    assert_eq!((&of("share")["storms"], &of("none")["storms"]), (&json!(8), &json!(3)));
    // The trigger's own curve says the same.
    let trigger = of("trigger");
    let at = format!("/api/v1/analysis/trigger?hotspot={}", trigger["hotspot_id"].as_str().unwrap());
    let curve = server.get(&at).json()["rows"].as_array().unwrap().clone();
    let beside =
        curve.windows(2).find(|two| (number(&two[0], "peak_1h_mm_h")..number(&two[1], "peak_1h_mm_h")).contains(&21.0));
    let [a, b] = beside.unwrap() else { panic!() };
    assert!(
        ["p", "low", "high"].iter().all(|f| number(a, f) <= number(trigger, f) && number(trigger, f) <= number(b, f))
    );
    // Nothing of it is kept.
    assert_eq!(foresee(&server, "", &hours(&[2.0, 21.0, 6.0, 0.0])).text(), answer.text());
    assert_eq!(foresee(&server, "?limit=1", &hours(&[30.0])).json()["rows"].as_array().unwrap().len(), 1);
    assert!(foresee(&server, "?limit=1001", &hours(&[30.0])).problem(400).contains("[1, 1000]"));
}

#[test]
fn rain_to_come_that_is_wrong_or_no_storm_is_told_so() {
    let server = Server::start();
    let one = |interval: Value| json!({"intervals": [interval]});
    let many: Vec<Value> = (0..10_081).map(|n| json!({"start": n, "seconds": 1, "mm": 0})).collect();
    for (body, part) in [
        (json!({"intervals": []}), "at least one interval"),
        (one(json!({"start": 0, "seconds": 600, "mm": -1})), "never negative"),
        (
            json!({"intervals": [{"start": 0, "seconds": 600, "mm": 1}, {"start": 300, "seconds": 600, "mm": 1}]}),
            "overlap",
        ),
        (
            json!({"intervals": [{"start": 0, "seconds": 600, "mm": 1}, {"start": 3_000_000, "seconds": 600, "mm": 1}]}),
            "31 days",
        ),
        (json!({"intervals": many}), "at most 10080 intervals"),
        (
            json!({"gauge": "nowhere", "intervals": [{"start": 0, "seconds": 600, "mm": 9}]}),
            "no such gauge; known are city",
        ),
    ] {
        let told = foresee(&server, "", &body).problem(400);
        assert!(told.contains(part), "{part}: {told}");
    }
    let long = json!({"intervals": vec![json!({"start": "1970-01-01T00:00:00.000000000000Z", "seconds": 1, "mm": 0}); 20_000]});
    let told = foresee(&server, "", &long).problem(413);
    assert!(told.contains("longer intervals, or fewer days"), "{told}");
    let told = server.post_at(FORECAST, b"start,seconds,mm", &[("content-type", "text/csv")]).problem(415);
    assert!(told.contains("a series is sent as application/json"), "{told}");
    assert!(foresee(&server, "?limit=x", &hours(&[9.0])).problem(400).contains("whole number"));

    // No storm, and no hotspot: answered, and said.
    let told = foresee(&server, "", &hours(&[1.0, 2.0])).json();
    assert_eq!((&told["storms"], &told["rows"], &told["depth_mm"]), (&json!([]), &json!([]), &json!(3.0)));
    let missing = told["missing"].to_string();
    assert!(
        missing.contains("no storm in this rain: 3 mm in all") && missing.contains("no hotspot is known"),
        "{missing}"
    );
    // Another rule makes a storm of it.
    assert_eq!(foresee(&server, "?storm_depth=3", &hours(&[1.0, 2.0])).json()["storms"].as_array().unwrap().len(), 1);
    let day = json!({"intervals": [{"start": 0, "seconds": 86_400, "mm": 40.0}]});
    let told = foresee(&server, "", &day).json();
    assert!(
        told["storms"][0]["by"] == "depth_mm" && told["missing"].to_string().contains("compared by depth"),
        "{told}"
    );
}

#[test]
fn the_command_line_foresees_and_fits_as_the_api_does() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    let analyse = |more: &[&str]| {
        waterlog(folder.path(), &[&["--data", folder.path().to_str().unwrap(), "analyse"], more].concat())
    };
    let rain = folder.path().join("rain.csv");
    let rain = rain.to_str().unwrap();
    std::fs::write(rain, "start,seconds,mm\n2024-07-02T15:00:00Z,3600,2\n2024-07-02T16:00:00Z,3600,14\n").unwrap();
    let printed = analyse(&["forecast", rain, "--with", ANY, "limit=7"]).expect_success();
    assert_eq!(printed.trim_end(), foresee(&server, &format!("?{ANY}&limit=7"), &hours(&[2.0, 14.0])).text());
    let csv = analyse(&["forecast", rain, "--csv", "--with", "limit=7"]).expect_success();
    assert!(csv.starts_with("storm,hotspot_id,name,basis,p,low,high") && csv.lines().count() == 8, "{csv}");
    let of = "hotspot=waterlogging:8c2a1077128d1ff";
    let csv = analyse(&["storms", "--csv", "--with", "limit=9"]).expect_success();
    let at = "/api/v1/analysis/storms?limit=9";
    let same = [server.get(&format!("{at}&format=csv")), server.get_with(at, &[("accept", "text/csv")])];
    for served in &same {
        assert!(served.header("content-type").starts_with("text/csv") && served.text().trim_end() == csv.trim_end());
        assert!(served.header("vary").contains("accept") && served.header("etag").starts_with("W/\"csv-"));
        assert_eq!(
            server.get_with(at, &[("if-none-match", served.header("etag"))]).status,
            200,
            "JSON is another answer"
        );
    }
    assert!(
        csv.starts_with("hotspot_id,name,status,flooded,flooded_not_found,dry,unknown,p,low,high,at_least,sentence_en")
    );
    assert!(server.get(&format!("{at}&format=pdf")).problem(400).contains("known are json, csv"));
    let printed = analyse(&["trigger", "--with", of]).expect_success();
    assert_eq!(printed.trim_end(), server.get(&format!("/api/v1/analysis/trigger?{of}")).text());

    std::fs::write(rain, "start,seconds,mm\n2024-07-02T15:00:00Z,3600,-2\n").unwrap();
    let told = analyse(&["forecast", rain]).expect_failure();
    assert!(told.contains("rain.csv:2:27: mm \"-2\""), "{told}");
    std::fs::write(rain, "start,seconds,mm\n0,3600,2\n60,3600,2\n").unwrap();
    let told = analyse(&["forecast", rain]).expect_failure();
    assert!(told.contains("rain.csv") && told.contains("overlap"), "{told}");
    assert!(analyse(&["forecast"]).expect_failure().contains("a forecast takes a CSV file"));
    assert!(analyse(&["storms", rain]).expect_failure().contains("storms takes no rain"));
    assert!(analyse(&["storms", "--with", "depth=1"]).expect_failure().contains("known: recurring, dry_evidence"));
}
