//! Numbers as people write them: `40`, `0.4`, `20-30`, `三四十`, `一百二`, `半`, `two`, with the range they leave open.

use super::grammar::Grammar;
use super::lexicon::Numbers;

/// A number or a range of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Numeral {
    pub low: f64,
    pub high: f64,
    /// Byte after it.
    pub end: usize,
}

impl Numeral {
    fn one(value: f64, end: usize) -> Numeral {
        Numeral { low: value, high: value, end }
    }

    pub fn middle(&self) -> f64 {
        f64::midpoint(self.low, self.high)
    }
}

/// Longest run of characters that is looked at as one Chinese number.
const LONGEST_CHARS: usize = 8;

/// The number that begins at a byte of a normalised text.
pub(super) fn numeral(text: &str, at: usize, numbers: &Numbers) -> Option<Numeral> {
    let first = single(text, at, numbers)?;
    // "20-30", "20至30", "10 to 12"; the unit may stand between them, which the measure sees to.
    let rest = &text[first.end..];
    let trimmed = rest.trim_start_matches(' ');
    // "3、4公分"
    if let Some(after) = rest.strip_prefix('、') {
        let next = single(text, text.len() - after.len(), numbers).filter(|next| next.low == first.high + 1.0);
        return Some(next.filter(|_| first.high < 9.0).map_or(first, |next| Numeral { low: first.low, ..next }));
    }
    let Some(joiner) = numbers.to.iter().find(|j| trimmed.starts_with(j.as_str())) else { return Some(first) };
    let second_at = first.end + (rest.len() - trimmed.len()) + joiner.len();
    let second_at = second_at + text[second_at..].len() - text[second_at..].trim_start_matches(' ').len();
    match single(text, second_at, numbers) {
        Some(second) if second.low > first.high => Some(Numeral { low: first.low, high: second.high, end: second.end }),
        _ => Some(first),
    }
}

/// As [`numeral`], but never a range of two numbers with a word between.
pub(super) fn single(text: &str, at: usize, numbers: &Numbers) -> Option<Numeral> {
    let rest = text.get(at..)?;
    let first = rest.chars().next()?;
    if first.is_ascii_digit() {
        return arabic(rest).map(|(value, length)| Numeral::one(value, at + length));
    }
    if first.is_ascii_alphabetic() {
        let (word, value) =
            numbers.words.iter().filter(|(w, _)| starts_with_word(rest, w)).max_by_key(|(w, _)| w.len())?;
        return Some(Numeral::one(*value, at + word.len()));
    }
    let run: Vec<char> =
        rest.chars().take(LONGEST_CHARS).take_while(|c| digit(*c).is_some() || power(*c).is_some()).collect();
    let (low, high, used) = chinese(&run)?;
    Some(Numeral { low, high, end: at + run[..used].iter().map(|c| c.len_utf8()).sum::<usize>() })
}

