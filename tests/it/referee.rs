//! `waterlog hotspots` against the referee, value for value.
//!
//! `WATERLOG_SHARED` holds the referee, `oracle/hotspots.py`; `WATERLOG_PYTHON` is a Python with h3 (default: a venv in
//! target, made here). `WATERLOG_WORLDS` and `WATERLOG_SEED` are for soaking; `WATERLOG_BLESS=1` writes the goldens
//! (`cargo test --test it random_worlds`).

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::worlds::{self, Kind, World, arguments, number};

const TREE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn golden_worlds_agree_with_the_referees_committed_answers() {
    let mut dirs: Vec<PathBuf> = fs::read_dir(golden_dir())
        .expect("tests/golden is committed")
        .map(|entry| entry.expect("tests/golden is readable").path())
        .collect();
    dirs.sort();
    let differing: Vec<String> = dirs
        .iter()
        .filter_map(|dir| {
            let text = fs::read_to_string(dir.join("answer.json")).expect("every golden world has an answer");
            let answer: Value = serde_json::from_str(&text).expect("answers are JSON");
            compare(&arguments(dir), &answer).err().map(|why| format!("{}: {why}", dir.display()))
        })
        .collect();
    told!("referee: compared {} golden worlds", dirs.len());
    assert!(dirs.len() > 25, "only {} golden worlds found", dirs.len());
    assert!(differing.is_empty(), "{} of {} differ:\n{}", differing.len(), dirs.len(), differing.join("\n"));
}

#[test]
fn random_worlds_agree_with_the_referee() {
    let bless_only = std::env::var_os("WATERLOG_BLESS").is_some();
    let Some(mut referee) = Referee::start() else {
        assert!(!bless_only, "only the referee can bless");
        return;
    };
    if bless_only {
        return bless(&mut referee);
    }
    let (count, seed) = (number("WATERLOG_WORLDS", 400), number("WATERLOG_SEED", 0));
    let (mut compared, mut seen, mut differing) = (0, Seen::default(), vec![]);
    for world in worlds::refused().into_iter().chain(worlds::random(count as usize, seed)) {
        let dir = Path::new(TREE).join("target/referee").join(&world.name);
        world.write(&dir);
        let arguments = arguments(&dir);
        // Both work at the same time.
        referee.ask(&arguments);
        let ours = run(&arguments);
        let answer = referee.answer();
        expect_the_referee_to_judge(&world, &answer);
        seen.count(&world, &answer);
        compared += 1;
        match agree(&ours, &answer) {
            Ok(()) => fs::remove_dir_all(&dir).expect("target is writable"),
            Err(why) => differing.push(format!("{}: {why}", dir.display())),
        }
    }
    told!("referee: compared {compared} worlds\n{}", seen.table());
    let of = format!("{} of {compared} differ; their files stay where these lines say", differing.len());
    differing.truncate(20);
    assert!(differing.is_empty(), "{of}:\n{}", differing.join("\n"));
    assert!(compared > 0, "no worlds");
    if count >= 100 {
        seen.expect_everything();
    }
}

#[test]
fn one_gauge_answers_as_the_series_without_one_and_several_as_the_referee_by_gauge() {
    let Some(mut referee) = Referee::start() else { return };
    let count = (number("WATERLOG_WORLDS", 400) / 4) as usize;
    let rained: Vec<&Kind> = worlds::KINDS.iter().filter(|kind| kind.rain > 0.5).collect();
    let (mut compared, mut differing, mut by_gauge, mut unknown) = (0, vec![], 0, 0);
    for n in 0..count {
        let kind = rained[n % rained.len()];
        let seed = 5_000_000_000 + number("WATERLOG_SEED", 0) * 1_000_000 + n as u64;
        let world = kind.world(seed, kind.events);
        for gauged in world.at_one_gauge().into_iter().chain(world.at_several_gauges(seed)) {
            let dir = Path::new(TREE).join("target/referee").join(&gauged.name);
            gauged.write(&dir);
            let one = gauged.name.starts_with("one");
            if one {
                // The referee is asked without the gauge.
                let plain = Path::new(TREE).join("target/referee").join(&world.name);
                world.write(&plain);
                referee.ask(&arguments(&plain));
            } else {
                referee.ask(&arguments(&dir));
            }
            let (ours, answer) = (run(&arguments(&dir)), referee.answer());
            expect_the_referee_to_judge(&world, &answer);
            compared += 1;
            let of = |name: &str| {
                answer["incidents"].as_array().map_or(0, |all| all.iter().filter(|i| i["gauge"] == name).count())
            };
            by_gauge += of("a") + of("b") + of("Z");
            unknown += of("city");
            if let Err(why) = agree(&ours, &answer) {
                differing.push(format!("{}: {why}", dir.display()));
            }
        }
    }
    told!(
        "referee: compared {compared} worlds with gauges: {by_gauge} incidents at three gauges, {unknown} beyond reach"
    );
    differing.truncate(20);
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(compared > 0 && (count < 100 || by_gauge > 1_000 && unknown > 100), "too little was compared");
}

