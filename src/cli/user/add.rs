//! `waterlog user add`: an account.

use std::path::Path;

use super::super::print;
use super::secret::new_password;
use crate::error::{Result, invalid};
use crate::hazard::workflow::Role;
use crate::intake::account::NewAccount;
use crate::live::people::{By, People};
use crate::store::Store;

/// Adds an account. The password is asked for, or read from standard input.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// At most 64 of a-z, 0-9, _, - and .
    pub login: String,
    /// As others see him [default: the login].
    #[arg(long)]
    pub name: Option<String>,
    /// reporter, grid_worker, department, planner or administrator.
    #[arg(long, value_parser = role)]
    pub role: Role,
    /// The unit he works for, such as drainage or grid_7.
    #[arg(long)]
    pub unit: Option<String>,
    /// The id of an area to which his rights are bounded; again for each [default: everywhere].
    #[arg(long = "area", value_name = "ID")]
    pub areas: Vec<String>,
}

pub fn run(data: &Path, args: &Args, now: i64) -> Result<()> {
    let name = args.name.as_deref().unwrap_or(&args.login);
    let new = NewAccount::new(&args.login, name, args.role, args.unit.as_deref(), args.areas.clone())?;
    let password = new_password()?;
    // Accounts may come before the first report.
    drop(Store::open(data)?);
    let added = People::new(data).add(new, &password, By::default(), now)?;
    print(format_args!("{} is a {} now", added.login, added.role))
}

fn role(text: &str) -> Result<Role> {
    let known = || Role::ALL.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
    Role::named(text).ok_or_else(|| invalid("--role", text, format!("unknown; known are {}", known())))
}
