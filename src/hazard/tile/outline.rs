//! Lines and areas in tiles: cut at a margin around the edges of a tile, so that whoever draws their sides draws no edge of
//! a tile, and brought to its grid.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::IntOverlayOptions;
use i_overlay::core::simplify::Simplify;
use i_overlay::i_float::int::point::IntPoint;
use serde::{Deserialize, Serialize};

use super::super::layer::{Rings, Shape};
use super::super::position::Position;
use super::mercator::{EXTENT, TileAddress, on_square};

/// Steps of a tile's grid that are drawn beyond each of its edges.
const MARGIN_STEPS: u32 = 64;
/// What is not as wide as so many steps, 8 pixels on the usual 512, is counted and not drawn. Where its middle lies, all of
/// it lies in the tile and its margin.
const SMALLEST_STEPS: u32 = MARGIN_STEPS;

/// A line or an area, or what of it lies in a tile, in parts of the square map from its north-western corner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outline {
    /// Pieces of a line.
    Line(Vec<Vec<Spot>>),
    /// Polygons, each an outer ring and its holes, whose first corner is not said again.
    Areas(Vec<Vec<Vec<Spot>>>),
}

/// East and south.
type Spot = [f64; 2];

/// Where something lies.
#[derive(Clone, Debug, PartialEq)]
pub enum Lies {
    At(Position),
    /// With its middle, and the longer side of the box around it.
    Over(Outline, Middle),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Middle {
    pub at: Position,
    /// In parts of the square.
    side: f64,
}

/// An outline on the grid of a tile. What is smaller than a step is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drawn {
    Lines(Vec<Vec<Step>>),
    Areas(Vec<Vec<Vec<Step>>>),
}

/// Steps from the west and the north of a tile.
type Step = [i32; 2];

impl Lies {
    /// Nowhere where a shape has no position.
    pub fn of(shape: &Shape) -> Option<Lies> {
        let spots = |line: &[Position]| line.iter().map(|&at| on_square(at)).collect::<Vec<_>>();
        let (outline, positions): (_, Vec<Position>) = match shape {
            Shape::Point(at) => return Some(Lies::At(*at)),
            Shape::In(_, shape) => return Lies::of(shape),
            Shape::Line(line) if line.len() == 1 => return Some(Lies::At(line[0])),
            Shape::Line(line) => (Outline::Line(vec![spots(line)]), line.to_vec()),
            Shape::Areas(areas) => {
                let open = |rings: &Rings| rings.iter().map(|ring| spots(ring.get(1..).unwrap_or_default())).collect();
                let polygons = areas.iter().map(open);
                (Outline::Areas(polygons.collect()), areas.iter().flatten().flatten().copied().collect())
            }
        };
        let lons = || positions.iter().map(|at| at.lon_e7());
        let lats = || positions.iter().map(|at| at.lat_e7());
        let [west, south, east, north] = [lons().min()?, lats().min()?, lons().max()?, lats().max()?];
        let middle = |a: i32, b: i32| ((i64::from(a) + i64::from(b)) / 2) as i32;
        let at = Position::try_from((middle(west, east), middle(south, north))).ok()?;
        let corner = |lon, lat| Position::try_from((lon, lat)).ok().map(on_square);
        let ([left, top], [right, bottom]) = (corner(west, north)?, corner(east, south)?);
        Some(Lies::Over(outline, Middle { at, side: (right - left).max(bottom - top) }))
    }
}

impl Middle {
    /// Is what lies around it too small to be drawn at a zoom?
    pub fn is_small(&self, zoom: u8) -> bool {
        self.is_under(SMALLEST_STEPS, zoom)
    }

    /// Is it so small that a step of the grid may be all of it?
    pub fn is_a_step(&self, zoom: u8) -> bool {
        self.is_under(2, zoom)
    }

    fn is_under(&self, steps: u32, zoom: u8) -> bool {
        self.side * f64::from(1_u32 << zoom) * f64::from(EXTENT) < f64::from(steps)
    }
}

