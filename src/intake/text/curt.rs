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
    cell: Cell,
}

/// Words that say it alone in a cell of a table, or in parentheses before a place.
#[derive(Deserialize)]
struct Cell {
    impassable: Vec<String>,
    slow: Vec<String>,
    clear: Vec<String>,
}

impl Cell {
    fn says(&self, word: &str) -> Option<Passability> {
        let lists = [
            (&self.impassable, Passability::Impassable),
            (&self.slow, Passability::Slow),
            (&self.clear, Passability::Clear),
        ];
        lists.into_iter().find(|(words, _)| words.iter().any(|w| w == word)).map(|(_, passability)| passability)
    }
}

/// Between the cells of a line of a table.
const CELLS: [&str; 2] = ["|", " / "];
/// A line with so many of them is of a table.
const FEWEST_BORDERS: usize = 2;

impl Curt {
    /// Those that are a cell of a table, and those in parentheses that a line begins with: "(关)北江四路北门街涵洞".
    pub fn in_cells<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (Range<usize>, Passability)> + 't {
        let mut from = 0;
        text.split_inclusive('\n').flat_map(move |line| {
            let begin = from;
            from += line.len();
            let mut found = Vec::new();
            let mut add = |cell: &'t str, start: usize| {
                let word = cell.trim();
                let at = start + cell.len() - cell.trim_start().len();
                found.extend(self.cell.says(word).map(|passability| (at..at + word.len(), passability)));
            };
            if let Some((inside, _)) = line.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
                add(inside, begin + 1);
            }
            let border = CELLS.into_iter().find(|border| line.matches(border).count() >= FEWEST_BORDERS);
            if let Some(border) = border {
                let mut start = begin;
                for cell in line.split(border) {
                    add(cell, start);
                    start += cell.len() + border.len();
                }
            }
            found
        })
    }

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

/// "限速20公里通行", "限20码": slowly.
pub(super) fn limited(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let short = text.match_indices('限').filter_map(|(start, word)| {
        let rest = text[start + word.len()..].trim_start_matches('时');
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let after = ["码", "迈"].iter().find_map(|word| unit.strip_prefix(word)).filter(|_| unit.len() < rest.len())?;
        Some(start..text.len() - after.len())
    });
    let long = text.match_indices("限速").filter_map(|(start, word)| {
        let rest = text[start + word.len()..].trim_start_matches(['至', '为', '每', '小', '时']);
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五六十".contains(c));
        let after = ["公里", "km/h", "km", "码", "迈"].iter().find_map(|word| unit.strip_prefix(word))?;
        let after = ["/小时", "每小时", "/h", "/时"].iter().find_map(|word| after.strip_prefix(word)).unwrap_or(after);
        let after = after.trim_start_matches(['以', '下', '内', '的', '速', '度', '缓', '慢']);
        let verb = ["通行", "通过", "行驶", "慢行", "缓行"].iter().find(|verb| after.starts_with(*verb));
        let ends = after.starts_with(",请谨慎") || after.starts_with(",谨慎");
        (verb.is_some() || ends).then(|| start..text.len() - after.len() + verb.map_or(0, |verb| verb.len()))
    });
    short.chain(long)
}
