//! The built pages, which the program carries: what `make web` makes of the folder `web`.

/// A file of the pages.
#[derive(Debug)]
pub struct File {
    /// Below the folder of the pages, as in `assets/index-1a2b3c.js`.
    pub path: &'static str,
    pub bytes: &'static [u8],
    /// The same, packed.
    pub gzip: Option<&'static [u8]>,
}

/// In order of their paths; empty where they were not built.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

static NOT_BUILT: File = File { path: "index.html", bytes: include_bytes!("web/not_built.html"), gzip: None };

/// The page to begin with.
pub fn index() -> &'static File {
    page(NOT_BUILT.path)
}

/// The page of this path; where none was built, one that says how to.
pub fn page(path: &str) -> &'static File {
    file(path).unwrap_or(&NOT_BUILT)
}

/// The file of this path.
pub fn file(path: &str) -> Option<&'static File> {
    FILES.binary_search_by(|file| file.path.cmp(path)).ok().map(|i| &FILES[i])
}

impl File {
    /// The media type of what it holds, by its name.
    pub fn media_type(&self) -> &'static str {
        match self.path.rsplit_once('.').map(|(_, end)| end) {
            Some("html") => "text/html; charset=utf-8",
            Some("js" | "mjs") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("json") => "application/json",
            Some("webmanifest") => "application/manifest+json",
            Some("png") => "image/png",
            _ => "application/octet-stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_by_its_path_and_there_is_always_a_first_page() {
        assert!(FILES.iter().all(|known| file(known.path).is_some_and(|found| found.path == known.path)));
        assert!(index().media_type().starts_with("text/html") && file("assets/../index.html").is_none());
    }
}
