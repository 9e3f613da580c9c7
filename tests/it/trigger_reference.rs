//! The trigger and the interval of a share against SciPy and statsmodels, which `tests/reference/firth.py` asks.
//!
//! `tests/reference/golden/firth.json` holds their answers for a clone without Python; `WATERLOG_BLESS=1` writes it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use waterlog::hazard::analysis::model::{KnownStorm, Model, Trigger};
use waterlog::hazard::analysis::proportion::wilson_95;

use crate::analysis_references::reference;
use crate::program::TREE;

/// Of estimates; of the ends of intervals, which are roots.
const CLOSE: f64 = 1e-9;
const CLOSE_END: f64 = 1e-9;

fn golden() -> PathBuf {
    Path::new(TREE).join("tests/reference/golden/firth.json")
}

/// Storms at random, with floods that follow intensity more or less; every third case is separated, but not by two
/// predictors at once: there the reference's own search can end far from the maximum.
fn random_cases(seed: u64, count: usize) -> Vec<Value> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut cases = Vec::new();
    while cases.len() < count {
        let depth = cases.len() % 4 == 3;
        let n = if depth { 44 + rng.usize(..40) } else { 10 + rng.usize(..40) };
        let (even, slope) = (10.0 + 30.0 * rng.f64(), [0.03, 0.1, 0.4][rng.usize(..3)]);
        let separated = cases.len() % 3 == 0 && !depth;
        let storms = (0..n).map(|_| {
            let peak = (rng.f64() * 600.0).round() / 10.0 + 0.5;
            let log_odds = slope * (peak - even);
            let flooded = if separated { log_odds > 0.0 } else { rng.f64() < 1.0 / (1.0 + (-log_odds).exp()) };
            (peak, (peak * (0.5 + rng.f64()) * 10.0).round() / 10.0 + 5.0, flooded)
        });
        let storms: Vec<(f64, f64, bool)> = storms.collect();
        let flooded = storms.iter().filter(|s| s.2).count();
        let least = if depth { 20 } else { 5 };
        if flooded < least || n - flooded < least || (!depth && flooded >= 20 && n - flooded >= 20) {
            continue;
        }
        let row = |s: &(f64, f64, bool)| if depth { json!([1.0, s.0, s.1]) } else { json!([1.0, s.0]) };
        let x: Vec<Value> = storms.iter().map(row).collect();
        let y: Vec<u8> = storms.iter().map(|s| u8::from(s.2)).collect();
        cases.push(json!({"x": x, "y": y, "at": [5.0, even, 55.0]}));
    }
    cases.extend([(0, 7), (7, 7), (3, 11), (1, 200), (120, 121)].map(|(count, n)| json!({"count": count, "n": n})));
    cases
}

/// The reference's answer to each case; none where it cannot be run.
fn ask(cases: &[Value]) -> Option<Vec<Value>> {
    reference("firth.py", &json!(cases)).map(|answers| answers.as_array().unwrap().clone())
}

/// The largest differences from the reference's answers: of estimates, and of ends of intervals.
fn compare(cases: &[Value], answers: &[Value]) -> (f64, f64) {
    assert_eq!(cases.len(), answers.len());
    let (mut estimates, mut ends) = (0.0_f64, 0.0_f64);
    for (case, answer) in cases.iter().zip(answers) {
        let mut differ = |ours: [f64; 3], theirs: &Value, what: &str| {
            let apart = |i: usize| {
                let theirs = theirs[i].as_f64().unwrap_or_else(|| panic!("{case}: {what}: {theirs}"));
                (ours[i] - theirs).abs() / theirs.abs().max(1.0)
            };
            let (estimate, end) = (apart(0), apart(1).max(apart(2)));
            assert!(estimate < CLOSE && end < CLOSE_END, "{case}: {what}: {ours:?}, reference {theirs}");
            (estimates, ends) = (estimates.max(estimate), ends.max(end));
        };
        if let Some(count) = case["count"].as_u64() {
            let n = case["n"].as_u64().unwrap() as u32;
            let (low, high) = wilson_95(count as u32, n).unwrap();
            assert!(
                (low - answer[0].as_f64().unwrap()).abs() < CLOSE && (high - answer[1].as_f64().unwrap()).abs() < CLOSE
            );
            continue;
        }
        let known = storms(case);
        let (trigger, model) = (Trigger::of(&known).unwrap(), Model::of(&known).unwrap());
        assert_eq!(trigger.coefficients.len(), answer["coefficients"].as_array().unwrap().len(), "{case}");
        for (ours, theirs) in trigger.coefficients.iter().zip(answer["coefficients"].as_array().unwrap()) {
            differ([ours.estimate, ours.low, ours.high], theirs, ours.name);
        }
        for (at, theirs) in case["at"].as_array().unwrap().iter().zip(answer["curve"].as_array().unwrap()) {
            differ(model.probability(at.as_f64().unwrap(), None).unwrap(), theirs, "curve");
        }
        let even = [trigger.even_odds_mm_h, trigger.even_odds_low_mm_h, trigger.even_odds_high_mm_h];
        assert_eq!(even[0].is_some(), !answer["even_odds"].is_null(), "{case}");
        if let [Some(at), Some(low), Some(high)] = even {
            differ([at, low, high], &answer["even_odds"], "even odds");
        }
    }
    (estimates, ends)
}

fn storms(case: &Value) -> Vec<KnownStorm> {
    let rows = case["x"].as_array().unwrap().iter().zip(case["y"].as_array().unwrap());
    let one = |(x, y): (&Value, &Value)| KnownStorm {
        storm: String::new(),
        peak_1h_mm_h: x[1].as_f64().unwrap(),
        depth_mm: x[2].as_f64().unwrap_or_default(),
        flooded: y == 1,
    };
    rows.map(one).collect()
}

#[test]
fn triggers_and_shares_agree_with_the_references_committed_answers() {
    if std::env::var_os("WATERLOG_BLESS").is_some() {
        let cases = random_cases(1, 24);
        let answers = ask(&cases).expect("only the reference can bless");
        let text = serde_json::to_string(&json!({"cases": cases, "answers": answers})).unwrap();
        fs::write(golden(), format!("{text}\n")).unwrap();
    }
    let golden: Value = serde_json::from_str(&fs::read_to_string(golden()).unwrap()).unwrap();
    let (cases, answers) = (golden["cases"].as_array().unwrap(), golden["answers"].as_array().unwrap());
    let (estimates, ends) = compare(cases, answers);
    told!("trigger: {} golden cases, estimates within {estimates:.1e}, ends within {ends:.1e}", cases.len());
    assert!(cases.len() >= 29);
}

#[test]
fn random_and_separated_triggers_agree_with_scipy_and_shares_with_statsmodels() {
    let cases = random_cases(2, 5);
    let Some(answers) = ask(&cases) else { return };
    let (estimates, ends) = compare(&cases, &answers);
    told!("trigger: {} cases, estimates within {estimates:.1e}, ends within {ends:.1e}", cases.len());
}
