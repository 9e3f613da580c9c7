//! Water that has gone, and what only sounds like it: 积水已全部排除, but 积水正在消退.

use std::ops::Range;

use serde::Deserialize;

use super::grammar::Grammar;
use super::sentence;

/// A clause is looked at so far.
const LONGEST_CLAUSE_BYTES: usize = 240;
/// How many: 已消除两处.
const COUNTS: &str = "两一二三四五六七八九十";

/// What has gone, with what may stand beside it where it has not.
#[derive(Deserialize)]
pub(super) struct Drained {
    what: Vec<String>,
    plain: String,
    how: Vec<String>,
    verb: Vec<String>,
    before: Vec<String>,
    after: Vec<String>,
    to_come: Vec<String>,
}

/// What water is pumped from, of a name: 长堤路 of 对长堤路.
pub(super) fn pumped(text: &str, at: Range<usize>) -> Option<&str> {
    let (words, name) = (&Grammar::embedded().learnt, &text[at.clone()]);
    let after = &text[at.end..sentence::clause_end(text, at.end)];
    let said = || words.done_before.find_in(name).map(|(i, word)| &name[i + word.len()..]).next();
    let said = || said().or_else(|| text[..at.start].ends_with(words.on).then_some(name));
    let on = name.strip_prefix(words.on).or_else(said);
    on.filter(|_| words.pumped.is_in(after) && Grammar::embedded().plain.wet.is_in(after))
}

impl Drained {
    /// Every phrase.
    pub fn phrases(&self) -> Vec<String> {
        let what = self.what.iter().flat_map(|what| self.how.iter().map(move |how| format!("{what}{how}")));
        let how = self.how.iter().filter(|how| !how.is_empty());
        what.chain(how.map(|how| format!("{}{how}", self.plain)))
            .flat_map(|first| self.verb.iter().map(move |verb| format!("{first}{verb}")))
            .collect()
    }

    /// After a time, of what is named before it: "积水点于14:50排除".
    pub fn at_a_time(&self, text: &str, time: &Range<usize>) -> Option<Range<usize>> {
        let rest = &text[time.end..];
        let after = rest.trim_start_matches(&*Grammar::embedded().drained.after_a_time);
        let verb = self.verb.iter().filter(|verb| after.starts_with(verb.as_str())).max_by_key(|verb| verb.len())?;
        let end = text.len() - after.len() + verb.len();
        let near = &text[text.floor_char_boundary(time.start.saturating_sub(LONGEST_CLAUSE_BYTES))..time.start];
        let clause = near.rfind([',', ';', '。', '!', '?', '\n']).map_or(near, |i| &near[i..]);
        // "积水经两个小时强排,已于20时15分退净"
        let alone = Grammar::embedded().drained.at.has(clause.trim_start_matches(','));
        let clause = if alone { near.rfind([';', '。', '!', '?', '\n']).map_or(near, |i| &near[i..]) } else { clause };
        let named = self.what.iter().any(|what| clause.contains(what.as_str()));
        let partly = self.is_partly(&text[..time.start], &text[end..]);
        (named && !partly).then_some(time.end..end)
    }

    /// "已消除2处：A、B": the heading of a list.
    pub fn heads<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let words = Grammar::embedded();
        words.drained.heads.find_in(text).filter_map(move |(at, word)| {
            let before = text[..at].trim_end_matches(|c: char| c.is_ascii_digit() || COUNTS.contains(c));
            let verb = self.verb.iter().filter(|verb| before.ends_with(verb.as_str())).max_by_key(|verb| verb.len())?;
            let start = before.len() - verb.len();
            (before.len() < at && text[..start].ends_with(words.common.already)).then(|| start..at + word.len())
        })
    }

    /// "此前积水30厘米,经抽排,现已消除": a clause that is nothing but this.
    pub fn by_now<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let (words, already) = (&Grammar::embedded().drained, Grammar::embedded().common.already);
        text.match_indices(already).filter_map(move |(at, _)| {
            let start = sentence::clause_start(text, at);
            let clause = &text[start..sentence::clause_end(text, at)];
            let rest =
                self.how.iter().filter(|how| !how.is_empty()).filter_map(|how| clause.strip_prefix(how.as_str()));
            let rest = rest.chain(
                words.gone_by_now.iter().filter_map(|now| clause.strip_prefix(now.as_str())?.strip_prefix(already)),
            );
            let alone = rest.into_iter().any(|rest| self.verb.iter().any(|verb| rest == verb));
            let before = &text[sentence::sentence_start(text, start)..start];
            let was = || words.was.is_in(before) && self.what.iter().any(|what| before.contains(what.as_str()));
            (alone && was()).then(|| start..start + clause.len())
        })
    }

    /// "The flash flood at Jalan Nipah is gone": it is the water that has.
    pub fn is_gone(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
        let words = &Grammar::embedded().drained;
        let wet = words.wet.is_in(text);
        let found = words.gone.iter().filter(move |_| wet);
        let found = found.flat_map(move |word| text.match_indices(word.as_str()));
        found.filter_map(move |(at, word)| {
            let near = &text[text.floor_char_boundary(at.saturating_sub(LONGEST_CLAUSE_BYTES))..at];
            let clause = near.rsplit([',', ';', ':', '。', '!', '?', '\n']).next().unwrap_or_default();
            let clause = clause.rsplit(". ").next().unwrap_or_default();
            let rest = text[at + word.len()..].trim_start();
            let to_come = words.when.is_in(clause);
            (words.of_water.is_in(clause) && !words.goes_on.begins(rest) && !to_come).then(|| at + 1..at + word.len())
        })
    }

    /// "Flooding at Chai Wan Road has been cleared": not what lies on the road.
    pub fn is_cleared(&self, text: &str, at: &Range<usize>) -> bool {
        let near = &text[text.floor_char_boundary(at.start.saturating_sub(LONGEST_CLAUSE_BYTES))..at.start];
        let sentence = near.rfind([';', '。', '!', '?', '\n']).map_or(near, |i| &near[i..]);
        let sentence = sentence.rfind(". ").map_or(sentence, |i| &sentence[i..]);
        let words = &Grammar::embedded().drained;
        words.cleared.ends(&text[at.clone()]) && words.of_water.is_in(sentence)
    }

    /// "正在消退", "消退至20厘米", "已消退11处": not all of it.
    pub fn is_partly(&self, before: &str, after: &str) -> bool {
        let ends = |c: char| matches!(c, ',' | ';' | '。' | '!' | '?' | '\n');
        let clause = &before[before.floor_char_boundary(before.len().saturating_sub(LONGEST_CLAUSE_BYTES))..];
        let clause = clause.rfind(ends).map_or(clause, |i| &clause[i..]);
        if self.to_come.iter().any(|word| clause.contains(word.as_str())) {
            return true;
        }
        let count = after.trim_start_matches(|c: char| c.is_ascii_digit());
        self.before.iter().any(|word| before.ends_with(word.as_str()))
            || self.after.iter().any(|word| after.starts_with(word.as_str()))
            || count.len() < after.len() && count.starts_with(Grammar::embedded().common.spot)
    }
}
