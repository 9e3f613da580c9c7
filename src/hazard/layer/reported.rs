//! Reports with how their cases stand: what whoever asked for something to be done wants to know. Nothing of people.

use hashbrown::HashMap;

use super::super::category::Category;
use super::super::incident::Incident;
use super::super::map::HazardMap;
use super::super::place::{SiteKey, Spot};
use super::super::position::Position;
use super::super::report::ReportRow;
use super::super::slot::{Moment, Slot};
use super::super::workflow::{NoteId, Reason, State, Step};
use super::bounds::Bbox;
use super::filter::Filter;
use super::incidents::site_key;
use super::lookup::{Lookup, site_name};
use super::paging::{Cursor, Keys, Paging};
use super::reports::{self, ReportProperties};
use super::units::UnitNamed;

/// A report, and how its case stands.
#[derive(Clone, Debug)]
pub struct Reported {
    pub id: String,
    pub position: Position,
    pub properties: ReportProperties,
    /// Of the last step on its case, or of its end; unix seconds.
    pub updated_at: i64,
    pub case: Case,
}

/// How a case stands. A dry report is in none, and has but a place.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// By index.
    pub incident: Option<usize>,
    pub state: Option<State>,
    /// Why it was dismissed.
    pub reason: Option<Reason>,
    pub open: bool,
    /// By when it has to be closed, or had to be; unix seconds.
    pub due_at: Option<i64>,
    /// The unit that it is with, or that it should go to: its name, else its id.
    pub unit: Option<String>,
    pub place: Option<String>,
    /// Where the site is a place of the gazetteer.
    pub place_id: Option<String>,
    /// How many reports it has.
    pub reports: usize,
    /// Where the private file has what was said last with a step.
    pub note_id: Option<NoteId>,
}

/// Which reports are wanted; nothing set: all that are published.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportedFilter {
    /// Any of these; none given: all.
    pub category: Vec<Category>,
    pub bbox: Option<Bbox>,
    /// Received from the first to the last, both included; unix seconds. So with the next.
    pub received: Option<[i64; 2]>,
    pub updated: Option<[i64; 2]>,
    /// Those whose case is open, or is not.
    pub open: Option<bool>,
    pub paging: Paging,
}

impl ReportedFilter {
    /// What such reports can be sorted by.
    pub const SORTS: [&str; 2] = ["received_at", "updated_at"];

    fn takes(&self, map: &HazardMap, i: usize) -> bool {
        let row = &map.reports().rows()[i];
        let within =
            |range: Option<[i64; 2]>, at: &dyn Fn() -> i64| range.is_none_or(|[from, to]| (from..=to).contains(&at()));
        within(self.received, &|| row.received_at)
            && self.open.is_none_or(|open| is_open(case(map, row)) == open)
            && within(self.updated, &|| updated_at(map, row))
    }

    fn keys(&self, map: &HazardMap, i: usize) -> Keys {
        let row = &map.reports().rows()[i];
        self.paging.keys(|by| Some(if by == "updated_at" { updated_at(map, row) } else { row.received_at }))
    }
}

/// The incident that holds a report.
fn case<'m>(map: &'m HazardMap, row: &ReportRow) -> Option<&'m Incident> {
    row.incident.map(|slot| &map.incidents()[slot.index()])
}

/// A dry report asks for nothing to be done.
fn is_open(case: Option<&Incident>) -> bool {
    case.is_some_and(|incident| incident.ended.is_none())
}

fn updated_at(map: &HazardMap, row: &ReportRow) -> i64 {
    let Some(slot) = row.incident else { return row.received_at };
    let ended = map.incidents()[slot.index()].ended.map(Moment::seconds);
    let last = ended.or_else(|| map.book().last(slot.index()).map(|step| step.at));
    last.map_or(row.received_at, |at| at.max(row.received_at))
}

/// The reports that match, at a time (unix seconds), and where the next page begins.
pub fn reported(map: &HazardMap, filter: &ReportedFilter, now: i64) -> (Vec<Reported>, Option<Cursor>) {
    let layer = Filter { bbox: filter.bbox, category: filter.category.clone(), ..Filter::default() };
    let mut matched = reports::matching(map, &layer);
    matched.retain(|&i| filter.takes(map, i));
    matched.sort_unstable();
    let (page, next) = filter.paging.cut(matched, |&i| filter.keys(map, i), |&i| i);
    let mut cases = Cases { lookup: Lookup::new(map), now, known: HashMap::new() };
    (page.into_iter().map(|i| cases.reported(i)).collect(), next)
}

impl Reported {
    /// The published report of an id, at a time (unix seconds).
    pub fn find(map: &HazardMap, id: &str, now: i64) -> Option<Reported> {
        let mut cases = Cases { lookup: Lookup::new(map), now, known: HashMap::new() };
        reports::find(map, id).map(|i| cases.reported(i))
    }
}

/// Each case looked at once, however many reports it has.
struct Cases<'m> {
    lookup: Lookup<'m>,
    now: i64,
    known: HashMap<usize, Case>,
}

impl Cases<'_> {
    fn reported(&mut self, i: usize) -> Reported {
        let properties = reports::report(&mut self.lookup, i).properties;
        let (map, now) = (self.lookup.map, self.now);
        let row = &map.reports().rows()[i];
        let case = match row.incident.map(Slot::index) {
            Some(incident) => self.known.entry(incident).or_insert_with(|| Case::of(map, incident, now)).clone(),
            None => {
                Case::default().at(map, map.places().site(row.position, radius_m(map, row)), row.position, &[i as u32])
            }
        };
        Reported {
            id: map.reports().id(i).to_owned(),
            position: row.position,
            properties,
            updated_at: updated_at(map, row),
            case,
        }
    }
}

fn radius_m(map: &HazardMap, row: &ReportRow) -> f64 {
    map.rule(row.category).anchor_radius_m
}

impl Case {
    fn of(map: &HazardMap, i: usize, now: i64) -> Case {
        let (incident, state, history) = (&map.incidents()[i], map.book().state(i), map.book().history(i));
        let dismissal = history.iter().rev().find(|row| row.step == Step::Dismiss);
        let case = Case {
            incident: Some(i),
            state: Some(state),
            reason: dismissal.filter(|_| state == State::Dismissed).and_then(|row| row.reason()),
            open: is_open(Some(incident)),
            due_at: map.due_to_close(i),
            unit: unit(map, i, now),
            reports: incident.reports.len(),
            note_id: history.iter().rev().find_map(|row| row.note()),
            ..Case::default()
        };
        case.at(map, site_key(map, incident), incident.anchor, &incident.reports)
    }

    /// With the names of its site.
    fn at(self, map: &HazardMap, site: SiteKey, position: Position, reports: &[u32]) -> Case {
        let place_id = matches!(site.spot(), Spot::Place(_)).then(|| map.places().id(site).into_owned());
        Case { place: site_name(map, site, position.ecef(), reports.iter().copied()), place_id, ..self }
    }
}

/// The unit that an incident is with, or that it should go to at a time.
fn unit(map: &HazardMap, incident: usize, now: i64) -> Option<String> {
    let suggested = || map.suggested(incident, now).map(|route| map.units().all()[route.unit].id.clone());
    let id = map.book().assigned(incident).map(str::to_owned).or_else(suggested)?;
    let UnitNamed { unit_id, name, .. } = UnitNamed::of(map, &id);
    Some(name.unwrap_or(unit_id))
}
