//! A file that is there when it is whole, and not before.

use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::unwritten;
use crate::error::Result;

/// A file under another name beside its own; dropped without [`Part::keep`] it is gone.
pub struct Part {
    file: NamedTempFile,
    dest: PathBuf,
}

impl Part {
    /// Beside `dest`, so that the last step is a rename.
    ///
    /// # Errors
    /// `Store` where nothing can be written there.
    pub fn beside(dest: &Path) -> Result<Part> {
        let folder = dest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        builder.prefix(".waterlog-").suffix(".part");
        // As any other file; by itself a temporary one is its owner's alone.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(unwritten)?;
        Ok(Part { file, dest: dest.to_owned() })
    }

    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Gives it its name, in the place of what had it; it is on the disk then.
    ///
    /// # Errors
    /// `Store` when the disk refuses.
    pub fn keep(self) -> Result<()> {
        self.file.as_file().sync_all().map_err(unwritten)?;
        self.file.persist(&self.dest).map_err(unwritten)?;
        Ok(())
    }
}
