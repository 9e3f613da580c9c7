//! Closures: where vehicles cannot pass now. What happens at an incident, in log order, makes a chain of messages: closed,
//! still closed, open again. Passability is an observation and grows old: each message holds until `closure_s` of its
//! category after the observation, and for [`DRY_HOLD_S`] more once somebody saw it dry.
//!
//! What was said stays so: whoever retracts a report, says more of it, ends, reopens, splits or merges incidents adds a
//! message.

mod chain;
mod turns;

#[cfg(test)]
mod tests;

use super::category::Category;
use super::event::Passability;
use super::incident::Incident;
use super::map::HazardMap;
use chain::Chain;
pub use turns::Known;

/// How long a closure still holds after one dry report, which may be mistaken: time for a second look.
pub const DRY_HOLD_S: i64 = 1_800;

/// A place that is closed, or closed to small cars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    pub passability: Passability,
    /// When it was first seen closed, and not open again since; unix seconds.
    pub since: i64,
    /// When it was last seen closed.
    pub last_observed_at: i64,
    /// From then on nobody knows.
    pub expires_at: i64,
}

/// What a message rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A report, by index: its place in the log's order of reports, whether or not others are retracted.
    Report(u32),
    /// What somebody did with the incident or one of its reports, by its position in the log.
    Step(u64),
}

/// What a message says beside those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is closed.
    Alert,
    /// Still, or otherwise, or for another time.
    Update,
    /// No longer.
    Cancel,
}

/// One message about an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    pub source: Source,
    pub kind: Kind,
    /// When it was known; unix seconds, and never before the message it follows.
    pub sent: i64,
    /// What holds; of a cancellation, what held.
    pub closed: Closed,
    /// Which message of the chain it goes back to: that alert and all after it are its references.
    pub alert: usize,
    /// How much had happened at the incident, this included, as what is known is counted by.
    turn: usize,
}

impl Closed {
    /// Can only small cars not pass?
    pub fn is_for_small_cars(&self) -> bool {
        self.passability == Passability::ImpassableSmall
    }
}

impl Message {
    fn is_in_force(&self, at: i64) -> bool {
        self.kind != Kind::Cancel && at < self.closed.expires_at
    }
}

/// The chain of messages about one incident, by its index; it goes on where another merges into it, and ends where it does
/// itself. A pure function of the log, so that it is the same after a restart.
pub fn messages(map: &HazardMap, incident: usize) -> Vec<Message> {
    if !can_have_closed(map, incident) {
        return Vec::new();
    }
    let turns = turns::all(map, incident);
    let mut chain = Chain::new(map.reports().rows(), map.incidents()[incident].category, turns::at_first(&turns));
    turns.iter().for_each(|turn| chain.take(turn));
    chain.messages()
}

/// What was known of an incident, by its index, when a message of its chain was sent.
pub fn known(map: &HazardMap, incident: usize, message: &Message) -> Known {
    let mut known = Known::after(&turns::all(map, incident), message.turn);
    known.reports.retain(|&report| !map.reports().rows()[report as usize].dry());
    known
}

/// What holds at an incident, by its index, at a time in unix seconds.
pub fn at(map: &HazardMap, incident: usize, now: i64) -> Option<Closed> {
    let Incident { category, facts, ended, .. } = map.incidents()[incident];
    // Most ended, or were last seen too long ago; looking into the reports of the others takes the time.
    if map.incidents()[incident].is_void() || ended.is_some() || now >= facts.last + longest_hold_s(category) {
        return None;
    }
    messages(map, incident).last().filter(|message| message.is_in_force(now)).map(|message| message.closed)
}

/// Until when the last message of an incident can have been sent at the latest, in unix seconds: whatever is retracted, a
/// closure that it cancels rested on a report that the incident took.
pub fn latest(map: &HazardMap, incident: &Incident) -> i64 {
    let rule = map.rule(incident.category);
    let lasts = incident.facts.last.max(incident.facts.first + rule.max_open_s + rule.lapse_s);
    lasts + longest_hold_s(incident.category)
}

/// Does, or did, a report of an incident say that something is closed? Of most none does.
fn can_have_closed(map: &HazardMap, incident: usize) -> bool {
    let Incident { category, reports, .. } = &map.incidents()[incident];
    let is_closed = |r: &u32| closes(map.reports().rows()[*r as usize].passability);
    let moved = || map.book().own(incident).iter().any(|row| row.reports().iter().any(is_closed));
    !category.is_alone() && (reports.iter().any(is_closed) || map.merged_into(incident).is_some() || moved())
}

fn closes(passability: Option<Passability>) -> bool {
    passability.is_some_and(|p| p >= Passability::ImpassableSmall)
}

fn longest_hold_s(category: Category) -> i64 {
    category.info().closure_s
}
