//! The queue of the desk: the cases that wait for somebody, by the clock.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::event::Passability;
use super::super::map::HazardMap;
use super::super::slot::Measure;
use super::super::workflow::{Field, Role, Rule, State, Step, TABLE};
use super::detail::{Found, case};
use super::feature::Time;
use super::history::Version;
use super::incidents::{distinct_reporters, rows, site_key};
use super::lookup::{IncidentId, site_name};

/// Of so many of a case's reports what was said is given, the newest.
const MOST_SAID: usize = 3;

/// Which cases.
#[derive(Clone, Debug, Default)]
pub struct QueueAsked {
    /// Only these, whatever their state.
    pub ids: Option<Vec<String>>,
    /// Only what was sent to this unit.
    pub unit: Option<String>,
    /// Those that have ended since as well; unix seconds.
    pub ended_since: Option<i64>,
    /// Only what lies in one of these areas, by their ids, or in a part of one; none: everywhere.
    pub areas: Vec<String>,
}

/// Open cases, overdue ones first, then by the time they have left; opinions too, which are on no map.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Queue {
    /// The service's clock: what was due before is overdue.
    pub now: Time,
    pub rows: Vec<QueueRow>,
    /// Which steps lead on from which state, who may take them and what they need.
    pub workflow: Vec<StepRule>,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

/// One case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueueRow {
    pub id: IncidentId,
    pub category: Category,
    pub place: Option<String>,
    /// WGS 84 degrees, longitude first.
    pub coordinates: [f64; 2],
    pub state: State,
    /// For `If-Match`, in quotes.
    pub version: Version,
    /// When its next limit passes.
    pub deadline: Option<Time>,
    /// How many of its limits have passed without being met.
    pub escalation: usize,
    /// The unit it is with.
    pub unit: Option<String>,
    /// The unit it should go to, so long as it waits for one.
    pub suggested_unit: Option<String>,
    /// What is asked for and not answered yet: more time, or to wait for works.
    pub asked: Option<Step>,
    pub reports: usize,
    pub reporters: usize,
    pub first_observed_at: Time,
    pub last_observed_at: Time,
    pub depth_cm_max: Option<u16>,
    pub passability: Option<Passability>,
    /// Seen dry after its last observation.
    pub time_to_drain_s: Option<i64>,
    /// What its reporters said; the newest first.
    pub said: Vec<String>,
    #[serde(skip)]
    pub said_in: Vec<String>,
}

/// A line of the table of the workflow.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StepRule {
    pub step: Step,
    pub from: &'static [State],
    pub to: Option<State>,
    pub roles: &'static [Role],
    pub needs: &'static [Field],
    pub takes: &'static [Field],
    /// It answers what is asked for, and is possible only where something is.
    pub answers: bool,
}

impl Queue {
    /// At a time; unix seconds.
    pub fn of(map: &HazardMap, asked: &QueueAsked, now: i64) -> Queue {
        let mut waiting: Vec<usize> = match &asked.ids {
            Some(ids) => ids.iter().filter_map(|id| here(map, id)).collect(),
            None => (0..map.incidents().len()).filter(|&i| is_waiting(map, i, asked)).collect(),
        };
        if let Some(unit) = &asked.unit {
            waiting.retain(|&i| map.book().unit_of(i) == Some(unit));
        }
        if !asked.areas.is_empty() {
            let within = map.areas().within(&asked.areas);
            waiting.retain(|&i| map.area_of(i).is_some_and(|area| within[area]));
        }
        // What has passed comes first by itself: longest ago, then what passes next, then what no clock runs for.
        waiting.sort_by_key(|&i| (map.book().state(i).has_ended(), map.deadlines().get(i).unwrap_or(i64::MAX), i));
        waiting.dedup();
        Queue {
            now: Time(now),
            rows: waiting.into_iter().map(|i| QueueRow::of(map, i, now)).collect(),
            workflow: TABLE.iter().map(StepRule::from).collect(),
            as_of: Time(map.as_of()),
            position: map.position(),
        }
    }
}

fn here(map: &HazardMap, id: &str) -> Option<usize> {
    match case(map, id) {
        Found::Here(i) => Some(*i),
        Found::At(_) | Found::Nowhere => None,
    }
}

fn is_waiting(map: &HazardMap, i: usize, asked: &QueueAsked) -> bool {
    let incident = &map.incidents()[i];
    let since = |end: i64| asked.ended_since.is_some_and(|since| end >= since);
    !incident.is_void() && incident.ended.is_none_or(|end| since(end.seconds()))
}

impl QueueRow {
    fn of(map: &HazardMap, i: usize, now: i64) -> QueueRow {
        let incident = &map.incidents()[i];
        let reports = || rows(map, incident);
        let [lon, lat] = [incident.anchor.lon(), incident.anchor.lat()];
        let mut newest: Vec<u32> = incident.reports.to_vec();
        newest.sort_unstable_by(|a, b| b.cmp(a));
        QueueRow {
            id: IncidentId(incident.opened()),
            category: incident.category,
            place: site_name(map, site_key(map, incident), incident.anchor.ecef(), incident.reports.iter().copied()),
            coordinates: [lon, lat],
            state: map.book().state(i),
            version: Version(map.version(i)),
            deadline: map.deadline(i).map(Time),
            escalation: map.escalation(i, now),
            unit: map.book().unit_of(i).map(str::to_owned),
            suggested_unit: map.suggested(i, now).map(|route| map.units().all()[route.unit].id.clone()),
            asked: map.book().asked(i).map(|row| row.step),
            reports: incident.reports.len(),
            reporters: distinct_reporters(reports()),
            first_observed_at: Time(incident.facts.first),
            last_observed_at: Time(incident.facts.last),
            depth_cm_max: reports().filter_map(|row| row.depth_cm.map(Measure::get)).max(),
            passability: reports().filter_map(|row| row.passability).max(),
            time_to_drain_s: map.time_to_drain_s(incident).filter(|_| !incident.category.is_alone()),
            said: Vec::new(),
            said_in: newest.iter().take(MOST_SAID).map(|&r| map.reports().id(r as usize).to_owned()).collect(),
        }
    }
}

impl From<&'static Rule> for StepRule {
    fn from(rule: &'static Rule) -> StepRule {
        let &Rule { step, from, to, roles, needs, takes, answers } = rule;
        StepRule { step, from, to, roles, needs, takes, answers }
    }
}
