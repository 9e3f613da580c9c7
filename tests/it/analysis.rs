//! The analyses: one answer for the API and the command line, and what every one of them says.

use std::path::Path;

use serde_json::{Value, json};
use waterlog::hazard::event::{Event, Passability, Report};

use crate::layers::seen;
use crate::program::{TREE, waterlog};
use crate::server::{Server, seed};

const WORST: &str = "hotspot=waterlogging:8c2a1077128d1ff";
const SERIES: &str = r#"{"intervals": [{"start": "2024-07-02T16:00:00Z", "seconds": 3600, "mm": 27}]}"#;

/// Every analysis of one map with what else it has to be asked, and a column of its rows.
const ALL: [(&str, &[&str], &str); 13] = [
    ("service", &["by=category,month"], "closed_on_time"),
    ("trend", &[], "hotspot_id"),
    ("rank", &[], "hotspot_id"),
    ("works", &[], "hotspot_id"),
    ("storms", &[], "hotspot_id"),
    ("trigger", &[WORST], "intensity"),
    ("sensitivity", &[WORST], "hotspot_id"),
    ("criteria", &["criterion=england_surrey"], "hotspot_id"),
    ("significance", &[], "id"),
    ("risk", &[], "id"),
    ("chance", &["relocations=39"], "expected"),
    ("dbscan", &[], "id"),
    ("silence", &[], "id"),
];

/// The demo city with works at its worst hotspot.
fn demo_with_works(folder: &Path) -> Server {
    drop(demo(folder));
    let works = "id,lon,lat,start,end,kind\nw1,-73.98408,40.62203,2024-03-01,2024-03-20,dredging\n";
    std::fs::write(folder.join("works.csv"), works).unwrap();
    let zone = ["--works-zone", "America/New_York"];
    let arguments = ["--data", folder.to_str().unwrap(), "import", "--works", "works.csv"];
    waterlog(folder, &[&arguments[..], &zone].concat()).expect_success();
    Server::start_with(folder, &["--clock", "2024-07-01T03:20:00Z"])
}

/// Method, parameters, n, seed, as-of and position: without them nobody can find the same numbers again.
fn says_what_it_rests_on(name: &str, said: &Value) {
    assert!(said["method"]["name"].is_string() && said["method"]["reference"].is_string(), "{name}");
    // The service is of every category.
    let of_all = name == "service";
    let parameters = if of_all { &said["parameters"]["waterlogging"] } else { &said["parameters"] };
    let category = if of_all { Value::Null } else { json!("waterlogging") };
    assert_eq!((&parameters["window"], &said["category"]), (&json!(94_694_400), &category), "{name}");
    assert!(said["n"].as_u64().unwrap() > 0 && said["n_of"].is_string(), "{name}");
    let seed = if name == "chance" { json!(1) } else { Value::Null };
    assert_eq!(said.as_object().unwrap().get("seed"), Some(&seed), "{name}");
    assert!(said["constants"].as_array().unwrap().iter().all(|c| c["meaning"].is_string()), "{name}");
    assert!(said["as_of"].is_string() && said["position"].as_u64().unwrap() > 13_000, "{name}");
}

/// The demo city, imported into a folder.
pub fn demo(folder: &Path) -> Server {
    let arguments = ["--data", folder.to_str().unwrap(), "demo", "--no-serve"];
    waterlog(TREE.as_ref(), &arguments).expect_success();
    Server::start_with(folder, &["--clock", "2024-07-01T03:20:00Z"])
}

/// What `waterlog analyse` prints.
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let all = [&["--data", folder.to_str().unwrap(), "analyse"], arguments].concat();
    waterlog(folder, &all).expect_success()
}

#[test]
fn the_command_line_gives_the_very_answer_of_the_api_and_its_rows_as_csv() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo_with_works(folder.path());
    for (name, with, column) in ALL {
        let with_query: String = with.iter().map(|pair| format!("&{pair}")).collect();
        for (query, arguments) in [
            ("category=waterlogging", vec![]),
            ("category=blocked_drain", vec!["--category", "blocked_drain"]),
            ("as_of=2024-04-01T00:00:00Z", vec!["--as-of", "2024-04-01T00:00:00Z"]),
            ("spacing=150&occasion_gap=86400", vec!["--set", "spacing=150", "occasion_gap=86400"]),
        ] {
            // A hotspot is of one category, and the service of all; what it is in a view is as of now by the clock.
            let of_one = with.contains(&WORST) && query.starts_with("category");
            if of_one || (name == "service" && !query.starts_with("as_of")) {
                continue;
            }
            let answer = server.get(&format!("/api/v1/analysis/{name}?{query}{with_query}"));
            assert_eq!(answer.status, 200, "{name}?{query}: {}", answer.text());
            let mut all = vec![name];
            all.extend(with.iter().flat_map(|pair| ["--with", pair]));
            all.extend(arguments);
            assert_eq!(printed(folder.path(), &all).trim_end(), answer.text(), "{name}?{query}");
            all.push("--csv");
            let csv = printed(folder.path(), &all);
            let said = answer.json();
            let rows = ["rows", "features"].iter().find_map(|rows| said[rows].as_array()).unwrap().len();
            let mut reader = csv::ReaderBuilder::new().from_reader(csv.as_bytes());
            assert_eq!(reader.headers().unwrap().iter().any(|c| c == column), rows > 0, "{name}");
            assert_eq!(reader.records().map(Result::unwrap).count(), rows, "{name}?{query}");
        }
    }
}

