//! The layer of reports: single observations, dry ones too.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::correction;
use super::super::cql2::Kind;
use super::super::event::Passability;
use super::super::incident::Incident;
use super::super::map::HazardMap;
use super::super::report::ReportRow;
use super::super::slot::{Measure, Slot};
use super::detail::Found;
use super::feature::{Feature, FeatureCollection, Time};
use super::filter::Filter;
use super::incidents::IncidentStatus;
use super::interval::Interval;
use super::lookup::{IncidentId, Lookup};
use super::queryable::{Asking, Queryable, Reader, Table, categories, point};
use super::status::Status;

/// What is published of a report: no text, no photo, no person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportProperties {
    pub category: Category,
    pub observed_at: Time,
    pub received_at: Time,
    /// Its incident's; a dry report has none.
    pub status: Option<IncidentStatus>,
    pub incident_id: Option<IncidentId>,
    /// Where its incident counts.
    #[schema(value_type = Option<String>)]
    pub hotspot_id: Option<Arc<str>>,
    pub depth_cm: Option<u16>,
    pub passability: Option<Passability>,
    pub dry: bool,
    pub accuracy_m: Option<u16>,
    #[schema(value_type = Option<String>)]
    pub channel: Option<Arc<str>>,
}

/// What they can be asked for in a filter.
pub static TABLE: Table<usize> = Table {
    properties: &[
        Queryable::new("id", "Its id", Kind::Text, |r, &i| r.map.reports().id(i).into()),
        Queryable::new("category", "What was reported", Kind::Words(categories), |r, &i| {
            row(r, i).category.name().into()
        }),
        Queryable::new("observed_at", "When it was observed", Kind::Time, |r, &i| Time(row(r, i).observed_at).into()),
        Queryable::new("received_at", "When it was received", Kind::Time, |r, &i| Time(row(r, i).received_at).into()),
        Queryable::new(
            "status",
            "How far people have got with its incident",
            Kind::Words(|| IncidentStatus::ALL.map(IncidentStatus::name).into()),
            |r, &i| status(r.map, row(r, i)).map(IncidentStatus::name).into(),
        ),
        Queryable::new("incident_id", "Its incident", Kind::Text, |r, &i| {
            incident(r, i).map(|i| IncidentId(i.opened()).to_string()).into()
        }),
        Queryable::new("hotspot_id", "Where its incident counts", Kind::Text, |r, &i| {
            incident(r, i).and_then(|i| r.lookup.borrow_mut().hotspot_id(i)).into()
        })
        .taking(10),
        Queryable::measure("depth_cm", "Depth of the water", "cm", |r, &i| row(r, i).depth_cm.map(Measure::get).into()),
        Queryable::new(
            "passability",
            "Who could pass",
            Kind::Words(|| Passability::ALL.map(Passability::name).into()),
            |r, &i| row(r, i).passability.map(Passability::name).into(),
        ),
        Queryable::new("dry", "Passed here, no water", Kind::Flag, |r, &i| row(r, i).dry().into()),
        Queryable::measure("accuracy_m", "How exact its position is", "m", |r, &i| {
            row(r, i).accuracy_m.map(Measure::get).into()
        }),
        Queryable::new("channel", "How it came", Kind::Text, |r, &i| {
            let reports = r.map.reports();
            reports.origin(row(r, i)).channel.map(|slot| reports.word(slot)).into()
        }),
        Queryable::geometry("point"),
    ],
    located: |map, &i| Some(point(map.reports().rows()[i].position)),
};

fn row<'m>(r: &Reader<'m>, i: usize) -> &'m ReportRow {
    &r.map.reports().rows()[i]
}

fn incident<'m>(r: &Reader<'m>, i: usize) -> Option<&'m Incident> {
    row(r, i).incident.map(|slot| &r.map.incidents()[slot.index()])
}

/// What reports can be sorted by; else they come in log order.
pub const SORTS: [&str; 3] = ["observed_at", "received_at", "depth_cm"];

fn value(map: &HazardMap, i: usize, by: &str) -> Option<i64> {
    let row = &map.reports().rows()[i];
    match by {
        "received_at" => Some(row.received_at),
        "depth_cm" => row.depth_cm.map(|depth| i64::from(depth.get())),
        _ => Some(row.observed_at),
    }
}

/// The reports that match, in no particular order.
pub fn matching(map: &HazardMap, filter: &Filter) -> Vec<usize> {
    let asking = Asking::new(map, &TABLE, filter);
    let wanted = |&i: &usize| wanted(map, filter, i) && asking.takes(&i);
    let Interval { from, to } = asking.times("observed_at").common(filter.datetime.unwrap_or(Interval::ALWAYS));
    let Some(around) = filter.around() else { return map.reports().about(from, to).filter(wanted).collect() };
    let near = around.parts().flat_map(|part| map.reports().within(part));
    // A box of degrees alone has been told apart already, without a look at the rows; one on a plane is smaller than the
    // degrees around it.
    let exact = filter.bbox == Some(around) && around.is_in_degrees();
    let placed = |i: &usize| exact || filter.takes_position(map.reports().rows()[*i].position);
    near.filter(|&i| map.reports().may_be_about(i, from, to)).filter(placed).filter(wanted).collect()
}

/// The published report of an id.
pub fn find(map: &HazardMap, id: &str) -> Option<usize> {
    map.reports().find(id).filter(|&i| map.reports().published().contains(i))
}

/// The published report of an id; elsewhere, what stands in its place.
pub fn standing(map: &HazardMap, id: &str) -> Found<usize> {
    match correction::standing(map.reports(), id).filter(|&i| map.reports().published().contains(i)) {
        Some(i) if map.reports().id(i) == id => Found::Here(Box::new(i)),
        Some(i) => Found::At(map.reports().id(i).to_owned()),
        None => Found::Nowhere,
    }
}

