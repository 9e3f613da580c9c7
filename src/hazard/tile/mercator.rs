//! Where tiles lie: the tile matrix set WebMercatorQuad (OGC 17-083r4, D.1), cut in the unit of positions.

use std::f64::consts::PI;

use super::super::position::Position;

/// The deepest zoom: a step of a tile's grid is 1 cm there, as fine as positions are.
pub const DEEPEST_ZOOM: u8 = 20;
/// The latitude, north and south, in degrees, where the square map ends: positions beyond lie in no tile.
pub const LAST_LAT: f64 = 85.051_128_7;
/// The poles themselves lie infinitely far off.
const NEAREST_POLE: f64 = 89.9;
/// Steps along the side of a tile's grid.
pub const EXTENT: u32 = 4_096;
/// Cells of a tile, 2⁵ along each side: 16 pixels on the usual 512, about the size of a circle with a number in it.
const CELL_LEVELS: u8 = 5;
const CELLS_A_SIDE: u32 = 1 << CELL_LEVELS;
/// Once around, in units of 1e-7 degree.
const WORLD_E7: u64 = 3_600_000_000;

/// One tile, by zoom, column from 180° W eastwards and row from the north.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileAddress {
    z: u8,
    x: u32,
    y: u32,
}

impl TileAddress {
    /// The tile of these numbers, as they stand in an address.
    ///
    /// # Errors
    /// The reason why there is none.
    pub fn parse(z: &str, x: &str, y: &str) -> Result<TileAddress, String> {
        let number = |name: &str, text: &str, last: u32| {
            // A sign or a space would be a second address of the same tile.
            let plain = text.bytes().all(|b| b.is_ascii_digit());
            let value = text.parse().ok().filter(|value| plain && *value <= last);
            value.ok_or_else(|| format!("{name} {text:?} is not a whole number in [0, {last}]"))
        };
        let zoom = number("zoom", z, DEEPEST_ZOOM.into())?;
        let last = (1_u32 << zoom) - 1;
        let place = |name: &str, text| number(name, text, last).map_err(|reason| format!("{reason} at zoom {zoom}"));
        Ok(TileAddress { z: zoom as u8, x: place("column", x)?, y: place("row", y)? })
    }

    /// The one tile of zoom 0.
    pub const WORLD: TileAddress = TileAddress { z: 0, x: 0, y: 0 };

    /// The tile of a zoom that holds a position; beyond the last latitude the one nearest to it.
    pub fn holding(at: Position, zoom: u8) -> TileAddress {
        let x = ((eastwards(at) << zoom) / WORLD_E7) as u32;
        let last = (1_u32 << zoom) - 1;
        let south = (1.0 - at.lat().to_radians().tan().asinh() / PI) / 2.0;
        let mut y = (south * f64::from(1_u32 << zoom)).clamp(0.0, f64::from(last)) as u32;
        // The edges are rounded to the unit of positions.
        while y > 0 && at.lat_e7() > north_e7(y, zoom) {
            y -= 1;
        }
        while y < last && at.lat_e7() <= north_e7(y + 1, zoom) {
            y += 1;
        }
        TileAddress { z: zoom, x, y }
    }

    pub fn zoom(self) -> u8 {
        self.z
    }

    /// The tile that holds it one zoom before; none holds the one of zoom 0.
    pub fn parent(self) -> Option<TileAddress> {
        Some(TileAddress { z: self.z.checked_sub(1)?, x: self.x / 2, y: self.y / 2 })
    }

    /// The tile that holds it, of a zoom or coarser.
    pub fn within(self, zoom: u8) -> TileAddress {
        let finer = self.z.saturating_sub(zoom);
        TileAddress { z: self.z - finer, x: self.x >> finer, y: self.y >> finer }
    }

    /// The four tiles of the next zoom that lie in it.
    pub fn children(self) -> [TileAddress; 4] {
        [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(east, south)| TileAddress {
            z: self.z + 1,
            x: 2 * self.x + east,
            y: 2 * self.y + south,
        })
    }

    /// Its place among the tiles of its zoom along a Hilbert curve (Hilbert 1891), so that neighbours are near each other. The
    /// four tiles in it have four times its place, and the next three.
    pub fn hilbert(self) -> u64 {
        fast_hilbert::xy2h(self.x, self.y, self.z)
    }

    pub fn column(self) -> u32 {
        self.x
    }

    pub fn row(self) -> u32 {
        self.y
    }
}

