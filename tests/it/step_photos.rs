//! Photos of steps, such as of the road when it was dry again: for staff of the area at once, for the reporters when the desk
//! shows them, and gone with whoever took them.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use waterlog::hazard::event::Event;

use crate::areas::town;
use crate::people::{add, user};
use crate::people_http::{Session, log_in};
use crate::photos::sample::{haikou, jpeg, quarters};
use crate::program::{TREE, waterlog};
use crate::server::{Answer, Server, report, seed};

const START: &str = "2026-01-01T00:00:00Z";

/// A town, and whoever works there; the east has a grid worker of its own.
fn city() -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    seed(folder.path(), &[Event::Areas(town())]);
    let crew = ["--unit", "drainage"];
    for (login, role, more) in [
        ("admin", "administrator", &[][..]),
        ("grid", "grid_worker", &["--area", "west"][..]),
        ("east", "grid_worker", &["--area", "east"][..]),
        ("crew", "department", &crew[..]),
        ("crew_east", "department", &["--unit", "roads", "--area", "east"][..]),
        ("rider", "reporter", &[][..]),
    ] {
        add(folder.path(), login, role, more);
    }
    (Server::start_with(folder.path(), &["--clock", START]), folder)
}

fn posted(server: &Server, changes: Value) -> Value {
    let at = json!({"lon": 110.01, "lat": 20.005, "observed_at": "2025-12-31T23:50:00Z"});
    let mut body = report(at);
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let answer = server.post(&body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

fn send(server: &Server, method: &str, path: &str, by: &Session, body: &Value) -> Answer {
    let headers = [&by.headers()[..], &[("content-type", "application/json")]].concat();
    server.send(method, path, &headers, body.to_string().as_bytes())
}

fn step(server: &Server, id: &str, by: &Session, step: Value) -> Answer {
    send(server, "POST", &format!("/api/v1/incidents/{id}/transitions"), by, &step)
}

fn taken(server: &Server, id: &str, by: &Session, what: Value) -> u64 {
    let answer = step(server, id, by, what);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["seq"].as_u64().unwrap()
}

/// Sends a photo; gives its id.
fn photo(server: &Server, by: &Session, width: u32) -> String {
    let headers = [&by.headers()[..], &[("content-type", "image/jpeg")]].concat();
    let answer = server.post_at("/api/v1/photos", &jpeg(&quarters(width, 48), &haikou()), &headers);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// The statuses of a photo and of its thumbnail, for somebody.
fn sees(server: &Server, by: &Session, photo: &str) -> [u16; 2] {
    ["", "/thumbnail"].map(|size| server.get_with(&format!("/api/v1/photos/{photo}{size}"), &by.headers()).status)
}

#[test]
fn a_step_shows_photos_to_staff_of_its_area_and_to_reporters_when_the_desk_shows_them() {
    let (server, folder) = city();
    let [grid, east, crew, crew_east, rider] =
        ["grid", "east", "crew", "crew_east", "rider"].map(|login| log_in(&server, login));
    let mine = posted(&server, json!({}));
    taken(&server, "i2", &grid, json!({"step": "acknowledge"}));
    taken(&server, "i2", &grid, json!({"step": "dispatch", "unit": "drainage"}));
    let drained = photo(&server, &crew, 640);
    // So long as nothing shows it, it is his alone of those whose rights are bounded.
    assert_eq!([sees(&server, &crew, &drained), sees(&server, &grid, &drained)], [[200; 2], [404; 2]]);
    let unknown = json!({"step": "resolve", "photos": ["0".repeat(64)]});
    let refused = step(&server, "i2", &crew, unknown);
    assert!(refused.problem(422).contains("send it again first"));
    assert_eq!(refused.json()["field"], "photos");
    let seq = taken(&server, "i2", &crew, json!({"step": "resolve", "note": "drained", "photos": [drained, drained]}));
    let photos = |by: &[(&str, &str)]| {
        let history = server.get_with("/api/v1/incidents/i2/transitions", by).json();
        let last = history["rows"].as_array().unwrap().last().unwrap().clone();
        [last["photos"].clone(), last["photos_told"].clone()]
    };
    assert_eq!(photos(&crew.headers()), [json!([drained]), json!(false)]);
    for stranger in [&[][..], &rider.headers(), &east.headers()] {
        assert_eq!(photos(stranger), [Value::Null, Value::Null]);
    }
    let all = [&grid, &crew, &east, &crew_east, &rider].map(|by| sees(&server, by, &drained));
    assert_eq!(all, [[200; 2], [200; 2], [403; 2], [403; 2], [403; 2]]);
    let told = server.get_with(&format!("/api/v1/photos/{drained}"), &east.headers()).problem(403);
    assert!(told.contains("what the photo shows lies in g1") && told.contains("bounded to east"), "{told}");
    let audit = user(folder.path(), &["audit", "east"], "").expect_success();
    assert!(audit.contains(&format!("\trefused\t{drained}\t")), "{audit}");

    let link = format!("/api/v1{}", mine["follow"].as_str().unwrap());
    let followed = || {
        let told = server.get(&link).json();
        let last = told["steps"].as_array().unwrap().last().unwrap().clone();
        let statuses = ["", "/thumbnail"].map(|size| server.get(&format!("{link}/photos/{drained}{size}")).status);
        (last["step"].clone(), last["photos"].clone(), statuses)
    };
    assert_eq!(followed(), (json!("resolve"), json!([]), [404; 2]));
    let show = |by: &Session, seq: u64, shown: bool| {
        let path = format!("/api/v1/incidents/i2/transitions/{seq}/photos");
        send(&server, "PUT", &path, by, &json!({"shown": shown}))
    };
    assert!(show(&crew, seq, true).problem(403).contains("a department may not"));
    assert!(show(&east, seq, true).problem(403).contains("lies in g1"));
    assert!(show(&grid, seq - 1, true).problem(404).contains("shows no photo"));
    assert!(show(&grid, 99, true).problem(404).contains("no step 99"));
    assert_eq!([show(&grid, seq, true).status, show(&grid, seq, true).status], [204, 204]);
    assert_eq!(followed(), (json!("resolve"), json!([drained]), [200; 2]));
    assert_eq!(server.get(&format!("{link}/photos/{drained}")).header("content-type"), "image/jpeg");
    // Another's link opens none of it.
    let other = posted(&server, json!({"lon": 110.03, "lat": 20.01}));
    let of_other = format!("/api/v1{}/photos/{drained}", other["follow"].as_str().unwrap());
    assert_eq!(server.get(&of_other).status, 404);
    assert_eq!(show(&grid, seq, false).status, 204);
    assert_eq!(followed(), (json!("resolve"), json!([]), [404; 2]));
    let audit = user(folder.path(), &["audit", "grid"], "").expect_success();
    let noted = ["show_photos", "hide_photos"].map(|what| audit.matches(&format!("\t{what}\ti2/{seq}\t")).count());
    assert_eq!(noted, [1, 1], "{audit}");
    // What reporters are not told of has nothing to show them.
    let again = taken(&server, "i2", &grid, json!({"step": "reopen", "photos": [drained]}));
    assert_eq!(show(&grid, again, true).status, 204);
    taken(&server, "i2", &grid, json!({"step": "acknowledge"}));
    let time = json!({"step": "prolong", "until": "2026-01-01T05:00:00Z", "photos": [drained]});
    let prolonged = taken(&server, "i2", &grid, time);
    assert!(show(&grid, prolonged, true).problem(409).contains("not told of step"));
}

#[test]
fn what_a_report_shows_is_seen_in_its_area_and_what_waits_in_the_inbox_by_those_who_look_after_it() {
    let (server, _folder) = city();
    let [admin, grid, east, crew_east, rider] =
        ["admin", "grid", "east", "crew_east", "rider"].map(|login| log_in(&server, login));
    let [west_photo, east_photo, both, dry_photo, inbox_photo] =
        [40, 48, 56, 64, 72].map(|width| photo(&server, &rider, width));
    posted(&server, json!({"photos": [west_photo, both]}));
    posted(&server, json!({"photos": [east_photo, both], "lon": 110.03, "lat": 20.01}));
    posted(&server, json!({"photos": [dry_photo], "dry": true}));
    let here = json!([{"source": "device", "lon": 110.01, "lat": 20.005}]);
    let message = json!({"text": "look", "photos": [inbox_photo], "positions": here}).to_string();
    let sent = server.post_at("/api/v1/messages", message.as_bytes(), &[("content-type", "application/json")]);
    assert_eq!(sent.status, 202, "{}", sent.text());
    let seen = |by: &Session| {
        [&west_photo, &east_photo, &both, &dry_photo, &inbox_photo].map(|photo| sees(&server, by, photo)[0])
    };
    assert_eq!(seen(&admin), [200; 5]);
    assert_eq!(seen(&grid), [200, 403, 200, 200, 200]);
    assert_eq!(seen(&east), [403, 200, 200, 403, 403]);
    // It is a department that looks after no inbox.
    assert_eq!(seen(&crew_east), [403, 200, 200, 403, 403]);
    assert_eq!(seen(&rider), [403; 5]);
}

fn photos_in(data: &Path) -> (i64, i64) {
    let file = rusqlite::Connection::open(data.join("private.db")).unwrap();
    let count = |sql: &str| file.query_row(sql, [], |row| row.get(0)).unwrap();
    (count("SELECT count(*) FROM photos"), count("SELECT count(*) FROM photos_of_steps"))
}

#[test]
fn photos_of_steps_go_with_whoever_took_them_and_a_backup_and_a_check_know_them() {
    let (server, folder) = city();
    let [grid, crew] = ["grid", "crew"].map(|login| log_in(&server, login));
    posted(&server, json!({}));
    let [his, hers] = [photo(&server, &crew, 640), photo(&server, &grid, 320)];
    taken(&server, "i2", &grid, json!({"step": "acknowledge", "photos": [hers]}));
    taken(&server, "i2", &crew, json!({"step": "resolve", "photos": [his]}));
    let held: Value = serde_json::from_str(&user(folder.path(), &["export", "crew"], "").expect_success()).unwrap();
    assert_eq!(held["photos"][0]["id"], json!(his));
    let data = folder.path().to_str().unwrap().to_owned();
    let copy = folder.path().join("copy");
    waterlog(TREE.as_ref(), &["--data", &data, "backup", copy.to_str().unwrap()]).expect_success();
    assert_eq!([photos_in(folder.path()), photos_in(&copy)], [(2, 2), (2, 2)]);
    assert!(user(folder.path(), &["erase", "crew"], "").expect_success().contains("1 photos"));
    assert_eq!([sees(&server, &grid, &his)[0], sees(&server, &grid, &hers)[0]], [404, 200]);
    let history = server.get_with("/api/v1/incidents/i2/transitions", &grid.headers()).json();
    assert_eq!((&history["rows"][0]["photos"], &history["rows"][1]["photos"]), (&json!([hers]), &json!([])));
    drop(server);
    assert_eq!(photos_in(folder.path()), (1, 1));
    // A process that was stopped between the two files leaves what no step of the log refers to.
    let file = rusqlite::Connection::open(folder.path().join("private.db")).unwrap();
    let ghost = "INSERT INTO photos_shown VALUES ('note:00000000000000ff', ?1)";
    file.execute(ghost, [&hers]).unwrap();
    file.execute("INSERT INTO photos_of_steps VALUES ('note:00000000000000ff', 'x', 0)", []).unwrap();
    drop(file);
    waterlog(TREE.as_ref(), &["--data", &data, "verify", "--repair"]).expect_success();
    assert_eq!(photos_in(folder.path()), (1, 1));
}
