//! Places that end with no kind of road or building: what stands before what is said in its clause, as in 三小门口积水.

use std::ops::Range;

use super::divisions;
use super::edges::is_no_street;
use super::grammar::Grammar;
use super::lexicon::{Fact, Hit};
use super::marks::Marks;
use super::measure::{Measure, Quantity};
use super::place::Phrase;
use super::sentence;

/// Such a name has at least and at most so many characters.
const FEWEST_CHARS: usize = 2;
const MOST_CHARS: usize = 14;
/// One that no mark ends, in a message that names no other place.
const FEWEST_UNMARKED_CHARS: usize = 3;
const MOST_UNMARKED_CHARS: usize = 9;
/// Clauses that are looked at.
const MOST_CLAUSES: usize = 64;

/// What may stand between a place and what is said of it, and in front of a place.
#[derive(serde::Deserialize)]
pub(super) struct Bare {
    after: Vec<String>,
    before: Vec<String>,
    /// Everybody has one: 我家, 单位.
    anybody: Vec<String>,
    /// Gates that are told apart by more than their kind.
    gate: Vec<String>,
    never: String,
    /// An unmarked name has none of these.
    never_words: Vec<String>,
}

/// Places before what is said, where no place was found.
pub(super) fn phrases(
    text: &str,
    hits: &[Hit],
    measures: &[Measure],
    taken: &[Range<usize>],
    places: &[Phrase],
    marks: &Marks,
) -> Vec<Phrase> {
    let mut said: Vec<usize> = hits
        .iter()
        .filter(|h| match h.fact {
            Fact::Category { weak, .. } => !weak && h.at.len() > 3,
            Fact::Dry | Fact::Passability(_) => true,
            _ => false,
        })
        .map(|h| h.at.start)
        .chain(measures.iter().filter(|m| m.quantity == Quantity::Depth).map(|m| m.at.start))
        .collect();
    said.sort_unstable();
    let mut found: Vec<Phrase> = Vec::new();
    let mut start = 0;
    let road = &Grammar::embedded().road;
    let heads = sentence::heads(text);
    let ends = |c: char| matches!(c, ',' | ';' | ':' | '。' | '!' | '?' | '\n' | '(' | ')' | ' ' | '…' | '▲' | '、');
    for (clause, (end, c)) in text.char_indices().filter(|(_, c)| ends(*c)).chain([(text.len(), ' ')]).enumerate() {
        if clause == MOST_CLAUSES {
            break;
        }
        let (from, to) = (start, end);
        start = (end + c.len_utf8()).min(text.len());
        let at = said.partition_point(|s| *s < from);
        let Some(&first) = said.get(at).filter(|s| **s < to) else { continue };
        let inside = |p: &Phrase| p.at.start < to && from < p.at.end;
        let speaks = c == ':' || heads.iter().any(|h| h.start < to && from < h.end);
        if speaks || places.iter().chain(&found).any(inside) {
            continue;
        }
        let from = taken.iter().filter(|t| t.start < first && from < t.end).map(|t| t.end).max().unwrap_or(from);
        if from >= first {
            continue;
        }
        // "布吉关那边封路了，大家走清平高速吧": the first that is named is one.
        let there = || road.there.ends(&text[from..first]) && places.first().is_none_or(|p| p.at.start >= to);
        let alone = found.is_empty() && (places.is_empty() || there());
        let before = places[..places.partition_point(|p| p.at.end <= from)].last();
        let told = before.is_some_and(|p| sentence::is_one(&text[p.at.end..from]));
        found.extend(one(text, from..first, alone, told, marks));
    }
    found
}

/// The name that a span ends with; `alone`: no other place is named; `told`: one is, in this sentence before.
fn one(text: &str, span: Range<usize>, alone: bool, told: bool, marks: &Marks) -> Option<Phrase> {
    let bare = &marks.bare;
    let mut end = span.end;
    let mut there = false;
    while let Some(word) =
        bare.after.iter().filter(|w| text[span.start..end].ends_with(w.as_str())).max_by_key(|w| w.len())
    {
        end -= word.len();
        // "大石那边淹了"
        there |= Grammar::embedded().road.there.has(word);
    }
    let mut start = span.start;
    let mut last = None;
    for (at, mark) in marks.find(&text[span.start..end]) {
        if mark.stop && !mark.ends_a_name() || mark.enumeration {
            start = span.start + at.end;
            last = None;
        } else {
            last = Some((at, mark));
        }
    }
    while let Some(word) =
        bare.before.iter().filter(|w| text[start..end].starts_with(w.as_str())).max_by_key(|w| w.len())
    {
        start += word.len();
    }
    start = divisions::start_of(text, &(start..end), marks);
    let name = &text[start..end];
    let chars = name.chars().count();
    // 906路: a line of buses.
    let road = Grammar::embedded().common.road;
    let line = name.strip_suffix(road).is_some_and(|n| n.chars().all(|c| c.is_ascii_alphanumeric()));
    if line || is_no_street(text, &(start..end), marks) {
        return None;
    }
    let letters = name.chars().all(char::is_alphanumeric) && !name.is_ascii();
    if !letters || !(FEWEST_CHARS..=MOST_CHARS).contains(&chars) || bare.anybody.iter().any(|a| a == name) {
        return None;
    }
    let (mark_at, mark) = last.filter(|(at, _)| span.start + at.end == end && span.start + at.start >= start).unzip();
    let marked = mark.is_some_and(|m| m.ends_a_name() && !m.stop);
    let gate = bare.gate.iter().any(|gate| name.ends_with(gate.as_str()));
    let nameless = marks.generic.contains(name) || mark_at.as_ref().is_some_and(|at| at.len() == name.len());
    let before_mark = mark_at.map_or(name, |at| &text[start..span.start + at.start]);
    let generic = marks.generic.contains(before_mark) || bare.anybody.iter().any(|a| a == before_mark);
    let clean =
        !name.contains(|c: char| bare.never.contains(c)) && !bare.never_words.iter().any(|w| name.contains(w.as_str()));
    let named = match marked {
        true => !told && clean && (gate && alone || !nameless && !generic),
        false => alone && clean && (there || chars >= FEWEST_UNMARKED_CHARS) && chars <= MOST_UNMARKED_CHARS,
    };
    let confidence = if marked { 0.7 } else { 0.5 };
    named.then_some(Phrase { at: start..end, road: false, confidence })
}

#[cfg(test)]
mod tests {
    use super::super::{Gazetteer, Parser, Sent};

    #[test]
    fn two_characters_are_a_place_where_somebody_points_to_it() {
        let parser = Parser::new(Gazetteer::default());
        let read = |text: &str| parser.read(text, &Sent::default()).matters.remove(0).place_text;
        for text in ["岗顶这边水到脚踝了，还在下", "岗顶那边淹了，膝盖深", "岗顶那里积水20厘米"]
        {
            assert_eq!(read(text).as_deref(), Some("岗顶"), "{text}");
        }
        for text in ["我们这边水到脚踝了", "楼下那边淹了", "公司这边积水20厘米", "这边水到膝盖", "学校那边淹了"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