/// The edges of a tile and of its cells, in units of 1e-7 degree: whole numbers, so that a position lies in exactly one
/// tile of each zoom, and a tile holds exactly what its four children hold.
#[derive(Debug)]
pub struct Edges {
    tile: TileAddress,
    /// East of 180° W; the first belongs to the tile, the last to its neighbour.
    west: u64,
    east: u64,
    /// The northern edges of its rows of cells, and of the row to the south of it; each belongs to the row it opens.
    rows: [i32; CELLS_A_SIDE as usize + 1],
}

impl Edges {
    pub fn new(tile: TileAddress) -> Edges {
        let first = tile.y << CELL_LEVELS;
        let rows = std::array::from_fn(|row| north_e7(first + row as u32, tile.z + CELL_LEVELS));
        let west = |x: u32| (u64::from(x) * WORLD_E7).div_ceil(1 << tile.z);
        Edges { tile, west: west(tile.x), east: west(tile.x + 1), rows }
    }

    pub fn holds(&self, at: Position) -> bool {
        let [north, .., south] = self.rows;
        (south < at.lat_e7() && at.lat_e7() <= north) && (self.west..self.east).contains(&eastwards(at))
    }

    /// The number of the cell of a position, if the tile holds it.
    pub fn cell(&self, at: Position) -> Option<usize> {
        self.holds(at).then(|| {
            let row = self.rows.partition_point(|north| *north >= at.lat_e7()) - 1;
            let column = (eastwards(at) << (self.tile.z + CELL_LEVELS)) / WORLD_E7;
            row * CELLS_A_SIDE as usize + (column as u32 % CELLS_A_SIDE) as usize
        })
    }

    /// The same as boxes of degrees, sides included.
    pub fn boxes(&self) -> impl Iterator<Item = [f64; 4]> + use<> {
        let [north, .., south] = self.rows;
        let [south, north] = [south + 1, north].map(|lat| f64::from(lat) / 1e7);
        let lon = |east: u64| (east as f64 - WORLD_E7 as f64 / 2.0) / 1e7;
        // Written as 180° or as −180°, it is the same meridian.
        let other_side = (self.tile.x == 0).then_some([180.0, south, 180.0, north]);
        std::iter::once([lon(self.west), south, lon(self.east - 1), north]).chain(other_side)
    }

    pub fn cells() -> usize {
        (CELLS_A_SIDE * CELLS_A_SIDE) as usize
    }

    /// Where a position that the tile holds lies on its grid: steps from its west and its north.
    pub fn on_grid(&self, at: Position) -> [i32; 2] {
        let across = f64::from(1_u32 << self.tile.z);
        let east = eastwards(at) as f64 / WORLD_E7 as f64;
        let south = (1.0 - at.lat().to_radians().tan().asinh() / PI) / 2.0;
        let step = |of_world: f64, tile: u32| ((of_world * across - f64::from(tile)) * f64::from(EXTENT)).floor();
        let last = f64::from(EXTENT - 1);
        // The edges are rounded to 1e-7 degree: a step of the deepest tiles.
        [step(east, self.tile.x), step(south, self.tile.y)].map(|step| step.clamp(0.0, last) as i32)
    }
}

/// Where a position lies on the square map, in parts of it from its north-western corner; beyond the last latitudes it goes
/// on, to the poles almost, and 180° E is its eastern side.
pub fn on_square(at: Position) -> [f64; 2] {
    let lat = at.lat().clamp(-NEAREST_POLE, NEAREST_POLE);
    [(at.lon() + 180.0) / 360.0, (1.0 - lat.to_radians().tan().asinh() / PI) / 2.0]
}

/// How far east of 180° W.
fn eastwards(at: Position) -> u64 {
    let east = (i64::from(at.lon_e7()) + WORLD_E7 as i64 / 2) as u64;
    // 180° E is 180° W.
    if east == WORLD_E7 { 0 } else { east }
}

