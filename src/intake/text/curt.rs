//! Few words on who can pass: one character in a cell of a table, and a speed that is not to be exceeded.

use std::ops::Range;

use serde::Deserialize;

use super::grammar::Grammar;
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
    let words = &Grammar::embedded().limited;
    let short = text.match_indices(|c| words.short.has(c)).filter_map(|(start, word)| {
        let rest = text[start + word.len()..].trim_start_matches(words.when);
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let after = words.fast.after(unit).filter(|_| unit.len() < rest.len())?;
        Some(start..text.len() - after.len())
    });
    let long = words.long.find_in(text).filter_map(|(start, word)| {
        let rest = text[start + word.len()..].trim_start_matches(&*words.to);
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五六十".contains(c));
        let after = words.unit.after(unit)?;
        let after = words.per_hour.after(after).unwrap_or(after);
        let after = after.trim_start_matches(&*words.manner);
        let rest = words.verb.after(after);
        let ends = rest.is_some() || words.carefully.begins(after);
        ends.then(|| start..text.len() - rest.unwrap_or(after).len())
    });
    short.chain(long)
}
