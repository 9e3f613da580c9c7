//! Figures of the analyses against independent ones: SciPy, statsmodels and esda, run from `tests/reference`.
//!
//! `WATERLOG_BLESS=1` writes the answers that a clone without Python is held to.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use waterlog::hazard::analysis::Analysis;
use waterlog::hazard::analysis::rank::Ranks;
use waterlog::hazard::analysis::trend::Trends;
use waterlog::hazard::analysis::works::WorksCompared;
use waterlog::hazard::category::Category;

use crate::planted::city::{City, LASTS_S, PLAIN, Plan, START, YEAR_S};
use crate::program::TREE;
use crate::referee::python;

/// How far two figures may differ, of their size.
const AGREEMENT: f64 = 1e-9;

/// What a script of `tests/reference` says to an input; nothing where it cannot be run, which CI must not accept.
pub fn reference(script: &str, input: &Value) -> Option<Value> {
    let made = Path::new(TREE).join("target/referee-venv/bin/python").exists();
    if !made && std::env::var_os("WATERLOG_SHARED").is_none() && std::env::var_os("WATERLOG_PYTHON").is_none() {
        told!("reference: {script} was not run: there is no Python with SciPy; `make test` makes one");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must not skip the references");
        return None;
    }
    let script = Path::new(TREE).join("tests/reference").join(script);
    let mut child = Command::new(python())
        .arg(&script)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is a Python");
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{} failed", script.display());
    Some(serde_json::from_slice(&out.stdout).unwrap())
}

/// Holds our rows of each city against the reference's, and those of the first against what is committed of it.
pub fn hold(name: &str, cities: &[(Value, Value)]) {
    let golden = Path::new(TREE).join("tests/reference/golden").join(format!("{name}.json"));
    let inputs: Vec<&Value> = cities.iter().map(|(input, _)| input).collect();
    let said = reference(&format!("{name}.py"), &json!(inputs));
    if let Some(said) = said.as_ref().filter(|_| std::env::var_os("WATERLOG_BLESS").is_some()) {
        write(&golden, &said[0]);
    }
    let text = std::fs::read_to_string(&golden).expect("the golden answers are committed");
    let mut compared = agree(name, &cities[0].1, &serde_json::from_str(&text).unwrap());
    for (i, (_, rows)) in cities.iter().enumerate() {
        compared += said.as_ref().map_or(0, |said| agree(name, rows, &said[i]));
    }
    told!("reference: {compared} figures of {name} agree to {AGREEMENT:e}");
    assert!(compared > 300, "{compared}");
}

fn write(golden: &Path, said: &Value) {
    std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
    let rows: Vec<String> = said.as_array().unwrap().iter().map(Value::to_string).collect();
    std::fs::write(golden, format!("[{}]\n", rows.join(",\n"))).unwrap();
}

/// Every figure that the reference gives is ours, too; returns how many.
fn agree(name: &str, ours: &Value, theirs: &Value) -> usize {
    let (ours, theirs) = (ours.as_array().unwrap(), theirs.as_array().unwrap());
    assert_eq!(ours.len(), theirs.len(), "{name}");
    let mut compared = 0;
    for (ours, theirs) in ours.iter().zip(theirs) {
        for (figure, theirs) in theirs.as_object().unwrap() {
            let same = match (ours[figure].as_f64(), theirs.as_f64()) {
                (Some(a), Some(b)) => (a - b).abs() <= AGREEMENT * b.abs().max(1.0),
                _ => ours[figure] == *theirs,
            };
            assert!(same, "{name}: {figure} is {}, the reference has {theirs}: {ours}", ours[figure]);
            compared += 1;
        }
    }
    compared
}

fn rows<A: Analysis<Asked = ()>>(city: &City) -> Value {
    let answer = A::answer(&city.map, Category::named("waterlogging").unwrap(), &()).unwrap();
    serde_json::to_value(answer).unwrap()["rows"].take()
}

#[test]
fn the_trend_is_that_of_scipy_and_statsmodels() {
    let plans = [
        Plan { spots: 100, worse: 4.0, ..PLAIN },
        Plan { spots: 100, worse: 4.0, storms_a_year: 20.0, ..PLAIN },
        Plan { spots: 100, gamma: (3.0, 0.1), riders: 2.0, ..PLAIN },
    ];
    let cities = plans.map(|plan| {
        let rows = rows::<Trends>(&City::new(plan, 1, ""));
        (json!({"rows": rows}), rows)
    });
    hold("trend", &cities);
}

#[test]
fn the_rank_is_that_of_esda_and_scipy_from_occasions_counted_by_hand() {
    let plans = [Plan { spots: 100, ..PLAIN }, Plan { spots: 225, gamma: (0.2, 0.1), ..PLAIN }];
    let cities = plans.map(|plan| {
        let city = City::new(plan, 2, "");
        // Reports within twelve hours of the one before are one occasion.
        let occasions = |times: &Vec<i64>| {
            times.iter().zip(times.iter().skip(1)).filter(|(a, b)| *b - *a >= 43_200).count() + times.len().min(1)
        };
        let occasions: Vec<_> = city.reported.iter().map(occasions).collect();
        let rows = rows::<Ranks>(&city);
        (json!({"occasions": occasions, "years": LASTS_S / YEAR_S, "rows": rows}), rows)
    });
    hold("rank", &cities);
}

#[test]
fn before_and_after_works_are_those_of_scipy_from_occasions_and_storms_counted_by_hand() {
    const DAY: i64 = 86_400;
    let (lasts, cut) = (LASTS_S as i64, (LASTS_S * 2.0 / 3.0) as i64);
    let plans = [
        Plan { spots: 100, gamma: (2.0, 0.5), storms_a_year: 30.0, worse: 0.1, ..PLAIN },
        Plan { spots: 100, gamma: (2.0, 0.5), storms_a_year: 30.0, riders: 0.4, seen_by: &[0.5, 2.0], ..PLAIN },
    ];
    let cities = plans.map(|plan| {
        let city = City::new(plan, 3, "");
        // Finished in time, half-way, too late, without an end, planned; and a line along three spots.
        let dates =
            [(cut, Some(cut + 30 * DAY)), (lasts / 2, Some(lasts / 2)), (lasts - 60 * DAY, Some(lasts - 50 * DAY))];
        let dates = [&dates[..], &[(cut, None), (lasts + DAY, Some(lasts + 9 * DAY)), (cut, Some(cut))]].concat();
        let spots: Vec<[usize; 1]> = (0..90).map(|spot| [spot]).collect();
        let mut works: Vec<(&[usize], i64, Option<i64>)> =
            spots.iter().map(|spot| (&spot[..], dates[spot[0] % 6].0, dates[spot[0] % 6].1)).collect();
        works.push((&[96, 98], cut, Some(cut + DAY)));
        let city = city.repaired(&works);
        let answer = WorksCompared::answer(&city.map, Category::named("waterlogging").unwrap(), &Default::default());
        let rows = serde_json::to_value(answer.unwrap()).unwrap()["rows"].take();
        let asked = json!({
            "start": START, "lasts": lasts, "years": LASTS_S / YEAR_S, "storms": city.storms, "reported": city.reported,
            "rows": rows,
        });
        (asked, rows)
    });
    let verdicts: std::collections::BTreeSet<_> =
        cities.iter().flat_map(|(_, rows)| rows.as_array().unwrap()).map(|row| row["verdict"].to_string()).collect();
    assert!(verdicts.len() >= 3, "{verdicts:?}");
    hold("works", &cities);
}
