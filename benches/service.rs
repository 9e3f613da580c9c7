//! The real binary at a million reports: import, restart, memory, and reports posted one by one with fsync.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use common::{
    Held, Like, cpu_seconds, cpu_seconds_of, cpu_seconds_of_children, load, load_folder, machine, quantile, quantiles,
    resident_mb,
};
use serde_json::{Value, json};
use waterlog::hazard::settings::Settings;
use waterlog::intake::{Draft, Private};
use waterlog::live::Live;

const BINARY: &str = env!("CARGO_BIN_EXE_waterlog");
const ADDRESS: &str = "127.0.0.1:18573";
const REPORTS: usize = 1_000_000;

fn main() -> ExitCode {
    let Some(dir) = load_folder() else { return ExitCode::SUCCESS };
    let mut held = Held::new(&[Like::Memory, Like::Disk]);
    println!("service: {}", machine());
    import_the_demo(&mut held);
    import_boston(&mut held);
    import_streets(&mut held);
    let data = tempfile::tempdir().expect("a temporary folder");
    let events = load(&dir, REPORTS);
    let newest = events.iter().filter_map(waterlog::hazard::event::Event::at).max().expect("the load is not empty");
    let (started, cpu) = (Instant::now(), cpu_seconds());
    let live = Live::open(data.path(), Settings::default()).expect("a new database");
    for group in events.chunks(1_000) {
        let drafts =
            group.iter().map(|event| Draft { event: event.clone(), key: None, private: Private::default() }).collect();
        live.submit_all(drafts).expect("they are written");
    }
    live.close();
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    println!("append {REPORTS} reports, a thousand in a transaction: {:.0} a second", REPORTS as f64 / seconds);
    held.hold("append of a million", Like::Memory, cpu);
    drop((live, events));
    serve(data.path(), newest, &mut held);
    held.done()
}

fn import_the_demo(held: &mut Held) {
    let (mut rates, cpu) = (Vec::new(), cpu_seconds_of_children());
    for _ in 0..5 {
        let data = tempfile::tempdir().expect("a temporary folder");
        // A copy: what is rejected is written beside what is imported.
        std::fs::copy("data/nyc-2024/reports.csv", data.path().join("reports.csv")).expect("it is committed");
        let (seconds, _) = timed(data.path(), &["import", "reports.csv", "--mapping", "nyc-2024"]);
        rates.push(13_533.0 / seconds);
    }
    rates.sort_by(f64::total_cmp);
    println!("import the demo, whole process: median {:.0} events a second of {} runs", rates[2], rates.len());
    held.hold("import of the demo", Like::Memory, (cpu_seconds_of_children() - cpu) / rates.len() as f64);
}

/// All categories of a year of Boston, as the city publishes them, gzip: the whole process, and by its own account.
fn import_boston(held: &mut Held) {
    let Some(file) = shared("reports/boston_311_2015/boston_311_2015_121145rows.csv.gz") else { return };
    let (mut runs, cpu) = (Vec::new(), cpu_seconds_of_children());
    for _ in 0..5 {
        let data = tempfile::tempdir().expect("a temporary folder");
        std::fs::copy(&file, data.path().join("boston.csv.gz")).expect("it is readable");
        let (seconds, said) = timed(data.path(), &["import", "boston.csv.gz", "--mapping", "boston-2015"]);
        let itself = said.rsplit_once(" in ").map_or("", |(_, rest)| rest.trim()).to_owned();
        runs.push((seconds, itself));
    }
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (seconds, itself) = &runs[2];
    println!(
        "import 121,145 rows of Boston, whole process: median {seconds:.2} s of {}; by its own account {itself}",
        runs.len()
    );
    held.hold("import of Boston", Like::Memory, (cpu_seconds_of_children() - cpu) / runs.len() as f64);
}

