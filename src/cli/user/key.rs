//! `waterlog user key`: what programs prove themselves with.

use std::path::Path;

use clap::Subcommand;

use super::super::print;
use crate::error::Result;
use crate::hazard::time;
use crate::live::people::{People, Scope};

/// API keys: for programs that act for an account.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Add),
    List(List),
    Revoke(Revoke),
}

/// Makes a key, and prints it this one time. Sent as `Authorization: Bearer wl_…`.
#[derive(Debug, clap::Args)]
struct Add {
    /// For whom it acts.
    login: String,
    /// What it is for.
    #[arg(long)]
    name: String,
    /// read (what is not public), report, act (take steps) or admin (accounts); again for each. Never more than the account
    /// may.
    #[arg(long = "scope", required = true)]
    scopes: Vec<Scope>,
    /// It holds for so many days, at most 366.
    #[arg(long, default_value_t = 90)]
    days: u16,
}

/// Lists keys: id, login, name, scopes, when it was made, expires and was last used.
#[derive(Debug, clap::Args)]
struct List {
    /// Of this account only.
    login: Option<String>,
}

/// Revokes a key, by the id that `key list` shows.
#[derive(Debug, clap::Args)]
struct Revoke {
    id: String,
}

pub fn run(data: &Path, args: &Args, now: i64) -> Result<()> {
    let people = People::new(data);
    match &args.command {
        Command::Add(Add { login, name, scopes, days }) => {
            let (text, key) = people.add_key(login, name, scopes, *days, now)?;
            let expires = time::format(key.expires);
            eprintln!("key {} of {login}, until {expires}; it is not shown again:", key.id);
            print(format_args!("{text}"))
        }
        Command::List(List { login }) => list(&people, login.as_deref()),
        Command::Revoke(Revoke { id }) => {
            people.revoke_key(id, now)?;
            print(format_args!("key {id} opens nothing any more"))
        }
    }
}

fn list(people: &People, login: Option<&str>) -> Result<()> {
    let accounts = people.all()?;
    for key in people.keys(login)? {
        let owner = accounts.iter().find(|account| account.id == key.account).map_or("-", |owner| &owner.login);
        let used = key.last_used.map_or_else(|| "never used".to_owned(), time::format);
        let (created, expires) = (time::format(key.created), time::format(key.expires));
        print(format_args!("{}\t{owner}\t{}\t{}\t{created}\t{expires}\t{used}", key.id, key.name, key.scopes))?;
    }
    Ok(())
}
