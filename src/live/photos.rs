//! Photos: kept before a report refers to them, and looked at by whoever may.

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Live, lock};
use crate::error::Result;
use crate::hazard::photo::Photo;
use crate::hazard::position::Position;
use crate::intake::photo::Picture;
use crate::store::{Photos, Size};

impl Live {
    /// The photos; each call blocks.
    pub fn photos(&self) -> &Album {
        &self.shared.album
    }
}

/// A connection of its own, opened when the first photo is asked for.
pub struct Album {
    data: PathBuf,
    photos: Mutex<Option<Photos>>,
}

impl Album {
    pub(super) fn new(data: &Path) -> Album {
        Album { data: data.to_owned(), photos: Mutex::new(None) }
    }

    /// As [`Photos::again`].
    ///
    /// # Errors
    /// As [`Photos::again`].
    pub fn again(&self, id: &str, sender: Option<NonZeroU64>, now: i64) -> Result<Option<Photo>> {
        self.with(|photos| photos.again(id, sender, now))
    }

    /// Keeps a picture, durably; false where it was kept already. `now` in unix seconds.
    ///
    /// # Errors
    /// As [`Photos::keep`].
    pub fn keep(&self, picture: &Picture, sender: Option<NonZeroU64>, now: i64) -> Result<bool> {
        let Picture { about, jpeg, thumbnail } = picture;
        self.with(|photos| photos.keep(about, jpeg, thumbnail, sender, now))
    }

    /// A photo as it is kept: a JPEG.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn picture(&self, id: &str, size: Size) -> Result<Option<Vec<u8>>> {
        self.with(|photos| photos.picture(id, size))
    }

    /// Those of some ids that are of no photo.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn unknown(&self, ids: &[String]) -> Result<Vec<String>> {
        self.with(|photos| photos.unknown(ids))
    }

    /// Those of some photos that several reports show, each with the reports' ids.
    ///
    /// # Errors
    /// `Store` when they cannot be read.
    pub fn shown_again(&self, ids: &[String]) -> Result<Vec<(String, Vec<String>)>> {
        self.with(|photos| {
            let shown = ids.iter().map(|id| Ok((id.clone(), photos.shown_by(id)?)));
            let shown: Vec<_> = shown.collect::<Result<_>>()?;
            Ok(shown.into_iter().filter(|(_, reports)| reports.len() > 1).collect())
        })
    }

    /// As [`Photos::taken_at`].
    ///
    /// # Errors
    /// As [`Photos::taken_at`].
    pub fn taken_at(&self, ids: &[String]) -> Result<Vec<Position>> {
        self.with(|photos| photos.taken_at(ids))
    }

    /// The ids of the photos that some reports show, in their order.
    ///
    /// # Errors
    /// `Store` when it cannot be read.
    pub fn of_reports(&self, reports: &[String]) -> Result<Vec<String>> {
        let of =
            |photos: &mut Photos| reports.iter().map(|report| photos.of_report(report)).collect::<Result<Vec<_>>>();
        Ok(self.with(of)?.concat())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Photos) -> Result<T>) -> Result<T> {
        let mut opened = lock(&self.photos);
        let photos = match &mut *opened {
            Some(photos) => photos,
            none => none.insert(Photos::open(&self.data)?),
        };
        work(photos)
    }
}
