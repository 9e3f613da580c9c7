//! Which incidents may be the same case: for a person to decide, since two cases never merge by themselves.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::map::HazardMap;
use super::super::position::half_up;
use super::feature::{Feature, Time};
use super::incidents::{IncidentProperties, feature};
use super::lookup::{IncidentId, Lookup};

/// From anchor to anchor, in metres.
const WITHIN_M: f64 = 100.0;
/// From first observation to first observation, in seconds.
const WITHIN_S: i64 = 30 * 86_400;

/// What may be the same case as an incident: of a category of the same department, within 100 m and 30 days. The nearest
/// first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Duplicates {
    pub incident_id: IncidentId,
    pub within_m: f64,
    pub within_s: i64,
    pub candidates: Vec<Candidate>,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

/// An incident that may be the same case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Candidate {
    #[serde(flatten)]
    pub feature: Feature<IncidentProperties>,
    /// From anchor to anchor, to the centimetre.
    pub distance_m: f64,
    /// From first observation to first observation; negative where it was seen earlier.
    pub apart_s: i64,
    /// Can the two be merged? Only within a category.
    pub same_category: bool,
}

impl Duplicates {
    /// Of an incident.
    pub fn of(map: &HazardMap, incident: usize) -> Duplicates {
        let of = &map.incidents()[incident];
        let (at, first) = (of.anchor.ecef(), of.facts.first);
        let department = &of.category.info().department;
        let family = Category::all().filter(|category| category.info().department == *department);
        let mut near: Vec<usize> = family
            .flat_map(|category| map.around(category, at, WITHIN_M, [first - WITHIN_S, first + WITHIN_S]))
            .filter(|&other| other != incident)
            .collect();
        let distance2 = |other: usize| map.incidents()[other].anchor.ecef().distance2_cm2(at);
        near.sort_unstable_by_key(|&other| (distance2(other), other));
        let mut lookup = Lookup::new(map);
        let candidate = |other: usize| {
            let found = &map.incidents()[other];
            Candidate {
                feature: feature(&mut lookup, other),
                distance_m: half_up(found.anchor.ecef().distance_m(at) * 100.0) / 100.0,
                apart_s: found.facts.first - first,
                same_category: found.category == of.category,
            }
        };
        Duplicates {
            incident_id: IncidentId(of.opened()),
            within_m: WITHIN_M,
            within_s: WITHIN_S,
            candidates: near.into_iter().map(candidate).collect(),
            as_of: Time(map.as_of()),
            position: map.position(),
        }
    }
}