/// Does a report match, wherever it is?
pub fn wanted(map: &HazardMap, filter: &Filter, i: usize) -> bool {
    let is_asked_for = |row: &ReportRow| {
        filter.takes_category(row.category)
            && filter.takes_time(row.observed_at, row.observed_at)
            && filter.takes_status(|| Some(Status::Incident(status(map, row)?)))
    };
    // Where nothing more is asked, the row, far off in memory, is not looked at.
    let all = filter.category.is_empty() && filter.datetime.is_none() && filter.status.is_empty();
    map.reports().published().contains(i) && (all || is_asked_for(&map.reports().rows()[i]))
}

/// Where a published report stands.
#[derive(Clone, Debug)]
pub struct Whereabouts {
    /// None of a dry report.
    pub incident_id: Option<IncidentId>,
    /// Where its incident counts.
    pub hotspot_id: Option<Arc<str>>,
}

impl Whereabouts {
    /// Of a report by its id; nothing of one that is not published.
    pub fn of(map: &HazardMap, id: &str) -> Option<Whereabouts> {
        let i = find(map, id)?;
        let holder = Holder::of(map, &map.reports().rows()[i]);
        let peak = holder.as_ref().and_then(|holder| holder.peak(map));
        Some(Whereabouts {
            incident_id: holder.map(|holder| holder.id),
            hotspot_id: peak.map(|peak| Lookup::new(map).hotspot_at(peak)),
        })
    }
}

/// The status of a report's incident.
pub fn status(map: &HazardMap, row: &ReportRow) -> Option<IncidentStatus> {
    row.incident.map(|slot| IncidentStatus::of(&map.incidents()[slot.index()]))
}

pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<ReportProperties> {
    let mut lookup = Lookup::new(map);
    let write = |page: &[usize]| features(&mut lookup, page);
    match filter.paging.sort.is_empty() {
        true if filter.is_open() => FeatureCollection::straight(map, &filter.paging, map.reports().published(), write),
        true => FeatureCollection::picked(map, &filter.paging, matching(map, filter), write),
        false => {
            let keys = |&i: &usize| filter.paging.keys(|by| value(map, i, by));
            let matched = matching(map, filter);
            FeatureCollection::of(map, &filter.paging, matched, (keys, |&i| i), |i| report(&mut lookup, i))
        }
    }
}

/// The feature of one visible report, by index.
pub fn report(lookup: &mut Lookup, i: usize) -> Feature<ReportProperties> {
    let (map, row) = (lookup.map, &lookup.map.reports().rows()[i]);
    let holder = Holder::of(map, row);
    let peak = holder.as_ref().and_then(|holder| holder.peak(map));
    feature(lookup, map.reports().id(i), row, holder.as_ref(), peak)
}

/// So many reports are brought together from memory at once.
const TOGETHER: usize = 128;

/// The features of visible reports. What they are made of lies scattered in memory, and is fetched by kind: of many at once,
/// the processor waits for all together.
fn features(lookup: &mut Lookup, page: &[usize]) -> Vec<Feature<ReportProperties>> {
    let (map, reports) = (lookup.map, lookup.map.reports());
    let mut features = Vec::with_capacity(page.len());
    let (mut rows, mut holders, mut peaks, mut ids) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for some in page.chunks(TOGETHER) {
        rows.clear();
        rows.extend(some.iter().map(|&i| reports.rows()[i].clone()));
        ids.clear();
        ids.extend(some.iter().map(|&i| reports.id_range(i)));
        holders.clear();
        holders.extend(rows.iter().map(|row| Holder::of(map, row)));
        peaks.clear();
        peaks.extend(holders.iter().map(|holder| holder.as_ref()?.peak(map)));
        let all = rows.iter().zip(&ids).zip(holders.iter().zip(&peaks));
        features.extend(all.map(|((row, id), (holder, &peak))| {
            feature(lookup, reports.id_at(id.clone()), row, holder.as_ref(), peak)
        }));
    }
    features
}

/// What a report's feature tells of the incident that holds it.
struct Holder {
    id: IncidentId,
    status: IncidentStatus,
    /// Where it counts, if it does.
    site: Option<Slot>,
    category: Category,
}

impl Holder {
    fn of(map: &HazardMap, row: &ReportRow) -> Option<Holder> {
        let incident = &map.incidents()[row.incident?.index()];
        Some(Holder {
            id: IncidentId(incident.opened()),
            status: IncidentStatus::of(incident),
            site: incident.site.filter(|_| incident.counts),
            category: incident.category,
        })
    }

    fn peak(&self, map: &HazardMap) -> Option<Slot> {
        map.sites().peak(self.site?, map.rule(self.category))
    }
}

fn feature(
    lookup: &mut Lookup,
    id: &str,
    row: &ReportRow,
    holder: Option<&Holder>,
    peak: Option<Slot>,
) -> Feature<ReportProperties> {
    let reports = lookup.map.reports();
    let properties = ReportProperties {
        category: row.category,
        observed_at: Time(row.observed_at),
        received_at: Time(row.received_at),
        status: holder.map(|holder| holder.status),
        incident_id: holder.map(|holder| holder.id),
        hotspot_id: peak.map(|peak| lookup.hotspot_at(peak)),
        depth_cm: row.depth_cm.map(Measure::get),
        passability: row.passability,
        dry: row.dry(),
        accuracy_m: row.accuracy_m.map(Measure::get),
        channel: reports.origin(row).channel.map(|slot| lookup.word(slot)),
    };
    Feature::new(id, Some(row.position), properties)
}
