//! The words of `data/text`, found in one pass over a message.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::circumstance::Circumstance;
use super::curt::Curt;
use super::drained::Drained;
use super::finder::{automaton, longest};
use super::made::{Compound, Made};
use super::only::OnlyLet;
use super::refers::Refers;
use crate::hazard::event::Passability;

/// What a phrase says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fact {
    /// Of [`Lexicon::categories`]; weak words count only where no other speaks.
    Category {
        category: u8,
        weak: bool,
    },
    Passability(Passability),
    Vehicle(Vehicle),
    Dry,
    Resolved,
    Opinion,
    /// An opinion that counts beside what happened.
    Proposal,
    Advice,
    Unreal,
    /// Not yet.
    Warning,
    Negation,
    /// Hides the words within it.
    Mask,
    /// Of [`Lexicon::bodies`].
    Body(u16),
    Day(u16),
    Part(Part),
    Now,
}

/// Whom a phrase of passability speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vehicle {
    Small,
    Large,
    Every,
    /// No cars.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
}

/// A phrase in a normalised text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hit {
    pub at: Range<usize>,
    pub fact: Fact,
}

#[derive(Deserialize)]
struct CategoryRow {
    name: String,
    words: Vec<String>,
    weak: Vec<String>,
}

#[derive(Deserialize)]
struct PassabilityWords {
    impassable: Vec<String>,
    impassable_small: Vec<String>,
    slow: Vec<String>,
    clear: Vec<String>,
    made: Made,
    only_let: OnlyLet,
    curt: Curt,
    shut_beside: Vec<String>,
    class: HashMap<String, Vec<String>>,
    phrase: Vec<Compound>,
    recovers: Vec<String>,
    not_yet: Vec<String>,
    small: Vec<String>,
    large: Vec<String>,
    every: Vec<String>,
    other: Vec<String>,
    lanes: Vec<String>,
    slowly: Vec<String>,
    slowly_before: Vec<String>,
    only_part: Vec<String>,
    former: Vec<String>,
    former_day: Vec<String>,
}

