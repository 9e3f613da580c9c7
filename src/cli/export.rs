//! `waterlog export`: a layer as a file, for whatever reads such files.

use std::cell::Cell;
use std::io::{BufWriter, ErrorKind, Write, stdout};
use std::path::{Path, PathBuf};

use super::hotspots::from_database;
use super::progress::Bar;
use super::serve::stop_signal;
use super::{Rule, grouped, print};
use crate::error::{Error, Result, invalid};
use crate::export::{self, Format, Options, Pages, Part, Tell, USUAL_ZOOM};
use crate::hazard::layer::{Filter, Filtering, Layer};
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;

/// Writes a layer of the database in --data into a file, without touching the map of a service that may be running. No
/// file holds anything about a person.
#[derive(Debug, clap::Args)]
#[command(after_long_help = manual())]
pub struct Args {
    /// Which layer: reports, incidents, hotspots, …
    #[arg(value_parser = layer)]
    layer: Layer,
    /// The format; by itself the one that the file's name ends in, else geojson.
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// The file, which is there when it is whole and takes the place of what had its name; without it, text is printed.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only features that match: conditions as in the addresses of the service, as category=waterlogging
    /// bbox=-74,40.5,-73.7,40.9 limit=100, sortby=-depth_cm, properties=depth_cm,observed_at, or in CQL2 filter="depth_cm > 30
    /// AND status = 'reported'" (filter-lang=cql2-json, filter-crs=URI).
    #[arg(long, value_name = "NAME=VALUE", num_args = 1..)]
    only: Vec<String>,
    /// Of pmtiles: the deepest zoom.
    #[arg(long, default_value_t = USUAL_ZOOM, value_name = "ZOOM")]
    zoom: u8,
    /// Of csv: begin with a byte order mark, by which Excel knows UTF-8.
    #[arg(long)]
    bom: bool,
    #[command(flatten)]
    rule: Rule,
}

fn layer(name: &str) -> Result<Layer, String> {
    let known = || Layer::ALL.map(Layer::name).join(", ");
    Layer::named(name).ok_or_else(|| format!("known are {}", known()))
}

/// The table of formats, and that of settings.
fn manual() -> String {
    let formats = Format::ALL.map(|format| format!("  {:<11} {}", format.name(), format.title()));
    let layers = Layer::ALL.map(|layer| format!("  {:<11} {}", layer.name(), layer.title()));
    format!("Formats:\n{}\n\nLayers:\n{}\n\n{}", formats.join("\n"), layers.join("\n"), Settings::manual())
}

pub fn run(args: &Args, data: &Path) -> Result<()> {
    let options = Options { format: args.format()?, bom: args.bom, zoom: args.zoom };
    if args.bom && options.format != Format::Csv {
        return Err(invalid("--bom", options.format.name(), "only csv has a byte order mark"));
    }
    if args.output.is_none() && !options.format.is_text() {
        return Err(invalid("--format", options.format.name(), "is no text to be printed: name a file with --output"));
    }
    let filter = args.filter()?;
    let map = from_database(args.rule.settings_in(data)?, data)?;
    let are_tiles = options.format == Format::PmTiles && export::drawn(args.layer, &filter).is_some();
    let bar = Bar::new();
    let written = with_signals(&bar, |tell| args.write(&map, filter, options, tell));
    bar.finish();
    let rows = written?;
    match &args.output {
        Some(file) => {
            let what = if are_tiles { "tiles" } else { args.layer.name() };
            print(format_args!("{}: {} {what}", file.display(), grouped(rows)))
        }
        None => Ok(()),
    }
}

impl Args {
    fn format(&self) -> Result<Format> {
        let ending = self.output.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
        match (self.format, ending) {
            (Some(format), _) => Ok(format),
            (None, Some(ending)) => Format::ending(ending).ok_or_else(|| {
                let reason = format!("no format ends so; give one with --format: {}", Format::names());
                invalid("--output", ending, reason)
            }),
            (None, None) => Ok(Format::GeoJson),
        }
    }

    fn filter(&self) -> Result<Filter> {
        let (mut filter, mut filtering) = (Filter::default(), Filtering::default());
        for pair in &self.only {
            let (name, value) =
                pair.split_once('=').ok_or_else(|| invalid("--only", pair, "not a condition like name=value"))?;
            if Filtering::PARAMETERS.contains(&name) {
                filtering.take(name, value.to_owned())?;
            } else {
                filter.set(self.layer, name, value)?;
            }
        }
        filter.condition = filtering.condition(self.layer)?;
        Ok(filter)
    }

    fn write(&self, map: &HazardMap, mut filter: Filter, options: Options, tell: &mut Tell) -> Result<u64> {
        let condition = filter.condition.clone();
        let whole = || condition.as_ref().map_or(Ok(()), |condition| condition.done());
        let Some(file) = &self.output else {
            let reader_left = Cell::new(false);
            let out = Box::new(BufWriter::new(Printed { out: stdout(), reader_left: &reader_left }));
            let wanted = filter.properties.take();
            let pages = Pages::new(map, self.layer, filter);
            let written = export::to_stream(self.layer, wanted, options, out, pages, tell);
            return if reader_left.get() { Ok(0) } else { written.and_then(|rows| whole().map(|()| rows)) };
        };
        let part = Part::beside(file)?;
        let rows = export::of_map(map, self.layer, filter, options, part.path(), tell)?;
        whole()?;
        part.keep()?;
        Ok(rows)
    }
}

/// Standard output, whose reader may leave when he has seen enough (`| head`).
struct Printed<'r, W> {
    out: W,
    reader_left: &'r Cell<bool>,
}

impl<W> Printed<'_, W> {
    fn noting<T>(&self, done: std::io::Result<T>) -> std::io::Result<T> {
        if done.as_ref().is_err_and(|e| e.kind() == ErrorKind::BrokenPipe) {
            self.reader_left.set(true);
        }
        done
    }
}

impl<W: Write> Write for Printed<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes);
        self.noting(written)
    }

    /// What follows the last end of a line waits until now: the reader may have left meanwhile.
    fn flush(&mut self) -> std::io::Result<()> {
        let flushed = self.out.flush();
        self.noting(flushed)
    }
}

/// Works with a bar that moves, until somebody stops it: then nothing of the file is left.
fn with_signals<T>(bar: &Bar, work: impl FnOnce(&mut Tell) -> Result<T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|e| Error::Store(format!("signals cannot be heard: {e}")))?;
    let _entered = runtime.enter();
    let stop = stop_signal()?;
    work(&mut |done, total| {
        bar.features("writing", done, total);
        if *stop.borrow() { Err(Error::Busy("stopped: nothing was written".into())) } else { Ok(()) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes all that is written and then has nobody to give it to.
    struct Left;

    impl Write for Left {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Err(ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn a_reader_who_leaves_before_the_last_words_are_handed_on_has_left() {
        let reader_left = Cell::new(false);
        let mut printed = Printed { out: Left, reader_left: &reader_left };
        assert!(printed.write(b"the end").is_ok() && !reader_left.get());
        assert!(printed.flush().is_err() && reader_left.get());
    }
}
