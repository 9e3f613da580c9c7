//! `waterlog import`: files of places, areas, rain and reports into the log.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::measured::Measured;
use super::progress::Bar;
use super::{Rule, grouped, print, remarks, text};
use crate::config::Clock;
use crate::error::{Error, Result, invalid};
use crate::hazard::area::Areas;
use crate::hazard::event::Event;
use crate::hazard::settings::Settings;
use crate::intake::import::{Summary, import_all};
use crate::intake::input::Format;
use crate::intake::mapping::{DEFAULT, Datum, Mapping};
use crate::intake::osm::{self, City};
use crate::intake::reject::{Reject, write_rejects};
use crate::intake::source::Source;
use crate::intake::suggest::suggest;
use crate::intake::table::Table;
use crate::intake::{Draft, Loaded, Private, Receipt, areas, level, places, rain, units, works};
use crate::live::bulk::Bulk;
use crate::store::Store;

/// Brings files into the database: places, works and areas first, then rain, then reports. A second import of the same
/// adds nothing; of a report imported before, only new steps are taken.
///
/// Files are CSV, TSV, GeoJSON or NDJSON (an object or a Feature a line), plain or gzip: known by their first bytes and
/// their name, and read as they stream by. Several files of reports are one import: in one order of time, with one set
/// of ids. The same report in two files is taken once.
///
/// A bad row never stops a good one: it goes to FILE.rejects.csv with line, column, value and reason. That file lies
/// beside FILE, or, where that folder takes none, in the folder of the database; a run without rejects removes it.
/// Rejects are no failure: the exit code is 1 only where a file or the database could not be used. Of a file of reports
/// that breaks off (gzip cut short, an unfinished list of features) the rows before the break are taken, the place is
/// told, and the exit code is 1; import the whole file when you have it: what is missing is added.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files of reports: CSV, TSV, GeoJSON, NDJSON, each plain or gzip.
    #[arg(required_unless_present_any = ["rain", "places", "level", "works", "areas", "units"])]
    pub files: Vec<PathBuf>,
    /// What the columns and values mean: a mapping built in (plain, geojson, nyc-311, nyc-311-api, nyc-2024, boston-2015, chicago,
    /// common-load), or a file like data/mappings/*.toml.
    #[arg(long, value_name = "NAME|FILE", default_value = DEFAULT)]
    pub mapping: String,
    /// How the files of reports are written, where their first bytes and names mislead: csv, tsv, geojson or ndjson.
    #[arg(long)]
    pub format: Option<Format>,
    /// Looks at the columns and the first rows of the files and writes a first mapping to standard output, with its
    /// guesses and doubts; imports nothing.
    #[arg(long, requires = "files", conflicts_with_all = ["rain", "level", "places", "works", "areas", "units", "mapping"])]
    pub suggest: bool,
    /// Rain: CSV or TSV with start, seconds, mm; an empty mm was not measured. Of several gauges with gauge, lon, lat and
    /// perhaps name too; without, of --gauge, else of the whole city.
    #[arg(long)]
    pub rain: Option<PathBuf>,
    #[command(flatten)]
    pub measured: Measured,
    /// Named places: CSV or TSV with id, lon, lat and perhaps name, points of GeoJSON or NDJSON, or an extract of
    /// OpenStreetMap (.pbf), which gives the crossings of named streets, other named spots, and the streets as lines.
    #[arg(long)]
    pub places: Option<PathBuf>,
    #[command(flatten)]
    pub works: WorksFile,
    /// Areas of responsibility: Polygons and MultiPolygons of GeoJSON or NDJSON with the properties id, level (city,
    /// district, sub_district or grid) and perhaps name and parent (the id of the area it is part of). They stand in the
    /// place of all areas before; a file with a feature that is no area is not taken at all.
    #[arg(long, value_name = "FILE")]
    pub areas: Option<PathBuf>,
    /// Units: TOML with a [[unit]] for each, of id, and perhaps name, areas (ids; none: the whole city), categories (none:
    /// all), days (every_day or working_days), hours ([["08:00", "18:00"]]; none: all day, or the working time), deputy (the
    /// unit that stands in while it is off duty) and parent (the unit that supervises it). They stand in the place of all
    /// units before.
    #[arg(long, value_name = "FILE")]
    pub units: Option<PathBuf>,
    /// What the positions of --places, --works and --areas refer to: wgs84, gcj02 (as on most maps of China) or bd09 (as on
    /// Baidu's); they are converted as they are read. An extract of OpenStreetMap is in WGS 84; reports go by their mapping.
    #[arg(long, value_name = "DATUM", default_value = "wgs84", value_parser = Datum::named)]
    pub datum: Datum,
    #[command(flatten)]
    pub rule: Rule,
    /// Puts all rejects into the folder of the database: sample data is not ours to write beside.
    #[arg(skip)]
    pub keep_rejects_in_data: bool,
}

