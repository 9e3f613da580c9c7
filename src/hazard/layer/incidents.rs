//! The layer of incidents: one hazard, at one place, on one occasion.

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::cql2::Kind;
use super::super::event::Passability;
use super::super::incident::Incident;
use super::super::map::HazardMap;
use super::super::place::SiteKey;
use super::super::report::ReportRow;
use super::super::slot::{Measure, Moment};
use super::super::storm::Weather;
use super::super::workflow::State;
use super::feature::{Feature, FeatureCollection, Time};
use super::filter::Filter;
use super::lookup::{IncidentId, Lookup, site_name};
use super::queryable::{Asking, NAMING, Queryable, Reader, Table, categories, point};
use super::status::Status;

/// How far people have got with an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum IncidentStatus {
    Reported,
    Acknowledged,
    Resolved,
    Dismissed,
}

/// What is published of an incident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IncidentProperties {
    pub category: Category,
    pub place: Option<String>,
    /// The finest area it belongs to.
    pub area_id: Option<String>,
    pub status: IncidentStatus,
    /// The same in all words of the workflow.
    pub state: State,
    /// When its next limit passes.
    pub deadline: Option<Time>,
    pub first_observed_at: Time,
    pub last_observed_at: Time,
    pub resolved_at: Option<Time>,
    /// From the first observation to the first acknowledgement.
    pub time_to_acknowledge_s: Option<i64>,
    /// From the first observation to resolved.
    pub time_to_close_s: Option<i64>,
    /// From the first observation to the first dry report at it after the last, while it was live; null where nobody said.
    pub time_to_drain_s: Option<i64>,
    pub reports: usize,
    pub reporters: usize,
    pub evidence: bool,
    pub depth_cm_max: Option<u16>,
    /// The worst that was reported.
    pub passability: Option<Passability>,
    pub weather: Weather,
    #[schema(value_type = Option<String>)]
    pub hotspot_id: Option<Arc<str>>,
    pub recurred_after_s: Option<u32>,
    /// Its deadline has passed; given where the answer says by which time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdue: Option<bool>,
}

impl IncidentStatus {
    pub const ALL: [IncidentStatus; 4] =
        [IncidentStatus::Reported, IncidentStatus::Acknowledged, IncidentStatus::Resolved, IncidentStatus::Dismissed];

    pub fn name(self) -> &'static str {
        match self {
            IncidentStatus::Reported => "reported",
            IncidentStatus::Acknowledged => "acknowledged",
            IncidentStatus::Resolved => "resolved",
            IncidentStatus::Dismissed => "dismissed",
        }
    }

    pub fn of(incident: &Incident) -> IncidentStatus {
        match incident {
            i if i.ended.is_some() && i.dismissed => IncidentStatus::Dismissed,
            i if i.ended.is_some() => IncidentStatus::Resolved,
            i if i.acknowledged => IncidentStatus::Acknowledged,
            _ => IncidentStatus::Reported,
        }
    }
}

impl Serialize for IncidentStatus {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.name())
    }
}

/// When an incident was resolved; a dismissed one was not.
pub fn resolved_at(incident: &Incident) -> Option<i64> {
    incident.ended.filter(|_| !incident.dismissed).map(Moment::seconds)
}

/// The rows of an incident's reports.
pub fn rows<'m>(map: &'m HazardMap, incident: &'m Incident) -> impl Iterator<Item = &'m ReportRow> {
    incident.reports.iter().map(|&r| &map.reports().rows()[r as usize])
}

/// How many persons are among the reports; those without one count for nobody.
pub fn distinct_reporters<'m>(rows: impl Iterator<Item = &'m ReportRow>) -> usize {
    let mut people: Vec<_> = rows.filter_map(|row| row.person).collect();
    people.sort_unstable();
    people.dedup();
    people.len()
}

