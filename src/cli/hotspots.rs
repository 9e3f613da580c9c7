//! `waterlog hotspots`: from events in a file to hotspots on the terminal, without a database.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::Rule;
use crate::error::{Error, Result};
use crate::hazard::event::Event;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::hazard::storm::Weather;
use crate::intake::events;

/// Works out incidents, storms and hotspots from a CSV file of events.
#[derive(Debug, clap::Args)]
#[command(after_long_help = Settings::manual())]
pub struct Args {
    /// CSV with the columns event, id, at, category, lon, lat, ref, person, photo; in log order.
    events: PathBuf,
    /// Named places: CSV with id, lon, lat.
    #[arg(long)]
    places: Option<PathBuf>,
    /// Rain: CSV with start, seconds, mm; an empty mm was not measured.
    #[arg(long)]
    rain: Option<PathBuf>,
    #[command(flatten)]
    rule: Rule,
    /// Everything as one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Answer<'m> {
    incidents: Vec<IncidentAnswer<'m>>,
    storms: Vec<(i64, i64, i64)>,
    hotspots: Vec<HotspotAnswer>,
}

#[derive(Serialize)]
struct IncidentAnswer<'m> {
    reports: Vec<&'m str>,
    dismissed: bool,
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

pub fn run(args: Args) -> Result<()> {
    let mut input = Vec::new();
    if let Some(path) = &args.places {
        input.push((0, Event::Places(events::read_places(path)?)));
    }
    if let Some(path) = &args.rain {
        let rain = events::read_rain(path)?;
        let admitted = HazardMap::new(Settings::default()).admit(&Event::Rain(rain.clone()));
        admitted.map_err(|e| e.at(path.display().to_string(), 0, 0))?;
        input.push((0, Event::Rain(rain)));
    }
    input.extend(events::read_events(&args.events)?);
    let map = HazardMap::view(args.rule.settings()?, input)
        .map_err(|(line, error)| error.at(args.events.display().to_string(), line, 0))?;
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &answer(&map)).map_err(|e| Error::Store(e.to_string()))?;
        writeln!(out).map_err(|e| Error::Store(e.to_string()))?;
    }
    Ok(())
}

fn answer(map: &HazardMap) -> Answer<'_> {
    let incidents = map.incidents().iter().map(|incident| {
        let mut reports: Vec<&str> = incident.reports.iter().map(|&r| map.reports().id(r as usize)).collect();
        reports.sort_unstable();
        IncidentAnswer { reports, dismissed: incident.dismissed }
    });
    let storms = map.rain().storms().iter().map(|s| (s.start, s.end, s.depth_um));
    let id = |slot| map.places().id(map.sites().get(slot).key).into_owned();
    let hotspots = map.hotspots().into_iter().map(|h| {
        let peak = map.sites().get(h.peak);
        HotspotAnswer {
            category: peak.category.name(),
            site: id(h.peak),
            status: h.status.name(),
            occasions: peak.tally.occasions,
            height: peak.tally.height,
            weather: Weather::ALL.iter().map(|&w| (w.name(), peak.tally.weather[w as usize])).collect(),
            not_found: peak.tally.not_found,
            sites: h.sites.iter().map(|&s| (id(s), map.sites().get(s).tally.occasions)).collect(),
            reports: h.incidents.iter().map(|&i| map.incidents()[i as usize].reports.len()).sum(),
            incidents: h.incidents,
        }
    });
    Answer { incidents: incidents.collect(), storms: storms.collect(), hotspots: hotspots.collect() }
}
