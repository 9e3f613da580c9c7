//! `waterlog backup`: a checked copy of the database, while a service writes to it.

use std::path::{Path, PathBuf};

use super::progress::Bar;
use super::{grouped, print};
use crate::error::Result;
use crate::store::{Copied, backup};

/// Entries between two looks at the progress bar.
const ENTRIES_PER_PROGRESS: u64 = 500;

/// Copies the database as it stands at one moment into a new folder, while a service goes on writing, and checks the
/// copy: every entry of the log, and with each report what was said with it. Nothing that is there is overwritten.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to be made.
    pub dest: PathBuf,
    /// Only the log, which may be published: without what people wrote.
    #[arg(long)]
    pub public: bool,
}

pub fn run(data: &Path, args: &Args) -> Result<()> {
    let copied = with_bar(|tell| backup(data, &args.dest, args.public, tell))?;
    print(format_args!("{}: {}", args.dest.display(), summary(&copied)))
}

/// Shows how far the check of a copy is.
pub(super) fn with_bar(copy: impl FnOnce(&mut dyn FnMut(u64)) -> Result<Copied>) -> Result<Copied> {
    let bar = Bar::new();
    let copied = copy(&mut |seq| {
        if seq.is_multiple_of(ENTRIES_PER_PROGRESS) {
            bar.entries("checking", seq, seq);
        }
    });
    bar.finish();
    copied
}

pub(super) fn summary(copied: &Copied) -> String {
    let said = match copied.said {
        Some(said) => format!("{} texts of reporters", grouped(said)),
        None => "without what people wrote".to_owned(),
    };
    format!("{} entries of the log without a gap, every checksum right; {said}", grouped(copied.entries))
}
