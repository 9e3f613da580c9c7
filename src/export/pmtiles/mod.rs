//! PMTiles 3: the vector tiles of a layer in one file that a page reads piece by piece from any web server. Tiles stand in
//! the order of their ids (zoom by zoom, along a Hilbert curve), each packed by itself.
//!
//! Of reports, incidents and hotspots they are those that the service draws, where these can be asked for the same; of
//! whatever else is wanted they are made of rows, as all other files.

mod archive;
mod directory;
mod rows;
mod tiles;

use std::path::Path;

use super::Tell;
use super::wkb::Extent;
use crate::error::{Result, invalid};
use crate::hazard::layer::{Filter, Layer};
use crate::hazard::map::HazardMap;
use crate::hazard::tile::{DEEPEST_ZOOM, TileAddress, TileLayer};
use archive::{Archive, Fields, Said};
pub use tiles::Tiles;

/// The deepest zoom of a file where nobody says: streets can be told apart there, and deeper ones are drawn from it.
pub const USUAL_ZOOM: u8 = 14;
/// For how many features a point stands.
const COUNT: (&str, &str) = ("count", "Number");

/// The layer whose tiles the service draws of what matches, if it can be asked for just that.
pub fn drawn(layer: Layer, filter: &Filter) -> Option<TileLayer> {
    let Filter { datetime, category, status, weather, in_weather, now, .. } = filter.clone();
    let can_be_asked = Filter { datetime, category, status, weather, in_weather, now, ..Filter::default() };
    TileLayer::named(layer.name()).filter(|_| *filter == can_be_asked)
}

/// Writes the tiles that the service draws, from zoom 0 to `zoom`; returns how many there are.
///
/// # Errors
/// `Invalid` for a zoom that there is not, `Store` when the disk is full, and whatever `tell` says.
pub fn write(
    map: &HazardMap,
    tiled: TileLayer,
    filter: &Filter,
    zoom: u8,
    path: &Path,
    tell: &mut Tell,
) -> Result<u64> {
    check(zoom)?;
    let mut archive = Archive::new(path)?;
    let mut level = vec![TileAddress::WORLD];
    for _ in 0..=zoom {
        level.sort_unstable_by_key(|tile| tile.hilbert());
        let mut filled = Vec::new();
        for (n, &tile) in level.iter().enumerate() {
            tell(n as u64, level.len() as u64)?;
            let drawn = tiled.tile(map, tile, filter)?;
            if !drawn.is_empty() {
                archive.put(tile, &drawn)?;
                filled.push(tile);
            }
        }
        // A tile holds what its four children hold: nothing lies in those of an empty one.
        level = filled.into_iter().flat_map(TileAddress::children).collect();
    }
    let layer = tiled.layer();
    let extent = layer.extent(map).bbox.map_or(Extent::EMPTY, |b| Extent([b.west, b.east, b.south, b.north]));
    let fields = Fields::new(std::iter::once(COUNT).chain(tiled.fields().iter().copied()));
    archive.finish(&Said { layer, position: map.position(), fields, zoom, extent })
}

fn check(zoom: u8) -> Result<()> {
    if zoom > DEEPEST_ZOOM { Err(invalid("zoom", zoom, format!("not in [0, {DEEPEST_ZOOM}]"))) } else { Ok(()) }
}
