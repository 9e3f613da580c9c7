//! The layer of hotspots: places where incidents recur.

use geo::{ConvexHull, MultiPoint, Point};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::analysis::trend::Trend;
use super::super::category::Category;
use super::super::cql2::Kind;
use super::super::event::Passability;
use super::super::hotspot::{Hotspot, Peak, Site, Status};
use super::super::incident::Incident;
use super::super::map::HazardMap;
use super::super::occasion::Tally;
use super::super::position::Position;
use super::super::report::ReportRow;
use super::super::slot::{Measure, Slot};
use super::super::storm::Weather;
use super::feature::{Feature, FeatureCollection, Time, rounded};
use super::figures::{Figures, of_occasions};
use super::filter::Filter;
use super::hotspot_order::keys;
use super::incidents::{depth_cm_max, distinct_reporters, rows, time_to_close_s, worst};
use super::lookup::{hotspot_id, median, site_name};
use super::queryable::{Asking, MANY, NAMING, Queryable, Table, categories, point};
use super::rate::per_year;
use super::status::Status as Wanted;

/// What is published of a hotspot. Occasions are its peak's; incidents, reports and people the whole hotspot's.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HotspotProperties {
    pub category: Category,
    pub name: Option<String>,
    pub status: &'static str,
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
    /// Found by staff, shown by a photo or reported by two people.
    pub occasions_evidence: u32,
    /// Only reported: without evidence, and not looked at throughout.
    pub occasions_unchecked: u32,
    /// With its exact 95 % interval; null while less than 90 days were observed.
    pub occasions_per_year: Option<f64>,
    pub occasions_per_year_low: Option<f64>,
    pub occasions_per_year_high: Option<f64>,
    pub incidents: usize,
    pub reports: usize,
    pub reporters: usize,
    pub first_seen: Time,
    pub last_seen: Time,
    /// The end of its peak's last occasion. A later `last_seen` is that of a report beside the peak.
    pub last_flooded: Time,
    pub depth_cm_median: Option<f64>,
    pub depth_cm_max: Option<u16>,
    /// Of the incidents whose passability was reported, those that small cars could not pass.
    pub impassable_share: Option<f64>,
    pub time_to_close_s_median: Option<f64>,
    /// Of the incidents that were seen dry after their last observation.
    pub time_to_drain_s_median: Option<f64>,
    /// The last third of the window against the rest.
    pub trend: Trend,
    /// Among the hotspots of its category, by `rank_score`; equal scores share a rank. Null while less than 90 days were
    /// observed.
    pub rank: Option<u32>,
    /// Rate a year, drawn towards what is usual in the city, times severity, which is 1 to 3.
    pub rank_score: Option<f64>,
    /// Largest distance between the anchors of its incidents.
    pub width_m: f64,
}

