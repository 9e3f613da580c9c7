//! A place that is named twice: what is said the second time is said of the first, and of all others of its list where it
//! says so, as in "A路、B路、C路都浸了，A路最深，45公分，其余两处20公分".

use super::grammar::Grammar;
use super::group::Group;
use super::place::Phrase;
use super::refers::{Refers, alone};

/// Groups that are looked back at.
const LOOKED_BACK: usize = 16;
/// Places of a list that are looked at; a longer one is not taken apart.
const MOST_PLACES: usize = 64;
/// A name that another ends with has at least so many characters.
const SHORTEST_END_CHARS: usize = 3;

/// Of a street without its kind that a crossing is called by.
const SHORTEST_STREET_CHARS: usize = 2;

/// Joins groups of the same place; a list that one of its places is named of again is taken apart.
pub(super) fn merge(text: &str, groups: &mut Vec<Group>, refers: &Refers) {
    let mut done: Vec<Group> = Vec::with_capacity(groups.len());
    for mut later in std::mem::take(groups) {
        if let Some(same) = list_before(text, &done, &later) {
            done[same].add_later(later);
            continue;
        }
        let known = if let [place] = &later.places[..] { named_before(text, &done, place) } else { None };
        let Some((group, which)) = known else {
            done.push(later);
            continue;
        };
        if done[group].places.len() == 1 {
            done[group].add_later(later);
            continue;
        }
        if done[group].places.len() > MOST_PLACES {
            done.push(later);
            continue;
        }
        let end = later.places[0].at.end;
        let mut rest = Group::default();
        if let Some(from) = refers.others_at(&text[end..]).map(|at| end + at) {
            rest.measures = later.measures.extract_if(.., |m| m.at.start >= from).collect();
            rest.said = later.said.extract_if(.., |s| s.at.start >= from).collect();
            rest.dry = later.dry.extract_if(.., |at| at.start >= from).collect();
        }
        let mut apart = alone(&done[group]);
        for (n, one) in apart.iter_mut().enumerate() {
            one.add_later(if n == which { later.clone() } else { rest.clone() });
        }
        done.splice(group..=group, apart);
    }
    *groups = done;
}

/// The group of the same list, where a message says it again.
fn list_before(text: &str, groups: &[Group], later: &Group) -> Option<usize> {
    let names = |group: &Group| -> Vec<&str> { group.places.iter().map(|p| &text[p.at.clone()]).collect() };
    if !(2..=MOST_PLACES).contains(&later.places.len()) {
        return None;
    }
    let (list, from) = (names(later), groups.len().saturating_sub(LOOKED_BACK));
    (from..groups.len()).rev().find(|&i| groups[i].places.len() == list.len() && names(&groups[i]) == list)
}

/// The group that names a place, in whole or at the end of a longer name, and which of its places that is.
fn named_before(text: &str, groups: &[Group], place: &Phrase) -> Option<(usize, usize)> {
    let (name, words) = (&text[place.at.clone()], &Grammar::embedded().again);
    let short = name.trim_end_matches(&*words.inside);
    // 地道桥南北口: the whole of it.
    let short = words.both_ends.before(short).unwrap_or(short);
    let is_end = |of: &str| {
        let rest = of.strip_suffix(short).filter(|_| short.chars().count() >= SHORTEST_END_CHARS);
        // 东海秀路 is no 海秀路.
        rest.is_some_and(|rest| !rest.ends_with(&*words.another))
    };
    // 建设二路口 is 和平大道建设二路路口.
    let street = words.crossing.before(name).unwrap_or_default();
    let is_crossing = |of: &str| {
        street.chars().count() >= SHORTEST_STREET_CHARS
            && of.len() > name.len()
            && words.crossing_of.iter().any(|end| of.strip_suffix(end.as_str()).is_some_and(|of| of.ends_with(street)))
    };
    let from = groups.len().saturating_sub(LOOKED_BACK);
    (from..groups.len()).rev().find_map(|i| {
        let same = groups[i].places.iter().take(MOST_PLACES).position(|p| {
            let of = &text[p.at.clone()];
            // 铁路涵洞(南侧引道): named again without its part.
            let whole = of.strip_suffix(')').and_then(|of| of.rsplit_once('(')).map_or(of, |(whole, _)| whole);
            of == name || whole == name || is_end(of) || is_crossing(of)
        });
        same.map(|which| (i, which))
    })
}
