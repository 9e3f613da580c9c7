//! A city's streets and spots from an extract of OpenStreetMap (`.osm.pbf`): junctions and named points become places,
//! streets become lines.
//!
//! The reader is our own: the libraries that were looked at stop the program at a file that was cut off, or take
//! whatever a blob unpacks to. What is taken is a list in `data/osm_places.toml`.

mod block;
mod choice;
mod file;
mod junction;
mod network;
mod spot;
mod wire;

use std::path::Path;

use hashbrown::HashMap;

use super::places::Gather;
use super::reject::Reject;
use super::{Draft, Loaded, Private};
use crate::error::Result;
use crate::hazard::event::{Event, Place, Street};
use crate::hazard::position::Position;
pub(super) use choice::CHOICE;
use network::Network;

/// Streets and positions in one event.
const CHUNK_STREETS: usize = 1_000;
const CHUNK_POSITIONS: usize = 20_000;

/// What is taken of an extract.
#[derive(Debug, Default)]
pub struct City {
    places: Vec<Place>,
    streets: Vec<Street>,
    rejects: Vec<Reject>,
    /// Streets of which the file lacks some nodes, as at the edge of an extract: the longest stretch is kept.
    pub cut_short: u64,
}

/// Reads an extract; all of it or nothing.
///
/// # Errors
/// `Invalid` naming the blob and the byte where the file is cut off, damaged or larger than the format allows; and for a
/// file that is no PBF, or holds nothing that is taken.
pub fn read(path: &Path) -> Result<City> {
    let mut network = Network::read(path)?;
    let junctions = junction::junctions(&network).into_iter();
    let mut places: Vec<Place> = junctions
        .map(|j| Place { id: format!("osm:x{}", j.id), position: j.position, name: Some(j.name), aliases: j.aliases })
        .collect();
    places.extend(spot::points(&network));
    let mut city = City { places, ..City::default() };
    city.take_streets(&mut network);
    city.rejects = network.rejects;
    Ok(city)
}

impl City {
    fn take_streets(&mut self, network: &mut Network) {
        let mut short = Vec::new();
        for way in &network.ways {
            let Some(name) = way.name.map(|name| network.names.get(name)) else { continue };
            let line = longest_stretch(way.nodes.iter().map(|&node| network.at(node)));
            if line.len() < 2 {
                let reason = format!("{} of its {} nodes are in the file: no line", line.len(), way.nodes.len());
                short.push((format!("way {}", way.id), name.to_owned(), reason));
                continue;
            }
            self.cut_short += u64::from(line.len() < way.nodes.len());
            self.streets.push(Street { id: format!("osm:w{}", way.id), name: name.to_owned(), line });
        }
        short.into_iter().for_each(|(field, value, reason)| network.reject(field, value, reason));
    }

    /// The places, told from those that are `known` just so.
    pub fn places(&self, known: &[Place]) -> Loaded {
        let mut gather = Gather::new(known);
        self.places.iter().for_each(|place| gather.take(Ok((place.clone(), (0, 0)))));
        gather.finish()
    }

    /// The streets, told from those that are `known` just so; and the rejects of the whole file.
    pub fn streets(&self, known: impl Fn(&Street) -> bool) -> Loaded {
        let mut loaded = Loaded { rows: self.streets.len() as u64, rejects: self.rejects.clone(), ..Loaded::default() };
        let mut seen: HashMap<&str, &Street> = HashMap::new();
        let (mut chunk, mut positions) = (Vec::new(), 0);
        let draft = |streets| Draft { event: Event::Streets(streets), key: None, private: Private::default() };
        for street in &self.streets {
            match seen.insert(&street.id, street) {
                Some(before) if before != street => {
                    let reason = "this id stands in the file twice, with different content".into();
                    let (field, value) = ("id".into(), street.id.clone());
                    loaded.rejects.push(Reject { line: 0, column: 0, field, value, reason });
                    seen.insert(&street.id, before);
                    continue;
                }
                None if !known(street) => {}
                _ => {
                    loaded.known += 1;
                    continue;
                }
            }
            if chunk.len() == CHUNK_STREETS || positions + street.line.len() > CHUNK_POSITIONS {
                loaded.drafts.push(draft(std::mem::take(&mut chunk)));
                positions = 0;
            }
            positions += street.line.len();
            loaded.new += 1;
            chunk.push(street.clone());
        }
        if !chunk.is_empty() {
            loaded.drafts.push(draft(chunk));
        }
        loaded
    }
}

/// The longest run of positions without a gap; of equals the first.
fn longest_stretch(nodes: impl Iterator<Item = Option<Position>>) -> Vec<Position> {
    let (mut longest, mut run) = (Vec::new(), Vec::new());
    for at in nodes.chain([None]) {
        match at {
            Some(at) => run.push(at),
            None if run.len() > longest.len() => longest = std::mem::take(&mut run),
            None => run.clear(),
        }
    }
    longest
}
