//! What is kept of a file: the streets, the named points, and where the nodes of these lie.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hashbrown::HashMap;

use super::block::{Block, Node, Way};
use super::choice::{CHOICE, name, street_names};
use super::file::Blobs;
use super::wire::Wire;
use crate::error::{Error, Result, invalid};
use crate::hazard::position::Position;
use crate::intake::reject::Reject;

/// OSM's own limit for a way.
const MOST_NODES_OF_A_WAY: usize = 2_000;
/// Nodes that are kept: a province has some millions. What does not fit belongs to no city.
const MOST_NODES: usize = 10_000_000;

/// Streets and points with the nodes they need; nothing else of the file stays in memory.
#[derive(Default)]
pub struct Network {
    pub ways: Vec<Street>,
    pub points: Vec<Point>,
    pub names: Names,
    /// Where the nodes of these lie; none for those that are not in the file, or lie nowhere.
    nodes: HashMap<i64, Option<Position>>,
    pub rejects: Vec<Reject>,
}

/// A way that cars may use.
pub struct Street {
    pub id: i64,
    /// None for a roundabout without a name of its own.
    pub name: Option<u32>,
    pub nodes: Box<[i64]>,
    /// A carriageway of one direction.
    pub one_way: bool,
    pub roundabout: bool,
}

/// A named point; of a way, its middle.
pub struct Point {
    pub id: i64,
    pub is_way: bool,
    pub name: String,
    /// What else it is called.
    pub aliases: Vec<String>,
    pub nodes: Box<[i64]>,
}

/// Names by number: the same few thousand come again and again.
#[derive(Default)]
pub struct Names {
    all: Vec<String>,
    numbers: HashMap<String, u32>,
    /// What else a street of this name is called, by the key that says so.
    others: HashMap<u32, BTreeMap<String, String>>,
}

impl Names {
    fn number(&mut self, name: String) -> u32 {
        let next = self.all.len() as u32;
        *self.numbers.entry(name).or_insert_with_key(|name| {
            self.all.push(name.clone());
            next
        })
    }

    pub fn get(&self, number: u32) -> &str {
        &self.all[number as usize]
    }

    /// The keys under which streets of any of these names have further ones.
    pub fn keys(&self, numbers: &[u32]) -> BTreeSet<&str> {
        numbers.iter().filter_map(|n| self.others.get(n)).flat_map(BTreeMap::keys).map(String::as_str).collect()
    }

    /// What a street is called by a key; without it, its name.
    pub fn by_key(&self, number: u32, key: &str) -> &str {
        self.others.get(&number).and_then(|others| others.get(key)).map_or(self.get(number), String::as_str)
    }
}

impl Network {
    /// Reads the file twice: its ways say which of its nodes are needed, and in many files they come after them.
    ///
    /// # Errors
    /// `Invalid` naming what is wrong with the file and where; for one that holds more than a city, too.
    pub fn read(path: &Path) -> Result<Network> {
        let mut network = Network::default();
        each_block(path, |block| block.ways(|way| network.way(&way)))?;
        each_block(path, |block| block.nodes(|node| network.node(&node)))?;
        if network.ways.is_empty() && network.points.is_empty() {
            let reason = "holds no street with a name, and no named place: is it an extract of a city, with its ways?";
            return Err(invalid("file", path.display(), reason));
        }
        Ok(network)
    }

    /// Where a node lies, if the file says so.
    pub fn at(&self, node: i64) -> Option<Position> {
        *self.nodes.get(&node)?
    }

    fn way(&mut self, way: &Way) -> Wire<()> {
        let drivable = CHOICE.streets.drivable(&way.tags);
        let roundabout = drivable && ["roundabout", "circular"].iter().any(|v| is(way, "junction", v));
        let street = name(&way.tags, "name").filter(|_| drivable);
        let point = CHOICE.points.names(&way.tags);
        if street.is_none() && !roundabout && point.is_none() {
            return Ok(());
        }
        let nodes = way.nodes().take(MOST_NODES_OF_A_WAY + 1).collect::<Wire<Box<[i64]>>>()?;
        if nodes.len() > MOST_NODES_OF_A_WAY {
            let reason = format!("has more than {MOST_NODES_OF_A_WAY} nodes, OSM's own limit");
            self.reject(format!("way {}", way.id), street.or(point.map(|(name, _)| name)).unwrap_or_default(), reason);
            return Ok(());
        }
        self.nodes.extend(nodes.iter().map(|&node| (node, None)));
        if self.nodes.len() > MOST_NODES {
            return Err("the streets have more than ten million nodes: cut the city out, as `osmium extract` does");
        }
        if let Some((name, aliases)) = point {
            self.points.push(Point { id: way.id, is_way: true, name, aliases, nodes: nodes.clone() });
        }
        if street.is_some() || roundabout {
            let one_way = roundabout
                || ["yes", "true", "1", "-1"].iter().any(|v| is(way, "oneway", v))
                || is(way, "highway", "motorway");
            let name = street.map(|name| self.names.number(name));
            for (number, (key, other)) in name.into_iter().flat_map(|n| street_names(&way.tags).map(move |o| (n, o))) {
                self.names.others.entry(number).or_default().entry(key).or_insert(other);
            }
            self.ways.push(Street { id: way.id, name, nodes, one_way, roundabout });
        }
        Ok(())
    }

    fn node(&mut self, node: &Node) {
        let point = if node.tags.is_empty() { None } else { CHOICE.points.names(&node.tags) };
        if point.is_none() && !self.nodes.contains_key(&node.id) {
            return;
        }
        let position = match Position::new(node.at[0], node.at[1]) {
            Ok(position) => Some(position),
            Err(Error::Invalid { field, value, reason }) => {
                self.reject(format!("node {}", node.id), format!("{field} {value}"), reason);
                return;
            }
            Err(_) => return,
        };
        self.nodes.insert(node.id, position);
        if let Some((name, aliases)) = point {
            self.points.push(Point { id: node.id, is_way: false, name, aliases, nodes: [node.id].into() });
        }
    }

    /// An object has a kind and a number, but no line of the file.
    pub fn reject(&mut self, field: String, value: String, reason: String) {
        self.rejects.push(Reject { line: 0, column: 0, field, value, reason });
    }
}

fn is(way: &Way, key: &str, value: &str) -> bool {
    way.tags.get(key) == Some(value.as_bytes())
}

fn each_block(path: &Path, mut each: impl FnMut(&Block) -> Wire<()>) -> Result<()> {
    let mut blobs = Blobs::open(path)?;
    while let Some(bytes) = blobs.next_block()? {
        Block::parse(&bytes).and_then(|block| each(&block)).map_err(|reason| blobs.bad(reason))?;
    }
    Ok(())
}
