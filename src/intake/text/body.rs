//! Depth by what the water reaches: 没过膝盖, knee-deep, half a wheel.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::finder::{is_whole, overlapping};
use super::grammar::Grammar;
use super::lexicon::{Fact, Hit, Lexicon};
use super::measure::{LONGEST_CLAUSE_BYTES, Measure, Quantity, clause_start, is_a_limit, ought};
use super::number;

/// Where the words begin that say what the water reaches: the last of them, with those right before it, as in 没过.
fn reach_start(near: &str, words: &[String]) -> Option<usize> {
    let whole = |w: &&String| near.rfind(w.as_str()).filter(|i| is_whole(near, &(*i..*i + w.len())));
    // 万达背街积水半个轮胎: nothing reaches the wheel there.
    let leads = |i: &usize| !Grammar::embedded().body.leads_nowhere.is_in(&near[*i..]);
    let mut start = words.iter().filter_map(|w| whole(&w)).filter(leads).max()?;
    while let Some(before) = words.iter().find(|w| near[..start].ends_with(w.as_str())) {
        start -= before.len();
    }
    Some(start)
}

/// Every depth by a body or a car.
pub(super) fn by_body(text: &str, hits: &[Hit], lexicon: &Lexicon) -> Vec<Measure> {
    let (reach, words) = (&lexicon.reach, &Grammar::embedded().body);
    let bodies = hits.iter().filter_map(|h| match h.fact {
        Fact::Body(i) => Some((h, &lexicon.bodies[usize::from(i)])),
        _ => None,
    });
    let measure = bodies.filter_map(|(hit, body)| {
        let word = &text[hit.at.clone()];
        let near = text.floor_char_boundary(hit.at.start.saturating_sub(LONGEST_CLAUSE_BYTES));
        let clause = clause_start(text, near, hit.at.start);
        let before = &text[clause..hit.at.start];
        let skip = before.chars().count().saturating_sub(if before.is_ascii() { 18 } else { 7 });
        let offset = before.char_indices().nth(skip).map_or(0, |(i, _)| i);
        let near = &before[offset..];
        let trigger = reach_start(near, &reach.before).filter(|_| !(words.deep.is_in(word) && near.is_ascii()));
        let rest = text[hit.at.end..].trim_start();
        let after = reach.after.iter().find(|w| rest.starts_with(w.as_str()));
        let by_itself = || words.by_itself.is_in(word);
        // "退至路沿石以下"
        let below = words.below.begins(rest) || lexicon.numbers.below.iter().any(|w| near.contains(w.as_str()));
        // "水深超过排气管就不要启动"
        let ruled = lexicon.numbers.over.iter().any(|w| before.ends_with(w.as_str())) && ought(rest);
        if trigger.is_none() && after.is_none() && !by_itself() || below || ruled || is_a_limit(text, hit.at.end) {
            return None;
        }
        let start = trigger.map_or(hit.at.start, |i| clause + offset + i);
        let end = match after {
            Some(w) => text.len() - rest.len() + w.len(),
            None => hit.at.end,
        };
        let [cm, low, high] = body.cm;
        Some(Measure {
            at: start..end,
            quantity: Quantity::Depth,
            cm,
            low: Some(low),
            high: Some(high),
            confidence: 0.8,
            by_body: true,
            is_now: number::has_come_to(&text[..hit.at.start], &lexicon.numbers),
            was: is_of_before(text, hit.at.start),
        })
    });
    measure.collect()
}

/// Words of an earlier hour and, after so many of them, those of now.
static HOURS: LazyLock<(AhoCorasick, usize)> = LazyLock::new(|| {
    let lexicon = Lexicon::embedded();
    let words = lexicon.numbers.before.iter().chain(&lexicon.times.now);
    (overlapping(words), lexicon.numbers.before.len())
});

/// Whether its clause speaks of an earlier hour, and of no other.
pub(super) fn is_of_before(text: &str, at: usize) -> bool {
    let near = text.floor_char_boundary(at.saturating_sub(LONGEST_CLAUSE_BYTES));
    let clause = &text[clause_start(text, near, at)..at];
    let (finder, of_before) = &*HOURS;
    let (mut before, mut now) = (None, None);
    for found in finder.find_overlapping_iter(clause) {
        let last = if found.pattern().as_usize() < *of_before { &mut before } else { &mut now };
        *last = (*last).max(Some(found.start()));
    }
    before > now
}

/// "水深超过20厘米，轿车即有熄火风险": after the measure, what would come of it.
pub(super) fn then_what(text: &str, end: usize) -> bool {
    let Some(rest) = text[end..].strip_prefix(',') else { return false };
    let rest = &rest[..rest.floor_char_boundary(LONGEST_CLAUSE_BYTES)];
    let clause = rest.split([',', '。', ';', '\n']).next().unwrap_or_default();
    Grammar::embedded().body.then.is_in(clause)
}

/// "avoid driving through water more than 15 cm deep", "涉水深度不能超过15厘米"
pub(super) fn is_advised(text: &str, start: usize) -> bool {
    let near = &text[text.floor_char_boundary(start.saturating_sub(LONGEST_CLAUSE_BYTES))..start];
    let sentence = near.rsplit(['。', ';', '\n']).next().unwrap_or_default();
    let sentence = sentence.rsplit(". ").next().unwrap_or_default();
    let words = &Grammar::embedded().body;
    words.advised.is_in(sentence) || words.not_over.ends(near)
}

/// "内河水位降至0.3米"
pub(super) fn is_of_a_river(text: &str, start: usize) -> bool {
    let near = text.floor_char_boundary(start.saturating_sub(LONGEST_CLAUSE_BYTES));
    let clause = &text[clause_start(text, near, start)..start];
    Grammar::embedded().body.river.is_in(clause)
}
