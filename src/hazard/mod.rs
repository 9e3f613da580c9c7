//! The pure heart: a fold of the log into incidents, sites, occasions, storms and hotspots. No I/O, no clock, no chance.

pub mod category;
pub mod event;
pub mod position;
pub mod settings;
pub mod time;
