//! Words in a text: the longest at each place, Latin ones whole.

use std::ops::Range;

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};

/// Finds the longest of these words at a place.
pub(super) fn automaton(words: &[impl AsRef<str>]) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .start_kind(StartKind::Unanchored)
        .build(words.iter().map(AsRef::as_ref))
        .expect("the words are few enough for an automaton")
}

/// Finds all of these words, those within others, too.
pub(super) fn overlapping(words: impl IntoIterator<Item = impl AsRef<[u8]>>) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .start_kind(StartKind::Unanchored)
        .build(words)
        .expect("the words are few enough for an automaton")
}

/// The words in a text, none over another; a word of Latin letters only where it begins and ends as one.
pub(super) fn longest<'a>(finder: &'a AhoCorasick, text: &'a str) -> impl Iterator<Item = (Range<usize>, usize)> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        while from < text.len() {
            let found = finder.find(Input::new(text).range(from..).anchored(Anchored::No))?;
            let span = found.range();
            if is_whole(text, &span) {
                from = span.end;
                return Some((span, found.pattern().as_usize()));
            }
            from = span.start + text[span.start..].chars().next().map_or(1, char::len_utf8);
        }
        None
    })
}

/// The longest of these words that a text begins with; Latin ones whole.
pub(super) fn starts_with_any<'w>(text: &str, words: &'w [String]) -> Option<&'w str> {
    let begins = |w: &&String| text.starts_with(w.as_str()) && is_whole(text, &(0..w.len()));
    words.iter().filter(begins).max_by_key(|w| w.len()).map(String::as_str)
}

/// Whether no Latin word is cut in two at the ends of a span.
pub(super) fn is_whole(text: &str, span: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let letter = |i: usize| bytes[i].is_ascii_alphanumeric();
    let cut = |i: usize| i > 0 && i < bytes.len() && letter(i - 1) && letter(i);
    !(bytes[span.start].is_ascii_alphabetic() && cut(span.start)
        || bytes[span.end - 1].is_ascii_alphabetic() && cut(span.end))
}