#[test]
fn the_demo_city_agrees_with_the_referee_and_its_published_answer() {
    let Some(mut referee) = Referee::start() else { return };
    let demo = referee.shared.join("data/demo/nyc_2024_h1");
    let path = |name: &str| demo.join(name).to_str().expect("WATERLOG_SHARED is UTF-8").to_owned();
    let arguments = [path("events.csv"), "--rain".to_owned(), path("rain.csv")];
    referee.ask(&arguments);
    let published = fs::read_to_string(demo.join("hotspots.json")).expect("the demo has its answer");
    let published: Value = serde_json::from_str(&published).expect("the demo's answer is JSON");
    assert_eq!(first_difference(&published, &referee.answer()), None, "the referee differs from the published answer");
    compare(&arguments, &published).unwrap_or_else(|why| panic!("{}: {why}", demo.display()));
    told!("referee: compared the demo city");
}

/// The goldens, each with the referee's answer, in place of those that were there.
fn bless(referee: &mut Referee) {
    let _ = fs::remove_dir_all(golden_dir());
    for world in worlds::golden() {
        let dir = golden_dir().join(&world.name);
        world.write(&dir);
        referee.ask(&arguments(&dir));
        let answer = referee.answer();
        expect_the_referee_to_judge(&world, &answer);
        fs::write(dir.join("answer.json"), format!("{answer}\n")).expect("the tree is writable");
    }
}

fn golden_dir() -> PathBuf {
    Path::new(TREE).join("tests/golden")
}

/// A world meant to be refused must be refused for its reason, any other must be answered: else it tests nothing.
fn expect_the_referee_to_judge(world: &World, answer: &Value) {
    match (world.refused, answer["refused"].as_str()) {
        (None, None) => {}
        (Some(why), Some(said)) if said.contains(why) => {}
        (wanted, said) => panic!("{}: wanted the referee to say {wanted:?}, not {said:?}", world.name),
    }
}

/// What `waterlog hotspots` made of it: its answer, or the way it refused.
type Ours = Result<Value, Refusal>;

struct Refusal {
    code: Option<i32>,
    stderr: String,
}

fn run(arguments: &[String]) -> Ours {
    let out = Command::new(env!("CARGO_BIN_EXE_waterlog"))
        .arg("hotspots")
        .args(arguments)
        .arg("--json")
        .env_remove("RUST_LOG")
        .output()
        .expect("the binary was built with this test");
    let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
    if !out.status.success() {
        return Err(Refusal { code: out.status.code(), stderr });
    }
    serde_json::from_slice(&out.stdout)
        .map_err(|e| Refusal { code: Some(0), stderr: format!("stdout is not JSON: {e}; stderr: {stderr}") })
}

fn compare(arguments: &[String], answer: &Value) -> Result<(), String> {
    agree(&run(arguments), answer)
}

fn agree(ours: &Ours, answer: &Value) -> Result<(), String> {
    match (ours, answer["refused"].as_str()) {
        (Ok(ours), None) => first_difference(ours, answer).map_or(Ok(()), Err),
        (Ok(_), Some(why)) => Err(format!("waterlog answers what the referee refuses: {why}")),
        // 101 is a panic, 0 an answer that is not JSON, no code a signal: none of these is a refusal.
        (Err(r), Some(_)) if !matches!(r.code, None | Some(0 | 101)) && !r.stderr.is_empty() => Ok(()),
        (Err(r), _) => Err(format!("waterlog stopped with code {:?}: {}", r.code, r.stderr.trim())),
    }
}

/// The first place where the two differ, with both values.
fn first_difference(ours: &Value, referee: &Value) -> Option<String> {
    let nothing = Value::Null;
    match (ours, referee) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter().find_map(|k| {
                let (x, y) = (a.get(k).unwrap_or(&nothing), b.get(k).unwrap_or(&nothing));
                first_difference(x, y).map(|at| format!("/{k}{at}"))
            })
        }
        (Value::Array(a), Value::Array(b)) => (0..a.len().max(b.len())).find_map(|i| {
            let (x, y) = (a.get(i).unwrap_or(&nothing), b.get(i).unwrap_or(&nothing));
            first_difference(x, y).map(|at| format!("/{i}{at}"))
        }),
        _ if ours == referee => None,
        _ => Some(format!(": waterlog {ours}, referee {referee}")),
    }
}

