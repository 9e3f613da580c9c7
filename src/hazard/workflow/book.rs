//! The book of the desk: every step taken on an incident, and how each stands. Incidents that nobody has touched take no
//! room in it.

use std::num::NonZeroU64;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::super::checkpoint::{Loader, Saver};
use super::super::slot::{Moment, Slot};
use super::super::words::Words;
use super::{Deed, NoteId, Reason, Role, State, Step};
use crate::error::Result;

/// One step as it was taken.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    /// Log position.
    seq: Slot,
    /// Unix seconds.
    pub at: i64,
    pub step: Step,
    pub from: State,
    pub to: State,
    pub role: Option<Role>,
    /// How many reports the log held before it.
    reports_before: u32,
    /// The step before it on the same incident.
    previous: Option<Slot>,
    more: Option<Box<More>>,
}

/// What few steps have.
#[derive(Debug, Default, Serialize, Deserialize)]
struct More {
    actor_unit: Option<Slot>,
    unit: Option<Slot>,
    until: Option<i64>,
    reason: Option<Reason>,
    /// Of a merge or a split: the other incident.
    other: Option<Slot>,
    note: Option<NonZeroU64>,
    person: Option<NonZeroU64>,
    /// The reports, by index, that came with a merge or a split, or left with a split or a retraction.
    reports: Box<[u32]>,
}

/// What a step changes beside the states of the incident it is taken on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Effect<'r> {
    /// The incident of a merge, which is gone now, or of a split.
    pub other: Option<usize>,
    /// How many reports there are.
    pub reports_before: u32,
    /// Those that come or leave, by index.
    pub reports: &'r [u32],
}

/// How an incident stands that somebody has taken a step on.
#[derive(Debug, Serialize, Deserialize)]
struct Case {
    state: State,
    last: Slot,
    acknowledged_at: Option<Moment>,
    /// The unit that it was last sent to, and that has not sent it back.
    assigned: Option<Slot>,
    /// The step that asks for something and has no answer yet.
    asked: Option<Slot>,
    clock: Option<Box<Clock>>,
}

/// What moves the limits of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Time is granted until then; unix seconds.
    pub until: Option<i64>,
    pub suspended_at: Option<i64>,
    /// Time for which it was suspended before; it is given back.
    pub suspended_s: i64,
    pub reopened_at: Option<i64>,
}

/// Every step, in log order.
#[derive(Debug, Default)]
pub struct Book {
    rows: Vec<Row>,
    /// By incident.
    cases: HashMap<u32, Case>,
    units: Words,
}

impl Row {
    /// Log position.
    pub fn seq(&self) -> u64 {
        self.seq.index() as u64
    }

    /// The other incident of a merge or a split, by index.
    pub fn other(&self) -> Option<usize> {
        self.more.as_ref()?.other.map(Slot::index)
    }

    /// How many reports the log held before it: it lies behind those with smaller indices, and before all others.
    pub fn reports_before(&self) -> u32 {
        self.reports_before
    }

    /// The reports, by index, that came with a merge or a split, or left with a split or a retraction.
    pub fn reports(&self) -> &[u32] {
        self.more.as_ref().map_or(&[], |more| &more.reports)
    }

    /// Time is granted until then; unix seconds.
    pub fn until(&self) -> Option<i64> {
        self.more.as_ref()?.until
    }

    /// Is it a request that this step grants?
    pub fn is_granted_by(&self, step: Step) -> bool {
        matches!((self.step, step), (Step::RequestProlong, Step::Prolong) | (Step::RequestSuspend, Step::Suspend))
    }

    pub fn reason(&self) -> Option<Reason> {
        self.more.as_ref()?.reason
    }

    pub fn note(&self) -> Option<NoteId> {
        self.more.as_ref()?.note.map(NoteId)
    }

    /// The number of whoever took it.
    pub fn person(&self) -> Option<NonZeroU64> {
        self.more.as_ref()?.person
    }
}

impl Book {
    pub(in crate::hazard) fn save(&self, to: &mut Saver) -> Result<()> {
        to.rows(&self.rows)?;
        let mut cases: Vec<(&u32, &Case)> = self.cases.iter().collect();
        cases.sort_unstable_by_key(|(incident, _)| **incident);
        to.rows(&cases)?;
        self.units.save(to)
    }

