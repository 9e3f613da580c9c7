//! Logging in and what guards it: fixation, guessing, cross-site posts, sessions that are ended, keys, and names that only
//! those who may hear.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::people::{PASSWORD, add, key, user};
use crate::server::{Answer, Server, report};

const CLOCK: [&str; 2] = ["--clock", "2026-01-01T00:00:00Z"];
const JSON: (&str, &str) = ("content-type", "application/json");

/// Somebody who is logged in: what his browser sends.
pub struct Session {
    pub cookie: String,
    pub csrf: String,
}

impl Session {
    /// Of an answer that begins one.
    pub fn of(answer: &Answer) -> Session {
        assert_eq!(answer.status, 201, "{}", answer.text());
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        Session { cookie, csrf: answer.json()["csrf_token"].as_str().unwrap().to_owned() }
    }

    pub fn headers(&self) -> [(&str, &str); 2] {
        [("cookie", &self.cookie), ("x-csrf-token", &self.csrf)]
    }
}

pub fn try_log_in(server: &Server, login: &str, password: &str, headers: &[(&str, &str)]) -> Answer {
    let body = json!({"login": login, "password": password}).to_string();
    server.post_at("/api/v1/session", body.as_bytes(), &[&[JSON], headers].concat())
}

pub fn log_in(server: &Server, login: &str) -> Session {
    Session::of(&try_log_in(server, login, PASSWORD, &[]))
}

fn post(server: &Server, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    server.post_at(path, body.to_string().as_bytes(), &[&[JSON], headers].concat())
}

fn step(server: &Server, headers: &[(&str, &str)], step: &Value) -> Answer {
    post(server, "/api/v1/incidents/i1/transitions", headers, step)
}

/// A service with an administrator, a grid worker, a department and a reporter, and one incident.
fn desk() -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), "admin", "administrator", &[]);
    add(folder.path(), "wang", "grid_worker", &["--name", "王伟", "--unit", "grid_7"]);
    add(folder.path(), "li", "department", &["--name", "李雷", "--unit", "drainage"]);
    add(folder.path(), "rider", "reporter", &[]);
    let server = Server::start_with(folder.path(), &CLOCK);
    assert_eq!(server.post(&report(json!({}))).status, 201);
    (server, folder)
}

fn me(server: &Server, headers: &[(&str, &str)]) -> Value {
    let answer = server.get_with("/api/v1/session", headers);
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.text());
    answer.json()
}

