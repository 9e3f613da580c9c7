//! API keys: what programs prove themselves with.

use rusqlite::{OptionalExtension, Row, params};

use super::{Account, Accounts, COLUMNS, Note, account, audit};
use crate::error::{Error, Result};
use crate::store::TokenHash;

/// A key as it is kept; what it proves lies in its hash. Times in unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Random; by this it is revoked.
    pub id: String,
    /// The id of the account that it acts for.
    pub account: String,
    /// What it is for, in its owner's words.
    pub name: String,
    /// Words with a space between.
    pub scopes: String,
    pub created: i64,
    pub expires: i64,
    pub last_used: Option<i64>,
}

const KEY_COLUMNS: &str = "id, account, name, scopes, created, expires, last_used";

impl Accounts {
    /// Adds a key under the hash of it.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn add_key(&mut self, hash: &TokenHash, key: &ApiKey, note: &Note) -> Result<()> {
        self.write(|file| {
            let ApiKey { id, account, name, scopes, created, expires, last_used } = key;
            file.execute(
                "INSERT INTO api_keys VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![id, hash, account, name, scopes, created, expires, last_used],
            )?;
            audit::write(file, note).map(Ok)
        })
    }

    /// The key of a hash and whose it is; nothing for one that has expired or was revoked, or whose account is disabled.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn key(&self, hash: &TokenHash, now: i64) -> Result<Option<(Account, ApiKey)>> {
        let sql = format!("SELECT {KEY_COLUMNS} FROM api_keys WHERE hash = ?1 AND expires > ?2");
        let mut select = self.file.prepare_cached(&sql).map_err(|e| self.failed(e))?;
        let key = select.query_row(params![hash, now], api_key).optional().map_err(|e| self.failed(e))?;
        let Some(key) = key else { return Ok(None) };
        let sql = format!("SELECT {COLUMNS} FROM accounts WHERE id = ?1 AND NOT disabled");
        let mut select = self.file.prepare_cached(&sql).map_err(|e| self.failed(e))?;
        let owner = select.query_row([&key.account], account).optional().map_err(|e| self.failed(e))?;
        Ok(owner.map(|owner| (owner, key)))
    }

    /// Notes that a key was used.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn key_used(&self, id: &str, now: i64) -> Result<()> {
        let sql = "UPDATE api_keys SET last_used = ?2 WHERE id = ?1";
        self.file.execute(sql, params![id, now]).map(drop).map_err(|e| self.failed(e))
    }

    /// The keys of an account, or of all, the oldest first; those that have expired too.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn keys(&self, account: Option<&str>) -> Result<Vec<ApiKey>> {
        let sql = format!("SELECT {KEY_COLUMNS} FROM api_keys WHERE ?1 IS NULL OR account = ?1 ORDER BY created, id");
        let mut select = self.file.prepare(&sql).map_err(|e| self.failed(e))?;
        let rows = select.query_map([account], api_key).map_err(|e| self.failed(e))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|e| self.failed(e))
    }

    /// Revokes a key by its id.
    ///
    /// # Errors
    /// `NotFound`; `Store` when it cannot be written.
    pub fn revoke_key(&mut self, id: &str, note: &Note) -> Result<()> {
        self.write(|file| match file.execute("DELETE FROM api_keys WHERE id = ?1", [id])? {
            0 => Ok(Err(Error::NotFound { what: "API key", id: id.to_owned() })),
            _ => audit::write(file, note).map(Ok),
        })
    }
}

fn api_key(row: &Row) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: row.get("id")?,
        account: row.get("account")?,
        name: row.get("name")?,
        scopes: row.get("scopes")?,
        created: row.get("created")?,
        expires: row.get("expires")?,
        last_used: row.get("last_used")?,
    })
}