/// Repairs, and how their days are read.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct WorksFile {
    /// Works, to compare floods before and after them: CSV or TSV with id, lon, lat, start, and perhaps end, kind, name,
    /// reference (or date, for start and end), or points and lines of GeoJSON or NDJSON with these properties. Works
    /// without an end are not compared.
    #[arg(long, value_name = "FILE")]
    pub works: Option<PathBuf>,
    /// The zone of works whose start and end are days, as Asia/Shanghai.
    #[arg(long, value_name = "ZONE", requires = "works", value_parser = works::zone)]
    pub works_zone: Option<jiff::tz::TimeZone>,
}

pub fn run(args: &Args, data: &Path, settings: Settings) -> Result<()> {
    // Everything that can be found wrong with the command is, before a database is made.
    let open = |path: &PathBuf| Source::open(path, args.format);
    if args.suggest {
        let sources = args.files.iter().map(open).collect::<Result<Vec<_>>>()?;
        return print(format_args!("{}", suggest(sources)?.trim_end()));
    }
    let mapping = Mapping::load(&args.mapping)?;
    let places = args.places.as_deref().map(|path| Ok((path, PlacesFile::open(path, args.datum)?))).transpose()?;
    let ours = |path| Ok((path, Source::open(path, None)?.given_in(args.datum)));
    let works = args.works.works.as_deref().map(ours).transpose()?;
    let areas = args.areas.as_deref().map(ours).transpose()?;
    let units = args.units.as_deref().map(|path| Ok((path, text(path)?))).transpose()?;
    let rain = args.rain.as_deref().map(|path| Ok((path, Table::open(path)?))).transpose()?;
    let level = args.measured.level.as_deref().map(|path| Ok((path, Table::open(path)?))).transpose()?;
    let mut names = HashSet::new();
    if let Some(twice) = args.files.iter().find(|path| !names.insert(path.as_path())) {
        return Err(invalid("file", twice.display(), "is given twice"));
    }
    let reports = args.files.iter().map(open).collect::<Result<Vec<_>>>()?;
    let bulk = Bulk::open(data, settings)?;
    Import { bulk, data, args }.all(&mapping, places, [works, areas], units, [rain, level], reports)
}

/// Places come in two kinds of file.
enum PlacesFile {
    List(Source),
    Osm(City),
}

impl PlacesFile {
    fn open(path: &Path, datum: Datum) -> Result<PlacesFile> {
        if path.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("pbf")) {
            if datum != Datum::Wgs84 {
                return Err(invalid("datum", datum.name(), "an extract of OpenStreetMap is in wgs84"));
            }
            return Ok(PlacesFile::Osm(osm::read(path)?));
        }
        Ok(PlacesFile::List(Source::open(path, None)?.given_in(datum)))
    }
}

/// One run of the command on an open database.
struct Import<'a> {
    bulk: Bulk,
    data: &'a Path,
    args: &'a Args,
}

