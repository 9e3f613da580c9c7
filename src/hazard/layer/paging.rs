//! Pages of a layer: in what order, from where on, how many.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::super::bits::Bits;
use crate::error::{Error, Result, invalid};

/// Where a feature stands among those that match: ascending, and no two alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    keys: [i64; 2],
    tie: Tie,
}

/// What tells features of equal keys apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    Index(u64),
    Id(String),
}

impl Rank {
    /// Of a feature that keeps its place in the order in which such features came.
    pub fn of_index(key: i64, index: usize) -> Rank {
        Rank { keys: [key, 0], tie: Tie::Index(index as u64) }
    }

    /// Of a feature that only its id tells from others.
    pub fn of_id(keys: [i64; 2], id: String) -> Rank {
        Rank { keys, tie: Tie::Id(id) }
    }
}

/// The end of a page, as a name for where the next one begins. It stays good while the map changes: a page begins after
/// this rank, whether or not the feature that had it is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The sort it belongs to, as it was asked for; empty for the layer's own order.
    sort: String,
    /// The position in the log that the next page is taken at, where features can change their places.
    pub position: Option<u64>,
    rank: Rank,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Rank { keys: [a, b], tie } = &self.rank;
        write!(f, "{}.", self.sort)?;
        match self.position {
            Some(position) => write!(f, "{position}.{a}.{b}.")?,
            None => write!(f, ".{a}.{b}.")?,
        }
        match tie {
            Tie::Index(i) => write!(f, "i{i}"),
            Tie::Id(id) => write!(f, "n{id}"),
        }
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Cursor> {
        let read = || {
            let mut parts = text.splitn(5, '.');
            let (sort, position) = (parts.next()?.to_owned(), parts.next()?);
            let position = if position.is_empty() { None } else { Some(position.parse().ok()?) };
            let mut key = || parts.next()?.parse().ok();
            let keys = [key()?, key()?];
            let tie = parts.next()?;
            let index = tie.strip_prefix('i').and_then(|i| i.parse().ok()).map(Tie::Index);
            let tie = index.or_else(|| tie.strip_prefix('n').map(|id| Tie::Id(id.to_owned())))?;
            Some(Cursor { sort, position, rank: Rank { keys, tie } })
        };
        read().ok_or_else(|| invalid("cursor", text, "not a cursor: follow the next link of a page instead"))
    }
}

/// An order that was asked for: by a number of the layer's, upwards or downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub by: &'static str,
    pub descending: bool,
}

impl Sort {
    /// Reads `name` or `-name`, one of those a layer can be sorted by.
    ///
    /// # Errors
    /// `Invalid`, listing them.
    pub fn parse(text: &str, known: &[&'static str]) -> Result<Sort> {
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        let by = known.iter().find(|by| **by == name);
        let by = by.ok_or_else(|| match known {
            [] => invalid("sort", text, "this layer has one order only"),
            _ => invalid("sort", text, format!("known are {}, and each with - before it", known.join(", "))),
        })?;
        Ok(Sort { by, descending })
    }

    /// The key that gives this order; what has no value comes last.
    pub fn key(self, value: Option<i64>) -> i64 {
        match value {
            None => i64::MAX,
            Some(v) if self.descending => -v,
            Some(v) => v,
        }
    }
}

/// Which of the features that match are given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paging {
    pub limit: Option<usize>,
    pub sort: Option<Sort>,
    /// Begins after this.
    pub cursor: Option<Cursor>,
    /// So many are passed over first.
    pub offset: usize,
}

impl Paging {
    /// Is its cursor one of the order asked for? Another's would pass over the wrong features.
    ///
    /// # Errors
    /// `Invalid` that names the order it belongs to.
    pub fn checked(self) -> Result<Paging> {
        match &self.cursor {
            Some(cursor) if cursor.sort != self.order() => {
                let belongs = match cursor.sort.as_str() {
                    "" => "to a list without sort".to_owned(),
                    sort => format!("to sort={sort}"),
                };
                Err(invalid("cursor", cursor, format!("belongs {belongs}: follow the next link of a page instead")))
            }
            _ => Ok(self),
        }
    }

    fn order(&self) -> String {
        self.sort.map_or_else(String::new, |sort| format!("{}{}", if sort.descending { "-" } else { "" }, sort.by))
    }

