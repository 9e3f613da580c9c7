//! One person: all that the database holds of him, and its erasure. The log keeps a number, which then leads to nobody.

use std::num::NonZeroU64;

use rusqlite::{Connection, params};

use super::accounts::has_tables;
use super::words::Words;
use super::{Append, PRIVATE_FILE, PUBLIC_FILE, Store, arrivals, decode, devices, file, inbox, photos, senders};
use crate::error::{Error, Result};
use crate::hazard::event::Event;

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Texts said with reports and steps.
    pub said: usize,
    pub photos: usize,
    pub sessions: usize,
    pub keys: usize,
    /// Entries of the audit log.
    pub audited: usize,
    pub accounts: usize,
}

impl Store {
    /// Everything in the log that one person did: reports and steps, in order.
    ///
    /// # Errors
    /// `Store` when the log cannot be read.
    pub fn events_of(&self, person: NonZeroU64) -> Result<Vec<(u64, Event)>> {
        events_of(&self.public, person).map_err(|e| self.failed(e))?.into_iter().filter_map(own(person)).collect()
    }

    /// Erases one person from the private file and whatever SQLite keeps beside it: his account, sessions, keys, what the
    /// audit log says of him, every word that he said with reports and steps, and his photos, but for those that somebody else
    /// sent as well. The log stays as it is: it has only his number. Writers wait meanwhile.
    ///
    /// # Errors
    /// `Busy` while another program reads the private file, after everything was deleted and before the last copy of it
    /// was written over: to be repeated. `Store` when either file cannot be read or written.
    pub fn erase(&mut self, person: NonZeroU64) -> Result<Erased> {
        // Whoever appends holds both files: nothing is said while this looks for what was.
        let (append, words) = self.begin()?;
        let erased = words.erase(person, &append.public)?;
        words.commit_erased(append)?;
        self.scrub()?;
        Ok(erased)
    }

    /// Erases what was said and shown with the reports whose senders are reached so, and what these say of themselves; as
    /// [`Store::erase`] otherwise.
    ///
    /// # Errors
    /// As [`Store::erase`].
    pub fn erase_contact(&mut self, contact: &str) -> Result<Erased> {
        let (append, words) = self.begin()?;
        let erased = words.erase_contact(contact)?;
        words.commit_erased(append)?;
        self.scrub()?;
        Ok(erased)
    }

    /// Writes the private file anew without what was deleted from it, and empties its write-ahead log.
    fn scrub(&self) -> Result<()> {
        let path = self.dir.join(PRIVATE_FILE);
        let fail = |e| file::failed(&path, e);
        self.private.execute_batch("VACUUM").map_err(fail)?;
        for (file, name) in [(&self.private, PRIVATE_FILE), (&self.public, PUBLIC_FILE)] {
            let held: bool = file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(fail)?;
            if held {
                let told = "is being read, so that its write-ahead log still holds what was erased: erase once more";
                return Err(Error::Held { file: self.dir.join(name).display().to_string(), why: told.to_owned() });
            }
        }
        Ok(())
    }
}

impl Words<'_> {
    /// What is erased is on the disk before anybody appends again.
    fn commit_erased(self, _append: Append) -> Result<()> {
        let Words { dir, private, .. } = self;
        private.commit().map_err(|e| file::failed(dir, e))
    }

    fn erase(&self, person: NonZeroU64, log: &Connection) -> Result<Erased> {
        let failed = |e| file::failed(self.dir, e);
        let mut erased = Erased::default();
        let events = events_of(log, person).map_err(failed)?;
        for event in events.into_iter().filter_map(own(person)) {
            let id = match event?.1 {
                Event::Report(report) => Some(report.id),
                Event::Transition(taken) => taken.note.map(String::from),
                _ => None,
            };
            erased.said += id.map_or(Ok(0), |id| forget(&self.private, &id)).map_err(failed)?;
        }
        erased.said += inbox::forget_person(&self.private, person).map_err(failed)?;
        erased.photos = photos::forget_person(&self.private, person).map_err(failed)?;
        erased.photos += photos::drop_unshown(&self.private).map_err(failed)?;
        if has_tables(&self.private).map_err(failed)? {
            delete_account(&self.private, person, &mut erased).map_err(failed)?;
        }
        Ok(erased)
    }

    fn erase_contact(&self, contact: &str) -> Result<Erased> {
        let erase = || {
            let mut erased = Erased::default();
            for report in senders::reports_from(&self.private, contact)? {
                erased.said += forget(&self.private, &report)?;
            }
            erased.photos = photos::drop_unshown(&self.private)?;
            Ok(erased)
        };
        erase().map_err(|e| file::failed(self.dir, e))
    }
}

/// Forgets what was said and shown with a report or a step, by the id of either; returns how many texts that were.
fn forget(private: &Connection, id: &str) -> rusqlite::Result<usize> {
    photos::forget_report(private, id)?;
    senders::forget(private, id)?;
    arrivals::forget(private, id)?;
    devices::forget(private, id)?;
    private.execute("DELETE FROM outbox WHERE report = ?1", [id])?;
    private.execute("DELETE FROM said WHERE report = ?1", [id])
}

fn delete_account(private: &Connection, person: NonZeroU64, erased: &mut Erased) -> rusqlite::Result<()> {
    let mut select = private.prepare("SELECT id, login FROM accounts WHERE person = ?1")?;
    let accounts = select.query_map([person.get()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (id, login) in accounts.collect::<rusqlite::Result<Vec<(String, String)>>>()? {
        erased.sessions += private.execute("DELETE FROM sessions WHERE account = ?1", [&id])?;
        erased.keys += private.execute("DELETE FROM api_keys WHERE account = ?1", [&id])?;
        let audited = "DELETE FROM audit WHERE account = ?1 OR about = ?2";
        erased.audited += private.execute(audited, params![id, login])?;
        erased.accounts += private.execute("DELETE FROM accounts WHERE id = ?1", [&id])?;
    }
    Ok(())
}

/// The entries of the log that may be of a person: his number stands in them.
fn events_of(public: &Connection, person: NonZeroU64) -> rusqlite::Result<Vec<(u64, String)>> {
    // Found as text: to read every entry would take many times as long.
    let sql = "SELECT seq, event FROM log WHERE instr(event, '\"person\":' || ?1) > 0 ORDER BY seq";
    let mut select = public.prepare(sql)?;
    let rows = select.query_map([person.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Picks the entries that are indeed of a person.
fn own(person: NonZeroU64) -> impl FnMut((u64, String)) -> Option<Result<(u64, Event)>> {
    move |(seq, text)| {
        let event = match decode(seq, &text) {
            Ok(event) => event,
            Err(error) => return Some(Err(error)),
        };
        let of = match &event {
            Event::Report(report) => report.person,
            Event::Transition(taken) => taken.actor.person,
            _ => None,
        };
        (of == Some(person)).then_some(Ok((seq, event)))
    }
}
