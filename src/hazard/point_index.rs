//! Points found by place: an R-tree (Beckmann et al. 1990) whose items are bundles of neighbours, not single points. That
//! is a third of the memory of one item for each point, and a box swallows most bundles whole.

use std::ops::{Range, RangeInclusive};

use rstar::{AABB, RStarInsertionStrategy, RTree, RTreeObject, RTreeParams};

use super::position::Position;

/// Points in a bundle at most.
const BUNDLE: usize = 16;

/// Single precision is off by no more, in units of 1e-7 degree: half a step of 24 bits at 180°.
const ROUNDING: i32 = 64;

/// A point and the row it stands for.
#[derive(Clone, Copy, Debug)]
struct Point {
    at: Position,
    row: u32,
}

/// What stands where a row was that has been taken out.
const GONE: u32 = u32::MAX;

/// A stretch of the points, and the box around them in single precision, which halves it: rounding keeps the order, so that
/// a search meets every bundle it should, and perhaps some beside.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bundle {
    low: [f32; 2],
    high: [f32; 2],
    from: u32,
    to: u32,
}

impl Bundle {
    fn of(points: &[Point], from: usize) -> Bundle {
        let along = |axis: usize| points.iter().map(move |point| rounded(point.at)[axis]);
        let side = |pick: fn(f32, f32) -> f32, axis: usize| along(axis).reduce(pick).unwrap_or(0.0);
        Bundle {
            low: [side(f32::min, 0), side(f32::min, 1)],
            high: [side(f32::max, 0), side(f32::max, 1)],
            from: from as u32,
            to: (from + points.len()) as u32,
        }
    }

    /// Two positions between which its points lie; none where that would be beyond the ends of the world.
    fn corners(self) -> Option<[Position; 2]> {
        let unrounded = |[lon, lat]: [f32; 2], by: i32| Position::try_from((lon as i32 + by, lat as i32 + by)).ok();
        Some([unrounded(self.low, -ROUNDING)?, unrounded(self.high, ROUNDING)?])
    }

    fn range(self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

impl RTreeObject for Bundle {
    type Envelope = AABB<[f32; 2]>;

    fn envelope(&self) -> AABB<[f32; 2]> {
        AABB::from_corners(self.low, self.high)
    }
}

/// What rows of a bundle that are shown add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub count: u32,
    /// How many of them are marked.
    pub marked: u32,
    /// Of their positions, in units of 1e-7 degree.
    pub lon_e7: i64,
    pub lat_e7: i64,
}

impl Sum {
    fn add(&mut self, at: Position, marked: bool) {
        self.count += 1;
        self.marked += u32::from(marked);
        self.lon_e7 += i64::from(at.lon_e7());
        self.lat_e7 += i64::from(at.lat_e7());
    }

    fn subtract(&mut self, at: Position, marked: bool) {
        self.count -= 1;
        self.marked -= u32::from(marked);
        self.lon_e7 -= i64::from(at.lon_e7());
        self.lat_e7 -= i64::from(at.lat_e7());
    }
}

/// What a search meets.
#[derive(Clone, Copy, Debug)]
pub enum Met {
    /// All rows of a bundle that are shown; they lie between these two corners, the lower and the upper.
    Bundle([Position; 2], Sum),
    Row(usize, Position),
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
    /// Of each bundle of the first `packed` points; those that were inserted since have one row each.
    sums: Vec<Sum>,
    packed: usize,
}

impl PointIndex {
    /// Of many rows at once, packed by tiles of their places (Leutenegger et al. 1997); `marked`: whether a row that is shown
    /// is marked.
    pub fn bulk(rows: impl Iterator<Item = (usize, Position)>, marked: impl Fn(usize) -> Option<bool>) -> PointIndex {
        let mut points: Vec<Point> = rows.map(|(row, at)| Point { at, row: row as u32 }).collect();
        points.shrink_to_fit();
        let strips = (points.len() as f64 / BUNDLE as f64).sqrt().ceil().max(1.0) as usize;
        let strip = points.len().div_ceil(strips).next_multiple_of(BUNDLE).max(BUNDLE);
        radsort::sort_by_key(&mut points, |point| point.at.lon_e7());
        points.chunks_mut(strip).for_each(|strip| radsort::sort_by_key(strip, |point| point.at.lat_e7()));
        let bundles = points.chunks(BUNDLE).enumerate().map(|(n, points)| Bundle::of(points, n * BUNDLE));
        let tree = RTree::bulk_load_with_params(bundles.collect());
        let sum = |points: &[Point]| {
            let mut sum = Sum::default();
            let shown = points.iter().filter_map(|point| Some((point.at, marked(point.row as usize)?)));
            shown.for_each(|(at, marked)| sum.add(at, marked));
            sum
        };
        let sums = points.chunks(BUNDLE).map(sum).collect();
        PointIndex { tree, packed: points.len(), points, gone: 0, sums }
    }

    /// Adds one row, in a bundle of its own.
    pub fn insert(&mut self, row: usize, at: Position) {
        let point = Point { at, row: row as u32 };
        self.tree.insert(Bundle::of(&[point], self.points.len()));
        self.points.push(point);
    }

