//! Finds places by what somebody types: the beginning of a name or of a part of it, the initials of its pinyin or of its
//! words, any part of it, or almost all of it; and the nearest.
//!
//! Beginnings are looked up in lists in order of text. All else is searched from end to end, in arrays that lie close
//! together: what cannot be among the first by where it lies is not looked at, and most names are told by which characters they
//! have. 200,000 names are some ten megabytes, made anew in less than a second when places are loaded.

use std::collections::BinaryHeap;

use memchr::memmem::find;

use super::place_names::{Signature, Starts, Texts, edits_within, initials_of, plain, signature};
use crate::hazard::event::Place;
use crate::hazard::position::{Ecef, Position};

/// Characters of a question; names are shorter.
pub const LONGEST_ASKED_CHARS: usize = 64;

/// How a name was found; the better, the smaller. With edits [`ALMOST`] and one more for each edit beyond the first.
const SAME: u8 = 0;
const BEGINS: u8 = 1;
const PART_BEGINS: u8 = 2;
const INITIALS: u8 = 3;
const INSIDE: u8 = 4;
const PART_INITIALS: u8 = 5;
const ALMOST: u8 = 6;
const NOT: u8 = u8::MAX;

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
    /// Where names begin.
    firsts: Starts,
    /// Where further parts of names begin.
    parts: Starts,
    /// Each of a text of `names`.
    initials: Texts,
    /// Of each text of `names`: its signature.
    has: Vec<Signature>,
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
                initials_of(&name).iter().for_each(|letters| initials.push(letters, names.len()));
                names.push(&name, i);
            }
        }
        let at = places.iter().map(|place| place.position.ecef()).collect();
        let (firsts, parts) = (Starts::of_names(&names), Starts::of_parts(&names));
        PlaceIndex { places, at, names, firsts, parts, initials, has }
    }

    /// At most `limit` places by what was typed, the best first; of equals the nearest to `near`, else the shorter name. Every
    /// name of a place is looked through, and each place comes once.
    pub fn find(&self, asked: &str, near: Option<Position>, limit: usize) -> Vec<FoundPlace<'_>> {
        let asked = plain(asked);
        let mut best = vec![NOWHERE; self.places.len()];
        if asked.is_empty() {
            return Vec::new();
        }
        let near = near.map(Position::ecef);
        self.ranked(&asked, near, limit, &mut best);
        let found = (0..self.places.len()).filter(|&i| best[i].how != NOT);
        let found = found.map(|i| (best[i].how, self.order(i, best[i], near), i));
        self.first(found, near, limit, |i| Some(best[i].name))
    }

    /// Finds in one way after the other, the best first, until there are enough: no other can be among the first then.
    fn ranked(&self, asked: &str, near: Option<Ecef>, limit: usize, best: &mut [Rank]) {
        let enough = |best: &[Rank], worse: u8| best.iter().filter(|r| r.how < worse).take(limit).count() == limit;
        for &(_, name) in self.firsts.beginning(&self.names, asked) {
            let (text, place) = self.names.text(name as usize);
            best[place].better(if text.len() == asked.len() { SAME } else { BEGINS }, name as usize);
        }
        if enough(best, NOT) {
            return;
        }
        for &(_, name) in self.parts.beginning(&self.names, asked) {
            best[self.names.of(name as usize)].better(PART_BEGINS, name as usize);
        }
        if enough(best, NOT) {
            return;
        }
        let letters: String = asked.chars().filter(|c| *c != ' ').collect();
        if letters.len() > 1 && letters.bytes().all(|b| b.is_ascii_alphanumeric()) {
            self.initials.search(&letters, |name, first| {
                best[self.names.of(name)].better(if first { INITIALS } else { PART_INITIALS }, name);
            });
        }
        if enough(best, INSIDE) {
            return;
        }
        let whole = signature(asked);
        let may = |name: usize| lacking(&whole, &self.has[name]) == [0; 4];
        self.look_through(INSIDE, near, limit, best, may, |name| {
            if find(self.names.text(name).0.as_bytes(), asked.as_bytes()).is_some() { INSIDE } else { NOT }
        });
        if !enough(best, NOT) {
            self.almost(asked, near, limit, best);
        }
    }

    /// Looks through the names of all places that were not found as well as `least` yet and that `may` be found so, and keeps
    /// the first `limit` of what `judge` says how well they were found, at best `least`. Of those that would not be among them
    /// nothing is judged.
    fn look_through(
        &self,
        least: u8,
        near: Option<Ecef>,
        limit: usize,
        best: &mut [Rank],
        may: impl Fn(usize) -> bool,
        mut judge: impl FnMut(usize) -> u8,
    ) {
        let mut kept = BinaryHeap::with_capacity(limit + 1);
        let (mut next, all) = (0, self.names.len());
        while let Some(from) = (next..all).find(|&name| may(name)) {
            let place = self.names.of(from);
            let to = (from + 1..all).find(|&n| self.names.of(n) != place).unwrap_or(all);
            let names = from..to;
            next = to;
            if best[place].how <= least {
                continue;
            }
            if kept.len() == limit {
                let order = |name: usize| self.order(place, Rank { how: least, name: name as u32 }, near);
                let soonest = (least, names.clone().map(order).min().unwrap_or(i64::MAX), place, 0);
                if kept.peek().is_some_and(|worst| soonest >= *worst) {
                    continue;
                }
            }
            let mut rank = NOWHERE;
            names.filter(|&name| may(name)).for_each(|name| rank.better(judge(name), name));
            if rank.how == NOT {
                continue;
            }
            kept.push((rank.how, self.order(place, rank, near), place, rank.name));
            if kept.len() > limit {
                kept.pop();
            }
        }
        for (how, _, place, name) in kept {
            best[place] = Rank { how, name };
        }
    }

    /// The places one of whose whole names this is, however it is written.
    pub fn named(&self, name: &str) -> Vec<&Place> {
        let name = plain(name);
        let same = (0..self.names.len()).map(|n| self.names.text(n)).filter(|(text, _)| *text == name);
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
        let same = (0..name).rev().take_while(|&n| self.names.of(n) == place);
        self.places[place].names().nth(same.count())
    }

    /// Names that have what was asked with an edit or two: a character that is another, missing, or too much.
    fn almost(&self, asked: &str, near: Option<Ecef>, limit: usize, best: &mut [Rank]) {
        let asked: Vec<char> = asked.chars().collect();
        let edits = match asked.len() {
            ..3 => return,
            3..8 => 1,
            _ => 2,
        };
        let text = |chars: &[char]| chars.iter().collect::<String>();
        let whole = signature(&text(&asked));
        // Of one piece more than there are edits, one is as it was.
        let pieces = edits as usize + 1;
        let cut = |i: usize| i * asked.len() / pieces;
        let pieces: Vec<String> = (0..pieces).map(|i| text(&asked[cut(i)..cut(i + 1)])).collect();
        let pieces: Vec<(&str, Signature)> = pieces.iter().map(|piece| (piece.as_str(), signature(piece))).collect();
        let mut row = Vec::with_capacity(asked.len() + 1);
        let may = |name: usize| {
            let has = &self.has[name];
            // An edit takes at most one character away, and two pairs.
            let [characters, others, pairs, other_pairs] = lacking(&whole, has).map(u64::count_ones);
            characters.max(others) <= edits
                && pairs.max(other_pairs) <= 2 * edits
                && pieces.iter().any(|(_, piece)| lacking(piece, has) == [0; 4])
        };
        self.look_through(ALMOST, near, limit, best, may, |name| {
            let text = self.names.text(name).0;
            if !pieces.iter().any(|(piece, _)| find(text.as_bytes(), piece.as_bytes()).is_some()) {
                return NOT;
            }
            let apart = edits_within(&asked, text, &mut row);
            if apart <= edits { ALMOST + apart.saturating_sub(1) as u8 } else { NOT }
        });
    }
}

/// What of a signature another does not have.
fn lacking(of: &Signature, has: &Signature) -> Signature {
    std::array::from_fn(|i| of[i] & !has[i])
}

impl Rank {
    /// Of names that were found as well as each other the first counts.
    fn better(&mut self, how: u8, name: usize) {
        if (how, name as u32) < (self.how, self.name) {
            *self = Rank { how, name: name as u32 };
        }
    }
}

#[cfg(test)]
#[path = "place_index_tests.rs"]
mod tests;
