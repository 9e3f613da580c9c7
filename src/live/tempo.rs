//! How fast a line goes on, and how long whoever joins it would stand in it.

use std::time::{Duration, Instant};

/// Steps that the pace is the mean of, the later ones more.
const REMEMBERED: u32 = 16;
/// A step that takes so many times as long as those before: the line stands still, and their pace holds no longer.
const STILL: u32 = 8;

/// The pace of a line, and when it last moved.
#[derive(Debug, Default)]
pub struct Tempo {
    /// When the step under way began; nothing where none is.
    began: Option<Instant>,
    /// What one takes on average; zero until one is known.
    step: Duration,
}

impl Tempo {
    /// A step begins, unless one is under way.
    pub fn begin(&mut self, now: Instant) {
        self.began.get_or_insert(now);
    }

    /// The step under way is done, and the next one begins.
    pub fn step(&mut self, now: Instant) {
        let Some(began) = self.began.replace(now) else { return self.began = None };
        let took = now.saturating_duration_since(began);
        self.step = if self.is_known() { (self.step * (REMEMBERED - 1) + took) / REMEMBERED } else { took };
    }

    /// Nothing is under way any more.
    pub fn rest(&mut self) {
        self.began = None;
    }

    pub fn is_known(&self) -> bool {
        !self.step.is_zero()
    }

    /// How long so many steps take from now on: at the pace so far, or, where that is not known or the line stands still,
    /// each as long as the one under way has taken. Where none is under way, no time: else a line that was slow once would let
    /// nobody in any more, and never be known to be faster.
    pub fn expected(&self, steps: u32, now: Instant) -> Duration {
        let Some(began) = self.began else { return Duration::ZERO };
        let taken = now.saturating_duration_since(began);
        let step = if taken > self.step * STILL { taken } else { self.step };
        step.saturating_mul(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_expected_to_go_on_as_it_did_until_it_stands_still() {
        let began = Instant::now();
        let at = |ms| began + Duration::from_millis(ms);
        let mut tempo = Tempo::default();
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
}