    /// What was saved.
    pub(in crate::hazard) fn load(from: &mut Loader) -> Result<Book> {
        let (rows, cases) = (from.rows()?, from.rows::<(u32, Case)>()?);
        Ok(Book { rows, cases: cases.into_iter().collect(), units: Words::load(from)? })
    }

    pub fn state(&self, incident: usize) -> State {
        self.case(incident).map_or(State::Reported, |case| case.state)
    }

    /// When it was first acknowledged; unix seconds.
    pub fn acknowledged_at(&self, incident: usize) -> Option<i64> {
        self.case(incident)?.acknowledged_at.map(Moment::seconds)
    }

    pub fn clock(&self, incident: usize) -> Option<&Clock> {
        self.case(incident)?.clock.as_deref()
    }

    /// The last step taken on an incident.
    pub fn last(&self, incident: usize) -> Option<&Row> {
        self.case(incident).map(|case| &self.rows[case.last.index()])
    }

    /// The state in which an incident was when it ended last; reported, where no step says.
    pub fn before_end(&self, incident: usize) -> State {
        let mut at = self.case(incident).map(|case| case.last);
        while let Some(row) = at.map(|slot| &self.rows[slot.index()]) {
            if row.to.has_ended() && !row.from.has_ended() {
                return row.from;
            }
            at = row.previous;
        }
        State::Reported
    }

    /// The unit that an incident is with: of the last dispatch, unless it was returned since.
    pub fn unit_of(&self, incident: usize) -> Option<&str> {
        let history = self.history(incident);
        let last = history.into_iter().rev().find(|row| matches!(row.step, Step::Dispatch | Step::Return))?;
        self.unit(last).filter(|_| last.step == Step::Dispatch)
    }

    /// Every step taken on an incident and on those that were merged into it, in log order.
    pub fn history(&self, incident: usize) -> Vec<&Row> {
        let (mut rows, mut waiting) = (Vec::new(), vec![incident]);
        while let Some(next) = waiting.pop() {
            let mut at = self.case(next).map(|case| case.last);
            while let Some(slot) = at {
                let row = &self.rows[slot.index()];
                waiting.extend(row.other().filter(|_| row.step == Step::Merge));
                at = row.previous;
                rows.push(row);
            }
        }
        rows.sort_by_key(|row| row.seq);
        rows
    }

    /// The steps taken on an incident itself, in log order.
    pub fn own(&self, incident: usize) -> Vec<&Row> {
        let mut at = self.case(incident).map(|case| case.last);
        let mut rows = Vec::new();
        while let Some(slot) = at {
            let row = &self.rows[slot.index()];
            at = row.previous;
            rows.push(row);
        }
        rows.reverse();
        rows
    }

    /// The unit of whoever took a step.
    pub fn actor_unit(&self, row: &Row) -> Option<&str> {
        row.more.as_ref()?.actor_unit.map(|slot| self.units.get(slot))
    }

    /// The unit that a step sends the incident to.
    pub fn unit(&self, row: &Row) -> Option<&str> {
        row.more.as_ref()?.unit.map(|slot| self.units.get(slot))
    }

    /// The unit that an incident was last sent to, unless it came back or was opened again since.
    pub fn assigned(&self, incident: usize) -> Option<&str> {
        self.case(incident)?.assigned.map(|slot| self.units.get(slot))
    }

    /// The step that asks for more time, or to wait for works, and has no answer yet.
    pub fn asked(&self, incident: usize) -> Option<&Row> {
        self.case(incident)?.asked.map(|slot| &self.rows[slot.index()])
    }

    /// Log position of the last step taken on an incident.
    pub fn last_seq(&self, incident: usize) -> Option<u64> {
        self.last(incident).map(Row::seq)
    }

    fn case(&self, incident: usize) -> Option<&Case> {
        self.cases.get(&(incident as u32))
    }

