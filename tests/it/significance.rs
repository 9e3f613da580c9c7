//! Is it real: Gi* and relative risk against esda, statsmodels and SciPy, figure for figure, and what is said where there
//! is no basis for a figure.
//!
//! `WATERLOG_BLESS=1` writes the golden file (`cargo test --test it significance`).

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fastrand::Rng;
use serde_json::{Value, json};
use waterlog::hazard::analysis::Analysis;
use waterlog::hazard::analysis::risk::{self, Risk};
use waterlog::hazard::analysis::significance::{self, Significance};
use waterlog::hazard::category::Category;
use waterlog::hazard::cell;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;

use crate::analysis::demo;
use crate::program::{TREE, waterlog};
use crate::referee::python;
use crate::server::{Server, report};

const CLOSE: f64 = 1e-9;
const DAY_S: i64 = 86_400;
const WITH: [(&str, &str); 6] = [
    ("significance", "resolution=8"),
    ("significance", "bbox=-73.95,40.75,-73.85,40.80"),
    ("risk", "resolution=10"),
    ("risk", "unit=hotspot"),
    ("chance", "relocations=39"),
    ("dbscan", "of=reports"),
];

/// Reports and floods about a place; `even`: floods keep to the reports as closely as whole numbers can.
fn city(seed: u64, even: bool) -> (Vec<(f64, f64)>, HazardMap) {
    let mut draw = Rng::with_seed(seed);
    let (lon, lat) = [(110.33, 20.01), (-73.9, 40.7), (180.0, -16.8), (10.0, 69.6)][draw.usize(0..4)];
    let turned = |lon: f64| if lon > 180.0 { lon - 360.0 } else { lon };
    let (mut events, mut positions) = (Vec::new(), Vec::new());
    let mut put = |name: &str, (lon, lat): (f64, f64), at: i64| {
        let at_place = Position::new(turned(lon), lat).unwrap();
        let id = format!("r{}", events.len());
        positions.push((at_place.lon(), at_place.lat()));
        events.push(Event::Report(Report::new(id, Category::named(name).unwrap(), at_place, at)));
    };
    let spots: Vec<(f64, f64)> =
        (0..draw.usize(60..200)).map(|_| (lon + draw.f64() * 0.08, lat + draw.f64() * 0.06)).collect();
    for (n, &spot) in spots.iter().enumerate() {
        // Each flood on a day of its own, so that none is one occasion with another of its cell.
        let day = |k: usize| (2 * n + k) as i64 * DAY_S;
        let riders = if even { 6 } else { 1 + draw.usize(0..12) };
        let floods = if even { 2 } else { draw.usize(0..3) * draw.usize(0..4) / (1 + n % 3) };
        (0..riders).for_each(|_| put("manhole", spot, draw.i64(0..400 * DAY_S)));
        (0..floods).for_each(|k| put("waterlogging", spot, if even { day(k) } else { draw.i64(0..400 * DAY_S) }));
    }
    (positions, HazardMap::build(Settings::default(), (1..).zip(&events)))
}

fn case(positions: &[(f64, f64)], map: &HazardMap, resolution: &str) -> Value {
    let waterlogging = Category::named("waterlogging").unwrap();
    let resolution = cell::resolution(resolution).unwrap();
    let asked = significance::Asked { resolution: Some(resolution), bbox: None };
    let significance = Significance::answer(map, waterlogging, &asked).unwrap();
    let asked = risk::Asked { resolution: Some(resolution), ..risk::Asked::default() };
    let risk = Risk::answer(map, waterlogging, &asked).unwrap();
    json!({"significance": significance, "risk": risk, "positions": positions})
}

/// What Python libraries make of the same cases, by a program of `tests/reference`.
pub fn reference(program: &str, cases: &[Value]) -> Vec<Value> {
    let mut child = Command::new(python())
        .arg(Path::new(TREE).join("tests/reference").join(program))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("WATERLOG_PYTHON is a Python");
    let mut ask = child.stdin.take().expect("stdin is piped");
    ask.write_all(json!(cases).to_string().as_bytes()).expect("the reference reads on");
    drop(ask);
    let out = child.wait_with_output().expect("the reference ends");
    serde_json::from_slice(&out.stdout).expect("the reference answers in JSON")
}

/// The largest difference, relative to what is large; of p and q, however small they are.
#[derive(Default)]
struct Agreement {
    figures: usize,
    largest: f64,
}

impl Agreement {
    fn compare(&mut self, what: &str, ours: &Value, theirs: &Value) {
        let (a, b) = (ours.as_f64(), theirs.as_f64());
        let (Some(a), Some(b)) = (a, b) else { panic!("{what}: {ours} against {theirs}") };
        let scale = if what == "p" || what == "q" { b.max(1e-280) } else { b.abs().max(1.0) };
        let apart = (a - b).abs() / scale;
        assert!(apart <= CLOSE, "{what}: {a} against {b}");
        self.figures += 1;
        self.largest = self.largest.max(apart);
    }

