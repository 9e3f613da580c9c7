//! Where places begin and end as people answered it of the messages in `tests/messages`: a linear-chain conditional
//! random field (Lafferty, McCallum and Pereira 2001) over words, whose weights are a table of `data/text`.
//!
//! `tools/place_weights.py` learns the table, with the same features. A word is a Chinese character, a run of Latin
//! letters or a number; what is looked at is the word with those around it, their kinds, and the lists of `data/text`
//! that they stand in: so a word added to a list weighs at once what the others of its list do.

use std::ops::Range;
use std::sync::LazyLock;

use super::normal::Normal;
use super::weights::{Kind, PAIR_FROM, Row, SIDE, Table, WORD_SIDE, Weights, words};

static TABLE: LazyLock<Table> = LazyLock::new(Table::embedded);

/// What a word is.
const BEGINS: usize = 0;
const GOES_ON: usize = 1;
const NONE: usize = 2;

/// A place, and how sure its ends are, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub at: Range<usize>,
    pub begins: f32,
    pub ends: f32,
}

/// What is read of a whole message.
#[derive(Debug, Default)]
pub(super) struct Boundaries {
    pub spans: Vec<Span>,
    /// Where each word begins, and how probably it is of a place.
    words: Vec<(usize, f32)>,
}

impl Boundaries {
    /// Of a normalised text; time is linear in its length.
    pub fn new(normal: &Normal) -> Boundaries {
        let words = words(&normal.text);
        if words.is_empty() {
            return Boundaries::default();
        }
        let scores = scores(&TABLE, normal, &words);
        let probable = probabilities(&TABLE.then, &scores);
        let mut boundaries = Boundaries {
            spans: Vec::new(),
            words: words.iter().zip(&probable).map(|(at, p)| (at.start, 1.0 - p[NONE])).collect(),
        };
        let mut begun: Option<usize> = None;
        for (i, state) in best(&TABLE.then, &scores).into_iter().chain([NONE]).enumerate() {
            if let Some(first) = begun.filter(|_| state != GOES_ON) {
                boundaries.spans.push(Span {
                    at: words[first].start..words[i - 1].end,
                    begins: probable[first][BEGINS],
                    ends: probable.get(i).map_or(1.0, |p| 1.0 - p[GOES_ON]),
                });
                begun = None;
            }
            if state == BEGINS {
                begun = Some(i);
            }
        }
        boundaries
    }

    /// The most that any word of a span is probably of a place.
    pub fn most(&self, at: &Range<usize>) -> f32 {
        let first = self.words.partition_point(|(start, _)| *start < at.start);
        let within = self.words[first..].iter().take_while(|(start, _)| *start < at.end);
        within.map(|(_, p)| *p).fold(0.0, f32::max)
    }
}

fn add(to: &mut Row, weights: &Row) {
    for (sum, weight) in to.iter_mut().zip(weights) {
        *sum += weight;
    }
}

/// What each word weighs as each of the three.
fn scores(table: &Table, normal: &Normal, words: &[Range<usize>]) -> Vec<Row> {
    let text = &normal.text;
    let inner = words.iter().map(|at| {
        let word = &text[at.clone()];
        (table.id(word), Kind::of(word, || normal.original(at)))
    });
    let beyond = std::iter::repeat_n((table.beyond, Kind::BEYOND), WORD_SIDE);
    let all: Vec<(u16, Kind)> = beyond.clone().chain(inner).chain(beyond).collect();
    let mut scores = vec![table.any; words.len()];
    // What stands at `i` of all, with those around it, is seen by the words around it.
    let mut seen = |i: usize, side: usize, rows: &[Row]| {
        for (d, row) in rows.iter().enumerate() {
            let word = (i + side).checked_sub(d + WORD_SIDE);
            if let Some(score) = word.and_then(|word| scores.get_mut(word)) {
                add(score, row);
            }
        }
    };
    for (i, (id, kind)) in all.iter().enumerate() {
        seen(i, WORD_SIDE, &table.word[usize::from(*id)]);
        seen(i, SIDE, &table.kind[kind.index()]);
        if let Some((next, _)) = all.get(i + 1)
            && let Some(rows) = table.pair(*id, *next)
        {
            seen(i, PAIR_FROM, rows);
        }
        if let Some([before, _, after]) = all.get(i.wrapping_sub(1)..).and_then(|near| near.first_chunk::<3>()) {
            seen(i, 0, std::slice::from_ref(table.kinds(before.1, *kind, after.1)));
            if let Some(row) = table.three(before.0, *id, after.0) {
                seen(i, 0, std::slice::from_ref(row));
            }
        }
    }
    for first in WORD_SIDE..WORD_SIDE + words.len() {
        let within = &all[first..WORD_SIDE + words.len()];
        let Some((count, list)) = table.list(within.iter().map(|(id, _)| *id)) else { continue };
        // A word alone is the first and the last of its own.
        seen(first, SIDE, &list[0]);
        seen(first + count - 1, SIDE, &list[1]);
        for i in first + 1..first + count.max(2) - 1 {
            seen(i, SIDE, &list[2]);
        }
    }
    scores
}

/// Nothing goes on that has not begun.
fn may_follow(before: usize, state: usize) -> bool {
    !(before == NONE && state == GOES_ON)
}

