//! Raw input becomes valid events, or a reject that says where and why.

pub mod reject;
mod scan;
pub mod street;
mod street_text;
pub mod table;

use crate::hazard::event::Event;

#[cfg(test)]
#[cfg(test)]
mod table_tests;

/// An event that wants to be in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub event: Event,
    /// Makes a retry harmless: an event whose key is in the log already is not appended again.
    pub key: Option<Key>,
    /// What the reporter wrote, for the private file; at most 4,000 characters.
    pub text: Option<String>,
}

/// What became of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its place in the log.
    pub seq: u64,
    /// False: it was there already.
    pub fresh: bool,
}

/// What makes two submissions the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Unique for the thing submitted, e.g. `nyc_311:59897320/report`.
    pub name: String,
    /// What must be the same on a retry; the same name with other content is a conflict.
    pub content: String,
}
