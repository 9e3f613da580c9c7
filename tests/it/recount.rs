//! Every hotspot of the demo city counted again, by plain code, from the events of the log and its members alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};
use waterlog::hazard::analysis::Analysis;
use waterlog::hazard::analysis::rank::Ranks;
use waterlog::hazard::analysis::trend::Trends;
use waterlog::hazard::category::Category;
use waterlog::hazard::event::{Action, Event, RainInterval, Report};
use waterlog::hazard::incident::Incident;
use waterlog::hazard::layer::{Filter, Kept, Layer};
use waterlog::hazard::map::HazardMap;
use waterlog::hazard::settings::Settings;
use waterlog::hazard::time;
use waterlog::intake::import::import;
use waterlog::intake::mapping::Mapping;
use waterlog::intake::rain;
use waterlog::intake::table::Table;
use waterlog::live::Live;
use waterlog::store::Store;

/// 2024-07-01T12:00:00Z, after all of the demo's data.
const NOW: i64 = 1_719_835_200;
const YEAR_S: f64 = 365.25 * 86_400.0;
const DAY_S: i64 = 86_400;

/// The log's events, and what of them the recount asks for.
#[derive(Default)]
struct Told {
    /// By id: place in the log, and the report.
    reports: BTreeMap<String, (u64, Report)>,
    /// By a report's id: when its case was closed.
    closed: BTreeMap<String, i64>,
    times: Vec<i64>,
}

#[test]
fn every_figure_of_every_hotspot_of_the_demo_city_is_what_plain_counting_gives() {
    let dir = tempfile::tempdir().unwrap();
    import_demo(dir.path());
    let events = read(dir.path());
    let map = HazardMap::view(Settings::default(), events.clone()).unwrap();
    let events_of_rain: Vec<RainInterval> = events.iter().flat_map(|(_, event)| rain_of(event)).copied().collect();
    let told = Told::of(events);
    let page = Layer::Hotspots.page(&map, &Filter::default()).text(Kept::ALL).unwrap();
    let page: Value = serde_json::from_slice(&page).unwrap();
    let served = page["features"].as_array().unwrap();
    // Who belongs together is the referee's to judge; every figure about them is counted here.
    let hotspots = map.hotspots();
    assert!(served.len() == hotspots.len() && served.len() > 200, "{} hotspots", served.len());
    for (feature, hotspot) in served.iter().zip(&hotspots) {
        let incident = |&i: &u32| {
            let reports = map.incidents()[i as usize].reports.iter();
            reports.map(|&r| map.reports().id(r as usize).to_owned()).collect()
        };
        let incidents: Vec<Vec<String>> = hotspot.incidents.iter().map(incident).collect();
        told.expect(feature, &incidents);
    }
    told.expect_of_the_city(&map, events_of_rain);
}

fn rain_of(event: &Event) -> &[RainInterval] {
    if let Event::Rain(intervals) = event { intervals } else { &[] }
}

pub fn import_demo(dir: &Path) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/nyc-2024");
    let live = Live::open(dir, Settings::default()).unwrap();
    live.submit_all(
        rain::read(
            Table::open(data.join("rain.csv")).unwrap(),
            HazardMap::new(Settings::default()).gauges(),
            &rain::Options::default(),
        )
        .unwrap()
        .drafts,
    )
    .unwrap();
    let (table, mapping) = (Table::open(data.join("reports.csv")).unwrap(), Mapping::load("nyc-2024").unwrap());
    import(table, &mapping, NOW, &mut |batch| live.submit_all(batch), &|_| {}).unwrap();
    live.close();
}

pub fn read(dir: &Path) -> Vec<(u64, Event)> {
    let mut events = Vec::new();
    let store = Store::open_existing(dir).unwrap();
    let count = store.read(0, usize::MAX >> 1, |seq, event| {
        events.push((seq, event));
        Ok(())
    });
    assert_eq!(count.unwrap(), events.len());
    events
}

impl Told {
    fn of(events: Vec<(u64, Event)>) -> Told {
        let mut told = Told::default();
        for (seq, event) in events {
            told.times.extend(event.at());
            match event {
                Event::Report(report) => drop(told.reports.insert(report.id.clone(), (seq, report))),
                Event::Act(act) if act.action == Action::Resolve => drop(told.closed.insert(act.report, act.at)),
                // These change none of the figures; anything else would, and the demo has none of it.
                Event::Act(act) => assert!([Action::Found, Action::NotFound].contains(&act.action), "{act:?}"),
                Event::Rain(_) => {}
                other => panic!("{other:?}"),
            }
        }
        told
    }

