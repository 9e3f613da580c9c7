//! Sentences and clauses: where one ends, what in them is no observation, and what is only a view.

use std::ops::Range;

use super::conditions;
use super::grammar::Grammar;
use super::lexicon::{Fact, Hit};

/// Characters of a head, and how many heads are looked at, so that the time is linear in the length of a text.
const LONGEST_HEAD_CHARS: usize = 30;
const MOST_HEADS: usize = 32;
/// Digits of the numbers of items.
const NUMBERS: &str = "一二三四五六七八九十";
/// Of an item, with its parenthesis: (十二).
const LONGEST_NUMBER_BYTES: usize = 7;
/// Where nothing ends a clause or a sentence, it ends after so many bytes.
const LONGEST_CLAUSE_BYTES: usize = 600;

/// What is no report of today: of other years, of posts to fill, thanks for yesterday, lessons.
fn of_another_day(text: &str) -> Vec<Range<usize>> {
    let words = &Grammar::embedded().sentence;
    let mut found = Vec::new();
    let another_year = words.may_be_another_year.is_in(text);
    for word in words.of_another_year.iter().filter(|_| another_year) {
        let Some(at) = text.find(word.as_str()) else { continue };
        let end = sentence_end(text, at);
        // "去年7月,隧道积水最深达1.2米"
        let month = || text[at + word.len()..].starts_with(|c: char| c.is_ascii_digit());
        let was = !word.ends_with(&*words.years) || text[at..end].contains(words.was) || month();
        let now = words.goes_on_to_now.find_in(&text[at..end]).map(|(now, _)| at + now).min();
        match now {
            None if was => found.push(at..end),
            Some(now) if month() => found.push(at..clause_start(text, now).max(at)),
            _ => {}
        }
    }
    for word in &words.thanks {
        let Some(at) = text.find(word.as_str()) else { continue };
        let end = sentence_end(text, at);
        if words.of_another_day.is_in(&text[at..end]) {
            let on = !words.goes_on_to_now.is_in(&text[end..]);
            found.push(sentence_start(text, at)..if on { text.len() } else { end });
        }
    }
    found.extend(words.teaches.iter().filter_map(|word| text.find(word.as_str())).map(|at| at..text.len()));
    found
}

/// Whether a sentence tells of what stands ready there: 易涝点已预置泵车.
pub(super) fn stands_ready(text: &str, at: usize) -> bool {
    let sentence = &text[sentence_start(text, at)..sentence_end(text, at)];
    Grammar::embedded().sentence.ready.is_in(sentence)
}

/// A wish or a view.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Opinion {
    pub at: Range<usize>,
    /// It counts beside what happened.
    pub proposal: bool,
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | ';' | '!' | '?' | '\n' | '…' | '①'..='⑳' | '■' | '□' | '◆' | '◇' | '●' | '▶')
}

/// Whether no sentence ends here.
pub(super) fn is_one(text: &str) -> bool {
    !text.contains(ends_sentence)
}

/// Where sentences and the items of a list end.
pub(super) fn ends(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut found: Vec<usize> = Vec::new();
    for (i, c) in text.char_indices() {
        let full_stop = c == '.' && bytes.get(i + 1).is_none_or(u8::is_ascii_whitespace) && i > 3;
        // "2、海秀路", "(2)海秀路", "2.海秀路": the next item.
        let digits = text[..i].bytes().rev().take(3).take_while(u8::is_ascii_digit).count();
        let item = matches!(c, '、' | ')' | '.') && (1..=2).contains(&digits) && {
            let before = text[..i - digits].chars().next_back();
            let after = text[i + c.len_utf8()..].chars().next();
            before.is_none_or(|b| !b.is_alphanumeric() && b != '.' || ends_sentence(b) || c == '、')
                && after.is_some_and(|a| !a.is_ascii_digit())
        };
        // "(一)那央路口"
        let near = text.floor_char_boundary(i.saturating_sub(LONGEST_NUMBER_BYTES));
        let inside = if c == ')' { text[near..i].rsplit_once('(').map(|(_, inside)| inside) } else { None };
        let word = inside.is_some_and(|inside| !inside.is_empty() && is_a_number(inside));
        if ends_sentence(c) || full_stop || item || word || is_an_item(text, i, c) {
            found.push(i);
        }
    }
    found
}

