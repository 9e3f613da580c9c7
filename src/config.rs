//! What the service goes by besides the rule: limits, and the clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Submissions that may wait to be written; beyond, callers are told to come back.
pub const QUEUE_LENGTH: usize = 8_192;
/// Events written in one transaction at most.
pub const GROUP_EVENTS: usize = 8_192;
/// How often a process looks for what others have written to the same log.
pub const POLL: Duration = Duration::from_millis(500);
/// Events that are worth a checkpoint of the fold: fewer are folded faster than it takes to write one.
pub const CHECKPOINT_AFTER: u64 = 2_048;
/// How long to wait for another process that is writing.
pub const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Days for which messages to reporters are kept, sent or not, and how often those that are older are looked for.
pub const OUTBOX_DAYS: u16 = 30;
pub const OUTBOX_SWEPT_EVERY: Duration = Duration::from_secs(3_600);

/// Views worked out at once: as many as leave the write path its core.
pub const VIEWS_AT_ONCE: usize = 2;
/// Views that are being worked out or wait for it; who asks for one more is told to come back.
pub const VIEWS_UNDER_WAY: usize = 16;
/// Views kept for the next who asks, and the entries of the log they may hold together.
pub const VIEWS_KEPT: usize = 16;
pub const VIEW_ENTRIES_KEPT: u64 = 4_000_000;
/// A view that takes longer is given up.
pub const VIEW_WITHIN: Duration = Duration::from_secs(60);

/// The time of day; of the machine, or simulated from a start for data of the past.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Unix seconds at `since`; `None`: the machine's time.
    start: Option<i64>,
    since: Instant,
    /// How many times as fast it runs at first, and for how long on the machine's clock.
    hurry: (f64, Duration),
}

impl Clock {
    pub fn system() -> Clock {
        Clock { start: None, since: Instant::now(), hurry: (1.0, Duration::ZERO) }
    }

    /// A clock that shows `start` (unix seconds) now and runs on from there.
    pub fn starting_at(start: i64) -> Clock {
        Clock { start: Some(start), ..Clock::system() }
    }

    /// The same clock, so many times as fast until `lasts` has passed on the machine's clock; then as others.
    pub fn hurried(self, times: f64, lasts: Duration) -> Clock {
        Clock { hurry: (times, lasts), ..self }
    }

    /// Is it another than the machine's?
    pub fn is_simulated(&self) -> bool {
        self.start.is_some()
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        match self.start {
            Some(start) => {
                let ((times, lasts), passed) = (self.hurry, self.since.elapsed());
                start + (passed.as_secs_f64() + passed.min(lasts).as_secs_f64() * (times - 1.0)) as i64
            }
            None => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
                since_epoch.map_or(0, |d| d.as_secs() as i64)
            }
        }
    }
}
