//! Lists of words and of characters, and what a text is asked of them.

use std::ops::Deref;

use serde::{Deserialize, Deserializer};

/// Words, in the order that they are looked for.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Words(Vec<String>);

impl Words {
    /// Whether a text is one of them.
    pub fn has(&self, text: &str) -> bool {
        self.0.iter().any(|word| word == text)
    }

    /// Whether one of them is in a text.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|word| text.contains(word.as_str()))
    }

    /// Whether a text begins with one of them.
    pub fn begins(&self, text: &str) -> bool {
        self.0.iter().any(|word| text.starts_with(word.as_str()))
    }

    /// Whether a text ends with one of them.
    pub fn ends(&self, text: &str) -> bool {
        self.0.iter().any(|word| text.ends_with(word.as_str()))
    }

    /// What a text goes on with after the first of them that it begins with.
    pub fn after<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.iter().find_map(|word| text.strip_prefix(word.as_str()))
    }

    /// What a text has before the first of them that it ends with.
    pub fn before<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.iter().find_map(|word| text.strip_suffix(word.as_str()))
    }

    /// Where they are in a text, word by word.
    pub fn find_in<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        self.0.iter().flat_map(move |word| text.match_indices(word.as_str()))
    }
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
pub(in crate::intake::text) struct Chars(Vec<char>);

impl<'de> Deserialize<'de> for Chars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Chars, D::Error> {
        Ok(Chars(String::deserialize(deserializer)?.chars().collect()))
    }
}

impl Deref for Chars {
    type Target = [char];

    fn deref(&self) -> &[char] {
        &self.0
    }
}
