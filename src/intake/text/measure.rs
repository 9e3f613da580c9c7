//! Depth, length and width, from measures and from what the water reaches.

use std::ops::Range;

use super::body;
use super::finder::starts_with_any;
use super::grammar::Grammar;
use super::lexicon::{Fact, Hit, Lexicon, Numbers};
use super::number;
use super::plain::{PLAIN_DEPTH_CM, plain};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Depth,
    Length,
    Width,
}

/// A measure in centimetres with the words it stands in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measure {
    pub at: Range<usize>,
    pub quantity: Quantity,
    pub cm: f64,
    /// Empty where the words leave that side open.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub confidence: f64,
    /// By what the water reaches: there is water.
    pub by_body: bool,
    /// What it has fallen or risen to.
    pub is_now: bool,
    /// What it was before: 早上60公分, "was 0.9 m at 6 am".
    pub was: bool,
}

/// No street is deeper under water in one piece; what is more is a length.
const DEEPEST_CM: f64 = 500.0;
/// What stands before a measure in its clause is looked at so far.
pub(super) const LONGEST_CLAUSE_BYTES: usize = 240;

/// The head of a table that says the unit is looked for so far.
const LONGEST_TABLE_BYTES: usize = 1_000;
/// A depth without a unit.
const UNSAID_CM: std::ops::RangeInclusive<f64> = 5.0..=200.0;

/// After a measure: what it is the standard for.
const LONGEST_STANDARD_BYTES: usize = 27;

/// A number with its unit.
pub(super) struct Sized {
    pub at: Range<usize>,
    pub cm: f64,
    low: Option<f64>,
    high: Option<f64>,
    /// In metres and more: too coarse for a depth without a word for it.
    pub coarse: bool,
}

/// Every measure of a text; clauses end at the given bytes.
pub(super) fn measures(text: &str, hits: &[Hit], lexicon: &Lexicon) -> Vec<Measure> {
    let mut found = by_number(text, hits, lexicon);
    found.extend(body::by_body(text, hits, lexicon));
    found.sort_by_key(|m| m.at.start);
    found
}

