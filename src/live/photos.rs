//! Photos: kept before a report or a step refers to them, and looked at by whoever may.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Live, lock};
use crate::error::Result;
use crate::hazard::photo::Photo;
use crate::hazard::position::Position;
use crate::hazard::workflow::NoteId;
use crate::intake::photo::Picture;
use crate::store::{PhotoUse, Photos, Size, StepPhotos};

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

    /// As [`Photos::of_reports`].
    ///
    /// # Errors
    /// As [`Photos::of_reports`].
    pub fn of_reports(&self, reports: &[String]) -> Result<HashMap<String, Vec<String>>> {
        self.with(|photos| photos.of_reports(reports))
    }

    /// As [`Photos::shown_again`].
    ///
    /// # Errors
    /// As [`Photos::shown_again`].
    pub fn shown_again(&self, photos: &[String]) -> Result<HashMap<String, Vec<String>>> {
        self.with(|all| all.shown_again(photos))
    }

    /// What steps show, by their notes; those that show nothing are left out.
    ///
    /// # Errors
    /// As [`Photos::of_steps`].
    pub fn of_steps(&self, notes: &[NoteId]) -> Result<HashMap<NoteId, StepPhotos>> {
        let names: Vec<String> = notes.iter().map(NoteId::to_string).collect();
        let mut shown = self.with(|photos| photos.of_steps(&names))?;
        Ok(notes.iter().zip(&names).filter_map(|(id, name)| Some((*id, shown.remove(name)?))).collect())
    }

    /// As [`Photos::used`].
    ///
    /// # Errors
    /// As [`Photos::used`].
    pub fn used(&self, photo: &str, person: Option<NonZeroU64>) -> Result<PhotoUse> {
        self.with(|photos| photos.used(photo, person))
    }

    /// As [`Photos::taken_at`].
    ///
    /// # Errors
    /// As [`Photos::taken_at`].
    pub fn taken_at(&self, ids: &[String]) -> Result<Vec<Position>> {
        self.with(|photos| photos.taken_at(ids))
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
