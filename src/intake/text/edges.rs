//! Where a place's name cannot go on, and where it ends.

use std::collections::HashSet;
use std::ops::Range;

use super::grammar::Grammar;
use super::lexicon::{Fact, Hit};
use super::marks::{Mark, Marks};
use super::sentence;

/// Of a name after a road, before its own end.
const LONGEST_AFTER_CHARS: usize = 5;
/// No word of a place is longer.
const LONGEST_MARK_BYTES: usize = 60;

/// Before 江 in the name of a river, and of the name of a part of it.
const RIVER_CHARS: std::ops::RangeInclusive<usize> = 1..=3;
const LONGEST_RIVER_BYTES: usize = 45;

/// Where a name ends that goes on with a distance: 农业路向南200米, 路口以东约50米处, 沿江快线12公里处, 紫荆东路K3+500.
pub(super) fn with_distance(text: &str, end: usize, marks: &Marks) -> usize {
    let (words, common) = (&Grammar::embedded().edges, &Grammar::embedded().common);
    if let Some(stake) = text[end..].strip_prefix(common.stake) {
        let rest = stake.trim_start_matches(|c: char| c.is_ascii_digit() || c == '+');
        if rest.len() < stake.len() {
            return text.len() - rest.strip_prefix(common.spot).unwrap_or(rest).len();
        }
    }
    let digits = text[end..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if let Some(rest) = words.kilometre.after(digits).filter(|_| digits.len() < text.len() - end) {
        return text.len() - rest.len();
    }
    // 东湖三横路12号, and no 107国道 or 3号线.
    if digits.len() < text.len() - end
        && text[..end].ends_with(&*words.numbered)
        && let Some(rest) = digits.strip_prefix('号')
        && !rest.starts_with(&*words.no_house)
    {
        return text.len() - rest.len();
    }
    if !marks.towards.iter().any(|word| text[..end].ends_with(word.as_str())) {
        return end;
    }
    let number = text[end..].trim_start_matches(&*words.about);
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit() || words.count.has(c));
    let Some(rest) = Some(rest).filter(|rest| rest.len() < number.len()).and_then(|rest| rest.strip_prefix('米'))
    else {
        return end;
    };
    text.len() - words.after_distance.after(rest).unwrap_or(rest).len()
}

/// Roads by their number with a stake: G106线K2231+400处.
pub(super) fn stakes(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let (words, common) = (&Grammar::embedded().edges, &Grammar::embedded().common);
    text.match_indices('+').filter_map(|(plus, _)| {
        let digits = |t: &str| t.len() - t.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let k = plus - digits(&text[..plus]);
        let road = text[..k].strip_suffix(common.stake).filter(|_| k < plus)?;
        let code = road.trim_end_matches(common.line);
        let number = code.len() - digits(code);
        let start = code[..number].strip_suffix(&*words.roads).filter(|_| number < code.len())?.len();
        let number = |t: &'_ str| t.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let end = text.len() - number(&text[plus + 1..]);
        // "K22+600至K23+100段"
        let second = text[end..].trim_start_matches(&*words.to);
        let to = second.strip_prefix(common.stake).map(|s| &s[s.len() - number(s)..]).and_then(|s| s.strip_prefix('+'));
        let end = to.filter(|_| second.len() < text.len() - end).map_or(end, |s| text.len() - number(s));
        let rest = &text[end..];
        Some(start..text.len() - rest.strip_prefix(&*words.stretch).unwrap_or(rest).len())
    })
}

/// Where a place ends before the side that lanes are on: 立交桥下左侧两条车道, 某路北半幅.
pub(super) fn without_lanes(text: &str, at: Range<usize>, marks: &Marks) -> usize {
    let after = &text[at.end..];
    if !marks.lanes.iter().any(|lanes| after.starts_with(lanes.as_str())) {
        return at.end;
    }
    let name = &text[at.clone()];
    let mut sides = Grammar::embedded().edges.lane_side.iter();
    let side = sides.find(|side| name.len() > side.len() + 6 && name.ends_with(side.as_str()));
    at.end - side.map_or(0, |side| side.len())
}

/// Whether a word is one character, and that is one of these.
pub(super) fn word_is(word: &str, chars: &HashSet<char>) -> bool {
    let mut all = word.chars();
    all.next().is_some_and(|c| chars.contains(&c)) && all.next().is_none()
}