impl Outline {
    /// What of it lies in a tile or its margin.
    pub fn within(&self, tile: TileAddress) -> Option<Outline> {
        let sides = sides(tile);
        let cut = match self {
            Outline::Line(pieces) => Outline::Line(pieces.iter().flat_map(|line| cut_line(line, sides)).collect()),
            Outline::Areas(polygons) => {
                let whole = |rings: &Vec<Vec<Spot>>| {
                    let outer = cut_ring(rings.first()?, sides);
                    let holes = rings[1..].iter().map(|hole| cut_ring(hole, sides)).filter(|hole| hole.len() > 2);
                    (outer.len() > 2).then(|| std::iter::once(outer).chain(holes).collect())
                };
                Outline::Areas(polygons.iter().filter_map(whole).collect())
            }
        };
        let is_empty = match &cut {
            Outline::Line(pieces) => pieces.is_empty(),
            Outline::Areas(polygons) => polygons.is_empty(),
        };
        (!is_empty).then_some(cut)
    }

    /// Brings it to the grid of a tile; what of an area crosses itself by rounding is taken apart.
    pub fn on_grid(&self, tile: TileAddress) -> Drawn {
        let across = f64::from(1_u32 << tile.zoom());
        let step = |of_square: f64, tile: u32| ((of_square * across - f64::from(tile)) * f64::from(EXTENT)).round();
        let brought = |[east, south]: Spot| [step(east, tile.column()) as i32, step(south, tile.row()) as i32];
        let line = |spots: &Vec<Spot>| {
            let mut steps: Vec<Step> = spots.iter().map(|&at| brought(at)).collect();
            steps.dedup();
            steps
        };
        match self {
            Outline::Line(pieces) => Drawn::Lines(pieces.iter().map(line).filter(|steps| steps.len() > 1).collect()),
            Outline::Areas(polygons) => {
                let ring = |ring: &Vec<Spot>| -> Vec<IntPoint> {
                    line(ring).into_iter().map(|[x, y]| IntPoint::new(x, y)).collect()
                };
                let valid = |rings: &Vec<Vec<Spot>>| {
                    let rings: Vec<_> = rings.iter().map(ring).collect();
                    rings.simplify(FillRule::EvenOdd, IntOverlayOptions { ogc: true, ..IntOverlayOptions::default() })
                };
                let steps = |ring: Vec<IntPoint>| ring.into_iter().map(|at| [at.x, at.y]).collect();
                let valid = polygons.iter().flat_map(valid);
                Drawn::Areas(valid.map(|rings| rings.into_iter().map(steps).collect()).collect())
            }
        }
    }
}

impl Drawn {
    pub fn is_empty(&self) -> bool {
        match self {
            Drawn::Lines(lines) => lines.is_empty(),
            Drawn::Areas(areas) => areas.is_empty(),
        }
    }
}

/// West, north, east and south of a tile with its margin.
fn sides(tile: TileAddress) -> [f64; 4] {
    let across = f64::from(1_u32 << tile.zoom());
    let margin = f64::from(MARGIN_STEPS) / f64::from(EXTENT);
    let low = |n: u32| (f64::from(n) - margin) / across;
    let high = |n: u32| (f64::from(n + 1) + margin) / across;
    [low(tile.column()), low(tile.row()), high(tile.column()), high(tile.row())]
}

/// The pieces of a line within some sides (Liang & Barsky 1984).
fn cut_line(line: &[Spot], [west, north, east, south]: [f64; 4]) -> Vec<Vec<Spot>> {
    let mut pieces: Vec<Vec<Spot>> = Vec::new();
    let mut goes_on = false;
    for ends in line.windows(2) {
        let (a, b) = (ends[0], ends[1]);
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for (start, end, low, high) in [(a[0], b[0], west, east), (a[1], b[1], north, south)] {
            let along = end - start;
            if along == 0.0 {
                to = if (low..=high).contains(&start) { to } else { -1.0 };
                continue;
            }
            let (one, other) = ((low - start) / along, (high - start) / along);
            (from, to) = (from.max(one.min(other)), to.min(one.max(other)));
        }
        let at = |part: f64| match part {
            0.0 => a,
            1.0 => b,
            _ => [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part],
        };
        let is_in = from <= to;
        if is_in {
            match pieces.last_mut().filter(|_| goes_on && from == 0.0) {
                Some(piece) => piece.push(at(to)),
                None => pieces.push(vec![at(from), at(to)]),
            }
        }
        goes_on = is_in && to == 1.0;
    }
    pieces
}

