//! `waterlog user list`: every account.

use std::path::Path;

use super::super::print;
use crate::error::Result;
use crate::intake::account::has_unit;
use crate::live::people::People;

/// Lists every account: login, name, role, unit, areas, and whether it is disabled.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(data: &Path, _: &Args) -> Result<()> {
    for account in People::new(data).all()? {
        let unit = account.unit.as_deref().unwrap_or("-");
        let areas = if account.areas.is_empty() { "everywhere".to_owned() } else { account.areas.join(",") };
        let disabled = if account.disabled { "\tdisabled" } else { "" };
        print(format_args!("{}\t{}\t{}\t{unit}\t{areas}{disabled}", account.login, account.name, account.role))?;
        if has_unit(account.role, account.unit.as_deref()).is_err() {
            let login = &account.login;
            eprintln!("{login} is a department without a unit, and has no queue: waterlog user unit {login} UNIT");
        }
    }
    Ok(())
}
