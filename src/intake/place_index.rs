//! Finds places by what somebody types: the beginning of a name or of a part of it, the initials of its pinyin or of its
//! words, any part of it, or almost all of it; and the nearest.
//!
//! Everything is searched from end to end, in arrays that lie close together: 200,000 names are a few megabytes, which
//! takes less time than a person notices, and is made anew in a second when places are loaded.

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

/// Texts one after the other, each of a place.
#[derive(Default)]
struct Texts {
    all: String,
    /// Where each begins, and the place it is of.
    begins: Vec<(u32, u32)>,
}

/// The names of a gazetteer.
pub struct PlaceIndex {
    places: Vec<Place>,
    at: Vec<Ecef>,
    names: Texts,
    initials: Texts,
    /// Of each text of `names`: which of 64 kinds of characters, and of pairs of them, it has.
    has: Vec<[u64; 2]>,
}

/// A place that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundPlace<'i> {
    pub place: &'i Place,
    /// From the position that was asked for.
    pub distance_m: Option<f64>,
}

impl PlaceIndex {
    /// The index of these places; one without a name is found by its position only.
    pub fn new(places: Vec<Place>) -> PlaceIndex {
        let (mut names, mut initials, mut has) = (Texts::default(), Texts::default(), Vec::new());
        for (i, place) in places.iter().enumerate() {
            let Some(name) = &place.name else { continue };
            let name = plain(name);
            has.push(signature(&name));
            names.push(&name, i);
            initials_of(&name).iter().for_each(|letters| initials.push(letters, i));
        }
        let at = places.iter().map(|place| place.position.ecef()).collect();
        PlaceIndex { places, at, names, initials, has }
    }

    /// At most `limit` places by what was typed, the best first; of equals the nearest to `near`, else the shorter name.
    pub fn find(&self, asked: &str, near: Option<Position>, limit: usize) -> Vec<FoundPlace<'_>> {
        let asked = plain(asked);
        let mut best = vec![NOT; self.places.len()];
        if asked.is_empty() {
            return Vec::new();
        }
        self.names.search(&asked, &mut best, |before, whole| match before {
            _ if whole => SAME,
            None => BEGINS,
            Some(c) if begins_part(c) => PART_BEGINS,
            Some(_) => INSIDE,
        });
        let letters: String = asked.chars().filter(|c| *c != ' ').collect();
        if letters.len() > 1 && letters.bytes().all(|b| b.is_ascii_alphanumeric()) {
            self.initials.search(
                &letters,
                &mut best,
                |before, _| if before.is_none() { INITIALS } else { PART_INITIALS },
            );
        }
        if best.iter().filter(|rank| **rank != NOT).take(limit).count() < limit {
            self.almost(&asked, &mut best);
        }
        let near = near.map(Position::ecef);
        let found = (0..self.places.len()).filter(|&i| best[i] != NOT);
        self.first(found.map(|i| (best[i], self.order(i, near), i)).collect(), near, limit)
    }

    /// The places whose whole name this is, however it is written.
    pub fn named(&self, name: &str) -> Vec<&Place> {
        let name = plain(name);
        let same = (0..self.names.begins.len()).map(|n| self.names.text(n)).filter(|(text, _)| *text == name);
        same.map(|(_, place)| &self.places[place]).collect()
    }

    /// At most `limit` places, the nearest first.
    pub fn nearest(&self, to: Position, limit: usize) -> Vec<FoundPlace<'_>> {
        let near = Some(to.ecef());
        self.first((0..self.places.len()).map(|i| (SAME, self.order(i, near), i)).collect(), near, limit)
    }

    /// Of places found as well as each other: by distance, else by the length of the name.
    fn order(&self, i: usize, near: Option<Ecef>) -> i64 {
        let length = || self.places[i].name.as_ref().map_or(0, String::len) as i64;
        near.map_or_else(length, |near| near.distance2_cm2(self.at[i]))
    }

    fn first(&self, mut found: Vec<(u8, i64, usize)>, near: Option<Ecef>, limit: usize) -> Vec<FoundPlace<'_>> {
        if found.len() > limit {
            found.select_nth_unstable(limit);
            found.truncate(limit);
        }
        found.sort_unstable();
        let of = |(_, _, i): (u8, i64, usize)| FoundPlace {
            place: &self.places[i],
            distance_m: near.map(|near| near.distance_m(self.at[i])),
        };
        found.into_iter().map(of).collect()
    }

    /// Names that have what was asked with an edit or two: a character that is another, missing, or too much.
    fn almost(&self, asked: &str, best: &mut [u8]) {
        let asked: Vec<char> = asked.chars().collect();
        let edits = match asked.len() {
            ..3 => return,
            3..8 => 1,
            _ => 2,
        };
        // An edit takes at most one character away, and two pairs.
        let [characters, pairs] = signature(&asked.iter().collect::<String>());
        let lacks =
            |has: &[u64; 2]| (characters & !has[0]).count_ones() > edits || (pairs & !has[1]).count_ones() > 2 * edits;
        let mut row = Vec::with_capacity(asked.len() + 1);
        for (n, _) in self.has.iter().enumerate().filter(|(_, has)| !lacks(has)) {
            let (name, place) = self.names.text(n);
            let apart = edits_within(&asked, name, &mut row);
            if apart <= edits {
                best[place] = best[place].min(ALMOST + apart.saturating_sub(1) as u8);
            }
        }
    }
}

