//! Layers as vector tiles (Mapbox Vector Tile 2.1, XYZ addresses in WebMercatorQuad): the map, a layer, an address and a
//! filter become bytes.
//!
//! Whatever matches is in exactly one tile of each zoom and stands behind exactly one of its features, however much there
//! is: `count` says for how many features of the layer one in the tile stands, and over the tiles of a zoom it adds up to
//! what the layer holds up to 85.0511287° north and south, where the square map ends.
//!
//! A tile has no margin: what lies just beside it is left to its neighbour. With a margin, reports at an edge would be
//! in two tiles and no sum would be the truth; circles are drawn across edges all the same.

mod canvas;
mod gather;
mod hotspots;
mod incidents;
mod limits;
mod mercator;
mod outline;
mod reports;
pub(super) mod versions;

use fast_mvt::MvtResult;

pub use canvas::{Canvas, Tags};
pub use gather::{Gathered, Shown};
pub use limits::TileLimits;
pub use mercator::{DEEPEST_ZOOM, Edges, LAST_LAT, TileAddress};
pub use outline::{Lies, Middle, Outline};

use super::layer::lookup::{IncidentId, Lookup};
use super::layer::{Filter, Layer, Paging};
use super::map::HazardMap;
use crate::error::{Error, Result};

/// A layer that there are tiles of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileLayer {
    Reports,
    Incidents,
    Hotspots,
}

impl TileLayer {
    pub const ALL: [TileLayer; 3] = [TileLayer::Reports, TileLayer::Incidents, TileLayer::Hotspots];

    /// The tiled layer of this name.
    pub fn named(name: &str) -> Option<TileLayer> {
        TileLayer::ALL.into_iter().find(|tiled| tiled.layer().name() == name)
    }

    /// The layer whose features these are.
    pub fn layer(self) -> Layer {
        match self {
            TileLayer::Reports => Layer::Reports,
            TileLayer::Incidents => Layer::Incidents,
            TileLayer::Hotspots => Layer::Hotspots,
        }
    }

    /// The zoom from which on every feature stands by itself; below, those in one cell of the tile are one.
    pub fn points_from(self) -> u8 {
        match self {
            // A cell is 10 m wide then, less than most positions are worth.
            TileLayer::Reports | TileLayer::Incidents => 17,
            // A cell is narrower then than hotspots of one category are apart.
            TileLayer::Hotspots => 14,
        }
    }

    /// The tags that features can have, beside `count`, each with what it is.
    pub fn fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            TileLayer::Reports => reports::FIELDS,
            TileLayer::Incidents => incidents::FIELDS,
            TileLayer::Hotspots => hotspots::FIELDS,
        }
    }

    /// What a cluster says of its features beside their number, and how it comes from what two parts of it say.
    pub fn figure(self) -> (&'static str, fn(u32, u32) -> u32) {
        match self {
            TileLayer::Reports => ("dry_count", |a, b| a + b),
            TileLayer::Incidents => ("open_count", |a, b| a + b),
            TileLayer::Hotspots => ("occasions_max", u32::max),
        }
    }

    /// The bytes of a tile of what matches; where nothing does, no bytes. A box or a limit in the filter is not for
    /// tiles and does not restrict.
    ///
    /// # Errors
    /// `Store` when there are more features than the format can hold, which is four billion.
    pub fn tile(self, map: &HazardMap, at: TileAddress, filter: &Filter) -> Result<Vec<u8>> {
        let filter = Filter { bbox: None, paging: Paging::default(), ..filter.clone() };
        self.drawn(map, at, &filter).map_err(|e| Error::Store(format!("a tile cannot be written: {e}")))
    }

    fn drawn(self, map: &HazardMap, at: TileAddress, filter: &Filter) -> MvtResult<Vec<u8>> {
        let clustered = at.zoom() < self.points_from();
        let (figure, from_two) = self.figure();
        let mut found = Gathered::new(Edges::new(at), clustered, from_two);
        match self {
            TileLayer::Reports => reports::gather(map, filter, &mut found),
            TileLayer::Incidents => incidents::gather(map, filter, &mut found),
            TileLayer::Hotspots => hotspots::gather(map, filter, &mut found),
        }
        let edges = Edges::new(at);
        let mut canvas = Canvas::new(self.layer().name())?;
        let mut lookup = Lookup::new(map);
        for shown in found.shown() {
            canvas = match shown {
                Shown::One { item, at } => canvas.point(&edges, at, self.number(map, item), |tags| {
                    tags.number("count", 1)?;
                    self.tag(&mut lookup, item, tags)
                })?,
                Shown::Cluster { count, at, figure: value } => canvas.point(&edges, at, None, |tags| {
                    tags.number("count", count)?.number(figure, value)?;
                    Ok(())
                })?,
            };
        }
        Ok(canvas.bytes())
    }

    fn tag(self, lookup: &mut Lookup, item: u32, tags: &mut Tags) -> MvtResult<()> {
        match self {
            TileLayer::Reports => reports::tag(lookup, item, tags),
            TileLayer::Incidents => incidents::tag(lookup, item, tags),
            TileLayer::Hotspots => hotspots::tag(lookup, item, tags),
        }
    }

    /// The number of a feature, where its id is one: the format has no other ids.
    fn number(self, map: &HazardMap, item: u32) -> Option<u64> {
        let incident = || &map.incidents()[item as usize];
        (self == TileLayer::Incidents).then(|| IncidentId(incident().opened()).0)
    }
}

#[cfg(test)]
mod tests;
