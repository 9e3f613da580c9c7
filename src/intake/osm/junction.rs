//! Junctions: where streets of different names meet. The several nodes of one junction are one.

use hashbrown::{HashMap, HashSet};
use smallvec::SmallVec;

use super::network::Network;
use super::spot::middle;
use crate::hazard::grid::Grid;
use crate::hazard::position::{Ecef, Position, radius2_cm2};
use crate::intake::aliases;
use crate::intake::street::junction_name;

/// Nodes no further apart at which the same two streets meet are one junction; no street that a junction is called by
/// passes further from its spot.
const JUNCTION_M: f64 = 40.0;
/// The widest roundabout that is one junction.
const ROUNDABOUT_M: f64 = 2.0 * JUNCTION_M;
/// A name of more streets is no help.
const MOST_NAMES: usize = 4;

/// A place where at least two streets of different names meet.
#[derive(Debug, PartialEq)]
pub struct Junction {
    /// The smallest of its nodes' ids.
    pub id: i64,
    pub position: Position,
    /// Numbers of the streets' names.
    streets: SmallVec<[u32; 4]>,
    nodes: usize,
    pub name: String,
    /// The same in other languages, and with the former names of its streets.
    pub aliases: Vec<String>,
}

/// A node at which streets meet, or that a street and a roundabout share.
struct Meeting {
    node: i64,
    position: Position,
    at: Ecef,
    /// By name; of each its ways, and whether all of them are of one direction.
    streets: SmallVec<[Passing; 2]>,
    roundabouts: SmallVec<[u32; 1]>,
}

struct Passing {
    name: u32,
    ways: SmallVec<[u32; 2]>,
    one_way: bool,
}

/// Every junction, by id.
pub fn junctions(network: &Network) -> Vec<Junction> {
    let meetings = meetings(network);
    let mut groups = Groups::new(&meetings);
    for (_, i, j) in pairs(&meetings, two_in_common, JUNCTION_M) {
        groups.join(i, j);
    }
    // Where a street has carriageways of one direction, or there is a roundabout, each node may see only two of the
    // streets, and they need not be the same two.
    for (_, i, j) in pairs(&meetings, one_crossing, ROUNDABOUT_M) {
        groups.join_where_it_fits(i, j);
    }
    let found = groups.members.iter().filter_map(|members| junction(network, &meetings, members)).collect();
    without_shadows(found)
}

fn meetings(network: &Network) -> Vec<Meeting> {
    let mut by_node: HashMap<i64, Meeting> = HashMap::new();
    for (w, way) in network.ways.iter().enumerate() {
        for &node in &way.nodes {
            let Some(position) = network.at(node) else { continue };
            let meeting = by_node.entry(node).or_insert_with(|| {
                let (streets, roundabouts) = Default::default();
                Meeting { node, position, at: position.ecef(), streets, roundabouts }
            });
            if way.roundabout && !meeting.roundabouts.contains(&(w as u32)) {
                meeting.roundabouts.push(w as u32);
            }
            let Some(name) = way.name else { continue };
            match meeting.streets.iter_mut().find(|s| s.name == name) {
                Some(passing) => {
                    passing.ways.push(w as u32);
                    passing.one_way &= way.one_way;
                }
                None => {
                    let ways = SmallVec::from_slice(&[w as u32]);
                    meeting.streets.push(Passing { name, ways, one_way: way.one_way });
                }
            }
        }
    }
    let meets = |m: &Meeting| m.streets.len() + usize::from(!m.roundabouts.is_empty()) >= 2;
    let mut meetings: Vec<Meeting> = by_node.into_values().filter(meets).collect();
    meetings.sort_unstable_by_key(|m| m.node);
    meetings
}

/// Pairs of meetings within a distance that belong together, the nearest first.
fn pairs(
    meetings: &[Meeting],
    together: fn(&Meeting, &Meeting, i64) -> bool,
    radius_m: f64,
) -> Vec<(i64, usize, usize)> {
    let mut grid = Grid::new(radius_m);
    let mut pairs = Vec::new();
    for (i, meeting) in meetings.iter().enumerate() {
        grid.within(0, meeting.at, radius_m, |j, d| {
            if together(meeting, &meetings[j as usize], d) {
                pairs.push((d, j as usize, i));
            }
        });
        grid.insert(0, meeting.at, i as u32);
    }
    pairs.sort_unstable();
    pairs
}

fn two_in_common(a: &Meeting, b: &Meeting, _: i64) -> bool {
    a.streets.iter().filter(|s| b.streets.iter().any(|t| t.name == s.name)).count() >= 2
}

/// On the same roundabout, or on two carriageways of the same street.
fn one_crossing(a: &Meeting, b: &Meeting, distance2_cm2: i64) -> bool {
    if a.roundabouts.iter().any(|r| b.roundabouts.contains(r)) {
        return true;
    }
    let carriageways = |s: &Passing, t: &Passing| {
        s.name == t.name && s.one_way && t.one_way && s.ways.iter().all(|way| !t.ways.contains(way))
    };
    distance2_cm2 <= radius2_cm2(JUNCTION_M) && a.streets.iter().any(|s| b.streets.iter().any(|t| carriageways(s, t)))
}

