//! `waterlog user erase`: one person is forgotten.

use std::path::Path;

use super::super::print;
use super::export::Whom;
use crate::error::Result;
use crate::live::people::{erase, erase_contact};

/// Erases one person: account, sessions, keys, what the audit log says of him, and every word said with his reports and
/// steps, from the private file and its write-ahead log. What happened stays, with a number that leads to nobody: no count
/// and no hotspot changes. Backups made before still have him.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub whom: Whom,
}

pub fn run(data: &Path, args: &Args, now: i64) -> Result<()> {
    let erased = match &args.whom.contact {
        Some(contact) => erase_contact(data, contact)?,
        None => {
            let (person, account) = args.whom.find(data)?;
            erase(data, person, account.as_ref(), now)?
        }
    };
    print(format_args!(
        "erased: {} account, {} sessions, {} keys, {} entries of the audit log, {} texts, {} photos; the log keeps a number",
        erased.accounts, erased.sessions, erased.keys, erased.audited, erased.said, erased.photos
    ))?;
    print(format_args!("backups made before still have what was erased here"))
}
