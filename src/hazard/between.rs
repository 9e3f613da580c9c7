//! The part of a street between its crossings with two others: a stretch as road notices name it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hashbrown::HashMap;

use super::position::Position;
use super::stretch::Plane;

/// Two lines that come no nearer do not cross: half of a wide street, and what a map leaves out at a roundabout.
const CROSSES_M: f64 = 30.0;
/// As near as this they meet.
const MEETS_M: f64 = 1.0;
/// Ends of one street no further apart go on in each other, as across a square that has its own name.
const GAP_M: f64 = 60.0;
/// Longer is no spot.
const LONGEST_M: f64 = 10_000.0;

/// A part of a street.
#[derive(Clone, Debug, PartialEq)]
pub struct Between {
    /// Half-way along.
    pub middle: Position,
    pub length_m: f64,
    /// From one crossing to the other.
    pub line: Vec<Position>,
}

/// The shortest part of a street from where it crosses `from` to where it crosses `to`, each given by all its lines;
/// nothing where it does not cross both, or where that is more than 10 km. In a plane, as for a city.
pub fn between(street: &[&[Position]], from: &[&[Position]], to: &[&[Position]]) -> Option<Between> {
    let plane = Plane::around(*street.first()?.first()?);
    let [from, to] = [from, to].map(|lines| segments(&plane, lines));
    let mut net = Net::of(&plane, street);
    let (starts, ends) = (net.crossings(&from), net.crossings(&to));
    let path = net.shortest(&starts, &ends)?;
    let points: Vec<[f64; 2]> = path.into_iter().map(|n| net.points[n]).collect();
    let lengths: Vec<f64> = points.windows(2).map(|ends| distance(ends[0], ends[1])).collect();
    let length_m: f64 = lengths.iter().sum();
    if !(MEETS_M..=LONGEST_M).contains(&length_m) {
        return None;
    }
    let mut left = length_m / 2.0;
    let n = lengths.iter().position(|length| {
        left -= length;
        left <= 0.0
    })?;
    let part = if lengths[n] > 0.0 { 1.0 + left / lengths[n] } else { 0.0 };
    let middle = plane.position(at(points[n], points[n + 1], part))?;
    let line = points.into_iter().filter_map(|point| plane.position(point)).collect();
    Some(Between { middle, length_m, line })
}

type Segment = [[f64; 2]; 2];

fn segments(plane: &Plane, lines: &[&[Position]]) -> Vec<Segment> {
    lines.iter().flat_map(|line| line.windows(2)).map(|ends| [plane.flat(ends[0]), plane.flat(ends[1])]).collect()
}

/// A street as points that are joined.
struct Net {
    points: Vec<[f64; 2]>,
    /// The ends of each segment of its lines.
    segments: Vec<[usize; 2]>,
    /// Neighbours of each point.
    joined: Vec<Vec<usize>>,
    /// The connected part of its lines that each of their points belongs to.
    part_of: Vec<usize>,
}

impl Net {
    fn of(plane: &Plane, lines: &[&[Position]]) -> Net {
        let mut net = Net { points: Vec::new(), segments: Vec::new(), joined: Vec::new(), part_of: Vec::new() };
        let mut known: HashMap<Position, usize> = HashMap::new();
        for line in lines {
            let nodes: Vec<usize> =
                line.iter().map(|&at| *known.entry(at).or_insert_with(|| net.add(plane.flat(at)))).collect();
            for ends in nodes.windows(2).filter(|ends| ends[0] != ends[1]) {
                net.segments.push([ends[0], ends[1]]);
                net.join(ends[0], ends[1]);
            }
        }
        net.part_of = net.parts();
        net.bridge_gaps();
        net
    }

    fn add(&mut self, point: [f64; 2]) -> usize {
        self.points.push(point);
        self.joined.push(Vec::new());
        self.points.len() - 1
    }

    fn join(&mut self, a: usize, b: usize) {
        self.joined[a].push(b);
        self.joined[b].push(a);
    }