    fn case(&mut self, case: &Value, answer: &Value) {
        let features = |of: &str| case[of]["features"].as_array().unwrap().clone();
        for (i, feature) in features("significance").iter().enumerate() {
            for what in ["z", "p", "q"] {
                self.compare(what, &feature["properties"][what], &answer["significance"][what][i]);
            }
            if let Some(reports) = answer.get("reports") {
                let counted = reports.get(feature["id"].as_str().unwrap()).cloned().unwrap_or(json!(0));
                assert_eq!(feature["properties"]["reports"], counted, "reports in {}", feature["id"]);
            }
        }
        for what in ["occasions_per_report", "variance"] {
            self.compare(what, &case["risk"][what], &answer["risk"][what]);
        }
        let exposed = features("risk").into_iter().filter(|f| f["properties"]["reports"] != 0);
        for (i, feature) in exposed.enumerate() {
            let all =
                ["expected", "relative_risk", "relative_risk_low", "relative_risk_high", "relative_risk_smoothed"];
            for what in all {
                self.compare(what, &feature["properties"][what], &answer["risk"][what][i]);
            }
        }
    }
}

fn golden() -> PathBuf {
    Path::new(TREE).join("tests/reference/significance.json")
}

/// Two cities small enough to be committed: one whose rates differ, one whose rates differ less than by chance.
fn small() -> Vec<Value> {
    [(1, false), (2, true)]
        .map(|(seed, even)| {
            let (positions, map) = city(seed, even);
            case(&positions, &map, "8")
        })
        .into()
}

#[test]
fn cities_agree_with_esda_statsmodels_and_scipy_as_committed() {
    if std::env::var_os("WATERLOG_BLESS").is_some() {
        let answers = reference("significance.py", &small());
        fs::write(golden(), format!("{}\n", json!(answers))).expect("the tree is writable");
    }
    let answers: Vec<Value> =
        serde_json::from_str(&fs::read_to_string(golden()).expect("it is committed")).expect("it is JSON");
    let mut agreement = Agreement::default();
    small().iter().zip(&answers).for_each(|(case, answer)| agreement.case(case, answer));
    assert!(agreement.figures > 300, "{}", agreement.figures);
    assert_eq!(answers.iter().map(|a| &a["risk"]["negative"]).collect::<Vec<_>>(), [&json!(false), &json!(true)]);
}

#[test]
fn random_cities_and_the_demo_city_agree_with_esda_statsmodels_and_scipy() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data", folder.path().to_str().unwrap(), "demo", "--no-serve"];
    waterlog(TREE.as_ref(), &arguments).expect_success();
    let printed = |name: &str, with: &str| -> Value {
        let arguments = ["--data", folder.path().to_str().unwrap(), "analyse", name, "--with", with];
        serde_json::from_str(&waterlog(folder.path(), &arguments).expect_success()).unwrap()
    };
    let of_demo = |with| json!({"significance": printed("significance", with), "risk": printed("risk", with)});
    let mut cases = vec![of_demo("resolution=9"), of_demo("resolution=8")];
    for seed in 0..24 {
        let (positions, map) = city(100 + seed, seed % 4 == 0);
        cases.push(case(&positions, &map, ["8", "9", "10"][seed as usize % 3]));
    }
    let answers = reference("significance.py", &cases);
    let mut agreement = Agreement::default();
    cases.iter().zip(&answers).for_each(|(case, answer)| agreement.case(case, answer));
    let negative = answers.iter().filter(|a| a["risk"]["negative"] == json!(true)).count();
    let Agreement { figures, largest } = agreement;
    told!(
        "significance: {figures} figures of {} cities agree to {largest:.1e}; {negative} with a negative variance",
        cases.len()
    );
    assert!(figures > 10_000 && negative > 0 && negative < cases.len() / 2, "{figures} {negative}");
}

