use super::*;
use crate::store::{PUBLIC_FILE, Store, TokenHash};

const NOTE: Note = Note { at: 1_000, account: None, what: "test", about: None, address: None };

fn account(login: &str, role: Role) -> Account {
    Account {
        id: format!("id-{login}"),
        login: login.into(),
        name: format!("{login} 师傅"),
        role,
        unit: Some("grid_7".into()),
        // An administrator who is bounded to areas manages no accounts.
        areas: if role == Role::Administrator { Vec::new() } else { vec!["east".into(), "第二网格".into()] },
        person: NonZeroU64::new(login.len() as u64).unwrap(),
        disabled: false,
        created: 900,
    }
}

fn opened() -> (Accounts, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    (Accounts::open(dir.path()).unwrap(), dir)
}

const TOKEN: TokenHash = [7; 32];
const SESSION: Session = Session { created: 1_000, last_seen: 1_000, expires: 2_000 };

#[test]
fn an_account_is_kept_as_it_was_given_and_a_login_is_taken_once() {
    let (mut accounts, _dir) = opened();
    let wang = account("wang", Role::GridWorker);
    accounts.add(&wang, "hash", &NOTE).unwrap();
    assert_eq!(accounts.of_login("wang").unwrap(), wang);
    assert_eq!(accounts.to_check("wang").unwrap(), Some((wang.clone(), "hash".into())));
    assert_eq!(accounts.name_of(wang.person).unwrap().as_deref(), Some("wang 师傅"));
    let again = accounts.add(&Account { id: "other".into(), ..wang.clone() }, "hash", &NOTE).unwrap_err();
    assert!(matches!(&again, Error::Conflict(told) if told.contains("wang")), "{again}");
    assert_eq!(accounts.to_check("li").unwrap(), None);
    assert!(!accounts.add_first(&account("admin", Role::Administrator), "hash", &NOTE).unwrap());
    assert_eq!(accounts.all().unwrap(), [wang]);
}

#[test]
fn a_session_holds_until_it_expires_is_ended_or_its_account_is_disabled() {
    let (mut accounts, _dir) = opened();
    let boss = account("admin", Role::Administrator);
    let wang = account("wang", Role::GridWorker);
    assert!(accounts.add_first(&boss, "hash", &NOTE).unwrap());
    accounts.add(&wang, "hash", &NOTE).unwrap();
    let begin = |accounts: &mut Accounts| accounts.begin_session(&TOKEN, &wang.id, SESSION, &NOTE).unwrap();
    begin(&mut accounts);
    assert_eq!(accounts.session(&TOKEN, 1_999).unwrap(), Some((wang.clone(), SESSION)));
    assert_eq!(accounts.session(&TOKEN, 2_000).unwrap(), None);
    assert_eq!(accounts.session(&[8; 32], 1_500).unwrap(), None);
    accounts.prolong_session(&TOKEN, 1_900, 2_900).unwrap();
    assert_eq!(accounts.session(&TOKEN, 2_800).unwrap().unwrap().1.created, 1_000);
    accounts.end_session(&TOKEN, &NOTE).unwrap();
    assert_eq!(accounts.session(&TOKEN, 1_500).unwrap(), None);
    begin(&mut accounts);
    accounts.set_hash("wang", "another", &NOTE).unwrap();
    assert_eq!(accounts.session(&TOKEN, 1_500).unwrap(), None);
    begin(&mut accounts);
    accounts.change("wang", &NOTE, |account| account.disabled = true).unwrap();
    accounts.change("wang", &NOTE, |account| account.disabled = false).unwrap();
    assert_eq!(accounts.session(&TOKEN, 1_500).unwrap(), None, "what was ended stays ended");
    for n in 0..30 {
        let session = Session { last_seen: 1_000 + i64::from(n), ..SESSION };
        accounts.begin_session(&[100 + n; 32], &wang.id, session, &NOTE).unwrap();
    }
    assert_eq!(accounts.sessions_of(&wang.id).unwrap().len(), 20);
    assert_eq!(accounts.end_sessions("wang", &NOTE).unwrap(), 20);
}