fn by_number(text: &str, hits: &[Hit], lexicon: &Lexicon) -> Vec<Measure> {
    let mut found: Vec<Measure> = Vec::new();
    let says = |h: &Hit| matches!(h.fact, Fact::Passability(_) | Fact::Dry);
    let wet = lexicon.quantity.wet.iter().any(|w| text.contains(w.as_str())) || hits.iter().any(says);
    // Up to here words belong to earlier measures.
    let mut used = 0;
    let mut at = 0;
    while let Some(start) = next_number(text, at) {
        let Some(sized) = sized(text, start, lexicon) else {
            at = start + text[start..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        at = sized.at.end;
        // "达到27厘米时道闸落下": what would be.
        let numbers = &lexicon.numbers;
        let over = || numbers.over.iter().chain(&numbers.below).any(|w| text[..start].trim_end().ends_with(w.as_str()));
        if is_a_limit(text, at)
            || over() && (body::then_what(text, at) || body::is_advised(text, start))
            || ought(&text[at..]) && over()
        {
            used = at;
            continue;
        }
        let product = product(text, &sized, lexicon);
        if product.len() > 1 {
            at = product.last().map_or(at, |s| s.at.end);
            let names = [Quantity::Length, Quantity::Width, Quantity::Depth];
            found.extend(product.iter().zip(names).map(|(s, quantity)| measure(s, s.at.clone(), quantity, 0.8)));
            used = at;
            continue;
        }
        if let Some((quantity, span, confidence)) = quantity_of(text, used, &sized, wet, lexicon) {
            used = span.end;
            at = at.max(span.end);
            if quantity != Quantity::Depth || sized.cm <= DEEPEST_CM {
                let is_now = number::has_come_to(&text[..sized.at.start], &lexicon.numbers);
                let was = !is_now && body::is_of_before(text, sized.at.start);
                found.push(Measure { is_now, was, ..measure(&sized, span, quantity, confidence) });
            }
        } else {
            used = sized.at.end;
        }
    }
    found
}

/// Whether a text begins with what ought to be done: 一律, 的派人值守.
pub(super) fn ought(after: &str) -> bool {
    let words = &Grammar::embedded().measure;
    words.ought.begins(after) || words.ruled.begins(after)
}

fn measure(sized: &Sized, at: Range<usize>, quantity: Quantity, confidence: f64) -> Measure {
    let Sized { cm, low, high, .. } = *sized;
    Measure { at, quantity, cm, low, high, confidence, by_body: false, is_now: false, was: false }
}

/// "达到27厘米时", "超过半个轮胎切勿涉水": what would be.
pub(super) fn is_a_limit(text: &str, end: usize) -> bool {
    let words = &Grammar::embedded().measure;
    let rest = &text[end..];
    // "未到27厘米关闭标准"
    let near = &rest[..rest.floor_char_boundary(LONGEST_STANDARD_BYTES)];
    let clause = near.split([',', '。', ';', '、', '(', '\n']).next().unwrap_or_default();
    words.standard.is_in(clause)
        || rest.strip_prefix(words.when).is_some_and(|rest| !rest.starts_with(&*words.about_when))
        || words.unfit.begins(rest)
        || words.of_a_pump.begins(rest)
}

/// The next character that can begin a number, not within a Latin word or a longer number.
fn next_number(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    text[from..].char_indices().map(|(i, c)| (from + i, c)).find_map(|(i, c)| {
        let begins = c.is_ascii_digit()
            || "一二两三四五六七八九十百半".contains(c)
            || c.is_ascii_alphabetic() && "aotfsentwhi".contains(c);
        let inside = i > 0 && (bytes[i - 1].is_ascii_alphanumeric() || bytes[i - 1] == b'.') && c.is_ascii();
        (begins && !inside).then_some(i)
    })
}

/// The number and unit that begin here.
fn sized(text: &str, start: usize, lexicon: &Lexicon) -> Option<Sized> {
    let numbers = &lexicon.numbers;
    let mut numeral = number::numeral(text, start, numbers)?;
    let (mut more, mut end) = skip_more(text, numeral.end, numbers);
    let (_, mut cm, unit_end) = unit(text, end, lexicon).or_else(|| unsaid(text, start..end, numeral.low))?;
    end = unit_end;
    // 一米二, 1米2, 一米半: tenths of the unit.
    if let Some((tenth, after)) = tenth(text, end, cm, lexicon) {
        (numeral.low, numeral.high, end) = (numeral.low + tenth, numeral.high + tenth, after);
    } else {
        let (also, after) = skip_more(text, end, numbers);
        // "几" after a unit begins another phrase.
        if also == More::Some {
            (more, end) = (also, after);
        }
    }
    // 20厘米至30厘米.
    if numeral.low == numeral.high
        && let Some(joiner) = numbers.to.iter().find(|j| text[end..].starts_with(j.as_str()))
        && let Some(second) = number::single(text, end + joiner.len(), numbers)
        && let Some((_, second_cm, after)) = self::unit(text, second.end, lexicon)
        && second.low * second_cm > numeral.low * cm
    {
        let low = numeral.low * cm;
        (numeral.low, numeral.high, cm, end) = (low, second.low * second_cm, 1.0, after);
    }
    let before = text[..start].trim_end();
    // 不超过 is no 超过: the longer counts.
    let said = |words: &[String]| words.iter().filter(|w| before.ends_with(w.as_str())).map(String::len).max();
    let (mut low, mut high) = (Some(numeral.low * cm), Some(numeral.high * cm));
    let mut value = numeral.middle() * cm;
    if let Some(above) = starts_with_any(text[end..].trim_start(), &numbers.above) {
        end = text.len() - text[end..].trim_start().len() + above.len();
        high = None;
    } else if let Some(under) = starts_with_any(text[end..].trim_start(), &numbers.under) {
        end = text.len() - text[end..].trim_start().len() + under.len();
        low = None;
    } else if said(&numbers.over) > said(&numbers.below).max(said(&numbers.up_to)) {
        high = None;
    } else if said(&numbers.below).or(said(&numbers.up_to)).is_some() {
        low = None;
    } else if let (More::Some, true) = (more, low == high) {
        // 二十多: to the next ten; 一米多: who knows.
        let step = if numeral.low >= 10.0 { 10_f64.powf(numeral.low.log10().floor()) * cm } else { 0.0 };
        high = (step > 0.0).then_some(value + step);
        value = high.map_or(value, |high| f64::midpoint(value, high));
    } else if more == More::Units {
        (low, high) = (Some((numeral.low + 1.0) * cm), Some((numeral.low + 9.0) * cm));
        value = (numeral.low + 5.0) * cm;
    }
    let round = |v: f64| (v * 10.0).round() / 10.0;
    Some(Sized { at: start..end, cm: round(value), low: low.map(round), high: high.map(round), coarse: cm >= 30.0 })
}

/// More than a number says.
#[derive(Clone, Copy, PartialEq)]
enum More {
    None,
    /// 二十多
    Some,
    /// 十几: eleven to nineteen.
    Units,
}

fn skip_more(text: &str, end: usize, numbers: &Numbers) -> (More, usize) {
    let some = Grammar::embedded().measure.some;
    if text[end..].starts_with(some) {
        return (More::Units, end + some.len_utf8());
    }
    let more = [(More::Some, &numbers.more), (More::None, &numbers.about)];
    let found = more.into_iter().find_map(|(more, words)| Some((more, starts_with_any(&text[end..], words)?)));
    found.map_or((More::None, end), |(more, word)| (more, end + word.len()))
}

/// The unit here, after spaces: its word, its centimetres, and where it ends.
fn unit<'l>(text: &str, at: usize, lexicon: &'l Lexicon) -> Option<(&'l str, f64, usize)> {
    let rest = &text[at..];
    let trimmed = rest.trim_start_matches(['-', ' ']);
    let start = at + rest.len() - trimmed.len();
    let (word, cm) = lexicon.units.iter().find(|(word, _)| {
        if word.is_ascii() && word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            number::starts_with_word(trimmed, word)
        } else {
            trimmed.starts_with(word.as_str())
        }
    })?;
    let end = start + word.len();
    if word == "in" {
        let after = text[end..].trim_start();
        let inch = after.is_empty() || lexicon.numbers.inch_before.iter().any(|w| after.starts_with(w.as_str()));
        if !inch {
            return None;
        }
    }
    // 平方米 stands after its number, 米² is no length.
    if text[end..].starts_with(['²', '³', '2']) && word == "m" {
        return None;
    }
    Some((word, *cm, end))
}

