//! The definitions of a flooding spot that come with the program, and a city's own beside them.

use std::path::Path;

use crate::error::{Error, Result};
use crate::hazard::analysis::criterion::Criterion;

/// Those that come with the program and those of a folder (`*.toml`), by id; one of the same id takes the place of ours.
///
/// # Errors
/// `Store` for a folder that cannot be read; `Invalid`, with the file, for a definition that makes no sense.
pub fn known(folder: Option<&Path>) -> Result<Vec<Criterion>> {
    let mut known = Criterion::built_in();
    let Some(folder) = folder else { return Ok(known) };
    let unread = |e: std::io::Error| Error::Store(format!("{}: {e}", folder.display()));
    let mut files = std::fs::read_dir(folder).map_err(unread)?.collect::<Result<Vec<_>, _>>().map_err(unread)?;
    files.sort_by_key(std::fs::DirEntry::path);
    for path in files.iter().map(std::fs::DirEntry::path).filter(|p| p.extension().is_some_and(|e| e == "toml")) {
        let id = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(&path).map_err(|e| Error::Store(format!("{}: {e}", path.display())))?;
        let own = Criterion::parse(&id, &text).map_err(|e| e.at(path.display().to_string(), 0, 0))?;
        known.retain(|criterion| criterion.id != own.id);
        known.push(own);
    }
    Ok(known)
}
