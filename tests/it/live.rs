//! The write path through its own API: what it says when the log cannot be followed, and what it keeps.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use waterlog::error::Error;
use waterlog::hazard::event::{Act, Action, Event};
use waterlog::hazard::settings::Settings;
use waterlog::intake::{Draft, Key, Private};
use waterlog::live::Live;

use crate::layers::seen as seen_at;

fn draft(event: Event) -> Draft {
    Draft { event, key: None, private: Private::default() }
}

fn seen(id: &str, t: i64) -> Event {
    Event::Report(seen_at(id, t, 110.3, 20.0))
}

fn until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(20), "not in 20 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_log_that_cannot_be_followed_is_told_until_it_can_be_again() {
    let folder = tempfile::tempdir().unwrap();
    let live = Live::open(folder.path(), Settings::default()).unwrap();
    assert!(live.submit_all(vec![draft(seen("a", 0))]).unwrap()[0].is_ok());
    let other = Connection::open(folder.path().join("waterlog.db")).unwrap();
    let foreign = r#"{"act":{"action":"resolve","at":0,"report":"nobody"}}"#;
    other.execute("INSERT INTO log VALUES (2, ?1, zeroblob(16))", [foreign]).unwrap();
    other.execute("UPDATE head SET seq = 2", []).unwrap();
    until("it says that it cannot follow", || live.health().is_err());
    let told = live.health().unwrap_err().to_string();
    assert!(told.contains("log entry 2 does not fit those before"), "{told}");
    assert!(live.submit_all(vec![draft(seen("b", 0))]).is_err());
    other.execute_batch("DELETE FROM log WHERE seq = 2; UPDATE head SET seq = 1").unwrap();
    until("it follows again", || live.health().is_ok());
    assert_eq!(live.submit_all(vec![draft(seen("b", 0))]).unwrap()[0].as_ref().unwrap().seq, 2);
    live.close();
    assert!(live.health().is_err(), "closed, it takes nothing");
}

#[test]
fn steps_of_a_report_that_was_refused_are_refused_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let live = Live::open(folder.path(), Settings::default()).unwrap();
    let keyed =
        |event, content: &str| Draft { key: Some(Key { name: "a".into(), content: content.into() }), ..draft(event) };
    let resolve = || draft(Event::Act(Act { action: Action::Resolve, at: 1, report: "a".into() }));
    assert!(live.submit_all(vec![keyed(seen("a", 0), "here")]).unwrap()[0].is_ok());
    let answers = live.submit_all(vec![keyed(seen("a", 0), "there"), resolve()]).unwrap();
    assert!(answers.iter().all(|a| matches!(a, Err(Error::Conflict(_)))), "{answers:?}");
    let again = live.submit_all(vec![keyed(seen("a", 0), "here"), resolve()]).unwrap();
    assert_eq!(again.iter().map(|a| a.as_ref().unwrap().fresh).collect::<Vec<_>>(), [false, true]);
    live.close();
}