#[test]
fn of_cells_of_water_nothing_is_expected_where_outlines_lie_under_the_map() {
    let folder = tempfile::tempdir().unwrap();
    let without = demo(folder.path());
    let silence = "/api/v1/analysis/silence";
    let (all, tag) = (without.get(silence).json(), without.get(silence).header("etag").to_owned());
    drop(without);
    let base = Path::new(TREE).join("data/nyc-2024/base.geojson").display().to_string();
    let server = Server::start_with(folder.path(), &["--clock", "2024-07-01T03:20:00Z", "--base", &base]);
    let answer = server.get_with(silence, &[("if-none-match", &tag)]);
    assert_eq!(answer.status, 200, "it is another answer");
    let said = answer.json();
    let land = |cell: &Value| cell["properties"]["land"].as_f64();
    let cells = said["features"].as_array().unwrap();
    assert!(cells.len() > 50 && cells.iter().all(|cell| land(cell).is_some_and(|land| (0.5..=1.0).contains(&land))));
    let all_cells = all["features"].as_array().unwrap();
    assert!(all_cells.iter().all(|cell| land(cell).is_none()));
    // The first is two thirds of a bay.
    let bay = &all_cells[0]["id"];
    assert!(!cells.iter().any(|cell| cell["id"] == *bay), "{bay}");
    assert!(said["n"].as_u64() < all["n"].as_u64(), "{} of {}", said["n"], all["n"]);
    assert_eq!(printed(folder.path(), &["silence", "--base", &base]).trim_end(), answer.text());
}

#[test]
fn every_analysis_says_what_it_rests_on_knows_its_parameters_and_is_not_sent_twice() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo_with_works(folder.path());
    for (name, with, _) in ALL {
        let at = format!("/api/v1/analysis/{name}?{}", with.join("&"));
        let answer = server.get(&at);
        says_what_it_rests_on(name, &answer.json());
        let tag = answer.header("etag");
        assert_eq!(server.get_with(&at, &[("if-none-match", tag)]).status, 304, "{name}");
        assert!(server.get(&format!("{at}&colour=red")).problem(400).contains("unknown query parameter"), "{name}");
        let opinion = server.get(&format!("{at}&category=opinion")).problem(400);
        let takes_none = ["service", "sensitivity"].contains(&name);
        assert!(
            opinion.contains(if takes_none { "unknown query parameter" } else { "not published" }),
            "{name}: {opinion}"
        );
    }
    let json_type = [("content-type", "application/json")];
    let answer = server.post_at("/api/v1/analysis/forecast", SERIES.as_bytes(), &json_type);
    assert_eq!(answer.status, 200, "{}", answer.text());
    says_what_it_rests_on("forecast", &answer.json());
    // None is forgotten: what the command line knows is here.
    let known = waterlog(folder.path(), &["analyse", "weather"]).stderr;
    let known = known.split("known are ").nth(1).unwrap().lines().next().unwrap();
    let mut known: Vec<_> = known.split(", ").map(str::trim).collect();
    let mut here: Vec<_> = ALL.iter().map(|(name, ..)| *name).chain(["forecast"]).collect();
    known.sort_unstable();
    here.sort_unstable();
    assert_eq!(known, here);
    let said = waterlog(folder.path(), &["analyse", "weather"]);
    assert!(said.code == Some(2) && said.stderr.contains("known are trend"), "{said:?}");
    let said = waterlog(folder.path(), &["analyse", "trend", "--with", "x=1"]).expect_failure();
    assert!(said.contains("trend takes no such parameter"), "{said}");
}