#[test]
fn the_last_administrator_stays_one() {
    let (mut accounts, _dir) = opened();
    accounts.add_first(&account("admin", Role::Administrator), "hash", &NOTE).unwrap();
    for change in [|a: &mut Account| a.disabled = true, |a: &mut Account| a.role = Role::Planner] {
        let error = accounts.change("admin", &NOTE, change).unwrap_err();
        assert!(error.to_string().contains("last administrator"), "{error}");
    }
    assert_eq!(accounts.of_login("admin").unwrap(), account("admin", Role::Administrator));
    accounts.add(&account("second", Role::Administrator), "hash", &NOTE).unwrap();
    accounts.change("admin", &NOTE, |account| account.role = Role::Planner).unwrap();
}

#[test]
fn a_key_is_found_by_its_hash_until_it_expires_or_is_revoked() {
    let (mut accounts, _dir) = opened();
    let wang = account("wang", Role::GridWorker);
    accounts.add_first(&account("admin", Role::Administrator), "hash", &NOTE).unwrap();
    accounts.add(&wang, "hash", &NOTE).unwrap();
    let key = ApiKey {
        id: "k1".into(),
        account: wang.id.clone(),
        name: "gateway".into(),
        scopes: "read act".into(),
        created: 1_000,
        expires: 2_000,
        last_used: None,
    };
    accounts.add_key(&TOKEN, &key, &NOTE).unwrap();
    assert_eq!(accounts.key(&TOKEN, 1_999).unwrap(), Some((wang.clone(), key.clone())));
    assert_eq!(accounts.key(&TOKEN, 2_000).unwrap(), None);
    accounts.key_used("k1", 1_500).unwrap();
    assert_eq!(accounts.keys(Some(&wang.id)).unwrap(), [ApiKey { last_used: Some(1_500), ..key }]);
    accounts.change("wang", &NOTE, |account| account.disabled = true).unwrap();
    assert_eq!(accounts.key(&TOKEN, 1_500).unwrap(), None);
    accounts.revoke_key("k1", &NOTE).unwrap();
    assert!(matches!(accounts.revoke_key("k1", &NOTE), Err(Error::NotFound { .. })));
    assert_eq!(accounts.keys(None).unwrap(), []);
}

#[test]
fn the_audit_log_names_who_did_what_and_forgets_after_a_year() {
    let (mut accounts, _dir) = opened();
    let boss = account("admin", Role::Administrator);
    accounts.add_first(&boss, "hash", &NOTE).unwrap();
    let note = Note { at: 2_000, account: Some(&boss.id), what: "disable", about: Some("wang"), address: Some("::1") };
    accounts.audit(&note).unwrap();
    let all = accounts.audited(None, 10).unwrap();
    assert_eq!(all.iter().map(|entry| entry.what.as_str()).collect::<Vec<_>>(), ["test", "disable"]);
    assert_eq!((all[1].login.as_deref(), all[1].about.as_deref()), (Some("admin"), Some("wang")));
    assert_eq!(accounts.audited(Some((&boss.id, "admin")), 10).unwrap(), all[1..]);
    accounts.audit(&Note { at: 2_000 + 366 * 86_400, ..note }).unwrap();
    assert_eq!(accounts.audited(None, 10).unwrap().len(), 2, "that of a second more than a year ago is gone");
}

#[test]
fn a_database_from_before_there_were_accounts_goes_on_working() {
    let dir = tempfile::tempdir().unwrap();
    drop(file::open(&dir.path().join(PRIVATE_FILE), PRIVATE_TABLES).unwrap());
    drop(file::open(&dir.path().join(PUBLIC_FILE), super::super::PUBLIC_TABLES).unwrap());
    let mut accounts = Accounts::open(dir.path()).unwrap();
    assert!(accounts.add_first(&account("admin", Role::Administrator), "hash", &NOTE).unwrap());
    // Opened by whoever knows nothing of accounts.
    let old = file::open(&dir.path().join(PRIVATE_FILE), PRIVATE_TABLES).unwrap();
    assert_eq!(old.query_row("SELECT count(*) FROM said", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    assert_eq!(Accounts::open(dir.path()).unwrap().all().unwrap().len(), 1);
    assert!(matches!(Accounts::open(&dir.path().join("none")), Err(Error::NotFound { .. })));
}
