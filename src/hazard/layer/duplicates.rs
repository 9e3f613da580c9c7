//! Which incidents may be the same case: for a person to decide, since two cases never merge by themselves.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::map::HazardMap;
use super::super::position::half_up;
use super::feature::{Feature, Time};
use super::incidents::{IncidentProperties, feature};
use super::lookup::{IncidentId, Lookup};
use super::queue::said_in;

/// From anchor to anchor, in metres.
const WITHIN_M: f64 = 100.0;
/// From first observation to first observation, in seconds.
const WITHIN_S: i64 = 30 * 86_400;
/// The texts of so many cases are compared, the nearest: a city has hundreds of cases of one department in a month, and a
/// case that is taken for far away by a position that is wrong is among them.
const MOST_COMPARED: usize = 500;
/// Of those that are not near so many are offered, the most alike: in a storm many say the same in few words.
const MOST_ALIKE: usize = 20;

/// What may be the same case as an incident: of a category of the same department, first seen within 30 days, and within
/// 100 m, or, for those who may read texts, with a text that is alike (the 20 most alike). The near ones first, the nearest
/// of them first, then those whose texts are most alike.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Duplicates {
    pub incident_id: IncidentId,
    pub within_m: f64,
    pub within_s: i64,
    /// From this similarity on a text is alike; null where no texts were compared, since they may not be read.
    pub alike_from: Option<f64>,
    /// What reporters said of the incident, the newest first; given to those who may read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, required = false)]
    pub said: Option<Vec<String>>,
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
    /// It is offered because it is near.
    pub near: bool,
    /// It is offered because so much of what was said is alike (the share of common pairs of letters, from 0 to 1); null
    /// where it is not, or was not compared.
    pub text_similarity: Option<f64>,
    /// Can the two be merged? Only within a category.
    pub same_category: bool,
    /// What its reporters said, the newest first; given to those who may read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, required = false)]
    pub said: Option<Vec<String>>,
}

/// A case whose texts are to be compared, with the reports that have them.
#[derive(Clone, Debug)]
pub struct Compared {
    /// By index.
    pub incident: usize,
    pub id: IncidentId,
    pub reports: Vec<String>,
}

/// How alike what was said of another case is.
#[derive(Clone, Copy, Debug)]
pub struct Alike {
    /// By index.
    pub incident: usize,
    pub similarity: f64,
}

impl Compared {
    /// An incident, and after it those that may be the same, the nearest first: of the same department and first seen
    /// within 30 days, wherever they are; only such that somebody may read of.
    pub fn with(map: &HazardMap, incident: usize, may_read: impl Fn(usize) -> bool) -> Vec<Compared> {
        let of = &map.incidents()[incident];
        let (at, department) = (of.anchor.ecef(), &of.category.info().department);
        let family: Vec<bool> = Category::all().map(|category| category.info().department == *department).collect();
        let may_be = |&other: &usize| {
            let found = &map.incidents()[other];
            let about_then = (found.facts.first - of.facts.first).abs() <= WITHIN_S;
            other != incident
                && about_then
                && family[found.category.index()]
                && !found.is_void()
                && !found.category.is_alone()
                && may_read(other)
        };
        let distance2 = |other: &usize| (map.incidents()[*other].anchor.ecef().distance2_cm2(at), *other);
        let mut others: Vec<usize> = (0..map.incidents().len()).filter(may_be).collect();
        if others.len() > MOST_COMPARED {
            others.select_nth_unstable_by_key(MOST_COMPARED, distance2);
            others.truncate(MOST_COMPARED);
        }
        others.sort_unstable_by_key(distance2);
        let id = |i: usize| IncidentId(map.incidents()[i].opened());
        let compared = |i: usize| Compared { incident: i, id: id(i), reports: said_in(map, i) };
        std::iter::once(incident).chain(others).map(compared).collect()
    }
}

impl Duplicates {
    /// Of an incident, with those whose texts are alike.
    pub fn of(map: &HazardMap, incident: usize, alike: &[Alike]) -> Duplicates {
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
        let similarity =
            |other: usize| alike.iter().find(|alike| alike.incident == other).map(|alike| alike.similarity);
        // What was merged or retracted since it was compared is no case any more.
        let far = |alike: &&Alike| !near.contains(&alike.incident) && !map.incidents()[alike.incident].is_void();
        let mut far: Vec<Alike> = alike.iter().filter(far).copied().collect();
        far.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.incident.cmp(&b.incident)));
        far.truncate(MOST_ALIKE);
        let mut lookup = Lookup::new(map);
        let mut candidate = |other: usize, near: bool| {
            let found = &map.incidents()[other];
            Candidate {
                feature: feature(&mut lookup, other),
                distance_m: half_up(found.anchor.ecef().distance_m(at) * 100.0) / 100.0,
                apart_s: found.facts.first - first,
                near,
                text_similarity: similarity(other),
                same_category: found.category == of.category,
                said: None,
            }
        };
        let mut candidates: Vec<Candidate> = near.iter().map(|&other| candidate(other, true)).collect();
        candidates.extend(far.iter().map(|alike| candidate(alike.incident, false)));
        Duplicates {
            incident_id: IncidentId(of.opened()),
            within_m: WITHIN_M,
            within_s: WITHIN_S,
            alike_from: None,
            said: None,
            candidates,
            as_of: Time(map.as_of()),
            position: map.position(),
        }
    }
}