pub(super) fn starts_with_word(text: &str, word: &str) -> bool {
    text.starts_with(word) && !text[word.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Whether these words end with what the water has come to: 降至.
pub(super) fn has_come_to(before: &str, numbers: &Numbers) -> bool {
    let words = &Grammar::embedded().number;
    let mut before = before.trim_end_matches(&*words.filler);
    // "由昨夜1米退至今晨5厘米"
    for time in &words.time {
        before = before.strip_suffix(time.as_str()).unwrap_or(before).trim_end_matches(&*words.time_filler);
    }
    // "下降至不足10厘米"
    let about = [&numbers.below, &numbers.over, &numbers.up_to].into_iter().flatten();
    let about = about.filter(|word| before.ends_with(word.as_str())).max_by_key(|word| word.len());
    let before = about.map_or(before, |word| before[..before.len() - word.len()].trim_end_matches(&*words.filler));
    numbers.fallen.iter().any(|word| before.ends_with(word.as_str()))
}

/// Millimetres are of rain, unless something says that they are a depth.
pub(super) fn is_rain(measure: &str) -> bool {
    Grammar::embedded().number.rain.is_in(measure)
}

/// "水面距桥底板仅2米": how far it is to something.
pub(super) fn is_a_distance(before: &str) -> bool {
    let words = &Grammar::embedded().number;
    let to = before.rfind(words.distance).map(|i| &before[i..]);
    to.is_some_and(|to| to.chars().count() <= 10 && !words.depth.is_in(to))
}

fn arabic(text: &str) -> Option<(f64, usize)> {
    let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let fraction = match text[whole..].strip_prefix('.') {
        Some(rest) if digits(rest) > 0 => 1 + digits(rest),
        _ => 0,
    };
    let length = whole + fraction;
    // Longer ones are identifiers and telephone numbers.
    if whole > 6 { None } else { text[..length].parse().ok().map(|value| (value, length)) }
}

fn digit(c: char) -> Option<f64> {
    Some(match c {
        '零' | '〇' => 0.0,
        '一' | '壹' => 1.0,
        '二' | '两' | '俩' => 2.0,
        '三' => 3.0,
        '四' => 4.0,
        '五' => 5.0,
        '六' => 6.0,
        '七' => 7.0,
        '八' => 8.0,
        '九' => 9.0,
        '半' => 0.5,
        _ => return None,
    })
}

fn power(c: char) -> Option<f64> {
    Some(match c {
        '十' => 10.0,
        '百' => 100.0,
        '千' => 1_000.0,
        _ => return None,
    })
}

/// Low, high and the characters used: `三四十` is 30 to 40, `十五六` 15 to 16, `一百二` 120.
fn chinese(run: &[char]) -> Option<(f64, f64, usize)> {
    if run.first() == Some(&'半') {
        return Some((0.5, 0.5, 1));
    }
    let (mut low, mut high, mut i, mut last_power) = (0.0, 0.0, 0, f64::INFINITY);
    while i < run.len() {
        let one = digit(run[i]).filter(|d| *d != 0.5);
        let two = run.get(i + 1).and_then(|c| digit(*c)).filter(|d| *d != 0.5);
        let (a, b, used) = match (one, two) {
            (Some(0.0), _) => {
                i += 1;
                continue;
            }
            (Some(a), Some(b)) if b == a + 1.0 || (a, b) == (3.0, 5.0) => (a, b, 2),
            (Some(a), _) => (a, a, 1),
            // A power without a digit: 十五.
            (None, _) if i == 0 => (1.0, 1.0, 0),
            (None, _) => break,
        };
        match run.get(i + used).and_then(|c| power(*c)).filter(|p| *p < last_power) {
            Some(p) => {
                (low, high, last_power) = (low + a * p, high + b * p, p);
                i += used + 1;
            }
            None if used == 0 => break,
            None => {
                let scale = if last_power > 10.0 && last_power.is_finite() && run[i - 1] != '零' {
                    last_power / 10.0
                } else {
                    1.0
                };
                return Some((low + a * scale, high + b * scale, i + used));
            }
        }
    }
    (i > 0).then_some((low, high, i))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::text::lexicon::Lexicon;

    #[test]
    fn numbers_are_read_with_the_range_they_leave_open() {
        let numbers = &Lexicon::embedded().numbers;
        for (text, low, high) in [
            ("40厘米", 40.0, 40.0),
            ("0.4米", 0.4, 0.4),
            ("20-30厘米", 20.0, 30.0),
            ("20~30", 20.0, 30.0),
            ("20至30", 20.0, 30.0),
            ("三四十公分", 30.0, 40.0),
            ("二三十", 20.0, 30.0),
            ("四十", 40.0, 40.0),
            ("十五", 15.0, 15.0),
            ("十五六", 15.0, 16.0),
            ("一百二", 120.0, 120.0),
            ("两百", 200.0, 200.0),
            ("一百零五", 105.0, 105.0),
            ("半米", 0.5, 0.5),
            ("三五", 3.0, 5.0),
            ("3、4公分", 3.0, 4.0),
            ("ten inches", 10.0, 10.0),
            ("10 to 12 in", 10.0, 12.0),
            ("half a metre", 0.5, 0.5),
            ("a foot", 1.0, 1.0),
        ] {
            let found = numeral(text, 0, numbers).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.low, found.high), (low, high), "{text}");
        }
        for text in ["米", "13800138000", "", "another", "百"] {
            assert!(numeral(text, 0, numbers).is_none_or(|n| n.low == 100.0), "{text}");
        }
    }
}
