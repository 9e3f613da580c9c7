//! The service killed under load: what was acknowledged is there when it is started again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

use crate::program::{log, waterlog};
use crate::server::{Server, report};

const KILLS: usize = 20;
const CLIENTS: usize = 4;

#[test]
fn no_acknowledged_report_is_lost_when_the_service_is_killed_twenty_times_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let mut chance = fastrand::Rng::with_seed(20);
    let mut acknowledged = BTreeMap::new();
    let mut busy_rounds = 0;
    for round in 0..KILLS {
        // Its drop is the SIGKILL.
        let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z"]);
        let before = acknowledged.len();
        let stop = AtomicBool::new(false);
        let address = server.address.clone();
        let client = |n| post_until_cut_off(&address, &format!("r{round}-c{n}"), &stop);
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|n| {
                    scope.spawn({
                        let client = &client;
                        move || client(n)
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(chance.u64(50..500)));
            drop(server);
            stop.store(true, Ordering::Relaxed);
            acknowledged.extend(clients.into_iter().flat_map(|client| client.join().unwrap()));
        });
        busy_rounds += usize::from(acknowledged.len() > before);
    }
    told!("killed {KILLS} services; {} reports had been acknowledged", acknowledged.len());
    assert!(busy_rounds > KILLS / 2, "only {busy_rounds} services had acknowledged anything when they were killed");
    let server = Server::start_with(folder.path(), &["--clock", "2026-01-01T00:00:00Z"]);
    for id in acknowledged.keys() {
        let answer = server.get(&format!("/api/v1/reports/{id}"));
        assert_eq!(answer.status, 200, "{id} was acknowledged: {}", answer.text());
    }
    expect_what_was_said(folder.path(), &acknowledged);
    let entries = log(folder.path()).len();
    assert!(entries >= acknowledged.len(), "{entries} entries");
    // Beside a running service, too.
    let data = folder.path().to_str().unwrap();
    let said = waterlog(Path::new("."), &["--data", data, "verify"]).expect_success();
    assert!(said.contains("give one map"), "{said}");
}

/// Every text that was acknowledged stands in the private file, which is committed before the log.
fn expect_what_was_said(data: &Path, acknowledged: &BTreeMap<String, String>) {
    let file = rusqlite::Connection::open(data.join("private.db")).unwrap();
    let mut select = file.prepare("SELECT text, place, source_id FROM said WHERE report = ?1").unwrap();
    for (id, source_id) in acknowledged {
        let said = select.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let said: (Option<String>, Option<String>, Option<String>) = said.unwrap_or_else(|e| panic!("{id}: {e}"));
        let expected = [format!("深 {source_id}"), format!("路口 {source_id}"), source_id.clone()];
        assert_eq!(said, expected.map(Some).into(), "{id}");
    }
}

/// Posts one report after another until nobody answers; the ids of those that were taken, with the sender's own.
fn post_until_cut_off(address: &str, name: &str, stop: &AtomicBool) -> Vec<(String, String)> {
    let agent: Agent = Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build().into();
    let mut taken = Vec::new();
    for n in 0.. {
        let id = format!("{name}-{n}");
        let (text, place) = (format!("深 {id}"), format!("路口 {id}"));
        let body = report(json!({"text": text, "place": place, "source": {"channel": "app", "id": id}}));
        let answer = agent.post(format!("{address}/api/v1/reports")).send_json(body);
        let Ok(answer) = answer.and_then(|mut answer| answer.body_mut().read_json::<Value>()) else { break };
        taken.push((answer["id"].as_str().expect("an acknowledgement names the report").to_owned(), id));
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    taken
}
