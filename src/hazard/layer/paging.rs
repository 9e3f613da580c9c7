//! Pages of a layer: in what order, from where on, how many.

use std::fmt;
use std::str::FromStr;

use smallvec::SmallVec;

use super::super::bits::Bits;
use crate::error::{Error, Result, invalid};

/// Where a feature stands among those that match: ascending, and no two alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    keys: Keys,
    tie: Tie,
}

/// What features stand in order of, the first before all others.
pub type Keys = SmallVec<[i64; 2]>;

/// What tells features of equal keys apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// The place of a feature in the order in which such features came, which it keeps.
    Index(u64),
    /// The id of a feature that nothing else tells from others.
    Id(String),
}

impl From<usize> for Tie {
    fn from(index: usize) -> Tie {
        Tie::Index(index as u64)
    }
}

impl From<String> for Tie {
    fn from(id: String) -> Tie {
        Tie::Id(id)
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
        let Rank { keys, tie } = &self.rank;
        let position = self.position.map(|position| position.to_string()).unwrap_or_default();
        let keys: Vec<_> = keys.iter().map(i64::to_string).collect();
        write!(f, "{}.{position}.{}.", self.sort, keys.join("_"))?;
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
            let mut parts = text.splitn(4, '.');
            let (sort, position) = (parts.next()?.to_owned(), parts.next()?);
            let position = if position.is_empty() { None } else { Some(position.parse().ok()?) };
            let keys = parts.next()?.split('_').filter(|key| !key.is_empty());
            let keys = keys.map(|key| key.parse().ok()).collect::<Option<Keys>>()?;
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
    /// Keys are written into every cursor, and sorted by.
    const MOST: usize = 4;

    /// Reads names with commas between, each with `-`, `+` or nothing before it (OGC 24-030, 7.2). In an address that is not
    /// encoded, `+` is read as a space.
    ///
    /// # Errors
    /// `Invalid` for a name that the layer is not sorted by, one given twice, or too many of them.
    pub fn list(text: &str, known: &[&'static str]) -> Result<Vec<Sort>> {
        let ascending = |one: &str| one.strip_prefix(['+', ' ']).map_or_else(|| one.to_owned(), str::to_owned);
        let sorts = text.split(',').map(|one| Sort::parse(&ascending(one), known)).collect::<Result<Vec<Sort>>>();
        let sorts = sorts.map_err(|e| match e {
            Error::Invalid { value, reason, .. } => invalid("sortby", value, reason),
            other => other,
        })?;
        if sorts.len() > Sort::MOST {
            return Err(invalid("sortby", text, format!("at most {} properties", Sort::MOST)));
        }
        match sorts.iter().enumerate().find(|(i, sort)| sorts[..*i].iter().any(|earlier| earlier.by == sort.by)) {
            Some((_, twice)) => Err(invalid("sortby", text, format!("{} is given twice", twice.by))),
            None => Ok(sorts),
        }
    }

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
    /// The first before all others; none: the layer's own order.
    pub sort: Vec<Sort>,
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
        let name = |sort: &Sort| format!("{}{}", if sort.descending { "-" } else { "" }, sort.by);
        self.sort.iter().map(name).collect::<Vec<_>>().join(",")
    }

    /// Where the feature stands that has these values of what is sorted by.
    pub fn keys(&self, value: impl Fn(&str) -> Option<i64>) -> Keys {
        self.sort.iter().map(|sort| sort.key(value(sort.by))).collect()
    }

    /// The page of a layer of which everything is wanted, in its own order, by row; and where the next one begins. Costs the
    /// same at any depth.
    pub fn straight(&self, all: &Bits) -> (Vec<usize>, Option<Cursor>) {
        let after = |Cursor { rank: Rank { keys, tie }, .. }: &Cursor| match tie {
            Tie::Index(i) if keys.is_empty() => all.before(usize::try_from(i.saturating_add(1)).unwrap_or(usize::MAX)),
            _ => all.count(),
        };
        let start = self.cursor.as_ref().map_or(0, after).saturating_add(self.offset);
        let page: Vec<usize> = all.iter_from(start).take(self.limit.unwrap_or(usize::MAX)).collect();
        let more = start.saturating_add(page.len()) < all.count();
        let last = page.last().filter(|_| more);
        let rank = |i: usize| Rank { keys: Keys::new(), tie: i.into() };
        let next = last.map(|&i| Cursor { sort: String::new(), position: None, rank: rank(i) });
        (page, next)
    }

    /// The page of rows that matched, given in any order, in the layer's own; and where the next one begins. Only the rows
    /// of the page are put in order.
    pub fn pick(&self, mut matched: Vec<usize>) -> (Vec<usize>, Option<Cursor>) {
        if let Some(Cursor { rank: Rank { keys, tie }, .. }) = &self.cursor {
            match tie {
                Tie::Index(last) if keys.is_empty() => matched.retain(|&row| row as u64 > *last),
                _ => matched.clear(),
            }
        }
        let end = self.limit.map_or(matched.len(), |limit| self.offset.saturating_add(limit).min(matched.len()));
        let more = end < matched.len();
        if more {
            matched.select_nth_unstable(end);
            matched.truncate(end);
        }
        matched.sort_unstable();
        matched.drain(..self.offset.min(end));
        let last = matched.last().filter(|_| more);
        let rank = |row: usize| Rank { keys: Keys::new(), tie: row.into() };
        let next = last.map(|&row| Cursor { sort: String::new(), position: None, rank: rank(row) });
        (matched, next)
    }

    /// Cuts a page out of what matched, and says where the next one begins, if there is one. `keys` and `tie` say where each
    /// stands; the latter is asked for where the former does not tell.
    ///
    /// `matched` stands in this order where no sort was asked for; where one was, only the page is put in order.
    pub fn cut<T, D: Into<Tie>>(
        &self,
        matched: Vec<T>,
        keys: impl Fn(&T) -> Keys,
        tie: impl Fn(&T) -> D,
    ) -> (Vec<T>, Option<Cursor>) {
        let tie = |item: &T| tie(item).into();
        let among = |keys: &Keys, item: &T, rank: &Rank| keys.cmp(&rank.keys).then_with(|| tie(item).cmp(&rank.tie));
        let last = self.cursor.as_ref().map(|cursor| &cursor.rank);
        let cursor =
            |keys: Keys, item: &T| Cursor { sort: self.order(), position: None, rank: Rank { keys, tie: tie(item) } };
        let end_of = |start: usize, all: usize| start.saturating_add(self.limit.unwrap_or(usize::MAX)).min(all);
        if self.sort.is_empty() {
            let mut page = matched;
            let after = |last: &Rank| page.partition_point(|item| among(&keys(item), item, last).is_le());
            let start = last.map_or(0, after).saturating_add(self.offset).min(page.len());
            let end = end_of(start, page.len());
            let next = (start < end && end < page.len()).then(|| cursor(keys(&page[end - 1]), &page[end - 1]));
            page.truncate(end);
            page.drain(..start);
            return (page, next);
        }
        let mut sorted: Vec<(Keys, T)> = matched.into_iter().map(|item| (keys(&item), item)).collect();
        if let Some(last) = last {
            sorted.retain(|(keys, item)| among(keys, item, last).is_gt());
        }
        let order = |a: &(Keys, T), b: &(Keys, T)| a.0.cmp(&b.0).then_with(|| tie(&a.1).cmp(&tie(&b.1)));
        let start = self.offset.min(sorted.len());
        let end = end_of(start, sorted.len());
        let more = end < sorted.len();
        if more {
            sorted.select_nth_unstable_by(end, order);
            sorted.truncate(end);
        }
        sorted.sort_unstable_by(order);
        let next = sorted.last().filter(|_| start < end && more).map(|(keys, item)| cursor(keys.clone(), item));
        (sorted.drain(start..).map(|(_, item)| item).collect(), next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_by_cursor_give_each_feature_once_in_the_order_asked_for() {
        let values = [5, 3, 9, 3, 5, 1, 7];
        let sort = Sort::parse("-v", &["v"]).unwrap();
        let mut paging = Paging { limit: Some(2), sort: vec![sort], ..Paging::default() };
        let sorted = paging.clone();
        let keys = |&i: &usize| sorted.keys(|_| Some(values[i]));
        let mut seen = Vec::new();
        loop {
            let (page, next) = paging.cut((0..values.len()).collect(), keys, |&i| i);
            seen.extend(page);
            // As it travels: through text.
            let Some(next) = next else { break };
            paging.cursor = Some(next.to_string().parse().unwrap());
        }
        assert_eq!(seen, [2, 6, 0, 4, 1, 3, 5]);
    }

    #[test]
    fn a_page_goes_on_where_its_cursor_stood_even_when_that_feature_has_gone() {
        let cut = |paging: &Paging, all: &[usize]| paging.cut(all.to_vec(), |_| Keys::new(), |&i| i);
        let paging = Paging { limit: Some(2), ..Paging::default() };
        let (_, next) = cut(&paging, &[1, 2, 3, 4]);
        let paging = Paging { cursor: next, ..paging };
        assert_eq!(cut(&paging, &[1, 3, 4, 5]).0, [3, 4]);
        let offset = Paging { offset: 3, limit: Some(2), ..Paging::default() };
        assert_eq!(cut(&offset, &[1, 3, 4, 5]), (vec![5], None));
        let beyond = Paging { offset: usize::MAX, ..Paging::default() };
        assert_eq!(cut(&beyond, &[1, 3]), (vec![], None));
    }

    #[test]
    fn a_page_that_is_picked_is_the_page_that_is_cut() {
        let mut rng = fastrand::Rng::with_seed(12);
        for _ in 0..2_000 {
            let many = rng.usize(..40);
            let rows = rng.choose_multiple(0..60, many);
            let mut sorted = rows.clone();
            sorted.sort_unstable();
            let limit = [None, Some(rng.usize(1..9)), Some(rng.usize(1..90))][rng.usize(..3)];
            let offset = [0, rng.usize(..50), usize::MAX][rng.usize(..3)];
            let tie = if rng.u8(..9) == 0 { Tie::Id("a".into()) } else { Tie::Index(rng.u64(..60)) };
            let cursor = Cursor { sort: String::new(), position: None, rank: Rank { keys: Keys::new(), tie } };
            let paging = Paging { limit, offset, cursor: Some(cursor).filter(|_| rng.bool()), ..Paging::default() };
            assert_eq!(paging.pick(rows), paging.cut(sorted, |_| Keys::new(), |&i| i), "{paging:?}");
        }
    }

    #[test]
    fn pages_of_any_sort_are_what_sorting_everything_gives() {
        let mut rng = fastrand::Rng::with_seed(13);
        for _ in 0..500 {
            let most = [2, 50][rng.usize(..2)];
            let values: Vec<i64> = (0..rng.usize(..60)).map(|_| rng.i64(0..most)).collect();
            let by = Sort { by: "v", descending: rng.bool() };
            // Ties are told by names, which stand in another order than the numbers.
            let name = |&i: &usize| format!("{}", 7 * i % 100);
            let mut all: Vec<usize> = (0..values.len()).collect();
            all.sort_by_key(|i| (by.key(Some(values[*i])), name(i)));
            let (limit, offset) = (rng.usize(1..9), [0, rng.usize(..9)][rng.usize(..2)]);
            let mut paging = Paging { limit: Some(limit), sort: vec![by], offset, ..Paging::default() };
            let sorted = paging.clone();
            let (mut start, mut last) = (offset.min(all.len()), false);
            while !last {
                let keys = |&i: &usize| sorted.keys(|_| Some(values[i]));
                let (page, next) = paging.cut((0..values.len()).collect(), keys, name);
                assert_eq!(page, all[start..(start + limit).min(all.len())], "{values:?} {paging:?}");
                start += page.len();
                last = next.is_none();
                assert_eq!(last, start == all.len(), "{values:?} {paging:?}");
                (paging.cursor, paging.offset) = (next, 0);
            }
        }
    }

    #[test]
    fn a_cursor_survives_its_text_and_anything_else_is_refused() {
        let cursor = |sort: &str, position, rank| Cursor { sort: sort.into(), position, rank };
        let named = Rank { keys: Keys::from([i64::MIN, 3]), tie: Tie::Id("other:a.b_c 路".into()) };
        let indexed = Rank { keys: Keys::from_slice(&[-5, 6, -7]), tie: Tie::Index(7) };
        let none = Rank { keys: Keys::new(), tie: Tie::Index(7) };
        for cursor in [cursor("", None, none), cursor("-a_b,b", None, indexed), cursor("-reports", Some(9), named)] {
            assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        }
        for text in ["", "5", "..1_2", "..1_2.x3", "..1_2.i-3", ".x.1_2.i3", "..a_b.i3", "..1.2.i3"] {
            assert!(text.parse::<Cursor>().unwrap_err().to_string().contains("next link"), "{text}");
        }
        let paging = Paging { cursor: Some("-a..1.i3".parse().unwrap()), ..Paging::default() };
        let sorted = Paging { sort: vec![Sort { by: "a", descending: true }], ..paging.clone() };
        assert!(paging.checked().unwrap_err().to_string().contains("belongs to sort=-a"));
        assert!(sorted.checked().is_ok());
        assert!(Sort::parse("x", &["a", "b"]).unwrap_err().to_string().contains("known are a, b"));
        assert!(Sort::parse("x", &[]).unwrap_err().to_string().contains("one order"));
        let list = |text| Sort::list(text, &["a", "b", "c", "d", "e"]);
        let sort = |by, descending| Sort { by, descending };
        assert_eq!(list("+a,-b, c").unwrap(), [sort("a", false), sort("b", true), sort("c", false)]);
        for (text, part) in [
            ("a,-a", "given twice"),
            ("a,b,c,d,e", "at most 4"),
            ("a,", "known are a, b"),
            ("--a", "known"),
            ("", "known"),
        ] {
            let told = list(text).unwrap_err().to_string();
            assert!(told.starts_with("sortby") && told.contains(part), "{text}: {told}");
        }
    }
}
