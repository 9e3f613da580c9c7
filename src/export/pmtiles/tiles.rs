//! The tiles of rows. As in those that the service draws, whatever lies on the square map is at every zoom: a point stands by
//! itself or is counted in the cell it lies in, and so is a line or an area that is too small to be seen; a larger one is in
//! each tile that it touches. At the deepest zoom everything stands by itself, unless very many points lie in one tile.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::super::wkb::Extent;
use super::super::{About, Tell, Writer, unwritten};
use super::archive::{Archive, Fields, Said, packed};
use super::rows::{Kept, Rows, Written};
use super::{COUNT, check};
use crate::error::{Error, Result};
use crate::hazard::layer::{Layer, Row, Value};
use crate::hazard::position::Position;
use crate::hazard::tile::{
    Canvas, DEEPEST_ZOOM, Edges, Gathered, Lies, Middle, Outline, Shown, TileAddress, TileLayer,
};

/// Points of one tile of the deepest zoom that stand by themselves, at the most; of more, cells are counted.
const MOST_APART: usize = 10_000;
/// The zoom from which on all points stand by themselves: a cell is 10 m wide.
const APART_FROM: u8 = 17;

/// Rows wait in a temporary file until all are known; of each its place on the map and in the file stays in memory.
pub struct Tiles {
    about: About,
    archive: Archive,
    zoom: u8,
    rows: Rows,
    spots: Vec<Spot>,
    held: Vec<Held>,
    extent: Extent,
    figure: Option<Figure>,
}

/// A row at a point.
#[derive(Clone, Copy, Debug)]
struct Spot {
    /// Its tile's place at the deepest zoom that there is: those in any tile have places next to each other.
    place: u64,
    at: Position,
    row: u32,
    figure: u32,
}

/// A row over more than a point.
#[derive(Debug)]
struct Held {
    row: u32,
    middle: Middle,
    /// What of it lies in the tile, where that is not all of it.
    part: Option<Box<Outline>>,
}

/// What clusters say beside their number.
#[derive(Clone, Copy)]
struct Figure {
    name: &'static str,
    of_two: fn(u32, u32) -> u32,
    column: usize,
    of: fn(&Value) -> u32,
}

impl Figure {
    /// As the service's tiles of the layer have it; none where the column it comes from is not wanted.
    fn new(about: &About) -> Option<Figure> {
        let (name, of_two) = TileLayer::named(about.layer.name())?.figure();
        let (column, of): (_, fn(&Value) -> u32) = match about.layer {
            Layer::Reports => ("dry", |dry| u32::from(*dry == Value::Boolean(true))),
            Layer::Incidents => ("status", |status| {
                let Value::Text(status) = status else { return 0 };
                u32::from(!matches!(&**status, "resolved" | "dismissed"))
            }),
            _ => ("occasions", |occasions| match occasions {
                Value::Integer(n) => u32::try_from(*n).unwrap_or_default(),
                _ => 0,
            }),
        };
        let column = about.columns.iter().position(|wanted| wanted.name == column)?;
        Some(Figure { name, of_two, column, of })
    }
}

impl Tiles {
    /// # Errors
    /// `Invalid` for a zoom that there is not, `Store` when there can be no file.
    pub fn new(about: &About, zoom: u8, path: &Path) -> Result<Tiles> {
        check(zoom)?;
        Ok(Tiles {
            about: about.clone(),
            archive: Archive::new(path)?,
            zoom,
            rows: Rows::new()?,
            spots: Vec::new(),
            held: Vec::new(),
            extent: Extent::EMPTY,
            figure: Figure::new(about),
        })
    }
}

