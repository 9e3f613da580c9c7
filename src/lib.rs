//! waterlog: street-hazard mapping.

pub mod error;
pub mod hazard;
pub mod intake;
