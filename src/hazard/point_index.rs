//! Points found by place: an R-tree (Beckmann et al. 1990) whose items are bundles of neighbours, not single points. That
//! is a third of the memory of one item for each point, and a box swallows most bundles whole.

use rstar::{AABB, RStarInsertionStrategy, RTree, RTreeObject, RTreeParams};

use super::position::Position;

/// Points in a bundle at most.
const BUNDLE: usize = 16;

/// A point and the row it stands for. Places are in single precision, which halves them: rounding keeps the order, so a
/// search finds all that it should and some beside, which [`PointIndex::within`] leaves out.
#[derive(Clone, Copy, Debug)]
struct Point {
    at: [f32; 2],
    row: u32,
}

/// What stands where a row was that has been taken out.
const GONE: u32 = u32::MAX;

impl Point {
    fn new(row: usize, position: Position) -> Point {
        Point { at: [position.lon_e7() as f32, position.lat_e7() as f32], row: row as u32 }
    }
}

/// A stretch of the points, and the box around them.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bundle {
    low: [f32; 2],
    high: [f32; 2],
    from: u32,
    to: u32,
}

impl Bundle {
    fn of(points: &[Point], from: usize) -> Bundle {
        let side =
            |pick: fn(f32, f32) -> f32, axis: usize| points.iter().map(|p| p.at[axis]).reduce(pick).unwrap_or(0.0);
        Bundle {
            low: [side(f32::min, 0), side(f32::min, 1)],
            high: [side(f32::max, 0), side(f32::max, 1)],
            from: from as u32,
            to: (from + points.len()) as u32,
        }
    }

    fn range(self) -> std::ops::Range<usize> {
        self.from as usize..self.to as usize
    }
}

impl RTreeObject for Bundle {
    type Envelope = AABB<[f32; 2]>;

    fn envelope(&self) -> AABB<[f32; 2]> {
        AABB::from_corners(self.low, self.high)
    }
}

/// Larger nodes than usual: fewer of them take less memory.
#[derive(Debug)]
struct Nodes;

impl RTreeParams for Nodes {
    const MIN_SIZE: usize = 8;
    const MAX_SIZE: usize = 20;
    const REINSERTION_COUNT: usize = 5;
    type DefaultInsertionStrategy = RStarInsertionStrategy;
}

/// Rows of a table by degrees.
#[derive(Debug, Default)]
pub struct PointIndex {
    tree: RTree<Bundle, Nodes>,
    points: Vec<Point>,
    gone: usize,
}

impl PointIndex {
    /// Of many rows at once, packed by tiles of their places (Leutenegger et al. 1997).
    pub fn bulk(rows: impl Iterator<Item = (usize, Position)>) -> PointIndex {
        let mut points: Vec<Point> = rows.map(|(row, position)| Point::new(row, position)).collect();
        points.shrink_to_fit();
        let strips = (points.len() as f64 / BUNDLE as f64).sqrt().ceil().max(1.0) as usize;
        let strip = points.len().div_ceil(strips).next_multiple_of(BUNDLE).max(BUNDLE);
        sort_along(&mut points, 0);
        points.chunks_mut(strip).for_each(|strip| sort_along(strip, 1));
        let bundles = points.chunks(BUNDLE).enumerate().map(|(n, points)| Bundle::of(points, n * BUNDLE));
        PointIndex { tree: RTree::bulk_load_with_params(bundles.collect()), points, gone: 0 }
    }

    /// Adds one row, in a bundle of its own.
    pub fn insert(&mut self, row: usize, position: Position) {
        let point = Point::new(row, position);
        self.tree.insert(Bundle::of(&[point], self.points.len()));
        self.points.push(point);
    }

    /// Takes a row out again.
    pub fn remove(&mut self, row: usize, position: Position) {
        let at = AABB::from_point(Point::new(row, position).at);
        let mut places = self.tree.locate_in_envelope_intersecting(at).flat_map(|bundle| bundle.range());
        if let Some(place) = places.find(|&place| self.points[place].row == row as u32) {
            self.points[place].row = GONE;
            self.gone += 1;
        }
    }

    /// How many rows it holds.
    pub fn len(&self) -> usize {
        self.points.len() - self.gone
    }

