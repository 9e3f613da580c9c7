//! The command line: one file for each command, thin.

pub mod analyse;
pub mod backup;
mod clock;
mod criteria;
pub mod demo;
pub mod export;
pub mod gauges;
pub mod hotspots;
pub mod import;
pub mod intake;
pub mod measured;
mod progress;
mod remarks;
pub mod restore;
pub mod serve;
mod storm;
mod table;
mod trace;
pub mod user;
pub mod verify;

use std::fmt::Arguments;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::error::{Error, Result, invalid};
use crate::hazard::settings::Settings;
use crate::hazard::workflow::calendar::Calendar;
use crate::hazard::workflow::limits::Table;
use crate::store::Store;

/// Street-hazard mapping: reports in, recurring flooding spots out.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110)]
pub struct Cli {
    /// Folder of the database [default: waterlog-data; of the demo target/demo, with another --city target/demo-CITY, with --storm target/demo-storm].
    #[arg(long, env = "WATERLOG_DATA", global = true)]
    pub data: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Import(import::Args),
    #[command(subcommand)]
    Intake(intake::Command),
    Hotspots(hotspots::Args),
    Export(export::Args),
    Analyse(analyse::Args),
    Gauges(gauges::Args),
    Verify(verify::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Demo(demo::Args),
    Serve(serve::Args),
    User(user::Args),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever stopped it, to be shown to the person who typed it.
    pub fn run(self) -> Result<()> {
        let data = self.data.as_deref();
        let folder = data.unwrap_or(Path::new("waterlog-data"));
        match self.command {
            Command::Import(args) => import::run(&args, folder, args.rule.settings_in(folder)?),
            Command::Intake(command) => intake::run(folder, &command),
            Command::Hotspots(args) => hotspots::run(&args, folder),
            Command::Export(args) => export::run(&args, folder),
            Command::Analyse(args) => analyse::run(&args, folder),
            Command::Gauges(args) => gauges::run(&args, folder),
            Command::Verify(args) => verify::run(folder, &args),
            Command::Backup(args) => backup::run(folder, &args),
            Command::Restore(args) => restore::run(folder, &args),
            Command::Demo(args) => demo::run(args, data),
            Command::Serve(args) => serve::run(folder, &args),
            Command::User(args) => user::run(folder, &args),
        }
    }
}

/// The rule a command goes by, for all commands that fold.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Rule {
    /// Settings other than the default, as name=value or name.CATEGORY=value (metres, seconds, millimetres).
    #[arg(long = "set", value_name = "NAME=VALUE", num_args = 1.., env = "WATERLOG_SET", value_delimiter = ' ')]
    set: Vec<String>,
    /// How long incidents may wait, instead of our own defaults: a file like data/limits.toml, for some areas other than
    /// for the rest.
    #[arg(long, value_name = "FILE", env = "WATERLOG_LIMITS")]
    limits: Option<PathBuf>,
    /// The days and hours that are worked, for limits in working hours and units' duty: a file like
    /// data/calendars/china.toml.
    #[arg(long, value_name = "FILE", env = "WATERLOG_CALENDAR")]
    calendar: Option<PathBuf>,
}

impl Rule {
    /// The defaults, changed as the command says.
    pub fn settings(&self) -> Result<Settings> {
        self.on(Settings::default())
    }

    /// The rule that the database in a folder remembers, changed as the command says.
    pub fn settings_in(&self, data: &Path) -> Result<Settings> {
        match Store::open_existing(data) {
            Ok(store) => self.on(stored_settings(&store)?),
            Err(Error::NotFound { .. }) => self.settings(),
            Err(error) => Err(error),
        }
    }

    fn on(&self, mut settings: Settings) -> Result<Settings> {
        self.set.iter().filter(|pair| !pair.is_empty()).try_for_each(|pair| settings.set(pair))?;
        let calendar = self.calendar.as_deref().map(|path| Calendar::read(&path.display().to_string(), &text(path)?));
        let calendar = calendar.transpose()?;
        settings.limits = match (self.limits.as_deref(), calendar) {
            (Some(path), calendar) => Arc::new(Table::read(&path.display().to_string(), &text(path)?, calendar)?),
            (None, Some(calendar)) => settings.limits.by(calendar),
            (None, None) => settings.limits.clone(),
        };
        Ok(settings)
    }
}

/// A whole file of text that was named in the command.
fn text(path: &Path) -> Result<String> {
    let unread = |e: std::io::Error| invalid("file", path.display(), format!("cannot be read: {e}"));
    std::fs::read_to_string(path).map_err(unread)
}

/// The rule that a database was built by last.
fn stored_settings(store: &Store) -> Result<Settings> {
    store.rule()?.unwrap_or_default().parse()
}

/// Writes a line to standard output; a reader that has left (`| head`) is no reason to stop an import.
fn print(line: Arguments) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{line}") {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::Store(format!("standard output: {e}"))),
        _ => Ok(()),
    }
}

/// A number with commas between thousands.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart_by_commas() {
        assert_eq!([0, 999, 1_000, 13_533, 1_234_567].map(grouped), ["0", "999", "1,000", "13,533", "1,234,567"]);
    }
}
