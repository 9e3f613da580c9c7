//! What is said of a place that was named before: 前者, 后两处, 分别, and a kind of place alone, as in
//! "A村涵洞积水，B路口积水，涵洞封闭，路口可通行".

use std::ops::Range;

use serde::Deserialize;

use super::grammar::Grammar;
use super::group::Group;
use super::measure::Quantity;
use super::place::Phrase;
use super::vehicles::Said;

/// Before what is said: a clause is no longer.
const LONGEST_CLAUSE_BYTES: usize = 90;

/// The others of a list are looked for so far.
const LONGEST_OTHERS_BYTES: usize = 200;

/// A longer list is not taken apart.
const MOST_PLACES: usize = 64;

/// Of the ordinals, those that count.
const COUNTED: usize = 2;

/// Places that are looked back at for one of a kind.
const LOOKED_BACK: usize = 8;

/// Words that speak of places named before.
#[derive(Deserialize)]
pub(super) struct Refers {
    /// Digits of ordinals, from the first: 第二处.
    nth: String,
    first: Vec<String>,
    last: Vec<String>,
    first_two: Vec<String>,
    last_two: Vec<String>,
    each: Vec<String>,
    part: Vec<String>,
    others: Vec<String>,
    rest: Vec<String>,
    kind: Vec<String>,
}

/// What is dry.
pub(super) enum Dry {
    /// The place spoken of.
    Place,
    /// A part of it, which is a place itself: "辅道水深25厘米，主道没水".
    Part(Range<usize>),
    /// All others: nobody asked.
    Others,
}

impl Refers {
    /// What the words at a place say is dry.
    pub fn dry(&self, text: &str, at: &Range<usize>) -> Dry {
        let ends = |c: char| matches!(c, ',' | ';' | '。' | '!' | '?' | '\n' | ':');
        let near = text.floor_char_boundary(at.start.saturating_sub(LONGEST_CLAUSE_BYTES));
        let end = text[near..at.start].rfind(ends).map(|i| near + i);
        let from = end.map_or(near, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
        let words = &Grammar::embedded().refers;
        let clause = text[from..at.start].trim_end_matches(&*words.dry_before);
        let start = from + clause.len() - clause.trim_start().len();
        // "其余点位积水已退"
        let clause = clause.trim_start();
        let clause = clause.strip_suffix(words.dry_begins).unwrap_or(clause);
        let is = |words: &[String]| words.iter().any(|word| word == clause);
        match () {
            () if is(&self.others) => Dry::Others,
            () if is(&self.part) => Dry::Part(start..start + clause.len()),
            () => Dry::Place,
        }
    }
}

/// "某路辅路积水，主路不受影响": not said of the side road.
pub(super) fn is_of_the_main_road(text: &str, place: &str, at: &Range<usize>) -> bool {
    let words = &Grammar::embedded().refers;
    let near = text.floor_char_boundary(at.start.saturating_sub(LONGEST_CLAUSE_BYTES));
    let clause = text[near..at.start].rsplit([',', ';', '。', '\n']).next().unwrap_or_default();
    words.side.ends(place) && (words.main.begins(clause) || words.main.begins(&text[at.clone()]))
}

/// Takes apart lists that one value each is given to, in order.
pub(super) fn one_each(text: &str, groups: &mut Vec<Group>, refers: &Refers) {
    if refers.each.iter().any(|word| text.contains(word.as_str())) {
        apart(groups, |group| is_one_each(text, group, refers));
    }
}

/// Gives what is said to the places that it is said of.
pub(super) fn back(text: &str, groups: &mut Vec<Group>, refers: &Refers) {
    let ordinal = [&refers.first, &refers.last, &refers.first_two, &refers.last_two];
    let has = |words: &[String]| words.iter().any(|word| text.contains(word.as_str()));
    let words = &Grammar::embedded().refers;
    let nth = || text.match_indices(|c| words.nth.has(c)).any(|(at, _)| refers.nth_in(&text[at..]).is_some());
    // "三处水深分别为…，其中隧道已封闭"
    let one_of = || words.of_them.find_in(text).any(|(at, of)| refers.begins_with_a_kind(&text[at + of.len()..]));
    if ordinal.iter().any(|words| has(words)) || nth() || one_of() {
        apart(groups, |_| true);
    }
    let mut of_others: Vec<Said> = Vec::new();
    let placed: Vec<usize> = (0..groups.len()).filter(|&i| !groups[i].places.is_empty()).collect();
    if placed.len() < 2 {
        return;
    }
    for (n, &i) in placed.iter().enumerate() {
        let of = |s: &Said| refers.of(text, &s.at, groups, &placed, n).unwrap_or(vec![i]);
        let mut said: Vec<(Vec<usize>, Said)> = groups[i].said.iter().map(|s| (of(s), s.clone())).collect();
        groups[i].said.clear();
        // "其中最后一处断行，其余可缓慢通行"
        of_others.extend(said.extract_if(.., |(_, s)| refers.is_of_others(text, s.at.start)).map(|(_, s)| s));
        for (to, s) in said {
            to.into_iter().for_each(|to| groups[to].said.push(s.clone()));
        }
    }
    give_to_others(groups, &placed, &of_others);
}

/// The same as `back` for what is said of all others: those of which nothing is.
fn give_to_others(groups: &mut [Group], placed: &[usize], said: &[Said]) {
    let silent: Vec<usize> =
        placed.iter().copied().filter(|i| groups[*i].said.is_empty() && groups[*i].dry.is_empty()).collect();
    silent.iter().take(MOST_PLACES).for_each(|i| groups[*i].said.extend(said.iter().cloned()));
}

/// A group for each place of a list, with all that is said of it.
pub(super) fn alone(group: &Group) -> Vec<Group> {
    let one = |place: &Phrase| {
        let mut one = group.clone();
        one.places = vec![place.clone()];
        one
    };
    group.places.iter().map(one).collect()
}

/// One group for each place of those that are to be taken apart; measures that are one each go with theirs.
fn apart(groups: &mut Vec<Group>, which: impl Fn(&Group) -> bool) {
    *groups = std::mem::take(groups)
        .into_iter()
        .flat_map(|group| {
            if !(2..=MOST_PLACES).contains(&group.places.len()) || !which(&group) {
                return vec![group];
            }
            let depths: Vec<_> = group.measures.iter().filter(|m| m.quantity == Quantity::Depth).cloned().collect();
            let one_each = depths.len() == group.places.len();
            let alone = |(n, place): (usize, &Phrase)| {
                let mut alone = group.clone();
                alone.places = vec![place.clone()];
                if one_each {
                    alone.measures = vec![depths[n].clone()];
                }
                alone
            };
            group.places.iter().enumerate().map(alone).collect()
        })
        .collect();
}

/// "A路、B路积水深度分别为20厘米、30厘米".
fn is_one_each(text: &str, group: &Group, refers: &Refers) -> bool {
    let mut depths = group.measures.iter().filter(|m| m.quantity == Quantity::Depth);
    let (Some(first), Some(place)) = (depths.next(), group.places.last()) else { return false };
    let between = text.get(place.at.end..first.at.end).unwrap_or_default();
    depths.count() + 1 == group.places.len() && refers.each.iter().any(|word| between.contains(word.as_str()))
}

impl Refers {
    /// Whether the clause that ends here begins with all others.
    fn is_of_others(&self, text: &str, at: usize) -> bool {
        let before = &text[text.floor_char_boundary(at.saturating_sub(LONGEST_CLAUSE_BYTES))..at];
        let ends = |c: char| matches!(c, ',' | ';' | '。' | '!' | '?' | '\n' | ':' | '、');
        let clause = before.rfind(ends).map_or(before, |i| before[i..].trim_start_matches(ends)).trim_start();
        let words = &Grammar::embedded().refers;
        clause.starts_with(&*words.others)
            && !words.lanes.is_in(clause)
            && self.rest.iter().any(|w| clause.starts_with(w.as_str()))
    }

