//! How many reports were observed before a time. The times that are asked for move on with the map, slowly: the reports around
//! one are counted once and kept up to date, so that the next is told without looking at them all.

use std::sync::{Mutex, PoisonError};

/// From the time that is asked for, so much is counted at once.
const AHEAD_S: i64 = 2 * 86_400;
/// Two for each length of a window, and some.
const MOST: usize = 24;

/// What is known of the times around those that were asked for; the oldest is let go of first.
#[derive(Debug, Default)]
pub struct Observed(Mutex<Vec<Around>>);

/// A stretch of time: unix seconds, the last not included.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Around {
    from: i64,
    to: i64,
    /// Observed before it.
    before: usize,
    /// Observed in it, in any order: few compared with all, but as many as somebody imports of one day.
    within: Vec<i64>,
}

impl Around {
    fn count(times: impl Iterator<Item = i64>, from: i64, to: i64) -> Around {
        let mut around = Around { from, to, before: 0, within: Vec::new() };
        times.for_each(|t| around.came(t));
        around
    }

    fn before(&self, t: i64) -> usize {
        self.before + self.within.iter().filter(|&&observed| observed < t).count()
    }

    fn came(&mut self, t: i64) {
        if t < self.from {
            self.before += 1;
        } else if t < self.to {
            self.within.push(t);
        }
    }

    fn went(&mut self, t: i64) {
        if t < self.from {
            self.before -= 1;
        } else if let Some(i) = self.within.iter().position(|&observed| observed == t) {
            self.within.swap_remove(i);
        }
    }
}

impl Observed {
    /// How many of all were observed before `t`; `all`: when each was.
    pub fn before<I: Iterator<Item = i64>>(&self, t: i64, all: impl FnOnce() -> I) -> usize {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(around) = known.iter().find(|around| (around.from..around.to).contains(&t)) {
            return around.before(t);
        }
        let around = Around::count(all(), t, t.saturating_add(AHEAD_S));
        let before = around.before;
        if known.len() == MOST {
            known.remove(0);
        }
        known.push(around);
        before
    }

    /// One more, observed at `t`.
    pub fn came(&mut self, t: i64) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).iter_mut().for_each(|around| around.came(t));
    }

    /// One fewer, observed at `t`.
    pub fn went(&mut self, t: i64) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).iter_mut().for_each(|around| around.went(t));
    }

    /// For a check: what is known is what is counted anew.
    pub fn check(&self, all: impl Fn() -> Vec<i64>) {
        for mut around in self.0.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            let mut fresh = Around::count(all().into_iter(), around.from, around.to);
            fresh.within.sort_unstable();
            around.within.sort_unstable();
            assert_eq!(around, fresh, "reports before a time are counted wrong");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_were_observed_before_any_time_as_are_counted_one_by_one() {
        let mut rng = fastrand::Rng::with_seed(3);
        let (mut observed, mut all) = (Observed::default(), Vec::new());
        let mut counted = 0;
        for step in 0..20_000_i64 {
            let t = rng.i64(0..100) * 86_400 + rng.i64(0..3);
            if rng.u8(..3) > 0 || all.is_empty() {
                all.push(t);
                observed.came(t);
            } else {
                observed.went(all.swap_remove(rng.usize(..all.len())));
            }
            // Two times that move on, and any other now and then.
            let asked = [step * 60, step * 60 + 40 * 86_400, rng.i64(0..100 * 86_400)];
            for &t in &asked[..if step % 50 == 0 { 3 } else { 2 }] {
                let before = observed.before(t, || {
                    counted += 1;
                    all.iter().copied()
                });
                assert_eq!(before, all.iter().filter(|&&o| o < t).count(), "{step} {t}");
            }
        }
        observed.check(|| all.clone());
        assert!(counted < 500, "{counted} times everything was counted");
        for t in [i64::MIN, i64::MAX] {
            assert_eq!(observed.before(t, || all.iter().copied()), if t < 0 { 0 } else { all.len() });
        }
    }
}
