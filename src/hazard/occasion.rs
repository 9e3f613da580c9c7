//! Occasions: one time it flooded there. Spans with little time between them count once.

use serde::{Deserialize, Serialize};

use super::incident::People;
use super::storm::Weather;

/// An incident's part in the occasions around its site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First to last observation, stretched to the whole storm; unix seconds.
    pub start: i64,
    pub end: i64,
    pub people: People,
    pub incident: u32,
    pub weather: Weather,
    /// Staff found it or a photo shows it.
    pub seen: bool,
    /// Looked at and not there.
    pub not_found: bool,
}

/// An incident near a site: its span, and how near it is.
#[derive(Clone, Copy, Debug)]
pub struct Touch {
    pub span: Span,
    /// r² − d² in cm²: more, the nearer.
    pub weight: i64,
}

/// A run of spans with less than `occasion_gap` between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    pub start: i64,
    pub end: i64,
    /// The largest weight among the sites touched.
    pub weight: i64,
    /// The strongest of its incidents'.
    pub weather: Weather,
    /// Staff found it, a photo shows it, or two people reported it.
    pub evidence: bool,
    /// Every one of its incidents was looked at and nothing was found.
    pub not_found: bool,
}

/// Cuts the spans into occasions, in order of time, and hands out each with its incidents.
pub fn occasions(touching: &mut [Touch], gap_s: i64, mut each: impl FnMut(Occasion, &[Touch])) {
    touching.sort_unstable_by_key(|t| (t.span.start, t.span.incident));
    let mut from = 0;
    while from < touching.len() {
        let mut run = Run::new(&touching[from].span, touching[from].weight);
        let mut to = from + 1;
        while to < touching.len() && run.goes_on(&touching[to].span, gap_s) {
            run.add(&touching[to].span, touching[to].weight);
            to += 1;
        }
        each(run.occasion(), &touching[from..to]);
        from = to;
    }
}

/// Spans that follow each other, as they come.
struct Run {
    start: i64,
    end: i64,
    weight: i64,
    weather: Weather,
    people: People,
    seen: bool,
    not_found: bool,
}

impl Run {
    fn new(span: &Span, weight: i64) -> Run {
        let Span { start, end, people, weather, seen, not_found, .. } = *span;
        Run { start, end, weight, weather, people, seen, not_found }
    }

    fn goes_on(&self, next: &Span, gap_s: i64) -> bool {
        next.start - self.end < gap_s
    }

    fn add(&mut self, span: &Span, weight: i64) {
        self.end = self.end.max(span.end);
        self.weight = self.weight.max(weight);
        self.weather = self.weather.min(span.weather);
        self.people = self.people.and(span.people);
        self.seen |= span.seen;
        self.not_found &= span.not_found;
    }

    fn occasion(self) -> Occasion {
        let Run { start, end, weight, weather, people, seen, not_found } = self;
        Occasion { start, end, weight, weather, evidence: is_evident(seen, people), not_found }
    }
}

impl Occasion {
    /// Without evidence, and whoever looked found nothing.
    pub fn is_contradicted(&self) -> bool {
        !self.evidence && self.not_found
    }

    /// Only reported: without evidence, and not looked at throughout.
    pub fn is_unchecked(&self) -> bool {
        !self.evidence && !self.not_found
    }
}

/// Staff found it or a photo shows it, which is `seen`, or two people reported it.
pub fn is_evident(seen: bool, people: People) -> bool {
    seen || people == People::SEVERAL
}

/// The spans around one site after the other, for what they add up to: nothing is copied, and where they begin is sorted
/// alone.
#[derive(Default)]
pub struct Counter<'a> {
    touching: Vec<(&'a Span, i64)>,
    order: Vec<u64>,
}

impl<'a> Counter<'a> {
    /// The spans of a site, and how near it is: r² − d² in cm².
    pub fn touch(&mut self, spans: &'a [Span], weight: i64) {
        self.touching.extend(spans.iter().map(|span| (span, weight)));
    }

    /// What all that touch add up to; they are gone afterwards.
    pub fn tally(&mut self, gap_s: i64) -> Tally {
        let Counter { touching, order } = self;
        let start = |(span, _): &(&Span, i64)| span.start;
        let first = touching.iter().map(start).min().unwrap_or(0);
        let since = |touch| u32::try_from(start(touch) - first).ok();
        order.extend(touching.iter().zip(0..).map_while(|(touch, n)| Some(u64::from(since(touch)?) << 32 | n)));
        // Which of those that begin at once comes first is all the same where they go on with each other in any order.
        let whole = order.len() == touching.len() && gap_s > 0;
        let tally = if whole { in_order(touching, order, gap_s) } else { copied(touching, gap_s) };
        touching.clear();
        order.clear();
        tally
    }
}

