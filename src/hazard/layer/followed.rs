//! A case as its reporter may see it: what was done, when, and when it was over. Nothing of people.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::super::workflow::book::Row;
use super::super::workflow::told::told;
use super::super::workflow::{NoteId, Reason, State, Step};
use super::feature::Time;
use super::incidents::{resolved_at, site_key};
use super::lookup::{IncidentId, site_name};

/// What became of a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Followed {
    pub category: Category,
    /// It said that there was nothing: such a report is in no case.
    pub dry: bool,
    pub observed_at: Time,
    pub received_at: Time,
    /// The case it is part of; null for an opinion, which is a case of its own and on no map.
    pub incident_id: Option<IncidentId>,
    pub place: Option<String>,
    /// Null for a dry report.
    pub state: Option<State>,
    /// How many reports the case has.
    pub reports: usize,
    /// In log order; each once, whichever of the cases that became one it was taken on.
    pub steps: Vec<StepTold>,
    /// From the first observation to resolved.
    pub time_to_close_s: Option<i64>,
    /// From the first observation to the first dry report after the last.
    pub time_to_drain_s: Option<i64>,
    /// To an opinion: what was answered.
    pub answer: Option<String>,
    #[serde(skip)]
    pub answer_id: Option<NoteId>,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

/// A step as reporters are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StepTold {
    /// Log position.
    pub seq: u64,
    pub at: Time,
    pub step: Step,
    /// Why it was dismissed.
    pub reason: Option<Reason>,
    /// What the desk shows the reporters, by the ids of the photos: `/api/v1/follow/{token}/photos/{photo}`.
    pub photos: Vec<String>,
    #[serde(skip)]
    pub note_id: Option<NoteId>,
}

impl Followed {
    /// Of a report; nothing for one that is unknown or was retracted.
    pub fn of(map: &HazardMap, report: &str) -> Option<Followed> {
        let row = &map.reports().rows()[map.reports().find(report)?];
        if row.hidden {
            return None;
        }
        let mut followed = Followed {
            category: row.category,
            dry: row.dry(),
            observed_at: Time(row.observed_at),
            received_at: Time(row.received_at),
            incident_id: None,
            place: None,
            state: None,
            reports: 0,
            steps: Vec::new(),
            time_to_close_s: None,
            time_to_drain_s: None,
            answer: None,
            answer_id: None,
            as_of: Time(map.as_of()),
            position: map.position(),
        };
        if let Some(incident) = row.incident.map(Slot::index) {
            followed.add(map, incident);
        }
        Some(followed)
    }

    fn add(&mut self, map: &HazardMap, i: usize) {
        let (incident, history) = (&map.incidents()[i], map.book().history(i));
        let alone = incident.category.is_alone();
        self.incident_id = (!alone).then(|| IncidentId(incident.opened()));
        let name = || site_name(map, site_key(map, incident), incident.anchor.ecef(), incident.reports.iter().copied());
        self.place = if alone { None } else { name() };
        self.state = Some(map.book().state(i));
        self.reports = incident.reports.len();
        self.time_to_close_s = resolved_at(incident).map(|end| end - incident.facts.first);
        self.time_to_drain_s = map.time_to_drain_s(incident).filter(|_| !alone);
        let answers = |row: &&&Row| matches!(row.step, Step::Resolve | Step::Dismiss);
        self.answer_id = history.iter().rev().find(answers).filter(|_| alone).and_then(|row| row.note());
        self.steps = told(&history).into_iter().map(StepTold::of).collect();
    }
}

impl StepTold {
    fn of(row: &Row) -> StepTold {
        let (at, reason, note_id) = (Time(row.at), row.reason(), row.note());
        StepTold { seq: row.seq(), at, step: row.step, reason, photos: Vec::new(), note_id }
    }
}
