//! Copies of a database: taken while a service writes, put back where there is none. A copy counts once it is whole on
//! the disk and has been checked; until then it has another name.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::accounts::has_tables;
use super::verify::check_log;
use super::{PRIVATE_FILE, PUBLIC_FILE, Store, arrivals, devices, file, inbox, outbox, photos, senders};
use crate::config::LOCK_WAIT;
use crate::error::{Error, Result, invalid};

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Entries of the log.
    pub entries: u64,
    /// Texts of reporters; none where only the log was copied.
    pub said: Option<u64>,
}

/// Added to the name of what is not whole yet.
const PARTIAL: &str = "partial";

/// Copies a database into a new folder as it stands at one moment, both files or only the public one. Writers go on.
///
/// The log is copied first: what people wrote is committed before its report, so the private copy then has all that
/// the log refers to, and what it has beyond is dropped from it.
///
/// # Errors
/// `NotFound` where there is no database; `Conflict` where there is something at `dest` already, which is left as it is;
/// `Busy` when the disk is full; `Store` when the log is damaged. In none of these is anything left at `dest`.
pub fn backup(data: &Path, dest: &Path, public_only: bool, each: impl FnMut(u64)) -> Result<Copied> {
    expect_file(data, PUBLIC_FILE, "database in folder")?;
    if !public_only {
        expect_file(data, PRIVATE_FILE, "private file in folder")?;
    }
    if dest.symlink_metadata().is_ok() {
        return Err(taken(dest, "a backup never overwrites anything"));
    }
    let partial = with_partial(dest);
    fs::create_dir(&partial).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => {
            taken(&partial, "a backup is being made there, or was stopped: remove it if none is running")
        }
        _ => failed(&partial, &e),
    })?;
    let copied = copy_all(data, &partial, public_only, each);
    let done = copied.and_then(|copied| {
        sync(&partial)?;
        // Onto a folder that came to be in the meantime this fails, unless that is empty.
        fs::rename(&partial, dest).map_err(|e| failed(dest, &e))?;
        sync(parent(dest)).map(|()| copied)
    });
    if done.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    done
}

fn copy_all(data: &Path, to: &Path, public_only: bool, each: impl FnMut(u64)) -> Result<Copied> {
    let public = to.join(PUBLIC_FILE);
    copy(&data.join(PUBLIC_FILE), &public, &public)?;
    let entries = check_log(&open(&public)?, &public, each).map_err(|e| {
        Error::Store(format!("the copy of {} is not whole, so it was not kept: {}", data.display(), why(e)))
    })?;
    if public_only {
        return Ok(Copied { entries, said: None });
    }
    let private = to.join(PRIVATE_FILE);
    copy(&data.join(PRIVATE_FILE), &private, &private)?;
    Ok(Copied { entries, said: Some(drop_what_came_later(&public, &private)?) })
}

/// Puts a backup into a folder that holds no database. One of the log alone gets an empty private file beside it.
///
/// # Errors
/// `NotFound` where there is no backup; `Conflict` where there is a database already; `Busy` when the disk is full;
/// `Store` when the backup is damaged. In none of these is a database made.
pub fn restore(backup: &Path, data: &Path, each: impl FnMut(u64)) -> Result<Copied> {
    expect_file(backup, PUBLIC_FILE, "backup in folder")?;
    for name in [PUBLIC_FILE, PRIVATE_FILE] {
        if data.join(name).symlink_metadata().is_ok() {
            return Err(taken(&data.join(name), "restore into a folder without a database"));
        }
    }
    fs::create_dir_all(data).map_err(|e| failed(data, &e))?;
    let names: Vec<&str> = [PUBLIC_FILE, PRIVATE_FILE].into_iter().filter(|name| backup.join(name).is_file()).collect();
    let partials: Vec<PathBuf> = names.iter().map(|name| with_partial(&data.join(name))).collect();
    let clean = || partials.iter().for_each(|partial| drop(fs::remove_file(partial)));
    // Of a restore that was stopped.
    clean();
    let done = put_back(backup, data, &names, &partials, each);
    if done.is_err() {
        clean();
    }
    done
}

fn put_back(backup: &Path, data: &Path, names: &[&str], partials: &[PathBuf], each: impl FnMut(u64)) -> Result<Copied> {
    for (name, partial) in names.iter().zip(partials) {
        copy(&backup.join(name), partial, &data.join(name))?;
    }
    let damaged = |e| Error::Store(format!("{}: the backup is damaged: {}", backup.display(), why(e)));
    let entries = check_log(&open(&partials[0])?, &backup.join(PUBLIC_FILE), each).map_err(damaged)?;
    let said = match partials.get(1) {
        Some(private) => Some(count_said(&open(private)?, private).map_err(damaged)?),
        None => None,
    };
    forget_identity(&partials[0])?;
    // The log last: while it is missing there is no database.
    for (name, partial) in names.iter().zip(partials).rev() {
        fs::rename(partial, data.join(name)).map_err(|e| failed(partial, &e))?;
        sync(data)?;
    }
    if said.is_none() {
        // An empty private file, so that every command finds a whole database.
        drop(Store::open(data)?);
    }
    Ok(Copied { entries, said })
}

