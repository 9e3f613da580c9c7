//! Photos, in the private file: each kept once, by the hash of what was sent, with who sent it and which reports show it.
//! A connection of its own, beside the writer's.

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::accounts::open_private;
use super::words::Words;
use super::{PRIVATE_FILE, Store, file};
use crate::error::{Error, Result};
use crate::hazard::photo::Photo;
use crate::hazard::position::Position;

/// In the private file; made where they are missing, for a file of an earlier program has none. `photos_waiting`: those
/// that nothing shows yet, since when (unix seconds). `photos_shown`: by reports, by what waits in the inbox, and by steps of
/// the workflow, under the ids of their notes; `photos_of_steps` leads from such a note to a report of its case, and says
/// whether reporters see what it shows. `positions`: where a report may be, as its sender's sources said, as JSON.
pub(super) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS photos (id TEXT PRIMARY KEY, about TEXT NOT NULL, thumbnail BLOB NOT NULL,
        jpeg BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS photos_sent (photo TEXT NOT NULL, person INTEGER NOT NULL,
        PRIMARY KEY (photo, person)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS photos_shown (report TEXT NOT NULL, photo TEXT NOT NULL,
        PRIMARY KEY (report, photo)) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS photos_shown_by ON photos_shown (photo);
    CREATE TABLE IF NOT EXISTS photos_of_steps (note TEXT PRIMARY KEY, report TEXT NOT NULL,
        told INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS photos_waiting (photo TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS positions (report TEXT PRIMARY KEY, candidates TEXT NOT NULL) STRICT, WITHOUT ROWID;";

/// A photo that no report and no step shows within this time is dropped.
const WAITS_S: i64 = 86_400;

/// Which of the two pictures that are kept of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Whole,
    Thumbnail,
}

/// The photos of one database.
pub struct Photos {
    path: PathBuf,
    pub(super) file: Connection,
}

impl Photos {
    /// Opens those of the database in a folder.
    ///
    /// # Errors
    /// `NotFound` where there is no database; `Store` when it cannot be opened.
    pub fn open(dir: &Path) -> Result<Photos> {
        let path = dir.join(PRIVATE_FILE);
        if !path.is_file() {
            return Err(Error::NotFound { what: "private file in folder", id: dir.display().to_string() });
        }
        Ok(Photos { file: open_private(dir)?, path })
    }

    /// What is known of the photo with an id, where it is kept; `sender` has then sent it as well. `now` in unix seconds.
    ///
    /// # Errors
    /// `Store` when it cannot be read or written.
    pub fn again(&mut self, id: &str, sender: Option<NonZeroU64>, now: i64) -> Result<Option<Photo>> {
        let Some(about) = about(&self.file, id).map_err(|e| self.failed(e))? else { return Ok(None) };
        self.write(|file| note_sent(file, id, sender, now))?;
        Ok(Some(about))
    }

    /// Keeps a photo, durably; false where it was kept already. What has waited too long for a report is dropped. `now` in
    /// unix seconds.
    ///
    /// # Errors
    /// `Busy` when the disk is full; `Store` when it cannot be written.
    pub fn keep(
        &mut self,
        about: &Photo,
        jpeg: &[u8],
        thumbnail: &[u8],
        sender: Option<NonZeroU64>,
        now: i64,
    ) -> Result<bool> {
        let written = serde_json::to_string(about);
        let written = written.map_err(|e| Error::Store(format!("a photo cannot be written: {e}")))?;
        self.write(|file| {
            let dropped = "DELETE FROM photos WHERE id IN (SELECT photo FROM photos_waiting WHERE since < ?1)";
            file.execute(dropped, [now - WAITS_S])?;
            file.execute("DELETE FROM photos_waiting WHERE since < ?1", [now - WAITS_S])?;
            let insert = "INSERT INTO photos VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
            let fresh = file.execute(insert, params![about.id, written, thumbnail, jpeg])? > 0;
            if fresh {
                file.execute("INSERT OR REPLACE INTO photos_waiting VALUES (?1, ?2)", params![about.id, now])?;
            }
            note_sent(file, &about.id, sender, now)?;
            Ok(fresh)
        })
    }

    /// A photo as it is kept: a JPEG.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn picture(&self, id: &str, size: Size) -> Result<Option<Vec<u8>>> {
        let sql = match size {
            Size::Whole => "SELECT jpeg FROM photos WHERE id = ?1",
            Size::Thumbnail => "SELECT thumbnail FROM photos WHERE id = ?1",
        };
        let mut select = self.file.prepare_cached(sql).map_err(|e| self.failed(e))?;
        select.query_row([id], |row| row.get(0)).optional().map_err(|e| self.failed(e))
    }

    /// Those of some ids that are of no photo.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn unknown(&self, ids: &[String]) -> Result<Vec<String>> {
        let mut select = self.file.prepare_cached("SELECT 1 FROM photos WHERE id = ?1").map_err(|e| self.failed(e))?;
        let mut unknown = Vec::new();
        for id in ids {
            if !select.exists([id]).map_err(|e| self.failed(e))? {
                unknown.push(id.clone());
            }
        }
        Ok(unknown)
    }

    /// Where the cameras of some photos noted that they were, of those that did.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn taken_at(&self, ids: &[String]) -> Result<Vec<Position>> {
        let known = ids.iter().map(|id| about(&self.file, id).map_err(|e| self.failed(e)));
        let known = known.collect::<Result<Vec<_>>>()?;
        Ok(known.into_iter().flatten().filter_map(|photo| photo.exif?.position).collect())
    }

    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        file::write(&self.path, &mut self.file, work)
    }

    pub(super) fn failed(&self, error: rusqlite::Error) -> Error {
        file::failed(&self.path, error)
    }
}

