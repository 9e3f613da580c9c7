//! What a tile shows: below some zoom one feature for each of its cells, from there on every feature by itself.

use super::super::point_index::Sum;
use super::super::position::Position;
use super::mercator::Edges;

/// Features of a layer that lie in one tile; items are numbered by their layer.
#[derive(Debug)]
pub struct Gathered {
    edges: Edges,
    /// By number; none where each feature stands by itself.
    cells: Vec<Cell>,
    each: Vec<(u32, Position)>,
    /// How a cell's `figure` comes from those of its features.
    figure: fn(u32, u32) -> u32,
}

/// What lies in one cell.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    count: u32,
    lon_e7: i64,
    lat_e7: i64,
    /// One of them: where it is alone, that one.
    item: u32,
    figure: u32,
}

/// What is drawn at one spot.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    One {
        item: u32,
        at: Position,
    },
    /// Several, at their mean position.
    Cluster {
        count: u32,
        at: Position,
        figure: u32,
    },
}

impl Gathered {
    pub fn new(edges: Edges, clustered: bool, figure: fn(u32, u32) -> u32) -> Gathered {
        let cells = if clustered { vec![Cell::default(); Edges::cells()] } else { Vec::new() };
        Gathered { edges, cells, each: Vec::new(), figure }
    }

    pub fn edges(&self) -> &Edges {
        &self.edges
    }

    /// Adds a feature if it lies in the tile.
    pub fn add(&mut self, item: u32, at: Position, figure: u32) {
        if self.cells.is_empty() {
            if self.edges.holds(at) {
                self.each.push((item, at));
            }
            return;
        }
        let Some(cell) = self.edges.cell(at) else { return };
        let cell = &mut self.cells[cell];
        cell.figure = if cell.count == 0 { figure } else { (self.figure)(cell.figure, figure) };
        cell.count += 1;
        cell.lon_e7 += i64::from(at.lon_e7());
        cell.lat_e7 += i64::from(at.lat_e7());
        cell.item = item;
    }

    /// Adds several features that lie between two corners, if one cell holds both; says whether. Of their figures the sum
    /// counts.
    pub fn add_all(&mut self, corners: [Position; 2], sum: Sum) -> bool {
        let [low, high] = corners.map(|at| self.edges.cell(at));
        let Some(cell) = low.filter(|_| low == high && !self.cells.is_empty()) else { return false };
        let cell = &mut self.cells[cell];
        cell.figure += sum.marked;
        cell.count += sum.count;
        cell.lon_e7 += sum.lon_e7;
        cell.lat_e7 += sum.lat_e7;
        true
    }

    /// Everything, in an order that does not depend on that in which it was found.
    pub fn shown(&mut self) -> impl Iterator<Item = Shown> {
        self.each.sort_unstable_by_key(|(item, _)| *item);
        let each = self.each.iter().map(|&(item, at)| Shown::One { item, at });
        each.chain(self.cells.iter().filter(|cell| cell.count > 0).map(Cell::shown))
    }
}

impl Cell {
    fn shown(&self) -> Shown {
        let Cell { count, item, figure, .. } = *self;
        let mean = |sum: i64| (sum / i64::from(count)) as i32;
        let at = Position::try_from((mean(self.lon_e7), mean(self.lat_e7))).expect("a mean of positions is one");
        if count == 1 { Shown::One { item, at } } else { Shown::Cluster { count, at, figure } }
    }
}
