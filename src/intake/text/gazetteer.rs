//! Names of places, found again however they are written: crossings in either order, with and without 段 or 附近,
//! in traditional characters, with one wrong character.

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use smallvec::SmallVec;

use super::grammar::Grammar;
use super::marks::Marks;
use super::names::{FIRST_CHARS, Names};
use super::normal::normalised;

/// Shorter names are words of every day: they are found only where a place stands.
const SHORTEST_IN_TEXT_CHARS: usize = FIRST_CHARS;
/// Shorter names with one wrong character are other names.
const SHORTEST_TO_CORRECT_CHARS: usize = 4;
/// So many places are named when it is asked which is meant.
const MOST_CHOICES: usize = 5;

/// A place as the gazetteer has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub id: String,
    /// The first is its name, the others are aliases.
    pub names: Vec<String>,
}

/// What the gazetteer says of a phrase.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Match {
    One {
        id: u32,
        confidence: f64,
    },
    /// Which of these?
    Several(Vec<u32>),
    None,
}

/// An index of places by name.
#[derive(Default)]
pub struct Gazetteer {
    places: Vec<Named>,
    /// Every spelling once: its key and its places.
    keys: Vec<(Box<str>, SmallVec<[u32; 2]>)>,
    /// Numbers of keys by what they are.
    exact: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Checksum of the first or last half of a key, and the key: one wrong character leaves one half whole.
    halves: Vec<(u32, u32)>,
    names: Option<Names>,
}

impl Gazetteer {
    /// Places in any order; the same id may come again with other names.
    pub fn new(places: impl IntoIterator<Item = Named>) -> Gazetteer {
        let marks = Marks::embedded();
        let places: Vec<Named> = places.into_iter().collect();
        let mut gazetteer = Gazetteer::default();
        let mut in_text: Vec<String> = Vec::new();
        for (i, place) in (0..).zip(&places) {
            for name in &place.names {
                let name = normalised(name.trim());
                let key = key(&name, marks);
                if key.is_empty() {
                    continue;
                }
                let ids = gazetteer.places_of(key);
                if !ids.iter().any(|&id| places[id as usize].id == place.id) {
                    ids.push(i);
                }
                if name.chars().count() >= SHORTEST_IN_TEXT_CHARS && !marks.generic.contains(name.as_str()) {
                    in_text.push(name);
                }
            }
        }
        let long = |key: &str| key.chars().count() >= SHORTEST_TO_CORRECT_CHARS;
        let keys = (0..).zip(&gazetteer.keys).filter(|(_, (key, _))| long(key));
        gazetteer.halves = keys.flat_map(|(i, (key, _))| halves(key).map(|half| (half, i))).collect();
        gazetteer.halves.sort_unstable();
        gazetteer.names = (!in_text.is_empty()).then(|| Names::new(in_text.iter().map(String::as_str).collect()));
        gazetteer.places = places;
        gazetteer
    }

    /// The places of a key, which may be new.
    fn places_of(&mut self, key: String) -> &mut SmallVec<[u32; 2]> {
        let (keys, hasher) = (&mut self.keys, &self.hasher);
        let same = |&at: &u32| *keys[at as usize].0 == *key;
        let at =
            match self.exact.entry(hasher.hash_one(key.as_str()), same, |&at| hasher.hash_one(&*keys[at as usize].0)) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(place) => {
                    let at = keys.len() as u32;
                    place.insert(at);
                    keys.push((key.into(), SmallVec::new()));
                    at
                }
            };
        &mut keys[at as usize].1
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn place(&self, id: u32) -> &Named {
        &self.places[id as usize]
    }

    /// Where names stand in a normalised text.
    pub(super) fn in_text(&self, text: &str) -> Vec<Range<usize>> {
        self.names.as_ref().map_or_else(Vec::new, |names| names.in_text(text))
    }

