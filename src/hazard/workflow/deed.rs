//! Whatever people do with incidents, in one shape: a step of the workflow, one that was imported, an old note.

use super::super::event::{Action, Event};
use super::{Step, Transition};

/// One step of the log on the incident that holds `report`.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'e> {
    /// Log position.
    pub seq: u64,
    /// Unix seconds.
    pub at: i64,
    pub step: Step,
    pub report: &'e str,
    /// Of a merge: a report of the other incident.
    pub other: Option<&'e str>,
    /// It changes nothing but the state: an old note.
    pub noted: bool,
    /// All that is known of it, where it was taken here.
    pub taken: Option<&'e Transition>,
}

impl<'e> Deed<'e> {
    /// The deed that an event is; nothing for other events, and for notes that are no step of the workflow.
    pub fn of(seq: u64, event: &'e Event) -> Option<Deed<'e>> {
        let plain = |at, step, report| Deed { seq, at, step, report, other: None, noted: false, taken: None };
        match event {
            Event::Act(act) => Some(plain(act.at, Step::from(act.action), &act.report)),
            Event::Merge(merge) => {
                Some(Deed { other: Some(&merge.other), ..plain(merge.at, Step::Merge, &merge.report) })
            }
            Event::Note(note) => {
                // What has an event of its own is no note.
                let step = Step::named(&note.step)
                    .filter(|step| matches!(step, Step::Dispatch | Step::Start | Step::Verify))?;
                Some(Deed { noted: true, ..plain(note.at, step, note.report.as_deref()?) })
            }
            Event::Transition(taken) => {
                let other = taken.other.as_deref();
                Some(Deed { other, taken: Some(taken), ..plain(taken.at, taken.step, &taken.report) })
            }
            _ => None,
        }
    }
}

impl From<Action> for Step {
    fn from(action: Action) -> Step {
        match action {
            Action::Acknowledge => Step::Acknowledge,
            Action::Resolve => Step::Resolve,
            Action::Dismiss => Step::Dismiss,
            Action::Reopen => Step::Reopen,
            Action::Found => Step::Found,
            Action::NotFound => Step::NotFound,
            Action::Retract => Step::Retract,
            Action::Split => Step::Split,
        }
    }
}