/// "水深约30 走内道能过": centimetres, where nothing else can be meant.
fn unsaid(text: &str, at: Range<usize>, number: f64) -> Option<(&'static str, f64, usize)> {
    let words = &Grammar::embedded().measure;
    let before = text[..at.start].trim_end_matches(&*words.unsaid_filler);
    let ends = text[at.end..].is_empty() || text[at.end..].starts_with([' ', ',', '。', ';', '\n']);
    let depth = words.unsaid_depth.ends(before);
    // A table: 点位 水深(厘米) 通行情况.
    let cell = || text[..at.start].ends_with([' ', '|', ',', '\n']) && (ends || text[at.end..].starts_with('|'));
    let column = || {
        let near = &text[text.floor_char_boundary(at.start.saturating_sub(LONGEST_TABLE_BYTES))..at.start];
        words.unsaid_unit.is_in(near)
    };
    ((depth && ends || cell() && column()) && UNSAID_CM.contains(&number) && number.fract() == 0.0)
        .then_some(("", 1.0, at.end))
}

/// Tenths of a metre or a foot after its unit: 一米二.
fn tenth(text: &str, end: usize, cm: f64, lexicon: &Lexicon) -> Option<(f64, usize)> {
    if cm < 30.0 || !text[..end].ends_with(['米', '尺']) {
        return None;
    }
    let n = number::single(text, end, &lexicon.numbers)?;
    let plain = !text[end..].starts_with(|c: char| c.is_ascii_alphabetic());
    let another = unit(text, n.end, lexicon).is_some();
    (plain && !another && n.low == n.high && n.low < 10.0 && (n.low.fract() == 0.0 || n.low == 0.5))
        .then(|| (if n.low == 0.5 { 0.5 } else { n.low / 10.0 }, n.end))
}

/// Measures with × between them.
fn product(text: &str, first: &Sized, lexicon: &Lexicon) -> Vec<Sized> {
    let mut found = Vec::new();
    let mut end = first.at.end;
    while let Some(rest) = text[end..].trim_start().strip_prefix('×') {
        let start = text.len() - rest.trim_start().len();
        let Some(next) = sized(text, start, lexicon) else { break };
        end = next.at.end;
        found.push(next);
    }
    if found.is_empty() {
        return found;
    }
    found.insert(0, Sized { at: first.at.clone(), ..*first });
    found
}

