//! What waits in the inbox comes into a backup whole: with its photos, and whatever became of it while the copy was made.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use waterlog::hazard::event::Event;
use waterlog::store::{Inbox, InboxEntry, Kind, MadeOf};

use crate::parse::place;
use crate::people::{add, key};
use crate::photos::sample;
use crate::program::waterlog;
use crate::server::{Answer, Server, report, seed};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A folder with the database `city`, and what a desk officer proves himself with.
fn folder_with_desk() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let city = folder.path().join("city");
    seed(&city, &[Event::Places(vec![place("x", "豪苑路与南海大道路口", 110.33)])]);
    add(&city, "li.na", "grid_worker", &[]);
    let key = format!("Bearer {}", key(&city, "li.na", &["read", "report", "act"]));
    (folder, key)
}

fn serve(folder: &Path, data: &str) -> Server {
    Server::start_with(&folder.join(data), &["--clock", "2026-01-01T00:00:00Z"])
}

/// Copies the database `city` to `again`.
fn through_a_backup(folder: &Path) {
    waterlog(folder, &["--data", "city", "backup", "copy"]).expect_success();
    waterlog(folder, &["--data", "again", "restore", "copy"]).expect_success();
}

fn photo(server: &Server, side: u32) -> Value {
    let jpeg = sample::jpeg(&sample::quarters(side, 8), &[]);
    server.post_at("/api/v1/photos", &jpeg, &[("content-type", "image/jpeg")]).json()["id"].clone()
}

/// Sends a message that does not say where; gives its id.
fn wait(server: &Server, text: &str, photos: Value) -> String {
    let body = json!({"text": text, "photos": photos});
    let taken = server.post_at("/api/v1/messages", body.to_string().as_bytes(), &[JSON]);
    assert_eq!(taken.status, 202, "{}", taken.text());
    taken.json()["inbox"]["id"].as_str().unwrap().to_owned()
}

fn decide(server: &Server, key: &str, id: &str, body: Value) -> Answer {
    let path = format!("/api/v1/inbox/{id}/report");
    server.post_at(&path, body.to_string().as_bytes(), &[JSON, ("authorization", key)])
}

#[test]
fn what_waits_has_its_photos_after_a_restore() {
    let (folder, key) = folder_with_desk();
    let server = serve(folder.path(), "city");
    let (of_message, of_held) = (photo(&server, 8), photo(&server, 12));
    let waiting = wait(&server, "门口积水没过膝盖", json!([of_message]));
    drop(server);
    let shown = vec![of_held.as_str().unwrap().to_owned()];
    let held = InboxEntry {
        id: "0123456789abcdef".into(),
        received: 1_767_225_600,
        kind: Kind::Report,
        held: true,
        body: report(json!({"photos": shown})).to_string(),
        key: None,
        person: None,
        sender: None,
        made: MadeOf::new(),
        ended: None,
    };
    let mut inbox = Inbox::open(&folder.path().join("city")).unwrap();
    inbox.put(held.clone(), "", &shown, held.received).unwrap();
    drop(inbox);
    through_a_backup(folder.path());
    let server = serve(folder.path(), "again");
    let headers = [("authorization", key.as_str())];
    for photo in [&of_message, &of_held] {
        let shown = server.get_with(&format!("/api/v1/photos/{}", photo.as_str().unwrap()), &headers);
        assert_eq!((shown.status, shown.header("content-type")), (200, "image/jpeg"), "{}", shown.text());
    }
    let made = decide(&server, &key, &waiting, json!({"lon": 110.34, "lat": 20.02}));
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(decide(&server, &key, &held.id, json!({})).status, 201);
    let shown = server.get_with("/api/v1/queue", &headers).json();
    let rows = shown["rows"].as_array().unwrap();
    let photos: Vec<&Value> = rows.iter().flat_map(|row| row["photos"].as_array().unwrap()).collect();
    assert_eq!(photos.len(), 2, "{shown}");
}

/// The log is copied before the private file: what is decided from here on is decided in between.
fn log_of_now(folder: &Path) -> PathBuf {
    let before = folder.join("before.db");
    let log = Connection::open(folder.join("city/waterlog.db")).unwrap();
    log.execute("VACUUM INTO ?1", [before.to_str().unwrap()]).unwrap();
    before
}

fn put_back(folder: &Path, log: &Path) {
    for name in ["waterlog.db-wal", "waterlog.db-shm"] {
        let _ = std::fs::remove_file(folder.join("city").join(name));
    }
    std::fs::rename(log, folder.join("city/waterlog.db")).unwrap();
}

#[test]
fn what_became_a_report_while_the_copy_was_made_waits_in_it() {
    let (folder, key) = folder_with_desk();
    let server = serve(folder.path(), "city");
    let picture = photo(&server, 8);
    let waiting = wait(&server, "门口积水没过膝盖", json!([picture]));
    let before = log_of_now(folder.path());
    let by_hand = json!({"lon": 110.34, "lat": 20.02});
    assert_eq!(decide(&server, &key, &waiting, by_hand.clone()).status, 201);
    drop(server);
    put_back(folder.path(), &before);
    through_a_backup(folder.path());
    let server = serve(folder.path(), "again");
    let headers = [("authorization", key.as_str())];
    let page = server.get_with("/api/v1/inbox", &headers).json();
    assert_eq!((&page["open"], &page["rows"][0]["id"]), (&json!(1), &json!(waiting)), "{page}");
    assert_eq!(server.get_with(&format!("/api/v1/photos/{}", picture.as_str().unwrap()), &headers).status, 200);
    let made = decide(&server, &key, &waiting, by_hand);
    assert_eq!((made.status, &made.json()["id"]), (201, &json!(waiting)), "{}", made.text());
    let verified = waterlog(folder.path(), &["--data", "again", "verify"]).expect_success();
    assert!(verified.contains("everything said belongs to a report"), "{verified}");
}

#[test]
fn of_several_matters_those_that_became_reports_in_between_wait_in_the_copy() {
    let (folder, key) = folder_with_desk();
    let server = serve(folder.path(), "city");
    let waiting = wait(&server, "门口积水30厘米。楼下井盖丢失。", json!([]));
    let second = decide(&server, &key, &waiting, json!({"matter": 2, "lon": 110.34, "lat": 20.02}));
    assert_eq!((second.status, &second.json()["open"]), (201, &json!(1)), "{}", second.text());
    let before = log_of_now(folder.path());
    let first = json!({"lon": 110.35, "lat": 20.02});
    assert_eq!(decide(&server, &key, &waiting, first.clone()).json()["open"], 0);
    drop(server);
    put_back(folder.path(), &before);
    through_a_backup(folder.path());
    let server = serve(folder.path(), "again");
    let page = server.get_with("/api/v1/inbox", &[("authorization", key.as_str())]).json();
    let row = &page["rows"][0];
    assert_eq!((&row["matter"], &row["made"]), (&json!(1), &json!([second.json()["id"]])), "{page}");
    assert_eq!(decide(&server, &key, &waiting, first).json()["open"], 0);
    assert_eq!(server.ids("/api/v1/reports").len(), 2);
}
