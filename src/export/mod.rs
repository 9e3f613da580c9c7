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
pub use pmtiles::{USUAL_ZOOM, drawn};

use crate::error::{Error, Result};
use crate::hazard::layer::{Column, Filter, Head, Layer, Page, Row, Time};
use crate::hazard::map::HazardMap;

/// Rows between two looks at whether to go on.
const ROWS_PER_LOOK: u64 = 4_096;

/// What one file is of.
#[derive(Clone, Debug)]
pub struct About {
    pub layer: Layer,
    /// Those that are wanted, in the order of the layer.
    pub columns: Vec<Column>,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
    /// How many features match.
    pub matched: usize,
}

/// The properties that are wanted; without it, all.
pub type Wanted = Option<Vec<&'static str>>;

/// Told how many rows of how many are written; an error stops the work.
pub type Tell<'t> = dyn FnMut(u64, u64) -> Result<()> + 't;

/// Takes the rows of a layer, one after the other, and makes a file of them.
trait Writer {
    fn row(&mut self, row: &Row) -> Result<()>;

    /// Writes what comes after the last row, and tells how far it is where that takes long.
    fn finish(self: Box<Self>, tell: &mut Tell) -> Result<()>;
}

impl About {
    fn of(layer: Layer, columns: Vec<Column>, head: &Head) -> About {
        About { layer, columns, as_of: head.as_of, position: head.position, matched: head.number_matched }
    }
}

/// Writes what matches of a layer of a map that stands still into a file; returns how many features it holds, or of tiles
/// that the service draws ([`drawn`]) how many these are.
///
/// # Errors
/// As [`to_file`].
pub fn of_map(
    map: &HazardMap,
    layer: Layer,
    mut filter: Filter,
    options: Options,
    path: &Path,
    tell: &mut Tell,
) -> Result<u64> {
    if let Some(tiled) = drawn(layer, &filter).filter(|_| options.format == Format::PmTiles) {
        return pmtiles::write(map, tiled, &filter, options.zoom, path, tell);
    }
    let wanted = filter.properties.take();
    to_file(layer, wanted, options, path, Pages::new(map, layer, filter), tell)
}

/// Writes the pages of a layer into a file, with all properties or those that are wanted; returns how many features it
/// holds.
///
/// # Errors
/// `Invalid` for a zoom that there is not, `Store` when the disk is full or the like, and whatever `tell` says. What was written until then is of no use.
pub fn to_file(
    layer: Layer,
    wanted: Wanted,
    options: Options,
    path: &Path,
    pages: impl Iterator<Item = Page>,
    tell: &mut Tell,
) -> Result<u64> {
    all(layer, wanted, pages, tell, |about| options.format.writer(about, options, path))
}

/// As [`to_file`], for formats that are text, which go wherever bytes go.
///
/// # Errors
/// As [`to_file`], and `Invalid` for a format that is no text.
pub fn to_stream(
    layer: Layer,
    wanted: Wanted,
    options: Options,
    out: Box<dyn Write + '_>,
    pages: impl Iterator<Item = Page>,
    tell: &mut Tell,
) -> Result<u64> {
    all(layer, wanted, pages, tell, |about| options.format.text_writer(about, options, out))
}

fn all<'w>(
    layer: Layer,
    wanted: Wanted,
    pages: impl Iterator<Item = Page>,
    tell: &mut Tell,
    open: impl FnOnce(&About) -> Result<Box<dyn Writer + 'w>>,
) -> Result<u64> {
    let mut pages = pages.peekable();
    let Some(first) = pages.peek() else { return Err(Error::Store("a layer has no page".into())) };
    let all = layer.columns();
    let kept: Vec<bool> =
        all.iter().map(|column| wanted.as_ref().is_none_or(|names| names.contains(&column.name))).collect();
    let columns = all.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(column, _)| column).collect();
    let about = About::of(layer, columns, first.head());
    let mut writer = open(&about)?;
    let mut rows = 0;
    for page in pages {
        page.each_row(&mut |mut row| {
            if wanted.is_some() {
                let mut kept = kept.iter();
                row.values.retain(|_| kept.next() == Some(&true));
            }
            writer.row(&row)?;
            rows += 1;
            if rows % ROWS_PER_LOOK == 0 { tell(rows, about.matched as u64) } else { Ok(()) }
        })?;
    }
    tell(rows, about.matched as u64)?;
    writer.finish(tell)?;
    Ok(rows)
}

/// An error of whatever writes a file.
fn unwritten(e: impl std::fmt::Display) -> Error {
    Error::Store(format!("the file cannot be written: {e}"))
}