/// Height of a body or a car's part.
#[derive(Deserialize)]
pub(super) struct Body {
    /// Typical, lowest, highest.
    pub cm: [f64; 3],
    words: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Day {
    pub days: i64,
    pub part: Option<Part>,
    words: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Unit {
    pub cm: f64,
    words: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Numbers {
    pub to: Vec<String>,
    pub more: Vec<String>,
    pub about: Vec<String>,
    pub below: Vec<String>,
    pub above: Vec<String>,
    pub over: Vec<String>,
    pub under: Vec<String>,
    pub fallen: Vec<String>,
    pub before: Vec<String>,
    pub moved: Vec<String>,
    pub up_to: Vec<String>,
    pub words: BTreeMap<String, f64>,
    pub filler: Vec<String>,
    pub after: Vec<String>,
    pub inch_before: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Quantity {
    pub depth: Vec<String>,
    pub length: Vec<String>,
    pub width: Vec<String>,
    pub other: Vec<String>,
    /// Of those, what no measure in centimetres or inches is.
    pub far: Vec<String>,
    /// Where one of these stands, a measure that nothing is said of is a depth.
    pub wet: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Reach {
    pub before: Vec<String>,
    pub after: Vec<String>,
}

#[derive(Deserialize)]
struct Categories {
    category: Vec<CategoryRow>,
}

#[derive(Deserialize)]
struct Phrases {
    passability: PassabilityWords,
    refers: Refers,
    drained: Drained,
    beside: Circumstance,
    absence: HashSet<String>,
    lists: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Measures {
    unit: Vec<Unit>,
    numbers: Numbers,
    quantity: Quantity,
    reach: Reach,
    body: Vec<Body>,
}

#[derive(Deserialize)]
struct Times {
    day: Vec<Day>,
    part: HashMap<Part, Vec<String>>,
    lists: TimeLists,
}

#[derive(Deserialize)]
pub(super) struct TimeLists {
    pub now: Vec<String>,
    pub ago: Vec<String>,
    pub minute: Vec<String>,
    pub hour: Vec<String>,
    pub day: Vec<String>,
    pub at: Vec<String>,
}

/// All words, and one automaton that finds them.
pub(super) struct Lexicon {
    /// Names of categories.
    pub categories: Vec<String>,
    pub bodies: Vec<Body>,
    pub days: Vec<Day>,
    /// Words of units, longest first, with their centimetres.
    pub units: Vec<(String, f64)>,
    pub numbers: Numbers,
    pub quantity: Quantity,
    pub reach: Reach,
    pub times: TimeLists,
    /// Parts of a road: closed, they do not close it.
    pub lanes: Vec<String>,
    /// Of a road that is open again.
    pub recovers: Vec<String>,
    pub not_yet: Vec<String>,
    /// After what can be passed: but slowly.
    pub slowly: Vec<String>,
    /// Before it, in its sentence.
    pub slowly_before: Vec<String>,
    /// Before what cannot be passed: it was so.
    pub former: Vec<String>,
    pub former_day: Vec<String>,
    /// Before what can be passed: only a part of the road.
    pub only: Vec<String>,
    pub only_let: OnlyLet,
    pub curt: Curt,
    pub shut_beside: Vec<String>,
    pub refers: Refers,
    pub drained: Drained,
    pub beside: Circumstance,
    /// Of what says that it is dry: nothing says that it was not.
    pub absence: HashSet<String>,
    finder: AhoCorasick,
    facts: Vec<Vec<Fact>>,
}

static EMBEDDED: LazyLock<Lexicon> = LazyLock::new(|| {
    Lexicon::read(
        include_str!("../../../data/text/categories.toml"),
        include_str!("../../../data/text/phrases.toml"),
        include_str!("../../../data/text/measures.toml"),
        include_str!("../../../data/text/times.toml"),
    )
    .expect("the embedded data are tested to parse")
});

impl Lexicon {
    /// The words of `data/text`.
    pub fn embedded() -> &'static Lexicon {
        &EMBEDDED
    }

    fn read(categories: &str, phrases: &str, measures: &str, times: &str) -> Result<Lexicon, toml::de::Error> {
        let categories: Categories = toml::from_str(categories)?;
        let phrases: Phrases = toml::from_str(phrases)?;
        let measures: Measures = toml::from_str(measures)?;
        let times: Times = toml::from_str(times)?;
        let mut words = Words::default();
        for (i, row) in (0..).zip(&categories.category) {
            words.add(Fact::Category { category: i, weak: false }, &row.words);
            words.add(Fact::Category { category: i, weak: true }, &row.weak);
        }
        let p = &phrases.passability;
        words.add(Fact::Passability(Passability::Impassable), &p.impassable);
        words.add(Fact::Passability(Passability::ImpassableSmall), &p.impassable_small);
        words.add(Fact::Passability(Passability::Slow), &p.slow);
        words.add(Fact::Passability(Passability::Clear), &p.clear);
        let mut known: HashSet<String> =
            [&p.impassable, &p.impassable_small, &p.slow, &p.clear].into_iter().flatten().cloned().collect();
        let compounds = p.phrase.iter().flat_map(|c| c.phrases(&p.class).into_iter().map(|phrase| (c.says, phrase)));
        for (passability, phrase) in p.made.phrases().into_iter().chain(compounds) {
            if known.insert(phrase.clone()) {
                words.add(Fact::Passability(passability), &[phrase]);
            }
        }
        for (vehicle, list) in [
            (Vehicle::Small, &p.small),
            (Vehicle::Large, &p.large),
            (Vehicle::Every, &p.every),
            (Vehicle::Other, &p.other),
        ] {
            words.add(Fact::Vehicle(vehicle), list);
        }
        for (name, fact) in [
            ("dry", Fact::Dry),
            ("resolved", Fact::Resolved),
            ("opinion", Fact::Opinion),
            ("proposal", Fact::Proposal),
            ("advice", Fact::Advice),
            ("unreal", Fact::Unreal),
            ("warning", Fact::Warning),
            ("negation", Fact::Negation),
            ("mask", Fact::Mask),
        ] {
            words.add(fact, phrases.lists.get(name).map_or(&[], Vec::as_slice));
        }
        let none = phrases.passability.made.none();
        words.add(Fact::Mask, &none.into_iter().filter(|phrase| !known.contains(phrase)).collect::<Vec<_>>());
        let dry: HashSet<&String> = phrases.lists.get("dry").into_iter().flatten().collect();
        let drained = phrases.drained.phrases().into_iter().filter(|phrase| !dry.contains(phrase));
        words.add(Fact::Dry, &drained.collect::<Vec<_>>());
        (0..).zip(&measures.body).for_each(|(i, body)| words.add(Fact::Body(i), &body.words));
        (0..).zip(&times.day).for_each(|(i, day)| words.add(Fact::Day(i), &day.words));
        times.part.iter().for_each(|(part, list)| words.add(Fact::Part(*part), list));
        words.add(Fact::Now, &times.lists.now);
        let units = measures.unit.iter().flat_map(|u| u.words.iter().map(|w| (w.clone(), u.cm)));
        let mut units: Vec<_> = units.collect();
        units.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        let (finder, facts) = words.build();
        Ok(Lexicon {
            categories: categories.category.into_iter().map(|row| row.name).collect(),
            bodies: measures.body,
            days: times.day,
            units,
            numbers: measures.numbers,
            quantity: measures.quantity,
            reach: measures.reach,
            times: times.lists,
            lanes: phrases.passability.lanes,
            recovers: phrases.passability.recovers,
            not_yet: phrases.passability.not_yet,
            slowly: phrases.passability.slowly,
            slowly_before: phrases.passability.slowly_before,
            former: phrases.passability.former,
            former_day: phrases.passability.former_day,
            only: phrases.passability.only_part,
            only_let: phrases.passability.only_let,
            curt: phrases.passability.curt,
            shut_beside: phrases.passability.shut_beside,
            refers: phrases.refers,
            beside: phrases.beside,
            drained: phrases.drained,
            absence: phrases.absence,
            finder,
            facts,
        })
    }

    /// Every phrase of a normalised text, in order; at each place the longest.
    pub fn hits(&self, text: &str) -> Vec<Hit> {
        let mut found = Vec::new();
        for (at, pattern) in longest(&self.finder, text) {
            for &fact in &self.facts[pattern] {
                found.push(Hit { at: at.clone(), fact });
            }
        }
        found
    }
}

/// Words with what they say, each once.
#[derive(Default)]
struct Words(BTreeMap<String, Vec<Fact>>);

impl Words {
    fn add(&mut self, fact: Fact, words: &[String]) {
        words.iter().for_each(|word| self.0.entry(word.clone()).or_default().push(fact));
    }

    fn build(self) -> (AhoCorasick, Vec<Vec<Fact>>) {
        let (words, facts): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        (automaton(&words), facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_parse_and_every_word_is_in_the_spelling_of_the_rules() {
        let lexicon = Lexicon::embedded();
        assert!(lexicon.facts.len() > 800, "{}", lexicon.facts.len());
        for (at, text) in [
            ("categories", include_str!("../../../data/text/categories.toml")),
            ("phrases", include_str!("../../../data/text/phrases.toml")),
        ] {
            for word in text.split('"').skip(1).step_by(2).filter(|w| !w.is_empty()) {
                assert_eq!(super::super::normal::normalised(word), word, "{at}");
            }
        }
    }

    #[test]
    fn the_longest_phrase_counts_and_latin_words_are_whole() {
        let lexicon = Lexicon::embedded();
        let facts = |text| lexicon.hits(text).into_iter().map(|h| h.fact).collect::<Vec<_>>();
        assert_eq!(facts("没有积水"), [Fact::Dry]);
        assert_eq!(facts("mainly drafting"), []);
        assert!(matches!(facts("manhole cover")[..], [Fact::Category { .. }]));
    }
}
