//! Geometries in a filter: their coordinates bounded, and of a kind that the relations of simple features are defined for.

use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::{
    BoundingRect, Coord, CoordsIter, Geometry, GeometryCollection, LineString, MultiPolygon, Polygon, Validation,
};

use super::super::layer::Bbox;

/// Turns a pair of coordinates, in the reference system that a filter is in, into WGS 84 degrees, longitude first; or says
/// why there is no such position. The sides of geometries are straight in degrees, whatever they were given in.
pub type ToDegrees<'a> = &'a dyn Fn(f64, f64) -> Result<[f64; 2], String>;

/// Coordinates that are WGS 84 degrees, longitude first, already (CRS84).
///
/// # Errors
/// Says which of them is out of range.
pub fn crs84(lon: f64, lat: f64) -> Result<[f64; 2], String> {
    if !(-180.0..=180.0).contains(&lon) {
        return Err(format!("{lon} is no longitude in [-180, 180] degrees: what crosses 180° is cut there"));
    }
    if !(-90.0..=90.0).contains(&lat) {
        return Err(format!("{lat} is no latitude in [-90, 90] degrees: the order is longitude, latitude"));
    }
    Ok([lon, lat])
}

/// A geometry of a filter, and the box that it lies in.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub geometry: Geometry,
    pub bounds: Bbox,
    /// How many positions it has.
    pub corners: usize,
}

impl Region {
    /// Does a point lie in its box?
    pub fn is_near(&self, at: Coord) -> bool {
        let Bbox { west, south, east, north, .. } = self.bounds;
        let lon = if west <= east { (west..=east).contains(&at.x) } else { at.x >= west || at.x <= east };
        lon && (south..=north).contains(&at.y)
    }

    /// Where a point lies: inside, on the border or outside.
    pub fn place(&self, at: Coord) -> CoordPos {
        if !self.is_near(at) {
            return CoordPos::Outside;
        }
        let (mut is_inside, mut borders) = (false, 0);
        self.geometry.calculate_coordinate_position(&at, &mut is_inside, &mut borders);
        match (borders, &self.geometry) {
            (0, _) if is_inside => CoordPos::Inside,
            (0, _) => CoordPos::Outside,
            // Areas that touch have a border there, too.
            (_, Geometry::MultiPolygon(_)) => CoordPos::OnBoundary,
            // Where an even number of ends meet there is none (OGC 06-103r4, 6.1.15.1): the lines go on there.
            (n, _) if n % 2 == 0 => CoordPos::Inside,
            _ => CoordPos::OnBoundary,
        }
    }
}

/// Makes geometries of numbers.
pub struct Builder<'a> {
    to_degrees: ToDegrees<'a>,
    /// A box is west, south, east, north, whether or not it crosses 180°.
    bounds: Option<Bbox>,
}

impl<'a> Builder<'a> {
    /// The words that a geometry begins with.
    pub const KINDS: [&'static str; 8] = [
        "POINT",
        "LINESTRING",
        "POLYGON",
        "MULTIPOINT",
        "MULTILINESTRING",
        "MULTIPOLYGON",
        "GEOMETRYCOLLECTION",
        "BBOX",
    ];

    pub fn new(to_degrees: ToDegrees<'a>) -> Builder<'a> {
        Builder { to_degrees, bounds: None }
    }

    /// Two numbers, or three: a height does not restrict.
    pub fn coord(&self, numbers: &[f64]) -> Result<Coord, String> {
        let (x, y) = match *numbers {
            [x, y] | [x, y, _] => (x, y),
            _ => return Err(format!("a position has 2 or 3 numbers, not {}", numbers.len())),
        };
        if numbers.iter().any(|n| !n.is_finite()) {
            return Err("a position of numbers that are not finite".into());
        }
        (self.to_degrees)(x, y).map(Coord::from)
    }

    /// The first ring is the outer one; each ends where it begins.
    pub fn polygon(rings: Vec<LineString>) -> Result<Polygon, String> {
        for LineString(ring) in &rings {
            if ring.len() < 4 || ring.first() != ring.last() {
                return Err("a ring has 4 positions or more, the last like the first".into());
            }
        }
        let mut rings = rings.into_iter();
        let outer = rings.next().ok_or("a polygon has a ring")?;
        Ok(Polygon::new(outer, rings.collect()))
    }

    /// West, south, east, north, or with heights west, south, low, east, north, high; as two where 180° lies within.
    pub fn bbox(&mut self, numbers: &[f64]) -> Result<Geometry, String> {
        let ([x, y], [to_x, to_y]) = match *numbers {
            [west, south, east, north] => ([west, south], [east, north]),
            [west, south, low, east, north, high] if low <= high => ([west, south], [east, north]),
            [_, _, _, _, _, _] => return Err("the lowest height of the box lies above its highest".into()),
            _ => return Err(format!("a box has 4 or 6 numbers, west, south, east, north; not {}", numbers.len())),
        };
        let (Coord { x: west, y: south }, Coord { x: east, y: north }) =
            (self.coord(&[x, y])?, self.coord(&[to_x, to_y])?);
        let (second, fourth) = (self.coord(&[to_x, y])?, self.coord(&[x, to_y])?);
        let corner = |x: f64, y: f64| second == Coord { x, y } || fourth == Coord { x, y };
        if !(corner(east, south) && corner(west, north)) {
            // Of a zone: its sides go neither north nor east.
            let ring = [(west, south), second.x_y(), (east, north), fourth.x_y(), (west, south)];
            return Ok(Polygon::new(LineString::from(ring.to_vec()), Vec::new()).into());
        }
        if south > north {
            return Err(format!("the south {south} of the box lies north of its north {north}"));
        }
        let bounds = Bbox::new(west, south, east, north);
        self.bounds = Some(bounds);
        let mut parts: Vec<Geometry> = bounds.parts().map(boxed).collect();
        Ok(match parts.len() {
            1 => parts.swap_remove(0),
            _ => Geometry::GeometryCollection(GeometryCollection(parts)),
        })
    }

    /// A whole geometry, if the relations are defined for it.
    pub fn region(self, geometry: Geometry) -> Result<Region, String> {
        let corners = geometry.coords_count();
        if let Some(bounds) = self.bounds {
            return Ok(Region { geometry, bounds, corners });
        }
        geometry.check_validation().map_err(|wrong| format!("not a simple geometry: {wrong}"))?;
        let around = geometry.bounding_rect().ok_or("a geometry without a position")?;
        let (low, high) = (around.min(), around.max());
        let bounds = Bbox::new(low.x, low.y, high.x, high.y);
        Ok(Region { geometry, bounds, corners })
    }
}

/// A box as a polygon; where it has no area, a line or a point.
fn boxed([west, south, east, north]: [f64; 4]) -> Geometry {
    match (west == east, south == north) {
        (true, true) => geo::Point::new(west, south).into(),
        (false, false) => MultiPolygon(vec![geo::Rect::new((west, south), (east, north)).to_polygon()]).into(),
        _ => LineString::from(vec![(west, south), (east, north)]).into(),
    }
}
