//! waterlog: street-hazard mapping.

pub mod cli;
pub mod config;
pub mod error;
pub mod hazard;
pub mod http;
pub mod intake;
pub mod live;
pub mod store;
