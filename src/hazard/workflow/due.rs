//! One of the deadlines, by which they are in order. It is read in one way only, so that a test can count how many of them
//! are looked at.

use std::cmp::Ordering;

/// When a limit of an incident passes: unix seconds and the incident's index.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    at: i64,
    incident: u32,
}

impl Due {
    pub fn new(at: i64, incident: u32) -> Due {
        Due { at, incident }
    }

    /// The time, and the incident.
    pub fn read(self) -> (i64, u32) {
        #[cfg(test)]
        counted::look();
        (self.at, self.incident)
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Due) -> bool {
        self.read() == other.read()
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Due) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The earlier first; of the same second the incident that was opened first.
impl Ord for Due {
    fn cmp(&self, other: &Due) -> Ordering {
        self.read().cmp(&other.read())
    }
}

/// How often a deadline, or an incident for its deadline, is looked at.
#[cfg(test)]
pub mod counted {
    use std::cell::Cell;

    thread_local! {
        static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    pub fn look() {
        LOOKS.set(LOOKS.get() + 1);
    }

    /// What some work gives, and how many looks it took on this thread.
    pub fn of<T>(work: impl FnOnce() -> T) -> (T, usize) {
        let before = LOOKS.get();
        let done = work();
        (done, LOOKS.get() - before)
    }
}
