//! A layer of a map that stands still, a page at a time.

use crate::hazard::layer::{Filter, Layer, Page};
use crate::hazard::map::HazardMap;

/// Features copied out of the map at once.
const PAGE: usize = 50_000;

/// The pages of what matches, one after the other; there is always a first one.
pub struct Pages<'m> {
    map: &'m HazardMap,
    layer: Layer,
    /// Of the next page; none when there is no more.
    filter: Option<Filter>,
    /// How many features may still come.
    left: usize,
}

impl<'m> Pages<'m> {
    pub fn new(map: &'m HazardMap, layer: Layer, filter: Filter) -> Pages<'m> {
        let left = filter.paging.limit.unwrap_or(usize::MAX);
        Pages { map, layer, filter: Some(filter), left }
    }
}

impl Iterator for Pages<'_> {
    type Item = Page;

    fn next(&mut self) -> Option<Page> {
        let mut filter = self.filter.take()?;
        filter.paging.limit = Some(self.left.min(PAGE));
        let page = self.layer.page(self.map, &filter);
        self.left -= page.head().number_returned;
        // What was passed over before the first page is not passed over again.
        filter.paging.offset = 0;
        filter.paging.cursor = page.head().next.clone();
        let more = self.left > 0 && filter.paging.cursor.is_some();
        self.filter = more.then_some(filter);
        Some(page)
    }
}
