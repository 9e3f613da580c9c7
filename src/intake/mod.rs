//! Raw input becomes valid events, or a reject that says where and why.

pub mod account;
mod aliases;
pub mod answer;
mod area_quality;
pub mod areas;
pub mod arrival;
pub mod astray;
pub mod candidate;
pub mod correction;
mod datum;
mod document;
pub mod events;
mod feature;
pub mod import;
pub mod inbound;
pub mod input;
pub mod json;
mod layout;
pub mod level;
mod lines;
pub mod mapping;
pub mod message;
pub mod names;
pub mod open311;
pub mod osm;
pub mod photo;
pub mod place_index;
mod place_names;
pub mod places;
pub mod post;
pub mod posted_feature;
pub mod rain;
pub mod record;
pub mod reject;
pub mod remember;
mod row;
mod rows;
mod scan;
pub mod series;
mod site_of;
pub mod source;
pub mod street;
mod street_text;
pub mod suggest;
pub mod table;
pub mod text;
pub mod transition;
pub mod units;
pub mod works;
mod zone;

use std::num::NonZeroU64;

use crate::error::Result;
use crate::hazard::event::{Action, Event};

pub use site_of::SiteOf;

#[cfg(test)]
mod table_tests;

/// An event that wants to be in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub event: Event,
    /// Makes a retry harmless: an event whose key is in the log already is not appended again.
    pub key: Option<Key>,
    /// What stays out of the log.
    pub private: Private,
}

impl Draft {
    /// The draft of what somebody known sends: a report holds his number. (A step has its actor.)
    pub fn by(mut self, person: Option<NonZeroU64>) -> Draft {
        if let Event::Report(report) = &mut self.event {
            report.person = person;
        }
        self
    }

    /// The draft of what a phone sends, by what stands for it.
    pub fn from_device(mut self, device: Option<String>) -> Draft {
        self.private.device = device;
        self
    }

    /// The same with how it came in.
    ///
    /// # Errors
    /// `Store` when that cannot be written.
    pub fn arrived(mut self, arrival: &arrival::Arrival) -> Result<Draft> {
        self.private.arrival = Some(arrival.text()?);
        Ok(self)
    }
}

/// What somebody said in his own words, with a report or a step, and showed: kept in the private file, where it can be hidden, corrected or erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private {
    /// At most 4,000 characters.
    pub text: Option<String>,
    /// The place as it was written.
    pub place: Option<String>,
    /// The report's id where it came from.
    pub source_id: Option<String>,
    /// The photos that the report shows, by their ids.
    pub photos: Vec<String>,
    /// Every position that the report was sent with, as JSON.
    pub positions: Option<String>,
    /// What its sender says of himself, as JSON.
    pub sender: Option<String>,
    /// How it came in, as JSON: [`arrival::Arrival`].
    pub arrival: Option<String>,
    /// What stands for the phone that it came from.
    pub device: Option<String>,
}

/// What a file of rain, places, streets, works, areas or units gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// To be submitted in this order, each whole.
    pub drafts: Vec<Draft>,
    /// Rows or features.
    pub rows: u64,
    pub new: u64,
    /// Those there already, or twice in the file.
    pub known: u64,
    pub rejects: Vec<reject::Reject>,
    /// What can be doubted of rows that were taken, and how they were read; a few for each gauge.
    pub remarks: Vec<Remark>,
}

/// Something to be told of a file that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Line and column, from 1, where it shows first.
    pub place: Option<(u64, u64)>,
    pub text: String,
}

/// What became of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its place in the log.
    pub seq: u64,
    /// False: it was there already.
    pub fresh: bool,
    /// Id of the report as recorded, or of the one that it says more of; empty for other events.
    pub id: String,
    /// It says more of a report that was there before.
    pub merged: bool,
}

/// What makes two submissions the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Unique for the thing submitted, e.g. `nyc_311:59897320/report`.
    pub name: String,
    /// What must be the same on a retry; the same name with other content is a conflict.
    pub content: String,
}

/// The name of an action, as in keys and mappings.
pub(crate) fn action_name(action: Action) -> &'static str {
    match action {
        Action::Acknowledge => "acknowledge",
        Action::Resolve => "resolve",
        Action::Dismiss => "dismiss",
        Action::Reopen => "reopen",
        Action::Found => "found",
        Action::NotFound => "not_found",
        Action::Retract => "retract",
        Action::Split => "split",
    }
}
