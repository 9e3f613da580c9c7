//! Layers as files: what formats there are, and how a layer becomes one. Rows stream by, so that a file of a million
//! features takes no more memory than a page of them; a format that has to know all positions first keeps these alone.

mod colour;
mod csv;
mod flatgeobuf;
mod format;
mod geojson;
mod geopackage;
mod geoparquet;
mod kml;
mod pages;
mod part;
mod pmtiles;
mod wkb;
mod wkt;
pub mod xml;

use std::io::Write;
use std::path::Path;

pub use format::{Format, Options};
pub use pages::Pages;
pub use part::Part;
pub use pmtiles::USUAL_ZOOM;

use crate::error::{Error, Result};
use crate::hazard::layer::{Filter, Head, Layer, Page, Row, Time};
use crate::hazard::map::HazardMap;

/// Rows between two looks at whether to go on.
const ROWS_PER_LOOK: u64 = 4_096;

/// What one file is of.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub layer: Layer,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
    /// How many features match.
    pub matched: usize,
}

/// Told how many rows of how many are written; an error stops the work.
pub type Tell<'t> = dyn FnMut(u64, u64) -> Result<()> + 't;

/// Takes the rows of a layer, one after the other, and makes a file of them.
trait Writer {
    fn row(&mut self, row: &Row) -> Result<()>;

    /// Writes what comes after the last row.
    fn finish(self: Box<Self>) -> Result<()>;
}

impl About {
    fn of(layer: Layer, head: &Head) -> About {
        About { layer, as_of: head.as_of, position: head.position, matched: head.number_matched }
    }
}

/// Writes what matches of a layer of a map that stands still into a file; returns how many features it holds, or tiles.
///
/// # Errors
/// As [`to_file`], and `Invalid` for tiles of a layer that has none, or of a box or so many of its features.
pub fn of_map(
    map: &HazardMap,
    layer: Layer,
    filter: Filter,
    options: Options,
    path: &Path,
    tell: &mut Tell,
) -> Result<u64> {
    match options.format {
        Format::PmTiles => pmtiles::write(map, layer, &filter, options.zoom, path, tell),
        _ => to_file(layer, options, path, Pages::new(map, layer, filter), tell),
    }
}

/// Writes the pages of a layer into a file; returns how many features it holds.
///
/// # Errors
/// `Store` when the disk is full or the like, and whatever `tell` says. What was written until then is of no use.
pub fn to_file(
    layer: Layer,
    options: Options,
    path: &Path,
    pages: impl Iterator<Item = Page>,
    tell: &mut Tell,
) -> Result<u64> {
    all(layer, pages, tell, |about| options.format.writer(about, options, path))
}

/// As [`to_file`], for formats that are text, which go wherever bytes go.
///
/// # Errors
/// As [`to_file`], and `Invalid` for a format that is no text.
pub fn to_stream(
    layer: Layer,
    options: Options,
    out: Box<dyn Write + '_>,
    pages: impl Iterator<Item = Page>,
    tell: &mut Tell,
) -> Result<u64> {
    all(layer, pages, tell, |about| options.format.text_writer(about, options, out))
}

fn all<'w>(
    layer: Layer,
    pages: impl Iterator<Item = Page>,
    tell: &mut Tell,
    open: impl FnOnce(&About) -> Result<Box<dyn Writer + 'w>>,
) -> Result<u64> {
    let mut pages = pages.peekable();
    let Some(first) = pages.peek() else { return Err(Error::Store("a layer has no page".into())) };
    let about = About::of(layer, first.head());
    let mut writer = open(&about)?;
    let mut rows = 0;
    for page in pages {
        page.each_row(&mut |row| {
            writer.row(&row)?;
            rows += 1;
            if rows % ROWS_PER_LOOK == 0 { tell(rows, about.matched as u64) } else { Ok(()) }
        })?;
    }
    tell(rows, about.matched as u64)?;
    writer.finish()?;
    Ok(rows)
}

/// An error of whatever writes a file.
fn unwritten(e: impl std::fmt::Display) -> Error {
    Error::Store(format!("the file cannot be written: {e}"))
}
