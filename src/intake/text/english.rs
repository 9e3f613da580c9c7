//! Place phrases in English: `corner of Haoyuan Rd and Nanhai Ave`, `Coconut Court east gate`, `slip road at Perry Cross`.

use std::ops::Range;

use super::beside::{goes_on, link, positions, target};
use super::grammar::Grammar;
use super::marks::{English, Marks};
use super::normal::Normal;
use super::number::starts_with_word;
use super::place::Phrase;

/// So often something stands at something else: `dip under the railway bridge on Station Road`.
const MOST_LINKS: usize = 2;

/// What may stand in parentheses after a name and belongs to it.
const LONGEST_ASIDE_BYTES: usize = 60;

/// Letters up to this one are numbers of items, and no initials.
const LAST_ITEM: &str = "d";

pub(super) struct Word<'a> {
    pub at: Range<usize>,
    pub text: &'a str,
    /// Written with a capital or a number at its beginning.
    pub named: bool,
    /// Nothing but spaces since the word before.
    pub follows: bool,
}

/// A name of words: from, after, and whether it is a street.
#[derive(Clone, Copy)]
pub(super) struct Name {
    pub first: usize,
    pub after: usize,
    pub road: bool,
    /// A kind of place that is one only with what follows: `entrance to …`.
    pub spot: bool,
}

/// Every place of a text.
pub(super) fn phrases(normal: &Normal, marks: &Marks) -> Vec<Phrase> {
    let (english, fixed) = (&marks.english, &Grammar::embedded().english);
    let words = words(normal, english);
    let is_ascii = normal.text.is_ascii();
    let mut names: Vec<Name> = (0..words.len())
        .filter_map(|i| name(&words, i, english, is_ascii).or_else(|| spot(normal, &words, i, english)))
        .fold(Vec::new(), longest);
    names.extend(bare_crossings(normal, &words, &names, english));
    names.sort_by_key(|n| n.first);
    let mut found = Vec::new();
    let mut i = 0;
    while i < names.len() {
        let (phrase, used) = phrase(normal, &words, &names[i..], english);
        // "Harrow Lane is closed between Mill Street and Park Road": the first counts.
        let before = normal.text[..words[names[i].first].at.start].trim_end();
        let between = fixed.before_between.ends(before) && !found.is_empty();
        let pair = names.get(i + used).filter(|next| {
            let joint = normal.text.get(words[names[i + used - 1].after - 1].at.end..words[next.first].at.start);
            between && joint.is_some_and(|j| fixed.and.has(j.trim()))
        });
        if pair.is_some() {
            i += used + 1;
            continue;
        }
        found.extend(phrase);
        i += used;
    }
    found
}

fn words<'a>(normal: &'a Normal, english: &English) -> Vec<Word<'a>> {
    let text = &normal.text;
    // "Osmeña"
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '\'' | '&' | '/' | 'À'..='ɏ');
    // "I-64", "Co-op"
    let goes_on = |i: usize, c: char| {
        letter(c) || c == '-' && text[i + 1..].starts_with(|c: char| c.is_ascii_alphanumeric()) && i > 0
    };
    let mut found: Vec<Word> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(letter).map(|i| at + i) {
        let rest = text[start..].char_indices().find(|(i, c)| !goes_on(start + i, *c));
        let end = rest.map_or(text.len(), |(i, _)| start + i);
        let between = found.last().map_or("x", |w: &Word| &text[w.at.end..start]);
        // "M.G. Road"
        let initial = |w: &Word| {
            // "G. Araneta Ave", "T.C. Jester", and "A. Main Street" is an item.
            let name = w.text > LAST_ITEM || w.follows && text[..w.at.start].ends_with('.');
            w.named
                && w.text.len() == 1
                && w.text > "9"
                && (name || end - start == 1 || english.road.contains(&text[start..end]))
        };
        let short = || found.last().is_some_and(|w| english.short.contains(w.text) || initial(w));
        // Of a list of roads each has a line of its own.
        let line_ends = between.contains('\n') && found.last().is_some_and(|w| english.road.contains(w.text));
        let follows =
            !(between.is_empty() || line_ends) && (between.trim().is_empty() || between.trim() == "." && short());
        let named = normal.original(&(start..end)).starts_with(|c: char| c.is_uppercase() || c.is_numeric());
        found.push(Word { at: start..end, text: &text[start..end], named, follows });
        at = end;
    }
    found
}

