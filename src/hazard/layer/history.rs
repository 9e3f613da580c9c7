//! How an incident stands in the workflow: what was done, what may follow, by when.

use std::num::NonZeroU64;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::super::map::HazardMap;
use super::super::workflow::book::Row;
use super::super::workflow::limits::Hours;
use super::super::workflow::{Field, NoteId, Reason, Role, Rule, State, Step, legal};
use super::feature::Time;
use super::lookup::IncidentId;
use super::units::{SuggestedUnit, UnitNamed, escalates_to};

/// Where an incident stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Standing {
    pub incident_id: IncidentId,
    pub state: State,
    /// Changes with every step; `If-Match` takes it, in quotes.
    pub version: Version,
    /// When its next limit passes.
    pub deadline: Option<Time>,
    /// Its deadline has passed.
    pub overdue: bool,
    /// How many of its limits have passed without being met: the more, the further it is carried.
    pub escalation: usize,
    /// The unit it is carried to: of the first limit that has passed the one that supervises the unit it was sent to, or
    /// should be; of the second the one above that, and so on.
    pub escalates_to: Option<UnitNamed>,
    /// The finest area it belongs to, and those above.
    pub area_ids: Vec<String>,
    /// The unit that it was last sent to.
    pub assigned_unit: Option<UnitNamed>,
    /// The unit to send, which a dispatch that names none takes; null where one was sent, or nobody is responsible.
    pub suggested_unit: Option<SuggestedUnit>,
    /// The step that asks for more time, or to wait for works, and has no answer yet: prolong, suspend or refuse.
    pub asked: Option<StepTaken>,
    /// How far the calendar of its limits goes, where that ends this year or has ended.
    pub remark: Option<String>,
    pub last_step: Option<StepTaken>,
    pub next_steps: Vec<NextStep>,
}

/// The position in the log of the last step on an incident, or of the event that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String)]
pub struct Version(pub u64);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "v{}", self.0)
    }
}

impl std::str::FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Version, ()> {
        text.strip_prefix('v').and_then(|seq| seq.parse().ok()).map(Version).ok_or(())
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

/// A step as it was taken. Nothing of the person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StepTaken {
    /// Log position.
    pub seq: u64,
    pub at: Time,
    pub step: Step,
    pub from: State,
    pub to: State,
    /// Of whoever took it; null where it was taken elsewhere and imported.
    pub role: Option<Role>,
    /// His unit.
    pub by_unit: Option<String>,
    /// The unit that it was sent to, or should go to.
    pub unit: Option<String>,
    /// Time was granted until then.
    pub until: Option<Time>,
    pub reason: Option<Reason>,
    /// Of a merge or a split.
    pub other_incident_id: Option<IncidentId>,
    /// As whom others know him who took it, where he has an account; given to those who may read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub by_name: Option<Option<String>>,
    /// What was said with it; not given to those who may not read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Option<String>>,
    /// What was shown with it, by the ids of the photos; not given to those who may not see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photos: Option<Vec<String>>,
    /// Reporters see these photos; given to those who may see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photos_told: Option<bool>,
    #[serde(skip)]
    pub note_id: Option<NoteId>,
    /// Leads to the name; never published.
    #[serde(skip)]
    pub person: Option<NonZeroU64>,
}

/// A step that is possible now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NextStep {
    pub step: Step,
    /// Where it leads.
    pub to: State,
    pub roles: &'static [Role],
    /// Fields that have to be given.
    pub needs: Vec<Field>,
    /// Fields that may be given; a unit or a time that is suggested or was asked for is taken where none is.
    pub takes: Vec<Field>,
}

/// Every step on an incident and on those merged into it, in log order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct History {
    pub incident_id: IncidentId,
    pub state: State,
    pub version: Version,
    pub rows: Vec<StepTaken>,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

impl Standing {
    /// Of an incident at a time; unix seconds.
    pub fn of(map: &HazardMap, incident: usize, now: i64) -> Standing {
        let state = map.book().state(incident);
        let deadline = map.deadline(incident);
        let escalation = map.escalation(incident, now);
        let anchor = map.incidents()[incident].anchor;
        let (suggested, asked) = (map.suggested(incident, now), map.book().asked(incident));
        Standing {
            incident_id: IncidentId(map.incidents()[incident].opened()),
            state,
            version: Version(map.version(incident)),
            deadline: deadline.map(Time),
            overdue: deadline.is_some_and(|at| at < now),
            escalation,
            escalates_to: escalates_to(map, incident, escalation, now),
            area_ids: map.areas().holding(anchor).into_iter().map(str::to_owned).collect(),
            assigned_unit: map.book().assigned(incident).map(|id| UnitNamed::of(map, id)),
            suggested_unit: suggested.as_ref().map(|route| SuggestedUnit::of(map, route)),
            remark: map.limits(incident).filter(|_| deadline.is_some()).and_then(|limits| match limits.hours() {
                Hours::Working => map.calendar().ending(now),
                Hours::Clock => None,
            }),
            last_step: map.book().last(incident).map(|row| step(map, row)),
            asked: asked.map(|row| step(map, row)),
            next_steps: legal(state, asked.is_some())
                .map(|rule| NextStep::of(rule, state, suggested.is_some(), asked))
                .collect(),
        }
    }
}

impl NextStep {
    fn of(rule: &'static Rule, state: State, unit_suggested: bool, asked: Option<&Row>) -> NextStep {
        let &Rule { step, to, roles, needs, takes, .. } = rule;
        let by_default = |field: &&Field| match field {
            Field::Unit => step == Step::Dispatch && unit_suggested,
            Field::Until => asked.is_some_and(|asked| asked.is_granted_by(step) && asked.until().is_some()),
            _ => false,
        };
        let (given, needs): (Vec<&Field>, Vec<&Field>) = needs.iter().partition(by_default);
        NextStep {
            step,
            to: to.unwrap_or(state),
            roles,
            needs: needs.into_iter().copied().collect(),
            takes: given.into_iter().chain(takes).copied().collect(),
        }
    }
}

impl History {
    /// Of an incident.
    pub fn of(map: &HazardMap, incident: usize) -> History {
        History {
            incident_id: IncidentId(map.incidents()[incident].opened()),
            state: map.book().state(incident),
            version: Version(map.version(incident)),
            rows: steps(map, incident),
            as_of: Time(map.as_of()),
            position: map.position(),
        }
    }
}

/// Every step on an incident, in log order.
pub fn steps(map: &HazardMap, incident: usize) -> Vec<StepTaken> {
    map.book().history(incident).into_iter().map(|row| step(map, row)).collect()
}

fn step(map: &HazardMap, row: &Row) -> StepTaken {
    let opened = |i: usize| IncidentId(map.incidents()[i].opened());
    StepTaken {
        seq: row.seq(),
        at: Time(row.at),
        step: row.step,
        from: row.from,
        to: row.to,
        role: row.role,
        by_unit: map.book().actor_unit(row).map(str::to_owned),
        unit: map.book().unit(row).map(str::to_owned),
        until: row.until().map(Time),
        reason: row.reason(),
        other_incident_id: row.other().map(opened),
        by_name: None,
        note: None,
        photos: None,
        photos_told: None,
        note_id: row.note(),
        person: row.person(),
    }
}
