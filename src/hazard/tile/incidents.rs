//! Incidents in a tile, at their anchors.

use fast_mvt::MvtResult;

use super::super::event::Passability;
use super::super::layer::Filter;
use super::super::layer::incidents::{IncidentStatus, rows, wanted};
use super::super::layer::lookup::{IncidentId, Lookup};
use super::super::map::HazardMap;
use super::super::slot::Measure;
use super::super::time;
use super::canvas::Tags;
use super::gather::Gathered;

pub const FIELDS: &[(&str, &str)] = &[
    ("open_count", "Number; of a cluster: how many of its incidents are neither resolved nor dismissed"),
    ("id", "String; as in the layer of incidents"),
    ("category", "String"),
    ("area_id", "String: the finest area it belongs to"),
    ("status", "String: reported, acknowledged, resolved or dismissed"),
    ("first_observed_at", "String: RFC 3339, UTC"),
    ("last_observed_at", "String: RFC 3339, UTC"),
    ("reports", "Number"),
    ("evidence", "Boolean: staff found it, a photo shows it, or two people reported it"),
    ("depth_cm_max", "Number"),
    ("passability", "String: the worst of clear, slow, impassable_small and impassable"),
    ("hotspot_id", "String: where it counts"),
];

/// Gathers the incidents that match, noting which are open. They are walked as they lie: no index holds them all by
/// place, and they are fewer than reports.
pub fn gather(map: &HazardMap, filter: &Filter, found: &mut Gathered) {
    for (i, incident) in map.incidents().iter().enumerate() {
        if found.edges().holds(incident.anchor) && wanted(map, incident, filter) {
            found.add(i as u32, incident.anchor, u32::from(incident.ended.is_none()));
        }
    }
}

/// Of one incident what a map needs, as the layer of incidents has it.
pub fn tag(lookup: &mut Lookup, i: u32, tags: &mut Tags) -> MvtResult<()> {
    let map = lookup.map;
    let incident = &map.incidents()[i as usize];
    let reports = || rows(map, incident);
    let depth_cm = reports().filter_map(|row| row.depth_cm.map(Measure::get)).max();
    tags.text("id", &*IncidentId(incident.opened()).to_string())?
        .text("category", incident.category.name())?
        .text("area_id", map.area_of(i as usize).map(|area| &*map.areas().all()[area].id))?
        .text("status", IncidentStatus::of(incident).name())?
        .text("first_observed_at", &*time::format(incident.facts.first))?
        .text("last_observed_at", &*time::format(incident.facts.last))?
        .number("reports", incident.reports.len() as u32)?
        .flag("evidence", incident.has_evidence())?
        .number("depth_cm_max", depth_cm.map(u32::from))?
        .text("passability", reports().filter_map(|row| row.passability).max().map(Passability::name))?
        .text("hotspot_id", lookup.hotspot_id(incident).as_deref())?;
    Ok(())
}
