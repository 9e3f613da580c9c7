//! Features and collections of them, as GeoJSON writes them.

use compact_str::{CompactString, ToCompactString};
use geojson::{Geometry, GeometryValue};
use h3o::CellIndex;
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::super::bits::Bits;
use super::super::cell;
use super::super::crs::Crs;
use super::super::map::HazardMap;
use super::super::position::Position;
use super::super::time;
use super::paging::{Cursor, Keys, Paging, Tie};

/// A time as unix seconds, written as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        time::write(f, self.0)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

impl ToSchema for Time {}

/// A point, a line or an area in WGS 84 degrees, longitude first (RFC 7946, 3.1); for the documentation alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "geojson writes it")]
struct AnyGeometry {
    /// `Point`, `LineString`, `Polygon` or `MultiPolygon`.
    #[schema(example = "Point")]
    r#type: String,
    #[schema(value_type = Vec<serde_json::Value>, example = json!([-73.894, 40.774]))]
    coordinates: (),
}

/// One feature; `P` names its properties.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Feature<P> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[schema(value_type = String)]
    pub id: CompactString,
    #[schema(value_type = Option<AnyGeometry>)]
    pub geometry: Option<Shape>,
    pub properties: P,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

/// Where a feature lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Point(Position),
    Line(Box<[Position]>),
    /// Polygons; several make a MultiPolygon.
    Areas(Box<[Rings]>),
    /// One of the others, to be written in another system than WGS 84 longitude and latitude.
    In(Crs, Box<Shape>),
}

/// An outer ring and its holes, each closed.
pub type Rings = Box<[Box<[Position]>]>;

/// A page of the features that match, and of which map.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeatureCollection<P> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    pub head: Head,
    pub features: Vec<Feature<P>>,
}

/// What a collection says of itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Head {
    /// How many features match, given or not.
    #[serde(rename = "numberMatched")]
    pub number_matched: usize,
    /// How many of them are given.
    #[serde(rename = "numberReturned")]
    pub number_returned: usize,
    /// When the answer was written.
    #[serde(rename = "timeStamp", skip_serializing_if = "Option::is_none")]
    pub time_stamp: Option<Time>,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Where the next page begins, for whoever writes its link.
    #[serde(skip)]
    pub next: Option<Cursor>,
}

/// A link as in OGC API (RFC 8288).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Link {
    pub href: String,
    pub rel: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl<P> Feature<P> {
    /// A feature at a point, or nowhere.
    pub fn new(id: impl Into<CompactString>, geometry: Option<Position>, properties: P) -> Feature<P> {
        Feature { kind: "Feature", id: id.into(), geometry: geometry.map(Shape::Point), properties, links: Vec::new() }
    }

    /// A feature along a line.
    pub fn along(id: impl Into<CompactString>, line: &[Position], properties: P) -> Feature<P> {
        Feature {
            kind: "Feature",
            id: id.into(),
            geometry: Some(Shape::Line(line.into())),
            properties,
            links: Vec::new(),
        }
    }

    /// A feature over an H3 cell, whose id it has.
    pub fn over(cell: CellIndex, properties: P) -> Feature<P> {
        let polygons = cell::outline(cell).into_iter().map(|ring| Rings::from([ring]));
        Feature::around(cell.to_compact_string(), polygons.collect(), properties)
    }

    /// A feature of some polygons.
    pub fn around(id: impl Into<CompactString>, polygons: Box<[Rings]>, properties: P) -> Feature<P> {
        Feature {
            kind: "Feature",
            id: id.into(),
            geometry: Some(Shape::Areas(polygons)),
            properties,
            links: Vec::new(),
        }
    }
}

impl<P> Feature<P> {
    /// From now on its coordinates are written in this system.
    pub fn write_in(&mut self, crs: Crs) {
        let shape = self.geometry.take();
        self.geometry = shape.map(|shape| Shape::In(crs, Box::new(shape)));
    }
}

impl<P> FeatureCollection<P> {
    /// A page of what matched; `keys` and `tie` say where each stands, as in [`Paging::cut`].
    pub fn of<T, D: Into<Tie>>(
        map: &HazardMap,
        paging: &Paging,
        matched: Vec<T>,
        (keys, tie): (impl Fn(&T) -> Keys, impl Fn(&T) -> D),
        each: impl FnMut(T) -> Feature<P>,
    ) -> Self {
        let number_matched = matched.len();
        let (page, next) = paging.cut(matched, keys, tie);
        Self::cut(map, paging, number_matched, page.into_iter().map(each).collect(), next)
    }

    /// A page of a layer of which everything is wanted, in its own order, by row; `write` makes their features.
    pub fn straight(
        map: &HazardMap,
        paging: &Paging,
        all: &Bits,
        write: impl FnOnce(&[usize]) -> Vec<Feature<P>>,
    ) -> Self {
        let (page, next) = paging.straight(all);
        Self::cut(map, paging, all.count(), write(&page), next)
    }

    /// A page, in the layer's own order, of rows that matched, given in any order; `write` makes their features.
    pub fn picked(
        map: &HazardMap,
        paging: &Paging,
        matched: Vec<usize>,
        write: impl FnOnce(&[usize]) -> Vec<Feature<P>>,
    ) -> Self {
        let number_matched = matched.len();
        let (page, next) = paging.pick(matched);
        Self::cut(map, paging, number_matched, write(&page), next)
    }

    fn cut(
        map: &HazardMap,
        paging: &Paging,
        number_matched: usize,
        features: Vec<Feature<P>>,
        mut next: Option<Cursor>,
    ) -> Self {
        // What a list is sorted by may change from page to page.
        if let Some(next) = next.as_mut().filter(|_| !paging.sort.is_empty()) {
            next.position = Some(map.position());
        }
        let head = Head {
            number_matched,
            number_returned: features.len(),
            time_stamp: None,
            as_of: Time(map.as_of()),
            position: map.position(),
            links: Vec::new(),
            next,
        };
        FeatureCollection { kind: "FeatureCollection", head, features }
    }
}

#[derive(Serialize)]
struct Point {
    #[serde(rename = "type")]
    kind: &'static str,
    coordinates: [f64; 2],
}

impl Shape {
    fn in_crs(&self, crs: Crs) -> GeometryValue {
        let written = |&at: &Position| crs.coordinates(at);
        match self {
            Shape::Point(at) => GeometryValue::new_point(written(at)),
            Shape::Line(line) => GeometryValue::new_line_string(line.iter().map(written)),
            Shape::Areas(areas) => match &areas[..] {
                [rings] => GeometryValue::new_polygon(rings.iter().map(|ring| ring.iter().map(written))),
                several => {
                    let rings = several.iter().map(|rings| rings.iter().map(|ring| ring.iter().map(written)));
                    GeometryValue::new_multi_polygon(rings)
                }
            },
            Shape::In(crs, shape) => shape.in_crs(*crs),
        }
    }
}

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            // The most of all that is written, so without the vector that the library keeps a point in.
            Shape::Point(at) => Point { kind: "Point", coordinates: [at.lon(), at.lat()] }.serialize(out),
            _ => Geometry::new(self.in_crs(Crs::Crs84)).serialize(out),
        }
    }
}

/// Rounds to the step of 1/`per`: what is published carries no digits that mean nothing.
pub(super) fn rounded(v: f64, per: f64) -> f64 {
    (v * per).round() / per
}
