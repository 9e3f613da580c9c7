//! What has happened at an incident, in log order, as far as its closures depend on it: the map keeps what is, and the book
//! of the desk what has left or come since; from the two follows what was.

use std::collections::{BTreeMap, BTreeSet};

use super::super::addition::{Added, Saying};
use super::super::map::HazardMap;
use super::super::report::ReportRow;
use super::super::workflow::Step;
use super::super::workflow::book::Row;
use super::Source;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub source: Source,
    /// When, in unix seconds; of a report when it was received.
    pub at: i64,
    pub change: Change,
}

/// Reports by index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Somebody reported, or saw it dry.
    Reported(u32),
    /// These came with a merge or a split; a merge may leave it ended or not.
    Came {
        reports: Box<[u32]>,
        ended: Option<bool>,
    },
    /// Its sender said more of one that is, was or will be here.
    Added(Added),
    /// This one was retracted, or is another incident's from now on.
    Left(u32),
    Ended,
    Reopened,
    Found,
    /// It became part of another incident.
    Gone,
}

/// What is known of an incident at some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its reports, by index, without those that saw it dry.
    pub reports: BTreeSet<u32>,
    /// Staff found it.
    pub found: bool,
    /// What its reports said by then of which more was said at any time.
    told: BTreeMap<u32, Saying>,
}

/// What reports said before anything more was said of them.
pub(super) fn at_first(turns: &[Turn]) -> BTreeMap<u32, Saying> {
    let added = turns.iter().rev().filter_map(|turn| match turn.change {
        Change::Added(added) => Some((added.report, added.before)),
        _ => None,
    });
    added.collect()
}

impl Known {
    /// What a report said by then, by index.
    pub fn saying(&self, rows: &[ReportRow], report: u32) -> Saying {
        self.told.get(&report).copied().unwrap_or_else(|| Saying::of(&rows[report as usize]))
    }

    /// After so many of the turns, those not counted that say more of a report that was not here: which these are changes
    /// when a merge brings it.
    pub(super) fn after(turns: &[Turn], number: usize) -> Known {
        let mut known = Known { told: at_first(turns), ..Known::default() };
        let mut counted = 0;
        for turn in turns {
            if let Change::Added(added) = &turn.change
                && !known.reports.contains(&added.report)
            {
                known.told.insert(added.report, added.after);
                continue;
            }
            if counted == number {
                break;
            }
            counted += 1;
            match &turn.change {
                Change::Reported(report) => known.reports.extend([report]),
                Change::Came { reports, .. } => known.reports.extend(&**reports),
                Change::Added(added) => {
                    known.told.insert(added.report, added.after);
                }
                Change::Left(report) => {
                    known.reports.remove(report);
                }
                Change::Found => known.found = true,
                // What is gone is told as it was.
                Change::Ended | Change::Reopened | Change::Gone => {}
            }
        }
        known
    }
}

/// Where something stands in the log among the reports: steps before the report of the same number.
type Order = (u32, bool, u64);

/// All of an incident, by its index.
pub fn all(map: &HazardMap, incident: usize) -> Vec<Turn> {
    let case = &map.incidents()[incident];
    let steps = map.book().own(incident);
    let gone = map.merged_into(incident).and_then(|into| {
        let steps = map.book().own(into);
        steps.into_iter().find(|row| row.step == Step::Merge && row.other() == Some(incident))
    });
    // Backwards from those that it holds, or held when it went, to those that it took itself.
    let mut own: BTreeSet<u32> = gone.map_or(&*case.reports, Row::reports).iter().copied().collect();
    for row in steps.iter().rev() {
        for report in row.reports() {
            if comes(row, case.opened()) {
                own.remove(report)
            } else {
                own.insert(*report)
            };
        }
    }
    let mut turns: Vec<(Order, Turn)> = Vec::new();
    let withdrawals = map.withdrawals_at(case);
    let dry = map.dry_reports_at(case).into_iter().chain(withdrawals.iter().map(|withdrawal| withdrawal.report));
    let ever: BTreeSet<u32> = own.iter().chain(steps.iter().flat_map(|row| row.reports())).copied().collect();
    for added in ever.into_iter().flat_map(|report| map.reports().additions_to(report)) {
        let turn = Turn { source: Source::Step(added.seq), at: added.at, change: Change::Added(*added) };
        turns.push(((added.reports_before, false, added.seq), turn));
    }
    for report in own.into_iter().chain(dry) {
        let at = map.reports().rows()[report as usize].received_at;
        let turn = Turn { source: Source::Report(report), at, change: Change::Reported(report) };
        turns.push(((report, true, 0), turn));
    }
    for withdrawal in withdrawals {
        let turn =
            Turn { source: Source::Step(withdrawal.seq), at: withdrawal.at, change: Change::Left(withdrawal.report) };
        turns.push(((withdrawal.reports_before, false, withdrawal.seq), turn));
    }
    let step = |row: &Row, change: Change| {
        let turn = Turn { source: Source::Step(row.seq()), at: row.at, change };
        ((row.reports_before(), false, row.seq()), turn)
    };
    turns.extend(steps.iter().filter_map(|row| Some(step(row, change(map, row, case.opened())?))));
    turns.extend(gone.map(|row| step(row, Change::Gone)));
    turns.sort_by_key(|(order, _)| *order);
    turns.into_iter().map(|(_, turn)| turn).collect()
}

/// Did the reports of a step come, into an incident opened at a position of the log? Else they left.
fn comes(row: &Row, opened: u64) -> bool {
    row.step == Step::Merge || row.seq() == opened
}

/// What a step on an incident itself changes.
fn change(map: &HazardMap, row: &Row, opened: u64) -> Option<Change> {
    Some(match row.step {
        Step::Merge => {
            // Whoever went was ended then as it is now.
            let ended = row.other().is_some_and(|other| map.incidents()[other].ended.is_some());
            Change::Came { reports: row.reports().into(), ended: Some(ended) }
        }
        Step::Split if row.seq() == opened => Change::Came { reports: row.reports().into(), ended: None },
        Step::Split | Step::Retract => Change::Left(*row.reports().first()?),
        Step::Resolve | Step::Dismiss => Change::Ended,
        Step::Reopen | Step::Rework => Change::Reopened,
        Step::Found => Change::Found,
        _ => return None,
    })
}
