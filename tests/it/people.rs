//! Accounts from the command line: added, shut out, with keys; what is held of one person, and that nothing is after he
//! was erased.

use std::io::Write;
use std::num::NonZeroU64;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use waterlog::hazard::event::{Event, Report};
use waterlog::hazard::settings::Settings;
use waterlog::hazard::workflow::{Actor, NoteId, Role, State, Step, Transition};
use waterlog::intake::{Draft, Private};
use waterlog::live::Live;
use waterlog::store::Store;

use crate::layers::{T0, seen};
use crate::program::{Outcome, command};
use crate::server::Server;

pub const PASSWORD: &str = "seven pumps on the pier";

/// Runs `waterlog user`, with what is typed.
pub fn user(data: &Path, arguments: &[&str], typed: &str) -> Outcome {
    let all = [&["--data", data.to_str().unwrap(), "user"], arguments].concat();
    let mut command = command(data, &all);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may be refused before it reads.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let out = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { code: out.status.code(), stdout: text(out.stdout), stderr: text(out.stderr) }
}

/// Adds an account with the password of the tests.
pub fn add(data: &Path, login: &str, role: &str, more: &[&str]) {
    let arguments = [&["add", login, "--role", role], more].concat();
    user(data, &arguments, &format!("{PASSWORD}\n")).expect_success();
}

/// A key for a login, with these scopes.
pub fn key(data: &Path, login: &str, scopes: &[&str]) -> String {
    let scopes: Vec<&str> = scopes.iter().flat_map(|scope| ["--scope", scope]).collect();
    let arguments = [&["key", "add", login, "--name", "test"], &scopes[..]].concat();
    user(data, &arguments, "").expect_success().trim().to_owned()
}

#[test]
fn accounts_are_added_listed_shut_out_and_let_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let run = |arguments: &[&str]| user(data, arguments, "");
    assert!(run(&["list"]).expect_failure().contains("no private file in folder"));
    add(data, "admin", "administrator", &[]);
    add(data, "wang.wei", "grid_worker", &["--name", "王伟", "--unit", "grid_7", "--area", "east", "--area", "west"]);
    let listed = "admin\tadmin\tadministrator\t-\teverywhere\nwang.wei\t王伟\tgrid_worker\tgrid_7\teast,west\n";
    assert_eq!(run(&["list"]).expect_success(), listed);
    run(&["disable", "wang.wei"]).expect_success();
    assert!(run(&["list"]).expect_success().contains("east,west\tdisabled\n"));
    run(&["enable", "wang.wei"]).expect_success();
    user(data, &["password", "wang.wei"], "another long password\n").expect_success();
    assert_eq!(run(&["revoke", "wang.wei"]).expect_success(), "0 sessions of wang.wei have ended\n");
    let key = key(data, "wang.wei", &["act", "read"]);
    assert!(key.starts_with("wl_") && key.len() == 67, "{key}");
    let keys = run(&["key", "list"]).expect_success();
    let fields: Vec<&str> = keys.trim_end().split('\t').collect();
    assert_eq!((fields[1], fields[2], fields[3], fields[6]), ("wang.wei", "test", "read act", "never used"));
    run(&["key", "revoke", fields[0]]).expect_success();
    assert_eq!(run(&["key", "list", "wang.wei"]).expect_success(), "");
    let audit = run(&["audit"]).expect_success();
    let what: Vec<&str> = audit.lines().map(|line| line.split('\t').nth(2).unwrap()).collect();
    assert_eq!(what, ["add", "add", "disable", "enable", "password", "revoke", "key_add", "key_revoke"]);
    assert!(!audit.contains(PASSWORD));
}