    fn begins_with_a_kind(&self, text: &str) -> bool {
        self.kind.iter().any(|kind| text.starts_with(kind.as_str()))
    }

    /// Which of a list 第二处 is, from 0.
    fn nth_in(&self, words: &str) -> Option<usize> {
        let fixed = &Grammar::embedded().refers;
        let (_, after) = words.split_once(&*fixed.nth)?;
        let which = after.chars().next()?;
        let counted = after[which.len_utf8()..].starts_with(&*fixed.counted);
        self.nth.chars().position(|c| c == which).filter(|_| counted)
    }

    /// Where a text goes on with all other places of a list.
    pub fn others_at(&self, text: &str) -> Option<usize> {
        let text = &text[..text.floor_char_boundary(LONGEST_OTHERS_BYTES)];
        let first = text.find(['。', '\n']).unwrap_or(text.len());
        self.rest.iter().filter_map(|word| text[..first].find(word.as_str())).min()
    }

    /// The groups that something is said of, where its clause says so; `placed` are those with a place, in
    /// order, and `now` is the number of the one that it stands in.
    fn of(&self, text: &str, at: &Range<usize>, groups: &[Group], placed: &[usize], now: usize) -> Option<Vec<usize>> {
        let ends = |c: char| matches!(c, ',' | ';' | '。' | '!' | '?' | '\n' | ':');
        let mut from = at.start.saturating_sub(LONGEST_CLAUSE_BYTES);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let clause = text[from..at.start].rfind(ends).map_or(from, |i| from + i);
        let clause = clause + text[clause..].chars().next().filter(|c| ends(*c)).map_or(0, char::len_utf8);
        let words = &text[clause..at.end];
        let says = |list: &[String]| list.iter().any(|word| words.contains(word.as_str()));
        let n = placed.len();
        let ordinal = [
            (&self.first_two, 0..2.min(n)),
            (&self.last_two, n.saturating_sub(2)..n),
            (&self.first, 0..1),
            (&self.last, n - 1..n),
        ];
        let fixed = &Grammar::embedded().refers;
        // 体彩广场前两处: no first two.
        let begins = |list: &[String]| {
            list.iter().filter_map(|word| words.find(word.as_str())).any(|at| {
                let before = words[..at].trim_end();
                before.is_empty() || before.ends_with([',', ';', '。', ':', '\n']) || fixed.begins.ends(before)
            })
        };
        let is_said = |n: usize, list: &[String]| if n < COUNTED { begins(list) } else { says(list) };
        let said = ordinal.into_iter().enumerate().find(|(n, (list, _))| is_said(*n, list));
        if let Some((_, (_, which))) = said {
            return Some(placed[which].to_vec());
        }
        if let Some(nth) = self.nth_in(words).filter(|nth| *nth < n) {
            return Some(vec![placed[nth]]);
        }
        let mut alone = text[clause..at.start].trim();
        while let Some(rest) = fixed.of_them.after(alone) {
            alone = rest;
        }
        let alone = fixed.since.before(alone).unwrap_or(alone).trim_end_matches(&*fixed.said_before);
        let kind = self.kind.iter().find(|kind| *kind == alone)?;
        let names = |i: &&usize| {
            groups[**i].places.iter().any(|p| p.at.end <= clause && text[p.at.clone()].contains(kind.as_str()))
        };
        placed[..=now].iter().rev().take(LOOKED_BACK).find(names).map(|i| vec![*i])
    }
}
