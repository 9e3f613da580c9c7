//! Hotspots in a tile, at their peaks.

use fast_mvt::MvtResult;

use super::super::hotspot::Peak;
use super::super::layer::hotspots::name;
use super::super::layer::lookup::{Lookup, hotspot_id};
use super::super::layer::{Filter, Interval, Status};
use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::super::storm::Weather;
use super::canvas::Tags;
use super::gather::Gathered;

pub const FIELDS: &[(&str, &str)] = &[
    ("occasions_max", "Number; of a cluster: the most occasions that one of its hotspots has"),
    ("id", "String; as in the layer of hotspots"),
    ("category", "String"),
    ("name", "String"),
    ("status", "String: candidate, recurring or confirmed"),
    ("occasions", "Number"),
    ("occasions_storm", "Number"),
    ("occasions_small_rain", "Number"),
    ("occasions_dry_weather", "Number"),
    ("occasions_unknown", "Number"),
    ("occasions_not_found", "Number"),
];

/// Gathers the hotspots that match, noting their occasions.
pub fn gather(map: &HazardMap, filter: &Filter, found: &mut Gathered) {
    let sites = map.sites();
    for &Peak { slot, category, occasions, at, .. } in map.ranked() {
        if !filter.takes_category(category) || !found.edges().holds(at) {
            continue;
        }
        let status = || Some(Status::Hotspot(sites.status(slot, map.rule(category))));
        let wanted = filter.takes_occasions(sites.get(slot).tally.weather) && filter.takes_status(status);
        if wanted && filter.datetime.is_none_or(|time| was_seen(map, slot, time)) {
            found.add(slot.raw(), at, occasions);
        }
    }
}

/// Does the time from a hotspot's first observation to its last meet the time wanted? Looks at no more of its incidents
/// than tell.
fn was_seen(map: &HazardMap, peak: Slot, time: Interval) -> bool {
    let spans = || map.sites().members(peak).flat_map(|site| &map.sites().get(site).spans);
    let facts = || spans().map(|span| map.incidents()[span.incident as usize].facts);
    facts().any(|f| f.first <= time.to) && facts().any(|f| time.from <= f.last)
}

/// Of one hotspot what a map needs, as the layer of hotspots has it.
pub fn tag(lookup: &mut Lookup, peak: u32, tags: &mut Tags) -> MvtResult<()> {
    let (map, peak) = (lookup.map, Slot::new(peak as usize));
    let site = map.sites().get(peak);
    let hotspot = map.sites().hotspot(peak, map.rule(site.category), map.places());
    let by = |weather: Weather| site.tally.weather[weather as usize];
    tags.text("id", &*hotspot_id(map, peak))?
        .text("category", site.category.name())?
        .text("name", name(map, &hotspot).as_deref())?
        .text("status", hotspot.status.name())?
        .number("occasions", site.tally.occasions())?
        .number("occasions_storm", by(Weather::Storm))?
        .number("occasions_small_rain", by(Weather::SmallRain))?
        .number("occasions_dry_weather", by(Weather::None))?
        .number("occasions_unknown", by(Weather::Unknown))?
        .number("occasions_not_found", site.tally.not_found)?;
    Ok(())
}
