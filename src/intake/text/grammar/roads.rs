//! Words around the names of roads, and those that are said of no road.

use serde::Deserialize;

use super::words::{Chars, Words};

/// Names around words that say something else.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Road {
    /// 路坑: a road, and the first character of the next name.
    pub with_a_pit: Words,
    /// Before 路封了, no name of a road ends so; and what takes its character for itself.
    pub no_name: Chars,
    pub on_it: Words,
    /// Right after a place: somebody says that it is one.
    pub there: Words,
    /// All that stands before what opens: all lanes, and no one of them.
    pub the_lanes: Words,
    /// After the last of a list: 等主干道.
    pub and_others: char,
    pub opens: Words,
}

/// Words of who can pass that are said of no road.
#[derive(Deserialize)]
pub(in crate::intake::text) struct NoRoad {
    /// 停用, and in its clause what stands still.
    pub stands_still: Words,
    pub devices: Words,
    /// 可以过来摆摊: the end of the phrase, what goes on with it, and the same in one.
    pub over: Words,
    pub further: Chars,
    pub over_here: Words,
    /// After it: that is all of it, and nobody goes there for something else.
    pub ends: Chars,
}

/// Of what somebody says that it is shut or open.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Subject {
    /// Said of more than roads, and with one of the others in the same phrase of roads alone.
    pub of_more: Words,
    pub of_roads: Words,
    /// Ends what is a road, or what is of one.
    pub roads: Words,
    /// No road.
    pub things: Words,
    pub things_english: Words,
    /// Between what is shut and that it is.
    pub how: Words,
    pub verbs: Words,
    /// Ends why it is.
    pub why: Words,
}
