//! What several layers ask of the map: ids on the wire, and names.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::super::incident::Incident;
use super::super::map::HazardMap;
use super::super::place::{SiteKey, Spot};
use super::super::position::{Ecef, half_up};
use super::super::slot::Slot;

/// An incident's id: the position in the log of the event that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncidentId(pub u64);

impl PartialSchema for IncidentId {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).into()
    }
}

impl ToSchema for IncidentId {}

impl std::fmt::Display for IncidentId {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "i{}", self.0)
    }
}

impl Serialize for IncidentId {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

/// Answers from one map, each worked out once.
pub struct Lookup<'m> {
    pub map: &'m HazardMap,
    hotspots: HashMap<Slot, Arc<str>>,
    words: HashMap<Slot, Arc<str>>,
}

impl<'m> Lookup<'m> {
    pub fn new(map: &'m HazardMap) -> Lookup<'m> {
        Lookup { map, hotspots: HashMap::new(), words: HashMap::new() }
    }

    /// The peak of the hotspot that an incident counts in.
    pub fn peak(&self, incident: &Incident) -> Option<Slot> {
        let site = incident.site.filter(|_| incident.counts)?;
        self.map.sites().peak(site, self.map.rule(incident.category))
    }

    /// The id of the hotspot that an incident counts in.
    pub fn hotspot_id(&mut self, incident: &Incident) -> Option<Arc<str>> {
        self.peak(incident).map(|peak| self.hotspot_at(peak))
    }

    /// The id of the hotspot that has this peak.
    pub fn hotspot_at(&mut self, peak: Slot) -> Arc<str> {
        self.hotspots.entry(peak).or_insert_with(|| hotspot_id(self.map, peak).into()).clone()
    }

    /// A word that many reports share.
    pub fn word(&mut self, slot: Slot) -> Arc<str> {
        self.words.entry(slot).or_insert_with(|| self.map.reports().word(slot).into()).clone()
    }
}

/// A hotspot's id: its category and its peak's site.
pub fn hotspot_id(map: &HazardMap, peak: Slot) -> String {
    let site = map.sites().get(peak);
    format!("{}:{}", site.category.name(), map.places().id(site.key))
}

/// How far a street may lie from a spot that is called by it, in metres.
const NEAREST_STREET_M: f64 = 50.0;

/// The name of a site: of the place it is, else what most of `reports` name, else of the nearest street.
pub fn site_name(map: &HazardMap, key: SiteKey, at: Ecef, reports: impl Iterator<Item = u32>) -> Option<String> {
    match key.spot() {
        Spot::Place(slot) => {
            let place = &map.places().all()[slot.index()];
            Some(place.name.as_ref().unwrap_or(&place.id).clone())
        }
        Spot::Cell(_) => {
            let street = || map.streets().nearest_name(at, NEAREST_STREET_M).map(str::to_owned);
            most_named(map, at, reports).or_else(street)
        }
    }
}

/// The crossing or street that most of the reports name; each votes for all it names. Ties: the name whose reports are
/// nearest to `at` on average, then the smaller.
fn most_named(map: &HazardMap, at: Ecef, reports: impl Iterator<Item = u32>) -> Option<String> {
    let mut votes: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in reports.map(|r| &map.reports().rows()[r as usize]) {
        let names = map.reports().origin(row).names;
        if names[0].is_none() {
            continue;
        }
        // Whole centimetres, so that the order of the reports cannot change a sum.
        let distance_cm = half_up(row.position.ecef().distance_m(at) * 100.0) as i64;
        for name in names.iter().flatten() {
            let (votes, sum_cm) = votes.entry(map.reports().word(*name)).or_default();
            (*votes, *sum_cm) = (*votes + 1, *sum_cm + distance_cm);
        }
    }
    // Of equal numbers of votes the smaller sum is the smaller average; of equal keys the first, the smaller name, wins.
    let best = votes.into_iter().min_by_key(|&(_, (votes, sum_cm))| (-votes, sum_cm));
    best.map(|(name, _)| name.to_owned())
}

/// The middle value; of an even number, the mean of the middle two.
pub fn median(mut values: Vec<i64>) -> Option<f64> {
    values.sort_unstable();
    let n = values.len();
    let upper = *values.get(n / 2)?;
    let lower = if n.is_multiple_of(2) { values[n / 2 - 1] } else { upper };
    Some((lower as f64 + upper as f64) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_two() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3]), Some(3.0));
        assert_eq!(median(vec![9, 1, 2]), Some(2.0));
        assert_eq!(median(vec![4, 1, 2, 9]), Some(3.0));
    }
}
