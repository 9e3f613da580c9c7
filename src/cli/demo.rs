//! `waterlog demo`: a city from files to the map, in one command.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::measured::Measured;
use super::storm::Storm;
use super::{Rule, hotspots, import, print, serve, table};
use crate::config::OUTBOX_DAYS;
use crate::error::{Result, invalid};
use crate::hazard::category::Category;
use crate::hazard::time;
use crate::http::{App, Base};
use crate::intake::mapping::Datum;

/// Hotspots shown.
const ROWS: usize = 10;
const USUAL: &str = "nyc-2024";

/// Imports a sample city, shows its ten worst waterlogging hotspots, and serves its map with the clock of its data.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A city of the folder data/: nyc-2024 is real, town is synthetic and has areas and units.
    #[arg(long, default_value = USUAL)]
    city: String,
    /// Address the map is served at.
    #[arg(long, env = "WATERLOG_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Stops after the table.
    #[arg(long)]
    no_serve: bool,
    /// Posts the reports of a made-up storm, of channel demo_storm, to the map while it is served.
    #[arg(long, conflicts_with = "no_serve")]
    storm: bool,
    /// Seconds that the hour of the storm takes.
    #[arg(long, requires = "storm", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    storm_seconds: u64,
    #[command(flatten)]
    rule: Rule,
}

pub fn run(args: Args, data: Option<&Path>) -> Result<()> {
    let own = |what: &str| match args.city.as_str() {
        USUAL => format!("target/{what}"),
        other => format!("target/{what}-{other}"),
    };
    let own = own(if args.storm { "demo-storm" } else { "demo" });
    let data = data.unwrap_or(Path::new(&own));
    let city = city(&args.city)?;
    let there = |name: &str| Some(city.join(name)).filter(|path| path.is_file());
    let rule = Rule { limits: args.rule.limits.clone().or_else(|| there("limits.toml")), ..args.rule.clone() };
    let files = import::Args {
        files: vec![city.join("reports.csv")],
        mapping: there("mapping.toml").map_or_else(|| args.city.clone(), |path| path.display().to_string()),
        format: None,
        suggest: false,
        rain: Some(city.join("rain.csv")),
        measured: Measured::default(),
        places: there("places.csv"),
        works: import::WorksFile::default(),
        datum: Datum::Wgs84,
        areas: there("areas.geojson"),
        units: there("units.toml"),
        rule: rule.clone(),
        keep_rejects_in_data: true,
    };
    // The service goes by the defaults and what the command says: so must the table, whatever an earlier run was told.
    let settings = rule.settings()?;
    import::run(&files, data, settings.clone())?;
    let map = hotspots::from_database(settings, data)?;
    let category = Category::named("waterlogging")?;
    print(format_args!("{}", table::hotspots(&map, category, ROWS)))?;
    if args.no_serve {
        return Ok(());
    }
    let base = there("base.geojson").or_else(|| there("areas.geojson"));
    if args.storm {
        let storm = Storm::over(&map, Duration::from_secs(args.storm_seconds))?;
        drop(map);
        let (settings, clock) = (rule.settings()?, storm.clock());
        let base = base.as_deref().map_or_else(|| Ok(Base::none()), Base::open)?;
        let state = App::new(clock, &settings, base);
        return serve::run_with(data, &args.listen, state, settings, |live, address| storm.begin(live, address));
    }
    let clock = Some(time::format(map.as_of()));
    drop(map);
    serve::run(
        data,
        &serve::Args {
            listen: args.listen,
            clock,
            public_url: None,
            base,
            criteria: None,
            trust_actors: false,
            jurisdiction: None,
            contact: None,
            senders: None,
            outbox_days: OUTBOX_DAYS,
            rule,
        },
    )
}

/// The folder of a sample city: here, or where the program was built.
fn city(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe().unwrap_or_default();
    let roots = std::iter::once(Path::new("")).chain(program.ancestors().skip(1));
    let mut cities = roots.map(|root| root.join("data").join(name));
    cities
        .find(|city| city.join("reports.csv").is_file())
        .ok_or_else(|| {
            let reason = "there is no data/ with such a city in it (a folder with a reports.csv), neither here nor above the \
                          program: run this in the folder of waterlog's sources";
            invalid("--city", name, reason)
        })
}
