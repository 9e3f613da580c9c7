//! Who asks: accounts, the sessions and API keys that prove them, and what is noted of it. On a connection of its own, so
//! that nobody who logs in waits for the writer's map. Everything here blocks.

mod dossier;
mod guesses;
mod password;
mod scope;
mod token;

use std::collections::HashSet;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub use dossier::{ContactDossier, Dossier, contact_dossier, dossier, erase, erase_contact};
pub use scope::Scope;
pub use token::{KEY_PREFIX, csrf_token, is_csrf_token};

use super::{Live, lock};
use crate::error::{Result, invalid};
use crate::hazard::workflow::{NoteId, Role};
use crate::intake::account::NewAccount;
use crate::intake::post::random_id;
use crate::store::{Account, Accounts, ApiKey, Audited, Note, Session};
use guesses::Guesses;

/// A session that is not used for so long ends: a shift of work.
const IDLE_S: i64 = 12 * 3_600;
/// A session ends after so long, however much it is used.
const LONGEST_SESSION_S: i64 = 7 * 86_400;
/// How often it is written down that a session or a key is used.
const NOTED_EVERY_S: i64 = 60;
/// Nobody's key holds longer.
pub const LONGEST_KEY_DAYS: u16 = 366;
/// The first account of all.
const FIRST: &str = "admin";

/// The accounts of one database, opened when they are first asked for.
pub struct People {
    data: PathBuf,
    accounts: Mutex<Option<Accounts>>,
    guesses: Guesses,
}

/// Who does something to accounts, and from where; nothing: at the machine itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct By<'b> {
    /// The id of his account.
    pub account: Option<&'b str>,
    pub address: Option<&'b str>,
}

/// What came of trying to log in.
#[derive(Debug)]
pub enum LogIn {
    Done(LoggedIn),
    /// The login or the password is wrong, or the account is disabled.
    Wrong,
    /// Too many were wrong before.
    Wait {
        s: u64,
    },
}

/// A session that has begun, with the token that proves it: it is told once, and not kept.
#[derive(Debug)]
pub struct LoggedIn {
    pub token: String,
    pub account: Account,
    pub session: Session,
}

impl Live {
    /// Who may log in, and who has.
    pub fn people(&self) -> &People {
        &self.shared.people
    }
}

impl By<'_> {
    /// A note of what he does; at `now`, in unix seconds.
    fn note<'n>(&'n self, now: i64, what: &'n str, about: Option<&'n str>) -> Note<'n> {
        Note { at: now, account: self.account, what, about, address: self.address }
    }
}

