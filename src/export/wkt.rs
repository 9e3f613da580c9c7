//! Well-known text (OGC 06-103r4, 7), in WGS 84 degrees, longitude first.

use std::fmt::Write;

use crate::hazard::layer::Shape;
use crate::hazard::position::Position;

/// A shape as text.
pub fn of(shape: &Shape) -> String {
    let mut out = String::new();
    match shape {
        Shape::In(_, shape) => return of(shape),
        Shape::Point(at) => {
            let _ = write!(out, "POINT ({} {})", at.lon(), at.lat());
        }
        Shape::Line(line) => {
            out.push_str("LINESTRING ");
            positions(&mut out, line);
        }
        Shape::Areas(areas) if areas.len() == 1 => {
            out.push_str("POLYGON ");
            list(&mut out, &areas[0], |out, ring| positions(out, ring));
        }
        Shape::Areas(areas) => {
            out.push_str("MULTIPOLYGON ");
            list(&mut out, areas, |out, rings| list(out, rings, |out, ring| positions(out, ring)));
        }
    }
    out
}

fn positions(out: &mut String, all: &[Position]) {
    list(out, all, |out, at| {
        let _ = write!(out, "{} {}", at.lon(), at.lat());
    });
}

fn list<T>(out: &mut String, items: &[T], each: impl Fn(&mut String, &T)) {
    out.push('(');
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            out.push_str(", ");
        }
        each(out, item);
    }
    out.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_lie_in_polygons_and_polygons_in_one_of_several_parts() {
        let at = |lon, lat| Position::new(lon, lat).unwrap();
        let ring: Box<[Position]> = [at(0.0, 0.0), at(1.5, 0.0), at(0.0, -1.0), at(0.0, 0.0)].into();
        let rings: Box<[_]> = [ring].into();
        assert_eq!(of(&Shape::Point(at(-73.894, 40.774))), "POINT (-73.894 40.774)");
        assert_eq!(of(&Shape::Line([at(1.0, 2.0), at(3.0, 4.0)].into())), "LINESTRING (1 2, 3 4)");
        assert_eq!(of(&Shape::Areas([rings.clone()].into())), "POLYGON ((0 0, 1.5 0, 0 -1, 0 0))");
        assert_eq!(
            of(&Shape::Areas([rings.clone(), rings].into())),
            "MULTIPOLYGON (((0 0, 1.5 0, 0 -1, 0 0)), ((0 0, 1.5 0, 0 -1, 0 0)))"
        );
    }
}
