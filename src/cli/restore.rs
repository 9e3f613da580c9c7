//! `waterlog restore`: a backup becomes the database again.

use std::path::{Path, PathBuf};

use super::backup::{summary, with_bar};
use super::print;
use crate::error::Result;
use crate::store::restore;

/// Checks a backup and puts it into the folder of the database, where there must be none yet.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder that `waterlog backup` has made.
    pub backup: PathBuf,
}

pub fn run(data: &Path, args: &Args) -> Result<()> {
    let copied = with_bar(|tell| restore(&args.backup, data, tell))?;
    print(format_args!("{}: {}", data.display(), summary(&copied)))?;
    if copied.said.is_none() {
        print(format_args!(
            "the backup holds only the log: what people wrote is not in it, and retries are not known"
        ))?;
    }
    Ok(())
}