/// "：一、金龙路；二、海秀路": the comma after the number of an item.
fn is_an_item(text: &str, i: usize, c: char) -> bool {
    let near = &text[text.floor_char_boundary(i.saturating_sub(LONGEST_NUMBER_BYTES))..i];
    let before = near.trim_end_matches(|c| NUMBERS.contains(c));
    // "一、二、三号楼"
    c == '、'
        && before.len() < near.len()
        && before.chars().next_back().is_none_or(|b| ends_sentence(b) || matches!(b, ':' | ',' | ' ' | ')'))
        && text[i + c.len_utf8()..].starts_with(|after: char| after.is_alphabetic() && !NUMBERS.contains(after))
}

/// Parentheses before a message or a line of it, which say who speaks: 【岳麓公交】.
pub(super) fn heads(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (start, _) in text.match_indices('(') {
        if found.len() == MOST_HEADS {
            break;
        }
        let before = text[..start].trim_end_matches(' ');
        let first =
            before.is_empty() || before.ends_with(['\n', '。']) || found.last().is_some_and(|h| h.end == before.len());
        let end =
            text[start..].char_indices().take(LONGEST_HEAD_CHARS).find(|(_, c)| *c == ')').map(|(i, _)| start + i + 1);
        // "(2)" is the number of an item.
        found.extend(end.filter(|end| first && !is_a_number(&text[start + 1..*end - 1])).map(|end| start..end));
    }
    found
}

/// "(2)", "(三)": of an item.
pub(super) fn is_a_number(inside: &str) -> bool {
    !inside.contains(char::is_alphabetic) || inside.chars().all(|c| NUMBERS.contains(c))
}

/// "1.", "(1)", "①", "一、": the first of a list.
pub(super) fn is_first_item(text: &str) -> bool {
    let number =
        text.trim_start_matches('(').trim_end_matches(|c: char| c.is_ascii_punctuation() || matches!(c, '、' | ' '));
    matches!(number, "1" | "①") || number.chars().eq(NUMBERS.chars().take(1))
}

fn ends_clause(text: &str, i: usize, c: char) -> bool {
    let wide = |c: Option<char>| c.is_some_and(|c| !c.is_ascii());
    ends_sentence(c)
        || c == ','
        || c == '.' && text[i + 1..].starts_with([' ', '\n'])
        || c == ' ' && wide(text[..i].chars().next_back()) && wide(text[i + 1..].chars().next())
}