/// The name whose kind of street or building is word `i`.
fn name(words: &[Word], i: usize, english: &English, english_only: bool) -> Option<Name> {
    let (word, fixed) = (&words[i], &Grammar::embedded().english);
    // B6199, I-64, US-71: a road by its number.
    let mut number = fixed.road_number.iter().filter_map(|p| word.text.strip_prefix(p.as_str()));
    let is_number = |n: &str| (1..=4).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
    let digit = word.text.ends_with(|c: char| c.is_ascii_digit());
    if word.named && english_only && digit && number.any(is_number) {
        return Some(Name { first: i, after: i + 1, road: true, spot: false });
    }
    // Deansgate, Kingsway: a street in one word.
    let one_word = |end: &String| word.text.len() > end.len() + 2 && word.text.ends_with(end.as_str());
    if word.named && english_only && !english.no_street.contains(word.text) && english.street_end.iter().any(one_word) {
        return Some(Name { first: i, after: i + 1, road: true, spot: false });
    }
    if let Some(name) = prefixed(words, i, english) {
        return Some(name);
    }
    let pair = i > 0 && word.follows && english.pairs.contains(&format!("{} {}", words[i - 1].text, word.text));
    // "Jalan Nipah junction with Sungei Kallang Road"
    if fixed.junction.has(word.text) && words.get(i + 1).is_some_and(|w| fixed.with.has(w.text)) {
        return None;
    }
    let (road, landmark) = (english.road.contains(word.text), english.landmark.contains(word.text) || pair);
    // "at ITO crossing", "B4021 Ockley ford": written small after a name that begins no sentence.
    let small = || {
        i > 1
            && word.follows
            && words[i - 1].named
            && words[i - 1].follows
            && !english.stop.contains(words[i - 1].text)
            && english.small.contains(word.text)
    };
    if !(road || landmark)
        || !pair && !word.named && (word.text.len() < 4 || english.capital.contains(word.text) && !small())
    {
        return None;
    }
    let kind = i - usize::from(pair);
    let mut first = kind;
    while first > 0 && words[first].follows {
        let before = &words[first - 1];
        // The main road is no name, and Main Street and Madley Cross Road are.
        let inner = || {
            let begun =
                first > 1 && before.follows && words[first - 2].named && !english.stop.contains(words[first - 2].text);
            road && first == kind && english.within.contains(before.text) && (begun || fixed.main.has(before.text))
        };
        let stops = english.stop.contains(before.text) && !inner();
        if !before.named || stops || english.cross.contains(before.text) {
            break;
        }
        first -= 1;
    }
    // "No. 5 Middle School"
    if first < kind
        && words[first].text.bytes().all(|b| b.is_ascii_digit())
        && words[first].follows
        && first > 0
        && fixed.no.has(words[first - 1].text)
    {
        first -= 1;
    }
    // "5 Street" may be a name, "30 road" is none.
    let letters = words[first..kind].iter().any(|w| w.text.len() > 1) || kind > first + 1;
    let alone = || fixed.alone.has(word.text);
    (first < kind && letters || alone()).then(|| Name { first, after: i + 1, road, spot: false })
}

/// Kinds that stand before: Jalan Kembang, County Road 214, Route 31.
fn prefixed(words: &[Word], i: usize, english: &English) -> Option<Name> {
    let word = words.get(i).filter(|w| w.named)?;
    let next = words.get(i + 1).filter(|w| w.follows && w.named && !english.stop.contains(w.text))?;
    let is_number = (1..=4).contains(&next.text.len()) && next.text.bytes().all(|b| b.is_ascii_digit());
    let two = i.checked_sub(1).filter(|before| word.follows && words[*before].named);
    let two = two.filter(|before| english.numbered.contains(&format!("{} {}", words[*before].text, word.text)));
    let first = match two {
        Some(first) => first,
        None if english.prefix.contains(word.text) && is_number == english.numbered.contains(word.text) => i,
        None => return None,
    };
    if two.is_some() && !is_number {
        return None;
    }
    // "Sukhumvit Soi 39": of a street.
    let of_a_street = first.checked_sub(1).filter(|before| {
        let street = &words[*before];
        let lane = is_number && Grammar::embedded().english.lane.has(word.text);
        lane && word.follows && street.named && !english.stop.contains(street.text)
    });
    let first = of_a_street.unwrap_or(first);
    let more =
        |n: usize| !is_number && words.get(n).is_some_and(|w| w.follows && w.named && !english.stop.contains(w.text));
    Some(Name { first, after: i + 2 + usize::from(more(i + 2)), road: true, spot: false })
}