/// The referee, started once for many worlds.
struct Referee {
    shared: PathBuf,
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Referee {
    /// `None` where there is no referee: then only the goldens judge, which is not enough for CI.
    fn start() -> Option<Referee> {
        let shared = std::env::var_os("WATERLOG_SHARED").map(PathBuf::from);
        let Some(shared) = shared.filter(|dir| dir.join("oracle/hotspots.py").exists()) else {
            told!("referee: live comparison skipped: WATERLOG_SHARED does not hold oracle/hotspots.py");
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must not skip the live comparison");
            return None;
        };
        let mut child = Command::new(python())
            .arg(Path::new(TREE).join("tests/referee_driver.py"))
            .arg(shared.join("oracle/hotspots.py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("WATERLOG_PYTHON is a Python");
        let ask = child.stdin.take().expect("stdin is piped");
        let answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Some(Referee { shared, child, ask, answers })
    }

    fn ask(&mut self, arguments: &[String]) {
        writeln!(self.ask, "{}", json!(arguments)).expect("the referee reads on");
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the referee writes UTF-8");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("the referee said {line:?}: {e}"))
    }
}

impl Drop for Referee {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Python with all that the references need; made once where it is missing. A lock keeps the tests of this process from making it twice.
pub fn python() -> PathBuf {
    static MADE: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    let make = || {
        if let Some(python) = std::env::var_os("WATERLOG_PYTHON") {
            return PathBuf::from(python);
        }
        let venv = Path::new(TREE).join("target/referee-venv");
        let python = venv.join("bin/python");
        // Whether they are there: to import them all takes seconds.
        let there = "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, sys.argv[1:])))";
        let works = |python: &Path| {
            let needed = ["-c", there, "h3", "scipy", "statsmodels", "esda", "libpysal", "sklearn"];
            Command::new(python).args(needed).status().is_ok_and(|s| s.success())
        };
        if !works(&python) {
            let done =
                |command: &mut Command| assert!(command.status().is_ok_and(|s| s.success()), "{command:?} failed");
            done(Command::new("python3").args(["-m", "venv"]).arg(&venv));
            let needed = Path::new(TREE).join("tests/reference/requirements.txt");
            done(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(needed));
        }
        python
    };
    MADE.get_or_init(make).clone()
}

/// What the worlds made happen, by kind: worlds that exercise nothing would prove nothing.
#[derive(Default)]
struct Seen(BTreeMap<String, BTreeMap<&'static str, u64>>);

impl Seen {
    fn count(&mut self, world: &World, answer: &Value) {
        let kind = world.name.rsplit_once('_').map_or(world.name.as_str(), |(kind, _)| kind);
        let kind = if world.refused.is_some() { "refused" } else { kind };
        let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
        let (incidents, hotspots) = (list(&answer["incidents"]), list(&answer["hotspots"]));
        let of = |list: &[Value], f: &dyn Fn(&Value) -> bool| list.iter().filter(|v| f(v)).count() as u64;
        let sites = |h: &Value| h["sites"].as_object().map_or(0, |s| s.len());
        let counts = [
            ("worlds", 1),
            ("incidents", incidents.len() as u64),
            ("void", of(&incidents, &|i| i["reports"] == json!([]))),
            ("dismissed", of(&incidents, &|i| i["dismissed"] == json!(true))),
            ("storms", list(&answer["storms"]).len() as u64),
            ("hotspots", hotspots.len() as u64),
            ("of_two_sites", of(&hotspots, &|h| sites(h) == 2)),
            ("of_more", of(&hotspots, &|h| sites(h) > 2)),
            ("confirmed", of(&hotspots, &|h| h["status"] == "confirmed")),
            ("recurring", of(&hotspots, &|h| h["status"] == "recurring")),
            ("candidate", of(&hotspots, &|h| h["status"] == "candidate")),
            ("not_found", of(&hotspots, &|h| h["not_found"] != 0)),
            ("storm", of(&hotspots, &|h| h["weather"]["storm"] != 0)),
            ("small_rain", of(&hotspots, &|h| h["weather"]["small_rain"] != 0)),
            ("none", of(&hotspots, &|h| h["weather"]["none"] != 0)),
        ];
        let row = self.0.entry(kind.to_owned()).or_default();
        for (name, n) in counts {
            *row.entry(name).or_default() += n;
        }
    }

    fn table(&self) -> String {
        let line = |(kind, row): (&String, &BTreeMap<_, _>)| {
            let cells: Vec<String> = row.iter().map(|(name, n)| format!("{name} {n}")).collect();
            format!("  {kind}: {}\n", cells.join(", "))
        };
        self.0.iter().map(line).collect()
    }

    fn expect_everything(&self) {
        for kind in worlds::KINDS.iter().map(|k| k.name).filter(|&name| name != "tiny") {
            let row = &self.0[kind];
            assert!(
                row["of_two_sites"] + row["of_more"] > 0,
                "no {kind} world has a hotspot of several sites: {row:?}"
            );
        }
        let total = |name| self.0.values().map(|row| row[name]).sum::<u64>();
        for name in self.0["crossings"].keys() {
            assert!(total(name) > 0, "no world shows {name}");
        }
    }
}