impl Texts {
    fn push(&mut self, text: &str, place: usize) {
        self.begins.push((self.all.len() as u32, place as u32));
        self.all.push_str(text);
        self.all.push(END);
    }

    /// The text of a number, and the place it is of.
    fn text(&self, n: usize) -> (&str, usize) {
        let (begin, place) = self.begins[n];
        let end = self.begins.get(n + 1).map_or(self.all.len(), |next| next.0 as usize);
        (&self.all[begin as usize..end - END.len_utf8()], place as usize)
    }

    /// Ranks every place that has what is asked: by the character before it, and whether it is the whole text.
    fn search(&self, asked: &str, best: &mut [u8], rank: impl Fn(Option<char>, bool) -> u8) {
        let mut n = 0;
        for hit in Finder::new(asked).find_iter(self.all.as_bytes()) {
            while self.begins.get(n + 1).is_some_and(|next| next.0 as usize <= hit) {
                n += 1;
            }
            let (text, place) = self.text(n);
            let within = hit - self.begins[n].0 as usize;
            let found = rank(text[..within].chars().next_back(), text.len() == asked.len());
            best[place] = best[place].min(found);
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

/// Which of 64 kinds of characters, and of pairs of neighbours, a text has.
fn signature(text: &str) -> [u64; 2] {
    // Fibonacci hashing: the upper bits of a product (Knuth, TAOCP 3, 6.4).
    let bit = |n: u64| 1_u64 << (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58);
    let (mut characters, mut pairs, mut before) = (0, 0, None);
    for c in text.chars().map(|c| u64::from(u32::from(c))) {
        characters |= bit(c);
        if let Some(before) = before {
            pairs |= bit((before << 21) | c);
        }
        before = Some(c);
    }
    [characters, pairs]
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(names: &[&str]) -> PlaceIndex {
        let place = |(i, name): (usize, &&str)| Place {
            id: format!("p{i}"),
            position: Position::new(110.3 + i as f64 / 1_000.0, 20.0).unwrap(),
            name: (!name.is_empty()).then(|| (*name).to_owned()),
        };
        PlaceIndex::new(names.iter().enumerate().map(place).collect())
    }

    fn names<'i>(found: &[FoundPlace<'i>]) -> Vec<&'i str> {
        found.iter().map(|found| found.place.name.as_deref().unwrap_or_default()).collect()
    }

