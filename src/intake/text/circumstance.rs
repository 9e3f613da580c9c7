//! What is said beside the water of the same place and is no matter of its own: covers that are open for the water to run
//! off, a signal that works again, the pit that the water stands in.

use std::collections::HashMap;
use std::ops::Range;

use serde::Deserialize;

/// A clause is looked at so far.
const LONGEST_CLAUSE_BYTES: usize = 120;

/// Words of data/text/phrases.toml.
#[derive(Deserialize)]
pub(super) struct Circumstance {
    /// Categories that are never so, but where somebody works at it.
    but: Vec<String>,
    /// In the sentence after one of those: somebody has seen to it.
    worked: Vec<String>,
    /// In its sentence, of whatever kind: somebody is at it.
    handled: Vec<String>,
    /// Categories that say nothing of their own beside these others.
    none_beside: HashMap<String, Vec<String>>,
    /// In the clause before one of those, where the water is named after it: why it stands there.
    cause: Vec<String>,
    water: Vec<String>,
    work: Vec<String>,
    beware: Vec<String>,
    with: Vec<String>,
    /// What the water stands in.
    words: Vec<String>,
    /// In its clause, before or after it.
    before: Vec<String>,
    after: Vec<String>,
}

impl Circumstance {
    /// Whether something of a category at a place in a text belongs to the water.
    pub fn is_one(&self, category: &str, text: &str, at: &Range<usize>) -> bool {
        let ends = |c: char| matches!(c, ',' | ';' | '。' | '!' | '?' | '\n' | ':');
        let near = &text[text.floor_char_boundary(at.start.saturating_sub(LONGEST_CLAUSE_BYTES))..at.start];
        let before = near.rfind(ends).map_or(near, |i| &near[i..]);
        let far = &text[at.end..text.floor_char_boundary(at.end + LONGEST_CLAUSE_BYTES)];
        let after = far.find(ends).map_or(far, |i| &far[..i]);
        let has = |part: &str, words: &[String]| words.iter().any(|word| part.contains(word.as_str()));
        let is_said = || self.words.iter().any(|word| *word == text[at.clone()]);
        let beware = || self.beware.iter().any(|word| near.ends_with(word.as_str()));
        let sentence = far.find(['。', '!', '?', '\n']).map_or(far, |i| &far[..i]);
        let named_for_it = || has(before, &self.cause) && has(sentence, &self.water);
        let seen_to = || self.but.iter().any(|but| but == category) && (has(sentence, &self.worked) || named_for_it());
        has(before, &self.work)
            || has(sentence, &self.handled)
            || seen_to()
            || !self.but.iter().any(|but| but == category)
                && (is_said() || beware() || has(before, &self.before) || has(after, &self.after))
    }

    /// Mud and rubbish in the water, a signal without power: of what else is said there.
    pub fn is_none_beside(&self, category: &str, other: &str) -> bool {
        self.none_beside.get(category).is_some_and(|others| others.iter().any(|one| one == other))
    }

    /// "塌方并伴有积水": whether nothing but words that join the two stand between.
    pub fn is_with(&self, category: &str, text: &str, one: &Range<usize>, other: &Range<usize>) -> bool {
        let between = one.end.min(other.end)..one.start.max(other.start);
        let Some(mut rest) = text
            .get(between)
            .filter(|t| t.len() <= LONGEST_CLAUSE_BYTES && !self.but.iter().any(|but| but == category))
        else {
            return false;
        };
        while let Some(word) = self.with.iter().filter(|word| rest.starts_with(word.as_str())).max_by_key(|w| w.len()) {
            rest = &rest[word.len()..];
        }
        rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexicon::Lexicon;

    #[test]
    fn why_the_water_stands_there_is_no_matter_of_its_own_and_neither_is_a_cover_that_is_as_it_should_be() {
        for (category, text, word, one) in [
            ("blocked_drain", "因施工围挡堵塞排水口,积水20厘米", "堵塞", true),
            ("blocked_drain", "由于雨水口堵塞造成路面积水", "雨水口堵", true),
            ("blocked_drain", "雨水口堵塞,积水20厘米", "雨水口堵", false),
            ("blocked_drain", "因落叶雨水口堵塞,请处理", "雨水口堵", false),
            ("manhole", "积水20厘米,井盖没翻,能走", "井盖", true),
            ("manhole", "水面下有井盖开启作业", "井盖", true),
            ("manhole", "积水20厘米,井盖翻了", "井盖", false),
        ] {
            let at = text.find(word).expect("it is in the text");
            assert_eq!(Lexicon::embedded().beside.is_one(category, text, &(at..at + word.len())), one, "{text}");
        }
    }
}
