//! `waterlog analyse`: the analyses of the service, on the terminal, with the same figures.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::progress::Bar;
use super::{Rule, criteria, hotspots, print};
use crate::error::{Error, Result, invalid};
use crate::hazard::analysis::apart::{Apart, Hand};
use crate::hazard::analysis::chance::Chance;
use crate::hazard::analysis::coming::Coming;
use crate::hazard::analysis::criteria::{Chosen, Criteria};
use crate::hazard::analysis::dbscan::Dbscan;
use crate::hazard::analysis::forecast::{self, Prepared};
use crate::hazard::analysis::rank::Ranks;
use crate::hazard::analysis::risk::Risk;
use crate::hazard::analysis::sensitivity::{Sensitivity, Variant};
use crate::hazard::analysis::service::Service;
use crate::hazard::analysis::significance::Significance;
use crate::hazard::analysis::silence::{self, Silence};
use crate::hazard::analysis::storms::{self, Storms};
use crate::hazard::analysis::trend::Trends;
use crate::hazard::analysis::trigger::HotspotTrigger;
use crate::hazard::analysis::works::WorksCompared;
use crate::hazard::analysis::{self, Analysis, Takes, USUAL_CATEGORY, table};
use crate::hazard::category::Category;
use crate::hazard::event::{Event, RainInterval};
use crate::hazard::settings::Settings;
use crate::http::Base;
use crate::intake::events;

/// Analyses the database in --data as /api/v1/analysis/NAME does: the same figures, as JSON or as a table in CSV.
#[derive(Debug, clap::Args)]
#[command(after_long_help = Settings::manual())]
pub struct Args {
    /// Which analysis.
    #[arg(value_parser = named)]
    name: Named,
    /// For a forecast: the rain that is foreseen, as CSV with start, seconds, mm.
    rain: Option<PathBuf>,
    /// Of which category.
    #[arg(long, default_value = USUAL_CATEGORY, value_parser = analysis::category)]
    category: Category,
    /// What the analysis takes besides, as name=value: the names of the API.
    #[arg(long = "with", value_name = "NAME=VALUE", num_args = 1..)]
    with: Vec<String>,
    /// The time to stand at: unix seconds or RFC 3339; default: the newest time of any event.
    #[arg(long)]
    as_of: Option<String>,
    /// A folder of further definitions of a flooding spot (*.toml), for `criteria`.
    #[arg(long, value_name = "DIR", env = "WATERLOG_CRITERIA")]
    criteria: Option<PathBuf>,
    /// For `silence`: outlines of the land, as `serve` draws them under the map.
    #[arg(long, value_name = "FILE", env = "WATERLOG_BASE")]
    base: Option<PathBuf>,
    /// The rows as CSV instead of everything as JSON.
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    rule: Rule,
}

/// An analysis as the command line runs it: what it is called, and what it answers.
#[derive(Clone, Copy, Debug)]
struct Named {
    name: &'static str,
    /// As JSON, of the database in a folder.
    answer: fn(&Path, Settings, &Args) -> Result<String>,
}

const ALL: [Named; 14] = [
    of::<Trends>(),
    of::<Ranks>(),
    of::<WorksCompared>(),
    of::<Service>(),
    of::<Storms>(),
    of::<HotspotTrigger>(),
    Named { name: forecast::NAME, answer: foreseen },
    Named { name: Sensitivity::NAME, answer: sensitivity },
    Named { name: Criteria::NAME, answer: judged },
    apart::<Significance>(),
    apart::<Risk>(),
    apart::<Chance>(),
    apart::<Dbscan>(),
    Named { name: Silence::NAME, answer: silent },
];

/// One that is answered from one map.
const fn of<A: Analysis>() -> Named {
    Named { name: A::NAME, answer: answer::<A> }
}

const fn apart<A: Apart>() -> Named {
    Named { name: A::NAME, answer: answer_apart::<A> }
}

fn named(name: &str) -> Result<Named> {
    ALL.into_iter().find(|a| a.name == name).ok_or_else(|| {
        let known: Vec<_> = ALL.iter().map(|a| a.name).collect();
        invalid("name", name, format!("unknown; known are {}", known.join(", ")))
    })
}

fn answer<A: Analysis>(data: &Path, settings: Settings, args: &Args) -> Result<String> {
    let asked = asked::<A>(A::Asked::default(), args)?;
    let map = hotspots::from_database(settings, data)?;
    json(&A::answer(&map, args.category, &asked)?)
}

/// The rule in force, and then the log folded once more for each other rule.
fn sensitivity(data: &Path, settings: Settings, args: &Args) -> Result<String> {
    let asked = asked::<Sensitivity>(Default::default(), args)?;
    let map = hotspots::from_database(settings.clone(), data)?;
    let mut made = Sensitivity::answer(&map, args.category, &asked)?;
    for (variant, settings) in Variant::of(&settings, made.basis.category) {
        made.add(&variant, &hotspots::from_database(settings, data)?);
    }
    json(&made)
}

