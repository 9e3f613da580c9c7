//! Analyses that take longer than the map's lock may be held: they copy what they need, and work on that.

use std::fmt::Debug;

use super::super::category::Category;
use super::super::map::HazardMap;
use super::Analysis;

/// An analysis in two steps.
pub trait Apart: Analysis<Asked: Debug> {
    /// Of its JSON.
    const MEDIA_TYPE: &'static str = "application/json";
    /// What is copied out of the map.
    type Source: Send + 'static;

    /// Copies; the writer waits meanwhile.
    fn source(map: &HazardMap, category: Category, asked: &Self::Asked) -> Self::Source;

    /// Works it out; nothing when told not to go on.
    fn work(source: Self::Source, asked: &Self::Asked, hand: &Hand) -> Option<Self>;
}

/// How the work is done.
#[derive(Clone, Copy)]
pub struct Hand<'a> {
    /// Threads at once, where the work can be shared.
    pub workers: usize,
    /// Asked now and then.
    pub go_on: &'a (dyn Fn() -> bool + Sync),
    /// Hears how much is done, and of how much.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

impl Hand<'_> {
    /// One thread, to the end, in silence.
    pub fn alone() -> Hand<'static> {
        Hand { workers: 1, go_on: &|| true, progress: &|_, _| {} }
    }
}

/// Both steps at once.
pub fn answer<A: Apart>(map: &HazardMap, category: Category, asked: &A::Asked) -> A {
    let source = A::source(map, category, asked);
    A::work(source, asked, &Hand::alone()).expect("nothing tells it not to go on")
}
