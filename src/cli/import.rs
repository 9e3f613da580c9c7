//! `waterlog import`: files of places, rain and reports into the log.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::progress::Bar;
use super::{Rule, grouped, print};
use crate::config::Clock;
use crate::error::{Error, Result};
use crate::hazard::event::{Event, Place};
use crate::hazard::settings::Settings;
use crate::intake::import::{Summary, import};
use crate::intake::mapping::{DEFAULT, Mapping};
use crate::intake::osm::{self, City};
use crate::intake::reject::{Reject, write_rejects};
use crate::intake::table::Table;
use crate::intake::{Draft, Loaded, Private, Receipt, places, rain};
use crate::live::Live;
use crate::store::Store;

/// Brings files into the database: places first, then rain, then reports. A second import of the same adds nothing; of a
/// report imported before, only new steps are taken.
///
/// A bad row never stops a good one: it goes to FILE.rejects.csv with line, column, value and reason. That file lies
/// beside FILE, or, where that folder takes none, in the folder of the database; a run without rejects removes it.
/// Rejects are no failure: the exit code is 1 only where a file or the database could not be used.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// CSV files of reports.
    #[arg(required_unless_present_any = ["rain", "places"])]
    pub files: Vec<PathBuf>,
    /// What the columns and values mean: a mapping built in (plain, nyc-2024), or a file like data/mappings/*.toml.
    #[arg(long, value_name = "NAME|FILE", default_value = DEFAULT)]
    pub mapping: String,
    /// Rain: CSV with start, seconds, mm; an empty mm was not measured.
    #[arg(long)]
    pub rain: Option<PathBuf>,
    /// Named places: CSV with id, lon, lat and perhaps name, GeoJSON points (.geojson, .json), or an extract of
    /// OpenStreetMap (.pbf), which gives the crossings of named streets, other named spots, and the streets as lines.
    #[arg(long)]
    pub places: Option<PathBuf>,
    #[command(flatten)]
    pub rule: Rule,
    /// Puts all rejects into the folder of the database: sample data is not ours to write beside.
    #[arg(skip)]
    pub keep_rejects_in_data: bool,
}

pub fn run(args: &Args, data: &Path, settings: Settings) -> Result<()> {
    // Everything that can be found wrong with the command is, before a database is made.
    let mapping = Mapping::load(&args.mapping)?;
    let places = args.places.as_deref().map(PlacesFile::open).transpose()?;
    let rain = args.rain.as_deref().map(|path| Ok((path, Table::open(path)?))).transpose()?;
    let reports = args.files.iter().map(|path| Ok((path, Table::open(path)?))).collect::<Result<Vec<_>>>()?;
    let live = Live::open(data, settings)?;
    let import = Import { live: &live, data, args };
    let done = import.all(&mapping, places, rain, reports);
    live.close();
    done
}