/// What a measure measures, with the words that say so.
fn quantity_of(
    text: &str,
    used: usize,
    sized: &Sized,
    wet: bool,
    lexicon: &Lexicon,
) -> Option<(Quantity, Range<usize>, f64)> {
    let q = &lexicon.quantity;
    // "由60厘米降至20厘米"
    if number::has_come_to(&text[..sized.at.start], &lexicon.numbers)
        && sized.cm <= PLAIN_DEPTH_CM
        && !number::is_rain(&text[sized.at.clone()])
        && !body::is_of_a_river(text, sized.at.start)
    {
        return Some((Quantity::Depth, sized.at.clone(), 0.9));
    }
    let near = text.floor_char_boundary(sized.at.start.saturating_sub(LONGEST_CLAUSE_BYTES));
    let clause = clause_start(text, used.max(near), sized.at.start);
    let before = &text[clause..sized.at.start];
    if number::is_a_distance(before) {
        return None;
    }
    let lists = [
        (Some(Quantity::Depth), &q.depth),
        (Some(Quantity::Length), &q.length),
        (Some(Quantity::Width), &q.width),
        (None, &q.other),
    ];
    // The word just before, with nothing but fillers between.
    let bare = strip_fillers(before, &lexicon.numbers.filler);
    let just_before = lists.iter().flat_map(|(quantity, words)| words.iter().map(move |w| (*quantity, w)));
    let just_before = just_before.filter(|(_, w)| bare.ends_with(w.as_str())).max_by_key(|(_, w)| w.len());
    // A word just after, unless it already belongs to the next number.
    let after = skip_after(text, sized.at.end, &lexicon.numbers.after);
    let just_after = lists.iter().flat_map(|(quantity, words)| words.iter().map(move |w| (*quantity, w)));
    let apart = text[sized.at.end..after].contains(' ');
    let just_after = just_after
        .filter(|(_, w)| text[after..].starts_with(w.as_str()) && (w.is_ascii() || !apart))
        .filter(|(_, w)| !is_of_the_next(text, after + w.len(), w, lexicon))
        // "5-10 cm across one lane": so little is no distance.
        .filter(|(_, w)| sized.coarse || !q.far.contains(w))
        .max_by_key(|(_, w)| w.len());
    match (just_before, just_after) {
        (Some((Some(quantity), word)), after_word) => {
            // "积水50米": a length or a distance, nobody knows; "积水50米长" says it.
            let water = Grammar::embedded().measure.water.has(word);
            if water || quantity == Quantity::Depth && sized.coarse && sized.cm > DEEPEST_CM {
                if let Some((after_quantity, w)) = after_word {
                    let end = after + w.len();
                    return after_quantity.map(|quantity| (quantity, sized.at.start..end, 0.95));
                }
                if sized.cm > PLAIN_DEPTH_CM {
                    return None;
                }
            }
            let start = clause + bare.len() - word.len();
            Some((quantity, start..sized.at.end, 0.95))
        }
        (_, Some((quantity, word))) => quantity.map(|q| (q, sized.at.start..after + word.len(), 0.95)),
        (Some((None, _)), None) => None,
        (None, None) => plain(text, before, sized, wet, lexicon),
    }
}

/// "150米水深1.2米": what is measured by the number after it.
fn is_of_the_next(text: &str, at: usize, word: &str, lexicon: &Lexicon) -> bool {
    let start = skip_after(text, at, &lexicon.numbers.filler);
    word.chars().count() > 1
        && !word.is_ascii()
        && next_number(text, start) == Some(start)
        && sized(text, start, lexicon).is_some()
}

pub(super) fn clause_start(text: &str, used: usize, at: usize) -> usize {
    let ends = |c: char| "。;!?,、\n".contains(c) || matches!(c, ',' | '，' | '；' | '！' | '？');
    text[used..at].rfind(ends).map_or(used, |i| {
        let i = used + i;
        i + text[i..].chars().next().map_or(1, char::len_utf8)
    })
}

pub(super) fn strip_fillers<'t>(mut text: &'t str, fillers: &[String]) -> &'t str {
    // "水深" must not lose its 深: a filler that is also what is measured stays.
    let words = &Grammar::embedded().measure;
    loop {
        let longest = fillers.iter().filter(|f| !words.no_filler.has(f)).filter(|f| text.ends_with(f.as_str()));
        match longest.map(String::len).max() {
            Some(length) => text = &text[..text.len() - length],
            None => return text,
        }
    }
}

fn skip_after(text: &str, mut at: usize, words: &[String]) -> usize {
    while let Some(word) = words.iter().find(|w| text[at..].starts_with(w.as_str())) {
        at += word.len();
    }
    at
}
