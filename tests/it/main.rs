//! Behaviour through the public API, one binary.

mod bad_requests;
mod demo_layers;
mod histories;
mod intake;
mod layers;
mod referee;
mod serve;
mod server;
mod worlds;
