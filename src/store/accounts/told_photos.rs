//! Which of the photos of steps reporters see: the desk says so, and it is noted who did.

use rusqlite::params;

use super::Accounts;
use super::audit::{self, Note};
use crate::error::Result;

impl Accounts {
    /// Sets whether reporters see what a step shows, by the id of its note; false where it shows nothing.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn show_photos(&mut self, step: &str, told: bool, note: &Note) -> Result<bool> {
        self.write(|file| {
            let known = file.prepare_cached("SELECT 1 FROM photos_shown WHERE report = ?1")?.exists([step])?;
            let sql = "UPDATE photos_of_steps SET told = ?2 WHERE note = ?1 AND told <> ?2";
            if file.prepare_cached(sql)?.execute(params![step, told])? > 0 {
                audit::write(file, note)?;
            }
            Ok(Ok(known))
        })
    }
}