/// What they can be asked for in a filter.
pub static TABLE: Table<Hotspot> = Table {
    properties: &[
        Queryable::new("id", "Its id", Kind::Text, |r, h| hotspot_id(r.map, h.peak).into()),
        Queryable::new("category", "What kind of hazard recurs", Kind::Words(categories), |r, h| {
            peak(r.map, h).category.name().into()
        }),
        Queryable::new("name", "What people call it", Kind::Text, |r, h| name(r.map, h).into()).taking(NAMING),
        Queryable::new("status", "How sure it is", Kind::Words(|| Status::ALL.map(Status::name).into()), |_, h| {
            h.status.name().into()
        }),
        Queryable::new("occasions", "How often it flooded", Kind::Integer, |r, h| tally(r.map, h).occasions().into()),
        Queryable::new("occasions_storm", "Of these in a storm", Kind::Integer, |r, h| {
            in_weather(r.map, h, Weather::Storm).into()
        }),
        Queryable::new("occasions_small_rain", "Of these in small rain", Kind::Integer, |r, h| {
            in_weather(r.map, h, Weather::SmallRain).into()
        }),
        Queryable::new("occasions_dry_weather", "Of these in dry weather", Kind::Integer, |r, h| {
            in_weather(r.map, h, Weather::None).into()
        }),
        Queryable::new("occasions_unknown", "Of these in weather that is not known", Kind::Integer, |r, h| {
            in_weather(r.map, h, Weather::Unknown).into()
        }),
        Queryable::new("occasions_not_found", "Of these not found by those who looked", Kind::Integer, |r, h| {
            tally(r.map, h).not_found.into()
        }),
        Queryable::new("occasions_storm_contradicted", "In a storm, contradicted", Kind::Integer, |r, h| {
            contradicted(r.map, h, Weather::Storm).into()
        })
        .taking(MANY),
        Queryable::new("occasions_small_rain_contradicted", "In small rain, contradicted", Kind::Integer, |r, h| {
            contradicted(r.map, h, Weather::SmallRain).into()
        })
        .taking(MANY),
        Queryable::new("occasions_dry_weather_contradicted", "In dry weather, contradicted", Kind::Integer, |r, h| {
            contradicted(r.map, h, Weather::None).into()
        })
        .taking(MANY),
        Queryable::new("occasions_unknown_contradicted", "In unknown weather, contradicted", Kind::Integer, |r, h| {
            contradicted(r.map, h, Weather::Unknown).into()
        })
        .taking(MANY),
        Queryable::new("occasions_evidence", "Of these with evidence", Kind::Integer, |r, h| {
            tally(r.map, h).evidence.into()
        }),
        Queryable::new("occasions_unchecked", "Of these only reported", Kind::Integer, |r, h: &Hotspot| {
            of_occasions(r.map, h.peak).unchecked.into()
        })
        .taking(MANY),
        Queryable::measure("occasions_per_year", "Occasions by observed year", "/a", |r, h| rate(r.map, h, 0).into()),
        Queryable::measure("occasions_per_year_low", "Lower bound of its 95 % interval", "/a", |r, h| {
            rate(r.map, h, 1).into()
        }),
        Queryable::measure("occasions_per_year_high", "Upper bound of its 95 % interval", "/a", |r, h| {
            rate(r.map, h, 2).into()
        }),
        Queryable::new("incidents", "How many incidents it has", Kind::Integer, |_, h| h.incidents.len().into()),
        Queryable::new("reports", "How many reports it has", Kind::Integer, |r, h| all_rows(r.map, h).count().into())
            .taking(MANY),
        Queryable::new("reporters", "How many people reported it", Kind::Integer, |r, h| {
            distinct_reporters(all_rows(r.map, h)).into()
        })
        .taking(MANY),
        Queryable::new("first_seen", "When it was first observed", Kind::Time, |r, h| Time(seen(r.map, h).0).into())
            .taking(MANY),
        Queryable::new("last_seen", "When it was last observed", Kind::Time, |r, h| Time(seen(r.map, h).1).into())
            .taking(MANY),
        Queryable::new("last_flooded", "When its last occasion ended", Kind::Time, |r, h: &Hotspot| {
            Time(of_occasions(r.map, h.peak).last_end).into()
        })
        .taking(MANY),
        Queryable::measure("depth_cm_median", "Median depth of the water", "cm", |r, h| {
            depth_cm_median(r.map, h).into()
        })
        .taking(MANY),
        Queryable::measure("depth_cm_max", "Largest depth of the water", "cm", |r, h| {
            depth_cm_max(all_rows(r.map, h)).into()
        })
        .taking(MANY),
        Queryable::measure("impassable_share", "Share of incidents that small cars could not pass", "1", |r, h| {
            impassable_share(r.map, h).into()
        })
        .taking(MANY),
        Queryable::measure(
            "time_to_close_s_median",
            "Median time from the first observation to resolved",
            "s",
            |r, h| time_to_close_s_median(r.map, h).into(),
        )
        .taking(MANY),
        Queryable::measure("time_to_drain_s_median", "Median time from the first observation to dry", "s", |r, h| {
            time_to_drain_s_median(r.map, h).into()
        })
        .taking(MANY),
        Queryable::new(
            "trend",
            "The last third of the window against the rest",
            Kind::Words(|| Trend::ALL.map(Trend::name).into()),
            |r, h| r.map.city().trend(r.map, h.peak).name().into(),
        ),
        Queryable::new("rank", "Its place among those of its category", Kind::Integer, |r, h| {
            r.map.city().place(r.map, h.peak).map(|place| place.rank).into()
        }),
        Queryable::measure("rank_score", "What it is ranked by", "1", |r, h| rank_score(r.map, h).into()),
        Queryable::measure("width_m", "Largest distance between its incidents", "m", |r, h| {
            published_width_m(r.map, h).into()
        })
        .taking(MANY),
        Queryable::geometry("point"),
    ],
    located: |map, h| Some(point(position(map, h))),
};

fn peak<'m>(map: &'m HazardMap, hotspot: &Hotspot) -> &'m Site {
    map.sites().get(hotspot.peak)
}

fn tally<'m>(map: &'m HazardMap, hotspot: &Hotspot) -> &'m Tally {
    &peak(map, hotspot).tally
}

fn in_weather(map: &HazardMap, hotspot: &Hotspot, weather: Weather) -> u32 {
    tally(map, hotspot).weather[weather as usize]
}

fn contradicted(map: &HazardMap, hotspot: &Hotspot, weather: Weather) -> u32 {
    of_occasions(map, hotspot.peak).contradicted[weather as usize]
}

