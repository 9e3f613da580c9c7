//! Is the log whole? For `waterlog verify`.

use std::path::Path;

use rusqlite::{Connection, Row, Transaction};

use super::{Digest, Store, arrivals, damaged, devices, file, link, photos, senders};
use crate::error::{Error, Result};

impl Store {
    /// Walks the log: positions without gaps, each checksum right, the end where the head says, and each key naming an
    /// entry of its own. Returns how many entries it has.
    ///
    /// # Errors
    /// `Store` naming the first entry that is missing or was changed.
    pub fn verify(&self, each: impl FnMut(u64)) -> Result<u64> {
        check_log(&self.public, &self.dir, each)
    }

    /// Counts the reports, and steps, that something was said or shown with and that are not in the log, and drops it where
    /// `repair` is given: the process was stopped between the two files, or the public one is older. `is_known` answers for the reports up to position
    /// `after`; those beyond are read here.
    ///
    /// # Errors
    /// `Store` when either file cannot be read or written.
    pub fn orphans(&mut self, after: u64, repair: bool, is_known: impl Fn(&str) -> bool) -> Result<usize> {
        // The lock on the public file keeps writers, who hold it around both commits, out of the way.
        let (append, words) = self.begin()?;
        let failed = |e| file::failed(append.dir, e);
        let (later, notes) = (append.reports_after(after)?, append.notes()?);
        let is_known = |id: &str| is_known(id) || later.contains(id) || notes.contains(id);
        let orphans: Vec<String> = {
            // What waits in the inbox shows photos before it is a report.
            let all = "SELECT report FROM said UNION SELECT report FROM positions UNION SELECT report FROM senders
                UNION SELECT report FROM arrivals UNION SELECT report FROM devices
                UNION SELECT report FROM photos_shown WHERE report NOT IN (SELECT id FROM inbox)";
            let mut select = words.private.prepare(all).map_err(failed)?;
            let ids = select.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
            ids.filter(|id| id.as_ref().map_or(true, |id| !is_known(id))).collect::<Result<_, _>>().map_err(failed)?
        };
        if repair {
            for id in &orphans {
                words.private.execute("DELETE FROM said WHERE report = ?1", [id]).map_err(failed)?;
                photos::forget_report(&words.private, id).map_err(failed)?;
                senders::forget(&words.private, id).map_err(failed)?;
                arrivals::forget(&words.private, id).map_err(failed)?;
                devices::forget(&words.private, id).map_err(failed)?;
            }
            photos::drop_unshown(&words.private).map_err(failed)?;
            words.private.commit().map_err(|e| file::failed(append.dir, e))?;
        }
        Ok(orphans.len())
    }
}

/// As [`Store::verify`], of a public file by itself; `path` is what errors name.
pub(super) fn check_log(public: &Connection, path: &Path, each: impl FnMut(u64)) -> Result<u64> {
    let failed = |e| file::failed(path, e);
    // One snapshot, whatever a running service appends meanwhile.
    let snapshot = public.unchecked_transaction().map_err(failed)?;
    let head = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (seq, checksum, keys): (u64, Digest, u64) =
        snapshot.query_row("SELECT seq, checksum, keys FROM head", [], head).map_err(failed)?;
    let (last, chain) = walk(&snapshot, path, each)?;
    if last < seq {
        return Err(damaged(last + 1, "is missing"));
    }
    if (last, chain) != (seq, checksum) {
        return Err(damaged(seq + 1, "was added by another program, or the note of where the log ends was changed"));
    }
    let counts = "SELECT count(*), count(DISTINCT seq), coalesce(min(seq), 1), coalesce(max(seq), 1) FROM keys";
    let counts = snapshot.query_row(counts, [], |r| Ok([r.get::<_, u64>(0)?, r.get(1)?, r.get(2)?, r.get(3)?]));
    let [count, distinct, first, newest] = counts.map_err(failed)?;
    if [count, distinct] != [keys, keys] || first < 1 || newest > last.max(1) {
        return Err(Error::Store("the keys that make retries harmless were changed".into()));
    }
    Ok(last)
}

fn walk(snapshot: &Transaction, path: &Path, mut each: impl FnMut(u64)) -> Result<(u64, Digest)> {
    let failed = |e| file::failed(path, e);
    let mut select = snapshot.prepare("SELECT seq, event, checksum FROM log ORDER BY seq").map_err(failed)?;
    let mut rows = select.query([]).map_err(failed)?;
    let (mut last, mut chain) = (0, Digest::default());
    while let Some(row) = rows.next().map_err(failed)? {
        let seq: u64 = row.get(0).map_err(failed)?;
        if seq != last + 1 {
            return Err(damaged(last + 1, "is missing"));
        }
        let event: String = row.get(1).map_err(|e| damaged(seq, &format!("cannot be read: {e}")))?;
        chain = link(&chain, seq, &event);
        // A checksum of another length is a wrong one too.
        if row.get::<_, Digest>(2).ok() != Some(chain) {
            return Err(damaged(seq, "was changed, or one before it: its checksum is wrong"));
        }
        last = seq;
        each(seq);
    }
    Ok((last, chain))
}
