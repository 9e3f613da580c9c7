//! The words of `data/text/places.toml`: what a place's name ends with, what joins two, and where it cannot go on.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::bare::Bare;
use super::divisions::Around;
use super::finder::{automaton, longest};
use super::goes_on::GoesOn;
use super::grammar::Grammar;
use super::unplaced::Unplaced;

/// What a word does to a place's name; it may do several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub road: bool,
    pub landmark: bool,
    pub junction: bool,
    pub position: bool,
    /// Ends a road after its first character, and the name with it.
    pub on_road: bool,
    /// Joins the streets of a crossing.
    pub cross: bool,
    /// Joins the ends of a stretch.
    pub to: bool,
    pub enumeration: bool,
    pub joint: bool,
    pub stop: bool,
}

impl Mark {
    /// A name may end with it.
    pub fn ends_a_name(self) -> bool {
        self.road || self.landmark || self.junction || self.position
    }

    pub fn joins(self) -> bool {
        self.cross || self.to || self.enumeration
    }
}

#[derive(Deserialize)]
struct Chinese {
    road: Vec<String>,
    landmark: Vec<String>,
    junction: Vec<String>,
    position: Vec<String>,
    on_road: Vec<String>,
    cross: Vec<String>,
    to: Vec<String>,
    enumeration: Vec<String>,
    joint: Vec<String>,
    in_name: Vec<String>,
    stop: Vec<String>,
    lead: Vec<String>,
    came: Vec<String>,
    went: Vec<String>,
    heading: Vec<String>,
    audience: Vec<String>,
    towards: Vec<String>,
    own: HashSet<String>,
    lane: Vec<String>,
    gate: HashSet<String>,
    generic: HashSet<String>,
    drop: Vec<String>,
    telling: String,
    name_chars: String,
    river: Vec<String>,
    river_does: Vec<String>,
    office: Vec<String>,
    office_does: Vec<String>,
    speaks: Vec<String>,
    lanes: Vec<String>,
    not_in_name: String,
    district: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct English {
    /// Words with a point that ends no sentence.
    pub short: HashSet<String>,
    /// Two small words that end a name.
    pub pairs: HashSet<String>,
    pub road: HashSet<String>,
    pub landmark: HashSet<String>,
    pub position: Vec<String>,
    /// Begins the name of a street; ends one that a number follows; stands within one though it is a stop.
    pub prefix: HashSet<String>,
    pub numbered: HashSet<String>,
    pub within: HashSet<String>,
    pub cross: HashSet<String>,
    pub crossing: Vec<String>,
    pub beside: Vec<String>,
    /// Begins what stands in parentheses after a name.
    pub aside: Vec<String>,
    pub stop: HashSet<String>,
    /// These kinds are words of every day when they are written small.
    pub capital: HashSet<String>,
    /// Of those, what may end a name all the same where no sentence begins.
    pub small: HashSet<String>,
    /// Ends of a street's name in one word, and words that are none.
    pub street_end: Vec<String>,
    pub no_street: HashSet<String>,
    /// After the name of a street, and part of it: Robinson Road East.
    pub compass: HashSet<String>,
    /// Places by their kind alone, where one of `of` and a name follow.
    pub spot: Vec<String>,
    /// Before a spot, and part of it.
    pub side: HashSet<String>,
    pub of: Vec<String>,
    /// Between a name and what it is beside or at.
    pub by: Vec<String>,
    /// Between what stands beside a street and the street: both are one place.
    pub along: HashSet<String>,
    /// After a distance.
    pub towards: Vec<String>,
    pub distance: HashSet<String>,
    /// Of `position`, those that may follow a comma.
    pub entrance: Vec<String>,
    /// Beside none of these is a place.
    pub nowhere: HashSet<String>,
    /// Words that go on after a place.
    pub ends: HashSet<String>,
    pub same: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Data {
    chinese: Chinese,
    bare: Bare,
    around: Around,
    goes_on: GoesOn,
    unplaced: Unplaced,
    english: English,
}

/// The words of places, and one automaton that finds the Chinese ones.
pub(super) struct Marks {
    finder: AhoCorasick,
    marks: Vec<Mark>,
    pub lead: Vec<String>,
    /// After a name that 从 stands before: somebody came from there.
    pub came: Vec<String>,
    /// Before a name that a clause ends with: somebody went on.
    pub went: Vec<String>,
    /// Before a name: somebody is on the way there.
    pub heading: Vec<String>,
    /// After a name: those who go there are spoken to.
    pub audience: Vec<String>,
    /// A distance after one of these belongs to the name.
    pub towards: Vec<String>,
    /// Names by themselves.
    pub own: HashSet<String>,
    /// Ends of a lane that crosses another.
    pub lane: Vec<String>,
    /// With a name before them they are a place.
    pub gate: HashSet<String>,
    /// Alone they name nothing.
    pub generic: HashSet<String>,
    /// Ends that make no other place; longest first.
    pub drop: Vec<String>,
    /// A wrong one of these characters is another place.
    pub telling: HashSet<char>,
    /// None of these in the last part of a name that no mark ends.
    pub not_in_name: HashSet<char>,
    /// A stop of one of these characters is part of a name that a road ends right after.
    pub name_chars: HashSet<char>,
    /// Rivers, and what is said of them.
    pub river: Vec<String>,
    pub river_does: Vec<String>,
    /// Offices and firms, and what they do.
    pub office: Vec<String>,
    pub office_does: Vec<String>,
    /// Ends of offices: no place where no road is named with them.
    pub speaks: Vec<String>,
    /// After a side of a road that is of lanes.
    pub lanes: Vec<String>,
    pub district: Vec<String>,
    pub bare: Bare,
    pub around: Around,
    pub goes_on: GoesOn,
    pub unplaced: Unplaced,
    pub english: English,
}

static EMBEDDED: LazyLock<Marks> = LazyLock::new(|| {
    Marks::read(include_str!("../../../data/text/places.toml")).expect("the embedded data are tested to parse")
});

/// Gives a word one of its meanings.
type Set = fn(&mut Mark);

impl Marks {
    /// The words of `data/text/places.toml`.
    pub fn embedded() -> &'static Marks {
        &EMBEDDED
    }

    fn read(text: &str) -> Result<Marks, toml::de::Error> {
        let Data { chinese: c, bare, around, goes_on, unplaced, english } = toml::from_str(text)?;
        let lists: [(&[String], Set); 11] = [
            (&c.road, |m| m.road = true),
            (&c.landmark, |m| m.landmark = true),
            (&c.junction, |m| m.junction = true),
            (&c.position, |m| m.position = true),
            (&c.on_road, |m| m.on_road = true),
            (&c.cross, |m| m.cross = true),
            (&c.to, |m| m.to = true),
            (&c.enumeration, |m| m.enumeration = true),
            (&c.joint, |m| m.joint = true),
            (&c.in_name, |_| {}),
            (&c.stop, |m| m.stop = true),
        ];
        let mut words: BTreeMap<String, Mark> = BTreeMap::new();
        for (list, set) in lists {
            list.iter().for_each(|word| set(words.entry(word.clone()).or_default()));
        }
        let (words, marks): (Vec<_>, Vec<_>) = words.into_iter().unzip();
        let mut drop = c.drop;
        drop.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Ok(Marks {
            finder: automaton(&words),
            marks,
            lead: c.lead,
            came: c.came,
            went: c.went,
            heading: c.heading,
            audience: c.audience,
            towards: c.towards,
            own: c.own,
            lane: c.lane,
            gate: c.gate,
            generic: c.generic,
            drop,
            telling: c.telling.chars().collect(),
            not_in_name: c.not_in_name.chars().collect(),
            name_chars: c.name_chars.chars().collect(),
            river: c.river,
            river_does: c.river_does,
            office: c.office,
            office_does: c.office_does,
            speaks: c.speaks,
            lanes: c.lanes,
            district: c.district,
            bare,
            around: around.made(),
            goes_on,
            unplaced,
            english,
        })
    }

    /// Whether no name has this character.
    pub fn bare_never(&self, c: char) -> bool {
        self.not_in_name.contains(&c) || Grammar::embedded().place.never.has(c)
    }

    /// The marks of a normalised text, in order; at each place the longest.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Range<usize>, Mark)> + 'a {
        longest(&self.finder, text).map(|(at, word)| (at, self.marks[word]))
    }
}