    /// The place that a normalised phrase names.
    pub(super) fn find(&self, phrase: &str, marks: &Marks) -> Match {
        if self.is_empty() {
            return Match::None;
        }
        let whole = key(phrase, marks);
        let bare = without_district(&whole, marks);
        for (key, confidence) in [(whole.as_str(), 0.95), (bare, 0.9)] {
            let same = |&at: &u32| *self.keys[at as usize].0 == *key;
            if let Some(&at) = self.exact.find(self.hasher.hash_one(key), same) {
                return self.these(&self.keys[at as usize].1, confidence);
            }
        }
        match self.nearly(bare, marks) {
            Match::None if bare != whole => self.nearly(&whole, marks),
            found => found,
        }
    }

    fn these(&self, ids: &[u32], confidence: f64) -> Match {
        match ids {
            [id] => Match::One { id: *id, confidence },
            ids => Match::Several(ids.iter().copied().take(MOST_CHOICES).collect()),
        }
    }

    /// The place whose name has one character more, less or other, if there is only one.
    fn nearly(&self, key: &str, marks: &Marks) -> Match {
        let chars: Vec<char> = key.chars().collect();
        if chars.len() < SHORTEST_TO_CORRECT_CHARS {
            return Match::None;
        }
        let mut near: Vec<u32> = Vec::new();
        for hash in query_halves(key) {
            let from = self.halves.partition_point(|(h, _)| *h < hash);
            for &(_, at) in self.halves[from..].iter().take_while(|(h, _)| *h == hash) {
                let (candidate, ids) = &self.keys[at as usize];
                if one_apart(&chars, candidate, marks) {
                    near.extend(ids.iter().filter(|id| !near.contains(id)).collect::<Vec<_>>());
                }
            }
        }
        if near.is_empty() { Match::None } else { self.these(&near, 0.7) }
    }
}

/// One key for all ways to write a place: streets of a crossing in order, ends that make no difference dropped.
pub(super) fn key(name: &str, marks: &Marks) -> String {
    if name.is_ascii() {
        return english_key(name, marks);
    }
    let name: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    let name = marks
        .drop
        .iter()
        .fold(name.as_str(), |n, d| n.strip_suffix(d.as_str()).filter(|n| n.chars().count() >= 2).unwrap_or(n));
    let (mut streets, mut start, mut crossing) = (Vec::new(), 0, false);
    let mut after_street = None;
    for (at, mark) in marks.find(name) {
        if after_street == Some(at.start) && (mark.cross || mark.enumeration || mark.junction) {
            (start, crossing) = (at.end, true);
        } else if let Some(kind) = mark.junction.then(|| street_of(&name[at.clone()])).flatten()
            && at.start > start
        {
            streets.push(name[start..at.start + kind].to_owned());
            (start, crossing) = (at.end, true);
        } else if mark.road && at.start > start {
            streets.push(name[start..at.end].to_owned());
            start = at.end;
        } else {
            continue;
        }
        after_street = Some(start);
    }
    let rest = &name[start..];
    if streets.is_empty() || !rest.is_empty() || !crossing {
        return name.to_owned();
    }
    streets.sort_unstable();
    streets.dedup();
    streets.join("|")
}

/// Bytes of the kind of street that a crossing begins with: 路 of 路口.
pub(super) fn street_of(crossing: &str) -> Option<usize> {
    let rest = crossing.strip_prefix(&*Grammar::embedded().common.streets)?;
    Some(crossing.len() - rest.len())
}

/// `豪苑路|南海大道` as `haoyuan road|nanhai avenue`.
fn english_key(name: &str, marks: &Marks) -> String {
    let english = &marks.english;
    let name = english.crossing.iter().fold(name.trim(), |n, c| n.strip_prefix(c.as_str()).unwrap_or(n).trim());
    let words = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '&' && c != '/').filter(|w| !w.is_empty());
    let mut streets = vec![String::new()];
    for word in words {
        if english.cross.contains(word) {
            streets.push(String::new());
            continue;
        }
        let street = streets.last_mut().expect("there is always one");
        if !street.is_empty() {
            street.push(' ');
        }
        street.push_str(english.same.get(word).map_or(word, String::as_str));
    }
    streets.retain(|s| !s.is_empty());
    streets.sort_unstable();
    streets.join("|")
}

