//! Finds places by what somebody types: the beginning of a name or of a part of it, the initials of its pinyin or of its
//! words, any part of it, or almost all of it; and the nearest.
//!
//! Everything is searched from end to end, in arrays that lie close together: 200,000 names are a few megabytes, which
//! takes less time than a person notices, and is made anew in a second when places are loaded.

use std::collections::BinaryHeap;

use memchr::memmem::Finder;
use pinyin::{ToPinyin, ToPinyinMulti};

use super::text::normalised;
use crate::hazard::event::Place;
use crate::hazard::position::{Ecef, Position};

/// Characters of a question; names are shorter.
pub const LONGEST_ASKED_CHARS: usize = 64;
/// Readings of a name by which its initials are known: some characters have several.
const MOST_READINGS: usize = 16;
/// Between the names in a text; in no name.
const END: char = '\n';

/// How a name was found; the better, the smaller. With edits [`ALMOST`] and one more for each edit beyond the first.
const SAME: u8 = 0;
const BEGINS: u8 = 1;
const PART_BEGINS: u8 = 2;
const INITIALS: u8 = 3;
const INSIDE: u8 = 4;
const PART_INITIALS: u8 = 5;
const ALMOST: u8 = 6;
const NOT: u8 = u8::MAX;

/// Texts one after the other, each of something with a number.
#[derive(Default)]
struct Texts {
    all: String,
    /// Where each begins, and what it is of.
    begins: Vec<(u32, u32)>,
}

/// How well a place was found, and by which of the names.
#[derive(Clone, Copy)]
struct Rank {
    how: u8,
    name: u32,
}

const NOWHERE: Rank = Rank { how: NOT, name: 0 };

/// The names of a gazetteer.
pub struct PlaceIndex {
    places: Vec<Place>,
    at: Vec<Ecef>,
    /// Each of a place.
    names: Texts,
    /// Each of a text of `names`.
    initials: Texts,
    /// Of each text of `names`: which of 64 kinds of characters, of 64 other kinds, and of pairs of them, it has.
    has: Vec<[u64; 3]>,
}

/// A place that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundPlace<'i> {
    pub place: &'i Place,
    /// The one of its names that it was found by.
    pub matched: Option<&'i str>,
    /// From the position that was asked for.
    pub distance_m: Option<f64>,
}

impl PlaceIndex {
    /// The index of these places; one without a name is found by its position only.
    pub fn new(places: Vec<Place>) -> PlaceIndex {
        let (mut names, mut initials, mut has) = (Texts::default(), Texts::default(), Vec::new());
        for (i, place) in places.iter().enumerate() {
            for name in place.names() {
                let name = plain(name);
                has.push(signature(&name));
                initials_of(&name).iter().for_each(|letters| initials.push(letters, names.begins.len()));
                names.push(&name, i);
            }
        }
        let at = places.iter().map(|place| place.position.ecef()).collect();
        PlaceIndex { places, at, names, initials, has }
    }

    /// At most `limit` places by what was typed, the best first; of equals the nearest to `near`, else the shorter name. Every
    /// name of a place is looked through, and each place comes once.
    pub fn find(&self, asked: &str, near: Option<Position>, limit: usize) -> Vec<FoundPlace<'_>> {
        let asked = plain(asked);
        let mut best = vec![NOWHERE; self.places.len()];
        if asked.is_empty() {
            return Vec::new();
        }
        self.names.search(&asked, |name, place, before, whole| {
            let how = match before {
                _ if whole => SAME,
                None => BEGINS,
                Some(c) if begins_part(c) => PART_BEGINS,
                Some(_) => INSIDE,
            };
            best[place].better(how, name);
        });
        let letters: String = asked.chars().filter(|c| *c != ' ').collect();
        if letters.len() > 1 && letters.bytes().all(|b| b.is_ascii_alphanumeric()) {
            self.initials.search(&letters, |_, name, before, _| {
                let how = if before.is_none() { INITIALS } else { PART_INITIALS };
                best[self.names.begins[name].1 as usize].better(how, name);
            });
        }
        if best.iter().filter(|rank| rank.how != NOT).take(limit).count() < limit {
            self.almost(&asked, &mut best);
        }
        let near = near.map(Position::ecef);
        let found = (0..self.places.len()).filter(|&i| best[i].how != NOT);
        let found = found.map(|i| (best[i].how, self.order(i, best[i], near), i));
        self.first(found, near, limit, |i| Some(best[i].name))
    }

    /// The places one of whose whole names this is, however it is written.
    pub fn named(&self, name: &str) -> Vec<&Place> {
        let name = plain(name);
        let same = (0..self.names.begins.len()).map(|n| self.names.text(n)).filter(|(text, _)| *text == name);
        let mut found: Vec<usize> = same.map(|(_, place)| place).collect();
        found.dedup();
        found.into_iter().map(|place| &self.places[place]).collect()
    }

    /// At most `limit` places, the nearest first.
    pub fn nearest(&self, to: Position, limit: usize) -> Vec<FoundPlace<'_>> {
        let near = Some(to.ecef());
        let all = (0..self.places.len()).map(|i| (SAME, self.order(i, NOWHERE, near), i));
        self.first(all, near, limit, |_| None)
    }

    /// Of places found as well as each other: by distance, else by the length of the name.
    fn order(&self, i: usize, rank: Rank, near: Option<Ecef>) -> i64 {
        let length = || self.names.text(rank.name as usize).0.len() as i64;
        near.map_or_else(length, |near| near.distance2_cm2(self.at[i]))
    }

    fn first(
        &self,
        all: impl Iterator<Item = (u8, i64, usize)>,
        near: Option<Ecef>,
        limit: usize,
        by: impl Fn(usize) -> Option<u32>,
    ) -> Vec<FoundPlace<'_>> {
        // The best so far, the worst of them on top: a common character is in every name.
        let mut best = BinaryHeap::with_capacity(limit + 1);
        for found in all {
            if best.len() < limit {
                best.push(found);
            } else if let Some(mut worst) = best.peek_mut().filter(|worst| found < **worst) {
                *worst = found;
            }
        }
        let of = |(_, _, i): (u8, i64, usize)| FoundPlace {
            place: &self.places[i],
            matched: by(i).and_then(|name| self.spelling(i, name as usize)),
            distance_m: near.map(|near| near.distance_m(self.at[i])),
        };
        best.into_sorted_vec().into_iter().map(of).collect()
    }

    /// A name as it is written: the texts of a place stand in the order of its names.
    fn spelling(&self, place: usize, name: usize) -> Option<&str> {
        let same = self.names.begins[..name].iter().rev().take_while(|(_, of)| *of as usize == place);
        self.places[place].names().nth(same.count())
    }

    /// Names that have what was asked with an edit or two: a character that is another, missing, or too much.
    fn almost(&self, asked: &str, best: &mut [Rank]) {
        let asked: Vec<char> = asked.chars().collect();
        let edits = match asked.len() {
            ..3 => return,
            3..8 => 1,
            _ => 2,
        };
        // An edit takes at most one character away, and two pairs.
        let [characters, others, pairs] = signature(&asked.iter().collect::<String>());
        let lacks = |has: &[u64; 3]| {
            (characters & !has[0]).count_ones() > edits
                || (others & !has[1]).count_ones() > edits
                || (pairs & !has[2]).count_ones() > 2 * edits
        };
        let mut row = Vec::with_capacity(asked.len() + 1);
        for (n, _) in self.has.iter().enumerate().filter(|(_, has)| !lacks(has)) {
            let (name, place) = self.names.text(n);
            let apart = edits_within(&asked, name, &mut row);
            if apart <= edits {
                best[place].better(ALMOST + apart.saturating_sub(1) as u8, n);
            }
        }
    }
}

