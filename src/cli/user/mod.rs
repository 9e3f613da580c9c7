//! `waterlog user`: who may do what. On the machine itself, also while a service runs: what is changed holds from its next
//! request on.

mod add;
mod audit;
mod change;
mod erase;
mod export;
mod key;
mod list;
mod secret;

use std::path::Path;

use clap::Subcommand;

use crate::config::Clock;
use crate::error::Result;

/// Accounts, their sessions and API keys, and what was noted of them.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(add::Args),
    List(list::Args),
    Unit(change::Unit),
    Disable(change::Disable),
    Enable(change::Enable),
    Password(change::Password),
    Revoke(change::Revoke),
    Key(key::Args),
    Audit(audit::Args),
    Export(export::Args),
    Erase(erase::Args),
}

pub fn run(data: &Path, args: &Args) -> Result<()> {
    let now = Clock::system().now();
    match &args.command {
        Command::Add(args) => add::run(data, args, now),
        Command::List(args) => list::run(data, args),
        Command::Unit(args) => change::unit(data, args, now),
        Command::Disable(args) => change::disable(data, args, now),
        Command::Enable(args) => change::enable(data, args, now),
        Command::Password(args) => change::password(data, args, now),
        Command::Revoke(args) => change::revoke(data, args, now),
        Command::Key(args) => key::run(data, args, now),
        Command::Audit(args) => audit::run(data, args),
        Command::Export(args) => export::run(data, args),
        Command::Erase(args) => erase::run(data, args, now),
    }
}
