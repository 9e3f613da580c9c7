//! Vehicles that alone are let through: "只准公交车和大货车通过", "只能过大车", "仅限SUV慢行".

use std::ops::Range;

use super::grammar::Grammar;
use super::lexicon::{Fact, Hit, Lexicon, Vehicle};

/// Between the words and the vehicles, and between two vehicles.
const MOST_BETWEEN_BYTES: usize = 12;
/// So many vehicles are named in a row.
const MOST_VEHICLES: usize = 6;

/// Where only large vehicles are said to pass.
pub(super) fn large(text: &str, hits: &[Hit], lexicon: &Lexicon) -> Vec<Range<usize>> {
    let vehicles: Vec<&Hit> = hits.iter().filter(|h| matches!(h.fact, Fact::Vehicle(_))).collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    for (i, first) in vehicles.iter().enumerate() {
        if first.fact != Fact::Vehicle(Vehicle::Large) || found.last().is_some_and(|f| f.end > first.at.start) {
            continue;
        }
        let Some((start, says_how)) = lexicon.only_let.begins(&text[..first.at.start]) else { continue };
        let mut end = first.at.end;
        let mut all_large = true;
        for next in vehicles[i + 1..].iter().take(MOST_VEHICLES) {
            // 大货车 is a 货车, too.
            let gap = text.get(end..next.at.start.max(end)).unwrap_or_default();
            if !Grammar::embedded().only.and.has(gap) {
                break;
            }
            all_large &= next.fact == Fact::Vehicle(Vehicle::Large);
            end = end.max(next.at.end);
        }
        let after = lexicon.only_let.ends(&text[end..]);
        if all_large && (says_how || after.is_some()) {
            found.push(start..end + after.unwrap_or(0));
        }
    }
    found
}

/// Words around the vehicles.
#[derive(serde::Deserialize)]
pub(super) struct OnlyLet {
    only: Vec<String>,
    can: Vec<String>,
    verb: Vec<String>,
    /// After small ones, beside large ones that pass.
    refused: Vec<String>,
    /// Anywhere in their clause.
    turned: Vec<String>,
}

impl OnlyLet {
    /// Whether what follows small vehicles says that they do not pass.
    pub fn refuses(&self, after: &str) -> bool {
        self.refused.iter().any(|word| after.starts_with(word.as_str()))
    }

    /// Whether the clause goes on with what they did there: "轿车我看见三台都退回来了".
    pub fn turn_back(&self, after: &str) -> bool {
        let clause = after.find([',', '。', ';', '\n']).map_or(after, |i| &after[..i]);
        self.turned.iter().any(|word| clause.contains(word.as_str()))
    }

    /// Where the words begin that a text ends with, and whether a verb is among them: 只能过.
    fn begins(&self, before: &str) -> Option<(usize, bool)> {
        let longest =
            |words: &[String], text: &str| words.iter().filter(|w| text.ends_with(w.as_str())).map(String::len).max();
        let verb = longest(&self.verb, before);
        let rest = &before[..before.len() - verb.unwrap_or(0)];
        let only = longest(&self.only, rest)?;
        (before.len() - rest.len() <= MOST_BETWEEN_BYTES).then_some((rest.len() - only, verb.is_some()))
    }

    /// Bytes of the verb that a text begins with, after 可 or 能.
    fn ends(&self, after: &str) -> Option<usize> {
        let longest =
            |words: &[String], text: &str| words.iter().filter(|w| text.starts_with(w.as_str())).map(String::len).max();
        let can = longest(&self.can, after).unwrap_or(0);
        longest(&self.verb, &after[can..]).map(|verb| can + verb)
    }
}
