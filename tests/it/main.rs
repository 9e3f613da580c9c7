//! Behaviour through the public API, one binary.

mod api;
mod bad_requests;
mod cli;
mod demo_layers;
mod durability;
mod histories;
mod intake;
mod kills;
mod layers;
mod live;
mod ogc;
mod ogc_api;
mod ogc_links;
mod openapi;
mod program;
mod readme;
mod recount;
mod referee;
mod rooms;
mod serve;
mod server;
mod tiles;
mod views;
mod worlds;
