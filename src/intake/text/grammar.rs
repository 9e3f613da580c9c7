//! Words of `data/text/grammar.toml`: what a clause or a sentence says of its whole.

use std::sync::LazyLock;

use serde::Deserialize;

/// All of them.
#[derive(Deserialize)]
pub(super) struct Grammar {
    pub sentence: Sentence,
    pub drained: Drained,
    pub measure: Measure,
    pub vehicles: Vehicles,
}

/// What no clause or sentence with one of these says of today.
#[derive(Deserialize)]
pub(super) struct Sentence {
    /// What a clause says with one of these is yet to come, or on a condition.
    pub to_come: Vec<String>,
    /// A work or a closure that is announced, with all that the sentence says of it.
    pub planned: Vec<String>,
    /// A year before this with 曾, posts to fill: what the sentence says after it, where it does not go on to now.
    pub of_another_year: Vec<String>,
    pub goes_on_to_now: Vec<String>,
    /// Thanks for what somebody did on another day, and lessons for drivers: with all that follows them.
    pub thanks: Vec<String>,
    pub of_another_day: Vec<String>,
    pub teaches: Vec<String>,
    /// After a depth that is exceeded: a rule, and nothing that happened.
    pub always: Vec<String>,
    /// What somebody says, and what is said of it afterwards in the sentence where it is not so.
    pub hearsay: Vec<String>,
    pub denied: Vec<String>,
    /// Before "possible": of no forecast.
    pub not_a_forecast: Vec<String>,
    pub ready: Vec<String>,
    pub city: Vec<String>,
}

/// Water that has gone.
#[derive(Deserialize)]
pub(super) struct Drained {
    /// After the water that was there.
    pub gone: Vec<String>,
}

/// After a measure that is exceeded, or that is none of the water.
#[derive(Deserialize)]
pub(super) struct Measure {
    /// After a measure that is exceeded: what ought to be done then.
    pub ought: Vec<String>,
    /// The same of a rule: "超过15厘米的派人值守".
    pub ruled: Vec<String>,
    pub of_a_pump: Vec<String>,
    pub unfit: Vec<String>,
}

/// Of whom and of which part of the road somebody says that it can be passed.
#[derive(Deserialize)]
pub(super) struct Vehicles {
    /// A phrase that begins so says itself that the large ones cannot, either: 公交也掉头了.
    pub large: Vec<String>,
    /// Right before what can be passed: that is not the place.
    pub other_ways: Vec<String>,
    /// In what a phrase says: so it is every day.
    pub as_ever: Vec<String>,
    /// A phrase that begins so tells what is, and forbids nothing.
    pub cannot: Vec<String>,
    /// A phrase that begins so says itself who cannot pass.
    pub nobody: Vec<String>,
    /// Before what is closed: it was open before.
    pub again: Vec<String>,
    /// "除大型货车外其余车辆"
    pub all_others: Vec<String>,
    /// Before a side road: it is of the name of the place.
    pub side_of: Vec<String>,
    pub all: Vec<String>,
}

static EMBEDDED: LazyLock<Grammar> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/text/grammar.toml")).expect("the embedded data are tested to parse")
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
        let text = include_str!("../../../data/text/grammar.toml");
        for word in text.lines().filter(|l| !l.starts_with('#')).flat_map(|l| l.split('"').skip(1).step_by(2)) {
            assert_eq!(super::super::normal::normalised(word).trim(), word.trim(), "{word}");
        }
    }
}
