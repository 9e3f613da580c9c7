//! Water that has gone, and what only sounds like it: 积水已全部排除, but 积水正在消退.

use serde::Deserialize;

/// A clause is looked at so far.
const LONGEST_CLAUSE_BYTES: usize = 240;

/// What has gone, with what may stand beside it where it has not.
#[derive(Deserialize)]
pub(super) struct Drained {
    what: Vec<String>,
    how: Vec<String>,
    verb: Vec<String>,
    before: Vec<String>,
    after: Vec<String>,
    to_come: Vec<String>,
}

impl Drained {
    /// Every phrase.
    pub fn phrases(&self) -> Vec<String> {
        let what = self.what.iter().flat_map(|what| self.how.iter().map(move |how| format!("{what}{how}")));
        what.flat_map(|first| self.verb.iter().map(move |verb| format!("{first}{verb}"))).collect()
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
            || count.len() < after.len() && count.starts_with('处')
    }
}
