//! Do two texts say the same?

use std::collections::HashSet;

use super::normal::normalised;

/// From here on two texts are taken for alike. Of the 19,900 pairs of the 200 messages that the tests read, all of different
/// matters, the closest have 0.39.
pub const ALIKE: f64 = 0.5;
/// A shorter text, such as "积水了", is like many others and tells nothing.
const FEWEST_PAIRS: usize = 8;
/// So much of a text is looked at.
const LONGEST_CHARS: usize = 1_000;

/// A text made ready to be compared: its pairs of neighbouring letters, ideographs and digits, each once, in the spelling
/// of the rules (simplified, half-width, small).
#[derive(Clone, Debug)]
pub struct Pairs(HashSet<[char; 2]>);

impl Pairs {
    pub fn of(text: &str) -> Pairs {
        let letters: Vec<char> = normalised(text).chars().filter(|c| c.is_alphanumeric()).take(LONGEST_CHARS).collect();
        Pairs(letters.windows(2).map(|pair| [pair[0], pair[1]]).collect())
    }

    /// The share of their pairs that two texts have in common, from 0 to 1 (Jaccard 1912, doi
    /// 10.1111/j.1469-8137.1912.tb05611.x); 0 where one of them is too short to tell. Pairs need no words to be told apart,
    /// which Chinese does not do, and are few changes away from each other where words are in another order.
    pub fn similarity(&self, other: &Pairs) -> f64 {
        if self.0.len().min(other.0.len()) < FEWEST_PAIRS {
            return 0.0;
        }
        let common = self.0.intersection(&other.0).count();
        common as f64 / (self.0.len() + other.0.len() - common) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarity(a: &str, b: &str) -> f64 {
        Pairs::of(a).similarity(&Pairs::of(b))
    }

    #[test]
    fn the_same_words_in_another_spelling_and_order_are_alike_and_short_ones_tell_nothing() {
        let text = "龙昆南路立交桥下积水很深，小车无法通行";
        assert_eq!(similarity(text, "龍昆南路立交橋下積水很深　小車無法通行！"), 1.0);
        assert!(similarity(text, "小车无法通行，龙昆南路立交桥下积水很深，请处理") > ALIKE);
        assert!(similarity(text, "海府路桥下积水不深，小车可以通行") < ALIKE);
        assert_eq!((similarity("积水了", "积水了"), similarity("", "")), (0.0, 0.0));
        assert_eq!(similarity(text, text), similarity("a knee-deep POND at the gate", "A knee deep pond, at the gate"));
    }

    #[test]
    fn no_two_messages_of_different_matters_are_alike() {
        let messages = include_str!("../../../tests/messages/messages.ndjson").lines();
        let texts: Vec<Pairs> = messages
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|message| Pairs::of(message["text"].as_str().unwrap()))
            .collect();
        let pairs = texts.iter().enumerate().flat_map(|(n, a)| texts[..n].iter().map(move |b| a.similarity(b)));
        let closest = pairs.fold(0.0, f64::max);
        assert!((0.3..ALIKE - 0.1).contains(&closest), "{closest}");
    }
}
