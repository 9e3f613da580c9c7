//! How often each hotspot was hit within a time: its peak's occasions, counted as the layer of hotspots counts them.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::category::Category;
use super::super::map::HazardMap;
use super::super::occasion::{Occasion, occasions};
use super::super::slot::Slot;
use super::super::storm::Weather;
use super::feature::Time;
use super::filter::Filter;
use super::lookup::hotspot_id;

/// The hotspots that have an occasion in a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OccasionsWithin {
    /// In order of id.
    pub hotspots: Vec<HotspotOccasions>,
    /// The time the map stands for.
    pub as_of: Time,
    /// Position in the log.
    pub position: u64,
}

/// The occasions of one hotspot that meet the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HotspotOccasions {
    pub hotspot_id: String,
    pub occasions: u32,
    pub occasions_storm: u32,
    pub occasions_small_rain: u32,
    pub occasions_dry_weather: u32,
    pub occasions_unknown: u32,
    /// At these whoever looked found nothing.
    pub occasions_not_found: u32,
    /// Of each weather those without evidence at which whoever looked found nothing.
    pub occasions_storm_contradicted: u32,
    pub occasions_small_rain_contradicted: u32,
    pub occasions_dry_weather_contradicted: u32,
    pub occasions_unknown_contradicted: u32,
    pub occasions_evidence: u32,
    /// Only reported: without evidence, and not looked at throughout.
    pub occasions_unchecked: u32,
    /// Begin of the first and end of the last of them, which may lie outside the time.
    pub start: Time,
    pub end: Time,
}

/// Counts by category and time; without a time, all occasions. A weather is one of the occasions counted.
pub fn occasions_within(map: &HazardMap, filter: &Filter) -> OccasionsWithin {
    let mut counted: Vec<(Slot, HotspotOccasions)> = Vec::new();
    each_occasion(
        map,
        |category| filter.takes_category(category),
        |peak, occasion| {
            if !filter.takes_time(occasion.start, occasion.end) {
                return;
            }
            if counted.last().is_none_or(|(last, _)| *last != peak) {
                counted.push((peak, HotspotOccasions::none(hotspot_id(map, peak), occasion)));
            }
            if let Some((_, counted)) = counted.last_mut() {
                counted.add(occasion);
            }
        },
    );
    let hotspots = counted.into_iter().map(|(_, counted)| counted);
    let mut hotspots: Vec<_> = hotspots.filter(|counted| filter.takes_occasions(counted.by_weather())).collect();
    hotspots.sort_unstable_by(|a, b| a.hotspot_id.cmp(&b.hotspot_id));
    OccasionsWithin { hotspots, as_of: Time(map.as_of()), position: map.position() }
}

/// Hands out every occasion of every peak of these categories, all of a peak together; one of a site that is near two peaks
/// comes with each of them, as it is in the layer.
pub(super) fn each_occasion(map: &HazardMap, wanted: impl Fn(Category) -> bool, mut each: impl FnMut(Slot, &Occasion)) {
    let (sites, mut touching) = (map.sites(), Vec::new());
    for peak in sites.peaks().filter(|&peak| wanted(sites.get(peak).category)) {
        let rule = map.rule(sites.get(peak).category);
        touching.clear();
        sites.touching(peak, rule, &mut touching);
        occasions(&mut touching, rule.occasion_gap_s, |occasion, _| each(peak, &occasion));
    }
}

impl HotspotOccasions {
    fn none(hotspot_id: String, first: &Occasion) -> HotspotOccasions {
        HotspotOccasions {
            hotspot_id,
            occasions: 0,
            occasions_storm: 0,
            occasions_small_rain: 0,
            occasions_dry_weather: 0,
            occasions_unknown: 0,
            occasions_not_found: 0,
            occasions_storm_contradicted: 0,
            occasions_small_rain_contradicted: 0,
            occasions_dry_weather_contradicted: 0,
            occasions_unknown_contradicted: 0,
            occasions_evidence: 0,
            occasions_unchecked: 0,
            start: Time(first.start),
            end: Time(first.end),
        }
    }

    /// In the order of [`Weather::ALL`].
    fn by_weather(&self) -> [u32; 4] {
        [self.occasions_storm, self.occasions_small_rain, self.occasions_dry_weather, self.occasions_unknown]
    }

    /// They come in order of time.
    fn add(&mut self, occasion: &Occasion) {
        let (of_weather, contradicted) = match occasion.weather {
            Weather::Storm => (&mut self.occasions_storm, &mut self.occasions_storm_contradicted),
            Weather::SmallRain => (&mut self.occasions_small_rain, &mut self.occasions_small_rain_contradicted),
            Weather::None => (&mut self.occasions_dry_weather, &mut self.occasions_dry_weather_contradicted),
            Weather::Unknown => (&mut self.occasions_unknown, &mut self.occasions_unknown_contradicted),
        };
        *of_weather += 1;
        *contradicted += u32::from(occasion.is_contradicted());
        self.occasions += 1;
        self.occasions_not_found += u32::from(occasion.not_found);
        self.occasions_evidence += u32::from(occasion.evidence);
        self.occasions_unchecked += u32::from(occasion.is_unchecked());
        self.end = Time(occasion.end);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::category::Category;
    use super::super::super::event::{Event, Report};
    use super::super::super::position::Position;
    use super::super::super::settings::Settings;
    use super::super::interval::Interval;
    use super::*;

    const DAY_S: i64 = 86_400;

    fn map() -> HazardMap {
        let report = |id: &str, category, lon, day| {
            let at = Position::new(lon, 20.0).unwrap();
            Event::Report(Report::new(id, Category::named(category).unwrap(), at, day * DAY_S))
        };
        let events = [
            report("a", "waterlogging", 110.0, 1),
            report("b", "waterlogging", 110.0, 5),
            report("c", "waterlogging", 110.0, 9),
            report("d", "waterlogging", 110.1, 5),
            report("e", "waterlogging", 110.1, 20),
            report("f", "manhole", 110.2, 1),
            report("g", "manhole", 110.2, 40),
        ];
        HazardMap::build(Settings::default(), events.iter().enumerate().map(|(i, e)| (i as u64 + 1, e)))
    }

    #[test]
    fn occasions_are_counted_in_the_time_both_ends_included_and_hotspots_without_one_are_left_out() {
        let map = map();
        let waterlogging = Category::named("waterlogging").unwrap();
        let count = |datetime| {
            let found = occasions_within(&map, &Filter { category: vec![waterlogging], datetime, ..Filter::default() });
            let mut counts: Vec<_> = found.hotspots.iter().map(|h| h.occasions).collect();
            counts.sort_unstable();
            counts
        };
        assert_eq!(count(None), [2, 3]);
        let days = |from, to| Some(Interval { from: from * DAY_S, to: to * DAY_S });
        assert_eq!(count(days(5, 9)), [1, 2]);
        assert_eq!(count(days(6, 9)), [1]);
        assert_eq!(count(days(10, 19)), [0; 0]);
        let all = occasions_within(&map, &Filter::default()).hotspots;
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|h| h.occasions == h.occasions_unknown && h.start < h.end));
    }
}
