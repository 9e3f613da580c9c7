//! Places in English.

use serde::Deserialize;

use super::Words;

/// What joins the words of an English place and stands around them.
#[derive(Deserialize)]
pub(in crate::intake::text) struct English {
    pub articles: Words,
    pub and_word: Words,
    pub and: Words,
    pub across: Words,
    pub ordinal: Words,
    /// "Jalan Nipah junction with Sungei Kallang Road"
    pub junction: Words,
    pub with: Words,
    pub bus_stop: Words,
    pub exit: Words,
    pub between: Words,
    pub before_between: Words,
    /// "Longkun Road is closed at the Guoxing Avenue junction", "at the junction with Guoxing Avenue", and what says of
    /// the first that it is so.
    pub crossing: Words,
    pub before_crossing: Words,
    pub crossing_with: Words,
    pub is_said: Words,
    /// Kinds of a street after two of them: "21st and 25th streets".
    pub plural: char,
    pub ways_in: Words,
    pub of: Words,
    pub before_of: Words,
    pub at: Words,
    pub before_at: Words,
    pub before_the: Words,
    /// Before the number of a road.
    pub road_number: Words,
    /// Within a name, though it is no name alone: Main Street.
    pub main: Words,
    /// "No. 5 Middle School"
    pub no: Words,
    /// A street without a name before its kind.
    pub alone: Words,
    /// Numbered from a street: "Sukhumvit Soi 39".
    pub lane: Words,
    /// "A Rd between B Rd and C Rd", "A Rd (B Rd to C Rd)"
    pub opens_between: Words,
    pub opens_from: Words,
    pub to: Words,
    /// With a number after it.
    pub numbered: Words,
    /// In parentheses after a road: "(Kwun Tong bound)".
    pub bound: Words,
}
