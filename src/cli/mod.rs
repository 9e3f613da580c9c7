//! The command line: one file for each command, thin.

pub mod hotspots;
pub mod serve;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::error::Result;
use crate::hazard::settings::Settings;

/// Street-hazard mapping: reports in, recurring flooding spots out.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110)]
pub struct Cli {
    /// Folder of the database.
    #[arg(long, env = "WATERLOG_DATA", default_value = "waterlog-data", global = true)]
    pub data: PathBuf,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Hotspots(hotspots::Args),
    Serve(serve::Args),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever stopped it, to be shown to the person who typed it.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Hotspots(args) => hotspots::run(args),
            Command::Serve(args) => serve::run(&self.data, &args),
        }
    }
}

/// The rule a command goes by, for all commands that fold.
#[derive(Debug, clap::Args)]
pub struct Rule {
    /// Settings other than the default, as name=value or name.CATEGORY=value (metres, seconds, millimetres).
    #[arg(long = "set", value_name = "NAME=VALUE", num_args = 1.., env = "WATERLOG_SET", value_delimiter = ' ')]
    set: Vec<String>,
}

impl Rule {
    pub fn settings(&self) -> Result<Settings> {
        let mut settings = Settings::default();
        self.set.iter().filter(|pair| !pair.is_empty()).try_for_each(|pair| settings.set(pair))?;
        Ok(settings)
    }
}
