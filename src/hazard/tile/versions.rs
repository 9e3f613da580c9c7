//! When what lies in a tile last changed, so that whoever holds the tiles of the quiet half of a city keeps them while it
//! rains on the other half.

use hashbrown::HashMap;

use super::super::map::HazardMap;
use super::super::position::Position;
use super::super::touched::Touched;
use super::TileAddress;

/// Changes are told apart down to this zoom, where a tile is some 600 m wide; a deeper tile goes by the one that holds it.
const FINEST_ZOOM: u8 = 16;
/// Tiles noted at most: beyond, all of them are taken to have changed.
const MOST_TILES: usize = 200_000;

/// Positions in the log at which tiles last changed.
#[derive(Debug, Default)]
pub struct Versions {
    /// Of every tile that is not noted.
    others: u64,
    noted: HashMap<TileAddress, u64>,
}

impl Versions {
    /// All tiles have changed.
    pub fn all(position: u64) -> Versions {
        Versions { others: position, noted: HashMap::new() }
    }

    fn of(&self, tile: TileAddress) -> u64 {
        self.noted.get(&tile.within(FINEST_ZOOM)).copied().unwrap_or(self.others)
    }

    fn changed(&mut self, at: Position, position: u64) {
        let mut tile = Some(TileAddress::holding(at, FINEST_ZOOM));
        // What is noted already is noted in every coarser one.
        while let Some(one) = tile.filter(|&one| self.noted.insert(one, position) != Some(position)) {
            tile = one.parent();
        }
    }
}

impl HazardMap {
    /// The position in the log from which on nothing in a tile has changed, of any of its layers; that of the map where
    /// nobody follows it.
    pub fn tile_version(&self, tile: TileAddress) -> u64 {
        if self.touched.is_some() { self.versions.of(tile) } else { self.position() }
    }

    /// Notes what has been touched.
    pub(in crate::hazard) fn note_versions(&mut self, touched: &Touched) {
        let position = self.position();
        if touched.everything || touched.areas || self.versions.noted.len() > MOST_TILES {
            self.versions = Versions::all(position);
            return;
        }
        let mut versions = std::mem::take(&mut self.versions);
        let reports = touched.reports.iter().map(|&r| self.reports().rows()[r as usize].position);
        let incidents = touched.incidents.iter().map(|&i| self.incidents()[i as usize].anchor);
        let peaks = touched.peaks.iter().map(|&peak| self.places().position(self.sites().get(peak).key));
        reports.chain(incidents).chain(peaks).for_each(|at| versions.changed(at, position));
        self.versions = versions;
    }
}
