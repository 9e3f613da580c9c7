//! `waterlog verify`: is the log whole, and does every way of folding it give the same map?

use std::path::Path;

use super::progress::Bar;
use super::{grouped, stored_settings};
use crate::error::{Error, Result};
use crate::hazard::event::Event;
use crate::hazard::map::HazardMap;
use crate::hazard::settings::Settings;
use crate::live::Live;
use crate::store::Store;

/// Events folded between two settlings in the rebuild, so that a small log is cut into groups as well.
const GROUP_EVENTS: u64 = 1_000;
/// Entries between two looks at the progress bar.
const ENTRIES_PER_PROGRESS: u64 = 500;

/// Checks that the log has no gap and every checksum is right, and that four ways of folding it give the same map.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Drop what was said with reports that are not in the log.
    #[arg(long)]
    repair: bool,
}

pub fn run(data: &Path, args: &Args) -> Result<()> {
    let mut store = Store::open_existing(data)?;
    let bar = Bar::new();
    let outcome = verify(&mut store, data, args.repair, &bar);
    bar.finish();
    outcome
}

fn verify(store: &mut Store, data: &Path, repair: bool, bar: &Bar) -> Result<()> {
    let tell = |doing, seq: u64, total| {
        if seq.is_multiple_of(ENTRIES_PER_PROGRESS) {
            bar.entries(doing, seq, total);
        }
    };
    let total = store.last()?;
    let whole = store.verify(|seq| tell("checking", seq, total))?;
    bar.print(format_args!("log      {} entries without a gap, every checksum right", grouped(whole)))?;
    let settings = stored_settings(store)?;
    // The restart comes first: the others then fold as far as it did, whatever a running service appends meanwhile.
    let live = Live::open(data, settings.clone())?;
    let (last, restart) = live.read(|map| (map.position(), map.digest()));
    live.close();
    let fold = |doing, group| fold(store, &settings, last, group, &|seq| tell(doing, seq, last));
    let one_by_one = fold("live fold", 1)?.digest();
    let rebuilt = fold("rebuild", GROUP_EVENTS)?.digest();
    let batch = fold("batch build", u64::MAX)?;
    let all = [
        ("live", "one event at a time", one_by_one),
        ("rebuild", "from the log in groups", rebuilt),
        ("batch", "all events at once", batch.digest()),
        ("restart", "the service opened anew", restart),
    ];
    for (name, how, digest) in &all {
        bar.print(format_args!("{name:<8} {} {how}", &digest[..12]))?;
    }
    if let Some((name, ..)) = all.iter().find(|(.., digest)| *digest != all[2].2) {
        return Err(Error::Store(format!("the {name} fold differs from the batch build of the same {last} events")));
    }
    let orphans = store.orphans(last, repair, |id| batch.reports().find(id).is_some())?;
    match (orphans, repair) {
        (0, _) => bar.print(format_args!("private  everything said belongs to a report"))?,
        (n, true) => bar.print(format_args!("private  {n} without a report were dropped"))?,
        (n, false) => bar.print(format_args!(
            "private  {n} without a report: a stop between the two files, or waterlog.db is older than private.db; \
             --repair drops them"
        ))?,
    }
    bar.print(format_args!("All {} events give one map, whichever way they are folded.", grouped(last)))
}

/// Folds the log up to an entry, settling after every `group` events.
fn fold(store: &Store, settings: &Settings, last: u64, group: u64, tell: &dyn Fn(u64)) -> Result<HazardMap> {
    let mut map = HazardMap::new(settings.clone());
    let limit = usize::try_from(last).unwrap_or(usize::MAX);
    store.read(0, limit, |seq, event: Event| {
        map.apply(seq, &event);
        if seq.is_multiple_of(group) {
            map.settle();
        }
        tell(seq);
        Ok(())
    })?;
    map.settle();
    Ok(map)
}