#[test]
fn the_command_line_gives_the_very_answer_of_the_api_and_its_features_as_csv() {
    let folder = tempfile::tempdir().unwrap();
    let server = demo(folder.path());
    for (name, with) in WITH {
        let answer = server.get(&format!("/api/v1/analysis/{name}?{with}"));
        assert_eq!(answer.status, 200, "{name}?{with}: {}", answer.text());
        let printed = |further: &[&str]| {
            let all = ["--data", folder.path().to_str().unwrap(), "analyse", name, "--with", with];
            waterlog(folder.path(), &[&all[..], further].concat()).expect_success()
        };
        assert_eq!(printed(&[]).trim_end(), answer.text(), "{name}?{with}");
        let said = answer.json();
        let rows = said.get("features").or(said.get("rows")).and_then(Value::as_array).unwrap().len();
        assert!(rows > 0, "{name}?{with}");
        let csv = printed(&["--csv"]);
        assert_eq!(
            csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap).count(),
            rows,
            "{name}?{with}"
        );
        assert!(said["n"].as_u64().unwrap() > 0 && said["method"]["reference"].is_string());
        assert_eq!(said["seed"], if name == "chance" { json!(1) } else { Value::Null });
        let geo = if name == "chance" { "application/json" } else { "application/geo+json" };
        assert_eq!(answer.header("content-type"), geo);
        let again =
            server.get_with(&format!("/api/v1/analysis/{name}?{with}"), &[("if-none-match", answer.header("etag"))]);
        assert_eq!(again.status, 304);
    }
    let said = server.get("/api/v1/analysis/chance?relocations=39").json();
    let row = &said["rows"][0];
    let recurring = server.features("/layers/hotspots.geojson?category=waterlogging");
    let recurring = recurring.iter().filter(|f| f["properties"]["status"] != "candidate").count();
    assert_eq!(row["found"], recurring, "{row}");
    println!("demo city by chance: {row}");
    assert!(row["expected"].as_f64().unwrap() > 0.0 && row["p"].as_f64().unwrap() <= 1.0, "{row}");
}

#[test]
fn without_a_basis_what_is_missing_is_said_and_no_figure_is_given() {
    let server = Server::seeded(&[]);
    for (name, part) in [("significance", "30 are needed"), ("risk", "no occasion"), ("chance", "20 are needed")] {
        let said = server.get(&format!("/api/v1/analysis/{name}")).json();
        assert!(said["missing"].to_string().contains(part), "{name}: {said}");
    }
    let category = Category::named("waterlogging").unwrap();
    let at = Position::new(110.33, 20.01).unwrap();
    // 2023-05-01 and 2023-12-01.
    let observed = |(id, at_s)| Event::Report(Report::new(id, category, at, at_s));
    let server = Server::seeded(&[("a", 1_682_899_200), ("b", 1_701_388_800)].map(observed));
    for name in ["significance", "risk", "chance"] {
        let said = server.get(&format!("/api/v1/analysis/{name}")).json();
        let missing = said["missing"].to_string();
        assert!(missing.contains("no report of any kind for 214 days, from 2023-05-01T00:00:00Z"), "{name}: {missing}");
        let figures = ["z", "q", "class", "relative_risk", "expected", "p"];
        let rows = said.get("features").or(said.get("rows")).and_then(Value::as_array).unwrap();
        assert!(!rows.is_empty());
        for row in rows.iter().map(|row| row.get("properties").unwrap_or(row)) {
            assert!(figures.iter().all(|figure| row.get(figure).is_none_or(Value::is_null)), "{name}: {row}");
        }
    }
    for (query, part) in [
        ("significance?resolution=13", "not an H3 resolution in [6, 12]"),
        ("significance?bbox=1,2,3", "found 3"),
        ("risk?unit=street", "known are cell, hotspot"),
        ("chance?relocations=38", "[39, 9999]"),
        ("chance?seed=-1", "not a whole number"),
        ("chance?resolution=9", "unknown query parameter"),
        ("risk?category=opinion", "not published"),
    ] {
        let told = server.get(&format!("/api/v1/analysis/{query}")).problem(400);
        assert!(told.contains(part), "{query}: {told}");
    }
}

#[test]
fn coverage_is_served_as_cells_by_every_door_and_takes_a_resolution() {
    let server = Server::seeded(&[]);
    for (lon, category) in [(110.0, "waterlogging"), (110.0, "manhole"), (110.2, "manhole"), (110.2, "opinion")] {
        assert_eq!(server.post(&report(json!({"lon": lon, "lat": 20.0, "category": category}))).status, 201);
    }
    let all = server.features("/layers/coverage.geojson");
    let mut counts: Vec<_> = all.iter().map(|f| f["properties"]["reports"].as_u64().unwrap()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2]);
    assert!(all.iter().all(|f| f["geometry"]["type"] == "Polygon" && f["id"].as_str().unwrap().starts_with("89")));
    for door in ["/layers/coverage.geojson?", "/api/v1/coverage?", "/ogc/collections/coverage/items?"] {
        assert_eq!(server.features(door), all, "{door}");
        let some = server.features(&format!("{door}bbox=110.1999,19.9999,110.2001,20.0001"));
        assert_eq!(some.len(), 1, "{door}");
        let coarse = server.features(&format!("{door}resolution=6"));
        assert!(coarse.iter().all(|f| f["id"].as_str().unwrap().starts_with("86")), "{door}");
    }
    let told = server.get("/layers/reports.geojson?resolution=9").problem(400);
    assert!(told.contains("unknown query parameter"), "{told}");
    let told = server.get("/layers/coverage.geojson?category=manhole").problem(400);
    assert!(told.contains("coverage have no category"), "{told}");
}