    /// The page of a layer of which everything is wanted, in its own order, by row; and where the next one begins. Costs the
    /// same at any depth.
    pub fn straight(&self, all: &Bits) -> (Vec<usize>, Option<Cursor>) {
        let after = |Cursor { rank: Rank { keys, tie }, .. }: &Cursor| match (keys.cmp(&[0, 0]), tie) {
            (Ordering::Less, _) => 0,
            (Ordering::Equal, Tie::Index(i)) => all.before(usize::try_from(i.saturating_add(1)).unwrap_or(usize::MAX)),
            (Ordering::Equal, Tie::Id(_)) | (Ordering::Greater, _) => all.count(),
        };
        let start = self.cursor.as_ref().map_or(0, after).saturating_add(self.offset);
        let page: Vec<usize> = all.iter_from(start).take(self.limit.unwrap_or(usize::MAX)).collect();
        let more = start.saturating_add(page.len()) < all.count();
        let last = page.last().filter(|_| more);
        let next = last.map(|&i| Cursor { sort: String::new(), position: None, rank: Rank::of_index(0, i) });
        (page, next)
    }

    /// Cuts a page out of what matched, and says where the next one begins, if there is one.
    ///
    /// `matched` stands in the order of its ranks where no sort was asked for.
    pub fn cut<T>(&self, mut matched: Vec<T>, rank: impl Fn(&T) -> Rank) -> (Vec<T>, Option<Cursor>) {
        if self.sort.is_some() {
            matched.sort_by_cached_key(&rank);
        }
        let after = |cursor: &Cursor| matched.partition_point(|item| rank(item) <= cursor.rank);
        let start = self.cursor.as_ref().map_or(0, after).saturating_add(self.offset).min(matched.len());
        let end = start.saturating_add(self.limit.unwrap_or(usize::MAX)).min(matched.len());
        let next = (start < end && end < matched.len()).then(|| Cursor {
            sort: self.order(),
            position: None,
            rank: rank(&matched[end - 1]),
        });
        matched.truncate(end);
        matched.drain(..start);
        (matched, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_by_cursor_give_each_feature_once_in_the_order_asked_for() {
        let values = [5, 3, 9, 3, 5, 1, 7];
        let sort = Sort::parse("-v", &["v"]).unwrap();
        let rank = |&i: &usize| Rank::of_index(sort.key(Some(values[i])), i);
        let mut paging = Paging { limit: Some(2), sort: Some(sort), ..Paging::default() };
        let mut seen = Vec::new();
        loop {
            let (page, next) = paging.cut((0..values.len()).collect(), rank);
            seen.extend(page);
            // As it travels: through text.
            let Some(next) = next else { break };
            paging.cursor = Some(next.to_string().parse().unwrap());
        }
        assert_eq!(seen, [2, 6, 0, 4, 1, 3, 5]);
    }

    #[test]
    fn a_page_goes_on_where_its_cursor_stood_even_when_that_feature_has_gone() {
        let rank = |&i: &usize| Rank::of_index(0, i);
        let paging = Paging { limit: Some(2), ..Paging::default() };
        let (_, next) = paging.cut(vec![1, 2, 3, 4], rank);
        let paging = Paging { cursor: next, ..paging };
        assert_eq!(paging.cut(vec![1, 3, 4, 5], rank).0, [3, 4]);
        let offset = Paging { offset: 3, limit: Some(2), ..Paging::default() };
        assert_eq!(offset.cut(vec![1, 3, 4, 5], rank), (vec![5], None));
        let beyond = Paging { offset: usize::MAX, ..Paging::default() };
        assert_eq!(beyond.cut(vec![1, 3], rank), (vec![], None));
    }

    #[test]
    fn a_cursor_survives_its_text_and_anything_else_is_refused() {
        let cursor = |sort: &str, position, rank| Cursor { sort: sort.into(), position, rank };
        let named = Rank::of_id([i64::MIN, 3], "other:a.b 路".into());
        for cursor in [cursor("", None, Rank::of_index(-5, 7)), cursor("-reports", Some(9), named)] {
            assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        }
        for text in ["", "5", "..1.2", "..1.2.x3", "..1.2.i-3", ".x.1.2.i3", "..a.b.i3"] {
            assert!(text.parse::<Cursor>().unwrap_err().to_string().contains("next link"), "{text}");
        }
        let paging = Paging { cursor: Some("-a..1.0.i3".parse().unwrap()), ..Paging::default() };
        let sorted = Paging { sort: Some(Sort { by: "a", descending: true }), ..paging.clone() };
        assert!(paging.checked().unwrap_err().to_string().contains("belongs to sort=-a"));
        assert!(sorted.checked().is_ok());
        assert!(Sort::parse("x", &["a", "b"]).unwrap_err().to_string().contains("known are a, b"));
        assert!(Sort::parse("x", &[]).unwrap_err().to_string().contains("one order"));
    }
}