/// What of a ring lies within some sides (Sutherland & Hodgman 1974).
fn cut_ring(ring: &[Spot], [west, north, east, south]: [f64; 4]) -> Vec<Spot> {
    let mut kept = ring.to_vec();
    for (axis, side, inwards) in [(0, west, 1.0), (0, east, -1.0), (1, north, 1.0), (1, south, -1.0)] {
        let inside = |at: Spot| (at[axis] - side) * inwards;
        if kept.iter().all(|&at| inside(at) >= 0.0) {
            continue;
        }
        let whole = std::mem::take(&mut kept);
        let mut before = whole[whole.len() - 1];
        for at in whole {
            let (a, b) = (inside(before), inside(at));
            if (a < 0.0) != (b < 0.0) {
                let part = a / (a - b);
                let mut crossed = [before[0] + (at[0] - before[0]) * part, before[1] + (at[1] - before[1]) * part];
                crossed[axis] = side;
                kept.push(crossed);
            }
            if b >= 0.0 {
                kept.push(at);
            }
            before = at;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(z: u32, x: u32, y: u32) -> TileAddress {
        TileAddress::parse(&z.to_string(), &x.to_string(), &y.to_string()).unwrap()
    }

    #[test]
    fn a_line_that_leaves_a_tile_and_comes_back_is_two_pieces_in_it() {
        let line = Outline::Line(vec![vec![[0.1, 0.1], [0.4, 0.1], [0.9, 0.2], [0.4, 0.3], [0.1, 0.3]]]);
        let Some(Outline::Line(pieces)) = line.within(tile(1, 0, 0)) else { panic!("a line is one") };
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
        let east = 0.5 + 64.0 / 4_096.0 / 2.0;
        assert!((pieces[0][2][0] - east).abs() < 1e-12 && (pieces[1][0][0] - east).abs() < 1e-12, "{pieces:?}");
        assert_eq!(line.within(tile(1, 0, 1)), None);
    }

    #[test]
    fn what_is_cut_out_of_an_area_around_a_tile_is_the_tile_and_its_margin() {
        let ring = |a: f64, b: f64| vec![[a, a], [b, a], [b, b], [a, b]];
        let area = Outline::Areas(vec![vec![ring(0.0, 1.0), ring(0.3, 0.6)]]);
        let Drawn::Areas(drawn) = area.within(tile(2, 0, 0)).unwrap().on_grid(tile(2, 0, 0)) else {
            panic!("an area is one")
        };
        let mut outer = drawn[0][0].clone();
        outer.sort_unstable();
        assert_eq!((drawn.len(), drawn[0].len(), outer), (1, 1, vec![[0, 0], [0, 4_160], [4_160, 0], [4_160, 4_160]]));
        let Drawn::Areas(with_hole) = area.on_grid(tile(0, 0, 0)) else { panic!("an area is one") };
        assert_eq!(with_hole[0].len(), 2);
        let in_the_hole = tile(5, 12, 12);
        assert!(area.within(in_the_hole).is_none_or(|part| part.on_grid(in_the_hole).is_empty()));
    }

    #[test]
    fn what_crosses_itself_by_rounding_comes_out_valid_and_what_is_smaller_than_a_step_not_at_all() {
        let step = 1.0 / 4_096.0;
        let ring = |corners: &[Spot]| vec![corners.iter().map(|[x, y]| [x * step, y * step]).collect::<Vec<_>>()];
        let drawn = |rings| match Outline::Areas(vec![rings]).on_grid(tile(0, 0, 0)) {
            Drawn::Areas(areas) => areas,
            Drawn::Lines(_) => panic!("an area is one"),
        };
        // Two squares that a neck of a third of a step joins.
        let neck = ring(&[
            [0.0, 0.0],
            [9.0, 0.0],
            [9.0, 4.2],
            [20.0, 4.2],
            [20.0, 0.0],
            [29.0, 0.0],
            [29.0, 9.0],
            [20.0, 9.0],
            [20.0, 4.4],
            [9.0, 4.4],
            [9.0, 9.0],
            [0.0, 9.0],
        ]);
        assert_eq!(drawn(neck).len(), 2);
        assert_eq!(drawn(ring(&[[5.0, 5.0], [5.3, 5.0], [5.3, 5.3], [5.0, 5.3]])).len(), 0);
        let line = Outline::Line(vec![vec![[5.0 * step, 5.0 * step], [5.3 * step, 5.0 * step]]]);
        assert!(line.on_grid(tile(0, 0, 0)).is_empty());
    }
}