/// The northern edge of a row, as the northernmost latitude that lies in it. `row` / 2^`zoom` is exact, so rows of two
/// zooms that meet have the same edge.
fn north_e7(row: u32, zoom: u8) -> i32 {
    let of_world = f64::from(row) / f64::from(1_u32 << zoom);
    ((PI * (1.0 - 2.0 * of_world)).sinh().atan().to_degrees() * 1e7).floor() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_goes_through_every_tile_from_neighbour_to_neighbour() {
        // The ids of PMTiles (version 3) for zoom 1, less those of zoom 0.
        let first = [(0, 0), (0, 1), (1, 1), (1, 0)].map(|(x, y)| TileAddress { z: 1, x, y }.hilbert());
        assert_eq!(first, [0, 1, 2, 3]);
        let mut tiles = vec![TileAddress::WORLD];
        for z in 0..5 {
            tiles.sort_unstable_by_key(|tile| tile.hilbert());
            assert!(tiles.iter().enumerate().all(|(n, tile)| tile.hilbert() == n as u64), "zoom {z}");
            let step = |a: &TileAddress, b: &TileAddress| a.x.abs_diff(b.x) + a.y.abs_diff(b.y);
            assert!(tiles.windows(2).all(|pair| step(&pair[0], &pair[1]) == 1), "zoom {z}");
            let parent = |tile: &TileAddress| tile.parent().map(TileAddress::hilbert);
            assert!(
                tiles.iter().all(|tile| parent(tile).is_none_or(|parent| parent == tile.hilbert() / 4)),
                "zoom {z}"
            );
            tiles = tiles.into_iter().flat_map(TileAddress::children).collect();
        }
    }

    fn tile(z: u8, x: u32, y: u32) -> TileAddress {
        TileAddress::parse(&z.to_string(), &x.to_string(), &y.to_string()).unwrap()
    }

    fn at(lon: f64, lat: f64) -> Position {
        Position::new(lon, lat).unwrap()
    }

    #[test]
    fn known_places_lie_in_the_tiles_that_others_give_them() {
        // From the formulas of OpenStreetMap's wiki, "Slippy map tilenames".
        for (lon, lat, z, x, y) in [
            (0.0, 0.0, 1, 1, 1),
            (139.7006793, 35.6590699, 18, 232_798, 103_246),
            (-73.9, 40.77, 12, 1_207, 1_539),
            (110.33, 20.03, 14, 13_213, 7_261),
            (180.0, 0.0, 3, 0, 4),
            (-180.0, 85.0511287, 5, 0, 0),
            (0.0, -85.0511287, 5, 16, 31),
        ] {
            let holds = |x, y| Edges::new(tile(z, x, y)).holds(at(lon, lat));
            assert_eq!(TileAddress::holding(at(lon, lat), z), tile(z, x, y), "{lon} {lat}");
            assert!(holds(x, y), "{lon} {lat}");
            assert!(y == 0 || !holds(x, y - 1), "{lon} {lat}");
        }
    }

    #[test]
    fn beyond_the_last_latitude_no_tile_holds_anything() {
        for lat in [85.051_128_8, 90.0, -85.051_128_8, -90.0] {
            assert!(!Edges::new(tile(0, 0, 0)).holds(at(10.0, lat)), "{lat}");
        }
        for lat in [LAST_LAT, -LAST_LAT] {
            assert!(Edges::new(tile(0, 0, 0)).holds(at(10.0, lat)), "{lat}");
        }
    }

    #[test]
    fn a_corner_belongs_to_the_tile_that_begins_there_and_lies_on_its_first_step() {
        let corner = at(0.0, 0.0);
        let holds = |x, y| Edges::new(tile(1, x, y)).holds(corner);
        assert_eq!([holds(0, 0), holds(1, 0), holds(0, 1), holds(1, 1)], [false, false, false, true]);
        let edges = Edges::new(tile(1, 1, 1));
        assert_eq!((edges.on_grid(corner), edges.cell(corner)), ([0, 0], Some(0)));
        assert_eq!(Edges::new(tile(0, 0, 0)).on_grid(corner), [2_048, 2_048]);
        let last = Edges::new(tile(1, 0, 0));
        let (before, step) = (at(-0.000_000_1, 0.000_000_1), EXTENT as i32 - 1);
        assert_eq!((last.on_grid(before), last.cell(before)), ([step, step], Some(Edges::cells() - 1)));
    }

    #[test]
    fn an_address_that_is_no_tiles_says_why() {
        for (z, x, y, reason) in [
            ("21", "0", "0", "zoom \"21\" is not a whole number in [0, 20]"),
            ("2", "4", "0", "column \"4\" is not a whole number in [0, 3] at zoom 2"),
            ("2", "0", "-1", "row \"-1\" is not"),
            ("+2", "0", "0", "zoom \"+2\""),
            ("", "0", "0", "zoom \"\""),
            ("2", "99999999999999999999", "0", "column \"9"),
        ] {
            let error = TileAddress::parse(z, x, y).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
