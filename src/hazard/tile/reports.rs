//! Reports in a tile.

use fast_mvt::MvtResult;

use super::super::event::Passability;
use super::super::layer::Filter;
use super::super::layer::lookup::{IncidentId, Lookup};
use super::super::layer::reports::{status, wanted};
use super::super::map::HazardMap;
use super::super::point_index::Met;
use super::super::slot::Measure;
use super::super::time;
use super::canvas::Tags;
use super::gather::Gathered;

pub const FIELDS: &[(&str, &str)] = &[
    ("dry_count", "Number; of a cluster: how many of its reports say that there was no water"),
    ("id", "String; as in the layer of reports"),
    ("category", "String"),
    ("status", "String: reported, acknowledged, resolved or dismissed; its incident's, a dry report has none"),
    ("observed_at", "String: RFC 3339, UTC"),
    ("incident_id", "String"),
    ("hotspot_id", "String: where its incident counts"),
    ("depth_cm", "Number"),
    ("passability", "String: clear, slow, impassable_small or impassable"),
    ("dry", "Boolean: passed here, no water"),
];

/// A tile with more than one report in so many is found faster by walking all rows as they lie than by their places.
const WALK_FROM_SHARE: usize = 16;

/// Gathers the reports that match, noting which are dry.
pub fn gather(map: &HazardMap, filter: &Filter, found: &mut Gathered) {
    let rows = map.reports().rows();
    if filter.is_open() {
        let found_in = found.edges().boxes();
        let (published, dry) = (map.reports().published(), map.reports().dry());
        let mut add = |met: Met| match met {
            Met::Bundle(corners, sum) => found.add_all(corners, sum),
            Met::Row(i, at) => {
                if published.contains(i) {
                    found.add(i as u32, at, u32::from(dry.contains(i)));
                }
                true
            }
        };
        return found_in.for_each(|part| map.reports().visit(part, &mut add));
    }
    let few = rows.len() / WALK_FROM_SHARE;
    let placed = found.edges().boxes().flat_map(|part| map.reports().within(part));
    let placed: Vec<usize> = placed.take(few + 1).collect();
    let mut add = |i: usize| {
        let row = &rows[i];
        if wanted(map, filter, i) {
            found.add(i as u32, row.position, u32::from(row.dry()));
        }
    };
    if placed.len() <= few { placed.into_iter().for_each(add) } else { (0..rows.len()).for_each(&mut add) }
}

/// Of one report what a map needs, as the layer of reports has it.
pub fn tag(lookup: &mut Lookup, i: u32, tags: &mut Tags) -> MvtResult<()> {
    let map = lookup.map;
    let row = &map.reports().rows()[i as usize];
    let incident = row.incident.map(|slot| &map.incidents()[slot.index()]);
    tags.text("id", map.reports().id(i as usize))?
        .text("category", row.category.name())?
        .text("status", status(map, row).map(|status| status.name()))?
        .text("observed_at", &*time::format(row.observed_at))?
        .text("incident_id", incident.map(|i| IncidentId(i.opened()).to_string()).as_deref())?
        .text("hotspot_id", incident.and_then(|i| lookup.hotspot_id(i)).as_deref())?
        .number("depth_cm", row.depth_cm.map(Measure::get).map(u32::from))?
        .text("passability", row.passability.map(Passability::name))?
        .flag("dry", row.dry())?;
    Ok(())
}
