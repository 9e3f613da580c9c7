//! waterlog keeps what people report from the street, and shows which spots flood again and again.
//!
//! **The log is the truth; the map is a pure fold of the log.** Everything that happens is an event, appended to a
//! durable log. [`HazardMap`] folds the events, in log order, into reports in an R-tree, [incidents], [sites and
//! hotspots], and [storms], all in memory. The fold does no I/O, reads no clock and draws no random number, so a restart
//! is a replay, several processes that read one log show one map, and years of a city run in a second.
//!
//! ```text
//! riders, files ──▶ intake ──▶ live ──▶ store      the log, durable
//!                                │        │
//!                                │ catch_up reads it back
//!                                ▼        ▼
//! clients ◀── http ◀── layers ◀─ hazard::map       the fold, in memory
//! ```
//!
//! # Rooms
//! - [`hazard`]: the pure heart. Definitions as code; [`Settings`] are the rule; figures about the whole city are
//!   [analyses](hazard::analysis), one function for the API and the command line.
//! - [`intake`]: raw input becomes a [`Draft`], or an error that says where and why.
//! - [`export`]: a layer becomes a file of some format.
//! - [`store`]: the log and the private file on disk; all SQL.
//! - [`live`]: the one write path; [`live::bulk`] for commands that only write; [`live::people`] for who may log in.
//! - [`http`]: the only route table, and the one of [rights](http::RIGHTS); names on the wire; [`Error`] becomes a problem
//!   document (RFC 9457).
//! - [`web`]: the built pages, which only [`http`] serves.
//! - [`cli`]: one file for each command, thin.
//! - [`error`] and [`config`]: leaves.
//!
//! What people do with an incident is one step after another: [`workflow`] says which may follow, and a step is
//! judged by a map that shows those before it.
//!
//! Imports go one way, `cli → http → web, live → store, intake, export → hazard`; a test reads the sources and holds them to it.
//!
//! # One report's journey
//! 1. `POST /api/v1/reports` arrives; [`NewReport::parse`] makes it a valid report or names the field that is wrong.
//! 2. [`Live::submit`] puts its draft on a bounded queue; when that is full the answer is [`Error::Busy`].
//! 3. The writer takes what waits and opens a transaction on each of the two files ([`Store::begin`]). [`Admission`] judges
//!    each event by the map as it stands: the log never holds an event without effect. A key that was seen before answers for
//!    a retry.
//! 4. [`Words::commit`] writes what people said, then [`Append::commit`] the events: the group is durable.
//! 5. `catch_up` reads the log from the map's position on and calls [`HazardMap::apply`], then [`HazardMap::settle`]:
//!    the report joins the nearest live incident or opens one, its site's occasions are counted anew, and whatever
//!    climbs over that site finds its peak. The cost follows what has changed.
//! 6. The waiting POST answers 201 with report, incident and hotspot. The next read of any layer has it, and whoever
//!    follows `/api/v1/live` hears which features look different now ([`Changes`]).
//!
//! [incidents]: hazard::incident
//! [sites and hotspots]: hazard::hotspot
//! [storms]: hazard::storm
//! [`workflow`]: hazard::workflow
//! [`HazardMap`]: hazard::map::HazardMap
//! [`HazardMap::apply`]: hazard::map::HazardMap::apply
//! [`HazardMap::settle`]: hazard::map::HazardMap::settle
//! [`Settings`]: hazard::settings::Settings
//! [`Admission`]: hazard::admission::Admission
//! [`Draft`]: intake::Draft
//! [`NewReport::parse`]: intake::post::NewReport::parse
//! [`Live::submit`]: live::Live::submit
//! [`Store::begin`]: store::Store::begin
//! [`Append::commit`]: store::Append::commit
//! [`Words::commit`]: store::Words::commit
//! [`Changes`]: hazard::layer::Changes
//! [`Error`]: error::Error
//! [`Error::Busy`]: error::Error::Busy

pub mod cli;
pub mod config;
pub mod error;
pub mod export;
pub mod hazard;
pub mod http;
pub mod intake;
pub mod live;
pub mod store;
pub mod web;
