//! What is told of a file that was taken: doubts, and the commonest rejects, each with its place and once.

use std::collections::BTreeMap;
use std::path::Path;

use super::{grouped, print};
use crate::error::Result;
use crate::intake::Remark;
use crate::intake::reject::Reject;

/// So many lines at most of each kind; the rest is counted.
pub const MOST_LINES: usize = 10;

/// Prints them as `file:line:column: what`, at most so many of each.
pub fn tell(path: &Path, rejects: &[Reject], remarks: &[Remark], most: usize) -> Result<()> {
    let file = path.display();
    let kinds = kinds(rejects);
    for (times, first) in kinds.iter().take(most) {
        let Reject { line, column, field, value, reason } = first;
        let more = if *times == 1 { String::new() } else { format!(" ({} such rows)", grouped(*times)) };
        print(format_args!("{file}:{line}:{column}: {field} {value:?}: {reason}{more}"))?;
    }
    for Remark { place, text } in remarks.iter().take(most) {
        match place {
            Some((line, column)) => print(format_args!("{file}:{line}:{column}: {text}"))?,
            None => print(format_args!("{file}: {text}"))?,
        }
    }
    let hidden = kinds.len().saturating_sub(most) + remarks.len().saturating_sub(most);
    if hidden > 0 {
        print(format_args!(
            "{file}: and {} more of these; `waterlog gauges` tells all of them",
            grouped(hidden as u64)
        ))?;
    }
    Ok(())
}

/// The rejects by kind, in order of their lines: the first of each, and how many there are.
fn kinds(rejects: &[Reject]) -> Vec<(u64, &Reject)> {
    // What follows the first words names a line or a time.
    let kind = |reject: &Reject| reject.reason.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let mut kinds: BTreeMap<(String, &str), (u64, &Reject)> = BTreeMap::new();
    for reject in rejects {
        kinds.entry((kind(reject), &reject.field)).or_insert((0, reject)).0 += 1;
    }
    let mut kinds: Vec<_> = kinds.into_values().collect();
    kinds.sort_by_key(|(_, first)| (first.line, first.column));
    kinds
}
