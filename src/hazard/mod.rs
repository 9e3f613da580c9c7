//! The pure heart: a fold of the log into incidents, sites, occasions, storms and hotspots. No I/O, no clock, no chance.

pub mod admission;
pub mod analysis;
mod by_first;
pub mod category;
mod check;
pub mod event;
pub mod gauge;
pub mod grid;
pub mod hotspot;
pub mod incident;
pub mod layer;
pub mod map;
pub mod occasion;
pub mod place;
pub mod position;
mod rainfall;
pub mod report;
pub mod settings;
mod settle;
pub mod slot;
pub mod storm;
pub mod street;
pub mod tile;
pub mod time;
pub mod touched;
pub mod view;