    /// Notes a step on an incident. `suspended_s`: how long it was suspended until now, so far as that time counts.
    pub(in crate::hazard) fn record(
        &mut self,
        incident: usize,
        deed: &Deed,
        effect: Effect,
        suspended_s: impl FnOnce(i64, i64) -> i64,
    ) {
        let (from, other) = (self.state(incident), effect.other);
        let to = match (deed.step, other) {
            (Step::Merge, Some(other)) => match from.merged(self.state(other)) {
                // Acknowledged, if either was.
                State::Reported if [incident, other].iter().any(|&i| self.acknowledged_at(i).is_some()) => {
                    State::Acknowledged
                }
                merged => merged,
            },
            _ => from.folded(deed.step),
        };
        let row = self.row(incident, deed, effect, (from, to));
        let last = Slot::new(self.rows.len());
        let unit = row.more.as_ref().and_then(|more| more.unit);
        self.rows.push(row);
        let gone = other.filter(|_| deed.step == Step::Merge);
        let goes = gone.and_then(|i| self.case(i));
        let goes = goes.map(|case| (case.state, case.acknowledged_at, case.clock.clone(), case.assigned));
        let fresh = || Case { state: from, last, acknowledged_at: None, assigned: None, asked: None, clock: None };
        let case = self.cases.entry(incident as u32).or_insert_with(fresh);
        (case.state, case.last) = (to, last);
        if let Some((state, acknowledged_at, clock, assigned)) = goes {
            case.acknowledged_at = [case.acknowledged_at, acknowledged_at].into_iter().flatten().min();
            // Its limits and its unit are those of the one whose state it has.
            if state == to && from != to {
                (case.clock, case.assigned) = (clock, assigned);
            }
        }
        // Two that become one keep the time of the one whose state they have.
        if deed.step == Step::Merge {
            return;
        }
        if deed.step == Step::Acknowledge {
            let at = Moment::new(deed.at);
            case.acknowledged_at = Some(case.acknowledged_at.map_or(at, |before| before.min(at)));
        }
        match deed.step {
            Step::Dispatch => case.assigned = unit,
            Step::Return | Step::Reopen if to != from => case.assigned = None,
            Step::RequestProlong | Step::RequestSuspend => case.asked = Some(last),
            Step::Prolong | Step::Suspend | Step::Refuse => case.asked = None,
            _ => {}
        }
        // Where nobody is at work, nobody asks for more time.
        if to != from && !matches!(to, State::Acknowledged | State::Dispatched | State::InProgress) {
            case.asked = None;
        }
        case.keep_time(deed, (from, to), suspended_s);
    }

    fn row(&mut self, incident: usize, deed: &Deed, effect: Effect, (from, to): (State, State)) -> Row {
        let other = effect.other.map(Slot::new);
        let mut more = More { other, reports: effect.reports.into(), ..More::default() };
        let mut role = None;
        if let Some(taken) = deed.taken {
            role = Some(taken.actor.role);
            more.actor_unit = taken.actor.unit.as_deref().map(|unit| self.units.intern(unit));
            more.unit = taken.unit.as_deref().map(|unit| self.units.intern(unit));
            (more.until, more.reason, more.note) = (taken.until, taken.reason, taken.note.map(|note| note.0));
            more.person = taken.actor.person;
        }
        let More { actor_unit, unit, until, reason, other, note, person, reports } = &more;
        let plain = actor_unit.or(*unit).or(*other).is_none()
            && reports.is_empty()
            && note.or(*person).is_none()
            && until.is_none()
            && reason.is_none();
        Row {
            seq: Slot::new(deed.seq as usize),
            at: deed.at,
            step: deed.step,
            from,
            to,
            role,
            reports_before: effect.reports_before,
            previous: self.case(incident).map(|case| case.last),
            more: (!plain).then(|| Box::new(more)),
        }
    }
}

impl Case {
    fn keep_time(&mut self, deed: &Deed, (from, to): (State, State), suspended_s: impl FnOnce(i64, i64) -> i64) {
        let clock = self.clock.as_deref().cloned().unwrap_or_default();
        let mut next = clock.clone();
        if from == State::Suspended
            && to != from
            && let Some(since) = next.suspended_at.take()
        {
            // What was set while it was suspended was the end of that.
            next.until = None;
            next.suspended_s += suspended_s(since, deed.at);
        }
        if to == State::Suspended && to != from {
            next.suspended_at = Some(deed.at);
            next.until = None;
        }
        if to == State::Reopened && to != from {
            next = Clock { reopened_at: Some(deed.at), ..Clock::default() };
        }
        let granted = deed.taken.filter(|_| !matches!(deed.step, Step::RequestProlong | Step::RequestSuspend));
        if let Some(until) = granted.and_then(|taken| taken.until) {
            next.until = Some(until);
        }
        if next != clock {
            self.clock = Some(Box::new(next));
        }
    }
}
