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
        let mut end = touching[from].span.end;
        let mut to = from + 1;
        while to < touching.len() && touching[to].span.start - end < gap_s {
            end = end.max(touching[to].span.end);
            to += 1;
        }
        each(Occasion::of(&touching[from..to], end), &touching[from..to]);
        from = to;
    }
}

impl Occasion {
    fn of(run: &[Touch], end: i64) -> Occasion {
        let (mut weight, mut weather, mut people) = (0, Weather::Unknown, People::NOBODY);
        let (mut seen, mut not_found) = (false, true);
        for Touch { span, weight: w, .. } in run {
            weight = weight.max(*w);
            weather = weather.min(span.weather);
            people = people.and(span.people);
            seen |= span.seen;
            not_found &= span.not_found;
        }
        let evidence = is_evident(seen, people);
        Occasion { start: run[0].span.start, end, weight, weather, evidence, not_found }
    }

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
        occasions(touching, gap_s, |o, _| {
            tally.weather[o.weather as usize] += 1;
            tally.evidence += u32::from(o.evidence);
            tally.not_found += u32::from(o.not_found);
            tally.height += o.weight;
        });
        tally
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
}
