//! Measures that nothing is said of: a depth, where water is spoken of.

use std::ops::Range;

use super::grammar::Grammar;
use super::lexicon::Lexicon;
use super::measure::{Quantity, Sized, strip_fillers};
use super::number;

/// Characters between what is measured and a number that has no other words near it.
const NEAR_CHARS: usize = 10;
/// Without a word for what it is, a measure of at most so much can be a depth.
pub(super) const PLAIN_DEPTH_CM: f64 = 200.0;
/// Before a measure in a list: the place alone.
const FEWEST_NAME_CHARS: usize = 4;
/// Of what was named before.
const FEWEST_NAMED_CHARS: usize = 2;
const LONGEST_LIST_BYTES: usize = 600;
/// Water is spoken of so far before a measure that stands alone in its clause.
const LONGEST_WORD_BYTES: usize = 30;

/// A measure in centimetres or inches where nothing says what it is: a depth when water is spoken of.
pub(super) fn plain(
    text: &str,
    before: &str,
    sized: &Sized,
    wet: bool,
    lexicon: &Lexicon,
) -> Option<(Quantity, Range<usize>, f64)> {
    let near: String = before.chars().rev().take(NEAR_CHARS).collect::<Vec<_>>().into_iter().rev().collect();
    let (q, words) = (&lexicon.quantity, &Grammar::embedded().plain);
    let is_other = |w: &&String| w.chars().count() > 1 && (sized.coarse || !q.far.contains(w));
    let other = q.other.iter().filter(is_other).any(|w| near.contains(w.as_str()));
    // A cell of a table: 隧道 | 1.1米 | 封闭.
    let cell = before.trim_end().ends_with('|') || before.ends_with(" / ");
    // "老地方又淹了，一米多": all that a clause says.
    let alone = || {
        let earlier = &text[..sized.at.start - before.len()];
        let earlier = &earlier[earlier.floor_char_boundary(earlier.len().saturating_sub(LONGEST_WORD_BYTES))..];
        let ends = text[sized.at.end..].trim_start_matches(&*words.after);
        strip_fillers(before, &lexicon.numbers.filler).is_empty()
            && (ends.is_empty() || ends.starts_with([',', '。', ';', '!', '\n']) || ends.starts_with(". "))
            && words.wet.is_in(earlier)
            && !words.dry.is_in(earlier)
    };
    // "八灶街和盐灶二横路都淹了，八灶街大概半米": all that is said of what was named before.
    let again = || {
        let name = strip_fillers(before, &lexicon.numbers.filler).trim();
        let earlier = &text[..sized.at.start - before.len()];
        let earlier = &earlier[earlier.floor_char_boundary(earlier.len().saturating_sub(LONGEST_LIST_BYTES))..];
        let ends = text[sized.at.end..].trim_start_matches(&*words.after);
        (ends.is_empty() || ends.starts_with([',', '。', ';', '!', '\n']))
            && name.chars().count() >= FEWEST_NAMED_CHARS
            && name.chars().all(|c| c.is_alphabetic() && !words.no_name.has(c))
            && earlier.contains(name)
            && words.wet.is_in(earlier)
            && !words.dry.is_in(earlier)
    };
    // "【关】北江四路北门街涵洞(约1米)"
    let aside = || {
        strip_fillers(before, &lexicon.numbers.filler).ends_with('(')
            && text[sized.at.end..].starts_with(')')
            && !words.other.is_in(&near)
    };
    // "全区共有积水点3个：郑和路爱心路口0.2米；"
    let listed = || {
        let ends = &text[sized.at.end..];
        let clause = before.trim_end();
        let name = clause.rsplit(':').next().unwrap_or_default();
        let earlier = &text[..sized.at.start - before.len() + clause.len() - name.len()];
        let earlier = &earlier[earlier.floor_char_boundary(earlier.len().saturating_sub(LONGEST_LIST_BYTES))..];
        (ends.is_empty() || ends.starts_with([';', '。', '\n']))
            && name.chars().count() >= FEWEST_NAME_CHARS
            && name.chars().all(|c| c.is_alphabetic() && !words.no_name.has(c))
            && words.heading.is_in(earlier)
    };
    // A line of a list: "中吴大道丽华桥洞 0.45米 封道", "Duraisamy Subway - 3 ft, closed"
    let row = || {
        let (ends, name) = (&text[sized.at.end..], before.trim_end());
        let named = || {
            !name.is_ascii()
                && name.chars().count() >= FEWEST_NAME_CHARS
                && name.chars().all(|c| c.is_alphabetic() && !words.no_name.has(c))
        };
        let stands = |ends_with: &[char]| ends.is_empty() || ends.starts_with(ends_with);
        before.ends_with(" - ") && stands(&[',', ';', '.', '\n'])
            || before.ends_with(' ') && stands(&[' ', ';', '\n']) && named()
    };
    // "半米多水"
    let of_water = || {
        let after = text[sized.at.end..].trim_start_matches(&*words.of_it);
        words.of_water.begins(after) || words.of_water_english.begins(after.trim_start())
    };
    let wet_near = || {
        cell || aside()
            || alone()
            || again()
            || of_water()
            || listed()
            || row()
            || words.gauge.is_in(before)
            || near.contains(words.water)
            || q.wet.iter().any(|w| w.is_ascii() && before.contains(w.as_str()))
    };
    if number::is_rain(&text[sized.at.clone()])
        || sized.coarse && !wet_near()
        || other
        || sized.cm > PLAIN_DEPTH_CM
        || sized.cm < 1.0 && sized.cm > 0.0
    {
        return None;
    }
    wet.then(|| (Quantity::Depth, sized.at.clone(), 0.75))
}