/// Tells whether words at a place are an observation: not what follows "如果" in its clause, not a question, and not
/// what a view speaks of.
pub(super) fn real<'a>(text: &'a str, hits: &'a [Hit], warns: bool) -> impl Fn(&Range<usize>) -> bool + 'a {
    let words = &Grammar::embedded().sentence;
    let mut unreal: Vec<Range<usize>> = Vec::new();
    // `warns`: what may come counts as said.
    for hit in hits.iter().filter(|h| h.fact == Fact::Unreal || h.fact == Fact::Warning && !warns) {
        // "此前积水的路口已无水" goes on with what is.
        let clause = clause_end(text, hit.at.end);
        // "在册易涝点中有水的为：A路口（深10厘米）": of what the colon leads to it says nothing.
        let of_points = text[hit.at.clone()].ends_with(words.points);
        let colon = text[hit.at.end..clause].find(':').filter(|_| of_points).map(|i| hit.at.end + i);
        let of = text[hit.at.end..].starts_with(Grammar::embedded().common.of);
        let before = words.before.begins(&text[hit.at.clone()]);
        let what_was = || text[hit.at.end..clause].find(Grammar::embedded().common.of).map(|i| hit.at.end + i);
        let what_was = if before { what_was() } else { None };
        let end = if of { hit.at.end } else { what_was.or(colon).unwrap_or(clause) };
        unreal.push(hit.at.start..end);
    }
    let views: Vec<usize> = hits.iter().filter(|h| is_view(text, h, hits)).map(|h| h.at.start).collect();
    for &start in &views {
        unreal.push(start..sentence_end(text, start));
    }
    // "积水了吗", "is it flooded?"
    for (i, _) in text.char_indices().filter(|(_, c)| *c == '?' || *c == words.asks) {
        unreal.push(clause_start(text, i)..i);
    }
    // "水退了伐"
    let wu = text.match_indices(|c| words.asks_at_the_end.has(c)).map(|(i, word)| (i, i + word.len()));
    let wu = wu.filter(|(_, end)| text[*end..].chars().next().is_none_or(|c| ends_clause(text, *end, c)));
    unreal.extend(wu.map(|(i, _)| clause_start(text, i)..i));
    // "淹不淹", "退没退": a verb that is asked for.
    let asked = text.match_indices(|c| words.whether.has(c)).filter(|(i, not)| {
        let before = text[..*i].chars().next_back();
        before.is_some_and(|c| c.is_alphabetic() && !c.is_ascii() && text[i + not.len()..].starts_with(c))
    });
    // "水退了没"
    let tail = words.or_not.find_in(text).filter(|(i, tail)| {
        let rest = text[i + tail.len()..].trim_start_matches(words.or_not_more);
        rest.is_empty() || rest.starts_with([',', '。', '?', '!', ' ', '\n']) || rest.starts_with(&*words.or_not_before)
    });
    let asked: Vec<usize> = asked.map(|(i, _)| i).chain(tail.map(|(i, _)| i)).collect();
    unreal.extend(asked.into_iter().map(|i| clause_start(text, i)..clause_end(text, i)));
    let may_come = words.may_come.is_in(text);
    for word in words.to_come.iter().filter(|_| may_come) {
        unreal.extend(text.match_indices(word.as_str()).map(|(i, _)| clause_start(text, i)..clause_end(text, i)));
    }
    let planned = words.may_be_planned.is_in(text);
    for word in words.planned.iter().filter(|_| planned) {
        unreal.extend(text.match_indices(word.as_str()).map(|(i, _)| clause_start(text, i)..sentence_end(text, i)));
    }
    unreal.extend(forecasts(text));
    unreal.extend(conditions::with_what_would_be(text).chain(conditions::at_a_depth(text)));
    if !warns {
        unreal.extend(conditions::forecast_goes_on(text));
    }
    // "水深超过27厘米一律封闭"
    let over = words.exceeded.find_in(text).map(|(i, _)| clause_start(text, i)..clause_end(text, i));
    unreal.extend(over.filter(|at| words.always.is_in(&text[at.clone()])));
    // "对雨水管实施疏通，届时局部占道": all of it is announced.
    let may_be = words.may_be_announced.is_in(text);
    let announced = words.announced.iter().filter(|_| may_be).flat_map(|word| text.match_indices(word.as_str()));
    let announced = announced.map(|(i, _)| sentence_start(text, i)..sentence_end(text, i));
    unreal.extend(announced);
    // "有网民称…水深一米，经核实并未积水"
    let says = words.says.is_in(text);
    let hearsay = words.hearsay.iter().filter(|_| says);
    for (at, _) in hearsay.flat_map(|word| text.match_indices(word.as_str())) {
        let (end, after) = (clause_end(text, at), sentence_end(text, at));
        if words.denied.is_in(&text[end..after.max(end)]) {
            unreal.push(at..end);
        }
    }
    unreal.extend(of_another_day(text));
    unreal.sort_by_key(|u| u.start);
    unreal.dedup_by(|next, before| {
        let over = next.start <= before.end;
        before.end = if over { before.end.max(next.end) } else { before.end };
        over
    });
    move |at| {
        let i = unreal.partition_point(|u| u.end <= at.start);
        unreal.get(i).is_none_or(|u| at.start < u.start)
    }
}