    /// Where others cross each connected part, as points of the net: where they meet it, else where they come nearest.
    fn crossings(&mut self, others: &[Segment]) -> Vec<usize> {
        let part = |net: &Net, n: usize| net.part_of[net.segments[n][0]];
        let mut near: Vec<(usize, f64, [f64; 2])> = Vec::new();
        let mut least: HashMap<usize, f64> = HashMap::new();
        for (n, &[a, b]) in self.segments.iter().enumerate() {
            let own = [self.points[a], self.points[b]];
            for (apart_m, point) in others.iter().filter(|o| boxes_are_near(own, **o)).map(|&o| closest(own, o)) {
                if apart_m <= CROSSES_M {
                    near.push((n, apart_m, point));
                    let least = least.entry(part(self, n)).or_insert(f64::INFINITY);
                    *least = least.min(apart_m);
                }
            }
        }
        near.retain(|(n, apart_m, _)| *apart_m <= MEETS_M.max(least[&part(self, *n)]));
        near.into_iter().map(|(n, _, point)| self.split(n, point)).collect()
    }

    /// A point on a segment; one of its ends where it lies there.
    fn split(&mut self, n: usize, point: [f64; 2]) -> usize {
        let ends = self.segments[n];
        if let Some(&end) = ends.iter().find(|&&end| distance(self.points[end], point) < MEETS_M) {
            return end;
        }
        let new = self.add(point);
        ends.into_iter().for_each(|end| self.join(new, end));
        // Those of the same segment are joined, so that the way between them is no detour.
        let same: Vec<usize> = (0..new).filter(|&p| self.joined[p].starts_with(&ends)).collect();
        same.into_iter().for_each(|p| self.join(new, p));
        new
    }

    /// The number of the connected part that each point belongs to.
    fn parts(&self) -> Vec<usize> {
        let mut part_of = vec![usize::MAX; self.points.len()];
        for first in 0..self.points.len() {
            let mut open = vec![first];
            while let Some(point) = open.pop() {
                if part_of[point] == usize::MAX {
                    part_of[point] = first;
                    open.extend(&self.joined[point]);
                }
            }
        }
        part_of
    }

    /// Joins ends of different parts that lie near each other.
    fn bridge_gaps(&mut self) {
        let ends: Vec<usize> = (0..self.points.len()).filter(|&n| self.joined[n].len() == 1).collect();
        for (i, &a) in ends.iter().enumerate() {
            for &b in &ends[..i] {
                if self.part_of[a] != self.part_of[b] && distance(self.points[a], self.points[b]) <= GAP_M {
                    self.join(a, b);
                }
            }
        }
    }

    /// The shortest way from any start to any end (Dijkstra 1959); of two the first found.
    fn shortest(&self, starts: &[usize], ends: &[usize]) -> Option<Vec<usize>> {
        let mut best = vec![u64::MAX; self.points.len()];
        let mut from: Vec<Option<usize>> = vec![None; self.points.len()];
        let mut open: BinaryHeap<Reverse<(u64, usize)>> = starts.iter().map(|&n| Reverse((0, n))).collect();
        starts.iter().for_each(|&n| best[n] = 0);
        while let Some(Reverse((far, n))) = open.pop() {
            if far > best[n] {
                continue;
            }
            if ends.contains(&n) && far > 0 {
                let mut path = vec![n];
                while let Some(before) = from[*path.last()?] {
                    path.push(before);
                }
                path.reverse();
                return Some(path);
            }
            for &next in &self.joined[n] {
                let far = far + millimetres(distance(self.points[n], self.points[next]));
                if far < best[next] {
                    (best[next], from[next]) = (far, Some(n));
                    open.push(Reverse((far, next)));
                }
            }
        }
        None
    }
}

/// Whole, so that sums can be compared; never nothing.
fn millimetres(metres: f64) -> u64 {
    (metres * 1_000.0).round().max(1.0) as u64
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn at(a: [f64; 2], b: [f64; 2], part: f64) -> [f64; 2] {
    [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])]
}

fn boxes_are_near(a: Segment, b: Segment) -> bool {
    [0, 1].into_iter().all(|axis| {
        let span = |s: Segment| (s[0][axis].min(s[1][axis]), s[0][axis].max(s[1][axis]));
        let ((a_low, a_high), (b_low, b_high)) = (span(a), span(b));
        a_low <= b_high + CROSSES_M && b_low <= a_high + CROSSES_M
    })
}

/// The point of a segment nearest to `p`.
fn foot(p: [f64; 2], [a, b]: Segment) -> [f64; 2] {
    let (along, to) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
    let length2 = along[0] * along[0] + along[1] * along[1];
    let part = if length2 > 0.0 { ((along[0] * to[0] + along[1] * to[1]) / length2).clamp(0.0, 1.0) } else { 0.0 };
    at(a, b, part)
}