impl Store {
    /// What is known of the photos that a person sent, or that reports show, each once.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn photos_of(&self, person: NonZeroU64, reports: &[String]) -> Result<Vec<Photo>> {
        let sent = sent(&self.private, person);
        sent.and_then(|sent| photos(&self.private, sent, reports)).map_err(|e| self.failed(e))
    }

    /// What is known of the photos that reports show, each once.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn photos_shown(&self, reports: &[String]) -> Result<Vec<Photo>> {
        photos(&self.private, Vec::new(), reports).map_err(|e| self.failed(e))
    }

    /// Where a report may be, as its sender's sources said: JSON.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn positions(&self, report: &str) -> Result<Option<String>> {
        let positions =
            self.private.query_row("SELECT candidates FROM positions WHERE report = ?1", [report], |row| row.get(0));
        positions.optional().map_err(|e| self.failed(e))
    }
}

impl Words<'_> {
    /// Notes that a report shows these photos, and where it may be, as JSON. A photo that is not kept any more is left out.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_evidence(&mut self, report: &str, photos: &[String], positions: Option<&str>) -> Result<()> {
        self.wrote |= !photos.is_empty() || positions.is_some();
        put(&self.private, report, photos, positions).map_err(|e| file::failed(self.dir, e))
    }

    /// Notes that a step shows these photos, by the id of its note; `report`: one of its case.
    ///
    /// # Errors
    /// `Store` when it cannot be written.
    pub fn put_step_photos(&mut self, note: &str, report: &str, photos: &[String]) -> Result<()> {
        if photos.is_empty() {
            return Ok(());
        }
        self.put_evidence(note, photos, None)?;
        let insert = "INSERT INTO photos_of_steps (note, report) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let put = self.private.prepare_cached(insert).and_then(|mut insert| insert.execute([note, report]));
        put.map(drop).map_err(|e| file::failed(self.dir, e))
    }
}

/// What is known of these photos and of those that reports show, each once.
fn photos(private: &Connection, mut ids: Vec<String>, reports: &[String]) -> rusqlite::Result<Vec<Photo>> {
    for report in reports {
        ids.extend(shown(private, report)?);
    }
    ids.sort_unstable();
    ids.dedup();
    ids.iter().filter_map(|id| about(private, id).transpose()).collect()
}