/// A kind of place without a name that ends with word `i` and goes on: `slip road at …`, `mile marker 112 on …`.
fn spot(normal: &Normal, words: &[Word], i: usize, english: &English) -> Option<Name> {
    let letter = words[i].named && matches!(words[i].text.as_bytes(), [b'a'..=b'h']);
    let numbered = i > 0 && (letter || words[i].text.bytes().all(|b| b.is_ascii_digit()));
    let last = i - usize::from(numbered);
    let here = |kind: &&String| {
        let length = kind.split(' ').count();
        last + 1 >= length
            && kind
                .split(' ')
                .zip(&words[last + 1 - length..])
                .enumerate()
                .all(|(n, (k, w))| k == w.text && (n == 0 || w.follows))
    };
    let kind = english.spot.iter().filter(here).max_by_key(|kind| kind.len())?;
    if numbered && !words[i].follows {
        return None;
    }
    let mut first = last + 1 - kind.split(' ').count();
    let side = |w: &Word| w.named && !english.stop.contains(w.text) || english.side.contains(w.text);
    while first > 0 && words[first].follows && side(&words[first - 1]) {
        first -= 1;
    }
    let length = link(words, i + 1, &english.of)?;
    let name = Name { first, after: i + 1, road: false, spot: true };
    target(normal, words, i + 1 + length, english, true).map(|_| name)
}

/// Two streets without their kinds: `at Lockridge and Ashby`.
fn bare_crossings(normal: &Normal, words: &[Word], names: &[Name], english: &English) -> Vec<Name> {
    let text = &normal.text;
    let named = |w: &Word| w.named && w.text.len() > 1 && !english.stop.contains(w.text);
    let (mut found, fixed) = (Vec::new(), &Grammar::embedded().english);
    for i in 1..words.len().saturating_sub(2) {
        let before = text[..words[i].at.start].trim_end();
        let led = fixed.before_at.ends(before) || english.crossing.iter().any(|c| before.ends_with(c.as_str()));
        if !led || !named(&words[i]) || words[i].text.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let joint = i + 1 + usize::from(words[i + 1].follows && named(&words[i + 1]));
        let Some(second) = words.get(joint + 1).filter(|w| w.follows && named(w)) else { continue };
        let after = joint + 2 + usize::from(words.get(joint + 2).is_some_and(|w| w.follows && named(w)));
        let from = names.partition_point(|n| n.after <= i);
        let known = names[from..].iter().take_while(|n| n.first < after).any(|n| !n.spot);
        if fixed.across.has(words[joint].text) && words[joint].follows && second.text.len() > 2 && !known {
            found.push(Name { first: i, after, road: true, spot: false });
        }
    }
    found
}

/// Of names over each other the longer: Park Road is no park.
fn longest(mut names: Vec<Name>, next: Name) -> Vec<Name> {
    match names.last_mut() {
        Some(last) if next.first < last.after => *last = Name { first: last.first, ..next },
        _ => names.push(next),
    }
    names
}