fn judged(data: &Path, settings: Settings, args: &Args) -> Result<String> {
    let known = criteria::known(args.criteria.as_deref())?;
    let asked = asked::<Criteria>(Chosen { known: known.into(), criterion: None }, args)?;
    json(&Criteria::answer(&hotspots::from_database(settings, data)?, args.category, &asked)?)
}

/// By the land that the service would know.
fn silent(data: &Path, settings: Settings, args: &Args) -> Result<String> {
    let land = args.base.as_deref().map(Base::open).transpose()?.and_then(|base| base.land());
    answer_apart_with::<Silence>(data, settings, args, silence::Asked { land, ..Default::default() })
}

fn answer_apart<A: Apart>(data: &Path, settings: Settings, args: &Args) -> Result<String> {
    answer_apart_with::<A>(data, settings, args, A::Asked::default())
}

/// With every core, and a bar that says how far it is.
fn answer_apart_with<A: Apart>(data: &Path, settings: Settings, args: &Args, known: A::Asked) -> Result<String> {
    let asked = asked::<A>(known, args)?;
    let source = A::source(&hotspots::from_database(settings, data)?, args.category, &asked);
    let bar = Bar::new();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let hand = Hand { workers, progress: &|done, of| bar.rounds(A::NAME, done, of), ..Hand::alone() };
    let answer = A::work(source, &asked, &hand);
    bar.finish();
    json(&answer.ok_or_else(|| Error::Busy("the analysis was given up".into()))?)
}

/// What an analysis is asked besides the category; `asked`: where nothing is said.
fn asked<A: Analysis>(mut asked: A::Asked, args: &Args) -> Result<A::Asked> {
    if let Some(rain) = &args.rain {
        return Err(invalid("rain", rain.display(), format!("{} takes no rain, a forecast does", A::NAME)));
    }
    with(args, A::NAME, A::TAKES, |name, value| A::set(&mut asked, name, value))?;
    Ok(asked)
}

/// What rain that is foreseen will flood.
fn foreseen(data: &Path, settings: Settings, args: &Args) -> Result<String> {
    let mut asked = storms::Asked::default();
    with(args, forecast::NAME, &forecast::TAKES, |name, value| asked.set(name, value))?;
    let path = args.rain.as_ref();
    let path = path.ok_or_else(|| invalid("rain", "", "missing: a forecast takes a CSV file of start, seconds, mm"))?;
    let (gauge, intervals) = series(path)?;
    let coming = Coming::of(settings.rain_rule(), &intervals);
    let coming = coming.map_err(|e| e.at(path.display().to_string(), 0, 0))?;
    let map = hotspots::from_database(settings, data)?;
    json(&Prepared::of(&map, args.category, &asked, gauge)?.answer(&coming))
}

/// A series that is foreseen, and the gauge it is for, if it names one.
fn series(path: &Path) -> Result<(Option<String>, Vec<RainInterval>)> {
    let (mut gauge, mut intervals) = (None, Vec::new());
    for event in events::read_rain(path)? {
        match event {
            Event::Rain(more) => intervals.extend(more),
            Event::GaugeRain(rain) => {
                gauge = Some(rain.gauge);
                intervals.extend(rain.intervals);
            }
            _ => {}
        }
    }
    Ok((gauge, intervals))
}

/// Sets what `--with` says, of what an analysis takes.
fn with(args: &Args, of: &str, takes: &[Takes], mut set: impl FnMut(&str, &str) -> Result<()>) -> Result<()> {
    for pair in &args.with {
        let (name, value) = pair.split_once('=').ok_or_else(|| invalid("with", pair, "not of the form name=value"))?;
        if !takes.iter().any(|takes| takes.name == name) {
            let known: Vec<_> = takes.iter().map(|takes| takes.name).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(invalid(name, value, format!("{of} takes no such parameter; known: {known}")));
        }
        set(name, value)?;
    }
    Ok(())
}

fn json(answer: &impl Serialize) -> Result<String> {
    serde_json::to_string(answer).map_err(|e| Error::Store(e.to_string()))
}

pub fn run(args: &Args, data: &Path) -> Result<()> {
    let mut settings = args.rule.settings_in(data)?;
    if let Some(as_of) = &args.as_of {
        settings.set(&format!("as_of={as_of}"))?;
    }
    let answer = (args.name.answer)(data, settings, args)?;
    if args.csv {
        return print(format_args!("{}", table::csv(&answer)?.trim_end()));
    }
    print(format_args!("{answer}"))
}
