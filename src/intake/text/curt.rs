//! Few words on who can pass: one character in a cell of a table, and a speed that is not to be exceeded.

use std::ops::Range;

use serde::Deserialize;

use crate::hazard::event::Passability;

/// Characters that say it alone: "30公分 断".
#[derive(Deserialize)]
pub(super) struct Curt {
    impassable: String,
    slow: String,
    clear: String,
}

impl Curt {
    /// Those that stand alone between points or spaces, after a measure, a comma or a colon.
    pub fn alone<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (Range<usize>, Passability)> + 't {
        let mut before = [' '; 2];
        text.char_indices().filter_map(move |(at, c)| {
            let [further, last] = before;
            before = [last, c];
            let passability = match c {
                _ if !matches!(last, ' ' | ',' | '|' | ':') || !further.is_alphanumeric() || c.is_ascii() => {
                    return None;
                }
                _ if self.impassable.contains(c) => Passability::Impassable,
                _ if self.slow.contains(c) => Passability::Slow,
                _ if self.clear.contains(c) => Passability::Clear,
                _ => return None,
            };
            let end = at + c.len_utf8();
            let rest = &text[end..];
            let ends = rest.is_empty() || rest.starts_with(['。', ';', '\n', '|', ',', ')']);
            ends.then_some((at..end, passability))
        })
    }
}

/// "限速20公里通行": slowly.
pub(super) fn limited(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.match_indices("限速").filter_map(|(start, word)| {
        let rest = text[start + word.len()..].trim_start_matches(['至', '为', '每', '小', '时']);
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五六十".contains(c));
        let after = ["公里", "km/h", "km", "码", "迈"].iter().find_map(|word| unit.strip_prefix(word))?;
        let after = ["/小时", "每小时", "/h", "/时"].iter().find_map(|word| after.strip_prefix(word)).unwrap_or(after);
        let after = after.trim_start_matches(['以', '下', '内', '的', '速', '度', '缓', '慢']);
        let verb = ["通行", "通过", "行驶", "慢行", "缓行"].iter().find(|verb| after.starts_with(*verb));
        let ends = after.starts_with(",请谨慎") || after.starts_with(",谨慎");
        (verb.is_some() || ends).then(|| start..text.len() - after.len() + verb.map_or(0, |verb| verb.len()))
    })
}
