//! The names of places as they are searched: texts that lie one after the other, in order of where they begin, and what they have.

use memchr::memmem::Finder;
use pinyin::{ToPinyin, ToPinyinMulti};

use super::text::normalised;

/// Readings of a name by which its initials are known: some characters have several.
const MOST_READINGS: usize = 16;
/// Between the names in a text; in no name.
const END: char = '\n';

/// Texts one after the other, each of something with a number.
#[derive(Default)]
pub struct Texts {
    all: String,
    /// Where each begins, and what it is of.
    begins: Vec<(u32, u32)>,
}

/// Where texts, or parts of them, begin, in the order of what stands there: the byte among all texts, and the text.
pub struct Starts(Vec<(u32, u32)>);

impl Texts {
    pub fn push(&mut self, text: &str, of: usize) {
        self.begins.push((self.all.len() as u32, of as u32));
        self.all.push_str(text);
        self.all.push(END);
    }

    pub fn len(&self) -> usize {
        self.begins.len()
    }

    /// What a text is of.
    pub fn of(&self, n: usize) -> usize {
        self.begins[n].1 as usize
    }

    /// The text of a number, and what it is of.
    pub fn text(&self, n: usize) -> (&str, usize) {
        let (begin, of) = self.begins[n];
        (self.from(begin, n), of as usize)
    }

    /// From a byte to the end of the text that it is in.
    fn from(&self, begin: u32, n: usize) -> &str {
        let end = self.begins.get(n + 1).map_or(self.all.len(), |next| next.0 as usize);
        &self.all[begin as usize..end - END.len_utf8()]
    }

    /// Hands out what every text is of that has what is asked, and whether it begins with it.
    pub fn search(&self, asked: &str, mut each: impl FnMut(usize, bool)) {
        let mut n = 0;
        for hit in Finder::new(asked).find_iter(self.all.as_bytes()) {
            while self.begins.get(n + 1).is_some_and(|next| next.0 as usize <= hit) {
                n += 1;
            }
            each(self.of(n), hit == self.begins[n].0 as usize);
        }
    }
}

impl Starts {
    pub fn of_names(names: &Texts) -> Starts {
        Starts::sorted(names, (0..names.len()).map(|n| (names.begins[n].0, n as u32)))
    }

    /// Of the parts of names that are not their first.
    pub fn of_parts(names: &Texts) -> Starts {
        let parts = (0..names.len()).flat_map(|n| {
            let (text, begin) = (names.text(n).0, names.begins[n].0);
            let after = text.char_indices().filter(|(_, c)| begins_part(*c)).map(|(i, c)| i + c.len_utf8());
            after.filter(|&i| i < text.len()).map(move |i| (begin + i as u32, n as u32))
        });
        Starts::sorted(names, parts)
    }

    fn sorted(names: &Texts, all: impl Iterator<Item = (u32, u32)>) -> Starts {
        let text = |(begin, n): (u32, u32)| names.from(begin, n as usize).as_bytes();
        // Most differ in their first bytes, which lie beside each other here.
        let head =
            |start| text(start).iter().chain(&[0; 8]).take(8).fold(0, |head: u64, b| (head << 8) | u64::from(*b));
        let mut all: Vec<(u64, (u32, u32))> = all.map(|start| (head(start), start)).collect();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| text(a.1).cmp(text(b.1))).then(a.1.cmp(&b.1)));
        Starts(all.into_iter().map(|(_, start)| start).collect())
    }

    /// Those at which this stands.
    pub fn beginning(&self, names: &Texts, asked: &str) -> &[(u32, u32)] {
        let text = |&(begin, n): &(u32, u32)| names.from(begin, n as usize);
        let from = self.0.partition_point(|start| text(start) < asked);
        let to = from + self.0[from..].partition_point(|start| text(start).starts_with(asked));
        &self.0[from..to]
    }
}

/// A name as it is compared: one width, case and script, one blank between words, and none at the ends.
pub fn plain(name: &str) -> String {
    normalised(name).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Does a part of a name begin after this character?
fn begins_part(before: char) -> bool {
    !before.is_alphanumeric() || matches!(before, '与' | '和')
}

/// The initials of a name: of the pinyin of each character, and of each word of other letters; in each of its readings.
pub fn initials_of(name: &str) -> Vec<String> {
    let mut readings = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let letters: Vec<char> = match c.to_pinyin_multi() {
            Some(multi) => {
                // The usual reading first, so that a name's usual initials are never among those left out.
                let usual = c.to_pinyin().into_iter();
                let mut letters: Vec<char> = Vec::new();
                for letter in usual.chain(multi).filter_map(|p| p.plain().chars().next()) {
                    if !letters.contains(&letter) {
                        letters.push(letter);
                    }
                }
                letters
            }
            None if c.is_ascii_alphanumeric() && !before.is_ascii_alphanumeric() => vec![c],
            None => Vec::new(),
        };
        before = c;
        readings = match letters[..] {
            [] => continue,
            [one] => {
                readings.iter_mut().for_each(|reading| reading.push(one));
                continue;
            }
            _ => readings.iter().flat_map(|r| letters.iter().map(move |letter| format!("{r}{letter}"))).collect(),
        };
        readings.truncate(MOST_READINGS);
    }
    readings.retain(|reading| !reading.is_empty());
    readings
}

/// Which of 64 kinds of characters, of 64 other kinds, of 64 kinds of pairs of neighbours, and of 64 other kinds, a text has.
/// What one hash takes for the same the other tells apart: with one alone, every eighth name seems to have a character that it
/// does not have.
pub type Signature = [u64; 4];

/// The signature of a text.
pub fn signature(text: &str) -> Signature {
    // Fibonacci hashing: the upper bits of a product (Knuth, TAOCP 3, 6.4); the other bits of it are another hash.
    let product = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (bit, other) = (|n: u64| 1_u64 << (product(n) >> 58), |n: u64| 1_u64 << ((product(n) >> 52) & 63));
    let (mut has, mut before) = ([0; 4], None);
    for c in text.chars().map(|c| u64::from(u32::from(c))) {
        has[0] |= bit(c);
        has[1] |= other(c);
        if let Some(before) = before {
            let pair = (before << 21) | c;
            has[2] |= bit(pair);
            has[3] |= other(pair);
        }
        before = Some(c);
    }
    has
}

/// The least edits that make what was asked of any part of a text (Sellers 1980). `row` is room to work in.
pub fn edits_within(asked: &[char], text: &str, row: &mut Vec<u32>) -> u32 {
    row.clear();
    row.extend(0..=asked.len() as u32);
    let mut least = row[asked.len()];
    for c in text.chars() {
        let mut diagonal = row[0];
        for (i, a) in asked.iter().enumerate() {
            let edited = (diagonal + u32::from(*a != c)).min(row[i] + 1).min(row[i + 1] + 1);
            diagonal = std::mem::replace(&mut row[i + 1], edited);
        }
        least = least.min(row[asked.len()]);
    }
    least
}
