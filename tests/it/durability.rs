//! Nothing acknowledged is lost: stops at any moment, damage, full disks, other programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::json;
use waterlog::hazard::settings::Settings;
use waterlog::intake::import::import;
use waterlog::intake::mapping::Mapping;
use waterlog::intake::table::Table;
use waterlog::live::Live;

use crate::program::{demo, folder_with_demo, log, start, waterlog};
use crate::server::{Server, report};

const IMPORT: [&str; 8] = ["--data", "city", "import", "reports.csv", "--mapping", "nyc-2024", "--rain", "rain.csv"];
const VERIFY: [&str; 3] = ["--data", "city", "verify"];
/// Events of the demo city: reports and their steps, and five of rain.
const EVENTS: u64 = 13_538;

/// A folder with the demo city imported.
fn imported() -> tempfile::TempDir {
    let folder = folder_with_demo();
    waterlog(folder.path(), &IMPORT).expect_success();
    folder
}

/// How many entries the log has by now; 0 before there is one.
fn entries(folder: &Path) -> u64 {
    let file = Connection::open_with_flags(
        folder.join("city/waterlog.db"),
        rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX,
    );
    file.and_then(|file| file.query_row("SELECT count(*) FROM log", [], |row| row.get(0))).unwrap_or(0)
}

#[test]
fn an_import_killed_at_any_moment_and_run_again_ends_in_the_same_log() {
    let whole = log(&imported().path().join("city"));
    assert_eq!(whole.len() as u64, EVENTS);
    let mut chance = fastrand::Rng::with_seed(7);
    let mut within = 0;
    for round in 0..10 {
        let folder = folder_with_demo();
        let mut running = start(folder.path(), &IMPORT);
        // Some stop before the first entry, at some moment of reading; the others once the log has grown so far.
        let grown = round * EVENTS / 10;
        while round > 0 && entries(folder.path()) < grown && running.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(chance.u64(0..30_000)));
        running.kill().unwrap();
        running.wait().unwrap();
        let kept = entries(folder.path());
        within += u64::from((1..EVENTS).contains(&kept));
        if kept > 0 {
            let city = folder.path().join("city");
            assert!(whole.starts_with(&log(&city)), "round {round}: what was kept is not the beginning");
        }
        waterlog(folder.path(), &IMPORT).expect_success();
        assert!(log(&folder.path().join("city")) == whole, "round {round}, killed at {kept}: another log");
    }
    told!("killed 10 imports, {within} of them with part of the log written");
    assert!(within >= 3, "only {within} of 10 kills came while the log was written");
}

#[test]
fn verify_names_the_entry_that_was_changed_dropped_or_swapped() {
    let folder = imported();
    let said = waterlog(folder.path(), &VERIFY).expect_success();
    assert!(said.contains("13,538 entries without a gap"), "{said}");
    assert!(said.contains("give one map, whichever way they are folded"), "{said}");
    for (damage, part) in [
        ("UPDATE log SET event = replace(event, '2', '3') WHERE seq = 4711", "log entry 4711 was changed"),
        ("DELETE FROM log WHERE seq = 4711", "log entry 4711 is missing"),
        ("DELETE FROM log WHERE seq > 13000", "log entry 13001 is missing"),
        (
            "UPDATE log SET seq = -1 WHERE seq = 100; UPDATE log SET seq = 100 WHERE seq = 101;
             UPDATE log SET seq = 101 WHERE seq = -1",
            "log entry 100 was changed",
        ),
        ("UPDATE log SET checksum = zeroblob(16) WHERE seq = 1", "log entry 1 was changed"),
        ("UPDATE log SET checksum = zeroblob(1) WHERE seq = 1", "log entry 1 was changed"),
        ("DELETE FROM log WHERE seq = 13538; DELETE FROM keys WHERE seq = 13538", "log entry 13538 is missing"),
        ("UPDATE head SET seq = seq - 1", "log entry 13538 was added"),
        ("DELETE FROM keys WHERE seq = 4711", "the keys that make retries harmless were changed"),
        ("UPDATE keys SET seq = 5", "the keys that make retries harmless were changed"),
    ] {
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir(copy.path().join("city")).unwrap();
        for name in ["waterlog.db", "private.db"] {
            fs::copy(folder.path().join("city").join(name), copy.path().join("city").join(name)).unwrap();
        }
        Connection::open(copy.path().join("city/waterlog.db")).unwrap().execute_batch(damage).unwrap();
        let said = waterlog(copy.path(), &VERIFY).expect_failure();
        assert!(said.contains(part), "{damage}: {said}");
    }
}

