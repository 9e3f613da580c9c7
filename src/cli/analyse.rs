//! `waterlog analyse`: the analyses of the service, on the terminal, with the same figures.

use std::path::{Path, PathBuf};

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::progress::Bar;
use super::{Rule, criteria, hotspots, print};
use crate::error::{Error, Result, invalid};
use crate::hazard::analysis::apart::{Apart, Hand};
use crate::hazard::analysis::chance::Chance;
use crate::hazard::analysis::criteria::{Chosen, Criteria};
use crate::hazard::analysis::rank::Ranks;
use crate::hazard::analysis::risk::Risk;
use crate::hazard::analysis::sensitivity::{Sensitivity, Variant};
use crate::hazard::analysis::significance::Significance;
use crate::hazard::analysis::trend::Trends;
use crate::hazard::analysis::{self, Analysis, USUAL_CATEGORY};
use crate::hazard::category::Category;
use crate::hazard::settings::Settings;

/// Analyses the database in --data as /api/v1/analysis/NAME does: the same figures, as JSON or as a table in CSV.
#[derive(Debug, clap::Args)]
#[command(after_long_help = Settings::manual())]
pub struct Args {
    /// Which analysis.
    #[arg(value_parser = named)]
    name: Named,
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

const ALL: [Named; 7] = [
    of::<Trends>(),
    of::<Ranks>(),
    Named { name: Sensitivity::NAME, answer: sensitivity },
    Named { name: Criteria::NAME, answer: judged },
    apart::<Significance>(),
    apart::<Risk>(),
    apart::<Chance>(),
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

/// With every core, and a bar that says how far it is.
fn answer_apart<A: Apart>(data: &Path, settings: Settings, args: &Args) -> Result<String> {
    let asked = asked::<A>(A::Asked::default(), args)?;
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
    for pair in &args.with {
        let (name, value) = pair.split_once('=').ok_or_else(|| invalid("with", pair, "not of the form name=value"))?;
        if !A::TAKES.iter().any(|takes| takes.name == name) {
            let known: Vec<_> = A::TAKES.iter().map(|takes| takes.name).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(invalid(name, value, format!("{} takes no such parameter; known: {known}", A::NAME)));
        }
        A::set(&mut asked, name, value)?;
    }
    Ok(asked)
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
        return print(format_args!("{}", table(&answer)?.trim_end()));
    }
    print(format_args!("{answer}"))
}

/// The rows of an answer as CSV; the columns are those of the first.
fn table(answer: &str) -> Result<String> {
    let failed = |e: &dyn std::fmt::Display| Error::Store(format!("a table cannot be written: {e}"));
    let Rows { mut rows, features } = serde_json::from_str(answer).map_err(|e| failed(&e))?;
    rows.extend(features.into_iter().map(Row::from));
    let mut out = csv::Writer::from_writer(Vec::new());
    if let Some(Row(first)) = rows.first() {
        out.write_record(first.iter().map(|(name, _)| name)).map_err(|e| failed(&e))?;
    }
    for Row(row) in &rows {
        out.write_record(row.iter().map(|(_, value)| cell(value))).map_err(|e| failed(&e))?;
    }
    let bytes = out.into_inner().map_err(|e| failed(&e))?;
    String::from_utf8(bytes).map_err(|e| failed(&e))
}

#[derive(Deserialize)]
struct Rows {
    #[serde(default)]
    rows: Vec<Row>,
    #[serde(default)]
    features: Vec<Feature>,
}

/// Of GeoJSON; its id is the first column.
#[derive(Deserialize)]
struct Feature {
    id: String,
    properties: Row,
}

impl From<Feature> for Row {
    fn from(Feature { id, properties: Row(members) }: Feature) -> Row {
        Row(std::iter::once(("id".to_owned(), id.into())).chain(members).collect())
    }
}

/// The members of a record in their order.
struct Row(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Row, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Row;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a record")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Row, M::Error> {
                let mut row = Vec::new();
                while let Some(member) = map.next_entry()? {
                    row.push(member);
                }
                Ok(Row(row))
            }
        }
        input.deserialize_map(Members)
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