/// What they can be asked for in a filter.
pub static TABLE: Table<usize> = Table {
    properties: &[
        Queryable::new("id", "Its id", Kind::Text, |r, &i| IncidentId(one(r, i).opened()).to_string().into()),
        Queryable::new("category", "What kind of hazard it is", Kind::Words(categories), |r, &i| {
            one(r, i).category.name().into()
        }),
        Queryable::new("place", "What people call the place", Kind::Text, |r, &i| place(r.map, one(r, i)).into())
            .taking(NAMING),
        Queryable::new("area_id", "The finest area it belongs to", Kind::Text, |r, &i| area_id(r.map, i).into()),
        Queryable::new(
            "status",
            "How far people have got with it",
            Kind::Words(|| IncidentStatus::ALL.map(IncidentStatus::name).into()),
            |r, &i| IncidentStatus::of(one(r, i)).name().into(),
        ),
        Queryable::new("state", "The same in all words of the workflow", Kind::Words(states), |r, &i| {
            r.map.book().state(i).name().into()
        }),
        Queryable::new("deadline", "When its next limit passes", Kind::Time, |r, &i| {
            r.map.deadline(i).map(Time).into()
        }),
        Queryable::new("first_observed_at", "When it was first observed", Kind::Time, |r, &i| {
            Time(one(r, i).facts.first).into()
        }),
        Queryable::new("last_observed_at", "When it was last observed", Kind::Time, |r, &i| {
            Time(one(r, i).facts.last).into()
        }),
        Queryable::new("resolved_at", "When it was resolved", Kind::Time, |r, &i| {
            resolved_at(one(r, i)).map(Time).into()
        }),
        Queryable::measure(
            "time_to_acknowledge_s",
            "From the first observation to the first acknowledgement",
            "s",
            |r, &i| time_to_acknowledge_s(r.map, i).into(),
        ),
        Queryable::measure("time_to_close_s", "From the first observation to resolved", "s", |r, &i| {
            time_to_close_s(one(r, i)).into()
        }),
        Queryable::measure("time_to_drain_s", "From the first observation to dry", "s", |r, &i| {
            r.map.time_to_drain_s(one(r, i)).into()
        })
        .taking(10),
        Queryable::new("reports", "How many reports it has", Kind::Integer, |r, &i| one(r, i).reports.len().into()),
        Queryable::new("reporters", "How many people reported it", Kind::Integer, |r, &i| {
            distinct_reporters(rows(r.map, one(r, i))).into()
        })
        .taking(10),
        Queryable::new(
            "evidence",
            "Staff found it, a photo shows it, or two people reported it",
            Kind::Flag,
            |r, &i| one(r, i).has_evidence().into(),
        ),
        Queryable::measure("depth_cm_max", "Largest depth of the water", "cm", |r, &i| {
            depth_cm_max(rows(r.map, one(r, i))).into()
        })
        .taking(10),
        Queryable::new(
            "passability",
            "The worst that was reported",
            Kind::Words(|| Passability::ALL.map(Passability::name).into()),
            |r, &i| worst(rows(r.map, one(r, i))).map(Passability::name).into(),
        )
        .taking(10),
        Queryable::new(
            "weather",
            "The weather it fell in",
            Kind::Words(|| Weather::ALL.map(Weather::name).into()),
            |r, &i| r.map.weather(one(r, i)).1.name().into(),
        )
        .taking(10),
        Queryable::new("hotspot_id", "The hotspot it counts in", Kind::Text, |r, &i| {
            r.lookup.borrow_mut().hotspot_id(one(r, i)).into()
        })
        .taking(10),
        Queryable::measure("recurred_after_s", "From the end of the one before at the same place", "s", |r, &i| {
            r.map.recurred_after_s(i).map(NonZeroU32::get).into()
        }),
        Queryable::geometry("point"),
    ],
    located: |map, &i| Some(point(map.incidents()[i].anchor)),
};

fn one<'m>(r: &Reader<'m>, i: usize) -> &'m Incident {
    &r.map.incidents()[i]
}

fn states() -> Vec<&'static str> {
    State::ALL.iter().map(|state| state.name()).collect()
}

/// What people call where it is.
pub fn place(map: &HazardMap, incident: &Incident) -> Option<String> {
    site_name(map, site_key(map, incident), incident.anchor.ecef(), incident.reports.iter().copied())
}

fn area_id(map: &HazardMap, i: usize) -> Option<&str> {
    map.area_of(i).map(|area| map.areas().all()[area].id.as_str())
}

fn time_to_acknowledge_s(map: &HazardMap, i: usize) -> Option<i64> {
    map.book().acknowledged_at(i).map(|at| at - map.incidents()[i].facts.first)
}

pub fn time_to_close_s(incident: &Incident) -> Option<i64> {
    resolved_at(incident).map(|end| end - incident.facts.first)
}

/// The largest depth that reports name.
pub fn depth_cm_max<'m>(rows: impl Iterator<Item = &'m ReportRow>) -> Option<u16> {
    rows.filter_map(|row| row.depth_cm.map(Measure::get)).max()
}

/// The worst passability that reports name.
pub fn worst<'m>(rows: impl Iterator<Item = &'m ReportRow>) -> Option<Passability> {
    rows.filter_map(|row| row.passability).max()
}

/// What incidents can be sorted by; else they come in the order they were opened.
pub const SORTS: [&str; 6] =
    ["first_observed_at", "last_observed_at", "resolved_at", "time_to_close_s", "reports", "deadline"];

