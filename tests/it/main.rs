//! Behaviour through the public API, one binary.

mod referee;
mod worlds;
