//! What files of rain and of water levels do not say themselves.

use std::path::PathBuf;

use crate::error::{Result, invalid};
use crate::hazard::position::Position;
use crate::intake::{SiteOf, level, rain};

/// Where and how rain and levels were measured.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Measured {
    /// The gauge of a file of rain that does not say it.
    #[arg(long, value_name = "ID", requires = "rain")]
    pub gauge: Option<String>,
    /// Where the --gauge or the --station stands: WGS 84 degrees, longitude first.
    #[arg(long, value_name = "LON,LAT", value_parser = position, allow_hyphen_values = true)]
    pub at: Option<Position>,
    /// What depths of rain are given in, whatever the name of their column says.
    #[arg(long, requires = "rain")]
    pub rain_unit: Option<rain::Unit>,
    /// Water levels of a river or of the tide: CSV or TSV with at, level_m (or level_cm, level_mm, level_ft), and station,
    /// lon, lat, name, datum or --station and --at. Shown beside the rain; nothing depends on them.
    #[arg(long, value_name = "FILE")]
    pub level: Option<PathBuf>,
    /// The station of a file of levels that does not say it.
    #[arg(long, value_name = "ID", requires = "level", conflicts_with = "gauge")]
    pub station: Option<String>,
    /// What levels are heights above, as the source calls it.
    #[arg(long, value_name = "TEXT", requires = "level")]
    pub level_datum: Option<String>,
}

impl Measured {
    pub fn rain(&self) -> rain::Options {
        let position = self.at.filter(|_| self.station.is_none());
        rain::Options { site: SiteOf { id: self.gauge.clone(), position }, unit: self.rain_unit }
    }

    pub fn station(&self) -> level::Options {
        let position = self.at.filter(|_| self.gauge.is_none());
        level::Options { site: SiteOf { id: self.station.clone(), position }, datum: self.level_datum.clone() }
    }
}

fn position(text: &str) -> Result<Position> {
    let numbers =
        text.split_once(',').and_then(|(lon, lat)| Some((lon.trim().parse().ok()?, lat.trim().parse().ok()?)));
    let (lon, lat) = numbers.ok_or_else(|| invalid("at", text, "not LON,LAT in degrees, as 110.33,20.01"))?;
    Position::new(lon, lat)
}
