//! The storms of the demo city and what they did to each hotspot, counted again by plain code from the events of the log:
//! who belongs together is the referee's to judge, all else is counted here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use waterlog::hazard::analysis::Analysis;
use waterlog::hazard::analysis::storms::{Asked, Storms};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Action, Event, RainInterval, Report};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::settings::Settings;
use waterlog::hazard::time;

use crate::recount::{import_demo, read};

const HOUR_S: i64 = 3_600;

/// What the log says.
#[derive(Default)]
struct Told {
    rain: Vec<RainInterval>,
    reports: BTreeMap<String, Report>,
    found: BTreeSet<String>,
    not_found: BTreeSet<String>,
    first: i64,
    last: i64,
}

/// Start, end, depth in micrometres, peak of an hour in mm/h.
type Storm = (i64, i64, i64, f64);

impl Told {
    fn of(events: &[(u64, Event)]) -> Told {
        let times = || events.iter().filter_map(|(_, event)| event.at());
        let mut told = Told { first: times().min().unwrap(), last: times().max().unwrap(), ..Told::default() };
        for (_, event) in events.iter().cloned() {
            match event {
                Event::Rain(intervals) => told.rain.extend(intervals),
                Event::Report(report) => drop(told.reports.insert(report.id.clone(), report)),
                Event::Act(act) if act.action == Action::Found => drop(told.found.insert(act.report)),
                Event::Act(act) if act.action == Action::NotFound => drop(told.not_found.insert(act.report)),
                Event::Act(act) => assert_eq!(act.action, Action::Resolve),
                other => panic!("{other:?}"),
            }
        }
        told.rain.sort_by_key(|interval| interval.start);
        told
    }

    /// Wet hours with less than six hours between them, from five millimetres, not over before the first event.
    fn storms(&self) -> Vec<Storm> {
        let wet = self.rain.iter().filter(|r| r.depth_um.is_some_and(|um| um > 0) && r.start + r.seconds <= self.last);
        let mut storms: Vec<Storm> = Vec::new();
        for r in wet {
            let um = r.depth_um.unwrap();
            assert_eq!(r.seconds, HOUR_S, "the demo's rain is hourly");
            match storms.last_mut() {
                Some(s) if r.start - s.1 < 6 * HOUR_S => {
                    *s = (s.0, r.start + r.seconds, s.2 + um, s.3.max(um as f64 / 1_000.0));
                }
                _ => storms.push((r.start, r.start + r.seconds, um, um as f64 / 1_000.0)),
            }
        }
        storms.retain(|s| s.2 >= 5_000 && s.1 + 12 * HOUR_S >= self.first);
        storms
    }
}

/// The last storm that holds a time.
fn storm_of(storms: &[Storm], t: i64) -> Option<usize> {
    let begun = storms.iter().rposition(|s| s.0 - HOUR_S <= t)?;
    (t <= storms[begun].1 + 12 * HOUR_S).then_some(begun)
}

/// Haversine, on the sphere of the Earth's mean radius, in metres.
fn metres(a: [f64; 2], b: [f64; 2]) -> f64 {
    let square = |v: f64| (v / 2.0).sin().powi(2);
    let [a, b] = [a, b].map(|p| p.map(f64::to_radians));
    2.0 * 6_371_008.8 * (square(b[1] - a[1]) + a[1].cos() * b[1].cos() * square(b[0] - a[0])).sqrt().asin()
}

/// Roots of Wilson's equation (p − x)² = z² x (1 − x) / n.
fn wilson(count: f64, n: f64) -> [f64; 2] {
    let (p, z2) = (count / n, 1.959_963_984_540_054_f64.powi(2));
    let (a, b, c) = (1.0 + z2 / n, -(2.0 * p + z2 / n), p * p);
    let root = (b * b - 4.0 * a * c).max(0.0).sqrt();
    [-1.0, 1.0].map(|sign| (-b + sign * root) / (2.0 * a))
}

#[test]
fn every_cell_of_the_demo_citys_matrix_is_what_plain_counting_gives() {
    let dir = tempfile::tempdir().unwrap();
    import_demo(dir.path());
    let events = read(dir.path());
    let told = Told::of(&events);
    let map = HazardMap::view(Settings::default(), events).unwrap();
    let storms = told.storms();
    assert!(storms.len() > 20, "{}", storms.len());
    let mut letters = BTreeMap::new();
    for (category, evidence) in
        [("waterlogging", "unrelated"), ("waterlogging", "any_category"), ("blocked_drain", "any_category")]
    {
        let category = Category::named(category).unwrap();
        let mut asked = Asked::default();
        asked.set("dry_evidence", evidence).unwrap();
        let answer = Storms::answer(&map, category, &asked).unwrap();
        let answer = serde_json::to_value(&answer).unwrap();
        expect_storms(&answer, &storms);
        for row in answer["rows"].as_array().unwrap() {
            let (cells, evident) = cells(&map, &told, &storms, row["hotspot_id"].as_str().unwrap(), evidence);
            let counted = json!([cells, evident]);
            assert_eq!(
                json!([row["cells"], row["evidence"]]),
                counted,
                "{category:?} {evidence} {}",
                row["hotspot_id"]
            );
            expect_figures(row, &cells);
            cells.chars().chain(evident.chars()).for_each(|letter| *letters.entry(letter).or_insert(0_u32) += 1);
        }
        // Each column adds up.
        for (n, storm) in answer["storms"].as_array().unwrap().iter().enumerate() {
            let column =
                answer["rows"].as_array().unwrap().iter().map(|row| row["cells"].as_str().unwrap().as_bytes()[n]);
            let count = |letters: &[u8]| column.clone().filter(|c| letters.contains(c)).count();
            assert_eq!(
                json!([count(b"FN"), count(b"D"), count(b"U")]),
                json!([storm["flooded"], storm["dry"], storm["unknown"]])
            );
            let reports = told.reports.values().filter(|r| storm_of(&storms, r.observed_at) == Some(n)).count();
            assert_eq!(storm["reports"], json!(reports));
        }
    }
    told!("storms: counted again {letters:?}");
    assert!(letters.len() == 6 && letters.values().all(|&n| n > 100), "{letters:?}");
}