#[test]
fn somebody_logs_in_works_and_logs_out_and_the_log_holds_his_number_alone() {
    let (server, folder) = desk();
    assert_eq!(me(&server, &[])["known"], false);
    let answer = try_log_in(&server, "wang", PASSWORD, &[]);
    let set = answer.header("set-cookie");
    for part in ["waterlog=", "; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=604800"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure") && !set.contains("Domain"), "{set}");
    let session = Session::of(&answer);
    let known = me(&server, &session.headers());
    assert_eq!((&known["login"], &known["name"], &known["unit"]), (&json!("wang"), &json!("王伟"), &json!("grid_7")));
    assert_eq!((&known["role"], &known["csrf_token"]), (&json!("grid_worker"), &json!(session.csrf)));
    let taken = step(&server, &session.headers(), &json!({"step": "acknowledge", "note": "on my way"}));
    assert_eq!(taken.status, 201, "{}", taken.text());
    let told = &taken.json()["last_step"];
    assert_eq!(
        (&told["by_name"], &told["by_unit"], &told["note"]),
        (&json!("王伟"), &json!("grid_7"), &json!("on my way"))
    );
    // The public hears neither name nor words.
    let public = server.get("/api/v1/incidents/i1").text();
    assert!(!public.contains("王伟") && !public.contains("by_name") && !public.contains("on my way"), "{public}");
    let rider = log_in(&server, "rider");
    let seen = server.get_with("/api/v1/incidents/i1", &rider.headers()).text();
    assert!(!seen.contains("王伟") && !seen.contains("on my way"), "{seen}");
    let history = server.get_with("/api/v1/incidents/i1", &session.headers()).json()["history"].clone();
    assert_eq!((&history[0]["by_name"], &history[0]["note"]), (&json!("王伟"), &json!("on my way")));
    let out = server.send("DELETE", "/api/v1/session", &session.headers(), b"");
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").starts_with("waterlog=;") && out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(me(&server, &session.headers())["known"], false);
    step(&server, &session.headers(), &json!({"step": "found"})).problem(401);
    let public =
        [std::fs::read(folder.path().join("waterlog.db")), std::fs::read(folder.path().join("waterlog.db-wal"))];
    let public = public.map(Result::unwrap_or_default).concat();
    let holds = |what: &str| public.windows(what.len()).any(|part| part == what.as_bytes());
    assert!(holds("\"person\":") && !holds("王伟") && !holds("wang"));
}

#[test]
fn a_planted_session_is_not_taken_over_and_a_login_ends_the_one_before() {
    let (server, _folder) = desk();
    let planted = "a".repeat(64);
    let cookie = format!("waterlog={planted}");
    let first = Session::of(&try_log_in(&server, "wang", PASSWORD, &[("cookie", &cookie)]));
    assert_ne!(first.cookie, cookie);
    assert_eq!(me(&server, &[("cookie", &cookie)])["known"], false);
    let second = Session::of(&try_log_in(&server, "wang", PASSWORD, &[("cookie", &first.cookie)]));
    assert_eq!(me(&server, &first.headers())["known"], false);
    assert_eq!(me(&server, &second.headers())["known"], true);
}

#[test]
fn behind_https_the_cookie_is_secure_and_bound_to_the_host() {
    let (server, _folder) = desk();
    let answer = try_log_in(&server, "wang", PASSWORD, &[("x-forwarded-proto", "https")]);
    let set = answer.header("set-cookie");
    assert!(set.starts_with("__Host-waterlog=") && set.contains("; Secure") && set.contains("; Path=/"), "{set}");
    let session = Session::of(&answer);
    assert_eq!(me(&server, &[("cookie", &session.cookie), ("x-forwarded-proto", "https")])["known"], true);
    // Over plain http a cookie of that name is none.
    assert_eq!(me(&server, &[("cookie", &session.cookie)])["known"], false);
}

#[test]
fn what_the_page_of_another_site_sends_does_nothing_nor_does_a_cookie_alone() {
    let (server, _folder) = desk();
    let session = log_in(&server, "wang");
    let [cookie, csrf] = session.headers();
    let acknowledge = json!({"step": "acknowledge"});
    for (headers, status, part) in [
        (vec![cookie], 401, "X-CSRF-Token"),
        (vec![cookie, ("x-csrf-token", "0")], 401, "X-CSRF-Token"),
        (vec![cookie, csrf, ("sec-fetch-site", "cross-site")], 403, "another site"),
        (vec![cookie, csrf, ("sec-fetch-site", "same-site")], 403, "another site"),
        (vec![cookie, csrf, ("origin", "https://evil.example")], 403, "another site"),
    ] {
        let told = step(&server, &headers, &acknowledge);
        assert!(told.problem(status).contains(part), "{headers:?}: {}", told.text());
    }
    // The token of another session is none.
    let other = log_in(&server, "li");
    step(&server, &[cookie, ("x-csrf-token", &other.csrf)], &acknowledge).problem(401);
    // A form of another site cannot log anybody in, nor out.
    let told = try_log_in(&server, "wang", PASSWORD, &[("sec-fetch-site", "cross-site")]);
    assert!(told.problem(403).contains("another site") && told.header("set-cookie").is_empty());
    let form = [("content-type", "application/x-www-form-urlencoded")];
    server.post_at("/api/v1/session", b"login=wang", &form).problem(415);
    server.send("DELETE", "/api/v1/session", &[cookie], b"").problem(401);
    // Nor may it ask with the cookie of whoever looks at it: browsers hold back answers to such.
    let asked = server.get_with("/api/v1/session", &[cookie, ("origin", "https://evil.example")]);
    assert_eq!(asked.header("access-control-allow-credentials"), "");
    assert_eq!(server.get("/api/v1/incidents/i1").json()["workflow"]["version"], "v1", "nothing was done");
    // A report is taken from everybody: with a cookie alone, as nobody's.
    assert_eq!(post(&server, "/api/v1/reports", &[cookie], &report(json!({}))).status, 201);
    let own = [cookie, csrf, ("sec-fetch-site", "same-origin")];
    assert_eq!(step(&server, &own, &acknowledge).status, 201);
}

#[test]
fn guessing_has_to_wait_and_tells_nobody_which_logins_there_are() {
    let (server, folder) = desk();
    let wrong = try_log_in(&server, "wang", "not this password", &[]);
    let unknown = try_log_in(&server, "nobody", "not this password", &[]);
    assert_eq!(wrong.problem(401), unknown.problem(401));
    // A busy machine may let a wait pass by: the next one is twice as long.
    let mut judged = 1;
    while judged < 12 && try_log_in(&server, "wang", "not this password", &[]).status == 401 {
        judged += 1;
    }
    assert!((5..12).contains(&judged), "{judged}");
    let told = try_log_in(&server, "wang", PASSWORD, &[]);
    assert!(told.problem(429).contains("too many wrong tries"), "the right one is not looked at either");
    let wait: u64 = told.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // Others are not kept out, and he comes in after the wait.
    log_in(&server, "li");
    std::thread::sleep(std::time::Duration::from_secs(wait));
    log_in(&server, "wang");
    let audit = user(folder.path(), &["audit", "wang"], "").expect_success();
    let failed: Vec<&str> = audit.lines().filter(|line| line.contains("log_in_failed")).collect();
    assert_eq!(failed.len(), judged);
    assert!(failed[0].ends_with("log_in_failed\twang\t127.0.0.1") && !audit.contains("not this"), "{audit}");
}

#[test]
fn a_session_that_is_ended_in_the_middle_loses_nothing_and_its_retry_is_harmless() {
    let (server, folder) = desk();
    let session = log_in(&server, "wang");
    assert_eq!(step(&server, &session.headers(), &json!({"step": "acknowledge"})).status, 201);
    let dispatch = json!({"step": "dispatch", "unit": "drainage", "note": "两台泵", "expected_state": "acknowledged"});
    // He has written his note; meanwhile somebody ends his sessions.
    user(folder.path(), &["revoke", "wang"], "").expect_success();
    let [cookie, csrf] = session.headers();
    let told = step(&server, &[cookie, csrf, ("idempotency-key", "k1")], &dispatch);
    assert!(told.problem(401).contains("nothing of this request was done"));
    assert_eq!(server.get("/api/v1/incidents/i1").json()["workflow"]["version"], "v2");
    let again = log_in(&server, "wang");
    let [cookie, csrf] = again.headers();
    for _ in 0..2 {
        let taken = step(&server, &[cookie, csrf, ("idempotency-key", "k1")], &dispatch);
        assert_eq!((taken.status, &taken.json()["version"]), (201, &json!("v3")), "{}", taken.text());
    }
    // Shut out, and let in again: what he had is ended for good.
    user(folder.path(), &["disable", "wang"], "").expect_success();
    step(&server, &[cookie, csrf], &json!({"step": "found"})).problem(401);
    try_log_in(&server, "wang", PASSWORD, &[]).problem(401);
    user(folder.path(), &["enable", "wang"], "").expect_success();
    step(&server, &[cookie, csrf], &json!({"step": "found"})).problem(401);
    log_in(&server, "wang");
}

#[test]
fn of_two_who_resolve_at_once_the_slower_hears_the_other_s_name_and_time() {
    let (server, _folder) = desk();
    let (wang, li) = (log_in(&server, "wang"), log_in(&server, "li"));
    assert_eq!(step(&server, &wang.headers(), &json!({"step": "acknowledge"})).status, 201);
    let resolve = json!({"step": "resolve", "expected_state": "acknowledged", "note": "pumped out"});
    let (asked, wanted) = (&server, &resolve);
    let answers = std::thread::scope(|scope| {
        let both = [&wang, &li].map(|who| scope.spawn(move || step(asked, &who.headers(), wanted)));
        both.map(|thread| thread.join().unwrap())
    });
    let slower = answers.iter().position(|answer| answer.status != 201).expect("one of them is slower");
    assert_eq!(answers[1 - slower].status, 201);
    let told = answers[slower].problem(409);
    let faster = ["王伟", "李雷"][1 - slower];
    assert!(told.contains(faster) && told.contains("resolve at 2026-01-01T"), "{told}");
    assert_eq!(answers[slower].json()["last_step"]["by_name"], faster);
    // A page that is stale hears it as well.
    let [cookie, csrf] = wang.headers();
    let stale = step(&server, &[cookie, csrf, ("if-match", "\"v2\"")], &json!({"step": "found"}));
    assert!(stale.problem(412).contains(faster), "{}", stale.text());
}

#[test]
fn a_key_opens_what_its_scopes_and_its_account_allow_until_it_is_revoked() {
    let (server, folder) = desk();
    let bearer = |scopes: &[&str], login: &str| format!("Bearer {}", key(folder.path(), login, scopes));
    let (acts, reads, admin) = (bearer(&["act", "read"], "wang"), bearer(&["read"], "wang"), bearer(&["admin"], "li"));
    let found = json!({"step": "found", "note": "by the gateway"});
    assert_eq!(step(&server, &[("authorization", &acts)], &found).status, 201);
    let told = step(&server, &[("authorization", &reads)], &found);
    assert!(told.problem(403).contains("lacks the scope act"));
    assert!(server.get_with("/api/v1/incidents/i1", &[("authorization", &reads)]).text().contains("by the gateway"));
    let told = server.get_with("/api/v1/users", &[("authorization", &admin)]);
    assert!(told.problem(403).contains("a department may not; administrator may"), "never more than the account may");
    let blind = server.get_with("/api/v1/incidents/i1", &[("authorization", &admin)]);
    assert!(blind.status == 200 && !blind.text().contains("by the gateway"));
    post(&server, "/api/v1/reports", &[("authorization", &reads)], &report(json!({}))).problem(403);
    for odd in ["Bearer wl_0000", "Basic d2FuZzp4", "wl_0000"] {
        server.get_with("/api/v1/incidents/i1", &[("authorization", odd)]).problem(401);
    }
    let told = post(&server, "/api/v1/session/password", &[("authorization", &acts)], &json!({}));
    assert!(told.problem(403).contains("logged in himself"));
    assert_eq!(me(&server, &[("authorization", &reads)])["csrf_token"], Value::Null);
    let listed = user(folder.path(), &["key", "list", "wang"], "").expect_success();
    // Both were made within a second: they stand in no order that is known here.
    let acting = listed.lines().find(|line| line.contains("act")).unwrap_or_else(|| panic!("{listed}"));
    assert!(!acting.contains("never used"), "{listed}");
    let id = acting.split('\t').next().unwrap();
    user(folder.path(), &["key", "revoke", id], "").expect_success();
    assert!(step(&server, &[("authorization", &acts)], &found).problem(401).contains("revoked"));
    // Nothing of a key lies on the disk.
    let secret = acts.trim_start_matches("Bearer ");
    for name in ["private.db", "private.db-wal"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{name}");
    }
}

#[test]
fn an_administrator_keeps_accounts_and_everybody_his_own_password() {
    let (server, folder) = desk();
    let admin = log_in(&server, "admin");
    let new = json!({"login": "zhao", "name": "赵敏", "role": "planner", "areas": ["east"], "password": PASSWORD});
    let added = post(&server, "/api/v1/users", &admin.headers(), &new);
    assert_eq!((added.status, &added.json()["areas"]), (201, &json!(["east"])), "{}", added.text());
    assert!(!added.text().contains("hash") && !added.text().contains(PASSWORD));
    assert!(post(&server, "/api/v1/users", &admin.headers(), &new).problem(409).contains("zhao"));
    let bad = json!({"login": "x", "name": "X", "role": "planner", "password": "short"});
    let told = post(&server, "/api/v1/users", &admin.headers(), &bad);
    told.problem(400);
    assert_eq!((&told.json()["field"], &told.json()["value"]), (&json!("password"), &json!("")));
    let patch = |login: &str, body: Value| {
        let headers = [&[JSON], &admin.headers()[..]].concat();
        server.send("PATCH", &format!("/api/v1/users/{login}"), &headers, body.to_string().as_bytes())
    };
    let changed = patch("zhao", json!({"role": "grid_worker", "unit": "grid_9", "areas": []}));
    assert_eq!((changed.status, &changed.json()["role"]), (200, &json!("grid_worker")), "{}", changed.text());
    // A department is given what was sent to its unit: it has one.
    let refused = patch("zhao", json!({"role": "department", "unit": null}));
    assert!(refused.problem(400).contains("sent to its unit"), "{}", refused.text());
    assert_eq!(refused.json()["field"], "unit");
    assert_eq!(patch("zhao", json!({"role": "department"})).json()["unit"], "grid_9");
    assert_eq!(patch("zhao", json!({"unit": null})).status, 400);
    assert_eq!(patch("zhao", json!({"role": "grid_worker"})).status, 200);
    patch("nobody", json!({"disabled": true})).problem(404);
    assert!(patch("admin", json!({"role": "planner"})).problem(409).contains("last administrator"));
    // Rights hold from the next request on.
    let zhao = log_in(&server, "zhao");
    assert_eq!(step(&server, &zhao.headers(), &json!({"step": "acknowledge"})).status, 201);
    assert_eq!(patch("zhao", json!({"role": "reporter"})).status, 200);
    step(&server, &zhao.headers(), &json!({"step": "found"})).problem(403);
    let list = server.get_with("/api/v1/users", &admin.headers());
    let logins: Vec<_> = list.json()["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["login"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(logins, ["admin", "li", "rider", "wang", "zhao"]);
    let ended = server.send("DELETE", "/api/v1/users/zhao/sessions", &admin.headers(), b"");
    assert_eq!((ended.status, ended.json()), (200, json!({"sessions": 1})));
    assert_eq!(me(&server, &zhao.headers())["known"], false);
    own_password(&server, folder.path());
}

fn own_password(server: &Server, data: &Path) {
    let (wang, elsewhere) = (log_in(server, "wang"), log_in(server, "wang"));
    let change = |session: &Session, current: &str, password: &str| {
        let body = json!({"current": current, "password": password});
        post(server, "/api/v1/session/password", &session.headers(), &body)
    };
    let told = change(&wang, "not the current one", "a new long password");
    told.problem(400);
    assert_eq!(told.json()["field"], "current");
    let renewed = Session::of(&change(&wang, PASSWORD, "a new long password"));
    for ended in [&wang, &elsewhere] {
        assert_eq!(me(server, &ended.headers())["known"], false);
    }
    assert_eq!(me(server, &renewed.headers())["known"], true);
    try_log_in(server, "wang", PASSWORD, &[]).problem(401);
    Session::of(&try_log_in(server, "wang", "a new long password", &[]));
    let audit = user(data, &["audit"], "").expect_success();
    for line in ["\tadmin\tadd\tzhao\t", "\tadmin\trights\tzhao\t", "\tzhao\trefused\t", "\twang\tpassword\twang\t"] {
        assert!(audit.contains(line), "{line}: {audit}");
    }
    assert!(!audit.contains("password\t-") && !audit.contains(PASSWORD));
}

#[test]
fn a_report_of_somebody_known_has_his_number_and_is_his_to_take_away() {
    let (server, folder) = desk();
    let rider = log_in(&server, "rider");
    let posted = post(&server, "/api/v1/reports", &rider.headers(), &report(json!({"text": "my street is a river"})));
    let id = posted.json()["id"].as_str().unwrap().to_owned();
    let lines = format!("{}\n", report(json!({"text": "still a river"})));
    let headers = [&[("content-type", "application/x-ndjson")], &rider.headers()[..]].concat();
    assert_eq!(server.post_with(lines.as_bytes(), &headers).status, 200);
    let held: Value = serde_json::from_str(&user(folder.path(), &["export", "rider"], "").expect_success()).unwrap();
    let reports = held["reports"].as_array().unwrap();
    assert_eq!(
        (reports.len(), &reports[0]["report"]["id"], &reports[1]["text"]),
        (2, &json!(id), &json!("still a river"))
    );
    let person = held["person"].to_string();
    assert!(!server.get(&format!("/api/v1/reports/{id}")).text().contains(&person));
    assert!(!server.get("/layers/reports.geojson").text().contains(&person));
    user(folder.path(), &["erase", "rider"], "").expect_success();
    assert_eq!(me(&server, &rider.headers())["known"], false);
    assert_eq!(server.get(&format!("/api/v1/reports/{id}")).status, 200);
}
