//! What has to be known of H3's lattices before they can be reckoned with: all of it follows from the icosahedron, whose
//! corners are the middles of the twelve base cells with five sides, and from what `h3o` says of a few positions of each face.

use std::collections::BTreeMap;

use h3o::{CellIndex, LatLng};

use super::super::position::Position;
use super::FINEST;
use super::lattice::{
    BASE_FROM, DIGITS_FROM, Digits, FURTHEST, Face, Lattice, Point, SCALE, SIDE, TILE_DEGREES, TILES_ALONG, Vector,
    at_zero, digits, dot, furthest_along, nearest,
};

/// The digits of the finest resolution in a number.
const DIGITS: u64 = ((1 << (3 * FINEST as u64)) - 1) << DIGITS_FROM;
/// Positions that are asked about lie so far apart, in cells of resolution 0.
const STEPS: i32 = 12;

impl Lattice {
    pub(super) fn learnt() -> Lattice {
        let digits = Digits::new();
        let mut faces = faces();
        let mut of_base: BTreeMap<u64, Vec<_>> = BTreeMap::new();
        for (n, face) in (0..).zip(&mut faces) {
            let zero = (-FURTHEST..=FURTHEST).flat_map(|a| (-FURTHEST..=FURTHEST).map(move |b| [a, b]));
            for at @ [a, b] in zero {
                let Some((number, turned)) = face.ask(&digits, at) else { continue };
                face.bases[at_zero(a, b).expect("it is one of them")] = Some((number, turned));
                of_base.entry(base(number)).or_default().push((n, at.map(|v| v as i8), turned));
            }
        }
        let of_base = (0..1 << 7).map(|base| of_base.remove(&base).unwrap_or_default()).collect();
        Lattice { by_tile: by_tile(&faces), faces, digits, of_base }
    }
}

/// The base cell of a number, by its place among all.
pub(super) fn base(number: u64) -> u64 {
    number >> BASE_FROM & 0x7f
}

fn faces() -> Vec<Face> {
    let corners: Vec<Vector> =
        CellIndex::base_cells().filter(|cell| cell.is_pentagon()).map(|cell| direction(LatLng::from(cell))).collect();
    // Two corners of one edge lie 63° apart, others at least 116°.
    let beside = |a: Vector, b: Vector| dot(a, b) > 0.0 && a != b;
    let mut faces = Vec::new();
    for (i, &a) in corners.iter().enumerate() {
        for (j, &b) in corners.iter().enumerate().skip(i + 1).filter(|&(_, &b)| beside(a, b)) {
            for &c in corners.iter().skip(j + 1).filter(|&&c| beside(a, c) && beside(b, c)) {
                faces.push(Face::between([a, b, c]));
            }
        }
    }
    faces
}

fn direction(at: LatLng) -> Vector {
    let ((sin_lat, cos_lat), (sin_lon, cos_lon)) = (at.lat_radians().sin_cos(), at.lng_radians().sin_cos());
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
}

/// The face on which the middle of each tile of degrees lies.
fn by_tile(faces: &[Face]) -> Vec<u8> {
    let middle = |n: usize, from: f64| ((n * TILE_DEGREES) as f64 + TILE_DEGREES as f64 / 2.0 - from).to_radians();
    let tiles = (0..TILES_ALONG / 2 * TILES_ALONG).map(|tile| {
        let at = LatLng::from_radians(middle(tile / TILES_ALONG, 90.0), middle(tile % TILES_ALONG, 180.0));
        let at = direction(at.expect("a middle is a position"));
        let towards = |n: &usize| dot(faces[*n].middle, at);
        (0..faces.len()).max_by(|a, b| towards(a).total_cmp(&towards(b))).unwrap_or(0) as u8
    });
    tiles.collect()
}

impl Face {
    /// The face between three corners.
    fn between([a, b, c]: [Vector; 3]) -> Face {
        let add = |a: Vector, b: Vector, times: f64| [0, 1, 2].map(|n| a[n] + times * b[n]);
        let scaled = |a: Vector, by: f64| a.map(|v| v * by);
        let sum = add(add(a, b, 1.0), c, 1.0);
        let middle = scaled(sum, 1.0 / dot(sum, sum).sqrt());
        let against_the_clock = dot(middle, cross(a, b)) > 0.0;
        let [first, second] = if against_the_clock { [a, b] } else { [b, a] };
        // In the gnomonic plane a corner lies two cells of resolution 0 from the middle.
        let [i, j] = [first, second].map(|corner| add(scaled(corner, 1.0 / dot(corner, middle)), middle, -1.0));
        let length = dot(i, i).sqrt();
        let cell = length / 2.0 / f64::from(SCALE);
        let [i, j] = [i, j].map(|axis| scaled(axis, 1.0 / length));
        Face {
            middle,
            // The axes stand at 120°: what a point has of one it has in part of the other.
            across: [add(scaled(i, 4.0), j, 2.0), add(scaled(i, 2.0), j, 4.0)]
                .map(|axis| scaled(axis, 1.0 / 3.0 / cell)),
            along: [i, j].map(|axis| scaled(axis, cell)),
            bases: [None; SIDE * SIDE],
        }
    }

    /// The number, without digits, of the cell of resolution 0 at a point of the lattice, and how many times 60° its digits
    /// are turned on this face. Nothing where no position says so, where not all agree, and of cells with five sides.
    fn ask(&self, reckoned: &Digits, zero: Point) -> Option<(u64, u8)> {
        let steps = (-STEPS..=STEPS).flat_map(|a| (-STEPS..=STEPS).map(move |b| [a, b]));
        let around = steps.map(|step| step.map(|v| f64::from(v) / f64::from(STEPS)));
        let (mut known, mut turns) = (None, [true; 6]);
        for step in around.filter(|step| furthest_along(*step) < 0.6) {
            let plane = [0, 1].map(|axis| (f64::from(zero[axis]) + step[axis]) * f64::from(SCALE));
            let at = self.position(plane);
            let point = at.and_then(|at| self.plane(at.direction())).and_then(nearest);
            let Some((at, point)) = at.zip(point) else { continue };
            let (left_over, of) = reckoned.cut(point);
            if of != zero {
                continue;
            }
            let cell = asked(at);
            let number = u64::from(cell);
            if cell.base_cell().is_pentagon() || known.is_some_and(|known| known != number & !DIGITS) {
                return None;
            }
            known = Some(number & !DIGITS);
            for (turned, fits) in turns.iter_mut().enumerate() {
                *fits &= digits(&reckoned.written[turned], left_over) == number & DIGITS;
            }
        }
        let mut turned = (0..).zip(turns).filter_map(|(turned, fits)| fits.then_some(turned));
        let only = turned.next().filter(|_| turned.next().is_none());
        known.zip(only)
    }
}

/// The cell of a position, as `h3o` has it.
pub(super) fn asked(at: Position) -> CellIndex {
    LatLng::new(at.lat(), at.lon()).expect("a position has finite coordinates").to_cell(FINEST)
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}
