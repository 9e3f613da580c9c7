//! Words of `data/text/grammar.toml`: what a rule asks for of a clause, a name or a number.

mod english;
#[cfg(test)]
mod literals;
mod places;
mod roads;
mod said;
mod values;
mod words;

use std::sync::LazyLock;

use serde::Deserialize;

use words::Chars;
pub(super) use words::Words;

/// All of them.
#[derive(Deserialize)]
pub(super) struct Grammar {
    pub common: Common,
    pub sentence: Sentence,
    pub drained: Drained,
    pub measure: values::Measure,
    pub body: values::Body,
    pub number: values::Number,
    pub plain: values::Plain,
    pub clock: values::Clock,
    pub limited: said::Limited,
    pub vehicles: said::Vehicles,
    pub holds: said::Holds,
    pub only: said::Only,
    pub made: said::Made,
    pub refers: said::Refers,
    pub group: said::Group,
    pub headings: said::Headings,
    pub assemble: Assemble,
    pub again: places::Again,
    pub divisions: places::Divisions,
    pub edges: places::Edges,
    pub goes_on: places::GoesOn,
    pub joined: places::Joined,
    pub learnt: places::Learnt,
    pub place: places::Place,
    pub stretch: places::Stretch,
    pub unplaced: places::Unplaced,
    pub english: english::English,
    pub road: roads::Road,
    pub no_road: roads::NoRoad,
    pub subject: roads::Subject,
}

/// Characters that several modules ask for.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Common {
    pub road: char,
    pub spot: char,
    pub of: char,
    /// Of a road by its number: G106线.
    pub line: char,
    /// Before the kilometre of a stake: K22+600.
    pub stake: char,
    /// Kinds of streets, as a crossing begins with them: 路口.
    pub streets: Chars,
    pub streets_and_ways: Chars,
    pub sides: Chars,
    pub already: char,
}

/// What no clause or sentence with one of these says of today.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Sentence {
    /// What a clause says with one of these is yet to come, or on a condition.
    pub to_come: Words,
    /// A text with none of these has none of those.
    pub may_come: Chars,
    /// A clause that begins with one of these and ends so is a condition, where the next says what then will be.
    pub condition: Words,
    pub condition_ends: String,
    pub then: Words,
    /// A clause that begins so is a condition wherever it ends, and one of the second list is one with a depth that is
    /// reached; where what then will be begins the next clause.
    pub may_be_on_condition: Chars,
    pub on_condition: Words,
    pub on_condition_of_a_depth: Words,
    pub reaches: Words,
    pub then_begins: Words,
    /// A clause after what then will be that begins so goes on with it.
    pub then_goes_on: Words,
    /// Before 时: what the clause says of that depth is a rule, but not with one of the last in it; and what goes on
    /// with 时.
    pub at_a_depth: Words,
    pub no_when: Chars,
    pub has_been: Chars,
    /// After one of the first in a sentence, a clause with one of the second: a forecast goes on.
    pub may_be_a_forecast: Chars,
    pub forecast: Words,
    pub could: Words,
    /// Of warnings, what speaks of the places before it in its clause as of what may be there.
    pub may_be_there: Words,
    /// A work or a closure that is announced, with all that the sentence says of it.
    pub planned: Words,
    /// A text with none of these has none of those.
    pub may_be_planned: Chars,
    /// With all of its sentence.
    pub may_be_announced: Chars,
    pub announced: Words,
    /// A year before this with 曾, posts to fill: what the sentence says after it, where it does not go on to now.
    pub of_another_year: Words,
    /// What ends so is a year, and needs the word that it was so then.
    pub years: Chars,
    pub was: char,
    pub goes_on_to_now: Words,
    /// A text with none of these has none of another year.
    pub may_be_another_year: Chars,
    /// Begins what was before; with 的 after it, it goes on with what is.
    pub before: Words,
    /// Thanks for what somebody did on another day, and lessons for drivers: with all that follows them.
    pub thanks: Words,
    pub of_another_day: Words,
    pub teaches: Words,
    /// Before a depth that is exceeded, and after it: a rule, and nothing that happened.
    pub exceeded: Words,
    pub always: Words,
    /// What somebody says, and what is said of it afterwards in the sentence where it is not so.
    pub hearsay: Words,
    /// A text with none of these has none of those.
    pub says: Chars,
    pub denied: Words,
    /// At the end of a clause, with what may follow the first: "有积水可能性".
    pub may: Words,
    pub likelihood: char,
    pub possible: Words,
    /// Before "possible": of no forecast.
    pub not_a_forecast: Words,
    pub ready: Words,
    pub city: Words,
    /// What is unreal and ends so is of points, and says nothing of what a colon leads to.
    pub points: char,
    /// Ends a question; and the same at the end of a clause: "水退了伐".
    pub asks: char,
    pub asks_at_the_end: Chars,
    /// Between a verb and the same verb again: "淹不淹".
    pub whether: Chars,
    /// "水退了没有", with what begins what follows it.
    pub or_not: Words,
    pub or_not_more: char,
    pub or_not_before: Chars,
    /// Before a colon: who speaks, and no view.
    pub speaks: Words,
}

/// Water that has gone.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Drained {
    /// After the water that was there.
    pub gone: Words,
    /// A text with none of these speaks of none.
    pub wet: Words,
    pub of_water: Words,
    /// After what has gone: it went somewhere.
    pub goes_on: Words,
    /// In its clause: not yet.
    pub when: Words,
    pub cleared: Words,
    /// Between a time and what went then: "14:50许已全部排除".
    pub after_a_time: Chars,
    /// Before the time, where that is all of the clause: the water is named in the sentence before it.
    pub at: Words,
    /// After a count, before a list: "已消除2处：".
    pub heads: Words,
    /// Says that it is dry, but not within another word: 全干部, 干的事.
    pub part_of_a_word: Words,
    /// In a sentence with one of the first and water: a clause that is nothing but this says that it has gone.
    pub was: Words,
    pub gone_by_now: Words,
    /// What is left of it is still called so: "积水退了大半".
    pub water: Chars,
}

/// What belongs to one matter.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Assemble {
    /// What is so deep is no water.
    pub mud: Chars,
    /// After a depth of before: what is now, and where it is as it was.
    pub now: Words,
    pub still: Words,
    /// Of no place.
    pub thanks: Words,
}

static EMBEDDED: LazyLock<Grammar> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../data/text/grammar.toml")).expect("the embedded data are tested to parse")
});

impl Grammar {
    /// The words of `data/text/grammar.toml`.
    pub fn embedded() -> &'static Grammar {
        &EMBEDDED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_parse_and_every_word_is_in_the_spelling_of_the_rules() {
        assert!(Grammar::embedded().sentence.to_come.len() > 10);
        let text = include_str!("../../../../data/text/grammar.toml");
        for word in text.lines().filter(|l| !l.starts_with('#')).flat_map(|l| l.split('"').skip(1).step_by(2)) {
            assert_eq!(super::super::normal::normalised(word).trim(), word.trim(), "{word}");
        }
    }
}
