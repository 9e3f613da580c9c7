//! Behaviour through the public API, one binary.

mod backup;
mod bad_requests;
mod cli;
mod demo_layers;
mod durability;
mod histories;
mod intake;
mod kills;
mod layers;
mod live;
mod osm;
mod osm_cities;
mod osm_damaged;
mod pbf;
mod program;
mod readme;
mod recount;
mod referee;
mod rooms;
mod serve;
mod server;
mod streets;
mod worlds;