    #[test]
    fn the_beginning_comes_before_parts_initials_insides_and_slips() {
        let index = index(&["海秀路与豪苑路", "豪苑路与南海大道", "老豪苑路", "豪苑路", "濠苑路小区", "和信广场", ""]);
        let found = |asked| names(&index.find(asked, None, 10));
        assert_eq!(found("豪苑路"), ["豪苑路", "豪苑路与南海大道", "海秀路与豪苑路", "老豪苑路", "濠苑路小区"]);
        assert_eq!(found("濠苑路"), ["濠苑路小区", "豪苑路", "老豪苑路", "海秀路与豪苑路", "豪苑路与南海大道"]);
        assert_eq!(found("豪")[..2], ["豪苑路", "豪苑路与南海大道"]);
        assert_eq!(found("hxgc"), ["和信广场"]);
        assert_eq!(found("HYL")[0], "豪苑路");
        assert_eq!(found("海秀")[0], "海秀路与豪苑路");
        assert!(found("").is_empty() && found("  ").is_empty() && found("飞机场").is_empty());
    }

    #[test]
    fn width_case_script_and_latin_words_are_taken_as_they_come() {
        let index = index(&["豪苑路", "19 Av & 58 St", "Broadway & W 82 St", "重庆路", "長堤路"]);
        let first = |asked| names(&index.find(asked, None, 1)).first().copied();
        assert_eq!(first("ＢＲＯＡＤＷＡＹ"), Some("Broadway & W 82 St"));
        assert_eq!(first("brodway"), Some("Broadway & W 82 St"));
        assert_eq!(first("58 st"), Some("19 Av & 58 St"));
        assert_eq!(first("bw8s"), Some("Broadway & W 82 St"));
        // 重 and 长 are read in two ways.
        assert_eq!((first("cql"), first("zql"), first("cdl")), (Some("重庆路"), Some("重庆路"), Some("長堤路")));
        assert_eq!(first("长堤"), Some("長堤路"));
    }

    #[test]
    fn near_orders_equals_and_alone_gives_the_nearest() {
        let index = index(&["人民路", "人民路", "人民路", ""]);
        let at = Position::new(110.3021, 20.0).unwrap();
        let ids = |found: Vec<FoundPlace>| found.iter().map(|f| f.place.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(index.find("人民路", Some(at), 2)), ["p2", "p1"]);
        let nearest = index.nearest(at, 3);
        let distance = nearest[0].distance_m.unwrap();
        assert!((distance - 10.4).abs() < 0.1, "{distance}");
        assert_eq!(ids(nearest), ["p2", "p3", "p1"]);
    }

    /// The same by the definition: the least of all parts of the text.
    fn least_edits(asked: &[char], text: &[char]) -> u32 {
        let distance = |part: &[char]| {
            let mut rows = vec![(0..=part.len() as u32).collect::<Vec<_>>()];
            for (i, a) in asked.iter().enumerate() {
                let mut row = vec![i as u32 + 1];
                for (j, b) in part.iter().enumerate() {
                    row.push((rows[i][j] + u32::from(a != b)).min(rows[i][j + 1] + 1).min(row[j] + 1));
                }
                rows.push(row);
            }
            rows[asked.len()][part.len()]
        };
        let parts = (0..=text.len()).flat_map(|from| (from..=text.len()).map(move |to| (from, to)));
        parts.map(|(from, to)| distance(&text[from..to])).min().unwrap()
    }

    proptest! {
        #[test]
        fn whatever_is_within_the_edits_is_found_and_nothing_else(
            texts in prop::collection::vec("[路苑豪abc]{1,8}", 1..20), asked in "[路苑豪abc]{1,9}",
        ) {
            let all: Vec<&str> = texts.iter().map(String::as_str).collect();
            let index = index(&all);
            let letters = initials_of(&asked) == [asked.clone()];
            let asked_chars: Vec<char> = asked.chars().collect();
            let edits = match asked_chars.len() { ..3 => 0, 3..8 => 1, _ => 2 };
            let found: Vec<&str> = names(&index.find(&asked, None, 100));
            for name in &all {
                let chars: Vec<char> = name.chars().collect();
                if least_edits(&asked_chars, &chars) <= edits {
                    prop_assert!(found.contains(name), "{name} {asked}");
                } else if !letters && !asked.is_ascii() {
                    prop_assert!(!found.contains(name), "{name} {asked}");
                }
            }
        }
    }
}