/// How near another segment comes to this one, and where on this one.
fn closest(own: Segment, other: Segment) -> (f64, [f64; 2]) {
    let d = |s: Segment| [s[1][0] - s[0][0], s[1][1] - s[0][1]];
    let (u, v, w) = (d(own), d(other), [other[0][0] - own[0][0], other[0][1] - own[0][1]]);
    let cross = |a: [f64; 2], b: [f64; 2]| a[0] * b[1] - a[1] * b[0];
    let across = cross(u, v);
    if across != 0.0 {
        let (s, t) = (cross(w, v) / across, cross(w, u) / across);
        if (0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t) {
            return (0.0, at(own[0], own[1], s));
        }
    }
    // Not through each other: one end is nearest.
    let mut found = other.map(|p| (distance(p, foot(p, own)), foot(p, own))).to_vec();
    found.extend(own.map(|p| (distance(p, foot(p, other)), p)));
    found.into_iter().min_by(|x, y| x.0.total_cmp(&y.0)).unwrap_or((f64::INFINITY, own[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Metres east and north of a spot.
    fn line(points: &[(f64, f64)]) -> Vec<Position> {
        let plane = Plane::around(Position::new(110.33, 20.01).unwrap());
        points.iter().map(|&(x, y)| plane.position([x, y]).unwrap()).collect()
    }

    /// Whole metres east and north of the middle, and the length.
    fn found(street: &[&[Position]], from: &[&[Position]], to: &[&[Position]]) -> Option<([i64; 2], i64)> {
        let plane = Plane::around(Position::new(110.33, 20.01).unwrap());
        let found = between(street, from, to)?;
        assert_eq!(found.line.len() >= 2, found.length_m > 0.0);
        Some((plane.flat(found.middle).map(|m| m.round() as i64), found.length_m.round() as i64))
    }

    #[test]
    fn the_middle_lies_half_way_along_the_street_around_its_corners() {
        let street = line(&[(-500.0, 0.0), (300.0, 0.0), (300.0, 900.0)]);
        let (b, c) = (line(&[(0.0, -50.0), (0.0, 50.0)]), line(&[(250.0, 400.0), (350.0, 400.0)]));
        assert_eq!(found(&[&street], &[&b], &[&c]), Some(([300, 50], 700)));
        assert_eq!(found(&[&street], &[&c], &[&b]), Some(([300, 50], 700)));
        // Both on one segment.
        let d = line(&[(200.0, 0.0), (200.0, 90.0)]);
        assert_eq!(found(&[&street], &[&b], &[&d]), Some(([100, 0], 200)));
    }

    #[test]
    fn a_street_in_pieces_with_carriageways_and_a_gap_is_one() {
        let west = [line(&[(-500.0, 10.0), (-20.0, 10.0)]), line(&[(-500.0, -10.0), (-20.0, -10.0)])];
        let east = [line(&[(20.0, 10.0), (600.0, 10.0)]), line(&[(20.0, -10.0), (600.0, -10.0)])];
        let street: Vec<&[Position]> = west.iter().chain(&east).map(Vec::as_slice).collect();
        // B ends at the upper carriageway, C at the lower.
        let (b, c) = (line(&[(-400.0, 10.0), (-400.0, 200.0)]), line(&[(400.0, -10.0), (400.0, -200.0)]));
        let ([x, y], length) = found(&street, &[&b], &[&c]).unwrap();
        assert!(x.abs() <= 1 && y.abs() <= 11 && (800..=815).contains(&length), "{x} {y} {length}");
    }

    #[test]
    fn the_nearest_two_crossings_count_and_what_does_not_cross_gives_nothing() {
        let street = line(&[(0.0, 0.0), (9_000.0, 0.0)]);
        let b = [line(&[(100.0, -9.0), (100.0, 9.0)]), line(&[(5_000.0, -9.0), (5_000.0, 9.0)])];
        let b: Vec<&[Position]> = b.iter().map(Vec::as_slice).collect();
        let c = line(&[(5_400.0, 0.0), (5_400.0, 80.0)]);
        assert_eq!(found(&[&street], &b, &[&c]), Some(([5_200, 0], 400)));
        let far = line(&[(300.0, 31.0), (300.0, 80.0)]);
        assert_eq!(found(&[&street], &b, &[&far]), None);
        assert_eq!(found(&[&street], &[&far], &b), None);
        assert_eq!(found(&[], &b, &b), None);
        assert_eq!(found(&[&street], &[&c], &[&c]), None);
    }
}
