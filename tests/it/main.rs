//! Behaviour through the public API, one binary.

mod bad_requests;
mod cli;
mod demo_layers;
mod demo_storm;
mod durability;
mod histories;
mod intake;
mod kills;
mod layers;
mod live;
mod metrics;
mod program;
mod readme;
mod recount;
mod referee;
mod rooms;
mod serve;
mod server;
mod slow_reader;
mod stream;
mod worlds;