/// Without the city and district in front.
fn without_district<'k>(key: &'k str, marks: &Marks) -> &'k str {
    let mut bare = key;
    for end in &marks.district {
        let cut = bare.char_indices().take(8).find(|(i, _)| *i > 0 && bare[*i..].starts_with(end.as_str()));
        if let Some((i, _)) = cut {
            let rest = &bare[i + end.len()..];
            let before = bare[..i].chars().count();
            if (1..=4).contains(&before) && rest.chars().count() >= 3 {
                bare = rest;
            }
        }
    }
    bare
}

/// Of a half of a key; `first` tells the halves apart.
fn checksum(half: &str, first: bool) -> u32 {
    let sum = crc32fast::hash(half.as_bytes());
    if first { sum } else { !sum }
}

/// Of a key: its first half and its last.
fn halves(key: &str) -> [u32; 2] {
    let middle = key.chars().count() / 2;
    let (first, last) = key.split_at(key.char_indices().nth(middle).map_or(key.len(), |(i, _)| i));
    [checksum(first, true), checksum(last, false)]
}

/// Halves that a key one character from this one may have.
fn query_halves(key: &str) -> Vec<u32> {
    let begins: Vec<usize> = key.char_indices().map(|(i, _)| i).chain([key.len()]).collect();
    let n = begins.len() - 1;
    let mut found = Vec::with_capacity(6);
    for length in [n - 1, n, n + 1] {
        let (first, last) = (length / 2, length - length / 2);
        if first <= n {
            found.push(checksum(&key[..begins[first]], true));
        }
        if last <= n {
            found.push(checksum(&key[begins[n - last]..], false));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// One insertion, deletion or substitution apart, in a character that does not tell names apart.
fn one_apart(a: &[char], b: &str, marks: &Marks) -> bool {
    let b: Vec<char> = b.chars().collect();
    let same_start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[same_start..], &b[same_start..]);
    let told = |c: Option<&char>| c.is_some_and(|c| marks.telling.contains(c));
    match a.len().abs_diff(b.len()) {
        0 if rest_a.is_empty() => false,
        0 => rest_a[1..] == rest_b[1..] && !told(rest_a.first()) && !told(rest_b.first()),
        1 if a.len() > b.len() => rest_a[1..] == *rest_b && !told(rest_a.first()),
        1 => *rest_a == rest_b[1..] && !told(rest_b.first()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gazetteer(names: &[(&str, &[&str])]) -> Gazetteer {
        Gazetteer::new(
            names
                .iter()
                .map(|(id, names)| Named { id: (*id).into(), names: names.iter().map(|n| (*n).into()).collect() }),
        )
    }

    fn find(gazetteer: &Gazetteer, phrase: &str) -> String {
        match gazetteer.find(&normalised(phrase), Marks::embedded()) {
            Match::One { id, .. } => gazetteer.place(id).id.clone(),
            Match::Several(ids) => format!("{} of", ids.len()),
            Match::None => String::new(),
        }
    }

    #[test]
    fn a_place_is_found_however_it_is_written() {
        let g = gazetteer(&[
            ("x", &["南海大道与豪苑路", "药谷路口"]),
            ("m", &["和信广场"]),
            ("r", &["龙昆南路"]),
            ("e", &["Haoyuan Road & Nanhai Avenue"]),
            ("a", &["中山路"]),
            ("b", &["中山路"]),
        ]);
        for (phrase, id) in [
            ("南海大道豪苑路口", "x"),
            ("豪苑路、南海大道交叉口", "x"),
            ("豪苑路與南海大道交叉口處", "x"),
            ("南海大道豪宛路口", "x"),
            ("药谷路口", "x"),
            ("和信广场附近", "m"),
            ("海口市龙昆南路段", "r"),
            ("龙坤南路", "r"),
            ("龙昆北路", ""),
            ("中山路", "2 of"),
            ("corner of Nanhai Ave and Haoyuan Rd", "e"),
            ("海甸五路", ""),
            ("", ""),
        ] {
            assert_eq!(find(&g, phrase), id, "{phrase}");
        }
    }
}