#[test]
fn the_layer_its_order_and_the_sheet_of_a_hotspot_say_of_rank_and_trend_what_the_analyses_say() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    let rows = |name: &str| server.get(&format!("/api/v1/analysis/{name}")).json()["rows"].as_array().unwrap().clone();
    let (ranks, trends) = (rows("rank"), rows("trend"));
    let features = server.features("/api/v1/hotspots?category=waterlogging&sort=rank&limit=10000");
    assert!(features.len() == ranks.len() && features.len() > 200);
    for (feature, row) in features.iter().zip(&ranks) {
        let p = &feature["properties"];
        assert_eq!(p["rank"], row["rank"], "{feature}");
        let (shown, exact) = (p["rank_score"].as_f64().unwrap(), row["rank_score"].as_f64().unwrap());
        assert!((shown - exact).abs() <= 5.01e-4, "{shown} {exact}");
        let trend = trends.iter().find(|t| t["hotspot_id"] == feature["id"]).unwrap();
        assert_eq!(p["trend"], trend["trend"], "{feature}");
    }
    // Each trend has its own, and together they are all.
    let with = |trend: &str| server.ids(&format!("/api/v1/hotspots?category=waterlogging&limit=10000&trend={trend}"));
    let all = ["new", "worsening", "improving", "dormant", "steady", "insufficient_history"].map(|trend| {
        let of = |f: &&Value| f["properties"]["trend"] == trend;
        let ids = with(trend);
        assert_eq!(ids.len(), features.iter().filter(of).count(), "{trend}");
        ids.len()
    });
    assert_eq!(all.iter().sum::<usize>(), features.len());
    assert!(server.get("/api/v1/hotspots?trend=worse").problem(400).contains("known are new, worsening"));
    assert!(server.get("/api/v1/incidents?trend=new").problem(400).contains("unknown query parameter"));
    let by_score = server.ids("/api/v1/hotspots?category=waterlogging&sort=-rank_score&limit=10000");
    let score = |id: &String| features.iter().find(|f| f["id"] == *id).unwrap()["properties"]["rank_score"].as_f64();
    assert!(by_score.iter().map(score).is_sorted_by(|a, b| a >= b));
    // Each category has its own first.
    let drains = server.features("/api/v1/hotspots?category=blocked_drain&sort=rank&limit=1");
    assert_eq!(drains[0]["properties"]["rank"], 1);

    let id = ranks[0]["hotspot_id"].as_str().unwrap();
    let sheet = server.get(&format!("/api/v1/hotspots/{id}")).json();
    for (terms, rows) in [("rank_terms", &ranks), ("trend_terms", &trends)] {
        let row = rows.iter().find(|row| row["hotspot_id"] == id).unwrap();
        let said = sheet[terms].as_object().unwrap();
        assert!(said.len() > 10 && said.iter().all(|(name, value)| row[name] == *value), "{terms}: {said:?}");
    }
}

#[test]
fn each_row_of_the_sensitivity_is_what_a_view_under_that_rule_says() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    let first = &server.features("/api/v1/hotspots?category=blocked_drain&sort=rank&limit=1")[0];
    let id = first["id"].as_str().unwrap();
    let answer = server.get(&format!("/api/v1/analysis/sensitivity?hotspot={id}")).json();
    assert_eq!((&answer["hotspot_id"], &answer["category"]), (&json!(id), &json!("blocked_drain")));
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &answer["n"]), (11, &json!(11)));
    assert_eq!(rows[0]["occasions"], first["properties"]["occasions"]);
    let mut others = 0;
    for row in &rows[1..] {
        let (name, value) = (row["setting"].as_str().unwrap(), row["value"].as_f64().unwrap());
        let view = format!("{name}.blocked_drain={value}");
        let there = row["hotspot_id"].as_str().unwrap_or_else(|| panic!("{row}"));
        let p = server.get(&format!("/api/v1/hotspots/{there}?{view}")).json()["properties"].clone();
        assert_eq!((&row["occasions"], &row["rank"]), (&p["occasions"], &p["rank"]), "{view}");
        let all = server.get(&format!("/api/v1/hotspots?category=blocked_drain&limit=1&{view}")).json();
        assert_eq!(row["hotspots"], all["numberMatched"], "{view}");
        others += usize::from(row["occasions"] != rows[0]["occasions"] || row["hotspots"] != rows[0]["hotspots"]);
    }
    assert!(others >= 4, "{rows:?}");
    let nowhere = server.get("/api/v1/analysis/sensitivity?hotspot=waterlogging:nowhere");
    assert!(nowhere.problem(404).contains("hotspot"));
    assert!(server.get("/api/v1/analysis/sensitivity").problem(400).contains("say which"));
}

