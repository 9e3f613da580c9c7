//! waterlog: street-hazard mapping.

pub mod cli;
pub mod error;
pub mod hazard;
pub mod intake;
