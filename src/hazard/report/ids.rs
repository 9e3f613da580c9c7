//! The ids of all reports, packed.

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Report ids one behind the other, with a hash table over them: an eighth of what a map of strings takes.
#[derive(Debug, Default)]
pub struct Ids {
    text: String,
    /// Where each id ends in `text`.
    ends: Vec<u32>,
    table: HashTable<u32>,
    /// Hashes of the newest ids, which are not in `table` yet: each goes to another corner of memory, and many at once wait
    /// for it together.
    newest: Vec<u64>,
    hasher: DefaultHashBuilder,
}

/// Few enough to be looked through for every id.
const NEWEST_IDS: usize = 1_024;

impl Ids {
    pub fn reserve(&mut self, ids: usize) {
        let Ids { text, ends, table, hasher, .. } = self;
        ends.reserve(ids);
        table.reserve(ids, |&i: &u32| hasher.hash_one(slice(text, ends, i as usize)));
    }

    pub fn push(&mut self, id: &str) {
        u32::try_from(self.ends.len()).expect("the map holds fewer than four billion reports");
        self.text.push_str(id);
        self.ends.push(u32::try_from(self.text.len()).expect("the ids of all reports fit four gigabytes"));
        self.newest.push(self.hasher.hash_one(id));
        if self.newest.len() == NEWEST_IDS {
            let Ids { text, ends, table, newest, hasher } = self;
            let rehash = |&i: &u32| hasher.hash_one(slice(text, ends, i as usize));
            for (i, hash) in (ends.len() - newest.len()..).zip(newest.drain(..)) {
                table.insert_unique(hash, i as u32, rehash);
            }
        }
    }

    pub fn find(&self, id: &str) -> Option<usize> {
        let hash = self.hasher.hash_one(id);
        let older = || self.table.find(hash, |&i| self.get(i as usize) == id).map(|&i| i as usize);
        let mut newest = (self.ends.len() - self.newest.len()..).zip(&self.newest);
        newest.find(|&(i, &h)| h == hash && self.get(i) == id).map(|(i, _)| i).or_else(older)
    }

    pub fn get(&self, i: usize) -> &str {
        slice(&self.text, &self.ends, i)
    }

    /// Where an id stands among all.
    pub fn range(&self, i: usize) -> Range<usize> {
        range(&self.ends, i)
    }

    pub fn at(&self, range: Range<usize>) -> &str {
        &self.text[range]
    }
}

fn slice<'a>(text: &'a str, ends: &[u32], i: usize) -> &'a str {
    &text[range(ends, i)]
}

fn range(ends: &[u32], i: usize) -> Range<usize> {
    let start = if i == 0 { 0 } else { ends[i - 1] as usize };
    start..ends[i] as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_whether_it_is_among_the_newest_or_not() {
        let mut ids = Ids::default();
        for n in 0..3 * NEWEST_IDS + 7 {
            assert_eq!(ids.find(&format!("app:{n}")), None);
            ids.push(&format!("app:{n}"));
            assert_eq!(ids.find(&format!("app:{n}")), Some(n));
        }
        assert_eq!(ids.newest.len(), 7);
        assert!(
            (0..3 * NEWEST_IDS + 7)
                .all(|n| ids.find(&format!("app:{n}")) == Some(n) && ids.get(n) == format!("app:{n}"))
        );
        assert_eq!(ids.find(""), None);
    }
}
