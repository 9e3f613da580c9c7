//! Depths, numbers, times and speeds.

use serde::Deserialize;

use super::{Chars, Words};

/// After a measure that is exceeded, or that is none of the water.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Measure {
    /// After a measure that is exceeded: what ought to be done then.
    pub ought: Words,
    /// The same of a rule: "超过15厘米的派人值守".
    pub ruled: Words,
    pub of_a_pump: Words,
    pub unfit: Words,
    /// In its clause after it: what it is the standard for.
    pub standard: Words,
    /// "达到27厘米时", and no "时许" and "时左右".
    pub when: char,
    pub about_when: Chars,
    /// 十几
    pub some: char,
    /// Between what says that a number is a depth and the number, where no unit follows it.
    pub unsaid_filler: Chars,
    pub unsaid_depth: Words,
    /// In the head of a table: the unit of its column.
    pub unsaid_unit: Words,
    /// After the number of a depth that a colon leads to: "海府一横路：25厘米".
    pub depth_unit: Words,
    /// What is measured after one of these may be a length or a distance.
    pub water: Words,
    /// Fillers that are also what is measured.
    pub no_filler: Words,
}

/// What the water reaches.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Body {
    /// Between the words that it reaches something with and the thing: nothing reaches it there.
    pub leads_nowhere: Chars,
    pub deep: Words,
    /// What says a depth by itself: knee-deep, 半个轮胎.
    pub by_itself: Words,
    pub below: Words,
    /// In the clause after it: what would come of it.
    pub then: Words,
    pub advised: Words,
    /// Right before a depth.
    pub not_over: Words,
    /// Before a level, in its clause: of no street.
    pub river: Words,
}

/// Around a number.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Number {
    /// Between what the water has come to and the number.
    pub filler: Chars,
    pub time: Words,
    pub time_filler: Chars,
    pub rain: Words,
    /// Before a distance, where none of the others stands between.
    pub distance: char,
    pub depth: Words,
}

/// A measure that nothing says what it is of.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Plain {
    /// Of what is measured, and of no name.
    pub no_name: Chars,
    /// After it, at the end of its clause.
    pub after: Chars,
    /// Before it, in the clause before: water, and not a length.
    pub wet: Words,
    pub dry: Words,
    /// Before it, in parentheses.
    pub other: Chars,
    /// Before a list: what its measures are of.
    pub heading: Words,
    /// After it: "半米多水".
    pub of_it: Chars,
    pub of_water: Words,
    pub of_water_english: Words,
    pub gauge: Words,
    pub water: char,
}

/// Times.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Clock {
    /// Numbers of a time that no digit begins.
    pub spoken: Words,
    /// Between a span and 前.
    pub soft: Words,
    /// What begins with 时 and 点 and is no hour.
    pub no_hour: Words,
    pub no_clock: Words,
    /// Of an hour: its first and its third.
    pub quarter: Words,
    /// After two digits that are no minutes.
    pub no_minute: Chars,
    pub about: Words,
    pub half_of_day: Words,
}
