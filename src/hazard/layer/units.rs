//! What is said of units: who should be sent, and why; which areas and which unit a position belongs to.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::area::Located;
use super::super::category::Category;
use super::super::event::{AreaLevel, Unit};
use super::super::map::HazardMap;
use super::super::position::Position;
use super::super::unit::{Asked, Days, Route, Why};
use super::feature::{Time, rounded};

/// A unit by its names.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitNamed {
    pub unit_id: String,
    /// Null without one, and of a unit that there is no more.
    pub name: Option<String>,
    /// There is no such unit, or no more.
    pub gone: bool,
}

impl UnitNamed {
    pub fn of(map: &HazardMap, id: &str) -> UnitNamed {
        let unit = map.units().find(id).map(|n| &map.units().all()[n]);
        UnitNamed { unit_id: id.to_owned(), name: unit.and_then(|unit| unit.name.clone()), gone: unit.is_none() }
    }
}

/// The unit to send, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestedUnit {
    pub unit_id: String,
    pub name: Option<String>,
    pub why: Why,
    /// The area that it, or whom it stands in for, is responsible for; null: the whole city.
    pub area_id: Option<String>,
    /// The unit that would come first, and is off duty.
    pub instead_of: Option<String>,
    /// The same as a sentence.
    pub text: String,
}

impl SuggestedUnit {
    pub fn of(map: &HazardMap, route: &Route) -> SuggestedUnit {
        let unit = |n: usize| &map.units().all()[n];
        let shown = |n: usize| unit(n).name.as_ref().unwrap_or(&unit(n).id).clone();
        let area = route.area.map(|n| &map.areas().all()[n]);
        let place = area.map_or("the whole city", |area| area.name.as_ref().unwrap_or(&area.id).as_str());
        let (own, other) = (shown(route.unit), route.instead_of.map(shown));
        let text = match (route.why, other) {
            (Why::Responsible, None) => format!("{own} is responsible for {place}"),
            (Why::Responsible, Some(other)) => {
                format!("{own} is responsible for {place}, too, and {other} is off duty")
            }
            (Why::Deputy, Some(other)) => format!("{own} stands in for {other}, which is off duty"),
            (Why::Above, Some(other)) => {
                format!("{own} is responsible for {place}; {other} and whoever stands in for it are off duty")
            }
            (Why::Deputy | Why::Above, None) => format!("{own} stands in for {place}"),
            (Why::OffDuty, _) => format!("{own} is responsible for {place}; it is off duty, and so are all others"),
            (Why::Named, _) => format!("{own} was named when it was sent back"),
        };
        SuggestedUnit {
            unit_id: unit(route.unit).id.clone(),
            name: unit(route.unit).name.clone(),
            why: route.why,
            area_id: area.map(|area| area.id.clone()),
            instead_of: route.instead_of.map(|n| unit(n).id.clone()),
            text,
        }
    }
}

/// The unit that an incident is carried to when so many of its limits have passed.
pub fn escalates_to(map: &HazardMap, incident: usize, escalation: usize, now: i64) -> Option<UnitNamed> {
    if escalation == 0 {
        return None;
    }
    let unit = answerable(map, incident, now)?;
    // Beyond the highest there is nobody further.
    let above = map.units().above(unit).take(escalation).last()?;
    Some(UnitNamed::of(map, &map.units().all()[above].id))
}

/// When an incident is, or was, carried to a unit, if nothing is done: the limit of its level passes then (unix seconds).
/// `None`: the unit does not supervise the one that is answerable, or not so many limits are ahead.
pub fn carried_at(map: &HazardMap, incident: usize, to: usize, now: i64) -> Option<i64> {
    let unit = answerable(map, incident, now)?;
    let level = map.units().above(unit).position(|above| above == to)?;
    map.ahead(incident).nth(level)
}

/// The unit that an incident was sent to, else the one it should be sent to.
fn answerable(map: &HazardMap, incident: usize, now: i64) -> Option<usize> {
    let assigned = map.book().assigned(incident).and_then(|id| map.units().find(id));
    assigned.or_else(|| map.suggested(incident, now).map(|route| route.unit))
}

