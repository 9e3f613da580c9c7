//! How fast a line goes on, and how long whoever joins it would stand in it.

use std::time::{Duration, Instant};

/// Steps that the pace is the mean of, the later ones more.
const REMEMBERED: u32 = 16;
/// A step that takes so many times as long as those before: the line stands still, and their pace holds no longer.
const STILL: u32 = 8;

/// The pace of a line, and when it last moved.
#[derive(Debug)]
pub struct Tempo {
    /// So many are served beside each other. They begin together and end together, so the pace is known when all of the
    /// first have ended.
    at_once: u32,
    /// Steps seen, up to as many.
    seen: u32,
    /// When the step under way began; nothing where none is.
    began: Option<Instant>,
    /// What one takes on average, of those seen.
    step: Duration,
}

impl Tempo {
    /// Of a line whose first are served so many at once; one at least.
    pub fn of(at_once: usize) -> Tempo {
        Tempo { at_once: u32::try_from(at_once).unwrap_or(u32::MAX).max(1), seen: 0, began: None, step: Duration::ZERO }
    }

    /// Of the next line, of which nothing is known.
    pub fn forget(&mut self) {
        (self.seen, self.began, self.step) = (0, None, Duration::ZERO);
    }

    /// A step begins, unless one is under way.
    pub fn begin(&mut self, now: Instant) {
        self.began.get_or_insert(now);
    }

    /// The step under way is done, and the next one begins.
    pub fn step(&mut self, now: Instant) {
        let Some(began) = self.began.replace(now) else { return self.began = None };
        let took = now.saturating_duration_since(began);
        if self.is_known() {
            self.step = (self.step * (REMEMBERED - 1) + took) / REMEMBERED;
        } else {
            self.seen += 1;
            self.step = (self.step * (self.seen - 1) + took) / self.seen;
        }
    }

    /// Nothing is under way any more.
    pub fn rest(&mut self) {
        self.began = None;
    }

    pub fn is_known(&self) -> bool {
        self.seen == self.at_once
    }

    /// How long so many steps take from now on: at the pace so far, or, where that is not known or the line stands still,
    /// as long again as those who are served have been, as often as they have to be followed by others. Where none is under
    /// way, no time: else a line that was slow once would let nobody in any more, and never be known to be faster.
    pub fn expected(&self, steps: u32, now: Instant) -> Duration {
        let Some(began) = self.began else { return Duration::ZERO };
        let taken = now.saturating_duration_since(began);
        if self.is_known() && taken <= self.step * STILL {
            return self.step.saturating_mul(steps);
        }
        let at_its_pace = if self.is_known() { self.step.saturating_mul(steps) } else { Duration::ZERO };
        (taken.saturating_mul(steps) / self.at_once).max(taken).max(at_its_pace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_expected_to_go_on_as_it_did_until_it_stands_still() {
        let began = Instant::now();
        let at = |ms| began + Duration::from_millis(ms);
        let mut tempo = Tempo::of(1);
        assert_eq!(tempo.expected(9, at(0)), Duration::ZERO, "nothing is under way");
        tempo.step(at(5));
        assert!(!tempo.is_known(), "nothing was");
        tempo.begin(at(0));
        tempo.begin(at(7));
        assert_eq!(tempo.expected(9, at(10)), Duration::from_millis(90), "as long again, for each");
        tempo.step(at(10));
        assert!(tempo.is_known());
        assert_eq!(tempo.expected(9, at(12)), Duration::from_millis(90));
        assert_eq!(tempo.expected(9, at(90)), Duration::from_millis(90), "a step may take a little longer");
        assert_eq!(tempo.expected(9, at(91)), Duration::from_millis(729), "it stands still");
        tempo.step(at(36));
        assert_eq!(tempo.expected(16, at(36)), Duration::from_millis(10 * 15 + 26), "the mean of sixteen");
        tempo.rest();
        assert_eq!(tempo.expected(16, at(900)), Duration::ZERO, "who comes now begins");
        tempo.begin(at(900));
        assert_eq!(tempo.expected(16, at(901)), Duration::from_millis(176), "its pace is remembered");
    }

    #[test]
    fn of_many_who_are_served_at_once_each_step_takes_its_part_until_they_stand_still() {
        let began = Instant::now();
        let at = |ms| began + Duration::from_millis(ms);
        let mut tempo = Tempo::of(16);
        tempo.begin(at(0));
        assert_eq!(tempo.expected(184, at(32)), Duration::from_millis(32 * 184 / 16), "eleven rounds and a half");
        assert_eq!(tempo.expected(1, at(3_000)), Duration::from_secs(3), "they stand still");
        tempo.step(at(32));
        assert!(!tempo.is_known(), "the others are about to end");
        (0..15).for_each(|_| tempo.step(at(48)));
        let expected = tempo.expected(100, at(49));
        assert!(
            expected.abs_diff(Duration::from_millis(300)) < Duration::from_millis(1),
            "48 ms for all: {expected:?}"
        );
        assert_eq!(tempo.expected(1, at(3_048)), Duration::from_secs(3), "they stand still again");
        tempo.forget();
        assert_eq!((tempo.expected(9, at(40)), tempo.is_known()), (Duration::ZERO, false));
    }
}