impl Import<'_> {
    fn all(
        mut self,
        mapping: &Mapping,
        places: Option<(&Path, PlacesFile)>,
        [works, areas]: [Option<(&Path, Source)>; 2],
        units: Option<(&Path, String)>,
        [rain, level]: [Option<(&Path, Table)>; 2],
        reports: Vec<Source>,
    ) -> Result<()> {
        if let Some((path, places)) = places {
            match places {
                PlacesFile::List(source) => {
                    let loaded = places::read(source, self.bulk.map().places().all())?;
                    self.load(path, "places", loaded)?;
                }
                PlacesFile::Osm(city) => self.city(path, &city)?,
            }
        }
        if let Some((path, source)) = works {
            let loaded = works::read(source, self.bulk.map().works(), self.args.works.works_zone.as_ref())?;
            self.load(path, "works", loaded)?;
        }
        // What is appended here is not on the map yet.
        let mut fresh = None;
        if let Some((path, source)) = areas {
            let loaded = areas::read(source, self.bulk.map().areas().all())?;
            fresh = loaded.drafts.iter().find_map(|draft| match &draft.event {
                Event::Areas(areas) => Some(Areas::new(areas)),
                _ => None,
            });
            self.load(path, "areas", loaded)?;
        }
        if let Some((path, text)) = units {
            let map = self.bulk.map();
            let areas = fresh.as_ref().unwrap_or(map.areas());
            let loaded = units::read(&path.display().to_string(), &text, map.units().all(), areas)?;
            self.load(path, "units", loaded)?;
        }
        if let Some((path, table)) = rain {
            let loaded = rain::read(table, self.bulk.map().gauges(), &self.args.measured.rain())?;
            self.load(path, "rain intervals", loaded)?;
        }
        if let Some((path, table)) = level {
            let loaded = level::read(table, self.bulk.map().levels(), &self.args.measured.station())?;
            self.load(path, "levels", loaded)?;
        }
        if reports.is_empty() { Ok(()) } else { self.reports(mapping, reports) }
    }

    /// Places and streets of one file.
    fn city(&mut self, path: &Path, city: &City) -> Result<()> {
        let mut places = city.places(self.bulk.map().places().all());
        let known = self.bulk.map().streets();
        let mut streets = city.streets(|street| known.holds(street));
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

    /// Rain, levels, places, streets, works, areas or units.
    fn load(&mut self, path: &Path, what: &str, loaded: Loaded) -> Result<()> {
        let Loaded { drafts, rows, new, known, rejects, remarks } = loaded;
        self.submit(path, drafts)?;
        let see = self.keep(path, &rejects)?;
        let (rows, new, known) = (grouped(rows), grouped(new), grouped(known));
        let rejected = grouped(rejects.len() as u64);
        print(format_args!("{}: {rows} {what}: {new} new, {known} known, {rejected} rejected{see}", path.display()))?;
        // Of areas and units every doubt counts: each may send somebody to the wrong place.
        remarks::tell(
            path,
            &rejects,
            &remarks,
            if matches!(what, "areas" | "units") { usize::MAX } else { remarks::MOST_LINES },
        )
    }

    fn submit(&mut self, path: &Path, drafts: Vec<Draft>) -> Result<()> {
        self.bulk.run(|submit| {
            for draft in drafts {
                for answer in submit(vec![draft])? {
                    // What was read is valid by itself: only another process can have come first with other content.
                    answer.map_err(|error| error.at(path.display().to_string(), 0, 0))?;
                }
            }
            Ok(())
        })
    }

    fn reports(&mut self, mapping: &Mapping, sources: Vec<Source>) -> Result<()> {
        let started = Instant::now();
        let bar = Bar::new();
        let mut changed = 0;
        // Where no report was, none can be known.
        let recorded = if self.bulk.map().reports().rows().is_empty() {
            None
        } else {
            Some(Recorded(Store::open_existing(self.data)?))
        };
        let summaries = self.bulk.run(|submit| {
            let mut submit = |drafts: Vec<Draft>| {
                let Some(recorded) = &recorded else { return submit(drafts) };
                let answers = submit(drafts.clone())?;
                changed += recorded.differing(&drafts, &answers)?;
                Ok(answers)
            };
            import_all(sources, mapping, Clock::system().now(), &mut submit, &|p| bar.import(&p))
        });
        bar.finish();
        let summaries = summaries?;
        let seconds = started.elapsed().as_secs_f64();
        let changed = if changed == 0 { String::new() } else { format!(" ({} changed, not taken)", grouped(changed)) };
        // Of several files it is not known in which a changed report stands.
        let (of_file, of_all) = if summaries.len() == 1 { (changed.as_str(), "") } else { ("", changed.as_str()) };
        for (path, summary) in self.args.files.iter().zip(&summaries) {
            self.tell(path, summary, of_file, seconds)?;
        }
        if summaries.len() > 1 {
            let sum = |of: fn(&Summary) -> u64| grouped(summaries.iter().map(of).sum());
            print(format_args!(
                "{} files: {} rows: {} reports new, {} known{of_all}, {} rejected; {} events appended in {seconds:.1} s",
                summaries.len(),
                sum(|s| s.rows),
                sum(|s| s.reports_new),
                sum(|s| s.reports_known),
                sum(|s| s.rejects.len() as u64 + s.rejects_more),
                sum(|s| s.events_appended),
            ))?;
        }
        summaries.into_iter().find_map(|s| s.cut).map_or(Ok(()), Err)
    }

    fn tell(&self, path: &Path, summary: &Summary, changed: &str, seconds: f64) -> Result<()> {
        let Summary { rows, reports_new, reports_known, events_appended, duplicates, rejects, rejects_more, .. } =
            summary;
        let mut see = self.keep(path, rejects)?;
        if *rejects_more > 0 {
            see += &format!(", the first {} of them kept", grouped(rejects.len() as u64));
        }
        let repeated = if *duplicates == 0 { String::new() } else { format!(", {} repeated", grouped(*duplicates)) };
        print(format_args!(
            "{}: {} rows: {} reports new, {} known{changed}{repeated}, {} rejected{see}; {} events appended in {seconds:.1} s",
            path.display(),
            grouped(*rows),
            grouped(*reports_new),
            grouped(*reports_known),
            grouped(rejects.len() as u64 + rejects_more),
            grouped(*events_appended),
        ))?;
        match commonest(rejects).filter(|_| *reports_new + *reports_known + *duplicates == 0) {
            Some((times, Reject { field, reason, .. })) => print(format_args!(
                "{}: no row was taken; {} times because of {field}: {reason}",
                path.display(),
                grouped(times)
            )),
            None => Ok(()),
        }
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

/// The commonest reason for a reject, and how often it is given.
fn commonest(rejects: &[Reject]) -> Option<(u64, &Reject)> {
    let mut times: BTreeMap<(&str, &str), (u64, &Reject)> = BTreeMap::new();
    for reject in rejects {
        times.entry((&reject.field, &reject.reason)).or_insert((0, reject)).0 += 1;
    }
    times.into_values().max_by_key(|(times, _)| *times)
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
                let private =
                    Private { text: said.text, place: said.place, source_id: said.source_id, ..Private::default() };
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