/// "美舍河倒灌", "市水务局：": said of a river and of an office, and of no street.
pub(super) fn is_no_street(text: &str, at: &Range<usize>, marks: &Marks) -> bool {
    let name = &text[at.clone()];
    let after = text[at.end..].trim_start_matches(&*Grammar::embedded().edges.of_now);
    [(&marks.river, &marks.river_does), (&marks.office, &marks.office_does)].into_iter().any(|(kinds, does)| {
        kinds.iter().any(|kind| name.ends_with(kind.as_str()))
            && does.iter().any(|does| after.starts_with(does.as_str()))
    }) || is_a_stretch_of_a_river(name, marks) && Grammar::embedded().edges.level.begins(after)
}

/// 长江南京段, and not 珠江路段.
fn is_a_stretch_of_a_river(name: &str, marks: &Marks) -> bool {
    let Some(name) = name.strip_suffix(Grammar::embedded().edges.stretch_of) else { return false };
    let begins =
        |kind: &String| name.find(kind.as_str()).is_some_and(|at| RIVER_CHARS.contains(&name[..at].chars().count()));
    marks.river.iter().any(begins)
        && !marks.find(name).any(|(at, m)| m.road || m.junction || m.landmark && name[at].chars().nth(1).is_some())
}

/// "长江南京段水位": whether what is said is of the level of a river alone.
pub(super) fn is_of_a_river(text: &str, hit: &Hit, marks: &Marks) -> bool {
    let words = &Grammar::embedded().edges;
    if !matches!(hit.fact, Fact::Category { .. }) || !words.level.begins(&text[hit.at.clone()]) {
        return false;
    }
    let near = text.floor_char_boundary(hit.at.start.saturating_sub(LONGEST_RIVER_BYTES));
    let name = text[near..hit.at.start].rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    is_a_stretch_of_a_river(name.trim_end_matches(&*words.of_now), marks)
}

/// A count of minutes, people or pumps: no name goes on over it.
fn counts(text: &str) -> Vec<Range<usize>> {
    let words = &Grammar::embedded().edges;
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(|c: char| c.is_ascii_digit()).map(|i| from + i) {
        let rest = text[start..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let end = text.len() - rest.len();
        found.extend(words.units.after(rest).map(|after| start..text.len() - after.len()));
        from = end;
    }
    found.extend(words.spans.find_in(text).map(|(i, word)| i..i + word.len()));
    found
}

/// What is said, without the character that ends the name of the road before it: 学院路封路了.
fn own_words(text: &str, hit: &Hit) -> Range<usize> {
    let (words, road) = (&Grammar::embedded().road, Grammar::embedded().common.road);
    let phrase = &text[hit.at.clone()];
    let closed = matches!(hit.fact, Fact::Passability(_)) && phrase.starts_with(road) && !words.on_it.begins(phrase)
        || words.with_a_pit.has(phrase);
    let mut before = text[..hit.at.start].chars().rev();
    let mut named = || before.next().is_some_and(|c| c.is_alphabetic() && !c.is_ascii() && !words.no_name.contains(&c));
    let skipped = if closed && named() && named() { road.len_utf8() } else { 0 };
    hit.at.start + skipped..hit.at.end
}

/// Where no name goes on: punctuation, spaces, and spans that mean something else.
pub(super) fn blocks(text: &str, hits: &[Hit], taken: &[Range<usize>], marks: &Marks) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = taken.to_vec();
    let says = hits.iter().filter(|h| match h.fact {
        Fact::Category { .. }
        | Fact::Passability(_)
        | Fact::Dry
        | Fact::Resolved
        | Fact::Day(_)
        | Fact::Now
        | Fact::Opinion
        | Fact::Proposal
        | Fact::Unreal
        | Fact::Warning
        | Fact::Advice => h.at.len() > 3 && !names_a_road(text, h, marks),
        _ => false,
    });
    found.extend(says.map(|h| own_words(text, h)));
    found.extend(counts(text));
    let breaks = text.char_indices().filter(|(_, c)| {
        matches!(c, '①'..='⑳')
            || !c.is_alphanumeric() && !matches!(c, '(' | ')' | '、' | '/' | '&' | '×' | '-' | '—' | '~' | '→')
    });
    found.extend(breaks.map(|(i, c)| i..i + c.len_utf8()));
    // "【消除】沿江大道二马路口"
    let states = Grammar::embedded().edges.states.find_in(text).map(|(i, word)| i..i + word.len());
    let states = states.filter(|at| text[..at.start].ends_with('(') && text[at.end..].starts_with(')'));
    found.extend(states.flat_map(|at| [at.start - 1..at.start, at.end..at.end + 1]));
    found.extend(
        sentence::heads(text).into_iter().flat_map(|head| [head.start..head.start + 1, head.end - 1..head.end]),
    );
    found.sort_by_key(|b| b.start);
    found.dedup_by(|next, before| {
        let over = next.start < before.end;
        before.end = if over { before.end.max(next.end) } else { before.end };
        over
    });
    found
}