/// Places and streets of Liechtenstein from OpenStreetMap.
fn import_streets(held: &mut Held) {
    let Some(file) = shared("roads/liechtenstein_osm_2013") else { return };
    let found = std::fs::read_dir(file).expect("it is a folder").flatten().map(|entry| entry.path());
    let Some(pbf) = found.into_iter().find(|path| path.extension().is_some_and(|end| end == "pbf")) else { return };
    let pbf = std::path::absolute(pbf).expect("it has a path");
    let (mut runs, cpu) = (Vec::new(), cpu_seconds_of_children());
    for _ in 0..11 {
        let data = tempfile::tempdir().expect("a temporary folder");
        runs.push(timed(data.path(), &["import", "--places", pbf.to_str().expect("its name is text")]));
    }
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (seconds, said) = &runs[runs.len() / 2];
    println!(
        "import the places of Liechtenstein, whole process: {seconds:.2} s; {}",
        said.lines().next().unwrap_or("")
    );
    held.hold("import of streets", Like::Memory, (cpu_seconds_of_children() - cpu) / runs.len() as f64);
}

/// What is among the shared data, where they are beside the clone.
fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("WATERLOG_SHARED")?;
    Some(Path::new(&folder).join("data").join(path)).filter(|path| path.exists())
}

/// Runs the program on a new database in a folder; seconds, and what it said.
fn timed(folder: &Path, args: &[&str]) -> (f64, String) {
    let started = Instant::now();
    let done = Command::new(BINARY).current_dir(folder).args(["--data", "city"]).args(args).output().expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    (started.elapsed().as_secs_f64(), String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

fn serve(data: &Path, newest: i64, held: &mut Held) {
    let (mut restarts, mut of_processor) = (Vec::new(), Vec::new());
    let mut server = None;
    for _ in 0..3 {
        server.take().map(|mut child: Child| (child.kill(), child.wait()));
        let started = Instant::now();
        let args = ["serve", "--listen", ADDRESS, "--clock", &waterlog::hazard::time::format(newest)];
        let log = Stdio::null();
        let child = Command::new(BINARY).arg("--data").arg(data).args(args).stderr(log).spawn().expect("it starts");
        while ureq::get(format!("http://{ADDRESS}/readyz")).call().is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        restarts.push(started.elapsed().as_secs_f64());
        of_processor.push(cpu_seconds_of(child.id()));
        server = Some(child);
    }
    let mut server = server.expect("it was started");
    restarts.sort_by(f64::total_cmp);
    println!("ready after a restart with {REPORTS} reports: median {:.2} s of {}", restarts[1], restarts.len());
    held.hold("restart", Like::Memory, quantile(&mut of_processor, 0.5));
    println!("memory of the service: {} MB", resident_mb(&server.id().to_string()));
    post(newest, held);
    println!("memory of the service after the posts: {} MB", resident_mb(&server.id().to_string()));
    server.kill().and_then(|()| server.wait()).expect("it ends");
}

/// Reports at places of the load, each read back from its hotspot once its 201 has come.
fn post(newest: i64, held: &mut Held) {
    let (mut millis, mut seen) = (Vec::new(), 0);
    let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
    for k in 0..2_000_u32 {
        let (lon, lat) = (110.2 + f64::from(k % 50) * 0.004, 19.92 + f64::from(k / 50) * 0.005);
        let body = json!({"category": "waterlogging", "lon": lon, "lat": lat,
            "observed_at": waterlog::hazard::time::format(newest), "source": {"channel": "bench", "id": k.to_string()}});
        let started = Instant::now();
        let answer = agent.post(format!("http://{ADDRESS}/api/v1/reports")).send_json(&body);
        let mut answer = answer.unwrap_or_else(|e| panic!("{body}: {e}"));
        millis.push(started.elapsed().as_secs_f64() * 1e3);
        let answer: Value = answer.body_mut().read_json().expect("a JSON answer");
        if let Some(hotspot) = answer["hotspot_id"].as_str() {
            let hotspot = agent.get(format!("http://{ADDRESS}/api/v1/hotspots/{hotspot}")).call();
            seen += u32::from(hotspot.is_ok());
        }
    }
    let median = quantile(&mut millis, 0.5) / 1e3;
    println!("post one report, durable, one connection: {}; {seen} found in their hotspot", quantiles(millis, "ms"));
    held.hold("post of a report", Like::Disk, median);
}
