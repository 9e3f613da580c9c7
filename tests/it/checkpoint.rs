//! A start goes on from the last checkpoint; whatever is wrong with that, the log alone decides what is shown.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use waterlog::hazard::category::Category;
use waterlog::hazard::checkpoint::FORMAT;
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::position::Position;
use waterlog::hazard::settings::Settings;
use waterlog::intake::{Draft, Private};
use waterlog::live::Live;
use waterlog::store::{CHECKPOINT_FILE, Store};

use crate::program::{TREE, waterlog};

/// Reports at six crossings, an hour after each other; enough for a checkpoint.
const REPORTS: usize = 2_500;

/// Mark, version, position in the log and the log's checksum there.
const HEAD_BYTES: usize = 8 + 4 + 8 + 16;

/// A folder with a database whose service was stopped, and what its map was.
fn stopped(first: usize) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let live = Live::open(folder.path(), Settings::default()).unwrap();
    let waterlogging = Category::named("waterlogging").unwrap();
    let draft = |n: usize| {
        let position = Position::new(110.3 + (n % 6) as f64 * 0.001, 20.0).unwrap();
        Draft {
            event: Event::Report(Report::new(n.to_string(), waterlogging, position, n as i64 * 3_600)),
            key: None,
            private: Private::default(),
        }
    };
    let answers = live.submit_all((first..first + REPORTS).map(draft).collect()).unwrap();
    assert!(answers.iter().all(Result::is_ok));
    let digest = live.read(|map| map.digest());
    assert!(!folder.path().join(CHECKPOINT_FILE).exists(), "it is written when the service stops");
    live.close();
    (folder, digest)
}

/// What the map is after a start; nothing where the log cannot be read.
fn started(data: &Path, rule: &str) -> Option<String> {
    let live = Live::open(data, rule.parse().unwrap()).ok()?;
    let digest = live.read(|map| {
        map.check();
        map.digest()
    });
    live.close();
    Some(digest)
}

fn checkpoint(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join(CHECKPOINT_FILE)
}

#[test]
fn a_start_goes_on_from_the_checkpoint_and_reads_nothing_before_it() {
    let (folder, digest) = stopped(0);
    assert_eq!(started(folder.path(), "").as_deref(), Some(&*digest));
    let file = Connection::open(folder.path().join("waterlog.db")).unwrap();
    file.execute("UPDATE log SET event = 'damaged' WHERE seq = 7", []).unwrap();
    drop(file);
    assert_eq!(started(folder.path(), "").as_deref(), Some(&*digest), "it read what the checkpoint holds");
    // Another rule makes another map, of the whole log.
    assert_eq!(started(folder.path(), "join_radius=150"), None);
    fs::remove_file(checkpoint(&folder)).unwrap();
    assert_eq!(started(folder.path(), ""), None);
}

#[test]
fn a_checkpoint_that_is_damaged_cut_short_or_of_another_version_log_or_rule_changes_nothing() {
    let (folder, digest) = stopped(0);
    let good = fs::read(checkpoint(&folder)).unwrap();
    let mut rng = fastrand::Rng::with_seed(23);
    let (mut bad, mut blocks): (Vec<(String, Vec<u8>)>, usize) = (Vec::new(), 0);
    for bit in (0..36 * 8).step_by(7).chain((0..40).map(|_| rng.usize(..good.len() * 8))) {
        let mut flipped = good.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        bad.push((format!("bit {bit} flipped"), flipped));
    }
    // In every block: its length, its checksum, and what it holds, at either end.
    let mut at = HEAD_BYTES;
    while at < good.len() {
        let length = u32::from_le_bytes(good[at..at + 4].try_into().unwrap()) as usize;
        let body = at + 8..at + 8 + length;
        for byte in [at, at + 3, at + 4, at + 7, body.start, body.end - 1] {
            let mut flipped = good.clone();
            flipped[byte] ^= 1 << rng.u8(..8);
            bad.push((format!("a bit of byte {byte} flipped"), flipped));
        }
        bad.push((format!("cut before byte {at}"), good[..at].to_vec()));
        blocks += 1;
        at = body.end;
    }
    assert_eq!(at, good.len());
    assert!(blocks > 5, "{blocks} blocks");
    // One of another version, whole in itself.
    for version in [0, FORMAT - 1, FORMAT + 1, u32::MAX] {
        let mut other = good.clone();
        other[8..12].copy_from_slice(&version.to_le_bytes());
        bad.push((format!("of version {version}"), other));
    }
    for length in [0, 1, 35, 36, 40, good.len() / 2, good.len() - 1] {
        bad.push((format!("cut to {length} bytes"), good[..length].to_vec()));
    }
    let (other, _) = stopped(1);
    bad.push(("of another log".into(), fs::read(checkpoint(&other)).unwrap()));
    for (what, bytes) in bad {
        fs::write(checkpoint(&folder), bytes).unwrap();
        assert_eq!(started(folder.path(), "").as_deref(), Some(&*digest), "{what}");
        assert_eq!(fs::read(checkpoint(&folder)).unwrap(), good, "{what}: a good one takes its place");
    }
    let rule = "join_radius=150";
    let other_rule = started(folder.path(), rule).unwrap();
    assert_ne!(other_rule, digest, "the rule must make a difference here");
    assert_eq!(started(folder.path(), rule), Some(other_rule));
    assert_eq!(started(folder.path(), ""), Some(digest));
}

#[test]
fn verify_names_the_restart_where_a_checkpoint_that_belongs_to_the_log_holds_another_map() {
    let (folder, digest) = stopped(0);
    let verify = || waterlog(TREE.as_ref(), &["--data", folder.path().to_str().unwrap(), "verify"]);
    let told = verify().expect_success();
    assert!(told.contains("2,500 events give one map"), "{told}");
    // The map of a log in which one report lies elsewhere, under the position and the checksum of this log.
    let store = Store::open_existing(folder.path()).unwrap();
    let mut map = HazardMap::new(Settings::default());
    let fold = |seq: u64, mut event: Event| {
        if let (7, Event::Report(report)) = (seq, &mut event) {
            report.position = Position::new(110.5, 20.0).unwrap();
        }
        map.apply(seq, &event);
        Ok(())
    };
    store.read(0, REPORTS, fold).unwrap();
    map.settle();
    assert_ne!(map.digest(), digest);
    store.put_checkpoint(map.position(), |put| map.save(put)).unwrap();
    drop(store);
    let told = verify().expect_failure();
    assert!(told.contains("the restart fold differs from the batch build of the same 2500 events"), "{told}");
    fs::remove_file(checkpoint(&folder)).unwrap();
    verify().expect_success();
}
