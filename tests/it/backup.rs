//! Backups while others write, restored to the same map; nothing overwritten, nothing half.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;
use waterlog::hazard::event::Event;
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::settings::Settings;
use waterlog::live::Live;

use crate::durability::SmallDisk;
use crate::program::{log, waterlog};
use crate::server::{Server, report};

const WRITERS: usize = 20;
const POSTS: usize = 60;

/// A folder with the database `city` of three reports with texts.
fn folder_with_city() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let row = |n: u32| format!("{n},waterlogging,110,20.00{n},0,deep {n}\n");
    let rows: String = (1..4).map(row).collect();
    fs::write(folder.path().join("a.csv"), format!("id,category,lon,lat,observed_at,text\n{rows}")).unwrap();
    run(folder.path(), "import a.csv");
    folder
}

/// Runs a command on the database `city`.
fn run(folder: &Path, command: &str) -> String {
    waterlog(folder, &arguments("city", command)).expect_success()
}

fn fail(folder: &Path, command: &str) -> String {
    waterlog(folder, &arguments("city", command)).expect_failure()
}

fn arguments<'a>(data: &'a str, command: &'a str) -> Vec<&'a str> {
    ["--data", data].into_iter().chain(command.split(' ')).collect()
}

/// The reports whose texts a private file holds.
fn said(database: &Path) -> BTreeSet<String> {
    let file = Connection::open(database.join("private.db")).unwrap();
    let mut select = file.prepare("SELECT report FROM said").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn reports(log: &[(u64, String, Vec<u8>)]) -> BTreeSet<String> {
    let report = |text: &String| match serde_json::from_str(text).unwrap() {
        Event::Report(report) => report.id,
        other => panic!("{other:?}"),
    };
    log.iter().map(|(_, text, _)| report(text)).collect()
}

#[test]
fn backups_taken_while_twenty_write_are_beginnings_of_the_log_with_all_that_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let city = folder.path().join("city");
    let server = Server::start_with(&city, &["--clock", "2026-01-01T00:00:00Z"]);
    let posted = AtomicUsize::new(0);
    let write = |writer: usize| {
        for n in 0..POSTS {
            let lat = 20.0 + writer as f64 / 1e3 + n as f64 / 1e5;
            let answer = server.post(&report(json!({"lat": lat, "text": format!("深 {writer} {n}")})));
            assert_eq!(answer.status, 201, "{}", answer.text());
            posted.fetch_add(1, Ordering::Relaxed);
        }
    };
    let mut copies = Vec::new();
    std::thread::scope(|scope| {
        (0..WRITERS).for_each(|writer| {
            drop(scope.spawn({
                let write = &write;
                move || write(writer)
            }))
        });
        for n in 1..=4 {
            while posted.load(Ordering::Relaxed) < n * WRITERS * POSTS / 6 {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            run(folder.path(), &format!("backup copy{n}"));
            copies.push(folder.path().join(format!("copy{n}")));
        }
    });
    let whole = log(&city);
    assert_eq!(whole.len(), WRITERS * POSTS);
    let lengths: Vec<usize> = copies.iter().map(|copy| expect_beginning(folder.path(), copy, &whole)).collect();
    told!("backups of {lengths:?} of {} entries while they were written", whole.len());
    assert!(lengths.is_sorted() && lengths[0] > 0 && lengths[0] < whole.len(), "{lengths:?}");
}

/// Restores a copy, and compares it with the log it was taken of; returns how many entries it has.
fn expect_beginning(folder: &Path, copy: &Path, whole: &[(u64, String, Vec<u8>)]) -> usize {
    let name = copy.file_name().unwrap().to_str().unwrap();
    let again = format!("{name}-restored");
    waterlog(folder, &arguments(&again, &format!("restore {name}"))).expect_success();
    let restored = folder.join(&again);
    let kept = log(&restored);
    assert!(whole.starts_with(&kept), "{name} is not a beginning of the log");
    assert_eq!(said(&restored), reports(&kept), "{name} lacks texts, or has others");
    let events: Vec<Event> = kept.iter().map(|(_, text, _)| serde_json::from_str(text).unwrap()).collect();
    let live = Live::open(&restored, Settings::default()).unwrap();
    let digest = live.read(HazardMap::digest);
    live.close();
    assert_eq!(digest, HazardMap::build(Settings::default(), (1..).zip(&events)).digest());
    let verified = waterlog(folder, &arguments(&again, "verify")).expect_success();
    assert!(verified.contains("everything said belongs to a report"), "{verified}");
    kept.len()
}

#[test]
fn a_backup_says_what_it_holds_and_restores_to_the_same_database() {
    let folder = folder_with_city();
    let expected = "3 entries of the log without a gap, every checksum right; 3 texts of reporters\n";
    assert_eq!(run(folder.path(), "backup monday"), format!("monday: {expected}"));
    assert_eq!(
        waterlog(folder.path(), &arguments("again", "restore monday")).expect_success(),
        format!("again: {expected}")
    );
    let (city, again) = (folder.path().join("city"), folder.path().join("again"));
    assert_eq!((log(&again), said(&again)), (log(&city), said(&city)));
    // The keys, and the secret that seals them, came along: a second import finds all.
    let said = waterlog(folder.path(), &arguments("again", "import a.csv")).expect_success();
    assert!(said.contains("0 reports new, 3 known") && said.contains("; 0 events appended"), "{said}");
}

#[test]
fn a_public_backup_holds_the_log_and_nothing_that_people_wrote() {
    let folder = folder_with_city();
    let said = run(folder.path(), "backup open --public");
    assert!(said.ends_with("every checksum right; without what people wrote\n"), "{said}");
    let files: Vec<_> = fs::read_dir(folder.path().join("open")).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(files, ["waterlog.db"]);
    let bytes = fs::read(folder.path().join("open/waterlog.db")).unwrap();
    assert!(!bytes.windows(6).any(|w| w == b"deep 1"));
    let said = waterlog(folder.path(), &arguments("again", "restore open")).expect_success();
    assert!(said.contains("the backup holds only the log"), "{said}");
    assert_eq!(log(&folder.path().join("again")), log(&folder.path().join("city")));
    waterlog(folder.path(), &arguments("again", "verify")).expect_success();
}

#[test]
fn what_was_left_between_the_two_files_does_not_come_into_a_backup() {
    let folder = folder_with_city();
    let private = Connection::open(folder.path().join("city/private.db")).unwrap();
    private.execute("INSERT INTO said (report, text) VALUES ('import:9', 'never acknowledged')", []).unwrap();
    run(folder.path(), "backup monday");
    assert_eq!(said(&folder.path().join("monday")).len(), 3);
    assert_eq!(said(&folder.path().join("city")).len(), 4, "the database itself is not touched");
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let folder = folder_with_city();
    run(folder.path(), "backup monday");
    let complaint = "waterlog: monday is there already: a backup never overwrites anything\n";
    assert_eq!(fail(folder.path(), "backup monday"), complaint);
    fs::write(folder.path().join("tuesday"), "mine").unwrap();
    assert!(fail(folder.path(), "backup tuesday").contains("tuesday is there already"));
    fs::create_dir(folder.path().join("friday.partial")).unwrap();
    assert!(fail(folder.path(), "backup friday").contains("remove it if none is running"));
    assert!(!folder.path().join("friday").exists() && folder.path().join("friday.partial").exists());
    let complaint = fail(folder.path(), "restore monday");
    assert!(
        complaint.contains("city/waterlog.db is there already: restore into a folder without a database"),
        "{complaint}"
    );
    fs::remove_file(folder.path().join("city/waterlog.db")).unwrap();
    assert!(fail(folder.path(), "restore monday").contains("city/private.db is there already"));
}

#[test]
fn a_backup_of_nothing_or_into_nowhere_says_so() {
    let folder = folder_with_city();
    let missing = waterlog(folder.path(), &arguments("none", "backup monday")).expect_failure();
    assert_eq!(missing, "waterlog: no database in folder \"none\"\n");
    assert!(fail(folder.path(), "backup no/such/folder").contains("no/such/folder.partial: No such file"));
    let missing = waterlog(folder.path(), &arguments("again", "restore monday")).expect_failure();
    assert_eq!(missing, "waterlog: no backup in folder \"monday\"\n");
    fs::remove_file(folder.path().join("city/private.db")).unwrap();
    assert!(fail(folder.path(), "backup monday").contains("no private file in folder \"city\""));
    run(folder.path(), "backup monday --public");
    assert!(!folder.path().join("none").exists() && !folder.path().join("again").exists());
}

#[test]
fn a_damaged_database_is_not_backed_up_and_a_damaged_backup_not_restored() {
    let folder = folder_with_city();
    run(folder.path(), "backup monday");
    let damage = |dir: &str, sql: &str| {
        Connection::open(folder.path().join(dir)).unwrap().execute_batch(sql).unwrap();
    };
    let restore = || waterlog(folder.path(), &arguments("again", "restore monday")).expect_failure();
    let nothing_made = || {
        !folder.path().join("again/waterlog.db").exists()
            && fs::read_dir(folder.path().join("again")).unwrap().count() == 0
    };

    damage("monday/waterlog.db", "UPDATE log SET event = replace(event, '20', '21') WHERE seq = 2");
    let said = restore();
    assert!(said.contains("monday: the backup is damaged: log entry 2 was changed"), "{said}");
    assert!(nothing_made());
    let whole = fs::read(folder.path().join("monday/waterlog.db")).unwrap();
    fs::write(folder.path().join("monday/waterlog.db"), &whole[..whole.len() / 2]).unwrap();
    let said = restore();
    assert!(said.contains("monday/waterlog.db: ") && said.contains("malformed"), "{said}");
    fs::write(folder.path().join("monday/waterlog.db"), "mine").unwrap();
    assert!(restore().contains("monday/waterlog.db: not a database"));
    damage("monday/private.db", "PRAGMA user_version = 7");
    fs::write(folder.path().join("monday/waterlog.db"), &whole).unwrap();
    assert!(restore().contains("monday/private.db: database of version 7; this program reads version 1"));
    assert!(nothing_made());

    damage("city/waterlog.db", "DELETE FROM log WHERE seq = 2");
    let said = fail(folder.path(), "backup tuesday");
    assert!(said.contains("the copy of city is not whole, so it was not kept: log entry 2 is missing"), "{said}");
    assert!(!folder.path().join("tuesday").exists() && !folder.path().join("tuesday.partial").exists());
}

#[test]
fn a_full_disk_leaves_no_half_backup_and_no_half_database() {
    let folder = folder_with_city();
    let small = folder.path().join("small");
    let Some(disk) = SmallDisk::mount(&small) else {
        told!("NOT TESTED: a full disk. Mounting a small file system needs root (and CAP_SYS_ADMIN).");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI must not skip the full disk");
        return;
    };
    run(folder.path(), "backup monday");
    for room in [0, 8_192, 40_000] {
        disk.fill_up_to(room);
        let said = fail(folder.path(), "backup small/copy");
        assert!(said.contains("small/copy.partial") && said.contains("the disk is full"), "{room}: {said}");
        let said = waterlog(folder.path(), &arguments("small/city", "restore monday")).expect_failure();
        assert!(said.contains("small/city") && said.contains("the disk is full"), "{room}: {said}");
        disk.free();
        assert!(!small.join("copy").exists() && !small.join("copy.partial").exists());
        assert_eq!(fs::read_dir(small.join("city")).map_or(0, Iterator::count), 0);
    }
    run(folder.path(), "backup small/copy");
    waterlog(folder.path(), &arguments("small/city", "restore small/copy")).expect_success();
    assert_eq!(log(&small.join("city")), log(&folder.path().join("city")));
}
