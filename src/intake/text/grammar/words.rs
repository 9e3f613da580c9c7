//! Lists of words and of characters, and what a text is asked of them.

use std::ops::Deref;

use serde::{Deserialize, Deserializer};

/// Words, in the order that they are looked for.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Words(Vec<String>);

impl Words {
    /// Whether a text is one of them.
    pub fn has(&self, text: &str) -> bool {
        self.0.iter().any(|word| word.len() == text.len() && starts(text, word))
    }

    /// Whether one of them is in a text.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|word| text.contains(word.as_str()))
    }

    /// Whether a text begins with one of them.
    pub fn begins(&self, text: &str) -> bool {
        self.0.iter().any(|word| starts(text, word))
    }

    /// Whether a text ends with one of them.
    pub fn ends(&self, text: &str) -> bool {
        self.0.iter().any(|word| ends(text, word))
    }

    /// What a text goes on with after the first of them that it begins with.
    pub fn after<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.iter().find(|word| starts(text, word)).map(|word| &text[word.len()..])
    }

    /// What a text has before the first of them that it ends with.
    pub fn before<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.iter().find(|word| ends(text, word)).map(|word| &text[..text.len() - word.len()])
    }

    /// Where they are in a text, word by word.
    pub fn find_in<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        self.0.iter().flat_map(move |word| text.match_indices(word.as_str()))
    }
}

/// As [`str::starts_with`]; most words are told from a text by one byte: their last, as most begin alike.
fn starts(text: &str, word: &str) -> bool {
    let last = word.len().wrapping_sub(1);
    text.as_bytes().get(last) == word.as_bytes().get(last) && text.starts_with(word)
}

/// As [`str::ends_with`].
fn ends(text: &str, word: &str) -> bool {
    (word.is_empty() || text.as_bytes().last() == word.as_bytes().last()) && text.ends_with(word)
}

impl Deref for Words {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl<'w> IntoIterator for &'w Words {
    type Item = &'w String;
    type IntoIter = std::slice::Iter<'w, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// Characters, any of which may stand there; written as one text.
pub(in crate::intake::text) struct Chars {
    all: Vec<char>,
    /// A bit for the last six bits of each: what has none is none of them.
    bits: u64,
}

impl Chars {
    fn bit(c: char) -> u64 {
        1 << (u32::from(c) % u64::BITS)
    }

    /// Whether a character is one of them.
    pub fn has(&self, c: char) -> bool {
        self.bits & Chars::bit(c) != 0 && self.all.contains(&c)
    }

    /// Whether one of them is in a text.
    pub fn is_in(&self, text: &str) -> bool {
        text.chars().any(|c| self.has(c))
    }
}

impl<'de> Deserialize<'de> for Chars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Chars, D::Error> {
        let all: Vec<char> = String::deserialize(deserializer)?.chars().collect();
        let bits = all.iter().fold(0, |bits, c| bits | Chars::bit(*c));
        Ok(Chars { all, bits })
    }
}

impl Deref for Chars {
    type Target = [char];

    fn deref(&self) -> &[char] {
        &self.all
    }
}
