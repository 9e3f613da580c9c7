//! `waterlog user export`: all that is held of one person, for himself.

use std::num::NonZeroU64;
use std::path::Path;

use super::super::print;
use crate::error::{Error, Result};
use crate::live::people::{People, contact_dossier, dossier};
use crate::store::Account;

/// Whom it is about.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Whom {
    /// Somebody with an account.
    login: Option<String>,
    /// Somebody without one: his number in the log.
    #[arg(long, value_name = "NUMBER")]
    person: Option<NonZeroU64>,
    /// Whoever sent reports through another program (Open311) and gave this e-mail address or telephone number.
    #[arg(long, value_name = "EMAIL|PHONE")]
    pub contact: Option<String>,
}

/// Prints all that is held of one person, as JSON: account, sessions, keys, audit log, reports and steps with every word.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub whom: Whom,
}

impl Whom {
    /// His number in the log, and his account.
    pub fn find(&self, data: &Path) -> Result<(NonZeroU64, Option<Account>)> {
        let people = People::new(data);
        match (&self.login, self.person) {
            (Some(login), _) => people.of_login(login).map(|account| (account.person, Some(account))),
            (None, Some(person)) => Ok((person, people.all()?.into_iter().find(|account| account.person == person))),
            (None, None) => Err(Error::NotFound { what: "account", id: String::new() }),
        }
    }
}

pub fn run(data: &Path, args: &Args) -> Result<()> {
    let text = match &args.whom.contact {
        Some(contact) => serde_json::to_string_pretty(&contact_dossier(data, contact)?),
        None => {
            let (person, account) = args.whom.find(data)?;
            serde_json::to_string_pretty(&dossier(data, person, account.as_ref())?)
        }
    };
    print(format_args!("{}", text.map_err(|e| Error::Store(format!("it cannot be written: {e}")))?))
}
