//! The layer of closures: where vehicles cannot pass now. It changes with the time of day, which is in the question.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::closure::{self, Closed, Message};
use super::super::cql2::Kind;
use super::super::event::Passability;
use super::super::map::HazardMap;
use super::super::slot::Measure;
use super::feature::{Feature, FeatureCollection, Time};
use super::filter::Filter;
use super::incidents::{depth_cm_max, distinct_reporters, place, rows, site_key};
use super::lookup::{IncidentId, site_name};
use super::queryable::{Asking, Queryable, Table, categories, point};

/// What is published of a closure; its id is its incident's.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClosureProperties {
    pub incident_id: IncidentId,
    pub category: Category,
    pub passability: Passability,
    /// Whom it holds for: `all` vehicles, or `small_cars`.
    #[schema(example = "all")]
    pub vehicles: &'static str,
    /// When it was first seen closed, and not open again since.
    pub since: Time,
    /// When it was last seen closed.
    pub last_observed_at: Time,
    /// From then on nobody knows: so long after it was last seen as `data/categories.toml` says (`closure_s`), or half an
    /// hour after somebody saw it dry.
    pub expires_at: Time,
    pub place: Option<String>,
    pub depth_cm_max: Option<u16>,
    /// Of its incident, as are the next two.
    pub reports: usize,
    pub reporters: usize,
    /// Staff found it, a photo shows it, or two people reported it.
    pub evidence: bool,
}

/// What they can be asked for in a filter.
pub static TABLE: Table<(usize, Closed)> = Table {
    properties: &[
        Queryable::new("id", "Its incident's id", Kind::Text, |r, &(i, _)| id(r.map, i).to_string().into()),
        Queryable::new("incident_id", "Its incident", Kind::Text, |r, &(i, _)| id(r.map, i).to_string().into()),
        Queryable::new("category", "What closes it", Kind::Words(categories), |r, &(i, _)| {
            r.map.incidents()[i].category.name().into()
        }),
        Queryable::new(
            "passability",
            "Who could pass when it was last seen closed",
            Kind::Words(|| Passability::ALL.map(Passability::name).into()),
            |_, (_, closed)| closed.passability.name().into(),
        ),
        Queryable::new("vehicles", "Whom it holds for", Kind::Words(|| VEHICLES.into()), |_, (_, closed)| {
            vehicles(closed).into()
        }),
        Queryable::new("since", "When it was first seen closed", Kind::Time, |_, (_, closed)| {
            Time(closed.since).into()
        }),
        Queryable::new("last_observed_at", "When it was last seen closed", Kind::Time, |_, (_, closed)| {
            Time(closed.last_observed_at).into()
        }),
        Queryable::new("expires_at", "From when on nobody knows", Kind::Time, |_, (_, closed)| {
            Time(closed.expires_at).into()
        }),
        Queryable::new("place", "What people call the place", Kind::Text, |r, &(i, _)| {
            place(r.map, &r.map.incidents()[i]).into()
        }),
        Queryable::measure("depth_cm_max", "The deepest water that its reports name", "cm", |r, &(i, _)| {
            depth_cm_max(rows(r.map, &r.map.incidents()[i])).into()
        }),
        Queryable::new("reports", "How many reports it has", Kind::Integer, |r, &(i, _)| {
            r.map.incidents()[i].reports.len().into()
        }),
        Queryable::new("reporters", "How many persons reported", Kind::Integer, |r, &(i, _)| {
            distinct_reporters(rows(r.map, &r.map.incidents()[i])).into()
        }),
        Queryable::new(
            "evidence",
            "Staff found it, a photo shows it, or two people reported it",
            Kind::Flag,
            |r, &(i, _)| r.map.incidents()[i].has_evidence().into(),
        ),
        Queryable::geometry("point"),
    ],
    located: |map, &(i, _)| Some(point(map.incidents()[i].anchor)),
};

/// Whom a closure can hold for.
const VEHICLES: [&str; 2] = ["all", "small_cars"];

