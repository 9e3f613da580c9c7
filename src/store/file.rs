//! One database file: opening it, its version, and what its errors mean to a person.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::config::LOCK_WAIT;
use crate::error::{Error, Result};

/// "WLOG": marks a file as ours.
const APPLICATION_ID: i64 = 0x574c_4f47;
/// Raised with every change of the tables.
const VERSION: i64 = 1;
/// Pages that may be kept in memory: few, as the fold holds what is read often.
const CACHE_KIB: i64 = 2_048;
/// Pages of 4 KiB in the write-ahead log before they are written back within a commit. Each report changes another page of
/// the keys, and each page is written back once, however often it was changed: with a tenth as many, three times as many are
/// written, and writing back took a third of the time of a busy writer.
const PAGES_BEFORE_WRITING_BACK: i64 = 40_000;
/// And where much is written: keys fall all over their pages, and with too few in memory each is written several times in
/// one transaction.
const CACHE_OF_MUCH_KIB: i64 = 65_536;
const LOCKED: &str = "another program holds the database";
const FULL: &str = "the disk is full; nothing of this was kept";

/// Opens a file, making the tables where it is new.
pub fn open(path: &Path, tables: &str) -> Result<Connection> {
    let fail = |e: rusqlite::Error| failed(path, e);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut file = Connection::open_with_flags(path, flags).map_err(fail)?;
    file.busy_timeout(LOCK_WAIT).map_err(fail)?;
    let number = |file: &Connection, pragma: &str| {
        file.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0)).map_err(fail)
    };
    if (number(&file, "application_id")?, number(&file, "user_version")?) != (APPLICATION_ID, VERSION) {
        create(&mut file, path, tables)?;
    }
    // FULL: a commit is on the disk when it returns, not merely with the operating system.
    file.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").map_err(fail)?;
    file.pragma_update(None, "cache_size", -CACHE_KIB).map_err(fail)?;
    file.pragma_update(None, "wal_autocheckpoint", PAGES_BEFORE_WRITING_BACK).map_err(fail)?;
    Ok(file)
}

/// Keeps more pages of a file in memory from now on.
pub fn expect_much(file: &Connection) -> rusqlite::Result<()> {
    file.pragma_update(None, "cache_size", -CACHE_OF_MUCH_KIB)
}

/// Is this a database of ours, of the version this program reads?
pub fn expect_ours(file: &Connection, path: &Path) -> Result<()> {
    let number = |pragma: &str| file.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0));
    let found = number("application_id").and_then(|id: i64| Ok((id, number("user_version")?)));
    match found.map_err(|e| failed(path, e))? {
        (APPLICATION_ID, VERSION) => Ok(()),
        found => Err(foreign(path, found)),
    }
}

/// What a file is that is none of ours, or of another version.
fn foreign(path: &Path, (id, version): (i64, i64)) -> Error {
    Error::Store(match id {
        APPLICATION_ID => {
            format!("{}: database of version {version}; this program reads version {VERSION}", path.display())
        }
        _ => format!("{}: not a database of waterlog", path.display()),
    })
}

/// Makes the tables of a new file; two processes may try at once.
fn create(file: &mut Connection, path: &Path, tables: &str) -> Result<()> {
    let fail = |e: rusqlite::Error| failed(path, e);
    let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
    let number = |sql: &str| transaction.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(fail);
    let found = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    let objects = number("SELECT count(*) FROM sqlite_master")?;
    match found {
        (APPLICATION_ID, VERSION) => return Ok(()),
        (0, 0) if objects == 0 => {}
        found => return Err(foreign(path, found)),
    }
    let mark = format!("{tables} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};");
    transaction.execute_batch(&mark).map_err(fail)?;
    transaction.commit().map_err(fail)
}

/// Does some work in one transaction, durably.
///
/// # Errors
/// As [`failed`].
pub fn write<T>(
    path: &Path,
    file: &mut Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T> {
    let fail = |e| failed(path, e);
    let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
    let done = work(&transaction).map_err(fail)?;
    transaction.commit().map_err(fail)?;
    Ok(done)
}

/// Is it that another program holds a file?
pub fn is_locked(error: &Error) -> bool {
    matches!(error, Error::Held { why, .. } if why == LOCKED)
}

/// What went wrong, as a person can act on it.
pub fn failed(path: &Path, error: rusqlite::Error) -> Error {
    // Memory that processes share lies in a file as well; SQLite does not say that there was no room for it.
    let no_room = error.sqlite_error().is_some_and(|e| e.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE);
    let busy = |why: &str| Error::Held { file: path.display().to_string(), why: why.to_owned() };
    let what = match error.sqlite_error_code() {
        _ if no_room => return busy(FULL),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => return busy(LOCKED),
        Some(ErrorCode::DiskFull) => return busy(FULL),
        Some(ErrorCode::NotADatabase) => "not a database".to_owned(),
        Some(ErrorCode::CannotOpen) => "cannot be opened".to_owned(),
        Some(ErrorCode::ReadOnly) => "may not be written".to_owned(),
        _ => error.to_string(),
    };
    Error::Store(format!("{}: {what}", path.display()))
}