/// Which areas a position belongs to, and who is responsible there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AreasAt {
    /// WGS 84 degrees, longitude first.
    pub coordinates: [f64; 2],
    pub side: Side,
    /// Outside all areas: how far it is to the nearest.
    pub distance_m: Option<f64>,
    /// Outside all areas: the nearest.
    pub nearest_area_id: Option<String>,
    /// From the finest to the city; none further outside than 200 m.
    pub areas: Vec<AreaNamed>,
    pub category: Category,
    /// Null where nobody is responsible.
    pub unit: Option<SuggestedUnit>,
    /// Why there is no unit, or how far the calendar of duty hours goes.
    pub remarks: Vec<String>,
    /// The time that duty hours are looked at.
    pub at: Time,
    /// Position in the log.
    pub position: u64,
}

/// Where a position lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AreaSide)]
pub enum Side {
    Inside,
    /// On a border: it belongs to the area with the smallest id of those that meet there.
    Border,
    /// Outside all, and belongs to the nearest.
    Near,
    /// Outside all, and belongs to none.
    Outside,
    /// There are no areas.
    NoAreas,
}

/// An area by its names.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AreaNamed {
    pub id: String,
    pub name: Option<String>,
    pub level: AreaLevel,
}

/// Of a position, a category and a time (unix seconds).
pub fn areas_at(map: &HazardMap, at: Position, category: Category, now: i64) -> AreasAt {
    let located = map.areas().locate(at);
    let area = |n: usize| &map.areas().all()[n];
    let (side, nearest) = match located {
        Located::Inside(_) => (Side::Inside, None),
        Located::Border(_) => (Side::Border, None),
        Located::Near { area, distance_m } => (Side::Near, Some((area, distance_m))),
        Located::Outside { nearest, distance_m } => (Side::Outside, Some((nearest, distance_m))),
        Located::Nowhere => (Side::NoAreas, None),
    };
    let path = located.area().into_iter().flat_map(|n| map.areas().path(n));
    let named = |n: usize| AreaNamed { id: area(n).id.clone(), name: area(n).name.clone(), level: area(n).level };
    let asked = Asked { category, area: located.area(), at: now, except: &[] };
    let route = map.units().route(map.areas(), map.calendar(), asked);
    let nobody = route.is_none().then(|| match map.units().all() {
        [] => "there are no units".to_owned(),
        _ => format!("nobody is responsible for {} here", category.name()),
    });
    AreasAt {
        coordinates: [at.lon(), at.lat()],
        side,
        distance_m: nearest.map(|(_, metres)| rounded(metres, 10.0)),
        nearest_area_id: nearest.map(|(n, _)| area(n).id.clone()),
        areas: path.map(named).collect(),
        category,
        unit: route.map(|route| SuggestedUnit::of(map, &route)),
        remarks: nobody.into_iter().chain(map.calendar().ending(now)).collect(),
        at: Time(now),
        position: map.position(),
    }
}

/// Every unit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitList {
    /// In the order of their ids.
    pub units: Vec<UnitStanding>,
    /// The time that duty hours are looked at.
    pub at: Time,
    /// Position in the log.
    pub position: u64,
}

/// A unit, and whether it is on duty.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitStanding {
    pub id: String,
    pub name: Option<String>,
    /// With what lies in them; none: the whole city.
    pub area_ids: Vec<String>,
    /// Those of them that there are not.
    pub areas_gone: Vec<String>,
    /// None: all.
    pub categories: Vec<Category>,
    pub days: Days,
    /// From and to, as `08:30`; none: all day, and of working days the working time.
    pub hours: Vec<[String; 2]>,
    pub on_duty: bool,
    /// Stands in while it is off duty.
    pub deputy_id: Option<String>,
    /// Supervises it.
    pub parent_id: Option<String>,
}

impl UnitList {
    /// As they stand at a time; unix seconds.
    pub fn of(map: &HazardMap, now: i64) -> UnitList {
        let units = map.units().all().iter().map(|unit| UnitStanding::of(map, unit, now)).collect();
        UnitList { units, at: Time(now), position: map.position() }
    }
}

impl UnitStanding {
    fn of(map: &HazardMap, unit: &Unit, now: i64) -> UnitStanding {
        let gone = unit.areas.iter().filter(|id| map.areas().find(id).is_none());
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        UnitStanding {
            id: unit.id.clone(),
            name: unit.name.clone(),
            area_ids: unit.areas.clone(),
            areas_gone: gone.cloned().collect(),
            categories: unit.categories.clone(),
            days: unit.duty.days,
            hours: unit.duty.hours.iter().map(|span| span.map(clock)).collect(),
            on_duty: unit.duty.holds(map.calendar(), now),
            deputy_id: unit.deputy.clone(),
            parent_id: unit.parent.clone(),
        }
    }
}
