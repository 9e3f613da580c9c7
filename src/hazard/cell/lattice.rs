//! H3's cells of the finest resolution by arithmetic. On each face of the icosahedron the cells' centres are a lattice in the
//! gnomonic plane, whose points are Eisenstein integers a + bω; two digits of a cell's number are what is left over by 7.
//!
//! What it says is what `h3o` says, which is asked once how the lattice of each face is numbered, and wherever a position
//! lies so near the border of a cell or of a face that rounding could decide (and in the cells around the twelve corners,
//! whose numbers leave a direction out).

use std::sync::LazyLock;

use super::super::position::{Position, half_up};

/// Two resolutions together divide by 7 and turn nothing; so do four, by 49, which are told from each other at once.
const PAIRS: usize = 6;
const FOURS: usize = 3;
const BY_FOUR: i32 = 49;
/// Cells of the finest resolution along one of resolution 0: 7 to the number of pairs.
pub(super) const SCALE: i32 = 117_649;
/// Lattice points of resolution 0 on a face lie at most so far from its middle, along each axis.
pub(super) const FURTHEST: i32 = 2;
pub(super) const SIDE: usize = 2 * FURTHEST as usize + 1;
/// So near to a border, in cells, somebody else has to decide; a thousand times what rounding makes of it.
const UNSURE: f64 = 1e-4;
/// So near to the edge of a face, in cells: beyond it the lattice is another.
const EDGE: f64 = 100.0;
/// So near to the middle between two units of 1e-7 degree, and so near to a pole, in units.
const UNSURE_E7: f64 = 1e-3;
const POLAR_E7: f64 = 8.9e8;
/// Tiles of so many degrees, of which it is known what face their middle lies on.
pub(super) const TILE_DEGREES: usize = 5;
pub(super) const TILES_ALONG: usize = 360 / TILE_DEGREES;

pub(super) type Vector = [f64; 3];

static LATTICE: LazyLock<Lattice> = LazyLock::new(Lattice::learnt);

/// The number of the cell of the finest resolution that holds a position; nothing where it is for `h3o` to say.
pub fn number(at: Position) -> Option<u64> {
    LATTICE.number(at)
}

/// The middle of a cell of the finest resolution, by its number; nothing where it is for `h3o` to say.
pub fn centre(number: u64) -> Option<Position> {
    LATTICE.centre(number)
}

pub(super) struct Lattice {
    pub(super) faces: Vec<Face>,
    /// The face of the middle of each tile of degrees.
    pub(super) by_tile: Vec<u8>,
    pub(super) digits: Digits,
    /// Of each base cell: on which faces it lies, where, and how its digits are turned there.
    pub(super) of_base: Vec<Vec<(u8, [i8; 2], u8)>>,
}

/// A face with its gnomonic plane, in cells of the finest resolution.
pub(super) struct Face {
    pub(super) middle: Vector,
    /// What a direction has of either axis, times what it has of the middle.
    pub(super) across: [Vector; 2],
    /// What one step along either axis adds to the middle.
    pub(super) along: [Vector; 2],
    /// Of each lattice point of resolution 0: the number of its cell without digits, and how many times 60° they are turned.
    pub(super) bases: [Option<(u64, u8)>; SIDE * SIDE],
}

/// A point of the lattice, a + bω.
pub(super) type Point = [i32; 2];

/// What digits stand for.
pub(super) struct Digits {
    /// By what a and b leave over by 49: the point that four digits stand for.
    offset: Vec<[i8; 2]>,
    /// By how they are turned and what is left over: four digits as a number has them.
    pub(super) written: [Vec<u16>; 6],
    /// The point of two digits, by how they are turned and how they are written.
    read: [[[i8; 2]; 64]; 6],
}

impl Lattice {
    pub(super) fn number(&self, at: Position) -> Option<u64> {
        let direction = at.direction();
        let near = &self.faces[usize::from(self.by_tile[tile(at)])];
        let (face, plane) =
            std::iter::once(near).chain(&self.faces).find_map(|face| Some((face, face.plane(direction)?)))?;
        let point = nearest(plane)?;
        let (left_over, [a, b]) = self.digits.cut(point);
        let (base, turned) = face.bases[at_zero(a, b)?]?;
        let written = &self.digits.written[usize::from(turned)];
        Some(base | digits(written, left_over))
    }

