//! Which tiles of a zoom the features of a layer lie in, by the box around them.

use super::super::layer::Bbox;
use super::super::position::Position;
use super::mercator::{DEEPEST_ZOOM, LAST_LAT, TileAddress};

/// The first and last row and column, both included (OGC 17-083r4, 6.4: TileMatrixLimits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileLimits {
    pub zoom: u8,
    pub rows: [u32; 2],
    pub columns: [u32; 2],
}

impl TileLimits {
    /// Of all zooms; what lies beyond the last latitude is in no tile, and bounds none.
    pub fn of(extent: &Bbox) -> Vec<TileLimits> {
        if extent.south > LAST_LAT || extent.north < -LAST_LAT {
            return Vec::new();
        }
        (0..=DEEPEST_ZOOM).map(|zoom| TileLimits::at(extent, zoom)).collect()
    }

    fn at(extent: &Bbox, zoom: u8) -> TileLimits {
        let tile = |lon: f64, lat: f64| {
            let at = Position::new(lon, lat.clamp(-LAST_LAT, LAST_LAT)).expect("an extent is made of positions");
            TileAddress::holding(at, zoom)
        };
        let [upper, lower] = [tile(extent.west, extent.north), tile(extent.east, extent.south)];
        // 180° E is 180° W, and lies in the first column.
        let last = (1_u32 << zoom) - 1;
        let columns = if extent.east < 180.0 { [upper.column(), lower.column()] } else { [0, last] };
        TileLimits { zoom, rows: [upper.row(), lower.row()], columns }
    }

    pub fn hold(&self, tile: TileAddress) -> bool {
        let within = |[first, last]: [u32; 2], n: u32| (first..=last).contains(&n);
        self.zoom == tile.zoom() && within(self.rows, tile.row()) && within(self.columns, tile.column())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_the_tiles_of_the_corners_and_no_neighbour_of_them() {
        // As the tiles that the formulas of OpenStreetMap's wiki give, "Slippy map tilenames".
        let limits = TileLimits::of(&Bbox::new(110.33, 19.9, 110.36, 20.03));
        assert_eq!(limits.len(), usize::from(DEEPEST_ZOOM) + 1);
        assert_eq!(limits[0], TileLimits { zoom: 0, rows: [0, 0], columns: [0, 0] });
        assert_eq!(limits[14], TileLimits { zoom: 14, rows: [7_261, 7_267], columns: [13_213, 13_214] });
        let tile = |x: u32, y: u32| TileAddress::parse("14", &x.to_string(), &y.to_string()).unwrap();
        assert!(limits[14].hold(tile(13_214, 7_267)) && !limits[14].hold(tile(13_215, 7_267)));
        assert!(!limits[14].hold(tile(13_214, 7_268)) && !limits[13].hold(tile(13_214, 7_267)));
    }

    #[test]
    fn at_180_degrees_and_at_the_poles_the_map_ends() {
        let all = TileLimits::of(&Bbox::new(-180.0, -90.0, 180.0, 90.0));
        assert_eq!(all[3], TileLimits { zoom: 3, rows: [0, 7], columns: [0, 7] });
        assert_eq!(TileLimits::of(&Bbox::new(180.0, 0.0, 180.0, 0.0))[3].columns, [0, 7]);
        assert_eq!(TileLimits::of(&Bbox::new(0.0, 86.0, 1.0, 87.0)), []);
    }
}
