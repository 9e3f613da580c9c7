//! Which reports and steps show which photos.

use std::collections::HashMap;
use std::num::NonZeroU64;

use rusqlite::{Params, Row, params};

use super::{Photos, list};
use crate::error::Result;

/// So many reports are named that show the same photo.
const MOST_NAMED: usize = 20;

/// What a step shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepPhotos {
    /// The ids of the photos, in order.
    pub ids: Vec<String>,
    /// Reporters see them.
    pub told: bool,
}

/// Who has to do with a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhotoUse {
    /// The reports, or what waits in the inbox, that show it, or in whose cases a step does.
    pub reports: Vec<String>,
    /// The person asked about has sent it.
    pub sent: bool,
}

impl Photos {
    /// The photos that reports show, by the ids of the reports; those that show none are left out.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn of_reports(&self, reports: &[String]) -> Result<HashMap<String, Vec<String>>> {
        let sql = "SELECT report, photo FROM photos_shown WHERE report IN (SELECT value FROM json_each(?1))
                   ORDER BY report, photo";
        self.grouped(sql, [list(reports)])
    }

    /// Those of some photos that several reports show, or what waits in the inbox does, each with their ids: the first
    /// twenty.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn shown_again(&self, photos: &[String]) -> Result<HashMap<String, Vec<String>>> {
        let sql = "SELECT photo, report FROM (
                       SELECT photo, report, row_number() OVER (PARTITION BY photo ORDER BY report) AS n
                       FROM photos_shown WHERE photo IN (SELECT value FROM json_each(?1))
                       AND report NOT IN (SELECT note FROM photos_of_steps))
                   WHERE n <= ?2 ORDER BY photo, report";
        let mut shown: HashMap<String, Vec<String>> = self.grouped(sql, params![list(photos), MOST_NAMED])?;
        shown.retain(|_, reports| reports.len() > 1);
        Ok(shown)
    }

    /// What steps show, by the ids of their notes; those that show nothing are left out.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn of_steps(&self, notes: &[String]) -> Result<HashMap<String, StepPhotos>> {
        let sql = "SELECT note, told, photo FROM photos_of_steps JOIN photos_shown ON photos_shown.report = note
                   WHERE note IN (SELECT value FROM json_each(?1)) ORDER BY note, photo";
        let mut of: HashMap<String, StepPhotos> = HashMap::new();
        self.each(sql, [list(notes)], |row| {
            let step = of.entry(row.get(0)?).or_default();
            step.told = row.get(1)?;
            step.ids.push(row.get(2)?);
            Ok(())
        })?;
        Ok(of)
    }

    /// Who has to do with a photo; `person`: whether he has sent it.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn used(&self, photo: &str, person: Option<NonZeroU64>) -> Result<PhotoUse> {
        let mut used = PhotoUse::default();
        let sql =
            "SELECT DISTINCT coalesce((SELECT report FROM photos_of_steps WHERE note = shown.report), shown.report)
                   FROM photos_shown AS shown WHERE photo = ?1";
        self.each(sql, [photo], |row| {
            used.reports.push(row.get(0)?);
            Ok(())
        })?;
        let sql = "SELECT 1 FROM photos_sent WHERE photo = ?1 AND person = ?2";
        self.each(sql, params![photo, person.map(NonZeroU64::get)], |_| {
            used.sent = true;
            Ok(())
        })?;
        Ok(used)
    }

    /// Rows of two texts, by the first.
    fn grouped(&self, sql: &str, with: impl Params) -> Result<HashMap<String, Vec<String>>> {
        let mut groups: HashMap<String, Vec<String>> = HashMap::new();
        self.each(sql, with, |row| {
            groups.entry(row.get(0)?).or_default().push(row.get(1)?);
            Ok(())
        })?;
        Ok(groups)
    }

    fn each(&self, sql: &str, with: impl Params, mut take: impl FnMut(&Row) -> rusqlite::Result<()>) -> Result<()> {
        let read = || {
            let mut select = self.file.prepare_cached(sql)?;
            let mut rows = select.query(with)?;
            while let Some(row) = rows.next()? {
                take(row)?;
            }
            Ok(())
        };
        read().map_err(|e| self.failed(e))
    }
}
