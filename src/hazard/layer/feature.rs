//! Features and collections of them, as GeoJSON writes them.

use geojson::{Geometry, GeometryValue};
use serde::{Serialize, Serializer};

use super::super::map::HazardMap;
use super::super::position::Position;
use super::super::time;
use super::filter::Filter;

/// A time as unix seconds, written as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&time::format(self.0))
    }
}

/// One feature; `P` names its properties.
#[derive(Clone, Debug, Serialize)]
pub struct Feature<P> {
    #[serde(rename = "type")]
    kind: &'static str,
    pub id: String,
    pub geometry: Option<Shape>,
    pub properties: P,
}

/// Where a feature lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Point(Position),
    Line(Box<[Position]>),
}

/// What matched, and of which map.
#[derive(Clone, Debug, Serialize)]
pub struct FeatureCollection<P> {
    #[serde(rename = "type")]
    kind: &'static str,
    /// How many features match, given or not.
    #[serde(rename = "numberMatched")]
    pub number_matched: usize,
    /// How many of them are given.
    #[serde(rename = "numberReturned")]
    pub number_returned: usize,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
    pub features: Vec<Feature<P>>,
}

impl<P> Feature<P> {
    /// A feature at a point, or nowhere.
    pub fn new(id: String, geometry: Option<Position>, properties: P) -> Feature<P> {
        Feature { kind: "Feature", id, geometry: geometry.map(Shape::Point), properties }
    }

    /// A feature along a line.
    pub fn along(id: String, line: &[Position], properties: P) -> Feature<P> {
        Feature { kind: "Feature", id, geometry: Some(Shape::Line(line.into())), properties }
    }
}

impl<P> FeatureCollection<P> {
    /// The features of all that matched, up to the filter's limit.
    pub fn of<T>(map: &HazardMap, filter: &Filter, matched: Vec<T>, each: impl FnMut(T) -> Feature<P>) -> Self {
        let number_matched = matched.len();
        let limit = filter.limit.unwrap_or(usize::MAX);
        let features: Vec<_> = matched.into_iter().take(limit).map(each).collect();
        FeatureCollection {
            kind: "FeatureCollection",
            number_matched,
            number_returned: features.len(),
            as_of: Time(map.as_of()),
            position: map.position(),
            features,
        }
    }
}

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let degrees = |p: &Position| [p.lon(), p.lat()];
        let value = match self {
            Shape::Point(at) => GeometryValue::new_point(degrees(at)),
            Shape::Line(line) => GeometryValue::new_line_string(line.iter().map(degrees)),
        };
        Geometry::new(value).serialize(out)
    }
}

/// Rounds to the step of 1/`per`: what is published carries no digits that mean nothing.
pub(super) fn rounded(v: f64, per: f64) -> f64 {
    (v * per).round() / per
}
