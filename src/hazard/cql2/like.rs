//! Patterns of LIKE: `%` for any characters, `_` for one, and a backslash before one that is meant as it is.

use super::fold::{Folding, fold};

#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Box<[Part]>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Any,
    One,
    Is(char),
}

impl Pattern {
    /// `folded`: of a text whose letters are folded, too.
    pub fn new(pattern: &str, folded: bool) -> Pattern {
        let pattern = if folded { fold(pattern) } else { pattern.to_owned() };
        let mut parts = Vec::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            parts.push(match c {
                // Several are as good as one.
                '%' if parts.last() == Some(&Part::Any) => continue,
                '%' => Part::Any,
                '_' => Part::One,
                '\\' => Part::Is(chars.next().unwrap_or('\\')),
                plain => Part::Is(plain),
            });
        }
        Pattern(parts.into())
    }

    /// The most steps that a text of so many bytes takes.
    pub fn steps(&self, bytes: usize) -> usize {
        // Without a wildcard, or with one at the end, nothing is tried twice.
        let wildcards = self.0.iter().filter(|part| **part == Part::Any).count();
        let again = if wildcards > 1 { self.0.len().min(bytes) } else { 1 };
        1 + bytes * again
    }

    /// Does the whole text match? Where it does not go on, only the last `%` is tried for longer, since whatever the
    /// earlier ones took is as good as any: at most length times length steps.
    pub fn matches(&self, text: Folding) -> bool {
        let mut rest = text.chars();
        let (mut part, mut retry) = (0, None);
        loop {
            let before = rest.clone();
            let fits = match (self.0.get(part), rest.next()) {
                (Some(Part::Any), _) => {
                    rest = before.clone();
                    part += 1;
                    retry = Some((part, before));
                    continue;
                }
                (None, None) => return true,
                (Some(_), None) => return false,
                (Some(Part::One), Some(_)) => true,
                (Some(Part::Is(wanted)), Some(c)) => *wanted == c,
                (None, Some(_)) => false,
            };
            if fits {
                part += 1;
                continue;
            }
            let Some((after, from)) = &mut retry else { return false };
            from.next();
            (part, rest) = (*after, from.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        Pattern::new(pattern, false).matches(Folding { text, folded: false })
    }

    /// What the standard says, as directly as can be; it takes a long time for long patterns.
    fn naive(text: &[char], pattern: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, c) => c.is_none(),
            (Some('%'), _) => (0..=text.len()).any(|n| naive(&text[n..], &pattern[1..])),
            (Some('_'), Some(_)) => naive(&text[1..], &pattern[1..]),
            (Some(wanted), Some(c)) => wanted == c && naive(&text[1..], &pattern[1..]),
            (Some(_), None) => false,
        }
    }

    #[test]
    fn every_short_text_matches_every_short_pattern_as_the_standard_says() {
        let words = |letters: &'static str, most: u32| {
            let letters: Vec<char> = letters.chars().collect();
            (0..=most).flat_map(move |length| {
                let letters = letters.clone();
                (0..letters.len().pow(length)).map(move |mut n| {
                    let letter = |_| {
                        let letter = letters[n % letters.len()];
                        n /= letters.len();
                        letter
                    };
                    (0..length).map(letter).collect::<Vec<char>>()
                })
            })
        };
        let texts: Vec<_> = words("ab", 5).collect();
        let mut held = 0;
        for pattern in words("ab%_", 4) {
            let compiled = Pattern::new(&pattern.iter().collect::<String>(), false);
            for text in &texts {
                let found = compiled.matches(Folding { text: &text.iter().collect::<String>(), folded: false });
                assert_eq!(found, naive(text, &pattern), "{text:?} {pattern:?}");
                held += usize::from(found);
            }
        }
        assert!(held > 1_000, "{held}");
    }

    #[test]
    fn wildcards_are_meant_as_they_are_behind_a_backslash_and_letters_may_be_folded() {
        assert!(like("50%", r"50\%") && !like("505", r"50\%") && like("a_b", r"a\_b") && !like("axb", r"a\_b"));
        assert!(like(r"a\b", r"a\\b") && like("积水深", "积__") && !like("积水", "积__"));
        let folded = Pattern::new("HAI%_路", true);
        assert!(folded.matches(Folding { text: "haIdian x路", folded: true }));
    }

    #[test]
    fn a_pattern_of_many_wildcards_takes_no_longer_than_its_length_times_that_of_the_text() {
        let pattern = Pattern::new(&"%a".repeat(2_000), false);
        let text = "a".repeat(1_999) + "b";
        let start = std::time::Instant::now();
        assert!(!pattern.matches(Folding { text: &text, folded: false }));
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    }
}
