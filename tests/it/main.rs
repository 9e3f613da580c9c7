//! Behaviour through the public API, one binary.

mod histories;
mod intake;
mod referee;
mod worlds;
