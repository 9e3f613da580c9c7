//! What belongs to an English name after it: `exit B`, `at 9th`, `200 m north of the Co-op`.

use super::english::Word;
use super::grammar::Grammar;
use super::marks::English;
use super::normal::Normal;
use super::number::starts_with_word;

/// Words of a name that no kind of street ends, after one that does: `at Mill Creek`.
const MOST_WORDS: usize = 4;
/// Words of something that has no name: `near the library`, `by the fish shop`.
const MOST_COMMON_WORDS: usize = 3;

/// The words of the longest of these that stands at word `i`.
pub(super) fn link(words: &[Word], i: usize, links: &[String]) -> Option<usize> {
    let here = |link: &&String| {
        let mut at = i;
        link.split(' ').all(|part| {
            let same = words.get(at).is_some_and(|w| w.follows && w.text == part);
            at += 1;
            same
        })
    };
    links.iter().filter(here).map(|l| l.split(' ').count()).max()
}

/// The end of what is named from word `i`: `the library`, `Jefferson Elementary`, `9th`.
pub(super) fn target(normal: &Normal, words: &[Word], i: usize, english: &English, of_a_spot: bool) -> Option<usize> {
    let fixed = &Grammar::embedded().english;
    let the = words.get(i).is_some_and(|w| w.follows && fixed.articles.has(w.text));
    let first = i + usize::from(the);
    let word = words.get(first).filter(|w| w.follows)?;
    if word.named && !english.stop.contains(word.text) {
        let mut after = first + 1;
        while after < first + MOST_WORDS {
            let more = words.get(after).filter(|w| w.follows && w.named);
            // "the Cock and Bottle pub"
            let two = || {
                let next = |n: usize| words.get(after + n).filter(|w| w.follows);
                next(0).is_some_and(|w| fixed.and.has(w.text))
                    && next(1).is_some_and(|w| w.named)
                    && next(2).is_some_and(|w| english.landmark.contains(w.text))
            };
            match more {
                Some(_) => after += 1,
                None if the && two() => after += 2,
                None => break,
            }
        }
        // "the Shell station"
        let kind = words.get(after).filter(|w| w.follows && english.landmark.contains(w.text));
        // "by 7pm" is a time, and "at 14th" a street.
        let number =
            word.text.starts_with(|c: char| c.is_ascii_digit()) && !is_ordinal(word.text) && after == first + 1;
        return (!number || kind.is_some()).then_some(after + usize::from(kind.is_some()));
    }
    if !the || of_a_spot && words.get(first).is_none_or(|w| w.text.len() <= 2) {
        return None;
    }
    for after in first + 1..=(first + MOST_COMMON_WORDS).min(words.len()) {
        let last = &words[after - 1];
        if !last.follows || english.nowhere.contains(last.text) || english.ends.contains(last.text) {
            return None;
        }
        let next = words.get(after);
        let stops = next
            .is_none_or(|w| !w.follows || english.ends.contains(w.text) || english.nowhere.contains(w.text))
            || normal.text[last.at.end..].trim_start().starts_with(|c: char| !c.is_alphanumeric());
        if stops {
            return Some(after);
        }
    }
    None
}

/// 21st, 10th.
fn is_ordinal(word: &str) -> bool {
    let number = Grammar::embedded().english.ordinal.before(word);
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// After the name and its sides: `north entrance`, `exit B`, `, east entrance`.
pub(super) fn positions(text: &str, mut end: usize, english: &English) -> usize {
    let fixed = &Grammar::embedded().english;
    while let Some((rest, position)) = Some(text[end..].trim_start()).and_then(|rest| {
        let rest =
            rest.strip_prefix(", ").filter(|r| english.entrance.iter().any(|e| starts_with_word(r, e))).unwrap_or(rest);
        let begins = |p: &&String| starts_with_word(rest, p);
        Some((rest, english.position.iter().filter(begins).max_by_key(|p| p.len())?))
    }) {
        // "Hall Road junction with Boon Lay Way"
        let next = rest[position.len()..].trim_start();
        if fixed.junction.has(position) && fixed.with.iter().any(|with| starts_with_word(next, with)) {
            break;
        }
        end = text.len() - rest.len() + position.len();
        // "exit 14", "exit B"
        let digit = text[end..].trim_start().starts_with(|c: char| c.is_ascii_digit());
        if fixed.exit.has(position) || digit && fixed.bus_stop.has(position) {
            let number = text[end..].trim_start();
            let length = number.bytes().take_while(u8::is_ascii_alphanumeric).count();
            let letters = number.bytes().take(length).filter(u8::is_ascii_alphabetic).count();
            end += if length > 0 && letters <= 1 && length <= 5 && number.len() < text.len() - end {
                text.len() - end - number.len() + length
            } else {
                0
            };
        }
    }
    end
}

/// After the word that ends what belongs to a name: `at 9th`, `200 m north of the Co-op`, `between 21st and 25th streets`.
pub(super) fn goes_on(
    normal: &Normal,
    words: &[Word],
    mut i: usize,
    links: &[String],
    english: &English,
    spot: bool,
    street: bool,
) -> Option<usize> {
    let fixed = &Grammar::embedded().english;
    let named = |i: usize| words.get(i).is_some_and(|w| w.follows && w.named && !english.stop.contains(w.text));
    if street && words.get(i).is_some_and(|w| w.follows && fixed.between.has(w.text)) && named(i + 1) {
        let run = |from: usize| (from..from + MOST_WORDS).take_while(|n| named(*n)).count();
        let joint = i + 1 + run(i + 1);
        if words.get(joint).is_some_and(|w| w.follows && fixed.and.has(w.text)) && named(joint + 1) {
            let after = joint + 1 + run(joint + 1);
            let kind = words.get(after).filter(|w| w.follows).and_then(|w| w.text.strip_suffix(fixed.plural));
            return Some(after + usize::from(kind.is_some_and(|k| english.road.contains(k))));
        }
        return None;
    }
    // "& 10th"
    let joined = words.get(i).is_some_and(|w| w.follows && fixed.across.has(w.text));
    let street_follows = street && joined && named(i + 1) && words[i + 1].text.len() > 1;
    if street_follows && (!fixed.and_word.has(words[i].text) || is_ordinal(words[i + 1].text)) {
        return Some(i + 2);
    }
    // "200 m north of"
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = words.get(i).is_some_and(|w| w.follows && digits(w.text));
    let glued = words.get(i).is_some_and(|w| w.follows && w.text.strip_suffix('m').is_some_and(digits));
    if number || glued {
        i += if number { 2 } else { 1 };
        if number && !words.get(i - 1).is_some_and(|w| english.distance.contains(w.text)) {
            return None;
        }
        let length = link(words, i, &english.towards)?;
        return target(normal, words, i + length, english, false);
    }
    let first = i + link(words, i, links)?;
    let after = target(normal, words, first, english, spot)?;
    // "near Exit C of Lam Tei Station"
    let part = words.get(first).is_some_and(|w| fixed.ways_in.has(w.text));
    let of = part && words.get(after).is_some_and(|w| w.follows && fixed.of.has(w.text));
    Some(of.then(|| target(normal, words, after + 1, english, false)).flatten().unwrap_or(after))
}
