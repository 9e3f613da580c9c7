//! `waterlog user unit`, `disable`, `enable`, `password`, `revoke`.

use std::path::Path;

use super::super::print;
use super::secret::new_password;
use crate::error::Result;
use crate::intake::account;
use crate::live::people::{By, People};

/// Puts somebody into a unit: a department is given what was sent to it.
#[derive(Debug, clap::Args)]
pub struct Unit {
    pub login: String,
    /// Its id, such as drainage.
    pub unit: String,
}

/// Shuts somebody out, and ends his sessions; his keys open nothing meanwhile. What he did stays.
#[derive(Debug, clap::Args)]
pub struct Disable {
    pub login: String,
}

/// Lets somebody in again who was shut out.
#[derive(Debug, clap::Args)]
pub struct Enable {
    pub login: String,
}

/// Sets a password, which is asked for or read from standard input, and ends his sessions.
#[derive(Debug, clap::Args)]
pub struct Password {
    pub login: String,
}

/// Ends every session of somebody: he has to log in again, everywhere.
#[derive(Debug, clap::Args)]
pub struct Revoke {
    pub login: String,
}

pub fn unit(data: &Path, Unit { login, unit }: &Unit, now: i64) -> Result<()> {
    let unit = account::unit(unit)?;
    let into = unit.clone();
    People::new(data).change(login, "change", By::default(), now, |account| account.unit = Some(into))?;
    print(format_args!("{login} is in the unit {unit}"))
}

pub fn disable(data: &Path, Disable { login }: &Disable, now: i64) -> Result<()> {
    People::new(data).change(login, "disable", By::default(), now, |account| account.disabled = true)?;
    print(format_args!("{login} can no longer log in"))
}

pub fn enable(data: &Path, Enable { login }: &Enable, now: i64) -> Result<()> {
    People::new(data).change(login, "enable", By::default(), now, |account| account.disabled = false)?;
    print(format_args!("{login} can log in"))
}

pub fn password(data: &Path, Password { login }: &Password, now: i64) -> Result<()> {
    let people = People::new(data);
    people.of_login(login)?;
    people.set_password(login, &new_password()?, By::default(), now)?;
    print(format_args!("{login} has a new password; his sessions have ended"))
}

pub fn revoke(data: &Path, Revoke { login }: &Revoke, now: i64) -> Result<()> {
    let ended = People::new(data).end_sessions(login, By::default(), now)?;
    print(format_args!("{ended} sessions of {login} have ended"))
}
