//! The write path of an import, beside a service that writes to the same log.

use waterlog::error::Error;
use waterlog::hazard::event::Event;
use waterlog::hazard::settings::Settings;
use waterlog::intake::{Draft, Key, Private};
use waterlog::live::Live;
use waterlog::live::bulk::Bulk;

use crate::layers::seen;

#[test]
fn a_bulk_writer_judges_by_what_others_wrote_since_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let draft = |id: &str, observed_at: i64| {
        let event = Event::Report(seen(id, observed_at, 110.3, 20.0));
        let key = Some(Key { name: format!("{id}/report"), content: observed_at.to_string() });
        Draft { event, key, private: Private::default() }
    };
    let mut bulk = Bulk::open(folder.path(), Settings::default()).unwrap();
    let live = Live::open(folder.path(), Settings::default()).unwrap();
    live.submit_all(vec![draft("theirs", 1)]).unwrap()[0].as_ref().unwrap();
    let answers = bulk.run(|submit| submit(vec![draft("theirs", 1), draft("theirs", 2), draft("ours", 3)])).unwrap();
    let receipts: Vec<_> = answers.iter().map(|a| a.as_ref().ok().map(|r| (r.seq, r.fresh))).collect();
    assert_eq!(receipts, [Some((1, false)), None, Some((2, true))]);
    // Again after an own transaction, and between two of them.
    live.submit_all(vec![draft("more", 4)]).unwrap()[0].as_ref().unwrap();
    let answers = bulk.run(|submit| {
        let first = submit(vec![draft("more", 5)])?;
        Ok([first, submit(vec![draft("ours", 3), draft("last", 6)])?].concat())
    });
    let seqs: Vec<_> = answers.unwrap().into_iter().map(|a| a.ok().map(|r| r.seq)).collect();
    assert_eq!(seqs, [None, Some(2), Some(4)]);
    live.close();
    let failed = bulk.run(|submit| {
        submit(vec![draft("kept", 7)])?;
        Err::<(), _>(Error::Store("the work failed".into()))
    });
    assert!(failed.is_err_and(|e| e.to_string().contains("the work failed")));
    let again = Bulk::open(folder.path(), Settings::default()).unwrap();
    assert_eq!((again.map().position(), again.map().reports().rows().len()), (5, 5));
}

#[test]
fn where_what_was_said_cannot_be_kept_nothing_is_appended() {
    let folder = tempfile::tempdir().unwrap();
    let mut bulk = Bulk::open(folder.path(), Settings::default()).unwrap();
    let draft = |n: i64| {
        let event = Event::Report(seen(&format!("r{n}"), n, 110.3, 20.0));
        let key = Some(Key { name: format!("r{n}/report"), content: n.to_string() });
        Draft { event, key, private: Private { text: Some(format!("words {n}")), ..Private::default() } }
    };
    let private = || rusqlite::Connection::open(folder.path().join("private.db")).unwrap();
    let never = "CREATE TRIGGER never BEFORE INSERT ON said WHEN NEW.text = 'words 700'
        BEGIN SELECT RAISE(ABORT, 'not these words'); END";
    private().execute_batch(never).unwrap();
    let failed = bulk.run(|submit| submit((1..1_000).map(draft).collect()));
    assert!(failed.is_err_and(|error| error.to_string().contains("not these words")));
    let said = |sql: &str| private().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(said("SELECT count(*) FROM said"), 0);
    private().execute_batch("DROP TRIGGER never").unwrap();
    let answers = bulk.run(|submit| submit((1..1_000).map(draft).collect())).unwrap();
    let seqs: Vec<_> = answers.into_iter().map(|answer| answer.unwrap()).map(|r| (r.seq, r.fresh)).collect();
    assert_eq!(seqs, (1..1_000).map(|seq| (seq, true)).collect::<Vec<_>>(), "nothing was in the log before");
    assert_eq!(said("SELECT count(*) FROM said"), 999);
    assert_eq!(said("SELECT text = 'words 700' FROM said WHERE report = 'r700'"), 1);
}