/// The first name with what belongs to it, and how many names that took.
fn phrase(normal: &Normal, words: &[Word], names: &[Name], english: &English) -> (Option<Phrase>, usize) {
    let (text, fixed) = (&normal.text, &Grammar::embedded().english);
    let Name { first, mut after, road, spot } = names[0];
    // "14th Ave S at S Cloverdale St"
    let side = words.get(after).filter(|w| w.follows && w.named && english.compass.contains(w.text));
    let of_another = names.get(1).is_some_and(|next| next.first == after);
    after += usize::from(road && !of_another && side.is_some() && english.road.contains(words[after - 1].text));
    let mut start = words[first].at.start;
    let before = text[..start].trim_end();
    let crossing = english.crossing.iter().find(|c| before.ends_with(c.as_str()));
    if let Some(words) = crossing {
        start = before.len() - words.len();
    }
    // "Jalan Seaview / Tanjong Rhu Drive"
    if first > 1 && matches!(words[first - 1].text, "/" | "&") && words[first - 1].follows && road {
        let mut other = first - 1;
        while other > 0
            && words[other].follows
            && words[other - 1].named
            && !english.stop.contains(words[other - 1].text)
        {
            other -= 1;
        }
        start = if other < first - 1 { words[other].at.start } else { start };
    }
    // "the south gate of Palm Garden"
    let of = fixed.before_of.before(before);
    let of = of.and_then(|b| english.position.iter().find_map(|p| b.strip_suffix(p.as_str())));
    if let Some(b) = of.filter(|b| b.is_empty() || b.ends_with(' ')) {
        start = b.len();
    }
    let at = fixed.before_at.ends(before) || fixed.at.has(before);
    let mut used = 1;
    while let Some(next) = names.get(used).filter(|_| !spot) {
        let between = text[words[after - 1].at.end..words[next.first].at.start].trim();
        let sure = crossing.is_some() || at || !fixed.and_word.has(between);
        // "5 Av and 58 St corner"
        let rest = text[words[next.after - 1].at.end..].trim_start();
        let mut named = english.crossing.iter().filter_map(|c| c.split(' ').next());
        let sure = sure || named.any(|word| starts_with_word(rest, word));
        let crosses = used == 1 && road && next.road && english.cross.contains(between) && sure;
        let by = fixed.before_the.before(between).unwrap_or(between);
        // "Mingzhu Plaza on Haixiu East Road"
        let along = used == 1 && !road && next.road && english.along.contains(by);
        let beside = along || road && !next.road && english.beside.iter().any(|b| b == by);
        // "A Rd between B Rd and C Rd", "A Rd (B Rd to C Rd)"
        let joint = |n: &Name| text[words[next.after - 1].at.end..words[n.first].at.start].trim();
        let ends = names.get(used + 1).filter(|n| {
            let to = fixed.to.has(joint(n));
            let crosses = fixed.opens_between.has(between) && fixed.and.has(joint(n)) || between == "(" && to;
            road && (next.road && n.road && crosses || fixed.opens_from.has(between) && to)
        });
        if let Some(end) = ends {
            let closed = between.starts_with('(') && text[words[end.after - 1].at.end..].starts_with(')');
            let at = start..words[end.after - 1].at.end + usize::from(closed);
            return (Some(Phrase { at, road, confidence: 0.85 }), used + 2);
        }
        if !(crosses || beside) {
            break;
        }
        (after, used) = (next.after, used + 1);
    }
    // "M4 Junction 10", "Station Exit B", "bus stop 11209", "Orchard Road East"
    let more = words.get(after).filter(|w| w.follows && w.named);
    let kind = words[after - 1].text;
    let numbered = fixed.numbered.has(kind);
    let number = |w: &Word| {
        // "exit C2"
        let rest = w.text.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let short = w.text.len() <= 2 && rest.len() < 2 && rest.bytes().all(|b| b.is_ascii_digit());
        short && fixed.exit.has(kind) || w.text.len() <= 5 && w.text.bytes().all(|b| b.is_ascii_digit())
    };
    let goes_on_so =
        |w: &&Word| numbered && number(w) || english.road.contains(kind) && road && english.compass.contains(w.text);
    after += usize::from(more.filter(goes_on_so).is_some());
    let mut end = positions(text, words[after - 1].at.end, english);
    let links = if spot { &english.of } else { &english.by };
    for time in 0..MOST_LINKS {
        let index = words.partition_point(|w| w.at.start < end);
        match goes_on(normal, words, index, links, english, spot, used == 1 && road && time == 0) {
            Some(after) => end = positions(text, words[after - 1].at.end, english),
            None if spot && time == 0 => return (None, used),
            None => break,
        }
    }
    // "underpass at Cropsey Ave and Shore Pkwy"
    let joined = |n: &&Name| n.road && text.get(end..words[n.first].at.start).is_some_and(|t| fixed.and.has(t.trim()));
    let street = names[1..].iter().take(2).find(joined).filter(|_| spot);
    end = street.map_or(end, |street| words[street.after - 1].at.end);
    // "MG Road (Madhava Pharmacy Junction)"
    if let Some(next) =
        names.get(used).filter(|n| text.get(end..words[n.first].at.start).is_some_and(|t| t.trim() == "("))
    {
        let close = words[next.after - 1].at.end;
        end = if text[close..].starts_with(')') { close + 1 } else { end };
    }
    // "Lung Cheung Road underpass (Kwun Tong bound)", "Dunearn Lane (near Sime Avenue)"
    if let Some(aside) = text[end..].strip_prefix(" (").and_then(|rest| rest.split_once(')')).map(|(inside, _)| inside)
        && (fixed.bound.ends(aside) || english.aside.iter().any(|w| starts_with_word(aside, w)))
        && aside.len() <= LONGEST_ASIDE_BYTES
    {
        end += aside.len() + 3;
    }
    while names.get(used).is_some_and(|n| words[n.first].at.start < end) {
        end = end.max(words[names[used].after - 1].at.end);
        used += 1;
    }
    (Some(Phrase { at: start..end, road, confidence: 0.85 }), used)
}