    /// Takes a row out again; `marked`: as it was packed.
    pub fn remove(&mut self, row: usize, at: Position, marked: Option<bool>) {
        let mut places =
            self.tree.locate_in_envelope_intersecting(AABB::from_point(rounded(at))).flat_map(|bundle| bundle.range());
        if let Some(place) = places.find(|&place| self.points[place].row == row as u32) {
            self.points[place].row = GONE;
            self.gone += 1;
            if let Some(marked) = marked.filter(|_| place < self.packed) {
                self.sums[place / BUNDLE].subtract(at, marked);
            }
        }
    }

    /// How many rows it holds.
    pub fn len(&self) -> usize {
        self.points.len() - self.gone
    }

    /// The rows in a box of degrees, sides included, with their places; in no particular order.
    pub fn within(&self, sides: [f64; 4]) -> impl Iterator<Item = (usize, Position)> {
        let sides = Units::of(sides);
        let points = self.touched(sides).flat_map(|bundle| &self.points[bundle.range()]);
        let found = points.filter(move |point| point.row != GONE && sides.hold(point.at));
        found.map(|point| (point.row as usize, point.at))
    }

    /// Visits what lies in a box of degrees: bundles that `visit` takes whole, by its answer, and of the others each row. It
    /// is asked for bundles that the box may hold in part, too, and is not to take those.
    pub fn visit(&self, sides: [f64; 4], mut visit: impl FnMut(Met) -> bool) {
        let sides = Units::of(sides);
        for bundle in self.touched(sides) {
            let packed = Some(bundle.from as usize).filter(|from| *from < self.packed);
            let sum = packed.map(|from| self.sums[from / BUNDLE]).filter(|sum| sum.count > 1);
            if sum.zip(bundle.corners()).is_some_and(|(sum, corners)| visit(Met::Bundle(corners, sum))) {
                continue;
            }
            for point in &self.points[bundle.range()] {
                if point.row != GONE && sides.hold(point.at) {
                    visit(Met::Row(point.row as usize, point.at));
                }
            }
        }
    }

    fn touched(&self, sides: Units) -> impl Iterator<Item = &Bundle> {
        let [low, high] = [sides.low, sides.high].map(|corner| corner.map(|v| v as f32));
        self.tree.locate_in_envelope_intersecting(AABB::from_corners(low, high))
    }
}

/// A box in the unit of positions, sides included.
#[derive(Clone, Copy, Debug)]
struct Units {
    low: [i32; 2],
    high: [i32; 2],
}

impl Units {
    fn of([west, south, east, north]: [f64; 4]) -> Units {
        let (lons, lats) = (units(west, east), units(south, north));
        Units { low: [*lons.start(), *lats.start()], high: [*lons.end(), *lats.end()] }
    }

    fn hold(self, at: Position) -> bool {
        let at = [at.lon_e7(), at.lat_e7()];
        (0..2).all(|axis| self.low[axis] <= at[axis] && at[axis] <= self.high[axis])
    }
}

/// From one degree to another, both included, in the unit of positions.
fn units(from: f64, to: f64) -> RangeInclusive<i32> {
    let degrees = |v: i32| f64::from(v) / 1e7;
    // What the product rounds to may lie one beside.
    let around = |v: f64| (v * 1e7).round() as i32;
    let first = (around(from).saturating_sub(1)..i32::MAX).find(|&v| from <= degrees(v));
    let last = (i32::MIN..=around(to).saturating_add(1)).rev().find(|&v| degrees(v) <= to);
    first.unwrap_or(i32::MAX)..=last.unwrap_or(i32::MIN)
}

fn rounded(at: Position) -> [f32; 2] {
    [at.lon_e7() as f32, at.lat_e7() as f32]
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
        let mut swallowed = 0;
        for (many, more) in [(0, 0), (0, 40), (1, 3), (17, 0), (3_000, 200)] {
            let mut rows: BTreeMap<usize, Position> = (0..many).map(|row| (row, somewhere(&mut rng))).collect();
            let marked = |row: usize| (!row.is_multiple_of(5)).then_some(row.is_multiple_of(3));
            let mut index = PointIndex::bulk(rows.iter().map(|(&row, &at)| (row, at)), marked);
            for row in many..many + more {
                rows.insert(row, somewhere(&mut rng));
                index.insert(row, rows[&row]);
            }
            for row in (0..many + more).filter(|_| rng.u8(..10) == 0) {
                index.remove(row, rows.remove(&row).unwrap(), marked(row));
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
                let mut found: Vec<usize> =
                    index.within(sides).map(|(row, at)| (row, assert_eq!(at, rows[&row])).0).collect();
                found.sort_unstable();
                assert_eq!(found, expected, "{sides:?}");
                // Whole bundles, where the box holds both their corners, and single rows come to the same.
                let mut sum = Sum::default();
                index.visit(sides, |met| match met {
                    Met::Bundle(corners, whole) => {
                        let held = corners.iter().all(lies_in);
                        if held {
                            swallowed += 1;
                            sum.count += whole.count;
                            sum.marked += whole.marked;
                            sum.lon_e7 += whole.lon_e7;
                            sum.lat_e7 += whole.lat_e7;
                        }
                        held
                    }
                    Met::Row(row, at) => {
                        marked(row).into_iter().for_each(|marked| sum.add(at, marked));
                        true
                    }
                });
                let mut plain = Sum::default();
                let shown = expected.iter().filter_map(|row| Some((rows[row], marked(*row)?)));
                shown.for_each(|(at, marked)| plain.add(at, marked));
                assert_eq!(sum, plain, "{sides:?}");
            }
        }
        assert!(swallowed > 1_000, "bundles are hardly ever swallowed");
    }
}