/// Places come in three kinds of file.
enum PlacesFile<'p> {
    Csv(&'p Path, Table),
    GeoJson(&'p Path, String),
    Osm(&'p Path, City),
}

impl<'p> PlacesFile<'p> {
    fn open(path: &'p Path) -> Result<PlacesFile<'p>> {
        let kind = path.extension().unwrap_or_default().to_ascii_lowercase();
        if kind == "pbf" {
            return Ok(PlacesFile::Osm(path, osm::read(path)?));
        }
        if kind != "geojson" && kind != "json" {
            return Ok(PlacesFile::Csv(path, Table::open(path)?));
        }
        let text = std::fs::read(path).map_err(|e| unreadable(path, &format!("cannot be read: {e}")))?;
        let text = String::from_utf8(text).map_err(|_| unreadable(path, "not UTF-8: save the file as UTF-8"))?;
        Ok(PlacesFile::GeoJson(path, text))
    }
}

fn unreadable(path: &Path, reason: &str) -> Error {
    crate::error::invalid("file", path.display(), reason)
}

/// One run of the command on an open database.
struct Import<'a> {
    live: &'a Live,
    data: &'a Path,
    args: &'a Args,
}

impl Import<'_> {
    fn all(
        &self,
        mapping: &Mapping,
        places: Option<PlacesFile>,
        rain: Option<(&Path, Table)>,
        reports: Vec<(&PathBuf, Table)>,
    ) -> Result<()> {
        if let Some(file) = places {
            let known = self.live.read(|map| map.places().all().to_vec());
            match file {
                PlacesFile::Csv(path, table) => self.load(path, "places", places::read_csv(table, &known)?)?,
                PlacesFile::GeoJson(path, text) => {
                    let loaded = places::read_geojson(&path.display().to_string(), &text, &known)?;
                    self.load(path, "places", loaded)?;
                }
                PlacesFile::Osm(path, city) => self.city(path, &city, &known)?,
            }
        }
        if let Some((path, table)) = rain {
            let known = self.live.read(|map| map.rain().intervals().to_vec());
            self.load(path, "rain intervals", rain::read(table, &known)?)?;
        }
        reports.into_iter().try_for_each(|(path, table)| self.reports(path, table, mapping))
    }

    /// Places and streets of one file.
    fn city(&self, path: &Path, city: &City, known: &[Place]) -> Result<()> {
        let mut places = city.places(known);
        let mut streets = self.live.read(|map| city.streets(|street| map.streets().holds(street)));
        // The file has one list of rejects.
        streets.rejects.append(&mut places.rejects);
        self.submit(path, places.drafts)?;
        let (rows, new, known) = (grouped(places.rows), grouped(places.new), grouped(places.known));
        print(format_args!("{}: {rows} places: {new} new, {known} known", path.display()))?;
        self.load(path, "streets", streets)?;
        match city.cut_short {
            0 => Ok(()),
            n => print(format_args!(
                "{}: {} streets are cut short: the file lacks some of their nodes",
                path.display(),
                grouped(n)
            )),
        }
    }

    /// Rain, places or streets.
    fn load(&self, path: &Path, what: &str, loaded: Loaded) -> Result<()> {
        let Loaded { drafts, rows, new, known, rejects } = loaded;
        self.submit(path, drafts)?;
        let see = self.keep(path, &rejects)?;
        let (rows, new, known) = (grouped(rows), grouped(new), grouped(known));
        let rejected = grouped(rejects.len() as u64);
        print(format_args!("{}: {rows} {what}: {new} new, {known} known, {rejected} rejected{see}", path.display()))
    }

    fn submit(&self, path: &Path, drafts: Vec<Draft>) -> Result<()> {
        for draft in drafts {
            for answer in self.live.submit_all(vec![draft])? {
                // What was read is valid by itself: only another process can have come first with other content.
                answer.map_err(|error| error.at(path.display().to_string(), 0, 0))?;
            }
        }
        Ok(())
    }

    fn reports(&self, path: &Path, table: Table, mapping: &Mapping) -> Result<()> {
        let started = Instant::now();
        let bar = Bar::new();
        let mut changed = 0;
        // Where no report was, none can be known.
        let recorded = if self.live.read(|map| map.reports().rows().is_empty()) {
            None
        } else {
            Some(Recorded(Store::open_existing(self.data)?))
        };
        let mut submit = |drafts: Vec<Draft>| {
            let Some(recorded) = &recorded else { return self.live.submit_all(drafts) };
            let answers = self.live.submit_all(drafts.clone())?;
            changed += recorded.differing(&drafts, &answers)?;
            Ok(answers)
        };
        let summary = import(table, mapping, Clock::system().now(), &mut submit, &|p| bar.import(&p));
        bar.finish();
        let Summary { rows, reports_new, reports_known, events_appended, duplicates, rejects } = summary?;
        let see = self.keep(path, &rejects)?;
        let changed = if changed == 0 { String::new() } else { format!(" ({} changed, not taken)", grouped(changed)) };
        let repeated = if duplicates == 0 { String::new() } else { format!(", {} repeated", grouped(duplicates)) };
        print(format_args!(
            "{}: {} rows: {} reports new, {} known{changed}{repeated}, {} rejected{see}; {} events appended in {:.1} s",
            path.display(),
            grouped(rows),
            grouped(reports_new),
            grouped(reports_known),
            grouped(rejects.len() as u64),
            grouped(events_appended),
            started.elapsed().as_secs_f64(),
        ))
    }

    /// Writes the rejects where they can be written, removes those of an earlier run, and says where to look.
    fn keep(&self, path: &Path, rejects: &[Reject]) -> Result<String> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".rejects.csv");
        let (beside, in_data) = (path.with_file_name(&name), self.data.join(&name));
        // A pipe lies in no folder of the person's.
        let beside = Some(beside).filter(|_| path.is_file() && !self.args.keep_rejects_in_data);
        let mut failed = None;
        let mut kept = None;
        for place in beside.iter().chain([&in_data]) {
            if rejects.is_empty() || kept.is_some() {
                let _ = std::fs::remove_file(place);
                continue;
            }
            let mut bytes = Vec::new();
            write_rejects(rejects, &mut bytes)?;
            match std::fs::write(place, bytes) {
                Ok(()) => kept = Some(place),
                Err(error) => failed = Some(Error::Store(format!("{}: {error}", place.display()))),
            }
        }
        match (kept, failed) {
            (Some(place), _) => Ok(format!(" (see {})", place.display())),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(String::new()),
        }
    }
}

/// What was imported before, to tell which rows now say something else that is not taken.
struct Recorded(Store);

impl Recorded {
    /// How many of these reports were in the log before, with other content than they have now.
    fn differing(&self, drafts: &[Draft], answers: &[Result<Receipt>]) -> Result<u64> {
        let mut count = 0;
        for (draft, answer) in drafts.iter().zip(answers) {
            if let (Event::Report(report), Ok(Receipt { seq, fresh: false, .. })) = (&draft.event, answer) {
                let said = self.0.said(&report.id)?.unwrap_or_default();
                let private = Private { text: said.text, place: said.place, source_id: said.source_id };
                count += u64::from(private != draft.private || !self.holds(*seq, &draft.event)?);
            }
        }
        Ok(count)
    }

    /// Whether the log holds this event at a position.
    fn holds(&self, seq: u64, event: &Event) -> Result<bool> {
        let unreadable = |e: serde_json::Error| Error::Store(e.to_string());
        // By way of the log's own words, so that no last digit tells the two apart.
        let text = serde_json::to_string(event).map_err(unreadable)?;
        let event: Event = serde_json::from_str(&text).map_err(unreadable)?;
        let mut same = false;
        self.0.read(seq - 1, 1, |_, recorded| {
            same = recorded == event;
            Ok(())
        })?;
        Ok(same)
    }
}
