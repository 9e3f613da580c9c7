//! Who may do what: accounts with their sessions, API keys and audit log, in the private file. A connection of its own,
//! beside the writer's. No password and no token is kept, only what proves one.

mod api_keys;
mod audit;
mod links;
mod sessions;
mod told_photos;

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, named_params};

pub use api_keys::ApiKey;
pub use audit::{Audited, Note};
pub use sessions::Session;

use super::{PRIVATE_FILE, PRIVATE_TABLES, arrivals, devices, file, inbox, outbox, photos, senders};
use crate::error::{Error, Result};
use crate::hazard::workflow::Role;

/// Made where they are missing: a database from before there were accounts goes on working, and an older program goes on
/// reading one that has them.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
        role TEXT NOT NULL, unit TEXT, areas TEXT NOT NULL, hash TEXT NOT NULL, person INTEGER NOT NULL UNIQUE,
        disabled INTEGER NOT NULL, created INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS sessions (hash BLOB PRIMARY KEY, account TEXT NOT NULL, created INTEGER NOT NULL,
        last_seen INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS api_keys (id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, account TEXT NOT NULL,
        name TEXT NOT NULL, scopes TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
        last_used INTEGER) STRICT;
    CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, account TEXT, what TEXT NOT NULL,
        about TEXT, address TEXT) STRICT;";
const TABLE_NAMES: [&str; 4] = ["accounts", "sessions", "api_keys", "audit"];
const COLUMNS: &str = "id, login, name, role, unit, areas, person, disabled, created";

/// Somebody who may log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Random; what sessions, keys and the audit log refer to.
    pub id: String,
    pub login: String,
    /// As others see him.
    pub name: String,
    pub role: Role,
    /// The unit he works for, by its id.
    pub unit: Option<String>,
    /// Ids of the areas to which his rights are bounded; none: everywhere.
    pub areas: Vec<String>,
    /// What stands for him in the log: a random number.
    pub person: NonZeroU64,
    pub disabled: bool,
    /// Unix seconds.
    pub created: i64,
}

/// The accounts of one database.
pub struct Accounts {
    path: PathBuf,
    file: Connection,
}

/// Opens the private file, with all its tables.
pub(super) fn open_private(dir: &Path) -> Result<Connection> {
    let path = dir.join(PRIVATE_FILE);
    let fail = |e| file::failed(&path, e);
    let mut private = file::open(&path, PRIVATE_TABLES)?;
    if !has_tables(&private).map_err(fail)? {
        let transaction = private.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        transaction.execute_batch(TABLES).map_err(fail)?;
        transaction.commit().map_err(fail)?;
    }
    outbox::make(&mut private).map_err(fail)?;
    private.execute_batch(links::TABLE).map_err(fail)?;
    private.execute_batch(photos::TABLES).map_err(fail)?;
    private.execute_batch(senders::TABLE).map_err(fail)?;
    private.execute_batch(arrivals::TABLE).map_err(fail)?;
    private.execute_batch(devices::TABLE).map_err(fail)?;
    private.execute_batch(inbox::TABLES).map_err(fail)?;
    // What is deleted is written over: nothing of an erased person stays in a free page.
    private.pragma_update(None, "secure_delete", true).map_err(fail)?;
    Ok(private)
}