/// A log that is put back goes on in another way than the one that was copied.
fn forget_identity(log: &Path) -> Result<()> {
    let connection = open(log)?;
    // With no file beside it that a full disk could leave.
    let forget = || {
        connection.pragma_update(None, "journal_mode", "memory")?;
        connection.execute("DELETE FROM meta WHERE name = 'identity'", [])
    };
    forget().map_err(|e| file::failed(log, e))?;
    drop(connection);
    sync(log)
}

/// Copies one file of a database as it stands at one moment, without what was deleted from it, onto the disk. `shown`:
/// the copy, as people know it.
fn copy(from: &Path, to: &Path, shown: &Path) -> Result<()> {
    let source = open(from)?;
    file::expect_ours(&source, from)?;
    let target = to.to_str().ok_or_else(|| invalid("folder", to.display(), "is not UTF-8"))?;
    source.execute("VACUUM INTO ?1", [target]).map_err(|e| match e.sqlite_error_code() {
        // The room that is missing is missing at the copy.
        Some(rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::CannotOpen) => file::failed(shown, e),
        _ => file::failed(from, e),
    })?;
    sync(to)
}

/// Opens a file that is there, and changes nothing of how it is kept.
fn open(path: &Path) -> Result<Connection> {
    // A file that a service writes to is in a mode in which those who read must write to the memory they share.
    let write = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = Connection::open_with_flags(path, write).map_err(|e| file::failed(path, e))?;
    file.busy_timeout(LOCK_WAIT).map_err(|e| file::failed(path, e))?;
    Ok(file)
}

/// Drops from the private copy what belongs to events beyond the end of the copied log; what became a report there is back in
/// the inbox. Returns how many texts it has.
fn drop_what_came_later(public: &Path, private: &Path) -> Result<u64> {
    let fail = |e| file::failed(private, e);
    let mut copy = open(private)?;
    let log = public.to_str().ok_or_else(|| invalid("folder", public.display(), "is not UTF-8"))?;
    copy.execute("ATTACH ?1 AS public", [log]).map_err(fail)?;
    let ids = "SELECT coalesce(event ->> '$.report.id', event ->> '$.transition.note') AS id FROM public.log";
    // One that no later program has opened has none of these.
    outbox::make(&mut copy).map_err(fail)?;
    copy.execute_batch(photos::TABLES).map_err(fail)?;
    copy.execute_batch(senders::TABLE).map_err(fail)?;
    copy.execute_batch(arrivals::TABLE).map_err(fail)?;
    copy.execute_batch(devices::TABLE).map_err(fail)?;
    copy.execute_batch(inbox::TABLES).map_err(fail)?;
    let later = format!("report NOT IN (SELECT id FROM ({ids}) WHERE id IS NOT NULL)");
    // What became a report beyond the end waits in the copy, and what waits shows photos before it is a report.
    let waits = format!("{later} OR id IN (SELECT entry FROM inbox_made WHERE {later})");
    copy.execute(&format!("UPDATE inbox SET ended = NULL, report = NULL WHERE {waits}"), []).map_err(fail)?;
    for table in ["said", "positions", "senders", "arrivals", "devices", "inbox_made"] {
        copy.execute(&format!("DELETE FROM {table} WHERE {later}"), []).map_err(fail)?;
    }
    let shown = format!("DELETE FROM photos_shown WHERE {later} AND report NOT IN (SELECT id FROM inbox)");
    copy.execute(&shown, []).map_err(fail)?;
    photos::drop_unshown(&copy).map_err(fail)?;
    copy.execute("DELETE FROM outbox WHERE seq > (SELECT seq FROM public.head)", []).map_err(fail)?;
    copy.execute("DETACH public", []).map_err(fail)?;
    // Nobody is logged in to a copy.
    if has_tables(&copy).map_err(fail)? {
        copy.execute("DELETE FROM sessions", []).map_err(fail)?;
    }
    let said = count_said(&copy, private)?;
    drop(copy);
    sync(private)?;
    Ok(said)
}

/// How many texts a private file holds, and whether it is whole.
fn count_said(file: &Connection, path: &Path) -> Result<u64> {
    let fail = |e| file::failed(path, e);
    let health: String = file.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(fail)?;
    if health != "ok" {
        return Err(Error::Store(format!("{}: {health}", path.display())));
    }
    file.query_row("SELECT count(*) FROM said", [], |row| row.get(0)).map_err(fail)
}

fn expect_file(dir: &Path, name: &str, what: &'static str) -> Result<()> {
    let there = dir.join(name).is_file();
    if there { Ok(()) } else { Err(Error::NotFound { what, id: dir.display().to_string() }) }
}

/// What an error says, without its kind.
fn why(error: Error) -> String {
    match error {
        Error::Store(what) => what,
        other => other.to_string(),
    }
}

fn taken(path: &Path, what: &str) -> Error {
    Error::Conflict(format!("{} is there already: {what}", path.display()))
}

fn with_partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(PARTIAL);
    path.with_file_name(name)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Waits until a file, or the names in a folder, are on the disk.
fn sync(path: &Path) -> Result<()> {
    fs::File::open(path).and_then(|file| file.sync_all()).map_err(|e| failed(path, &e))
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull => Error::Held {
            file: path.display().to_string(),
            why: "the disk is full; nothing of this was kept".to_owned(),
        },
        _ => Error::Store(format!("{}: {error}", path.display())),
    }
}