impl Rank {
    /// Of names that were found as well as each other the first counts.
    fn better(&mut self, how: u8, name: usize) {
        if how < self.how {
            *self = Rank { how, name: name as u32 };
        }
    }
}

impl Texts {
    fn push(&mut self, text: &str, of: usize) {
        self.begins.push((self.all.len() as u32, of as u32));
        self.all.push_str(text);
        self.all.push(END);
    }

    /// The text of a number, and what it is of.
    fn text(&self, n: usize) -> (&str, usize) {
        let (begin, of) = self.begins[n];
        let end = self.begins.get(n + 1).map_or(self.all.len(), |next| next.0 as usize);
        (&self.all[begin as usize..end - END.len_utf8()], of as usize)
    }

    /// Hands out every text that has what is asked: its number, what it is of, the character before, and whether it is the
    /// whole text.
    fn search(&self, asked: &str, mut each: impl FnMut(usize, usize, Option<char>, bool)) {
        let mut n = 0;
        for hit in Finder::new(asked).find_iter(self.all.as_bytes()) {
            while self.begins.get(n + 1).is_some_and(|next| next.0 as usize <= hit) {
                n += 1;
            }
            let (text, of) = self.text(n);
            let within = hit - self.begins[n].0 as usize;
            each(n, of, text[..within].chars().next_back(), text.len() == asked.len());
        }
    }
}

/// A name as it is compared: one width, case and script, one blank between words, and none at the ends.
fn plain(name: &str) -> String {
    normalised(name).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Does a part of a name begin after this character?
fn begins_part(before: char) -> bool {
    !before.is_alphanumeric() || matches!(before, '与' | '和')
}

/// The initials of a name: of the pinyin of each character, and of each word of other letters; in each of its readings.
fn initials_of(name: &str) -> Vec<String> {
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

/// Which of 64 kinds of characters, of 64 other kinds, and of pairs of neighbours, a text has. What one hash takes for the
/// same the other tells apart: with one alone, every eighth name seems to have a character that it does not have.
fn signature(text: &str) -> [u64; 3] {
    // Fibonacci hashing: the upper bits of a product (Knuth, TAOCP 3, 6.4); the other bits of it are another hash.
    let product = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (bit, other) = (|n: u64| 1_u64 << (product(n) >> 58), |n: u64| 1_u64 << ((product(n) >> 52) & 63));
    let (mut characters, mut others, mut pairs, mut before) = (0, 0, 0, None);
    for c in text.chars().map(|c| u64::from(u32::from(c))) {
        characters |= bit(c);
        others |= other(c);
        if let Some(before) = before {
            pairs |= bit((before << 21) | c);
        }
        before = Some(c);
    }
    [characters, others, pairs]
}

/// The least edits that make what was asked of any part of a text (Sellers 1980). `row` is room to work in.
fn edits_within(asked: &[char], text: &str, row: &mut Vec<u32>) -> u32 {
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

#[cfg(test)]
#[path = "place_index_tests.rs"]
mod tests;
