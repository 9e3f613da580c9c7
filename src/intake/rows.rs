//! The rows of a file, read and judged beside who takes them.

use std::sync::mpsc::{SyncSender, sync_channel};

use super::record::Row;
use super::reject::Reject;
use super::row::{Judge, Judged};
use super::source::Source;
use crate::error::{Error, Result};

/// Threads that judge rows, while one reads.
const JUDGES: usize = 2;
/// Rows are handed over in groups of so many, or of so many bytes.
const GROUP_ROWS: usize = 256;
const GROUP_BYTES: usize = 1 << 18;
/// Groups that may wait for each judge, and behind it.
const GROUPS_AHEAD: usize = 4;

/// Reads on a thread of its own, judges on others, and hands out on this one, in the order of the file.
pub(super) fn each_row(
    source: &mut Source,
    judge: &Judge,
    take: impl FnMut(Result<(Row, Judged), Reject>) -> Result<()>,
) -> Result<()> {
    std::thread::scope(|scope| {
        let (mut judges, mut judged) = (Vec::new(), Vec::new());
        for _ in 0..JUDGES {
            let (send, groups) = sync_channel::<Vec<Result<Row, Reject>>>(GROUPS_AHEAD);
            let (done, results) = sync_channel(GROUPS_AHEAD);
            let judge = judge.again();
            scope.spawn(move || {
                let judge = |row: Row| judge.judge(&row).map(|judged| (row, judged));
                let mut results = groups.into_iter().map(|group| group.into_iter().map(|next| next.and_then(judge)));
                results.try_for_each(|group| done.send(group.collect::<Vec<_>>()))
            });
            judges.push(send);
            judged.push(results);
        }
        let reader = scope.spawn(move || read_groups(source, &judges));
        // Each judge in turn, as the groups were handed out; whoever stops taking stops them and the reader, too.
        let groups = judged.iter().cycle().map_while(|results| results.recv().ok());
        let taken = groups.flatten().try_for_each(take);
        drop(judged);
        taken.and(reader.join().unwrap_or_else(|_| Err(Error::Store("the file could not be read further".into()))))
    })
}

/// Hands out the rows of a file in groups, to each judge in turn, until nobody takes them.
fn read_groups(source: &mut Source, judges: &[SyncSender<Vec<Result<Row, Reject>>>]) -> Result<()> {
    for judge in judges.iter().cycle() {
        let (mut group, mut bytes) = (Vec::with_capacity(GROUP_ROWS), 0);
        while group.len() < GROUP_ROWS && bytes < GROUP_BYTES {
            let Some(next) = source.next_row()? else { break };
            bytes += next.as_ref().map_or(0, Row::bytes);
            group.push(next);
        }
        if group.is_empty() || judge.send(group).is_err() {
            break;
        }
    }
    Ok(())
}
