//! How long storms × hotspots takes from memory, on one core, and a forecast from it.
//!
//! `WATERLOG_LOAD` names a folder with the common load's `pts_1000000.*`; `make bench` makes it. The rain is made here:
//! 200 storms of three hours, spread over the load's time.

mod common;

use std::process::ExitCode;
use std::time::Instant;

use common::{Held, Like, cpu_seconds, load, load_folder, machine, quantile, quantiles};
use waterlog::hazard::analysis::coming::Coming;
use waterlog::hazard::analysis::forecast::Prepared;
use waterlog::hazard::analysis::matrix::{Cell, DryEvidence, Matrix, Scope};
use waterlog::hazard::analysis::storms::{Asked, Storms};
use waterlog::hazard::analysis::{Analysis, USUAL_CATEGORY};
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, RainInterval};
use waterlog::hazard::hotspot::Status;
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::settings::Settings;

const REPORTS: usize = 1_000_000;
const HOTSPOTS: usize = 2_000;
const STORMS: i64 = 200;
const INTERVAL_S: i64 = 600;
const RUNS: usize = 21;

fn main() -> ExitCode {
    let Some(dir) = load_folder() else { return ExitCode::SUCCESS };
    let mut held = Held::new(&[Like::Memory]);
    let mut events = load(&dir, REPORTS);
    let times = || events.iter().filter_map(Event::at);
    let (first, last) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
    events.insert(0, Event::Rain(rain(first, last)));
    let map = HazardMap::build(Settings::default(), (1..).zip(&events));
    let category = Category::named(USUAL_CATEGORY).expect("it is in the table");
    let dry_evidence = DryEvidence::AnyCategory;
    let scope = Scope { category, status: Status::Candidate, dry_evidence };
    let mut peaks: Vec<_> = Matrix::of(&map, scope).rows.iter().map(|row| row.peak).collect();
    let all = peaks.len();
    peaks.truncate(HOTSPOTS);
    println!("matrix, from memory on one core; {}", machine());
    let matrix = Matrix::of_peaks(&map, scope, &peaks);
    let cells: Vec<Cell> = matrix.rows.iter().flat_map(|row| row.cells.iter().copied()).collect();
    let known = cells.iter().filter(|cell| **cell != Cell::Unknown).count();
    println!(
        "{REPORTS} reports: {} of {all} hotspots × {} storms, {known} of {} cells known",
        matrix.rows.len(),
        matrix.columns.len(),
        cells.len()
    );
    time(&mut held, "matrix", || drop(Matrix::of_peaks(&map, scope, &peaks)));
    time(&mut held, "reports of the city in each storm", || drop(matrix.reports(&map, map.rule(category))));
    let mut asked = Asked::default();
    let set = [("dry_evidence", "any_category"), ("limit", "2000")];
    set.iter().for_each(|(name, value)| asked.set(name, value).expect("it is known"));
    time(&mut held, "the whole answer, of all hotspots and in words of 2,000", || {
        drop(Storms::answer(&map, category, &asked));
    });
    let coming = Coming::of(map.settings().rain_rule(), &rain(last, last + 86_400)[..18]).expect("it is valid");
    let mut asked = Asked::default();
    asked.set("dry_evidence", dry_evidence.name()).expect("it is known");
    time(&mut held, "forecast: what it copies from the map", || drop(Prepared::of(&map, category, &asked, None)));
    let mut rows = 0;
    time(&mut held, "forecast: with the map's lock free, for all hotspots", || {
        let prepared = Prepared::of(&map, category, &asked, None).expect("it takes no gauge");
        rows = prepared.answer(&coming).rows.len();
    });
    println!("  {rows} rows");
    held.done()
}

/// Prints how long some work takes, and holds its median.
fn time(held: &mut Held, what: &str, mut work: impl FnMut()) {
    let mut of_processor = Vec::new();
    let run = |_| {
        let (started, cpu) = (Instant::now(), cpu_seconds());
        work();
        of_processor.push(cpu_seconds() - cpu);
        started.elapsed().as_secs_f64() * 1e3
    };
    let millis: Vec<f64> = (0..RUNS).map(run).collect();
    println!("  {what}: {}", quantiles(millis, "ms"));
    held.hold(what, Like::Memory, quantile(&mut of_processor, 0.5));
}

/// Storms of three hours, in intervals of ten minutes, stronger and weaker in turn.
fn rain(first: i64, last: i64) -> Vec<RainInterval> {
    let storm = |n: i64| {
        let start = first + (last - first) * n / STORMS;
        (0..18).map(move |k| RainInterval {
            start: (start / INTERVAL_S + k) * INTERVAL_S,
            seconds: INTERVAL_S,
            depth_um: Some(500 + n * 97 % 40 * 100 + k * 50),
        })
    };
    (0..STORMS).flat_map(storm).collect()
}
