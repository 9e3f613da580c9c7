//! Well-known binary (OGC 06-103r4, 8), little-endian, in WGS 84 degrees, longitude first.

use crate::hazard::layer::{Rings, Shape};
use crate::hazard::position::Position;

const LITTLE_ENDIAN: u8 = 1;

/// The codes of geometries.
const POINT: u32 = 1;
const LINE_STRING: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_POLYGON: u32 = 6;

/// West, east, south, north.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent(pub [f64; 4]);

impl Extent {
    pub const EMPTY: Extent = Extent([f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY]);

    /// Of all positions of a shape.
    pub fn of(shape: &Shape) -> Extent {
        let mut extent = Extent::EMPTY;
        match shape {
            Shape::Point(at) => extent.hold(*at),
            Shape::Line(line) => line.iter().for_each(|&at| extent.hold(at)),
            Shape::Areas(areas) => areas.iter().flatten().flatten().for_each(|&at| extent.hold(at)),
            Shape::In(_, shape) => return Extent::of(shape),
        }
        extent
    }

    pub fn is_empty(&self) -> bool {
        self.0[0] > self.0[1]
    }

    pub fn and(self, other: Extent) -> Extent {
        let ([w, e, s, n], [west, east, south, north]) = (self.0, other.0);
        Extent([w.min(west), e.max(east), s.min(south), n.max(north)])
    }

    fn hold(&mut self, at: Position) {
        *self = self.and(Extent([at.lon(), at.lon(), at.lat(), at.lat()]));
    }
}

/// Appends a shape. Polygons are MultiPolygons all, so that those of a layer are of one type.
pub fn write(out: &mut Vec<u8>, shape: &Shape) {
    match shape {
        Shape::Point(at) => {
            head(out, POINT);
            position(out, *at);
        }
        Shape::In(_, shape) => write(out, shape),
        Shape::Line(line) => {
            head(out, LINE_STRING);
            positions(out, line);
        }
        Shape::Areas(areas) => {
            head(out, MULTI_POLYGON);
            count(out, areas.len());
            areas.iter().for_each(|rings| polygon(out, rings));
        }
    }
}

fn polygon(out: &mut Vec<u8>, rings: &Rings) {
    head(out, POLYGON);
    count(out, rings.len());
    rings.iter().for_each(|ring| positions(out, ring));
}

fn head(out: &mut Vec<u8>, code: u32) {
    out.push(LITTLE_ENDIAN);
    out.extend(code.to_le_bytes());
}

fn count(out: &mut Vec<u8>, n: usize) {
    out.extend((n as u32).to_le_bytes());
}

fn positions(out: &mut Vec<u8>, all: &[Position]) {
    count(out, all.len());
    all.iter().for_each(|&at| position(out, at));
}

fn position(out: &mut Vec<u8>, at: Position) {
    out.extend(at.lon().to_le_bytes());
    out.extend(at.lat().to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_twenty_one_bytes_and_its_extent_is_itself() {
        let at = Shape::Point(Position::new(1.0, -2.0).unwrap());
        let mut out = Vec::new();
        write(&mut out, &at);
        assert_eq!(out[..5], [1, 1, 0, 0, 0]);
        assert_eq!((&out[5..13], &out[13..]), (&1.0_f64.to_le_bytes()[..], &(-2.0_f64).to_le_bytes()[..]));
        assert_eq!(Extent::of(&at), Extent([1.0, 1.0, -2.0, -2.0]));
        assert!(Extent::EMPTY.is_empty() && Extent::EMPTY.and(Extent::of(&at)) == Extent::of(&at));
    }
}
