//! What hotspots are sorted by.

use super::super::map::HazardMap;
use super::super::slot::Slot;
use super::super::storm::Weather;
use super::hotspots::{incidents, seen};
use super::paging::{Keys, Paging};

/// What hotspots can be sorted by; else those with most occasions come first, of these the higher.
pub const SORTS: [&str; 11] = [
    "occasions",
    "occasions_storm",
    "occasions_dry_weather",
    "occasions_not_found",
    "incidents",
    "reports",
    "first_seen",
    "last_seen",
    "last_flooded",
    "rank",
    "rank_score",
];

fn value(map: &HazardMap, peak: Slot, by: &str) -> Option<i64> {
    let tally = &map.sites().get(peak).tally;
    let place = || map.city().place(map, peak);
    let hotspot = || map.hotspot(peak);
    Some(match by {
        "rank" => i64::from(place()?.rank),
        // Bits of numbers that are not negative are in the order of the numbers.
        "rank_score" => place()?.score.to_bits() as i64,
        "occasions_storm" => i64::from(tally.weather[Weather::Storm as usize]),
        "occasions_dry_weather" => i64::from(tally.weather[Weather::None as usize]),
        "occasions_not_found" => i64::from(tally.not_found),
        "incidents" => hotspot().incidents.len() as i64,
        "reports" => incidents(map, &hotspot()).map(|i| i.reports.len() as i64).sum(),
        "first_seen" => seen(map, &hotspot()).0,
        "last_seen" => seen(map, &hotspot()).1,
        "last_flooded" => map.figures(peak).occasions.last_end,
        _ => i64::from(tally.occasions()),
    })
}

/// What the hotspot of a peak is sorted by, in the order that a page asks for.
pub fn keys(map: &HazardMap, peak: Slot, paging: &Paging) -> Keys {
    let tally = &map.sites().get(peak).tally;
    let mut keys = paging.keys(|by| value(map, peak, by));
    if keys.is_empty() {
        keys.push(-i64::from(tally.occasions()));
    }
    keys.push(-tally.height);
    keys
}
