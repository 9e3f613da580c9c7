//! Units: who is responsible for what, where and when, and who stands in.

mod duty;
mod route;
mod suggest;

use hashbrown::HashMap;

use super::category::Category;
use super::event::Unit;
use super::works::label;
use crate::error::{Result, invalid};

pub use duty::{Days, Duty};
pub use route::{Asked, Route, Why};

/// Every unit.
#[derive(Debug, Default)]
pub struct Units {
    /// In the order of their ids.
    all: Vec<Unit>,
    by_id: HashMap<String, usize>,
    /// By the id of the area; those of the whole city by none.
    by_area: HashMap<Option<String>, Vec<usize>>,
}

impl Units {
    /// A set of units that [`admit`] has taken.
    pub fn new(units: &[Unit]) -> Units {
        let mut all = units.to_vec();
        all.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let by_id = all.iter().enumerate().map(|(n, unit)| (unit.id.clone(), n)).collect();
        let mut by_area: HashMap<_, Vec<usize>> = HashMap::new();
        for (n, unit) in all.iter().enumerate() {
            let whole_city = unit.areas.is_empty().then_some(None);
            for area in unit.areas.iter().cloned().map(Some).chain(whole_city) {
                by_area.entry(area).or_default().push(n);
            }
        }
        Units { all, by_id, by_area }
    }

    /// In the order of their ids.
    pub fn all(&self) -> &[Unit] {
        &self.all
    }

    /// The index of the unit of an id.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// A unit's supervising unit, the one above that, and so on.
    pub fn above(&self, unit: usize) -> impl Iterator<Item = usize> {
        let parent = |unit: usize| self.find(self.all[unit].parent.as_ref()?);
        std::iter::successors(parent(unit), move |&unit| parent(unit))
    }

    /// The units that are responsible for a category in an area, or in the whole city, by themselves: first those that
    /// name the category, then those for all; each in the order of their ids.
    fn responsible(&self, category: Category, area: Option<&str>) -> impl Iterator<Item = usize> {
        let here = || self.by_area.get(&area.map(str::to_owned)).into_iter().flatten().copied();
        let named = here().filter(move |&n| self.all[n].categories.contains(&category));
        named.chain(here().filter(move |&n| self.all[n].categories.is_empty()))
    }
}

/// Is this a set of units that cases can be sent to?
///
/// # Errors
/// `Invalid` that names the field of the first unit without an id or with that of another, whose deputy or parent is
/// unknown, or that is above itself.
pub fn admit(units: &[Unit]) -> Result<()> {
    let mut by_id = HashMap::new();
    for unit in units {
        if unit.id.is_empty() {
            return Err(invalid("id", "", "a unit needs an id"));
        }
        label("id", &unit.id)?;
        unit.name.as_ref().map_or(Ok(()), |name| label("name", name))?;
        unit.duty.admit().map_err(|reason| invalid("hours", &unit.id, reason))?;
        if by_id.insert(unit.id.as_str(), unit).is_some() {
            return Err(invalid("id", &unit.id, "there are two units with this id"));
        }
    }
    for unit in units {
        for (field, other) in [("deputy", &unit.deputy), ("parent", &unit.parent)] {
            let Some(other) = other.as_deref() else { continue };
            if !by_id.contains_key(other) {
                return Err(invalid(field, other, format!("of {}: there is no unit with this id", unit.id)));
            }
            if other == unit.id {
                return Err(invalid(field, other, "is the unit itself"));
            }
        }
        let above = |unit: &&Unit| by_id.get(unit.parent.as_deref()?).copied();
        // As many steps as there are units lead round in a circle.
        if std::iter::successors(Some(unit), above).nth(units.len()).is_some() {
            return Err(invalid("parent", &unit.id, "is above itself"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