fn value(map: &HazardMap, i: usize, by: &str) -> Option<i64> {
    let incident = &map.incidents()[i];
    match by {
        "deadline" => map.deadlines().get(i),
        "last_observed_at" => Some(incident.facts.last),
        "resolved_at" => resolved_at(incident),
        "time_to_close_s" => time_to_close_s(incident),
        "reports" => Some(incident.reports.len() as i64),
        _ => Some(incident.facts.first),
    }
}

/// The incidents that match, in the order they were opened.
pub fn matching(map: &HazardMap, filter: &Filter) -> Vec<usize> {
    // All of them are looked up once, and then known.
    let areas = (!filter.area.is_empty()).then(|| (map.areas().within(&filter.area), map.members()));
    let asking = Asking::new(map, &TABLE, filter);
    let is_wanted = |i: &usize| {
        areas.as_ref().is_none_or(|(within, members)| members[*i].is_some_and(|area| within[area.index()]))
            && wanted(map, &map.incidents()[*i], filter)
            && (filter.state.is_empty() || filter.state.contains(&map.book().state(*i)))
            && asking.takes(i)
    };
    let Some((overdue, now)) = filter.overdue.zip(filter.now) else {
        return (0..map.incidents().len()).filter(is_wanted).collect();
    };
    if !overdue {
        let in_time = |i: &usize| map.deadlines().get(*i).is_none_or(|at| at >= now);
        return (0..map.incidents().len()).filter(|i| is_wanted(i) && in_time(i)).collect();
    }
    let mut late: Vec<usize> = map.deadlines().overdue(now).filter(is_wanted).collect();
    late.sort_unstable();
    late
}

pub fn wanted(map: &HazardMap, incident: &Incident, filter: &Filter) -> bool {
    !incident.is_void()
        && !incident.category.is_alone()
        && filter.takes_category(incident.category)
        && filter.takes_time(incident.facts.first, incident.facts.last)
        && filter.takes_status(|| Some(Status::Incident(IncidentStatus::of(incident))))
        && filter.takes_position(incident.anchor)
        && filter.takes_weather(|| map.weather(incident).1)
}

pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<IncidentProperties> {
    let mut lookup = Lookup::new(map);
    let told = |i| {
        let mut feature = feature(&mut lookup, i);
        feature.properties.overdue = filter.now.map(|now| is_overdue(&feature.properties, now));
        feature
    };
    if filter.is_open() && filter.paging.sort.is_empty() {
        let write = |page: &[usize]| page.iter().copied().map(told).collect();
        return FeatureCollection::straight(map, &filter.paging, map.published(), write);
    }
    let keys = |&i: &usize| filter.paging.keys(|by| value(map, i, by));
    FeatureCollection::of(map, &filter.paging, matching(map, filter), (keys, |&i| i), told)
}

/// The site an incident counts at, or would: one that never counted has not been put at its site yet.
pub fn site_key(map: &HazardMap, incident: &Incident) -> SiteKey {
    let radius_m = map.rule(incident.category).anchor_radius_m;
    let placed = incident.site.map(|site| map.sites().get(site).key);
    placed.unwrap_or_else(|| map.places().site(incident.anchor, radius_m))
}

/// Has its deadline passed at a time?
pub fn is_overdue(properties: &IncidentProperties, now: i64) -> bool {
    properties.deadline.is_some_and(|Time(at)| at < now)
}

/// The feature of an incident that is not void, by its index.
pub fn feature(lookup: &mut Lookup, i: usize) -> Feature<IncidentProperties> {
    let map = lookup.map;
    let incident = &map.incidents()[i];
    let reports = || rows(map, incident);
    let properties = IncidentProperties {
        category: incident.category,
        place: place(map, incident),
        area_id: area_id(map, i).map(str::to_owned),
        status: IncidentStatus::of(incident),
        state: map.book().state(i),
        deadline: map.deadline(i).map(Time),
        overdue: None,
        first_observed_at: Time(incident.facts.first),
        last_observed_at: Time(incident.facts.last),
        resolved_at: resolved_at(incident).map(Time),
        time_to_acknowledge_s: time_to_acknowledge_s(map, i),
        time_to_close_s: time_to_close_s(incident),
        time_to_drain_s: map.time_to_drain_s(incident),
        reports: incident.reports.len(),
        reporters: distinct_reporters(reports()),
        evidence: incident.has_evidence(),
        depth_cm_max: depth_cm_max(reports()),
        passability: worst(reports()),
        weather: map.weather(incident).1,
        hotspot_id: lookup.hotspot_id(incident),
        recurred_after_s: map.recurred_after_s(i).map(NonZeroU32::get),
    };
    Feature::new(IncidentId(incident.opened()).to_string(), Some(incident.anchor), properties)
}
