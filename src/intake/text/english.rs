//! Place phrases in English: `corner of Haoyuan Rd and Nanhai Ave`, `Coconut Court east gate`.

use std::ops::Range;

use super::marks::{English, Marks};
use super::normal::Normal;
use super::place::Phrase;

struct Word<'a> {
    at: Range<usize>,
    text: &'a str,
    /// Written with a capital or a number at its beginning.
    named: bool,
    /// Nothing but spaces since the word before.
    follows: bool,
}

/// A name of words: from, after, and whether it is a street.
#[derive(Clone, Copy)]
struct Name {
    first: usize,
    after: usize,
    road: bool,
}

/// Every place of a text.
pub(super) fn phrases(normal: &Normal, marks: &Marks) -> Vec<Phrase> {
    let english = &marks.english;
    let words = words(normal);
    let names: Vec<Name> =
        (0..words.len()).filter_map(|i| name(&words, i, english, normal.text.is_ascii())).fold(Vec::new(), longest);
    let mut found = Vec::new();
    let mut i = 0;
    while i < names.len() {
        let (phrase, used) = phrase(normal, &words, &names[i..], english);
        found.push(phrase);
        i += used;
    }
    found
}

fn words<'a>(normal: &'a Normal) -> Vec<Word<'a>> {
    let text = &normal.text;
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '\'' | '&' | '/');
    let mut found: Vec<Word> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(letter).map(|i| at + i) {
        let end = text[start..].find(|c| !letter(c)).map_or(text.len(), |i| start + i);
        let between = found.last().map_or("x", |w: &Word| &text[w.at.end..start]);
        let follows = matches!(between.trim(), "" | ".")
            && !between.is_empty()
            && (between.trim().is_empty() || found.last().is_some_and(|w| w.text.len() <= 3));
        let named = normal.original(&(start..end)).starts_with(|c: char| c.is_uppercase() || c.is_numeric());
        found.push(Word { at: start..end, text: &text[start..end], named, follows });
        at = end;
    }
    found
}

/// The name whose kind of street or building is word `i`.
fn name(words: &[Word], i: usize, english: &English, english_only: bool) -> Option<Name> {
    let word = &words[i];
    // B6199: a road by its number.
    let number = word.text.strip_prefix(['a', 'b', 'm']).unwrap_or_default();
    if word.named && (1..=4).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()) && english_only {
        return Some(Name { first: i, after: i + 1, road: true });
    }
    let pair = i > 0 && word.follows && english.pairs.contains(&format!("{} {}", words[i - 1].text, word.text));
    let (road, landmark) = (english.road.contains(word.text), english.landmark.contains(word.text) || pair);
    if !(road || landmark) || !pair && !word.named && (word.text.len() < 4 || english.capital.contains(word.text)) {
        return None;
    }
    let kind = i - usize::from(pair);
    let mut first = kind;
    while first > 0 && words[first].follows {
        let before = &words[first - 1];
        if !before.named || english.stop.contains(before.text) || english.cross.contains(before.text) {
            break;
        }
        first -= 1;
    }
    // "No. 5 Middle School"
    if first < kind
        && words[first].text.bytes().all(|b| b.is_ascii_digit())
        && words[first].follows
        && first > 0
        && words[first - 1].text == "no"
    {
        first -= 1;
    }
    // "5 Street" may be a name, "30 road" is none.
    let letters = words[first..kind].iter().any(|w| w.text.len() > 1);
    (first < kind && letters || word.text == "broadway").then(|| Name { first, after: i + 1, road })
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
fn phrase(normal: &Normal, words: &[Word], names: &[Name], english: &English) -> (Phrase, usize) {
    let text = &normal.text;
    let Name { first, mut after, road } = names[0];
    let mut start = words[first].at.start;
    let before = text[..start].trim_end();
    let crossing = english.crossing.iter().find(|c| before.ends_with(c.as_str()));
    if let Some(words) = crossing {
        start = before.len() - words.len();
    }
    // "the south gate of Palm Garden"
    let of = before.strip_suffix(" of").and_then(|b| english.position.iter().find_map(|p| b.strip_suffix(p.as_str())));
    if let Some(b) = of.filter(|b| b.is_empty() || b.ends_with(' ')) {
        start = b.len();
    }
    let at = before.ends_with(" at") || before == "at";
    let mut used = 1;
    while let Some(next) = names.get(used) {
        let between = text[words[after - 1].at.end..words[next.first].at.start].trim();
        let sure = crossing.is_some() || at || between != "and";
        // "5 Av and 58 St corner"
        let rest = text[words[next.after - 1].at.end..].trim_start();
        let mut named = english.crossing.iter().filter_map(|c| c.split(' ').next());
        let sure = sure || named.any(|word| super::number::starts_with_word(rest, word));
        let crosses = used == 1 && road && next.road && english.cross.contains(between) && sure;
        let beside = road && !next.road && english.beside.iter().any(|b| b == between);
        // "A Rd between B Rd and C Rd", "A Rd (B Rd to C Rd)"
        let joint = |n: &Name| text[words[next.after - 1].at.end..words[n.first].at.start].trim();
        let ends = names.get(used + 1).filter(|n| {
            let pair = (between, joint(n));
            road && next.road && n.road && matches!(pair, ("between", "and" | "&") | ("from" | "(", "to" | "-"))
        });
        if let Some(end) = ends {
            let closed = between == "(" && text[words[end.after - 1].at.end..].starts_with(')');
            let at = start..words[end.after - 1].at.end + usize::from(closed);
            return (Phrase { at, road, confidence: 0.85 }, used + 2);
        }
        if !(crosses || beside) {
            break;
        }
        (after, used) = (next.after, used + 1);
    }
    let mut end = words[after - 1].at.end;
    // "Canal Street car park entrance"
    while let Some((rest, position)) = Some(text[end..].trim_start()).and_then(|rest| {
        let begins = |p: &&String| super::number::starts_with_word(rest, p);
        Some((rest, english.position.iter().filter(begins).max_by_key(|p| p.len())?))
    }) {
        end = text.len() - rest.len() + position.len();
        // "exit 14", "exit B"
        if position == "exit" {
            let number = text[end..].trim_start();
            let length = number.bytes().take_while(u8::is_ascii_alphanumeric).count();
            let letters = number.bytes().take(length).filter(u8::is_ascii_alphabetic).count();
            end += if length > 0 && letters <= 1 && length <= 4 && number.len() < text.len() - end {
                text.len() - end - number.len() + length
            } else {
                0
            };
        }
    }
    (Phrase { at: start..end, road, confidence: 0.85 }, used)
}
