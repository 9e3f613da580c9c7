//! `waterlog user audit`: who did what to accounts, and who was refused.

use std::path::Path;

use super::super::print;
use crate::error::Result;
use crate::hazard::time;
use crate::live::people::People;

/// Shows the audit log, the oldest first: time, by whom, what, about what, from where. It reaches back a year.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of this account only.
    pub login: Option<String>,
    /// So many of the newest entries.
    #[arg(long, default_value_t = 1_000)]
    pub last: usize,
}

pub fn run(data: &Path, args: &Args) -> Result<()> {
    for entry in People::new(data).audited(args.login.as_deref(), args.last)? {
        let shown = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        let (by, about, from) = (shown(entry.login), shown(entry.about), shown(entry.address));
        print(format_args!("{}\t{by}\t{}\t{about}\t{from}", time::format(entry.at), entry.what))?;
    }
    Ok(())
}