fn expect_storms(answer: &Value, storms: &[Storm]) {
    let served: Vec<Value> = answer["storms"].as_array().unwrap().clone();
    let of = |s: &Value| json!([s["start"], s["end"], s["depth_mm"], s["peak_1h_mm_h"], s["peak_10min_mm_h"]]);
    let ours = |s: &Storm| json!([time::format(s.0), time::format(s.1), s.2 as f64 / 1_000.0, s.3, Value::Null]);
    assert_eq!(served.iter().map(of).collect::<Vec<_>>(), storms.iter().map(ours).collect::<Vec<_>>());
}

/// One letter for each storm, and whether there is evidence of its flood.
fn cells(map: &HazardMap, told: &Told, storms: &[Storm], id: &str, evidence: &str) -> (String, String) {
    let category = Category::named(id.split(':').next().unwrap()).unwrap();
    let position = |site: usize| {
        let at = map.places().position(map.sites().all()[site].key);
        [at.lon(), at.lat()]
    };
    let all = map.sites().all();
    let is = |n: &usize| {
        all[*n].category == category && id == format!("{}:{}", category.name(), map.places().id(all[*n].key))
    };
    let peak = position((0..all.len()).find(is).unwrap());
    let mut cells = vec!['U'; storms.len()];
    let mut proof = vec![(false, BTreeSet::new()); storms.len()];
    for incident in map.incidents().iter().filter(|i| i.category == category && i.counts) {
        if metres(position(incident.site.unwrap().index()), peak) > 50.0 {
            continue;
        }
        let ids: Vec<&str> = incident.reports.iter().map(|&r| map.reports().id(r as usize)).collect();
        let first = ids.iter().map(|id| told.reports[*id].observed_at).min().unwrap();
        let any = |set: &BTreeSet<String>| ids.iter().any(|id| set.contains(*id));
        let Some(n) = storm_of(storms, first) else { continue };
        proof[n].0 |= any(&told.found) || ids.iter().any(|id| told.reports[*id].photo);
        proof[n].1.extend(ids.iter().filter_map(|id| told.reports[*id].person));
        if any(&told.found) || !any(&told.not_found) {
            cells[n] = 'F';
        } else if cells[n] == 'U' {
            cells[n] = 'N';
        }
    }
    for report in told.reports.values().filter(|r| r.category != category && evidence == "any_category") {
        let near = metres([report.position.lon(), report.position.lat()], peak) <= 50.0;
        if let Some(n) = storm_of(storms, report.observed_at).filter(|&n| near && cells[n] == 'U') {
            cells[n] = 'D';
        }
    }
    let evident = proof.into_iter().map(|(seen, people)| if seen || people.len() > 1 { 'E' } else { '.' });
    (cells.into_iter().collect(), evident.collect())
}

fn expect_figures(row: &Value, cells: &str) {
    let count = |letters: &str| cells.chars().filter(|&c| letters.contains(c)).count();
    let (flooded, dry, unknown) = (count("FN"), count("D"), count("U"));
    let counts = json!([row["flooded"], row["flooded_not_found"], row["dry"], row["unknown"]]);
    assert_eq!(counts, json!([flooded, count("N"), dry, unknown]));
    let close = |name: &str, want: f64| assert!((row[name].as_f64().unwrap() - want).abs() < 1e-12, "{name}: {row}");
    close("at_least", flooded as f64 / cells.len() as f64);
    if flooded + dry == 0 {
        assert!(row["p"].is_null() && row["low"].is_null() && row["high"].is_null());
        return;
    }
    let n = (flooded + dry) as f64;
    let [low, high] = wilson(flooded as f64, n);
    close("p", flooded as f64 / n);
    close("low", low);
    close("high", high);
    let said = row["sentence_en"].as_str().unwrap();
    // A share is put in words only where floods and dry storms are known, five at least.
    let shared = ["about", "Floods in all", "Is reported in all", "Dry in all", "Seen without it in all"];
    let is_share = shared.iter().any(|part| said.contains(part));
    assert_eq!(is_share, flooded > 0 && dry > 0 && flooded + dry >= 5, "{said}: {cells}");
}
