//! How long the fold takes from memory, on one core, and what it holds: reports → incidents → hotspots; and beside it plain
//! DBSCAN of the same reports, which is what others can do.
//!
//! `WATERLOG_LOAD` names a folder with the common load's `pts_N.{lonlat.f64,t.i64,cat.u8,rep.u32}`; `make bench` makes it.
//! `WATERLOG_SIZES` (100000,1000000) says which N.

mod common;

use std::process::ExitCode;
use std::time::Instant;

use cpu_time::ThreadTime;

use common::{Held, Like, cpu_seconds, load, load_folder, machine, quantile, quantiles, resident_mb};
use waterlog::hazard::analysis::density::dbscan;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Ecef;
use waterlog::hazard::settings::Settings;

/// Of DBSCAN, as the peers are asked.
const EPS_M: f64 = 30.0;
const MIN_POINTS: usize = 5;

fn main() -> ExitCode {
    let Some(dir) = load_folder() else { return ExitCode::SUCCESS };
    let mut held = Held::new(&[Like::Memory]);
    println!("fold, from memory on one core; {}", machine());
    let sizes = std::env::var("WATERLOG_SIZES").ok();
    let sizes = sizes.as_deref().unwrap_or("100000,1000000").split(',');
    for n in sizes.map(|size| size.parse().expect("WATERLOG_SIZES are numbers")) {
        let before = resident_mb("self");
        let events = load(&dir, n);
        let events_mb = resident_mb("self") - before;
        let mut runs = Vec::new();
        let mut map = HazardMap::new(Settings::default());
        for _ in 0..if n > 1_000_000 { 1 } else { 5 } {
            map = HazardMap::new(Settings::default());
            let (wall, cpu) = (Instant::now(), cpu_seconds());
            map.expect(n);
            for (seq, event) in (1..).zip(&events) {
                map.apply(seq, event);
            }
            let applied = cpu_seconds() - cpu;
            map.settle();
            runs.push((cpu_seconds() - cpu, applied, wall.elapsed().as_secs_f64()));
        }
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (cpu, applied, wall) = runs[runs.len() / 2];
        let counts = (map.incidents().len(), map.sites().all().len(), map.sites().peaks().count());
        let map_mb = resident_mb("self") - before - events_mb;
        println!(
            "fold {n} reports: median of {} runs {cpu:.3} CPU s (apply {applied:.2}, settle {:.2}), wall {wall:.2} s; \
             {} incidents, {} sites, {} hotspots; map {map_mb} MB beside {events_mb} MB of events",
            runs.len(),
            cpu - applied,
            counts.0,
            counts.1,
            counts.2,
        );
        // Its lines follow on each other, for whoever reads them.
        live(&mut map, &events, n, &mut held);
        held.hold(&format!("fold {n} reports"), Like::Memory, cpu);
        if n <= 1_000_000 {
            density(&events, &mut held);
        }
    }
    held.done()
}

/// Clusters of the reports' places, without time.
fn density(events: &[Event], held: &mut Held) {
    let places = events.iter().filter_map(|event| match event {
        Event::Report(report) => Some(report.position.ecef()),
        _ => None,
    });
    let places: Vec<Ecef> = places.collect();
    let (mut runs, mut labelled) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let cpu = cpu_seconds();
        labelled = dbscan(&places, EPS_M, MIN_POINTS, &|| true).expect("nothing stops it");
        runs.push(cpu_seconds() - cpu);
    }
    let median = quantile(&mut runs, 0.5);
    println!(
        "dbscan {} reports, {EPS_M} m, {MIN_POINTS} points: median of {} runs {:.3} CPU s; {} clusters, {} noise",
        places.len(),
        runs.len(),
        median,
        labelled.iter().map(|item| item.label + 1).max().unwrap_or(0),
        labelled.iter().filter(|item| item.label < 0).count(),
    );
    held.hold(&format!("dbscan {} reports", places.len()), Like::Memory, median);
}

/// One event at a time on the full map: the last tenth again, an hour of the day later each.
fn live(map: &mut HazardMap, events: &[Event], n: usize, held: &mut Held) {
    let (mut micros, mut of_processor) = (Vec::new(), Vec::new());
    let position = map.position();
    for (k, event) in events.iter().rev().step_by(97).take(2_000).enumerate() {
        let Event::Report(report) = event else { continue };
        let observed_at = map.as_of();
        let again = Event::Report(Report { id: format!("again-{k}"), observed_at, ..report.clone() });
        let (started, processor) = (Instant::now(), ThreadTime::now());
        map.apply(position + 1 + k as u64, &again);
        map.settle();
        micros.push(started.elapsed().as_secs_f64() * 1e6);
        of_processor.push(processor.elapsed().as_secs_f64() * 1e6);
    }
    println!("  one report on top: {}", quantiles(micros, "µs"));
    // What else the machine does meanwhile is not in these.
    let median = quantile(&mut of_processor, 0.5) / 1e6;
    println!("    time of the processor: {}", quantiles(of_processor, "µs"));
    held.hold(&format!("one report on top of {n}"), Like::Memory, median);
}