/// The reports of all its incidents.
fn all_rows<'m>(map: &'m HazardMap, hotspot: &'m Hotspot) -> impl Iterator<Item = &'m ReportRow> {
    incidents(map, hotspot).flat_map(|i| rows(map, i))
}

/// Occasions by year, or a bound of the interval.
fn rate(map: &HazardMap, hotspot: &Hotspot, which: usize) -> Option<f64> {
    per_year(map, peak(map, hotspot).category, tally(map, hotspot)).map(|rate| rate[which])
}

fn depth_cm_median(map: &HazardMap, hotspot: &Hotspot) -> Option<f64> {
    median(all_rows(map, hotspot).filter_map(|row| row.depth_cm.map(Measure::get)).map(i64::from).collect())
}

fn time_to_close_s_median(map: &HazardMap, hotspot: &Hotspot) -> Option<f64> {
    median(incidents(map, hotspot).filter_map(time_to_close_s).collect())
}

fn time_to_drain_s_median(map: &HazardMap, hotspot: &Hotspot) -> Option<f64> {
    median(incidents(map, hotspot).filter_map(|i| map.time_to_drain_s(i)).collect())
}

fn rank_score(map: &HazardMap, hotspot: &Hotspot) -> Option<f64> {
    map.city().place(map, hotspot.peak).map(|place| rounded(place.score, 1_000.0))
}

fn published_width_m(map: &HazardMap, hotspot: &Hotspot) -> f64 {
    rounded(width_m(map, hotspot), 10.0)
}

/// The peaks of the hotspots that match, most occasions first.
fn matching(map: &HazardMap, filter: &Filter) -> Vec<Slot> {
    let asking = Asking::new(map, &TABLE, filter);
    // What the list tells comes first, then the peak: to look sites and incidents up costs a hundred times as much.
    let in_list = |peak: &&Peak| filter.takes_category(peak.category) && filter.takes_position(peak.at);
    let at_peak = |&peak: &Slot| {
        if filter.status.is_empty() && filter.in_weather.is_empty() && filter.trend.is_empty() {
            return true;
        }
        let site = map.sites().get(peak);
        let status = || Some(Wanted::Hotspot(map.sites().status(peak, map.rule(site.category))));
        filter.takes_occasions(site.tally.weather)
            && filter.takes_status(status)
            && (filter.trend.is_empty() || filter.trend.contains(&map.city().trend(map, peak)))
    };
    let in_all = |&peak: &Slot| {
        if filter.datetime.is_none() && filter.condition.is_none() {
            return true;
        }
        let hotspot = map.hotspot(peak);
        let in_time = || {
            let (first, last) = seen(map, &hotspot);
            filter.takes_time(first, last)
        };
        (filter.datetime.is_none() || in_time()) && asking.takes(&hotspot)
    };
    map.ranked().iter().filter(in_list).map(|peak| peak.slot).filter(at_peak).filter(in_all).collect()
}

pub fn collect(map: &HazardMap, filter: &Filter) -> FeatureCollection<HotspotProperties> {
    let paging = &filter.paging;
    let order = (|peak: &Slot| keys(map, *peak, paging), |peak: &Slot| hotspot_id(map, *peak));
    let mut page = FeatureCollection::of(map, paging, matching(map, filter), order, |peak| feature(map, peak));
    // A hotspot that floods once more moves up, perhaps to a page that has been read.
    if let Some(next) = &mut page.head.next {
        next.position = Some(map.position());
    }
    page
}

/// The feature of the hotspot of a peak.
pub fn feature(map: &HazardMap, peak: Slot) -> Feature<HotspotProperties> {
    let at = map.places().position(map.sites().get(peak).key);
    Feature::new(hotspot_id(map, peak), Some(at), properties(map, peak))
}