fn vehicles(closed: &Closed) -> &'static str {
    VEHICLES[usize::from(closed.is_for_small_cars())]
}

fn id(map: &HazardMap, i: usize) -> IncidentId {
    IncidentId(map.incidents()[i].opened())
}

/// What closures can be sorted by; else they come in the order their incidents were opened.
pub const SORTS: [&str; 3] = ["since", "last_observed_at", "expires_at"];

fn value(closed: &Closed, by: &str) -> i64 {
    match by {
        "since" => closed.since,
        "last_observed_at" => closed.last_observed_at,
        _ => closed.expires_at,
    }
}

/// The incidents that are closures at a time.
pub fn standing(map: &HazardMap, now: i64) -> impl Iterator<Item = (usize, Closed)> {
    (0..map.incidents().len()).filter_map(move |i| Some((i, closure::at(map, i, now)?)))
}

/// The closures that match, at the time the filter names; without one at that of the map.
pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<ClosureProperties> {
    let now = filter.now.unwrap_or_else(|| map.as_of());
    let asking = Asking::new(map, &TABLE, filter);
    let matched: Vec<_> = standing(map, now)
        .filter(|one| {
            let (incident, closed) = (&map.incidents()[one.0], one.1);
            filter.takes_category(incident.category)
                && filter.takes_position(incident.anchor)
                && filter.takes_time(closed.since, closed.expires_at)
                && asking.takes(one)
        })
        .collect();
    let keys = |closed: &Closed| filter.paging.keys(|by| Some(value(closed, by)));
    FeatureCollection::of(map, &filter.paging, matched, (|(_, closed)| keys(closed), |(i, _)| *i), |(i, closed)| {
        feature(map, i, closed)
    })
}

/// The feature of a closure that stands.
fn feature(map: &HazardMap, i: usize, closed: Closed) -> Feature<ClosureProperties> {
    let incident = &map.incidents()[i];
    told(map, i, closed, &incident.reports, depth_cm_max(rows(map, incident)), incident.has_evidence())
}

/// The closure at an incident, by its index, if there is one.
pub fn find(map: &HazardMap, i: usize, now: i64) -> Option<Feature<ClosureProperties>> {
    closure::at(map, i, now).map(|closed| feature(map, i, closed))
}

/// The feature of a closure as it was when a message about it was sent, so that what was said stays so.
pub fn said(map: &HazardMap, i: usize, message: &Message) -> Feature<ClosureProperties> {
    let known = closure::known(map, i, message);
    let reports: Vec<u32> = known.reports.iter().copied().collect();
    let rows = || reports.iter().map(|&r| &map.reports().rows()[r as usize]);
    let sayings = || reports.iter().map(|&r| known.saying(map.reports().rows(), r));
    let evidence = known.found || distinct_reporters(rows()) > 1 || sayings().any(|saying| saying.photo);
    let depth_cm_max = sayings().filter_map(|saying| saying.depth_cm.map(Measure::get)).max();
    told(map, i, message.closed, &reports, depth_cm_max, evidence)
}

/// The feature of a closure that rests on these reports.
fn told(
    map: &HazardMap,
    i: usize,
    closed: Closed,
    reports: &[u32],
    depth_cm_max: Option<u16>,
    evidence: bool,
) -> Feature<ClosureProperties> {
    let incident = &map.incidents()[i];
    let (id, key) = (IncidentId(incident.opened()), site_key(map, incident));
    let rows = || reports.iter().map(|&r| &map.reports().rows()[r as usize]);
    let properties = ClosureProperties {
        incident_id: id,
        category: incident.category,
        passability: closed.passability,
        vehicles: vehicles(&closed),
        since: Time(closed.since),
        last_observed_at: Time(closed.last_observed_at),
        expires_at: Time(closed.expires_at),
        place: site_name(map, key, incident.anchor.ecef(), reports.iter().copied()),
        depth_cm_max,
        reports: reports.len(),
        reporters: distinct_reporters(rows()),
        evidence,
    };
    Feature::new(id.to_string(), Some(incident.anchor), properties)
}
