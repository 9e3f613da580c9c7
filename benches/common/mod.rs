//! What the benches share: the common load, and readings of the machine.

// Each bench uses a part of it.
#![allow(dead_code, unused_imports)]

mod held;
mod like;

use std::path::{Path, PathBuf};

use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::position::Position;

pub use held::Held;
pub use like::Like;

/// Where the common load lies; says what is missing where it does not.
pub fn load_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("WATERLOG_LOAD").map(PathBuf::from);
    if folder.is_none() {
        println!("WATERLOG_LOAD is not set: `make bench` makes the load and sets it");
    }
    folder
}

/// The processor, how busy it is, and whether this program was built for its like; for beside the figures.
pub fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models = cpus.lines().filter_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = models.clone().next().map_or("unknown processor", |(_, name)| name).to_owned();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("?");
    let built = if cfg!(target_feature = "fma") { "built for x86-64-v3" } else { "built for any processor" };
    format!("{} × {model}, load average {load}, {built}", models.count())
}

/// The value below which a share of all lies.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}

/// Median, p99 and maximum.
pub fn quantiles(mut values: Vec<f64>, unit: &str) -> String {
    let mut at = |share| quantile(&mut values, share);
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(&mut at);
    format!("p50 {p50:.3} {unit}, p99 {p99:.3} {unit}, max {max:.3} {unit} of {}", values.len())
}

/// `n` reports of the common load, in order of time.
pub fn load(dir: &Path, n: usize) -> Vec<Event> {
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

/// User and system time of this process so far: the machine may be busy with other things.
pub fn cpu_seconds() -> f64 {
    cpu_time::ProcessTime::now().as_duration().as_secs_f64()
}

/// The same of another process (its id).
pub fn cpu_seconds_of(process: u32) -> f64 {
    ticks(&process.to_string(), 14)
}

/// The same of all processes that this one has started and that have ended.
pub fn cpu_seconds_of_children() -> f64 {
    ticks("self", 16)
}

/// User and system time, from that field of a process's `stat` on as proc(5) numbers them, in hundredths of a second.
fn ticks(process: &str, field: usize) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The second field, its name, may hold anything and ends with the last bracket.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let of_both = after_name.split_whitespace().skip(field - 3).take(2);
    of_both.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Memory of a process (its id, or `self`) in MB (10⁶ bytes), as the system counts it.
pub fn resident_mb(process: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").trim().parse::<usize>().ok()).unwrap_or(0) * 1_024 / 1_000_000
}