#[test]
fn verify_tells_what_was_left_between_the_two_files_and_drops_it_only_when_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let csv = "id,category,lon,lat,observed_at,text\n1,waterlogging,110,20,0,deep\n";
    fs::write(folder.path().join("a.csv"), csv).unwrap();
    waterlog(folder.path(), &["--data", "city", "import", "a.csv"]).expect_success();
    let private = || Connection::open(folder.path().join("city/private.db")).unwrap();
    private().execute("INSERT INTO said (report, text) VALUES ('import:2', 'never acknowledged')", []).unwrap();
    let kept = || -> Vec<String> {
        let private = private();
        let mut reports = private.prepare("SELECT report FROM said ORDER BY report").unwrap();
        reports.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let said = waterlog(folder.path(), &VERIFY).expect_success();
    assert!(said.contains("private  1 without a report"), "{said}");
    assert_eq!(kept(), ["import:1", "import:2"], "a check destroys nothing");
    waterlog(folder.path(), &[&VERIFY[..], &["--repair"]].concat()).expect_success();
    assert_eq!(kept(), ["import:1"]);
    fs::remove_file(folder.path().join("city/private.db")).unwrap();
    assert!(waterlog(folder.path(), &VERIFY).expect_failure().contains("no private file in folder"));
}

#[test]
fn a_database_that_is_not_ours_is_left_alone_with_a_clear_message() {
    let folder = imported();
    let city = folder.path().join("city");
    let complaint = || waterlog(folder.path(), &IMPORT).expect_failure();
    let public = city.join("waterlog.db");
    Connection::open(&public).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let said = complaint();
    assert!(said.contains("city/waterlog.db: database of version 2; this program reads version 1"), "{said}");
    fs::remove_file(&public).unwrap();
    Connection::open(&public).unwrap().execute_batch("CREATE TABLE theirs (x); PRAGMA user_version = 1").unwrap();
    assert!(complaint().contains("city/waterlog.db: not a database of waterlog"));
    fs::write(&public, "id,category,lon,lat,observed_at\n".repeat(200)).unwrap();
    assert!(complaint().contains("city/waterlog.db: not a database"));
    fs::remove_file(&public).unwrap();
    fs::create_dir(&public).unwrap();
    assert!(complaint().contains("city/waterlog.db: cannot be opened"));
    let said = waterlog(folder.path(), &["--data", "rain.csv", "import", "reports.csv"]).expect_failure();
    assert!(said.contains("rain.csv"), "{said}");
}