impl Writer for Tiles {
    fn row(&mut self, row: &Row) -> Result<()> {
        let Some((shape, lies)) = row.shape.and_then(|shape| Some((shape, Lies::of(shape)?))) else { return Ok(()) };
        self.extent = self.extent.and(Extent::of(shape));
        match lies {
            Lies::At(at) => {
                let place = TileAddress::holding(at, DEEPEST_ZOOM).hilbert();
                let figure = self.figure.map_or(0, |figure| (figure.of)(&row.values[figure.column]));
                let row = self.rows.put(&Kept::of(row, None))?;
                self.spots.push(Spot { place, at, row, figure });
            }
            Lies::Over(outline, middle) => {
                let row = self.rows.put(&Kept::of(row, Some(outline)))?;
                self.held.push(Held { row, middle, part: None });
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, tell: &mut Tell) -> Result<()> {
        let Tiles { about, mut archive, zoom, rows, mut spots, held, extent, figure } = *self;
        let world = Edges::new(TileAddress::WORLD);
        spots.retain(|spot| world.holds(spot.at));
        spots.sort_unstable_by_key(|spot| (spot.place, spot.row));
        let levels = (0..=zoom).map(|_| Level::new()).collect::<Result<_>>()?;
        let mut drawing = Drawing { about: &about, rows: &rows.written()?, zoom, figure, levels, done: 0, tell };
        drawing.tile(TileAddress::WORLD, &spots, held)?;
        for (zoom, level) in (0..).zip(drawing.levels) {
            let file = level.packed.into_inner().map_err(|e| unwritten(e.error()))?;
            archive.put_all(zoom, &file, &level.tiles)?;
        }
        let figure = figure.map(|figure| (figure.name, "Number"));
        let fields = [COUNT, ("id", "String")].into_iter().chain(figure).chain(about.columns.iter().map(Fields::of));
        let fields = Fields::new(fields);
        archive.finish(&Said { layer: about.layer, position: about.position, fields, zoom, extent })?;
        Ok(())
    }
}

/// The tiles of a zoom as they are drawn, in a temporary file.
struct Level {
    packed: BufWriter<File>,
    /// Of each its place and its bytes.
    tiles: Vec<(u64, u32)>,
}

impl Level {
    fn new() -> Result<Level> {
        Ok(Level { packed: BufWriter::new(tempfile::tempfile().map_err(unwritten)?), tiles: Vec::new() })
    }

    fn put(&mut self, tile: TileAddress, drawn: &[u8]) -> Result<()> {
        let packed = packed(drawn)?;
        self.tiles.push((tile.hilbert(), packed.len() as u32));
        self.packed.write_all(&packed).map_err(unwritten)
    }
}

/// Draws tile after tile, each before those in it: those of one zoom come in their order.
struct Drawing<'d, 't> {
    about: &'d About,
    rows: &'d Written,
    zoom: u8,
    figure: Option<Figure>,
    levels: Vec<Level>,
    /// Rows that are drawn at the deepest zoom.
    done: u64,
    tell: &'d mut Tell<'t>,
}

impl Drawing<'_, '_> {
    fn tile(&mut self, tile: TileAddress, spots: &[Spot], held: Vec<Held>) -> Result<()> {
        if spots.is_empty() && held.is_empty() {
            return Ok(());
        }
        let mut children: Vec<_> = match tile.zoom() < self.zoom {
            true => tile.children().into_iter().map(|child| (child, Vec::new())).collect(),
            false => Vec::new(),
        };
        children.sort_unstable_by_key(|(child, _)| child.hilbert());
        (self.tell)(self.done, self.rows.count())?;
        let mut canvas = Canvas::new(self.about.layer.name()).map_err(unwritten)?;
        let mut counted = Vec::new();
        for one in held {
            canvas = self.outline(canvas, tile, one, &mut counted, &mut children)?;
        }
        canvas = self.points(canvas, tile, spots, &counted)?;
        let drawn = canvas.bytes();
        if !drawn.is_empty() {
            self.levels[usize::from(tile.zoom())].put(tile, &drawn)?;
        }
        for (child, held) in children {
            let finer = 2 * (DEEPEST_ZOOM - child.zoom());
            let [start, end] = [child.hilbert(), child.hilbert() + 1]
                .map(|place| spots.partition_point(|spot| spot.place < place << finer));
            self.tile(child, &spots[start..end], held)?;
        }
        Ok(())
    }

    /// Draws a line or an area, or has it counted; and gives it to those tiles of the next zoom that it lies in.
    fn outline(
        &mut self,
        canvas: Canvas,
        tile: TileAddress,
        one: Held,
        counted: &mut Vec<(u32, Position)>,
        children: &mut [(TileAddress, Vec<Held>)],
    ) -> Result<Canvas> {
        let Held { row, middle, part } = one;
        let (mut kept, zoom) = (self.rows.get(row)?, tile.zoom());
        let is_whole = part.is_none();
        let outline = part.map(|part| *part).or_else(|| kept.outline.take());
        let outline = outline.ok_or_else(|| Error::Store("a row has lost its outline".into()))?;
        for (child, held) in children {
            if let Some(part) = outline.within(*child) {
                // All of it is read again: only what tiles share is kept.
                let part = (!is_whole || part != outline).then(|| Box::new(part));
                held.push(Held { row, middle, part });
            }
        }
        let is_small = if zoom == self.zoom { middle.is_a_step(zoom) } else { middle.is_small(zoom) };
        let drawn = (!is_small).then(|| outline.on_grid(tile)).filter(|drawn| !drawn.is_empty());
        if Edges::new(tile).holds(middle.at) {
            self.done += u64::from(zoom == self.zoom);
            // What is drawn elsewhere is not counted here.
            counted.extend((drawn.is_none() && (is_small || is_whole)).then_some((row, middle.at)));
        }
        let Some(drawn) = drawn else { return Ok(canvas) };
        canvas.outline(&drawn, |tags| kept.tag(self.about, tags)).map_err(unwritten)
    }

    /// Draws points, and what is counted as one.
    fn points(
        &mut self,
        mut canvas: Canvas,
        tile: TileAddress,
        spots: &[Spot],
        counted: &[(u32, Position)],
    ) -> Result<Canvas> {
        if spots.is_empty() && counted.is_empty() {
            return Ok(canvas);
        }
        let is_last = tile.zoom() == self.zoom;
        let apart = tile.zoom() >= APART_FROM || is_last && spots.len() + counted.len() <= MOST_APART;
        let of_two = self.figure.map_or::<fn(u32, u32) -> u32, _>(u32::max, |figure| figure.of_two);
        let mut found = Gathered::new(Edges::new(tile), !apart, of_two);
        spots.iter().for_each(|spot| found.add(spot.row, spot.at, spot.figure));
        counted.iter().for_each(|&(row, at)| found.add(row, at, 0));
        self.done += if is_last { spots.len() as u64 } else { 0 };
        let edges = Edges::new(tile);
        for shown in found.shown() {
            canvas = match shown {
                Shown::One { item, at } => {
                    let kept = self.rows.get(item)?;
                    canvas.point(&edges, at, None, |tags| {
                        tags.number(COUNT.0, 1)?;
                        kept.tag(self.about, tags)
                    })
                }
                Shown::Cluster { count, at, figure: value } => canvas.point(&edges, at, None, |tags| {
                    tags.number(COUNT.0, count)?;
                    self.figure.map_or(Ok(()), |figure| tags.number(figure.name, value).map(drop))
                }),
            }
            .map_err(unwritten)?;
        }
        Ok(canvas)
    }
}