/// Which meetings are one.
struct Groups<'m> {
    meetings: &'m [Meeting],
    group_of: Vec<usize>,
    members: Vec<Vec<usize>>,
}

impl<'m> Groups<'m> {
    fn new(meetings: &'m [Meeting]) -> Groups<'m> {
        let all = 0..meetings.len();
        Groups { meetings, group_of: all.clone().collect(), members: all.map(|i| vec![i]).collect() }
    }

    fn join(&mut self, i: usize, j: usize) {
        let (mut stays, mut goes) = (self.group_of[i], self.group_of[j]);
        if stays == goes {
            return;
        }
        if self.members[stays].len() < self.members[goes].len() {
            (stays, goes) = (goes, stays);
        }
        let moved = std::mem::take(&mut self.members[goes]);
        moved.iter().for_each(|&m| self.group_of[m] = stays);
        self.members[stays].extend(moved);
    }

    /// Only where all of it then lies around one spot.
    fn join_where_it_fits(&mut self, i: usize, j: usize) {
        let (a, b) = (self.group_of[i], self.group_of[j]);
        if a != b && around(self.meetings, &[&self.members[a][..], &self.members[b]].concat()).is_some() {
            self.join(i, j);
        }
    }
}

/// The middle of some meetings, where all of them lie within [`JUNCTION_M`] of it.
fn around(meetings: &[Meeting], members: &[usize]) -> Option<Position> {
    let positions: Vec<Position> = members.iter().map(|&m| meetings[m].position).collect();
    let spot = middle(&positions)?;
    let all_near = members.iter().all(|&m| is_near(meetings[m].at, spot.ecef()));
    all_near.then_some(spot)
}

fn is_near(a: Ecef, b: Ecef) -> bool {
    a.distance2_cm2(b) <= radius2_cm2(JUNCTION_M)
}

fn junction(network: &Network, meetings: &[Meeting], members: &[usize]) -> Option<Junction> {
    let spot = around(meetings, members).or_else(|| nearest_to_middle(meetings, members))?;
    let near = || members.iter().map(|&m| &meetings[m]).filter(|m| is_near(m.at, spot.ecef()));
    let mut nodes_of: HashMap<u32, u32> = HashMap::new();
    near().flat_map(|m| &m.streets).for_each(|s| *nodes_of.entry(s.name).or_default() += 1);
    let mut most: Vec<(u32, u32)> = nodes_of.into_iter().collect();
    // Those with the most nodes; of equals, the smaller name.
    most.sort_unstable_by_key(|&(name, nodes)| (std::cmp::Reverse(nodes), network.names.get(name)));
    let streets: SmallVec<[u32; 4]> = most.iter().take(MOST_NAMES).map(|&(name, _)| name).collect();
    if streets.len() < 2 {
        return None;
    }
    let name = junction_name(streets.iter().map(|&s| network.names.get(s)).collect());
    let by_key = |key| junction_name(streets.iter().map(|&s| network.names.by_key(s, key)).collect());
    let others: Vec<String> = network.names.keys(&streets).into_iter().map(by_key).collect();
    let aliases = aliases::of(Some(&name), others.iter().map(String::as_str));
    let id = members.iter().map(|&m| meetings[m].node).min()?;
    Some(Junction { id, position: spot, streets, nodes: members.len(), name, aliases })
}

/// The node nearest to the middle of a junction that is too long to have one spot.
fn nearest_to_middle(meetings: &[Meeting], members: &[usize]) -> Option<Position> {
    let positions: Vec<Position> = members.iter().map(|&m| meetings[m].position).collect();
    let at = middle(&positions)?.ecef();
    // Of nodes that only a roundabout and one street share, none says what meets.
    let meets = members.iter().map(|&m| &meetings[m]).filter(|m| m.streets.len() >= 2);
    meets.min_by_key(|m| (m.at.distance2_cm2(at), m.node)).map(|m| m.position)
}

/// Leaves out what lies within [`JUNCTION_M`] of a junction of more nodes that names two of its streets: nobody could
/// tell the two apart.
fn without_shadows(mut all: Vec<Junction>) -> Vec<Junction> {
    all.sort_unstable_by_key(|j| (std::cmp::Reverse(j.nodes), j.id));
    let mut grid = Grid::new(JUNCTION_M);
    let mut shadows = HashSet::new();
    for (i, junction) in all.iter().enumerate() {
        let at = junction.position.ecef();
        let mut shadow = false;
        grid.within(0, at, JUNCTION_M, |j, _| {
            let common = junction.streets.iter().filter(|s| all[j as usize].streets.contains(s)).count();
            shadow |= common >= 2;
        });
        if shadow {
            shadows.insert(junction.id);
        } else {
            grid.insert(0, at, i as u32);
        }
    }
    all.retain(|junction| !shadows.contains(&junction.id));
    all.sort_unstable_by_key(|junction| junction.id);
    all
}
