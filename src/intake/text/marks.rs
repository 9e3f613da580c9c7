//! The words of `data/text/places.toml`: what a place's name ends with, what joins two, and where it cannot go on.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::lexicon::{automaton, longest};

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
    towards: Vec<String>,
    own: HashSet<String>,
    lane: Vec<String>,
    gate: HashSet<String>,
    generic: HashSet<String>,
    drop: Vec<String>,
    telling: String,
    not_in_name: String,
    district: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct English {
    /// Two small words that end a name.
    pub pairs: HashSet<String>,
    pub road: HashSet<String>,
    pub landmark: HashSet<String>,
    pub position: Vec<String>,
    pub cross: HashSet<String>,
    pub crossing: Vec<String>,
    pub beside: Vec<String>,
    pub stop: HashSet<String>,
    /// These kinds are words of every day when they are written small.
    pub capital: HashSet<String>,
    pub same: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Data {
    chinese: Chinese,
    english: English,
}

/// The words of places, and one automaton that finds the Chinese ones.
pub(super) struct Marks {
    finder: AhoCorasick,
    marks: Vec<Mark>,
    pub lead: Vec<String>,
    /// After a name that 从 stands before: somebody came from there.
    pub came: Vec<String>,
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
    pub district: Vec<String>,
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
        let Data { chinese: c, english } = toml::from_str(text)?;
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
            towards: c.towards,
            own: c.own,
            lane: c.lane,
            gate: c.gate,
            generic: c.generic,
            drop,
            telling: c.telling.chars().collect(),
            not_in_name: c.not_in_name.chars().collect(),
            district: c.district,
            english,
        })
    }

    /// The marks of a normalised text, in order; at each place the longest.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Range<usize>, Mark)> + 'a {
        longest(&self.finder, text).map(|(at, word)| (at, self.marks[word]))
    }
}
