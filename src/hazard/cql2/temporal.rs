//! Times in a filter, and the relations between them (W3C Time Ontology in OWL; Allen 1983).

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::super::time;

/// From and to in nanoseconds since 1970 in UTC, both included. A time is as short as can be, a date a day long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: i128,
    pub last: i128,
}

const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

impl Span {
    /// Of a time in unix seconds.
    pub fn second(t: i64) -> Span {
        Span { first: i128::from(t) * SECOND, last: i128::from(t) * SECOND }
    }

    /// The second that it begins in.
    pub fn first_s(self) -> i64 {
        i64::try_from(self.first.div_euclid(SECOND)).unwrap_or(i64::MIN)
    }

    /// The second that it ends in.
    pub fn last_s(self) -> i64 {
        i64::try_from(self.last.div_euclid(SECOND)).unwrap_or(i64::MAX)
    }

    /// Whether both are alike: a time lies in the day of a date, which is to compare the days of both.
    pub fn equals(self, other: Span) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    pub fn before(self, other: Span) -> bool {
        self.last < other.first
    }
}

/// A date, as the day that it is in UTC.
pub fn date(text: &str) -> Result<Span, String> {
    let digits = text.len() == 10 && text.bytes().enumerate().all(|(i, b)| (b == b'-') == (i == 4 || i == 7));
    let date = digits.then(|| text.parse::<Date>().ok()).flatten();
    let date = date.ok_or_else(|| format!("{text:?} is no date: write it like 2023-10-21 (RFC 3339)"))?;
    let midnight =
        TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| format!("{text:?} is no date in UTC"))?;
    let first = midnight.as_nanosecond();
    Ok(Span { first, last: first + DAY - 1 })
}

/// A time with its offset.
pub fn timestamp(text: &str) -> Result<Span, String> {
    time::rfc3339(text).map_err(|reason| format!("{text:?}: {reason}"))?;
    let t: Timestamp = text.parse().map_err(|_| format!("{text:?} is no time"))?;
    Ok(Span { first: t.as_nanosecond(), last: t.as_nanosecond() })
}

/// A date or a time, as the ends of an interval are.
pub fn either(text: &str) -> Result<Span, String> {
    if text.contains(['T', 't']) { timestamp(text) } else { date(text) }
}

/// The relations between times, each as the function `t_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allen {
    After,
    Before,
    Contains,
    Disjoint,
    During,
    Equals,
    FinishedBy,
    Finishes,
    Intersects,
    Meets,
    MetBy,
    OverlappedBy,
    Overlaps,
    StartedBy,
    Starts,
}

impl Allen {
    pub const ALL: [Allen; 15] = [
        Allen::After,
        Allen::Before,
        Allen::Contains,
        Allen::Disjoint,
        Allen::During,
        Allen::Equals,
        Allen::FinishedBy,
        Allen::Finishes,
        Allen::Intersects,
        Allen::Meets,
        Allen::MetBy,
        Allen::OverlappedBy,
        Allen::Overlaps,
        Allen::StartedBy,
        Allen::Starts,
    ];

    /// As a function of CQL2, in small letters.
    pub fn name(self) -> &'static str {
        match self {
            Allen::After => "t_after",
            Allen::Before => "t_before",
            Allen::Contains => "t_contains",
            Allen::Disjoint => "t_disjoint",
            Allen::During => "t_during",
            Allen::Equals => "t_equals",
            Allen::FinishedBy => "t_finishedby",
            Allen::Finishes => "t_finishes",
            Allen::Intersects => "t_intersects",
            Allen::Meets => "t_meets",
            Allen::MetBy => "t_metby",
            Allen::OverlappedBy => "t_overlappedby",
            Allen::Overlaps => "t_overlaps",
            Allen::StartedBy => "t_startedby",
            Allen::Starts => "t_starts",
        }
    }

    /// Is it defined for instants, too? The others are for intervals alone.
    pub fn takes_instants(self) -> bool {
        matches!(self, Allen::After | Allen::Before | Allen::Disjoint | Allen::Equals | Allen::Intersects)
    }

    /// Of a to b, by when they begin and end.
    pub fn holds(self, a: Span, b: Span) -> bool {
        match self {
            Allen::After => b.before(a),
            Allen::Before => a.before(b),
            Allen::Disjoint => a.before(b) || b.before(a),
            Allen::Intersects => !(a.before(b) || b.before(a)),
            Allen::Equals => a == b,
            Allen::Contains => a.first < b.first && b.last < a.last,
            Allen::Finishes => a.last == b.last && b.first < a.first,
            Allen::Meets => a.last == b.first,
            Allen::Overlaps => a.first < b.first && b.first < a.last && a.last < b.last,
            Allen::Starts => a.first == b.first && a.last < b.last,
            Allen::During => Allen::Contains.holds(b, a),
            Allen::FinishedBy => Allen::Finishes.holds(b, a),
            Allen::MetBy => Allen::Meets.holds(b, a),
            Allen::OverlappedBy => Allen::Overlaps.holds(b, a),
            Allen::StartedBy => Allen::Starts.holds(b, a),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Allen's thirteen relations: of two intervals that last, exactly one holds.
    #[test]
    fn of_two_intervals_exactly_one_elementary_relation_holds() {
        let elementary = Allen::ALL.into_iter().filter(|r| !matches!(r, Allen::Disjoint | Allen::Intersects));
        let elementary: Vec<Allen> = elementary.collect();
        let spans = || (0..6).flat_map(|first| (first + 1..6).map(move |last| Span { first, last }));
        let mut seen = [false; 15];
        for (a, b) in spans().flat_map(|a| spans().map(move |b| (a, b))) {
            let held: Vec<_> = elementary.iter().filter(|r| r.holds(a, b)).collect();
            assert_eq!(held.len(), 1, "{a:?} {b:?}: {held:?}");
            seen[*held[0] as usize] = true;
            let apart = matches!(held[0], Allen::After | Allen::Before);
            assert_eq!((Allen::Disjoint.holds(a, b), Allen::Intersects.holds(a, b)), (apart, !apart));
        }
        assert!(elementary.iter().all(|r| seen[*r as usize]));
    }

    #[test]
    fn a_date_is_a_day_and_a_time_has_parts_of_a_second() {
        let day = date("1970-01-02").unwrap();
        assert_eq!((day.first, day.last), (DAY, 2 * DAY - 1));
        assert!(day.equals(Span::second(86_400)) && !day.equals(Span::second(2 * 86_400)));
        assert_eq!(timestamp("1970-01-01T08:00:10.000001+08:00").unwrap().first, 10_000_001_000);
        assert!(Span::second(10).before(timestamp("1970-01-01T00:00:10.0000001Z").unwrap()));
        for (text, part) in [
            ("2023-1-2", "like 2023-10-21"),
            ("2023-02-30", "no date"),
            ("2023-10-21T01:10:00", "without offset"),
            ("now", "no date"),
            ("T", "not a time"),
        ] {
            let told = either(text).unwrap_err();
            assert!(told.contains(part), "{text}: {told}");
        }
    }
}
