//! The workflow of an incident: in which state it can be, which steps lead on, who may take them and what they need. One
//! table says all of it. A step is never taken back: what undoes it is another step, and both stand in the history.
//!
//! New steps are judged by the table before they are written ([`judge`]). The fold takes whatever the log holds
//! ([`State::folded`]): imported cases come with steps that nobody has judged, and under another rule an incident may be
//! another.

pub mod book;
pub mod calendar;
pub mod deadlines;
mod deed;
mod due;
pub mod limits;
pub mod told;
mod transition;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use deed::Deed;
pub use transition::{Actor, NoteId, Transition};

use crate::error::{Error, Result, invalid};

/// Words of the wire as a type: each with its name, which is the variant's in small letters, all of them in a list.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        $(#[$about])*
        pub enum $name {
            $($(#[$what])* $variant),+
        }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            pub fn name(self) -> &'static str {
                match self {
                    $($name::$variant => $word),+
                }
            }

            /// The one of this name.
            pub fn named(name: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|known| known.name() == name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

words! {
    /// How far people have got with an incident; of the open ones the later have got further.
    #[schema(as = IncidentState)]
    State {
        Reported = "reported",
        /// It had ended, and is to be looked at again.
        Reopened = "reopened",
        Acknowledged = "acknowledged",
        /// It was sent to the wrong unit.
        Returned = "returned",
        /// It waits for works: no clock runs, unless a time is set.
        Suspended = "suspended",
        /// A unit was sent.
        Dispatched = "dispatched",
        InProgress = "in_progress",
        Resolved = "resolved",
        /// Somebody checked that it is resolved.
        Verified = "verified",
        Dismissed = "dismissed",
    }
}

words! {
    /// What can be done with an incident.
    #[schema(as = IncidentStep)]
    Step {
        Acknowledge = "acknowledge",
        Dispatch = "dispatch",
        Start = "start",
        Resolve = "resolve",
        Verify = "verify",
        Dismiss = "dismiss",
        Return = "return",
        Prolong = "prolong",
        Suspend = "suspend",
        /// More time is asked for: no clock changes until it is granted, by prolong, or refused.
        RequestProlong = "request_prolong",
        /// It is asked to wait for works: no clock changes until that is granted, by suspend, or refused.
        RequestSuspend = "request_suspend",
        /// What was asked for is not granted.
        Refuse = "refuse",
        Reopen = "reopen",
        Found = "found",
        NotFound = "not_found",
        /// Another incident becomes part of this one, or this one of that, which was opened first.
        Merge = "merge",
        /// A report becomes an incident of its own.
        Split = "split",
        /// A report is hidden; only imported cases have it.
        Retract = "retract",
        /// Whoever checks finds the repair wanting: it goes back to whoever has it, and the clock runs on. The last, for a
        /// checkpoint knows steps by their places.
        Rework = "rework",
    }
}

words! {
    /// What somebody is to an incident.
    Role {
        Reporter = "reporter",
        GridWorker = "grid_worker",
        Department = "department",
        Planner = "planner",
        Administrator = "administrator",
    }
}

words! {
    /// Why an incident was dismissed.
    #[schema(as = DismissalReason)]
    Reason {
        /// There was no hazard.
        FalseAlarm = "false_alarm",
        Duplicate = "duplicate",
        /// None of the city's units is responsible.
        NotOurs = "not_ours",
        /// Not a report: a trial, an insult.
        Abuse = "abuse",
    }
}

words! {
    /// What a step can need beside its name.
    #[schema(as = StepField)]
    Field {
        Unit = "unit",
        Until = "until",
        Reason = "reason",
        OtherIncidentId = "other_incident_id",
        ReportId = "report_id",
        /// Any step may have one; with a rework it says what is lacking.
        Note = "note",
    }
}

/// One line of the table: a step, where it may be taken, where it leads, who may take it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StepRule)]
pub struct Rule {
    pub step: Step,
    pub from: &'static [State],
    /// `None`: the state stays, or follows from both incidents of a merge.
    pub to: Option<State>,
    pub roles: &'static [Role],
    /// Fields that have to be given; unit and time need not where the incident suggests a unit, or a time was asked for.
    pub needs: &'static [Field],
    /// What it may have, besides.
    pub takes: &'static [Field],
    /// It answers a request, and is possible only where there is one.
    pub answers: bool,
}

use Role::{Administrator, Department, GridWorker, Planner};
use State::{
    Acknowledged, Dismissed, Dispatched, InProgress, Reopened, Reported, Resolved, Returned, Suspended, Verified,
};

/// Who decides: time, units, what is one case and what two.
const DESK: &[Role] = &[GridWorker, Administrator];
/// Who is on site.
const SITE: &[Role] = &[GridWorker, Department, Administrator];
/// Who checks the work of others.
const CHECK: &[Role] = &[GridWorker, Planner, Administrator];
/// Who does the work, and asks for more time.
const WORK: &[Role] = &[Department, Administrator];
const NOT_CHECKED: &[State] =
    &[Reported, Reopened, Acknowledged, Returned, Suspended, Dispatched, InProgress, Resolved];

const fn rule(step: Step, from: &'static [State], to: Option<State>, roles: &'static [Role]) -> Rule {
    Rule { step, from, to, roles, needs: &[], takes: &[], answers: false }
}

/// The table. What undoes a step: of dispatch and start, return; of an end, reopen, or of one that nobody has verified yet,
/// rework; of suspend, start; of prolong, prolong with another time; of a request, another, or its answer; of found,
/// not_found; of merge, split. An acknowledgement stays: what was seen was seen.
pub const TABLE: &[Rule] = &[
    rule(Step::Acknowledge, &[Reported, Reopened], Some(Acknowledged), SITE),
    Rule { needs: &[Field::Unit], ..rule(Step::Dispatch, &[Acknowledged, Returned], Some(Dispatched), DESK) },
    rule(Step::Start, &[Dispatched, Suspended], Some(InProgress), SITE),
    rule(Step::Resolve, &[Acknowledged, Dispatched, InProgress], Some(Resolved), SITE),
    rule(Step::Verify, &[Resolved], Some(Verified), CHECK),
    Rule {
        needs: &[Field::Reason],
        ..rule(Step::Dismiss, &[Reported, Reopened, Acknowledged, Returned], Some(Dismissed), DESK)
    },
    Rule { takes: &[Field::Unit], ..rule(Step::Return, &[Dispatched, InProgress, Suspended], Some(Returned), SITE) },
    Rule { needs: &[Field::Until], ..rule(Step::Prolong, &[Acknowledged, Dispatched, InProgress], None, DESK) },
    Rule { takes: &[Field::Until], ..rule(Step::Suspend, &[Dispatched, InProgress], Some(Suspended), DESK) },
    Rule { needs: &[Field::Until], ..rule(Step::RequestProlong, &[Acknowledged, Dispatched, InProgress], None, WORK) },
    Rule { takes: &[Field::Until], ..rule(Step::RequestSuspend, &[Dispatched, InProgress], None, WORK) },
    Rule { answers: true, ..rule(Step::Refuse, &[Acknowledged, Dispatched, InProgress], None, DESK) },
    Rule { needs: &[Field::Note], ..rule(Step::Rework, &[Resolved], Some(InProgress), CHECK) },
    rule(Step::Reopen, &[Resolved, Verified, Dismissed], Some(Reopened), CHECK),
    rule(Step::Found, NOT_CHECKED, None, SITE),
    rule(Step::NotFound, NOT_CHECKED, None, SITE),
    Rule { needs: &[Field::OtherIncidentId], ..rule(Step::Merge, State::ALL, None, DESK) },
    Rule { needs: &[Field::ReportId], ..rule(Step::Split, State::ALL, None, DESK) },
];

/// What may follow a state, in which something has been asked for (`asked`) or not.
pub fn legal(state: State, asked: bool) -> impl Iterator<Item = &'static Rule> {
    TABLE.iter().filter(move |rule| rule.from.contains(&state) && (asked || !rule.answers))
}

/// May this step be taken on an incident in this state, with or without a request that waits for an answer?
///
/// # Errors
/// `Conflict` that lists the legal steps; `Forbidden` for a role that may not; `Invalid` for a field that is missing, or
/// that the step has no use for.
pub fn judge(state: State, asked: bool, taken: &Transition) -> Result<()> {
    let step = taken.step;
    let Some(rule) = legal(state, asked).find(|rule| rule.step == step) else {
        let legal: Vec<_> = legal(state, asked).map(|rule| rule.step.name()).collect();
        let told = format!("{step} is not possible: the incident is {state}; possible are {}", legal.join(", "));
        return Err(Error::Conflict(told));
    };
    if !rule.roles.contains(&taken.actor.role) {
        return Err(Error::Forbidden);
    }
    for &field in Field::ALL {
        let (given, needed) = (taken.has(field), rule.needs.contains(&field));
        if needed && !given {
            return Err(invalid(field.name(), "", format!("missing: {step} needs it")));
        }
        if given && !needed && field != Field::Note && !rule.takes.contains(&field) {
            return Err(invalid(field.name(), "", format!("{step} has no use for it")));
        }
    }
    Ok(())
}

impl Transition {
    fn has(&self, field: Field) -> bool {
        match field {
            Field::Unit => self.unit.is_some(),
            Field::Until => self.until.is_some(),
            Field::Reason => self.reason.is_some(),
            Field::OtherIncidentId => self.other.is_some(),
            // Every step names one: of all but a split, any of the incident's.
            Field::ReportId => self.step == Step::Split,
            Field::Note => self.note.is_some(),
        }
    }
}

impl Step {
    /// The state that it leads to, wherever it is taken.
    fn target(self) -> Option<State> {
        TABLE.iter().find(|rule| rule.step == self).and_then(|rule| rule.to)
    }
}

impl State {
    /// Resolved, verified or dismissed.
    pub fn has_ended(self) -> bool {
        self >= Resolved
    }

    /// The state after a step of the log, whether or not the table has it: an end holds until a reopen or a rework, and
    /// an acknowledgement takes nothing back.
    pub fn folded(self, step: Step) -> State {
        match (step.target(), step) {
            (None, _) => self,
            (Some(_), Step::Reopen | Step::Rework) if !self.has_ended() => self,
            (Some(_), Step::Verify) if self != Resolved => self,
            (Some(to), Step::Reopen | Step::Rework | Step::Verify) => to,
            (Some(_), _) if self.has_ended() => self,
            (Some(_), Step::Acknowledge) if self >= Acknowledged => self,
            (Some(to), _) => to,
        }
    }

    /// The state of two incidents that have become one: ended only if both were, dismissed or verified only if both;
    /// else as far as the open one has got, or the one that has got further.
    pub fn merged(self, other: State) -> State {
        match (self.has_ended(), other.has_ended()) {
            (true, true) if self == other => self,
            (true, true) => Resolved,
            (true, false) => other,
            (false, true) => self,
            (false, false) => self.max(other),
        }
    }
}

#[cfg(test)]
mod tests;