    /// The rows in a box of degrees, sides included, in no particular order; `exact`: where a row lies.
    pub fn within(
        &self,
        [west, south, east, north]: [f64; 4],
        exact: impl Fn(usize) -> Position,
    ) -> impl Iterator<Item = usize> {
        // A unit more on each side makes up for the rounding of the products.
        let (low, high) = (|v: f64| (v * 1e7 - 1.0) as f32, |v: f64| (v * 1e7 + 1.0) as f32);
        let outer = ([low(west), low(south)], [high(east), high(north)]);
        // What is more than rounding away from the sides lies within, and its row, far off in memory, is not looked at.
        let inner = ([high(west), high(south)], [low(east), low(north)]);
        let inside =
            move |a: [f32; 2], b: [f32; 2]| (0..2).all(|axis| inner.0[axis] < a[axis] && b[axis] < inner.1[axis]);
        let outside = move |at: [f32; 2]| (0..2).any(|axis| at[axis] < outer.0[axis] || outer.1[axis] < at[axis]);
        let lies_in = move |at: Position| (west..=east).contains(&at.lon()) && (south..=north).contains(&at.lat());
        let touched = self.tree.locate_in_envelope_intersecting(AABB::from_corners(outer.0, outer.1));
        let bundles = touched.map(move |bundle| (inside(bundle.low, bundle.high), &self.points[bundle.range()]));
        let points = bundles.flat_map(|(whole, points)| points.iter().map(move |point| (whole, point)));
        let found = points.filter(move |(whole, point)| {
            let near = || !outside(point.at) && (inside(point.at, point.at) || lies_in(exact(point.row as usize)));
            point.row != GONE && (*whole || near())
        });
        found.map(|(_, point)| point.row as usize)
    }
}

fn sort_along(points: &mut [Point], axis: usize) {
    points.sort_unstable_by(|a, b| a.at[axis].total_cmp(&b.at[axis]));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_box_finds_what_looking_at_every_row_finds() {
        let mut rng = fastrand::Rng::with_seed(11);
        let somewhere = |rng: &mut fastrand::Rng| {
            // Many on the same few spots, some at the ends of the world, the rest anywhere in a town.
            let [lon, lat] = match rng.u8(..10) {
                0 => [*rng.choice(&[-180.0, 180.0, 0.0]).unwrap(), *rng.choice(&[-90.0, 90.0, 0.0]).unwrap()],
                1..=3 => [110.3 + f64::from(rng.u8(..4)) * 1e-7, 20.0],
                _ => [110.0 + rng.f64() * 0.5, 19.8 + rng.f64() * 0.4],
            };
            Position::new(lon, lat).unwrap()
        };
        for (many, more) in [(0, 0), (0, 40), (1, 3), (17, 0), (3_000, 200)] {
            let mut rows: BTreeMap<usize, Position> = (0..many).map(|row| (row, somewhere(&mut rng))).collect();
            let mut index = PointIndex::bulk(rows.iter().map(|(&row, &at)| (row, at)));
            for row in many..many + more {
                rows.insert(row, somewhere(&mut rng));
                index.insert(row, rows[&row]);
            }
            let all = rows.clone();
            for row in (0..many + more).filter(|_| rng.u8(..10) == 0) {
                index.remove(row, rows.remove(&row).unwrap());
            }
            assert_eq!(index.len(), rows.len());
            for n in 0..300 {
                let (a, b) = (somewhere(&mut rng), somewhere(&mut rng));
                let sides = match n {
                    0 => [-180.0, -90.0, 180.0, 90.0],
                    1..30 => [a.lon(), a.lat(), a.lon(), a.lat()],
                    _ => [a.lon().min(b.lon()), a.lat().min(b.lat()), a.lon().max(b.lon()), a.lat().max(b.lat())],
                };
                let [west, south, east, north] = sides;
                let lies_in = |at: &Position| (west..=east).contains(&at.lon()) && (south..=north).contains(&at.lat());
                let expected: Vec<usize> = rows.iter().filter(|(_, at)| lies_in(at)).map(|(&row, _)| row).collect();
                let mut found: Vec<usize> = index.within(sides, |row| all[&row]).collect();
                found.sort_unstable();
                assert_eq!(found, expected, "{sides:?}");
            }
        }
    }
}
