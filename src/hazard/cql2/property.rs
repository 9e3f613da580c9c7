//! What a filter can ask of a feature: its properties, their types, and their values.

use std::sync::Arc;

/// A property that features of a layer can be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// As published.
    pub name: &'static str,
    pub title: &'static str,
    /// Of measurement (UCUM).
    pub unit: Option<&'static str>,
    pub kind: Kind,
    /// How many steps it takes to find the value.
    pub steps: usize,
}

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Text,
    /// A text that is one of these.
    Words(fn() -> Vec<&'static str>),
    Number,
    Integer,
    Flag,
    Time,
    /// The geometry of the feature: `point`, or whatever else JSON Schema's `format` says behind `geometry-`.
    Geometry(&'static str),
}

impl Kind {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text | Kind::Words(_) => "a text",
            Kind::Number | Kind::Integer => "a number",
            Kind::Flag => "TRUE or FALSE",
            Kind::Time => "a time",
            Kind::Geometry(_) => "a geometry",
        }
    }
}

/// The value of a property of one feature.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum<'m> {
    Null,
    Flag(bool),
    Number(f64),
    Text(Word<'m>),
    /// Unix seconds.
    Time(i64),
}

/// A text that is only copied where the map does not hold it as such.
#[derive(Clone, Debug, PartialEq)]
pub enum Word<'m> {
    Of(&'m str),
    Shared(Arc<str>),
    Made(String),
}

/// Where a feature lies.
#[derive(Clone, Debug)]
pub enum Located {
    Point(geo::Coord),
    Other(geo::Geometry),
}

impl Word<'_> {
    pub fn as_str(&self) -> &str {
        match self {
            Word::Of(text) => text,
            Word::Shared(text) => text,
            Word::Made(text) => text,
        }
    }
}

impl From<bool> for Datum<'_> {
    fn from(flag: bool) -> Self {
        Datum::Flag(flag)
    }
}

impl From<f64> for Datum<'_> {
    fn from(number: f64) -> Self {
        Datum::Number(number)
    }
}

impl From<u32> for Datum<'_> {
    fn from(number: u32) -> Self {
        Datum::Number(number.into())
    }
}

impl From<u16> for Datum<'_> {
    fn from(number: u16) -> Self {
        Datum::Number(number.into())
    }
}

impl From<i64> for Datum<'_> {
    /// Counts and seconds stay far below 2⁵³.
    fn from(number: i64) -> Self {
        Datum::Number(number as f64)
    }
}

impl From<usize> for Datum<'_> {
    fn from(number: usize) -> Self {
        Datum::Number(number as f64)
    }
}

impl<'m> From<&'m str> for Datum<'m> {
    fn from(text: &'m str) -> Self {
        Datum::Text(Word::Of(text))
    }
}

impl From<Arc<str>> for Datum<'_> {
    fn from(text: Arc<str>) -> Self {
        Datum::Text(Word::Shared(text))
    }
}

impl From<String> for Datum<'_> {
    fn from(text: String) -> Self {
        Datum::Text(Word::Made(text))
    }
}

impl<'m, T: Into<Datum<'m>>> From<Option<T>> for Datum<'m> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Datum::Null, Into::into)
    }
}