#[test]
fn a_city_adds_its_own_criterion_and_what_nobody_measured_is_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    std::fs::create_dir(&own).unwrap();
    let text = "en = \"Ours\"\nzh = \"本市\"\nsource = \"By-law 7\"\nfirmness = \"own_text\"\noccasions = 10\n";
    std::fs::write(own.join("ours.toml"), text).unwrap();
    drop(demo(folder.path()));
    let arguments = ["--clock", "2024-07-01T03:20:00Z", "--criteria", own.to_str().unwrap()];
    let server = Server::start_with(folder.path(), &arguments);
    let all = server.get("/api/v1/criteria").json();
    let known: Vec<_> = all.as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert!(known.len() == 19 && known.contains(&"ours") && known.contains(&"wuhan"), "{known:?}");
    let by = |id: &str| server.get(&format!("/api/v1/analysis/criteria?criterion={id}"));
    let ours = by("ours").json();
    assert_eq!(ours["criterion"]["source"], "By-law 7");
    for row in ours["rows"].as_array().unwrap() {
        let meets = row["occasions"].as_u64().unwrap() >= 10;
        let said = if meets { (json!("meets"), json!([])) } else { (json!("fails"), json!(["occasions"])) };
        assert_eq!((&row["verdict"], &row["on"]), (&said.0, &said.1), "{row}");
    }
    assert_eq!((&ours["meet"], &ours["cannot_be_judged"]), (&json!(3), &json!(0)));
    // The demo city measured no depth, and for half a year.
    for (id, want) in [("wuhan", json!(["depth", "duration", "length"])), ("hong_kong_small", json!(["area"]))] {
        let said = by(id).json();
        assert_eq!((&said["meet"], &said["fail"]), (&json!(0), &json!(0)), "{id}");
        assert_eq!(said["rows"][0]["on"], want, "{id}");
    }
    let few = by("malaysia_nadma").json();
    assert!(few["rows"].as_array().unwrap().iter().any(|row| row["on"] == json!(["years"])));
    assert!(by("china_common").problem(400).contains("until a city confirms"));
    assert!(by("nowhere").problem(400).contains("known are england_derby"));
    assert_ne!(by("ours").header("etag"), by("england_derby").header("etag"));

    let all = ["analyse", "criteria", "--with", "criterion=ours", "--criteria", own.to_str().unwrap()];
    let said = waterlog(folder.path(), &[&["--data", folder.path().to_str().unwrap()], &all[..]].concat());
    assert_eq!(said.expect_success().trim_end(), by("ours").text());
    std::fs::write(own.join("bad.toml"), text.replace("10", "0")).unwrap();
    let said = waterlog(folder.path(), &[&["--data", folder.path().to_str().unwrap()], &all[..]].concat());
    let said = said.expect_failure();
    assert!(said.contains("bad.toml") && said.contains("at least 1"), "{said}");
}

#[test]
fn a_road_that_nobody_could_pass_for_hours_is_judged_by_its_hours_and_not_by_a_category_that_nobody_gave() {
    let closed =
        |id: &str, t| Event::Report(Report { passability: Some(Passability::Impassable), ..seen(id, t, 110.3, 20.0) });
    const HOUR: i64 = 3_600;
    // Twice closed for five hours, a month apart; the second time it was seen dry 11 h after the first report.
    let month = 30 * 24 * HOUR;
    let dry = Report { dry: true, ..seen("e", month + 11 * HOUR, 110.3, 20.0) };
    let events =
        [closed("a", 0), closed("b", 5 * HOUR), closed("c", month), closed("d", month + 5 * HOUR), Event::Report(dry)];
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(Path::new(TREE).join("data/criteria/england_harrow_2_3a.toml")).unwrap();
    let own: String =
        text.lines().filter(|line| !line.starts_with("road_category")).map(|l| format!("{l}\n")).collect();
    let criteria = folder.path().join("own");
    std::fs::create_dir(&criteria).unwrap();
    std::fs::write(criteria.join("our_main_roads.toml"), own).unwrap();
    seed(folder.path(), &events);
    let server = Server::start_with(folder.path(), &["--criteria", criteria.to_str().unwrap()]);
    let judged = |id: &str| {
        let row = server.get(&format!("/api/v1/analysis/criteria?criterion={id}")).json()["rows"][0].clone();
        (row["verdict"].as_str().unwrap().to_owned(), row["on"].clone())
    };
    let unknown = |on| ("cannot_be_judged".to_owned(), on);
    assert_eq!(judged("our_main_roads"), ("meets".to_owned(), json!([])));
    assert_eq!(judged("england_harrow_1"), unknown(json!(["road_category"])));
    assert_eq!(judged("england_harrow_3b_4a"), unknown(json!(["impassable", "road_category"])));
    assert_eq!(judged("hong_kong_large"), unknown(json!(["area"])));
}
