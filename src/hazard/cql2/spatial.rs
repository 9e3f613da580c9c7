//! The relations of simple features (OGC 06-103r4, 6.1.15), between a feature and a geometry of the filter.

use geo::coordinate_position::CoordPos;
use geo::relate::IntersectionMatrix;
use geo::{BoundingRect, Coord, Geometry, Intersects, Relate};

use super::shape::Region;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Intersects,
    Equals,
    Disjoint,
    Touches,
    Within,
    Overlaps,
    Crosses,
    Contains,
}

impl Relation {
    pub const ALL: [Relation; 8] = [
        Relation::Intersects,
        Relation::Equals,
        Relation::Disjoint,
        Relation::Touches,
        Relation::Within,
        Relation::Overlaps,
        Relation::Crosses,
        Relation::Contains,
    ];

    /// As a function of CQL2, in small letters.
    pub fn name(self) -> &'static str {
        match self {
            Relation::Intersects => "s_intersects",
            Relation::Equals => "s_equals",
            Relation::Disjoint => "s_disjoint",
            Relation::Touches => "s_touches",
            Relation::Within => "s_within",
            Relation::Overlaps => "s_overlaps",
            Relation::Crosses => "s_crosses",
            Relation::Contains => "s_contains",
        }
    }

    /// The relation of b to a where a has this one to b.
    pub fn converse(self) -> Relation {
        match self {
            Relation::Within => Relation::Contains,
            Relation::Contains => Relation::Within,
            same => same,
        }
    }

    /// Of a point to a region. It has no border, and no part of it lies outside itself: so it crosses and overlaps nothing.
    pub fn of_point(self, at: Coord, region: &Region) -> bool {
        match self {
            Relation::Intersects => region.place(at) != CoordPos::Outside,
            Relation::Disjoint => region.place(at) == CoordPos::Outside,
            Relation::Within => region.place(at) == CoordPos::Inside,
            Relation::Touches => region.place(at) == CoordPos::OnBoundary,
            Relation::Equals | Relation::Contains => match &region.geometry {
                Geometry::Point(point) => point.0 == at,
                Geometry::MultiPoint(points) => points.iter().all(|point| point.0 == at),
                Geometry::GeometryCollection(all) => {
                    all.iter().all(|part| matches!(part, Geometry::Point(point) if point.0 == at))
                }
                _ => false,
            },
            Relation::Overlaps | Relation::Crosses => false,
        }
    }

    /// Of two geometries of any kind, by the nine intersections of their insides, borders and outsides.
    pub fn of(self, a: &Geometry, b: &Geometry) -> bool {
        if lie_apart(a, b) { self == Relation::Disjoint } else { self.is_in(&a.relate(b)) }
    }

    fn is_in(self, matrix: &IntersectionMatrix) -> bool {
        match self {
            Relation::Intersects => matrix.is_intersects(),
            Relation::Equals => matrix.is_equal_topo(),
            Relation::Disjoint => matrix.is_disjoint(),
            Relation::Touches => matrix.is_touches(),
            Relation::Within => matrix.is_within(),
            Relation::Overlaps => matrix.is_overlaps(),
            Relation::Crosses => matrix.is_crosses(),
            Relation::Contains => matrix.is_contains(),
        }
    }
}

/// Do their boxes lie apart? Then they are disjoint, and nothing else.
pub fn lie_apart(a: &Geometry, b: &Geometry) -> bool {
    let boxes = a.bounding_rect().zip(b.bounding_rect());
    boxes.is_none_or(|(a, b)| !a.intersects(&b))
}

#[cfg(test)]
mod tests {
    use geo::wkt;

    use super::super::shape::{Builder, crs84};
    use super::*;

    #[test]
    fn a_point_is_related_as_the_nine_intersections_say() {
        let regions: [Geometry; 10] = [
            wkt!(POINT(1. 1.)).into(),
            wkt!(MULTIPOINT(1. 1.,2. 2.)).into(),
            wkt!(LINESTRING(0. 0.,2. 2.,4. 0.)).into(),
            wkt!(LINESTRING(0. 0.,2. 0.,2. 2.,0. 0.)).into(),
            wkt!(POLYGON((0. 0.,4. 0.,4. 4.,0. 4.,0. 0.),(1. 1.,1. 2.,2. 2.,2. 1.,1. 1.))).into(),
            wkt!(MULTIPOLYGON(((0. 0.,1. 0.,1. 1.,0. 0.)),((2. 2.,3. 2.,3. 3.,2. 2.)))).into(),
            Geometry::GeometryCollection(wkt!(GEOMETRYCOLLECTION(POINT(1. 1.),LINESTRING(0. 3.,3. 3.)))),
            // Ends and corners that meet.
            wkt!(MULTILINESTRING((0. 0.,2. 2.),(0. 0.,0. 4.))).into(),
            wkt!(MULTILINESTRING((0. 0.,2. 2.),(0. 0.,0. 4.),(0. 0.,4. 0.))).into(),
            wkt!(MULTIPOLYGON(((0. 0.,1. 0.,1. 1.,0. 0.)),((1. 1.,3. 1.,3. 3.,1. 1.)))).into(),
        ];
        let mut seen = [[0; 2]; 8];
        for geometry in regions {
            let region = Builder::new(&crs84).region(geometry.clone()).unwrap();
            for (x, y) in (-1..10).flat_map(|x| (-1..10).map(move |y| (f64::from(x) / 2.0, f64::from(y) / 2.0))) {
                let at = Geometry::Point((x, y).into());
                for (relation, seen) in Relation::ALL.into_iter().zip(&mut seen) {
                    let found = relation.of_point(Coord { x, y }, &region);
                    assert_eq!(found, relation.of(&at, &geometry), "{relation:?} of {x} {y} to {geometry:?}");
                    assert_eq!(found, relation.converse().of(&geometry, &at), "{relation:?} turned round");
                    seen[usize::from(found)] += 1;
                }
            }
        }
        let both = Relation::ALL.into_iter().zip(seen).filter(|(_, [no, yes])| *no > 0 && *yes > 0).count();
        assert_eq!(both, 6, "all but crosses and overlaps hold somewhere: {seen:?}");
    }
}