/// Has this private file the tables of accounts?
pub(super) fn has_tables(private: &Connection) -> rusqlite::Result<bool> {
    for name in TABLE_NAMES {
        if !private.table_exists(None, name)? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Accounts {
    /// Opens those of the database in a folder.
    ///
    /// # Errors
    /// `NotFound` where there is no database; `Store` when it cannot be opened.
    pub fn open(dir: &Path) -> Result<Accounts> {
        let path = dir.join(PRIVATE_FILE);
        if !path.is_file() {
            return Err(Error::NotFound { what: "private file in folder", id: dir.display().to_string() });
        }
        Ok(Accounts { file: open_private(dir)?, path })
    }

    /// Every account, in order of the logins.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn all(&self) -> Result<Vec<Account>> {
        let mut select =
            self.file.prepare(&format!("SELECT {COLUMNS} FROM accounts ORDER BY login")).map_err(|e| self.failed(e))?;
        let rows = select.query_map([], account).map_err(|e| self.failed(e))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|e| self.failed(e))
    }

    /// The account of a login.
    ///
    /// # Errors
    /// `NotFound`; `Store` when it cannot be read.
    pub fn of_login(&self, login: &str) -> Result<Account> {
        by_login(&self.file, login).map_err(|e| self.failed(e))?.ok_or_else(|| no_account(login))
    }

    /// The account of a login with the hash of its password, to be checked; nothing for a login that there is not.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn to_check(&self, login: &str) -> Result<Option<(Account, String)>> {
        let sql = format!("SELECT {COLUMNS}, hash FROM accounts WHERE login = ?1");
        let found = self.file.query_row(&sql, [login], |row| Ok((account(row)?, row.get("hash")?)));
        found.optional().map_err(|e| self.failed(e))
    }

    /// As whom others know the person of a number in the log; nothing for one who has no account, or was erased.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn name_of(&self, person: NonZeroU64) -> Result<Option<String>> {
        let mut select =
            self.file.prepare_cached("SELECT name FROM accounts WHERE person = ?1").map_err(|e| self.failed(e))?;
        select.query_row([person.get()], |row| row.get(0)).optional().map_err(|e| self.failed(e))
    }

    /// Adds an account; `hash`: of its password.
    ///
    /// # Errors
    /// `Conflict` where the login is taken; `Store` when it cannot be written.
    pub fn add(&mut self, account: &Account, hash: &str, note: &Note) -> Result<()> {
        self.write(|file| {
            let taken = "SELECT count(*) FROM accounts WHERE login = ?1";
            if file.query_row(taken, [&account.login], |row| row.get::<_, i64>(0))? > 0 {
                return Ok(Err(Error::Conflict(format!("there is an account {} already", account.login))));
            }
            insert(file, account, hash)?;
            audit::write(file, note).map(Ok)
        })
    }

    /// Adds the first account of all; false where there is one already, and nothing was done.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn add_first(&mut self, account: &Account, hash: &str, note: &Note) -> Result<bool> {
        self.write(|file| {
            if file.query_row("SELECT count(*) FROM accounts", [], |row| row.get::<_, i64>(0))? > 0 {
                return Ok(Ok(false));
            }
            insert(file, account, hash)?;
            audit::write(file, note)?;
            Ok(Ok(true))
        })
    }

    /// Changes the account of a login: all but its id, login, person and password. Whom it disables loses his sessions.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where no administrator would be left; `Store` when it cannot be written.
    pub fn change(&mut self, login: &str, note: &Note, change: impl FnOnce(&mut Account)) -> Result<Account> {
        self.write(|file| {
            let Some(mut account) = by_login(file, login)? else { return Ok(Err(no_account(login))) };
            let had_one = !no_administrator(file)?;
            change(&mut account);
            let Account { id, name, role, unit, areas, disabled, .. } = &account;
            file.execute(
                "UPDATE accounts SET name = :name, role = :role, unit = :unit, areas = :areas, disabled = :disabled
                 WHERE id = :id",
                named_params! {":id": id, ":name": name, ":role": role.name(), ":unit": unit,
                ":areas": written(areas), ":disabled": disabled},
            )?;
            if had_one && no_administrator(file)? {
                return Ok(Err(Error::Conflict(format!("{login} is the last administrator: make another one first"))));
            }
            if account.disabled {
                sessions::end_all(file, id)?;
            }
            audit::write(file, note)?;
            Ok(Ok(account))
        })
    }

    /// Sets the hash of a password, and ends every session that began with the old one.
    ///
    /// # Errors
    /// `NotFound`; `Store` when it cannot be written.
    pub fn set_hash(&mut self, login: &str, hash: &str, note: &Note) -> Result<Account> {
        self.write(|file| {
            let Some(account) = by_login(file, login)? else { return Ok(Err(no_account(login))) };
            file.execute("UPDATE accounts SET hash = ?2 WHERE id = ?1", [&account.id, hash])?;
            sessions::end_all(file, &account.id)?;
            audit::write(file, note)?;
            Ok(Ok(account))
        })
    }

    /// One transaction; what is refused inside is not kept.
    fn write<T>(&mut self, work: impl FnOnce(&Transaction) -> rusqlite::Result<Result<T>>) -> Result<T> {
        let Accounts { path, file } = self;
        let fail = |e| file::failed(path, e);
        let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let done = work(&transaction).map_err(fail)??;
        transaction.commit().map_err(fail)?;
        Ok(done)
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        file::failed(&self.path, error)
    }
}

fn by_login(file: &Connection, login: &str) -> rusqlite::Result<Option<Account>> {
    file.query_row(&format!("SELECT {COLUMNS} FROM accounts WHERE login = ?1"), [login], account).optional()
}

fn insert(file: &Connection, account: &Account, hash: &str) -> rusqlite::Result<()> {
    let Account { id, login, name, role, unit, areas, person, disabled, created } = account;
    file.execute(
        "INSERT INTO accounts VALUES (:id, :login, :name, :role, :unit, :areas, :hash, :person, :disabled, :created)",
        named_params! {":id": id, ":login": login, ":name": name, ":role": role.name(), ":unit": unit,
        ":areas": written(areas), ":hash": hash, ":person": person.get(), ":disabled": disabled,
        ":created": created},
    )
    .map(drop)
}

/// Nobody who may make accounts: one whose rights are bounded to areas may not.
fn no_administrator(file: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) FROM accounts WHERE role = ?1 AND areas = '[]' AND NOT disabled";
    file.query_row(sql, [Role::Administrator.name()], |row| Ok(row.get::<_, i64>(0)? == 0))
}

/// An account from the columns of its table.
fn account(row: &Row) -> rusqlite::Result<Account> {
    let odd = |column: &str, text: String| {
        let what = format!("{column} of an account cannot be read: {text:?}");
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, what.into())
    };
    let (role, areas): (String, String) = (row.get("role")?, row.get("areas")?);
    let person = NonZeroU64::new(row.get("person")?).ok_or_else(|| odd("person", "0".into()))?;
    Ok(Account {
        id: row.get("id")?,
        login: row.get("login")?,
        name: row.get("name")?,
        role: Role::named(&role).ok_or_else(|| odd("role", role))?,
        unit: row.get("unit")?,
        areas: serde_json::from_str(&areas).map_err(|_| odd("areas", areas))?,
        person,
        disabled: row.get("disabled")?,
        created: row.get("created")?,
    })
}

/// A list as the file keeps it: JSON.
fn written(areas: &[String]) -> String {
    serde_json::Value::from(areas).to_string()
}

fn no_account(login: &str) -> Error {
    Error::NotFound { what: "account", id: login.to_owned() }
}

#[cfg(test)]
mod tests;
