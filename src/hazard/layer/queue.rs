//! The queue of the desk: the cases that wait for somebody, by the clock.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::event::Passability;
use super::super::map::HazardMap;
use super::super::slot::Measure;
use super::super::workflow::book::Row;
use super::super::workflow::{Rule, State, Step, TABLE};
use super::detail::{Found, case};
use super::feature::Time;
use super::history::Version;
use super::incidents::{distinct_reporters, rows, site_key};
use super::lookup::{IncidentId, site_name};
use super::units::{carried_at, escalates_to};

/// Of so many of a case's reports what was said is given, the newest.
const MOST_SAID: usize = 3;
/// In so many of them photos are looked for, the newest.
const MOST_LOOKED_INTO: usize = 100;

/// Which cases.
#[derive(Clone, Debug)]
pub struct QueueAsked {
    /// Only these, whatever their state.
    pub ids: Option<Vec<String>>,
    /// Only what was sent to this unit, or was carried to it because it is late.
    pub unit: Option<String>,
    /// Those that have ended since as well; unix seconds.
    pub ended_since: Option<i64>,
    /// Only what lies in one of these areas, by their ids, or in a part of one; none: everywhere.
    pub areas: Vec<String>,
    /// What comes after this.
    pub after: Option<QueueCursor>,
    /// So many at most.
    pub limit: usize,
}

/// Open cases, overdue ones first, then by the time they have left; opinions too, which are on no map.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Queue {
    /// The service's clock: what was due before is overdue.
    pub now: Time,
    pub rows: Vec<QueueRow>,
    /// Where there are more: what the next request gives as `after`.
    pub next: Option<String>,
    /// Of the queue of a unit: when the next case comes into it by the clock alone, if nothing is done before: that of a unit it
    /// supervises, whose limit passes then.
    pub carried_next_at: Option<Time>,
    /// Which steps lead on from which state, who may take them and what they need.
    #[schema(value_type = Vec<Rule>)]
    pub workflow: &'static [Rule],
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
    /// The unit it was carried to, because it is late; the ones between have it as well.
    pub carried_to: Option<String>,
    /// The unit it is with.
    pub unit: Option<String>,
    /// The unit it should go to, so long as it waits for one.
    pub suggested_unit: Option<String>,
    /// What is asked for and not answered yet: more time, or to wait for works.
    pub asked: Option<Step>,
    /// Until when.
    pub asked_until: Option<Time>,
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
    /// What they showed, each photo once, those of the newest report first; at most 24.
    pub photos: Vec<ShownPhoto>,
    /// Those that came with other reports as well: the same picture, by its bytes.
    pub same_photos: Vec<SamePhoto>,
    /// The newest of its reports, the last of them first.
    #[serde(skip)]
    pub newest: Vec<String>,
}

/// A photo, and the report that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownPhoto {
    /// `/api/v1/photos/{id}`, and small `/api/v1/photos/{id}/thumbnail`.
    pub id: String,
    pub report_id: String,
}

/// A picture that came with several reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SamePhoto {
    pub photo: String,
    pub reports: Vec<ShownBy>,
}

/// One of the reports that show a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownBy {
    pub report_id: String,
    /// Null for what is in no incident, or no report yet.
    pub incident_id: Option<IncidentId>,
}

impl SamePhoto {
    /// With the incidents that its reports are in.
    pub fn of(map: &HazardMap, photo: &str, reports: &[String]) -> SamePhoto {
        let shown_by = |report: &String| {
            let incident = map.reports().find(report).and_then(|i| map.reports().rows()[i].incident);
            let alone = incident.is_some_and(|i| map.incidents()[i.index()].category.is_alone());
            let incident_id = incident.filter(|_| !alone).map(|i| IncidentId(map.incidents()[i.index()].opened()));
            ShownBy { report_id: report.clone(), incident_id }
        };
        SamePhoto { photo: photo.to_owned(), reports: reports.iter().map(shown_by).collect() }
    }
}

/// A place in the order of the queue, after which the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueCursor {
    ended: bool,
    /// Unix seconds; the latest that there are where no clock runs.
    deadline: i64,
    /// Log position of the event that opened the case.
    opened: u64,
}

impl QueueCursor {
    fn of(map: &HazardMap, i: usize) -> QueueCursor {
        // What has passed comes first by itself: longest ago, then what passes next, then what no clock runs for.
        let deadline = map.deadlines().get(i).unwrap_or(i64::MAX);
        QueueCursor { ended: map.book().state(i).has_ended(), deadline, opened: map.incidents()[i].opened() }
    }
}

impl std::fmt::Display for QueueCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}.{}.{}", u8::from(self.ended), self.deadline, self.opened)
    }
}

impl std::str::FromStr for QueueCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<QueueCursor, ()> {
        let mut parts = text.split('.');
        let ended = match parts.next() {
            Some("0") => false,
            Some("1") => true,
            _ => return Err(()),
        };
        let (Some(deadline), Some(opened), None) = (parts.next(), parts.next(), parts.next()) else { return Err(()) };
        let (deadline, opened) = (deadline.parse().map_err(drop)?, opened.parse().map_err(drop)?);
        Ok(QueueCursor { ended, deadline, opened })
    }
}