/// "有积水可能", "1 to 2 feet possible on Shore Drive": clauses of what may come.
fn forecasts(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let words = &Grammar::embedded().sentence;
    let may = words.may.find_in(text).filter_map(|(i, word)| {
        let rest = text[i + word.len()..].trim_start_matches(words.likelihood);
        rest.chars().next().is_none_or(|c| ends_clause(rest, 0, c)).then_some(i)
    });
    let possible = words.possible.find_in(text).filter_map(|(i, _)| {
        let before = text[..i].rsplit(' ').next().unwrap_or_default();
        (!words.not_a_forecast.has(before)).then_some(i)
    });
    may.chain(possible).map(|i| clause_start(text, i)..clause_end(text, i))
}

pub(super) fn clause_start(text: &str, at: usize) -> usize {
    let from = text.floor_char_boundary(at.saturating_sub(LONGEST_CLAUSE_BYTES));
    let before = text[from..at].char_indices().rev().find(|(j, c)| ends_clause(text, from + j, *c));
    before.map_or(from, |(j, c)| from + j + c.len_utf8())
}

pub(super) fn clause_end(text: &str, from: usize) -> usize {
    let most = text.floor_char_boundary(from + LONGEST_CLAUSE_BYTES);
    text[from..most].char_indices().find(|(i, c)| ends_clause(text, from + i, *c)).map_or(most, |(i, _)| from + i)
}

pub(super) fn sentence_start(text: &str, at: usize) -> usize {
    let from = text.floor_char_boundary(at.saturating_sub(LONGEST_CLAUSE_BYTES));
    let before = text[from..at].char_indices().rev().find(|(_, c)| ends_sentence(*c));
    before.map_or(from, |(j, c)| from + j + c.len_utf8())
}

pub(super) fn sentence_end(text: &str, from: usize) -> usize {
    let most = text.floor_char_boundary(from + LONGEST_CLAUSE_BYTES);
    text[from..most].char_indices().find(|(_, c)| ends_sentence(*c)).map_or(most, |(i, _)| from + i)
}

/// "市区9处电线杆倒伏": what a clause says before words at a place is of no spot.
pub(super) fn is_of_a_whole_city(text: &str, at: usize) -> bool {
    let clause = &text[clause_start(text, at)..at];
    let counted = |(i, _): (usize, &str)| clause[..i].ends_with(|c: char| c.is_ascii_digit());
    let words = Grammar::embedded();
    words.sentence.city.is_in(clause) || clause.match_indices(words.common.spot).any(counted)
}

/// "建议绕行" is advice, no view.
fn is_view(text: &str, hit: &Hit, hits: &[Hit]) -> bool {
    // "警方呼吁：" is who speaks.
    let speaks = Grammar::embedded().sentence.speaks.has(&text[hit.at.clone()]) && text[hit.at.end..].starts_with(':');
    if !matches!(hit.fact, Fact::Opinion | Fact::Proposal) || speaks {
        return false;
    }
    let end = clause_end(text, hit.at.end);
    let after = &hits[hits.partition_point(|h| h.at.start < hit.at.end)..];
    !after.iter().take_while(|h| h.at.start < end).any(|h| h.fact == Fact::Advice)
}

/// The first view of a message, a proposal before others.
pub(super) fn opinion(text: &str, hits: &[Hit]) -> Option<Opinion> {
    let views = || hits.iter().filter(|h| is_view(text, h, hits));
    let proposal = views().find(|h| h.fact == Fact::Proposal);
    let view = proposal.or_else(|| views().next())?;
    Some(Opinion { at: view.at.clone(), proposal: proposal.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_may_be_numbered_by_words_and_no_other_number_is_one() {
        let ends = |text: &str| ends(text).len();
        assert_eq!(ends("封闭:一、金龙路;二、海秀路;十一、海府路"), 5);
        assert_eq!(ends("一、金龙路"), 1);
        for none in ["海府路一、二、三号楼", "第一、二车道", "封闭:一、二号桥", "海府路一、龙昆路"]
        {
            assert_eq!(ends(none), 0, "{none}");
        }
    }
}