/// Whether a few characters of a name and the end of a road or a crossing stand here.
fn begins_a_road(text: &str, marks: &Marks) -> bool {
    let first = marks.find(text).find(|(at, m)| at.start > 0 && (m.road || m.junction || m.stop || m.landmark));
    first.is_some_and(|(at, m)| {
        let name = &text[..at.start];
        !m.stop
            && name.chars().count() <= LONGEST_AFTER_CHARS
            && name.chars().all(|c| c.is_alphabetic() && !marks.bare_never(c))
    })
}

/// A category's word right before the end of a name is part of it: 大坑路.
pub(super) fn names_a_road(text: &str, hit: &Hit, marks: &Marks) -> bool {
    let Fact::Category { .. } = hit.fact else { return false };
    let after = &text[hit.at.end..text.floor_char_boundary(hit.at.end + LONGEST_MARK_BYTES)];
    let (word, words) = (&text[hit.at.clone()], &Grammar::embedded().edges);
    // 机床厂红绿灯那里: where it is, and nothing is wrong with it.
    if words.light.has(word) && after.starts_with(&*words.after_light) {
        return true;
    }
    // 亲水大街
    if words.great_water.ends(word) && after.starts_with(&*words.great_road) {
        return true;
    }
    // 白水塘小区: the word is part of what comes before, too.
    // 深汕路坑梓人民西路口: the next name begins with the second character.
    if Grammar::embedded().road.with_a_pit.has(word) && begins_a_road(after, marks) {
        return true;
    }
    let noun = word.ends_with(&*words.pool) || words.flood.has(word);
    let landmark = |at: Range<usize>, m: Mark| at.start == 0 && at.len() > 3 && m.landmark && !m.position && !m.stop;
    if noun && marks.find(after).next().is_some_and(|(at, m)| landmark(at, m)) {
        return true;
    }
    let name = after.starts_with(&*words.roads_of);
    // 淹水路段 is no name: 路段 says where at a road.
    let ends = |m: Mark| (m.road || m.landmark) && !m.on_road && !m.stop && !m.position;
    name && marks.find(after).next().is_some_and(|(at, m)| at.start == 0 && ends(m))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hazard::event::Passability;

    /// What is said with a phrase of a text, without what is of a name.
    fn said<'t>(text: &'t str, phrase: &str, fact: Fact) -> &'t str {
        let at = text.find(phrase).expect("it is in the text");
        &text[own_words(text, &Hit { at: at..at + phrase.len(), fact })]
    }

    #[test]
    fn a_road_keeps_its_last_character() {
        let closed = Fact::Passability(Passability::Impassable);
        let pit = Fact::Category { category: 0, weak: false };
        assert_eq!(said("学院路封了", "路封了", closed), "封了");
        assert_eq!(said("那条路封了", "路封了", closed), "路封了");
        assert_eq!(said("海府路路封了", "路封了", closed), "路封了");
        assert_eq!(said("路封了", "路封了", closed), "路封了");
        assert_eq!(said("海府路坑很深", "路坑", pit), "坑");
        assert_eq!(said("海府路面已封", "路面已封", closed), "路面已封");
    }

    #[test]
    fn a_pit_before_the_end_of_a_name_is_part_of_it() {
        let names = |text: &str| {
            let at = text.find("路坑").expect("it is in the text");
            let hit = Hit { at: at..at + "路坑".len(), fact: Fact::Category { category: 0, weak: false } };
            names_a_road(text, &hit, Marks::embedded())
        };
        for name in ["深汕路坑梓人民西路口", "凤翔路坑头村口", "龙岗大道路坑口新村"] {
            assert!(names(name), "{name}");
        }
        for none in ["海府路坑洼不平", "海府路坑很深,龙昆路口积水", "海府路坑已填"] {
            assert!(!names(none), "{none}");
        }
    }
}