impl Queue {
    /// At a time; unix seconds.
    pub fn of(map: &HazardMap, asked: &QueueAsked, now: i64) -> Queue {
        let mut waiting: Vec<usize> = match &asked.ids {
            Some(ids) => ids.iter().filter_map(|id| here(map, id)).collect(),
            None => (0..map.incidents().len()).filter(|&i| is_waiting(map, i, asked)).collect(),
        };
        if !asked.areas.is_empty() {
            let within = map.areas().within(&asked.areas);
            waiting.retain(|&i| map.area_of(i).is_some_and(|area| within[area]));
        }
        let carried_next_at = asked.unit.as_deref().and_then(|unit| keep_those_of(map, &mut waiting, unit, now));
        let mut ordered: Vec<(QueueCursor, usize)> =
            waiting.into_iter().map(|i| (QueueCursor::of(map, i), i)).collect();
        ordered.retain(|(at, _)| asked.after.is_none_or(|after| *at > after));
        ordered.sort_unstable();
        ordered.dedup();
        let more = ordered.len() > asked.limit;
        ordered.truncate(asked.limit);
        Queue {
            now: Time(now),
            next: ordered.last().filter(|_| more).map(|(at, _)| at.to_string()),
            rows: ordered.into_iter().map(|(_, i)| QueueRow::of(map, i, now)).collect(),
            carried_next_at: carried_next_at.map(Time),
            workflow: TABLE,
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

/// Keeps the cases that were sent to a unit or carried to it; when the next one will be.
fn keep_those_of(map: &HazardMap, waiting: &mut Vec<usize>, unit: &str, now: i64) -> Option<i64> {
    let (of, mut next) = (map.units().find(unit), None);
    waiting.retain(|&i| {
        if map.book().unit_of(i) == Some(unit) {
            return true;
        }
        // Its deadline has passed after that second, not in it.
        match of.and_then(|of| carried_at(map, i, of, now)) {
            Some(at) if at < now => true,
            Some(at) => {
                next = Some(next.map_or(at + 1, |next: i64| next.min(at + 1)));
                false
            }
            None => false,
        }
    });
    next
}

fn is_waiting(map: &HazardMap, i: usize, asked: &QueueAsked) -> bool {
    let incident = &map.incidents()[i];
    let since = |end: i64| asked.ended_since.is_some_and(|since| end >= since);
    !incident.is_void() && incident.ended.is_none_or(|end| since(end.seconds()))
}

impl QueueRow {
    fn of(map: &HazardMap, i: usize, now: i64) -> QueueRow {
        let (incident, asked) = (&map.incidents()[i], map.book().asked(i));
        let reports = || rows(map, incident);
        let [lon, lat] = [incident.anchor.lon(), incident.anchor.lat()];
        QueueRow {
            id: IncidentId(incident.opened()),
            category: incident.category,
            place: site_name(map, site_key(map, incident), incident.anchor.ecef(), incident.reports.iter().copied()),
            coordinates: [lon, lat],
            state: map.book().state(i),
            version: Version(map.version(i)),
            deadline: map.deadline(i).map(Time),
            escalation: map.escalation(i, now),
            carried_to: escalates_to(map, i, map.escalation(i, now), now).map(|unit| unit.unit_id),
            unit: map.book().unit_of(i).map(str::to_owned),
            suggested_unit: map.suggested(i, now).map(|route| map.units().all()[route.unit].id.clone()),
            asked: asked.map(|row| row.step),
            asked_until: asked.and_then(Row::until).map(Time),
            reports: incident.reports.len(),
            reporters: distinct_reporters(reports()),
            first_observed_at: Time(incident.facts.first),
            last_observed_at: Time(incident.facts.last),
            depth_cm_max: reports().filter_map(|row| row.depth_cm.map(Measure::get)).max(),
            passability: reports().filter_map(|row| row.passability).max(),
            time_to_drain_s: map.time_to_drain_s(incident).filter(|_| !incident.category.is_alone()),
            said: Vec::new(),
            photos: Vec::new(),
            same_photos: Vec::new(),
            newest: newest_reports(map, i, MOST_LOOKED_INTO),
        }
    }

    /// The reports of which what was said is given, by their ids.
    pub fn said_in(&self) -> &[String] {
        &self.newest[..self.newest.len().min(MOST_SAID)]
    }
}

/// The reports of a case of which what was said is given, by their ids: the newest, the last of them first.
pub(super) fn said_in(map: &HazardMap, i: usize) -> Vec<String> {
    newest_reports(map, i, MOST_SAID)
}

fn newest_reports(map: &HazardMap, i: usize, most: usize) -> Vec<String> {
    let mut newest: Vec<u32> = map.incidents()[i].reports.to_vec();
    newest.sort_unstable_by(|a, b| b.cmp(a));
    newest.iter().take(most).map(|&r| map.reports().id(r as usize).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_queue_is_read_as_it_was_written_and_nothing_else_is() {
        let at = QueueCursor { ended: false, deadline: -5, opened: 42 };
        assert_eq!((at.to_string().as_str(), "0.-5.42".parse()), ("0.-5.42", Ok(at)));
        for odd in ["", "0.-5", "2.-5.42", "0.-5.42.", "0.x.42", "0.-5.-42"] {
            assert_eq!(odd.parse::<QueueCursor>(), Err(()), "{odd}");
        }
    }
}
