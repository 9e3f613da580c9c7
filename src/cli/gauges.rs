//! `waterlog gauges`: what each rain gauge holds, and what can be doubted of it.

use std::path::Path;

use super::{Rule, grouped, print};
use crate::error::{Error, Result};
use crate::hazard::layer::{self, Feature, GaugeProperties, Paging, Shape};

/// Lists the rain gauges of the database: time, measured share, gaps, depth, and what can be doubted of each.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    rule: Rule,
    /// Everything as GeoJSON instead of a list.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, data: &Path) -> Result<()> {
    let map = super::hotspots::from_database(args.rule.settings_in(data)?, data)?;
    let gauges = layer::gauges(&map, &Paging::default());
    if args.json {
        let json = serde_json::to_string(&gauges).map_err(|e| Error::Store(e.to_string()))?;
        return print(format_args!("{json}"));
    }
    if gauges.features.is_empty() {
        return print(format_args!("no rain is loaded: waterlog import --rain FILE"));
    }
    gauges.features.iter().try_for_each(tell)
}

fn tell(gauge: &Feature<GaugeProperties>) -> Result<()> {
    let p = &gauge.properties;
    let name = p.name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
    let place = match &gauge.geometry {
        Some(Shape::Point(at)) => format!(" at {},{}", at.lon(), at.lat()),
        _ => ", rain without a gauge: it counts where no gauge is in reach".to_owned(),
    };
    print(format_args!("{}{name}{place}", gauge.id))?;
    if let (Some(start), Some(end), Some(share)) = (p.start, p.end, p.measured_share) {
        print(format_args!(
            "  {start} to {end}: {} intervals, {:.1} % of the time measured, {} gaps (longest {:.1} h), {} mm, {} storms",
            grouped(p.intervals as u64),
            (share * 1_000.0).floor() / 10.0,
            grouped(p.gaps as u64),
            p.longest_gap_s as f64 / 3_600.0,
            p.depth_mm,
            grouped(p.storms as u64)
        ))?;
    }
    p.doubts.iter().try_for_each(|doubt| print(format_args!("  {}: {}", doubt.code, doubt.text)))
}
