//! Behaviour through the public API, one binary.

mod cli;
mod durability;
mod intake;
mod program;
mod referee;
mod rooms;
mod worlds;
