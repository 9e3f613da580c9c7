//! Behaviour through the public API, one binary.

mod intake;
mod referee;
mod worlds;
