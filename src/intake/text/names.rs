//! The names of a gazetteer in a text, the longest at each place: sorted, and found by their first characters. An
//! automaton of so many names takes several times as long to make, and is walked outside the processor's cache.

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::finder::is_whole;

/// Names are found by so many of their first characters; a shorter name is not found.
pub(super) const FIRST_CHARS: usize = 3;
/// Most ideographs and letters of one 16-bit unit.
const UNITS: usize = 1 << 16;

/// Names in order, one after the other.
pub(super) struct Names {
    all: String,
    /// Where each ends.
    ends: Vec<u32>,
    /// Names that begin with the same characters.
    alike: HashTable<Range<u32>>,
    hasher: DefaultHashBuilder,
    /// A bit for each character that a name begins with: most characters of a text need no other look.
    begins: Box<[u64]>,
}

impl Names {
    pub fn new(mut names: Vec<&str>) -> Names {
        names.retain(|name| first(name).is_some());
        names.sort_unstable();
        names.dedup();
        let mut made = Names {
            all: String::with_capacity(names.iter().map(|name| name.len()).sum()),
            ends: Vec::with_capacity(names.len()),
            alike: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            begins: vec![0; UNITS / 64].into_boxed_slice(),
        };
        for name in &names {
            made.all.push_str(name);
            made.ends.push(made.all.len() as u32);
        }
        let mut at = 0;
        for alike in names.chunk_by(|a, b| first(a) == first(b)) {
            let range = at..at + alike.len() as u32;
            at = range.end;
            let Some(first) = first(alike[0]) else { continue };
            let hash = |range: &Range<u32>| {
                made.hasher.hash_one(self::first(text_of(&made.all, &made.ends, range.start)).unwrap_or_default())
            };
            made.alike.insert_unique(made.hasher.hash_one(first), range, hash);
            if let Some((word, bit)) = first.chars().next().and_then(bit) {
                made.begins[word] |= bit;
            }
        }
        made
    }

    fn name(&self, i: u32) -> &str {
        text_of(&self.all, &self.ends, i)
    }

    /// Where names stand in a normalised text, none over another; Latin ones only as whole words.
    pub fn in_text(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        for (i, c) in text.char_indices() {
            if i < from || bit(c).is_some_and(|(word, bit)| self.begins[word] & bit == 0) {
                continue;
            }
            let Some(length) = self.longest(&text[i..]) else { continue };
            let at = i..i + length;
            if is_whole(text, &at) {
                from = at.end;
                found.push(at);
            }
        }
        found
    }

    /// Bytes of the longest name that a text begins with.
    fn longest(&self, text: &str) -> Option<usize> {
        let first = first(text)?;
        let alike = self.alike.find(self.hasher.hash_one(first), |range| self.name(range.start).starts_with(first))?;
        let (begin, mut end, mut text) = (alike.start, alike.end, text.as_bytes());
        loop {
            // The last name that does not come after the text begins it, or has more of it in common than any other.
            end = partition_point(begin, end, |i| self.name(i).as_bytes() <= text);
            let last = self.name(end.checked_sub(1).filter(|last| *last >= begin)?).as_bytes();
            let common = last.iter().zip(text).take_while(|(a, b)| a == b).count();
            if common == last.len() {
                return Some(common);
            }
            text = &text[..common];
        }
    }
}

fn text_of<'a>(all: &'a str, ends: &[u32], i: u32) -> &'a str {
    let i = i as usize;
    let begin = if i == 0 { 0 } else { ends[i - 1] };
    &all[begin as usize..ends[i] as usize]
}

/// The characters that a text is found by, if it has so many.
fn first(text: &str) -> Option<&str> {
    let (last, c) = text.char_indices().nth(FIRST_CHARS - 1)?;
    Some(&text[..last + c.len_utf8()])
}

/// The bit of a character, if it is of one 16-bit unit.
fn bit(c: char) -> Option<(usize, u64)> {
    let unit = c as usize;
    (unit < UNITS).then_some((unit / 64, 1 << (unit % 64)))
}

/// The first of these numbers that is not so, where all that are so come first.
fn partition_point(mut begin: u32, mut end: u32, is_so: impl Fn(u32) -> bool) -> u32 {
    while begin < end {
        let middle = u32::midpoint(begin, end);
        if is_so(middle) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    begin
}

#[cfg(test)]
mod tests {
    use super::super::finder::{automaton, longest};
    use super::*;

    #[test]
    fn names_are_found_as_an_automaton_of_all_of_them_finds_them() {
        let parts = ["海", "秀", "路", "中", "口", "a", "b", " ", "main", "st", "🌊", "1"];
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..300 {
            let mut text = |most: usize| -> String {
                (0..random.usize(1..most)).map(|_| parts[random.usize(0..parts.len())]).collect()
            };
            let mut names: Vec<String> = (0..40).map(|_| text(7)).collect();
            names.retain(|name| name.chars().count() >= FIRST_CHARS);
            let (found, finder) = (Names::new(names.iter().map(String::as_str).collect()), automaton(&names));
            for text in (0..20).map(|_| text(60)) {
                let expected: Vec<Range<usize>> = longest(&finder, &text).map(|(at, _)| at).collect();
                assert_eq!(found.in_text(&text), expected, "{text}: {names:?}");
            }
        }
        assert!(Names::new(Vec::new()).in_text("海秀路").is_empty());
    }
}