fn in_order(touching: &[(&Span, i64)], order: &mut [u64], gap_s: i64) -> Tally {
    order.sort_unstable();
    let mut spans = order.iter().map(|n| touching[*n as u32 as usize]);
    let mut tally = Tally::default();
    let Some(mut run) = spans.next().map(|(span, weight)| Run::new(span, weight)) else { return tally };
    for (span, weight) in spans {
        if run.goes_on(span, gap_s) {
            run.add(span, weight);
        } else {
            tally.add(std::mem::replace(&mut run, Run::new(span, weight)).occasion());
        }
    }
    tally.add(run.occasion());
    tally
}

fn copied(touching: &[(&Span, i64)], gap_s: i64) -> Tally {
    let mut copied: Vec<Touch> = touching.iter().map(|&(&span, weight)| Touch { span, weight }).collect();
    Tally::of(&mut copied, gap_s)
}

/// What a site's occasions add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Occasions by weather, in the order of [`Weather::ALL`].
    pub weather: [u32; 4],
    pub evidence: u32,
    pub not_found: u32,
    /// The sum of the occasions' weights, in cm².
    pub height: i64,
}

impl Tally {
    /// How many there are.
    pub fn occasions(&self) -> u32 {
        self.weather.iter().sum()
    }

    pub fn of(touching: &mut [Touch], gap_s: i64) -> Tally {
        let mut tally = Tally::default();
        occasions(touching, gap_s, |o, _| tally.add(o));
        tally
    }

    fn add(&mut self, o: Occasion) {
        self.weather[o.weather as usize] += 1;
        self.evidence += u32::from(o.evidence);
        self.not_found += u32::from(o.not_found);
        self.height += o.weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(start: i64, end: i64) -> Touch {
        let (weather, people) = (Weather::Unknown, People::NOBODY);
        Touch { span: Span { start, end, people, incident: 0, weather, seen: false, not_found: false }, weight: 1 }
    }

    #[test]
    fn a_gap_of_exactly_the_limit_separates_and_a_long_span_bridges() {
        let count = |spans: &[(i64, i64)]| {
            let mut touching: Vec<_> = spans.iter().map(|&(a, b)| touch(a, b)).collect();
            Tally::of(&mut touching, 10).occasions()
        };
        assert_eq!(count(&[(0, 0), (10, 10)]), 2);
        assert_eq!(count(&[(0, 0), (9, 9)]), 1);
        assert_eq!(count(&[(0, 30), (5, 5), (39, 39)]), 1);
        assert_eq!(count(&[]), 0);
    }

    #[test]
    fn counting_without_copies_comes_to_the_same_whatever_begins_at_once_or_lies_ages_apart() {
        let mut rng = fastrand::Rng::with_seed(3);
        let mut several = 0;
        for round in 0..4_000 {
            // Ages apart, the distance between two beginnings has more than 32 bits.
            let (widest, gap_s) = ([30, 300, 1 << 40][round % 3], rng.i64(0..6));
            let spans: Vec<(Span, i64)> = (0..rng.u32(0..30))
                .map(|incident| {
                    let start = rng.i64(0..widest);
                    let people = [People::NOBODY, People::SEVERAL][rng.usize(0..2)];
                    let (weather, seen, not_found) = (Weather::ALL[rng.usize(0..4)], rng.u8(0..4) == 0, rng.bool());
                    let end = start + rng.i64(0..8) * rng.i64(0..2);
                    (Span { start, end, people, incident, weather, seen, not_found }, rng.i64(1..9))
                })
                .collect();
            let mut counter = Counter::default();
            spans.iter().for_each(|(span, weight)| counter.touch(std::slice::from_ref(span), *weight));
            let mut touching: Vec<Touch> = spans.iter().map(|&(span, weight)| Touch { span, weight }).collect();
            let tally = Tally::of(&mut touching, gap_s);
            assert_eq!(counter.tally(gap_s), tally, "{spans:?}, {gap_s} s");
            assert_eq!(counter.tally(gap_s), Tally::default(), "what was counted is gone");
            several += usize::from(tally.occasions() > 1);
        }
        assert!(several > 1_000, "{several}");
    }
}
