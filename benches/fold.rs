//! How long the fold takes from memory, on one core, and what it holds: reports → incidents → hotspots.
//!
//! `WATERLOG_LOAD` names a folder with the common load's `pts_N.{lonlat.f64,t.i64,cat.u8,rep.u32}`; `make bench` makes it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;

fn main() {
    let Some(dir) = std::env::var_os("WATERLOG_LOAD").map(PathBuf::from) else {
        return println!("fold: WATERLOG_LOAD is not set; `make bench` sets it");
    };
    for n in [100_000, 1_000_000] {
        let before = resident_mb();
        let events = load(&dir, n);
        let events_mb = resident_mb() - before;
        let mut runs = Vec::new();
        let mut map = HazardMap::new(Settings::default());
        for _ in 0..5 {
            map = HazardMap::new(Settings::default());
            let (wall, cpu) = (Instant::now(), cpu_seconds());
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
        let map_mb = resident_mb() - before - events_mb;
        println!(
            "fold {n} reports: median of {} runs {cpu:.2} CPU s (apply {applied:.2}, settle {:.2}), wall {wall:.2} s; \
             {} incidents, {} sites, {} hotspots; map {map_mb} MB beside {events_mb} MB of events",
            runs.len(),
            cpu - applied,
            counts.0,
            counts.1,
            counts.2,
        );
        live(&mut map, &events);
    }
}

/// One event at a time on the full map: the last tenth again, an hour of the day later each.
fn live(map: &mut HazardMap, events: &[Event]) {
    let mut micros = Vec::new();
    let position = map.position();
    for (k, event) in events.iter().rev().step_by(97).take(2_000).enumerate() {
        let Event::Report(report) = event else { continue };
        let observed_at = map.as_of();
        let again = Event::Report(Report { id: format!("again-{k}"), observed_at, ..report.clone() });
        let started = Instant::now();
        map.apply(position + 1 + k as u64, &again);
        map.settle();
        micros.push(started.elapsed().as_secs_f64() * 1e6);
    }
    micros.sort_by(f64::total_cmp);
    let at = |q: f64| micros[((micros.len() - 1) as f64 * q) as usize];
    println!("  one report on top: p50 {:.0} µs, p99 {:.0} µs, max {:.0} µs", at(0.5), at(0.99), at(1.0));
}

fn load(dir: &Path, n: usize) -> Vec<Event> {
    let read = |part: &str| {
        let path = dir.join(format!("pts_{n}.{part}"));
        std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    let (lonlat, times, categories, people) = (read("lonlat.f64"), read("t.i64"), read("cat.u8"), read("rep.u32"));
    let table: Vec<Category> = Category::all().collect();
    let number = |i: usize| f64::from_le_bytes(lonlat[8 * i..8 * i + 8].try_into().expect("8 bytes"));
    let events = (0..n).map(|i| {
        let t = i64::from_le_bytes(times[8 * i..8 * i + 8].try_into().expect("8 bytes"));
        let person = u32::from_le_bytes(people[4 * i..4 * i + 4].try_into().expect("4 bytes"));
        Event::Report(Report {
            id: format!("load:{i}"),
            // The load has ten categories, we have nine: the last counts as waterlogging again.
            category: table[usize::from(categories[i]) % table.len()],
            position: Position::new(number(2 * i), number(2 * i + 1)).expect("the load is valid"),
            observed_at: t,
            received_at: t,
            dry: false,
            photo: false,
            person: std::num::NonZeroU64::new(u64::from(person) + 1),
            depth_cm: None,
            passability: None,
            accuracy_m: None,
            channel: Some("load".into()),
            names: Vec::new(),
            original: None,
        })
    });
    events.collect()
}

/// User and system time of this process so far, in steps of 10 ms: the machine may be busy with other things.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |i: usize| after_name.split_whitespace().nth(i).and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// Memory of this process in MB, as the system counts it.
fn resident_mb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").trim().parse::<usize>().ok()).unwrap_or(0) / 1_000
}
