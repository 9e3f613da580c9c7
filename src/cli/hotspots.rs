//! `waterlog hotspots`: from events, in a file or in the log, to hotspots on the terminal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Rule, print, table};
use crate::error::{Error, Result};
use crate::hazard::admission::Admission;
use crate::hazard::category::Category;
use crate::hazard::event::Event;
use crate::hazard::gauge::Series;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::hazard::storm::Weather;
use crate::intake::events;
use crate::live;
use crate::store::Store;

/// Works out incidents, storms and hotspots from a CSV file of events; without one, from the database in --data.
#[derive(Debug, clap::Args)]
#[command(after_long_help = Settings::manual())]
pub struct Args {
    /// CSV with the columns event, id, at, category, lon, lat, ref, person, photo; in log order.
    events: Option<PathBuf>,
    /// Named places: CSV with id, lon, lat.
    #[arg(long, requires = "events")]
    places: Option<PathBuf>,
    /// Rain: CSV with start, seconds, mm, of several gauges with gauge, lon, lat too; an empty mm was not measured.
    #[arg(long, requires = "events")]
    rain: Option<PathBuf>,
    #[command(flatten)]
    rule: Rule,
    /// Everything as one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// How many hotspots the table shows.
    #[arg(long, default_value_t = 10)]
    top: usize,
    /// The category the table shows.
    #[arg(long, default_value = "waterlogging", value_parser = Category::named)]
    category: Category,
}

/// Start and end in unix seconds, depth in micrometres.
type StormAnswer = (i64, i64, i64);

/// What `--json` prints.
#[derive(Serialize)]
struct Answer<'m> {
    incidents: Vec<IncidentAnswer<'m>>,
    /// Of the only series there is, else of the one without a gauge.
    storms: Vec<StormAnswer>,
    /// Where there are several series: the storms of each gauge.
    #[serde(skip_serializing_if = "Option::is_none")]
    storms_by_gauge: Option<BTreeMap<&'m str, Vec<StormAnswer>>>,
    hotspots: Vec<HotspotAnswer>,
}

#[derive(Serialize)]
struct IncidentAnswer<'m> {
    reports: Vec<&'m str>,
    dismissed: bool,
    /// Where there are several series: the gauge whose rain counts, or `city`.
    #[serde(skip_serializing_if = "Option::is_none")]
    gauge: Option<&'m str>,
}

#[derive(Serialize)]
struct HotspotAnswer {
    category: &'static str,
    site: String,
    status: &'static str,
    occasions: u32,
    height: i64,
    weather: BTreeMap<&'static str, u32>,
    not_found: u32,
    sites: BTreeMap<String, u32>,
    incidents: Vec<u32>,
    reports: usize,
}

pub fn run(args: &Args, data: &Path) -> Result<()> {
    let map = match &args.events {
        Some(events) => from_files(args, events)?,
        None => from_database(args.rule.settings_in(data)?, data)?,
    };
    if args.json {
        let json = serde_json::to_string(&answer(&map)).map_err(|e| Error::Store(e.to_string()))?;
        return print(format_args!("{json}"));
    }
    print(format_args!("{}", table::hotspots(&map, args.category, args.top)))
}

fn from_files(args: &Args, events: &Path) -> Result<HazardMap> {
    let mut input = Vec::new();
    if let Some(path) = &args.places {
        input.push((0, Event::Places(events::read_places(path)?)));
    }
    if let Some(path) = &args.rain {
        let empty = HazardMap::new(Settings::default());
        let mut admission = Admission::new(&empty);
        for rain in events::read_rain(path)? {
            admission.admit(&rain).map_err(|e| e.at(path.display().to_string(), 0, 0))?;
            input.push((0, rain));
        }
    }
    input.extend(events::read_events(events)?);
    HazardMap::view(args.rule.settings()?, input)
        .map_err(|(line, error)| error.at(events.display().to_string(), line, 0))
}

/// The map of the log, or a view of it, read without touching the map of a service that may be running.
pub fn from_database(settings: Settings, data: &Path) -> Result<HazardMap> {
    if settings.as_of.is_none() {
        return live::read_map(data, &settings);
    }
    let mut input = Vec::new();
    Store::open_existing(data)?.read(0, i64::MAX as usize, |seq, event| {
        input.push((seq, event));
        Ok(())
    })?;
    HazardMap::view(settings, input)
        .map_err(|(seq, error)| Error::Store(format!("log entry {seq} does not fit those before: {error}")))
}

fn answer(map: &HazardMap) -> Answer<'_> {
    let all = map.gauges().all();
    let several = all.iter().filter(|series| !series.rain.intervals().is_empty()).count() > 1;
    let incidents = map.incidents().iter().map(|incident| {
        let mut reports: Vec<&str> = incident.reports.iter().map(|&r| map.reports().id(r as usize)).collect();
        reports.sort_unstable();
        let gauge = several.then(|| all[map.series_of(incident) as usize].id());
        IncidentAnswer { reports, dismissed: incident.dismissed, gauge }
    });
    let storms = |series: &Series| series.rain.storms().iter().map(|s| (s.start, s.end, s.depth_um)).collect();
    let only = all.iter().rfind(|series| !series.rain.intervals().is_empty()).filter(|_| !several);
    let id = |slot| map.places().id(map.sites().get(slot).key).into_owned();
    let hotspots = map.hotspots().into_iter().map(|h| {
        let peak = map.sites().get(h.peak);
        HotspotAnswer {
            category: peak.category.name(),
            site: id(h.peak),
            status: h.status.name(),
            occasions: peak.tally.occasions(),
            height: peak.tally.height,
            weather: Weather::ALL.iter().map(|&w| (w.name(), peak.tally.weather[w as usize])).collect(),
            not_found: peak.tally.not_found,
            sites: h.sites.iter().map(|&s| (id(s), map.sites().get(s).tally.occasions())).collect(),
            reports: h.incidents.iter().map(|&i| map.incidents()[i as usize].reports.len()).sum(),
            incidents: h.incidents,
        }
    });
    Answer {
        incidents: incidents.collect(),
        storms: storms(only.unwrap_or(&all[0])),
        storms_by_gauge: several.then(|| all[1..].iter().map(|series| (series.id(), storms(series))).collect()),
        hotspots: hotspots.collect(),
    }
}
