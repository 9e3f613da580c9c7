use std::process::ExitCode;

use clap::Parser;
use waterlog::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("waterlog: {error}");
            ExitCode::FAILURE
        }
    }
}