    /// Compares what is served of a hotspot with what the events of its members, incident by incident, add up to.
    fn expect(&self, feature: &Value, incidents: &[Vec<String>]) {
        let (id, p) = (&feature["id"], &feature["properties"]);
        let seen = || incidents.iter().flatten().map(|id| self.reports[id].1.observed_at);
        let [first, last] = [seen().min(), seen().max()].map(|at| time::format(at.unwrap()));
        assert_eq!((&p["first_seen"], &p["last_seen"]), (&json!(first), &json!(last)), "{id}");
        let counts = json!([incidents.len(), seen().count()]);
        assert_eq!(json!([p["incidents"], p["reports"]]), counts, "{id}");
        assert_eq!(p["time_to_close_s_median"], json!(self.median_time_to_close(incidents)), "{id}");

        let observed_s = (self.times.iter().max().unwrap() - self.times.iter().min().unwrap()).min(1_096 * DAY_S);
        let number = |name: &str| p[name].as_f64().unwrap_or_else(|| panic!("{id}: no {name}"));
        let (rate, occasions) = (number("occasions_per_year"), number("occasions"));
        assert!((rate - occasions * YEAR_S / observed_s as f64).abs() <= 5.01e-4, "{id}: {rate} a year");
        let (low, high) = (number("occasions_per_year_low"), number("occasions_per_year_high"));
        assert!(0.0 < low && low <= rate && rate <= high && high < 30.0 * rate, "{id}: {low} {rate} {high}");
        let width = self.width_m(incidents);
        assert!((number("width_m") - width).abs() <= 0.07, "{id}: {} m served, {width} m counted", p["width_m"]);
    }

    /// What trend and rank of waterlogging are counted against: time, storms, reports and sites of the whole city.
    fn expect_of_the_city(&self, map: &HazardMap, mut rain: Vec<RainInterval>) {
        let waterlogging = Category::named("waterlogging").unwrap();
        let trends = serde_json::to_value(Trends::answer(map, waterlogging, &()).unwrap()).unwrap();
        let (start, end) = (*self.times.iter().min().unwrap(), *self.times.iter().max().unwrap());
        let cut = end - (end - start) / 3;
        let times = [start, cut, end].map(|t| json!(time::format(t)));
        assert_eq!([&trends["start"], &trends["cut"], &trends["end"]], [&times[0], &times[1], &times[2]]);
        // A storm: wet intervals with less than six hours between them, five millimetres in all.
        rain.retain(|r| r.depth_um.is_some_and(|um| um > 0) && r.end() <= end);
        rain.sort_unstable_by_key(|r| r.start);
        let storms = rain.chunk_by(|a, b| b.start - a.end() < 6 * 3_600);
        let storms = storms.filter(|s| s.iter().filter_map(|r| r.depth_um).sum::<i64>() >= 5_000);
        let (mut by_part, mut reports) = ([0.0; 2], [0.0; 2]);
        for storm in storms.filter(|s| s.iter().any(|r| r.end() >= start) && s[0].start <= end) {
            by_part[usize::from(storm[0].start >= cut)] += 1.0;
        }
        self.reports.values().for_each(|(_, r)| reports[usize::from(r.observed_at >= cut)] += 1.0);
        let days = [cut - start, end - cut].map(|s| s as f64 / 86_400.0);
        for row in trends["rows"].as_array().unwrap() {
            let number = |name: &str| row[name].as_f64().unwrap();
            assert_eq!(row["exposure"], "storms");
            assert_eq!([number("exposure_before"), number("exposure_lately")], by_part);
            for (i, name) in ["other_exposure_before", "other_exposure_lately"].into_iter().enumerate() {
                let other = by_part[i] * reports[i] / days[i];
                assert!((number(name) - other).abs() < 1e-9 * other, "{name}");
            }
        }

        let ranks = serde_json::to_value(Ranks::answer(map, waterlogging, &()).unwrap()).unwrap();
        // The demo has no places and dismisses nothing: every incident counts at the cell of its anchor.
        let cell = |incident: &Incident| {
            let at = h3o::LatLng::new(incident.anchor.lat(), incident.anchor.lon()).unwrap();
            at.to_cell(h3o::Resolution::Twelve)
        };
        let cells: BTreeSet<_> = map.incidents().iter().filter(|i| !i.category.is_alone()).map(cell).collect();
        assert_eq!(ranks["n"], cells.len());
    }

    /// From the first observation to the first closing of any of an incident's reports.
    fn median_time_to_close(&self, incidents: &[Vec<String>]) -> Option<f64> {
        let time_to_close = |ids: &Vec<String>| {
            let first = ids.iter().map(|id| self.reports[id].1.observed_at).min()?;
            // A case that is closed stays so: the first closing counts.
            let end = ids.iter().filter_map(|id| self.closed.get(id)).min()?;
            Some(end - first)
        };
        let mut times: Vec<i64> = incidents.iter().filter_map(time_to_close).collect();
        times.sort_unstable();
        match times.len() {
            0 => None,
            n if n % 2 == 1 => Some(times[n / 2] as f64),
            n => Some((times[n / 2 - 1] + times[n / 2]) as f64 / 2.0),
        }
    }

    /// The largest distance between any two anchors: an incident's anchor is its report that came first.
    fn width_m(&self, incidents: &[Vec<String>]) -> f64 {
        let anchor = |ids: &Vec<String>| {
            let (_, report) = ids.iter().map(|id| &self.reports[id]).min_by_key(|(seq, _)| *seq).unwrap();
            [report.position.lon(), report.position.lat()].map(f64::to_radians)
        };
        let anchors: Vec<[f64; 2]> = incidents.iter().map(anchor).collect();
        let mut width = 0.0_f64;
        for a in &anchors {
            for b in &anchors {
                // Haversine, on the sphere of the Earth's mean radius.
                let square = |v: f64| (v / 2.0).sin().powi(2);
                let h = square(b[1] - a[1]) + a[1].cos() * b[1].cos() * square(b[0] - a[0]);
                width = width.max(2.0 * 6_371_008.8 * h.sqrt().asin());
            }
        }
        width
    }
}