    fn centre(&self, number: u64) -> Option<Position> {
        let base = (number >> BASE_FROM & 0x7f) as usize;
        self.of_base.get(base)?.iter().find_map(|&(face, [a, b], turned)| {
            let read = &self.digits.read[usize::from(turned)];
            let point = (0..PAIRS).rev().fold([i32::from(a), i32::from(b)], |[a, b], pair| {
                let [x, y] = read[(number >> (DIGITS_FROM + 6 * pair) & 0x3f) as usize];
                [7 * a + i32::from(x), 7 * b + i32::from(y)]
            });
            self.faces[usize::from(face)].position(point.map(f64::from))
        })
    }
}

/// Where in a number its base cell and its digits of the finest resolution begin.
pub(super) const BASE_FROM: usize = 45;
pub(super) const DIGITS_FROM: usize = 9;

/// Four digits for each of what is left over, where they stand in a number.
pub(super) fn digits(written: &[u16], left_over: [usize; FOURS]) -> u64 {
    let all = (0..FOURS).fold(0, |all, n| all | u64::from(written[left_over[n]]) << (12 * n));
    all << DIGITS_FROM
}

/// Which tile of degrees holds a position.
fn tile(at: Position) -> usize {
    let along = |e7: i32, from: i32, most: usize| {
        let degrees = (i64::from(e7) + i64::from(from) * 10_000_000) / 10_000_000;
        (degrees as usize / TILE_DEGREES).min(most)
    };
    along(at.lat_e7(), 90, TILES_ALONG / 2 - 1) * TILES_ALONG + along(at.lon_e7(), 180, TILES_ALONG - 1)
}

/// The index of a lattice point of resolution 0.
pub(super) fn at_zero(a: i32, b: i32) -> Option<usize> {
    let [a, b] = [a, b].map(|v| v + FURTHEST);
    let on_face = (0..SIDE as i32).contains(&a) && (0..SIDE as i32).contains(&b);
    on_face.then_some((a * SIDE as i32 + b) as usize)
}

/// The lattice point whose hexagon holds a point of the plane; nothing near its border.
pub(super) fn nearest([a, b]: [f64; 2]) -> Option<Point> {
    // As cubes, whose coordinates add up to nothing.
    let cube = [a - b, b, -a];
    let [q, r, s] = cube.map(|v| (v + 0.5).floor());
    let [dq, dr, ds] = [q - cube[0], r - cube[1], s - cube[2]].map(f64::abs);
    // The one that was rounded most follows from the others; told without a branch, which nobody could foresee.
    let (by_q, by_r) = ((dq > dr) & (dq > ds), dr > ds);
    let row = if !by_q & by_r { -q - s } else { r };
    let point = [if by_q { -s } else { q + row }, row];
    let border = furthest_along([a - point[0], b - point[1]]);
    (border < 0.5 - UNSURE).then_some(point.map(|v| v as i32))
}

/// How far a point lies from the origin along each of the three axes of the lattice.
fn along_axes([a, b]: [f64; 2]) -> [f64; 3] {
    [a - b / 2.0, b - a / 2.0, -(a + b) / 2.0]
}

pub(super) fn furthest_along(point: [f64; 2]) -> f64 {
    along_axes(point).into_iter().map(f64::abs).fold(0.0, f64::max)
}

impl Face {
    /// Where a direction meets the plane; nothing when that is not well within this face.
    pub(super) fn plane(&self, direction: Vector) -> Option<[f64; 2]> {
        let towards = dot(self.middle, direction);
        let plane = self.across.map(|axis| dot(axis, direction) / towards);
        (towards > 0.0 && holds(plane)).then_some(plane)
    }

