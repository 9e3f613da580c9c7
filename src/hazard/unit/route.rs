//! Who is to be sent: the unit responsible for a category in the finest area, or who stands in for it.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::area::Areas;
use super::super::category::Category;
use super::super::workflow::calendar::Calendar;
use super::Units;

/// What somebody is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub category: Category,
    /// The finest area, by index; `None`: outside all of them.
    pub area: Option<usize>,
    /// Unix seconds.
    pub at: i64,
    /// Units that are not to be named, by index: they have sent it back.
    pub except: &'a [usize],
}

/// Who is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    pub unit: usize,
    /// The area that it, or whom it stands in for, is responsible for; `None`: the whole city.
    pub area: Option<usize>,
    /// The first unit that is responsible, where it is another.
    pub instead_of: Option<usize>,
    pub why: Why,
}

/// Why this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RouteReason)]
pub enum Why {
    /// It is responsible, and on duty; another that comes before it may be off duty.
    Responsible,
    /// The one responsible is off duty; this one stands in for it.
    Deputy,
    /// Nobody nearer is on duty: it is responsible for an area above.
    Above,
    /// Nobody at all is on duty: it is the one responsible.
    OffDuty,
    /// Whoever sent the case back named it.
    Named,
}

impl Units {
    /// Who is to be sent; `None`: nobody is responsible.
    ///
    /// The finest area comes first, then those above, then units of the whole city. In each: a unit that names the category
    /// before one for all, then the smaller id; where it is off duty its deputy, the deputy's deputy, and so on.
    pub fn route(&self, areas: &Areas, calendar: &Calendar, asked: Asked) -> Option<Route> {
        let on_duty = |unit: usize| self.all[unit].duty.holds(calendar, asked.at);
        let path = asked.area.into_iter().flat_map(|area| areas.path(area)).map(Some).chain([None]);
        let mut first: Option<(usize, Option<usize>)> = None;
        for area in path {
            let id = area.map(|area| areas.all()[area].id.as_str());
            for unit in self.responsible(asked.category, id).filter(|unit| !asked.except.contains(unit)) {
                let (foremost, there) = *first.get_or_insert((unit, area));
                if on_duty(unit) {
                    let instead_of = Some(foremost).filter(|&foremost| foremost != unit);
                    let why = if there == area { Why::Responsible } else { Why::Above };
                    return Some(Route { unit, area, instead_of, why });
                }
                let mut deputies = self.deputies(unit).filter(|deputy| !asked.except.contains(deputy));
                if let Some(deputy) = deputies.find(|&deputy| on_duty(deputy)) {
                    return Some(Route { unit: deputy, area, instead_of: Some(unit), why: Why::Deputy });
                }
            }
        }
        first.map(|(unit, area)| Route { unit, area, instead_of: None, why: Why::OffDuty })
    }

    /// Who stands in for a unit, who for that one, and so on; round a circle once.
    fn deputies(&self, unit: usize) -> impl Iterator<Item = usize> {
        let deputy = |&unit: &usize| self.find(self.all[unit].deputy.as_ref()?);
        let mut seen = BTreeSet::from([unit]);
        std::iter::successors(Some(unit), deputy).skip(1).take_while(move |&deputy| seen.insert(deputy))
    }
}