/// The most probable states (Viterbi 1967).
fn best(then: &[Weights; 3], scores: &[Row]) -> Vec<usize> {
    let mut from: Vec<[u8; 3]> = Vec::with_capacity(scores.len());
    let mut now = [0.0, f32::NEG_INFINITY, 0.0];
    for (i, score) in scores.iter().enumerate() {
        let mut next = now;
        let mut by = [0; 3];
        if i > 0 {
            for state in 0..3 {
                next[state] = f32::NEG_INFINITY;
                for before in 0..3 {
                    let sum = now[before] + then[before][state];
                    if may_follow(before, state) && sum >= next[state] {
                        (next[state], by[state]) = (sum, before as u8);
                    }
                }
            }
        }
        // Sums stay small, however long the text.
        let sums: Weights = std::array::from_fn(|state| next[state] + score[state]);
        let most = sums.into_iter().fold(f32::NEG_INFINITY, f32::max);
        now = sums.map(|sum| sum - most);
        from.push(by);
    }
    let mut state = (0..3).max_by(|&a, &b| now[a].total_cmp(&now[b])).unwrap_or(NONE);
    let mut states = vec![NONE; scores.len()];
    for i in (0..scores.len()).rev() {
        states[i] = state;
        state = usize::from(from[i][state]);
    }
    states
}

fn in_shares(weights: Weights) -> Weights {
    let sum: f32 = weights.iter().sum();
    weights.map(|w| w / sum)
}

/// How probable each state is at each word: forward and backward (Rabiner 1989), in shares so that nothing vanishes.
fn probabilities(then: &[Weights; 3], scores: &[Row]) -> Vec<Weights> {
    let then: [Weights; 3] = std::array::from_fn(|before| {
        std::array::from_fn(|state| if may_follow(before, state) { then[before][state].exp() } else { 0.0 })
    });
    let own: Vec<Weights> = scores
        .iter()
        .map(|[begins, goes_on, none, _]| {
            let most = begins.max(*goes_on).max(*none);
            [begins, goes_on, none].map(|w| (w - most).exp().max(f32::MIN_POSITIVE))
        })
        .collect();
    let mut forward = Vec::with_capacity(own.len());
    let mut now = [1.0, 0.0, 1.0];
    for (i, own) in own.iter().enumerate() {
        let reached: Weights = match i {
            0 => now,
            _ => std::array::from_fn(|state| (0..3).map(|before| now[before] * then[before][state]).sum()),
        };
        now = in_shares(std::array::from_fn(|state| reached[state] * own[state]));
        forward.push(now);
    }
    let mut backward = [1.0; 3];
    for i in (0..own.len()).rev() {
        let here = forward[i];
        forward[i] = in_shares(std::array::from_fn(|state| here[state] * backward[state]));
        let next: Weights = std::array::from_fn(|state| own[i][state] * backward[state]);
        backward = in_shares(std::array::from_fn(|before| (0..3).map(|state| then[before][state] * next[state]).sum()));
    }
    forward
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places of a message, each once, as what was learnt alone has them.
    fn places(text: &str) -> Vec<String> {
        let normal = Normal::new(text);
        let mut found: Vec<String> =
            Boundaries::new(&normal).spans.iter().map(|span| normal.original(&span.at).to_owned()).collect();
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn a_writer_that_nothing_was_learnt_of_is_read_as_well_as_the_tool_says() {
        // tools/place_weights.py --score: precision 92.8, recall 97.7. Features that differ from its own read far less.
        let (mut right, mut read, mut said) = (0, 0, 0);
        for line in include_str!("../../../tests/messages/notices_22.ndjson").lines() {
            let message: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
            let matters = message["matters"].as_array().expect("it has matters");
            let mut answers: Vec<&str> = matters.iter().filter_map(|m| m["place_text"].as_str()).collect();
            answers.sort_unstable();
            answers.dedup();
            let found = places(message["text"].as_str().expect("it has a text"));
            right += found.iter().filter(|place| answers.contains(&place.as_str())).count();
            (read, said) = (read + found.len(), said + answers.len());
        }
        println!("{right} of {read} read and {said} said");
        assert!(right * 1000 >= read * 905 && right * 1000 >= said * 945, "{right} of {read} read and {said} said");
    }

    #[test]
    fn a_word_is_a_chinese_character_a_run_of_letters_or_a_number() {
        let text = "don't, 1.5m在a1路'";
        let found: Vec<&str> = words(text).into_iter().map(|at| &text[at]).collect();
        assert_eq!(found, ["don't", ",", " ", "1.5", "m", "在", "a", "1", "路", "'"]);
    }

    #[test]
    fn what_is_probable_sums_up_to_one_and_places_are_in_order_however_long_a_text_is() {
        let text = "金盘路与南海大道路口积水30厘米，".repeat(2_000);
        let boundaries = Boundaries::new(&Normal::new(&text));
        assert!(boundaries.words.iter().all(|(_, p)| (0.0..=1.0).contains(p)));
        assert_eq!(boundaries.spans.len(), 2_000);
        assert!(boundaries.spans.is_sorted_by(|a, b| a.at.end <= b.at.start));
        assert!(Boundaries::new(&Normal::new("")).spans.is_empty());
    }
}
