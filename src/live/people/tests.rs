use super::*;
use crate::store::Store;

const NOW: i64 = 1_800_000_000;
const PASSWORD: &str = "seven pumps on the pier";

fn people() -> (People, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    (People::new(dir.path()), dir)
}

fn wang() -> NewAccount {
    NewAccount::new("wang", "王伟", Role::GridWorker, Some("grid_7"), vec!["east".into()]).unwrap()
}

fn logged_in(people: &People, before: Option<&str>) -> LoggedIn {
    match people.log_in("wang", PASSWORD, before, Some("10.0.0.1"), NOW).unwrap() {
        LogIn::Done(done) => done,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_administrator_is_made_once_and_only_who_was_told_knows_his_password() {
    let (people, dir) = people();
    let (login, password) = people.first_administrator(NOW).unwrap().unwrap();
    assert_eq!(people.first_administrator(NOW).unwrap(), None);
    let log_in = people.log_in(&login, &password, None, None, NOW).unwrap();
    assert!(matches!(log_in, LogIn::Done(done) if done.account.role == Role::Administrator));
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(password.len()).any(|part| part == password.as_bytes()));
    }
}

#[test]
fn a_session_lasts_while_it_is_used_and_no_longer_than_a_week() {
    let (people, _dir) = people();
    people.add(wang(), PASSWORD, By::default(), NOW).unwrap();
    let LoggedIn { token, session, .. } = logged_in(&people, None);
    assert_eq!(session.expires, NOW + IDLE_S);
    let mut now = NOW;
    let mut ends = Vec::new();
    while let Some((account, session)) = people.session(&token, now).unwrap() {
        assert_eq!(account.login, "wang");
        ends.push(session.expires);
        now += IDLE_S - 1;
    }
    assert_eq!((ends[0], ends[1]), (NOW + IDLE_S, NOW + 2 * IDLE_S - 1));
    assert_eq!(*ends.last().unwrap(), NOW + LONGEST_SESSION_S);
    let LoggedIn { token, .. } = logged_in(&people, None);
    assert!(people.session(&token, NOW + IDLE_S).unwrap().is_none(), "one that is not used ends");
}

#[test]
fn each_login_has_a_token_of_its_own_and_ends_the_session_it_came_with() {
    let (people, _dir) = people();
    people.add(wang(), PASSWORD, By::default(), NOW).unwrap();
    let planted = "f".repeat(64);
    let first = logged_in(&people, Some(&planted));
    assert_ne!(first.token, planted);
    assert!(people.session(&planted, NOW).unwrap().is_none());
    let second = logged_in(&people, Some(&first.token));
    assert!(people.session(&first.token, NOW).unwrap().is_none());
    assert!(people.session(&second.token, NOW).unwrap().is_some());
}

#[test]
fn wrong_passwords_unknown_logins_and_disabled_accounts_are_told_the_same_and_noted_without_what_was_typed() {
    let (people, _dir) = people();
    people.first_administrator(NOW).unwrap();
    people.add(wang(), PASSWORD, By::default(), NOW).unwrap();
    people.change("wang", "disable", By::default(), NOW, |account| account.disabled = true).unwrap();
    for (login, password) in [("wang", PASSWORD), ("admin", "not this one"), (PASSWORD, "typed in the wrong field")] {
        let tried = people.log_in(login, password, None, Some("10.0.0.1"), NOW).unwrap();
        assert!(matches!(tried, LogIn::Wrong), "{login}: {tried:?}");
    }
    let audited = people.audited(None, 100).unwrap();
    let failed: Vec<_> = audited.iter().filter(|entry| entry.what == "log_in_failed").collect();
    let about: Vec<_> = failed.iter().map(|entry| entry.about.as_deref()).collect();
    assert_eq!(about, [Some("wang"), Some("admin"), None]);
    assert!(failed.iter().all(|entry| entry.address.as_deref() == Some("10.0.0.1")));
}

#[test]
fn guessing_is_made_to_wait_before_the_password_is_looked_at() {
    let (people, _dir) = people();
    people.add(wang(), PASSWORD, By::default(), NOW).unwrap();
    // A busy machine may let a wait pass by: the next one is twice as long.
    let wrong =
        (0..12).take_while(|_| matches!(people.log_in("wang", "guess", None, None, NOW).unwrap(), LogIn::Wrong));
    assert!((5..12).contains(&wrong.count()));
    assert!(matches!(people.log_in("wang", PASSWORD, None, None, NOW).unwrap(), LogIn::Wait { s: 1.. }));
    assert!(people.proves("wang", PASSWORD, None).unwrap().is_err());
}

#[test]
fn a_key_proves_its_account_in_its_scopes_until_it_expires() {
    let (people, _dir) = people();
    people.add(wang(), PASSWORD, By::default(), NOW).unwrap();
    let (key, kept) = people.add_key("wang", "gateway", &[Scope::Act, Scope::Read], 90, NOW).unwrap();
    assert!(key.starts_with(KEY_PREFIX));
    let (account, scopes) = people.key(&key, NOW + 90 * 86_400 - 1).unwrap().unwrap();
    assert_eq!((account.login.as_str(), scopes), ("wang", vec![Scope::Read, Scope::Act]));
    assert!(people.key(&key, NOW + 90 * 86_400).unwrap().is_none());
    assert!(people.key(&key[..key.len() - 1], NOW).unwrap().is_none());
    people.revoke_key(&kept.id, NOW).unwrap();
    assert!(people.key(&key, NOW).unwrap().is_none());
    assert!(people.add_key("wang", "x", &[], 367, NOW).unwrap_err().to_string().contains("not in [1, 366]"));
    assert!(people.add_key("nobody", "x", &[], 1, NOW).unwrap_err().to_string().contains("no account"));
}
