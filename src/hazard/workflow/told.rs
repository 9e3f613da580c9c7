//! What reporters are told: which steps, and whose.

use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::book::Row;
use super::{Step, Transition};

impl Step {
    /// Is it told to reporters? Time that is asked for and granted is between units, and a split or a retraction is of
    /// another case.
    pub fn is_told(self) -> bool {
        use Step::{Prolong, Refuse, RequestProlong, RequestSuspend, Retract, Split};
        !matches!(self, Prolong | RequestProlong | RequestSuspend | Refuse | Split | Retract)
    }

    /// Does what was done count no more, so that it may be done, and told, again?
    fn leads_back(self) -> bool {
        matches!(self, Step::Return | Step::Suspend | Step::Reopen | Step::Rework)
    }
}

/// Was this report posted here? One from elsewhere has its source before a colon in its id.
pub fn is_posted(report: &str) -> bool {
    !report.contains(':')
}

/// Of the steps on an incident and on those merged into it, in log order, those that its reporters are told: each once.
/// Two cases that became one may both have been acknowledged; that is one step to whoever waits.
pub fn told<'b>(history: &[&'b Row]) -> Vec<&'b Row> {
    let mut done: Vec<Step> = Vec::new();
    let mut told: Vec<&Row> = Vec::new();
    for &row in history.iter().filter(|row| row.step.is_told()) {
        if row.step.leads_back() {
            // Both may have been sent back, too.
            if told.last().is_some_and(|last| last.step == row.step) {
                continue;
            }
            done.clear();
        }
        if done.contains(&row.step) && row.step != Step::Merge {
            continue;
        }
        done.push(row.step);
        told.push(row);
    }
    told
}

impl HazardMap {
    /// The posted reports whose reporters are to be told of a step that this map has not seen yet. Of a merge only those
    /// of the case that goes hear: to the others nothing has changed.
    pub fn to_be_told(&self, taken: &Transition) -> Vec<&str> {
        if !taken.step.is_told() {
            return Vec::new();
        }
        let home = |id: &str| self.reports().rows()[self.reports().find(id)?].incident.map(Slot::index);
        let other = taken.other.as_deref().and_then(home);
        // The one opened first stays.
        let Some(incident) = home(&taken.report).max(other) else { return Vec::new() };
        let reports = self.incidents()[incident].reports.iter().map(|&r| self.reports().id(r as usize));
        reports.filter(|id| is_posted(id)).collect()
    }
}