#[test]
fn a_department_of_before_that_is_in_no_unit_is_named_by_the_list_and_put_into_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    add(data, "li", "department", &["--unit", "roads"]);
    assert_eq!(user(data, &["list"], "").stderr, "");
    let file = rusqlite::Connection::open(data.join("private.db")).unwrap();
    assert_eq!(file.execute("UPDATE accounts SET unit = NULL WHERE login = 'li'", []).unwrap(), 1);
    drop(file);
    let listed = user(data, &["list"], "");
    assert!(listed.stderr.contains("li is a department without a unit"), "{}", listed.stderr);
    assert!(listed.stderr.contains("waterlog user unit li UNIT"), "{}", listed.stderr);
    let server = Server::start_with(data, &["--clock", "2026-01-01T00:00:00Z"]);
    let key = format!("Bearer {}", key(data, "li", &["read"]));
    let queue = || server.get_with("/api/v1/queue", &[("authorization", key.as_str())]);
    assert!(queue().problem(403).contains("an administrator puts it into one (waterlog user unit LOGIN UNIT"));
    assert_eq!(user(data, &["unit", "li", "drainage"], "").expect_success(), "li is in the unit drainage\n");
    assert_eq!(queue().json()["rows"], json!([]));
    assert_eq!(user(data, &["list"], "").stderr, "");
}

#[test]
fn what_cannot_be_done_to_an_account_is_said_and_a_password_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    add(data, "admin", "administrator", &[]);
    for (arguments, typed, part) in [
        (&["add", "admin", "--role", "planner"][..], PASSWORD, "there is an account admin already"),
        (&["add", "Wang", "--role", "planner"], PASSWORD, "a-z"),
        (&["add", "wang", "--role", "planner"], "hunter2", "7 characters; 12 to 128 are taken"),
        (&["add", "wang", "--role", "planner"], "", "0 characters"),
        (&["add", "li", "--role", "department"], PASSWORD, "a department is given what was sent to its unit"),
        (&["unit", "admin", "The Drains"], "", "a-z"),
        (&["unit", "nobody", "drainage"], "", "no account \"nobody\""),
        (&["disable", "admin"], "", "last administrator"),
        (&["erase", "admin"], "", "last administrator"),
        (&["password", "nobody"], PASSWORD, "no account \"nobody\""),
        (&["key", "add", "admin", "--name", "x", "--scope", "read", "--days", "400"], "", "not in [1, 366]"),
        (&["key", "revoke", "k"], "", "no API key \"k\""),
        (&["export", "nobody"], "", "no account"),
    ] {
        let told = user(data, arguments, typed).expect_failure();
        assert!(told.contains(part) && !told.contains("hunter2"), "{arguments:?}: {told}");
    }
    for arguments in [&["add", "wang", "--role", "king"][..], &["export"], &["erase", "a", "--person", "1"]] {
        assert_eq!(user(data, arguments, "").code, Some(2), "{arguments:?}");
    }
}

#[test]
fn the_first_start_makes_one_administrator_and_says_how_to_log_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(folder.path(), &[]);
    server.until("it says how", || server.log().contains("user password admin"));
    let log = server.log();
    let told = log.lines().find(|line| line.contains("nobody had an account")).unwrap();
    let password = told.rsplit(' ').next().unwrap();
    assert!(told.contains("log in as admin") && password.len() == 20, "{told}");
    drop(server);
    assert!(user(folder.path(), &["list"], "").expect_success().starts_with("admin\t"));
    let again = Server::start_with(folder.path(), &[]);
    again.until("it is ready", || again.log().contains("ready"));
    assert!(!again.log().contains("nobody had an account"));
    for name in ["private.db", "private.db-wal", "waterlog.db", "waterlog.db-wal"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        assert!(!holds(&bytes, password), "{name}");
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// A database in which one person filed a report and took a step, each with words, and another did too; as the layers show
/// it.
fn two_people(data: &Path, person: NonZeroU64, other: NonZeroU64) {
    let live = Live::open(data, Settings::default()).unwrap();
    let said = |text: &str, place: &str| Private {
        text: Some(text.into()),
        place: Some(place.into()),
        source_id: Some(format!("{text}-id")),
        ..Private::default()
    };
    let report = |id: &str, day: i64, person| {
        Event::Report(Report { person: Some(person), ..seen(id, day * 86_400, 110.3312, 20.0148) })
    };
    let step = |report: &str, note: u64, person| {
        Event::Transition(Transition {
            at: T0 + 40 * 86_400,
            step: Step::Acknowledge,
            report: report.into(),
            from: State::Reported,
            after: None,
            actor: Actor { role: Role::GridWorker, unit: Some("grid_7".into()), person: Some(person) },
            unit: None,
            until: None,
            reason: None,
            other: None,
            note: NonZeroU64::new(note).map(NoteId),
        })
    };
    for (event, private) in [
        (report("a", 1, person), said("王伟家门口没过膝盖", "王伟家 12 号")),
        (report("b", 20, other), said("the other's words", "12 Other St")),
        (step("a", 77, person), said("王伟正在路上", "x")),
        (step("b", 78, other), said("the other is on his way", "y")),
    ] {
        let draft = Draft { event, key: None, private };
        live.submit_all(vec![draft]).unwrap().pop().unwrap().unwrap();
    }
    live.close();
}

/// Every file below a folder, byte for byte.
fn all_bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(all_bytes(&path)),
            false => found.push((path.display().to_string(), std::fs::read(&path).unwrap())),
        }
    }
    found
}

