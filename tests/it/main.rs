//! Behaviour through the public API, one binary.

mod bad_requests;
mod bulk;
mod cli;
mod demo_layers;
mod durability;
mod formats;
mod histories;
mod intake;
mod kills;
mod layers;
mod live;
mod mappings;
mod program;
mod readme;
mod recount;
mod referee;
mod rooms;
mod serve;
mod server;
mod suggest;
mod worlds;