impl People {
    pub fn new(data: &Path) -> People {
        People { data: data.to_owned(), accounts: Mutex::new(None), guesses: Guesses::default() }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Accounts) -> Result<T>) -> Result<T> {
        let mut opened = lock(&self.accounts);
        work(match &mut *opened {
            Some(accounts) => accounts,
            none => none.insert(Accounts::open(&self.data)?),
        })
    }

    /// Makes an administrator where there is no account at all; returns his login and password, which nobody else knows.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn first_administrator(&self, now: i64) -> Result<Option<(String, String)>> {
        if !self.all()?.is_empty() {
            return Ok(None);
        }
        let password = password::random()?;
        let first = NewAccount {
            login: FIRST.into(),
            name: "Administrator".into(),
            role: Role::Administrator,
            unit: None,
            areas: Vec::new(),
        };
        let (account, hash) = (made(first, now)?, password::hash(&password)?);
        let by = By::default();
        let made = self.with(|accounts| accounts.add_first(&account, &hash, &by.note(now, "add", Some(FIRST))))?;
        Ok(made.then(|| (FIRST.into(), password)))
    }

    /// Every account, in order of the logins.
    ///
    /// # Errors
    /// `NotFound` where there is no database; `Store` when they cannot be read.
    pub fn all(&self) -> Result<Vec<Account>> {
        self.with(|accounts| accounts.all())
    }

    /// The account of a login.
    ///
    /// # Errors
    /// `NotFound`; `Store` when it cannot be read.
    pub fn of_login(&self, login: &str) -> Result<Account> {
        self.with(|accounts| accounts.of_login(login))
    }

    /// Adds an account with its first password.
    ///
    /// # Errors
    /// `Conflict` where the login is taken; `Store` when it cannot be written.
    pub fn add(&self, new: NewAccount, password: &str, by: By, now: i64) -> Result<Account> {
        let (account, hash) = (made(new, now)?, password::hash(password)?);
        self.with(|accounts| accounts.add(&account, &hash, &by.note(now, "add", Some(&account.login))))?;
        Ok(account)
    }

    /// Changes an account; `what` is noted.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where no administrator would be left; `Store` when it cannot be written.
    pub fn change(
        &self,
        login: &str,
        what: &str,
        by: By,
        now: i64,
        change: impl FnOnce(&mut Account),
    ) -> Result<Account> {
        self.with(|accounts| accounts.change(login, &by.note(now, what, Some(login)), change))
    }

    /// Revokes the link by which the reporter of a report follows it, once and for all.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn revoke_link(&self, report: &str, by: By, now: i64) -> Result<()> {
        self.with(|accounts| accounts.revoke_link(report, &by.note(now, "revoke_link", Some(report))))
    }

    /// Those of these reports whose links were revoked.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn revoked_links(&self, reports: &[String]) -> Result<HashSet<String>> {
        self.with(|accounts| accounts.revoked_links(reports))
    }

    /// Sets whether reporters see what a step shows; false where it shows nothing. `about`: the step, for the audit log.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn show_photos(&self, step: NoteId, told: bool, by: By, about: &str, now: i64) -> Result<bool> {
        let what = if told { "show_photos" } else { "hide_photos" };
        self.with(|accounts| accounts.show_photos(&step.to_string(), told, &by.note(now, what, Some(about))))
    }

    /// Sets a password, and ends every session that began with the old one.
    ///
    /// # Errors
    /// `NotFound`; `Store` when it cannot be written.
    pub fn set_password(&self, login: &str, password: &str, by: By, now: i64) -> Result<Account> {
        let hash = password::hash(password)?;
        self.with(|accounts| accounts.set_hash(login, &hash, &by.note(now, "password", Some(login))))
    }

    /// Tries a login with a password. As many tries as people need are judged at once, more only after a while: for each
    /// login, and for each address. One for whom there is no account takes as long as one with a wrong password. `before`:
    /// the token that he came with; what it proved ends, so that no session outlives a login.
    ///
    /// # Errors
    /// `Store` when the accounts cannot be read or written.
    pub fn log_in(
        &self,
        login: &str,
        password: &str,
        before: Option<&str>,
        address: Option<&str>,
        now: i64,
    ) -> Result<LogIn> {
        if let Err(s) = self.guesses.attempt(login, address) {
            return Ok(LogIn::Wait { s });
        }
        let known = self.with(|accounts| accounts.to_check(login))?;
        let right = password::matches(password, known.as_ref().map(|(_, hash)| hash.as_str()));
        let by = By { account: None, address };
        let account = match known {
            Some((account, _)) if right && !account.disabled => account,
            known => {
                // Some type their password where the login belongs: what is no login is not written down.
                let about = known.as_ref().map(|(account, _)| account.login.as_str());
                self.with(|accounts| accounts.audit(&by.note(now, "log_in_failed", about)))?;
                return Ok(LogIn::Wrong);
            }
        };
        self.guesses.was_right(login, address);
        if let Some(before) = before {
            self.log_out(before, By { account: Some(&account.id), address }, now)?;
        }
        self.begin(account, By { account: None, address }, "log_in", now).map(LogIn::Done)
    }

    /// Begins a session for an account that has just proved itself.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn begin(&self, account: Account, by: By, what: &str, now: i64) -> Result<LoggedIn> {
        let token = token::random()?;
        let session = Session { created: now, last_seen: now, expires: now + IDLE_S };
        let by = By { account: Some(&account.id), ..by };
        let note = by.note(now, what, None);
        self.with(|accounts| accounts.begin_session(&token::hash(&token), &account.id, session, &note))?;
        Ok(LoggedIn { token, account, session })
    }

    /// Is this the password of an account? Counts as a try to log in.
    ///
    /// # Errors
    /// `Store` when the accounts cannot be read.
    pub fn proves(&self, login: &str, password: &str, address: Option<&str>) -> Result<Result<bool, u64>> {
        if let Err(s) = self.guesses.attempt(login, address) {
            return Ok(Err(s));
        }
        let known = self.with(|accounts| accounts.to_check(login))?;
        let right = password::matches(password, known.as_ref().map(|(_, hash)| hash.as_str()));
        if right {
            self.guesses.was_right(login, address);
        }
        Ok(Ok(right))
    }

    /// Whose session a token proves; it is prolonged by being used.
    ///
    /// # Errors
    /// `Store` when the accounts cannot be read or written.
    pub fn session(&self, token: &str, now: i64) -> Result<Option<(Account, Session)>> {
        let hash = token::hash(token);
        self.with(|accounts| {
            let Some((account, mut session)) = accounts.session(&hash, now)? else { return Ok(None) };
            if now - session.last_seen >= NOTED_EVERY_S {
                session.last_seen = now;
                session.expires = (now + IDLE_S).min(session.created + LONGEST_SESSION_S);
                accounts.prolong_session(&hash, session.last_seen, session.expires)?;
            }
            Ok(Some((account, session)))
        })
    }

    /// Ends the session of a token, if it proves one.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn log_out(&self, token: &str, by: By, now: i64) -> Result<()> {
        self.with(|accounts| accounts.end_session(&token::hash(token), &by.note(now, "log_out", None)))
    }

    /// Ends every session of a login; returns how many.
    ///
    /// # Errors
    /// `NotFound`; `Store` when it cannot be written.
    pub fn end_sessions(&self, login: &str, by: By, now: i64) -> Result<usize> {
        self.with(|accounts| accounts.end_sessions(login, &by.note(now, "revoke", Some(login))))
    }

    /// For whom an API key acts, and in what.
    ///
    /// # Errors
    /// `Store` when the accounts cannot be read or written.
    pub fn key(&self, key: &str, now: i64) -> Result<Option<(Account, Vec<Scope>)>> {
        let hash = token::hash(key);
        self.with(|accounts| {
            let Some((account, key)) = accounts.key(&hash, now)? else { return Ok(None) };
            if key.last_used.is_none_or(|used| now - used >= NOTED_EVERY_S) {
                accounts.key_used(&key.id, now)?;
            }
            Ok(Some((account, scope::read(&key.scopes))))
        })
    }

    /// Makes a key for a login; returns it, which is told once and not kept.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for days that no key holds; `Store` when it cannot be written.
    pub fn add_key(&self, login: &str, name: &str, scopes: &[Scope], days: u16, now: i64) -> Result<(String, ApiKey)> {
        if !(1..=LONGEST_KEY_DAYS).contains(&days) {
            return Err(invalid("--days", days, format!("not in [1, {LONGEST_KEY_DAYS}]")));
        }
        let text = format!("{KEY_PREFIX}{}", token::random()?);
        let key = ApiKey {
            id: random_id()?,
            account: self.of_login(login)?.id,
            name: name.to_owned(),
            scopes: scope::written(scopes),
            created: now,
            expires: now + i64::from(days) * 86_400,
            last_used: None,
        };
        let by = By::default();
        self.with(|accounts| accounts.add_key(&token::hash(&text), &key, &by.note(now, "key_add", Some(login))))?;
        Ok((text, key))
    }

    /// The keys of a login, or of all.
    ///
    /// # Errors
    /// `NotFound`; `Store` when they cannot be read.
    pub fn keys(&self, login: Option<&str>) -> Result<Vec<ApiKey>> {
        self.with(|accounts| {
            let account = login.map(|login| accounts.of_login(login)).transpose()?;
            accounts.keys(account.as_ref().map(|account| account.id.as_str()))
        })
    }

    /// Revokes a key by its id.
    ///
    /// # Errors
    /// `NotFound`; `Store` when it cannot be written.
    pub fn revoke_key(&self, id: &str, now: i64) -> Result<()> {
        let by = By::default();
        self.with(|accounts| accounts.revoke_key(id, &by.note(now, "key_revoke", Some(id))))
    }

    /// As whom others know the persons of numbers in the log: those who have an account.
    ///
    /// # Errors
    /// `Store` when the accounts cannot be read.
    pub fn names_of(&self, persons: impl IntoIterator<Item = NonZeroU64>) -> Result<Vec<(NonZeroU64, String)>> {
        self.with(|accounts| {
            let named = persons.into_iter().map(|person| Ok(accounts.name_of(person)?.map(|name| (person, name))));
            named.filter_map(Result::transpose).collect()
        })
    }

    /// Notes something that was done, or refused.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn audit(&self, by: By, what: &str, about: Option<&str>, now: i64) -> Result<()> {
        self.with(|accounts| accounts.audit(&by.note(now, what, about)))
    }

    /// The newest entries of the audit log, the oldest of them first; of one login, or all.
    ///
    /// # Errors
    /// `NotFound`; `Store` when they cannot be read.
    pub fn audited(&self, login: Option<&str>, most: usize) -> Result<Vec<Audited>> {
        self.with(|accounts| {
            let account = login.map(|login| accounts.of_login(login)).transpose()?;
            accounts.audited(account.as_ref().map(|account| (account.id.as_str(), account.login.as_str())), most)
        })
    }
}

/// The account of somebody new, with an id and a number of its own.
fn made(new: NewAccount, now: i64) -> Result<Account> {
    let NewAccount { login, name, role, unit, areas } = new;
    let (id, person) = (random_id()?, token::person()?);
    Ok(Account { id, login, name, role, unit, areas, person, disabled: false, created: now })
}

#[cfg(test)]
mod tests;
