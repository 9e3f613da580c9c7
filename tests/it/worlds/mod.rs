//! Random small worlds in the referee's form, each aimed at one part of the definitions, and inputs that must be refused.
//!
//! A world is a function of its kind and seed: the same on every machine and every run.

pub mod draw;
mod gauged;
pub mod kinds;
mod refused;
pub mod sky;
mod write;

use std::fs;
use std::path::Path;

pub use kinds::{KINDS, Kind};

/// The inputs of one comparison.
#[derive(Default)]
pub struct World {
    pub name: String,
    pub events: String,
    pub places: Option<String>,
    pub rain: Option<String>,
    /// `name=value` pairs, as for `--set`.
    pub set: Vec<String>,
    /// Part of the reason for which the referee refuses it; `None`: it answers.
    pub refused: Option<&'static str>,
}

impl World {
    /// The files of this world, alone in `dir`.
    pub fn write(&self, dir: &Path) {
        let put = |name: &str, text: &str| fs::write(dir.join(name), text).expect("target is writable");
        let _ = fs::remove_dir_all(dir);
        fs::create_dir_all(dir).expect("target is writable");
        put("events.csv", &self.events);
        if let Some(places) = &self.places {
            put("places.csv", places);
        }
        if let Some(rain) = &self.rain {
            put("rain.csv", rain);
        }
        if !self.set.is_empty() {
            put("set.txt", &(self.set.join("\n") + "\n"));
        }
    }
}

/// The arguments, for the referee and `waterlog hotspots` alike, of the world in `dir`.
pub fn arguments(dir: &Path) -> Vec<String> {
    let path = |name: &str| dir.join(name).to_str().expect("paths of the tree are UTF-8").to_owned();
    let mut out = vec![path("events.csv")];
    for (flag, name) in [("--places", "places.csv"), ("--rain", "rain.csv")] {
        if dir.join(name).exists() {
            out.extend([flag.to_owned(), path(name)]);
        }
    }
    let set = fs::read_to_string(dir.join("set.txt")).unwrap_or_default();
    if !set.is_empty() {
        out.push("--set".to_owned());
        out.extend(set.split_whitespace().map(str::to_owned));
    }
    out
}

/// `count` worlds that take turns among the kinds; another `seed` gives other worlds.
pub fn random(count: usize, seed: u64) -> impl Iterator<Item = World> {
    (0..count).map(move |i| {
        let kind = &KINDS[i % KINDS.len()];
        kind.world(seed * 1_000_000 + (i / KINDS.len()) as u64, kind.events)
    })
}

/// Worlds small enough to be committed together with their answers, one or two of each kind, and every refusal.
pub fn golden() -> Vec<World> {
    let small = |kind: &Kind| kind.world(7_000_000_000, (kind.events.0.min(60), kind.events.1.min(110)));
    let second = |kind: &Kind| kind.world(7_000_000_001, (kind.events.0.min(60), kind.events.1.min(110)));
    let again = KINDS.iter().filter(|k| ["everything", "deeds", "ties"].contains(&k.name)).map(second);
    let rained = KINDS.iter().filter(|k| k.rain > 0.5).map(second).filter(|world| world.rain.is_some());
    let gauged = rained.zip(1..).filter_map(|(world, seed)| world.at_several_gauges(seed));
    KINDS.iter().map(small).chain(again).chain(gauged).chain(refused::all()).collect()
}

pub use refused::all as refused;

/// A number from the environment, for soaking.
pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |v| v.parse().unwrap_or_else(|_| panic!("{name} is not a number: {v}")))
}