/// Notes that a report, or what will be one, shows these photos, and where it may be.
pub(super) fn put(
    private: &Connection,
    report: &str,
    photos: &[String],
    positions: Option<&str>,
) -> rusqlite::Result<()> {
    for photo in photos {
        let insert = "INSERT INTO photos_shown SELECT ?1, id FROM photos WHERE id = ?2 ON CONFLICT DO NOTHING";
        private.prepare_cached(insert)?.execute([report, photo])?;
        private.prepare_cached("DELETE FROM photos_waiting WHERE photo = ?1")?.execute([photo])?;
    }
    if let Some(positions) = positions {
        let insert = "INSERT OR REPLACE INTO positions VALUES (?1, ?2)";
        private.prepare_cached(insert)?.execute([report, positions])?;
    }
    Ok(())
}

/// Forgets which photos a report or a step shows, and where the report may be.
pub(super) fn forget_report(private: &Connection, report: &str) -> rusqlite::Result<()> {
    private.prepare_cached("DELETE FROM photos_shown WHERE report = ?1")?.execute([report])?;
    private.prepare_cached("DELETE FROM photos_of_steps WHERE note = ?1")?.execute([report])?;
    private.prepare_cached("DELETE FROM positions WHERE report = ?1")?.execute([report]).map(drop)
}

/// Drops what a person sent and nobody else who is known has; returns how many photos that were.
pub(super) fn forget_person(private: &Connection, person: NonZeroU64) -> rusqlite::Result<usize> {
    let photos = sent(private, person)?;
    private.execute("DELETE FROM photos_sent WHERE person = ?1", [person.get()])?;
    let mut dropped = 0;
    for photo in photos {
        if private.prepare_cached("SELECT 1 FROM photos_sent WHERE photo = ?1")?.exists([&photo])? {
            continue;
        }
        private.execute("DELETE FROM photos_shown WHERE photo = ?1", [&photo])?;
        private.execute("DELETE FROM photos_waiting WHERE photo = ?1", [&photo])?;
        dropped += private.execute("DELETE FROM photos WHERE id = ?1", [&photo])?;
    }
    Ok(dropped)
}

/// Drops the photos that nothing shows and that wait for no report; returns how many there were.
pub(super) fn drop_unshown(private: &Connection) -> rusqlite::Result<usize> {
    let dropped = private.execute(
        "DELETE FROM photos WHERE id NOT IN (SELECT photo FROM photos_shown)
         AND id NOT IN (SELECT photo FROM photos_waiting)",
        [],
    )?;
    private.execute("DELETE FROM photos_sent WHERE photo NOT IN (SELECT id FROM photos)", [])?;
    private.execute("DELETE FROM photos_of_steps WHERE note NOT IN (SELECT report FROM photos_shown)", [])?;
    Ok(dropped)
}

fn note_sent(file: &Connection, id: &str, sender: Option<NonZeroU64>, now: i64) -> rusqlite::Result<()> {
    if let Some(person) = sender {
        let insert = "INSERT INTO photos_sent VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        file.prepare_cached(insert)?.execute(params![id, person.get()])?;
    }
    file.prepare_cached("UPDATE photos_waiting SET since = ?2 WHERE photo = ?1")?.execute(params![id, now]).map(drop)
}

fn about(file: &Connection, id: &str) -> rusqlite::Result<Option<Photo>> {
    let about = file.prepare_cached("SELECT about FROM photos WHERE id = ?1")?.query_row([id], |row| {
        let about: String = row.get(0)?;
        serde_json::from_str(&about)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, e.into()))
    });
    about.optional()
}

fn sent(file: &Connection, person: NonZeroU64) -> rusqlite::Result<Vec<String>> {
    let mut select = file.prepare_cached("SELECT photo FROM photos_sent WHERE person = ?1 ORDER BY photo")?;
    select.query_map([person.get()], |row| row.get(0))?.collect()
}

fn shown(file: &Connection, report: &str) -> rusqlite::Result<Vec<String>> {
    let mut select = file.prepare_cached("SELECT photo FROM photos_shown WHERE report = ?1 ORDER BY photo")?;
    select.query_map([report], |row| row.get(0))?.collect()
}
