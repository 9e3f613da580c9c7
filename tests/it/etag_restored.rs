//! The same position in another history is another version: nobody is told that what he has is still so.

use serde_json::json;
use waterlog::store::Store;

use crate::program::waterlog;
use crate::server::{Answer, Server, report};

const PATHS: [&str; 5] = [
    "/tiles/reports/0/0/0",
    "/layers/reports.geojson",
    "/api/v1/reports",
    "/api/v1/reports?as_of=2026-01-01T00:00:00Z",
    "/ogc/collections/reports/items",
];

#[test]
fn a_position_after_a_restore_is_not_that_of_the_history_before_it() {
    let folder = tempfile::tempdir().unwrap();
    // Links stay the same, whatever port it has.
    let args = ["--clock", "2026-01-01T00:00:00Z", "--public-url", "https://city.example"];
    let serve = |data: &str| Server::start_with(&folder.path().join(data), &args);
    drop(Store::open(&folder.path().join("city")).unwrap());
    let server = serve("city");
    let post = |server: &Server, lat: f64| assert_eq!(server.post(&report(json!({"lat": lat}))).status, 201);
    post(&server, 20.0);
    waterlog(folder.path(), &["--data", "city", "backup", "copy"]).expect_success();
    post(&server, 20.5);
    let before = PATHS.map(|path| server.get(path));
    let again =
        |server: &Server, path: &str, known: &Answer| server.get_with(path, &[("if-none-match", known.header("etag"))]);
    for (path, known) in PATHS.iter().zip(&before) {
        assert_eq!((known.status, again(&server, path, known).status), (200, 304), "{path}");
    }
    drop(server);
    waterlog(folder.path(), &["--data", "again", "restore", "copy"]).expect_success();
    let server = serve("again");
    post(&server, 21.5);
    for (path, known) in PATHS.iter().zip(&before) {
        let other = again(&server, path, known);
        assert_eq!(other.status, 200, "{path}: {}", known.header("etag"));
        assert_ne!(other.body, known.body, "{path}");
    }
    // Restarted on the same database it is the same history.
    let known = PATHS.map(|path| server.get(path));
    drop(server);
    let server = serve("again");
    for (path, known) in PATHS.iter().zip(&known) {
        assert_eq!(again(&server, path, known).status, 304, "{path}");
    }
}