#[test]
fn of_an_erased_person_no_byte_is_left_while_a_service_runs_and_every_count_stays() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    add(data, "admin", "administrator", &[]);
    add(data, "wang.wei", "grid_worker", &["--name", "王伟师傅", "--unit", "grid_7"]);
    let export = |whom: &[&str]| -> Value {
        serde_json::from_str(&user(data, &[&["export"], whom].concat(), "").expect_success()).unwrap()
    };
    let person = export(&["wang.wei"])["person"].as_u64().and_then(NonZeroU64::new).unwrap();
    let other = NonZeroU64::new(4_711).unwrap();
    two_people(data, person, other);
    // Long after what they did: messages about it are kept all the same.
    let server = Server::start_with(data, &["--clock", "2026-01-01T00:00:00Z", "--outbox-days", "3660"]);
    let key = key(data, "wang.wei", &["read"]);
    let held = export(&["wang.wei"]);
    assert_eq!(held["account"]["name"], "王伟师傅");
    assert_eq!(held["reports"][0]["text"], "王伟家门口没过膝盖");
    assert_eq!(held["reports"][0]["report"]["id"], "a");
    assert_eq!(held["steps"][0]["text"], "王伟正在路上");
    assert_eq!(held["steps"][0]["transition"]["step"], "acknowledge");
    assert_eq!(held["api_keys"][0]["scopes"], "read");
    assert_eq!((held["reports"].as_array().unwrap().len(), held["steps"].as_array().unwrap().len()), (1, 1));
    let layers = |server: &Server| {
        ["reports", "incidents", "hotspots"].map(|layer| server.get(&format!("/layers/{layer}.geojson")).text())
    };
    let before = layers(&server);
    // Who is still to be told of what.
    let waiting = || -> Vec<String> {
        let out = Store::open_existing(data).unwrap().outbox().unwrap();
        out.into_iter().map(|out| out.report).collect()
    };
    assert_eq!(waiting(), ["a", "b"]);
    let words = ["王伟", "wang.wei", "没过膝盖", "正在路上", &key];
    assert!(all_bytes(data).iter().any(|(_, bytes)| holds(bytes, "没过膝盖")));
    let told = user(data, &["erase", "wang.wei"], "").expect_success();
    assert!(told.contains("1 account, 0 sessions, 1 keys") && told.contains("2 texts"), "{told}");
    for (path, bytes) in all_bytes(data) {
        for word in words {
            assert!(!holds(&bytes, word), "{path} still holds {word}");
        }
    }
    assert_eq!(layers(&server), before, "not a count has changed");
    assert_eq!(waiting(), ["b"]);
    let number = person.to_string();
    let left = export(&["--person", &number]);
    assert_eq!((&left["account"], &left["audit"]), (&Value::Null, &json!([])));
    assert_eq!((&left["reports"][0]["text"], &left["steps"][0]["text"]), (&Value::Null, &Value::Null));
    // Another one's words are there, until he wants them erased: he has no account.
    assert_eq!(export(&["--person", "4711"])["reports"][0]["text"], "the other's words");
    let told = user(data, &["erase", "--person", "4711"], "").expect_success();
    assert!(told.contains("0 account") && told.contains("2 texts"), "{told}");
    assert_eq!(waiting(), Vec::<String>::new());
    assert!(all_bytes(data).iter().all(|(_, bytes)| !holds(bytes, "the other")));
    drop(server);
    let verified = crate::program::waterlog(data, &["--data", data.to_str().unwrap(), "verify"]).expect_success();
    assert!(verified.contains("every checksum right"), "{verified}");
    let again = Server::start_with(data, &["--clock", "2026-01-01T00:00:00Z"]);
    assert_eq!(layers(&again), before);
}
