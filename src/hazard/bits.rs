//! Which rows of a table are there: one bit each, counted by blocks, so that the n-th is found without a walk.

use std::ops::Range;

const WORD: usize = 64;
/// Words that are counted together: a table of ten million rows then has 2,442 counts to add up, a microsecond's work.
const WORDS_A_BLOCK: usize = 64;

/// A set of row numbers, for tables of which nearly all rows are in it.
#[derive(Clone, Debug, Default)]
pub struct Bits {
    words: Vec<u64>,
    /// How many there are in each block of words.
    counts: Vec<u16>,
    count: usize,
}

impl Bits {
    pub fn contains(&self, i: usize) -> bool {
        self.words.get(i / WORD).is_some_and(|word| word >> (i % WORD) & 1 == 1)
    }

    /// Puts a row in or takes it out.
    pub fn set(&mut self, i: usize, there: bool) {
        if self.contains(i) == there {
            return;
        }
        let (word, block) = (i / WORD, i / WORD / WORDS_A_BLOCK);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
            self.counts.resize(block + 1, 0);
        }
        self.words[word] ^= 1 << (i % WORD);
        if there {
            self.counts[block] += 1;
            self.count += 1;
        } else {
            self.counts[block] -= 1;
            self.count -= 1;
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many rows before `i` are there.
    pub fn before(&self, i: usize) -> usize {
        let word = i / WORD;
        if word >= self.words.len() {
            return self.count;
        }
        let block = word / WORDS_A_BLOCK;
        let blocks: usize = self.counts[..block].iter().map(|&n| usize::from(n)).sum();
        let words = &self.words[block * WORDS_A_BLOCK..word];
        let last = self.words[word] & ((1 << (i % WORD)) - 1);
        blocks + words.iter().chain([&last]).map(|word| word.count_ones() as usize).sum::<usize>()
    }

    /// The rows that are there, in order, without the first `n`.
    pub fn iter_from(&self, n: usize) -> impl Iterator<Item = usize> {
        let mut left = n;
        let fits = |left: &mut usize, count: usize| {
            let passed = count <= *left;
            *left -= if passed { count } else { 0 };
            passed
        };
        let block = self.counts.iter().take_while(|&&count| fits(&mut left, count.into())).count();
        let start = block * WORDS_A_BLOCK;
        let skipped = self.words[start.min(self.words.len())..]
            .iter()
            .take_while(|word| fits(&mut left, word.count_ones() as usize))
            .count();
        let words = start + skipped..self.words.len();
        self.ones(words).skip(left)
    }

    fn ones(&self, words: Range<usize>) -> impl Iterator<Item = usize> {
        words.flat_map(|at| {
            let mut rest = self.words[at];
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(at * WORD + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn counting_and_finding_agree_with_a_plain_set() {
        let mut rng = fastrand::Rng::with_seed(5);
        let (mut bits, mut plain) = (Bits::default(), BTreeSet::new());
        assert_eq!(
            (bits.count(), bits.before(9), bits.iter_from(0).next(), bits.iter_from(7).next()),
            (0, 0, None, None)
        );
        for round in 0..30_000 {
            // Mostly there, across several blocks, with long stretches of nothing between.
            let i = rng.usize(..20_000) + if rng.bool() { 0 } else { 60_000 };
            let there = rng.usize(..10) > 0;
            bits.set(i, there);
            if there {
                plain.insert(i)
            } else {
                plain.remove(&i)
            };
            if round % 997 == 0 {
                let (at, n) = (rng.usize(..90_000), rng.usize(..plain.len() + 2));
                assert_eq!(bits.count(), plain.len());
                assert_eq!(bits.contains(at), plain.contains(&at));
                assert_eq!(bits.before(at), plain.range(..at).count());
                let expected: Vec<usize> = plain.iter().copied().skip(n).collect();
                assert_eq!(bits.iter_from(n).collect::<Vec<_>>(), expected);
            }
        }
    }
}