    /// The position of a point of the plane; nothing when that is not well within this face, or may be rounded either way.
    pub(super) fn position(&self, [a, b]: [f64; 2]) -> Option<Position> {
        let [x, y, z] = [0, 1, 2].map(|n| self.middle[n] + a * self.along[0][n] + b * self.along[1][n]);
        let degrees_e7 = [y.atan2(x), z.atan2((x * x + y * y).sqrt())].map(|radians| radians.to_degrees() * 1e7);
        let sure = degrees_e7.iter().all(|v| ((v + 0.5 - half_up(*v)) - 0.5).abs() < 0.5 - UNSURE_E7);
        let [lon, lat] = degrees_e7.map(|v| half_up(v) as i32);
        let found = sure && holds([a, b]) && degrees_e7[1].abs() < POLAR_E7;
        found.then(|| Position::try_from((lon, lat)).ok()).flatten()
    }
}

/// Does a point of the plane lie well within the face? Its corners lie at twice the scale along the axes.
pub(super) fn holds(plane: [f64; 2]) -> bool {
    along_axes(plane).iter().all(|along| *along > EDGE - f64::from(SCALE))
}

impl Digits {
    pub(super) fn new() -> Digits {
        let mut digits = Digits {
            offset: vec![[0; 2]; (BY_FOUR * BY_FOUR) as usize],
            written: [(); 6].map(|()| vec![0; (BY_FOUR * BY_FOUR) as usize]),
            read: [[[0; 2]; 64]; 6],
        };
        for fine in pairs() {
            for turned in 0..6 {
                digits.read[turned][written(fine, turned)] = two(fine).map(|v| v as i8);
            }
            for coarse in pairs() {
                let [over, under] = [coarse, fine].map(two);
                let offset = [0, 1].map(|axis| 7 * over[axis] + under[axis]);
                let of = left_over(offset);
                digits.offset[of] = offset.map(|v| v as i8);
                for turned in 0..6 {
                    digits.written[turned][of] = (written(coarse, turned) << 6 | written(fine, turned)) as u16;
                }
            }
        }
        digits
    }

    /// What is left over of a point, the finest four resolutions first, and its point of resolution 0.
    pub(super) fn cut(&self, mut point: Point) -> ([usize; FOURS], Point) {
        let left_over = [(); FOURS].map(|()| {
            let n = left_over(point);
            let [x, y] = self.offset[n].map(i32::from);
            point = [(point[0] - x) / BY_FOUR, (point[1] - y) / BY_FOUR];
            n
        });
        (left_over, point)
    }
}

/// Every two digits: the coarser and the finer.
fn pairs() -> impl Iterator<Item = [usize; 2]> {
    (0..49).map(|n| [n / 7, n % 7])
}

/// The point that two digits stand for. The finer of the two resolutions turns by 3 + ω, the coarser by 3 + ω²: that is 7.
fn two([coarse, fine]: [usize; 2]) -> Point {
    let coarse = times([3, 1], UNITS[coarse]);
    [0, 1].map(|axis| coarse[axis] + UNITS[fine][axis])
}

/// Two digits as a number has them.
fn written(pair: [usize; 2], turned: usize) -> usize {
    let [coarse, fine] = pair.map(|digit| self::digit(turn(UNITS[digit], turned)));
    coarse << 3 | fine
}

/// The points that digits stand for: the centre, then k, j, jk, i, ik and ij, where i is 1, j is ω and k is ω².
const UNITS: [Point; 7] = [[0, 0], [-1, -1], [0, 1], [-1, 0], [1, 0], [0, -1], [1, 1]];

fn digit(unit: Point) -> usize {
    UNITS.iter().position(|other| *other == unit).expect("a turned unit is a unit")
}

/// Which of the classes by 49 a point is of.
fn left_over([a, b]: Point) -> usize {
    // More than any coordinate, and nothing by 49: what is left over of a number without a sign is found sooner.
    let [a, b] = [a, b].map(|v| (v + 7 * SCALE) as u32 % BY_FOUR as u32);
    (BY_FOUR as u32 * a + b) as usize
}

/// The product of two Eisenstein integers.
fn times([a, b]: Point, [c, d]: Point) -> Point {
    [a * c - b * d, a * d + b * c - b * d]
}

/// Turned so many times by 60° against the clock.
fn turn(unit: Point, turned: usize) -> Point {
    (0..turned).fold(unit, |unit, _| times(unit, [1, 1]))
}

pub(super) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
