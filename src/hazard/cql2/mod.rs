//! Filters in the Common Query Language CQL2 (OGC 21-065r2): read from text or JSON, checked against the properties of a
//! layer, compiled once, evaluated for each feature.
//!
//! What a client sends is bounded: before it is read ([`MOST_BYTES`], [`MOST_DEPTH`]), while it is read ([`MOST_NODES`]),
//! and while it is evaluated ([`MOST_STEPS`]).
//!
//! Evaluation is three-valued, as the standard has it: what is compared with null is null, and a feature is taken where the
//! whole is true. Two casts are made: between a date and a time, which are compared as days of UTC; everything else of
//! unlike types is refused.

mod check;
mod condition;
mod fold;
mod json;
mod like;
mod operand;
mod property;
mod shape;
mod spatial;
mod temporal;
mod text;
mod tree;
mod wkt;
mod words;

#[cfg(test)]
mod abstract_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use crate::error::{Error, Result, invalid};

pub use condition::Index;
pub use condition::{Condition, Row};
pub use property::{Datum, Kind, Located, Property, Word};
pub use shape::{ToDegrees, crs84};
pub use tree::Op;

/// The longest filter in bytes of UTF-8.
pub const MOST_BYTES: usize = 4_096;
/// How deep its parentheses, or the objects and arrays of its JSON, may lie in each other.
pub const MOST_DEPTH: usize = 32;
/// How many values, properties and operators it may have, without the coordinates of geometries.
pub const MOST_NODES: usize = 256;

/// How many steps a filter may take for all features that it is asked of together; a comparison of numbers is one, of some
/// nanoseconds. The map is not written to meanwhile.
pub const MOST_STEPS: u64 = 200_000_000;

/// How a filter is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    Text,
    Json,
}

/// What is wrong with a filter, and where: as [`tree::Node`] says it.
#[derive(Debug, PartialEq)]
struct Fault {
    at: usize,
    reason: String,
}

impl Fault {
    fn new(at: usize, reason: impl Into<String>) -> Fault {
        Fault { at, reason: reason.into() }
    }
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::Text, Lang::Json];

    /// As the parameter `filter-lang` has it (OGC 19-079r2, 8.3).
    pub fn name(self) -> &'static str {
        match self {
            Lang::Text => "cql2-text",
            Lang::Json => "cql2-json",
        }
    }

    /// The language of this name.
    ///
    /// # Errors
    /// `Invalid` that lists those there are.
    pub fn named(name: &str) -> Result<Lang> {
        Lang::ALL.into_iter().find(|lang| lang.name() == name).ok_or_else(|| {
            let known = Lang::ALL.map(Lang::name).join(", ");
            invalid("filter-lang", name, format!("unknown; known are {known}"))
        })
    }
}

impl Condition {
    /// Reads a filter on features that have these properties; `to_degrees` is for its geometries.
    ///
    /// # Errors
    /// `Invalid` that says where what is wrong, and what is expected.
    pub fn read(filter: &str, lang: Lang, to_degrees: ToDegrees, properties: &[Property]) -> Result<Condition> {
        let refused = |reason: String| -> Error { invalid("filter", filter, reason) };
        if filter.len() > MOST_BYTES {
            return Err(refused(format!("{} bytes long; at most {MOST_BYTES} are read", filter.len())));
        }
        let test = match lang {
            Lang::Text => {
                let character = |at: usize| filter.get(..at).map_or(1, |before| before.chars().count() + 1);
                let told = |Fault { at, reason }| refused(format!("character {}: {reason}", character(at)));
                let tree = text::parse(filter, to_degrees).map_err(told)?;
                check::test(tree, properties).map_err(told)?
            }
            Lang::Json => {
                let (tree, paths) = json::parse(filter, to_degrees).map_err(refused)?;
                let told = |Fault { at, reason }: Fault| refused(json::told(&paths[at], &reason));
                check::test(tree, properties).map_err(told)?
            }
        };
        Ok(Condition::new(test, filter))
    }
}