fn properties(map: &HazardMap, peak: Slot) -> HotspotProperties {
    let Site { category, tally, .. } = map.sites().get(peak);
    let by = |weather: Weather| tally.weather[weather as usize];
    let rate = per_year(map, *category, tally);
    let place = map.city().place(map, peak);
    let figures = map.figures(peak);
    let contradicted = |weather: Weather| figures.occasions.contradicted[weather as usize];
    HotspotProperties {
        category: *category,
        name: figures.name.clone(),
        status: figures.status.name(),
        occasions: tally.occasions(),
        occasions_storm: by(Weather::Storm),
        occasions_small_rain: by(Weather::SmallRain),
        occasions_dry_weather: by(Weather::None),
        occasions_unknown: by(Weather::Unknown),
        occasions_not_found: tally.not_found,
        occasions_storm_contradicted: contradicted(Weather::Storm),
        occasions_small_rain_contradicted: contradicted(Weather::SmallRain),
        occasions_dry_weather_contradicted: contradicted(Weather::None),
        occasions_unknown_contradicted: contradicted(Weather::Unknown),
        occasions_evidence: tally.evidence,
        occasions_unchecked: figures.occasions.unchecked,
        occasions_per_year: rate.map(|r| r[0]),
        occasions_per_year_low: rate.map(|r| r[1]),
        occasions_per_year_high: rate.map(|r| r[2]),
        incidents: figures.incidents,
        reports: figures.reports,
        reporters: figures.reporters,
        first_seen: Time(figures.seen.0),
        last_seen: Time(figures.seen.1),
        last_flooded: Time(figures.occasions.last_end),
        depth_cm_median: figures.depth_cm_median,
        depth_cm_max: figures.depth_cm_max,
        impassable_share: figures.impassable_share,
        time_to_close_s_median: figures.time_to_close_s_median,
        time_to_drain_s_median: figures.time_to_drain_s_median,
        trend: map.city().trend(map, peak),
        rank: place.map(|place| place.rank),
        rank_score: place.map(|place| rounded(place.score, 1_000.0)),
        width_m: figures.width_m,
    }
}

/// What takes all its reports to work out; [`HazardMap::figures`] keeps it.
pub(super) fn figures(map: &HazardMap, hotspot: &Hotspot) -> Figures {
    Figures {
        name: name(map, hotspot),
        status: hotspot.status,
        occasions: of_occasions(map, hotspot.peak),
        incidents: hotspot.incidents.len(),
        reports: all_rows(map, hotspot).count(),
        reporters: distinct_reporters(all_rows(map, hotspot)),
        seen: seen(map, hotspot),
        depth_cm_median: depth_cm_median(map, hotspot),
        depth_cm_max: depth_cm_max(all_rows(map, hotspot)),
        impassable_share: impassable_share(map, hotspot),
        time_to_close_s_median: time_to_close_s_median(map, hotspot),
        time_to_drain_s_median: time_to_drain_s_median(map, hotspot),
        width_m: published_width_m(map, hotspot),
    }
}

/// What people call it.
pub fn name(map: &HazardMap, hotspot: &Hotspot) -> Option<String> {
    let peak = map.sites().get(hotspot.peak);
    let reports = incidents(map, hotspot).flat_map(|i| i.reports.iter().copied());
    site_name(map, peak.key, peak.at, reports)
}

pub(super) fn incidents<'m>(map: &'m HazardMap, hotspot: &'m Hotspot) -> impl Iterator<Item = &'m Incident> {
    hotspot.incidents.iter().map(|&i| &map.incidents()[i as usize])
}

/// Its peak's.
pub fn position(map: &HazardMap, hotspot: &Hotspot) -> Position {
    map.places().position(map.sites().get(hotspot.peak).key)
}

/// First and last observation.
pub fn seen(map: &HazardMap, hotspot: &Hotspot) -> (i64, i64) {
    let facts = || incidents(map, hotspot).map(|i| i.facts);
    let (first, last) = (facts().map(|f| f.first).min(), facts().map(|f| f.last).max());
    first.zip(last).expect("a peak has an incident that counts")
}

fn impassable_share(map: &HazardMap, hotspot: &Hotspot) -> Option<f64> {
    let known: Vec<Passability> = incidents(map, hotspot).filter_map(|i| worst(rows(map, i))).collect();
    let impassable = known.iter().filter(|&&p| p >= Passability::ImpassableSmall).count();
    (!known.is_empty()).then(|| rounded(impassable as f64 / known.len() as f64, 1_000.0))
}

/// Largest distance between two anchors, in metres: between corners of their hull, in the plane that touches the Earth
/// at the peak, so that neither the date line nor a pole is special.
fn width_m(map: &HazardMap, hotspot: &Hotspot) -> f64 {
    let centre = position(map, hotspot);
    let (lon, lat) = (centre.lon().to_radians(), centre.lat().to_radians());
    let flat = |incident: &Incident| {
        let at = incident.anchor.ecef();
        let [x, y, z] = [at.x, at.y, at.z].map(|cm| f64::from(cm) / 100.0);
        let east = y * lon.cos() - x * lon.sin();
        let north = z * lat.cos() - (x * lon.cos() + y * lon.sin()) * lat.sin();
        Point::new(east, north)
    };
    let anchors: MultiPoint = incidents(map, hotspot).map(flat).collect();
    let hull = anchors.convex_hull();
    let corners = &hull.exterior().0;
    let pairs = corners.iter().enumerate().flat_map(|(i, a)| corners[i + 1..].iter().map(move |b| *a - *b));
    pairs.map(|d| d.x.hypot(d.y)).fold(0.0, f64::max)
}