#[test]
fn a_locked_database_is_waited_for_and_then_named() {
    let folder = imported();
    let before = log(&folder.path().join("city"));
    let other = Connection::open(folder.path().join("city/waterlog.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    fs::write(folder.path().join("a.csv"), "id,category,lon,lat,observed_at\n1,waterlogging,110,20,0\n").unwrap();
    let started = Instant::now();
    let said = waterlog(folder.path(), &["--data", "city", "import", "a.csv"]).expect_failure();
    assert!(said.contains("city: another program holds the database"), "{said}");
    assert!(started.elapsed() >= waterlog::config::LOCK_WAIT, "it did not wait");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(log(&folder.path().join("city")), before);
    let said = waterlog(folder.path(), &["--data", "city", "import", "a.csv"]).expect_success();
    assert!(said.contains("1 reports new"), "{said}");
}

#[test]
fn two_programs_that_import_into_one_database_at_once_both_finish() {
    let folder = folder_with_demo();
    let text = fs::read_to_string(demo("reports.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let (first, second) = rows.split_at(rows.len() / 2);
    for (name, rows) in [("a.csv", first), ("b.csv", second)] {
        fs::write(folder.path().join(name), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    }
    let both = ["a.csv", "b.csv"].map(|file| {
        let folder = folder.path().to_owned();
        let run = move || waterlog(&folder, &["--data", "city", "import", file, "--mapping", "nyc-2024"]);
        std::thread::spawn(run)
    });
    for one in both {
        one.join().unwrap().expect_success();
    }
    assert_eq!(entries(folder.path()), 13_533);
    waterlog(folder.path(), &VERIFY).expect_success();
}

/// A file system of its own, in memory; gone with the value.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    const SIZE_MB: u64 = 24;

    /// `None` where mounting is not permitted.
    pub fn mount(at: &Path) -> Option<SmallDisk> {
        fs::create_dir(at).unwrap();
        let size = format!("size={}m", SmallDisk::SIZE_MB);
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        done.is_ok_and(|out| out.status.success()).then(|| SmallDisk(at.to_owned()))
    }

    /// As [`SmallDisk::mount`]; says so where that is not permitted, which CI must not skip.
    fn mounted(at: &Path) -> Option<SmallDisk> {
        let disk = SmallDisk::mount(at);
        if disk.is_none() {
            told!("NOT TESTED: a full disk. Mounting a small file system needs root (and CAP_SYS_ADMIN).");
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must not skip the full disk");
        }
        disk
    }

    /// Leaves room for so many bytes.
    pub fn fill_up_to(&self, room: u64) {
        fs::write(self.0.join("filler"), vec![0; (SmallDisk::SIZE_MB * 1_048_576 - room) as usize]).unwrap();
    }

    pub fn free(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_loses_nothing_acknowledged_and_the_import_goes_on_when_there_is_room() {
    let whole = log(&imported().path().join("city"));
    let folder = folder_with_demo();
    let city = folder.path().join("city");
    let Some(disk) = SmallDisk::mounted(&city) else { return };
    let mut stopped_with_part = 0;
    for room in [40_000, 300_000, 1_000_000, 1_800_000, 2_500_000] {
        disk.fill_up_to(room);
        let acknowledged = acknowledged_until_full(&city);
        let said = waterlog(folder.path(), &IMPORT).expect_failure();
        assert!(said.contains("the disk is full"), "{room}: {said}");
        disk.free();
        let kept = log(&city);
        stopped_with_part += u32::from(!kept.is_empty());
        for (seq, id) in &acknowledged {
            let entry = &kept[*seq as usize - 1];
            assert!(entry.0 == *seq && entry.1.contains(id), "{room}: acknowledged {id} at {seq} is not there");
        }
        waterlog(folder.path(), &IMPORT).expect_success();
        waterlog(folder.path(), &VERIFY).expect_success();
        // The rain came after the reports of the first attempt here, so the order differs from the other log's.
        assert_eq!(log(&city).len(), whole.len());
        for file in fs::read_dir(&city).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
    }
    assert!(stopped_with_part >= 2, "the disk was full before anything was written");
}

#[test]
fn a_report_posted_to_a_full_disk_is_told_so_and_taken_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let city = folder.path().join("city");
    let Some(disk) = SmallDisk::mounted(&city) else { return };
    let mut server = Server::start_with(&city, &["--clock", "2026-01-01T00:00:00Z"]);
    server.may_err = true;
    disk.fill_up_to(2_000_000);
    let post = || server.post(&report(json!({"text": "水".repeat(4_000)})));
    let mut taken = 0;
    let refused = loop {
        let answer = post();
        if answer.status != 201 {
            break answer;
        }
        taken += 1;
        assert!(taken < 5_000, "the disk never fills");
    };
    let told = refused.problem(503);
    assert!(taken > 0 && told == "the disk is full; nothing of this was kept", "{taken}: {told}");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(server.get("/api/v1/reports?limit=1").json()["numberMatched"], taken, "what is there can be read");
    disk.free();
    assert_eq!(post().status, 201);
    drop(server);
    assert_eq!(entries(folder.path()), taken + 1);
    waterlog(folder.path(), &VERIFY).expect_success();
}

/// Imports the demo city's reports until the disk is full; what was acknowledged, with its place in the log.
fn acknowledged_until_full(city: &Path) -> Vec<(u64, String)> {
    let mut acknowledged = Vec::new();
    let Ok(live) = Live::open(city, Settings::default()) else { return acknowledged };
    let mut submit = |drafts| {
        let answers = live.submit_all(drafts)?;
        acknowledged.extend(answers.iter().flatten().map(|receipt| (receipt.seq, receipt.id.clone())));
        Ok(answers)
    };
    let table = Table::open(demo("reports.csv")).unwrap();
    let failed = import(table, &Mapping::load("nyc-2024").unwrap(), 1_719_835_200, &mut submit, &|_| {});
    assert!(failed.is_err_and(|e| e.to_string().contains("the disk is full")));
    live.close();
    acknowledged
}
