//! The program as a person runs it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub const TREE: &str = env!("CARGO_MANIFEST_DIR");

/// What a run left on the terminal.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// What it printed, of a run that must have gone well.
    #[track_caller]
    pub fn expect_success(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.stdout
    }

    /// The complaint of a run that must have failed by itself, without a panic.
    #[track_caller]
    pub fn expect_failure(self) -> String {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.stderr
    }
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waterlog"));
    command.args(arguments).current_dir(folder);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("WATERLOG_")) {
        command.env_remove(name);
    }
    command
}

/// Runs it in a folder to its end.
pub fn waterlog(folder: &Path, arguments: &[&str]) -> Outcome {
    let out = command(folder, arguments).output().expect("the program was built with this test");
    let text = |bytes| String::from_utf8(bytes).expect("it writes UTF-8");
    Outcome { code: out.status.code(), stdout: text(out.stdout), stderr: text(out.stderr) }
}

/// Starts it in a folder and lets it run, silently.
pub fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = command(folder, arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program was built with this test")
}

/// A file of the demo city.
pub fn demo(name: &str) -> String {
    format!("{TREE}/data/nyc-2024/{name}")
}

/// A folder with copies of the demo city's files: rejects are written beside what is imported.
pub fn folder_with_demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("the system has room for temporary files");
    for name in ["reports.csv", "rain.csv"] {
        std::fs::copy(demo(name), folder.path().join(name)).expect("the demo city is committed");
    }
    folder
}

/// The log as it stands on disk, byte for byte; empty where the disk was full before it could be made.
pub fn log(database: &Path) -> Vec<(u64, String, Vec<u8>)> {
    let file = rusqlite::Connection::open(database.join("waterlog.db")).expect("there is a database");
    if !file.table_exists(None, "log").expect("it can be read") {
        return Vec::new();
    }
    let mut select = file.prepare("SELECT seq, event, checksum FROM log ORDER BY seq").expect("it has a log");
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("it can be read");
    rows.map(|row| row.expect("it can be read")).collect()
}

/// Where the referee and the sample data lie, if they do; CI must have them.
pub fn shared() -> Option<PathBuf> {
    let shared = std::env::var_os("WATERLOG_SHARED").map(PathBuf::from).filter(|dir| dir.join("data").is_dir());
    if shared.is_none() {
        told!("comparison with the shared data skipped: WATERLOG_SHARED does not hold it");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must not skip the comparison");
    }
    shared
}
